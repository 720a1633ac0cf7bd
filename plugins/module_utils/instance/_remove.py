# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes an instance by its delete policy (DESIGN section 5): keep is the default, wipe asks for the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api import API_VERSION
from ..context import Context
from ..errors import AcmpError, InstanceError, Interrupted
from ..helm import actions as helm_actions
from ..helm import manifest, releases
from ..operation.log import OperationLog, close_stale
from . import _inventory, records
from ._execute import write_status
from ._observe import Observed
from ._plan import Removal
from .request import Request


def remove(kube, helm, request: Request, plan: Removal, seen: Observed, lease, ctx: Context) -> dict[str, Any] | None:
    """Carries out the plan; returns the status that stays, None where nothing does.

    Raises InstanceError where claims would go although they shall be kept.
    """
    release = seen.spec.get("releaseName") or request.name
    objects = _manifest(kube, request, release, seen)
    if not plan.wipe:
        _prove_kept(request, objects)
    close_stale(kube, request.namespace, f"{records.INSTANCE_LABEL}={request.name}")
    policy = {"policy": "wipe" if plan.wipe else "keep"}
    record = records.operation(request.name, request.namespace, "remove", policy, request.requester or "", request.wait_timeout)
    log = OperationLog(kube, record, request.title, ctx)
    write_status(kube, request, {"phase": "Removing", "operation": log.name})
    try:
        if plan.uninstall:
            log.step(f"uninstalling Helm release {release}")
            helm_actions.uninstall(helm, release, request.namespace, kube, ctx)
            lease.check()
            _wait_gone(kube, request, objects, lease, ctx)
        if plan.wipe:
            log.step("deleting volumes, Secrets and records")
            _wipe(kube, request, objects, seen, lease, ctx)
            return None
        log.finish("Succeeded")
        write_status(kube, request, {"phase": "Removed", "readyDigest": "", "helmRevision": 0, "endpoints": [], "lastError": "", "conditions": [
            records.condition("Ready", False, "Removed", "volumes, Secrets and revisions are kept")]})
        return {**seen.status, "phase": "Removed", "endpoints": []}
    except AcmpError as error:
        log.finish("Failed", error.what, log=error.message)
        raise
    except Interrupted as error:
        log.finish("Stopped", str(error))
        raise


def _manifest(kube, request: Request, release: str, seen: Observed) -> list[dict]:
    if seen.latest is None:
        return []
    return releases.read(kube, request.namespace, release, seen.latest.revision).objects()


def _prove_kept(request: Request, objects: list[dict]) -> None:
    for obj in objects:
        name = obj["metadata"]["name"]
        if obj["kind"] == "PersistentVolumeClaim":
            if not manifest.kept(obj):
                raise InstanceError(
                    f"Claim {name} of {request.title} would be deleted by Helm, so keeping its data cannot be promised",
                    todo="back it up, then say delete_policy: wipe",
                )
        if obj["kind"] == "StatefulSet":
            retention = (obj.get("spec", {}).get("persistentVolumeClaimRetentionPolicy") or {}).get("whenDeleted")
            if retention == "Delete":
                raise InstanceError(
                    f"StatefulSet {name} of {request.title} deletes its claims with itself (whenDeleted: Delete)",
                    todo="back it up, then say delete_policy: wipe",
                )


def _wait_gone(kube, request: Request, objects: list[dict], lease, ctx: Context) -> None:
    """Waits for the pods of the workloads: until they ended, claims are in use and names are taken."""
    workloads = {obj["metadata"]["name"] for obj in objects if obj["kind"] in ("StatefulSet", "Deployment", "DaemonSet", "Job", "ReplicaSet")}

    def left() -> list[str]:
        pods = kube.list("v1", "Pod", request.namespace, metadata_only=True) if workloads else []
        return [f"Pod {pod['metadata']['name']}" for pod in pods if _owned(pod, workloads)]

    _until_none(request, left, lease, ctx)


def _until_none(request: Request, left: Callable[[], list[str]], lease, ctx: Context) -> None:
    end = ctx.clock() + request.wait_timeout
    while request.wait and (names := left()):
        if ctx.clock() > end:
            raise InstanceError(
                f"{len(names)} objects of {request.title} are still ending after {request.wait_timeout} s", where=", ".join(names[:5]),
                todo="look at them with kubectl describe; then run the same task again",
            )
        lease.check()
        if ctx.stopping.wait(0.3):
            raise Interrupted("the run was stopped while it waited")


def _owned(pod: dict, workloads: set[str]) -> bool:
    for owner in pod["metadata"].get("ownerReferences") or []:
        name = owner["name"]
        if name in workloads or (owner["kind"] == "ReplicaSet" and name.rpartition("-")[0] in workloads):
            return True
    return False


def _wipe(kube, request: Request, objects: list[dict], seen: Observed, lease, ctx: Context) -> None:
    claimants = [*objects, *_inventory.as_objects(seen.status.get("claimants") or [])]
    for claim in _inventory.claims(kube, request, claimants):
        kube.delete("v1", "PersistentVolumeClaim", claim["metadata"]["name"], request.namespace, uid=claim["metadata"]["uid"])
    # A claim goes when its last pod has gone, and wiped means gone.
    _until_none(request, lambda: [f"PersistentVolumeClaim {item['metadata']['name']}" for item in _inventory.claims(kube, request, claimants)], lease, ctx)
    own = f"{records.INSTANCE_LABEL}={request.name}"
    for secret in kube.list("v1", "Secret", request.namespace, label_selector=own, metadata_only=True):
        kube.delete("v1", "Secret", secret["metadata"]["name"], request.namespace)
    for kind in ("InstanceRevision", "Operation"):
        for item in kube.list(API_VERSION, kind, request.namespace, label_selector=own, metadata_only=True):
            kube.delete(API_VERSION, kind, item["metadata"]["name"], request.namespace)
    kube.delete(API_VERSION, "Instance", request.name, request.namespace)
