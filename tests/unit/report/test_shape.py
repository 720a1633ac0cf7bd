# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report's data: what is full, what is promised, what is not known, and in which order they stand."""

from __future__ import annotations

import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.report import _names, _sentence, _shape

from . import samples
from .samples import cluster, down, quota, report, workspace


def test_the_fullest_stand_first_and_those_without_figures_last():
    made = report(*samples.few())
    assert [space["name"] for space in made["workspaces"]] == ["orders-prod", "billing-prod", "vision", "orders-test", "sandbox"]
    assert made["workspaces"][0]["fullest"] == {"resource": "limits.memory", "percent": 96.9}
    assert made["workspaces"][-1]["fullest"] is None
    assert [room["name"] for room in made["clusters"]] == ["factory-north", "local"]
    assert made["summary"] == {
        "clusters": 2, "clusters_not_ready": 0, "projects": 4, "workspaces": 5, "instances": 21, "full": 1, "nearly_full": 1, "without_quota": 1,
        "unknown": 0, "credentials_ended": 0,
    }
    assert json.loads(json.dumps(made)) == made


def test_of_several_quotas_the_one_that_is_reached_first_counts():
    made = report([cluster("local")], [workspace("a", quota(pods=("5", "10"), services=("1", "9")), quota("tight", pods=("5", "6")))])
    entries = {entry["resource"]: entry for entry in made["workspaces"][0]["quota"]}
    assert entries["pods"] == {"resource": "pods", "hard": "6", "used": "5", "percent": 83.3, "quota": "tight"}
    assert entries["services"]["quota"] == "acmp"


def test_nothing_allowed_and_nothing_counted_yet_are_no_shares():
    live = quota(pods=("0", "0"), services=("1", "4"))
    del live["used"]["services"]
    live["percent"]["services"] = None
    made = report([cluster("local")], [workspace("a", live)])["workspaces"][0]
    assert made["fullest"] is None and [entry["used"] for entry in made["quota"]] == ["0", None]


def test_quotas_add_up_to_what_is_promised():
    spaces = [
        workspace("a", quota(requests_cpu=("1", "1500m"), cpu=("1", "1500m"), requests_storage=("1Gi", "10Gi"))),
        workspace("b", quota(requests_cpu=("0", "20"), requests_memory=("0", "1Gi"))), workspace("c"),
        workspace("d", quota(requests_cpu=("0", "400")), cluster="other"),
    ]
    found = report([cluster("local", nodes=1, cores=10, gi=4)], spaces)["clusters"][0]
    assert found["workspaces"] == 3 and found["resources"]["cpu"]["promised"] == "21500m" and found["resources"]["cpu"]["percent"]["promised"] == 215.0
    assert found["resources"]["memory"]["promised"] == "1Gi" and found["resources"]["memory"]["percent"]["promised"] == 25.0
    assert found["resources"]["storage"]["promised"] == "10Gi" and set(found["resources"]["storage"]["percent"].values()) == {None}
    assert found["resources"]["pods"]["promised"] is None


def test_a_cluster_that_does_not_answer_comes_first_and_its_workspaces_are_not_known():
    made = report([cluster("local", busy=0.9), down("away")], [workspace("a"), _shape.unknown("away", "shop", "b"), workspace("c", other_quotas=None)])
    assert [room["name"] for room in made["clusters"]] == ["away", "local"]
    assert made["clusters"][0]["resources"]["storage"] == {
        "allocatable": None, "requested": "900Gi", "used": "900Gi", "promised": None, "free": None,
        "percent": {"requested": None, "used": None, "promised": None},
    }
    found = {space["name"]: space for space in made["workspaces"]}
    assert found["b"]["quota"] is None and found["b"]["instances"] is None and found["b"]["state"] == "Unknown"
    assert found["a"]["quota"] == [] and found["c"]["quota"] is None
    assert made["summary"]["without_quota"] == 1 and made["summary"]["unknown"] == 2 and made["summary"]["clusters_not_ready"] == 1


def test_a_cluster_that_answers_and_is_not_ready_comes_first_too():
    rooms = [cluster("a", busy=0.9), cluster("b", busy=0.1), cluster("c", phase="NotReady", busy=0)]
    assert [room["name"] for room in report(rooms, [])["clusters"]] == ["c", "a", "b"]


def test_instances_outside_of_workspaces_count_where_no_project_is_asked_for():
    rooms, spaces = [cluster("local", instances={"count": 7}), cluster("b", instances={"count": None})], [workspace("a", instances=2)]
    assert report(rooms, spaces)["summary"]["instances"] == 7
    assert _shape.build(rooms, spaces, samples.AT, ["default"])["summary"]["instances"] == 2


def test_credentials_that_ended_are_counted():
    spaces = [workspace("a", credential={"days_left": days}) for days in (-1, 0, 0.1, None)] + [workspace("b", credential=None)]
    made = report([cluster("local")], spaces)
    assert made["summary"]["credentials_ended"] == 2
    assert "2 credentials of workspaces ended: ansible-playbook acmp.middleware.tick renews them." in _sentence.summary(made)


@pytest.mark.parametrize(("percent", "level"), [(None, ""), (0, ""), (79.9, ""), (80, "near"), (94.9, "near"), (95, "full"), (120, "full")])
def test_levels(percent, level):
    assert _shape.level(percent) == level


@pytest.mark.parametrize(("key", "family", "label", "short", "promised"), [
    ("cpu", "cpu", "CPU", "requests", "cpu"),
    ("requests.cpu", "cpu", "CPU requests", "requests", "cpu"),
    ("limits.cpu", "cpu", "CPU limits", "limits", ""),
    ("limits.memory", "memory", "Memory limits", "limits", ""),
    ("requests.storage", "storage", "Storage", "total", "storage"),
    ("ephemeral-storage", "storage", "Scratch storage", "Scratch storage", "ephemeral-storage"),
    ("fast.storageclass.storage.k8s.io/requests.storage", "storage", 'Storage of "fast"', '"fast"', ""),
    ("fast.storageclass.storage.k8s.io/persistentvolumeclaims", "other", 'Claims of "fast"', 'Claims of "fast"', ""),
    ("pods", "other", "Pods", "Pods", "pods"),
    ("count/configmaps", "other", "ConfigMaps", "ConfigMaps", ""),
    ("count/cronjobs.batch", "other", "cronjobs.batch", "cronjobs.batch", ""),
    ("requests.nvidia.com/gpu", "other", "nvidia.com/gpu", "nvidia.com/gpu", "nvidia.com/gpu"),
    ("services.loadbalancers", "other", "Load balancers", "Load balancers", ""),
])
def test_names(key, family, label, short, promised):
    assert (_names.family(key), _names.label(key), _names.short(key), _names.promised(key)) == (family, label, short, promised)


@pytest.mark.parametrize(("text", "resource", "shown"), [
    ("250m", "requests.cpu", "250m"), ("1250m", "cpu", "1.25"), ("545280Mi", "memory", "532 Gi"), ("62.125Gi", "memory", "62.1 Gi"),
    ("100400Mi", "memory", "98 Gi"), ("1024100Mi", "memory", "1000 Gi"), ("585487831040", "limits.memory", "545 Gi"), ("100M", "requests.storage", "95.4 Mi"),
    ("0", "memory", "0"), ("1320", "pods", "1320"), (None, "cpu", "–"),
])
def test_amounts_are_as_exact_as_people_read_them(text, resource, shown):
    assert _sentence.amount(text, resource) == shown


@pytest.mark.parametrize(("used", "whole", "resource", "shown"), [
    ("1536Mi", "4Gi", "memory", "1.5 of 4 Gi"), ("900Mi", "4Gi", "memory", "900 Mi of 4 Gi"), ("0", "4Gi", "memory", "0 of 4 Gi"),
    ("250m", "500m", "cpu", "250m of 500m"), ("7", "12", "pods", "7 of 12"), (None, "12", "pods", "– of 12"),
])
def test_parts(used, whole, resource, shown):
    assert _sentence.part(used, whole, resource) == shown


def test_shares_are_rounded_down():
    assert [_sentence.percent(value) for value in (0, 79.9, 99.9, 100.0, 412.5)] == ["0 %", "79 %", "99 %", "100 %", "412 %"]


def test_the_credential_of_who_looks_is_not_in_the_report():
    own, given = cluster("local", credential={"kind": "caller", "warning": "ends in 9 hours"}), cluster("east", credential={"kind": "given", "warning": "ends"})
    assert {room["name"]: room["credential_warning"] for room in report([own, given], [])["clusters"]} == {"local": "", "east": "ends"}
