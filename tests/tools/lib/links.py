# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relative links in Markdown files lead to files, and to headings, that exist.

usage: python tests/tools/lib/links.py FOLDER
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import unquote

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(<?([^)\s>]+)>?\)")
CODE = re.compile(r"^(```|~~~).*?^\1[^\n]*$|`[^`\n]+`", re.M | re.S)


def problems(root: Path) -> list:
    found = []
    for page in sorted(root.rglob("*.md")):
        # Packages and fixtures bring Markdown of their own, with links into their own world.
        parts = page.relative_to(root).parts
        if parts[:2] == ("examples", "packages") or "fixtures" in parts or "files" in parts:
            continue
        text = CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), page.read_text(encoding="utf-8"))
        for match in LINK.finditer(text):
            fault = _fault(root, page, match[1] or match[2])
            if fault:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{page.relative_to(root)}:{line}: {fault}")
    return found


def _fault(root: Path, page: Path, target: str) -> str:
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return ""
    path, _sep, anchor = unquote(target).partition("#")
    other = (page.parent / path).resolve() if path else page
    if not other.is_relative_to(root.resolve()) or not other.exists():
        return f"the link {target} leads nowhere"
    if anchor and other.suffix == ".md" and anchor not in headings(other.read_text(encoding="utf-8")):
        return f"the link {target} names a heading that {other.name} does not have"
    return ""


def headings(text: str) -> set:
    """Anchors as code hosting sites make them: lower case, punctuation dropped, blanks to dashes, numbered when repeated."""
    seen: dict = {}
    anchors = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))
    blocks = re.sub(r"^(```|~~~).*?^\1[^\n]*$", "", text, flags=re.M | re.S)
    for title in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", blocks, re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        anchors.add(f"{anchor}-{count}" if count else anchor)
    return anchors


if __name__ == "__main__":
    faults = problems(Path(sys.argv[1]))
    print("\n".join(faults) or "links: all of them lead somewhere")
    sys.exit(bool(faults))
