# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a schema of unknown origin (a CRD's, or values.schema.json) says about single fields. Nothing here raises for any content."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .._paths import Path
from .._schema import followed, usable_pattern
from ._field import TYPES

# Forms of anyOf that are looked at, how deep, and how often parts are put together in one schema: schemas may be made to grow without end.
_PARTS = 20
_NESTED = 2
_MERGES = 5000
_NODES = 50_000
_CHOICES = 1000
_INTEGERS = {"min_length": "minLength", "max_length": "maxLength", "min_items": "minItems", "max_items": "maxItems"}


@dataclass(frozen=True)
class Place:
    """Where a path leads. node: the schema there, {} where it says nothing. known: the schema describes it. listed: an index is missing on the way.

    required: it must be there, as far as what stands around it is required or given.
    """

    node: dict
    known: bool = False
    required: bool = False
    listed: bool = False


class Schema:
    """A schema; root: the JSON data, {} for none."""

    def __init__(self, root: object) -> None:
        self.root = root if isinstance(root, dict) else {}
        self._left = _MERGES

    def find(self, steps: Path, given: Callable[[Path], bool]) -> Place:
        """The place a path leads to; given: whether a default exists for the first steps of it."""
        node, known, required = self.resolve(self.root), bool(self.root), True
        for depth, step in enumerate(steps):
            here = given(steps[:depth + 1])
            if isinstance(step, int):
                inner = node.get("items")
                required = required and here
            elif kind_of(node) == "array":
                return Place({}, listed=True)
            else:
                asked = node.get("required")
                required = required and isinstance(asked, list) and step in asked or here and depth < len(steps) - 1
                inner = properties(node).get(step)
                if inner is None:
                    inner = node.get("additionalProperties")
            known = known and isinstance(inner, dict)
            node = self.resolve(inner)
        return Place(node, known, required and known)

    def walk(self, depth: int, whole: Callable[[Path, dict], bool]) -> Iterator[tuple[Path, dict]]:
        """(steps, schema) of the fields down to a depth, in the schema's order; a map of known fields is taken apart unless it is ``whole``."""
        stack: list[tuple[Path, dict]] = [((), self.resolve(self.root))]
        left = _NODES
        while stack and left:
            left -= 1
            steps, node = stack.pop()
            inner = properties(node) if len(steps) < depth and not (steps and whole(steps, node)) else {}
            if steps and not inner:
                yield steps, node
            stack.extend(((*steps, str(name)), self.resolve(part)) for name, part in reversed(inner.items()))

    def resolve(self, node: object, nested: int = _NESTED) -> dict:
        """A schema with its references followed and its parts (allOf, or the only form of anyOf that is not null) put together."""
        if not isinstance(node, dict):
            return {}
        if isinstance(node.get("$ref"), str):
            node = {**followed(node, self.root), **{key: value for key, value in node.items() if key != "$ref"}}
            node.pop("$ref", None)
        if nested <= 0 or self._left <= 0:
            return node
        parts = _schemas(node, "allOf")
        for key in ("anyOf", "oneOf"):
            forms = [form for form in (self.resolve(form, nested - 1) for form in _schemas(node, key)) if form.get("type") != "null"]
            if len(forms) == 1:
                parts.append(forms[0])
        for part in parts:
            self._left -= 1
            node = _together(node, self.resolve(part, nested - 1))
        return node


def kind_of(node: dict) -> str:
    """One of TYPES; "" where the schema names none."""
    if node.get("x-kubernetes-int-or-string") is True:
        return "any"
    named = node.get("type")
    kinds = [kind for kind in (named if isinstance(named, list) else [named]) if isinstance(kind, str) and kind != "null"]
    if set(kinds) == {"integer", "number"}:
        return "number"
    if kinds:
        return kinds[0] if len(set(kinds)) == 1 and kinds[0] in TYPES else "any"
    if isinstance(node.get("properties"), dict):
        return "object"
    if isinstance(node.get("items"), dict):
        return "array"
    found = {type(item) for item in choices(node)}
    if len(found) == 1:
        return {str: "string", bool: "boolean", int: "integer", float: "number"}[found.pop()]
    return "any" if found or _schemas(node, "anyOf") or _schemas(node, "oneOf") else ""


def choices(node: dict) -> tuple:
    """The single values an enum (or const) allows; () for none, or too many to choose from."""
    allowed = node.get("enum")
    if allowed is None and "const" in node:
        allowed = [node["const"]]
    if not isinstance(allowed, list) or len(allowed) > _CHOICES:
        return ()
    # 1, 1.0 and true are one and the same to ==, and not to a schema.
    found = {(type(item), item): item for item in allowed if isinstance(item, str | bool | int | float)}
    return tuple(found.values())


def limits(node: dict, kind: str) -> dict:
    """minimum, maximum, min_length, max_length, min_items, max_items and pattern of a field, those that are given and make sense."""
    found: dict = {}
    if kind in ("integer", "number", "any"):
        low, high = _bound(node, "minimum", "exclusiveMinimum", kind, 1), _bound(node, "maximum", "exclusiveMaximum", kind, -1)
        found.update({name: value for name, value in (("minimum", low), ("maximum", high)) if value is not None})
    for name, keyword in _INTEGERS.items():
        value = node.get(keyword)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            found[name] = value
    if usable_pattern(node.get("pattern")):
        found["pattern"] = node["pattern"]
    return found


def properties(node: dict) -> dict:
    """The fields of a map's schema, as they are written."""
    found = node.get("properties")
    return found if isinstance(found, dict) else {}


def text(node: dict, key: str) -> str:
    """A text of the schema (title, description); "" where it is none."""
    value = node.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _schemas(node: dict, key: str) -> list[dict]:
    found = node.get(key)
    return [part for part in found[:_PARTS] if isinstance(part, dict)] if isinstance(found, list) else []


def _together(node: dict, part: dict) -> dict:
    merged = {**part, **node}
    for key in ("properties", "required"):
        one, other = node.get(key), part.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            merged[key] = {**other, **one}
        elif isinstance(one, list) and isinstance(other, list):
            merged[key] = [*one, *other]
    return merged


def _bound(node: dict, key: str, beyond: str, kind: str, step: int) -> float | None:
    """A limit, those that exclude their own value moved by one for integers; draft 4 and CRDs write a boolean there, later drafts the number."""
    value, excluded = _number(node.get(key)), node.get(beyond)
    if excluded is True and value is not None:
        return _inside(value, kind, step)
    other = _number(excluded)
    if other is None:
        return value
    other = _inside(other, kind, step)
    return other if value is None else (max if step > 0 else min)(value, other)


def _inside(value: float, kind: str, step: int) -> float:
    if kind != "integer":
        return value
    return math.floor(value) + 1 if step > 0 else math.ceil(value) - 1


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value - value != 0:
        return None
    return value
