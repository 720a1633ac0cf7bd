# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A broken pod of an earlier template goes, once its StatefulSet's controller has seen the present one; and no other pod does."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden
from ansible_collections.acmp.middleware.plugins.module_utils.instance.repair import _blocked

OWN = [{"kind": "StatefulSet", "name": "orders"}]


def pod(name, revision="old", reason="ImagePullBackOff", ready="False", owner="set"):
    state = {"waiting": {"reason": reason}} if ready == "False" else {"running": {}}
    return {
        "metadata": {
            "name": name, "uid": f"uid-{name}", "labels": {"controller-revision-hash": revision}, "ownerReferences": [{"uid": owner, "controller": True}]},
        "spec": {}, "status": {
            "phase": "Running", "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [{"name": "c", "ready": ready == "True", "state": state}]},
    }


class Kube:
    """seen: generations that the controller has observed, look by look."""

    def __init__(self, pods, seen=(2,)):
        self.pods, self.seen, self.deleted, self.asked = pods, list(seen), [], []

    def list(self, _api, kind, _namespace):
        self.asked.append(kind)
        if kind == "Pod":
            return self.pods
        observed = self.seen.pop(0) if len(self.seen) > 1 else self.seen[0]
        status = {"observedGeneration": observed, "updateRevision": "new" if observed == 2 else "old"}
        return [{"metadata": {"name": "orders", "uid": "set", "generation": 2}, "spec": {}, "status": status}]

    def delete(self, _api, kind, name, _namespace, uid=None):
        self.deleted.append((kind, name, uid))


@pytest.fixture
def ctx():
    context = Context()
    context.stopping.wait = lambda _seconds: False
    return context


def test_it_goes_once_the_template_was_seen(ctx):
    kube = Kube([pod("orders-1"), pod("orders-0", ready="True")], seen=(1, 1, 2))
    assert _blocked.unblock(kube, OWN, "shop", ctx) == ["orders-1"]
    assert kube.deleted == [("Pod", "orders-1", "uid-orders-1")]


@pytest.mark.parametrize("others", [
    [pod("orders-0", revision="new")], [pod("orders-0", reason="ContainerCreating")], [pod("web-1", owner="other")], [pod("orders-0", ready="True")],
])
def test_others_stay(ctx, others):
    kube = Kube(others)
    assert _blocked.unblock(kube, OWN, "shop", ctx) == [] and kube.deleted == []


def test_nothing_is_asked_where_there_is_no_stateful_set(ctx):
    kube = Kube([pod("orders-1")])
    assert _blocked.unblock(kube, [{"kind": "Deployment", "name": "orders"}], "shop", ctx) == [] and kube.asked == []
    healthy = Kube([pod("orders-1", ready="True")])
    _blocked.unblock(healthy, OWN, "shop", ctx)
    assert healthy.asked == ["Pod"]


def test_a_missing_right_hinders_nothing(ctx):
    kube = Kube([pod("orders-1")])

    def refuse(*_what, **_more):
        raise Forbidden("Not allowed to delete pods")

    kube.delete = refuse
    assert _blocked.unblock(kube, OWN, "shop", ctx) == []
