# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The detail page (manual 7.2.3.2) against the package: its chapters are there, its parameter table tells what really can be set."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import nearest
from .._paths import format_path
from ..model._fields import shown
from ..model._readme import Readme, ReadmeParameter
from ..model._report import Report
from ..model._rules import HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options
from ._parameters import Parameters, says, steps_of

RULES = {
    "README-001": Rule(WARNING, "a package has a detail page", "Add README.md with the chapters the manual asks for"),
    "README-002": Rule(WARNING, "the detail page has its title and chapters", "Add what is missing: # NAME, then Introduction, Parameters and Components"),
    "README-003": Rule(HINT, "the introduction says what it is, what it can do and for whom", "Add Background, Overview, Functions and Audience"),
    "README-004": Rule(WARNING, "the chapter Parameters holds a table with every column", "Use the columns Name, Description, Required, Default, Range"),
    "README-005": Rule(WARNING, "rows of the parameter table are parameters", "Correct the path, or remove the row"),
    "README-006": Rule(WARNING, "fields of the form are in the parameter table", "Add a row"),
    "README-007": Rule(WARNING, "the table's defaults are the real ones", "Correct the default in the table"),
    "README-008": Rule(WARNING, "the table says whether a parameter is required", "Write yes or no"),
    "README-009": Rule(HINT, "the table has every value of the chart", "Add rows for values people may change"),
    "README-010": Rule(WARNING, "parameters without which nothing is deployed are marked as required", "Write yes in the column Required"),
    "README-011": Rule(HINT, "the chapter Components names the parts", "Add a table with Name and Description"),
    "README-012": Rule(WARNING, "a parameter has one row", "Keep one of the two"),
}

# Chapters and columns as messages name them.
_TITLES = {
    "introduction": "Introduction (中间件简介)", "parameters": "Parameters (中间件参数说明)", "components": "Components (中间件组件说明)",
    "path": "Name (名称)", "help": "Description (参数描述)", "required": "Required (必选)", "default": "Default (默认值)", "range": "Range (参数范围)",
}
_YES = frozenset({"yes", "y", "true", "required", "是", "必选", "必填", "√", "✓", "✔", "✅"})
_NO = frozenset({"no", "n", "false", "optional", "否", "可选", "非必填", "×", "✗", "✘", "❌", "-", "—", ""})
# Bounds on what is looked at one by one: rows, fields of the form, rows for which the nearest name is looked for.
_ROWS, _FIELDS, _NEAREST = 1000, 200, 20


def check(package: Package, report: Report, options: Options) -> None:
    """Notes what the detail page lacks, and where its tables and the package do not agree."""
    readme = package.readme
    if not readme.path:
        report.add("README-001", "The package has no detail page with chapters and tables", "metadata.yaml", ("detail",))
        return
    _check_chapters(readme, report)
    if not readme.table:
        return
    missing = [_TITLES[role] for role in ("path", "help", "required", "default", "range") if role not in readme.columns]
    if missing:
        report.add("README-004", f"The parameter table has no column {', '.join(missing)}", readme.path, line=readme.table)
    parameters = Parameters(package, report)
    rows = list(_rows(readme, parameters, report))
    unknown = [row for row, steps in rows if row.path and not (steps and parameters.known(steps))]
    for number, row in enumerate(unknown if parameters.judged else []):
        hint = nearest(row.path, parameters.names) if number < _NEAREST else ""
        more = f", {hint}" if hint.startswith("did") else ""
        report.add("README-005", f'"{shown(row.path)}" is neither a value of the package nor a field of its form{more}', readme.path, line=row.line)
    lines = {row.line for row in unknown}
    for row, steps in rows:
        if steps and row.line not in lines:
            _check_row(row, steps, readme, parameters, report)
    _check_complete(readme, {steps for _row, steps in rows if steps}, parameters, package, report)


def _check_chapters(readme: Readme, report: Report) -> None:
    if not readme.title:
        report.add("README-002", f"{readme.path} has no title", readme.path, line=1)
    for role in ("introduction", "parameters", "components"):
        if not readme.chapter(role):
            report.add("README-002", f"{readme.path} has no chapter {_TITLES[role]}", readme.path, line=1)
    introduction, parameters, components = map(readme.chapter, ("introduction", "parameters", "components"))
    absent = [role for role in ("background", "overview", "functions", "audience") if not readme.chapter(role)]
    if introduction and absent:
        report.add("README-003", f"The introduction has no chapter {', '.join(map(str.capitalize, absent))}", readme.path, line=introduction.line)
    if parameters and not readme.table:
        report.add("README-004", f"The chapter {shown(parameters.title)} holds no table of parameters", readme.path, line=parameters.line)
    if components and not readme.components:
        report.add("README-011", f"The chapter {shown(components.title)} names no component", readme.path, line=components.line)


def _rows(readme: Readme, parameters: Parameters, report: Report) -> Iterator[tuple[ReadmeParameter, tuple]]:
    """Rows with the places they mean, () for one that means none."""
    seen: dict[tuple, int] = {}
    for row in readme.parameters[:_ROWS]:
        steps = parameters.meant(row.path)
        if steps and steps in seen:
            report.add("README-012", f"{shown(row.path)} has a row in line {seen[steps]} already", readme.path, line=row.line)
            continue
        if steps:
            seen[steps] = row.line
        yield row, steps


def _check_row(row: ReadmeParameter, steps: tuple, readme: Readme, parameters: Parameters, report: Report) -> None:
    required = row.required.strip("`*' ").casefold()
    if "required" in readme.columns and required not in _YES and required not in _NO:
        message = f'Whether {shown(row.path)} is required is told as "{shown(row.required)}"'
        report.add("README-008", message, readme.path, line=row.line)
        # A row with a cell too many says nothing true in those that follow.
        return
    if "required" in readme.columns and required in _NO and parameters.required(steps):
        report.add("README-010", f"{shown(row.path)} has to be given, the table says otherwise", readme.path, line=row.line)
    if "default" in readme.columns:
        real = parameters.defaults(steps)
        if real and not any(says(row.default, value) for value in real):
            report.add("README-007", f'The default of {shown(row.path)} is {parameters.shown(steps)}, the table says "{shown(row.default)}"', readme.path,
                       line=row.line)


def _check_complete(readme: Readme, rows: set[tuple], parameters: Parameters, package: Package, report: Report) -> None:
    above = {steps[:length] for steps in rows for length in range(1, len(steps))}

    def told(steps: tuple) -> bool:
        return steps in above or any(steps[:length] in rows for length in range(1, len(steps) + 1))

    for descriptor in package.spec_descriptors[:_FIELDS]:
        steps = steps_of(descriptor.path)
        if steps and not told(steps) and not any(widget.endswith(":hidden") for widget in descriptor.widgets):
            report.add("README-006", f"The form's field {shown(descriptor.path)} is not in the parameter table", readme.path, line=readme.table)
    leaves = parameters.leaves
    untold = [steps for steps in leaves if not told(steps)]
    if untold:
        examples = ", ".join(shown(format_path(steps)) for steps in untold[:5])
        message = f"{len(untold)} of {len(leaves)} values are not in the parameter table, such as {examples}"
        report.add("README-009", message, readme.path, line=readme.table)
