# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one namespace holds, in one request for each kind that somebody needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..api import API_VERSION
from ..errors import Forbidden, KubeError
from ..helm import revisions
from ..side import Pool
from . import _space, workloads
from ._space import Space

_APIS = {
    "Deployment": "apps/v1", "StatefulSet": "apps/v1", "DaemonSet": "apps/v1", "Job": "batch/v1", "CronJob": "batch/v1", "ReplicaSet": "apps/v1",
    "Pod": "v1", "Service": "v1", "Ingress": "networking.k8s.io/v1", "PersistentVolumeClaim": "v1", "Lease": "coordination.k8s.io/v1",
}
_WITH_PODS = frozenset({"pods", "usage", "logs", "status", "stuck"})
_ADDRESSES = ("Service", "Ingress")
# Kinds that have neither pods nor addresses; of every other one nobody knows what a controller makes of it.
_PLAIN = frozenset({
    "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "NetworkPolicy", "PersistentVolumeClaim", "PodDisruptionBudget",
    "HorizontalPodAutoscaler", "ResourceQuota", "LimitRange", "Lease",
})


def kinds(records: Iterable[dict], namespace: str, parts: Iterable[str]) -> list[str]:
    """Pure: the kinds to list for these instances. Controllers always: without them nobody knows whether an instance is ready."""
    parts = set(parts)
    named = {item["kind"] for record in records for item in _space.inventory(record, namespace)}
    anything = any(map(_space.is_open, records)) or bool(named - set(_APIS) - _PLAIN)
    found = [kind for kind in workloads.KINDS if anything or kind in named]
    if parts & _WITH_PODS and (found or "Pod" in named):
        if "CronJob" in found and "Job" not in found:
            found.append("Job")
        found += ["ReplicaSet", "Pod"] if "Deployment" in found else ["Pod"]
    if parts & {"endpoints", "status"}:
        found += [kind for kind in _ADDRESSES if kind in named or anything and kind == "Service"]
    if "stuck" in parts:
        found += ["PersistentVolumeClaim", "Lease"]
    return found


def space(kube, namespace: str, wanted: Iterable[str], parts: Iterable[str]) -> Space:
    """The namespace by kinds and by parts, side by side; what the caller may not list is None."""
    jobs: dict[str, Callable[[], Any]] = {kind: _listing(kube, kind, namespace) for kind in wanted}
    parts = set(parts)
    more: dict[str, Callable[[], Any]] = {}
    if parts & {"release", "stuck"}:
        more["heads"] = _allowed(lambda: tuple(revisions.heads(kube, namespace)))
    if "events" in parts:
        more["events"] = _allowed(lambda: tuple(kube.list("v1", "Event", namespace)))
    if parts & {"events", "history"}:
        more["operations"] = _allowed(lambda: kube.list(API_VERSION, "Operation", namespace))
    if "history" in parts:
        more["revisions"] = _allowed(lambda: kube.list(API_VERSION, "InstanceRevision", namespace))
    if "usage" in parts:
        more["usage"] = lambda: _usage(kube, namespace)
    calls = [*jobs.values(), *more.values()]
    if not calls:
        return _space.build(namespace, {})
    with Pool(len(calls)) as pool:
        found = pool.map(lambda call: call(), calls)
    return _space.build(namespace, dict(zip(jobs, found, strict=False)), **dict(zip(more, found[len(jobs):], strict=True)))


def _listing(kube, kind: str, namespace: str) -> Callable[[], Any]:
    # Of a ReplicaSet only its name and owner count, and it holds the whole template.
    return _allowed(lambda: kube.list(_APIS[kind], kind, namespace, metadata_only=kind == "ReplicaSet"))


def _allowed(call: Callable[[], Any]) -> Callable[[], Any]:
    def answer():
        try:
            return call()
        except Forbidden:
            return None

    return answer


def _usage(kube, namespace: str) -> dict[str, dict]:
    """pod -> container -> {cpu, memory}; empty where metrics-server is not there, or has nothing to say."""
    try:
        found = kube.raw("GET", f"/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods", read_timeout=5.0).json()
    except KubeError:
        return {}
    return {item["metadata"]["name"]: {part["name"]: part.get("usage") or {} for part in item.get("containers") or []} for item in found.get("items") or []}
