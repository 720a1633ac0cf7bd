# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One answer against its field: converted where it is text for something else, refused with what it must be.

Messages say what is allowed, never the answer: it may be a secret.
"""

from __future__ import annotations

import json
import re

from ...errors import InputError, PackageError
from .. import yaml_reader
from .._schema import usable_pattern
from ._field import FormField

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,2})?")
# YAML 1.1's words, which people type and surveys send.
_WORDS = {**dict.fromkeys(("true", "yes", "on", "y"), True), **dict.fromkeys(("false", "no", "off", "n"), False)}
_WANTED = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list", "object": "a map",
}
_SHOWN = 20


class Misfit(Exception):
    """An answer that does not fit. message: what it must be; allowed: the choices, where there are some."""

    def __init__(self, message: str, allowed: tuple = ()) -> None:
        super().__init__(message)
        self.message = message
        self.allowed = list(allowed)


def is_empty(field: FormField, value: object) -> bool:
    """Whether an answer says nothing: null, and the empty text where text is not what the field holds (surveys send it)."""
    if value is None:
        return True
    return value == "" and isinstance(value, str) and (field.type not in ("string", "any") or bool(field.choices)) and "" not in field.choices


def checked(field: FormField, value: object) -> object:
    """The answer in the field's type; Misfit where it is of another type, out of range or not among the choices."""
    value = _converted(field, value)
    if field.choices:
        if not any(same(value, choice) for choice in field.choices):
            hint = ", in quotes: YAML reads yes and no as true and false" if isinstance(value, bool) and field.type == "string" else ""
            raise Misfit(f"must be one of {_listed(field.choices)}{hint}", field.choices)
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        _check_range(value, field.minimum, field.maximum, "{}")
    elif isinstance(value, str):
        _check_range(len(value), field.min_length, field.max_length, "{} characters long")
        if field.pattern and usable_pattern(field.pattern) and not re.search(field.pattern, value):
            raise Misfit(f"must be text that matches {field.pattern[:200]}")
    elif isinstance(value, list):
        _check_range(len(value), field.min_items, field.max_items, "a list of {} items")
    return value


def same(one: object, other: object) -> bool:
    """Whether two values are equal as data: 1, 1.0 and true are three."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def fits_as_it_is(field: FormField, value: object) -> str:
    """"" where the value is an answer of the field without any conversion, else why not."""
    if is_empty(field, value):
        return "is empty"
    try:
        found = checked(field, value)
    except Misfit as misfit:
        return misfit.message
    return "" if same(found, value) else f"must be {_WANTED.get(field.type, 'a value')} as it is written"


def _converted(field: FormField, value: object) -> object:
    kind, text = field.type, value.strip() if isinstance(value, str) else ""
    if kind == "any":
        return value
    if kind == "string":
        right = isinstance(value, str)
    elif kind == "boolean":
        value = _WORDS.get(text.lower(), value) if isinstance(value, str) else value
        right = isinstance(value, bool)
    elif kind in ("integer", "number"):
        if _INTEGER.fullmatch(text):
            value = int(text)
        elif kind == "number" and _NUMBER.fullmatch(text):
            value = float(text)
        if kind == "integer" and isinstance(value, float) and value.is_integer():
            value = int(value)
        right = isinstance(value, int if kind == "integer" else int | float) and not isinstance(value, bool)
    else:
        wanted = list if kind == "array" else dict
        if isinstance(value, str):
            value = _parsed(value)
        right = isinstance(value, wanted)
    if not right:
        hint = ", in quotes" if kind == "string" and isinstance(value, bool | int | float) else ""
        raise Misfit(f"must be {_listed(field.choices, 'one of ') if field.choices else _WANTED[kind]}{hint}", field.choices)
    return value


def _parsed(text: str) -> object:
    """A list or map given as text, as surveys have no other way."""
    try:
        return yaml_reader.load(text, "answer")
    except (PackageError, InputError):
        return text


def _check_range(value: float, low: float | None, high: float | None, wanted: str) -> None:
    if low is not None and value < low:
        raise Misfit(f"must be {_placed(wanted, f'at least {low}')}")
    if high is not None and value > high:
        raise Misfit(f"must be {_placed(wanted, f'at most {high}')}")


def _placed(wanted: str, bound: str) -> str:
    return wanted.format(bound)


def _listed(choices: tuple, before: str = "") -> str:
    shown = ", ".join(json.dumps(item, ensure_ascii=False)[:100] for item in choices[:_SHOWN])
    return before + shown + (f" and {len(choices) - _SHOWN} more" if len(choices) > _SHOWN else "")
