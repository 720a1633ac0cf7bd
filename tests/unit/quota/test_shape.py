# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a quota and limits may say, and when two of them mean the same."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.quota import shape
from hypothesis import given
from hypothesis import strategies as st

FULL = {
    "requests.cpu": 4, "limits.cpu": "8", "requests.memory": "8Gi", "limits.memory": "16Gi", "requests.storage": "100Gi", "requests.ephemeral-storage": "0.1Gi",
    "fast.storageclass.storage.k8s.io/requests.storage": "20Gi", "fast.storageclass.storage.k8s.io/persistentvolumeclaims": 2, "persistentvolumeclaims": 10,
    "pods": "30", "services": 5, "services.loadbalancers": 1, "requests.nvidia.com/gpu": 1, "count/jobs.batch": 20, "requests.hugepages-2Mi": "64Mi",
    "gpu.deviceclass.resource.k8s.io/devices": 2,
}


def test_all_that_the_manual_asks_for_is_taken_without_a_word():
    assert shape.check_hard(FULL) == []


@pytest.mark.parametrize(("hard", "key", "said"), [
    ({"requests.cpu": "abc"}, "requests.cpu", "no quantity"),
    ({"requests.memory": "8GB"}, "requests.memory", "did you mean 8G or 8Gi"),
    ({"requests.memory": "512m"}, "requests.memory", "did you mean 512Mi"),
    ({"pods": -1}, "pods", "negative"),
    ({"pods": "1.5"}, "pods", "whole number of things"),
    ({"count/jobs.batch": "0.5"}, "count/jobs.batch", "whole number"),
    ({"requests.nvidia.com/gpu": "1500m"}, "requests.nvidia.com/gpu", "whole number"),
    ({"requests.cpu": "8Gi"}, "requests.cpu", "absurd"),
    ({"pods": "10G"}, "pods", "absurd"),
    ({"requests.memory": "9Ei"}, "requests.memory", "absurd"),
    ({"requests.memory": "1e64"}, "requests.memory", "absurd"),
    ({"requests.memory": True}, "requests.memory", "no quantity"),
    ({"requests.memory": None}, "requests.memory", "no quantity"),
    ({"requests.cpu": 2, "limits.cpu": "1900m"}, "limits.cpu", "less than requests.cpu 2"),
    ({"memory": "2Gi", "limits.memory": "2G"}, "limits.memory", "less than memory 2Gi"),
])
def test_what_cannot_be_meant_is_refused_by_place_and_key(hard, key, said):
    with pytest.raises(InputError) as caught:
        shape.check_hard(hard, "workspaces.yml line 7, shop")
    assert caught.value.where == f"workspaces.yml line 7, shop, {key}"
    assert said in caught.value.message


@pytest.mark.parametrize("hard", [None, [], "pods"])
def test_no_mapping_is_refused(hard):
    with pytest.raises(InputError, match="no mapping"):
        shape.check_hard(hard)


@pytest.mark.parametrize(("key", "said"), [
    ("request.cpu", '"requests.cpu"'), ("pod", '"pods"'), ("loadbalancers", "services.loadbalancers"), ("nvidia.com/gpu", "requests.nvidia.com/gpu"),
    ("limits.nvidia.com/gpu", "requests.nvidia.com/gpu"), ("fast.storageclass.storage.k8s.io/storage", "requests.storage"),
])
def test_a_key_that_counts_nothing_is_warned_of(key, said):
    [warning] = shape.check_hard({key: 1})
    assert said in warning


def test_a_missing_unit_is_warned_of():
    assert shape.check_hard({"requests.memory": 64}) == ["hard, requests.memory: 64 is only 64 bytes. Is a unit missing, such as 64Gi?"]
    assert shape.check_hard({"requests.memory": 0}) == []


CONTAINER = {"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "0.1"}, "max": {"cpu": 2}, "min": {"cpu": "10m"},
             "maxLimitRequestRatio": {"cpu": 10}}


def test_good_limits():
    shape.check_limits([CONTAINER, {"type": "Pod", "max": {"memory": "4Gi"}}, {"type": "PersistentVolumeClaim", "min": {"storage": "1Gi"}}])
    shape.check_limits([{"type": "openshift.io/Image", "max": {"storage": "1Gi"}}])
    shape.check_limits([])


@pytest.mark.parametrize(("limits", "where", "said"), [
    ({}, "limits", "no list"),
    (["x"], "limits, item 1", "no mapping"),
    ([{"type": "container"}], "limits, item 1", 'did you mean "Container"'),
    ([CONTAINER, CONTAINER], "limits, item 2", "two items"),
    ([{"type": "Container", "defaults": {}}], "limits, item 1 (Container)", 'did you mean "default"'),
    ([{"type": "Container", "max": 4}], "limits, item 1 (Container), max", "no mapping"),
    ([{"type": "Container", "max": {"cpus": 4}}], "limits, item 1 (Container), max.cpus", 'did you mean "cpu"'),
    ([{"type": "Container", "max": {"cpu": "-1"}}], "limits, item 1 (Container), max.cpu", "negative"),
    ([{"type": "Container", "max": {"memory": "1Gb"}}], "limits, item 1 (Container), max.memory", "no quantity"),
    ([{"type": "Container", "default": {"cpu": 1}, "defaultRequest": {"cpu": 2}}], "limits, item 1 (Container), defaultRequest.cpu", "more than default 1"),
    ([{"type": "Container", "max": {"cpu": 1}, "defaultRequest": {"cpu": 2}}], "limits, item 1 (Container), defaultRequest.cpu", "more than max 1"),
    ([{"type": "Container", "default": {"cpu": 1}, "min": {"cpu": 2}}], "limits, item 1 (Container), min.cpu", "more than default 1"),
    ([{"type": "Container", "max": 0}], "limits, item 1 (Container), max", "no mapping"),
    ([{"type": "Container", "max": {"memory": "1Gi"}, "min": {"memory": "2Gi"}}], "limits, item 1 (Container), min.memory", "min 2Gi is more than"),
    ([{"type": "Container", "default": {"cpu": 3}, "max": {"cpu": 2}}], "limits, item 1 (Container), default.cpu", "more than max 2"),
    ([{"type": "Container", "default": {"cpu": "10m"}, "min": {"cpu": 1}}], "limits, item 1 (Container), min.cpu", "more than"),
    ([{"type": "Container", "maxLimitRequestRatio": {"cpu": "0.5"}}], "limits, item 1 (Container), maxLimitRequestRatio.cpu", "at least 1"),
    ([{"type": "Pod", "min": {"cpu": 1}, "max": {"cpu": 2}, "maxLimitRequestRatio": {"cpu": 3}}], "limits, item 1 (Pod), maxLimitRequestRatio.cpu", "is 2"),
    ([{"type": "Pod", "default": {"cpu": 1}}], "limits, item 1 (Pod), default", "its containers"),
    ([{"type": "PersistentVolumeClaim"}], "limits, item 1 (PersistentVolumeClaim)", "minimum or maximum"),
    ([{"type": "PersistentVolumeClaim", "max": {"cpu": 1}}], "limits, item 1 (PersistentVolumeClaim), max.cpu", "storage"),
])
def test_limits_that_cannot_be_meant(limits, where, said):
    with pytest.raises(InputError) as caught:
        shape.check_limits(limits)
    assert caught.value.where == where
    assert said in caught.value.message


def test_scopes():
    shape.check_scopes(["NotBestEffort"], [{"scopeName": "PriorityClass", "operator": "Exists"}])
    with pytest.raises(InputError, match="NotBestEffort"):
        shape.check_scopes(["NotBestEfort"], [])
    with pytest.raises(InputError, match="at once"):
        shape.check_scopes(["Terminating"], [{"scopeName": "NotTerminating", "operator": "Exists"}])


def test_objects_carry_canonical_text_and_the_label():
    quota = shape.resource_quota("acmp", "shop", {"pods": 30, "requests.cpu": 1.5}, ["NotBestEffort"], [{"scopeName": "PriorityClass", "operator": "Exists"}])
    assert quota["metadata"] == {"name": "acmp", "namespace": "shop", "labels": {"app.kubernetes.io/part-of": "acmp"}}
    assert quota["spec"]["hard"] == {"pods": "30", "requests.cpu": "1500m"}
    assert quota["spec"]["scopes"] == ["NotBestEffort"]
    assert shape.limit_range("acmp", "shop", [{"type": "Pod", "max": {"cpu": 2}}])["spec"] == {"limits": [{"type": "Pod", "max": {"cpu": "2"}}]}


def live(obj, **spec):
    return {**obj, "metadata": {**obj["metadata"], "uid": "1"}, "spec": {**obj["spec"], **spec}}


@pytest.mark.parametrize(("one", "other", "same"), [
    ({"pods": "1k"}, {"pods": 1000}, True),
    ({"requests.cpu": "1500m"}, {"requests.cpu": 1.5}, True),
    # As the API server rounds: thousandths, upwards.
    ({"requests.cpu": "1m"}, {"requests.cpu": "0.0001"}, True),
    ({"requests.memory": "1Gi"}, {"requests.memory": "1073741824"}, True),
    ({"requests.memory": "1Gi"}, {"requests.memory": "1G"}, False),
    ({"pods": "1"}, {"pods": 1, "services": 1}, False),
])
def test_quotas_are_compared_by_value(one, other, same):
    assert shape.equal(live(shape.resource_quota("a", "b", one)), shape.resource_quota("a", "b", other)) is same


def test_scopes_and_labels_count():
    plain = shape.resource_quota("a", "b", {"pods": 1})
    scoped = shape.resource_quota("a", "b", {"pods": 1}, ["Terminating"])
    # A plain scope and one of a selector that asks for no more than that are the same.
    selected = shape.resource_quota("a", "b", {"pods": 1}, None, [{"scopeName": "Terminating", "operator": "Exists"}])
    assert not shape.equal(plain, scoped)
    assert shape.equal(scoped, selected)
    assert not shape.equal({**plain, "metadata": {"name": "a", "labels": {"x": "y"}}}, plain)
    assert shape.equal({**plain, "metadata": {"name": "a", "labels": {"x": "y", **plain["metadata"]["labels"]}}}, plain)


def test_what_the_api_server_adds_to_limits_is_no_difference():
    wanted = shape.limit_range("a", "b", [{"type": "Container", "max": {"cpu": 2}, "min": {"memory": "1Mi"}}, {"type": "Pod", "max": {"cpu": 4}}])
    stored = live(wanted, limits=[
        {"type": "Pod", "max": {"cpu": "4"}},
        {"type": "Container", "max": {"cpu": "2"}, "min": {"memory": "1Mi"}, "default": {"cpu": "2"}, "defaultRequest": {"cpu": "2", "memory": "1Mi"}},
    ])
    assert shape.equal(stored, wanted)
    assert not shape.equal(stored, shape.limit_range("a", "b", [{"type": "Container", "max": {"cpu": 2}}, {"type": "Pod", "max": {"cpu": 4}}]))


def test_every_amount_that_cannot_be_meant_is_named():
    with pytest.raises(InputError) as caught:
        shape.check_hard({"requests.memory": "8GB", "pods": 2, "limits.cpu": -1}, "shop.quota")
    assert caught.value.what == 'requests.memory: "8GB" is no quantity (did you mean 8G or 8Gi?); limits.cpu: -1 is negative (give 0 or more)'
    assert caught.value.where == "shop.quota, requests.memory, limits.cpu"


def test_the_form_of_a_workspace_in_a_template_is_named():
    with pytest.raises(InputError, match=r'stand in template.quota itself, not in "hard" below it'):
        shape.check_hard({"hard": {"pods": "1"}}, "template.quota")


@given(st.dictionaries(st.sampled_from(sorted(FULL)), st.text(max_size=6) | st.integers() | st.floats() | st.none() | st.booleans()))
def test_whatever_is_given_ends_in_a_quota_or_a_sentence(hard):
    try:
        shape.check_hard(hard)
    except InputError as error:
        assert error.where.startswith("hard, ")
    else:
        quota = shape.resource_quota("a", "b", hard)
        assert shape.equal(quota, quota)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["type", "min", "max", "default", "cpu", "x"]) | st.text(max_size=3), inner | st.sampled_from(["Container", "Pod"]), max_size=3)))
def test_limits_of_any_form_end_in_a_sentence(limits):
    try:
        shape.check_limits(limits)
    except InputError as error:
        assert error.where.startswith("limits")
    else:
        assert shape.limit_range("a", "b", limits)
