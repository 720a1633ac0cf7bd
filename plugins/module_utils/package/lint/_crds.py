# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CustomResourceDefinitions of manifests/ and raw/: whether an API server takes them, and whether csv.yaml speaks of the same kinds."""

from __future__ import annotations

import json
import re

from ..crd.structural import Steps
from ..model._csv import HELM_KIND
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, WARNING, Rule
from ..model.model import Package
from . import _crd_shape
from ._crd_files import KIND, Crd, crd_file, of_manifests, of_raw
from ._layer import Options
from ._objects import get
from ._reading import blanked, chart_of, charts, csv_file, default_file, line_of, load_all, templates

RULES = {
    **_crd_shape.RULES,
    "CRD-020": Rule(ERROR, "each CustomResourceDefinition stands in a package once", "Take one of the two away"),
    "CRD-021": Rule(WARNING, "crd.yaml and raw/ hold the same CustomResourceDefinitions", "Copy those of raw/ to manifests/crd.yaml again"),
    "CRD-022": Rule(ERROR, "csv.yaml and the CustomResourceDefinition agree on kind and version", "Correct kind and version of the owned entry"),
    "CRD-023": Rule(WARNING, "each owned kind has its CustomResourceDefinition in the package", "Add it to manifests/crd.yaml"),
    "CRD-024": Rule(WARNING, "kinds with a status page have the status subresource", "Add subresources: {status: {}} to the version"),
    "CRD-025": Rule(WARNING, "all CustomResourceDefinitions of manifests/ stand in one file", "Move them to the file that application.yaml names, crd.yaml"),
    "CRD-026": Rule(WARNING, "CustomResourceDefinitions of a chart stand in crds/", "Move them to crds/, which Helm never removes"),
    "CRD-027": Rule(ERROR, "a CustomResourceDefinition fits into the cluster's store", "Shorten its descriptions"),
}

# The server's limit for one request; the store refuses a little earlier.
_LARGEST = 1_500_000
_MOST = 200
_MARK = KIND.encode()
_TEMPLATE = re.compile(rf"^kind:[ \t]*[\"']?{KIND}\b", re.MULTILINE)


def check(package: Package, report: Report, options: Options) -> None:
    """Notes what is wrong with each CustomResourceDefinition, and between them and csv.yaml."""
    manifests, raw = of_manifests(package, report), of_raw(package, report)
    steps = Steps(of_default=True)
    for crds in (manifests, raw):
        seen: dict[str, Crd] = {}
        for crd in crds:
            first = seen.setdefault(crd.name, crd)
            if first is not crd:
                where = first.path if first.path != crd.path else f"document {first.document + 1}"
                report.add("CRD-020", f"{shown(crd.name)} stands in {where} too", crd.path, ("metadata", "name"), crd.document)
    known = {crd.name: crd for crd in manifests}
    for crd in raw:
        same = known.get(crd.name)
        if same is not None:
            if _meaning(same.data) == _meaning(crd.data):
                continue
            report.add("CRD-021", f"{shown(crd.name)} is another one in {crd.path}, which is what is installed", same.path, ("spec",), same.document)
        _crd_shape.check(crd, report, steps)
        _check_size(crd, report)
    for crd in manifests:
        _crd_shape.check(crd, report, steps)
        _check_size(crd, report)
    _check_owned(package, [*manifests, *raw], report)
    _check_places(package, report)


def _check_size(crd: Crd, report: Report) -> None:
    # JSON is longer than the text it came from only by a little.
    if len(report.tree[crd.path]) > _LARGEST // 2:
        size = len(json.dumps(crd.data, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace"))
        if size > _LARGEST:
            report.add("CRD-027", f"{shown(crd.name)} has {size // 1024} KiB, {_LARGEST // 1024} fit", crd.path, (), crd.document)


def _check_owned(package: Package, crds: list[Crd], report: Report) -> None:
    path = csv_file(report)
    places = _entries(report, path)
    others = [item for item in package.owned[:_MOST] if item.kind != HELM_KIND or not item.name.endswith(".operators.apusic.com")]
    # A chart may make them in templates.
    made = [data for data in package.raw_tree().values() if _MARK in data] if others else []
    for owned in others:
        steps = places.get((owned.name, owned.kind), ("spec",))
        found = next((crd for crd in crds if crd.name == owned.name), None)
        if found is None:
            if not any(owned.name.encode() in data for data in made):
                report.add("CRD-023", f"The package has no {KIND} {shown(owned.name)}", path, (*steps, "name"))
            continue
        if found.kind and found.kind != owned.kind:
            report.add("CRD-022", f"The kind is {shown(owned.kind)} here and {shown(found.kind)} in {found.path}", path, (*steps, "kind"))
        version = owned.api_version.rpartition("/")[2]
        served = [str(item.get("name")) for _index, item in found.versions() if item.get("served") is True]
        if version and served and version not in served:
            report.add("CRD-022", f"{found.path} serves {shown(', '.join(served))}, not {shown(version)}", path, (*steps, "version"))
        else:
            _check_status(package, found, version, report)


def _check_status(package: Package, crd: Crd, version: str, report: Report) -> None:
    if crd.data.get("apiVersion") != "apiextensions.k8s.io/v1" or not any(item.kind == crd.kind for item in package.status_descriptors):
        return
    for index, item in crd.versions():
        if item.get("name") == version and not isinstance(get(item, "subresources", "status"), dict):
            message = f"{crd.kind} has a status page, and whoever changes an object of version {shown(version)} can write its status"
            report.add("CRD-024", message, crd.path, ("spec", "versions", index), crd.document)


def _entries(report: Report, path: str) -> dict[tuple, tuple]:
    """(name, kind) of the owned entries of csv.yaml -> steps."""
    spec = get(load_all(report, path)[0], "spec") if path and load_all(report, path) else None
    found: dict[tuple, tuple] = {}
    for steps in (("customresourcedefinitions", "owned"), ("customresourcedefinitions",), ("owned",)):
        entries = get(spec, *steps)
        for index, item in enumerate(entries) if isinstance(entries, list) else ():
            if isinstance(item, dict):
                found.setdefault((str(item.get("name")), str(item.get("kind"))), ("spec", *steps, index))
    return found


def _check_places(package: Package, report: Report) -> None:
    """CustomResourceDefinitions where nobody looks for them, or where they are in danger."""
    named = {crd_file(report), csv_file(report), default_file(report)}
    for path, data in package.tree.items():
        if path.startswith("manifests/") and path.endswith((".yaml", ".yml")) and path not in named and _MARK in data:
            for number, document in enumerate(load_all(report, path)):
                if get(document, "kind") == KIND:
                    report.add("CRD-025", f"Nobody reads the {KIND} in {shown(path)}", path, ("kind",), number)
    root = chart_of(package)
    for folder in charts(package.tree, root) if root else ():
        if any(_MARK in data for path, data in package.tree.items() if path.startswith(f"{folder}/templates/")):
            for path, text in templates(package.tree, folder):
                for match in _TEMPLATE.finditer(blanked(text)):
                    report.add("CRD-026", f"Helm removes the {KIND} of this template with the release, and every object of its kind", path,
                               line=line_of(text, match.start()))


def _meaning(data: dict) -> str:
    """What counts of a CustomResourceDefinition, to compare two: not its descriptions, nor the conversion, which is set at installation."""
    spec = get(data, "spec")
    rest = {key: value for key, value in spec.items() if key != "conversion"} if isinstance(spec, dict) else spec
    return json.dumps([data.get("apiVersion"), _bare(rest)], sort_keys=True)


def _bare(value: object) -> object:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items() if key != "description" or not isinstance(item, str)}
    return [_bare(item) for item in value] if isinstance(value, list) else value
