# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small things to say about any object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def label(obj: Mapping[str, Any]) -> str:
    """``Kind namespace/name`` of an object, for actions and messages."""
    meta = obj.get("metadata") or {}
    space = meta.get("namespace")
    return f"{obj.get('kind')} {space + '/' if space else ''}{meta.get('name')}"
