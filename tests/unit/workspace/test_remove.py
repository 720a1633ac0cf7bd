# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes with a workspace, and what has to be said before it does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.project.credentials import Listed
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _remove
from ansible_collections.acmp.middleware.plugins.module_utils.workspace._remove import Going

RETAIL = Project("retail", (), (("local", "shop"),))


def live(name: str = "shop", project: str = "retail", deleted: bool = False) -> dict:
    meta = {"name": name, "uid": "1", "labels": {"operators.apusic.com/project": project} if project else {}}
    return {"kind": "Namespace", "metadata": {**meta, **({"deletionTimestamp": "2026-01-01T00:00:00Z"} if deleted else {})}}


def obstacles(going: Going, confirm=(), always: bool = True) -> str:
    return "; ".join(_remove.obstacles([going], RETAIL, "local", confirm, always))


FULL = Going(
    "shop", live(), ("cache", "db"), (("data-db-0", "8Gi"), ("data-db-1", "8Gi")), 3, recorded=True, credential=Listed("retail", "local", "shop", "", "", ""))


def test_all_that_goes_is_shown():
    assert str(FULL) == "2 instances (cache, db), 2 claims of 16 Gi (data-db-0 8Gi, data-db-1 8Gi), 3 Secrets"
    assert "2 pods" in str(Going("a", live("a"), pods=2)) and not Going("a", live("a"), pods=2).is_empty
    assert str(Going("a", live("a"))) == "no instance, claim, Secret or pod in it"
    assert str(Going("a", live("a"), secrets=None)) == "Secrets not counted (needs list secrets)"
    assert str(Going("a", live("a"), instances=tuple(f"i{number}" for number in range(12)))).endswith("i8, i9 and 2 more), 0 Secrets")
    assert FULL.shown()["claims"][0] == {"name": "data-db-0", "size": "8Gi"}


def test_its_name_is_asked_for():
    assert "shop of cluster local goes with all it holds: 2 instances (cache, db)" in obstacles(FULL)
    assert obstacles(FULL, ["shop"]) == ""
    assert "not in confirm" in obstacles(FULL, ["other"])
    empty = Going("shop", live())
    assert "no instance, claim, Secret or pod in it; its name is not in confirm" in obstacles(empty)
    assert obstacles(empty, always=False) == ""
    assert "not in confirm" in obstacles(Going("shop", live(), secrets=None), always=False), "what nobody could count may be anything"


def test_what_is_gone_or_going_needs_no_name():
    assert obstacles(Going("shop")) == "" == obstacles(Going("shop", live(deleted=True), ("db",)))


def test_what_belongs_to_others_stays():
    assert "belongs to project bank" in obstacles(Going("shop", live(project="bank")), ["shop"])
    assert "is no workspace" in obstacles(Going("shop", live(project="")), ["shop"])
    assert "is no workspace" in obstacles(Going("shop", live(project=""), recorded=True), ["shop"]), "an entry in a record is no right to a namespace"
    assert "protected instances (delete_policy refuse): db" in obstacles(Going("shop", live(), ("db",), protected=("db",)), ["shop"])


@pytest.mark.parametrize("owner", ["", "bank"])
@pytest.mark.parametrize("others", [[], ["empty"]])
def test_an_entry_for_a_namespace_of_others_goes_alone(monkeypatch, owner, others):
    """Who may write the record of a project could else have an administrator's run delete any namespace."""
    project = Project("retail", (), (("local", "shop"), *(("local", name) for name in others)))
    spaces = [live("shop", owner), *(live(name) for name in others)]
    kube = SimpleNamespace(list=lambda *_words, **_more: [])
    monkeypatch.setattr(_remove, "namespaces", lambda _kube, _only: spaces)
    monkeypatch.setattr(_remove.credentials, "listed", lambda *_words: [])
    ctx = Context()
    going = _remove.look(SimpleNamespace(kube=kube, home=None, cluster="local"), project, ["shop", *others], ctx)
    assert going[0] == Going("shop", recorded=True)
    assert _remove.actions(going[:1], project, "local") == ["take local/shop off Project retail"]
    assert [each.namespace is None for each in going[1:]] == [False] * len(others)
    assert len(ctx.warnings) == 1 and "The namespace shop of cluster local" in ctx.warnings[0] and "stays" in ctx.warnings[0]


def test_the_actions_of_a_removal():
    assert _remove.actions([FULL], RETAIL, "local") == [
        f"remove Namespace shop with {FULL}", "remove the credential of local/shop", "take local/shop off Project retail"]
    assert _remove.actions([Going("shop")], RETAIL, "local") == [] == _remove.actions([Going("shop", live(deleted=True))], RETAIL, "local")
