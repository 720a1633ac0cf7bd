# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""application.yaml (manual 7.2.3.1): how a package is installed and what it can follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import PackageError
from . import versions
from ._fields import ANY, MAP, MAPS, TEXTS, Field, Place, read, shown
from ._report import Report
from .upgrade import in_range

PATH = "application.yaml"
API_VERSION = "operators.apusic.com/v1alpha1"
AS_TEXT = ("replaces", "skips", "version", "appVersion")
FOLDERS = ("manifests/", "manifests/dependence/")

FIELDS = (
    Field("apiVersion", need="error", choices=(API_VERSION,)),
    Field("kind", need="error", choices=("Application",)),
    Field("metadata", MAP),
    Field("spec", MAP, need="error", default={}),
)
SPEC = (
    Field("type", need="error", choices=("helm", "operator")),
    Field("templateType", need="error", choices=("helm", "kustomize", "kubernetes")),
    Field("rawPath", default=""),
    Field("defaultConfiguration", default=""),
    Field("upgrade", MAP, default={}, fields=(
        Field("replaces", default=""), Field("skips", TEXTS, default=()), Field("skipRange", default=""), Field("skipsSemantics", choices=("olm", "osc")),
    )),
    Field("manifests", MAP, need="error", default={}, fields=(
        Field("customResourceDefinitionName", default=""),
        Field("clusterServiceVersionName", default=""),
        Field("defaultCustomResource", default=""),
        Field("capabilityRequirements", MAPS, default=(), fields=(
            Field("name"), Field("apiVersion", need="warning"), Field("kind", need="warning"), Field("defaultPath", need="warning"), Field("description"),
        )),
    )),
    Field("versionDefinition", ANY),
    Field("capabilityRequirements", ANY),
)
# Field of manifests -> file where it is not given.
FILES = {"customResourceDefinitionName": "crd.yaml", "clusterServiceVersionName": "csv.yaml", "defaultCustomResource": "default-cr.yaml"}

# A version, or OLM's NAME.vVERSION.
_NAMED_VERSION = re.compile(r"(?:[A-Za-z0-9_-]+\.)?(v?\d+\.\d+\.\d+\S*)")


@dataclass(frozen=True)
class Upgrade:
    """What a version can follow, as written: one version, several, and a range of comparators ("" and () for none)."""

    replaces: str = ""
    skips: tuple[str, ...] = ()
    skip_range: str = ""


def load(report: Report, version: str | None, mode: str | None) -> dict:
    """Checked values of spec, with upgrade as Upgrade and files as {field of manifests: path or ""}; {} when there is no such file.

    version: of metadata.yaml. mode: its type, which must agree; the result's mode is what both say.
    """
    if PATH not in report.tree:
        report.add("APP-001", f"The package has no {PATH} at its root", PATH)
        return {}
    data = report.load(PATH, AS_TEXT)
    if not isinstance(data, dict):
        report.add("APP-002", f"{PATH} is not a map of fields", PATH)
        return {}
    place = Place("APP", PATH)
    head = read(data, FIELDS, place, report)
    place = place.at("spec")
    spec = read(head["spec"], SPEC, place, report) if head["spec"] else {item.name: item.default for item in SPEC}
    if mode and spec["type"] and mode != spec["type"]:
        report.add("META-026", f"The type is {mode} in metadata.yaml and {spec['type']} in application.yaml", "metadata.yaml", ("type",))
    spec["mode"] = mode or spec["type"]
    spec["upgrade"] = _upgrade(spec["upgrade"], version, place.at("upgrade"), report)
    spec["files"] = {key: _file(spec["manifests"].get(key), key, spec["mode"], place.at("manifests", key), report) for key in FILES}
    for index, item in enumerate(spec["manifests"].get("capabilityRequirements") or ()):
        _capability(item, place.at("manifests", "capabilityRequirements", index, "defaultPath"), report)
    return spec


def _upgrade(given: dict, version: str | None, place: Place, report: Report) -> Upgrade:
    replaces, skips, skip_range = given.get("replaces") or "", given.get("skips") or (), given.get("skipRange") or ""
    for steps, text in [(("replaces",), replaces)] * bool(replaces) + [(("skips", index), text) for index, text in enumerate(skips)]:
        found = _NAMED_VERSION.fullmatch(text)
        try:
            itself = versions.same(found[1] if found else text, version or "0.0.0-0")
        except PackageError:
            place.at(*steps).add(report, "021", f'{place.at(*steps).name()} is "{shown(text)}", which is no version')
            continue
        if itself:
            place.at(*steps).add(report, "023", f"{place.at(*steps).name()} is the package's own version")
    if skip_range:
        try:
            in_range(skip_range, "0.0.0")
        except PackageError:
            place.at("skipRange").add(report, "022", f'{place.name("skipRange")} is "{shown(skip_range)}", which is no list of comparators')
            skip_range = ""
    return Upgrade(replaces, tuple(skips), skip_range)


def _file(given: str | None, key: str, mode: str | None, place: Place, report: Report) -> str:
    """The path of a file in manifests/, "" when there is none."""
    name = (given or FILES[key]).removeprefix("./").removeprefix("manifests/")
    path = f"manifests/{name}"
    if path in report.tree:
        return path
    # The manual's own sample names crd.yaml for a package whose kind is the platform's.
    if given and key != "customResourceDefinitionName":
        place.add(report, "024", f'{place.name()} names the file "{shown(given)}", which manifests/ does not have')
    elif given and mode == "operator":
        place.add(report, "025", f'{place.name()} names the file "{shown(given)}", which manifests/ does not have')
    return ""


def _capability(item: dict, place: Place, report: Report) -> None:
    name = (item.get("defaultPath") or "").removeprefix("./")
    if name and name not in report.tree and not any(folder + name in report.tree for folder in FOLDERS):
        place.add(report, "025", f'{place.name()} names the file "{shown(name)}", which the package does not have')
