# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what differs between two objects, field by field: lists by their keys, quantities by their value."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import InputError
from ...kube import quantities

# Fields whose lists Kubernetes merges by a key: the ways to tell entries apart, the first that fits both sides is taken.
_NAMED = (("name",),)
_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(("containers", "initContainers", "ephemeralContainers", "env", "volumes", "imagePullSecrets", "webhooks", "volumeClaimTemplates"), _NAMED),
    "volumeMounts": (("mountPath",),), "volumeDevices": (("devicePath",),), "hostAliases": (("ip",),),
    "ports": (("name",), ("containerPort", "protocol"), ("port", "protocol")),
}
_AMOUNTS = ("requests", "limits", "capacity", "hard", "overhead", "min", "max", "default", "defaultRequest", "maxLimitRequestRatio")
_AMOUNT = ("storage", "sizeLimit", "divisor", "averageValue")
# What a server leaves out of an object that says so.
_UNSET = (None, "", False, 0)


@dataclass(frozen=True)
class Difference:
    """path: keys, numbers, and for an entry of a keyed list ((field, value), ...). before, after: None where there is nothing."""

    path: tuple
    before: Any
    after: Any


def differences(before: Any, after: Any, both: bool = True) -> list[Difference]:
    """What differs, in the order of the fields. both: also what only ``after`` has; else only what ``before`` says counts."""
    return list(_walk(before, after, (), both))


def plain(obj: Mapping[str, Any]) -> dict[str, Any]:
    """What of an object somebody can want: no status, of metadata labels and annotations; a Secret's texts as data."""
    meta = obj.get("metadata") or {}
    kept = {key: value for key, value in obj.items() if key not in ("apiVersion", "kind", "metadata", "status", "stringData")}
    if obj.get("kind") == "Secret":
        texts = {key: base64.b64encode(str(value).encode()).decode() for key, value in (obj.get("stringData") or {}).items()}
        kept["data"] = {key: _bytes(value) for key, value in {**(obj.get("data") or {}), **texts}.items()}
    return {"metadata": {key: meta.get(key) or {} for key in ("labels", "annotations")}, **kept}


def _bytes(text: Any) -> Any:
    try:
        return base64.b64decode(str(text), validate=False)
    except (binascii.Error, ValueError):
        return text


def _walk(before: Any, after: Any, path: tuple, both: bool) -> Iterator[Difference]:
    if isinstance(before, dict) or isinstance(after, dict):
        if not isinstance(before or {}, dict) or not isinstance(after or {}, dict):
            yield Difference(path, before, after)
            return
        before, after = before or {}, after or {}
        for key in [*before, *(key for key in after if key not in before)] if both else before:
            yield from _walk(before.get(key), after.get(key), (*path, key), both)
    elif isinstance(before, list) or isinstance(after, list):
        yield from _lists(before or [], after or [], path, both)
    elif not _same(before, after, path, both):
        yield Difference(path, before, after)


def _lists(before: Any, after: Any, path: tuple, both: bool) -> Iterator[Difference]:
    if not isinstance(before, list) or not isinstance(after, list):
        yield Difference(path, before, after)
        return
    field = next((step for step in reversed(path) if isinstance(step, str)), "")
    keyed = _keyed(before, after, _KEYS.get(field, ()))
    if keyed is None:
        if not before and not both:
            return
        if len(before) != len(after) or not all(isinstance(item, dict) for item in [*before, *after]):
            if _changed(before, after, path, both):
                yield Difference(path, before or None, after or None)
            return
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(one, other, (*path, number), both)
        return
    one, other = keyed
    for key in [*one, *(key for key in other if key not in one)] if both else one:
        here = (*path, key)
        if key not in one or key not in other:
            yield Difference(here, one.get(key), other.get(key))
        elif field == "env":
            # A value that became a reference is one change, not two.
            if _changed(one[key], other[key], here, both):
                yield Difference(here, one[key], other[key])
        else:
            yield from _walk(one[key], other[key], here, both)


def _changed(before: Any, after: Any, path: tuple, both: bool) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return True
        return any(_changed(one, other, (*path, number), both) for number, (one, other) in enumerate(zip(before, after, strict=True)))
    return any(True for _difference in _walk(before, after, path, both))


def _keyed(before: list, after: list, ways: tuple[tuple[str, ...], ...]) -> tuple[dict, dict] | None:
    for fields in ways:
        one, other = _by(before, fields), _by(after, fields)
        if one is not None and other is not None:
            return one, other
    return None


def _by(items: list, fields: tuple[str, ...]) -> dict | None:
    found: dict = {}
    for item in items:
        if not isinstance(item, dict):
            return None
        values = tuple((field, item.get(field) or ("TCP" if field == "protocol" else (item.get("metadata") or {}).get(field))) for field in fields)
        if values in found or any(value is None or isinstance(value, (dict, list)) for _field, value in values):
            return None
        found[values] = item
    return found


def _same(before: Any, after: Any, path: tuple, both: bool) -> bool:
    if before == after or before is None and not both:
        return True
    if before is None or after is None:
        return (before if after is None else after) in (_UNSET if not both else (None,))
    if isinstance(before, bool) or isinstance(after, bool):
        return False
    # 80 and "80" are the same port.
    if str(before) == str(after):
        return True
    if len(path) > 1 and (path[-2] in _AMOUNTS or path[-1] in _AMOUNT):
        try:
            return quantities.stored(before) == quantities.stored(after)
        except InputError:
            return False
    return False
