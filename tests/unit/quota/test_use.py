# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is used, what a quota would break, what would fit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.quota import shape, use


def quota(hard, used=None, name="acmp", **spec):
    return {**shape.resource_quota(name, "shop", {}), "spec": {"hard": hard, **spec}, "status": {"used": used or {}}}


def pod(name="web-1", requests=None, limits=None, owner=None, annotations=None, status=None, init=None, **spec):
    container = {"name": "main", "resources": {**({"requests": requests} if requests else {}), **({"limits": limits} if limits else {})}}
    meta = {"name": name, "namespace": "shop", "annotations": annotations or {}, **(owner or {})}
    return {"metadata": meta, "spec": {"containers": [container], "initContainers": init or [], **spec}, "status": status or {"phase": "Running"}}


DEPLOYMENT = {"labels": {"pod-template-hash": "5d4"}, "ownerReferences": [{"kind": "ReplicaSet", "name": "web-5d4", "controller": True}]}
CPU = {"cpu": "100m"}


def test_shown():
    found = use.shown(quota({"pods": "30", "requests.cpu": "4", "services": "0", "secrets": "3"}, {"pods": "12", "requests.cpu": "2500m", "services": "0"}))
    assert found == {
        "name": "acmp", "hard": {"pods": "30", "requests.cpu": "4", "services": "0", "secrets": "3"},
        "used": {"pods": "12", "requests.cpu": "2500m", "services": "0"},
        "percent": {"pods": 40.0, "requests.cpu": 62.5, "services": None, "secrets": None}, "scopes": [], "managed": True,
    }


def test_shown_before_it_was_counted_and_by_others():
    other = {"metadata": {"name": "x", "namespace": "shop"}, "spec": {
        "scopes": ["NotBestEffort"], "scopeSelector": {"matchExpressions": [{"scopeName": "PriorityClass", "operator": "In", "values": ["b", "a"]}]}}}
    assert use.shown(other) == {"name": "x", "hard": {}, "used": {}, "percent": {}, "scopes": ["NotBestEffort", "PriorityClass In a, b"], "managed": False}
    assert use.shown(quota({"pods": "1e999"}, {"pods": "1"}))["percent"] == {"pods": None}


@pytest.mark.parametrize(("before", "used", "after", "expected"), [
    ({"pods": "30"}, {"pods": "12"}, {"pods": "10"}, [("pods", "12", "10")]),
    ({"pods": "30"}, {"pods": "12"}, {"pods": "12"}, []),
    ({"requests.memory": "8Gi"}, {"requests.memory": "4Gi"}, {"requests.memory": "4G"}, [("requests.memory", "4Gi", "4G")]),
    # It is over already, and gets more.
    ({"pods": "10"}, {"pods": "12"}, {"pods": "11"}, []),
    ({"pods": "10"}, {"pods": "12"}, {"pods": "10"}, []),
    ({"pods": "10"}, {"pods": "12"}, {"pods": "9"}, [("pods", "12", "9")]),
    ({}, {"pods": "12"}, {"pods": "9"}, [("pods", "12", "9")]),
    ({"pods": "30"}, {"pods": "12"}, {}, []),
])
def test_lowered(before, used, after, expected):
    assert use.lowered(quota(before, used), shape.resource_quota("acmp", "shop", after)) == expected


@pytest.mark.parametrize(("one", "hard", "limits", "said"), [
    (pod(), ["pods", "services"], [], []),
    (pod(), ["requests.cpu"], [], ["Pod web-1 (1 pod): container main has no requests.cpu, and no LimitRange gives a default"]),
    (pod(requests=CPU), ["requests.cpu", "cpu"], [], []),
    (pod(limits=CPU), ["requests.cpu", "limits.cpu"], [], []),
    (pod(requests=CPU), ["requests.cpu", "limits.cpu", "limits.memory"], [],
     ["Pod web-1 (1 pod): container main has no limits.cpu, limits.memory, and no LimitRange gives a default"]),
    (pod(), ["requests.ephemeral-storage", "requests.nvidia.com/gpu"], [], []),
    (pod(), ["limits.cpu"], [{"type": "Container", "default": {"cpu": "1"}}], []),
    (pod(), ["limits.cpu"], [{"type": "Container", "max": {"cpu": "1"}}], []),
    (pod(), ["requests.cpu"], [{"type": "Container", "max": {"cpu": "1"}}], []),
    (pod(), ["requests.cpu"], [{"type": "Container", "min": {"cpu": "1"}}], []),
    (pod(), ["requests.cpu"], [{"type": "Pod", "min": {"cpu": "1"}}],
     ["Pod web-1 (1 pod): container main has no requests.cpu, and no LimitRange gives a default",
      "Pod web-1 (1 pod): the pod has no requests.cpu, and the minimum is 1"]),
    (pod(requests=CPU), [], [{"type": "Pod", "max": {"cpu": "1"}}], ["Pod web-1 (1 pod): the pod has no limits.cpu, and the maximum is 1"]),
    (pod(), [], [{"type": "Pod", "max": {"cpu": "1"}}, {"type": "Container", "default": {"cpu": "2"}}],
     ["Pod web-1 (1 pod): the pod has limits.cpu 2, more than the maximum of 1"]),
    (pod(requests=CPU, limits={"cpu": "1"}), [], [{"type": "Container", "maxLimitRequestRatio": {"cpu": "9.9"}}],
     ["Pod web-1 (1 pod): container main has limits.cpu 1, more than 9.9 times its request of 100m"]),
    (pod(), [], [{"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}}],
     ["Pod web-1 (1 pod): container main has no requests.cpu or no limits.cpu, and their ratio is bounded"]),
    (pod(status={"phase": "Succeeded"}), ["requests.cpu"], [], []),
    (pod(requests=CPU, init=[{"name": "prepare"}]), ["requests.cpu"], [],
     ["Pod web-1 (1 pod): container prepare has no requests.cpu, and no LimitRange gives a default"]),
    (pod(resources={"requests": CPU}), ["requests.cpu"], [], []),
    (pod(requests={"cpu": "2"}), ["limits.cpu"], [{"type": "Container", "default": {"cpu": "1"}}],
     ["Pod web-1 (1 pod): container main requests 2 cpu, more than the default limit of 1"]),
    (pod(limits={"memory": "2Gi"}), [], [{"type": "Container", "max": {"memory": "1Gi"}}],
     ["Pod web-1 (1 pod): container main has limits.memory 2Gi, more than the maximum of 1Gi"]),
    (pod(requests=CPU), [], [{"type": "Container", "min": {"cpu": "1"}}],
     ["Pod web-1 (1 pod): container main has requests.cpu 100m, less than the minimum of 1"]),
])
def test_unfit_pods(one, hard, limits, said):
    assert use.unfit_pods([one], dict.fromkeys(hard, "1"), limits) == said


def test_a_workload_is_named_once():
    pods = [pod(f"web-5d4-{number}", owner=DEPLOYMENT) for number in range(3)] + [pod("job-x", owner={"ownerReferences": [
        {"kind": "Job", "name": "job", "controller": True}]})]
    assert use.unfit_pods(pods, ["cpu"], []) == [
        "Deployment web (3 pods): container main has no requests.cpu, and no LimitRange gives a default",
        "Job job (1 pod): container main has no requests.cpu, and no LimitRange gives a default",
    ]


def test_what_a_limit_range_gave_is_not_the_pods_own():
    said = "LimitRanger plugin set: cpu, memory request for container main; cpu limit for container main; cpu request for init container other"
    one = pod(requests={"cpu": "1", "memory": "1Gi"}, limits={"cpu": "1", "memory": "1Gi"}, annotations={"kubernetes.io/limit-ranger": said})
    assert use.unfit_pods([one], ["requests.cpu", "limits.cpu", "requests.memory", "limits.memory"], []) == [
        "Pod web-1 (1 pod): container main has no limits.cpu, requests.cpu, and no LimitRange gives a default"]
    # A default that changes is taken over by the next pod.
    assert use.unfit_pods([one], ["limits.cpu"], [{"type": "Container", "max": {"cpu": "500m"}}]) == []


def test_counted_as_the_quota_controller_does():
    pods = [
        pod(requests={"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}, limits={"cpu": "2", "nvidia.com/gpu": "1"}, overhead={"cpu": "250m"},
            init=[{"resources": {"requests": {"cpu": "3"}}}, {"restartPolicy": "Always", "resources": {"requests": {"cpu": "500m"}}}]),
        pod(status={"phase": "Failed"}, requests={"cpu": "9"}),
        pod(requests={"cpu": "1"}, resources={"requests": {"cpu": "4"}}),
    ]
    claims = [
        {"spec": {"resources": {"requests": {"storage": "1Gi"}}}}, {"spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "1500m"}}}},
    ]
    services = [{"spec": {"type": "LoadBalancer", "ports": [1, 2]}}, {"spec": {"type": "NodePort", "ports": [1]}}, {"spec": {}}]
    fast = "fast.storageclass.storage.k8s.io"
    keys = ["cpu", "requests.cpu", "limits.cpu", "memory", "pods", "requests.nvidia.com/gpu", "persistentvolumeclaims", "requests.storage",
            f"{fast}/requests.storage", f"{fast}/persistentvolumeclaims", "services", "services.loadbalancers", "services.nodeports", "count/jobs.batch"]
    assert use.counted(keys, pods, claims, services) == {
        "cpu": "7250m", "requests.cpu": "7250m", "limits.cpu": "2250m", "memory": "1Gi", "pods": "2", "requests.nvidia.com/gpu": "1",
        "persistentvolumeclaims": "2", "requests.storage": "1073741826", f"{fast}/requests.storage": "2", f"{fast}/persistentvolumeclaims": "1",
        "services": "3", "services.loadbalancers": "1", "services.nodeports": "3",
    }
    assert use.counted(["pods", "requests.cpu"], [], [], []) == {"pods": "0", "requests.cpu": "0"}


@pytest.mark.parametrize(("scope", "names"), [
    ({"scopeName": "Terminating", "operator": "Exists", "values": []}, "a"),
    ({"scopeName": "NotTerminating", "operator": "Exists", "values": []}, "bc"),
    ({"scopeName": "BestEffort", "operator": "Exists", "values": []}, "b"),
    ({"scopeName": "NotBestEffort", "operator": "Exists", "values": []}, "ac"),
    ({"scopeName": "PriorityClass", "operator": "Exists", "values": []}, "c"),
    ({"scopeName": "PriorityClass", "operator": "DoesNotExist", "values": []}, "ab"),
    ({"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}, "c"),
    ({"scopeName": "PriorityClass", "operator": "NotIn", "values": ["high"]}, "ab"),
])
def test_scopes(scope, names):
    pods = [
        pod("a", activeDeadlineSeconds=5, status={"phase": "Running", "qosClass": "Burstable"}),
        pod("b", status={"phase": "Running", "qosClass": "BestEffort"}),
        pod("c", priorityClassName="high", status={"phase": "Running", "qosClass": "Guaranteed"}),
    ]
    assert use.counted(["pods"], pods, [], [], [scope]) == {"pods": str(len(names))}


def test_suggestions():
    quotas = [
        use.shown(quota({"requests.cpu": "4", "requests.memory": "64Gi", "pods": "30", "services": "10"}, {
            "requests.cpu": "3800m", "requests.memory": "3Gi", "pods": "12", "services": "0"})),
        use.shown(quota({"pods": "13"}, {"pods": "12"}, name="other")),
        use.shown(quota({"pods": "1"}, {"pods": "1"}, name="scoped", scopes=["BestEffort"])),
    ]
    requested = {"requests.cpu": "3800m", "requests.memory": "3Gi", "limits.cpu": "8", "limits.memory": "0"}
    found = {entry["key"]: entry for entry in use.suggestions(quotas, requested, {"cpu": Fraction(9, 10), "memory": Fraction(5 * 2**30)})}
    assert found == {
        "requests.cpu": {"key": "requests.cpu", "hard": "4", "used": "3800m", "measured": "900m", "suggested": "5",
                         "reason": "nearly full; the pods use 900m of the 3800m they request"},
        # More is used than requested, and that is what counts.
        "requests.memory": {"key": "requests.memory", "hard": "64Gi", "used": "3Gi", "measured": "5Gi", "suggested": "6656Mi", "reason": "hardly used"},
        "limits.cpu": {"key": "limits.cpu", "hard": None, "used": "8", "measured": None, "suggested": "10", "reason": "not limited"},
        "pods": {"key": "pods", "hard": "13", "used": "12", "measured": None, "suggested": "15", "reason": "nearly full"},
    }


def test_nothing_is_suggested_where_it_fits():
    assert use.suggestions([use.shown(quota({"requests.cpu": "4"}, {"requests.cpu": "2"}))], {"requests.cpu": "2", "limits.cpu": "0"}) == []
    assert use.suggestions([], {"requests.cpu": "0"}) == []
