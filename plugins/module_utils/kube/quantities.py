# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes quantities (500m, 1.5Gi, 1e3), exact to the last digit; PURE.

The rules are those of resource.Quantity in k8s.io/apimachinery, kept where they surprise: what is finer than nano is rounded away from zero,
binary units end at 2^63-1, and a text that looks canonical enough is stored as it was written ("+1", "1.500", "05").
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from ..errors import InputError

LARGEST = 2**63 - 1
_NANO = Fraction(1, 10**9)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_UNITS = {power: unit for unit, power in _DECIMAL.items()}
_FORM = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?P<unit>[numkMGTPE]|[KMGTPE]i|)(?:[eE](?P<power>[+-]?[0-9]+))?")
# Beyond these no quantity is meant, and numbers of a million digits could be asked for in ten letters.
_LONGEST, _HIGHEST = 64, 64


@dataclass(frozen=True)
class _Read:
    """value: as the API server understands it. style: decimal, binary or exponent. kept: it stores the text as it was written."""

    value: Fraction
    style: str
    kept: bool


def parse(text: object, where: str = "") -> Fraction:
    """The value of a quantity as the API server understands it; exact.

    text may be a number too, as YAML gives it. Raises InputError naming where when it is no quantity, or a senseless one.
    """
    return _read(text, where).value


def stored(text: object) -> Fraction:
    """The value of a quantity that an API server keeps: as parse gives it, and 1e64 for what that calls absurd.

    API servers take what nobody means, and one claim of 1e100 must not hide all others. Raises InputError when it is no quantity at all.
    """
    return _stored(text).value


def canonical(text: object) -> str:
    """The text as the API server returns it after storing it. Raises InputError as parse does."""
    found = _read(text, "")
    return str(text).strip() if found.kept else _written(found.value, found.style)


def same(a: object, b: object) -> bool:
    """Whether two texts mean the same quantity."""
    return parse(a) == parse(b)


def total(texts: Iterable[object]) -> str:
    """The sum of stored ones in canonical text, in binary units when the first that is not zero has them; 0 of nothing."""
    found = [_stored(each) for each in texts]
    style = next((each.style for each in found if each.value), "decimal")
    return _written(sum((each.value for each in found), Fraction(0)), style)


def text(value: Fraction | int, binary: bool) -> str:
    """The canonical text of a value, in binary units (1536Mi) or decimal ones (1500m); finer than nano is rounded away from zero."""
    return _written(_rounded(Fraction(value), _NANO), "binary" if binary else "decimal")


def human(text: object) -> str:
    """For people: 1.5 Gi, 250m, 12, at most two digits after the point; a whole number of Mi without a unit counts as bytes."""
    found = _stored(text)
    size = abs(found.value)
    if size < 10**5 and size.denominator == 1 and found.style != "binary":
        return str(found.value)
    if size > 10**27:
        return _written(found.value, "exponent")
    binary = found.style == "binary" or size >= 2**20 and not size % 2**20
    sizes = {"": 1, **{unit: 2**power for unit, power in _BINARY.items()}} if binary else {unit: Fraction(10)**power for unit, power in _DECIMAL.items()}
    unit = max((unit for unit in sizes if sizes[unit] <= size), key=sizes.get, default="")
    shown = f"{float(found.value / sizes[unit]):.2f}".rstrip("0").rstrip(".")
    return f"{shown}{' ' if sizes[unit] > 1 else ''}{unit}"


def _read(given: object, where: str) -> _Read:
    shown = str(given).strip()
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        raise _unreadable(shown, where)
    if len(shown) > _LONGEST:
        raise InputError(f'"{shown[:20]}..." has {len(shown)} characters, which no quantity needs', where=where, todo="write it with a unit, such as 100Gi")
    match = _FORM.fullmatch(shown)
    # "1E" is one exa and "1Ei" one exbi; a unit and a power of ten exclude each other.
    if not match or not (match["whole"] or match["part"]) or match["unit"] and match["power"]:
        raise _unreadable(shown, where)
    if abs(int(match["power"] or 0)) > _HIGHEST:
        raise InputError(f'The quantity "{shown}" is absurd', where=where, todo="write it with a unit, such as 100Gi")
    whole, part = match["whole"].lstrip("0") or "0", match["part"] or ""
    digits = whole + part
    style = "binary" if match["unit"] in _BINARY else "exponent" if match["power"] else "decimal"
    if style == "binary":
        power = _BINARY[match["unit"]]
        value = min(_rounded(Fraction(int(digits) * 2**power, 10**len(part)), _NANO), Fraction(LARGEST))
        kept = not part and len(whole) + 3 * power // 10 <= 14 and int(digits) % 8 != 0
        if 0 < value < 1:
            style = "decimal"
    else:
        power = (int(match["power"]) if match["power"] else _DECIMAL[match["unit"]]) - len(part)
        value = _rounded(int(digits) * Fraction(10)**power, _NANO)
        kept = len(digits) <= 18 and power >= -9 and power % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    return _Read(-value if match["sign"] == "-" else value, style, kept)


def _stored(given: object) -> _Read:
    try:
        return _read(given, "")
    except InputError:
        match = _FORM.fullmatch(given.strip()) if isinstance(given, str) else None
        if not match or not (match["whole"] or match["part"]) or match["unit"] and match["power"]:
            raise
        return _Read((-1 if match["sign"] == "-" else 1) * Fraction(10)**_HIGHEST, "decimal", kept=False)


def _rounded(value: Fraction, step: Fraction) -> Fraction:
    """Away from zero, to a multiple of step."""
    size = math.ceil(abs(value) / step) * step
    return -size if value < 0 else size


def _written(value: Fraction, style: str) -> str:
    if not value:
        return "0"
    # Larger ones would be cut when they are read again.
    if style == "binary" and 1024 <= abs(value) <= LARGEST and value.denominator == 1:
        number, unit = value.numerator, 0
        while number % 1024 == 0:
            number, unit = number // 1024, unit + 1
        return f"{number}{['', *_BINARY][unit]}"
    number, power = int(value / _NANO), -9
    while number % 1000 == 0:
        number, power = number // 1000, power + 3
    # Beyond 999E there is no unit: older API servers lose the power of ten there, newer ones write it like this.
    unit = None if style == "exponent" else _UNITS.get(power)
    return f"{number}{unit if unit is not None else f'e{power}' if power else ''}"


def _unreadable(shown: str, where: str) -> InputError:
    return InputError(f'"{shown}" is no quantity', where=where, todo=_hint(shown) or "write a number with a unit, such as 500m, 2, 1.5Gi or 10G")


def _hint(shown: str) -> str:
    match = re.fullmatch(r"([+-]?[0-9.]+)\s*([A-Za-z]+)", shown)
    if not match:
        return ""
    number, unit = match[1], match[2].lower().removesuffix("b")
    meant = [number + known for known in (*_DECIMAL, *_BINARY) if known.lower() == unit or unit and known.lower() == f"{unit}i"]
    meant = [each for each in meant if not each.endswith("m")]
    return f"did you mean {' or '.join(meant)}?" if meant and _FORM.fullmatch(meant[0]) else ""
