# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restarts the pods of an instance as ``kubectl rollout restart`` does: one after the other where the workload says so."""

from __future__ import annotations

from typing import Any

from ..clock import now
from ..context import Context
from ..errors import AcmpError, InstanceError, Interrupted
from ..operation.log import OperationLog, close_stale
from . import _changing, _observe, records, view
from .request import Request

# kubectl's own: Helm and server-side apply leave alone what the manifest does not set.
_ANNOTATION = "kubectl.kubernetes.io/restartedAt"
_KINDS = ("Deployment", "StatefulSet", "DaemonSet")


def restart(place, request: Request, seen: _observe.Observed, ctx: Context) -> dict[str, Any]:
    """Always a change. Raises InstanceError for an instance that is not there or has nothing to restart, WaitError where it does not become ready."""
    if seen.record is None or seen.phase == "Removed":
        raise InstanceError(f"There is no running instance {request.title} to restart", todo="deploy it with state: present")
    inventory = seen.status.get("inventory") or []
    workloads = [item for item in inventory if item["kind"] in _KINDS]
    if not workloads:
        raise InstanceError(f"{request.title} has no Deployment, StatefulSet or DaemonSet to restart")
    actions = [f"restart {item['kind']} {item['name']}" for item in workloads]
    if ctx.check_mode:
        return view.result(True, actions, (), view.instance(seen.record, request.cluster), ctx)
    kube = place.kube
    place.verify()
    with _changing.held(kube, request, ctx) as lease:
        close_stale(kube, request.namespace, f"{records.INSTANCE_LABEL}={request.name}")
        record = records.operation(request.name, request.namespace, "restart", {}, request.requester or "", request.wait_timeout)
        log = OperationLog(kube, record, request.title, ctx)
        log.running()
        try:
            patch = {"spec": {"template": {"metadata": {"annotations": {_ANNOTATION: now()}}}}}
            for item in workloads:
                lease.check()
                log.step(f"restarting {item['kind']} {item['name']}")
                kube.patch(item["apiVersion"], item["kind"], item["name"], item["namespace"], patch)
            if request.wait:
                from ..kube.wait import wait_ready

                log.step(f"ready after {wait_ready(kube, inventory, request.namespace, request.wait_timeout, ctx, name=request.title).seconds:.0f} s")
        except Interrupted as error:
            log.finish("Stopped", str(error))
            raise
        except AcmpError as error:
            log.finish("Failed", error.what, log=error.message)
            raise
        log.finish("Succeeded")
    return view.result(True, actions, (), view.instance(seen.record, request.cluster), ctx)
