# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the texts set for an instance's ConfigMaps, kept on its record as ConfigMap -> key -> text, None for a key that is taken out (§5.3.6)."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

Texts = Mapping[str, "str | None"]
Overrides = Mapping[str, Texts]


def combined(recorded: Overrides, config_map: str, settings: Texts, reset: Collection[str], replace: bool) -> dict[str, dict[str, str | None]]:
    """What is recorded, with settings of one ConfigMap changed and others dropped. replace: settings are all that is left of that ConfigMap's."""
    kept = {} if replace else {key: text for key, text in recorded.get(config_map, {}).items() if key not in reset}
    found = {name: dict(texts) for name, texts in recorded.items() if name != config_map}
    return {**found, config_map: {**kept, **settings}} if kept or settings else found


def without_present(wanted: Overrides, recorded: Overrides, present: Mapping[str, Texts]) -> dict[str, dict[str, str | None]]:
    """The same without what is so already, although nobody set it. present: the texts that run now."""
    found = {}
    for name, texts in wanted.items():
        known = recorded.get(name, {})
        left = {key: text for key, text in texts.items() if key in known or present.get(name, {}).get(key) != text}
        if left:
            found[name] = left
    return found


def changed(before: Overrides, after: Overrides) -> list[tuple[str, str]]:
    """(ConfigMap, key) of every text that is set, taken out or dropped, in order."""
    pairs = {(name, key) for overrides in (before, after) for name, texts in overrides.items() for key in texts}
    missing = object()
    return sorted(pair for pair in pairs if _get(before, pair, missing) != _get(after, pair, missing))


def actions(before: Overrides, after: Overrides, present: Mapping[str, Texts] | None = None) -> list[str]:
    """Sentences about the same. present: the texts that run now, for how much of them changes."""
    missing = object()
    return [_action(name, key, _get(after, (name, key), missing), present, missing) for name, key in changed(before, after)]


def lines_changed(before: str, after: str) -> int:
    """How many lines differ: those of the longer side of each difference. Long texts are compared from both ends only."""
    one, other = before.splitlines(), after.splitlines()
    while one and other and one[-1] == other[-1]:
        one.pop()
        other.pop()
    start = next((number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    if len(one) * len(other) > 1_000_000:
        return max(len(one), len(other))
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return sum(max(end - begin, stop - start) for word, begin, end, start, stop in matcher.get_opcodes() if word != "equal")


def _get(overrides: Overrides, pair: tuple[str, str], missing: object):
    return overrides.get(pair[0], {}).get(pair[1], missing)


def _action(name: str, key: str, text, present: Mapping[str, Texts] | None, missing: object) -> str:
    if text is missing:
        return f"reset {name}/{key} to the package's"
    if text is None:
        return f"take out {name}/{key}"
    if present is None:
        return f"set {name}/{key}"
    old = present.get(name, {}).get(key)
    if old is None:
        return f"add {name}/{key}: {_lines(len(text.splitlines()))}"
    return f"set {name}/{key}: {_lines(lines_changed(old, text))} changed"


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
