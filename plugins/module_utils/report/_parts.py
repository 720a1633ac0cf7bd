# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tables of a report's page are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from ..markup import Safe, tag
from . import _sentence
from ._shape import level


def gauge(share: float | None, used: float | None = None) -> Safe:
    """Only its length says something; text beside it says the same."""
    length = "" if share is None else f" w{_length(share)}"
    inner = "" if used is None else f" u{_length(used)}"
    return tag("b", class_=" ".join(f"bar{' two' if inner else ''}{length}{inner} {level(share)}".split()))


def _length(share: float) -> int:
    return max(0, min(100, math.floor(share)))


def percent(share: float | None) -> Safe:
    return tag("span", "–" if share is None else _sentence.percent(share), class_=f"percent {level(share)}".strip())


def cell(parts: Sequence[Safe], family: str) -> Safe:
    return tag("td", *parts, class_=f"q {family}") if parts else tag("td", tag("span", "–", class_="soft"), class_="q none")


def about(item: Mapping) -> Safe | str:
    """The description of a workspace or cluster; a long one is cut by the style."""
    return tag("div", item["description"], class_="small soft clamp") if item["description"] else ""


def count(space: Mapping) -> Safe:
    return tag("td", "–" if space["instances"] is None else f"{space['instances']:,}", class_="count")


def head(titles: Iterable[str]) -> Safe:
    return tag("thead", tag("tr", *[tag("th", title, scope="col", class_="count" if title in ("Workspaces", "Instances") else None) for title in titles]))
