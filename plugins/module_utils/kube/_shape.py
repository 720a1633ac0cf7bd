# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading objects that may have any shape: a wrong type reads as nothing; PURE."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any


def mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def entries(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list."""
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []


def dig(value: Any, *path: str) -> Any:
    """The value at a path of keys, None when any of them is missing."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def number(value: Any, key: str, default: int = 0) -> int:
    found = value.get(key)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def uid(obj: Any) -> str:
    return str(dig(obj, "metadata", "uid") or "")


def name(obj: Any) -> str:
    return str(dig(obj, "metadata", "name") or "")


def condition(status: Any, kind: str) -> Mapping[str, Any]:
    """The condition of that type, else an empty mapping."""
    return next((entry for entry in entries(mapping(status).get("conditions")) if entry.get("type") == kind), {})


def moment(text: Any) -> datetime.datetime | None:
    """A Kubernetes time stamp as an aware datetime."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)
