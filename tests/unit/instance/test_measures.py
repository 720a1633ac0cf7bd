# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change carries out before Helm, against a cluster that only remembers: order, repetition, waiting, and nothing lost."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InstanceError, Interrupted
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import Request
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes import _measures
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes._immutable import Replacement
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes._volumes import Growth

REQUEST = Request(name="orders", namespace="shop", wait_timeout=60)
SET = Replacement("apps/v1", "StatefulSet", "orders", "shop", "set-1", orphan=True)
GROWTH = Growth("data-orders-0", "1Gi", "2Gi")


class Kube:
    """Objects by kind; patches, deletions and what was asked are remembered. status: of the claims, step by step."""

    def __init__(self, status=()):
        self.steps, self.status, self.sets = [], list(status), {"orders": {"metadata": {"name": "orders", "uid": "set-1"}}}
        self.pods = [{"metadata": {"name": "orders-0", "uid": "p0", "ownerReferences": [{"uid": "set-1", "controller": True}]}}]

    def patch(self, _api, kind, name, _namespace, body, **_more):
        self.steps.append(("patch", kind, name, body["spec"]["resources"]["requests"]["storage"]))

    def delete(self, _api, kind, name, _namespace, uid=None, propagation="Background"):
        self.steps.append(("delete", kind, name, uid, propagation))
        self.sets.pop(name, None)
        self.pods[0]["metadata"]["ownerReferences"] = []

    def get(self, _api, _kind, name, _namespace, metadata_only=False):
        return self.sets.get(name)

    def list(self, _api, kind, _namespace, metadata_only=False):
        if kind == "Pod":
            return self.pods
        status = self.status.pop(0) if len(self.status) > 1 else (self.status or [{}])[0]
        return [{"metadata": {"name": "data-orders-0"}, "status": status}]


class Time:
    """A clock that every look moves on."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.4
        return self.now


@pytest.fixture
def ctx():
    said = []
    context = Context(clock=Time(), progress=said.append)
    context.stopping.wait = lambda _seconds: context.stopping.is_set()
    context.said = said
    return context


def run(kube, measures, ctx, inside=lambda: None, request=REQUEST):
    with _measures.around(kube, request, measures, ctx.progress, ctx):
        kube.steps.append("change")
        inside()


def test_claims_first_then_the_set_then_the_change(ctx):
    kube = Kube([{"capacity": {"storage": "1Gi"}, "conditions": [{"type": "Resizing", "status": "True"}]}, {"capacity": {"storage": "2Gi"}}])

    def adopt():
        kube.pods[0]["metadata"]["ownerReferences"] = [{"uid": "set-2", "controller": True}]

    run(kube, _measures.Measures((GROWTH,), (SET,)), ctx, adopt)
    assert kube.steps == [
        ("patch", "PersistentVolumeClaim", "data-orders-0", "2Gi"), ("delete", "StatefulSet", "orders", "set-1", "Orphan"), "change"]
    assert ctx.said == ["claim data-orders-0 grows from 1Gi to 2Gi", "volumes are larger: data-orders-0 (2Gi)", "replace StatefulSet orders, its pods stay"]
    assert not ctx.warnings


@pytest.mark.parametrize(("status", "said"), [
    ({"conditions": [{"type": "FileSystemResizePending", "status": "True"}]}, "Claims that grow when their pods restart: data-orders-0 (2Gi)"),
    ({"capacity": {"storage": "1Gi"}}, "nobody has begun to make them larger within"),
    ({"conditions": [{"type": "Resizing", "status": "True"}]}, "Claims that are still growing after 6"),
])
def test_a_growth_that_takes_its_time_is_told_and_hinders_nothing(ctx, status, said):
    kube = Kube([status])
    run(kube, _measures.Measures((GROWTH,)), ctx)
    assert kube.steps[-1] == "change"
    assert len(ctx.warnings) == 1 and said in ctx.warnings[0]


def test_a_growth_that_cannot_be_stops_before_the_set_is_touched(ctx):
    kube = Kube([{"allocatedResourceStatuses": {"storage": "ControllerResizeInfeasible"}}])
    with pytest.raises(InstanceError, match="The storage cannot make data-orders-0 larger"):
        run(kube, _measures.Measures((GROWTH,), (SET,)), ctx)
    assert kube.steps == [("patch", "PersistentVolumeClaim", "data-orders-0", "2Gi")] and kube.sets


def test_without_waiting_nothing_is_looked_at(ctx):
    kube = Kube()
    run(kube, _measures.Measures((GROWTH,)), ctx, request=Request(name="orders", namespace="shop", wait=False))
    assert kube.steps[-1] == "change" and not ctx.warnings


def test_a_run_that_was_stopped_does_not_begin(ctx):
    kube = Kube()
    ctx.stopping.set()
    with pytest.raises(Interrupted):
        run(kube, _measures.Measures((), (SET,)), ctx)
    assert kube.steps == []


def test_pods_that_nobody_takes_over_are_named(ctx):
    run(Kube(), _measures.Measures((), (SET,)), ctx)
    assert "has not taken over orders-0" in ctx.warnings[0]


def test_a_failing_change_is_passed_on(ctx):
    def fail():
        raise ValueError

    with pytest.raises(ValueError):
        run(Kube(), _measures.Measures((), (SET,)), ctx, fail)
    assert not ctx.warnings


def test_check_mode_says_the_same_as_is_done():
    measures = _measures.Measures((GROWTH,), (SET, Replacement("batch/v1", "Job", "init", "shop", "j", orphan=False)))
    assert measures.actions == [
        "grow claim data-orders-0 from 1Gi to 2Gi", "replace StatefulSet orders, its pods stay", "replace Job init, which has ended"]
    assert measures.with_replacements([SET]) == measures


def test_a_claim_of_the_chart_is_applied_as_large_as_it_is():
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "own"}, "spec": {"accessModes": ["x"], "resources": {"requests": {"storage": "1Gi"}}}}
    sized = _measures.Measures(sizes={"own": "2Gi"}).sized(claim)
    assert sized["spec"] == {"accessModes": ["x"], "resources": {"requests": {"storage": "2Gi"}}}
    assert _measures.Measures().sized(claim) is claim
