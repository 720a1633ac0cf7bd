# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MonitorConfig (manual 7.2.3.5): where pods show their metrics, and the charts made of them."""

from __future__ import annotations

from dataclasses import dataclass

from . import _placeholders
from ._capabilities import Found, document, head
from ._fields import ANY, MAP, MAPS, NAMED, TEXTS, Field, Place, shown
from ._log import LABEL
from ._report import Report

KIND = "MonitorConfig"

_METRICS = (
    Field("title", need="error", default=""), Field("expr", need="error", default=""), Field("unitType", need="warning", default=""), Field("localeID"),
)
# The second half of the manual's sample: its text does not tell how deep it stands.
_CHARTS = (Field("groupLabel"), Field("selectedMetrics", TEXTS), Field("metrics", MAPS, fields=_METRICS))
_LEVEL = (
    Field("name", need="warning", default=""), Field("groupLabel", need="warning"), Field("selectedMetrics", TEXTS, default=()),
    Field("metrics", MAPS, default=(), fields=_METRICS), Field("localeID"),
)
FIELDS = (
    *head(KIND, (
        Field("monitorConfigItems", MAPS, need="error", default=(), fields=(
            Field("labelSelector", NAMED, need="warning", default={}, pattern=LABEL),
            Field("prometheus", MAP, need="error", default={}, fields=(
                Field("port", ANY, need="error"),
                Field("exporterPort", ANY),
                Field("displayOptions", MAP, need="warning", default={}, fields=(
                    Field("levels", MAPS, need="warning", default=(), fields=_LEVEL), *_CHARTS,
                )),
                *_CHARTS,
            )),
            *_CHARTS,
        )),
    )),
    *_CHARTS,
)


@dataclass(frozen=True)
class Chart:
    """title, expr: PromQL, with {{.Namespace}} and {{.Instance}} in it; unit such as byte. steps: in the file."""

    title: str
    expr: str
    unit: str = ""
    steps: tuple = ()


@dataclass(frozen=True)
class Level:
    """Charts shown together, one line for each value of group_label. selected: metrics shown at first."""

    name: str
    group_label: str = ""
    selected: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    steps: tuple = ()


@dataclass(frozen=True)
class MonitorItem:
    """selector: labels of pods ({} for all of the instance). port: name of the Service's or container's port, its number as text where one is given."""

    selector: dict
    port: str
    levels: tuple[Level, ...] = ()
    steps: tuple = ()


@dataclass(frozen=True)
class MonitorConfig:
    """path: of the file."""

    path: str
    items: tuple[MonitorItem, ...] = ()

    def charts(self) -> tuple[Chart, ...]:
        return tuple(chart for item in self.items for level in item.levels for chart in level.charts)


def load(report: Report, found: Found) -> MonitorConfig | None:
    """Reads the file; None where there is none, or it is no map."""
    values = document(report, found.path, KIND, FIELDS) if found.path else None
    if values is None:
        return None
    place = Place("MON", found.path)
    entries = values["spec"].get("monitorConfigItems") or ()
    items = []
    for index, entry in enumerate(entries):
        # What stands at the left margin belongs to the last item, as the manual's page is read from top to bottom.
        outer = [values] if index == len(entries) - 1 else []
        items.append(_item(entry, outer, place, report))
    config = MonitorConfig(found.path, tuple(items))
    for chart in config.charts():
        for text in _placeholders.unknown(chart.expr):
            place.to(chart.steps).at("expr").add(report, "023", f"{shown(text)} is replaced by nothing")
    return config


def _item(values: dict, outer: list, place: Place, report: Report) -> MonitorItem:
    prometheus = values["prometheus"]
    display = prometheus.get("displayOptions") or {}
    levels = [_level(level) for level in display.get("levels") or ()]
    loose = [holder for holder in (display, prometheus, values, *outer) if any(holder.get(field.name) for field in _CHARTS)]
    for holder in loose:
        key = next(field.name for field in _CHARTS if holder.get(field.name))
        here = place.to(holder.steps).at(key)
        here.add(report, "021", f"{here.name()} stands outside of the levels")
        last = levels.pop() if levels else Level("", steps=holder.steps)
        levels.append(Level(
            last.name, last.group_label or holder.get("groupLabel") or "", last.selected or tuple(holder.get("selectedMetrics") or ()),
            (*last.charts, *map(_chart, holder.get("metrics") or ())), last.steps))
    for level in levels:
        if not level.charts:
            place.to(level.steps).add(report, "010", f'The level "{shown(level.name)}" has no metrics')
    return MonitorItem(dict(values["labelSelector"]), _port(prometheus, place.to(values.steps).at("prometheus"), report), tuple(levels), values.steps)


def _level(values: dict) -> Level:
    return Level(values["name"], values["groupLabel"] or "", tuple(values["selectedMetrics"]), tuple(map(_chart, values["metrics"])), values.steps)


def _chart(values: dict) -> Chart:
    return Chart(values["title"], values["expr"], values["unitType"], values.steps)


def _port(prometheus: dict, place: Place, report: Report) -> str:
    port = prometheus.get("port")
    if port is None:
        return ""
    if isinstance(port, int) and not isinstance(port, bool) or isinstance(port, str) and port.strip().isdecimal():
        place.at("port").add(report, "022", f"{place.name('port')} is the number {shown(port)}")
        return str(port).strip()
    if not isinstance(port, str):
        place.at("port").add(report, "004", f"{place.name('port')} is no text")
        return ""
    return port.strip()
