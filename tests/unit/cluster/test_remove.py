# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that nobody can ask any more: what is said, and when it may go nevertheless."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _remove
from ansible_collections.acmp.middleware.plugins.module_utils.cluster._plan import Request
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, InputError, NotFound, Unauthorized

RECORD = {"status": {"instances": {"count": 1, "names": ["shop/db"], "observedAt": "2026-01-01T00:00:00Z"}}}


@pytest.mark.parametrize(("error", "todo"), [
    (ConnectionFailed("no answer"), "run again when it answers"), (NotFound("the credential is gone"), "give cluster_kubeconfig to look there with"),
    (Unauthorized("not accepted"), "give cluster_kubeconfig to look there with"),
])
def test_the_way_on_fits_the_reason(error, todo):
    with pytest.raises(ConnectionFailed, match=r"Known of it last \(2026-01-01T00:00:00Z\): shop/db") as caught:
        _remove._check_lost(Request("east"), RECORD, error)
    assert caught.value.todo == f"{todo}, or set unreachable: true to forget a cluster that is gone for good"


def test_instances_that_were_there_ask_for_the_name():
    error = ConnectionFailed("no answer")
    with pytest.raises(InputError, match="say confirm: east"):
        _remove._check_lost(Request("east", unreachable=True, confirm="eas"), RECORD, error)
    _remove._check_lost(Request("east", unreachable=True, confirm="east"), RECORD, error)
    _remove._check_lost(Request("east", unreachable=True), {}, error)
