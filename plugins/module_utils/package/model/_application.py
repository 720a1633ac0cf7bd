# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""application.yaml (manual 7.2.3.1): how a package is installed and what it can follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...errors import InputError, PackageError
from .. import versions, yaml_reader
from .._paths import get, parse_path
from ..upgrade import in_range
from ._fields import MAP, MAPS, TEXTS, Field, Place, read, shown
from ._report import Report

PATH = "application.yaml"
API_VERSION = "operators.apusic.com/v1alpha1"
AS_TEXT = ("replaces", "skips", "version", "appVersion", "tags")
FOLDERS = ("manifests/", "manifests/dependence/")

FIELDS = (
    Field("apiVersion", need="error", choices=(API_VERSION,)),
    Field("kind", need="error", choices=("Application",)),
    Field("metadata", MAP),
    Field("spec", MAP, need="error", default={}),
)
CAPABILITY = (
    Field("name"), Field("apiVersion", need="warning"), Field("kind", need="warning"), Field("defaultPath", need="warning"), Field("description"),
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
        Field("capabilityRequirements", MAPS, default=(), fields=CAPABILITY),
    )),
    # The parent format's: one package, several versions of what is in it.
    Field("versionDefinition", MAP, fields=(
        Field("description", default=""), Field("mode", choices=("url", "tag"), default=""), Field("path", default=""),
        Field("tags", TEXTS, pattern=r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", default=()),
    )),
    Field("capabilityRequirements", MAPS, default=(), fields=CAPABILITY),
)
# Field of manifests -> file where it is not given.
FILES = {"customResourceDefinitionName": "crd.yaml", "clusterServiceVersionName": "csv.yaml", "defaultCustomResource": "default-cr.yaml"}

# A version, or OLM's NAME.vVERSION.
_NAMED_VERSION = re.compile(r"(?:[A-Za-z0-9_-]+\.)?(v?\d+\.\d+\.\d+\S*)")


@dataclass(frozen=True)
class Upgrade:
    """What a version can follow, as written: one version, several, and a range of comparators ("" and () for none).

    skips_semantics: olm ("" too), where a skipped version may be updated to this one, or osc, where it may not.
    """

    replaces: str = ""
    skips: tuple[str, ...] = ()
    skip_range: str = ""
    skips_semantics: str = ""

    def as_record(self) -> dict:
        """The fields by the manual's names, without empty ones."""
        fields = {"replaces": self.replaces, "skips": list(self.skips), "skipRange": self.skip_range, "skipsSemantics": self.skips_semantics}
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class VersionDefinition:
    """Versions of the software that instances of one package version may run, and change among: the largest of tags unless another is chosen.

    path: the field below spec that carries it. mode: url where that is the whole address of an image, tag where it is the tag only.
    description: shown before an upgrade.
    """

    mode: str
    path: str
    tags: tuple[str, ...]
    description: str = ""


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
    spec["capabilities"] = (*(spec["manifests"].get("capabilityRequirements") or ()), *spec["capabilityRequirements"])
    for item in spec["capabilities"]:
        check_capability(item, place.to(item.steps), report)
    spec["versions"] = _versions(spec["versionDefinition"], report)
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
    return Upgrade(replaces, tuple(skips), skip_range, given.get("skipsSemantics") or "")


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


def check_capability(item: dict, place: Place, report: Report) -> None:
    """Notes a requirement's file that the package does not have."""
    name = (item.get("defaultPath") or "").removeprefix("./")
    if name and name not in report.tree and not any(folder + name in report.tree for folder in FOLDERS):
        here = place.at("defaultPath")
        report.add("APP-025", f'{here.name()} names the file "{shown(name)}", which the package does not have', here.path, here.steps, here.document)


def _versions(given: dict | None, report: Report) -> VersionDefinition | None:
    """What versionDefinition says; None where it is absent or names no mode."""
    if not given:
        return None
    place = Place("APP", PATH, given.steps)
    if not given["mode"]:
        if given["path"] or given["tags"]:
            place.add(report, "027", f"{place.name('mode')} is missing")
        return None
    for key in ("path", "tags"):
        if not given[key]:
            place.add(report, "027", f"{place.name(key)} is missing")
    if given["path"]:
        try:
            parse_path(given["path"])
        except InputError as error:
            place.at("path").add(report, "028", error.what)
            return None
    if any(tag.replace(".", "").isdecimal() for tag in given["tags"]):
        tags = get(yaml_reader.load(report.tree[PATH], PATH), (*given.steps, "tags"))
        for index, tag in enumerate(tags if isinstance(tags, list) else [tags]):
            if isinstance(tag, int | float):
                steps = (index,) if isinstance(tags, list) else ()
                place.at("tags", *steps).add(report, "029", f"A tag stands as a number, which other programs read as {shown(tag)}")
    return VersionDefinition(given["mode"], given["path"], versions.tags(given["tags"]), given["description"]) if given["path"] and given["tags"] else None
