# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which texts are recorded, and what is said about them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.config import overrides

NAMES = st.sampled_from(["one", "two"])
KEYS = st.sampled_from(["a", "b", "c"])
TEXTS = st.dictionaries(KEYS, st.none() | st.sampled_from(["", "x", "y\nz"]), max_size=3)
OVERRIDES = st.dictionaries(NAMES, TEXTS.filter(bool), max_size=2)


@given(OVERRIDES, NAMES, TEXTS, st.sets(KEYS), st.booleans())
def test_what_is_asked_is_recorded_and_asked_again_changes_nothing(recorded, name, given_texts, reset, replace):
    reset = reset - given_texts.keys()
    found = overrides.combined(recorded, name, given_texts, reset, replace)
    assert overrides.combined(found, name, given_texts, reset, replace) == found
    assert given_texts.items() <= found.get(name, {}).items()
    assert not reset & found.get(name, {}).keys()
    assert {key: texts for key, texts in found.items() if key != name} == {key: texts for key, texts in recorded.items() if key != name}
    assert all(found.values())
    if replace:
        assert found.get(name, {}) == given_texts


@given(OVERRIDES, OVERRIDES)
def test_everything_that_changes_is_said_once(before, after):
    pairs = overrides.changed(before, after)
    assert (pairs == []) == (before == after)
    assert len(overrides.actions(before, after)) == len(overrides.actions(before, after, {})) == len(pairs) == len(set(pairs))


@given(OVERRIDES, OVERRIDES, OVERRIDES)
def test_what_is_so_already_is_not_recorded(wanted, recorded, present):
    found = overrides.without_present(wanted, recorded, present)
    for name, texts in wanted.items():
        for key, text in texts.items():
            so = key not in recorded.get(name, {}) and present.get(name, {}).get(key) == text
            assert (key in found.get(name, {})) is not so
    assert all(found.values())


def test_sentences():
    before = {"m": {"kept": "1", "dropped": "1", "other": "1"}}
    after = {"m": {"kept": "1", "other": "2\n3\n", "gone": None, "new": "a\n", "own": "1\n9\n3\n"}}
    present = {"m": {"other": "1", "own": "1\n2\n3\n", "gone": "x"}}
    assert overrides.actions(before, after, present) == [
        "reset m/dropped to the package's", "take out m/gone", "add m/new: 1 line", "set m/other: 2 lines changed", "set m/own: 1 line changed"]
    assert overrides.actions(before, after)[-1] == "set m/own"


def test_long_texts_are_counted_quickly():
    one = "".join(f"{number}\n" for number in range(20000))
    assert overrides.lines_changed(one, one.replace("777\n", "x\n", 1)) == 1
    assert overrides.lines_changed(one, "".join(f"{number}y\n" for number in range(20000))) == 20000
    assert overrides.lines_changed("a\nb\n", "a\nx\nb\n") == 1
    assert overrides.lines_changed("a", "a") == 0
