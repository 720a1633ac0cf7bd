# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians, spreads, and ratios made pair by pair: what slows the machine down for a while slows both halves of a pair."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Median, quartiles and extremes of a list of numbers."""

    median: float
    low: float
    high: float
    least: float
    most: float

    @classmethod
    def of(cls, numbers: list) -> Spread:
        ordered = sorted(numbers)
        low, _middle, high = statistics.quantiles(ordered, n=4, method="inclusive") if len(ordered) > 1 else (ordered[0],) * 3
        return cls(statistics.median(ordered), low, high, ordered[0], ordered[-1])

    def show(self, digits: int, unit: str = "") -> str:
        return f"{self.median:.{digits}f}{unit} ({self.low:.{digits}f} to {self.high:.{digits}f}, extremes {self.least:.{digits}f} and {self.most:.{digits}f})"


def ratios(over: list, under: list) -> Spread:
    """over/under of each pair; a pair whose lower half is not positive says nothing and is left out."""
    return Spread.of([a / b for a, b in zip(over, under, strict=True) if b > 0])
