# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands for an instance in the files of a package: {{.Namespace}} and {{.Instance}} (manual 7.2.3.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

NAMES = ("Namespace", "Instance")
# For patterns of fields that may hold them.
ONE = r"\{\{\s*\.(?:Namespace|Instance)\s*\}\}"

_ONE = re.compile(ONE)
_ANY = re.compile(r"\{\{([^{}]*)\}\}")
_LONGEST = 1000


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with {{.Namespace}} and {{.Instance}} replaced by values of those names; other braces stay."""
    return _ANY.sub(lambda found: values.get(_name(found), found[0]), text)


def unknown(text: str) -> Iterator[str]:
    """Placeholders of the text that nobody replaces, as written."""
    for found in _ANY.finditer(text):
        if _name(found) not in NAMES:
            yield found[0]


def held(text: str) -> bool:
    """Whether the text holds a placeholder that is replaced."""
    return any(_name(found) in NAMES for found in _ANY.finditer(text))


def fits(text: str, value: object) -> bool:
    """Whether a text, with anything for its placeholders, is the value."""
    if not isinstance(value, str) or len(text) > _LONGEST:
        return False
    parts = _ONE.split(text)
    if len(parts) == 1:
        return text == value
    if not value.startswith(parts[0]) or not value.endswith(parts[-1]) or len(value) < len(parts[0]) + len(parts[-1]):
        return False
    rest = value[len(parts[0]):len(value) - len(parts[-1])]
    # The first place each part fits leaves the most room for those after it; an expression of dots and stars may take for ever.
    for part in parts[1:-1]:
        found = rest.find(part)
        if found < 0:
            return False
        rest = rest[found + len(part):]
    return True


def _name(found: re.Match) -> str:
    text = found[1].strip()
    return text[1:] if text.startswith(".") else ""
