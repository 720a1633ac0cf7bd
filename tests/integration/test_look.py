# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at instances: the words of kubectl, compared with what the API server itself prints, and logs, events, addresses and a page of the same ones."""

from __future__ import annotations

import base64

import pytest
from harness.ansible import instance
from harness.checks import good, until

pytestmark = pytest.mark.once

BOX = "docker.io/library/busybox:1.35"
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
PARTS = ["workloads", "pods", "usage", "endpoints", "release", "status", "parameters", "history", "events", "logs"]
# What kubectl says of each in the end.
PODS = {
    "init-fails": ("Init:Error", {"initContainers": [("sh", "exit 3")], "containers": [("sh", "sleep 600")], "restartPolicy": "Never"}),
    "init-waits": ("Init:1/2", {"initContainers": [("sh", "exit 0"), ("sh", "sleep 600")], "containers": [("sh", "sleep 600")]}),
    "done": ("Completed", {"containers": [("sh", "echo bye")], "restartPolicy": "Never"}),
    "fails": ("Error", {"containers": [("sh", "exit 4")], "restartPolicy": "Never"}),
    "half": ("NotReady", {"containers": [("sh", "exit 0"), ("sh", "sleep 600")], "restartPolicy": "Never"}),
    "no-image": ("ErrImagePull ImagePullBackOff", {"containers": [("no-such-image:1", "")]}),
    "gated": ("SchedulingGated", {"containers": [("sh", "exit 0")], "schedulingGates": [{"name": "example.com/wait"}]}),
}


def _pod(name: str, spec: dict, owner: dict) -> dict:
    def made(kind: str) -> list[dict]:
        return [
            {"name": f"{kind[:1]}{number}", "image": BOX if what == "sh" else f"docker.io/acmp/{what}", **({"command": ["sh", "-c", script]} if script else {})}
            for number, (what, script) in enumerate(spec.get(kind, []))
        ]

    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "ownerReferences": [reference]},
        "spec": {**spec, "terminationGracePeriodSeconds": 0, "initContainers": made("initContainers"), "containers": made("containers")},
    }


def _printed(api, space: str) -> dict[str, tuple]:
    """Name -> (READY, STATUS, RESTARTS) as ``kubectl get pods`` would show them."""
    rows = api.ask("GET", f"/api/v1/namespaces/{space}/pods", headers=TABLE)["rows"]
    return {row["cells"][0]: (row["cells"][1], row["cells"][2], str(row["cells"][3]).split()[0]) for row in rows}


def test_everything_about_two_instances(ansible, api, space, tmp_path):
    """One that runs and one that crashes, with pods in seven other states."""
    good(ansible.play(
        instance("well", space, package="tiny", requester="alice"), instance("well", space, values={"replicas": 2}, values_mode="merge"),
        instance("sick", space, package="tiny", values={"exitAfterSeconds": 0.1, "exitCode": 3}, wait=False)))
    sets = api.list(f"/apis/apps/v1/namespaces/{space}/replicasets")
    owner = next(item for item in sets if item["metadata"]["ownerReferences"][0]["name"] == "well")
    for name, (_word, spec) in PODS.items():
        api.create(f"/api/v1/namespaces/{space}/pods", _pod(name, spec, owner))
    # A line of the log becomes a secret of the instance.
    api.create(f"/api/v1/namespaces/{space}/secrets", {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "words"}, "data": {"said": base64.b64encode(b"listens on port").decode()}})
    path = f"/apis/operators.apusic.com/v1alpha1/namespaces/{space}/instances/well/status"
    api.patch(path, {"status": {"secrets": [{"name": "words", "keys": ["said"]}]}})
    until("every pod to be in its state", lambda: all(_printed(api, space)[name][1] in word for name, (word, _spec) in PODS.items()), seconds=90)
    until("the other one to crash", lambda: any(row[1] == "CrashLoopBackOff" for row in _printed(api, space).values()), seconds=60)

    look = {"acmp_instance_info": {"name": "well", "namespace": space, "parts": PARTS, "probe": True}}
    for _try in range(5):
        # Between two looks a container may have been started again.
        before = _printed(api, space)
        run = good(ansible.play(look, {"acmp_instance_info": {**look["acmp_instance_info"], "name": "sick"}}, {"acmp_instance_info": {"namespace": space}}))
        if before == _printed(api, space):
            break
    well, sick = (result["instances"][0] for result in run.results[:2])
    shown = {pod["name"]: (pod["ready_containers"], pod["status"], str(pod["restarts"])) for item in (well, sick) for pod in item["pods"]}
    assert shown == before and len(shown) == len(PODS) + 3
    assert {item["name"]: item["phase"] for item in run.results[2]["instances"]} == {"well": "Ready", "sick": "NotReady"}

    logs = {(item["pod"], item["container"]): item for item in well["logs"]}
    runs = [item for item in well["pods"] if item["name"].startswith("well-")]
    assert len(runs) == 2 and all("******** 8080" in " ".join(logs[pod["name"], "tiny"]["lines"]) for pod in runs)
    assert logs["done", "c0"]["lines"] == ["bye"] and ("gated", "c0") not in logs
    assert any(item["previous"] and item["lines"] for item in sick["logs"])
    assert [(item["verb"], item["by"], item["ready"]) for item in well["history"]] == [("change", "alice", True), ("deploy", "alice", True)]
    assert well["history"][0]["changes"] == [{"path": "values.replicas", "before": 1, "after": 2}]
    told = [(item["source"], item["reason"]) for item in well["events"]]
    assert told[0] == ("acmp", "deploy") and ("acmp", "change") in told and any(reason == "Scheduled" for _source, reason in told)
    assert any(item["reason"] == "BackOff" and item["type"] == "Warning" for item in sick["events"])
    assert all("well" not in item["object"] for item in sick["events"])
    assert next(item for item in well["parameters"] if item["path"] == "values.replicas") | {"label": ""} == {
        "label": "", "path": "values.replicas", "group": "", "secret": False, "value": 2, "default": 1, "changed": True}
    assert {item["label"]: item["text"] for item in well["status"]}["Host"] == "well" and well["conditions"][0]["type"] == "Ready"
    assert [probe["reachable"] for probe in well["endpoints"][0]["probes"]] and well["workloads"][0]["state"] == "2/2 READY, 2 UP-TO-DATE, 2 AVAILABLE"

    page = {"acmp_instance_page": {"namespace": space, "dest": str(tmp_path)}}
    watch = {"acmp_instance_info": {"name": "well", "namespace": space, "watch": 20}}
    wrong = {"acmp_instance_info": {"name": "wel", "namespace": space}}
    none = {"acmp_instance_info": {"name": "well", "namespace": space, "parts": ["logs"], "container": "tinny"}}
    run = ansible.play(page, watch, wrong, none)
    text = (tmp_path / "instances.html").read_text()
    assert run[0].changed and run[0]["instances"] == 2 and "CrashLoopBackOff" in text and "values.replicas" in text and "<script" not in text
    assert run[1]["settled"] and "well: Ready, revision 2" in run[1]["watched"][-1] and "well: Ready, revision 2" in run.output
    assert 'did you mean "well"' in run[2]["hint"] and run[3].failed and 'did you mean "tiny"' in run[3].msg
