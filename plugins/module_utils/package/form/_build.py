# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Making the fields: of descriptors where csv.yaml has some, else of the schema, else of values.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...errors import InputError
from .._paths import Path, format_path, parse_path
from ..model._csv import Descriptor
from . import _schema, _widgets
from ._answers import fits_as_it_is
from ._field import Dependency, FormField
from ._source import Source
from ._widgets import Widget

DEPTH, MOST = 4, 200
_MOST_DESCRIBED = 5000

# Without descriptors a field's name tells the widget, as long as its type fits.
_BY_NAME = {
    "replicas": "podCount", "replicacount": "podCount", "resources": "resourceRequirements", "updatestrategy": "updateStrategy",
    "nodeaffinity": "nodeAffinity", "podaffinity": "podAffinity", "podantiaffinity": "podAntiAffinity",
    "imagepullpolicy": "imagePullPolicy", "pullpolicy": "imagePullPolicy",
}
_OBJECT_BY_NAME = {
    "storageclass": "StorageClass", "storageclassname": "StorageClass", "priorityclassname": "PriorityClass", "serviceaccountname": "ServiceAccount",
    "existingsecret": "Secret", "existingclaim": "PersistentVolumeClaim", "ingressclassname": "IngressClass",
}
# Maps that are one thing to people, however many fields their schema knows.
_WHOLE = frozenset({*_BY_NAME, "affinity", "tolerations", "securitycontext", "podsecuritycontext", "livenessprobe", "readinessprobe", "startupprobe"})
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PASSWORD = re.compile(r"(password|passwd)$", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|[0-9]+|[^\W_]+")


@dataclass(frozen=True)
class _Section:
    """A descriptor that stands for a map whose fields have descriptors of their own: a heading, whose modifiers count for what is below it."""

    label: str
    widget: Widget


def described(source: Source, descriptors: tuple[Descriptor, ...]) -> Iterator[FormField]:
    """One field for each path, the first descriptor of a path counts; those that lead into a list without an index are left out."""
    read: dict[Path, tuple[Descriptor, Widget]] = {}
    for item in descriptors[:_MOST_DESCRIBED]:
        try:
            read.setdefault(parse_path(item.path), (item, _widgets.read(item.widgets, source.owned)))
        except InputError:
            continue
    above = {steps[:length] for steps in read for length in range(1, len(steps))}
    sections: dict[Path, _Section] = {}
    for steps, (item, widget) in read.items():
        if steps in above and not widget.name and _schema.kind_of(source.place(steps).node) in ("object", ""):
            sections[steps] = _Section(item.label or label(steps), widget)
    for steps, (item, widget) in read.items():
        place = source.place(steps)
        if steps in sections or place.listed:
            continue
        around = [sections[steps[:length]] for length in range(1, len(steps)) if steps[:length] in sections]
        yield _field(source, steps, _inherited(widget, around), place, item, set(read))


def derived(source: Source) -> Iterator[FormField]:
    """Fields of the schema, else of the document and values.yaml: at most MOST, down to DEPTH steps; what is deeper is one map."""
    values = _values(source)
    for depth in range(DEPTH, 0, -1):
        places = [steps for steps, _node in source.schema.walk(depth, _is_whole)] if source.schema.root else list(_leaves(values, depth))
        if len(places) <= MOST:
            break
    for inner in places[:MOST]:
        steps = (*source.root, *inner)
        place = source.place(steps)
        widget = _guessed(steps, source)
        yield _field(source, steps, widget, place, Descriptor(""), set())


def _field(source: Source, steps: Path, widget: Widget, place: _schema.Place, item: Descriptor, paths: set[Path]) -> FormField:
    node, default = place.node, source.default(steps)
    kind, name = _shape(widget, node, default)
    limits = _schema.limits(node, kind)
    if name == "podCount":
        limits.setdefault("minimum", 0)
    elif widget.minimum is not None:
        limits.setdefault("minimum", widget.minimum)
    # Also where the schema makes another field of it: what it holds is secret all the same.
    secret = "password" in (name, widget.name)
    remark = item.help or _schema.text(node, "description") or source.remark(steps)
    field = FormField(
        path=format_path(steps), label=item.label or _schema.text(node, "title") or label(steps), help=remark, widget=name, type=kind, default=default,
        group=widget.group, secret=secret, hidden=widget.hidden, advanced=widget.advanced, generated=widget.generated, kind=widget.kind,
        api_version=widget.api_version, choices=_choices(widget, name, node, kind), depends_on=_dependencies(widget, steps, source, paths), **limits)
    required = place.required and not widget.generated and bool(fits_as_it_is(field, default))
    return replace(field, required=required, default=None if secret else default)


def _shape(widget: Widget, node: dict, default: object) -> tuple[str, str]:
    """(type, widget): the schema's type, else the widget's unless the default contradicts it, else the default's; a widget that does not fit gives way."""
    name = widget.name
    if node.get("format") == "password" and name in ("", "text"):
        name = "password"
    kind = _schema.kind_of(node)
    given = _kind_of(default)
    if not kind and name:
        kind = _widgets.ASKS[name]
        if given and name != "select" and not _widgets.fits(name, given):
            kind = given
    kind = kind or given or "any"
    if name == "labelSelector" and kind == "string":
        # Published packages write selector: for the name of one object, too.
        name = "selector" if widget.kind else "text"
    if name == "select" and kind not in ("object", "array") or name and _widgets.fits(name, kind):
        return kind, name
    return kind, "select" if _schema.choices(node) else _widgets.PLAIN[kind]


def _choices(widget: Widget, name: str, node: dict, kind: str) -> tuple:
    """The schema's choices, narrowed to those of the descriptors; else the descriptors', in the field's type."""
    allowed = _schema.choices(node)
    if name == "imagePullPolicy":
        return allowed or _PULL_POLICIES
    offered = tuple(value for text in widget.choices for value in [_typed(text, kind)] if value is not None) if name == "select" else ()
    if not allowed:
        return offered
    return tuple(value for value in offered if any(type(value) is type(item) and value == item for item in allowed)) or allowed


def _typed(text: str, kind: str) -> object:
    """The text of a select: descriptor in a type, None where it is none of that type."""
    if kind == "boolean":
        return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(text.lower())
    if kind in ("integer", "number"):
        try:
            return int(text) if re.fullmatch(r"[-+]?[0-9]{1,18}", text) else float(text) if kind == "number" and float(text) - float(text) == 0 else None
        except ValueError:
            return None
    return text


def _dependencies(widget: Widget, steps: Path, source: Source, paths: set[Path]) -> tuple[Dependency, ...]:
    """Conditions by path: several values of one path are alternatives, several paths must all hold."""
    found: dict[str, list[str]] = {}
    for path, value in widget.depends_on:
        try:
            control = _control(parse_path(path), steps, source, paths)
        except InputError:
            continue
        found.setdefault(format_path(control), []).append(value)
    return tuple(Dependency(path, tuple(dict.fromkeys(values))) for path, values in found.items())


def _control(named: Path, steps: Path, source: Source, paths: set[Path]) -> Path:
    """The field a dependency means: relative to spec, with a needless "spec." before it, without "values.", or beside the field itself."""
    readings = [named, *([named[1:]] if named[0] == "spec" and len(named) > 1 else []), (*source.root, *named), (*steps[:-1], *named)]
    for is_it in (lambda path: path in paths, lambda path: source.default(path, False) is not None, lambda path: source.place(path).known):
        for path in readings:
            if is_it(path):
                return path
    return readings[1] if named[0] == "spec" and len(named) > 1 else named


def _inherited(widget: Widget, around: list[_Section]) -> Widget:
    """A field's widget with what its sections say: their conditions, hidden, advanced, and the innermost one's label as its group."""
    conditions = tuple(pair for section in around for pair in section.widget.depends_on)
    own = {path for path, _value in widget.depends_on}
    group = widget.group or next((section.widget.group or section.label for section in reversed(around)), "")
    return replace(
        widget, group=group, depends_on=(*(pair for pair in conditions if pair[0] not in own), *widget.depends_on),
        hidden=any(item.hidden for item in (widget, *(section.widget for section in around))),
        advanced=any(item.advanced for item in (widget, *(section.widget for section in around))))


def _guessed(steps: Path, source: Source) -> Widget:
    """The widget a field's name suggests."""
    name = steps[-1].lower() if isinstance(steps[-1], str) else ""
    group = " / ".join(label((step,)) for step in steps[len(source.root):-1])
    if name in _OBJECT_BY_NAME:
        kind = _OBJECT_BY_NAME[name]
        return Widget("selector", kind, _widgets.KINDS[kind], group=group)
    if _PASSWORD.search(name):
        return Widget("password", group=group)
    guess = _BY_NAME.get(name, "")
    kind = _schema.kind_of(source.place(steps).node) or _kind_of(source.default(steps))
    return Widget(guess if kind and _widgets.fits(guess, kind) else "", group=group)


def _is_whole(steps: Path, _node: dict) -> bool:
    return isinstance(steps[-1], str) and steps[-1].lower() in _WHOLE


def _values(source: Source) -> dict:
    """The chart's values with the type's own over them; of an operator the document's spec."""
    own = source.document.get("spec")
    for step in source.root:
        own = own.get(step) if isinstance(own, dict) else None
    return _over(source.values, own if isinstance(own, dict) else {})


def _over(below: dict, above: dict) -> dict:
    merged = dict(below)
    for key, value in above.items():
        merged[key] = _over(below[key], value) if isinstance(value, dict) and isinstance(below.get(key), dict) else value
    return merged


def _leaves(values: dict, depth: int, steps: Path = ()) -> Iterator[Path]:
    for key, value in values.items():
        here = (*steps, str(key))
        if isinstance(value, dict) and value and len(here) < depth and not _is_whole(here, {}):
            yield from _leaves(value, depth, here)
        else:
            yield here


def _kind_of(value: object) -> str:
    """The type a default tells; "" for null."""
    for kind, types in (("boolean", bool), ("integer", int), ("number", float), ("string", str), ("array", list), ("object", dict)):
        if isinstance(value, types):
            return kind
    return ""


def label(steps: Path) -> str:
    """A label made of the last name of a path: replicaCount is Replica count."""
    names = [step for step in steps if isinstance(step, str) and step]
    words = _WORD.findall(names[-1]) if names else []
    text = " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words)
    return text[:1].upper() + text[1:] if text else format_path(steps)
