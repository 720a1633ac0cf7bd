# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a package's page shows of running it: actions, settings, logs, charts and alarms, each as a table, nothing where there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ...markup import Safe, escape, join, link, tag
from ..model._config import Parameter
from ..model.model import Package
from ._form import span, text


def table(titles: Iterable[str], rows: Sequence[Sequence[object]]) -> Safe:
    """A table that scrolls by itself where it is too wide; nothing without rows."""
    if not rows:
        return escape("")
    head = tag("thead", tag("tr", *[tag("th", title, scope="col") for title in titles]))
    return tag("div", tag("table", head, tag("tbody", *[tag("tr", *[tag("td", cell) for cell in row]) for row in rows])), class_="scroll", tabindex="0")


def actions(package: Package, word: Mapping[str, str]) -> Safe:
    return table((word["action"], word["runs"], word["file"]), [[item.name, item.kind, tag("code", item.path)] for item in package.actions])


def settings(package: Package, word: Mapping[str, str]) -> Safe:
    rows = [
        [join([tag("code", item.name), item.description], Safe("<br>")), _file(config.config_map, config.key), item.kind, _range(item),
         word["empty"] if item.default in (None, "") else tag("code", text(item.default)), word[item.apply]]
        for config in (package.config.configs if package.config else ()) for item in config.parameters
    ]
    return table((word["label"], word["file"], word["category"], word["range"], word["default"], word["apply"]), rows)


def logs(package: Package, word: Mapping[str, str]) -> Safe:
    items = package.log.items if package.log else ()
    rows = [[item.name, _labels(item.selector), join([tag("code", path) for path in item.paths], Safe("<br>"))] for item in items]
    return table((word["label"], word["pods"], word["file"]), rows)


def charts(package: Package, word: Mapping[str, str]) -> Safe:
    found = package.monitor.charts() if package.monitor else ()
    return table((word["label"], word["unit"], word["query"]), [[item.title, item.unit, tag("code", item.expr)] for item in found])


def alarms(package: Package, word: Mapping[str, str]) -> Safe:
    rows = []
    for item in package.alarm.rules() if package.alarm else ():
        notes = item.annotations
        told = [notes.get("summary"), notes.get("description"), link(notes["runbook_url"], notes["runbook_url"]) if notes.get("runbook_url") else None]
        rows.append([join([tag("b", item.name), *told], Safe("<br>")), item.labels.get("severity", ""), item.duration, tag("code", item.expr)])
    return table((word["label"], word["severity"], word["lasting"], word["query"]), rows)


def _file(config_map: str, key: str) -> Safe:
    return join([tag("code", config_map), tag("code", key)], " / ")


def _labels(selector: Mapping[str, object]) -> Safe:
    return join([tag("code", f"{key}={value}") for key, value in selector.items()], Safe("<br>"))


def _range(item: Parameter) -> Safe:
    if item.choices:
        return join([text(choice) for choice in item.choices], Safe("/<wbr>"))
    return join([span(item.minimum, item.maximum), tag("code", item.pattern[:200]) if item.pattern else None], ", ")
