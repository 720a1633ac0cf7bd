# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What really can be set in a package, for comparison with what its detail page says: values, schemas, default documents and the form."""

from __future__ import annotations

import functools
import json
import re

from ...errors import InputError, PackageError
from .. import _scalars
from .._paths import format_path, get, parse_path
from ..documents import is_helm
from ..form import _source
from ..form._schema import Schema
from ..model._fields import shown
from ..model._report import Report
from ..model.model import Package
from ._reading import chart_of, charts, load

_MISSING = object()
_LEAVES, _FIELDS, _TEMPLATES = 5000, 1000, 512 * 1024
_SECRET = re.compile(r"pass|secret|token|credential|key", re.I)
# A cell that tells in words that there is nothing.
_EMPTY = re.compile(r"(empty|not set|unset|none|null|nothing|nil|blank|空|无|未设置|不设置|不填)\b|[-—]*$|(空|无|未设置|不设置|不填)", re.I)
_CODE = re.compile(r"`([^`]*)`")
_TRUE, _FALSE = ("true", "yes", "on", "是", "开启", "启用", "enabled"), ("false", "no", "off", "否", "关闭", "禁用", "disabled")


class Parameters:
    """What may be set below spec. judged: whether all of it is known, so that a path that is not found is wrong."""

    def __init__(self, package: Package, report: Report) -> None:
        self._specs = [item.document.get("spec") for item in package.types]
        self._package = package
        self._helm = bool(package.types) and is_helm(package.types[0].document)
        self._root = ("values",) if self._helm else ()
        self._values, self._subcharts, self._schema = {}, frozenset(), Schema({})
        chart = chart_of(package) if package.template_type == "helm" and self._helm else ""
        if chart:
            values = load(report, f"{chart}/values.yaml")
            self._values = values if isinstance(values, dict) else {}
            self._subcharts = _subcharts(package, report, chart)
            self._schema = Schema(_json(package, f"{chart}/values.schema.json"))
        elif not self._helm and package.types:
            self._schema = _source.load(package, None).schema
        self.judged = bool(self._values or self._schema.root)
        self._fields = [steps for steps in map(steps_of, (item.path for item in package.spec_descriptors[:_FIELDS])) if steps]
        self._labels = {item.label: steps_of(item.path) for item in package.spec_descriptors[:_FIELDS] if item.label}
        self._chart = chart

    def meant(self, name: str) -> tuple:
        """The steps below spec that a row's name means: a field's label, a path, or a path inside values; () for none."""
        if name in self._labels:
            return self._labels[name]
        steps = steps_of(name.replace("[]", "[0]"))
        if len(steps) > 1 and steps[0] == "spec" and not self._field(steps):
            steps = steps[1:]
        outside = steps and self._helm and steps[0] not in ("values", "releaseName", "interval") and not self._field(steps)
        return (*self._root, *steps) if outside else steps

    def known(self, steps: tuple) -> bool:
        """Whether something takes the value at a place."""
        inner = self._inner(steps)
        if self._field(steps) or any(get(spec, steps, _MISSING) is not _MISSING for spec in self._specs):
            return True
        if inner is None:
            return steps[0] in ("releaseName", "interval") and len(steps) == 1
        if not inner or inner[0] in self._subcharts or self._values and _open(self._values, inner):
            return True
        if self._schema.root and self._schema.find(inner, lambda _part: True).known:
            return True
        # What values.yaml does not name, a template may take nevertheless.
        return b".Values." + ".".join(map(str, inner)).encode() in self._templates

    def defaults(self, steps: tuple) -> list:
        """What the place holds where nobody says anything, by each source that tells; [] where none does."""
        found = [get(spec, steps, _MISSING) for spec in self._specs]
        inner = self._inner(steps)
        if inner:
            found.append(get(self._values, inner, _MISSING))
            if all(value is _MISSING for value in found) and self._schema.root:
                found.append(self._schema.find(inner, lambda _part: True).node.get("default", _MISSING))
        return [value for value in found if value is not _MISSING]

    def required(self, steps: tuple) -> bool:
        """Whether the schema asks for a value that no default gives."""
        inner = self._inner(steps)
        if not inner or not self._schema.root or any(value is not None for value in self.defaults(steps)):
            return False
        return self._schema.find(inner, lambda part: get(self._values, part) is not None).required

    def shown(self, steps: tuple) -> str:
        """The default for a message; not that of a secret."""
        if any(isinstance(step, str) and _SECRET.search(step) for step in steps):
            return "another"
        values = self.defaults(steps)
        return f'"{shown(values[-1])}"' if isinstance(values[-1], str) else shown(json.dumps(values[-1], ensure_ascii=False))

    @functools.cached_property
    def _templates(self) -> bytes:
        tree, prefix = self._package.tree, f"{self._chart}/templates/"
        return b"\n".join(tree[path] for path in tree if self._chart and path.startswith(prefix))[:_TEMPLATES]

    @functools.cached_property
    def leaves(self) -> list[tuple]:
        """Places of the chart's single values (and lists, and empty maps), without those of subcharts."""
        found: list[tuple] = []
        stack = [(self._root, self._values)]
        while stack and len(found) < _LEAVES:
            steps, value = stack.pop()
            if isinstance(value, dict) and value:
                stack.extend(((*steps, key), part) for key, part in reversed(value.items()) if len(steps) > 1 or key not in self._subcharts)
            elif steps != self._root:
                found.append(steps)
        return found

    @functools.cached_property
    def names(self) -> list[str]:
        """Paths of all fields of the form and single values, to name the one that was meant."""
        return [format_path(steps) for steps in dict.fromkeys((*self._fields, *self.leaves[:500]))]

    def _inner(self, steps: tuple) -> tuple | None:
        return steps[len(self._root):] if steps[:len(self._root)] == self._root else None

    def _field(self, steps: tuple) -> bool:
        return any(field[:len(steps)] == steps or steps[:len(field)] == field for field in self._fields)


def steps_of(path: str) -> tuple:
    """The steps of a path, () for what is none."""
    try:
        return parse_path(path.strip()) if path and " " not in path.strip() else ()
    except InputError:
        return ()


def says(cell: str, value: object) -> bool:
    """Whether a table's cell may mean a default. Words that are no value, and more than one value, may mean anything."""
    cell = cell.strip().strip("*")
    if value in (None, "") or isinstance(value, dict | list) and not value:
        return bool(_EMPTY.match(cell.strip("`'\" "))) or cell.strip("`'\" ") in ("", "{}", "[]") or not _definite(cell)
    marked = [text for text in _CODE.findall(cell) if text]
    if not marked and not _definite(cell):
        return True
    return any(_same(text, value) for text in marked or [cell])


def _definite(cell: str) -> bool:
    return bool(_CODE.search(cell)) or not re.search(r"[\s,;:，；、：]", cell.strip())


def _same(text: str, value: object) -> bool:
    text = text.strip().strip("'\"")
    if isinstance(value, bool):
        return text.casefold() in (_TRUE if value else _FALSE)
    if isinstance(value, str):
        return text == value.strip()
    if isinstance(value, int | float):
        try:
            return _scalars.resolve(text) == value
        except ValueError:
            return False
    # Maps and lists are told in many ways, none of which is the only one.
    return True


def _open(values: object, steps: tuple) -> bool:
    """Whether a path is in the values, or below one that is empty and so takes anything."""
    for step in steps:
        if values in (None, "") or isinstance(values, dict | list) and not values:
            return True
        if isinstance(step, int):
            if not isinstance(values, list) or step >= len(values):
                return False
        elif not isinstance(values, dict) or step not in values:
            return False
        values = values[step]
    return True


def _subcharts(package: Package, report: Report, chart: str) -> frozenset:
    """Keys of values.yaml that go to subcharts: names of their folders, and names and aliases of Chart.yaml's dependencies."""
    names = {folder.rpartition("/")[2] for folder in charts(package.tree, chart)[1:]} | {"global"}
    dependencies = get(load(report, f"{chart}/Chart.yaml"), ("dependencies",))
    for item in dependencies if isinstance(dependencies, list) else []:
        if isinstance(item, dict):
            names.update(value for value in (item.get("name"), item.get("alias")) if isinstance(value, str))
    return frozenset(names)


def _json(package: Package, path: str) -> dict:
    try:
        data = json.loads(package.tree.text(path)) if path in package.tree else {}
    # What is wrong with it is for another layer to say.
    except (ValueError, RecursionError, PackageError):
        return {}
    return data if isinstance(data, dict) else {}
