# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every layer of the linter works with: options, and objects with the place they come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..model._fields import shown
from ..model._report import Report


@dataclass(frozen=True)
class Options:
    """registries: those images may come from, () for any. versions: other versions of the package that are known, as {version: its upgrade
    (replaces, skips, skipRange)}, None where nothing is known."""

    registries: tuple[str, ...] = ()
    versions: Mapping[str, Mapping] | None = None


@dataclass(frozen=True)
class Placed:
    """An object that an instance type deploys. path: its file in the package; document: its number in that file, None where a template
    makes it, whose lines are not the object's; base: where in that document it stands, for those inside a list or a ClusterServiceVersion."""

    object: dict
    path: str
    document: int | None = None
    base: tuple = ()


@dataclass(frozen=True)
class Rendering:
    """What raw/ becomes for one instance type ("" for an operator). error: why it does not render, "" where it does; path and line: the
    place at fault. linted: what helm lint says, as (ERROR or WARNING, path in the chart, message)."""

    type: str
    objects: tuple[Placed, ...] = ()
    error: str = ""
    path: str = ""
    line: int = 0
    linted: tuple[tuple[str, str, str], ...] = ()


def note(report: Report, rule: str, message: str, placed: Placed, steps: tuple = ()) -> None:
    """Notes a finding about an object; steps: the place inside it. In a template the line is where the last of the steps' names stands, the
    names before it found in their order; the first line where there is no such text.
    """
    if placed.document is not None:
        report.add(rule, message, placed.path, (*placed.base, *steps), placed.document)
        return
    report.add(rule, message, placed.path, line=_line(report, placed, steps))


def name(placed: Placed) -> str:
    """Kind and name for messages, such as StatefulSet redis."""
    metadata = placed.object.get("metadata")
    return shown(f"{placed.object.get('kind')} {metadata.get('name') if isinstance(metadata, dict) else ''}".strip())


def _line(report: Report, placed: Placed, steps: tuple) -> int:
    try:
        lines = report.tree[placed.path].decode("utf-8", "replace").splitlines()
    except KeyError:
        return 0
    found = position = 0
    # A template may hold several objects: the search begins at the object's own kind.
    for word in (re.compile(rf"^kind:\s*[\"']?{re.escape(str(placed.object.get('kind')))}\b"), *(
            re.compile(rf"^\s*(?:-\s+)?[\"']?{re.escape(step)}[\"']?\s*:") for step in steps if isinstance(step, str))):
        for number in range(position, len(lines)):
            if word.search(lines[number]):
                found, position = number + 1, number
                break
    return found or 1
