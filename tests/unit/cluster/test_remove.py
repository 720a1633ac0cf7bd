# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cluster that nobody can ask any more: what is said, and when it may go nevertheless."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _record, _remove
from ansible_collections.acmp.middleware.plugins.module_utils.cluster._plan import Request
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, InputError, NotFound, Unauthorized

RECORD = {"metadata": {"name": "east", "uid": "uid-east"}, "status": {"instances": {"count": 1, "observedAt": "2026-01-01T00:00:00Z"}}}


@pytest.mark.parametrize(("error", "todo"), [
    (ConnectionFailed("no answer"), "run again when it answers"), (NotFound("the credential is gone"), "give cluster_kubeconfig to look there with"),
    (Unauthorized("not accepted"), "give cluster_kubeconfig to look there with"),
])
def test_the_way_on_fits_the_reason(error, todo):
    with pytest.raises(ConnectionFailed, match=r"Known of it last \(2026-01-01T00:00:00Z\): shop/db") as caught:
        _remove._check_lost(Request("east"), RECORD, ["shop/db"], error)
    assert caught.value.todo == f"{todo}, or set unreachable: true to forget a cluster that is gone for good"


def test_instances_that_were_there_ask_for_the_name():
    error = ConnectionFailed("no answer")
    with pytest.raises(InputError, match="say confirm: east"):
        _remove._check_lost(Request("east", unreachable=True, confirm="eas"), RECORD, ["shop/db"], error)
    # Also where only their number is known.
    with pytest.raises(InputError, match=": 1 instances. .*say confirm: east"):
        _remove._check_lost(Request("east", unreachable=True), RECORD, [], error)
    _remove._check_lost(Request("east", unreachable=True, confirm="east"), RECORD, ["shop/db"], error)
    _remove._check_lost(Request("east", unreachable=True), {}, [], error)


class Home:
    """A management cluster that remembers what is written."""

    def __init__(self):
        self.maps, self.status = {}, {}

    def apply(self, obj):
        self.maps[obj["metadata"]["namespace"], obj["metadata"]["name"]] = obj

    def patch_status(self, _api, _kind, _name, _namespace, status):
        self.status = status

    def get(self, _api, _kind, name, namespace):
        return self.maps.get((namespace, name))


def test_names_of_instances_are_for_managers_alone():
    home = Home()
    _record.write_status(home, RECORD, {"phase": "Ready", "instances": {"count": 2, "names": ["shop/db", "a/b"], "observedAt": "now"}})
    assert home.status == {"phase": "Ready", "instances": {"count": 2, "names": None, "observedAt": "now"}}
    assert list(home.maps) == [("acmp-system", "acmp-instances-east")] and _record.last_names(home, RECORD) == ["shop/db", "a/b"]
    noted = next(iter(home.maps.values()))
    assert noted["metadata"]["ownerReferences"] == [{"apiVersion": "operators.apusic.com/v1alpha1", "kind": "Cluster", "name": "east", "uid": "uid-east"}]
    home.maps.clear()
    assert _record.last_names(home, RECORD) == []
    # What an older version recorded, and what was not measured.
    assert _record.last_names(home, {**RECORD, "status": {"instances": {"names": ["shop/db"]}}}) == ["shop/db"]
    _record.write_status(home, RECORD, {"phase": "Unreachable", "message": "no answer"})
    assert home.status == {"phase": "Unreachable", "message": "no answer"} and not home.maps
