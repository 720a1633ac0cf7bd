# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout, importable as the collection."""

from __future__ import annotations

import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def folder() -> str:
    """A folder in which this checkout is ansible_collections.acmp.middleware."""
    base = Path(tempfile.mkdtemp(prefix="acmp-proof-"))
    link = base / "ansible_collections" / "acmp" / "middleware"
    link.parent.mkdir(parents=True)
    link.symlink_to(ROOT, target_is_directory=True)
    return str(base)
