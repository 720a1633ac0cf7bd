# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the step log of an instance's Operations and the Kubernetes events of its objects, as one story (§5.3.1, §5.3.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ._space import Key
from .ages import age

MOST = 200
_LONGEST = 1024
# Letters of the names that controllers make up.
_LETTER = "[bcdfghjklmnpqrstvwxz2456789]"
_SUFFIX = re.compile(rf"(.+)-{_LETTER}{{5}}")
_HASH = re.compile(rf"(.+)-{_LETTER}{{6,10}}")
_NUMBER = re.compile(r"(.+)-\d+")


class Index:
    """Kubernetes events by the object they tell of. there: objects that were read, whose owner is known for sure.

    What is gone already is found by its name, as controllers make it.
    """

    def __init__(self, found: Iterable[Mapping], there: Iterable[Key] = ()) -> None:
        known = set(there)
        self._by_key: dict[Key, list[Mapping]] = {}
        for event in found:
            about = event.get("involvedObject") or {}
            key = (str(about.get("kind") or ""), str(about.get("name") or ""))
            for each in (key, *(() if key in known else _makers(*key))):
                self._by_key.setdefault(each, []).append(event)

    def of(self, owned: Iterable[Key], inventory: Iterable[Mapping] = ()) -> list[Mapping]:
        """Events about these, and about the claims that StatefulSets of the inventory asked for; each once."""
        keys = [*owned, *(
            ("claims", f"{template}-{item['name']}") for item in inventory for template in item.get("claimTemplates") or ())]
        found = [event for key in dict.fromkeys(keys) for event in self._by_key.get(key, ())]
        return list({id(event): event for event in found}.values())


def _makers(kind: str, name: str) -> list[Key]:
    """What may have made an object of that name."""
    if kind == "ReplicaSet":
        return [("Deployment", match[1]) for match in (_HASH.fullmatch(name),) if match]
    if kind == "Job":
        return [("CronJob", match[1]) for match in (_NUMBER.fullmatch(name),) if match]
    if kind == "PersistentVolumeClaim":
        return [("claims", match[1]) for match in (_NUMBER.fullmatch(name),) if match]
    if kind != "Pod":
        return []
    found = [("StatefulSet", match[1]) for match in (_NUMBER.fullmatch(name),) if match]
    if match := _SUFFIX.fullmatch(name):
        found += [("DaemonSet", match[1]), ("Job", match[1]), *_makers("ReplicaSet", match[1]), *_makers("Job", match[1])]
    return found


def merged(events: Iterable[Mapping], operations: Iterable[Mapping], now: datetime, most: int = MOST) -> list[dict[str, Any]]:
    """time, age, type, reason, source, object, message, count of each, by time, the newest last; the same told again is counted, not repeated.

    most: only so many of the newest.
    """
    told: dict[tuple, dict[str, Any]] = {}
    for event in map(_of_cluster, events):
        key = (event["object"], event["type"], event["reason"], event["message"])
        before = told.get(key)
        if before is None:
            told[key] = event
        else:
            told[key] = {**before, "count": before["count"] + event["count"], "time": max(before["time"], event["time"])}
    steps = [step for operation in operations for step in _of_operation(operation)]
    # A run's own steps stand before what the cluster tells of the same second.
    ordered = sorted([*steps, *told.values()], key=lambda item: item["time"])[-most:]
    return [{**item, "age": age(item["time"], now)} for item in ordered]


def _of_cluster(event: Mapping) -> dict[str, Any]:
    about, series = event.get("involvedObject") or {}, event.get("series") or {}
    stamps = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"), event.get("firstTimestamp"))
    source = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
    return {
        "time": _second(next(filter(None, stamps), None) or event["metadata"].get("creationTimestamp") or ""), "type": event.get("type") or "Normal",
        "reason": event.get("reason") or "", "source": source, "object": f"{about.get('kind', '')}/{about.get('name', '')}",
        "message": _line(event.get("message")), "count": int(series.get("count") or event.get("count") or 1),
    }


def _of_operation(operation: Mapping) -> list[dict[str, Any]]:
    spec, status, name = operation.get("spec") or {}, operation.get("status") or {}, operation["metadata"]["name"]
    verb = spec.get("verb") or ""
    base = {"type": "Normal", "reason": verb, "source": "acmp", "object": f"Operation/{name}", "count": 1}
    began = status.get("startedAt") or operation["metadata"].get("creationTimestamp") or ""
    who = f" by {spec['requester']}" if spec.get("requester") else ""
    found = [{**base, "time": began, "message": f"{verb} started{who}"}]
    found += [{**base, "time": step.get("at") or began, "message": _line(step.get("message"))} for step in status.get("steps") or []]
    if status.get("finishedAt"):
        phase = status.get("phase") or ""
        end = f"{verb} {phase.lower()}{': ' + _line(status['message']) if status.get('message') else ''}"
        found.append({**base, "type": "Normal" if phase == "Succeeded" else "Warning", "time": status["finishedAt"], "message": end})
    return found


def warnings(found: Sequence[Mapping]) -> list[Mapping]:
    return [item for item in found if item["type"] != "Normal"]


def _second(text: str) -> str:
    """Newer events are stamped to the microsecond, all others to the second."""
    return text.partition(".")[0] + "Z" if "." in text else text


def _line(text: object) -> str:
    return " ".join(str(text or "").split())[:_LONGEST]
