# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of a guide and what it says they print: ``console`` blocks, in which ``$ `` begins a command and the rest is its output.

``...`` in a line of output stands for anything, a line of it alone for any lines; blanks count as one. Files stand in blocks whose
first line is ``# NAME.yml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
_FILE = re.compile(r"# ([\w.-]+\.(?:yml|yaml|json|cfg))\n")


@dataclass
class Step:
    """A command with the lines that it is said to print, or a file (name and content) that it needs. line: where it stands."""

    line: int
    command: str = ""
    printed: list[str] = field(default_factory=list)
    name: str = ""
    content: str = ""


def steps(text: str) -> list[Step]:
    """All steps of a guide in their order."""
    found: list[Step] = []
    for fence in _FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        kind, body = fence.group(1), fence.group(2)
        if kind == "console":
            found += _console(line + 1, body)
        elif kind == "yaml" and (named := _FILE.match(body)):
            found.append(Step(line, name=named.group(1), content=body))
    return found


def _console(line: int, body: str) -> list[Step]:
    found: list[Step] = []
    more = False
    for number, text in enumerate(body.splitlines()):
        if text.startswith("$ "):
            found.append(Step(line + number, command=text[2:]))
        elif more:
            found[-1].command += "\n" + text
        elif found and text.strip():
            found[-1].printed.append(text)
        more = bool(found) and (text.startswith("$ ") or more) and text.endswith("\\")
    return found


def missing(printed: list[str], output: str) -> str:
    """The first line of the guide that the output does not have, in its order; "" where it has all."""
    lines = [_plain(line) for line in output.splitlines()]
    start = 0
    for line in printed:
        wanted = _plain(line)
        if wanted == "...":
            continue
        pattern = re.compile(".*".join(map(re.escape, re.split(r" ?\.\.\. ?", wanted))))
        place = next((index for index in range(start, len(lines)) if pattern.fullmatch(lines[index])), None)
        if place is None:
            return line
        start = place + 1
    return ""


def _plain(line: str) -> str:
    # Whether a line stands in a list of Ansible's, and is its last one, is of no interest.
    text = " ".join(line.split()).removesuffix(",")
    return text[1:-1].strip() if len(text) > 1 and text.startswith('"') and text.endswith('"') else text
