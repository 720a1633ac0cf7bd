# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plain YAML scalar means: as Helm and kubectl read it, so that a value means here what it will mean there."""

from __future__ import annotations

import re

MAP, SEQ, STR = "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:str"
NULL, BOOL, INT, FLOAT = "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float"
SCALAR_TAGS = frozenset({STR, NULL, BOOL, INT, FLOAT})

# YAML 1.1 without dates (they stay text, as everything ends up as JSON) and without base 60 ("22:22" is no number).
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
}
_INT = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_STARTS = frozenset("0123456789+-.~nNtTfFyYoO")
# More digits than any number a cluster knows; int() of a very long text takes quadratic time.
_DIGITS = 40


def resolve(text: str) -> object:
    """The value of a plain scalar: None, bool, int, float or the text itself. ValueError for infinite and not-a-number."""
    if text and text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _DIGITS:
        if _INT.fullmatch(text):
            return _integer(text)
        if _FLOAT.fullmatch(text):
            return _finite(float(text))
    if _ENDLESS.fullmatch(text):
        raise ValueError("infinite and not-a-number have no form in JSON")
    return text


def construct(tag: str, text: str) -> object:
    """The value of a scalar with an explicit tag of SCALAR_TAGS; ValueError when the text does not fit the tag."""
    if tag == STR:
        return text
    value = resolve(text)
    if tag == FLOAT and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    kinds = {NULL: type(None), BOOL: bool, INT: int, FLOAT: float}
    if value.__class__ is not kinds[tag]:
        raise ValueError(f"the text is no {tag.rpartition(':')[2]}")
    return value


def needs_quotes(text: str) -> bool:
    """Whether a text must be quoted to be read as text: here, by YAML 1.1 readers and by Go's (y, n, 1e3, 0o7)."""
    if text in ("y", "Y", "n", "N", "=", "<<"):
        return True
    try:
        return not isinstance(resolve(text), str) or bool(_FLOAT.fullmatch(text) or _INT.fullmatch(text))
    except ValueError:
        return True


def _integer(text: str) -> int | str:
    digits = text.replace("_", "").lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    try:
        for prefix, base in (("0b", 2), ("0x", 16), ("0o", 8)):
            if digits.startswith(prefix):
                return sign * int(digits[2:], base)
        return sign * int(digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
    # "0x_" and the like match the pattern but are no number.
    except ValueError:
        return text


def _finite(value: float) -> float:
    if value in (float("inf"), float("-inf")):
        raise ValueError("the number is too large")
    return value
