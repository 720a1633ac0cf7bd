# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every stuck state of the closed list: seen where it is, not seen where it is not, and described in the documentation as the code has it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import DIGEST_LABEL, Head
from ansible_collections.acmp.middleware.plugins.module_utils.instance import stuck
from ansible_collections.acmp.middleware.plugins.module_utils.instance.repair import _recover
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import Request

ROOT = Path(__file__).resolve().parents[3]
NOW = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.timezone.utc)
LONG_AGO = "2026-01-01T11:00:00Z"
READY = {"spec": {"mode": "helm", "releaseName": "orders"}, "status": {"phase": "Ready", "helmRevision": 1, "readyRevision": 1}}


def head(status="deployed", revision=1, own=True):
    return Head(name="orders", namespace="shop", revision=revision, status=status, secret="s", labels={DIGEST_LABEL: "d" * 40} if own else {})


def lease(renewed, holder="alice/7 #ab"):
    return {"spec": {"holderIdentity": holder, "renewTime": renewed, "leaseDurationSeconds": 15}}


HELD = lease("2026-01-01T11:59:58.000000Z")


def facts(**more):
    known = {"record": READY, "heads": (head(),), "space": {"metadata": {"name": "shop"}}, "lease": {}, "pods": [], "claims": [], "jobs": [], "classes": []}
    return stuck.Facts("orders", "shop", NOW, **{**known, **more})


def phase(word, **more):
    return {**READY, "status": {**READY["status"], "phase": word, **more}}


def obj(name, deleted=None, **more):
    meta = {"name": name, "uid": name, **({"deletionTimestamp": deleted} if deleted else {}), **more.pop("metadata", {})}
    return {"metadata": meta, **more}


def pod(name, message="", **more):
    conditions = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}] if message else []
    spec = {"nodeName": "n1", "volumes": [{"persistentVolumeClaim": {"claimName": "data-orders-0"}}]}
    return {**obj(name, **more), "spec": spec, "status": {"conditions": conditions}}


SET = {"metadata": {"name": "orders", "uid": "set"}, "spec": {}, "status": {"updateRevision": "new"}}


def broken(revision, reason="ImagePullBackOff", ready="False"):
    meta = {"name": "orders-0", "uid": "p", "labels": {"controller-revision-hash": revision}, "ownerReferences": [{"uid": "set", "controller": True}]}
    status = {
        "phase": "Pending", "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [{"name": "c", "ready": False, "state": {"waiting": {"reason": reason}}}],
    }
    return {"metadata": meta, "spec": {}, "status": status}


SEEN = {
    "release-interrupted": [
        facts(heads=(head("pending-upgrade", 2),)), facts(heads=(head("pending-install"),)), facts(heads=(head("pending-rollback"),)),
    ],
    "uninstall-interrupted": [facts(heads=(head("uninstalling"),)), facts(heads=(head("uninstalled"),))],
    "first-install-failed": [facts(record=phase("Failed", readyRevision=0, lastError="no such image"))],
    "change-interrupted": [facts(record=phase(word)) for word in ("Deploying", "Changing", "Upgrading", "RollingBack")],
    "lease-left": [facts(lease=lease(LONG_AGO))],
    "release-gone": [facts(heads=())],
    "record-gone": [facts(record=None)],
    "job-endless": [facts(jobs=[obj("orders-hook", spec={}, status={"active": 1})])],
    "pod-outdated": [facts(sets=[SET], pods=[broken("old")]), facts(sets=[SET], pods=[broken("old", "CrashLoopBackOff")])],
    "namespace-ending": [facts(space=obj("shop", LONG_AGO, status={"conditions": [
        {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "x.example/keep in 1 resource instances"}]}))],
    "pod-ending": [facts(pods=[pod("orders-0", deleted=LONG_AGO)]),
                   facts(pods=[pod("orders-0", deleted=LONG_AGO, metadata={"finalizers": ["x.example/keep"]})])],
    "claim-ending": [facts(claims=[obj("data-orders-0", LONG_AGO)], pods=[pod("orders-0")]),
                     facts(claims=[obj("data-orders-0", LONG_AGO, metadata={"finalizers": ["x.example/keep"]})])],
    "claim-without-class": [facts(claims=[obj("data-orders-0", spec={"storageClassName": "fast"})], classes=[obj("slow")])],
    "claim-out-of-reach": [facts(pods=[pod("orders-0", "0/2 nodes are available: 2 node(s) had volume node affinity conflict.")]),
                           facts(pods=[pod("orders-0", "0/2 nodes are available: 2 node(s) had no available volume zone.")])],
}
NOT_SEEN = {
    "nothing": facts(), "nothing looked at": stuck.Facts("orders", "shop", NOW),
    "perhaps somebody at work": facts(lease=None, record=phase("Changing"), heads=(head("pending-upgrade"),), sets=[SET], pods=[broken("old")]),
    "somebody at work": facts(lease=HELD, record=phase("Changing"), heads=(head("pending-upgrade"),), jobs=[obj("orders-hook", spec={}, status={})], sets=[SET],
                              pods=[broken("old")]),
    "a release of somebody else": facts(record=None, heads=(head(own=False),)),
    "an instance in the recycle bin": facts(record=phase("Removed"), heads=()),
    "a pod that has just begun to end": facts(pods=[pod("orders-0", deleted="2026-01-01T11:59:30Z")]),
    "a Job that has ended": facts(jobs=[obj("orders-hook", spec={}, status={"conditions": [{"type": "Failed", "status": "True"}]})]),
    "a claim whose class went after it was bound": facts(claims=[obj("c", spec={"storageClassName": "fast", "volumeName": "v"})]),
    "classes that may not be listed": facts(claims=[obj("c", spec={"storageClassName": "fast"})], classes=None),
    "a broken pod of the present template": facts(sets=[SET], pods=[broken("new")]),
    "a pod that is starting": facts(sets=[SET], pods=[broken("old", "ContainerCreating")]),
    "a set that does not wait": facts(sets=[{**SET, "spec": {"podManagementPolicy": "Parallel"}}], pods=[broken("old")]),
}


@pytest.mark.parametrize(("name", "number"), [(name, number) for name, cases in SEEN.items() for number in range(len(cases))])
def test_seen(name, number):
    found = {state.kind.id: state for state in stuck.named(SEEN[name][number])}
    assert set(found) == {name}
    state = found[name]
    assert "orders" in state.sentence or "shop" in state.sentence
    assert state.todo and state.text.endswith(".")


def test_every_state_of_the_list_is_tried():
    assert set(SEEN) == set(stuck.KINDS) == set(stuck._LOOKS)


@pytest.mark.parametrize("name", list(NOT_SEEN))
def test_not_seen(name):
    assert stuck.named(NOT_SEEN[name]) == []


def test_what_holds_is_named():
    assert "x.example/keep" in stuck.named(SEEN["namespace-ending"][0])[0].sentence
    assert "used by orders-0" in stuck.named(SEEN["claim-ending"][0])[0].sentence
    assert "x.example/keep" in stuck.named(SEEN["claim-ending"][1])[0].sentence
    assert "node n1" in stuck.named(SEEN["pod-ending"][0])[0].sentence
    assert "alice/7" in stuck.named(SEEN["lease-left"][0])[0].sentence


def test_the_documentation_holds_the_list():
    assert stuck.table() in (ROOT / "docs" / "stuck-states.md").read_text()


# The record written again ---------------------------------------------------------------------------------------------------------------------

REQUEST = Request(name="orders", namespace="shop", project="retail")


def revision(number, digest, ready=True, **more):
    spec = {
        "instance": "orders", "revision": number, "package": "tiny", "version": "1.0.0", "type": "default", "document": "spec: {}", "digest": digest, **more,
    }
    return {"spec": spec, "status": {"ready": ready, "helmRevision": number}}


def labelled(digest, number=3):
    return (Head(name="orders", namespace="shop", revision=number, status="deployed", secret="s", labels={DIGEST_LABEL: digest[:40]}),)


def test_the_record_is_that_of_the_revision_that_runs():
    past = [revision(1, "a" * 64), revision(2, "b" * 64, configOverrides={"c": {"k": "t"}}), revision(3, "c" * 64, ready=False)]
    record = _recover.rebuilt(REQUEST, past, labelled("b" * 64, 7))
    assert record["spec"]["digest"] == "b" * 64 and record["spec"]["configOverrides"] == {"c": {"k": "t"}}
    assert record["spec"]["project"] == "retail" and record["spec"]["deletePolicy"] == "keep" and record["spec"]["releaseName"] == "orders"
    # Numbers go on, and a failed change goes back to the last revision that was ready.
    assert record["status"] == {
        "phase": "NotReady", "revision": 3, "helmRevision": 7, "readyRevision": 2, "readyHelmRevision": 2, "lastError": "", "operation": ""}


def test_of_an_unknown_digest_the_newest_ready_revision_is_taken():
    record = _recover.rebuilt(REQUEST, [revision(1, "a" * 64), revision(2, "b" * 64), revision(3, "c" * 64, ready=False)], labelled("x" * 64))
    assert record["spec"]["digest"] == "b" * 64


def test_without_revisions_or_release_there_is_no_record():
    assert _recover.rebuilt(REQUEST, [], labelled("a" * 64)) is None
    assert _recover.rebuilt(REQUEST, [revision(1, "a" * 64)], ()) is None
