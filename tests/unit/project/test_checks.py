# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused before anything is read, and what the refusal says."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.project import checks


@pytest.mark.parametrize("name", ["a", "shop", "shop-2", "2nd", "a" * 50])
def test_names_that_are_taken(name):
    checks.check_name(name)


@pytest.mark.parametrize(("name", "said"), [
    ("a" * 51, "51 characters"), ("Shop", "not a DNS label"), ("-shop", "not a DNS label"), ("shop-", "not a DNS label"), ("", "not a DNS label"),
    ("sh op", "not a DNS label"), ("shop\n", "not a DNS label"), ("sh.op", "not a DNS label"),
])
def test_names_that_are_refused(name, said):
    with pytest.raises(InputError, match=said):
        checks.check_name(name)


def test_members_of_all_kinds():
    found = checks.members([
        {"kind": "User", "name": "alice@example.com", "role": "manager"}, {"kind": "Group", "name": "The Team"},
        {"kind": "ServiceAccount", "name": "robot", "namespace": "ci", "role": "developer"},
    ])
    assert [str(member) for member in found] == ["User alice@example.com", "Group The Team", "ServiceAccount ci/robot"]
    assert [member.role for member in found] == ["manager", "consumer", "developer"]


@pytest.mark.parametrize(("items", "said"), [
    ([{"kind": "User", "name": "a"}, {"kind": "User", "name": "a"}], "User a is named 2 times"),
    ([{"kind": "User", "name": "a"}, {"kind": "User", "name": "a", "role": "developer"}], "User a has 2 roles: consumer, developer"),
    ([{"kind": "User", "name": " "}], "is empty"),
    ([{"kind": "User", "name": "a\x1b[2J"}], "control characters"),
    ([{"kind": "User", "name": "a", "namespace": "b"}], "has no namespace, but a got b"),
    ([{"kind": "ServiceAccount", "name": "a"}], "ServiceAccount a has no namespace"),
    ([{"kind": "ServiceAccount", "name": "A", "namespace": "b"}], "cannot be the name of a ServiceAccount"),
    ([{"kind": "ServiceAccount", "name": "a", "namespace": "b.c"}], "cannot be the name of a ServiceAccount"),
    ([{"kind": "User", "name": "system:serviceaccount:ci:robot"}], "is a ServiceAccount"),
    ([{"kind": "Group", "name": "system:unauthenticated"}], "did not sign in"),
    ([{"kind": "User", "name": "system:anonymous"}], "did not sign in"),
])
def test_members_that_are_refused(items, said):
    with pytest.raises(InputError) as caught:
        checks.members(items)
    assert said in caught.value.what
    assert caught.value.where.startswith("members")


def test_a_user_and_a_group_may_share_a_name():
    assert len(checks.members([{"kind": "User", "name": "shop"}, {"kind": "Group", "name": "shop"}])) == 2


def test_a_template_in_the_words_of_the_record():
    found = checks.template({
        "quota": {"pods": 20, "requests.cpu": "500m", "limits.cpu": 1.5}, "limits": [{"type": "Container", "default": {"cpu": 1}}],
        "labels": {"team": "a", "b": 1}, "annotations": None, "pod_security": "baseline", "network_policy": "isolated", "pull_secret": "registry",
    })
    assert found == {
        "quota": {"pods": "20", "requests.cpu": "500m", "limits.cpu": "1.5"}, "limits": [{"type": "Container", "default": {"cpu": "1"}}],
        "labels": {"team": "a", "b": "1"}, "podSecurity": "baseline", "networkPolicy": "isolated", "pullSecret": "registry",
    }
    assert checks.template({"quota": {}, "labels": None}) == {}


@pytest.mark.parametrize(("given", "where", "said"), [
    ({"quota": {"requests.cpu": "much"}}, "template.quota", "much"),
    ({"quota": {"pods": -1}}, "template.quota", "-1"),
    ({"limits": [{"type": "Nothing"}]}, "template.limits", "Nothing"),
    ({"labels": {"operators.apusic.com/project": "other"}}, "template.labels", "sets operators.apusic.com/project itself"),
    ({"labels": {"app.kubernetes.io/part-of": "other"}}, "template.labels", "itself"),
    ({"labels": {"pod-security.kubernetes.io/enforce": "privileged"}}, "template.labels", "another option"),
    ({"labels": {"a b": "c"}}, "template.labels", "cannot be a key"),
    ({"labels": {"a/b/c": "d"}}, "template.labels", "cannot be a key"),
    ({"labels": {"": "d"}}, "template.labels", "cannot be a key"),
    ({"labels": {"a": "b c"}}, "template.labels", "cannot be the value"),
    ({"labels": {"a": True}}, "template.labels", "has to be text"),
    ({"annotations": {"a": ["b"]}}, "template.annotations", "has to be text"),
    ({"pull_secret": "No Such"}, "template.pull_secret", "cannot be the name of a Secret"),
])
def test_a_template_that_is_refused(given, where, said):
    with pytest.raises(InputError) as caught:
        checks.template(given)
    assert said in caught.value.what
    assert caught.value.where.startswith(where)
