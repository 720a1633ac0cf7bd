# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A value against an openAPIV3Schema, keyword by keyword as the API server reads it: jsonschema with Kubernetes' own meaning of null, numbers and formats."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from types import SimpleNamespace

from ...errors import PackageError
from .._regex import compile_pattern
from .._steps import Steps, counted, library, matches
from . import _formats

_MOST = 100
_LARGEST_INT, _LARGEST_EXACT = 2**63, 2**53 - 1
_EPSILON = 1e-9
_SHOWN = 200

_NAMES = {
    "object": "a map", "array": "a list", "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
}
_INT_OR_STRING = "x-kubernetes-int-or-string"


def violations(value: object, schema: dict, steps: Steps | None = None) -> list[tuple[tuple, str]]:
    """[(path, message)], at most a hundred; PackageError for a schema that cannot be used, or asks for too much."""
    tools = _tools()
    found: dict[tuple[tuple, str], None] = {}
    try:
        # The one thing a validator hands on to those it makes for the schemas below.
        for error in tools.kind(schema, format_checker=steps or Steps()).iter_errors(value):
            found[tuple(error.absolute_path), _message(error)] = None
            if len(found) >= _MOST:
                break
    except PackageError:
        raise
    # jsonschema raises many kinds for odd schemas.
    except Exception as error:
        reason = type(error).__name__.strip("_")
        raise PackageError(f"The schema cannot be used ({reason})", where="schema", todo="Correct the CustomResourceDefinition") from None
    return list(found)


@functools.cache
def _tools() -> SimpleNamespace:
    """The validator; made at first use, as jsonschema may be missing when this file is imported."""
    jsonschema = library()
    standard = jsonschema.Draft4Validator.VALIDATORS
    own = {
        "enum": _enum, "type": _type, _INT_OR_STRING: _int_or_string, "required": _required, "additionalProperties": _more, "format": _format,
        "minimum": _minimum, "maximum": _maximum, "multipleOf": _multiple, "pattern": _pattern, "minLength": _size(str, 1), "maxLength": _size(str, -1),
        "minItems": _size(list, 1), "maxItems": _size(list, -1), "minProperties": _size(dict, 1), "maxProperties": _size(dict, -1),
    }
    own |= {key: standard[key] for key in ("properties", "items", "allOf", "anyOf", "oneOf", "not")}
    nulls = ("enum", "type", _INT_OR_STRING)
    kind = jsonschema.validators.create(
        meta_schema={}, validators={key: counted(key, _bounded(check, key in nulls)) for key, check in own.items()}, id_of=lambda _schema: "")
    return SimpleNamespace(kind=kind, error=jsonschema.ValidationError)


def _bounded(check, nulls: bool):
    """A keyword's check that leaves null alone, as the server does but for type and enum."""
    def run(validator, wanted, value, schema):
        # Each field and each choice is looked at.
        validator.format_checker.spend(len(wanted) if isinstance(wanted, dict | list) else 0)
        # An empty list of choices asks for nothing.
        if wanted is None or wanted == [] or value is None and not nulls:
            return
        yield from check(validator, wanted, value, schema) or ()
    return run


def _error(message: str, *path: str):
    return _tools().error(message, path=path)


def _type(validator, wanted, value, schema) -> Iterator:
    if not schema.get(_INT_OR_STRING) and not _is(value, (wanted,) if wanted else (), schema, validator):
        yield _error(f"must be {_NAMES.get(wanted, wanted)}")


def _int_or_string(validator, wanted, value, schema) -> Iterator:
    if wanted and not validator.format_checker.of_default and not _is(value, ("integer", "string"), schema, validator):
        yield _error("must be a whole number or text")


def _is(value: object, kinds: tuple[str, ...], schema: dict, validator) -> bool:
    if value is None:
        return not kinds or bool(schema.get("nullable"))
    # The server's own oddity: with a format it checks, text and lists pass as whatever is no number.
    form = schema.get("format")
    formatted = _formats.is_checked(form) or form and validator.format_checker.of_default
    if formatted and isinstance(value, str | list) and not {"number", "integer"} & set(kinds):
        return True
    return not kinds or any(_KINDS[kind](value) for kind in kinds if kind in _KINDS)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer() and abs(value) <= _LARGEST_EXACT
    return _is_number(value) and -_LARGEST_INT <= value < _LARGEST_INT


_KINDS = {
    "object": lambda value: isinstance(value, dict), "array": lambda value: isinstance(value, list), "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool), "number": _is_number, "integer": _is_integer,
}


def _enum(_validator, wanted, value, _schema) -> Iterator:
    if wanted and (value is None or not any(_equal(value, item) for item in wanted)):
        yield _error("must be one of " + _short(", ".join(json.dumps(item, ensure_ascii=False) for item in wanted)))


def _equal(value: object, item: object) -> bool:
    if _is_number(value) and _is_number(item):
        return (int(value) if isinstance(item, int) else float(value)) == item
    return json.dumps(value, sort_keys=True) == json.dumps(item, sort_keys=True)


def _required(_validator, wanted, value, _schema) -> Iterator:
    if isinstance(value, dict):
        for name in wanted:
            if name not in value:
                yield _error("is missing", name)


def _more(validator, wanted, value, schema) -> Iterator:
    if not isinstance(value, dict) or wanted is True:
        return
    known = schema.get("properties") or {}
    for name in value:
        if name in known:
            continue
        if wanted is False:
            yield _error("is not allowed", name)
        else:
            yield from validator.descend(value[name], wanted, path=name)


def _format(_validator, wanted, value, schema) -> Iterator:
    if isinstance(value, str) and not _formats.matches(wanted, value):
        yield _error(f"must have the form {wanted}")
    elif not isinstance(value, str | list) and _formats.is_checked(wanted) and not schema.get("type") and not schema.get(_INT_OR_STRING):
        yield _error(f"must have the form {wanted}")


def _minimum(_validator, wanted, value, schema) -> Iterator:
    if _is_number(value):
        # As the server: for a whole number the bound loses what comes after its dot.
        least = int(wanted) if isinstance(value, int) else wanted
        if value < least or schema.get("exclusiveMinimum") and value == least:
            yield _error(f"must be {'more than' if schema.get('exclusiveMinimum') else 'at least'} {wanted}")


def _maximum(_validator, wanted, value, schema) -> Iterator:
    if _is_number(value):
        most = int(wanted) if isinstance(value, int) else wanted
        if value > most or schema.get("exclusiveMaximum") and value == most:
            yield _error(f"must be {'less than' if schema.get('exclusiveMaximum') else 'at most'} {wanted}")


def _multiple(_validator, wanted, value, _schema) -> Iterator:
    if not _is_number(value):
        return
    if isinstance(value, int):
        factor = int(wanted)
        fits = factor > 0 and value % factor == 0
    else:
        ratio = (1 / wanted * value if wanted < 1 else value / wanted) if wanted > 0 else 0.5
        fits = abs(ratio) <= _LARGEST_EXACT and (ratio == int(ratio) or abs(ratio - int(ratio)) / (abs(ratio) + abs(int(ratio))) < _EPSILON)
    if not fits:
        yield _error(f"must be a multiple of {wanted}")


def _pattern(validator, wanted, value, _schema) -> Iterator:
    if not isinstance(value, str) or not wanted:
        return
    try:
        compile_pattern(wanted)
        found = matches(wanted, value, validator.format_checker)
    # The server takes no such pattern, and a value never fits one.
    except ValueError:
        found = False
    if not found:
        yield _error(f"must match {_short(wanted)}")


def _size(kind: type, sign: int):
    words = {str: "{} characters long", list: "a list of {} items", dict: "a map of {} fields"}[kind]

    def check(_validator, wanted, value, _schema) -> Iterator:
        if isinstance(value, kind) and len(value) * sign < wanted * sign:
            yield _error("must be " + words.format(f"at {'least' if sign > 0 else 'most'} {wanted}"))
    return check


def _message(error) -> str:
    if error.validator in ("anyOf", "oneOf") and error.context:
        branches: dict[object, list] = {}
        for part in error.context:
            branches.setdefault(part.schema_path[0], []).append(part)
        nearest = min(branches.values(), key=len)[0]
        place = ".".join(map(str, nearest.path))
        return _short(f"must have one of {len(error.validator_value)} forms; for the nearest, {place or 'it'} {_message(nearest)}")
    if error.validator == "oneOf":
        return "must have exactly one of several forms, and has more than one"
    if error.validator == "not":
        return "has a form that is not allowed"
    return error.message


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN - 3] + "..."
