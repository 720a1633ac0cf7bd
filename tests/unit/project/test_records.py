# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records of projects, and whom Kubernetes is told to let in."""

from __future__ import annotations

import re

from ansible_collections.acmp.middleware.plugins.module_utils.project import credentials, records
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member
from hypothesis import given
from hypothesis import strategies as st

MEMBERS = (
    Member("User", "alice"), Member("Group", "team", role="manager"), Member("User", "dora", role="developer"), Member("ServiceAccount", "robot", "ci"))


def names(subjects):
    return [subject["name"] for subject in subjects]


def test_subjects():
    assert records.subjects(MEMBERS) == [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice"},
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "team"},
        {"kind": "ServiceAccount", "name": "robot", "namespace": "ci"},
    ]
    assert names(records.subjects(MEMBERS, "manager")) == ["team"]
    assert names(records.subjects(MEMBERS, "developer")) == ["dora"]


def test_an_account_of_the_management_cluster_is_nobody_on_another():
    assert names(records.subjects(MEMBERS, cluster="east")) == ["alice", "team"]


def test_a_record_there_and_back():
    spec = {
        "displayName": "Shop", "members": [records.member_spec(member) for member in MEMBERS], "workspaces": [{"cluster": "east", "namespace": "shop"}],
        "template": {"podSecurity": "baseline", "quota": {"pods": "5"}},
    }
    project = records.of({"metadata": {"name": "shop"}, "spec": spec})
    assert project.members == MEMBERS
    assert project.workspaces == (("east", "shop"),)
    shown = records.shown({"metadata": {"name": "shop", "annotations": {records.PENDING: "true"}}, "spec": spec})
    assert shown["template"] == {"quota": {"pods": "5"}, "pod_security": "baseline"}
    assert shown["members"][3] == {"kind": "ServiceAccount", "name": "robot", "namespace": "ci", "role": "consumer"}
    assert shown["members_pending"] is True


def test_a_record_without_anything():
    project = records.of({"metadata": {"name": "shop"}})
    assert (project.members, project.workspaces, project.template) == ((), (), {})


LABELS = st.from_regex(re.compile(r"[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?"), fullmatch=True)


@given(st.lists(st.tuples(LABELS, LABELS), min_size=2, max_size=2, unique=True))
def test_no_two_workspaces_share_a_credential(places):
    first, second = (credentials.secret_name(*place) for place in places)
    assert first != second
    assert credentials.secret_name("c" * 63, "n" * 63) == f"workspace-{'c' * 63}.{'n' * 63}"


def test_a_credential_is_for_the_members_and_one_secret_alone():
    project = records.Project("shop", MEMBERS)
    role, binding = credentials.objects(project, "east", "web")
    assert role["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["workspace-east.web"]}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"] == "workspace-east.web"
    assert names(binding["subjects"]) == ["alice", "team", "robot"]
    assert credentials.workspace_of(binding) == ("east", "web")
    own = credentials.objects(project, "east", "web", own=[{"kind": "User", "name": "guest"}])[2]
    assert (own["metadata"]["name"], own["roleRef"]["name"], names(own["subjects"])) == ("workspace-east.web.own", "workspace-east.web", ["guest"])


class Home:
    """Secrets of which only the metadata is seen."""

    def __init__(self, *secrets):
        self.secrets, self.patched = list(secrets), {}

    def list(self, _api, kind, namespace, label_selector, metadata_only):
        assert (kind, namespace, metadata_only) == ("Secret", "acmp-project-shop", True)
        return self.secrets

    def patch(self, _api, _kind, name, _namespace, body):
        self.patched[name] = body["metadata"]["annotations"]


def test_an_outdated_credential_is_over_and_the_next_one_lasts_as_long():
    (role, _binding) = credentials.objects(records.Project("shop"), "east", "web")
    notes = {"operators.apusic.com/issued-at": "2026-01-08T12:00:00Z", "operators.apusic.com/expires-at": "2026-01-15T12:00:00Z"}
    home = Home({"metadata": {**role["metadata"], "annotations": notes}}, {"metadata": role["metadata"]})
    assert [item.expires_at for item in credentials.listed(home, "shop")] == ["2026-01-15T12:00:00Z", ""]
    credentials.outdate(home, "shop")
    assert home.patched == {
        "workspace-east.web": {"operators.apusic.com/issued-at": "2026-01-01T12:00:00Z", "operators.apusic.com/expires-at": "2026-01-08T12:00:00Z"}}
