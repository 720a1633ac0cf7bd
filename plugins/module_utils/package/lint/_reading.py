# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of a package for layers over text and values: read once, templates without comments, the lines of what is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from .._paths import get
from ..model._report import Report
from ..model.model import Package
from ..tree import FileTree

TEMPLATES = (".yaml", ".yml", ".tpl", ".json")
LARGEST = 1024 * 1024
# Findings of one rule in one file: more would say nothing new.
MOST = 100
# Of all templates together, and of the actions in one: many times what the largest charts have.
_TOGETHER = 4 * 1024 * 1024
_ACTIONS = 20_000

_LOADED: WeakKeyDictionary[Report, dict[str, object]] = WeakKeyDictionary()
_COMMENT = re.compile(r"\{\{-?\s{0,99}/\*")
_YAML_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)


def load(report: Report, path: str) -> object:
    """The data of a YAML file, None where it cannot be read or does not exist; several layers ask for the same ones."""
    known = _LOADED.setdefault(report, {})
    if path not in known:
        known[path] = report.load(path) if path in report.tree else None
    return known[path]


def load_all(report: Report, path: str) -> list:
    """The documents of a YAML file, none where it cannot be read; what is given is shared, and not to be changed."""
    known = _LOADED.setdefault(report, {})
    if f"{path}?all" not in known:
        known[f"{path}?all"] = report.load_all(path)
    return known[f"{path}?all"]


def charts(tree: FileTree, root: str) -> list[str]:
    """Folders of the chart at root and of the unpacked charts below it, the chart itself first; none where root holds no chart."""
    found = re.compile(rf"({re.escape(root)}(?:/charts/[^/]+)*)/Chart\.yaml") if root else re.compile(r"((?:charts/[^/]+)*)/?Chart\.yaml")
    return sorted((match[1] for match in map(found.fullmatch, tree) if match), key=len)


def chart_of(package: Package) -> str:
    """The folder of the chart that is deployed, "" for packages without one."""
    root = package.raw_root
    return root if root and f"{root}/Chart.yaml" in package.tree else ""


def templates(tree: FileTree, chart: str) -> Iterator[tuple[str, str]]:
    """(path, text) of a chart's own templates; comments blanked, lines kept. More than a release can hold is left out."""
    prefix, size = f"{chart}/templates/", 0
    for path in tree:
        if "/templates/" in path and path.endswith(TEMPLATES) and len(tree[path]) <= LARGEST:
            size += len(tree[path])
            if path.startswith(prefix) and size <= _TOGETHER:
                yield path, blanked(tree[path].decode("utf-8", "replace"))


def blanked(text: str) -> str:
    """A template's text without its comments, every line where it was."""
    parts, position = [], 0
    # By find, not by one expression: what is opened ten thousand times and never closed would be searched to the end each time.
    while found := _COMMENT.search(text, position):
        closed = text.find("*/", found.end())
        end = text.find("}}", closed) if closed >= 0 else -1
        if end < 0:
            break
        parts.append(text[position:found.start()] + "\n" * text.count("\n", found.start(), end))
        position = end + 2
    return _YAML_COMMENT.sub("", "".join(parts) + text[position:])


def actions(text: str) -> Iterator[tuple[int, str]]:
    """(place in the text, content) of each template action."""
    position = 0
    for _number in range(_ACTIONS):
        start = text.find("{{", position)
        end = text.find("}}", start) if start >= 0 else -1
        if end < 0:
            return
        yield start, text[start + 2:end]
        position = end + 2


def line_of(text: str, position: int) -> int:
    """The line (from 1) of a place in a text."""
    return text.count("\n", 0, position) + 1


def default_file(report: Report) -> str:
    """The path of the default documents' file, "" where there is none."""
    name = get(load(report, "application.yaml"), ("spec", "manifests", "defaultCustomResource"))
    path = f"manifests/{(name if isinstance(name, str) and name else 'default-cr.yaml').removeprefix('./').removeprefix('manifests/')}"
    return path if path in report.tree else ""


def csv_file(report: Report) -> str:
    """The path of csv.yaml, "" where there is none."""
    name = get(load(report, "application.yaml"), ("spec", "manifests", "clusterServiceVersionName"))
    path = f"manifests/{(name if isinstance(name, str) and name else 'csv.yaml').removeprefix('./').removeprefix('manifests/')}"
    return path if path in report.tree else ""


def walk(value: object, steps: tuple = ()) -> Iterator[tuple[tuple, object, object]]:
    """(place, value, what holds it) of every value below maps and lists, outer ones first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*steps, step), item, value
        yield from walk(item, (*steps, step))


def always_replaced(package: Package, steps: tuple, value: object) -> bool:
    """Whether every instance type's document sets another value at a place of the chart's values."""
    missing = object()
    found = [get(item.document, ("spec", "values", *steps), missing) for item in package.types]
    return bool(found) and all(item is not missing and item != value for item in found)


def default_documents(report: Report) -> Iterator[tuple[str, int, tuple, object]]:
    """(path, document's number, place of the values in it, the values) of each default document: spec.values of a HelmRelease, else spec."""
    path = default_file(report)
    if not path:
        return
    for number, document in enumerate(load_all(report, path)):
        if isinstance(document, dict):
            base = ("spec", "values") if document.get("kind") == "HelmRelease" else ("spec",)
            yield path, number, base, get(document, base)
