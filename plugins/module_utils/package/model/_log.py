# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""LogConfig (manual 7.2.3.4): which files of which pods are log files."""

from __future__ import annotations

from dataclasses import dataclass

from . import _placeholders
from ._capabilities import Found, document, head
from ._fields import MAPS, NAMED, TEXTS, Field, Place, shown
from ._report import Report

KIND = "LogConfig"

LABEL = rf"(?:{_placeholders.ONE}|[A-Za-z0-9_.-]){{0,63}}"
_ABSOLUTE = r"/[^\x00-\x1f]*"
# paths and logPaths: several, as the parent format has them.
_PATHS = (Field("path", pattern=_ABSOLUTE), Field("paths", TEXTS, pattern=_ABSOLUTE), Field("logPaths", TEXTS, pattern=_ABSOLUTE))

FIELDS = head(KIND, (
    Field("logConfigItems", MAPS, need="error", default=(), fields=(
        Field("name", need="warning", default=""),
        # The manual's sample has its path in here.
        Field("labelSelector", NAMED, need="warning", default={}, pattern=LABEL, fields=_PATHS),
        *_PATHS,
    )),
))


@dataclass(frozen=True)
class LogItem:
    """name, labelSelector (labels of pods; {} for all pods of the instance), paths: files or folders in their containers. steps: in the file."""

    name: str
    selector: dict
    paths: tuple[str, ...]
    steps: tuple = ()


@dataclass(frozen=True)
class LogConfig:
    """path: of the file."""

    path: str
    items: tuple[LogItem, ...] = ()


def load(report: Report, found: Found) -> LogConfig | None:
    """Reads the file; None where there is none, or it is no map."""
    values = document(report, found.path, KIND, FIELDS) if found.path else None
    if values is None:
        return None
    place = Place("LOG", found.path)
    items = tuple(_item(item, place, report) for item in values["spec"].get("logConfigItems") or ())
    _check_paths(items, place, report)
    names: set[str] = set()
    for item in items:
        if item.name and item.name in names:
            place.to(item.steps).at("name").add(report, "023", f'Two log configurations are named "{shown(item.name)}"')
        names.add(item.name)
    return LogConfig(found.path, items)


def _item(values: dict, place: Place, report: Report) -> LogItem:
    here = place.to(values.steps)
    selector = dict(values["labelSelector"])
    inner = {field.name: selector.pop(field.name, None) for field in _PATHS}
    nested, beside = _listed(inner), _listed(values)
    if nested:
        key = next(key for key, value in inner.items() if value)
        here.at("labelSelector", key).add(report, "021", f"{here.at('labelSelector', key).name()} stands inside labelSelector")
    if not nested and not beside:
        here.add(report, "003", f"{here.name('path')} is missing")
    return LogItem(values["name"], selector, tuple(dict.fromkeys((*beside, *nested))), values.steps)


def _listed(values: dict) -> tuple[str, ...]:
    return (*([values["path"]] if values["path"] else []), *(values["paths"] or ()), *(values["logPaths"] or ()))


def _check_paths(items: tuple[LogItem, ...], place: Place, report: Report) -> None:
    """Notes paths inside others of the same pods: their lines would be collected twice."""
    by_pods: dict[tuple, dict[str, LogItem]] = {}
    for item in items:
        known = by_pods.setdefault(tuple(sorted(item.selector.items())), {})
        for path in item.paths:
            clean = path.rstrip("/") or "/"
            if clean in known:
                place.to(item.steps).add(report, "022", f'"{shown(path)}" is collected twice from the same pods')
            known.setdefault(clean, item)
    for known in by_pods.values():
        for path, item in known.items():
            outer = next((folder for folder in _above(path) if folder in known), "")
            if outer:
                place.to(item.steps).add(report, "022", f'"{shown(path)}" lies in "{shown(outer)}", which is collected as a whole')


def _above(path: str) -> list[str]:
    # Bounded: a path of a hundred thousand slashes is nobody's log.
    parts = path.split("/")[:100]
    return ["/".join(parts[:depth]) or "/" for depth in range(1, len(parts))] if path != "/" else []
