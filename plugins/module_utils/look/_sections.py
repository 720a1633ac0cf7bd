# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts of an instance as tables of a page. Times stand as they are: an age would make every page a new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..kube import quantities
from ..markup import Safe, join, link, tag
from .table import stamp, value

_FINE = frozenset({"Running", "Completed", "Succeeded", "Ready"})
_COMING = frozenset({
    "Pending", "ContainerCreating", "PodInitializing", "Terminating", "Deploying", "Changing", "Upgrading", "RollingBack", "Removing", "NotReady", "Waiting",
    "SchedulingGated", "Unknown", "Stopped",
})


def show(item: Mapping, most: int) -> Safe:
    """All parts of one instance; most: that many lines of history and three times as many events."""
    parts = (
        ("Workloads", _workloads(item["workloads"])), ("Pods", _pods(item["pods"])), ("Addresses", _addresses(item["endpoints"])),
        ("Status", _status(item["status"])), ("Parameters", _parameters(item["parameters"])), ("History", _history(item["history"], most)),
        ("Events", _events(item["events"], 3 * most)),
    )
    return join([join([tag("h3", title), found]) for title, found in parts if found])


def chip(word: str) -> Safe:
    """A status as a coloured word; the word alone says it all."""
    kind = "ok" if word in _FINE else "near" if word in _COMING or word.startswith("Init:") and word[5:6].isdigit() else "" if word == "Removed" else "bad"
    return tag("span", word or "no phase yet", class_=f"chip {kind if word else ''}".strip())


def sheet(titles: Iterable[str], rows: Sequence[Safe]) -> Safe | str:
    if not rows:
        return ""
    head = tag("thead", tag("tr", *[tag("th", title, scope="col") for title in titles]))
    return tag("div", tag("table", head, tag("tbody", *rows)), class_="sheet", tabindex="0")


def row(first: object, *cells: object, kind: str = "") -> Safe:
    return tag("tr", tag("th", first, scope="row"), *[cell if isinstance(cell, Safe) and cell.startswith("<td") else tag("td", cell) for cell in cells],
               class_=kind or None)


def when(text: str) -> Safe:
    return tag("td", tag("time", stamp(text), datetime=text) if text else "–", class_="line")


def _workloads(found: Sequence[Mapping]) -> Safe | str:
    return sheet(("Name", "Kind", "State", "", "Image", "Created (UTC)"), [
        row(part["name"], part["kind"], tag("td", part["state"], class_="line"), chip("Ready") if part["done"] else chip("NotReady"),
            _lines(part["images"], code=True), when(part["created_at"]))
        for part in found
    ])


def _pods(found: Sequence[Mapping]) -> Safe | str:
    rows = []
    for pod in found:
        told = tag("div", pod["message"], class_="small soft") if pod["message"] else ""
        rows.append(row(
            join([pod["name"], tag("div", pod["owner_kind"], class_="small soft")]), join([chip(pod["status"]), told]), pod["ready_containers"],
            pod["restarts"], "", "", "", pod["ip"] or "–", pod["node"] or "–", when(pod["created_at"])))
        for part in pod["containers"]:
            note = [part["message"]] if part["message"] else []
            if part["last_end"]:
                note.append(f"before that: {part['last_end']['reason']}, exit code {part['last_end']['exit_code']}, {stamp(part['last_end']['at'])}")
            state = join([chip(part["status"]), *[tag("div", text, class_="small soft") for text in note]])
            rows.append(row(
                f"{part['name']}{' (init)' if part['init'] else ''}", state, "", part["restarts"], tag("td", tag("code", part["image"]), class_="wide"),
                tag("td", _bounds(part, "cpu"), class_="line"),
                tag("td", _bounds(part, "memory"), class_="line"), "", "", when(part["started_at"]), kind="inner"))
    titles = ("Pod and its containers", "Status", "Ready", "Restarts", "Image", "CPU", "Memory", "IP", "Node", "Since (UTC)")
    return sheet(titles, rows)


def _bounds(part: Mapping, what: str) -> str:
    asked, most = (quantities.human(part[f"{what}_{side}"]) if part[f"{what}_{side}"] else "–" for side in ("request", "limit"))
    return f"{asked} to {most}"


def _addresses(found: Sequence[Mapping]) -> Safe | str:
    return sheet(("Name", "Type", "Cluster IP", "Port", "Inside the cluster", "Outside", "Created (UTC)"), [
        row(part["service"], part["type"], part["cluster_ip"] or "–", _lines(part["ports"]), _lines(part["addresses"], code=True),
            _lines([link(text, text) for text in (*part["node_addresses"], *part["external"])], code=True), when(part["created_at"]))
        for part in found
    ])


def _status(found: Sequence[Mapping]) -> Safe | str:
    return sheet(("Label", "Value"), [
        row(part["label"], link(part["url"], part["text"]) if part["url"] else part["text"] or tag("span", part["missing"] or "–", class_="soft"))
        for part in found
    ])


def _parameters(found: Sequence[Mapping]) -> Safe | str:
    return sheet(("Parameter", "Path", "Value", "Default"), [
        row(part["label"], *[tag("code", text) for text in (part["path"], value(part["value"]), value(part["default"]))],
            kind="changed" if part["changed"] else "")
        for part in found
    ])


def _history(found: Sequence[Mapping], most: int) -> Safe | str:
    rows = []
    for part in found[:most]:
        said = [f"{change['path']}: {value(change['before'])} → {value(change['after'])}" for change in part["changes"]]
        outcome = part["outcome"] or ("Succeeded" if part["ready"] else "")
        told = join([_lines(said), tag("div", part["message"], class_="small soft") if part["message"] else ""])
        rows.append(tag("tr", when(part["at"]), *[tag("td", cell) for cell in (
            part["verb"] or "–", chip(outcome), part["revision"] or "–", part["version"] or "–", part["by"] or "–", told)]))
    return sheet(("When (UTC)", "What", "Outcome", "Revision", "Version", "Who", "Changes"), rows)


def _events(found: Sequence[Mapping], most: int) -> Safe | str:
    rows = [
        tag("tr", when(event["time"]), *[cell if cell.startswith("<td") else tag("td", cell) for cell in (
            tag("span", event["type"], class_="chip near" if event["type"] != "Normal" else "soft"), event["source"] or "–", event["reason"], event["object"],
            tag("td", event["message"] + (f" (×{event['count']})" if event["count"] > 1 else ""), class_="wide"))])
        for event in found[-most:]
    ]
    return sheet(("When (UTC)", "Type", "Source", "Reason", "Object", "Message"), rows)


def _lines(texts: Iterable[object], code: bool = False) -> Safe | str:
    found = [tag("div", tag("code", text) if code else text) for text in texts]
    return join(found) if found else "–"
