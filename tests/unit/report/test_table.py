# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report as text: every column where a reader looks for it, whatever letters the names are made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.report import _shape, table
from hypothesis import given
from hypothesis import strategies as st

from . import samples
from .samples import cluster, down, quota, report, workspace

FEW = Path(__file__).parent / "files" / "few.txt"


def test_few():
    assert table.render(report(*samples.few())) == FEW.read_text(encoding="utf-8")


def test_a_cluster_that_is_down_says_so_and_shows_no_old_figures():
    text = table.render(report([cluster("local"), down("away", credential={"warning": "ended 2 days ago (2026-11-19T00:00:00Z)"})],
                               [workspace("a", quota(pods=("9", "10"))), _shape.unknown("away", "shop", "b")]))
    lines = text.splitlines()
    assert "2 clusters (1 not ready)" in lines[0] and "1 not known" in lines[0]
    assert lines[3].split() == ["away", "Unreachable", "v1.34.2", "3/3", "-", "-", "-", "1", "0"]
    assert "away: unreachable, last seen 2026-11-20T22:14:03Z: connect to https://10.8.0.4:6443: timed out after 2 s" in lines
    assert "away: its credential ended 2 days ago (2026-11-19T00:00:00Z)" in lines
    assert lines[-1].split() == ["b", "shop", "away", "Unknown", "-", "-", "-", "-", "-"]


def test_recorded_figures_of_a_ready_cluster_are_shown_with_their_age():
    text = table.render(report([cluster("local", live=False, observed_at="2026-11-21T09:00:00Z")], []))
    assert "24 of 48 (50 %)" in text and "local: figures of 2026-11-21T09:00:00Z\n" in text


def test_nothing_is_said_in_words():
    assert table.render(report([], [])) == (
        f"{samples.AT}: 0 clusters, 0 projects, 0 workspaces, 0 instances. No workspace is nearly full.\n\nThere is no workspace.\n")


@pytest.mark.parametrize(("text", "places"), [("abc", 3), ("开票", 4), ("ｆｕ", 4), ("ｱ", 1), ("한글", 4), ("é", 1), ("e\u0301", 1), ("a\u20dd", 1), ("", 0)])
def test_wide_letters_take_two_places(text, places):
    assert table.width(text) == places


def test_columns_stand_below_each_other_whatever_the_letters():
    lines = table.grid(("NAME", "N", "X"), [("开票系统", 7, "x"), ("a", 1200, "y"), ("", 3, "z")], right=(1,))
    assert lines == ["NAME         N  X", "开票系统     7  x", "a         1200  y", "             3  z"]


def test_a_name_cannot_move_the_terminal():
    text = table.render(samples.hostile())
    assert all(line.isprintable() for line in text.splitlines()) and "\x1b" not in text
    assert table.plain("a\x1b[31mb\n c\u202e") == "a?[31mb c?"
    assert len(text.splitlines()) == len(table.render(report(*samples.few())).splitlines()) + 3


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9), st.integers()), max_size=6))
def test_any_text_makes_an_even_table(rows):
    lines = table.grid(("A", "B", "C"), rows, right=(2,))
    assert len(lines) == len(rows) + 1 and len({table.width(line) for line in lines}) == 1 and all(line.isprintable() for line in lines)


def test_many_are_quick_and_each_has_a_line():
    assert len(table.render(report(*samples.many())).splitlines()) == 500 + 12
