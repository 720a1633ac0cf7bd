# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.kube import readiness
from hypothesis import given, settings
from hypothesis import strategies as st


def obj(kind, spec=None, status=None, api="apps/v1", **meta):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "generation": 2, **meta}, "spec": spec or {}, "status": status or {}}


def seen(**status):
    return {"observedGeneration": 2, **status}


def condition(kind, status="True", **more):
    return {"conditions": [{"type": kind, "status": status, **more}]}


FULL = seen(replicas=3, updatedReplicas=3, readyReplicas=3, availableReplicas=3)
STS = seen(replicas=3, readyReplicas=3, availableReplicas=3, updatedReplicas=3, currentRevision="b", updateRevision="b")
HALF = {**STS, "updatedReplicas": 1, "currentRevision": "a"}
DAEMON = seen(desiredNumberScheduled=3, updatedNumberScheduled=3, numberReady=3, numberAvailable=3)

TABLE = [
    ("deployment ready", obj("Deployment", {"replicas": 3}, FULL), True, False, ""),
    ("deployment not observed", obj("Deployment", {"replicas": 3}, {**FULL, "observedGeneration": 1}), False, False, "NotObserved"),
    ("deployment without status", obj("Deployment", {"replicas": 3}), False, False, "NotObserved"),
    ("deployment updating", obj("Deployment", {"replicas": 3}, {**FULL, "updatedReplicas": 1}), False, False, "Updating"),
    ("deployment with old pods", obj("Deployment", {"replicas": 3}, {**FULL, "replicas": 4}), False, False, "Updating"),
    ("deployment starting", obj("Deployment", {"replicas": 3}, {**FULL, "availableReplicas": 2, "readyReplicas": 2}), False, False, "Starting"),
    ("deployment of none", obj("Deployment", {"replicas": 0}, seen()), True, False, ""),
    ("deployment by default one", obj("Deployment", {}, seen()), False, False, "Updating"),
    ("deployment paused", obj("Deployment", {"replicas": 3, "paused": True}, seen()), True, False, "Paused"),
    ("deployment over its deadline", obj("Deployment", {"replicas": 3}, {**seen(), **condition("Progressing", "False", reason="ProgressDeadlineExceeded")}),
     False, True, "ProgressDeadlineExceeded"),
    ("deployment ready in spite of an old deadline",
     obj("Deployment", {"replicas": 3}, {**FULL, **condition("Progressing", "False", reason="ProgressDeadlineExceeded")}), True, False, ""),
    ("deployment refused", obj("Deployment", {"replicas": 3}, {**seen(), **condition("ReplicaFailure", reason="FailedCreate", message="quota")}), False, False,
     "FailedCreate"),
    ("stateful set ready", obj("StatefulSet", {"replicas": 3}, STS), True, False, ""),
    ("stateful set starting", obj("StatefulSet", {"replicas": 3}, {**STS, "readyReplicas": 2}), False, False, "Starting"),
    ("stateful set updating", obj("StatefulSet", {"replicas": 3}, HALF), False, False, "Updating"),
    ("stateful set with a partition", obj("StatefulSet", {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 2}}}, HALF), True, False, ""),
    ("stateful set below its partition", obj("StatefulSet", {"replicas": 3, "updateStrategy": {"rollingUpdate": {"partition": 1}}}, HALF), False, False,
     "Updating"),
    ("stateful set on delete", obj("StatefulSet", {"replicas": 3, "updateStrategy": {"type": "OnDelete"}}, HALF), True, False, ""),
    ("stateful set scaling down", obj("StatefulSet", {"replicas": 1}, {**STS, "replicas": 3}), False, False, "Scaling"),
    ("stateful set of none", obj("StatefulSet", {"replicas": 0}, seen()), True, False, ""),
    ("stateful set that took over pods of an earlier template", obj("StatefulSet", {"replicas": 3}, {**STS, "updatedReplicas": 1}), False, False, "Updating"),
    ("stateful set of an older cluster", obj("StatefulSet", {"replicas": 1}, seen(replicas=1, readyReplicas=1, updatedReplicas=1)), True, False, ""),
    ("daemon set ready", obj("DaemonSet", {}, DAEMON), True, False, ""),
    ("daemon set updating", obj("DaemonSet", {}, {**DAEMON, "updatedNumberScheduled": 1}), False, False, "Updating"),
    ("daemon set on delete", obj("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, {**DAEMON, "updatedNumberScheduled": 1}), True, False, ""),
    ("daemon set starting", obj("DaemonSet", {}, {**DAEMON, "numberAvailable": 1}), False, False, "Starting"),
    ("daemon set without nodes", obj("DaemonSet", {}, seen()), True, False, ""),
    ("replica set", obj("ReplicaSet", {"replicas": 2}, seen(readyReplicas=1)), False, False, "Starting"),
    ("job running", obj("Job", {"completions": 2}, {"succeeded": 1}, "batch/v1"), False, False, "Running"),
    ("job complete", obj("Job", {}, condition("Complete"), "batch/v1"), True, False, "Complete"),
    ("job failed", obj("Job", {}, condition("Failed", reason="BackoffLimitExceeded"), "batch/v1"), False, True, "BackoffLimitExceeded"),
    ("job suspended", obj("Job", {"suspend": True}, {}, "batch/v1"), True, False, "Suspended"),
    ("cron job", obj("CronJob", {}, {}, "batch/v1"), True, False, ""),
    ("pod ready", obj("Pod", {}, {"phase": "Running", **condition("Ready")}, "v1"), True, False, ""),
    ("pod running", obj("Pod", {}, {"phase": "Running", **condition("Ready", "False", reason="ContainersNotReady")}, "v1"), False, False,
     "ContainersNotReady"),
    ("pod done", obj("Pod", {}, {"phase": "Succeeded"}, "v1"), True, False, "Succeeded"),
    ("pod evicted", obj("Pod", {}, {"phase": "Failed", "reason": "Evicted"}, "v1"), False, True, "Evicted"),
    ("pod being deleted", obj("Pod", {}, {"phase": "Running", **condition("Ready")}, "v1", deletionTimestamp="2026-01-01T00:00:00Z"), False, False,
     "Terminating"),
    ("claim bound", obj("PersistentVolumeClaim", {}, {"phase": "Bound"}, "v1"), True, False, ""),
    ("claim pending", obj("PersistentVolumeClaim", {}, {"phase": "Pending"}, "v1"), False, False, "Pending"),
    ("claim lost", obj("PersistentVolumeClaim", {}, {"phase": "Lost"}, "v1"), False, True, "Lost"),
    ("service", obj("Service", {"type": "ClusterIP"}, {}, "v1"), True, False, ""),
    ("load balancer without address", obj("Service", {"type": "LoadBalancer"}, {"loadBalancer": {}}, "v1"), False, False, "NoAddress"),
    ("load balancer", obj("Service", {"type": "LoadBalancer"}, {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}, "v1"), True, False, ""),
    ("ingress", obj("Ingress", {}, {}, "networking.k8s.io/v1"), True, False, ""),
    ("budget", obj("PodDisruptionBudget", {}, {}, "policy/v1"), True, False, ""),
    ("config map", obj("ConfigMap", {}, {}, "v1"), True, False, ""),
    ("definition established", obj("CustomResourceDefinition", {}, condition("Established"), "apiextensions.k8s.io/v1"), True, False, ""),
    ("definition new", obj("CustomResourceDefinition", {}, {}, "apiextensions.k8s.io/v1"), False, False, "Establishing"),
    ("definition clashing", obj("CustomResourceDefinition", {}, condition("NamesAccepted", "False", reason="ListKindConflict"), "apiextensions.k8s.io/v1"),
     False, True, "ListKindConflict"),
    ("custom ready", obj("Redis", {}, condition("Ready"), "r.example/v1"), True, False, ""),
    ("custom not ready", obj("Redis", {}, condition("Ready", "False", reason="Creating"), "r.example/v1"), False, False, "Creating"),
    ("custom available", obj("Redis", {}, condition("Available"), "r.example/v1"), True, False, ""),
    ("custom condition of an old generation", obj("Redis", {}, condition("Ready", observedGeneration=1), "r.example/v1"), False, False, "NotObserved"),
    ("custom not observed", obj("Redis", {}, {"observedGeneration": 1, **condition("Ready")}, "r.example/v1"), False, False, "NotObserved"),
    ("custom stalled", obj("Redis", {}, condition("Stalled", reason="BadSpec"), "r.example/v1"), False, True, "BadSpec"),
    ("custom silent", obj("Redis", {}, {}, "r.example/v1"), True, False, "NoConditions"),
    ("a custom kind called Deployment", obj("Deployment", {"replicas": 3}, {}, "d.example/v1"), True, False, "NoConditions"),
]


@pytest.mark.parametrize(("given_object", "ready", "failed", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_state_of(given_object, ready, failed, reason):
    state = readiness.state(given_object)
    assert (state.ready, state.failed, state.reason) == (ready, failed, reason)
    assert state.ready or state.summary


def test_a_claim_that_waits_for_its_first_pod_is_fine():
    assert readiness.state(obj("PersistentVolumeClaim", {}, {"phase": "Pending"}, "v1"), first_consumer=True).ready


def test_pods_counted():
    assert readiness.desired(obj("StatefulSet", {"replicas": 3}, {**STS, "readyReplicas": 2})) == (2, 3)
    assert readiness.desired(obj("Deployment", {}, {})) == (0, 1)
    assert readiness.desired(obj("ConfigMap", api="v1")) == (0, 0)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
KINDS = st.sampled_from(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod", "PersistentVolumeClaim", "Service", "Redis"])
KEYS = st.sampled_from(["conditions", "replicas", "phase", "type", "updateStrategy", "observedGeneration", "readyReplicas", "loadBalancer", "status"])


@settings(deadline=None)
@given(KINDS, st.one_of(json_values, st.dictionaries(KEYS, json_values)), st.one_of(json_values, st.dictionaries(KEYS, json_values)), json_values)
def test_no_shape_raises(kind, spec, status, meta):
    state = readiness.state({"apiVersion": "apps/v1", "kind": kind, "spec": spec, "status": status, "metadata": meta})
    assert not (state.ready and state.failed)
