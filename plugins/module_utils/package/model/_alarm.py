# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AlarmConfig: when somebody should look, on the terms of Prometheus' alerting rules. The manual (7.2.2) names the file and no format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from . import _placeholders
from ._capabilities import Found, document, head
from ._fields import MAPS, NAMED, Field, Place, shown
from ._report import Report

KIND = "AlarmConfig"
SEVERITIES = ("critical", "warning", "info")
# Prometheus' own form: 1h30m, the larger units first, none without a number; 0 alone.
DURATION = r"0|([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?"

FIELDS = head(KIND, (
    Field("groups", MAPS, need="error", default=(), fields=(
        Field("name", need="error", default=""),
        Field("interval", pattern=DURATION, default=""),
        Field("rules", MAPS, need="error", default=(), fields=(
            Field("alert", need="error", default=""),
            Field("expr", need="error", default=""),
            Field("for", pattern=DURATION, default=""),
            Field("keep_firing_for", pattern=DURATION, default=""),
            Field("labels", NAMED, need="warning", default={}, fields=(Field("severity", need="warning", choices=SEVERITIES),)),
            Field("annotations", NAMED, need="warning", default={}, fields=(
                Field("summary", need="warning"), Field("description"), Field("runbook_url"),
            )),
        )),
    )),
))


@dataclass(frozen=True)
class Alarm:
    """One alerting rule. expr: PromQL with {{.Namespace}} and {{.Instance}} in it; duration (for), keep_firing_for: such as 5m, "" for at once.

    labels: with severity critical, warning or info. annotations: texts of Prometheus' templates. steps: in the file.
    """

    name: str
    expr: str
    duration: str = ""
    keep_firing_for: str = ""
    labels: dict = field(default_factory=dict)
    annotations: dict = field(default_factory=dict)
    steps: tuple = ()


@dataclass(frozen=True)
class AlarmGroup:
    """Rules that are evaluated together. interval: such as 30s, "" for the monitoring system's own."""

    name: str
    interval: str = ""
    rules: tuple[Alarm, ...] = ()
    steps: tuple = ()


@dataclass(frozen=True)
class AlarmConfig:
    """path: of the file."""

    path: str
    groups: tuple[AlarmGroup, ...] = ()

    def rules(self) -> Iterator[Alarm]:
        for group in self.groups:
            yield from group.rules


def load(report: Report, found: Found) -> AlarmConfig | None:
    """Reads the file; None where there is none, it is no map, or something else of the same name."""
    values = document(report, found.path, KIND, FIELDS, found.named) if found.path else None
    if values is None:
        return None
    place = Place("ALARM", found.path)
    groups = tuple(_group(item) for item in values["spec"].get("groups") or ())
    names: set[str] = set()
    for group in groups:
        if group.name and group.name in names:
            place.to(group.steps).at("name").add(report, "022", f'Two groups of alarms are named "{shown(group.name)}"')
        names.add(group.name)
        for alarm in group.rules:
            _check(alarm, place.to(alarm.steps), report)
    return AlarmConfig(found.path, groups)


def _group(values: dict) -> AlarmGroup:
    return AlarmGroup(values["name"], values["interval"], tuple(_alarm(item) for item in values["rules"]), values.steps)


def _alarm(values: dict) -> Alarm:
    return Alarm(
        values["alert"], values["expr"], values["for"], values["keep_firing_for"], dict(values["labels"]), dict(values["annotations"]), values.steps)


def _check(alarm: Alarm, place: Place, report: Report) -> None:
    # Other braces of labels and annotations are Prometheus' own, filled in when an alarm is sent.
    for text in _placeholders.unknown(alarm.expr):
        place.at("expr").add(report, "023", f"{shown(text)} is replaced by nothing")
    url = alarm.annotations.get("runbook_url")
    if url and not url.startswith(("https://", "http://")):
        place.at("annotations", "runbook_url").add(report, "024", f'runbook_url is "{shown(url)}", which is no web address')
        del alarm.annotations["runbook_url"]
