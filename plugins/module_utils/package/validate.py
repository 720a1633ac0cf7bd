# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks a document against the chart's values.schema.json and the form's widgets, and names every field that does not fit.

Messages name fields and what is allowed, never the value: it may be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from ..errors import InputError, PackageError, nearest
from . import _schema, _steps
from ._patch import merge
from ._paths import Path, format_path, get, parse_path
from .model._csv import Descriptor
from .tree import FileTree

UI = "urn:alm:descriptor:com.tectonic.ui:"
_SHOWN = 20
_LISTED = 200

_TYPES = {
    "object": "a map", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "null": "null",
}
# Keyword -> what the field must be; the others speak through _schema_problem.
_BOUNDS = {
    "minimum": "at least {0}", "maximum": "at most {0}", "exclusiveMinimum": "more than {0}", "exclusiveMaximum": "less than {0}",
    "multipleOf": "a multiple of {0}",
    "minLength": "at least {0} characters long", "maxLength": "at most {0} characters long", "minItems": "a list of at least {0} items",
    "maxItems": "a list of at most {0} items", "minProperties": "a map of at least {0} fields", "maxProperties": "a map of at most {0} fields",
    "uniqueItems": "a list without repetitions", "pattern": "text that matches {0}", "format": "text of the form {0}",
}
# Keywords that depend on fields which only the chart's own defaults may give.
_NEEDS_DEFAULTS = frozenset({"required", "minProperties", "dependentRequired", "dependencies", "dependentSchemas", "anyOf", "oneOf", "not", "contains", "if"})
_CONDITIONS = frozenset({"then", "else", "dependencies", "dependentSchemas"})


def load_schema(raw: FileTree) -> dict | None:
    """values.schema.json of a chart (its tree), None when it has none; PackageError when it is no JSON object."""
    if "values.schema.json" not in raw:
        return None
    try:
        schema = json.loads(raw.text("values.schema.json"))
    except (ValueError, RecursionError):
        raise PackageError("values.schema.json is not valid JSON", where="values.schema.json", todo="Correct the file") from None
    if not isinstance(schema, dict):
        raise PackageError("values.schema.json is no JSON object", where="values.schema.json", todo="Correct the file")
    return schema


def check_values(
    document: dict, schema: dict | None, origin: str, defaults: dict | None = None, steps: _steps.Steps | None = None,
) -> tuple[str, ...]:
    """Checks spec.values of a document (spec, where it is no HelmRelease) against a schema; returns what could not be checked.

    defaults: the chart's values.yaml, which Helm adds before it checks; without them a missing field is no fault, as the chart may have it.
    origin: what the schema comes from, for messages. steps: how much may be looked at, where several documents share it. $ref is followed
    inside the schema only; nothing is fetched. Raises InputError with every field in details.problems ({"path", "message", "allowed"}), and
    PackageError for an unusable schema.
    """
    if schema is None:
        return ()
    helm = document.get("kind") == "HelmRelease"
    values = get(document, ("spec", "values") if helm else ("spec",)) or {}
    if defaults is not None:
        values = merge(defaults, values)
    prepared, unchecked = _schema.prepare(schema, origin)
    problems = []
    for error in _schema.errors(prepared, values, origin, _LISTED, steps):
        if defaults is None and _needs_defaults(error):
            continue
        problems.extend(_schema_problems(error, ("values",) if helm else ()))
    _raise(problems, origin)
    return unchecked


def check_descriptors(document: dict, descriptors: Iterable[Descriptor], origin: str, schema: dict | None = None) -> None:
    """Checks the fields of a form: choices of select, true or false for switches, numbers. Raises InputError as check_values does.

    Absent, null and empty fields pass, as do fields whose fieldDependency is not met, and types where ``schema`` (of spec.values) says
    what the type is: the schema beats the widget.
    """
    spec = document.get("spec")
    problems: list[dict] = []
    for item in descriptors:
        if item.kind and item.kind != document.get("kind"):
            continue
        try:
            steps = parse_path(item.path)
        except InputError:
            continue
        value = get(spec, steps)
        if value is None or value == "" or not _applies(spec, item.widgets):
            continue
        typed = schema is not None and steps[0] == "values" and _schema.type_at(schema, steps[1:]) is not None
        problem = _widget_problem(value, item.widgets, typed)
        if problem:
            message, allowed = problem
            problems.append({"path": format_path(steps), "message": message, "allowed": allowed})
    _raise(problems, origin)


def choices(widgets: Collection[str]) -> tuple[str, ...]:
    """The values a field's select: descriptors offer, in their order."""
    prefix = UI + "select:"
    return tuple(dict.fromkeys(widget[len(prefix):] for widget in widgets if widget.startswith(prefix) and len(widget) > len(prefix)))


def _needs_defaults(error) -> bool:
    conditional = error.validator in _NEEDS_DEFAULTS or _CONDITIONS.intersection(map(str, error.absolute_schema_path))
    return bool(conditional) and error.schema != _schema.NEVER


def _applies(spec: object, widgets: Collection[str]) -> bool:
    """Whether the field a fieldDependency names has the value it asks for."""
    prefix = UI + "fieldDependency:"
    for widget in widgets:
        if widget.startswith(prefix):
            path, _colon, wanted = widget[len(prefix):].rpartition(":")
            try:
                steps = parse_path(path.removeprefix("spec."))
            except InputError:
                continue
            if _text(get(spec, steps)) != wanted:
                return False
    return True


def _widget_problem(value: object, widgets: Collection[str], typed: bool) -> tuple[str, list] | None:
    offered = choices(widgets)
    if offered:
        if isinstance(value, dict | list) or _text(value) not in offered:
            hint = "; quote it, as YAML reads yes and no as true and false" if isinstance(value, bool) and set(offered) & {"yes", "no", "on", "off"} else ""
            return f"must be one of {', '.join(offered)}{hint}", list(offered)
        return None
    if typed:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if UI + "booleanSwitch" in widgets and not isinstance(value, bool):
        return "must be true or false, without quotes", [True, False]
    if UI + "podCount" in widgets and not (isinstance(value, int) and number and value >= 0):
        return "must be a whole number from 0, without quotes", []
    if UI + "number" in widgets and not number:
        return "must be a number, without quotes", []
    return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _schema_problems(error, root: Path) -> Iterable[dict]:
    """One violation of the schema as problems; of a choice between forms, what is wrong with each form is too much: the fields are named."""
    path, wanted = (*root, *error.absolute_path), error.validator_value
    allowed: list = []
    if error.validator == "type":
        kinds = [wanted] if isinstance(wanted, str) else list(wanted)
        message = "must be " + " or ".join(_TYPES.get(kind, kind) for kind in kinds)
    elif error.validator in ("enum", "const"):
        allowed = list(wanted) if error.validator == "enum" else [wanted]
        message = "must be one of " + _short(", ".join(json.dumps(item, ensure_ascii=False) for item in allowed))
    elif error.validator == "required":
        path, message = (*path, _missing(error)), "is missing"
    elif error.validator == "additionalProperties":
        known = list(error.schema.get("properties", {}))
        patterns, steps = list(error.schema.get("patternProperties", {})), _steps.Steps()
        unknown = [key for key in error.instance if key not in known and not any(_steps.matches(pattern, key, steps) for pattern in patterns)]
        for name in sorted(unknown)[:_LISTED]:
            yield {"path": format_path((*path, name)), "message": f"is not a known field, {nearest(name, known)}".rstrip(", "), "allowed": known[:_SHOWN]}
        return
    elif error.validator in _BOUNDS:
        message = "must be " + _BOUNDS[error.validator].format(_short(str(wanted)))
    elif error.validator in ("anyOf", "oneOf"):
        message = "must have one of the forms the chart allows"
    elif error.validator is None or error.schema == _schema.NEVER:
        message = "is not allowed here"
    else:
        message = f"does not fit the schema ({error.validator})"
    yield {"path": format_path(path), "message": message, "allowed": allowed[:_SHOWN]}


def _missing(error) -> str:
    return next((name for name in error.validator_value if name not in error.instance and repr(name) in error.message), "?")


def _raise(problems: list[dict], origin: str) -> None:
    if not problems:
        return
    unique = list({(item["path"], item["message"]): item for item in problems}.values())
    lines = [f"{item['path'] or 'values'} {item['message']}" for item in unique[:_SHOWN]]
    if len(unique) > _SHOWN:
        lines.append(f"and {len(unique) - _SHOWN} more")
    count = "A value does" if len(unique) == 1 else f"{len(unique)} values do"
    what, where = f"{count} not fit {origin}: {'; '.join(lines)}", unique[0]["path"] or "values"
    raise InputError(what, where=where, todo="Correct these fields", details={"problems": unique})


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."
