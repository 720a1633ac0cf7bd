# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links in Markdown are followed, code and web addresses are not."""

from __future__ import annotations

import links
import pytest


@pytest.fixture
def root(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# A title, with `code`!\n\n## Twice\n\n## Twice\n")
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        "[top](../README.md)", "[title](../README.md#a-title-with-code)", "[second](../README.md#twice-1)", "[web](https://example.org/no)",
        "[here](#here)\n\n# Here", "`[code](nowhere.md)`", "```\n[code](nowhere.md)\n```\n",
    ],
)
def test_a_good_link_passes(root, text):
    (root / "docs" / "page.md").write_text(text)
    assert links.problems(root) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a](nowhere.md)", 1), ("\n\n![a](picture.png)", 3), ("[a](../README.md#third)", 1), ("[a](#here)", 1), ("```\ncode\n```\n[a](x.md)", 4),
        ("[out](../../../etc/passwd)", 1),
    ],
)
def test_a_broken_link_is_found_with_its_line(root, text, line):
    (root / "docs" / "page.md").write_text(text)
    assert [fault.split(": ")[0] for fault in links.problems(root)] == [f"docs/page.md:{line}"]
