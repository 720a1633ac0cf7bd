# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clusters of a report's page: a card for each of a few, a row for each of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..markup import Safe, join, tag
from . import _names, _parts, _sentence
from ._sentence import amount, current, notes, number, part, phase

# More clusters than these are shown in rows.
_CARDS = 4
# Of other resources a card shows those that are requested or promised.
_ALWAYS = ("cpu", "memory", "storage", "pods")


def show(clusters: Sequence[Mapping]) -> Safe:
    if len(clusters) <= _CARDS:
        return join([tag("h2", "Clusters"), tag("div", *[_card(item) for item in clusters], class_="cards")])
    rows = [
        tag("tr", tag("th", item["name"], _phase(item) if item["phase"] != "Ready" else "",
                      tag("div", _nodes(item), class_="small soft"), _parts.about(item), _notes(item) if current(item) else "", scope="row"),
            *([_room(item, family) for family in _names.FAMILIES] if current(item) else [tag("td", _notes(item), colspan="4")]),
            tag("td", f"{item['workspaces']:,}", class_="count"), _parts.count(item))
        for item in clusters
    ]
    head = _parts.head(("Cluster", *_names.FAMILIES.values(), "Workspaces", "Instances"))
    return join([tag("h2", "Clusters"), tag("div", tag("table", head, tag("tbody", *rows)), class_="sheet dense", tabindex="0")])


def _card(cluster: Mapping) -> Safe:
    facts = [cluster["version"], _nodes(cluster), number(cluster["workspaces"], "workspace"),
             number(cluster["instances"], "instance") if cluster["instances"] is not None else ""]
    rows = [_resource(name, found) for name, found in cluster["resources"].items() if name in _ALWAYS or found["promised"] or found["percent"]["requested"]]
    titles = [tag("th", title, scope="col", colspan="3" if title == "Requested" else None) for title in ("", "Requested", "In use", "Promised", "Free")]
    table = tag("table", tag("thead", tag("tr", *titles)), tag("tbody", *rows), class_=None if current(cluster) else "old") if rows else ""
    return tag(
        "section", tag("div", tag("h3", cluster["name"]), _phase(cluster)),
        _parts.about(cluster), tag("p", join(facts, " · "), class_="small"), _notes(cluster), table, class_="card",
    )


def _notes(cluster: Mapping) -> Safe:
    kind = "trouble small" if cluster["phase"] != "Ready" else "trouble near small"
    return join([tag("p", note, class_=kind) for note in notes(cluster) if note])


def _phase(cluster: Mapping) -> Safe:
    return join([" ", tag("span", phase(cluster["phase"]), class_="chip ok" if cluster["phase"] == "Ready" else "chip full")])


def _nodes(cluster: Mapping) -> str:
    nodes = cluster["nodes"]
    return f"{nodes['ready']} of {number(nodes['total'], 'node')} ready" if nodes else ""


def _resource(name: str, found: Mapping) -> Safe:
    """A line of a cluster's card."""
    shares = found["percent"]
    return tag(
        "tr", tag("th", _names.label(name), scope="row"), tag("td", _room_bar(found) if found["allocatable"] else ""),
        tag("td", _requested(name, found)), tag("td", _parts.percent(shares["requested"]) if found["allocatable"] else ""),
        *[tag("td", _known(name, found, key)) for key in ("used", "promised")], tag("td", amount(found["free"], name)),
    )


def _room(cluster: Mapping, family: str) -> Safe:
    """A cell of a cluster's row; of several objects and devices the one that is used up first."""
    entries = [(name, found) for name, found in cluster["resources"].items() if _names.family(name) == family]
    if not entries:
        return _parts.cell([], family)
    name, found = max(entries, key=lambda entry: entry[1]["percent"]["requested"] or 0) if family == "other" else entries[0]
    amounts = join([_names.label(name) if family == "other" else "", _requested(name, found)], " ")
    first = tag("p", amounts, " requested")
    if found["allocatable"]:
        first = tag("div", _room_bar(found), _parts.percent(found["percent"]["requested"]), tag("span", amounts, class_="soft"))
    words = {"used": "in use", "promised": "promised"} if found["used"] != found["requested"] else {"promised": "promised"}
    more = [join([_known(name, found, key), word], " ") for key, word in words.items() if found[key] is not None]
    return _parts.cell([first, tag("p", join(more, ", "), class_="soft")], family)


def _room_bar(found: Mapping) -> Safe:
    shares = found["percent"]
    return _parts.gauge(shares["requested"], shares["used"] if found["used"] != found["requested"] else None)


def _requested(name: str, found: Mapping) -> str:
    return part(found["requested"], found["allocatable"], name) if found["allocatable"] else amount(found["requested"], name)


def _known(name: str, found: Mapping, key: str) -> Safe:
    """A share where there is a whole, else the amount. More promised than there is may be meant so; that it is nearly all says nothing yet."""
    share = found["percent"][key]
    if share is None:
        return tag("span", amount(found[key], name), class_="percent")
    return tag("span", _sentence.percent(share), class_="percent near" if share > 100 else "percent") if key == "promised" else _parts.percent(share)
