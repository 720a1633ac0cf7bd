# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that are nearly others."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from ..model._fields import shown
from ..model._report import Report

# Beyond these nobody looks for a slip of the pen, and the search takes its time.
_LONGEST, _MOST = 80, 500
_CLOSE = 0.75
# So many are told for one package.
_TOLD = 200
_ASKED: WeakKeyDictionary[Report, int] = WeakKeyDictionary()


def near(report: Report, name: object, known: Iterable[object], close: float = _CLOSE) -> str:
    """``, did you mean "x"?`` where a known name is only a slip away, else nothing. close: from 0 to 1 for the same."""
    _ASKED[report] = _ASKED.get(report, 0) + 1
    if _ASKED[report] > _TOLD:
        return ""
    names = sorted({str(item) for item in known})[:_MOST]
    found = difflib.get_close_matches(str(name)[:_LONGEST], names, n=1, cutoff=close)
    return f', did you mean "{shown(found[0])}"?' if found else ""
