# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""RE2's syntax (as Go's regexp/syntax reads it) to a tree of tuples: (SET, test), (CAT, items), (OR, items), (REPEAT, item, least, most) ..."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

EMPTY, SET, ANY, ASSERT, CAT, OR, REPEAT = "empty", "set", "any", "assert", "cat", "or", "repeat"

_LONGEST = 10_000
_DEPTH = 100
_MOST_REPEATS = 1000

_COUNT = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_GROUP_NAME = re.compile(r"\?P?<([^>]*)>")
_FLAGS = re.compile(r"\?([imsU]*)(-[imsU]+)?([:)])")
_PROPERTY = re.compile(r"([pP])(?:\{(\^?)([^}]*)\}|(.))", re.S)
_POSIX = re.compile(r"\[:(\^?)([^\]]*?):\]")
_CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ASSERTIONS = {"A": "begin", "z": "end", "b": "word", "B": "no word"}
_DIGITS, _LOWER, _UPPER = (("0", "9"),), (("a", "z"),), (("A", "Z"),)
_WORD = (*_DIGITS, *_LOWER, *_UPPER, ("_", "_"))
_PERL = {"d": _DIGITS, "w": _WORD, "s": (("\t", "\n"), ("\f", "\r"), (" ", " "))}
_POSIX_CLASSES = {
    "alnum": (*_DIGITS, *_LOWER, *_UPPER), "alpha": (*_LOWER, *_UPPER), "ascii": (("\0", "\x7f"),), "blank": (("\t", "\t"), (" ", " ")),
    "cntrl": (("\0", "\x1f"), ("\x7f", "\x7f")), "digit": _DIGITS, "graph": (("!", "~"),), "lower": _LOWER, "print": ((" ", "~"),),
    "punct": (("!", "/"), (":", "@"), ("[", "`"), ("{", "~")), "space": (("\t", "\r"), (" ", " ")), "upper": _UPPER, "word": _WORD,
    "xdigit": (*_DIGITS, ("a", "f"), ("A", "F")),
}
_CATEGORY = re.compile(r"[CLMNPSZ][a-z]?")

Test = Callable[[str], bool]


class Unsupported(Exception):
    """A sound pattern that is not matched here: too large, or with the name of a script."""


def parse(pattern: str) -> tuple:
    """The tree of a pattern; ValueError with the reason where RE2 refuses it, Unsupported where it is too much."""
    if len(pattern) > _LONGEST:
        raise Unsupported
    reader = _Reader(pattern)
    tree = reader.choice("", 0)
    if reader.position < len(pattern):
        raise ValueError("a parenthesis is closed that was not opened")
    if reader.unknown:
        raise Unsupported
    return tree


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.position, self.unknown = text, 0, False
        self.names: set[str] = set()

    def choice(self, flags: str, depth: int) -> tuple:
        if depth > _DEPTH:
            raise Unsupported
        items: list[tuple] = []
        parts: list[tuple] = []
        repeated = False
        while self.position < len(self.text) and self.text[self.position] != ")":
            char = self.text[self.position]
            count = _COUNT.match(self.text, self.position) if char == "{" else None
            if char == "|":
                self.position += 1
                items.append(_joined(parts))
                parts, repeated = [], False
            elif char in "*+?" or count:
                if repeated:
                    raise ValueError("a repetition follows a repetition")
                if not parts:
                    raise ValueError("a repetition has nothing to repeat")
                parts[-1] = self._repeat(parts[-1], count)
                repeated = True
            elif char == "(":
                flags = self._group(parts, flags, depth)
                repeated = False
            else:
                parts.extend(self._atom(flags))
                repeated = False
        items.append(_joined(parts))
        return items[0] if len(items) == 1 else (OR, items)

    def _repeat(self, item: tuple, count: re.Match | None) -> tuple:
        if count:
            self.position = count.end()
            least = int(count[1][:8])
            most = int(count[3][:8]) if count[3] else None if count[2] else least
            if least > _MOST_REPEATS or most is not None and (most > _MOST_REPEATS or most < least):
                raise ValueError(f"a repetition counts to more than {_MOST_REPEATS}, or backwards")
            if _repeats(item) * max(least, most or 0) > _MOST_REPEATS:
                raise ValueError(f"repetitions inside each other count to more than {_MOST_REPEATS}")
        else:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.text[self.position]]
            self.position += 1
        if self.text.startswith("?", self.position):
            self.position += 1
        return (REPEAT, item, least, most)

    def _group(self, parts: list[tuple], flags: str, depth: int) -> str:
        """Reads a group, or flags for the rest of the one around; the flags that hold after it."""
        self.position += 1
        inner = flags
        if self.text.startswith("?", self.position):
            name = _GROUP_NAME.match(self.text, self.position)
            found = None if name else _FLAGS.match(self.text, self.position)
            if name:
                if not re.fullmatch(r"\w+", name[1]) or name[1] in self.names:
                    raise ValueError("the name of a group is no name, or given twice")
                self.names.add(name[1])
                self.position = name.end()
            elif found:
                self.position = found.end()
                inner = "".join(set(flags + found[1]) - set((found[2] or "")[1:]))
                if found[3] == ")":
                    return inner
            else:
                raise ValueError("lookaround, atomic and conditional groups are not part of RE2")
        parts.append(self.choice(inner, depth + 1))
        if not self.text.startswith(")", self.position):
            raise ValueError("a parenthesis is not closed")
        self.position += 1
        return flags

    def _atom(self, flags: str) -> list[tuple]:
        char = self.text[self.position]
        if char == "[":
            return [(SET, self._class("i" in flags))]
        self.position += 1
        if char == ".":
            return [(ANY, _anything if "s" in flags else _anything_in_line)]
        if char in "^$":
            where = "begin" if char == "^" else "end"
            return [(ASSERT, f"line {where}" if "m" in flags else where)]
        if char != "\\":
            return [(SET, _test(((char, char),), (), False, "i" in flags))]
        return self._escape("i" in flags)

    def _escape(self, fold: bool) -> list[tuple]:
        if self.position == len(self.text):
            raise ValueError("it ends in a backslash")
        char = self.text[self.position]
        if char in _ASSERTIONS:
            self.position += 1
            return [(ASSERT, _ASSERTIONS[char])]
        if char == "Q":
            end = self.text.find("\\E", self.position)
            literal = self.text[self.position + 1:end if end >= 0 else len(self.text)]
            self.position = end + 2 if end >= 0 else len(self.text)
            return [(SET, _test(((letter, letter),), (), False, fold)) for letter in literal]
        ranges, tests = self._shorthand()
        if not ranges and not tests:
            letter = self._letter()
            ranges = ((letter, letter),)
        return [(SET, _test(ranges, tests, False, fold))]

    def _shorthand(self) -> tuple[tuple, tuple]:
        r"""(ranges, tests) of \d, \pL and their like, from the letter after the backslash; nothing where there is none."""
        char = self.text[self.position:self.position + 1]
        if char and char in "dswDSW":
            self.position += 1
            ranges = _PERL[char.lower()]
            return ((), (_test(ranges, (), True, False),)) if char.isupper() else (ranges, ())
        if char and char in "pP":
            found = _PROPERTY.match(self.text, self.position)
            if not found:
                raise ValueError("the name of a character class is missing")
            self.position = found.end()
            return (), (self._category(found[3] if found[4] is None else found[4], (found[1] == "P") != bool(found[2])),)
        return (), ()

    def _category(self, name: str, negated: bool) -> Test:
        if name == "Any":
            return lambda _char: not negated
        if _CATEGORY.fullmatch(name):
            return lambda char: unicodedata.category(char).startswith(name) != negated
        if len(name) < 2 or not name.replace("_", "").isalpha():
            raise ValueError("a named character class is unknown")
        # A script, such as Greek: sound, and beyond what Python knows of characters.
        self.unknown = True
        return _anything

    def _letter(self) -> str:
        r"""The character an escape stands for, from the letter after the backslash."""
        char = self.text[self.position:self.position + 1]
        self.position += 1
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char and char in "01234567":
            found = re.compile(r"[0-7]{1,3}").match(self.text, self.position - 1)
            if char != "0" and len(found[0]) == 1:
                raise ValueError("back references are not part of RE2")
            self.position = found.end()
            return chr(int(found[0], 8))
        if char == "x":
            found = re.compile(r"([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\}").match(self.text, self.position)
            if not found or int(found[1] or found[2], 16) > 0x10FFFF:
                raise ValueError(r"\x needs the number of a character")
            self.position = found.end()
            return chr(int(found[1] or found[2], 16))
        if not char or char.isalnum() or not char.isascii():
            raise ValueError(rf"\{char} is no escape of RE2" if char and char.isprintable() else "it ends in a backslash")
        return char

    def _class(self, fold: bool) -> Test:
        self.position += 1
        negated = self.text.startswith("^", self.position)
        self.position += negated
        ranges: list[tuple[str, str]] = []
        tests: list[Test] = []
        first = True
        while first or not self.text.startswith("]", self.position):
            if self.position >= len(self.text):
                raise ValueError("a bracket is not closed")
            first = False
            posix = _POSIX.match(self.text, self.position)
            if posix:
                if posix[2] not in _POSIX_CLASSES:
                    raise ValueError("a named character class is unknown")
                self.position = posix.end()
                tests.append(_test(_POSIX_CLASSES[posix[2]], (), bool(posix[1]), fold))
                continue
            if self.text.startswith("\\", self.position):
                self.position += 1
                shorthand = self._shorthand()
                if any(shorthand):
                    ranges.extend(shorthand[0])
                    tests.extend(shorthand[1])
                    continue
                self.position -= 1
            low = self._class_letter()
            high = low
            if self.text.startswith("-", self.position) and self.text[self.position + 1:self.position + 2] not in ("]", ""):
                self.position += 1
                high = self._class_letter()
            if high < low:
                raise ValueError("a range of characters runs backwards")
            ranges.append((low, high))
        self.position += 1
        return _test(tuple(ranges), tuple(tests), negated, fold)

    def _class_letter(self) -> str:
        char = self.text[self.position:self.position + 1]
        self.position += 1
        return self._letter() if char == "\\" else char


def _joined(parts: list[tuple]) -> tuple:
    return parts[0] if len(parts) == 1 else (CAT, parts) if parts else (EMPTY,)


def _repeats(node: tuple) -> int:
    """How often the counted repetitions inside a node repeat, at most."""
    if node[0] == REPEAT:
        return max(node[2], node[3] or 0, 1) * _repeats(node[1])
    return max(map(_repeats, node[1]), default=1) if node[0] in (CAT, OR) else 1


def _test(ranges: tuple, tests: tuple, negated: bool, fold: bool) -> Test:
    def one(char: str) -> bool:
        return any(low <= char <= high for low, high in ranges) or any(test(char) for test in tests)

    def test(char: str) -> bool:
        return (one(char) or fold and any(len(other) == 1 and one(other) for other in (char.lower(), char.upper(), char.casefold()))) != negated

    return test


def _anything(_char: str) -> bool:
    return True


def _anything_in_line(char: str) -> bool:
    return char != "\n"
