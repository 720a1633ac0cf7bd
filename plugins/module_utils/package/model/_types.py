# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instance types: the configurations a package offers, one document each."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import InputError, PackageError
from .. import overlay, yaml_reader
from .._patch import plain
from .._paths import get
from ..documents import API_VERSION
from ..secrets import secret_paths
from ._csv import HELM_KIND, Csv
from ._fields import Place, shown
from ._report import Report

NAME = "operators.apusic.com/instance-type"
DESCRIPTION = "operators.apusic.com/instance-type-description"
_LONGEST_NAME = 63
_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True)
class InstanceType:
    """One offered configuration; document: its default document, without the annotations that name it."""

    name: str
    description: str
    document: dict


def load(report: Report, path: str, mode: str | None, spec: dict, csv: Csv) -> tuple[InstanceType, ...]:
    """The types of default-cr.yaml (path "" for none), else of defaultConfiguration, alm-examples, or the bare kind."""
    if path:
        found, origin = report.load_all(path), path
        if not found:
            report.add("CR-002", f"{path} holds no document", path)
    else:
        found, origin = _substitutes(report, mode, spec, csv)
    types: list[InstanceType] = []
    for number, document in enumerate(found):
        place = Place("CR", origin, (), number)
        if not isinstance(document, dict):
            place.add(report, "002", "A default document is not a map")
            continue
        _check(document, mode, csv, place, report)
        if mode == "helm" and spec.get("templateType") in ("kustomize", "kubernetes"):
            _check_overlay(document, place, report)
        _check_passwords(document, csv, place, report)
        types.append(_type(document, number, [item.name for item in types], place, report))
    return tuple(types)


def _substitutes(report: Report, mode: str | None, spec: dict, csv: Csv) -> tuple[list, str]:
    text = spec.get("defaultConfiguration")
    if text:
        name = text.removeprefix("./")
        for path in (name, f"manifests/{name}"):
            if path in report.tree:
                return report.load_all(path), path
        try:
            return yaml_reader.load_all(text, "application.yaml"), "application.yaml"
        except PackageError as error:
            report.add("YAML-001", f"defaultConfiguration: {error.what}", "application.yaml", ("spec", "defaultConfiguration"))
            return [], "application.yaml"
    if mode == "helm" or any(owned.kind == HELM_KIND for owned in csv.owned):
        return [{"apiVersion": API_VERSION, "kind": HELM_KIND, "spec": {"values": {}}}], "manifests/default-cr.yaml"
    report.add("CR-023", "The package has no manifests/default-cr.yaml", "manifests/default-cr.yaml")
    kinds = {owned.kind for owned in csv.owned}
    examples = [item for item in csv.examples if item.get("kind") in kinds]
    # Other people's examples: the first of each kind, without judging what else is in the list.
    first = list({item["kind"]: item for item in reversed(examples)}.values())[::-1]
    bare = [{"apiVersion": owned.api_version, "kind": owned.kind, "spec": {}} for owned in csv.owned[:1] if owned.api_version]
    return first or bare, "manifests/csv.yaml"


def _check(document: dict, mode: str | None, csv: Csv, place: Place, report: Report) -> None:
    api_version, kind = document.get("apiVersion"), document.get("kind")
    for key, value in (("apiVersion", api_version), ("kind", kind)):
        if not isinstance(value, str) or not value:
            place.add(report, "003", f"A default document has no {key}")
            return
    for key in ("metadata", "spec"):
        if not isinstance(document.get(key), dict | None):
            place.at(key).add(report, "004", f"{key} of a default document is no map")
    if mode == "helm":
        allowed = [(API_VERSION, HELM_KIND)]
    else:
        allowed = [(owned.api_version, owned.kind) for owned in csv.owned]
    if allowed and not any(kind == known and version in ("", api_version) for version, known in allowed):
        names = ", ".join(f"{known} of {version}" if version else known for version, known in allowed[:5])
        place.at("kind").add(report, "020", f"A default document is {shown(kind)} of {shown(api_version)}, the package owns {names}")
    if kind == HELM_KIND and not isinstance(get(document, ("spec", "values")), dict | None):
        place.at("spec", "values").add(report, "004", "spec.values of a default document is no map")


def _check_overlay(document: dict, place: Place, report: Report) -> None:
    """Notes what kustomize could not be told of: such a type could never be deployed."""
    try:
        overlay.settings(document, "what a kustomization or plain manifests can set")
    except InputError as error:
        place.at("spec").add(report, "025", error.what)


def _check_passwords(document: dict, csv: Csv, place: Place, report: Report) -> None:
    for steps in secret_paths(csv):
        if get(document.get("spec"), steps) not in (None, ""):
            place.at("spec", *steps).add(report, "024", f"A default document holds a value for the secret field {place.at(*steps).name()}")


def _type(document: dict, number: int, names: list[str], place: Place, report: Report) -> InstanceType:
    annotations = get(document, ("metadata", "annotations"))
    annotations = annotations if isinstance(annotations, dict) else {}
    name, description = annotations.get(NAME), annotations.get(DESCRIPTION) or ""
    here = place.at("metadata", "annotations")
    if name is None or name == "":
        kind = str(document.get("kind") or "").lower()
        name = "default" if number == 0 else kind
        if name in names or not name:
            here.add(report, "022", f"Default document {number + 1} has no name as an instance type")
    elif not isinstance(name, str) or len(name) > _LONGEST_NAME or not name.isprintable() or name != name.strip():
        here.at(NAME).add(report, "006", f'The instance type "{shown(name)}" is no name of at most {_LONGEST_NAME} printable characters')
        name = shown(name)
    elif name in names:
        here.at(NAME).add(report, "021", f'Two instance types are named "{name}"')
    if not isinstance(description, str) or len(description) > _LONGEST_DESCRIPTION:
        here.at(DESCRIPTION).add(report, "006", f"The description of an instance type is no text of at most {_LONGEST_DESCRIPTION} characters")
        description = ""
    return InstanceType(name, description, _stripped(document, place, report))


def _stripped(document: dict, place: Place, report: Report) -> dict:
    """The document as instances start from it: without the type's own annotations and without status."""
    try:
        document = plain(document, ())
    except InputError as error:
        place.add(report, "004", error.what)
        return {}
    document.pop("status", None)
    metadata = document.get("metadata")
    if isinstance(metadata, dict):
        annotations = metadata.get("annotations")
        if isinstance(annotations, dict):
            rest = {key: value for key, value in annotations.items() if key not in (NAME, DESCRIPTION)}
            metadata["annotations"] = rest
        if not metadata.get("annotations"):
            metadata.pop("annotations", None)
    return document
