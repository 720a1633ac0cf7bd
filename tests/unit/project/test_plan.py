# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written for a project, from what is there and what was asked."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.project import _plan, credentials, records
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import PENDING, Member
from hypothesis import given
from hypothesis import strategies as st

ALICE, BOB = Member("User", "alice"), Member("User", "bob", role="manager")
DORA, ROBOT = Member("Group", "devs", role="developer"), Member("ServiceAccount", "robot", "ci")
PLACES = (("local", "shop"), ("east", "shop"))


def wanted(**more):
    return _plan.Wanted("shop", **more)


def record(members=(), places=(), **spec):
    return {
        "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Project", "metadata": {"name": "shop", "resourceVersion": "7", "uid": "u"},
        "spec": {
            **({"members": [records.member_spec(member) for member in members]} if members else {}),
            **({"workspaces": [{"cluster": cluster, "namespace": namespace} for cluster, namespace in places]} if places else {}), **spec,
        },
    }


NOTHING = _plan.Observed()


def done(plan, seen=NOTHING):
    """What a cluster holds once a plan was executed."""
    live = {_plan._key(obj): obj for obj in (*seen.roles, *seen.bindings)}
    live.update({_plan._key(obj): copy.deepcopy(obj) for obj in (*plan.first, *plan.then)})
    for obj in plan.remove:
        live.pop(_plan._key(obj), None)
    space = next((obj for obj in live.values() if obj["kind"] == "Namespace"), seen.namespace)
    return _plan.Observed(
        record=plan.record or seen.record, namespace=space,
        roles=tuple(obj for obj in live.values() if obj["kind"] == "Role"), bindings=tuple(obj for obj in live.values() if obj["kind"] == "RoleBinding"))


def ran(asked, live=None):
    """What a cluster holds after a run, with this record before it."""
    seen = _plan.Observed(record=live)
    return done(_plan.present(asked, seen), seen)


def named(objects, name):
    return next(obj for obj in objects if obj["metadata"]["name"] == name)


def test_a_new_project():
    plan = _plan.present(wanted(members=(ALICE, BOB, DORA), description="Web shop"), NOTHING)
    assert plan.actions == (
        "create Project shop", "create Namespace acmp-project-shop", "create RoleBinding acmp-project-shop/acmp-managers",
        "create Role acmp-project-shop/acmp-project-managers", "create RoleBinding acmp-project-shop/acmp-project-managers",
        "create RoleBinding acmp-incoming/acmp-project-shop-developers",
    )
    assert [obj["kind"] for obj in plan.first] == ["Namespace", "RoleBinding"]
    assert plan.record["spec"]["members"][1] == {"kind": "User", "name": "bob", "role": "manager"}
    assert not plan.rebind
    assert [subject["name"] for subject in named(plan.then, "acmp-project-shop-developers")["subjects"]] == ["devs"]


def test_the_second_run_writes_nothing():
    asked = wanted(members=(ALICE, BOB, DORA, ROBOT), template={"quota": {"pods": "5"}}, display_name="Shop")
    seen = ran(asked)
    plan = _plan.present(asked, seen)
    assert (plan.actions, plan.record, plan.first, plan.then, plan.remove, plan.rebind) == ((), None, (), (), (), False)


def test_what_is_not_given_stays_and_what_is_empty_goes():
    seen = ran(wanted(members=(ALICE,), description="a", template={"quota": {"pods": "5"}}))
    assert _plan.present(wanted(), seen).actions == ()
    emptied = _plan.present(wanted(members=(), description="", template={}), seen)
    assert emptied.record["spec"] == {}


def test_members_in_another_order_are_the_same():
    seen = ran(wanted(members=(ALICE, BOB)))
    assert _plan.present(wanted(members=(BOB, ALICE)), seen).actions == ()


def test_a_change_of_members_reaches_credentials_and_workspaces():
    seen = ran(wanted(), record([ALICE], PLACES))
    plan = _plan.present(wanted(members=(BOB, ROBOT)), seen)
    assert (plan.rebind, plan.renew) == (True, True)
    assert plan.record["metadata"]["annotations"] == {PENDING: "true"}
    assert plan.record["spec"]["workspaces"] == seen.record["spec"]["workspaces"]
    for cluster, namespace in PLACES:
        binding = named([obj for obj in plan.then if obj["kind"] == "RoleBinding"], credentials.secret_name(cluster, namespace))
        assert [subject["name"] for subject in binding["subjects"]] == ["bob", "robot"]
    assert "create Role acmp-project-shop/acmp-project-managers" in plan.actions


def test_a_manager_who_becomes_a_consumer_needs_no_other_workspace_binding():
    seen = ran(wanted(), record([BOB], PLACES))
    plan = _plan.present(wanted(members=(Member("User", "bob"),)), seen)
    assert not plan.rebind
    assert plan.actions == (
        "change Project shop", "remove Role acmp-project-shop/acmp-project-managers", "remove RoleBinding acmp-project-shop/acmp-project-managers")


def test_credentials_are_renewed_only_where_somebody_leaves():
    seen = ran(wanted(), record([ALICE], PLACES))
    assert not _plan.present(wanted(members=(ALICE, BOB)), seen).renew
    assert _plan.present(wanted(members=(BOB,)), seen).renew
    assert _plan.present(wanted(members=(Member("User", "alice", role="developer"),)), seen).renew
    assert not _plan.present(wanted(members=()), ran(wanted(), record([ALICE]))).renew


def test_an_interrupted_change_is_taken_up_again():
    live = record([ALICE], PLACES)
    live["metadata"]["annotations"] = {PENDING: "true"}
    plan = _plan.present(wanted(members=(ALICE,)), ran(wanted(), live))
    assert plan.rebind
    assert plan.actions == ()


def test_a_credential_being_made_follows_too():
    project = records.Project("shop", (ALICE,))
    seen = _plan.Observed(record=record([ALICE]), bindings=tuple(credentials.objects(project, "east", "new", own=records.subjects([DORA], "developer"))[1:]))
    plan = _plan.present(wanted(members=(ROBOT,)), seen)
    assert "change RoleBinding acmp-project-shop/workspace-east.new" in plan.actions
    assert not any(".own" in action for action in plan.actions)


@pytest.mark.parametrize("change", [
    lambda obj: obj["metadata"]["labels"].clear(),
    lambda obj: obj.update(subjects=[]) if "subjects" in obj else obj.update(rules=[]),
])
def test_what_somebody_changed_is_repaired(change):
    seen = ran(wanted(members=(ALICE, BOB, DORA)), record([], PLACES))
    for number, obj in enumerate((*seen.roles, *seen.bindings)):
        broken = copy.deepcopy(obj)
        change(broken)
        parts = [broken if each is obj else each for each in (*seen.roles, *seen.bindings)]
        roles = tuple(each for each in parts if each["kind"] == "Role")
        drifted = _plan.Observed(seen.record, seen.namespace, roles, tuple(each for each in parts if each["kind"] == "RoleBinding"))
        plan = _plan.present(wanted(members=(ALICE, BOB, DORA)), drifted)
        assert plan.actions == (f"change {obj['kind']} {obj['metadata']['namespace']}/{obj['metadata']['name']}",), number


def test_a_namespace_of_somebody_else_is_refused():
    space = {"kind": "Namespace", "metadata": {"name": "acmp-project-shop", "labels": {}}}
    with pytest.raises(InputError, match="is not known as that of the project"):
        _plan.present(wanted(), _plan.Observed(namespace=space))
    assert _plan.absent("shop", None, _plan.Observed(namespace=space)).actions == ()


def test_a_namespace_that_is_being_deleted_is_made_again():
    seen = ran(wanted())
    leaving = copy.deepcopy(seen.namespace)
    leaving["metadata"]["deletionTimestamp"] = "2026-01-31T12:00:00Z"
    plan = _plan.present(wanted(), _plan.Observed(seen.record, leaving))
    assert plan.actions == ("create Namespace acmp-project-shop", "create RoleBinding acmp-project-shop/acmp-managers")


def test_removal():
    seen = ran(wanted(members=(DORA,)))
    with pytest.raises(InputError, match="with every Secret") as caught:
        _plan.absent("shop", None, seen)
    assert caught.value.todo == "say confirm: shop"
    assert _plan.absent("shop", "shop", seen).actions == (
        "remove Project shop", "remove RoleBinding acmp-incoming/acmp-project-shop-developers", "remove Namespace acmp-project-shop")
    assert _plan.absent("shop", None, NOTHING).actions == ()


def test_removal_of_the_default_project_and_of_one_with_workspaces_is_refused():
    with pytest.raises(InputError, match="always exists"):
        _plan.absent("default", "default", NOTHING)
    with pytest.raises(InputError, match="2 workspaces: local/shop, east/shop"):
        _plan.absent("shop", "shop", _plan.Observed(record=record([], PLACES)))


def test_only_new_accounts_are_looked_for():
    assert _plan.new_accounts(wanted(members=(ALICE, ROBOT)), None) == [ROBOT]
    assert _plan.new_accounts(wanted(members=(ALICE, ROBOT)), record([ROBOT])) == []
    assert _plan.new_accounts(wanted(), record([ROBOT])) == []


MEMBERS = st.lists(st.builds(
    Member, kind=st.sampled_from(["User", "Group"]), name=st.sampled_from("abcdef"), role=st.sampled_from(["consumer", "manager", "developer"]),
), unique_by=lambda member: (member.kind, member.name)).map(tuple)


@given(before=MEMBERS, after=MEMBERS, places=st.lists(st.tuples(st.sampled_from(["local", "east"]), st.sampled_from("xyz")), unique=True))
def test_after_any_change_the_rights_are_those_of_the_members_and_it_is_quiet(before, after, places):
    seen = ran(wanted(members=before), record([], places))
    last = done(_plan.present(wanted(members=after), seen), seen)
    again = _plan.present(wanted(members=after), last)
    assert again.actions == ()
    people = {(member.kind, member.name) for member in after if member.role != "developer"}
    for obj in last.bindings:
        if credentials.workspace_of(obj):
            assert {(subject["kind"], subject["name"]) for subject in obj["subjects"]} == people
    names = {obj["metadata"]["name"] for obj in last.bindings}
    assert ("acmp-project-shop-developers" in names) == any(member.role == "developer" for member in after)
    assert ("acmp-project-managers" in names) == any(member.role == "manager" for member in after)
