# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people see of controllers, pods and Services (§5.3.3 to §5.3.5)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.instance import _inventory, view
from ansible_collections.acmp.middleware.plugins.module_utils.instance._place import Local

META = {"name": "orders", "namespace": "shop", "creationTimestamp": "2026-01-31T12:00:00Z"}


def controller(kind, spec, status):
    return {"kind": kind, "metadata": META, "spec": spec, "status": status}


TEMPLATE = {"spec": {"containers": [{"name": "redis", "image": "redis:7"}]}}


@pytest.mark.parametrize(("obj", "ready", "wanted"), [
    (controller("Deployment", {"replicas": 2, "template": TEMPLATE}, {"readyReplicas": 1}), 1, 2),
    (controller("StatefulSet", {"replicas": 3, "template": TEMPLATE}, {}), 0, 3),
    (controller("DaemonSet", {"template": TEMPLATE}, {"numberReady": 1, "desiredNumberScheduled": 4}), 1, 4),
    (controller("Job", {"completions": 1, "template": TEMPLATE}, {"succeeded": 1}), 1, 1),
])
def test_workload(obj, ready, wanted):
    shown = view.workload(obj)
    assert (shown["ready"], shown["wanted"], shown["images"]) == (ready, wanted, ["redis:7"])


def test_a_cron_job_shows_its_runs_and_image():
    shown = view.workload(controller("CronJob", {"jobTemplate": {"spec": {"template": TEMPLATE}}}, {"active": [{}]}))
    assert (shown["ready"], shown["images"]) == (1, ["redis:7"])


def pod(state, ready=False, **meta):
    status = {"phase": "Running", "podIP": "10.1.2.3", "containerStatuses": [{"name": "redis", "state": state, "ready": ready, "restartCount": 2}]}
    return {"metadata": {**META, **meta}, "spec": {"nodeName": "n1"}, "status": status}


@pytest.mark.parametrize(("item", "word"), [
    (pod({"running": {}}, ready=True), "Running"),
    (pod({"waiting": {"reason": "CrashLoopBackOff"}}), "CrashLoopBackOff"),
    (pod({"terminated": {"reason": "OOMKilled"}}), "OOMKilled"),
    (pod({"running": {}}, ready=True, deletionTimestamp="2026-01-31T12:01:00Z"), "Terminating"),
    ({"metadata": META, "spec": {}, "status": {"phase": "Pending"}}, "Pending"),
])
def test_pod_status_in_the_words_of_kubectl(item, word):
    assert view.pod(item)["status"] == word


def test_a_pod_without_containers_is_not_ready():
    assert view.pod({"metadata": META, "spec": {}, "status": {}})["ready"] is False


def test_endpoint_of_a_service_and_of_a_headless_one():
    spec = {"clusterIP": "10.0.0.7", "ports": [{"port": 6379, "protocol": "TCP", "nodePort": 30001}], "type": "NodePort"}
    shown = _inventory.endpoint({"metadata": META, "spec": spec, "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}})
    assert shown["addresses"] == ["orders.shop.svc.cluster.local:6379"]
    assert (shown["cluster_ip"], shown["ports"], shown["node_ports"], shown["external"]) == ("10.0.0.7", ["6379/TCP"], [30001], ["192.0.2.1"])
    assert _inventory.endpoint({"metadata": META, "spec": {"clusterIP": "None", "ports": []}})["cluster_ip"] == ""


@pytest.mark.parametrize(("address", "shown"), [
    ("", []), ("192.0.2.9", ["192.0.2.9:30001"]), ("east.example.com", ["east.example.com:30001"]), ("2001:db8::9", ["[2001:db8::9]:30001"]),
])
def test_node_ports_are_reached_at_the_cluster_s_address(address, shown):
    service = {"metadata": META, "spec": {"clusterIP": "10.0.0.7", "ports": [{"port": 6379, "nodePort": 30001}, {"port": 9121}], "type": "NodePort"}}
    assert _inventory.endpoint(service, address)["node_addresses"] == shown


def test_the_access_address_is_asked_for_node_ports_alone():
    asked = []
    home = SimpleNamespace(get=lambda *words: asked.append(words) or {"spec": {"address": "192.0.2.9"}})
    here = Local(home, home)
    assert _inventory.access_address(here, [{"spec": {"ports": [{"port": 6379}]}}]) == "" and not asked
    assert _inventory.access_address(here, [{"spec": {"ports": [{"nodePort": 30001}]}}]) == "192.0.2.9" and len(asked) == 1
    known = Local(home, home, "east", {"spec": {"address": "192.0.2.7"}})
    assert _inventory.access_address(known, [{"spec": {"ports": [{"nodePort": 30001}]}}]) == "192.0.2.7" and len(asked) == 1


def test_an_instance_shows_its_cluster_and_project():
    record = {"metadata": META, "spec": {"package": "redis", "version": "1.0.0", "type": "default", "document": "", "project": "web"}}
    assert (view.instance(record)["cluster"], view.instance(record, "east")["cluster"], view.instance(record)["project"]) == ("local", "east", "web")


def test_claims_are_found_by_name_and_by_template_and_no_others():
    class Kube:
        def list(self, _api, _kind, _namespace):
            return [{"metadata": {"name": name}} for name in ("data-orders-0", "data-orders-11", "data-orders-x", "data-orders2-0", "backup", "other")]

    objects = [
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "orders"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "backup"}},
    ]
    request = type("Request", (), {"namespace": "shop"})
    expected = ["data-orders-0", "data-orders-11", "backup"]
    assert [item["metadata"]["name"] for item in _inventory.claims(Kube(), request, objects)] == expected
    recorded = _inventory.as_objects(_inventory.claimants([], _inventory.references(objects, "shop")))
    assert [item["metadata"]["name"] for item in _inventory.claims(Kube(), request, recorded)] == expected


def test_what_ever_had_claims_is_remembered_once():
    before = [{"kind": "StatefulSet", "name": "old", "claimTemplates": ["data"]}, {"kind": "StatefulSet", "name": "orders", "claimTemplates": ["data"]}]
    now = [{"kind": "StatefulSet", "name": "orders", "claimTemplates": ["data", "log"]}]
    now += [{"kind": "StatefulSet", "name": "bare"}, {"kind": "Service", "name": "s"}]
    found = _inventory.claimants(before, now)
    assert [(item["name"], item["claimTemplates"]) for item in found] == [("old", ["data"]), ("orders", ["data", "log"])]
