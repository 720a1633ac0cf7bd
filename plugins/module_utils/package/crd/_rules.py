# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Kubernetes API server asks of the openAPIV3Schema of a CustomResourceDefinition before it takes it: structural, and more."""

from __future__ import annotations

from .._regex import compile_pattern
from . import _lists
from ._schema import DEPTH, KEYWORDS, NODES, NUMBERS, fault, given, named, schemas

Problem = tuple[tuple, str]

TYPES = ("string", "number", "integer", "boolean", "array", "object")
META = ("apiVersion", "kind", "metadata")
PRESERVE, EMBEDDED, INT_OR_STRING = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"
LIST_TYPE, LIST_KEYS, MAP_TYPE, RULES = "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations"

_MOST = 200
_UNSUPPORTED = ("$ref", "id", "$schema", "definitions", "patternProperties", "dependencies", "additionalItems")
# What anyOf, allOf, oneOf and not may say about values, but not about their shape.
_SHAPE = ("type", "default", "title", "description", "nullable", PRESERVE, EMBEDDED, INT_OR_STRING, LIST_KEYS, LIST_TYPE, MAP_TYPE, RULES)
# With the status subresource the server takes status out of the schema; nothing else may depend on it.
_ROOT_WITH_STATUS = frozenset({
    "description", "type", "format", "title", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems",
    "minItems", "uniqueItems", "multipleOf", "required", "items", "properties", "externalDocs", "example", PRESERVE, RULES,
})
_INT_OR_STRING_FORM = [{"type": "integer"}, {"type": "string"}]
_WORDS = {"root": "at the root", "item": "for the items of a list", "field": "for each field"}


def problems(schema: object, status: bool) -> list[Problem]:
    """[(place inside the schema as steps, what is wrong there)], without what is said about defaults."""
    walk = _Walk()
    walk.node(schema, (), "root", _Here())
    if isinstance(schema, dict):
        if given(schema, "nullable"):
            walk.add(("nullable",), "the root cannot be nullable")
        if status:
            for key, value in schema.items():
                if key in KEYWORDS and key not in _ROOT_WITH_STATUS and value is not None and value is not False and value != "":
                    walk.add((key,), f"{key} cannot stand at the root where the status subresource is on")
    return walk.found


class _Here:
    """What holds at a place: inside metadata, no default allowed."""

    __slots__ = ("in_meta", "no_default")

    def __init__(self, in_meta: bool = False, no_default: str = "") -> None:
        self.in_meta, self.no_default = in_meta, no_default


class _Walk:
    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.left = NODES

    def add(self, path: tuple, message: str) -> None:
        if len(self.found) < _MOST:
            self.found.append((path, message))

    def enter(self, schema: object, path: tuple) -> bool:
        """Whether to look at a schema; notes where it cannot be read."""
        self.left -= 1
        if self.left < 0 or len(path) > 2 * DEPTH:
            if self.left == -1 or self.left >= 0:
                self.add(path, "the schema is too large or nests too deep to be checked")
            return False
        if not isinstance(schema, dict):
            self.add(path, "a schema is no map")
            return False
        sound = True
        for key, value in schema.items():
            wrong = fault(key, value)
            if wrong:
                self.add((*path, key), f"{key} is no {wrong}")
                sound = False
        return sound

    def node(self, schema: object, path: tuple, level: str, here: _Here) -> None:
        """A schema that says what a field is: level root, item or field."""
        if not self.enter(schema, path):
            return
        kind, embedded = schema.get("type") or "", bool(schema.get(EMBEDDED))
        self.common(schema, path, here)
        self.shape(schema, path, level, kind, embedded)
        for steps, inner, sub_level, below in self.below(schema, level, here):
            self.node(inner, (*path, *steps), sub_level, below)
        # What a choice judges must also be described outside of it; the server asks that of the choices at the root alone.
        self.choices(schema, schema if level == "root" else ..., path, here, given(schema, "anyOf") == _INT_OR_STRING_FORM, _is_int_or_string(schema))

    def below(self, schema: dict, level: str, here: _Here) -> list[tuple]:
        found: list[tuple] = []
        items, more = schema.get("items"), schema.get("additionalProperties")
        if isinstance(items, dict):
            found.append((("items",), items, "item", here))
        for name, inner in named(schema, "properties"):
            below = here
            if name in META and (level == "root" or schema.get(EMBEDDED)):
                below = _Here(True, f"in {name} at the top" if level == "root" else here.no_default)
            found.append((("properties", name), inner, "field", below))
        if isinstance(more, dict):
            below = _Here(True, "in the additionalProperties of metadata") if here.in_meta else here
            found.append((("additionalProperties",), more, "field", below))
        return found

    def shape(self, schema: dict, path: tuple, level: str, kind: str, embedded: bool) -> None:
        """What makes a schema structural at this place."""
        if kind == "array" and schema.get("items") is None:
            self.add(path, "a list needs items")
        if schema.get("additionalProperties") is not None and (level == "root" or embedded):
            self.add((*path, "additionalProperties"), f"additionalProperties cannot stand {'at the root' if level == 'root' else 'in an embedded resource'}")
        if schema.get(INT_OR_STRING):
            for key in (PRESERVE, EMBEDDED):
                if schema.get(key):
                    self.add((*path, key), f"{key} and {INT_OR_STRING} exclude each other")
        if embedded and kind != "object":
            self.add(path, "an embedded resource needs type: object")
        elif not kind and not schema.get(INT_OR_STRING) and not schema.get(PRESERVE):
            self.add(path, f"a type is needed {_WORDS[level]}")
        elif level == "root" and kind and kind != "object":
            self.add((*path, "type"), "the type at the root is object")
        if embedded and not schema.get(PRESERVE) and not schema.get("properties"):
            self.add(path, f"an embedded resource needs properties or {PRESERVE}")
        self.metadata(schema, path, level == "root", embedded)

    def metadata(self, schema: dict, path: tuple, root: bool, embedded: bool) -> None:
        if not root and not embedded:
            return
        for name, inner in named(schema, "properties"):
            if name not in META or not isinstance(inner, dict):
                continue
            place = (*path, "properties", name)
            wanted = "object" if name == "metadata" else "string"
            if inner.get("type") != wanted:
                self.add(place, f"the type of {name} is {wanted}")
            if root and name == "metadata" and _says_more(inner):
                self.add(place, "metadata at the root may hold nothing but type and the properties name and generateName")

    def choices(self, value: dict, shape: object, path: tuple, here: _Here, skip_any: bool, skip_first: bool) -> None:
        """The parts of anyOf, allOf, oneOf and not, with the shape they talk about (None where there is none, ... where it does not matter)."""
        for key in ("anyOf", "allOf", "oneOf"):
            for index, inner in enumerate(schemas(value, key)):
                plain = key == "anyOf" and skip_any
                self.nested(inner, shape, (*path, key, index), here, plain, key == "allOf" and index == 0 and skip_first)
        if value.get("not") is not None:
            self.nested(value["not"], shape, (*path, "not"), here, False, False)

    def nested(self, value: object, shape: object, path: tuple, here: _Here, plain: bool, skip_any: bool) -> None:
        """A schema inside anyOf and the like: it judges values and must not say what they are. plain: one half of the int-or-string form."""
        if not self.enter(value, path):
            return
        self.common(value, path, here)
        if plain:
            return
        if shape is not ... and not isinstance(shape, dict):
            self.add(path, "what is judged here must also stand outside of anyOf, allOf, oneOf and not")
            return
        for key in _SHAPE:
            if given(value, key) is not None or key == "default" and value.get(key) is not None:
                self.add((*path, key), f"{key} cannot stand inside anyOf, allOf, oneOf or not")
        if value.get("additionalProperties") not in (None, False):
            self.add((*path, "additionalProperties"), "additionalProperties cannot stand inside anyOf, allOf, oneOf or not")
        self.choices(value, shape, path, here, skip_any, False)
        if isinstance(value.get("items"), dict):
            self.nested(value["items"], ... if shape is ... else shape.get("items"), (*path, "items"), here, False, False)
        known = None if shape is ... else dict(named(shape, "properties"))
        for name, inner in named(value, "properties"):
            place = (*path, "properties", name)
            if name == "metadata":
                self.add(place, "metadata cannot stand inside anyOf, allOf, oneOf or not")
            elif known is not None and name not in known:
                self.add(place, f"the field {name} must also stand outside of anyOf, allOf, oneOf and not")
            else:
                self.nested(inner, ... if known is None else known[name], place, here, False, False)

    def common(self, schema: dict, path: tuple, here: _Here) -> None:
        """What the server asks of every schema, wherever it stands."""
        kind = schema.get("type")
        if kind and kind not in TYPES:
            self.add((*path, "type"), f"the type is one of {', '.join(TYPES)}" + ("; for null there is nullable" if kind == "null" else ""))
        for key in _UNSUPPORTED:
            if schema.get(key) is not None and (schema[key] or key in ("$ref", "dependencies", "additionalItems")):
                self.add((*path, key), f"{key} is not supported")
        if schema.get("default") is not None and here.no_default:
            self.add((*path, "default"), f"no default is allowed {here.no_default}")
        if schema.get("uniqueItems"):
            self.add((*path, "uniqueItems"), f"uniqueItems cannot be true; {LIST_TYPE}: set says the same")
        if isinstance(schema.get("items"), list):
            self.add((*path, "items"), "items is one schema, no list of them")
        more = schema.get("additionalProperties")
        if schema.get("properties") and (more is False or isinstance(more, dict)):
            self.add((*path, "additionalProperties"), "properties and additionalProperties exclude each other")
        if schema.get(PRESERVE) is False:
            self.add((*path, PRESERVE), f"{PRESERVE} is true or left out")
        if here.in_meta and schema.get(EMBEDDED):
            self.add((*path, EMBEDDED), "an embedded resource cannot stand inside metadata")
        if schema.get("pattern"):
            try:
                compile_pattern(schema["pattern"])
            except ValueError as error:
                self.add((*path, "pattern"), f"the pattern is no regular expression of RE2: {error}")
        if MAP_TYPE in schema or LIST_TYPE in schema or LIST_KEYS in schema or RULES in schema:
            for steps, message in _lists.problems(schema):
                self.add((*path, *steps), message)


def _is_int_or_string(schema: dict) -> bool:
    first = next(iter(schemas(schema, "allOf")), None)
    return isinstance(first, dict) and given(first, "anyOf") == _INT_OR_STRING_FORM


def _says_more(metadata: dict) -> bool:
    allowed = {"type", "default", "externalDocs", "example"}
    properties = metadata.get("properties")
    if isinstance(properties, dict) and set(properties) <= {"name", "generateName"}:
        allowed.add("properties")
    return any(key in KEYWORDS and (value or KEYWORDS[key] in NUMBERS or key in ("not", "additionalProperties"))
               for key, value in metadata.items() if value is not None and key not in allowed)
