# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of the upgrade graph."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package.upgrade import follows, in_range, path, skips, version_of
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(("text", "version", "expected"), [
    (">=1.0.0 <1.2.0", "1.0.0", True), (">=1.0.0 <1.2.0", "1.2.0", False), (">=1.0.0 <1.2.0", "v1.1.9", True),
    (">=1.0.0 <1.2.0", "1.1.3-v2.6.4.final", True), (">=1.0.0 <1.2.0", "1.2.0-rc1", True), (">=1.0.0 <1.2.0", "1.0.0-rc1", False),
    ("<1.0.0 || >=2.0.0", "2.1.0", True), ("<1.0.0 || >=2.0.0", "1.1.0", False), ("1.0.0", "1.0.0", True), ("!=1.0.0", "1.0.0", False),
    (">= 1.0.0  <2.0.0", "1.5.0", True),
])
def test_in_range(text, version, expected):
    assert in_range(text, version) is expected


@pytest.mark.parametrize("text", ["^1\\.0\\..*$", "newer", ">=1.0.0 <", "", "||"])
def test_what_is_no_range_is_named(text):
    with pytest.raises(PackageError, match="no range"):
        in_range(text, "1.0.0")


@pytest.mark.parametrize(("upgrade", "version", "expected"), [
    ({"replaces": "1.0.0"}, "v1.0.0", True), ({"replaces": "redis.v1.0.0"}, "1.0.0", True), ({"replaces": "1.0.0"}, "1.0.1", False),
    ({"skips": ["1.0.0", "1.0.1"]}, "1.0.1", True), ({"skipRange": ">=1.0.0 <1.1.0"}, "1.0.5", True), ({}, "1.0.0", False),
    ({"replaces": "", "skips": []}, "1.0.0", False),
])
def test_follows(upgrade, version, expected):
    assert follows(upgrade, version) is expected


@pytest.mark.parametrize(("upgrade", "expected"), [
    ({"skips": ["1.0.0"], "skipsSemantics": "olm"}, True), ({"skips": ["1.0.0"], "skipsSemantics": "osc"}, False),
    ({"skips": ["1.0.0"], "replaces": "1.0.0", "skipRange": "<2.0.0", "skipsSemantics": "osc"}, False), ({"replaces": "1.0.0", "skipsSemantics": "osc"}, True),
])
def test_skips_mean_two_things(upgrade, expected):
    assert follows(upgrade, "1.0.0") is expected and skips(upgrade, "v1.0.0") is bool(upgrade.get("skips"))


@pytest.mark.parametrize(("name", "version"), [("1.0.0", "1.0.0"), ("redis.v1.0.0", "v1.0.0"), ("redis.1.0.0-rc1", "1.0.0-rc1"), ("older", ""), ("", "")])
def test_version_of(name, version):
    assert version_of(name) == version


CHAIN = {"1.0.0": None, "1.1.0": {"replaces": "1.0.0"}, "1.2.0": {"replaces": "redis.v1.1.0"}, "1.3.0": {"replaces": "1.2.0", "skipRange": ">=1.1.0 <1.3.0"}}
# The parent format's own example: a deployed 0.0.2 goes back to 0.0.1 first.
OSC = {"0.0.1": {}, "0.0.2": {"replaces": "0.0.1"}, "0.0.5": {"replaces": "0.0.1", "skips": ["0.0.2"], "skipsSemantics": "osc"}}


@pytest.mark.parametrize(("known", "start", "end", "deleted", "expected"), [
    (CHAIN, "1.0.0", "1.2.0", (), ["1.1.0", "1.2.0"]), (CHAIN, "1.0.0", "1.3.0", (), ["1.1.0", "1.3.0"]), (CHAIN, "1.1.0", "1.3.0", (), ["1.3.0"]),
    (CHAIN, "v1.0.0", "1.0.0+x", (), []), (CHAIN, "1.2.0", "1.1.0", (), None), (CHAIN, "1.0.0", "2.0.0", (), None), (CHAIN, "0.9.0", "1.3.0", (), None),
    (CHAIN, "1.0.0", "1.3.0", ("1.1.0",), None), (CHAIN, "1.1.0", "1.3.0", ("1.1.0", "1.2.0"), ["1.3.0"]), (CHAIN, "1.1.0", "1.3.0", ("1.3.0",), None),
    ({"1.1.0": {"replaces": "1.0.0"}}, "1.0.0", "1.1.0", (), ["1.1.0"]),
    ({**CHAIN, "1.4.0": {"replaces": "1.2.0", "skips": ["1.1.0"]}}, "1.0.0", "1.2.0", (), None),
    ({**CHAIN, "1.4.0": {"replaces": "1.0.0", "skips": ["1.1.0", "1.2.0", "1.3.0"]}}, "1.0.0", "1.4.0", (), ["1.4.0"]),
    ({**CHAIN, "1.4.0": {"skips": ["1.1.0"]}}, "1.0.0", "1.1.0", (), ["1.1.0"]),
    (OSC, "0.0.1", "0.0.2", (), ["0.0.2"]), (OSC, "0.0.1", "0.0.5", (), ["0.0.5"]), (OSC, "0.0.2", "0.0.5", (), None),
    ({"1.0.0": {"replaces": "1.1.0"}, "1.1.0": {"replaces": "1.0.0"}}, "1.1.0", "1.0.0", (), None),
])
def test_paths(known, start, end, deleted, expected):
    assert path(known, start, end, deleted) == expected


def test_a_text_that_is_no_version_is_named():
    with pytest.raises(PackageError, match="not a semantic version"):
        path(CHAIN, "newest", "1.3.0")


VERSIONS = [f"1.{number}.0" for number in range(6)]
UPGRADES = st.fixed_dictionaries({}, optional={
    "replaces": st.sampled_from(VERSIONS), "skips": st.lists(st.sampled_from(VERSIONS), max_size=2), "skipsSemantics": st.sampled_from(["olm", "osc"]),
    "skipRange": st.sampled_from(["<1.3.0", ">=1.1.0 <1.4.0", "1.2.0"])})


def _sound(way: tuple, known: dict, start: str, deleted: set) -> bool:
    """The definition, word by word."""
    stops = way[:-1]
    upwards = all(one < other for one, other in itertools.pairwise((start, *way)))
    steps = all(follows(known[other], one) for one, other in itertools.pairwise((start, *way)))
    skipped = any(stop < later and skips(known[later], stop) for stop in stops for later in known)
    return upwards and steps and not skipped and not deleted & set(way)


ONE = st.sampled_from(VERSIONS)


@given(st.dictionaries(ONE, UPGRADES), ONE, ONE, st.sets(ONE, max_size=2))
def test_a_path_is_a_shortest_one_of_all_that_are_allowed(known, start, end, deleted):
    found = path(known, start, end, deleted)
    if start == end:
        assert found == []
        return
    others = [version for version in known if version not in (start, end)]
    ways = [(*stops, end) for length in range(len(others) + 1) for stops in itertools.combinations(sorted(others), length)] if end in known else []
    allowed = [way for way in ways if _sound(way, known, start, deleted)]
    assert (found is None) is (not allowed)
    if found is not None:
        assert tuple(found) in allowed and len(found) == min(map(len, allowed))
