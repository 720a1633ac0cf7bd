# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API server does to a custom resource before it judges it: fields it does not know go, nulls go, defaults come."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

from ...errors import PackageError
from ._schema import DEPTH, NODES, named

PRESERVE, EMBEDDED = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"
META = ("apiVersion", "kind", "metadata")
# The metadata of every object (meta/v1 ObjectMeta).
_METADATA = frozenset({
    "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
    "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
})
_KIND = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")

Dropped = list[tuple]


def check_depth(document: object) -> None:
    """PackageError for a document that nests deeper than anything that is meant: what follows goes down with it."""
    waiting = [(document, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > 2 * DEPTH:
            raise PackageError(f"The document nests deeper than {2 * DEPTH} levels", where="document", todo="Flatten it")
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        waiting.extend((item, depth + 1) for item in inner if isinstance(item, dict | list))


def prune(document: object, schema: dict) -> tuple[object, Dropped]:
    """(a copy without what the schema does not know, the places of what was dropped)."""
    check_depth(document)
    dropped: Dropped = []
    return _pruned(document, {**schema, EMBEDDED: True}, (), dropped, False), dropped


def prune_value(value: object, schema: dict) -> tuple[object, Dropped]:
    """The same for a value inside a document, such as a default."""
    dropped: Dropped = []
    return _pruned(value, schema, (), dropped, False), dropped


def _pruned(value: object, schema: dict | None, path: tuple, dropped: Dropped, keep: bool) -> object:
    """keep: unknown fields stay, as below x-kubernetes-preserve-unknown-fields."""
    keep = keep or _preserves(schema)
    if isinstance(value, list):
        items = _below(schema, "items")
        if keep and items is None:
            return copy.deepcopy(value)
        return [_pruned(item, items, (*path, index), dropped, keep) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    fields = dict(named(schema, "properties")) if schema else {}
    more = (schema or {}).get("additionalProperties")
    result = {}
    for key, item in value.items():
        if key in META and (schema or {}).get(EMBEDDED):
            result[key] = _pruned_metadata(item, (*path, key), dropped) if key == "metadata" else item
        elif key in fields or more is not None:
            inner = fields.get(key, more)
            inner = inner if isinstance(inner, dict) else None
            result[key] = _pruned(item, inner, (*path, key), dropped, False)
        elif keep:
            result[key] = copy.deepcopy(item)
        else:
            dropped.append((*path, key))
    return result


def _pruned_metadata(value: object, path: tuple, dropped: Dropped) -> object:
    if not isinstance(value, dict):
        return value
    dropped.extend((*path, key) for key in value if key not in _METADATA)
    return {key: copy.deepcopy(item) for key, item in value.items() if key in _METADATA}


def default(document: object, schema: dict) -> object:
    """A copy without nulls that may not be, and with the schema's defaults where there is nothing."""
    check_depth(document)
    return _defaulted(_without_nulls(document, schema), schema, [NODES])


def _without_nulls(value: object, schema: dict | None) -> object:
    if isinstance(value, list):
        items = _below(schema, "items")
        return [_without_nulls(item, items) for item in value]
    if not isinstance(value, dict):
        return value
    fields = dict(named(schema, "properties")) if schema else {}
    more = _below(schema, "additionalProperties")
    result = {}
    for key, item in value.items():
        inner = fields[key] if key in fields else more
        inner = inner if isinstance(inner, dict) else None
        if item is None and inner is not None and not inner.get("nullable") and inner.get("default") is None:
            continue
        result[key] = _without_nulls(item, inner)
    return result


def _defaulted(value: object, schema: object, left: list[int]) -> object:
    """Works on what _without_nulls made, in place."""
    if not isinstance(schema, dict):
        return value
    if isinstance(value, dict):
        fields, more = dict(named(schema, "properties")), _below(schema, "additionalProperties")
        for key, inner in fields.items():
            if isinstance(inner, dict) and inner.get("default") is not None and (key not in value or value[key] is None and not inner.get("nullable")):
                value[key] = _copied(inner["default"], left)
        for key in value:
            inner = fields.get(key, more)
            if value[key] is None and key not in fields and more is not None and not more.get("nullable"):
                value[key] = _copied(more.get("default"), left)
            value[key] = _defaulted(value[key], inner, left)
    elif isinstance(value, list):
        items = _below(schema, "items")
        for index, item in enumerate(value):
            if item is None and items is not None and not items.get("nullable"):
                value[index] = item = _copied(items.get("default"), left)
            value[index] = _defaulted(item, items, left)
    return value


def _copied(value: object, left: list[int]) -> object:
    """A copy of a default; PackageError when defaults of defaults of lists make the document grow without end."""
    left[0] -= 1
    if left[0] < 0:
        raise PackageError("The defaults of the schema make the document too large", where="schema", todo="Simplify the schema's defaults")
    if isinstance(value, dict):
        return {key: _copied(item, left) for key, item in value.items()}
    return [_copied(item, left) for item in value] if isinstance(value, list) else value


def metadata_faults(value: object, schema: object, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """(path, message) for metadata that cannot be read: of the document, and of the resources embedded in it."""
    if isinstance(value, dict):
        if not path or isinstance(schema, dict) and schema.get(EMBEDDED):
            yield from _faults(value, path, bool(path))
        if isinstance(schema, dict):
            fields, more = dict(named(schema, "properties")), schema.get("additionalProperties")
            for key, item in value.items():
                yield from metadata_faults(item, fields.get(key, more), (*path, key))
    elif isinstance(value, list) and isinstance(schema, dict):
        for index, item in enumerate(value):
            yield from metadata_faults(item, schema.get("items"), (*path, index))


def _faults(value: dict, path: tuple, embedded: bool) -> Iterator[tuple[tuple, str]]:
    for key in ("apiVersion", "kind") if embedded else ():
        text = value.get(key)
        if text is None:
            yield (*path, key), "is missing"
        elif not isinstance(text, str) or not text or key == "kind" and not _KIND.fullmatch(text.lower()) or key == "apiVersion" and text.count("/") > 1:
            yield (*path, key), f"must be {'the name of a kind' if key == 'kind' else 'GROUP/VERSION'}"
    metadata = value.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        yield (*path, "metadata"), "must be a map"
    for key in ("labels", "annotations") if isinstance(metadata, dict) else ():
        texts = metadata.get(key)
        if texts is not None and not isinstance(texts, dict):
            yield (*path, "metadata", key), "must be a map"
        for name, text in texts.items() if isinstance(texts, dict) else ():
            if not isinstance(text, str | None):
                yield (*path, "metadata", key, name), "must be text, in quotes"


def _preserves(schema: dict | None) -> bool:
    return bool(schema and schema.get(PRESERVE))


def _below(schema: dict | None, key: str) -> dict | None:
    inner = (schema or {}).get(key)
    return inner if isinstance(inner, dict) else None
