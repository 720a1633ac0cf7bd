# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing findings: rules, areas, severities, baselines."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import selection
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint.linter import Finding

META = Finding("ACMP-META-003", "error", "name is missing", "metadata.yaml", 1, "Add the field")
LOOSE = Finding("ACMP-META-008", "warning", "nam is not a known field", "metadata.yaml", 2, "Remove it")
APP = Finding("ACMP-APP-003", "error", "spec.type is missing", "application.yaml", 4, "Add the field")
ALL = (META, APP, LOOSE)


@pytest.mark.parametrize(("select", "skip", "left"), [
    ((), (), ALL),
    (("ACMP-META-003",), (), (META,)),
    (("meta-003",), (), (META,)),
    (("META",), (), (META, LOOSE)),
    (("ACMP-APP",), (), (APP,)),
    ((), ("META",), (APP,)),
    (("META",), ("ACMP-META-008",), (META,)),
])
def test_rules_and_areas(select, skip, left):
    assert selection.chosen(ALL, select, skip) == left


@pytest.mark.parametrize("option", ["select", "skip"])
def test_an_unknown_rule_is_refused_with_the_nearest(option):
    with pytest.raises(InputError) as caught:
        selection.chosen(ALL, **{option: ["ACMP-META-30"]})
    assert "ACMP-META-30" in caught.value.what and caught.value.where == option and "ACMP-META-0" in caught.value.todo


@pytest.mark.parametrize(("severity", "left"), [("error", (META, APP)), ("warning", ALL), ("hint", ALL), ("none", ())])
def test_threshold(severity, left):
    assert selection.worse(ALL, severity) == left


def test_baseline_hides_what_was_known_wherever_it_moved():
    text = selection.write_baseline(ALL)
    known = selection.read_baseline(text, "baseline.json")
    moved = Finding(META.rule, META.severity, META.message, META.path, 40, META.todo)
    assert selection.new((moved, APP, LOOSE), known) == ()
    assert selection.new((META, META), known) == (META,), "twice where the baseline holds it once"
    assert selection.new((Finding("ACMP-META-003", "error", "version is missing", "metadata.yaml"),), known) != ()
    assert selection.new(ALL, Counter()) == ALL
    assert text == selection.write_baseline(reversed(ALL)), "the order of the findings is nobody's change"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [1]}', '{"findings": {"rule": 1}}', "[" * 100_000])
def test_what_is_no_baseline_is_refused(text):
    with pytest.raises(InputError) as caught:
        selection.read_baseline(text, "baseline.json")
    assert caught.value.where == "baseline.json"
