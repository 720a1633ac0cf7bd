# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import versions
from hypothesis import given
from hypothesis import strategies as st

# semver.org's own order, then real versions of public operators.
ASCENDING = [
    "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "v1.0.0", "1.0.1-0", "1.0.1",
    "1.1.3-v2.6.4.final", "1.1.3", "1.2.0", "1.10.0", "2.0.2-0", "2.0.2-1", "2.0.2-10", "2.0.2", "3.0.0-final", "3.0.0", "v10.0.0", "21.7.1",
]

numbers = st.integers(0, 10**9).map(str)
parts = st.lists(numbers | st.text("abzA-", min_size=1, max_size=4), min_size=1, max_size=3).map(".".join)
semver = st.builds(
    lambda core, pre, build: ".".join(core) + (f"-{pre}" if pre else "") + (f"+{build}" if build else ""),
    st.tuples(numbers, numbers, numbers), st.none() | parts, st.none() | parts)


def test_precedence():
    for lower, higher in itertools.combinations(ASCENDING, 2):
        assert versions.sort_key(lower) < versions.sort_key(higher), (lower, higher)
        assert not versions.same(lower, higher)
    assert sorted(reversed(ASCENDING), key=versions.sort_key) == ASCENDING
    assert versions.newest(ASCENDING[5:12]) == "1.1.3"


@pytest.mark.parametrize(("one", "other", "expected"), [
    ("v1.0.0", "1.0.0", True), ("1.0.0+x", "v1.0.0+y", True), ("1.0.0", " 1.0.0 ", True), ("1.0.0-a", "1.0.0-A", False),
    ("2.0.2-0", "2.0.2", False), ("V1.0.0", "1.0.0", True),
])
def test_same(one, other, expected):
    assert versions.same(one, other) is expected


@given(semver)
def test_every_semantic_version_is_read(text):
    assert str(versions.parse(text)) == text
    assert str(versions.parse("v" + text)) == text
    assert versions.same(text, "v" + text) and versions.same(text, text.partition("+")[0])


@given(semver, semver)
def test_order_is_the_one_of_the_library(one, other):
    left, right = (versions.parse(text).truncate("prerelease") for text in (one, other))
    assert (versions.sort_key(one) < versions.sort_key(other)) == (left < right)
    assert versions.same(one, other) == (left == right)


@pytest.mark.parametrize("text", [
    "1.10", "1", "", "latest", "vv1.0.0", "1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0 beta", "版本", "1.0.0-" + "a" * 200, "9" * 5000,
    "1.0.0\n1", "１.0.0",
])
def test_what_is_no_version(text):
    with pytest.raises(PackageError) as caught:
        versions.parse(text)
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("value", [1.10, 1, None, True, ["1.0.0"]])
def test_a_number_is_no_version(value):
    with pytest.raises(PackageError, match="not text"):
        versions.parse(value)


@given(st.text(max_size=20))
def test_any_text_is_a_version_or_a_package_error(text):
    try:
        versions.sort_key(text)
    except PackageError as error:
        assert error.todo
    versions.free_key(text)


def test_newest():
    assert versions.newest([]) is None
    assert versions.newest(["1.9.0", "v1.10.0", "1.2.0"]) == "v1.10.0"


def test_tags():
    assert versions.tags(["7.0", "8.0-rc1", "8.0", "v21.7.1", "7.0", "7.0.15", "7.2"]) == ("v21.7.1", "8.0", "8.0-rc1", "7.2", "7.0.15", "7.0")
    assert versions.tags([]) == ()
