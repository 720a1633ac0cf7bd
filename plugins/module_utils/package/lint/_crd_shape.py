# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One CustomResourceDefinition as the API server judges it: names, versions, conversion, schemas."""

from __future__ import annotations

import re

from .._paths import format_path
from ..crd import structural
from ..crd._schema import KEYWORDS, named, schemas
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ._crd_files import Crd
from ._objects import get, mapping, maps, text, texts

RULES = {
    "CRD-001": Rule(ERROR, "CustomResourceDefinitions are of apiextensions.k8s.io/v1", "Convert it: Kubernetes knows no other version since 1.22"),
    "CRD-002": Rule(ERROR, "a CustomResourceDefinition is named PLURAL.GROUP", "Correct metadata.name"),
    "CRD-003": Rule(ERROR, "the group is a domain", "Write a domain with a dot, such as db.example.com"),
    "CRD-004": Rule(ERROR, "the names of a kind fit Kubernetes", "Write kind: Redis, plural: redises; short names, categories and the rest in lower case"),
    "CRD-005": Rule(ERROR, "the scope is Namespaced or Cluster", "Write scope: Namespaced"),
    "CRD-006": Rule(ERROR, "versions have names of their own", "Write names such as v1, v1beta1, each once"),
    "CRD-007": Rule(ERROR, "exactly one version is stored", "Write storage: true in one version and storage: false in all others"),
    "CRD-008": Rule(WARNING, "at least one version is served", "Write served: true, or take the CustomResourceDefinition away"),
    "CRD-009": Rule(WARNING, "the stored version is served", "Serve it: nobody sees or moves what is stored otherwise"),
    "CRD-010": Rule(ERROR, "each version has a schema", "Add schema.openAPIV3Schema"),
    "CRD-011": Rule(ERROR, "schemas are structural", "Correct the schema; kubectl apply --dry-run=server shows the same"),
    "CRD-012": Rule(WARNING, "schemas use keywords that Kubernetes knows", "Take the keyword away"),
    "CRD-013": Rule(ERROR, "the conversion is complete", "Name strategy, webhook.clientConfig and webhook.conversionReviewVersions, or write strategy: None"),
    "CRD-014": Rule(HINT, "a conversion needs its webhook", "Say in the README what happens while the webhook is down: no object of the kind can be read"),
    "CRD-015": Rule(ERROR, "groups of Kubernetes are not used", "Use a group of your own"),
    "CRD-016": Rule(ERROR, "columns and subresources are well formed", "Correct the paths: .spec.replicas, .status.phase"),
    "CRD-017": Rule(HINT, "kinds are written in CamelCase", "Begin the kind with a capital letter"),
}

_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+")
_APPROVED = "api-approved.kubernetes.io"
_APPROVAL = re.compile(r"unapproved|[a-z][a-z0-9+.-]*://[^/]", re.IGNORECASE)
_COLUMN_TYPES = ("integer", "number", "string", "boolean", "date")
_MOST = 20


def check(crd: Crd, report: Report, steps: structural.Steps) -> None:
    """Notes what makes a server refuse it, or makes it a trap. steps: how much of its defaults may be looked at."""
    spec = mapping(crd.data.get("spec"))
    version = crd.data.get("apiVersion")
    if version != "apiextensions.k8s.io/v1":
        _note(report, crd, "001", f'apiVersion is "{shown(version)}"', "apiVersion")
    _check_names(crd, spec, report)
    if version != "apiextensions.k8s.io/v1":
        # The rest is written in another way there.
        return
    if spec.get("scope") not in ("Namespaced", "Cluster"):
        _note(report, crd, "005", f'scope is "{shown(spec.get("scope"))}"' if "scope" in spec else "scope is missing", "spec", "scope")
    _check_versions(crd, spec, report)
    _check_conversion(crd, mapping(spec.get("conversion")), report)
    if spec.get("preserveUnknownFields") is True:
        _note(report, crd, "011", "preserveUnknownFields is true, which v1 does not allow", "spec", "preserveUnknownFields")
    for index, item in crd.versions():
        _check_version(crd, index, item, report, steps)


def _note(report: Report, crd: Crd, number: str, message: str, *steps: object) -> None:
    report.add(f"CRD-{number}", message, crd.path, steps, crd.document)


def _check_names(crd: Crd, spec: dict, report: Report) -> None:
    group, names = spec.get("group"), mapping(spec.get("names"))
    if not isinstance(group, str) or not _SUBDOMAIN.fullmatch(group) or len(group) > 253:
        _note(report, crd, "003", f'spec.group is "{shown(group)}"' if group else "spec.group is missing", "spec", "group")
    elif group.endswith((".k8s.io", ".kubernetes.io")) or group in ("k8s.io", "kubernetes.io"):
        if not _APPROVAL.match(text(get(crd.data, "metadata", "annotations", _APPROVED))):
            _note(report, crd, "015", f"{group} belongs to Kubernetes, and the annotation {_APPROVED} is missing", "spec", "group")
    for key, needed in (("plural", True), ("kind", True), ("singular", False), ("listKind", False)):
        value = names.get(key)
        if value in (None, "") and not needed:
            continue
        lower = value.lower() if isinstance(value, str) and key.endswith("ind") else value
        if not isinstance(lower, str) or not _LABEL.fullmatch(lower):
            what = f'is "{shown(value)}"' if value else "is missing"
            _note(report, crd, "004", f"spec.names.{key} {what}", "spec", "names", *([key] if key in names else []))
    for key in ("shortNames", "categories"):
        values = names.get(key)
        for index, value in enumerate(values if isinstance(values, list) else []):
            if not isinstance(value, str) or not _LABEL.fullmatch(value):
                _note(report, crd, "004", f'spec.names.{key}[{index}] is "{shown(value)}"', "spec", "names", key, index)
    if crd.kind and names.get("listKind") == crd.kind:
        _note(report, crd, "004", "kind and listKind are the same", "spec", "names", "listKind")
    if crd.kind and not crd.kind[0].isupper():
        _note(report, crd, "017", f"The kind is {shown(crd.kind)}", "spec", "names", "kind")
    if isinstance(group, str) and isinstance(names.get("plural"), str) and crd.name != f"{names['plural']}.{group}":
        _note(report, crd, "002", f'The name is "{shown(crd.name)}", not {shown(names["plural"])}.{shown(group)}', "metadata", "name")


def _check_versions(crd: Crd, spec: dict, report: Report) -> None:
    given = spec.get("versions")
    if not isinstance(given, list) or not given or len(crd.versions()) < len(given):
        _note(report, crd, "006", "spec.versions is no list of maps" if given else "spec.versions is missing", "spec", "versions")
        return
    seen: set[str] = set()
    for index, item in crd.versions():
        name = item.get("name")
        again = str(name) in seen
        if not isinstance(name, str) or not _LABEL.fullmatch(name) or again:
            why = "is missing" if name is None else f'is "{shown(name)}"{" again" if again else ""}'
            _note(report, crd, "006", f"The name of a version {why}", "spec", "versions", index, "name")
        seen.add(str(name))
    stored = [(index, item) for index, item in crd.versions() if item.get("storage") is True]
    if len(stored) != 1:
        index = stored[1][0] if stored else 0
        _note(report, crd, "007", f"{len(stored) or 'No'} version{'s are' if len(stored) > 1 else ' is'} stored", "spec", "versions", index, "storage")
    if not any(item.get("served") is True for _index, item in crd.versions()):
        _note(report, crd, "008", "No version is served", "spec", "versions", 0, "served")
    elif len(stored) == 1 and stored[0][1].get("served") is not True:
        _note(report, crd, "009", f"The stored version {shown(stored[0][1].get('name'))} is not served", "spec", "versions", stored[0][0], "served")


def _check_conversion(crd: Crd, conversion: dict, report: Report) -> None:
    place = ("spec", "conversion")
    strategy, webhook = conversion.get("strategy"), conversion.get("webhook")
    if conversion and strategy not in ("None", "Webhook"):
        _note(report, crd, "013", f'strategy is "{shown(strategy)}"' if strategy else "strategy is missing", *place, "strategy")
    elif strategy == "None" and webhook is not None:
        _note(report, crd, "013", "A webhook stands beside strategy: None", *place, "webhook")
    elif strategy == "Webhook" and not isinstance(webhook, dict):
        _note(report, crd, "013", "strategy is Webhook, and webhook is missing", *place)
    elif strategy == "Webhook":
        client = mapping(get(webhook, "clientConfig"))
        service = mapping(client.get("service"))
        # OLM and cert-manager put the client's configuration in when they install.
        if client and bool(client.get("url")) == bool(service):
            _note(report, crd, "013", "webhook.clientConfig needs either url or service", *place, "webhook", "clientConfig")
        elif service and not (text(service.get("name")) and text(service.get("namespace"))):
            _note(report, crd, "013", "webhook.clientConfig.service needs name and namespace", *place, "webhook", "clientConfig", "service")
        reviews = texts(get(webhook, "conversionReviewVersions"))
        if not {"v1", "v1beta1"} & set(reviews):
            _note(report, crd, "013", "webhook.conversionReviewVersions names neither v1 nor v1beta1", *place, "webhook", "conversionReviewVersions")
        _note(report, crd, "014", "A webhook converts the versions of this kind", *place)


def _check_version(crd: Crd, index: int, version: dict, report: Report, steps: structural.Steps) -> None:
    place = ("spec", "versions", index)
    schema = get(version, "schema", "openAPIV3Schema")
    if not isinstance(schema, dict):
        _note(report, crd, "010", f"The version {shown(version.get('name'))} has no schema", *place)
        return
    place = (*place, "schema", "openAPIV3Schema")
    status = isinstance(get(version, "subresources", "status"), dict)
    found = structural.problems(schema, status, steps)
    for path, message in found[:_MOST]:
        where = f"{shown(format_path(path))}: " if path else ""
        _note(report, crd, "011", f"{where}{shown(message)}", *place, *path)
    if len(found) > _MOST:
        _note(report, crd, "011", f"{len(found) - _MOST} more faults of this schema", *place)
    for path in _unknown(schema)[:_MOST]:
        _note(report, crd, "012", f"Kubernetes drops the keyword {shown(path[-1])}", *place, *path)
    _check_columns(crd, index, version, report)


def _check_columns(crd: Crd, index: int, version: dict, report: Report) -> None:
    place = ("spec", "versions", index)
    for number, column in maps(version.get("additionalPrinterColumns")):
        for key in ("name", "type", "jsonPath"):
            value = column.get(key)
            wrong = not text(value) or key == "type" and value not in _COLUMN_TYPES or key == "jsonPath" and not text(value).startswith(".")
            if wrong:
                what = f'is "{shown(value)}"' if value else "is missing"
                _note(report, crd, "016", f"{key} of a column {what}", *place, "additionalPrinterColumns", number, *([key] if key in column else []))
    scale = get(version, "subresources", "scale")
    if isinstance(scale, dict):
        for key, start, needed in (("specReplicasPath", ".spec.", True), ("statusReplicasPath", ".status.", True), ("labelSelectorPath", ".", False)):
            if (needed or scale.get(key)) and not text(scale.get(key)).startswith(start):
                steps = (*place, "subresources", "scale", *([key] if key in scale else []))
                _note(report, crd, "016", f"{key} of the scale subresource begins with {start}", *steps)


def _unknown(schema: dict) -> list[tuple]:
    """Places of keywords that mean nothing to Kubernetes; those of other programs (x-...) are meant for them."""
    found: list[tuple] = []
    waiting: list[tuple[tuple, dict]] = [((), schema)]
    while waiting and len(found) <= _MOST:
        path, node = waiting.pop()
        found += [(*path, key) for key in node if key not in KEYWORDS and not key.startswith("x-")]
        inner = [(("properties", name), item) for name, item in named(node, "properties")]
        inner += [((key,), node.get(key)) for key in ("items", "additionalProperties", "not")]
        inner += [((key, index), item) for key in ("allOf", "anyOf", "oneOf") for index, item in enumerate(schemas(node, key))]
        waiting += [((*path, *steps), item) for steps, item in inner if isinstance(item, dict)]
    return found
