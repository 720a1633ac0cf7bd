# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster as it is shown: live, recorded, or down with what was known last."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _view

NOW = datetime.datetime(2026, 1, 10, tzinfo=datetime.timezone.utc)
STATUS = {
    "phase": "Ready", "observedAt": "2026-01-09T23:00:00Z", "version": "v1.35.0", "nodes": {"ready": 1, "total": 1}, "capacity": {"cpu": {"free": "1"}},
    "storageClasses": [{"name": "fast", "default": True, "expansion": True, "provisioner": "p", "reclaimPolicy": "Delete", "bindingMode": "Immediate"}],
    "instances": {"count": 1, "names": ["shop/db"], "observedAt": "2026-01-09T23:00:00Z"},
    "credential": {"kind": "token", "issuedAt": "2026-01-01T00:00:00Z", "expiresAt": "2026-01-31T00:00:00Z"},
}


def record(name="east", status=None, **spec):
    return {"metadata": {"name": name, "creationTimestamp": "2026-01-01T00:00:00Z"}, "spec": {"credential": {"kind": "service_account"}, **spec},
            "status": STATUS if status is None else status}


def test_what_is_recorded_has_an_age():
    found = _view.shown(record(owner="ops", registeredAt="2026-01-02T00:00:00Z"), None, NOW)
    assert (found["live"], found["age"], found["observed_at"], found["owner"], found["created_at"]) == (
        False, 3600, "2026-01-09T23:00:00Z", "ops", "2026-01-02T00:00:00Z")
    assert found["storage_classes"] == [
        {"name": "fast", "default": True, "expansion": True, "provisioner": "p", "reclaim_policy": "Delete", "binding_mode": "Immediate"}]
    assert found["instances"]["names"] == ["shop/db"] and found["credential"]["days_left"] == 21


def test_what_is_measured_comes_before_what_is_recorded():
    found = _view.shown(record(), {**STATUS, "observedAt": "2026-01-10T00:00:00Z", "version": "v1.36.0"}, NOW)
    assert found["live"] and found["age"] == 0 and found["version"] == "v1.36.0"


def test_one_that_is_down_shows_what_was_known_last():
    found = _view.shown(record(), {"phase": "Unreachable", "message": "no answer"}, NOW)
    assert (found["phase"], found["message"], found["live"], found["age"], found["version"]) == ("Unreachable", "no answer", False, 3600, "v1.35.0")


def test_one_that_was_never_measured():
    found = _view.shown(record(status={}), None, NOW)
    assert (found["phase"], found["age"], found["resources"], found["instances"]["count"]) == ("Unknown", None, {}, None)
    assert found["network_policy"]["enforced"] == "unknown" and found["credential"]["warning"] == ""


@pytest.mark.parametrize(("kind", "issued", "expires", "warning"), [
    ("given", None, "2026-01-20T00:00:00Z", "ends in 10 days (2026-01-20T00:00:00Z)"), ("given", None, "2026-01-24T00:00:01Z", ""),
    ("given", None, "2026-01-10T00:30:00Z", "ends in 30 minutes (2026-01-10T00:30:00Z)"),
    ("given", None, "2026-01-09T00:00:00Z", "ended 24 hours ago (2026-01-09T00:00:00Z)"),
    # Renewed by itself: spoken of only when that seems not to happen.
    ("service_account", "2025-12-22T00:00:00Z", "2026-01-21T00:00:00Z", ""),
    ("service_account", "2025-12-15T00:00:00Z", "2026-01-14T00:00:00Z", "ends in 4 days (2026-01-14T00:00:00Z)"),
    ("service_account", "2026-01-09T23:55:00Z", "2026-01-10T00:05:00Z", ""), ("given", None, None, ""),
])
def test_a_credential_that_ends_soon_is_warned_of(kind, issued, expires, warning):
    found = _view.shown(record(status={"credential": {"kind": "token", "issuedAt": issued, "expiresAt": expires}}, credential={"kind": kind}), None, NOW)
    assert found["credential"]["warning"] == warning and found["credential"]["kind"] == kind


def test_the_local_cluster_is_reached_by_the_caller():
    assert _view.shown(record("local"), None, NOW)["credential"]["kind"] == "caller"


def test_a_table_for_people():
    resources = {"cpu": {"requested": "7500m", "allocatable": "12"}, "memory": {"requested": None, "allocatable": "48Gi"}, "storage": {"requested": "1536Mi"}}
    up = _view.shown(record(owner="ops"), {**STATUS, "observedAt": "2026-01-10T00:00:00Z", "capacity": resources}, NOW)
    down = _view.shown(record("west", status={**STATUS, "capacity": {}}), {"phase": "Unreachable", "message": "no answer"}, NOW)
    never = _view.shown(record("new", status={}), None, NOW)
    lines = _view.table([up, down, never])
    assert lines[0].split() == ["CLUSTER", "PHASE", "VERSION", "NODES", "CPU", "MEMORY", "PODS", "STORAGE", "INSTANCES", "CREDENTIAL", "OWNER"]
    assert " ".join(lines[1].split()) == "east Ready v1.35.0 1/1 7.5 of 12 ? of 48 Gi 1.5 Gi 1 in 21 days ops"
    assert lines[2].startswith("west") and "Unreachable" in lines[2] and lines[3:5] == ["    no answer", "    as of 60 minutes ago"]
    assert lines[5].split() == ["new", "Unknown"] and len(lines) == 6


def test_the_token_of_a_login_is_not_warned_of():
    status = {**STATUS, "credential": {"kind": "token", "expiresAt": "2026-01-10T00:05:00Z"}}
    assert _view.shown(record("local"), status, NOW)["credential"]["warning"] == ""
    status["credential"]["kind"] = "certificate"
    assert _view.shown(record("local"), status, NOW)["credential"]["warning"] == "ends in 5 minutes (2026-01-10T00:05:00Z)"


def test_the_table_and_the_warning_say_the_same():
    status = {**STATUS, "credential": {"kind": "certificate", "expiresAt": "2026-01-10T00:59:59Z"}, "capacity": {"cpu": {"allocatable": "2"}}}
    lines = _view.table([_view.shown(record(credential={"kind": "given"}), status, NOW)])
    # Nobody might list pods when this was recorded.
    assert "? of 2" in lines[1]
    assert "in 59 minutes" in lines[1] and "in 59 minutes" in lines[-1]


def test_what_a_cluster_says_cannot_move_the_terminal():
    """Version and message are the cluster's own words, and managers write the others."""
    said = {**STATUS, "version": "v1\x1b[2J", "message": "a\nb\x9bc"}
    lines = _view.table([_view.shown(record(owner="me\u202e"), said, NOW)])
    assert all(text.isprintable() for text in lines) and "v1?[2J" in lines[1] and "me?" in lines[1] and "    a b?c" in lines
