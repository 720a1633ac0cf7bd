# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans of workspaces: once carried out nothing is left to do, what was removed by hand comes back, what is others' stays."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member, Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _docker, _objects, _plan
from ansible_collections.acmp.middleware.plugins.module_utils.workspace._wanted import Workspace
from hypothesis import given, settings
from hypothesis import strategies as st

from .simulated import carried_out, foreign

RETAIL = Project("retail", (Member("Group", "shop-team"), Member("User", "ann", None, "manager"), Member("ServiceAccount", "ci", "build")))
FULL = Workspace(
    "shop", "workspace shop", "The shop", {"team": "a"}, {"cost": "12 %"}, {"requests.cpu": "4", "pods": "20"},
    [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}], (Member("User", "bob"),), "baseline", "isolated",
    {"namespace": "ingress", "labels": {"app": "nginx"}}, json.dumps({"auths": {"r": {"auth": "eA=="}}}))
WORDS = [
    "create Namespace shop", "create ResourceQuota shop/acmp", "create LimitRange shop/acmp", "create RoleBinding shop/acmp-members",
    "create ServiceAccount shop/acmp-workspace", "create NetworkPolicy shop/acmp-isolation", "create Secret shop/acmp-pull",
    "create ServiceAccount shop/default",
]


def plan(wanted: Workspace, live: dict, project: Project = RETAIL, cluster: str = "local") -> list:
    return _plan.steps([wanted], project, cluster, live)


def words(wanted: Workspace, live: dict, **more) -> list:
    return [str(step) for step in plan(wanted, live, **more)]


def made(wanted: Workspace = FULL, live: dict | None = None) -> dict:
    return carried_out(live or {}, plan(wanted, live or {}))


def changed(base: Workspace, **fields) -> Workspace:
    return Workspace(**{**base.__dict__, **fields})


def test_a_first_run_makes_everything_and_a_second_nothing():
    assert words(FULL, {}) == WORDS
    assert words(FULL, made()) == []


@pytest.mark.parametrize("gone", [word.removeprefix("create ") for word in WORDS])
def test_what_somebody_removed_comes_back(gone):
    kind, place = gone.split(" ")
    namespace, _slash, name = place.rpartition("/")
    live = made()
    del live[kind, namespace, name]
    assert words(FULL, live) == [f"create {gone}"]


def test_each_field_that_somebody_changed_is_seen():
    for place, change in (
        (("Namespace", "", "shop"), lambda obj: obj["metadata"]["labels"].update({"team": "b"})),
        (("Namespace", "", "shop"), lambda obj: obj["metadata"]["labels"].pop("pod-security.kubernetes.io/enforce")),
        (("Namespace", "", "shop"), lambda obj: obj["metadata"]["annotations"].pop("operators.apusic.com/description")),
        (("ResourceQuota", "shop", "acmp"), lambda obj: obj["spec"]["hard"].update({"pods": "21"})),
        (("ResourceQuota", "shop", "acmp"), lambda obj: obj["spec"]["hard"].update({"services": "1"})),
        (("LimitRange", "shop", "acmp"), lambda obj: obj["spec"]["limits"][0]["default"].update({"cpu": "1"})),
        (("RoleBinding", "shop", "acmp-members"), lambda obj: obj["subjects"].pop(0)),
        (("RoleBinding", "shop", "acmp-members"), lambda obj: obj["subjects"].append({"kind": "User", "name": "eve"})),
        (("ServiceAccount", "shop", "acmp-workspace"), lambda obj: obj.update(automountServiceAccountToken=True)),
        (("NetworkPolicy", "shop", "acmp-isolation"), lambda obj: obj["spec"]["ingress"].append({})),
        (("Secret", "shop", "acmp-pull"), lambda obj: obj["data"].update({_docker.KEY: base64.b64encode(b"{}").decode()})),
        (("Secret", "shop", "acmp-pull"), lambda obj: obj["data"].update({"other": "eA=="})),
        (("ServiceAccount", "shop", "default"), lambda obj: obj["imagePullSecrets"].clear()),
    ):
        live = made()
        change(live[place])
        steps = plan(FULL, live)
        assert [(step.action, _objects.key(step.object)) for step in steps] == [("change", place)], place


def test_other_ways_to_say_the_same_are_no_difference():
    live = made()
    live["ResourceQuota", "shop", "acmp"]["spec"]["hard"] = {"requests.cpu": "4000m", "pods": "20"}
    live["ResourceQuota", "shop", "acmp"]["status"] = {"used": {"pods": "3"}}
    live["RoleBinding", "shop", "acmp-members"]["subjects"].reverse()
    live["Secret", "shop", "acmp-pull"]["data"][_docker.KEY] = base64.b64encode(b'{ "auths":{"r":{"auth":"eA=="}} }').decode()
    live["Namespace", "", "shop"]["metadata"]["labels"] |= {"kubernetes.io/metadata.name": "shop", "istio-injection": "enabled"}
    assert plan(FULL, live) == []


def test_what_is_not_said_stays_and_what_is_empty_goes():
    live = made()
    assert plan(Workspace("shop"), live) == []
    empty = Workspace("shop", "", "", {}, {}, {}, [], (), None, "open", None, "")
    steps = plan(empty, live)
    assert [str(step) for step in steps] == [
        "change Namespace shop", "remove ResourceQuota shop/acmp", "remove LimitRange shop/acmp", "change RoleBinding shop/acmp-members",
        "remove NetworkPolicy shop/acmp-isolation", "remove Secret shop/acmp-pull", "change ServiceAccount shop/default",
    ]
    after = carried_out(live, steps)
    assert plan(empty, after) == []
    meta = after["Namespace", "", "shop"]["metadata"]
    assert "team" not in meta["labels"] and meta["labels"]["pod-security.kubernetes.io/enforce"] == "baseline"
    assert not meta["annotations"]
    assert words(Workspace("fresh"), {}) == ["create Namespace fresh", "create RoleBinding fresh/acmp-members", "create ServiceAccount fresh/acmp-workspace"]


def test_labels_of_others_stay_and_only_ours_go():
    theirs = foreign({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"owner": "them", "team": "x"}}})
    live = made(FULL, {("Namespace", "", "shop"): theirs})
    less = changed(FULL, labels={})
    after = carried_out(live, plan(less, live))
    labels = after["Namespace", "", "shop"]["metadata"]["labels"]
    assert labels["owner"] == "them" and "team" not in labels
    assert plan(less, after) == []


def test_labels_that_were_given_once_stay_beside_those_of_the_template():
    silver = Workspace("shop", labels={"team": "a", "tier": "silver"})
    live = made(silver)
    gold = Workspace("shop", template_labels={"tier": "gold"})
    after = carried_out(live, plan(gold, live))
    assert after["Namespace", "", "shop"]["metadata"]["labels"].items() >= {"team": "a", "tier": "gold"}.items()
    assert plan(gold, after) == []


def test_own_members_are_remembered_and_follow_the_project():
    live = made()
    more = Project("retail", (*RETAIL.members, Member("User", "zoe")))
    steps = plan(Workspace("shop"), live, project=more)
    assert [str(step) for step in steps] == ["change RoleBinding shop/acmp-members"]
    people = {subject["name"] for subject in steps[0].object["subjects"]}
    assert people == {"shop-team", "ann", "ci", "bob", "zoe", "acmp-workspace"}


def test_service_accounts_of_the_management_cluster_are_bound_there_alone():
    [bound] = [step.object for step in plan(FULL, {}, cluster="far") if step.object["kind"] == "RoleBinding"]
    assert [subject for subject in bound["subjects"] if subject["kind"] == "ServiceAccount"] == [
        {"kind": "ServiceAccount", "name": "acmp-workspace", "namespace": "shop"}]


def test_a_binding_to_another_role_is_made_anew():
    live = made()
    live["RoleBinding", "shop", "acmp-members"]["roleRef"]["name"] = "cluster-admin"
    assert words(FULL, live) == ["remake RoleBinding shop/acmp-members"]
    assert plan(FULL, carried_out(live, plan(FULL, live))) == []


def test_pull_secrets_of_others_stay_at_the_default_account():
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "shop"}, "imagePullSecrets": [{"name": "theirs"}]}
    live = made(FULL, {("ServiceAccount", "shop", "default"): account})
    assert live["ServiceAccount", "shop", "default"]["imagePullSecrets"] == [{"name": "theirs"}, {"name": "acmp-pull"}]
    none = changed(FULL, pull_secret="")
    assert carried_out(live, plan(none, live))["ServiceAccount", "shop", "default"]["imagePullSecrets"] == [{"name": "theirs"}]


def test_scopes_of_a_live_quota_stay():
    live = made()
    live["ResourceQuota", "shop", "acmp"]["spec"]["scopes"] = ["NotTerminating"]
    more = changed(FULL, quota={"pods": "30"})
    [step] = plan(more, live)
    assert step.object["spec"] == {"hard": {"pods": "30"}, "scopes": ["NotTerminating"]}


def test_a_diff_hides_the_pull_secret_and_shows_what_goes():
    live = made()
    text = json.dumps([_plan.diff(step) for step in plan(FULL, {})])
    assert "eA==" not in text and base64.b64encode(FULL.pull_secret.encode()).decode() not in text
    live["ResourceQuota", "shop", "acmp"]["spec"]["hard"]["services"] = "1"
    [step] = plan(changed(FULL, labels={}), live)[:1]
    before, after = _plan.diff(step)["before"], _plan.diff(step)["after"]
    assert before["metadata"]["labels"]["team"] == "a" and "team" not in after["metadata"]["labels"]
    [quota] = [_plan.diff(step) for step in plan(FULL, live)]
    assert quota["before"]["spec"]["hard"]["services"] == "1" and "managedFields" not in json.dumps(quota)


def namespace(name: str = "shop", status: dict | None = None, finalizers: tuple = (), deleted: bool = False, **labels: str) -> dict:
    meta = {"name": name, "labels": labels, **({"finalizers": list(finalizers)} if finalizers else {})}
    if deleted:
        meta["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta, "spec": {"finalizers": ["kubernetes"]}, "status": status or {}}


def obstacles(live: dict, adopt: bool = False, project: Project = RETAIL) -> list:
    return _plan.obstacles([FULL], project, "local", {("Namespace", "", "shop"): live}, adopt)


def test_namespaces_that_are_somebody_elses_are_refused():
    assert obstacles(namespace(**{"operators.apusic.com/project": "retail"})) == []
    assert "belongs to project bank, not to retail" in obstacles(namespace(**{"operators.apusic.com/project": "bank"}), adopt=True)[0]
    assert "adopt: true" in obstacles(namespace())[0]
    assert obstacles(namespace(), adopt=True) == []
    assert obstacles(namespace(), project=Project("retail", (), (("local", "shop"),))) == [], "its label was removed by hand"


def test_a_namespace_that_is_being_deleted_says_what_holds_it():
    said = {"conditions": [
        {"type": "NamespaceContentRemaining", "status": "True", "message": "Some resources are remaining: pods. has 1 resource instances"},
        {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "Some content has finalizers remaining: a/b in 1 resource instances"},
        {"type": "NamespaceDeletionContentFailure", "status": "False", "message": "All content successfully deleted"},
    ]}
    [text] = obstacles(namespace(status=said, finalizers=("a.example/hold",), deleted=True))
    assert "being deleted" in text and "pods. has 1" in text and "a/b in 1" in text and "finalizer a.example/hold" in text and "successfully" not in text


NAMES = st.sampled_from(["a", "b", "app.kubernetes.io/name", "x.example/y"])
TEXTS = st.dictionaries(NAMES, st.sampled_from(["1", "two", ""]), max_size=3)
HARD = st.dictionaries(st.sampled_from(["requests.cpu", "limits.memory", "pods", "requests.storage"]), st.sampled_from(["1", "1500m", "0.1Gi", "1e3", "2Ki"]))
PEOPLE = st.lists(st.builds(Member, st.sampled_from(["User", "Group"]), st.sampled_from(["ann", "bob", "cy"]), st.none(), st.just("consumer")),
                  unique=True, max_size=3).map(tuple)
LIMITS = st.lists(st.fixed_dictionaries({"type": st.just("Container"), "max": st.just({"cpu": "2"})}), max_size=1)
PULL = st.sampled_from(["", json.dumps({"auths": {"r": {"auth": "eA=="}}}), json.dumps({"auths": {"s": {"auth": "eQ=="}}})])
WORKSPACES = st.builds(
    Workspace, st.just("shop"), st.just("w"), st.none() | st.sampled_from(["", "text"]), st.none() | TEXTS, st.none() | TEXTS, st.none() | HARD,
    st.none() | LIMITS, st.none() | PEOPLE, st.none() | st.sampled_from(["baseline", "restricted"]), st.none() | st.sampled_from(["open", "isolated"]),
    st.none() | st.just({"namespace": "g", "labels": {}}), st.none() | PULL, TEXTS, TEXTS)


@settings(max_examples=400, deadline=None)
@given(st.lists(WORKSPACES, min_size=1, max_size=4), TEXTS)
def test_whatever_was_asked_for_nothing_is_left_to_do_once_it_is_done(wanted, others):
    live = {("Namespace", "", "shop"): foreign({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": others}})} if others else {}
    for each in wanted:
        steps = plan(each, live)
        live = carried_out(live, steps)
        assert plan(each, live) == []
        assert len({_objects.key(step.object) for step in steps}) == len(steps)
    given = {name for each in wanted for name in (*(each.labels or {}), *each.template_labels)}
    assert set(others) - given <= set(live["Namespace", "", "shop"]["metadata"]["labels"])
