# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the paths of descriptors lead: in the schema of an operator's kind, or in the values of a chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .._paths import Path, get
from ..form._schema import Schema, kind_of, properties
from ..model._csv import HELM_KIND, Descriptor
from ..model._report import Report
from ..model.model import Package
from ._crd_files import Crd, of_all
from ._known_values import KnownValues
from ._objects import mapping, maps, text
from ._reading import csv_file, load_all

PRESERVE = "x-kubernetes-preserve-unknown-fields"
_SINGLE = ("string", "integer", "number", "boolean")
_MISSING = object()


@dataclass(frozen=True)
class Reached:
    """state: found, open (anything may stand there), listed (an index is missing) or absent. node: the schema there, {} where it says nothing.

    kind: a type of JSON, any or "" for unknown. beside: names known where the path ends. step: that name of the path which leads nowhere.
    """

    state: str
    node: dict = field(default_factory=dict)
    kind: str = ""
    beside: tuple[str, ...] = ()
    step: object = ""


def reach(schema: Schema, steps: Path, pruned: bool = True) -> Reached:
    """Follows a path through a schema. pruned: what a CustomResourceDefinition does not name is dropped, what values.schema.json does not name is not."""
    node = schema.resolve(schema.root)
    for step in steps:
        kind = kind_of(node)
        if not node or node.get(PRESERVE) is True and not properties(node):
            return Reached("open")
        if kind in _SINGLE or isinstance(step, int) and kind not in ("array", "any", ""):
            return Reached("absent", step=step)
        if isinstance(step, int):
            inner = node.get("items")
        elif kind == "array":
            return Reached("listed", step=step)
        else:
            inner = properties(node).get(step, _MISSING)
            if inner is _MISSING:
                more = node.get("additionalProperties")
                if isinstance(more, dict):
                    inner = more
                elif node.get("patternProperties") or more is not False and (not pruned or more is True or node.get(PRESERVE) is True or not properties(node)):
                    return Reached("open", beside=tuple(properties(node)))
                else:
                    return Reached("absent", beside=tuple(properties(node)), step=step)
        node = schema.resolve(inner)
    return Reached("found", node, kind_of(node))


class Fields:
    """The fields below spec of one kind."""

    def __init__(self, package: Package, report: Report, kind: str, known: KnownValues | None) -> None:
        self.helm = kind in (HELM_KIND, "") and known is not None
        self.known = known
        self.documents = [item.document for item in package.types if item.document.get("kind") == kind]
        crd, version = (None, "") if kind == HELM_KIND else _crd(package, report, kind)
        root = crd.schema(version)[0] if crd else None
        self.described = root is not None
        self.schema = Schema(known.schema if self.helm and known else get(root, ("properties", "spec")))
        self.status = Schema(get(root, ("properties", "status")))

    @property
    def judged(self) -> bool:
        """Whether anything is known about this kind."""
        return self.helm or self.described

    def spec(self, steps: Path) -> Reached:
        """Where a path (relative to spec) leads."""
        if not self.helm:
            return reach(self.schema, steps)
        if steps[0] != "values":
            return Reached("found" if steps in (("releaseName",), ("interval",)) else "open", kind="string")
        inner = steps[1:]
        found = reach(self.schema, inner, pruned=False) if self.schema.root else Reached("open")
        if found.state == "absent" or found.state == "found" and found.kind:
            return found
        values = [get(document.get("spec"), steps, _MISSING) for document in self.documents]
        value = next((item for item in (get(self.known.values, inner, _MISSING), *values) if item is not _MISSING), _MISSING)
        if value is not _MISSING:
            return Reached("found", found.node, kind_of_value(value))
        listed = _listed(self.known.values, inner)
        if listed:
            return Reached("listed", step=listed)
        unknown = next(self.known.unknown(_nested(inner)), None)
        if found.state == "listed" or unknown is None:
            return found
        path, beside = unknown
        return Reached("absent", beside=tuple(beside), step=path[-1])

    def count(self, covered: set[Path]) -> tuple[int, int]:
        """(fields that no path covers, all fields): values of a chart, or the fields right below an operator's spec."""
        if self.helm:
            every = [("values", *steps) for steps in _leaves(self.known.values)]
        else:
            every = [(name,) for name in properties(self.schema.resolve(self.schema.root))]
        rest = [steps for steps in every if not any(steps[:length] in covered for length in range(1, len(steps) + 1))]
        if not self.helm:
            rest = [steps for steps in rest if not any(path[:1] == steps for path in covered)]
        return len(rest), len(every)


def kind_of_value(value: object) -> str:
    """The type of a default value as a schema would name it; "" where it tells nothing."""
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "string" if value else ""


def placed(package: Package, report: Report) -> Iterator[tuple[Descriptor, bool, tuple]]:
    """(descriptor, whether it is of the form, its steps in csv.yaml), in the order of the file."""
    path = csv_file(report)
    documents = load_all(report, path) if path else []
    spec = mapping(mapping(documents[0]).get("spec")) if documents else {}
    places: dict[tuple, list[tuple]] = {}
    first = package.owned[0].kind if package.owned else ""
    for base, entry in _entries(spec):
        kind = text(entry.get("kind")) or first
        for key in ("specDescriptors", "statusDescriptors"):
            given = entry.get(key)
            items = maps(given) if isinstance(given, list) else [(None, given)] if isinstance(given, dict) else []
            for index, item in items:
                steps = (*base, key) if index is None else (*base, key, index)
                places.setdefault((key, kind, text(item.get("path")).strip()), []).append(steps)
    for key, descriptors in (("specDescriptors", package.spec_descriptors), ("statusDescriptors", package.status_descriptors)):
        for item in descriptors:
            waiting = places.get((key, item.kind, item.path)) or [("spec",)]
            yield item, key == "specDescriptors", waiting.pop(0) if len(waiting) > 1 else waiting[0]


def _entries(spec: dict) -> Iterator[tuple[tuple, dict]]:
    """(steps, entry) of owned kinds wherever they may stand, and of descriptors right in spec."""
    for steps in (("customresourcedefinitions", "owned"), ("customresourcedefinitions",), ("owned",)):
        found = get(spec, steps)
        if isinstance(found, list):
            yield from ((("spec", *steps, index), item) for index, item in maps(found))
        elif isinstance(found, dict) and steps[-1] == "owned":
            yield ("spec", *steps), found
    yield ("spec",), spec


def _crd(package: Package, report: Report, kind: str) -> tuple[Crd | None, str]:
    """(CustomResourceDefinition of an owned kind, the version forms are made of)."""
    owned = next((item for item in package.owned if item.kind == kind), None)
    crd = next((crd for crd in of_all(package, report) if crd.kind == kind and (owned is None or crd.name == owned.name)), None)
    if crd is None:
        return None, ""
    wanted = [text(item.document.get("apiVersion")) for item in package.types if item.document.get("kind") == kind]
    names = [api_version.rpartition("/")[2] for api_version in (*wanted, owned.api_version if owned else "") if api_version]
    return crd, next(iter(names), next((text(item.get("name")) for _index, item in crd.versions()), ""))


def _listed(values: object, steps: Path) -> object:
    """The step that goes into a list without an index, "" where none does."""
    for step in steps:
        if isinstance(values, list) and isinstance(step, str):
            return step
        values = get(values, (step,)) if isinstance(values, dict | list) else None
    return ""


def _nested(steps: Path) -> dict:
    value: object = None
    for step in reversed(steps):
        value = {step: value} if isinstance(step, str) else value
    return mapping(value)


def _leaves(values: dict, steps: Path = ()) -> Iterator[Path]:
    for key, value in values.items():
        if isinstance(value, dict) and value and len(steps) < 20:
            yield from _leaves(value, (*steps, key))
        else:
            yield (*steps, key)
