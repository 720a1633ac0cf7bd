# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking secret values out of a document, putting them back, hiding them. Paths are relative to spec, as text or as steps."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

from ._paths import Path, as_steps, get, remove, set_

MASK = "********"
_MISSING = object()


def split(document: dict, paths: Iterable[str | Path]) -> tuple[dict, dict[Path, object]]:
    """(a copy without the values at these paths, {steps: value}); null, empty and missing values are no secrets and stay."""
    rest = copy.deepcopy(document)
    found: dict[Path, object] = {}
    for path in paths:
        steps = as_steps(path)
        value = get(rest.get("spec"), steps, _MISSING)
        if value is _MISSING or value is None or value == "":
            continue
        found[steps] = value
        remove(rest["spec"], steps)
    return rest, found


def join(document: dict, values: Mapping[str | Path, object]) -> dict:
    """A copy with the values at their paths: join(*split(document, paths)) == document, but for the order of keys.

    Raises InputError where a path leads through a value that is no map or list.
    """
    filled = copy.deepcopy(document)
    if not isinstance(filled.get("spec"), dict):
        filled["spec"] = {}
    for path, value in values.items():
        set_(filled["spec"], path, copy.deepcopy(value))
    return filled


def mask(document: dict, paths: Iterable[str | Path]) -> dict:
    """A copy in which the values at these paths read ``********``."""
    shown, found = split(document, paths)
    return join(shown, dict.fromkeys(found, MASK))
