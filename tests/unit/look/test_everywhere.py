# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at many clusters: in order, side by side, and none of them hides or delays the others."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, ConnectionFailed
from ansible_collections.acmp.middleware.plugins.module_utils.look import _everywhere


@pytest.fixture
def clusters(monkeypatch):
    """{name: what its /version does}; the records come in no order."""
    behaviour: dict = {}
    home = SimpleNamespace(
        list=lambda *_kind: [{"metadata": {"name": name}} for name in behaviour],
        get=lambda *_words: {"data": {"names": "shop/db shop/web"}},
    )
    monkeypatch.setattr(_everywhere, "connect", lambda *_arguments: home)

    def of_record(_home, record, _ctx, _seconds):
        name = record["metadata"]["name"]
        return SimpleNamespace(cluster=name, kube=SimpleNamespace(raw=lambda *_words, **_options: behaviour[name]()))

    monkeypatch.setattr(_everywhere.reach, "of_record", of_record)
    return behaviour


def fine():
    return None


def test_one_that_answers_for_ever_holds_nobody(clusters, monkeypatch):
    clusters.update(local=fine, east=fine)
    monkeypatch.setattr(_everywhere, "MOST_SECONDS", 0.2)
    ctx, end = Context(), threading.Event()
    found = _everywhere.look({}, None, {}, ctx, lambda place, _query: [{"cluster": place.cluster}] if place.cluster == "local" else end.wait(30))
    end.set()
    assert found == [{"cluster": "local"}] and "east" in ctx.warnings[0] and "does not come to an end" in ctx.warnings[0]


def test_a_member_looks_by_the_credential_of_the_workspace(clusters, monkeypatch):
    """No program is run for it: who may write that Secret would run it on the machine of who looks."""
    clusters.update(east=fine)
    kube = SimpleNamespace(raw=lambda *_words, **_options: None)
    monkeypatch.setattr(_everywhere.credentials, "read", lambda _home, *place: {"users": place})
    monkeypatch.setattr(_everywhere.reach, "to_cluster", lambda config, _ctx, _seconds, cluster: SimpleNamespace(**vars(kube), config=config))
    query = {"namespace": "shop", "project": "retail"}
    found = _everywhere.look({}, None, query, Context(), lambda place, asked: [(place.cluster, place.kube.config, asked)])
    assert found == [("east", {"users": ("retail", "east", "shop")}, query)]


def test_what_was_known_last_of_one_that_is_down(clusters):
    clusters.update(local=fine, east=down)
    ctx = Context()
    _everywhere.look({}, None, {}, ctx, lambda _place, _query: [])
    assert ctx.warnings[0].endswith("Known there last: shop/db, shop/web")


def down():
    raise ConnectionFailed("Nobody listens")


def at(place, _query):
    return [{"cluster": place.cluster}]


def look(ctx):
    return [item["cluster"] for item in _everywhere.look({}, None, {}, ctx, at)]


def test_the_local_one_comes_first(clusters):
    clusters.update(west=fine, local=fine, east=fine)
    assert look(Context()) == ["local", "east", "west"]


def test_one_that_is_down_is_named_and_hides_no_other(clusters):
    clusters.update(local=fine, east=down, west=fine)
    ctx = Context()
    assert look(ctx) == ["local", "west"]
    assert len(ctx.warnings) == 1 and "east" in ctx.warnings[0] and "Nobody listens" in ctx.warnings[0]


def test_one_that_hangs_is_left_behind(clusters, monkeypatch):
    monkeypatch.setattr(_everywhere, "SECONDS", 0.2)
    released = threading.Event()
    clusters.update(local=fine, east=lambda: released.wait(20), west=lambda: released.wait(20))
    ctx, began = Context(), time.monotonic()
    assert look(ctx) == ["local"]
    assert time.monotonic() - began < 2
    assert len(ctx.warnings) == 2
    released.set()


def test_where_none_can_be_looked_at_it_fails(clusters):
    clusters.update(local=down, east=down)
    with pytest.raises(ConnectionFailed):
        look(Context())


def test_a_defect_in_a_thread_is_told(clusters):
    clusters.update(local=fine, east=lambda: 1 / 0)
    ctx = Context()
    assert look(ctx) == ["local"]
    assert "defect" in ctx.warnings[0]


def test_what_fails_after_the_answer_is_told_too(clusters):
    clusters.update(local=fine, east=fine)

    def half(place, query):
        if place.cluster == "east":
            raise AcmpError("It forbids the rest")
        return at(place, query)

    ctx = Context()
    assert len(_everywhere.look({}, None, {}, ctx, half)) == 1
    assert "forbids" in ctx.warnings[0]
