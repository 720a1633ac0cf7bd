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
        "secrets": status.get("secrets") or [], "kept": status.get("kept") or {}, "last_error": status.get("lastError", ""),
        "operation": status.get("operation", ""),
        "created_at": meta.get("creationTimestamp", ""), "observed_at": status.get("observedAt", ""),
    }


def predicted(request: Request, wanted: Desired, record: dict | None) -> dict[str, Any]:
    """What check mode knows of the instance that the run would leave."""
    now = instance(record, request.cluster) or {"name": request.name, "namespace": request.namespace, "cluster": request.cluster}
    spec = wanted.entry.spec
    return {**now, "package": spec["name"], "version": spec["version"], "type": wanted.type, "project": request.project}


def result(changed: bool, actions, changes, instance: dict | None, ctx: Context, checks=(), objects=(), drift: list[dict] | None = None) -> dict[str, Any]:
    """What a task returns; changes: path, before, after of the document. Of the checks, those that passed are left out.

    objects: what changes in the instance's objects (_diff.changes). drift: where what runs differs from what was deployed, None: not looked at.
    """
    found = {"changed": changed, "actions": list(actions), "instance": instance}
    if ctx.diff:
        found["diff"] = [
            {"before_header": item["path"], "after_header": item["path"], "before": f"{item['before']}\n", "after": f"{item['after']}\n"} for item in changes
        ]
    if objects:
        found["changes"] = list(objects)
        if ctx.diff:
            from .drift import _diff

            found["diff"].append({"prepared": _diff.text(objects)})
    if drift is not None:
        found["drift"] = drift
    if checks:
        found["checks"] = [item for item in checks if item["outcome"] != "passed"]
    return found
