# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Capacity, promises and use from nodes and pods as the API gives them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import measure
from ansible_collections.acmp.middleware.plugins.module_utils.kube import pods as pods_
from hypothesis import given
from hypothesis import strategies as st


def node(name="n1", ready=True, cordoned=False, version="v1.35.0", **allocatable):
    allocatable = allocatable or {"cpu": "4", "memory": "8Gi", "pods": "110", "hugepages-1Gi": "0"}
    return {
        "metadata": {"name": name}, "spec": {"unschedulable": True} if cordoned else {},
        "status": {
            "allocatable": allocatable, "nodeInfo": {"architecture": "amd64", "kubeletVersion": version},
            "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True" if ready else "Unknown"}],
        },
    }


def container(**more):
    requests = {key: more.pop(key) for key in ("cpu", "memory", "nvidia") if key in more}
    if "nvidia" in requests:
        requests["nvidia.com/gpu"] = requests.pop("nvidia")
    return {"name": "c", "resources": {"requests": requests}, **more}


def pod(*containers, on="n1", phase="Running", init=(), **spec):
    found = {"containers": list(containers), "initContainers": list(init), **spec}
    return {"metadata": {"name": "p"}, "spec": {**found, "nodeName": on} if on else found, "status": {"phase": phase}}


def amounts(**texts):
    return {name: Fraction(value) for name, value in texts.items()}


@pytest.mark.parametrize(("one", "expected"), [
    (pod(container(cpu="100m"), container(cpu="0.2")), {"cpu": Fraction(3, 10)}),
    # The start of a pod counts where it needs more at one moment.
    (pod(container(cpu="1"), init=[container(cpu="3"), container(cpu="2")]), {"cpu": Fraction(3)}),
    (pod(container(cpu="1"), init=[container(cpu="500m")]), {"cpu": Fraction(1)}),
    # A sidecar runs beside everything after it.
    (pod(container(cpu="1"), init=[container(cpu="1", restartPolicy="Always")]), {"cpu": Fraction(2)}),
    (pod(container(cpu="1"), init=[container(cpu="1", restartPolicy="Always"), container(cpu="3")]), {"cpu": Fraction(4)}),
    (pod(container(cpu="1"), init=[container(cpu="3"), container(cpu="1", restartPolicy="Always")]), {"cpu": Fraction(3)}),
    (pod(container(cpu="1"), overhead={"cpu": "250m", "memory": "1Ki"}), {"cpu": Fraction(5, 4), "memory": Fraction(1024)}),
    # Requests of the whole pod stand for those of its containers.
    (pod(container(cpu="1", memory="1Ki"), resources={"requests": {"cpu": "5"}}), {"cpu": Fraction(5), "memory": Fraction(1024)}),
    (pod(container()), {}), (pod({"name": "c"}), {}),
])
def test_what_a_pod_requests(one, expected):
    assert pods_.total(one, "requests") == expected


def test_a_cluster():
    nodes = [node(), node("n2", ready=False), node("n3", cordoned=True)]
    pods = [
        pod(container(cpu="1500m", memory="1Gi")), pod(container(cpu="1"), on="n2"), pod(container(cpu="9"), on=""), pod(container(cpu="9"), phase="Succeeded"),
        pod(container(cpu="9"), phase="Failed"), pod(container(memory="512Mi"), on="n3"),
    ]
    metrics = [{"metadata": {"name": "n1"}, "usage": {"cpu": "123456789n", "memory": "2048Ki"}}]
    claims = [{"spec": {"resources": {"requests": {"storage": "1Gi"}}}, "status": {"capacity": {"storage": "2Gi"}}}, {"spec": {}, "status": {}}]
    found = measure.capacity(nodes, pods, metrics, claims)
    assert found["nodes"] == {"ready": 2, "total": 3}
    assert found["resources"] == {
        "cpu": {"allocatable": "12", "requested": "2500m", "used": "124m", "free": "2500m"},
        "memory": {"allocatable": "24Gi", "requested": "1536Mi", "used": "2Mi", "free": "7Gi"},
        "pods": {"allocatable": "330", "requested": "3", "used": "3", "free": "109"},
        "storage": {"allocatable": None, "requested": "1Gi", "used": "2Gi", "free": None},
    }
    assert [(row["name"], row["ready"], row["schedulable"], row["resources"]["cpu"]["free"]) for row in found["perNode"]] == [
        ("n1", True, True, "2500m"), ("n2", False, True, "0"), ("n3", True, False, "0")]
    assert found["perNode"][1]["resources"]["memory"]["used"] is None and "storage" not in found["perNode"][0]["resources"]


def test_extended_resources_are_counted_and_those_that_nobody_has_left_out():
    found = measure.capacity([node(cpu="1", **{"nvidia.com/gpu": "2", "hugepages-2Mi": "64Mi"}), node("n2", cpu="1")], [pod(container(nvidia="1"))], None, None)
    assert found["resources"]["nvidia.com/gpu"] == {"allocatable": "2", "requested": "1", "used": None, "free": "1"}
    assert found["resources"]["hugepages-2Mi"]["allocatable"] == "64Mi" and "storage" not in found["resources"]
    assert "nvidia.com/gpu" not in found["perNode"][1]["resources"]
    assert "hugepages-1Gi" not in measure.capacity([node()], [], None, None)["resources"]


def test_what_may_not_be_read_is_not_guessed():
    found = measure.capacity([node()], None, None, None)
    assert found["resources"]["cpu"] == {"allocatable": "4", "requested": None, "used": None, "free": None}
    assert measure.capacity([], [], [], []) == {
        "resources": {"storage": {"allocatable": None, "requested": "0", "used": "0", "free": None}}, "nodes": {"ready": 0, "total": 0}, "perNode": []}


@given(st.lists(st.tuples(st.integers(1, 10**6), st.booleans(), st.booleans()), max_size=6), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10**6))))
def test_the_whole_is_the_sum_of_its_nodes(nodes, pods):
    made = [node(f"n{number}", ready, cordoned, cpu=f"{cpu}m") for number, (cpu, ready, cordoned) in enumerate(nodes)]
    found = measure.capacity(made, [pod(container(cpu=f"{cpu}m"), on=f"n{number}") for number, cpu in pods], None, None)
    from ansible_collections.acmp.middleware.plugins.module_utils.kube import quantities
    for key in ("allocatable", "requested", "free"):
        rows = [row["resources"]["cpu"][key] for row in found["perNode"]]
        if rows:
            assert quantities.parse(found["resources"]["cpu"][key]) == sum(map(quantities.parse, rows))
            assert all(quantities.parse(text) >= 0 for text in rows)


def test_storage_classes_have_the_default_first():
    classes = [
        {"metadata": {"name": "a"}, "provisioner": "p", "allowVolumeExpansion": True},
        {"metadata": {"name": "b", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}, "provisioner": "p", "reclaimPolicy": "Retain",
         "volumeBindingMode": "WaitForFirstConsumer"},
    ]
    found = measure.storage_classes(classes)
    assert [item["name"] for item in found] == ["b", "a"] and found[0]["default"] and not found[1]["default"]
    assert found[1] == {"name": "a", "provisioner": "p", "expansion": True, "default": False, "reclaimPolicy": "Delete", "bindingMode": "Immediate"}
