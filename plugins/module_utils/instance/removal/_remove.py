# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes an instance by its delete policy (DESIGN section 5): keep is the default, wipe asks for the name."""

from __future__ import annotations

from typing import Any

from ...api import API_VERSION
from ...clock import now
from ...context import Context
from ...errors import AcmpError, InstanceError, Interrupted
from ...helm import binary
from ...operation.log import OperationLog, close_stale
from .. import _observe, places, records, view
from .._changing import held
from .._execute import write_status
from .._observe import Observed
from .._side import side_by_side
from ..repair import _recover
from ..request import Request
from . import _ending, _holdings
from ._removal import Holdings, Removal, claim_title, kept, plan_removal

_CLAIM = "PersistentVolumeClaim"


def absent(place, request: Request, seen: Observed, ctx: Context) -> dict[str, Any]:
    """Carries out a removal that is not empty; raises InstanceError where keeping cannot be promised, before anything is touched."""
    kube = place.kube
    places.check_owner(place, request)
    _ending.check_namespace(kube, request)
    plan = plan_removal(request, seen, _holdings.look(kube, request, seen))
    if ctx.check_mode:
        return view.result(True, plan.actions, (), None if plan.wipe else view.instance(seen.record, request.cluster), ctx)
    helm = binary.find(ctx, request.helm_binary) if plan.uninstall else None
    place.verify()
    with held(kube, request, ctx) as lease:
        seen = _observe.observe(kube, request)
        holdings = _holdings.look(kube, request, seen) if seen.record is not None else None
        plan = plan_removal(request, seen, holdings)
        if holdings is not None and plan.actions:
            helm = helm or (binary.find(ctx, request.helm_binary) if plan.uninstall else None)
            _remove(kube, helm, request, plan, seen, holdings, lease, ctx)
    return view.result(bool(plan.actions), plan.actions, (), view.instance(_observe.observe(kube, request).record, request.cluster), ctx)


def _remove(kube, helm, request: Request, plan: Removal, seen: Observed, holdings: Holdings, lease, ctx: Context) -> None:
    release = seen.spec.get("releaseName") or request.name
    close_stale(kube, request.namespace, f"{records.INSTANCE_LABEL}={request.name}")
    since = (seen.status.get("kept") or {}).get("at") if seen.phase == "Removed" else None
    held_ = kept(holdings, since or now())
    parameters = {"policy": "wipe" if plan.wipe else "keep", "claims": {item["name"]: item["uid"] for item in holdings.claims}}
    record = records.operation(request.name, request.namespace, "remove", parameters, request.requester or "", request.wait_timeout)
    log = OperationLog(kube, record, request.title, ctx)
    side_by_side(lambda: write_status(kube, request, {"phase": "Removing", "operation": log.name, "kept": held_}), log.running)
    try:
        if plan.uninstall:
            log.step(f"uninstalling Helm release {release}")
            _recover.uninstall(helm, release, request, kube, ctx)
            lease.check()
        for item in holdings.strays:
            kube.delete(item["apiVersion"], item["kind"], item["name"], request.namespace, uid=item["uid"])
        explain = _ending.explainer(kube, request)
        ending = _ending.until_gone(request, _ending.of_release(kube, request, holdings.objects, holdings.strays), explain, lease, ctx)
        if plan.wipe:
            log.step("deleting volumes, Secrets and records")
            _delete_claims(kube, request, holdings, ctx)
            # A claim goes when its last pod has gone, and wiped means gone.
            uids = {item["uid"] for item in holdings.claims}
            ending += _ending.until_gone(request, _ending.of_claims(kube, request, uids), explain, lease, ctx)
        else:
            _verify(kube, request, holdings)
        if ending:
            ctx.warn(f"{request.title} is not gone yet: {', '.join(map(explain, ending[:5]))}. The same task again ends it.")
            log.finish("Stopped", "it was not waited until everything is gone")
        elif plan.wipe:
            _delete_records(kube, request, holdings)
        else:
            log.finish("Succeeded", outputs={"kept": held_})
            write_status(kube, request, {
                "phase": "Removed", "readyDigest": "", "helmRevision": 0, "applied": None, "endpoints": [], "lastError": "",
                "conditions": [records.condition("Ready", False, "Removed", "volumes, Secrets and revisions are kept")],
            })
    except AcmpError as error:
        write_status(kube, request, {"lastError": ctx.secrets.mask(error.message)[:2048]})
        log.finish("Failed", error.what, log=error.message)
        raise
    except Interrupted as error:
        log.finish("Stopped", str(error))
        raise


def _verify(kube, request: Request, holdings: Holdings) -> None:
    """Raises InstanceError where something that was to be kept is gone, or going, all the same."""
    alive = {item["metadata"]["uid"]: item["metadata"].get("deletionTimestamp") for item in kube.list("v1", _CLAIM, request.namespace, metadata_only=True)}
    lost = [item for item in holdings.claims if item["uid"] not in alive or alive[item["uid"]]]
    if lost:
        retained = [item["volume"] for item in lost if item["volume"] and item["reclaim_policy"] == "Retain"]
        raise InstanceError(
            f"Claims of {request.title} are gone although they were to be kept: {', '.join(map(claim_title, lost))}", where=f"namespace {request.namespace}",
            todo=f"an administrator can bind their volumes again: {', '.join(retained)}" if retained else "find out who deleted them, and restore a backup",
        )
    secrets = {item["metadata"]["uid"] for item in kube.list("v1", "Secret", request.namespace, metadata_only=True)} if holdings.secrets else set()
    gone = [item["name"] for item in holdings.secrets if item["uid"] not in secrets]
    if gone:
        raise InstanceError(f"Secrets of {request.title} are gone although they were to be kept: {', '.join(gone)}", todo="restore them from a backup")


def _delete_claims(kube, request: Request, holdings: Holdings, ctx: Context) -> None:
    for claim in holdings.claims:
        kube.delete("v1", _CLAIM, claim["name"], request.namespace, uid=claim["uid"])
        if claim["volume"] and claim["reclaim_policy"] == "Retain":
            ctx.warn(f"Volume {claim['volume']} of claim {claim['name']} stays with its data (reclaim policy Retain); an administrator deletes it.")
    if holdings.strangers:
        ctx.warn(f"Not deleted, because made anew since {request.title} was removed: claim {', '.join(holdings.strangers)}.")


def _delete_records(kube, request: Request, holdings: Holdings) -> None:
    for item in (*holdings.secrets, *holdings.others):
        kube.delete(item["apiVersion"], item["kind"], item["name"], request.namespace, uid=item["uid"])
    own = f"{records.INSTANCE_LABEL}={request.name}"
    for kind in ("InstanceRevision", "Operation"):
        for item in kube.list(API_VERSION, kind, request.namespace, label_selector=own, metadata_only=True):
            kube.delete(API_VERSION, kind, item["metadata"]["name"], request.namespace)
    kube.delete(API_VERSION, "Instance", request.name, request.namespace)
