# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of bytes that claim to be a package."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter


def judged(data: bytes) -> str:
    """"refused" by the reader, else "found" where the linter reports an error, or "harmless"."""
    try:
        tree = archive.read(data, "hostile.tgz")
    except PackageError:
        return "refused"
    return "found" if any(finding.severity == "error" for finding in linter.lint(tree).findings) else "harmless"
