# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nested changes: putting paths together, merging as Helm does, telling what differs.

A change is a map as it would stand in the document; a map with int keys changes single items of a list.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from ..errors import InputError
from ._paths import Path, format_path

# As deep as the YAML reader goes; keeps every recursion below it bounded.
DEPTH = 100


def plain(value: object, path: Path, depth: int = DEPTH) -> object:
    """A copy in plain types (keys of maps as text, tuples as lists); InputError for what JSON cannot hold."""
    if depth < 0:
        raise InputError(f"The value nests deeper than {DEPTH} levels", where=format_path(path[:3]), todo="Flatten it")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and value - value == 0:
        return float(value)
    if isinstance(value, dict):
        return {str(key): plain(item, (*path, str(key)), depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, (*path, index), depth - 1) for index, item in enumerate(value)]
    raise InputError("A value is neither text, number, boolean, null, list nor map", where=format_path(path), todo="Quote it to have it as text")


def put(change: dict, steps: Path, value: object) -> None:
    """Adds one value at a path to a change, in place; InputError where the path has another value already."""
    here = change
    for depth, step in enumerate(steps[:-1]):
        inner = here.setdefault(step, {})
        _check_kind(here, step, steps[:depth + 1])
        if not isinstance(inner, dict):
            raise _twice(steps[:depth + 1])
        here = inner
    _check_kind(here, steps[-1], steps)
    _combine(here, steps[-1], value, steps)


def _combine(here: dict, step: str | int, value: object, path: Path) -> None:
    if isinstance(step, int) and value is None:
        raise InputError("null does not delete an item of a list", where=format_path(path), todo="Give the whole list without the item")
    if step not in here:
        here[step] = value
    elif isinstance(here[step], dict) and isinstance(value, dict):
        for key, item in value.items():
            _check_kind({**here[step], key: None}, key, (*path, key))
            _combine(here[step], key, item, (*path, key))
    elif here[step] != value or type(here[step]) is not type(value):
        raise _twice(path)


def _check_kind(here: dict, step: str | int, path: Path) -> None:
    if any(isinstance(key, int) is not isinstance(step, int) for key in here):
        raise InputError("One field is given both as a list and as a map", where=format_path(path[:-1]), todo="Keep one of the two")


def _twice(path: Path) -> InputError:
    return InputError(f"{format_path(path)} is given two different values", where=format_path(path), todo="Keep one of the two")


def merge(base: object, change: object, path: Path = ()) -> object:
    """``base`` with a change applied; neither is touched, and the result shares nothing with them."""
    if not isinstance(change, dict):
        return plain(change, path)
    if any(isinstance(key, int) for key in change):
        return _merge_items(base, change, path)
    result = {key: plain(value, (*path, key)) for key, value in base.items() if key not in change} if isinstance(base, dict) else {}
    # In the base's order: a diff of the text shows the change and nothing else.
    ordered = dict.fromkeys(base) if isinstance(base, dict) else {}
    for key, value in change.items():
        if value is None:
            ordered.pop(key, None)
            continue
        ordered[key] = None
        result[key] = merge(base.get(key) if isinstance(base, dict) else None, value, (*path, key))
    return {key: result[key] for key in ordered}


def _merge_items(base: object, change: dict, path: Path) -> list:
    if base is not None and not isinstance(base, list):
        raise InputError(f"{format_path(path)} is no list", where=format_path(path), todo="Leave the index out")
    result = [plain(item, (*path, index)) for index, item in enumerate(base or [])]
    for index in sorted(change):
        if index > len(result):
            raise InputError(
                f"{format_path(path)} has {len(result)} items, item {index} would leave a gap", where=format_path((*path, index)),
                todo=f"Use [{len(result)}] to add an item")
        value = merge(result[index] if index < len(result) else None, change[index], (*path, index))
        result[index:index + 1] = [value]
    return result


def differences(old: object, new: object, path: Path, found: list[dict], secret: Callable[[Path], bool], mask: str) -> None:
    """Adds to ``found`` what differs, map by map and (for lists of one length) item by item."""
    if type(old) is type(new) and old == new and not isinstance(old, dict | list):
        return
    if secret(path):
        if _canonical(old) != _canonical(new):
            _add(found, path, masked(old, path, secret, mask), masked(new, path, secret, mask), "changed")
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({**old, **new}, key=str):
            if key not in old or key not in new:
                _one_sided(key in new, (new if key in new else old)[key], (*path, key), found, secret, mask)
            else:
                differences(old[key], new[key], (*path, key), found, secret, mask)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            differences(before, after, (*path, index), found, secret, mask)
    else:
        _add(found, path, masked(old, path, secret, mask), masked(new, path, secret, mask), "changed")


def _one_sided(added: bool, value: object, path: Path, found: list[dict], secret: Callable[[Path], bool], mask: str) -> None:
    if isinstance(value, dict) and value and not secret(path):
        for key in sorted(value, key=str):
            _one_sided(added, value[key], (*path, key), found, secret, mask)
        return
    shown = masked(value, path, secret, mask)
    _add(found, path, None if added else shown, shown if added else None, "added" if added else "removed")


def _canonical(value: object) -> str:
    """Text that tells 1, 1.0 and true apart, which == does not."""
    return json.dumps(value, sort_keys=True)


def _add(found: list[dict], path: Path, before: object, after: object, change: str) -> None:
    found.append({"path": format_path(path), "before": before, "after": after, "change": change})


def masked(value: object, path: Path, secret: Callable[[Path], bool], mask: str) -> object:
    """A copy with every value at a secret path replaced by the mask; null stays, as it tells nothing."""
    if value is None:
        return None
    if secret(path):
        return mask
    if isinstance(value, dict):
        return {key: masked(item, (*path, key), secret, mask) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, (*path, index), secret, mask) for index, item in enumerate(value)]
    return value
