# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README is shown on a collection server: it has the sections asked for there, and links that work from there."""

from __future__ import annotations

import re

from . import source

SECTIONS = (
    "Description", "Requirements", "Installation", "Use cases", "Testing", "Contributing", "Support", "Release notes", "Related information", "License",
)
BESIDE = ("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "LICENSE", "changelogs/config.yaml", "meta/execution-environment.yml")


def problems(text: str) -> list:
    plain = re.sub(r"^(```).*?^\1[^\n]*$", "", text, flags=re.M | re.S)
    headings = re.findall(r"^## (.+?)\s*$", plain, re.M)
    found = [f"README.md: the section {name!r} is missing" for name in SECTIONS if name.lower() not in map(str.lower, headings)]
    found += [f"README.md: the link {link} works in a checkout only" for link in re.findall(r"\]\((?!https?://|#|mailto:)([^)]*)\)", plain)]
    return found


def test_the_readme_is_complete():
    source.expect_none(problems(source.read("README.md")))


def test_what_a_community_looks_for_is_there():
    source.expect_none([f"{name} is missing" for name in BESIDE if name not in source.tracked()])


def test_a_missing_section_and_a_relative_link_are_found():
    good = "".join(f"## {name}\n" for name in SECTIONS) + "[web](https://example.org) [here](#license)\n```\n[code](x.md)\n```\n"
    assert problems(good) == []
    assert "'Support' is missing" in "".join(problems(good.replace("## Support\n", "")))
    assert "docs/x.md" in "".join(problems(good + "[guide](docs/x.md)"))
