# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes of a record by several at once, and workspaces that cannot follow a change of members."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Conflict, Forbidden, InputError
from ansible_collections.acmp.middleware.plugins.module_utils.project import _plan, _store, projects, records
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import PENDING, Member


class Home:
    """One Project record and the rule of its version; before_write: what somebody else does in between."""

    def __init__(self, spec, notes=None, before_write=()):
        self.record = {"metadata": {"name": "shop", "resourceVersion": "1", "annotations": notes or {}}, "spec": spec}
        self.before_write, self.writes = list(before_write), 0

    def get(self, _api, _kind, name, *_place, **_more):
        return copy.deepcopy(self.record) if name == "shop" else None

    def list(self, *_what, **_more):
        return [self.record]

    def patch(self, _api, _kind, _name, _namespace, body, type):
        if self.before_write:
            self._store(self.before_write.pop(0)(copy.deepcopy(self.record["spec"])), self.record["metadata"]["annotations"])
        values = {item["path"]: item["value"] for item in body}
        if values["/metadata/resourceVersion"] != self.record["metadata"]["resourceVersion"]:
            raise Conflict("Cannot patch Project shop: it was changed meanwhile")
        self.writes += 1
        self._store(values["/spec"], values["/metadata/annotations"])

    def _store(self, spec, notes):
        version = str(int(self.record["metadata"]["resourceVersion"]) + 1)
        self.record = {"metadata": {"name": "shop", "resourceVersion": version, "annotations": notes}, "spec": spec}

    @property
    def places(self):
        return records.of(self.record).workspaces


def other(spec):
    return {**spec, "workspaces": [*spec.get("workspaces", []), {"cluster": "east", "namespace": "other"}]}


def test_workspaces_are_added_once_and_in_one_write():
    home = Home({"description": "kept"})
    assert projects.add_workspaces(home, "shop", [("local", "a"), ("local", "b"), ("local", "a")])
    assert home.places == (("local", "a"), ("local", "b"))
    assert not projects.add_workspaces(home, "shop", [("local", "b")])
    assert projects.drop_workspaces(home, "shop", [("local", "a"), ("local", "z")])
    assert not projects.drop_workspaces(home, "shop", [("local", "a")])
    assert (home.places, home.writes, home.record["spec"]["description"]) == ((("local", "b"),), 2, "kept")


def test_two_who_write_at_once_lose_nothing():
    home = Home({}, before_write=[other])
    assert projects.add_workspaces(home, "shop", [("local", "a")])
    assert set(home.places) == {("east", "other"), ("local", "a")}


def test_a_change_of_members_keeps_a_workspace_that_came_meanwhile():
    home = Home({"members": [records.member_spec(Member("User", "alice"))]}, before_write=[other])
    seen = _plan.Observed(record=home.get("", "", "shop"))
    plan = _plan.present(_plan.Wanted("shop", members=(Member("User", "bob"),)), seen)
    _store.update(home, "shop", lambda live: _store._over(live, plan.record), seen.record)
    assert home.places == (("east", "other"),)
    assert [member.name for member in records.of(home.record).members] == ["bob"]


def test_an_unknown_project_is_refused_with_the_nearest():
    with pytest.raises(InputError, match='no project "shopp"') as caught:
        projects.find(Home({}), "shopp")
    assert caught.value.todo == 'did you mean "shop"?'
    with pytest.raises(InputError, match="no project"):
        projects.add_workspaces(Home({}), "shopp", [("local", "a")])


def follow(answer, ctx, notes=None):
    home = Home({"members": []}, notes)
    project = records.of(home.record)
    plan = _plan.Plan(project, rebind=True)
    return home, projects._follow(home, {}, None, plan, ctx, lambda *_given: answer)


def test_a_cluster_that_is_away_is_warned_of_and_tried_again():
    ctx = Context()
    away = [{"cluster": "east", "namespace": "shop", "reason": "the API server does not answer"}]
    home, result = follow((["change RoleBinding web/acmp-members"], away), ctx, {PENDING: "true"})
    assert result == (["change RoleBinding web/acmp-members"], away)
    assert home.record["metadata"]["annotations"] == {PENDING: "true"}
    assert "east/shop" in ctx.warnings[0]


@pytest.mark.parametrize("check", [True, False])
def test_the_mark_goes_when_all_have_followed(check):
    home, result = follow(([], []), Context(check_mode=check), {PENDING: "true", "kept": "yes"})
    assert result == (["change Project shop"], [])
    assert home.record["metadata"]["annotations"] == ({PENDING: "true", "kept": "yes"} if check else {"kept": "yes"})


def test_who_may_not_look_is_told_of_the_right_to_change(monkeypatch):
    class Closed:
        def get(self, *_what, **_more):
            return None

        def list(self, *_what, **_more):
            raise Forbidden("not allowed to list RoleBinding")

        def require(self, verb, _group, resource, to):
            raise Forbidden(f"not allowed to {to}: {verb} {resource}")

    monkeypatch.setattr(projects, "connect", lambda *_given: Closed())
    params = {"name": "shop", "state": "present"}
    with pytest.raises(Forbidden, match="not allowed to make, change or remove projects: patch projects"):
        projects.ensure({}, None, params, Context(), lambda *_given: ([], []))
