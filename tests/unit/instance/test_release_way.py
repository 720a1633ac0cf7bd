# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From every status Helm can leave behind, what heals it and whether it is installed or upgraded."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import Head
from ansible_collections.acmp.middleware.plugins.module_utils.instance.ways import _way


def heads(*statuses):
    return [Head(name="orders", namespace="shop", revision=number, status=status, secret=f"v{number}") for number, status in enumerate(statuses, 1)]


@pytest.mark.parametrize(("statuses", "expected"), [
    ((), ("", "install")),
    (("deployed",), ("", "upgrade")),
    (("superseded", "deployed"), ("", "upgrade")),
    (("pending-install",), ("forget", "install")),
    (("failed",), ("forget", "install")),
    (("deployed", "failed"), ("", "upgrade")),
    (("deployed", "pending-upgrade"), ("close", "upgrade")),
    (("superseded", "deployed", "pending-rollback"), ("close", "upgrade")),
    (("failed", "pending-install"), ("close", "upgrade")),
    (("uninstalling",), ("purge", "install")),
    (("superseded", "uninstalling"), ("purge", "install")),
    (("uninstalled",), ("purge", "install")),
])
def test_way(statuses, expected):
    assert _way.way(heads(*statuses)) == expected


@pytest.mark.parametrize("healing", ["forget", "close", "purge"])
def test_every_healing_has_a_sentence(healing):
    assert "orders" in _way.sentence(healing, heads("pending-install")[0]) or "pending-install" in _way.sentence(healing, heads("pending-install")[0])


def test_the_newest_revision_counts_whatever_the_order():
    assert _way.way(list(reversed(heads("deployed", "pending-upgrade")))) == ("close", "upgrade")
