# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions as Kubernetes and Helm read them (RE2's syntax), matched in time that grows with the text only.

Python's own re takes lookaheads, back references and ``\\Z``, which RE2 refuses, reads ``$`` otherwise, and may take for ever on the pattern of
a stranger. No RE2 for Python is part of ansible-core's world, so the usual simulation of all alternatives at once stands here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from ._regex_syntax import ANY, ASSERT, CAT, OR, REPEAT, SET, Unsupported, parse

__all__ = ["Regex", "compile_pattern"]

# Instructions of one pattern, and of instructions times characters of one search.
_LONGEST_PROGRAM = 10_000
_STEPS = 1_000_000
_TEST, _SPLIT, _CHECK, _MATCH = range(4)


@dataclass(frozen=True)
class Regex:
    """A pattern RE2 takes. tree: None where it is too large, or names scripts."""

    tree: tuple | None

    @functools.cached_property
    def program(self) -> tuple:
        """Instructions (kind, argument, next); empty where there is no tree, or where it unfolds to too much."""
        program: list = []
        try:
            _emit(self.tree, program)
        except Unsupported:
            return ()
        return (*program, (_MATCH, None, 0))

    def search(self, text: str) -> bool | None:
        """Whether the pattern is found anywhere in the text; None where that would take too long to tell."""
        if not self.program or len(self.program) * (len(text) + 1) > _STEPS:
            return None
        current: dict[int, None] = {}
        for position in range(len(text) + 1):
            # A match may begin anywhere.
            if self._follow(0, text, position, current):
                return True
            if position == len(text):
                break
            char, following = text[position], {}
            for state in current:
                kind, test, target = self.program[state]
                if kind == _TEST and test(char) and self._follow(target, text, position + 1, following):
                    return True
            current = following
        return False

    def _follow(self, state: int, text: str, position: int, found: dict[int, None]) -> bool:
        """Adds the states reached without reading a character; True when one of them is the end."""
        waiting = [state]
        while waiting:
            state = waiting.pop()
            if state in found:
                continue
            found[state] = None
            kind, argument, target = self.program[state]
            if kind == _MATCH:
                return True
            if kind == _SPLIT:
                waiting += (argument, target)
            elif kind == _CHECK and _holds(argument, text, position):
                waiting.append(target)
        return False


@functools.lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Regex:
    """The pattern, ready to search; ValueError with the reason for what RE2 refuses."""
    try:
        return Regex(parse(pattern))
    except Unsupported:
        return Regex(None)


def _emit(node: tuple, program: list) -> None:
    """Adds the instructions of a node; each falls through to the one after its last."""
    if node is None or len(program) > _LONGEST_PROGRAM:
        raise Unsupported
    kind = node[0]
    if kind in (SET, ANY):
        program.append((_TEST, node[1], len(program) + 1))
    elif kind == ASSERT:
        program.append((_CHECK, node[1], len(program) + 1))
    elif kind == CAT:
        for item in node[1]:
            _emit(item, program)
    elif kind == OR:
        _emit_choice(node[1], program)
    elif kind == REPEAT:
        _emit_repeat(node[1], node[2], node[3], program)


def _emit_choice(items: list, program: list) -> None:
    ends = []
    for item in items[:-1]:
        split = len(program)
        program.append(None)
        _emit(item, program)
        ends.append(len(program))
        program.append(None)
        program[split] = (_SPLIT, split + 1, len(program))
    _emit(items[-1], program)
    for end in ends:
        program[end] = (_SPLIT, len(program), len(program))


def _emit_repeat(item: tuple, least: int, most: int | None, program: list) -> None:
    for _time in range(least):
        _emit(item, program)
    if most is None:
        split = len(program)
        program.append(None)
        _emit(item, program)
        program.append((_SPLIT, split, split))
        program[split] = (_SPLIT, split + 1, len(program))
        return
    splits = []
    for _time in range(most - least):
        splits.append(len(program))
        program.append(None)
        _emit(item, program)
    for split in splits:
        program[split] = (_SPLIT, split + 1, len(program))


def _holds(assertion: str, text: str, position: int) -> bool:
    if assertion == "begin":
        return position == 0
    if assertion == "end":
        return position == len(text)
    before, after = text[position - 1:position] if position else "", text[position:position + 1]
    if assertion == "line begin":
        return before in ("", "\n")
    if assertion == "line end":
        return after in ("", "\n")
    return (_is_word(before) != _is_word(after)) == (assertion == "word")


def _is_word(char: str) -> bool:
    return char == "_" or char.isascii() and char.isalnum()
