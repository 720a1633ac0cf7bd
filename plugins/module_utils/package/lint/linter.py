# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The linter: all layers over one package, as findings (manual 7.2, 7.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import PackageError
from ..model import model
from ..model._report import Finding, Report, raise_errors
from ..tree import FileTree
from . import _rendering
from ._layer import Options, Placed, Rendering
from ._layers import FILES, OBJECTS, RENDERINGS
from .rules import RULES

__all__ = ["Finding", "Options", "Placed", "RULES", "Rendering", "Result", "lint", "refuse", "unreadable"]


_DEFAULTS = Options()


@dataclass(frozen=True)
class Result:
    """package: None where its name, version or application.yaml cannot be read. findings: errors first, then warnings and hints."""

    package: model.Package | None
    findings: tuple[Finding, ...]


def lint(tree: FileTree, options: Options = _DEFAULTS, renderings: Iterable[Rendering] = ()) -> Result:
    """All findings about a package; raises nothing for any content, PackageError only where a Python library is missing.

    renderings: what raw/ becomes for each instance type, as catalog/linting.py makes them; without them the rules about objects say nothing.
    """
    report = Report(tree, RULES)
    package = model.read(report)
    renderings = tuple(renderings) if package is not None else ()
    if package is not None:
        for layer in FILES:
            layer.check(package, report, options)
        for rendering in renderings:
            _rendering.check(rendering, package, report, options)
            for layer in OBJECTS:
                layer.check(rendering.objects, package, report, options)
        for layer in RENDERINGS:
            layer.check(renderings, package, report, options)
    return Result(package, report.findings())


def unreadable(error: PackageError, name: str) -> Finding:
    """The finding that stands for an archive or folder (its file name) that the reader refuses."""
    rule = RULES["ACMP-FILE-001"]
    return Finding("ACMP-FILE-001", rule.severity, error.what, error.where.removeprefix(f"{name}: ") or name, 0, error.todo or rule.fix)


def refuse(findings: tuple[Finding, ...], origin: str) -> None:
    """PackageError with the first error as what and where, and all of them in details.findings; nothing when there is none."""
    raise_errors(findings, origin)
