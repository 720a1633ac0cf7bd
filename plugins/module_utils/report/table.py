# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on resources as text tables for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from ..terminal import line as plain
from . import _names
from ._sentence import amount, current, notes, part, percent, summary

_FAMILIES = ("cpu", "memory", "storage")


def render(report: Mapping) -> str:
    """A report (resources.gather) as lines: a summary, clusters × capacity, workspaces × quota × use × instances, the fullest first."""
    blocks = [[f"{report['made_at']}: {summary(report)}"], _clusters(report["clusters"]), _workspaces(report["workspaces"])]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def grid(head: Sequence[str], rows: Iterable[Sequence[object]], right: Iterable[int] = ()) -> list[str]:
    """Rows below their titles, each column as wide as its longest text; right: columns of numbers. Wide letters take two places."""
    texts = [list(head), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(width(row[number]) for row in texts) for number in range(len(head))]
    numbers = set(right)
    return ["  ".join(_padded(cell, widths[number], number in numbers) for number, cell in enumerate(row)).rstrip() for row in texts]


def width(text: str) -> int:
    """The places a text takes in a terminal: two for wide East Asian letters, none for marks that sit on another one."""
    return sum(0 if unicodedata.category(char) in ("Mn", "Me") else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, places: int, right: bool) -> str:
    gap = " " * (places - width(text))
    return gap + text if right else text + gap


def _clusters(clusters: Sequence[Mapping]) -> list[str]:
    if not clusters:
        return []
    head = ("CLUSTER", "STATE", "VERSION", "NODES", "CPU", "MEMORY", "STORAGE", "WORKSPACES", "INSTANCES")
    rows = [
        (cluster["name"], cluster["phase"], cluster["version"] or "-", _nodes(cluster["nodes"]), *_capacities(cluster), cluster["workspaces"],
         _count(cluster["instances"]))
        for cluster in clusters
    ]
    told = [plain(f"{cluster['name']}: {note}") for cluster in clusters for note in notes(cluster) if note]
    return [*grid(head, rows, right=(3, 7, 8)), *told]


def _workspaces(spaces: Sequence[Mapping]) -> list[str]:
    if not spaces:
        return ["There is no workspace."]
    head = ("WORKSPACE", "PROJECT", "CLUSTER", "STATE", "CPU", "MEMORY", "STORAGE", "OTHER", "INSTANCES")
    rows = [
        (space["name"], space["project"], space["cluster"], space["state"], *(_share(space, name) for name in _names.FAMILIES),
         _count(space["instances"]))
        for space in spaces
    ]
    return grid(head, rows, right=(8,))


def _capacities(cluster: Mapping) -> list[str]:
    """What pods requested, of what nodes can give, or what claims did; figures of yesterday say nothing of today."""
    found = cluster["resources"] if current(cluster) else {}
    return [_capacity(name, found[name]) if name in found else "-" for name in _FAMILIES]


def _capacity(resource: str, found: Mapping) -> str:
    if not found["allocatable"]:
        return amount(found["requested"], resource)
    return f"{part(found['requested'], found['allocatable'], resource)}{_percent(found['percent']['requested'])}"


def _share(space: Mapping, family: str) -> str:
    """The fullest of a column."""
    entries = [entry for entry in space["quota"] or () if _names.family(entry["resource"]) == family]
    if not entries:
        return "-"
    fullest = max(entries, key=lambda entry: -1 if entry["percent"] is None else entry["percent"])
    return f"{_names.word(fullest['resource'])}{part(fullest['used'], fullest['hard'], fullest['resource'])}{_percent(fullest['percent'])}"


def _percent(value: float | None) -> str:
    return "" if value is None else f" ({percent(value)})"


def _nodes(nodes: Mapping) -> str:
    return f"{nodes['ready']}/{nodes['total']}" if nodes else "-"


def _count(number: int | None) -> str:
    return "-" if number is None else str(number)
