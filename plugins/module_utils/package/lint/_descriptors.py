# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Form fields and status lines of csv.yaml (manual 7.2.4): their paths lead somewhere, and their widgets fit what is there."""

from __future__ import annotations

import itertools
import re

from ...errors import InputError
from .._paths import Path, parse_path
from ..form import _widgets, status_view
from ..form._schema import choices
from ..model._csv import HELM_KIND, Descriptor
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import HINT, WARNING, Rule
from ..model.model import Package
from ._field_places import Fields, Reached, placed, reach
from ._known_values import KnownValues
from ._layer import Options
from ._near import near
from ._reading import chart_of, csv_file, templates

RULES = {
    "CSV-030": Rule(WARNING, "a form field's path leads to a field", "Correct the path: the field shows nothing and sets nothing"),
    "CSV-031": Rule(WARNING, "a path into a list names the item", "Write an index, as in hosts[0].name"),
    "CSV-032": Rule(WARNING, "a widget fits the type of its field", "Take the widget of that type"),
    "CSV-033": Rule(WARNING, "widgets are known", "Correct the x-descriptor"),
    "CSV-034": Rule(WARNING, "the choices of a select are allowed", "Offer what the schema allows"),
    "CSV-035": Rule(WARNING, "the choices of a select are no words for true and false", "Quote the value in default documents too"),
    "CSV-036": Rule(WARNING, "a field stands in a form once", "Take one of the two away"),
    "CSV-037": Rule(WARNING, "a field depends on one that exists", "Write fieldDependency:PATH:VALUE with a path below spec"),
    "CSV-038": Rule(HINT, "a form covers what can be set", "Add specDescriptors for what people may want to set"),
    "CSV-039": Rule(WARNING, "a status line's path leads somewhere", "Correct the path: the line stays empty"),
}

_URN = "urn:alm:descriptor:"
_UI = f"{_URN}com.tectonic.ui:"
# As written; those that end in a colon go on with a word of the author's.
_KNOWN = (
    *(_UI + name for name in (
        "text", "number", "booleanSwitch", "checkbox", "password", "select:", "podCount", "resourceRequirements", "imagePullPolicy", "updateStrategy",
        "nodeAffinity", "podAffinity", "podAntiAffinity", "selector:", "namespaceSelector:", "endpointList", "fieldGroup:", "arrayFieldGroup:",
        "fieldDependency:", "advanced", "hidden", "label", "podStatuses", "conditions", "slider", "sliderStart:", "phase", "hwDnatElbAccess")),
    *(_URN + name for name in (
        "text", "io.kubernetes:", "io.kubernetes.conditions", "io.kubernetes.phase", "io.kubernetes.phase:reason", "org.w3:link", "prometheusEndpoint",
        "tectonic:link", "com.apusic.secret:generate:")),
)
_NUMBERS, _SCALARS = ("integer", "number"), ("string", "integer", "number")
# What a widget can show; "any" and an unknown type fit all.
_FITS = {
    "text": _SCALARS, "password": ("string",), "imagePullPolicy": ("string",), "selector": ("string",), "number": _NUMBERS, "podCount": _NUMBERS,
    "boolean": ("boolean",), "checkbox": ("boolean",), "select": (*_SCALARS, "boolean"), "resourceRequirements": ("object",),
    "updateStrategy": ("object",), "nodeAffinity": ("object",), "podAffinity": ("object",), "podAntiAffinity": ("object",), "map": ("object",),
    "labelSelector": ("object", "string"), "endpointList": ("array",), "list": ("array",),
}
_BOOLEAN_WORDS = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false"})
_TEMPLATE_KIND = re.compile(r"^kind:[ \t]*[\"']?([A-Z][A-Za-z0-9]{0,62})[\"']?[ \t]*$", re.MULTILINE)
_MOST = 200
# More than any published package has.
_FIELDS = 5000


def check(package: Package, report: Report, options: Options) -> None:
    """Notes what is wrong with each descriptor, and how much of the values no form shows."""
    path = csv_file(report)
    if not path or not (package.spec_descriptors or package.status_descriptors):
        return
    known = KnownValues(package, report) if chart_of(package) else None
    kinds: dict[str, Fields] = {}
    seen: dict[tuple[bool, str, Path], None] = {}
    covered: dict[str, set[Path]] = {}
    names = None
    for item, form, place in itertools.islice(placed(package, report), _FIELDS):
        fields = kinds.get(item.kind) or kinds.setdefault(item.kind, Fields(package, report, item.kind, known))
        try:
            steps = parse_path(item.path)
        # Noted when csv.yaml was read.
        except InputError:
            continue
        if (form, item.kind, steps) in seen:
            report.add("CSV-036", f"{shown(item.path)} stands in the {'form' if form else 'status page'} again", path, (*place, "path"))
        seen[form, item.kind, steps] = None
        _check_widgets(item, path, place, report)
        if form:
            covered.setdefault(item.kind, set()).add(steps)
            _check_field(item, steps, fields, path, place, report)
        else:
            if names is None:
                names = _view(package)
            _check_status(item, steps, fields, names, path, place, report)
    for kind, paths in covered.items():
        missing, every = kinds[kind].count(paths) if kinds[kind].judged else (0, 0)
        if missing:
            of = f" of {shown(kind)}" if kind and kind != HELM_KIND else ""
            report.add("CSV-038", f"{missing} of {every} {'values' if kinds[kind].helm else 'fields'}{of} have no field in the form", path, ("spec",))


def _check_field(item: Descriptor, steps: Path, fields: Fields, path: str, place: tuple, report: Report) -> None:
    widget = _widgets.read(item.widgets, {})
    found = fields.spec(steps) if fields.judged else Reached("open")
    if found.state == "absent":
        report.add("CSV-030", f"{shown(item.path)} leads nowhere{_hint(report, found)}", path, (*place, "path"))
    elif found.state == "listed":
        report.add("CSV-031", f"{shown(item.path)} goes into a list before {shown(found.step)}", path, (*place, "path"))
    fits = _FITS.get(widget.name)
    if fits and found.kind not in ("", "any", *fits):
        report.add("CSV-032", f"{shown(item.path)} is of type {found.kind}, which the widget {widget.name} cannot show", path, (*place, "x-descriptors"))
    _check_choices(item, widget, found, path, place, report)
    for target, wanted in widget.depends_on:
        _check_dependency(item, target, wanted, fields, path, place, report)


def _check_choices(item: Descriptor, widget: _widgets.Widget, found: Reached, path: str, place: tuple, report: Report) -> None:
    place = (*place, "x-descriptors")
    allowed = [_text(value) for value in choices(found.node)]
    if widget.name == "select" and not any(widget.choices) and not allowed:
        report.add("CSV-034", f"{shown(item.path)} is a select without choices", path, place)
    refused = [choice for choice in widget.choices if choice and allowed and choice not in allowed]
    if refused:
        report.add("CSV-034", f"{shown(item.path)} offers {shown(', '.join(refused))}; the schema allows {shown(', '.join(allowed))}", path, place)
    words = [choice for choice in widget.choices if choice.lower() in _BOOLEAN_WORDS]
    # Some of the choices only: true and false alone are those of a switch.
    # With a schema that asks for text, false is refused and told.
    if words and not (found.node and found.kind in ("boolean", "string")) and {choice.lower() for choice in widget.choices} != {"true", "false"}:
        report.add("CSV-035", f"{shown(item.path)} offers {shown(', '.join(words))}, which YAML reads as true or false without quotes", path, place)


def _check_dependency(item: Descriptor, target: str, wanted: str, fields: Fields, path: str, place: tuple, report: Report) -> None:
    place = (*place, "x-descriptors")
    try:
        steps = parse_path(target.removeprefix("spec."))
    except InputError:
        report.add("CSV-037", f"{shown(item.path)} depends on {shown(target)}, which is no path", path, place)
        return
    if not fields.judged:
        return
    found = fields.spec(steps)
    if fields.helm and steps[0] != "values":
        found = Reached("absent", beside=(f"values.{target}",))
    if found.state == "absent":
        report.add("CSV-037", f"{shown(item.path)} depends on {shown(target)}, which leads nowhere{_hint(report, found, target)}", path, place)
        return
    allowed = ["true", "false"] if found.kind == "boolean" else [_text(value) for value in choices(found.node)]
    if allowed and wanted not in allowed:
        report.add("CSV-037", f"{shown(item.path)} waits for {shown(target)} to be {shown(wanted)}, and it may be {shown(', '.join(allowed))}", path, place)


def _check_widgets(item: Descriptor, path: str, place: tuple, report: Report) -> None:
    for text in dict.fromkeys(item.widgets):
        if any(text == name or name.endswith(":") and text.startswith(name) and len(text) > len(name) for name in _KNOWN):
            word = text.removeprefix(f"{_URN}io.kubernetes:")
            strange = word != text and ":" not in word and word not in _widgets.KINDS and _widgets.read([text], {}).name == "selector"
            more = near(report, word, _widgets.KINDS, 0.8) if strange else ""
            if more:
                report.add("CSV-033", f"{shown(text)} names an unknown kind{more}", path, (*place, "x-descriptors"))
        elif _widgets.read([text], {}) == _widgets.Widget():
            # Other programs have descriptors of their own: only what is meant for the form is judged.
            more = near(report, text, _KNOWN, 0.8 if "tectonic.ui:" in text else 0.9)
            if more or "tectonic.ui:" in text:
                report.add("CSV-033", f"{shown(text)} is no known widget{more}", path, (*place, "x-descriptors"))


def _check_status(item: Descriptor, steps: Path, fields: Fields, names: set[str], path: str, place: tuple, report: Report) -> None:
    place = (*place, "path")
    if item.kind in (HELM_KIND, ""):
        first = str(steps[0]).lower()
        if first not in names and f"{first}s" not in names and f"{first}es" not in names:
            report.add("CSV-039", f"{shown(item.path)} begins with no list of objects{near(report, first, names)}", path, place)
        elif len(steps) > 1 and not isinstance(steps[1], int):
            report.add("CSV-031", f"{shown(item.path)} goes into a list before {shown(steps[1])}", path, place)
        return
    if not fields.described or not fields.status.root:
        return
    found = reach(fields.status, steps[1:] if steps[0] == "status" and len(steps) > 1 else steps)
    if found.state == "absent":
        report.add("CSV-039", f"{shown(item.path)} leads nowhere in the status{_hint(report, found)}", path, place)
    elif found.state == "listed":
        report.add("CSV-031", f"{shown(item.path)} goes into a list before {shown(found.step)}", path, place)


def _view(package: Package) -> set[str]:
    """Names of the lists that a status page of a chart may begin with: the usual kinds, and those the chart makes."""
    root = chart_of(package)
    made = {kind for _path, text in templates(package.tree, root) for kind in _TEMPLATE_KIND.findall(text)} if root else set()
    return set(status_view.view({"kind": kind, "metadata": {}} for kind in (*_widgets.KINDS, *sorted(made)[:_MOST])))


def _hint(report: Report, found: Reached, written: str = "") -> str:
    return near(report, written or found.step, found.beside)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
