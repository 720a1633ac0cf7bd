# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""csv.yaml (manual 7.2.3.3): the kinds a package owns, and the fields of their forms and status pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import InputError, PackageError
from .. import secrets, versions
from .._paths import parse_path
from ._application import API_VERSION, CAPABILITY, check_capability
from ._fields import ANY, MAPS, Field, Place, read, shown
from ._report import Report

HELM_KIND = "HelmRelease"

HEAD = (
    Field("apiVersion", need="error", choices=(API_VERSION,)),
    Field("kind", need="error", choices=("ClusterServiceVersion",)),
    Field("metadata", ANY),
    Field("spec", ANY),
)
# The rest of spec is OLM's own, and not ours to judge.
SPEC = (
    Field("customresourcedefinitions", ANY), Field("owned", ANY), Field("installModes", ANY, need="warning"), Field("version"),
    Field("capabilityRequirements", MAPS, default=(), fields=CAPABILITY),
)
OWNED = (
    Field("name", need="error"), Field("kind", need="error"), Field("version"), Field("displayName", default=""),
    Field("description", need="warning", default=""),
    Field("specDescriptors", ANY), Field("statusDescriptors", ANY),
)
# Several widgets in one text, and texts in braces, as some published packages have them.
_JOINED = re.compile(r",(?=\s*urn:)")


@dataclass(frozen=True)
class Descriptor:
    """One field. path: relative to spec (status) as written; widgets: its x-descriptors; kind: the owned kind it belongs to."""

    path: str
    label: str = ""
    help: str = ""
    widgets: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Owned:
    """A kind the package owns. name: PLURAL.GROUP of its CRD; api_version: "" where csv.yaml names no version."""

    kind: str
    api_version: str
    name: str
    label: str = ""
    description: str = ""


@dataclass(frozen=True)
class Csv:
    """What csv.yaml says; examples: the documents of OLM's annotation alm-examples; capabilities: maps of kind and defaultPath."""

    owned: tuple[Owned, ...] = ()
    spec_descriptors: tuple[Descriptor, ...] = ()
    status_descriptors: tuple[Descriptor, ...] = ()
    examples: tuple[dict, ...] = ()
    capabilities: tuple[dict, ...] = ()


def load(report: Report, path: str, mode: str | None, version: str | None) -> Csv:
    """Reads csv.yaml; path "" stands for a package without one. version: of metadata.yaml."""
    if not path:
        report.add("CSV-026" if mode == "helm" else "CSV-001", "The package has no manifests/csv.yaml", "manifests/csv.yaml")
        return Csv()
    data = report.load(path)
    if not isinstance(data, dict):
        report.add("CSV-002", f"{path} is not a map of fields", path)
        return Csv()
    place = Place("CSV", path)
    head = read(data, HEAD, place, report)
    place = place.at("spec")
    if not isinstance(head["spec"], dict):
        place.add(report, "020", "csv.yaml names no owned kind")
        return Csv()
    spec = read(head["spec"], SPEC, place, report, closed=False)
    _check_version(spec["version"], version, place, report)
    owned: list[Owned] = []
    found: dict[str, list[Descriptor]] = {"specDescriptors": [], "statusDescriptors": []}
    for entry, at in _entries(head["spec"], spec, place, report):
        named = "name" in entry or "kind" in entry
        values = read(entry, OWNED if named else OWNED[-2:], at, report, closed=False)
        if named and values["name"] and values["kind"]:
            item = _owned(values)
            # The manual's sample names its kind twice.
            if all((item.kind, item.name) != (other.kind, other.name) for other in owned):
                owned.append(item)
        kind = values.get("kind") or (owned[0].kind if owned else "")
        for key, descriptors in found.items():
            descriptors.extend(_descriptors(values[key], key == "specDescriptors", kind, at.at(key), report))
    if not owned:
        place.add(report, "020", "csv.yaml names no owned kind")
    for item in spec["capabilityRequirements"]:
        check_capability(item, place.to(item.steps), report)
    return Csv(
        tuple(owned), tuple(found["specDescriptors"]), tuple(found["statusDescriptors"]), _examples(head["metadata"], path, report),
        spec["capabilityRequirements"])


def _entries(raw: dict, spec: dict, place: Place, report: Report) -> Iterator[tuple[dict, Place]]:
    """Owned kinds, wherever the manual puts them: customresourcedefinitions.owned, spec.owned, descriptors right in spec."""
    crds = spec["customresourcedefinitions"]
    if isinstance(crds, dict):
        yield from _maps(crds.get("owned"), place.at("customresourcedefinitions", "owned"), report)
    else:
        yield from _maps(crds, place.at("customresourcedefinitions"), report)
    yield from _maps(spec["owned"], place.at("owned"), report)
    loose = {key: raw[key] for key in ("specDescriptors", "statusDescriptors") if key in raw}
    if loose:
        yield loose, place


def _maps(value: object, place: Place, report: Report) -> Iterator[tuple[dict, Place]]:
    """Items of a list of maps with their places; one map stands for a list of one."""
    if isinstance(value, dict):
        yield value, place
        return
    if value is not None and not isinstance(value, list):
        place.add(report, "004", f"{place.name()} is no list of maps")
        return
    for index, item in enumerate(value or []):
        if isinstance(item, dict):
            yield item, place.at(index)
        elif item is not None:
            place.at(index).add(report, "004", f"{place.at(index).name()} is no map")


def _owned(values: dict) -> Owned:
    group = values["name"].partition(".")[2]
    version = values["version"] or ("v1alpha1" if values["kind"] == HELM_KIND else "")
    return Owned(values["kind"], f"{group}/{version}" if version else "", values["name"], values["displayName"], values["description"])


def _descriptors(value: object, form: bool, kind: str, place: Place, report: Report) -> Iterator[Descriptor]:
    for item, at in _maps(value, place, report):
        path = item.get("path")
        if not isinstance(path, str):
            at.add(report, "003" if path is None else "004", f"{at.name('path')} is {'missing' if path is None else 'no text'}")
            continue
        # Packages from OLM name the whole spec by an empty path: nothing to show, and nothing wrong.
        if not path.strip():
            continue
        try:
            steps = parse_path(path.strip())
        except InputError as error:
            at.at("path").add(report, "021" if form else "022", error.what)
            continue
        if form and kind == HELM_KIND and steps[0] not in ("values", "releaseName", "interval"):
            at.at("path").add(report, "023", f"{at.name('path')} is {shown(path)}, outside of values")
        texts = {key: item.get(key) for key in ("displayName", "description")}
        for key, text in texts.items():
            if not isinstance(text, str):
                at.add(report, "010" if text is None else "004", f"{at.name(key)} is {'missing' if text is None else 'no text'}")
                texts[key] = ""
        yield Descriptor(path.strip(), texts["displayName"], texts["description"], _widgets(item.get("x-descriptors"), at.at("x-descriptors"), report), kind)


def _widgets(value: object, place: Place, report: Report) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        place.add(report, "004", f"{place.name()} is no list of texts")
        return ()
    widgets = tuple(part.strip().strip("{}").strip() for text in value for part in _JOINED.split(text))
    for widget in widgets:
        if widget.startswith(secrets.GENERATE):
            try:
                secrets.parse_generator(widget)
            except PackageError as error:
                place.add(report, "024", f"{error.what}: {shown(widget)}")
    return widgets


def _check_version(given: str | None, version: str | None, place: Place, report: Report) -> None:
    try:
        differs = bool(given and version) and not versions.same(given, version)
    except PackageError:
        differs = True
    if differs:
        place.at("version").add(report, "025", f"spec.version is {shown(given)}, metadata.yaml says {version}")


def _examples(metadata: object, path: str, report: Report) -> tuple[dict, ...]:
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    text = annotations.get("alm-examples") if isinstance(annotations, dict) else None
    if not text:
        return ()
    try:
        examples = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        examples = None
    if not isinstance(examples, list) or not all(isinstance(item, dict) for item in examples):
        report.add("CSV-027", "The annotation alm-examples is no JSON list of documents", path, ("metadata", "annotations", "alm-examples"))
        return ()
    return tuple(examples)
