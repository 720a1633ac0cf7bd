# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries out a plan under the instance's lease, and undoes it where it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from ..api import API_VERSION
from ..clock import now
from ..context import Context
from ..errors import AcmpError, Conflict, HelmError, InstanceError, Interrupted, KubeError, LockError, WaitError
from ..operation.log import OperationLog, close_stale
from . import _inventory, _secrets, records
from ._desired import Desired
from ._observe import Observed
from ._plan import Plan, short
from ._side import side_by_side
from .request import Request
from .ways._chart import Chart

_PHASE = {"deploy": "Deploying", "change": "Changing", "upgrade": "Upgrading", "rollback": "RollingBack", "repair": "Changing"}


@dataclass
class Run:
    """Everything one execution needs. way: _by_helm or _by_manifests. tool: the program it works with. chart: what was rendered, None where nothing was.

    notes: of the way, for itself.
    """

    place: Any
    way: Any
    tool: Any
    request: Request
    wanted: Desired
    plan: Plan
    seen: Observed
    chart: Chart | None
    lease: Any
    ctx: Context
    notes: dict = field(default_factory=dict)

    @property
    def kube(self) -> Any:
        return self.place.kube


def deploy(run: Run) -> dict[str, Any]:
    """Brings the instance to the plan's end and returns its record; raises what went wrong, after undoing it."""
    request, kube = run.request, run.kube
    before = run.seen.record
    spec = records.instance(request, run.wanted, run.seen.spec)
    revision = int(run.seen.status.get("revision") or 0)
    recorded = before is not None and run.seen.phase != "Removed" and run.seen.spec.get("digest") == run.wanted.digest and run.seen.status.get("operation")
    if not recorded or run.plan.verb in ("upgrade", "repair") or run.wanted.given_secrets:
        revision += 1
    _write_spec(kube, spec, before)
    log = OperationLog(kube, records.operation(
        request.name, request.namespace, run.plan.verb, _parameters(run), request.requester or "", request.wait_timeout,
    ), request.title, run.ctx)
    # A repair changes no digest: without this, nobody would finish one that was interrupted.
    unready = {"readyDigest": ""} if run.plan.verb == "repair" else {}
    made: list[str] = []
    try:
        begun = {"phase": _PHASE[run.plan.verb], "operation": log.name, "revision": revision, "lastError": "", **unready}
        side_by_side(lambda: write_status(kube, request, begun), log.running)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="acmp-tidy") as aside:
            tidying = aside.submit(close_stale, kube, request.namespace, f"{records.INSTANCE_LABEL}={request.name}", log.name)
            # In this thread, which hears an interrupt.
            helm_revision = _bring(run, log, made)
            tidying.result()
        return _ready(run, log, helm_revision, revision, spec["spec"])
    except LockError as error:
        log.finish("Stopped", error.message)
        raise
    except Interrupted as error:
        log.finish("Stopped", str(error))
        raise
    except (WaitError, HelmError, KubeError, InstanceError) as error:
        undone = _undo(run, log, error, made, revision, spec["spec"])
        log.finish("Failed", error.what, log=error.message, outputs={"undone": undone})
        error.details.setdefault("undone", undone)
        if undone:
            error.todo = "; ".join(part for part in (error.todo, "this run " + ", ".join(undone)) if part)
        raise
    except Exception as defect:
        log.finish("Failed", f"a defect: {type(defect).__name__}")
        raise


def describe(run: Run) -> dict[str, Any]:
    """Changes only what the record says of the instance: description, delete policy, project; returns the record."""
    return _write_spec(run.kube, records.instance(run.request, run.wanted, run.seen.spec), run.seen.record)


def _parameters(run: Run) -> dict:
    changed = {item["path"]: short(item["after"]) for item in run.plan.changes}
    return {"package": run.wanted.entry.title, "type": run.wanted.type, "changes": changed}


def _write_spec(kube, record: dict, before: dict | None) -> dict:
    if before is None:
        return kube.create(record)
    if before["spec"] == record["spec"]:
        return before
    meta = {**record["metadata"], "resourceVersion": before["metadata"]["resourceVersion"]}
    # Replaced under the version that was read: who changed it meanwhile is not overwritten.
    return kube.replace({**record, "metadata": {**meta, "annotations": before["metadata"].get("annotations", {})}})


def write_status(kube, request: Request, status: dict) -> dict:
    return kube.patch_status(API_VERSION, "Instance", request.name, request.namespace, {**status, "observedAt": now()})


def _bring(run: Run, log: OperationLog, made: list[str]) -> int:
    """Secrets and objects; returns the revision that runs now."""
    secret_values, created = _secrets.ensure(run.kube, run.request, run.wanted, run.ctx)
    made += created
    if run.plan.release == "keep":
        return run.seen.latest.revision
    revision = run.way.bring(run, log, secret_values)
    if run.plan.verb == "repair":
        from .drift import _drift

        _drift.put_back(run.kube, run.request.namespace, run.chart.rendered.objects, log.step)
    run.lease.check()
    return revision


def _ready(run: Run, log: OperationLog, helm_revision: int, revision: int, spec: dict) -> dict[str, Any]:
    """Waits, records, and returns the instance's record."""
    request, kube = run.request, run.kube
    objects = run.way.inventory(run, helm_revision)
    before = run.seen.status.get("claimants") or []
    claimants = _inventory.claimants(before, objects)
    if claimants != before:
        # Before the wait: claims of a revision that never becomes ready have to be found as well.
        write_status(kube, request, {"claimants": claimants})
    status: dict[str, Any] = {"helmRevision": helm_revision, "revision": revision, "inventory": objects, "secrets": _secrets.names(request, run.wanted)}
    # What a removal had kept is in use again.
    status["kept"] = None
    if request.wait:
        waited = _wait_ready(kube, objects, request.namespace, request.wait_timeout, run.ctx, name=request.title)
        log.step(f"ready after {waited.seconds:.0f} s")
        run.lease.check()
        status |= {"phase": "Ready", "readyRevision": revision, "readyHelmRevision": helm_revision, "readyDigest": run.wanted.digest, "lastError": ""}
        condition = records.condition("Ready", True, "Ready", "")
    else:
        status["phase"] = "NotReady"
        condition = records.condition("Ready", False, "NotWaited", "deployed without waiting")
    status |= run.way.settle(run, helm_revision)
    endpoints, _recorded, _finished = side_by_side(
        lambda: _inventory.endpoints(run.place, request.namespace, objects),
        lambda: _revision(kube, request, revision, spec, log.name, helm_revision, ready=request.wait),
        # Before the status: a next run that finds nothing to do would never close an operation that is left running.
        lambda: log.finish("Succeeded"),
    )
    return write_status(kube, request, {**status, "endpoints": endpoints, "conditions": [condition]})


def _revision(kube, request: Request, number: int, spec: dict, operation: str, helm_revision: int, ready: bool, message: str = "") -> None:
    record = records.revision(request.name, request.namespace, number, spec, operation)
    name = record["metadata"]["name"]
    # Of an interrupted run it may be there.
    with suppress(Conflict):
        kube.create(record)
    status = {"ready": ready, "helmRevision": helm_revision, "message": message[:1024], "observedAt": now()}
    kube.patch_status(API_VERSION, "InstanceRevision", name, request.namespace, status)


def _undo(run: Run, log: OperationLog, error: AcmpError, made: list[str], revision: int, spec: dict) -> list[str]:
    """First install: removes what this run created. Change or upgrade: back to the last ready revision by number."""
    request, kube = run.request, run.kube
    good = None if run.seen.from_bin else run.seen.status.get("readyRevision")
    try:
        if good:
            return _roll_back(run, log, error, revision, spec)
        if run.plan.adopts:
            return _give_back(run, log)
        if run.plan.release == "keep" or request.keep_failed:
            write_status(kube, request, {"phase": "Failed", "lastError": run.ctx.secrets.mask(error.message)[:2048]})
            return []
        return _take_away(run, log, made)
    except AcmpError as second:
        run.ctx.warn(f"Undoing failed as well: {second.message}")
        if kube.get(API_VERSION, "Instance", request.name, request.namespace) is not None:
            write_status(kube, request, {"phase": "Failed", "lastError": run.ctx.secrets.mask(error.message)[:2048]})
        return []


def _roll_back(run: Run, log: OperationLog, error: AcmpError, revision: int, spec: dict) -> list[str]:
    request, kube, status = run.request, run.kube, run.seen.status
    good, helm_revision = status["readyRevision"], status.get("readyHelmRevision") or status["helmRevision"]
    newest = run.way.newest(run)
    if revision != good:
        _revision(kube, request, revision, spec, log.name, newest, ready=False, message=run.ctx.secrets.mask(error.what))
    done, settled = [], {}
    # A StatefulSet that was taken apart is put together again, even where Helm made no revision any more.
    if newest and (newest != helm_revision or (run.chart and run.chart.measures.replacements)):
        log.step(f"going back to revision {good}")
        helm_revision = run.way.back(run, helm_revision)
        objects = run.way.inventory(run, helm_revision)
        _wait_ready(kube, objects, request.namespace, request.wait_timeout, run.ctx, name=request.title)
        settled = run.way.settle(run, helm_revision)
        done.append(f"went back to revision {good} (data and custom resource definitions are not undone)")
    live = kube.get(API_VERSION, "Instance", request.name, request.namespace)
    last = kube.get(API_VERSION, "InstanceRevision", records.revision_name(request.name, good), request.namespace)
    kube.replace({**live, "spec": records.as_of(run.seen.record["spec"], last)})
    write_status(kube, request, {
        **settled, "phase": "Ready", "revision": revision, "helmRevision": helm_revision, "readyHelmRevision": helm_revision,
        "lastError": run.ctx.secrets.mask(error.message)[:2048], "conditions": [records.condition("Ready", True, "RolledBack", error.what)],
    })
    return done


def _give_back(run: Run, log: OperationLog) -> list[str]:
    """A release that could not be taken over goes back to how its owner had it."""
    kept = run.seen.latest.revision
    log.step(f"giving the release back as it was (Helm revision {kept})")
    if run.way.newest(run) != kept:
        run.way.back(run, kept)
    run.kube.delete(API_VERSION, "Instance", run.request.name, run.request.namespace)
    return [f"went back to Helm revision {kept}, which is no instance"]


def _take_away(run: Run, log: OperationLog, made: list[str]) -> list[str]:
    request, kube = run.request, run.kube
    log.step("removing what this run created")
    run.way.take_away(run, log)
    removed = ["removed what it had created"]
    before = run.chart.measures.claims if run.chart else frozenset()
    for claim in _inventory.claims(kube, request, _rendered(run)):
        meta = claim["metadata"]
        if meta["uid"] not in before and meta.get("creationTimestamp", "") >= log.created_at:
            kube.delete("v1", "PersistentVolumeClaim", meta["name"], request.namespace, uid=meta["uid"])
    for name in made:
        kube.delete("v1", "Secret", name, request.namespace)
    if run.seen.record is None:
        kube.delete(API_VERSION, "Instance", request.name, request.namespace)
    else:
        if run.seen.from_bin:
            live = kube.get(API_VERSION, "Instance", request.name, request.namespace)
            # What is kept in the recycle bin belongs to what was removed, not to what could not be brought back.
            kube.replace({**live, "spec": run.seen.record["spec"]})
            removed.append("left its data in the recycle bin")
        write_status(kube, request, {"phase": "Removed" if run.seen.from_bin else "Failed"})
    return removed


def _rendered(run: Run) -> list[dict]:
    return list(run.chart.rendered.objects) if run.chart else []


def _wait_ready(*arguments: Any, **options: Any):
    # Loaded here, it costs nothing: the pods are starting meanwhile.
    from ..kube.wait import wait_ready
    from .repair import _blocked

    kube, objects, namespace, _timeout, ctx = arguments
    _blocked.unblock(kube, objects, namespace, ctx)
    return wait_ready(*arguments, **options)
