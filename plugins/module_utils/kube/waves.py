# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many objects in an order that works: what others need comes first, everything of one wave side by side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..errors import AcmpError, ConnectionFailed, Forbidden, KubeError, NotFound
from . import readiness

DEFINITION = "CustomResourceDefinition"
# The rank of a built-in kind; every other kind is a custom resource and comes last, after the webhooks that check it.
WAVES: tuple[tuple[str, ...], ...] = (
    ("Namespace", DEFINITION, "PriorityClass", "StorageClass", "RuntimeClass", "IngressClass", "CSIDriver"),
    ("ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ResourceQuota", "LimitRange", "NetworkPolicy",
     "ConfigMap", "Secret", "PersistentVolume", "PersistentVolumeClaim", "Lease"),
    ("Service", "Endpoints", "EndpointSlice", "PodDisruptionBudget"),
    ("Pod", "ReplicationController", "ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "HorizontalPodAutoscaler", "Ingress"),
    ("APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
)
_RANK = {kind: number for number, kinds in enumerate(WAVES) for kind in kinds}
ESTABLISHED_SECONDS = 30.0
_VOLATILE = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid")


@dataclass(frozen=True)
class Outcome:
    """What became of one object. action: created, changed, unchanged, failed (error says why) or skipped (an earlier wave failed)."""

    object: Mapping[str, Any] = field(repr=False)
    action: str
    error: AcmpError | None = None
    live: Mapping[str, Any] | None = field(default=None, repr=False)


def rank(obj: Mapping[str, Any]) -> int:
    """The number of the wave an object belongs to; a custom kind that is called like a built-in one is still custom."""
    group = str(obj.get("apiVersion") or "").rpartition("/")[0]
    if "." in group and not group.endswith(".k8s.io"):
        return len(WAVES)
    return _RANK.get(str(obj.get("kind")), len(WAVES))


def order(objects: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The objects as waves, none empty; the order inside a wave is the given one."""
    waves: dict[int, list[Mapping[str, Any]]] = {}
    for obj in objects:
        waves.setdefault(rank(obj), []).append(obj)
    return [waves[number] for number in sorted(waves)]


def apply_all(
    kube: Any, objects: Iterable[Mapping[str, Any]], dry_run: bool = False, threads: int = 8, field_manager: str = "acmp", force: bool = True,
) -> list[Outcome]:
    """Server-side apply of all objects, wave by wave; one Outcome each, in the given order. Two requests per object.

    Custom resource definitions are waited for until the API serves them. After a wave with a failure the later ones are skipped.
    With dry_run nothing is stored; what needs a namespace or kind of an earlier wave counts as created.
    """
    objects = list(objects)
    outcomes: dict[int, Outcome] = {}
    fresh = {(obj.get("spec", {}).get("group"), obj.get("spec", {}).get("names", {}).get("kind")) for obj in objects if obj.get("kind") == DEFINITION}
    pool = ThreadPoolExecutor(max_workers=max(1, min(threads, len(objects) or 1)), thread_name_prefix="acmp-apply")
    try:
        for wave in order(objects):
            if any(outcome.error for outcome in outcomes.values()):
                break
            jobs = [(obj, pool.submit(_one, kube, obj, dry_run, field_manager, force, fresh)) for obj in wave]
            for obj, job in jobs:
                outcomes[id(obj)] = job.result()
    finally:
        # An interrupt must not wait for objects that were not begun.
        pool.shutdown(wait=True, cancel_futures=True)
    return [outcomes.get(id(obj)) or Outcome(obj, "skipped") for obj in objects]


def _one(kube: Any, obj: Mapping[str, Any], dry_run: bool, manager: str, force: bool, fresh: set[tuple[Any, Any]]) -> Outcome:
    try:
        if obj.get("kind") == DEFINITION:
            kube.learn(obj)
        new_kind = (str(obj.get("apiVersion", "")).rpartition("/")[0], obj.get("kind")) in fresh
        # Applied a second time, an object of which we own no field gets a new version (an entry "before-first-apply") and no other change.
        exact = dry_run or not set(obj) - {"apiVersion", "kind", "metadata"} and not set(obj.get("metadata") or {}) - {"name", "namespace"}
        before = _before(kube, obj, full=exact, new_kind=new_kind)
        live = _retried(lambda: kube.apply(obj, field_manager=manager, force=force, dry_run=dry_run), new_kind and not dry_run)
        if obj.get("kind") == DEFINITION and not dry_run:
            _established(kube, live)
    except NotFound as error:
        if dry_run and error.details.get("missing") in ("namespace", "kind"):
            return Outcome(obj, "created")
        return Outcome(obj, "failed", error)
    except AcmpError as error:
        return Outcome(obj, "failed", error)
    if before is None:
        return Outcome(obj, "created", live=live)
    if before is _UNREADABLE:
        return Outcome(obj, "changed", live=live)
    same = _plain(before) == _plain(live) if exact else before["metadata"].get("resourceVersion") == live["metadata"].get("resourceVersion")
    return Outcome(obj, "unchanged" if same else "changed", live=live)


_UNREADABLE: dict[str, Any] = {}


def _before(kube: Any, obj: Mapping[str, Any], full: bool, new_kind: bool) -> dict[str, Any] | None:
    meta = obj.get("metadata") or {}
    try:
        return kube.get(str(obj.get("apiVersion")), str(obj.get("kind")), str(meta.get("name") or ""), meta.get("namespace"), metadata_only=not full)
    except NotFound:
        if new_kind:
            return None
        raise
    except Forbidden:
        return _UNREADABLE


def _retried(call: Callable[[], dict[str, Any]], new_kind: bool) -> dict[str, Any]:
    """A kind that was established a moment ago may be unknown to the API server's next answer."""
    end = time.monotonic() + 10.0
    while True:
        try:
            return call()
        except NotFound as error:
            if not new_kind or error.details.get("missing") != "kind" or time.monotonic() >= end:
                raise
            time.sleep(0.2)


def _plain(obj: Mapping[str, Any]) -> dict[str, Any]:
    meta = {key: value for key, value in obj.get("metadata", {}).items() if key not in _VOLATILE}
    return {**{key: value for key, value in obj.items() if key != "status"}, "metadata": meta}


def _established(kube: Any, live: Mapping[str, Any], seconds: float = ESTABLISHED_SECONDS) -> None:
    """Returns when the definition is served; raises KubeError when its names clash or the time is over."""
    end = time.monotonic() + seconds
    name = live["metadata"]["name"]
    current: Mapping[str, Any] | None = live
    while True:
        if current is not None:
            state = readiness.state(current)
            if state.ready:
                return
            if state.failed:
                raise KubeError(f"The definition {name} is not accepted: {state.summary}", where=kube.server, todo="remove or rename the clashing definition")
        left = end - time.monotonic()
        if left <= 0:
            raise KubeError(f"The definition {name} is not served after {seconds:.0f} s", where=kube.server, todo="look at its conditions")
        current = _next_state(kube, name, current, left)


def _next_state(kube: Any, name: str, current: Mapping[str, Any] | None, left: float) -> Mapping[str, Any] | None:
    api = "apiextensions.k8s.io/v1"
    try:
        if current is None:
            return kube.get(api, DEFINITION, name)
        version = current["metadata"]["resourceVersion"]
        for kind, found in kube.watch(api, DEFINITION, None, version, field_selector=f"metadata.name={name}", timeout=min(left, 10.0)):
            if kind in ("ADDED", "MODIFIED"):
                return found
        return kube.get(api, DEFINITION, name)
    except ConnectionFailed:
        time.sleep(0.5)
        return None
    except KubeError as error:
        if error.status != 410:
            raise
        return None
