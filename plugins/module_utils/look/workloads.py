# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: controllers with their numbers as people see them (§5.3.3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..kube.readiness import state
from .ages import age, duration, moment

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def show(obj: Mapping, now: datetime) -> dict[str, Any]:
    """One controller. Columns its kind has not are None; ``state`` says the same in one line, ``reason`` why it is not done."""
    spec, status, kind = obj.get("spec") or {}, obj.get("status") or {}, obj["kind"]
    numbers: dict[str, Any] = dict.fromkeys(("up_to_date", "available", "completions", "duration", "schedule", "suspended", "active", "last_run"))
    ready, wanted = status.get("readyReplicas", 0), spec.get("replicas", 1)
    if kind == "Deployment":
        numbers |= {"up_to_date": status.get("updatedReplicas", 0), "available": status.get("availableReplicas", 0)}
    elif kind == "StatefulSet":
        numbers |= {"up_to_date": status.get("updatedReplicas", 0), "available": status.get("availableReplicas", ready)}
    elif kind == "DaemonSet":
        ready, wanted = status.get("numberReady", 0), status.get("desiredNumberScheduled", 0)
        numbers |= {"up_to_date": status.get("updatedNumberScheduled", 0), "available": status.get("numberAvailable", 0)}
    elif kind == "Job":
        ready, wanted = status.get("succeeded", 0), spec.get("completions") or 1
        numbers |= {"completions": _completions(spec, ready), "duration": _duration(status, now), "suspended": bool(spec.get("suspend"))}
    else:
        ready = wanted = len(status.get("active") or [])
        numbers |= {
            "schedule": spec.get("schedule", ""), "suspended": bool(spec.get("suspend")), "active": ready, "last_run": status.get("lastScheduleTime") or "",
        }
    found = state(obj)
    template = ((spec.get("jobTemplate") or {}).get("spec") or {} if kind == "CronJob" else spec).get("template") or {}
    shown = {
        "kind": kind, "name": obj["metadata"]["name"], "ready": ready, "wanted": wanted, **numbers, "done": found.ready,
        "reason": "" if found.ready else found.summary,
        "images": [container["image"] for container in (template.get("spec") or {}).get("containers") or []],
        "created_at": obj["metadata"]["creationTimestamp"], "age": age(obj["metadata"]["creationTimestamp"], now),
    }
    return {**shown, "state": _sentence(shown, now)}


def gone(kind: str, name: str) -> dict[str, Any]:
    """A controller that belongs to the instance and is not there."""
    numbers = dict.fromkeys(("up_to_date", "available", "completions", "duration", "schedule", "suspended", "active", "last_run"))
    return {
        "kind": kind, "name": name, "ready": 0, "wanted": 0, **numbers, "done": False, "reason": "it is not there", "images": [], "created_at": "", "age": "",
        "state": "GONE",
    }


def _completions(spec: Mapping, succeeded: int) -> str:
    if spec.get("completions") is not None:
        return f"{succeeded}/{spec['completions']}"
    side_by_side = spec.get("parallelism") or 0
    return f"{succeeded}/1 of {side_by_side}" if side_by_side > 1 else f"{succeeded}/1"


def _duration(status: Mapping, now: datetime) -> str:
    began, ended = moment(status.get("startTime")), moment(status.get("completionTime"))
    return "" if began is None else duration(((ended or now) - began).total_seconds())


def _sentence(shown: Mapping, now: datetime) -> str:
    kind = shown["kind"]
    if kind == "Job":
        return f"{shown['completions']} COMPLETIONS{', suspended' if shown['suspended'] else ''}"
    if kind == "CronJob":
        last = f"last run {age(shown['last_run'], now)} ago" if shown["last_run"] else "not run yet"
        return f"{shown['schedule']}, {'suspended, ' if shown['suspended'] else ''}{shown['active']} ACTIVE, {last}"
    text = f"{shown['ready']}/{shown['wanted']} READY"
    return text if kind == "StatefulSet" else f"{text}, {shown['up_to_date']} UP-TO-DATE, {shown['available']} AVAILABLE"
