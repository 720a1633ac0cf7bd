# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting for real pods that come up, do not come up, and come up while the network misbehaves."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Interrupted, WaitError
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect
from ansible_collections.acmp.middleware.plugins.module_utils.kube.wait import wait_ready

from .conftest import SHELL, TINY


def refused(kube, namespace, ctx, obj, timeout=60.0):
    kube.apply(obj)
    start = time.monotonic()
    with pytest.raises(WaitError) as caught:
        wait_ready(kube, [obj], namespace, timeout, ctx)
    return caught.value, time.monotonic() - start


def test_pods_become_ready_and_then_cost_one_request(kube, namespace, ctx, pods):
    objects = [pods.workload("Deployment", "web", TINY, 2), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": namespace}}]
    for obj in objects:
        kube.apply(obj)
    waited = wait_ready(kube, objects, namespace, 60, ctx)
    assert all(state["ready"] for state in waited.states) and waited.states[0]["summary"] == "2/2 ready"
    kube.requests.clear()
    assert wait_ready(kube, objects, namespace, 60, ctx).seconds < 2.0
    assert ("GET", f"/api/v1/namespaces/{namespace}/pods") not in kube.requests and len(kube.requests) <= 2


def test_a_stateful_set_with_its_claim(kube, namespace, ctx, pods):
    sts = pods.workload("StatefulSet", "db", TINY, 2, {"serviceName": "db", "volumeClaimTemplates": [
        {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}}]},
        volumeMounts=[{"name": "data", "mountPath": "/data"}])
    kube.apply(sts)
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "lone", "namespace": namespace},
             "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}}
    kube.apply(claim)
    # Nobody uses the second claim: it waits for its first consumer and that is fine.
    assert wait_ready(kube, [sts, claim], namespace, 90, ctx).states[0]["summary"] == "2/2 ready"


def test_no_such_image(kube, namespace, ctx, pods):
    error, seconds = refused(kube, namespace, ctx, pods.workload("Deployment", "web", "no.such.registry.invalid/no/such:1"))
    problem = error.details["problems"][0]
    assert problem["reason"] == "ImagePullBackOff" and problem["object"].startswith("pod web-") and 20 <= seconds < 50
    assert "registry" in error.todo and any("waiting: pod web-" in line for line in ctx.lines)


def test_an_invalid_image_name_ends_at_once(kube, namespace, ctx, pods):
    error, seconds = refused(kube, namespace, ctx, pods.workload("Deployment", "web", "Not A Name"))
    assert error.details["problems"][0]["reason"] == "InvalidImageName" and seconds < 15


def test_a_crash_comes_with_its_log_and_without_its_secrets(kube, namespace, ctx, pods):
    ctx.secrets.add("registered-one")
    script = "echo POSTGRES_PASSWORD=guessed-one; echo x registered-one; echo boom; sleep 0.3; exit 3"
    error, _seconds = refused(kube, namespace, ctx, pods.workload("Deployment", "web", SHELL, command=["sh", "-c", script]), 120)
    problem = error.details["problems"][0]
    assert problem["reason"] == "CrashLoopBackOff" and "exit code 3" in problem["message"] and problem["log"][-1] == "boom"
    assert "guessed-one" not in str(error.to_result()) and "registered-one" not in str(error.to_result())


def test_a_failed_job_ends_at_once_with_its_log(kube, namespace, ctx, pods):
    error, seconds = refused(kube, namespace, ctx, pods.job("seed", "echo no schema; exit 4"))
    assert error.details["problems"][0]["reason"] == "JobFailed" and seconds < 30
    assert any(problem.get("log") == ["no schema"] for problem in error.details["problems"])


def test_a_finished_job_is_ready(kube, namespace, ctx, pods):
    job = pods.job("seed", "true")
    kube.apply(job)
    assert wait_ready(kube, [job], namespace, 60, ctx).states[0]["reason"] == "Complete"


def test_a_missing_secret(kube, namespace, ctx, pods):
    env = [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "not-there", "key": "p"}}}]
    error, seconds = refused(kube, namespace, ctx, pods.workload("Deployment", "web", TINY, env=env))
    assert error.details["problems"][0]["reason"] == "CreateContainerConfigError" and "not-there" in error.message and 15 <= seconds < 40


def test_a_quota(kube, namespace, ctx, pods):
    kube.apply({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": namespace}, "spec": {"hard": {"pods": "1"}}})
    time.sleep(1)
    error, seconds = refused(kube, namespace, ctx, pods.workload("Deployment", "web", TINY, 2))
    assert error.details["problems"][0]["reason"] == "Quota" and "exceeded quota" in error.message and 15 <= seconds < 40


def test_a_storage_class_nobody_has(kube, namespace, ctx, pods):
    sts = pods.workload("StatefulSet", "db", TINY, 1, {"serviceName": "db", "volumeClaimTemplates": [
        {"metadata": {"name": "data"}, "spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Mi"}}}}]})
    error, seconds = refused(kube, namespace, ctx, sts)
    assert error.details["problems"][0] == {"object": "pvc data-db-0", "reason": "NoStorageClass", "message": 'no storage class "fast"'}
    assert 15 <= seconds < 40 and any('db  0/1 ready' in line and 'waiting: pvc data-db-0 (no storage class "fast")' in line for line in ctx.lines)


def test_too_much_for_every_node_ends_at_the_time_out(kube, namespace, ctx, pods):
    error, seconds = refused(kube, namespace, ctx, pods.workload("Deployment", "web", TINY, resources={"requests": {"cpu": "5000"}}), 8)
    assert error.details["problems"][0]["reason"] == "Unschedulable" and error.details["timedOut"] and 8 <= seconds < 12


def test_what_is_not_there(kube, namespace, ctx):
    start = time.monotonic()
    with pytest.raises(WaitError, match="does not exist"):
        wait_ready(kube, [{"apiVersion": "v1", "kind": "Pod", "name": "nope"}], namespace, 3, ctx)
    assert time.monotonic() - start < 5


def test_the_callers_own_check(kube, namespace, ctx, pods):
    job = pods.job("seed", "true")
    kube.apply(job)
    seen = []

    def check(live):
        seen.append(live[0]["kind"])
        return "no primary yet" if len(seen) < 3 else None
    wait_ready(kube, [job], namespace, 60, ctx, check=check)
    assert seen == ["Job"] * 3
    with pytest.raises(WaitError, match="no primary yet"):
        wait_ready(kube, [job], namespace, 2, ctx, check=lambda live: "no primary yet")


def test_stopping_ends_it(kube, namespace, ctx):
    threading.Timer(1.0, ctx.stopping.set).start()
    start = time.monotonic()
    with pytest.raises(Interrupted):
        wait_ready(kube, [{"apiVersion": "v1", "kind": "Pod", "name": "nope"}], namespace, 60, ctx)
    assert time.monotonic() - start < 3


def test_no_thread_is_left(kube, namespace, ctx):
    with pytest.raises(WaitError):
        wait_ready(kube, [{"apiVersion": "v1", "kind": "Pod", "name": "nope"}], namespace, 2, ctx)
    time.sleep(0.5)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("acmp-")]


def test_cut_watches_and_refused_lists_only_delay(proxy, kube, namespace, pods):
    """While pods start, every watch is cut again and again and lists are answered with 410, 429 and 503."""
    ctx = Context()
    wired = connect({"kubeconfig": proxy.kubeconfig}, ctx)
    job = pods.job("seed", "sleep 6")
    kube.apply(job)
    ending = threading.Event()

    def nuisance():
        while not ending.wait(1.0):
            proxy.cut_streams()
    threading.Thread(target=nuisance, daemon=True).start()
    for status in (410, 429, 503):
        proxy.answer(status, "GET", f"/namespaces/{namespace}/jobs", times=2)
    try:
        waited = wait_ready(wired, [job], namespace, 90, ctx)
    finally:
        ending.set()
    assert waited.states[0]["ready"] and waited.seconds > 4


def test_a_silent_api_server_does_not_outlast_the_time_out(proxy, kube, namespace, pods):
    ctx = Context()
    wired = connect({"kubeconfig": proxy.kubeconfig}, ctx)
    job = pods.job("seed", "sleep 60")
    kube.apply(job)
    proxy.slow(60.0, path="/")
    start = time.monotonic()
    with pytest.raises(WaitError):
        wait_ready(wired, [job], namespace, 5, ctx)
    assert time.monotonic() - start < 9
