# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stuck states made by hand on a real cluster: named, cured where it is safe, and told why where nobody can."""

from __future__ import annotations

import pytest
from harness.ansible import instance
from harness.checks import good, until

pytestmark = pytest.mark.once


def test_what_was_deleted_by_hand(ansible, api, space):
    """The record, then the release, then a claim in use; a hook that never ends in between."""
    values = {"claim.enabled": True}

    def task(**more):
        return instance("one", space, package="tiny", **{"values": values, **more})

    good(ansible.play(task(description="kept by nobody")))
    claims, pods = api.claims(space), api.pods(space)
    record = f"/apis/operators.apusic.com/v1alpha1/namespaces/{space}/instances/one"

    api.delete(record)
    refused = ansible.play(task()).last
    assert refused.failed and "The record of" in refused.msg and "say recover: true" in refused.msg
    before = api.everything(space)
    said = good(ansible.play(task(recover=True), arguments=("--check",))).last["actions"]
    assert said == [f"record {space}/one again as revision 1", f"wait until {space}/one is ready, and record it"]
    assert api.everything(space) == before
    run = good(ansible.play(task(recover=True), task(recover=True), task()))
    assert run[0]["actions"] == said and not run[1].changed and not run[2].changed
    assert run[0]["instance"]["phase"] == "Ready" and run[0]["instance"]["ready_revision"] == 1
    assert api.helm(space) == {"one": [(1, "deployed")]} and api.pods(space) == pods

    api.delete(f"/api/v1/namespaces/{space}/secrets/sh.helm.release.v1.one.v1")
    run = good(ansible.play(task(), task()))
    assert run[0].changed and not run[1].changed
    assert api.helm(space) == {"one": [(1, "deployed")]} and api.pods(space) == pods and api.claims(space) == claims

    hook = f"/apis/batch/v1/namespaces/{space}/jobs/one-hook"
    failed = ansible.play(task(values={**values, "hookJob.enabled": True, "hookJob.seconds": 3000}, wait_timeout=2)).last
    assert failed.failed and api.get(hook)["status"].get("active")
    # Helm went back, and the newest revision has no hook: that Job is of the one before.
    run = good(ansible.play(task(recover=True), task(recover=True)))
    assert "delete Job one-hook, for which nobody waits" in run[0]["actions"] and not run[1].changed
    until("the Job to be gone", lambda: api.get(hook) is None)

    api.delete(f"/api/v1/namespaces/{space}/persistentvolumeclaims/one-data")
    told = good(ansible.play(task(recover=True))).last["warnings"]
    assert any("Claim one-data is being deleted, and is used by one-" in text and "back them up" in text for text in told)
    assert api.claims(space) == claims


def test_a_namespace_that_is_held(ansible, api, other_space):
    """What holds it is named, whoever asks; nobody's finalizer is taken away."""
    holder = f"/api/v1/namespaces/{other_space}/configmaps/held"
    api.create(f"/api/v1/namespaces/{other_space}/configmaps", {
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/keep"]}})
    api.delete(f"/api/v1/namespaces/{other_space}")
    try:
        until("the namespace to say what holds it", lambda: any(
            item["type"] == "NamespaceFinalizersRemaining" and item["status"] == "True"
            for item in api.get(f"/api/v1/namespaces/{other_space}")["status"].get("conditions", [])))
        for more in ({}, {"recover": True}):
            failed = ansible.play(instance("one", other_space, package="tiny", **more)).last
            assert failed.failed and "is being deleted, and is held" in failed.msg and "example.com/keep" in failed.msg
        assert api.get(holder)["metadata"]["finalizers"] == ["example.com/keep"]
    finally:
        api.patch(holder, {"metadata": {"finalizers": None}})
