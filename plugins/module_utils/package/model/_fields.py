# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields as data: what a YAML map of the manual may hold, and one reader for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ...errors import nearest
from ._report import Report

# So many unknown fields of one map are named; nobody reads more, and each costs a search for the nearest known one.
MANY = 20

TEXT, TEXTS, MAP, MAPS, ANY = "text", "list of texts", "map", "list of maps", "any"
NUMBER, NAMED = "number", "map of texts"


@dataclass(frozen=True)
class Field:
    """One key. need: error or warning when it is missing, else optional. choices and pattern also hold for each item of a list or a map of texts.

    spelled: other spellings of a choice. fields: keys of a map, or of each map of a list; empty: not looked into. Of a map of texts they
    are the keys with a form of their own; all others are texts.
    """

    name: str
    kind: str = TEXT
    need: str = ""
    choices: tuple[str, ...] = ()
    spelled: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    longest: int = 0
    default: object = None
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a map stands: area of the rules (META, APP ...), file, steps, number of the document in the file."""

    area: str
    path: str
    steps: tuple = ()
    document: int = 0

    def at(self, *steps: str | int) -> Place:
        return Place(self.area, self.path, (*self.steps, *steps), self.document)

    def to(self, steps: tuple) -> Place:
        """Another place of the same document."""
        return Place(self.area, self.path, steps, self.document)

    def add(self, report: Report, number: str, message: str) -> None:
        """Notes a finding of this place's area."""
        report.add(f"{self.area}-{number}", message, self.path, self.steps, self.document)

    def name(self, step: str = "") -> str:
        """The full name of a field for messages, such as spec.upgrade.skips[0]."""
        text = ""
        for part in (*self.steps, *([step] if step else [])):
            text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
        return shown(text)


class Values(dict):
    """Values by field name; steps: the place of the map in its document."""

    steps: tuple = ()


def read(data: Mapping, fields: tuple[Field, ...], place: Place, report: Report, closed: bool = True) -> Values:
    """The values of all fields by name, None (or the default) where absent or wrong; texts as str, lists as tuple. closed: other keys are noted."""
    keys = _keys(data, fields, place, report, closed)
    values = Values()
    values.steps = place.steps
    for item in fields:
        key = keys.get(item.name)
        value = data[key] if key is not None else None
        if value is None or value == "":
            if item.need:
                place.add(report, "003" if item.need == "error" else "010", f"{place.name(item.name)} is missing")
            values[item.name] = item.default
        else:
            found = _value(value, item, place.at(key), report)
            values[item.name] = item.default if found is None else found
    return values


def shown(value: object) -> str:
    """A value of the package for a message: printable, on one line, bounded."""
    text = "".join(char if char.isprintable() else "?" for char in str(value))
    return text if len(text) <= 80 else text[:77] + "..."


def _keys(data: Mapping, fields: tuple[Field, ...], place: Place, report: Report, closed: bool) -> dict[str, str]:
    """Field name -> key of the data, other letters tolerated (the manual's tables write Upgrade, its samples upgrade)."""
    names = {item.name for item in fields}
    folded = {name.casefold(): name for name in names}
    found = {name: name for name in names if name in data}
    unknown = []
    for key in data:
        if key in names:
            continue
        name = folded.get(key.casefold())
        if name and name not in found:
            found[name] = key
            place.at(key).add(report, "009", f"{place.name(key)} is written {name} in the manual")
        elif closed:
            unknown.append(key)
    for key in unknown[:MANY]:
        hint = nearest(key, names)
        place.at(key).add(report, "008", f"{place.name(key)} is not a known field" + (f", {hint}" if hint.startswith("did") else ""))
    if len(unknown) > MANY:
        place.add(report, "008", f"{len(unknown) - MANY} more fields of {place.name() or place.path} are not known")
    return found


def _value(value: object, item: Field, place: Place, report: Report) -> object:
    if item.kind == ANY:
        return value
    if item.kind == TEXT:
        return _text(value, item, place, report)
    if item.kind == TEXTS:
        # "AI, Database" is the manual's own way to write a list in its table.
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
        if not isinstance(parts, list):
            return _wrong(item, place, report)
        texts = [_text(part, item, place.at(index) if isinstance(value, list) else place, report) for index, part in enumerate(parts) if part not in ("", None)]
        return tuple(dict.fromkeys(text for text in texts if text is not None)) or item.default
    if item.kind == MAP:
        if not isinstance(value, dict):
            return _wrong(item, place, report)
        return read(value, item.fields, place, report) if item.fields else value
    if item.kind == NAMED:
        return _named(value, item, place, report)
    if item.kind == NUMBER:
        return value if isinstance(value, int | float) and not isinstance(value, bool) else _wrong(item, place, report)
    maps = []
    for index, part in enumerate(value if isinstance(value, list) else [None]):
        if isinstance(part, dict):
            maps.append(read(part, item.fields, place.at(index), report) if item.fields else part)
        else:
            _wrong(item, place, report)
    return tuple(maps)


def _named(value: object, item: Field, place: Place, report: Report) -> object:
    if not isinstance(value, dict):
        return _wrong(item, place, report)
    apart = {known.name.casefold() for known in item.fields}
    texts = {key: _text(part, item, place.at(key), report) for key, part in value.items() if key.casefold() not in apart}
    found = read(value, item.fields, place, report, closed=False)
    found.update(texts)
    for key in [key for key, part in found.items() if part is None]:
        del found[key]
    return found


def _text(value: object, item: Field, place: Place, report: Report) -> str | None:
    if not isinstance(value, str):
        place.add(report, "004", f"{place.name()} is no text")
        return None
    text = item.spelled.get(value.strip(), value.strip())
    if item.choices and text not in item.choices:
        place.add(report, "005", f'{place.name()} is "{shown(text)}", it may be {", ".join(item.choices)}')
        return None
    if item.longest and len(text) > item.longest:
        place.add(report, "007", f"{place.name()} has {len(text)} characters, {item.longest} are allowed")
        return None
    if item.pattern and not re.fullmatch(item.pattern, text):
        place.add(report, "006", f'{place.name()} is "{shown(text)}", it must match {item.pattern}')
        return None
    return text


def _wrong(item: Field, place: Place, report: Report) -> object:
    place.add(report, "004", f"{place.name()} is no {item.kind}")
    return item.default
