# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: instances as text for people at a terminal: a table of all, the details of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..instance.request import LOCAL
from ..report.table import grid, plain
from . import logs

_EVENTS = 30
_LONGEST, _VALUE, _SOURCE = 160, 48, 24


_NONE = "No instances. Deploy one: ansible-playbook acmp.middleware.deploy -e acmp_package=PACKAGE -e acmp_instance=NAME -e acmp_namespace=NAMESPACE\n"


def render(instances: Sequence[Mapping], details: bool = False, parts: Sequence[str] = ()) -> str:
    """A table of instances; with details the parts of each, of logs alone nothing else."""
    if not instances:
        return _NONE
    only_logs = details and tuple(parts) == ("logs",)
    blocks = [[] if only_logs else _list(instances)]
    if details:
        for item in instances:
            blocks += _details(item, parts, bare=only_logs and len(instances) == 1)
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _list(instances: Sequence[Mapping]) -> list[str]:
    head = ["NAME", "STATUS", "PACKAGE", "MODE", "CLUSTER", "NAMESPACE", "PROJECT", "REVISION", "WORKLOADS", "CREATED"]
    rows = [
        (item["name"], item["phase"] or "-", f"{item['package']} {item['version']}", item["mode"], item["cluster"], item["namespace"], item["project"],
         item["revision"], _workloads(item), stamp(item["created_at"]))
        for item in instances
    ]
    return grid(head, rows, right=(7,))


def _workloads(item: Mapping) -> str:
    found = item.get("workloads")
    return "-" if not found else f"{sum(1 for part in found if part['done'])}/{len(found)} ready"


def stamp(text: str) -> str:
    """A time without the letters that only machines need."""
    return text.replace("T", " ").removesuffix("Z") or "-"


def _details(item: Mapping, wanted: Sequence[str], bare: bool) -> list[list[str]]:
    parts: Iterable[tuple[str, Callable[[Mapping], list[str]]]] = (
        ("workloads", _controllers), ("pods", _pods), ("endpoints", _endpoints), ("status", _status), ("parameters", _parameters), ("history", _history),
        ("events", _events), ("logs", _logs),
    )
    shown = {*wanted, *(("pods",) if "usage" in wanted else ())}
    return [[] if bare else _head(item), *(show(item) for name, show in parts if name in shown and (item.get(name) or name == "logs"))]


def _head(item: Mapping) -> list[str]:
    place = "" if item["cluster"] == LOCAL else f"{item['cluster']}: "
    lines = [f"{place}{item['namespace']}/{item['name']}{' ' + item['description'] if item['description'] else ''}"]
    helm = f", Helm release {item['release']} {item['helm_status']}" if item.get("helm_status") else ""
    lines.append(f"type {item['type']}, last ready revision {item['ready_revision'] or 'none'}{helm}")
    lines += [f"Secret {secret(part)}" for part in item["secrets"]]
    if item["last_error"]:
        lines.append(f"last error: {item['last_error']}")
    lines += [f"stuck: {text}" for text in item.get("stuck") or []]
    return [plain(line) for line in lines if line]


def secret(part: Mapping) -> str:
    """Name and keys of a Secret."""
    return f"{part.get('name') or '-'}: {', '.join(map(str, part.get('keys') or []))}"


def _controllers(item: Mapping) -> list[str]:
    rows = [(part["name"], part["kind"], part["state"], "" if part["state"] == "GONE" else part["reason"], part["age"]) for part in item["workloads"]]
    return grid(("WORKLOAD", "KIND", "STATE", "", "AGE"), rows)


def _pods(item: Mapping) -> list[str]:
    used = any(part["cpu_usage"] for pod in item["pods"] for part in pod["containers"])
    rows, told = [], []
    for pod in item["pods"]:
        rows.append((pod["name"], pod["status"], pod["ready_containers"], pod["restarts"], "", "", "", pod["ip"] or "-", pod["node"] or "-", pod["age"]))
        for part in pod["containers"]:
            rows.append((
                f"- {part['name']}{' (init)' if part['init'] else ''}", part["status"], "", part["restarts"], part["image"],
                _bounds(part, "cpu", used), _bounds(part, "memory", used), "", "",
                part["age"]))
        told += [f"{pod['name']}: {text}" for text in (pod["message"], *(part["message"] for part in pod["containers"])) if text]
    head = ("POD", "STATUS", "READY", "RESTARTS", "IMAGE", "CPU", "MEMORY", "IP", "NODE", "AGE")
    # A container stands below its pod.
    return grid(head, rows, right=(3,)) + [_short(line) for line in dict.fromkeys(told)]


def _bounds(part: Mapping, what: str, used: bool) -> str:
    asked = f"{part[f'{what}_request'] or '-'}/{part[f'{what}_limit'] or '-'}"
    return f"{part[f'{what}_usage'] or '-'} of {asked}" if used else asked


def _endpoints(item: Mapping) -> list[str]:
    rows = []
    for part in item["endpoints"]:
        outside = [*part["node_addresses"], *part["external"]]
        rows.append((
            part["service"], part["type"], part["cluster_ip"] or "-", " ".join(part["ports"]) or "-", " ".join(part["addresses"]) or "-",
            " ".join(outside) or "-", part.get("age", "")))
    lines = grid(("ADDRESS", "TYPE", "CLUSTER IP", "PORTS", "INSIDE THE CLUSTER", "OUTSIDE", "AGE"), rows)
    words = {True: "reached", False: "NOT reached", None: "not tried"}
    for part in item["endpoints"]:
        lines += [
            f"{words[probe['reachable']]}: {probe['address'] or part['service']}{'' if probe['reachable'] else ' (' + probe['message'] + ')'}"
            for probe in part.get("probes") or []
        ]
    return lines


def _status(item: Mapping) -> list[str]:
    return grid(("STATUS", "VALUE"), [(part["label"], part["url"] or part["text"] or f"- ({part['missing']})") for part in item["status"]])


def _parameters(item: Mapping) -> list[str]:
    rows = [(part["label"], part["path"], value(part["value"]), value(part["default"])) for part in item["parameters"]]
    return grid(("PARAMETER", "PATH", "VALUE", "DEFAULT"), rows)


def value(given: object) -> str:
    """A value on one line, not too long."""
    if given is None:
        return "-"
    return _short((given or '""') if isinstance(given, str) else json.dumps(given, ensure_ascii=False), _VALUE)


def _history(item: Mapping) -> list[str]:
    rows = []
    for part in item["history"]:
        ready = {True: "ready", False: "not ready", None: "-"}[part["ready"]]
        changes = ", ".join(f"{change['path']} {value(change['before'])} → {value(change['after'])}" for change in part["changes"])
        rows.append((
            stamp(part["at"]), part["verb"] or "-", part["outcome"] or "-", part["revision"] or "-", part["version"] or "-", ready, part["by"] or "-",
            _short(changes or part["message"]) or "-"))
    return grid(("WHEN", "WHAT", "OUTCOME", "REVISION", "VERSION", "READY", "WHO", "CHANGES"), rows)


def _events(item: Mapping) -> list[str]:
    rows = [event_row(event) for event in item["events"][-_EVENTS:]]
    more = [f"({len(item['events']) - _EVENTS} older events are left out)"] if len(item["events"]) > _EVENTS else []
    return [*more, *grid(("AGE", "TYPE", "SOURCE", "REASON", "OBJECT", "MESSAGE"), rows)]


def event_row(event: Mapping) -> tuple:
    times = f" (x{event['count']})" if event["count"] > 1 else ""
    return event["age"], event["type"], _short(event["source"], _SOURCE) or "-", event["reason"], event["object"], _short(event["message"]) + times


def _logs(item: Mapping) -> list[str]:
    return logs.lines(item["logs"]) if item.get("logs") else ["No container has begun, so there are no logs."]


def _short(text: str, most: int = _LONGEST) -> str:
    text = plain(text)
    return text if len(text) <= most else text[:most - 3] + "..."
