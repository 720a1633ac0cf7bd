# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A look at instances: which requests it takes, what belongs to whom, and what is said where nothing is found."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.look import _read, _space, answer, instances, table
from ansible_collections.acmp.middleware.plugins.module_utils.instance.places import Local

from . import samples
from .cluster import Kube, kind, look, owned


def test_the_usual_parts_and_what_they_cost():
    kube = Kube(*owned(), *owned("two"))
    found = look(kube)
    assert [[pod["name"] for pod in item["pods"]] for item in found] == [["one-5c-x"], ["two-5c-x"]]
    assert [(item["workloads"][0]["name"], item["endpoints"][0]["service"], item["phase"], item["age"]) for item in found] == [
        ("one", "one", "Ready", found[0]["age"]), ("two", "two", "Ready", found[0]["age"])]
    assert {what for _verb, what in kube.asked} == {"Instance", "Deployment", "ReplicaSet", "Pod", "Service", "Secret"} and len(kube.asked) == 6
    assert not {"events", "history", "logs", "parameters", "status"} & found[0].keys()


@pytest.mark.parametrize(("count", "parts"), [
    (1, instances.USUAL), (300, instances.USUAL), (300, ("workloads", "pods", "usage", "endpoints", "events", "history")),
])
def test_more_instances_are_no_more_requests(count, parts):
    kube = Kube(*[item for number in range(count) for item in owned(f"one{number}")])
    assert len(look(kube, parts=parts)) == count and len(kube.asked) <= 10


@pytest.mark.parametrize(("parts", "asked"), [
    (["workloads"], {"Deployment"}), (["release"], {"Deployment", "Secret"}), (["endpoints"], {"Deployment", "Service"}),
    (["pods"], {"Deployment", "ReplicaSet", "Pod"}), (["events"], {"Deployment", "Event", "Operation"}),
    (["history"], {"Deployment", "Operation", "InstanceRevision"}), ([], {"Deployment"}),
])
def test_each_part_costs_what_it_needs(parts, asked):
    kube = Kube(*owned())
    look(kube, parts=parts)
    assert {what for _verb, what in kube.asked} == asked | {"Instance"}


def test_records_alone_cost_one_request():
    kube = Kube(*owned())
    found = look(kube, live=False)
    assert len(kube.asked) == 1 and "pods" not in found[0] and found[0]["phase"] == "Ready"


@pytest.mark.parametrize(("inventory", "wanted"), [
    ([("Deployment", "one")], ["Deployment", "ReplicaSet", "Pod"]), ([("StatefulSet", "one"), ("ConfigMap", "c")], ["StatefulSet", "Pod"]),
    ([("CronJob", "one")], ["CronJob", "Job", "Pod"]), ([("ConfigMap", "c")], []), ([("Pod", "p")], ["Pod"]),
    # Whatever makes objects of its own kind, and what is not recorded yet.
    ([("Redis", "one")], ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet", "Pod"]),
    ([], ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet", "Pod"]),
])
def test_kinds_that_no_instance_has_are_not_listed(inventory, wanted):
    assert _read.kinds([samples.record(inventory=tuple(inventory))], "shop", {"pods"}) == wanted


def test_a_record_does_not_know_what_its_controllers_know():
    gone, late = Kube(*owned()), Kube(*owned())
    gone.objects = [item for item in gone.objects if item["kind"] != "Deployment"]
    late.objects[1]["status"]["readyReplicas"] = late.objects[1]["status"]["availableReplicas"] = 0
    removed = Kube(kind("Instance", samples.record(phase="Removed")))
    assert look(gone)[0]["phase"] == "NotReady" and look(gone)[0]["workloads"][0]["state"] == "GONE"
    assert look(late)[0]["phase"] == "NotReady" and not look(late, phase="ready") and len(look(late, phase="notready")) == 1
    assert look(removed)[0]["phase"] == "Removed" and look(removed)[0]["workloads"] == []


def test_what_may_not_be_listed_is_left_out_and_not_called_gone():
    kube = Kube(*owned())
    kube.closed = {"Deployment", "Pod", "Service", "Secret"}
    found = look(kube)[0]
    assert found["phase"] == "Ready" and (found["workloads"], found["pods"], found["endpoints"], found["helm_status"]) == ([], [], [], "")


def test_before_the_first_manifest_is_recorded_helm_s_mark_says_whose_it_is():
    objects = owned()
    objects[0] = kind("Instance", samples.record(inventory=(), phase="Deploying"))
    objects[1]["metadata"]["annotations"] = {"meta.helm.sh/release-name": "one"}
    found = look(Kube(*objects, samples.controller(name="other")))[0]
    assert [item["name"] for item in found["workloads"]] == ["one"] and len(found["pods"]) == 1


def test_a_record_with_anything_in_it_is_shown():
    objects = owned()
    objects[0]["status"]["inventory"] += [{"kind": "Pod"}, {"kind": 5, "name": "x", "namespace": "shop", "apiVersion": "v1"}, {}]
    objects[0]["status"]["secrets"] = [{"name": "a", "keys": [1]}, {}]
    objects[0]["status"]["endpoints"] = [{"ports": "x"}]
    found = look(Kube(*objects), parts=["workloads"], probe=True)
    assert found[0]["phase"] == "Ready" and "Secret a: 1" in table.render(found, True, ["workloads"])


def test_children_of_children_belong_and_others_do_not():
    lists = {
        "CronJob": [samples.controller("CronJob", "one")], "Job": [samples.controller("Job", "one-2839", owner=("CronJob", "one"))],
        "Pod": [samples.pod("one-2839-x", ("Job", "one-2839")), samples.pod("stranger", ("Job", "two")), samples.pod("alone")],
    }
    space = _space.build("shop", lists)
    assert space.owned(samples.record(inventory=(("CronJob", "one"),))) == [("CronJob", "one"), ("Job", "one-2839"), ("Pod", "one-2839-x")]


def test_the_use_of_containers_is_null_without_metrics_server():
    kube = Kube(*owned())
    assert look(kube, parts=["usage"])[0]["pods"][0]["containers"][0]["memory_usage"] is None
    kube.use = {"items": [{"metadata": {"name": "one-5c-x"}, "containers": [{"name": "c", "usage": {"cpu": "3m", "memory": "8Mi"}}]}]}
    assert look(kube, parts=["usage"])[0]["pods"][0]["containers"][0]["memory_usage"] == "8Mi"


def test_events_and_history_are_those_of_the_instance():
    told = [kind("Event", samples.event("Pod", f"{name}-5c-x", samples.BEGAN)) for name in ("one", "two")]
    kube = Kube(*owned(), *owned("two"), *told, kind("Operation", samples.operation()),
                kind("InstanceRevision", samples.revision(1, "spec: {}", "one-deploy-1")))
    one, two = look(kube, parts=["pods", "events", "history"])
    assert [item["source"] for item in one["events"]] == ["acmp", "acmp", "kubelet", "acmp"] and len(one["history"]) == 1
    assert [item["source"] for item in two["events"]] == ["kubelet"] and two["history"] == []


@pytest.mark.parametrize(("query", "said"), [
    ({"name": "onne"}, 'There is no instance "onne" in namespace shop: did you mean "one"?'),
    ({"name": "onne", "namespace": None}, 'There is no instance "onne": did you mean "one"?'),
    ({"package": "tyny"}, 'No instance runs package "tyny" in namespace shop: did you mean "tiny"?'),
    ({"project": "x"}, 'No instance belongs to project "x" in namespace shop: known: default.'),
    ({"phase": "failed"}, ""),
])
def test_where_nothing_is_found_the_nearest_is_named(query, said, monkeypatch):
    kube = Kube(*owned())
    monkeypatch.setattr(instances._place, "reach", lambda *_words: Local(kube, kube))
    found = answer.give({}, None, {"namespace": "shop", **query}, Context())
    assert found["instances"] == [] and found["hint"] == said and found["table"].startswith("No instances.")
