# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Is an object ready, still coming, or broken: read from the object alone, as kubectl rollout status reads it; PURE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ._shape import condition, mapping, number


@dataclass(frozen=True)
class State:
    """ready; failed: it will not become ready by itself; reason: one CamelCase word; summary: a few words, such as ``2/3 ready``."""

    ready: bool
    failed: bool = False
    reason: str = ""
    summary: str = ""


# Kinds that are ready by being there: nothing has to be read or watched for them.
PASSIVE = frozenset((
    "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "ResourceQuota", "LimitRange",
    "PriorityClass", "StorageClass", "IngressClass", "RuntimeClass", "Endpoints", "EndpointSlice", "ControllerRevision", "HorizontalPodAutoscaler",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "Lease", "Event", "PersistentVolume", "Namespace", "CronJob", "Ingress",
    "PodDisruptionBudget", "PodTemplate", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
))
_NOT_SEEN = State(False, reason="NotObserved", summary="not yet seen by its controller")


def state(obj: Mapping[str, Any], first_consumer: bool = False) -> State:
    """The state of one object. first_consumer: its storage class binds only when a pod comes, so that a pending claim is fine.

    Never raises, whatever the object holds. A custom resource is judged by its conditions Ready, Available or Stalled; without
    conditions it counts as ready. Paused Deployments and suspended Jobs count as ready: nobody works on them.
    """
    meta, spec, status = mapping(obj.get("metadata")), mapping(obj.get("spec")), mapping(obj.get("status"))
    if meta.get("deletionTimestamp"):
        return State(False, reason="Terminating", summary="being deleted")
    kind = str(obj.get("kind"))
    if kind == "PersistentVolumeClaim":
        return _claim(status, first_consumer)
    judge = _JUDGES.get(kind) if _built_in(obj) else None
    if judge is not None:
        return judge(meta, spec, status)
    if kind in PASSIVE and _built_in(obj):
        return State(True)
    return _generic(meta, status)


def _built_in(obj: Mapping[str, Any]) -> bool:
    group = str(obj.get("apiVersion") or "").rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def passive(obj: Mapping[str, Any]) -> bool:
    """True when the object is ready by existing."""
    return str(obj.get("kind")) in PASSIVE and _built_in(obj)


def desired(obj: Mapping[str, Any]) -> tuple[int, int]:
    """(pods ready, pods wanted) of a workload, (0, 0) of anything else."""
    spec, status, kind = mapping(obj.get("spec")), mapping(obj.get("status")), str(obj.get("kind"))
    if not _built_in(obj):
        return 0, 0
    if kind == "DaemonSet":
        return number(status, "numberReady"), number(status, "desiredNumberScheduled")
    if kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        return min(number(status, "readyReplicas"), number(spec, "replicas", 1)), number(spec, "replicas", 1)
    return 0, 0


def _observed(meta: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    return number(status, "observedGeneration") >= number(meta, "generation")


def _text(entry: Mapping[str, Any]) -> str:
    return str(entry.get("message") or entry.get("reason") or "")


def _deployment(meta: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if not _observed(meta, status):
        return _NOT_SEEN
    wanted, updated, available = number(spec, "replicas", 1), number(status, "updatedReplicas"), number(status, "availableReplicas")
    summary = f"{min(number(status, 'readyReplicas'), wanted)}/{wanted} ready"
    if spec.get("paused") is True:
        return State(True, reason="Paused", summary=f"paused, {summary}")
    if updated >= wanted and number(status, "replicas") <= updated and available >= wanted:
        return State(True, summary=summary)
    progress = condition(status, "Progressing")
    if progress.get("status") == "False" and progress.get("reason") == "ProgressDeadlineExceeded":
        return State(False, True, "ProgressDeadlineExceeded", f"{summary}; no progress within {number(spec, 'progressDeadlineSeconds', 600)} s")
    refused = condition(status, "ReplicaFailure")
    if refused.get("status") == "True":
        return State(False, False, str(refused.get("reason") or "ReplicaFailure"), f"{summary}; {_text(refused)}")
    if updated < wanted:
        return State(False, reason="Updating", summary=f"{summary}, {updated} of {wanted} updated")
    if number(status, "replicas") > updated:
        return State(False, reason="Updating", summary=f"{summary}, {number(status, 'replicas') - updated} old pods left")
    return State(False, reason="Starting", summary=summary)


def _stateful_set(meta: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if not _observed(meta, status):
        return _NOT_SEEN
    wanted, ready, updated = number(spec, "replicas", 1), number(status, "readyReplicas"), number(status, "updatedReplicas")
    strategy = mapping(spec.get("updateStrategy"))
    partition = number(mapping(strategy.get("rollingUpdate")), "partition")
    summary = f"{min(ready, wanted)}/{wanted} ready"
    if ready < wanted or number(status, "availableReplicas", ready) < wanted:
        return State(False, reason="Starting", summary=summary)
    if number(status, "replicas") > wanted:
        return State(False, reason="Scaling", summary=f"{summary}, {number(status, 'replicas') - wanted} to go")
    if strategy.get("type") == "OnDelete":
        return State(True, summary=summary)
    # Below the partition the old revision is meant to stay. Revisions alone do not tell: those of one that took over pods are the same from the start.
    if updated < max(wanted - partition, 0):
        return State(False, reason="Updating", summary=f"{summary}, {updated} of {max(wanted - partition, 0)} updated")
    return State(True, summary=summary)


def _daemon_set(meta: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if not _observed(meta, status):
        return _NOT_SEEN
    wanted, ready = number(status, "desiredNumberScheduled"), number(status, "numberReady")
    summary = f"{min(ready, wanted)}/{wanted} ready"
    if mapping(spec.get("updateStrategy")).get("type") != "OnDelete" and number(status, "updatedNumberScheduled") < wanted:
        return State(False, reason="Updating", summary=f"{summary}, {number(status, 'updatedNumberScheduled')} of {wanted} updated")
    if ready < wanted or number(status, "numberAvailable", ready) < wanted:
        return State(False, reason="Starting", summary=summary)
    return State(True, summary=summary)


def _replica_set(meta: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if not _observed(meta, status):
        return _NOT_SEEN
    wanted, ready = number(spec, "replicas", 1), number(status, "readyReplicas")
    return State(ready >= wanted, reason="" if ready >= wanted else "Starting", summary=f"{min(ready, wanted)}/{wanted} ready")


def _job(_meta: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if condition(status, "Complete").get("status") == "True":
        return State(True, reason="Complete", summary="completed")
    failed = condition(status, "Failed")
    if failed.get("status") == "True":
        return State(False, True, str(failed.get("reason") or "Failed"), _text(failed) or "failed")
    if spec.get("suspend") is True:
        return State(True, reason="Suspended", summary="suspended")
    wanted = number(spec, "completions", 1)
    return State(False, reason="Running", summary=f"{number(status, 'succeeded')}/{wanted} completed")


def _pod(_meta: Mapping[str, Any], _spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    phase = str(status.get("phase") or "Pending")
    if phase == "Succeeded":
        return State(True, reason="Succeeded", summary="completed")
    if phase == "Failed":
        return State(False, True, str(status.get("reason") or "Failed"), str(status.get("message") or "failed"))
    ready = condition(status, "Ready")
    if phase == "Running" and ready.get("status") == "True":
        return State(True, summary="ready")
    return State(False, reason=str(ready.get("reason") or phase), summary=phase.lower() if phase != "Running" else "not ready")


def _claim(status: Mapping[str, Any], first_consumer: bool) -> State:
    phase = str(status.get("phase") or "Pending")
    if phase == "Bound":
        return State(True, summary="bound")
    if phase == "Lost":
        return State(False, True, "Lost", "its volume is gone")
    if first_consumer:
        return State(True, reason="WaitForFirstConsumer", summary="waits for its first pod")
    return State(False, reason="Pending", summary="not bound")


def _service(_meta: Mapping[str, Any], spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if spec.get("type") == "LoadBalancer" and not mapping(status.get("loadBalancer")).get("ingress"):
        return State(False, reason="NoAddress", summary="the load balancer has no address")
    return State(True)


def _definition(_meta: Mapping[str, Any], _spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    names = condition(status, "NamesAccepted")
    if names.get("status") == "False":
        return State(False, True, str(names.get("reason") or "NamesNotAccepted"), _text(names))
    if condition(status, "Established").get("status") == "True":
        return State(True, summary="established")
    return State(False, reason="Establishing", summary="not served yet")


def _api_service(_meta: Mapping[str, Any], _spec: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    available = condition(status, "Available")
    if available.get("status") == "True":
        return State(True)
    return State(False, reason=str(available.get("reason") or "NotAvailable"), summary=_text(available) or "not available")


def _generic(meta: Mapping[str, Any], status: Mapping[str, Any]) -> State:
    if status.get("observedGeneration") is not None and not _observed(meta, status):
        return _NOT_SEEN
    stalled = condition(status, "Stalled")
    if stalled.get("status") == "True":
        return State(False, True, str(stalled.get("reason") or "Stalled"), _text(stalled) or "stalled")
    for kind in ("Ready", "Available"):
        found = condition(status, kind)
        if found:
            if number(found, "observedGeneration", number(meta, "generation")) < number(meta, "generation"):
                return _NOT_SEEN
            if found.get("status") == "True":
                return State(True, summary=kind.lower())
            return State(False, reason=str(found.get("reason") or f"Not{kind}"), summary=_text(found) or f"not {kind.lower()}")
    return State(True, reason="NoConditions", summary="has no conditions")


_Judge = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], State]
_JUDGES: Mapping[str, _Judge] = {
    "Deployment": _deployment, "StatefulSet": _stateful_set, "DaemonSet": _daemon_set, "ReplicaSet": _replica_set, "ReplicationController": _replica_set,
    "Job": _job, "Pod": _pod, "Service": _service, "CustomResourceDefinition": _definition, "APIService": _api_service,
}
