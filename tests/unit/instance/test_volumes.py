# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which claims grow with a change, which refuse it, and which keep more than is asked."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes import _volumes
from hypothesis import given
from hypothesis import strategies as st

GROWING = {"metadata": {"name": "fast"}, "allowVolumeExpansion": True}
FIXED = {"metadata": {"name": "standard"}, "allowVolumeExpansion": False}


def claim(name, size, storage_class="fast", phase="Bound", **status):
    return {
        "kind": "PersistentVolumeClaim", "metadata": {"name": name},
        "spec": {"storageClassName": storage_class, "resources": {"requests": {"storage": size}}}, "status": {"phase": phase, **status},
    }


def stateful_set(size, name="orders", template="data"):
    templates = [{"metadata": {"name": template}, "spec": {"resources": {"requests": {"storage": size}}}}]
    return {"kind": "StatefulSet", "metadata": {"name": name}, "spec": {"volumeClaimTemplates": templates}}


def plan(objects, claims, live=(), classes=(GROWING, FIXED), changes=()):
    return _volumes.plan(objects, {item["metadata"]["name"]: item for item in live}, claims, classes, changes)


def test_each_claim_of_a_template_grows():
    found = plan([stateful_set("2Gi")], [claim("data-orders-1", "1Gi"), claim("data-orders-0", "1Gi"), claim("data-other-0", "1Gi")], [stateful_set("1Gi")])
    assert [item.action for item in found.growths] == ["grow claim data-orders-0 from 1Gi to 2Gi", "grow claim data-orders-1 from 1Gi to 2Gi"]
    assert not found.refusals and not found.sizes


def test_what_an_interrupted_run_has_grown_is_no_growth_any_more():
    found = plan([stateful_set("2Gi")], [claim("data-orders-0", "2Gi"), claim("data-orders-1", "1Gi")])
    assert [item.claim for item in found.growths] == ["data-orders-1"]
    assert plan([stateful_set("2Gi")], [claim("data-orders-0", "2048Mi")]) == _volumes.Volumes()


@pytest.mark.parametrize(("live", "classes", "said"), [
    (claim("data-orders-0", "1Gi", "standard"), (GROWING, FIXED), 'the storage class "standard" does not expand volumes (classes that do: fast)'),
    (claim("data-orders-0", "1Gi", "standard"), (FIXED,), "(classes that do: none)"),
    (claim("data-orders-0", "1Gi", "gone"), (GROWING,), 'the storage class "gone" does not exist any more'),
    (claim("data-orders-0", "1Gi", phase="Pending"), (GROWING,), "it is not bound to a volume yet"),
    ({**claim("data-orders-0", "1Gi"), "metadata": {"name": "data-orders-0", "deletionTimestamp": "now"}}, (GROWING,), "it is being deleted"),
])
def test_a_claim_that_cannot_grow(live, classes, said):
    found = plan([stateful_set("2Gi")], [live], [stateful_set("1Gi")], classes)
    assert not found.growths
    (refusal,) = found.refusals
    assert refusal.startswith("claim data-orders-0 cannot grow from 1Gi to 2Gi: ") and said in refusal


def test_claims_with_the_same_fault_are_named_together():
    claims = [claim(f"data-orders-{number}", "1Gi", "standard") for number in (0, 1)]
    assert plan([stateful_set("2Gi")], claims).refusals[0].startswith("claims data-orders-0, data-orders-1 cannot grow from 1Gi to 2Gi")
    smaller = plan([stateful_set("500Mi")], claims, [stateful_set("1Gi")]).refusals
    assert smaller == ("claims data-orders-0, data-orders-1 have 1Gi, and 500Mi is smaller: a volume never shrinks; say 1Gi or more",)


def test_classes_that_may_not_be_listed_are_left_to_the_api_server():
    assert plan([stateful_set("2Gi")], [claim("data-orders-0", "1Gi")], classes=None).growths


def test_larger_than_an_unchanged_template_is_no_fault():
    # It grew in a change that was undone.
    assert plan([stateful_set("1Gi")], [claim("data-orders-0", "2Gi")], [stateful_set("1Gi")]) == _volumes.Volumes()


def test_a_smaller_template_without_claims_is_no_fault():
    assert plan([stateful_set("1Gi")], [], [stateful_set("2Gi")]) == _volumes.Volumes()


def test_a_claim_of_the_chart_keeps_its_size_unless_less_was_asked():
    objects, claims = [claim("own", "1Gi")], [claim("own", "2Gi")]
    kept = plan(objects, claims, changes=[{"path": "replicas", "before": 1, "after": 2}])
    assert kept.sizes == {"own": "2Gi"} and not kept.refusals
    asked = plan(objects, claims, changes=[{"path": "size", "before": "2Gi", "after": "1024Mi"}])
    assert asked.refusals == ("claim own has 2Gi, and 1Gi is smaller: a volume never shrinks; say 2Gi or more",)


@given(st.integers(1, 2**40), st.integers(1, 2**40))
def test_growths_only_grow(have, size):
    found = plan([stateful_set(str(size)), claim("own", str(size))], [claim("data-orders-0", str(have)), claim("own", str(have))], [stateful_set(str(have))])
    assert {item.claim for item in found.growths} == ({"own", "data-orders-0"} if size > have else set())
    assert bool(found.refusals) == (size < have)
    assert found.sizes == ({"own": str(have)} if size < have else {})


@pytest.mark.parametrize(("status", "state"), [
    ({"capacity": {"storage": "2Gi"}}, "done"),
    ({"capacity": {"storage": "3Gi"}}, "done"),
    ({"capacity": {"storage": "1Gi"}}, "quiet"),
    ({}, "quiet"),
    ({"conditions": [{"type": "Resizing", "status": "True"}]}, "running"),
    ({"allocatedResources": {"storage": "2Gi"}}, "running"),
    ({"allocatedResourceStatuses": {"storage": "ControllerResizeInProgress"}}, "running"),
    ({"conditions": [{"type": "FileSystemResizePending", "status": "True"}]}, "restart"),
    ({"allocatedResourceStatuses": {"storage": "NodeResizePending"}}, "restart"),
    ({"allocatedResourceStatuses": {"storage": "ControllerResizeInfeasible"}}, "infeasible"),
    ({"allocatedResourceStatuses": {"storage": "NodeResizeInfeasible"}}, "infeasible"),
])
def test_how_far_a_growth_is(status, state):
    assert _volumes.state({"status": status}, "2Gi") == state


def test_claims_of_a_template_and_not_of_a_longer_name():
    assert _volumes.claims_of(stateful_set("1Gi"), ["data-orders-10", "data-orders-2", "data-orders-db-0", "data-orders-x", "xdata-orders-0"]) == {
        "data": ["data-orders-2", "data-orders-10"]}


def test_what_stays_larger_when_going_back():
    claims = [claim("own", "2Gi"), claim("data-orders-0", "3Gi"), claim("data-orders-1", "1Gi")]
    objects = [claim("own", "1Gi"), stateful_set("1Gi")]
    assert _volumes.larger(objects, claims) == {"own": "2Gi"}
    assert _volumes.above(objects, claims) == {"data-orders-0": "3Gi"}


def test_objects_without_claims_cost_nothing():
    assert not _volumes.concerned([{"kind": kind, "metadata": {"name": "x"}, "spec": {}} for kind in ("Deployment", "StatefulSet")])
    assert _volumes.concerned([stateful_set("1Gi")]) and _volumes.concerned([claim("own", "1Gi")])
