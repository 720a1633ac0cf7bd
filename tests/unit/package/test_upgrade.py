# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Steps of the upgrade graph."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package.upgrade import follows, in_range


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
