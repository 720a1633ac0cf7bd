# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All rules of the linter by id, gathered from where their checks stand."""

from __future__ import annotations

from ..model._rules import ERROR, Rule
from ..model._rules import RULES as READING
from . import _rendering
from ._layers import FILES, OBJECTS, RENDERINGS

_ARCHIVE = {"FILE-001": Rule(ERROR, "the folder or archive can be read safely", "Pack the folder again, without links, and within the limits")}
_LAYERS = {name: rule for layer in (*FILES, _rendering, *OBJECTS, *RENDERINGS) for name, rule in layer.RULES.items()}

RULES: dict[str, Rule] = {**READING, **{f"ACMP-{name}": rule for name, rule in (_ARCHIVE | _LAYERS).items()}}


def table() -> str:
    """The rules as Markdown, by area: what docs/rules.md holds."""
    areas = dict.fromkeys(name.split("-")[1] for name in sorted(RULES))
    parts = []
    for area in areas:
        parts += [f"## {area}", "", "| rule | severity | what must hold | what to do |", "|---|---|---|---|"]
        of_area = [(name, rule) for name, rule in sorted(RULES.items()) if name.split("-")[1] == area]
        parts += [f"| {name} | {rule.severity} | {_cell(rule.title)} | {_cell(rule.fix)} |" for name, rule in of_area]
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return (text[:1].upper() + text[1:]).replace("|", "\\|")
