# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PromQL of charts and alarms: each expression parses, as far as the library promql-parser is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ... import _deps
from ...errors import AcmpError
from ..model import _placeholders
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options

RULES = {
    "PROMQL-001": Rule(WARNING, "expressions are PromQL", "Correct the expression; promtool check rules tells the same"),
    "PROMQL-002": Rule(HINT, "expressions can be checked", "Install promql-parser for the Python that runs the linter; part long expressions"),
    "PROMQL-003": Rule(HINT, "expressions take the instance's own series", 'Add {namespace="{{.Namespace}}"} or a label with {{.Instance}}'),
}

# The parser works in the process' own stack, and its time grows with the square of the operators: enough of both for any chart.
_LONGEST, _OPERATORS, _MOST = 4096, 100, 500
_SELECTORS = 8_000
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'(?:[^'\\]|\\.)*'|`[^`]*`", re.S)
_OPERATOR = re.compile(r"[-+*/%^(\[]|[<>=!]=?|\b(?:and|or|unless|atan2)\b", re.I)
_MATCHER = re.compile(r"(=~|!~)\s*(" + _TEXT.pattern + ")", re.S)
_COUNTED = re.compile(r"\{[0-9]*,?[0-9]*\}")
# Names that were given up with Prometheus 3 and mean the same.
_FORMER = {"holt_winters": "double_exponential_smoothing"}
# What a chart or an alarm cannot be made of.
_UNFIT = {"MatrixSelector": "a range of samples", "StringLiteral": "a text"}


def check(package: Package, report: Report, options: Options) -> None:
    """Notes expressions that do not parse, or that take the series of all instances."""
    found = list(_expressions(package))
    if not found:
        return
    try:
        parse = _deps.promql_parser.parse
    except AcmpError as error:
        parse = None
        path, steps, _expr = found[0]
        report.add("PROMQL-002", f"The package's {len(found)} expressions were not checked: {error.what}", path, steps)
    left, seen = _SELECTORS, {}
    for path, steps, expr in found:
        if not _placeholders.held(expr):
            report.add("PROMQL-003", f"{shown(expr)} takes the series of every instance", path, steps)
        if parse is None:
            continue
        if expr not in seen:
            left -= sum(len(match[2]) for match in _MATCHER.finditer(expr[:_LONGEST]))
            if len(seen) >= _MOST or left < 0 or _too_large(expr):
                seen[expr] = None
            else:
                seen[expr] = _problem(parse, expr)
        problem = seen[expr]
        if problem is None:
            report.add("PROMQL-002", f"{shown(expr)} was not checked: it is too long, or one of too many", path, steps)
        elif problem:
            report.add("PROMQL-001", f"{shown(expr)}: {problem}", path, steps)


def _expressions(package: Package) -> Iterator[tuple[str, tuple, str]]:
    """(file, place, expression) of all charts and alarms."""
    charts = package.monitor.charts() if package.monitor else ()
    alarms = package.alarm.rules() if package.alarm else ()
    for config, items in ((package.monitor, charts), (package.alarm, alarms)):
        for item in items:
            if item.expr:
                yield config.path, (*item.steps, "expr"), item.expr


def _too_large(expr: str) -> bool:
    return len(expr) > _LONGEST or len(_OPERATOR.findall(_TEXT.sub('""', expr))) > _OPERATORS


def _problem(parse, expr: str) -> str:
    text = _placeholders.fill(expr, dict.fromkeys(_placeholders.NAMES, "x"))
    for former, name in _FORMER.items():
        text = re.sub(rf"\b{former}(?=\s*\()", name, text)
    # Counted repetitions are sound where others are, and cost what they count.
    text = _MATCHER.sub(lambda match: match[1] + _COUNTED.sub("+", match[2]), text)
    try:
        found = type(parse(text)).__name__
    except ValueError as error:
        return shown(str(error).partition("\n")[0] or "it does not parse")
    except BaseException as error:
        # What a panic of the library's other language comes as; no fault of the expression, and no reason to end.
        if type(error).__name__ != "PanicException":
            raise
        return "the parser cannot read it"
    return f"it gives {_UNFIT[found]}" if found in _UNFIT else ""
