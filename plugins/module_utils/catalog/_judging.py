# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a package may enter the catalog: the linter's errors refuse it, unless a manager takes the responsibility."""

from __future__ import annotations

from ..api import GROUP
from ..platform.roles import CATALOG
from ..context import Context
from ..errors import HelmError
from ..helm import binary
from ..package.lint import linter
from ..package.model import model
from . import renderings


def judge(kube, package: model.Package, force: bool, ctx: Context) -> bool:
    """Whether a package is taken in spite of errors that the linter finds; PackageError with all of them unless a manager says force."""
    try:
        helm = binary.find(ctx)
    except HelmError as error:
        helm = None
        ctx.warn(f"The chart was not rendered: {error.message}")
    findings = linter.lint(package.tree, renderings=renderings.make(package, helm, ctx)).findings
    errors = [finding for finding in findings if finding.severity == "error"]
    if not errors:
        return False
    if not force:
        linter.refuse(findings, package.tree.origin)
    kube.require("create", GROUP, "packages", CATALOG, to=f"publish a package with errors ({errors[0].where} {errors[0].message})")
    ctx.warn(f"{package.name} {package.version} has {len(errors)} errors; first: {errors[0].where} {errors[0].message}")
    return True
