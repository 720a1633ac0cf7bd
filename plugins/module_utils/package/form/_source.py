# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a form is made of: an instance type's document, the schema of its spec, the chart's values.yaml with its remarks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import InputError, PackageError, nearest
from .. import validate, yaml_reader
from .._paths import Path, format_path, get
from ..documents import is_helm
from ..model._types import InstanceType
from ..model.model import Package
from ._schema import Place, Schema

_MISSING = object()
# Of a HelmRelease, beside its values.
_OWN = {"releaseName": {"type": "string", "maxLength": 53}, "interval": {"type": "string"}}
_LONGEST, _LINES = 400, 40
_PARAMETER = re.compile(r"@param\s+(\S+)\s+(?:\[[^\]]*\]\s*)?(.+)")
_DISABLED = re.compile(r"[\w.-]+:(\s|$)|- ")


@dataclass(frozen=True)
class Source:
    """document: the type's. root: steps in spec below which ``schema`` and ``values`` count: ("values",) of a chart, () of an operator.

    remarks: texts of values.yaml about its fields, by steps in it. owned: kind -> apiVersion of the package's kinds.
    """

    document: dict
    root: Path = ()
    schema: Schema = field(default_factory=lambda: Schema({}))
    values: dict = field(default_factory=dict)
    remarks: Mapping[Path, str] = field(default_factory=dict)
    owned: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.document.get("kind") or "")

    def place(self, steps: Path) -> Place:
        """What the schema says about a path (steps relative to spec)."""
        inner = self._below(steps)
        if inner is None:
            own = _OWN.get(steps[0]) if len(steps) == 1 else None
            return Place(own or {}, own is not None)
        return self.schema.find(inner, lambda part: self.default((*self.root, *part), False) is not None)

    def default(self, steps: Path, schema: bool = True) -> object:
        """What holds where nothing is answered: the type's document, else values.yaml, else (``schema``) the schema's default."""
        found = get(self.document.get("spec"), steps, _MISSING)
        inner = self._below(steps)
        if found is _MISSING and inner is not None:
            found = get(self.values, inner, _MISSING)
        if found is _MISSING and schema:
            found = self.place(steps).node.get("default")
        return None if found is _MISSING else found

    def remark(self, steps: Path) -> str:
        inner = self._below(steps)
        return self.remarks.get(inner, "") if inner else ""

    def _below(self, steps: Path) -> Path | None:
        """The steps below root, None for a path elsewhere."""
        return steps[len(self.root):] if steps[:len(self.root)] == self.root else None


def load(package: Package, type_name: str | None) -> Source | None:
    """The source of a type's form, None for a package without types; InputError for an unknown type."""
    chosen = choose(package, type_name)
    if chosen is None:
        return None
    owned = {item.kind: item.api_version for item in package.owned}
    document = chosen.document
    if not is_helm(document):
        return Source(document, (), Schema(_crd_schema(package, document)), owned=owned)
    if package.template_type != "helm":
        return Source(document, ("values",), owned=owned)
    raw = package.raw_tree()
    values, remarks = _values(raw)
    try:
        schema = validate.load_schema(raw)
    except PackageError:
        schema = None
    return Source(document, ("values",), Schema(schema), values, remarks, owned)


def choose(package: Package, type_name: str | None) -> InstanceType | None:
    """The type of that name, the first for None; None for a package without types. InputError for an unknown one."""
    if type_name is None:
        return package.types[0] if package.types else None
    found = package.type(type_name)
    if found is None:
        raise InputError(f'{package.name} has no instance type "{type_name}"', where="type", todo=nearest(type_name, [item.name for item in package.types]))
    return found


def _crd_schema(package: Package, document: dict) -> object:
    """openAPIV3Schema of spec in the version the document names, {} where the package has none."""
    group, _slash, version = str(document.get("apiVersion") or "").rpartition("/")
    for crd in [*package.crds, *_raw_crds(package, str(document.get("kind") or ""))]:
        spec = crd.get("spec")
        if not isinstance(spec, dict) or get(spec, ("names", "kind")) != document.get("kind") or spec.get("group") != group:
            continue
        versions = spec.get("versions")
        named = [item for item in versions if isinstance(item, dict) and item.get("name") == version] if isinstance(versions, list) else []
        # Kept apart by version in v1, for all of them in v1beta1.
        for found in (*(get(item, ("schema", "openAPIV3Schema")) for item in named), get(spec, ("validation", "openAPIV3Schema"))):
            if isinstance(found, dict):
                return get(found, ("properties", "spec"), {})
    return {}


def _raw_crds(package: Package, kind: str) -> list[dict]:
    """CustomResourceDefinitions of the kind in raw/, where manifests/crd.yaml does not have it."""
    if not kind or any(get(crd, ("spec", "names", "kind")) == kind for crd in package.crds):
        return []
    found: list[dict] = []
    for path, data in package.raw_tree().items():
        if path.endswith((".yaml", ".yml")) and b"CustomResourceDefinition" in data and kind.encode() in data:
            try:
                found += yaml_reader.load_all(data, path)
            # Templates and what others got wrong: nothing to make a form of.
            except PackageError:
                continue
    return [item for item in found if isinstance(item, dict) and item.get("kind") == "CustomResourceDefinition"]


def _values(raw: Mapping[str, bytes]) -> tuple[dict, dict[Path, str]]:
    """values.yaml of a chart and the remarks beside its fields."""
    if "values.yaml" not in raw:
        return {}, {}
    try:
        values, lines = yaml_reader.load_marked(raw["values.yaml"], "values.yaml")
    except PackageError:
        return {}, {}
    if not isinstance(values, dict):
        return {}, {}
    texts = raw["values.yaml"].decode("utf-8-sig").splitlines()
    named = {match[1]: match[2].strip() for text in texts if text.lstrip().startswith("#") and (match := _PARAMETER.search(text))}
    remarks = {}
    for steps, line in lines.items():
        if steps and isinstance(steps[-1], str):
            remarks[steps] = (named.get(format_path(steps)) or _above(texts, line))[:_LONGEST]
    return values, remarks


def _above(texts: list[str], line: int) -> str:
    """The remark that ends right above a line (from 1), without what is a field put out of use."""
    block: list[str] = []
    for number in range(line - 2, max(-1, line - 2 - _LINES), -1):
        text = texts[number].strip()
        if not text.startswith("#"):
            break
        block.insert(0, text.lstrip("#").strip())
    # helm-docs marks where the remark proper begins.
    starts = [number for number, text in enumerate(block) if text.startswith("-- ")]
    if starts:
        block = [block[starts[-1]][3:], *block[starts[-1] + 1:]]
    words: list[str] = []
    for text in block:
        if text.startswith("@") or _DISABLED.match(text):
            break
        words.append(text)
    return " ".join(" ".join(words).split())
