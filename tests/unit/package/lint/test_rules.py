# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of rules itself, the page made of it, and that no rule is without a test."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import rules

from .test_mutations import CASES, TABLES

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "rules.md"
HEAD = """# Rules of the linter

What `acmp.middleware.acmp_package_lint` looks at. An *error* keeps a package out of the catalog, a *warning* may fail or surprise, a *hint* could be better.
Choose rules or whole areas with `select` and `skip`; an area is the word in the middle of a rule's name.

"""


def test_rules_are_well_formed():
    for name, rule in rules.RULES.items():
        assert re.fullmatch(r"ACMP-[A-Z0-9]+-\d{3}", name), name
        assert rule.severity in ("error", "warning", "hint") and rule.title and rule.fix, name
        assert not rule.title.endswith(".") and not rule.fix.endswith(".") and len(rule.title) < 120 and len(rule.fix) < 160, name


def test_the_page_is_the_table():
    """Written again by ACMP_WRITE=1."""
    text = HEAD + rules.table()
    if os.environ.get("ACMP_WRITE"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, "docs/rules.md is not the table of rules: run this test with ACMP_WRITE=1"


def test_every_rule_has_a_test():
    text = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "unit" / "package").rglob("test_*.py"))
    text += (ROOT / "tests" / "unit" / "catalog" / "test_linting.py").read_text(encoding="utf-8")
    tried = {case[3] for case in CASES} | {f"ACMP-{case[0]}-009" for case in TABLES}
    missing = [name for name in rules.RULES if name not in tried and not re.search(rf"\b{name.removeprefix('ACMP-')}\b", text)]
    assert not missing, missing
