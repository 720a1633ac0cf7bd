# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances as one HTML file that loads nothing, sends nothing and runs nothing: one of them, or all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ..markup import Safe, document, join, tag
from . import _sections
from ._style import STYLE
from .table import secret, stamp

_TIME = re.compile(r'<time datetime="([0-9TZ:.+-]{1,40})" class="made">')
# Of each of many, that many lines of history, and three times as many events; of one more.
_MOST, _MOST_OF_ONE = 6, 30
_BUSY = ("Deploying", "Changing", "Upgrading", "RollingBack", "Removing")


def render(instances: Sequence[Mapping], made_at: str, scope: str = "") -> str:
    """Instances with the parts workloads, pods, endpoints, status, parameters, history and events. scope: what was asked for, for people."""
    made = tag("time", stamp(made_at) + " UTC", datetime=made_at, class_="made")
    foot = tag("footer", tag("p", "All times are UTC. Made by acmp.middleware. The page holds all it shows and loads nothing."))
    if len(instances) == 1:
        item = instances[0]
        top = [tag("h1", item["name"], _sections.chip(item["phase"])), _under(item["description"], made), _facts(item), *_trouble(item)]
        return document(item["name"], STYLE, tag("header", tag("div", *top)), tag("main", _sections.show(item, _MOST_OF_ONE)), foot)
    top = [tag("h1", "Instances"), _under(scope, made), _tiles(instances)]
    ordered = sorted(instances, key=_urgent)
    body = [_table(ordered), tag("h2", "One by one") if ordered else "", *[_one(item, number) for number, item in enumerate(ordered, 1)]]
    return document("Instances", STYLE, tag("header", tag("div", *top)), tag("main", *body), foot)


def made_at(page: str) -> str:
    """The time a page was made at, empty where it is none of ours. The rest of a page depends on the instances alone."""
    found = _TIME.search(page[:65536])
    return found[1] if found else ""


def _under(text: str, made: Safe) -> Safe:
    return tag("p", join([text, join(["as of ", made])], " · "), class_="under")


def _facts(item: Mapping) -> Safe:
    told = [
        ("Package", f"{item['package']} {item['version']}"), ("Type", item["type"]), ("Mode", item["mode"]), ("Cluster", item["cluster"]),
        ("Namespace", item["namespace"]), ("Project", item["project"]), ("Revision", f"{item['revision']}, last ready {item['ready_revision'] or 'none'}"),
        ("Created", tag("time", stamp(item["created_at"]), datetime=item["created_at"])), ("Helm release", f"{item['release']} {item.get('helm_status', '')}"),
        ("When it is removed", item["delete_policy"]),
        ("Secrets", "; ".join(map(secret, item["secrets"])) or "none"),
    ]
    return tag("dl", *[tag("div", tag("dt", title), tag("dd", text)) for title, text in told], class_="facts")


def _trouble(item: Mapping) -> list[Safe]:
    return [tag("p", item["last_error"], class_="trouble")] if item["last_error"] else []


def _tiles(instances: Sequence[Mapping]) -> Safe:
    phases = Counter(item["phase"] for item in instances)
    busy = sum(phases[word] for word in _BUSY)
    told = [
        ("Instances", len(instances), ""), ("Ready", phases["Ready"], ""), ("Not ready", phases["NotReady"], "near" if phases["NotReady"] else ""),
        ("Failed", phases["Failed"], "bad" if phases["Failed"] else ""), ("Being changed", busy, ""), ("Removed", phases["Removed"], ""),
        ("Packages", len({item["package"] for item in instances}), ""), ("Namespaces", len({(item["cluster"], item["namespace"]) for item in instances}), ""),
    ]
    return tag("dl", *[tag("div", tag("dt", title), tag("dd", f"{count:,}"), class_=kind or None) for title, count, kind in told], class_="tiles")


def _table(instances: Sequence[Mapping]) -> Safe | str:
    """The list of §5.3.1; what needs a look first."""
    rows = [
        _sections.row(
            tag("a", item["name"], href=f"#i{number}"), _sections.chip(item["phase"]), f"{item['package']} {item['version']}", item["mode"], item["cluster"],
            item["namespace"], item["project"], _ready(item), _sections.when(item["created_at"]))
        for number, item in enumerate(instances, 1)
    ]
    titles = ("Name", "Status", "Package", "Mode", "Cluster", "Namespace", "Project", "Workloads", "Created (UTC)")
    return _sections.sheet(titles, rows) or tag("p", "There is no instance.", class_="soft")


def _urgent(item: Mapping) -> int:
    return {"Failed": 0, "NotReady": 1, "Ready": 3, "Removed": 4}.get(item["phase"], 2)


def _ready(item: Mapping) -> str:
    found = item["workloads"]
    return f"{sum(1 for part in found if part['done'])} of {len(found)} ready" if found else "–"


def _one(item: Mapping, number: int) -> Safe:
    # A link to what is inside opens the fold; one to the fold itself does not.
    inner = tag("div", tag("p", item["description"], class_="soft") if item["description"] else "", _facts(item), *_trouble(item), _sections.show(item, _MOST),
                id=f"i{number}")
    title = tag("summary", tag("b", item["name"]), _sections.chip(item["phase"]),
                tag("span", f"{item['package']} {item['version']} · {item['cluster']} · {item['namespace']}", class_="soft"))
    return tag("details", title, inner)
