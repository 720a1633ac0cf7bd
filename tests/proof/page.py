# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of docs/proof, and the machine its figures come from."""

from __future__ import annotations

import datetime
import os
import platform
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def write(part: str, title: str, *paragraphs: str) -> None:
    """Writes docs/proof/PART.md."""
    lines = [f"# {title}", "", f"Written by `tests/proof/run {part}` on {datetime.date.today()}, {machine()}."]
    for paragraph in paragraphs:
        lines += ["", paragraph]
    target = ROOT / "docs" / "proof" / f"{part}.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(lines) + "\n")
    print(f"written to {target}")


def table(head: tuple, rows: list) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in (head, ["---"] * len(head), *rows))


def machine() -> str:
    """Processors, Python, and how busy it was."""
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
