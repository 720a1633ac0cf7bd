# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task asks for: the template under it, and every fault named by its place, all at once."""

from __future__ import annotations

import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member, Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _docker, _objects, _plan, _wanted

from .simulated import carried_out

TEMPLATE = {
    "quota": {"pods": "10"}, "limits": [{"type": "Container", "max": {"cpu": "2"}}], "labels": {"tier": "gold", "team": "t"}, "annotations": {"a": "1"},
    "podSecurity": "baseline", "networkPolicy": "isolated",
}


def one(template: dict | None = None, pull: str | None = None, **options) -> _wanted.Workspace:
    return _wanted.of({"name": "shop", **options}, template or {}, pull)[0]


def refused(**params) -> InputError:
    with pytest.raises(InputError) as caught:
        _wanted.of(params, {})
    return caught.value


def test_what_is_not_given_comes_from_the_template():
    found = one(TEMPLATE, pull="{}")
    assert (found.quota, found.template_labels, found.pod_security, found.network_policy, found.pull_secret) == (
        {"pods": "10"}, {"tier": "gold", "team": "t"}, "baseline", "isolated", "{}")
    assert found.labels is None and found.annotations is None and found.template_annotations == {"a": "1"}
    assert found.limits == TEMPLATE["limits"] and found.description is None and found.members is None
    assert one() == _wanted.Workspace("shop", "workspace shop")


def test_what_is_given_wins_labels_add_and_empty_takes_away():
    found = one(TEMPLATE, quota={"hard": {"services": 3}}, labels={"team": "mine", "cost": 12}, network_policy="open")
    assert (found.quota, found.labels, found.network_policy) == ({"services": "3"}, {"tier": "gold", "team": "mine", "cost": "12"}, "open")
    found = one(TEMPLATE, quota={"hard": {}}, labels={}, annotations={}, limits=[], members=[], description="", pull_secret={}, pull="x")
    assert (found.quota, found.labels, found.annotations, found.limits, found.members, found.description, found.pull_secret) == ({}, {}, {}, [], (), "", "")
    assert found.template_labels == {} == found.template_annotations
    assert one(quota={}).quota == {}


def test_a_workspace_that_exists_keeps_what_it_has_of_the_template():
    def again(live: dict, template: dict | None = None, **entry) -> _wanted.Workspace:
        template = TEMPLATE if template is None else template
        there = {"shop": _objects.standing("shop", template, live)}
        return _wanted.of({"name": "shop", **entry}, template, "{}", there)[0]

    changed = {**TEMPLATE, "quota": {"pods": "1"}, "labels": {"tier": "lead", "team": "u"}, "podSecurity": "restricted", "networkPolicy": "open"}
    wanted = one(TEMPLATE, pull="{}", gateway={"namespace": "g"}, labels={"cost": "1"})
    live = carried_out({}, _plan.steps([wanted], Project("retail"), "local", {}))
    for template in (TEMPLATE, changed):
        for entry in ({}, {"labels": {"cost": "1"}}, {"gateway": {"namespace": "g"}}):
            assert _plan.steps([again(live, template, **entry)], Project("retail"), "local", live) == [], (template, entry)
    found = again(live, quota={"hard": {"pods": 3}}, network_policy="isolated")
    assert [str(step) for step in _plan.steps([found], Project("retail"), "local", live)] == [
        "change ResourceQuota shop/acmp", "change NetworkPolicy shop/acmp-isolation"]
    # What it never had of the template it does not get either.
    bare = carried_out({}, _plan.steps([one()], Project("retail"), "local", {}))
    assert _plan.steps([again(bare)], Project("retail"), "local", bare) == []
    with pytest.raises(InputError, match="isolated workspaces only"):
        again(bare, gateway={"namespace": "g"})


def test_members_are_sorted_and_checked():
    found = one(members=[{"kind": "User", "name": "zoe"}, {"kind": "Group", "name": "a"}])
    assert found.members == (Member("Group", "a"), Member("User", "zoe"))
    assert "members[0]" in refused(name="shop", members=[{"kind": "ServiceAccount", "name": "ci"}]).message


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({"name": "Shop"}, '"Shop" cannot be the name'),
        ({"name": "a" * 64}, "cannot be the name"),
        ({"name": "-a"}, "cannot be the name"),
        ({"name": "a\n"}, "cannot be the name"),
        ({"name": "kube-public"}, "belongs to the system"),
        ({"name": "default"}, "belongs to the system"),
        ({"name": "acmp-system"}, "belongs to the system"),
        ({"name": "acmp-project-x"}, "belongs to the system"),
        ({"name": "ok", "labels": {"a b": "c"}}, "a b"),
        ({"name": "ok", "labels": {"a": "x y"}}, "x y"),
        ({"name": "ok", "labels": {"a": ["x"]}}, "has to be text"),
        ({"name": "ok", "labels": {"operators.apusic.com/project": "other"}}, "sets operators.apusic.com/project itself"),
        ({"name": "ok", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}, "pod_security"),
        ({"name": "ok", "quota": {"hard": {"requests.cpu": "four"}}}, "requests.cpu"),
        ({"name": "ok", "quota": {"hard": {"requests.cpu": "-1"}}}, "requests.cpu"),
        ({"name": "ok", "limits": [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "2"}}]}, "cpu"),
        ({"name": "ok", "gateway": {"namespace": "g"}}, "isolated"),
        ({"name": "ok", "network_policy": "isolated", "gateway": {"labels": {}, "namespace": None}}, "names nobody"),
        ({"name": "ok", "members": [{"kind": "User", "name": "a"}, {"kind": "User", "name": "a"}]}, "2 times"),
        ({"name": "ok", "pull_secret": "secret-word"}, "no docker configuration"),
        ({"name": "ok", "pull_secret": {"reg": {"username": "u"}}}, "registry reg"),
        ({"name": "ok", "pull_secret": '{"auths": 1}'}, "auths"),
    ],
)
def test_a_fault_names_its_place(entry, text):
    error = refused(workspaces=[{"name": "first"}, entry])
    assert text in error.message and f"workspaces[1] ({entry['name']})" in error.message, error.message
    assert "secret-word" not in error.message


def test_all_faults_are_told_at_once():
    error = refused(workspaces=[{"name": "A"}, {"name": "ok"}, {"name": "ok"}, {"name": "b", "quota": {"hard": {"pods": "x"}}}])
    assert error.message.startswith("3 things speak against it: (1) workspaces[0] (A)")
    assert "twice, first as workspaces[1]" in error.message and "workspaces[3] (b).quota" in error.message
    assert len(error.details["findings"]) == 3
    many = refused(workspaces=[{"name": f"A{number}"} for number in range(200)])
    assert "and 190 more" in many.message and len(many.details["findings"]) == 200


def test_a_task_without_a_name_is_refused():
    assert "name" in refused(workspaces=None, name=None).todo
    assert _wanted.of({"workspaces": []}, {}) == []
    assert _wanted.names({"workspaces": [{"name": "a"}, {"name": "b"}]}) == ["a", "b"]
    with pytest.raises(InputError, match="system"):
        _wanted.names({"name": "kube-system"})


def test_a_docker_configuration_in_all_its_forms():
    text = _docker.config("x", {"registry.example": {"username": "u", "password": "p"}})
    assert json.loads(text) == {"auths": {"registry.example": {"username": "u", "password": "p", "auth": "dTpw"}}}
    assert _docker.config("x", text) == text == _docker.config("x", json.loads(text))
    assert _docker.secret_values(text) == ["p", "dTpw"] and _docker.secret_values("") == []
    assert _docker.config("x", "") == "" == _docker.config("x", None)
