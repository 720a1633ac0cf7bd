# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Default documents and examples: whether the API server, or the chart, takes them as they are."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator

from ...errors import InputError, PackageError
from .. import validate, yaml_reader
from .._paths import as_steps, format_path, get
from .._steps import library
from ..crd import structural
from ..crd.structural import Steps
from ..model._csv import HELM_KIND
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, WARNING, Rule
from ..model.model import Package
from ..secrets import generated, secret_paths
from ._crd_files import Crd, find
from ._known_values import KnownValues
from ._layer import Options
from ._near import near
from ._objects import mapping
from ._reading import chart_of, csv_file, default_file, load_all

RULES = {
    "CR-030": Rule(ERROR, "default documents fit their CustomResourceDefinition", "Correct the field"),
    "CR-031": Rule(WARNING, "the API server knows every field of a default document", "Correct the field's name: it is dropped without a word"),
    "CR-032": Rule(WARNING, "alm-examples fit their CustomResourceDefinition", "Correct the field"),
    "CR-033": Rule(WARNING, "the API server knows every field of alm-examples", "Correct the field's name: it is dropped without a word"),
    "CR-034": Rule(ERROR, "values of default documents fit values.schema.json", "Correct the field"),
    "CR-035": Rule(WARNING, "the chart knows the values of default documents", "Correct the field's name: no template looks at it"),
    "CR-036": Rule(ERROR, "a default document has at most 512 KiB", "Leave out what equals the defaults"),
    "CR-037": Rule(ERROR, "default documents are of a version that their CustomResourceDefinition serves", "Correct apiVersion"),
    "CR-038": Rule(ERROR, "the default documents have at most 256 KiB together", "Leave out what equals the defaults"),
}

_LARGEST, _ALL = 512 * 1024, 256 * 1024
# Texts below this length cannot exceed a limit, however they are written.
_SMALL = 64 * 1024
_MOST = 20
# So many documents are looked at: no package has more kinds and types.
_DOCUMENTS = 100
_ALM = ("metadata", "annotations", "alm-examples")

Note = Callable[[str, str, tuple], None]


def check(package: Package, report: Report, options: Options) -> None:
    """Notes what the API server or Helm would say to each default document and example."""
    empty = {("spec", *as_steps(path)) for path in (*secret_paths(package), *(item.path for item in _generated(package)))}
    known = KnownValues(package, report) if chart_of(package) else None
    steps = Steps()
    total = 0
    for document, path, number in itertools.islice(_defaults(package, report), _DOCUMENTS):
        def note(rule: str, message: str, place: tuple, path: str = path, number: int | None = number) -> None:
            inside = number is not None
            report.add(rule, message, path, place if inside else ("spec", "defaultConfiguration"), number or 0)

        total += _check_size(document, note)
        if document.get("kind") == HELM_KIND:
            if known is not None:
                _check_values(document, known, report, empty, note, steps)
        else:
            _check_resource(document, package, report, ("CR-030", "CR-031"), empty, note, steps)
    if total > _ALL:
        report.add("CR-038", f"The default documents have {total // 1024} KiB together", default_file(report) or "application.yaml")
    _check_alm(package, report, steps)


def _generated(package: Package) -> list:
    try:
        return generated(package)
    # Noted when csv.yaml was read.
    except PackageError:
        return []


def _defaults(package: Package, report: Report) -> Iterator[tuple[dict, str, int | None]]:
    """(document, file, its number; None for what stands in a text of application.yaml)."""
    path = default_file(report)
    if path:
        yield from ((document, path, number) for number, document in enumerate(load_all(report, path)) if isinstance(document, dict))
    elif get(mapping(next(iter(load_all(report, "application.yaml")), None)), ("spec", "defaultConfiguration")):
        yield from ((item.document, "application.yaml", None) for item in package.types)


def _check_size(document: dict, note: Note) -> int:
    """The bytes of a document as it is recorded, 0 for one that is surely small."""
    try:
        size = len(json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"))
        # YAML takes a quarter of JSON's bytes at the least: what is far beyond the limit need not be written twice.
        if _SMALL < size <= 4 * _LARGEST:
            size = len(yaml_reader.dump(document).encode())
    except (InputError, ValueError, RecursionError):
        return 0
    if size > _LARGEST:
        note("CR-036", f"The document has {size // 1024} KiB", ())
    return size if size > _SMALL else 0


def _check_resource(document: dict, package: Package, report: Report, rules: tuple[str, str], empty: set, note: Note, steps: Steps) -> None:
    """A document of an operator's kind against its schema. empty: places of secrets, which are filled in later."""
    crd = find(package, report, document.get("apiVersion"), document.get("kind"))
    if crd is None:
        return
    version = str(document.get("apiVersion")).rpartition("/")[2]
    if rules[0] == "CR-030" and crd.data.get("apiVersion") == "apiextensions.k8s.io/v1":
        served = [str(item.get("name")) for _index, item in crd.versions() if item.get("served") is True]
        if version not in served:
            note("CR-037", f"{crd.path} serves {shown(', '.join(served) or 'no version')}, not {shown(version)}", ("apiVersion",))
            return
    schema = crd.schema(version)[0]
    if schema is None:
        return
    try:
        verdict = structural.judge(document, schema, steps)
    # Too large, or a schema that cannot be used: noted where it stands.
    except PackageError as error:
        if not error.where:
            raise
        return
    for path, message in [item for item in verdict.violations if not _is_empty(document, item[0], empty)][:_MOST]:
        note(rules[0], f"{shown(format_path(path)) or 'The document'} {shown_long(message)}", path)
    for path in verdict.dropped[:_MOST] if _prunes(crd) else ():
        note(rules[1], f"{shown(format_path(path))} is not known to the {shown(crd.kind)}{near(report, path[-1], _names(schema, path[:-1]))}", path)


def _check_values(document: dict, known: KnownValues, report: Report, empty: set, note: Note, steps: Steps) -> None:
    values = get(document, ("spec", "values"))
    if values is not None and not isinstance(values, dict):
        return
    try:
        if known.schema:
            library()
        # Each time the schema is prepared anew.
        steps.spend(known.size // 100)
        validate.check_values(document, known.schema or None, "values.schema.json", known.values, steps)
    except InputError as error:
        for problem in error.details.get("problems", [])[:_MOST]:
            path = ("spec", *as_steps(problem["path"])) if problem["path"] else ("spec", "values")
            if not _is_empty(document, path, empty):
                note("CR-034", f"{shown(problem['path'] or 'values')} {shown_long(problem['message'])}", path)
    # Noted where the schema stands.
    except PackageError as error:
        if not error.where:
            raise
    for path, beside in [item for item, _number in zip(known.unknown(values or {}), range(_MOST), strict=False)]:
        more = near(report, path[-1], beside)
        note("CR-035", f"{shown(format_path(('values', *path)))} is a value the chart does not look at{more}", ("spec", "values", *path))


def _check_alm(package: Package, report: Report, steps: Steps) -> None:
    path = csv_file(report)
    content = get(mapping(next(iter(load_all(report, path)), None)), _ALM) if path else None
    try:
        examples = json.loads(content) if isinstance(content, str) else []
    except (ValueError, RecursionError):
        return
    for number, example in enumerate(examples[:_DOCUMENTS] if isinstance(examples, list) else []):
        if isinstance(example, dict):
            def note(rule: str, message: str, place: tuple, number: int = number, kind: object = example.get("kind")) -> None:
                report.add(rule, f"Example {number + 1} ({shown(kind)}): {message}", path, _ALM)

            _check_resource(example, package, report, ("CR-032", "CR-033"), set(), note, steps)


def _is_empty(document: dict, path: tuple, empty: set) -> bool:
    return path in empty and get(document, path) in (None, "")


def _prunes(crd: Crd) -> bool:
    """Whether the server drops unknown fields: always in v1, only when asked to in what came before."""
    return crd.data.get("apiVersion") == "apiextensions.k8s.io/v1" or get(crd.data, ("spec", "preserveUnknownFields")) is False


def _names(schema: dict, path: tuple) -> list[str]:
    """Names of the fields a schema has at a place."""
    node: object = schema
    for step in path:
        inner = mapping(node)
        node = inner.get("items") if isinstance(step, int) else mapping(inner.get("properties")).get(step, inner.get("additionalProperties"))
    return list(mapping(mapping(node).get("properties")))


def shown_long(message: str) -> str:
    """A message that may hold texts of the package: printable, on one line, bounded."""
    text = "".join(char if char.isprintable() else "?" for char in message)
    return text if len(text) <= 300 else text[:297] + "..."
