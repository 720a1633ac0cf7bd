# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: pods and their containers as people see them (§5.3.4), in the words of ``kubectl get pods``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .ages import age

_TERMINAL = ("Failed", "Succeeded")


def show(pod: Mapping, now: datetime, usage: Mapping | None = None) -> dict[str, Any]:
    """One pod: name, status, ready, restarts, ip, node, owner and containers, those of its start marked ``init``.

    usage: container -> {cpu, memory} as metrics-server says it; without it both are None.
    """
    meta, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    word, restarts, ready = _word(pod)
    begin = spec.get("initContainers") or []
    wanted = len(spec.get("containers") or []) + sum(1 for item in begin if _stays(item))
    owner = next(iter(meta.get("ownerReferences") or []), {})
    return {
        "name": meta["name"], "status": word, "ready": wanted > 0 and ready == wanted, "ready_containers": f"{ready}/{wanted}", "restarts": restarts,
        "ip": status.get("podIP", ""), "node": spec.get("nodeName", ""), "owner_kind": owner.get("kind", ""), "owner": owner.get("name", ""),
        "message": status.get("message", "") or _unscheduled(status),
        "containers": _containers(spec, status, now, usage or {}), "created_at": meta["creationTimestamp"], "age": age(meta["creationTimestamp"], now),
    }


def _word(pod: Mapping) -> tuple[str, int, int]:
    """(status, restarts, ready containers) as kubectl's printPod counts them."""
    meta, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    phase = status.get("phase", "Pending")
    word = status.get("reason") or phase
    if any(item.get("type") == "PodScheduled" and item.get("reason") == "SchedulingGated" for item in status.get("conditions") or []):
        word = "SchedulingGated"
    begin = {item["name"]: item for item in spec.get("initContainers") or []}
    starting, restarts, ready, stayed = "", 0, 0, 0
    for number, item in enumerate(status.get("initContainerStatuses") or []):
        restarts += item.get("restartCount", 0)
        stays = _stays(begin.get(item["name"], {}))
        stayed += item.get("restartCount", 0) if stays else 0
        ended = _state(item).get("terminated")
        if ended is not None and not ended.get("exitCode"):
            continue
        if stays and item.get("started"):
            ready += bool(item.get("ready"))
            continue
        waits = (_state(item).get("waiting") or {}).get("reason", "")
        if ended is not None:
            starting = f"Init:{_ended(ended)}"
        elif waits and waits != "PodInitializing":
            starting = f"Init:{waits}"
        else:
            starting = f"Init:{number}/{len(begin)}"
        word = starting
        break
    if not starting or _condition(status, "Initialized"):
        restarts, running = stayed, False
        for item in reversed(status.get("containerStatuses") or []):
            state = _state(item)
            restarts += item.get("restartCount", 0)
            if (state.get("waiting") or {}).get("reason"):
                word = state["waiting"]["reason"]
            elif state.get("terminated") is not None:
                word = _ended(state["terminated"])
            elif item.get("ready") and "running" in state:
                running = True
                ready += 1
        if word == "Completed" and running:
            word = "Running" if _condition(status, "Ready") else "NotReady"
    if meta.get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            word = "Unknown"
        elif phase not in _TERMINAL:
            word = "Terminating"
    return word, restarts, ready


def _containers(spec: Mapping, status: Mapping, now: datetime, usage: Mapping) -> list[dict[str, Any]]:
    found = []
    for part, states, init in (("initContainers", "initContainerStatuses", True), ("containers", "containerStatuses", False)):
        known = {item["name"]: item for item in status.get(states) or []}
        found += [_container(item, known.get(item["name"]) or {}, init, now, usage.get(item["name"]) or {}) for item in spec.get(part) or []]
    return found


def _container(wanted: Mapping, item: Mapping, init: bool, now: datetime, usage: Mapping) -> dict[str, Any]:
    state = _state(item)
    since = (state.get("running") or state.get("terminated") or {}).get("startedAt") or ""
    resources = wanted.get("resources") or {}
    asked, most = resources.get("requests") or {}, resources.get("limits") or {}
    return {
        "name": wanted["name"], "init": init, "status": _container_word(state), "ready": bool(item.get("ready")), "restarts": item.get("restartCount", 0),
        "image": wanted.get("image", ""), "started_at": since, "age": age(since, now), "message": _message(state), "last_end": _last(item),
        "cpu_request": asked.get("cpu"), "cpu_limit": most.get("cpu"), "memory_request": asked.get("memory"), "memory_limit": most.get("memory"),
        "cpu_usage": usage.get("cpu"), "memory_usage": usage.get("memory"),
    }


def _container_word(state: Mapping) -> str:
    if "running" in state:
        return "Running"
    if state.get("terminated") is not None:
        return _ended(state["terminated"])
    return (state.get("waiting") or {}).get("reason") or "Waiting"


def _message(state: Mapping) -> str:
    return ((state.get("waiting") or state.get("terminated") or {}).get("message") or "").strip()


def _last(item: Mapping) -> dict[str, Any] | None:
    """How the container before this one ended, None where there was none."""
    ended = (item.get("lastState") or {}).get("terminated")
    return None if ended is None else {"reason": _ended(ended), "exit_code": ended.get("exitCode", 0), "at": ended.get("finishedAt") or ""}


def _ended(ended: Mapping) -> str:
    if ended.get("reason"):
        return ended["reason"]
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _state(item: Mapping) -> Mapping:
    return item.get("state") or {}


def _stays(container: Mapping) -> bool:
    """A sidecar: it starts with the init containers and goes on."""
    return container.get("restartPolicy") == "Always"


def _condition(status: Mapping, kind: str) -> bool:
    return any(item.get("type") == kind and item.get("status") == "True" for item in status.get("conditions") or [])


def _unscheduled(status: Mapping) -> str:
    return next((
        item.get("message") or "" for item in status.get("conditions") or [] if item.get("type") == "PodScheduled" and item.get("status") == "False"), "")
