# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watching an instance: what is told, and when it ends."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, InputError
from ansible_collections.acmp.middleware.plugins.module_utils.look import instances, watch

from . import samples


def watched(looks: list, monkeypatch, seconds: int = 60) -> tuple[dict, list[str], Context]:
    """A watch whose looks find these one after the other; each takes ten seconds."""
    time, told = iter(range(0, 10_000, 10)), []
    ctx = Context(clock=lambda: next(time), progress=told.append)
    monkeypatch.setattr(ctx.stopping, "wait", lambda _seconds: False)

    def info(*_words):
        found = looks.pop(0) if len(looks) > 1 else looks[0]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(instances, "info", info)
    return watch.watch({}, None, {"name": "one-001", "namespace": "shop", "watch": seconds}, ctx), [line[10:] for line in told], ctx


def test_only_what_changes_is_told_until_it_is_ready(monkeypatch):
    late = samples.instance(1, "Deploying", events=[])
    looks = [[], [late], [late], ConnectionFailed("Nobody listens"), [late], [samples.instance(1, events=[])]]
    found, told, _ctx = watched(looks, monkeypatch, 600)
    assert found["settled"] and told == [
        "instance: is not there", "Deployment one-001: 0/1 READY, 1 UP-TO-DATE, 0 AVAILABLE", "Pod one-001-677bcf577c-abcde: CrashLoopBackOff 0/1",
        "one-001: Deploying, revision 2: not ready within 300 s ", "cluster: Nobody listens", "Deployment one-001: 1/1 READY, 1 UP-TO-DATE, 1 AVAILABLE",
        "Pod one-001-677bcf577c-abcde: Running 1/1", "one-001: Ready, revision 2"]


def test_of_events_steps_and_warnings_are_told_once_and_old_ones_never():
    base = {"object": "Pod/a", "type": "Warning", "source": "kubelet", "message": "failed"}
    told = [
        {**base, "time": "2026-01-31T12:00:05Z"}, {**base, "time": samples.BEGAN, "message": "old"},
        {**base, "type": "Normal", "message": "pulled", "time": "2026-01-31T12:00:06Z"},
    ]
    found = [text for key, text in watch.facts(samples.instance(events=told), "2026-01-31T12:00:01Z").items() if key[0] == "event"]
    assert found == ["Pod/a: failed"]
    later = watch.facts(samples.instance(events=[{**told[0], "time": "2026-01-31T12:00:09Z"}]))
    assert watch.changes(watch.facts(samples.instance(events=told[:1])), later) == []


@pytest.mark.parametrize(("phase", "settled"), [("Ready", True), ("Failed", False), ("Removed", False)])
def test_it_ends_where_nothing_more_is_to_come(phase, settled, monkeypatch):
    found, _told, ctx = watched([[samples.instance(1, phase)]], monkeypatch)
    assert found["settled"] is settled and ctx.clock() <= 30


def test_it_ends_when_the_time_is_over(monkeypatch):
    found, told, ctx = watched([[samples.instance(1, "Deploying")]], monkeypatch)
    assert not found["settled"] and ctx.clock() <= 100 and len(told) < 10


@pytest.mark.parametrize(("name", "namespace", "seconds"), [("", "a", 5), ("a", None, 5), ("a", "a", 0)])
def test_a_watch_that_cannot_be_meant(name, namespace, seconds):
    with pytest.raises(InputError):
        watch.watch({}, None, {"name": name, "namespace": namespace, "watch": seconds}, Context())
