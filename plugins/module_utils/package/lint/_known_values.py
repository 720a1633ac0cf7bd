# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which values a chart knows: those of values.yaml and values.schema.json, and what its templates ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import PackageError
from .. import validate
from .._schema import followed
from ..model._report import Report
from ..model.model import Package
from ._objects import mapping, maps, text
from ._reading import chart_of, load, templates

_ASKED = re.compile(r"\.Values((?:\.[A-Za-z_][A-Za-z0-9_]*)*)")
# Below these a template may reach by names that only it knows.
_DEPTH = 12


class KnownValues:
    """The values of the chart a package deploys. values: values.yaml, schema: values.schema.json ({} where there is none that can be used)
    of so many bytes (size)."""

    def __init__(self, package: Package, report: Report) -> None:
        root = chart_of(package)
        self.values = mapping(load(report, f"{root}/values.yaml"))
        try:
            self.schema = validate.load_schema(package.raw_tree()) or {}
        except PackageError:
            self.schema = {}
        self.size = len(package.tree.get(f"{root}/values.schema.json", b""))
        self._asked = {tuple(match[1].split(".")[1:]) for _path, content in templates(package.tree, root) for match in _ASKED.finditer(content)}
        # Each map a template goes through -> the names it goes on with.
        self._below: dict[tuple, set[str]] = {}
        for asked in self._asked:
            for depth, name in enumerate(asked[:_DEPTH]):
                self._below.setdefault(asked[:depth], set()).add(name)
        self._subcharts = _subcharts(package, root, report)

    def unknown(self, values: dict) -> Iterator[tuple[tuple, list[str]]]:
        """(path, names known beside it) of each value that the chart does not look at, the outermost only."""
        # A template that takes all values at once may look at any.
        if () not in self._asked:
            yield from self._unknown(values, self.values, self.schema, ())

    def knows(self, steps: tuple) -> bool:
        """Whether a path (into values) leads to something the chart knows; indexes count as any item."""
        return not any(True for _found in self.unknown(_nested(steps)))

    def _unknown(self, values: dict, defaults: object, schema: object, path: tuple) -> Iterator[tuple[tuple, list[str]]]:
        node = mapping(followed(schema, self.schema))
        described = mapping(node.get("properties"))
        known = mapping(defaults)
        for key, value in values.items():
            here = (*path, key)
            if not path and (key == "global" or key in self._subcharts):
                continue
            if key not in known and key not in described and not _is_open(node) and not self._is_asked(here):
                yield here, [*known, *described, *self._below.get(path, ())]
            # Of an empty map or a null nothing is known, so that everything may be.
            elif isinstance(value, dict) and len(here) < _DEPTH and not self._is_taken(here) and (mapping(known.get(key)) or key in described):
                yield from self._unknown(value, known.get(key), described.get(key), here)

    def _is_asked(self, path: tuple) -> bool:
        """Whether a template asks for a value, something in it, or something it is in."""
        return self._is_taken(path) or path in self._below

    def _is_taken(self, path: tuple) -> bool:
        """Whether a template takes a whole map with everything in it."""
        return any(path[:length] in self._asked for length in range(1, len(path) + 1))


def _is_open(node: dict) -> bool:
    """Whether a schema says something about fields it does not name."""
    return bool(node.get("patternProperties") or isinstance(node.get("additionalProperties"), dict) or any(
        isinstance(node.get(key), list) for key in ("allOf", "anyOf", "oneOf")))


def _nested(steps: tuple) -> dict:
    value: object = {}
    for step in reversed([step for step in steps if isinstance(step, str)]):
        value = {step: value}
    return mapping(value)


def _subcharts(package: Package, root: str, report: Report) -> set[str]:
    """Names under which values go to another chart."""
    names = set(package.tree.children(f"{root}/charts")[1])
    for _index, item in maps(mapping(load(report, f"{root}/Chart.yaml")).get("dependencies")):
        names |= {text(item.get("name")), text(item.get("alias"))}
    for name in list(names):
        names.add(text(mapping(load(report, f"{root}/charts/{name}/Chart.yaml")).get("name")))
    return names
