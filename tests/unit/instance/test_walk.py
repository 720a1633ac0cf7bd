# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Upgrades by way of other versions."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import entries
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InstanceError, WaitError
from ansible_collections.acmp.middleware.plugins.module_utils.instance import _walk
from ansible_collections.acmp.middleware.plugins.module_utils.instance._desired import desired
from ansible_collections.acmp.middleware.plugins.module_utils.instance._plan import indirect, plan
from ansible_collections.acmp.middleware.plugins.module_utils.instance._think import Thought

from .test_plan import ask, entry, settled


def versions(*pairs):
    return [entry(version, **({"upgrade": {"replaces": before}} if before else {})) for version, before in pairs]


@pytest.fixture
def listed(monkeypatch):
    known = versions(("1.0.0", ""), ("1.1.0", "1.0.0"), ("1.2.0", "1.1.0"), ("2.0.0", "1.9.0"))
    monkeypatch.setattr(entries, "every", lambda _home, _name: known)
    return {one.spec["version"]: one for one in known}


def thought(listed, end, **more):
    seen = settled(desired(ask(), listed["1.0.0"], None))
    request = ask(version=end, **more)
    wanted = desired(request, listed[end], seen.spec)
    way = _walk.way(None, wanted, "1.0.0") if indirect(wanted, seen) else ()
    return request, Thought(wanted, plan(request, wanted, seen, way), seen, way)


def test_the_next_version_needs_no_way(listed):
    _request, found = thought(listed, "1.1.0")
    assert found.way == ()
    assert found.plan.actions == ("upgrade shop/orders from 1.0.0 to 1.1.0",)


def test_a_later_one_is_reached_through_those_between(listed):
    _request, found = thought(listed, "1.2.0")
    assert found.way == ("1.1.0",)
    assert found.plan.actions == ("upgrade shop/orders from 1.0.0 to 1.1.0", "upgrade shop/orders from 1.1.0 to 1.2.0")


def test_no_way_is_refused(listed):
    with pytest.raises(InstanceError, match="no listed versions lead there"):
        thought(listed, "2.0.0")


def test_each_step_is_waited_for_and_the_last_takes_the_values(listed):
    request, found = thought(listed, "1.2.0", values={"replicas": 2}, wait=False)
    asked = []

    def bring(step):
        asked.append((step.version, step.values, step.values_mode, step.wait))
        return {"actions": [f"upgrade to {step.version}"], "instance": {"version": step.version}}

    result = _walk.walk(bring, request, found, Context(env={}))
    assert asked == [("1.1.0", {}, "merge", True), ("1.2.0", {"replicas": 2}, "replace", False)]
    assert result["actions"] == ["upgrade to 1.1.0", "upgrade to 1.2.0"]
    assert result["instance"] == {"version": "1.2.0"}


def test_a_step_that_fails_says_where_the_instance_is(listed):
    request, found = thought(listed, "1.2.0")

    def bring(step):
        raise WaitError("it is not ready", todo="look at it")

    with pytest.raises(WaitError) as raised:
        _walk.walk(bring, request, found, Context(env={}))
    assert raised.value.todo == "look at it; shop/orders runs 1.0.0, on its way to 1.2.0"


def test_an_unknown_package_has_no_way(monkeypatch):
    monkeypatch.setattr(entries, "every", lambda _home, _name: [])
    wanted = SimpleNamespace(entry=entry("1.2.0"))
    assert _walk.way(None, wanted, "1.0.0") == ()
