# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CustomResourceDefinitions of a package with the places they stand at, and the schemas of their versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ..model._raw import MANIFESTS, is_olm
from ..model._report import Report
from ..model.model import Package
from . import _olm
from ._objects import get, mapping, maps, text
from ._reading import chart_of, charts, load, load_all

KIND = "CustomResourceDefinition"
_WORD = KIND.encode()
_TOP_KIND = re.compile(rb"^kind:", re.MULTILINE)
_FOUND: WeakKeyDictionary[Report, dict[str, list]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Crd:
    """data: the object; path, document: its place."""

    data: dict
    path: str
    document: int

    @property
    def name(self) -> str:
        return text(get(self.data, "metadata", "name"))

    @property
    def group(self) -> str:
        return text(get(self.data, "spec", "group"))

    @property
    def kind(self) -> str:
        return text(get(self.data, "spec", "names", "kind"))

    def versions(self) -> list[tuple[int, dict]]:
        """(index, version) of those that are maps."""
        return maps(get(self.data, "spec", "versions"))

    def schema(self, version: str) -> tuple[dict | None, tuple]:
        """(openAPIV3Schema of a version, its steps in the object); None where there is none. The former v1beta1 has one for all versions."""
        for index, item in self.versions():
            if item.get("name") == version:
                found = get(item, "schema", "openAPIV3Schema")
                if isinstance(found, dict):
                    return found, ("spec", "versions", index, "schema", "openAPIV3Schema")
        found = get(self.data, "spec", "validation", "openAPIV3Schema")
        return (found, ("spec", "validation", "openAPIV3Schema")) if isinstance(found, dict) else (None, ())


def crd_file(report: Report) -> str:
    """The path of crd.yaml, "" where there is none."""
    name = get(load(report, "application.yaml"), "spec", "manifests", "customResourceDefinitionName")
    path = f"manifests/{(name if isinstance(name, str) and name else 'crd.yaml').removeprefix('./').removeprefix('manifests/')}"
    return path if path in report.tree else ""


def of_manifests(package: Package, report: Report) -> list[Crd]:
    """Those of manifests/crd.yaml, with their numbers in it."""
    known = _FOUND.setdefault(report, {})
    if "manifests" not in known:
        path = crd_file(report) if package.crds else ""
        # What was read already need not be read again: other documents are rare.
        if path and len(_TOP_KIND.findall(report.tree[path])) == len(package.crds):
            known["manifests"] = [Crd(data, path, number) for number, data in enumerate(package.crds)]
        else:
            known["manifests"] = list(_in(path, report)) if path else []
    return known["manifests"]


def of_raw(package: Package, report: Report) -> list[Crd]:
    """Those of raw/ that are no templates: in a chart's crds/ and its subcharts', in OLM's files, in manifests."""
    known = _FOUND.setdefault(report, {})
    if "raw" not in known:
        known["raw"] = [crd for path in _raw_files(package) if _WORD in package.tree[path] for crd in _in(path, report)]
    return known["raw"]


def of_all(package: Package, report: Report) -> list[Crd]:
    """manifests/ first."""
    return [*of_manifests(package, report), *of_raw(package, report)]


def find(package: Package, report: Report, api_version: object, kind: object) -> Crd | None:
    """The CustomResourceDefinition of a document's kind, None where the package has none."""
    group = text(api_version).rpartition("/")[0]
    return next((crd for crd in of_all(package, report) if group and crd.group == group and crd.kind == kind), None)


def _raw_files(package: Package) -> list[str]:
    root = package.raw_root
    if not root:
        return []
    if chart_of(package):
        folders = tuple(f"{folder}/crds/" for folder in charts(package.tree, root))
        return [path for path in package.tree if path.startswith(folders) and path.endswith(MANIFESTS)]
    if is_olm(package.raw_tree()):
        return _olm.files(package.tree, root)
    return [path for path in package.tree if path.startswith(f"{root}/") and path.endswith(MANIFESTS)]


def _in(path: str, report: Report) -> Iterator[Crd]:
    for number, document in enumerate(load_all(report, path)):
        if mapping(document).get("kind") == KIND:
            yield Crd(document, path, number)
