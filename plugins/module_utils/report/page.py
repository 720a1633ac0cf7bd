# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on resources as one HTML file that loads nothing, sends nothing and runs nothing, whatever its names hold."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ..markup import Safe, document, escape, join, tag
from . import _clusters, _names, _parts
from ._sentence import ended, number, part
from ._shape import FULL, NEAR, level
from ._style import STYLE

# More workspaces than these are shown in rows of one line, by project.
_MANY = 30
# Workspaces named at the top.
_NAMED = 8
_LIMITS = tag("abbr", "lim", title="limits")
_TIME = re.compile(r'<time datetime="([0-9TZ:.+-]{1,40})">')


def render(report: Mapping) -> str:
    """A report (resources.gather) as a page for people: what needs a look, clusters, workspaces, the fullest first."""
    spaces = report["workspaces"]
    marks = {(space["cluster"], space["name"]): f"w{place}" for place, space in enumerate(spaces, 1)}
    many = len(spaces) > _MANY
    only = f" · {'projects' if len(report['projects']) > 1 else 'project'} {', '.join(report['projects'])} only" if report["projects"] else ""
    title = [tag("h1", "Resources"), tag("p", "As of ", _time(report["made_at"]), only, class_="under")]
    top = [*title, _tiles(report["summary"]), _spread(spaces), tag("p", ended(report), class_="trouble small") if ended(report) else ""]
    rows = [_attention(spaces, marks), _grouped(spaces, marks)] if many else [_plain(spaces, marks)]
    return document(
        "Resources", STYLE, tag("header", tag("div", *top)), tag("main", _clusters.show(report["clusters"]), *rows),
        tag("footer", *[tag("p", text) for text in _NOTES]),
    )


def made_at(page: str) -> str:
    """The time a page was made at, empty where it is none of ours. The rest of a page depends on the report alone."""
    found = _TIME.search(page[:65536])
    return found[1] if found else ""


_NOTES = (
    f"A workspace is as full as the fullest of its quotas: nearly full from {NEAR} %, full from {FULL} %. "
    "Where a quota bounds requests and limits, a line shows the fuller of the two; lim stands for limits.",
    "Requested is what pods on a cluster ask for, in use (the thin line) is what they take now, promised is what the quotas of the workspaces shown add up to; "
    "percentages are of what its nodes can give.",
    "Made by acmp.middleware. The page holds all it shows and loads nothing.",
)


def _time(text: str) -> Safe:
    return tag("time", text.replace("T", " ").replace("Z", " UTC"), datetime=text)


def _tiles(found: Mapping) -> Safe:
    lost = found["clusters_not_ready"]
    told = [
        ("Clusters", found["clusters"], tag("span", f"{lost} not ready" if lost else "all ready", class_="percent full" if lost else None), ""),
        ("Workspaces", found["workspaces"], tag("span", f"in {number(found['projects'], 'project')}"), ""),
        ("Instances", found["instances"], "", ""),
        ("Full", found["full"], tag("span", f"{FULL} % or more"), "full" if found["full"] else ""),
        ("Nearly full", found["nearly_full"], tag("span", f"{NEAR} % or more"), "near" if found["nearly_full"] else ""),
        ("Without a quota", found["without_quota"], "", ""),
    ]
    return tag("dl", *[tag("div", tag("dt", title), tag("dd", f"{count:,}", note), class_=kind or None) for title, count, note, kind in told], class_="tiles")


def _spread(spaces: Sequence[Mapping]) -> Safe:
    """How many workspaces are how full, as one bar."""
    if not spaces:
        return escape("")
    counts = Counter(_part(space) for space in spaces)
    words = {
        "low": "below 50 %", "mid": f"50 to {NEAR} %", "near": f"{NEAR} to {FULL} %", "full": f"{FULL} % and more", "none": "no quota", "unknown": "not known",
    }
    parts = [tag("b", class_=f"{name} w{round(counts[name] * 100 / len(spaces))}") for name in words if counts[name]]
    legend = [tag("li", tag("b", class_=name), f"{word}: {counts[name]:,}") for name, word in words.items() if counts[name]]
    return join([tag("h2", "How full the workspaces are", class_="quiet"), tag("div", *parts, class_="spread"), tag("ul", *legend, class_="legend")])


def _part(space: Mapping) -> str:
    if not space["fullest"]:
        return "unknown" if space["quota"] is None else "none"
    share = space["fullest"]["percent"]
    return level(share) or ("mid" if share >= 50 else "low")


def _attention(spaces: Sequence[Mapping], marks: Mapping) -> Safe | str:
    """Where to look first, with a link to each row."""
    found = [space for space in spaces if space["fullest"] and level(space["fullest"]["percent"])]
    if not found:
        return ""
    rows = [
        tag("tr", tag("th", tag("a", space["name"], href="#" + marks[space["cluster"], space["name"]]), scope="row"), tag("td", space["project"]),
            tag("td", space["cluster"]), tag("td", _names.label(entry["resource"])), tag("td", _entry(entry, "", dense=True), class_="q"))
        for space in found[:_NAMED] for entry in space["quota"] if entry["resource"] == space["fullest"]["resource"]
    ]
    rest = len(found) - _NAMED
    more = tag("p", f"{rest:,} more are full or nearly full. They stand first in their projects below.", class_="under small") if rest > 0 else ""
    head = _parts.head(("Workspace", "Project", "Cluster", "Fullest", "Used"))
    return join([tag("h2", "The fullest workspaces"), tag("div", tag("table", head, tag("tbody", *rows)), class_="sheet dense top", tabindex="0"), more])


def _plain(spaces: Sequence[Mapping], marks: Mapping) -> Safe:
    """Few workspaces: every quota of each."""
    if not spaces:
        return join([tag("h2", "Workspaces"), tag("p", "There is no workspace.", class_="soft")])
    rows = [
        tag("tr", tag("th", space["name"], _state(space), tag("div", _place(space), class_="small soft"), _parts.about(space), scope="row"),
            *_quotas(space, lambda entries: [_entry(entry, _names.short(entry["resource"])) for entry in entries]), _parts.count(space),
            id=marks[space["cluster"], space["name"]])
        for space in spaces
    ]
    head = _parts.head(("Workspace", *_names.FAMILIES.values(), "Instances"))
    return join([tag("h2", "Workspaces"), tag("div", tag("table", head, tag("tbody", *rows)), class_="sheet", tabindex="0")])


def _place(space: Mapping) -> Safe:
    return join([space["project"], space["cluster"]], " · ")


def _grouped(spaces: Sequence[Mapping], marks: Mapping) -> Safe:
    """Many workspaces: a line for each, below its project; of each column the quota that is reached first."""
    groups: dict[str, list[Mapping]] = {}
    for space in spaces:
        groups.setdefault(space["project"], []).append(space)
    jump = [
        tag("li", tag("a", project, f" {len(members)}", _worst(members[0]), href=f"#p{place}"))
        for place, (project, members) in enumerate(groups.items(), 1)
    ]
    bodies = [_group(place, project, members, marks) for place, (project, members) in enumerate(groups.items(), 1)]
    head = _parts.head(("Workspace", "Cluster", *_names.FAMILIES.values(), "Instances"))
    return join([
        tag("h2", "Workspaces by project"), tag("ul", *jump, class_="jump", aria_label="Projects"),
        tag("div", tag("table", head, *bodies), class_="sheet dense", tabindex="0"),
    ])


def _group(place: int, project: str, members: Sequence[Mapping], marks: Mapping) -> Safe:
    instances = sum(space["instances"] or 0 for space in members)
    counts = f"{number(len(members), 'workspace')} · {number(instances, 'instance')}"
    title = tag("th", tag("b", project), counts, colspan="7", scope="rowgroup")
    rows = [
        tag("tr", tag("th", space["name"], _state(space), scope="row"), tag("td", space["cluster"]),
            *_quotas(space, _reached), _parts.count(space), id=marks[space["cluster"], space["name"]])
        for space in members
    ]
    return tag("tbody", tag("tr", title, class_="group"), *rows, id=f"p{place}")


def _worst(space: Mapping) -> Safe | str:
    share = space["fullest"]["percent"] if space["fullest"] else None
    return join([" ", _parts.percent(share)]) if level(share) else ""


def _quotas(space: Mapping, shown: Callable[[list[Mapping]], list[Safe]]) -> list[Safe]:
    """The cells of the quotas; shown makes what stands in one."""
    if not space["quota"]:
        return [tag("td", "not known" if space["quota"] is None else "no quota", colspan=len(_names.FAMILIES), class_="soft")]
    families = [(family, [entry for entry in space["quota"] if _names.family(entry["resource"]) == family]) for family in _names.FAMILIES]
    return [_parts.cell(shown(entries), family) for family, entries in families]


def _reached(entries: Sequence[Mapping]) -> list[Safe]:
    if not entries:
        return []
    first = max(entries, key=lambda entry: -1 if entry["percent"] is None else entry["percent"])
    name = _names.word(first["resource"])
    return [_entry(first, _LIMITS if name == "limits " else name.rstrip(), dense=True)]


def _entry(entry: Mapping, name: Safe | str, dense: bool = False) -> Safe:
    """A quota: a bar, and in words what it shows."""
    share = entry["percent"]
    text = part(entry["used"], entry["hard"], entry["resource"])
    if dense:
        return tag("div", _parts.gauge(share), _parts.percent(share), tag("span", join([name, text], " "), class_="soft"))
    words = tag("span", text, " ", _parts.percent(share) if share is not None else "")
    return tag("div", tag("div", tag("span", name), words, class_="line"), _parts.gauge(share))


def _state(space: Mapping) -> Safe | str:
    return "" if space["state"] == "Active" else join([" ", tag("span", space["state"], class_="chip near")])
