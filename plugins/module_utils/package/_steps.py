# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much a check of data of unknown origin may look at; jsonschema by itself has no bound, and references can make a small schema endless."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from .. import _deps
from ..errors import AcmpError, PackageError
from ._regex import compile_pattern

# Keywords looked at; about a second's work at most.
STEPS = 150_000
# What takes longer than others: references are looked up, and each form that does not fit is remembered.
_DEAR = {"$ref": 5, "$dynamicRef": 5, "$recursiveRef": 5}
_FORMS = ("anyOf", "oneOf", "allOf")
# Choices that are compared with each other when a schema is checked.
_CHOICES = 200


class Steps:
    """What is left, shared by several checks; of_default: the API server reads a default less closely than a resource."""

    def __init__(self, left: int = STEPS, of_default: bool = False) -> None:
        self.left, self.of_default = left, of_default

    def spend(self, count: int) -> None:
        """PackageError when there is not so much left."""
        self.left -= count
        if self.left < 0:
            what = "The document and its schema are too large to be checked"
            raise PackageError(what, where="schema", todo="Shorten the document, or simplify the schema")


def library():
    """jsonschema; PackageError without a place where it is missing, which is no fault of a package."""
    try:
        return _deps.jsonschema
    except AcmpError as error:
        raise PackageError(error.what, todo=error.todo) from None


def matches(pattern: str, text: str, steps: Steps) -> bool:
    """Whether a pattern is found in a text; True for patterns RE2 refuses, and where it would take too long to tell."""
    try:
        compiled = compile_pattern(pattern)
    except ValueError:
        return True
    price = len(compiled.program) * (len(text) + 1) // 8
    if price > steps.left // 2:
        return True
    steps.spend(price)
    return compiled.search(text) is not False


@functools.cache
def bounded(kind: type) -> type:
    """A jsonschema validator class that spends Steps, given to it as its format_checker, and matches patterns as RE2 does."""
    checks = {**kind.VALIDATORS, "pattern": _pattern, "patternProperties": _named, "additionalProperties": _more}
    checks.pop("format", None)
    return library().validators.extend(kind, {key: counted(key, check) for key, check in checks.items()} | {"format": _nothing})


def shortened(schema: object) -> object:
    """A schema with long lists of choices cut: to check a schema, each choice is compared with each."""
    if isinstance(schema, dict):
        return {key: value[:_CHOICES] if key == "enum" and isinstance(value, list) else shortened(value) for key, value in schema.items()}
    return [shortened(item) for item in schema] if isinstance(schema, list) else schema


def counted(key: str, check):
    """A keyword's check that spends steps before it runs."""
    price, forms = _DEAR.get(key, 1), key in _FORMS

    def run(validator, wanted, value, schema) -> Iterator:
        validator.format_checker.spend(price + (3 * len(wanted) if forms and isinstance(wanted, list) else 0))
        yield from check(validator, wanted, value, schema) or ()
    return run


def _nothing(_validator, _wanted, _value, _schema) -> None:
    """Formats are remarks, as for Helm."""


def _pattern(validator, wanted, value, _schema) -> Iterator:
    if isinstance(value, str) and not matches(wanted, value, validator.format_checker):
        yield _deps.jsonschema.ValidationError(f"does not match {wanted}")


def _named(validator, wanted, value, _schema) -> Iterator:
    for pattern, inner in wanted.items() if isinstance(value, dict) else ():
        for name, item in value.items():
            if matches(pattern, name, validator.format_checker):
                yield from validator.descend(item, inner, path=name, schema_path=pattern)


def _more(validator, wanted, value, schema) -> Iterator:
    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    rest = [name for name in value if name not in known and not any(matches(pattern, name, validator.format_checker) for pattern in patterns)]
    if isinstance(wanted, dict):
        for name in rest:
            yield from validator.descend(value[name], wanted, path=name)
    elif wanted is False and rest:
        yield _deps.jsonschema.ValidationError(f"{len(rest)} fields are not known")
