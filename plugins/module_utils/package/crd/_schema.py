# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keywords of an openAPIV3Schema and the data each takes; null and absent mean the same everywhere, as in Kubernetes."""

from __future__ import annotations

from collections.abc import Iterable

# As deep as the YAML reader goes, and more values than any schema an API server would store.
DEPTH = 100
NODES = 300_000

_TEXT, _NUMBER, _WHOLE, _BOOL, _TEXTS, _LIST, _MAP, _SCHEMA_OR_LIST, _SCHEMA_OR_BOOL, _MAPS, _ANY = (
    "text", "number", "whole number", "boolean", "list of texts", "list", "map", "schema", "schema or boolean", "list of maps", "")

NUMBERS = (_NUMBER, _WHOLE)
KEYWORDS: dict[str, str] = {
    **dict.fromkeys(("id", "$schema", "$ref", "description", "type", "format", "title", "pattern"), _TEXT),
    **dict.fromkeys(("maximum", "minimum", "multipleOf"), _NUMBER),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _WHOLE),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "uniqueItems", "nullable"), _BOOL),
    **dict.fromkeys(("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"), _BOOL),
    **dict.fromkeys(("x-kubernetes-list-type", "x-kubernetes-map-type"), _TEXT),
    **dict.fromkeys(("required", "x-kubernetes-list-map-keys"), _TEXTS),
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "x-kubernetes-validations"), _MAPS),
    **dict.fromkeys(("properties", "patternProperties", "definitions", "dependencies", "externalDocs", "not"), _MAP),
    **dict.fromkeys(("additionalProperties", "additionalItems"), _SCHEMA_OR_BOOL),
    "items": _SCHEMA_OR_LIST, "enum": _LIST, "default": _ANY, "example": _ANY,
}
_CLASSES = {
    _TEXT: str, _BOOL: bool, _TEXTS: list, _LIST: list, _MAP: dict, _SCHEMA_OR_LIST: (dict, list), _SCHEMA_OR_BOOL: (dict, bool), _MAPS: list,
}


def fault(key: object, value: object) -> str | None:
    """What a keyword's value should be and is not; "" for none and None for a keyword Kubernetes does not know."""
    kind = KEYWORDS.get(key)
    if kind is None:
        return None
    if value is None or kind == _ANY:
        return ""
    if kind in NUMBERS:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return "" if number and (kind == _NUMBER or (isinstance(value, int) or value.is_integer())) else kind
    if not isinstance(value, _CLASSES[kind]):
        return kind
    if kind == _TEXTS:
        return "" if all(isinstance(item, str) for item in value) else kind
    if kind == _MAPS:
        return "" if all(isinstance(item, dict) for item in value) else kind
    return ""


def given(schema: dict, key: str) -> object:
    """The value of a keyword, None for null and for what means the same as its absence: "", false, [] and {}."""
    return schema.get(key) or None


def named(schema: dict, key: str) -> Iterable[tuple[str, object]]:
    """(name, schema) of properties and the like."""
    value = schema.get(key)
    return list(value.items()) if isinstance(value, dict) else ()


def schemas(schema: dict, key: str) -> list:
    """The schemas of anyOf and the like."""
    value = schema.get(key)
    return value if isinstance(value, list) else []
