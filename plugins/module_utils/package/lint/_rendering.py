# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether raw/ becomes objects at all, for each instance type."""

from __future__ import annotations

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Rendering

RULES = {
    "RENDER-001": Rule(ERROR, "the chart renders with every instance type, manifests can be read",
                       "Correct the template or manifest, or the type's default document"),
    "RENDER-002": Rule(ERROR, "helm lint finds no error in the chart", "Correct the chart; helm lint shows the same"),
    "RENDER-003": Rule(WARNING, "helm lint finds nothing to warn about", "Correct the chart; helm lint shows the same"),
    "RENDER-004": Rule(WARNING, "every instance type deploys something", "Correct the templates' conditions or the type's default document"),
}


def check(rendering: Rendering, package: Package, report: Report, options: Options) -> None:
    """Notes why an instance type does not render, and what helm lint says."""
    of_type = f' of instance type "{shown(rendering.type)}"' if rendering.type else ""
    if rendering.error:
        what = f"The chart does not render with the document{of_type}" if package.template_type == "helm" else "A manifest cannot be read"
        report.add("RENDER-001", f"{what}: {_one_line(rendering.error)}", rendering.path, line=rendering.line)
    elif not rendering.objects:
        report.add("RENDER-004", f"The document{of_type} deploys no object", rendering.path or package.raw_root)
    for severity, path, message in rendering.linted:
        known = f"{package.raw_root}/{path}"
        report.add("RENDER-002" if severity == "ERROR" else "RENDER-003", _one_line(message), known if known in report.tree else package.raw_root)


def _one_line(text: str) -> str:
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= 300 else text[:297] + "..."
