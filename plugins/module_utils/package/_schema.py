# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON schemas of unknown origin: made harmless before they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .. import _deps
from ..errors import PackageError
from . import _steps
from ._paths import Path

DEPTH = 100
_NODES = 200_000
# Who deploys may ask for more than who only looks.
_STEPS = 10 * _steps.STEPS
NEVER = {"not": {}}
# The schema last found to be one.
_SOUND: list = [None]
# Values under these keywords are data, not schemas.
_DATA = frozenset({"const", "enum", "default", "examples"})
# Values under these keywords are maps of name -> schema: their keys are names, not keywords.
_NAMED = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies", "dependentRequired"})
# A group that repeats and is itself repeated may take longer than anybody waits.
_SLOW = re.compile(r"[+*}]\)+[+*{]")


def prepare(schema: dict, origin: str) -> tuple[dict, tuple[str, ...]]:
    """(a copy that can do no harm, what was left out of it): references to other documents and unusable patterns accept everything.

    PackageError for a schema that is too deep or too large.
    """
    notes: dict[str, None] = {}
    left = [_NODES]

    def fail() -> PackageError:
        return PackageError("The schema is too deep or too large", where=origin, todo="Simplify values.schema.json")

    def copy(node: object, depth: int, named: bool) -> object:
        left[0] -= 1
        if depth > DEPTH or left[0] < 0:
            raise fail()
        if isinstance(node, list):
            return [copy(item, depth + 1, False) for item in node]
        if not isinstance(node, dict):
            return node
        if named:
            # jsonschema does not say which field a schema "false" refused; this one means the same, and it does.
            return {key: copy(NEVER if value is False else value, depth + 1, False) for key, value in node.items()}
        for key in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(node.get(key), str) and not node[key].startswith("#"):
                notes[f"reference to {node[key][:120]}"] = None
                return {}
        result = {}
        for key, value in node.items():
            if key in _DATA:
                result[key] = value
            elif key in ("$id", "id") and isinstance(value, str):
                # Would change what "#" means.
                continue
            elif key == "pattern" and not usable_pattern(value):
                notes[f"pattern {str(value)[:120]}"] = None
            elif key == "patternProperties" and not (isinstance(value, dict) and all(map(usable_pattern, value))):
                notes["patternProperties"] = None
            else:
                result[key] = copy(value, depth + 1, key in _NAMED)
        if "patternProperties" in node and "patternProperties" not in result:
            result.pop("additionalProperties", None)
        return result

    return copy(schema, 0, False), tuple(notes)


def errors(schema: dict, values: object, origin: str, most: int, steps: _steps.Steps | None = None) -> Iterator:
    """Violations (jsonschema's errors), at most so many; PackageError when the schema cannot be used, or asks for too much."""
    jsonschema = _deps.jsonschema
    found = []
    try:
        kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
        # The types of a package come one after the other with one schema, and checking that takes longer than checking them.
        if _SOUND[0] != schema:
            kind.check_schema(_steps.shortened(schema))
            _SOUND[0] = schema
        for error in _steps.bounded(kind)(schema, format_checker=steps or _steps.Steps(_STEPS)).iter_errors(values):
            found.append(error)
            if len(found) >= most:
                break
    except PackageError as error:
        raise PackageError(error.what, where=origin, todo=error.todo) from None
    # jsonschema raises many kinds for odd schemas (SchemaError, unresolvable references, RecursionError, re.error ...).
    except Exception as error:
        reason = type(error).__name__.strip("_")
        raise PackageError(f"The schema cannot be used ({reason})", where=origin, todo="Correct values.schema.json") from None
    return iter(found)


def type_at(schema: object, steps: Path) -> object:
    """The type a schema names for a path, None where it names none; follows properties, items and references inside the schema."""
    node = followed(schema, schema)
    for step in steps:
        if isinstance(step, int):
            node = node.get("items")
        else:
            properties = node.get("properties")
            node = properties.get(step) if isinstance(properties, dict) else None
        node = followed(node, schema)
    return node.get("type") or ("enum" if "enum" in node else None)


def followed(node: object, schema: object) -> dict:
    """The schema a reference inside the schema leads to, else the node itself; {} for what is no schema."""
    for _hop in range(20):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        node = schema
        for part in reference[2:].split("/"):
            node = node.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def usable_pattern(pattern: object) -> bool:
    """Whether a pattern is a regular expression that is matched in bounded time."""
    if not isinstance(pattern, str) or len(pattern) > 1000 or _SLOW.search(pattern):
        return False
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
