# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes' own keywords about lists, maps and rules: what the server asks of them, and repetitions in lists that are sets or maps."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ._schema import given, named

LIST_TYPE, LIST_KEYS, MAP_TYPE, RULES = "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations"
_REASONS = ("FieldValueRequired", "FieldValueForbidden", "FieldValueInvalid", "FieldValueDuplicate")


def problems(schema: dict) -> Iterator[tuple[tuple, str]]:
    """(steps, what is wrong) with these keywords of one schema whose keywords have the right types."""
    kind, list_type, map_type, keys = schema.get("type"), schema.get(LIST_TYPE), schema.get(MAP_TYPE), schema.get(LIST_KEYS) or []
    if map_type is not None:
        if kind != "object":
            yield (MAP_TYPE,), f"{MAP_TYPE} needs type: object"
        if map_type not in ("atomic", "granular"):
            yield (MAP_TYPE,), f"{MAP_TYPE} is atomic or granular"
    if list_type is not None:
        if kind != "array":
            yield (LIST_TYPE,), f"{LIST_TYPE} needs type: array"
        if list_type not in ("atomic", "set", "map"):
            yield (LIST_TYPE,), f"{LIST_TYPE} is atomic, set or map"
    if keys and list_type != "map":
        yield (LIST_KEYS,), f"{LIST_KEYS} needs {LIST_TYPE}: map"
    items = schema.get("items")
    items = items if isinstance(items, dict) else {}
    if list_type in ("set", "map") and items.get("nullable"):
        yield ("items", "nullable"), f"the items of a {list_type} cannot be nullable"
    if list_type == "set":
        yield from _set(items)
    elif list_type == "map":
        yield from _map(items, keys)
    yield from _rules(schema.get(RULES) or [])


def _set(items: dict) -> Iterator[tuple[tuple, str]]:
    inner = items.get(LIST_TYPE if items.get("type") == "array" else MAP_TYPE)
    if items.get("type") == "array" and inner not in (None, "atomic") or items.get("type") == "object" and inner != "atomic":
        yield ("items",), "the items of a set are single values, or atomic"


def _map(items: dict, keys: list) -> Iterator[tuple[tuple, str]]:
    if not keys:
        yield (LIST_TYPE,), f"{LIST_TYPE}: map needs {LIST_KEYS}"
    if items.get("type") != "object":
        yield ("items",), f"{LIST_TYPE}: map needs items of type object"
        return
    if len(set(keys)) < len(keys):
        yield (LIST_KEYS,), f"{LIST_KEYS} names a field twice"
    fields = dict(named(items, "properties"))
    for key in dict.fromkeys(keys):
        field = fields.get(key)
        if not isinstance(field, dict):
            yield (LIST_KEYS,), f"{LIST_KEYS} names a field that the items do not have"
            continue
        place = ("items", "properties", key)
        if field.get("type") in ("array", "object"):
            yield place, "a field of " + LIST_KEYS + " is a single value"
        if key not in (items.get("required") or []) and field.get("default") is None:
            yield place, "a field of " + LIST_KEYS + " is required or has a default"
        if field.get("nullable"):
            yield place, "a field of " + LIST_KEYS + " cannot be nullable"


def _rules(rules: list) -> Iterator[tuple[tuple, str]]:
    for index, rule in enumerate(rules):
        text, message = (rule.get(key) if isinstance(rule.get(key), str) else "" for key in ("rule", "message"))
        if not text.strip():
            yield (RULES, index), "a validation needs a rule"
        elif message and not message.strip() or _breaks(message.strip()):
            yield (RULES, index, "message"), "the message of a validation is one line of text"
        elif _breaks(text.strip()) and not message:
            yield (RULES, index), "a rule of several lines needs a message"
        if given(rule, "reason") and rule["reason"] not in _REASONS:
            yield (RULES, index, "reason"), f"the reason of a validation is one of {', '.join(_REASONS)}"


def _breaks(text: str) -> bool:
    return "\n" in text or "\r" in text


def repeated(value: object, schema: object, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """(path, message) for the items of sets and maps that occur twice in a value."""
    if not isinstance(schema, dict):
        return
    if isinstance(value, dict):
        fields, more = dict(named(schema, "properties")), schema.get("additionalProperties")
        for key, item in value.items():
            if key in fields or isinstance(more, dict):
                yield from repeated(item, fields.get(key, more), (*path, key))
    elif isinstance(value, list):
        if schema.get(LIST_TYPE) in ("set", "map"):
            yield from _twice(value, schema[LIST_TYPE] == "map", schema.get(LIST_KEYS) or [], path)
        for index, item in enumerate(value):
            yield from repeated(item, schema.get("items"), (*path, index))


def _twice(value: list, is_map: bool, keys: list, path: tuple) -> Iterator[tuple[tuple, str]]:
    if is_map and not all(isinstance(item, dict | None) for item in value):
        yield path, "must hold maps only"
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        mark = json.dumps({key: item[key] for key in keys if key in item} if is_map and item else {} if is_map else item, sort_keys=True)
        if mark in seen:
            yield (*path, index), f"repeats the {' and '.join(map(str, keys)) or 'keys'} of another item" if is_map else "repeats another item"
        seen.add(mark)
