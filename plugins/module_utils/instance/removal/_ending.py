# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until what was deleted is gone, and saying what holds it where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...context import Context
from ...errors import Forbidden, InstanceError, Interrupted, NotFound
from ...helm import manifest
from ...kube import pods
from ..request import Request

_CLAIM = "PersistentVolumeClaim"
_IN_USE = "kubernetes.io/pvc-protection"
_WORKLOADS = ("StatefulSet", "Deployment", "DaemonSet", "Job", "ReplicaSet")


def until_gone(request: Request, left: Callable[[], list[dict]], explain: Callable[[dict], str], lease, ctx: Context) -> list[dict]:
    """Waits until left() finds nothing; what it still finds at once where the request does not wait. Raises InstanceError at the time-out."""
    end = ctx.clock() + request.wait_timeout
    while found := left():
        if not request.wait:
            return found
        if ctx.clock() > end:
            raise InstanceError(
                f"{request.title} is not gone: {len(found)} of its objects are still ending after {request.wait_timeout} s",
                where=", ".join(map(explain, found[:5])), todo=advice(request, found), details={"ending": [explain(item) for item in found]},
            )
        lease.check()
        if ctx.stopping.wait(0.3):
            raise Interrupted("the run was stopped while it waited")
    return []


def advice(request: Request, found: Iterable[dict]) -> str:
    """What a person can do about objects that do not end."""
    said = []
    for item in found:
        if others := [name for name in item["metadata"].get("finalizers") or [] if name != _IN_USE]:
            kind, name = item["kind"].lower(), item["metadata"]["name"]
            said.append(
                f"let what set {', '.join(others)} finish; only where that is gone for good: kubectl --namespace {request.namespace} patch {kind} {name} "
                """--type=merge --patch '{"metadata":{"finalizers":null}}'""")
            break
    else:
        said.append(f"look at them: kubectl --namespace {request.namespace} get pods --output wide (does the node answer?)")
    return "; ".join([*said, "then run the same task again"])


def of_release(kube, request: Request, objects: Iterable[dict], strays: Iterable[dict] = ()) -> Callable[[], list[dict]]:
    """left() for the pods of the workloads, and then for objects that are being deleted and cannot go."""
    objects = list(objects)
    workloads = {item["metadata"]["name"] for item in objects if item["kind"] in _WORKLOADS} | {item["name"] for item in strays}
    going = [
        (item["apiVersion"], item["kind"], item["metadata"]["name"], item["metadata"].get("namespace") or request.namespace)
        for item in objects if "apiVersion" in item and not manifest.kept(item)
    ]
    going += [(item["apiVersion"], item["kind"], item["name"], request.namespace) for item in strays]

    def left() -> list[dict]:
        found = [pod for pod in kube.list("v1", "Pod", request.namespace) if _owned(pod, workloads)] if workloads else []
        for reference in [] if found else list(going):
            live = _get(kube, *reference)
            if live is None or not live["metadata"].get("deletionTimestamp"):
                # Not ending: somebody else's of the same name, or gone.
                going.remove(reference)
            else:
                found.append({**live, "kind": reference[1]})
        return found

    return left


def of_claims(kube, request: Request, uids: set[str]) -> Callable[[], list[dict]]:
    """left() for claims by UID."""
    return lambda: [item for item in kube.list("v1", _CLAIM, request.namespace) if item["metadata"]["uid"] in uids]


def explainer(kube, request: Request) -> Callable[[dict], str]:
    """Says of an object what holds it."""
    def explain(item: dict) -> str:
        meta = item["metadata"]
        title, finalizers = f"{item['kind']} {meta['name']}", meta.get("finalizers") or []
        if item["kind"] == _CLAIM and _IN_USE in finalizers:
            users = [pod["metadata"]["name"] for pod in kube.list("v1", "Pod", request.namespace) if meta["name"] in pods.claims(pod)]
            if users:
                return f"{title} (in use by pod {', '.join(users[:3])})"
        if finalizers:
            return f"{title} (finalizer {', '.join(finalizers)})"
        if item["kind"] == "Pod":
            seconds = meta.get("deletionGracePeriodSeconds")
            state = f"may take {seconds} s to stop" if meta.get("deletionTimestamp") and seconds else "still there"
            return f"{title} ({state}, node {item.get('spec', {}).get('nodeName') or 'unknown'})"
        return title

    return explain


def check_namespace(kube, request: Request) -> None:
    """Raises InstanceError where the namespace itself is being deleted: nothing in it can be kept, and nothing more can be written there."""
    holding = _held_by(kube, request)
    if holding is not None:
        raise InstanceError(
            f'Namespace "{request.namespace}" is being deleted, and everything of {request.title} with it: nothing of it can be kept any more',
            where=holding, todo="copy what you need out of pods that still run; where it does not go, end what is named here, or remove its finalizer",
        )


def tell_namespace(kube, request: Request, ctx: Context) -> None:
    """Warns where the record is gone, because the namespace is going, and something still holds that. One request."""
    holding = _held_by(kube, request)
    if holding is not None:
        ctx.warn(f'Namespace "{request.namespace}" is being deleted and not gone yet, so something of {request.title} may still run: {holding}.')


def _held_by(kube, request: Request) -> str | None:
    """What the namespace's deletion waits for, None where it is not being deleted."""
    try:
        live = kube.get("v1", "Namespace", request.namespace)
    except Forbidden:
        return None
    if live is None or not live["metadata"].get("deletionTimestamp"):
        return None
    said = [
        item.get("message", "") for item in live.get("status", {}).get("conditions") or []
        if item.get("status") == "True" and item.get("type") in ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure")
    ]
    return "; ".join(filter(None, said)) or "the cluster has not said yet what holds it"


def _owned(pod: dict, workloads: set[str]) -> bool:
    for owner in pod["metadata"].get("ownerReferences") or []:
        name = owner["name"]
        if name in workloads or (owner["kind"] == "ReplicaSet" and name.rpartition("-")[0] in workloads):
            return True
    return False


def _get(kube, api_version: str, kind: str, name: str, namespace: str) -> dict | None:
    try:
        return kube.get(api_version, kind, name, namespace, metadata_only=True)
    except (Forbidden, NotFound):
        return None
