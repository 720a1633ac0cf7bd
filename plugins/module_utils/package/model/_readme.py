# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The detail page (manual 7.2.3.2): its title, chapters, and the tables of parameters and components, each with its line.

Only headings and tables are looked for, by a scan of the lines: reading a package needs no renderer of Markdown and no time for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Role -> words of a chapter's title: Chinese ones anywhere in it, English ones at its beginning.
CHAPTERS = {
    "introduction": ("中间件简介", "introduction"),
    "parameters": ("中间件参数说明", "参数说明", "parameters"),
    "components": ("中间件组件说明", "组件说明", "components"),
    "background": ("背景", "background"),
    "overview": ("概述", "overview"),
    "functions": ("功能", "functions", "features"),
    "audience": ("受众", "audience"),
}
# The columns of the parameter table, and words of their heads; the first that fits counts, in this order.
COLUMNS = {
    "help": ("描述", "说明", "description"),
    "required": ("必选", "必填", "required"),
    "default": ("默认", "default"),
    "range": ("范围", "取值", "range", "allowed"),
    "path": ("名称", "参数名", "name", "parameter", "路径", "path", "key"),
}

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r":?-+:?")
_BAR = re.compile(r"(?<!\\)\|")
_BULLET = re.compile(r"\s{0,3}[-*+]\s+(.*)")
_LONGEST = 512 * 1024


@dataclass(frozen=True)
class Chapter:
    """title: as written. role: a key of CHAPTERS, "" for a chapter of the package's own. level: 1 to 6."""

    title: str
    role: str
    level: int
    line: int


@dataclass(frozen=True)
class ReadmeParameter:
    """One row of the parameter table, cells as written; path without the marks of code."""

    path: str
    help: str = ""
    required: str = ""
    default: str = ""
    range: str = ""
    line: int = 0


@dataclass(frozen=True)
class Component:
    """A part of the middleware: a row of the table, or an item of a list."""

    name: str
    help: str = ""
    line: int = 0


@dataclass(frozen=True)
class Readme:
    """path: of the file, "" where metadata.yaml names none or holds the words themselves. title: of the first line with #.

    columns: roles of the parameter table's columns, () where there is no such table. table: the line of its head, 0 for none.
    """

    path: str = ""
    title: str = ""
    chapters: tuple[Chapter, ...] = ()
    parameters: tuple[ReadmeParameter, ...] = ()
    components: tuple[Component, ...] = ()
    columns: tuple[str, ...] = ()
    table: int = 0

    def chapter(self, role: str) -> Chapter | None:
        """The first chapter of that role."""
        return next((item for item in self.chapters if item.role == role), None)


@dataclass(frozen=True)
class _Table:
    head: list[str]
    rows: list[tuple[list[str], int]]
    line: int


def parse(text: str, path: str) -> Readme:
    """The parts of a detail page; of a larger one than 512 KiB its beginning."""
    lines = _plain(text[:_LONGEST].splitlines())
    chapters = list(_chapters(lines))
    title = next((item.title for item in chapters if item.level == 1), "")
    parameters: list[ReadmeParameter] = []
    columns: dict[str, None] = {}
    first = 0
    for table in _tables(lines, _span(chapters, "parameters", len(lines))):
        roles = _roles(table.head)
        # Tables of something else may stand in the chapter too.
        if "path" in roles:
            columns.update(dict.fromkeys(roles))
            first = first or table.line
            parameters.extend(_parameter(cells, roles, line) for cells, line in table.rows)
    components = tuple(_components(lines, _span(chapters, "components", len(lines))))
    return Readme(path, title, tuple(chapters), tuple(parameters), components, tuple(role for role in columns if role), first)


def _plain(lines: list[str]) -> list[str]:
    """The lines, those inside fenced code empty."""
    fence, found = "", []
    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line[mark.end():].strip():
                fence = ""
            found.append("")
        elif mark:
            fence = mark[1]
            found.append("")
        else:
            found.append(line)
    return found


def _chapters(lines: list[str]) -> Iterator[Chapter]:
    for number, line in enumerate(lines):
        heading = _HEADING.match(line)
        if heading:
            title = re.sub(r"[ \t]#+[ \t]*$", "", heading[2] or "").strip(" \t#")
            yield Chapter(title, _role(title), len(heading[1]), number + 1)
        elif number and (under := _UNDERLINE.match(line)) and lines[number - 1].strip() and not _marked(lines[number - 1]):
            title = lines[number - 1].strip()
            yield Chapter(title, _role(title), 1 if under[1][0] == "=" else 2, number)


def _marked(line: str) -> bool:
    """Whether a line is something else than the text of a heading that is underlined."""
    return bool(_HEADING.match(line) or _BULLET.match(line) or "|" in line or line.lstrip().startswith((">", "<")))


def _role(title: str) -> str:
    words = title.casefold()
    for role, known in CHAPTERS.items():
        if any(words.startswith(word) if word.isascii() else word in words for word in known):
            return role
    return ""


def _span(chapters: list[Chapter], role: str, end: int) -> range:
    """Numbers (from 0) of a chapter's lines, those of chapters below it among them."""
    for index, chapter in enumerate(chapters):
        if chapter.role == role and chapter.level > 1:
            following = (later.line - 1 for later in chapters[index + 1:] if later.level <= chapter.level)
            return range(chapter.line, next(following, end))
    return range(0)


def _tables(lines: list[str], span: range) -> Iterator[_Table]:
    number = span.start
    while number + 1 < span.stop:
        head, rule = _cells(lines[number]), _cells(lines[number + 1])
        if "|" not in lines[number] or len(rule) != len(head) or not all(_RULE.fullmatch(cell) for cell in rule):
            number += 1
            continue
        rows, line = [], number + 1
        number += 2
        while number < span.stop and "|" in lines[number]:
            rows.append((_cells(lines[number]), number + 1))
            number += 1
        yield _Table(head, rows, line)


def _cells(line: str) -> list[str]:
    text = line.strip()
    cells = _BAR.split(text)
    if cells and not cells[0].strip():
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1].strip() and text.endswith("|"):
        cells = cells[:-1]
    return [cell.strip().replace("\\|", "|") for cell in cells]


def _roles(head: list[str]) -> list[str]:
    """The role of each column, "" for one of the package's own; each role once."""
    roles = [""] * len(head)
    left = dict(COLUMNS)
    for number, cell in enumerate(head):
        if not left:
            break
        words = cell.casefold()
        role = next((role for role, known in left.items() if any(word in words for word in known)), "")
        roles[number] = role
        left.pop(role, None)
    return roles


def _parameter(cells: list[str], roles: list[str], line: int) -> ReadmeParameter:
    found = {role: cell for role, cell in zip(roles, cells, strict=False) if role}
    found["path"] = found.get("path", "").strip("`* ")
    return ReadmeParameter(**found, line=line)


def _components(lines: list[str], span: range) -> Iterator[Component]:
    for table in _tables(lines, span):
        for cells, line in table.rows:
            yield Component(cells[0].strip("`* ") if cells else "", cells[1] if len(cells) > 1 else "", line)
    for number in span:
        item = _BULLET.match(lines[number])
        if item:
            name, _colon, text = item[1].replace("：", ":").partition(":")
            yield Component(name.strip(" `*"), text.strip(), number + 1)
