# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What others change in an instance's objects: theirs stays through a change and a repair, the rest is reported and put back. Each lane has its own Helm."""

from __future__ import annotations

import time

from harness.ansible import instance
from harness.checks import good, until

RESTARTED = "kubectl.kubernetes.io/restartedAt"
SCALER = {
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "by-load"},
    "spec": {
        # Without metrics an autoscaler still brings a workload to its minimum.
        "minReplicas": 3, "maxReplicas": 4, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "one"},
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 90}}}],
    },
}


def _deployment(space):
    return f"/apis/apps/v1/namespaces/{space}/deployments/one"


def _port(value):
    return {"spec": {"template": {"spec": {"containers": [{"name": "tiny", "env": [{"name": "PORT", "value": value}]}]}}}}


def test_drift_and_the_fields_of_others(ansible, api, space):
    path = _deployment(space)
    good(ansible.play(instance("one", space, package="tiny")))

    # By hand: one field and one object of the instance's, and three things that are nobody's but the hand's.
    api.patch(path, {"metadata": {"labels": {"by-hand": "yes"}}, "spec": {"replicas": 2, "template": {"metadata": {"annotations": {RESTARTED: "now"}}}}})
    api.patch(path, _port("8081"), kind="strategic-merge")
    api.delete(f"/api/v1/namespaces/{space}/services/one")
    repair = instance("one", space, drift="repair") | {"diff": True}
    run = good(ansible.play(instance("one", space), instance("one", space, drift="report"), repair | {"check_mode": True}, repair, repair))
    ignored, found, foretold, done, again = run.results
    assert "drift" not in ignored.data and not ignored.changed and not found.changed
    expected = [("Service one", "missing", None, None), ("Deployment one", "replicas", 1, 2), ("Deployment one", "variable PORT", "8080", "8081")]
    assert [(item["object"], item["what"], item["expected"], item["found"]) for item in found["drift"]] == expected
    assert "is not as it was deployed: Service one is missing; Deployment one replicas 1 → 2;" in str(found["warnings"])

    # Repaired through Helm, as foretold, with a revision and an operation of its own.
    assert done.changed and not again.changed and again["drift"] == [], again.data
    assert (foretold["actions"], foretold["changes"], foretold["drift"]) == (done["actions"], done["changes"], found["drift"])
    assert any("variable PORT 8081 → 8080" in str(part.get("prepared")) for part in done["diff"])
    assert api.helm(space)["one"][-1] == (2, "deployed") and api.own("instances", space, "one")["status"]["revision"] == 2
    assert sorted(item["spec"]["verb"] for item in api.own("operations", space)) == ["deploy", "repair"]
    assert api.core("services", space, "one")

    # A real autoscaler: neither a change nor a repair takes back what it chose, not even for a moment.
    api.create(f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers", SCALER)
    until("the autoscaler to scale", lambda: api.get(path)["spec"]["replicas"] == 3, 60)
    change = instance("one", space, values={"message": "hello"})
    (foretold, done), numbers = _with_numbers(ansible, api, space, change | {"check_mode": True}, change)
    assert done["changes"] == foretold["changes"] == [{"object": "Deployment one", "what": "variable TINY_MESSAGE", "before": None, "after": "hello"}]
    _untouched(api, space)
    api.patch(path, _port("8082"), kind="strategic-merge")
    (done,), more = _with_numbers(ansible, api, space, instance("one", space, values_mode="merge", drift="repair"))
    assert numbers | more == {3}
    assert done["actions"] == ["put back Deployment one: variable PORT 8082 → 8080"]
    _untouched(api, space)


def _untouched(api, space):
    live = api.get(_deployment(space))
    assert live["metadata"]["labels"]["by-hand"] == "yes" and live["spec"]["template"]["metadata"]["annotations"][RESTARTED] == "now"
    assert live["spec"]["replicas"] == 3
    assert {"name": "PORT", "value": "8080"} in live["spec"]["template"]["spec"]["containers"][0]["env"]


def _with_numbers(ansible, api, space, *tasks):
    """The tasks' results, and every number of replicas that was wanted while they ran."""
    playing, seen = ansible.start(list(tasks)), set()
    while playing.process.poll() is None:
        seen.add(api.get(_deployment(space))["spec"]["replicas"])
        time.sleep(0.05)
    run = playing.wait()
    ansible.checked(run, playing)
    return good(run).results, seen
