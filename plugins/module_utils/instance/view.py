# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: an instance as results and people see it (§5.3.1)."""

from __future__ import annotations

from typing import Any

from ..context import Context
from ._desired import Desired
from .request import LOCAL, Request


def instance(record: dict | None, cluster: str = LOCAL) -> dict[str, Any] | None:
    """The ``instance`` of a result, from its record on that cluster; None where there is none."""
    if record is None:
        return None
    spec, status, meta = record["spec"], record.get("status", {}), record["metadata"]
    return {
        "name": meta["name"], "namespace": meta["namespace"], "cluster": cluster, "project": spec.get("project", "default"),
        "package": spec["package"], "version": spec["version"], "type": spec["type"], "mode": spec.get("mode", "helm"),
        "phase": status.get("phase", ""), "revision": status.get("revision", 0), "ready_revision": status.get("readyRevision", 0),
        "helm_revision": status.get("helmRevision", 0), "release": spec.get("releaseName", meta["name"]), "description": spec.get("description", ""),
        "delete_policy": spec.get("deletePolicy", "keep"), "document": spec["document"], "endpoints": status.get("endpoints") or [],
        "secrets": status.get("secrets") or [], "last_error": status.get("lastError", ""), "operation": status.get("operation", ""),
        "created_at": meta.get("creationTimestamp", ""), "observed_at": status.get("observedAt", ""),
    }


def predicted(request: Request, wanted: Desired, record: dict | None) -> dict[str, Any]:
    """What check mode knows of the instance that the run would leave."""
    now = instance(record, request.cluster) or {"name": request.name, "namespace": request.namespace, "cluster": request.cluster}
    spec = wanted.entry.spec
    return {**now, "package": spec["name"], "version": spec["version"], "type": wanted.type, "project": request.project}


def workload(obj: dict) -> dict[str, Any]:
    """One controller with its numbers (§5.3.3): kind, name, ready, wanted, images."""
    spec, status, kind = obj.get("spec", {}), obj.get("status", {}), obj["kind"]
    if kind == "DaemonSet":
        ready, wanted = status.get("numberReady", 0), status.get("desiredNumberScheduled", 0)
    elif kind == "Job":
        ready, wanted = status.get("succeeded", 0), spec.get("completions", 1)
    elif kind == "CronJob":
        ready = wanted = len(status.get("active") or [])
    else:
        ready, wanted = status.get("readyReplicas", 0), spec.get("replicas", 1)
    template = (spec.get("jobTemplate", {}).get("spec", {}) if kind == "CronJob" else spec).get("template", {})
    images = [container["image"] for container in template.get("spec", {}).get("containers") or []]
    return {
        "kind": kind, "name": obj["metadata"]["name"], "ready": ready, "wanted": wanted, "images": images, "created_at": obj["metadata"]["creationTimestamp"],
    }


def pod(obj: dict) -> dict[str, Any]:
    """One pod with its containers (§5.3.4), status in kubectl's words."""
    status = obj.get("status", {})
    containers = [_container(item) for item in status.get("containerStatuses") or []]
    word = next((item["status"] for item in containers if item["status"] not in ("Running", "Completed")), status.get("phase", "Pending"))
    if obj["metadata"].get("deletionTimestamp"):
        word = "Terminating"
    return {
        "name": obj["metadata"]["name"], "status": word, "ip": status.get("podIP", ""), "node": obj.get("spec", {}).get("nodeName", ""),
        "ready": all(item["ready"] for item in containers) if containers else False, "restarts": sum(item["restarts"] for item in containers),
        "containers": containers, "created_at": obj["metadata"]["creationTimestamp"],
    }


def _container(item: dict) -> dict[str, Any]:
    state = item.get("state", {})
    if "running" in state:
        word = "Running"
    else:
        detail = state.get("waiting") or state.get("terminated") or {}
        word = detail.get("reason", "Waiting")
    return {"name": item["name"], "status": word, "ready": item.get("ready", False), "restarts": item.get("restartCount", 0), "image": item.get("image", "")}


def result(changed: bool, actions, changes, instance: dict | None, ctx: Context, checks=()) -> dict[str, Any]:
    """What a task returns; changes: path, before, after. Of the checks, those that passed are left out."""
    found = {"changed": changed, "actions": list(actions), "instance": instance}
    if ctx.diff:
        found["diff"] = [
            {"before_header": item["path"], "after_header": item["path"], "before": f"{item['before']}\n", "after": f"{item['after']}\n"} for item in changes
        ]
    if checks:
        found["checks"] = [item for item in checks if item["outcome"] != "passed"]
    return found
