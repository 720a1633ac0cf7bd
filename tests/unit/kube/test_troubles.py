# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.kube import _owners, _report, troubles
from hypothesis import given, settings
from hypothesis import strategies as st

NOW = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.timezone.utc)


def pod(*containers, name="db-0", owner=None, labels=None, **status):
    meta = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "labels": labels or {}}
    if owner:
        meta["ownerReferences"] = [owner]
    return {"kind": "Pod", "metadata": meta, "status": {"phase": "Pending", "containerStatuses": list(containers), **status}}


def waiting(reason, message="", **more):
    return {"name": "main", "image": "r.example/a:1", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": reason, "message": message}}, **more}


def ended(code=1, **more):
    return {"terminated": {"exitCode": code, "finishedAt": "2026-05-01T11:59:00Z", **more}}


def event(uid, reason, message, minutes=1, kind="Warning"):
    time = (NOW - datetime.timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    return {"involvedObject": {"uid": uid}, "reason": reason, "message": message, "lastTimestamp": time, "type": kind}


def find(pods=(), events=(), claims=(), replicasets=(), statefulsets=(), others=()):
    return troubles.find(pods, events, claims, replicasets, statefulsets, NOW, others)


CRASH = {"state": {"waiting": {"reason": "CrashLoopBackOff"}}, "lastState": ended()}
RUNS = {"name": "main", "ready": False, "state": {"running": {}}, "lastState": ended()}
UNSCHEDULABLE = {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes: cpu. preemption: none"}]}
PODS = [
    ("no such image", pod(waiting("ErrImagePull", "manifest not found")), "ImagePullBackOff", 20.0, "cannot pull image r.example/a:1: there is no such image"),
    ("the same a moment later", pod(waiting("ImagePullBackOff", "Back-off")), "ImagePullBackOff", 20.0, "cannot pull"),
    ("bad image name", pod(waiting("InvalidImageName", "couldn't parse")), "InvalidImageName", 0.0, "r.example/a:1"),
    ("missing config", pod(waiting("CreateContainerConfigError", 'secret "x" not found')), "CreateContainerConfigError", 15.0, 'secret "x" not found'),
    ("first crash", pod({"name": "main", "ready": False, "restartCount": 0, "state": ended(3)}), "Crashed", None, "exit code 3"),
    ("crash loop", pod({"name": "main", "restartCount": 1, **CRASH}), "CrashLoopBackOff", 20.0, "exit code 1, 1 restart"),
    ("third restart", pod({"name": "main", "restartCount": 3, **CRASH}), "CrashLoopBackOff", 0.0, "3 restarts"),
    ("runs again", pod({**RUNS, "restartCount": 1}), "Crashed", None, "crashes"),
    ("runs again after a long history", pod({**RUNS, "restartCount": 50}), "Crashed", None, "crashes"),
    ("out of memory", pod({**RUNS, "restartCount": 1, "lastState": ended(137, reason="OOMKilled")}), "OOMKilled", None, "its limit is too low"),
    ("crashing init container", pod(initContainerStatuses=[{"name": "init", "restartCount": 1, **CRASH}]), "CrashLoopBackOff", 20.0, "container init"),
    ("unschedulable", pod(**UNSCHEDULABLE), "Unschedulable", 60.0, "0/3 nodes: cpu."),
    ("not ready", pod({"name": "main", "ready": False, "restartCount": 0, "state": {"running": {}}}, phase="Running", conditions=[
        {"type": "Ready", "status": "False"}]), "NotReady", None, "not ready yet"),
]


@pytest.mark.parametrize(("given_pod", "reason", "fatal", "words"), [row[1:] for row in PODS], ids=[row[0] for row in PODS])
def test_a_pod(given_pod, reason, fatal, words):
    [trouble] = find([given_pod])
    assert (trouble.reason, trouble.fatal_after, trouble.object, trouble.namespace) == (reason, fatal, "pod db-0", "shop")
    assert words in trouble.message


@pytest.mark.parametrize("given_pod", [
    pod({"name": "main", "ready": True, "restartCount": 9, "state": {"running": {}}, "lastState": ended()}, phase="Running"),
    pod(waiting("ContainerCreating")), pod(phase="Succeeded"), pod(), {**pod(waiting("InvalidImageName")), "metadata": {"deletionTimestamp": "x"}},
])
def test_no_trouble(given_pod):
    assert find([given_pod]) == []


def test_a_growing_cluster_is_waited_for():
    [trouble] = find([pod(**UNSCHEDULABLE)], [event("uid-db-0", "TriggeredScaleUp", "1->2", kind="Normal")])
    assert trouble.fatal_after is None


def test_a_mount_that_fails():
    events = [event("uid-db-0", "FailedMount", 'MountVolume.SetUp failed for volume "c" : secret "s" not found'), event("other", "FailedMount", "x")]
    [trouble] = find([pod(waiting("ContainerCreating"))], events)
    assert (trouble.reason, trouble.message) == ("FailedMount", 'volume "c" : secret "s" not found')


def test_pods_that_an_upgrade_replaces_are_no_trouble():
    def replicaset(revision):
        return {"kind": "ReplicaSet", "metadata": {"uid": f"rs{revision}", "annotations": {"deployment.kubernetes.io/revision": str(revision)},
                "ownerReferences": [{"kind": "Deployment", "uid": "d"}]}, "spec": {"replicas": 1}, "status": {"replicas": 1}}
    broken = waiting("InvalidImageName")
    pods = [pod(broken, name="old", owner={"uid": "rs9"}), pod(broken, name="new", owner={"uid": "rs10"})]
    assert [trouble.object for trouble in find(pods, replicasets=[replicaset(9), replicaset(10)])] == ["pod new"]


def test_pods_of_an_old_revision_have_more_time():
    sts = {"kind": "StatefulSet", "metadata": {"uid": "s"}, "spec": {"replicas": 1}, "status": {"replicas": 1, "updateRevision": "b"}}
    old, new = (pod(waiting("InvalidImageName"), name=rev, owner={"uid": "s"}, labels={"controller-revision-hash": rev}) for rev in "ab")
    assert {trouble.object: trouble.fatal_after for trouble in find([old, new], statefulsets=[sts])} == {"pod a": 30.0, "pod b": 0.0}


CLAIM = {"kind": "PersistentVolumeClaim", "metadata": {"name": "data-db-0", "uid": "c"}, "spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}}


@pytest.mark.parametrize(("events", "reason", "fatal", "words"), [
    ([event("c", "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')], "NoStorageClass", 15.0, 'pvc data-db-0 (no storage class "fast")'),
    ([event("c", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")], "NoStorageClass", 15.0, "no default one"),
    ([event("c", "FailedBinding", "no volume fits")], "Unbound", 60.0, "no volume fits"),
    ([event("c", "ProvisioningFailed", "disk full")], "ProvisioningFailed", 60.0, "disk full"),
    ([], "Unbound", None, 'not bound yet (storage class "fast")'),
])
def test_a_claim(events, reason, fatal, words):
    [trouble] = find(claims=[CLAIM], events=events)
    assert (trouble.reason, trouble.fatal_after) == (reason, fatal) and words in trouble.short


def test_a_claim_that_waits_for_its_pod_or_is_bound_is_no_trouble():
    assert find(claims=[CLAIM], events=[event("c", "WaitForFirstConsumer", "waiting for first consumer")]) == []
    assert find(claims=[{**CLAIM, "status": {"phase": "Bound"}}]) == []


QUOTA = 'create Pod db-1 in StatefulSet db failed error: pods "db-1" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'


def test_what_a_controller_may_not_create():
    sts = {"kind": "StatefulSet", "metadata": {"name": "db", "uid": "s"}, "spec": {"replicas": 2}, "status": {"replicas": 1}}
    [trouble] = find(statefulsets=[sts], events=[event("s", "FailedCreate", QUOTA)])
    assert (trouble.object, trouble.reason, trouble.fatal_after) == ("statefulset db", "Quota", 15.0) and trouble.message.startswith('pods "db-1" is forbidden')
    assert find(statefulsets=[{**sts, "status": {"replicas": 2}}], events=[event("s", "FailedCreate", QUOTA)]) == []
    assert find(statefulsets=[sts], events=[event("s", "FailedCreate", QUOTA, minutes=40)]) == []
    refused = {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": 'pods "a" is forbidden: violates PodSecurity "restricted"'}]}
    [trouble] = find(replicasets=[{"kind": "ReplicaSet", "metadata": {"name": "a", "uid": "r"}, "spec": {"replicas": 1}, "status": refused}])
    assert trouble.reason == "Forbidden" and trouble.fatal_after == 15.0


def test_a_failed_job():
    job = {"kind": "Job", "metadata": {"name": "j", "uid": "j"}, "status": {"conditions": [
        {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}]}}
    [trouble] = find(others=[job])
    assert (trouble.reason, trouble.fatal_after, trouble.object) == ("JobFailed", 0.0, "job j") and "BackoffLimitExceeded" in trouble.message


def test_the_soonest_fatal_comes_first():
    found = find([pod({**RUNS, "restartCount": 1}, name="a"), pod(waiting("ErrImagePull"), name="b"), pod(waiting("InvalidImageName"), name="c")])
    assert [trouble.object for trouble in found] == ["pod c", "pod b", "pod a"]


STS = {"kind": "StatefulSet", "metadata": {"name": "db", "uid": "s"}, "spec": {
    "replicas": 2, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}, "status": {"replicas": 1, "updateRevision": "b"}}
RS = {"kind": "ReplicaSet", "metadata": {"uid": "r", "annotations": {"deployment.kubernetes.io/revision": "3"}, "ownerReferences": [
    {"kind": "Deployment", "uid": "d"}]}, "status": {"conditions": [{"type": "ReplicaFailure", "status": "True", "message": "no"}]}}
SAMPLES = [*(row[1] for row in PODS), {**PODS[5][1], "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "c1"}}]}}, CLAIM, STS, RS,
           event("s", "FailedCreate", QUOTA), event("c", "ProvisioningFailed", "x")]
ODD = [None, 5, -1, True, "x", "", [], {}, [1], [None], ["x"], {"a": 1}, [[]], [{}], 1.5]


def places(value, path=()):
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def changed(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(copy[path[0]], path[1:], new)
    return copy


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_shape_raises(data):
    """Every part of a real object may be missing or of any type."""
    objects = []
    for sample in SAMPLES:
        path = data.draw(st.sampled_from(list(places(sample))[1:]))
        objects.append(changed(sample, path, data.draw(st.sampled_from(ODD))))
    pods, rest = objects[:len(PODS) + 1], objects[len(PODS) + 1:]
    for trouble in find(pods, rest[3:], rest[:1], rest[2:3], rest[1:2], rest[:3]):
        assert trouble.reason in troubles.FATAL_AFTER and trouble.message
    _owners.family(rest[1:2], rest[2:3], pods, rest[:1], rest[3:], ["x"])


def meta(uid, name="", owner=None, **more):
    return {"metadata": {"uid": uid, "name": name or uid, **({"ownerReferences": [{"uid": owner}]} if owner else {}), **more}}


def test_who_belongs_to_whom():
    deployment, other = {"kind": "Deployment", **meta("d")}, {"kind": "Deployment", **meta("o")}
    middles = [{"kind": "ReplicaSet", **meta("r", owner="d")}, {"kind": "ReplicaSet", **meta("ro", owner="o")}, other]
    pods = [{**meta("p", owner="r"), "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "c1"}}]}}, meta("po", owner="ro"), meta("alone")]
    events = [{"involvedObject": {"uid": uid}} for uid in ("p", "po", "r", "d")]
    family = _owners.family([deployment], middles, pods, [meta("c1"), meta("c2")], events)
    assert [each["metadata"]["uid"] for each in family.pods] == ["p"] and [each["metadata"]["uid"] for each in family.claims] == ["c1"]
    assert len(family.events) == 3 and {each["metadata"]["uid"] for each in family.owners} == {"d", "r"}


def test_claims_of_a_stateful_set_that_has_no_pods_yet_and_pods_of_an_operator():
    sts = {"kind": "StatefulSet", **meta("s", "db"), "spec": {"replicas": 2, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}
    family = _owners.family([sts], [], [], [meta("1", "data-db-1"), meta("2", "data-db-2")], [])
    assert [each["metadata"]["name"] for each in family.claims] == ["data-db-1"]
    labelled = meta("p", labels={"app.kubernetes.io/instance": "orders"})
    assert _owners.family([meta("cr", "orders")], [], [labelled, meta("q")], [], [], ["orders"]).pods == [labelled]


@pytest.mark.parametrize(("line", "hidden", "kept"), [
    ("POSTGRES_PASSWORD=geheim123 HOST=db", "geheim123", "HOST=db"), ('{"token": "abc.def", "a": 1}', "abc.def", '"a": 1'),
    ("connect postgres://u:pw123@db:5432/x", "pw123", "@db:5432/x"), ("api-key: k-1-2", "k-1-2", "api-key"),
    ("ERROR password authentication failed", "", "failed"),
])
def test_log_lines_are_scrubbed(line, hidden, kept):
    shown = _report.scrub(line)
    assert (not hidden or hidden not in shown) and kept in shown


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59.9, "59s"), (70, "1m10s"), (3600, "1h00m"), (7500, "2h05m")])
def test_spans(seconds, text):
    assert _report.span(seconds) == text


def test_a_crash_loop_is_one_trouble_through_its_back_offs_and_short_runs():
    kinds = [troubles.Trouble("pod a-0", reason, "", container="redis", uid="u") for reason in ("CrashLoopBackOff", "Crashed", "OOMKilled")]
    assert len({trouble.key for trouble in kinds}) == 1
    assert troubles.Trouble("pod a-0", "ImagePullBackOff", "", container="redis", uid="u").key != kinds[0].key
