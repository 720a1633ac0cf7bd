# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Form paths: ``values.a[0].b`` for ("values", "a", 0, "b"); a backslash takes a dot's or bracket's meaning away."""

from __future__ import annotations

import re

from ..errors import InputError

Path = tuple  # of str (key of a map) and int (index of a list)

_INDEX = re.compile(r"\[([0-9]{1,6})\]")
_SPECIAL = re.compile(r"([\\.\[\]])")
# The only spelling of the empty key, which dots cannot name.
_EMPTY_KEY = '[""]'


def parse_path(text: str) -> Path:
    """The steps of a form path; InputError for an empty step, an open bracket or an index that is no number."""
    steps: list[str | int] = []
    position, after_step = 0, False
    while position < len(text):
        if text.startswith(_EMPTY_KEY, position):
            steps.append("")
            position, after_step = position + len(_EMPTY_KEY), True
        elif text[position] == "[":
            found = _INDEX.match(text, position)
            if not found:
                raise _bad(text, "a bracket holds no index")
            steps.append(int(found[1]))
            position, after_step = found.end(), True
        elif text[position] == "." and after_step:
            position, after_step = position + 1, False
            if position == len(text):
                raise _bad(text, "it ends in a dot")
        elif after_step:
            raise _bad(text, "a dot is missing after a bracket")
        else:
            key, position = _key(text, position)
            steps.append(key)
            after_step = True
    if not steps:
        raise _bad(text, "it is empty")
    return tuple(steps)


def format_path(steps: Path) -> str:
    """The text of a path: parse_path(format_path(steps)) == steps for every path but the empty one."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step == "":
            text += _EMPTY_KEY
        else:
            text += ("." if text else "") + _SPECIAL.sub(r"\\\1", step)
    return text


def as_steps(path: str | Path) -> Path:
    """A path given as text or as steps, as steps."""
    return parse_path(path) if isinstance(path, str) else tuple(path)


def get(document: object, path: str | Path, default: object = None) -> object:
    """The value at a path (text or steps) of maps and lists; ``default`` where there is none."""
    value = document
    for step in as_steps(path):
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return default
        elif not isinstance(value, dict) or step not in value:
            return default
        value = value[step]
    return value


def set_(document: dict | list, path: str | Path, value: object) -> None:
    """Sets the value at a path, in place; missing and null steps on the way become maps, or lists before an index.

    Raises InputError when the path leads through a value that is no map (list), or to an index beyond the list's end; only
    the one right after the last item adds an item.
    """
    steps = as_steps(path)
    if not steps:
        raise _bad("", "it is empty")
    here = document
    for depth, step in enumerate(steps):
        _check_step(here, steps, depth)
        last = depth == len(steps) - 1
        if last:
            following = value
        else:
            following = here.get(step) if isinstance(here, dict) else here[step] if step < len(here) else None
            if following is None:
                following = [] if isinstance(steps[depth + 1], int) else {}
        if isinstance(here, list) and step == len(here):
            here.append(following)
        else:
            here[step] = following
        here = following


def remove(document: dict | list, path: str | Path) -> bool:
    """Takes the key at a path away, in place; False when there was none. An item of a list becomes null, to keep its neighbours' places."""
    steps = as_steps(path)
    parent = get(document, steps[:-1]) if len(steps) > 1 else document
    missing = object()
    if get(document, steps, missing) is missing:
        return False
    if isinstance(parent, dict):
        del parent[steps[-1]]
    else:
        parent[steps[-1]] = None
    return True


def _check_step(here: object, steps: Path, depth: int) -> None:
    step, shown = steps[depth], format_path(steps[:depth]) or "the document"
    if isinstance(step, int):
        if not isinstance(here, list):
            raise InputError(f"{shown} is no list, it has no item {step}", where=format_path(steps), todo="Leave the index out")
        if step > len(here):
            todo = f"Use [{len(here)}] to add an item"
            raise InputError(f"{shown} has {len(here)} items, item {step} would leave a gap", where=format_path(steps), todo=todo)
    elif isinstance(here, list):
        raise InputError(f"{shown} is a list", where=format_path(steps), todo="Name the item, for example [0], or give the whole list")
    elif not isinstance(here, dict):
        raise InputError(f"{shown} is a single value, it has no field {step}", where=format_path(steps), todo="Correct the path")


def _key(text: str, position: int) -> tuple[str, int]:
    """(a key, the position after it), from a position where a key begins."""
    letters: list[str] = []
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            position += 1
            if position == len(text):
                raise _bad(text, "it ends in a backslash")
            # Before an ordinary letter a backslash is itself: only three letters have a meaning to take away.
            letters.append(text[position] if text[position] in "\\.[]" else "\\" + text[position])
        elif letter in ".[":
            break
        elif letter == "]":
            raise _bad(text, "a bracket is closed that was not opened")
        else:
            letters.append(letter)
        position += 1
    if not letters:
        raise _bad(text, "a step is empty")
    return "".join(letters), position


def _bad(text: str, why: str) -> InputError:
    shown = text if len(text) <= 200 else text[:197] + "..."
    return InputError(f'"{shown}" is no field path: {why}', todo=r"Write paths like values.a[0].b, with \. for a dot inside a key")
