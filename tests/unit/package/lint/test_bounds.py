# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a package can make the linter do or say at the worst."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

TINY = archive.read_folder(str(Path(__file__).resolve().parents[3] / "packages" / "tiny"))
UNSEEN = "\x1b]0;pwn\x07\x1b[2J\u202e\u009b"
APPLICATION = TINY.text("application.yaml")


def with_upgrade(text: str) -> str:
    assert "  templateType: helm\n" in APPLICATION
    return APPLICATION.replace("  templateType: helm\n", f"  templateType: helm\n  upgrade:\n    skipRange: '{text}'\n")


@pytest.mark.parametrize("files", [
    {"README.md": "# x\n\n## Parameters\n\n" + "|a" * 100_000 + "|\n" + "|-" * 100_000 + "|\n"},
    {"application.yaml": with_upgrade(">=0.0.1" + " " * 60_000 + "x")},
    {"raw/tiny/templates/x.yaml": 'a: {{ "' + '\\"' * 60_000 + " }}\nb: {{ randAlpha 5 }}\n"},
    {"raw/tiny/templates/x.yaml": "a: {{ " + '"a' * 60_000 + " }}\nb: {{ randAlpha 5 }}\n"},
    {"raw/tiny/templates/x.yaml": "a: {{ " + "`a" * 60_001 + " }}\nb: {{ randAlpha 5 }}\n"},
], ids=["columns of a table", "blanks in a range", "escaped quotes", "open quotes", "open backquotes"])
def test_time_is_bounded(files):
    began = time.process_time()
    linter.lint(TINY.with_files(files))
    assert time.process_time() - began < 2.0


def test_no_message_moves_a_terminal():
    """A version and a kind with letters that nobody sees: they arrive as question marks."""
    metadata = TINY.text("metadata.yaml").replace('version: "1.0.0"', f'version: "1.0{UNSEEN}"'.encode("unicode_escape").decode())
    csv = TINY.text("manifests/csv.yaml").replace("kind: HelmRelease", 'kind: "Op{}"'.format(UNSEEN.encode("unicode_escape").decode()))
    found = linter.lint(TINY.with_files({"metadata.yaml": metadata, "manifests/csv.yaml": csv})).findings
    assert any(finding.rule == "ACMP-META-020" for finding in found)
    assert all(finding.message.isprintable() and finding.where.isprintable() for finding in found)


@pytest.mark.parametrize("letter", ["\x1b", "\x9b", "\u202e", "\u2066", "\u200f", "\u2028"])
def test_no_name_of_a_file_moves_a_terminal(letter):
    with pytest.raises(PackageError):
        FileTree({f"raw/x{letter}y": b""})
