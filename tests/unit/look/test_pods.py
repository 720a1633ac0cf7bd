# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods and containers in kubectl's own words (§5.3.4), case by case as its printPod decides them."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.look import ages, pods
from hypothesis import given
from hypothesis import strategies as st

from . import samples

RUNS, DONE, FAILED = {"running": {"startedAt": samples.BEGAN}}, {"terminated": {"exitCode": 0, "reason": "Completed"}}, {"terminated": {"exitCode": 3}}
WAITS, CREATING = {"waiting": {"reason": "PodInitializing"}}, {"waiting": {"reason": "ContainerCreating"}}
READY, INITIALIZED = {"type": "Ready", "status": "True"}, {"type": "Initialized", "status": "True"}


def made(*states, begin=(), phase="Running", meta=None, sidecars=(), **status):
    """A pod of containers in these states: (state, ready, restarts); begin: those of its start, sidecars: which of them stay."""
    def part(items, prefix):
        return [{"name": f"{prefix}{number}", "state": state, "ready": ready, "restartCount": restarts, "started": "running" in state}
                for number, (state, ready, restarts) in enumerate(items)]

    spec = {
        "initContainers": [{"name": f"i{number}", **({"restartPolicy": "Always"} if number in sidecars else {})} for number in range(len(begin))],
        "containers": [{"name": f"c{number}"} for number in range(len(states))],
    }
    return {"metadata": {**samples.meta("one-0"), **(meta or {})}, "spec": spec,
            "status": {"phase": phase, "initContainerStatuses": part(begin, "i"), "containerStatuses": part(states, "c"), **status}}


DELETED = {"deletionTimestamp": samples.BEGAN}


@pytest.mark.parametrize(("pod", "word", "ready", "restarts"), [
    (made((RUNS, True, 2)), "Running", "1/1", 2),
    (made((RUNS, False, 0)), "Running", "0/1", 0),
    (made((RUNS, True, 0), ({"waiting": {"reason": "CrashLoopBackOff"}}, False, 5)), "CrashLoopBackOff", "1/2", 5),
    (made(({"waiting": {"reason": "ImagePullBackOff"}}, False, 0)), "ImagePullBackOff", "0/1", 0),
    (made((CREATING, False, 0), phase="Pending"), "ContainerCreating", "0/1", 0),
    (made(({"terminated": {"reason": "OOMKilled", "exitCode": 137}}, False, 1)), "OOMKilled", "0/1", 1),
    (made(({"terminated": {"reason": "Error", "exitCode": 1}}, False, 0), phase="Failed"), "Error", "0/1", 0),
    (made((FAILED, False, 0)), "ExitCode:3", "0/1", 0),
    (made(({"terminated": {"signal": 9, "exitCode": 137}}, False, 0)), "Signal:9", "0/1", 0),
    (made((DONE, False, 0), phase="Succeeded"), "Completed", "0/1", 0),
    # The last container decides, but for a finished one beside one that runs.
    (made((DONE, False, 0), (RUNS, True, 0), conditions=[READY]), "Running", "1/2", 0),
    (made((DONE, False, 0), (RUNS, True, 0)), "NotReady", "1/2", 0),
    (made(({"waiting": {"reason": "ErrImagePull"}}, False, 0), (FAILED, False, 0)), "ErrImagePull", "0/2", 0),
    # Its start.
    (made((WAITS, False, 0), begin=[(DONE, True, 1), (RUNS, False, 0)], phase="Pending"), "Init:1/2", "0/1", 1),
    (made((WAITS, False, 0), begin=[(WAITS, False, 0)], phase="Pending"), "Init:0/1", "0/1", 0),
    (made((WAITS, False, 0), begin=[(FAILED, False, 4)], phase="Pending"), "Init:ExitCode:3", "0/1", 4),
    (made((WAITS, False, 0), begin=[({"terminated": {"exitCode": 1, "reason": "Error"}}, False, 1)], phase="Pending"), "Init:Error", "0/1", 1),
    (made((WAITS, False, 0), begin=[({"terminated": {"exitCode": 1, "signal": 9}}, False, 1)], phase="Pending"), "Init:Signal:9", "0/1", 1),
    (made((WAITS, False, 0), begin=[({"waiting": {"reason": "CrashLoopBackOff"}}, False, 3)], phase="Pending"), "Init:CrashLoopBackOff", "0/1", 3),
    (made((WAITS, False, 0), begin=[(DONE, True, 0)], phase="Pending"), "PodInitializing", "0/1", 0),
    # Restarts of its start count only while it starts; those of a sidecar go on counting.
    (made((RUNS, True, 1), begin=[(DONE, True, 7)]), "Running", "1/1", 1),
    (made((RUNS, True, 1), begin=[(RUNS, True, 2)], sidecars=(0,)), "Running", "2/2", 3),
    (made((RUNS, True, 0), begin=[(WAITS, False, 1)], conditions=[INITIALIZED]), "Init:0/1", "1/1", 0),
    # The pod itself.
    (made(phase="Pending"), "Pending", "0/0", 0),
    (made(phase="Pending", conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]), "SchedulingGated", "0/0", 0),
    (made(phase="Failed", reason="Evicted"), "Evicted", "0/0", 0),
    (made((RUNS, True, 0), meta=DELETED), "Terminating", "1/1", 0),
    (made((RUNS, True, 0), meta=DELETED, reason="NodeLost"), "Unknown", "1/1", 0),
    (made((RUNS, True, 0), reason="NodeLost"), "NodeLost", "1/1", 0),
    (made((DONE, False, 0), phase="Succeeded", meta=DELETED), "Completed", "0/1", 0),
])
def test_a_pod_in_the_words_of_kubectl(pod, word, ready, restarts):
    shown = pods.show(pod, samples.NOW)
    assert (shown["status"], shown["ready_containers"], shown["restarts"]) == (word, ready, restarts)
    assert shown["ready"] is (ready in ("1/1", "2/2"))


STATE = st.sampled_from([RUNS, DONE, FAILED, WAITS, CREATING, {}, {"waiting": {}}, {"terminated": {}}])
PARTS = st.lists(st.tuples(STATE, st.booleans(), st.integers(0, 9)), max_size=4)


@given(PARTS, PARTS, st.sets(st.integers(0, 3)), st.sampled_from(["Pending", "Running", "Succeeded", "Failed", "Unknown"]), st.booleans())
def test_whatever_a_pod_is_it_has_a_word(states, begin, sidecars, phase, deleted):
    pod = made(*states, begin=begin, sidecars=sidecars, phase=phase, meta=DELETED if deleted else None)
    shown = pods.show(pod, samples.NOW)
    ready, wanted = map(int, shown["ready_containers"].split("/"))
    assert shown["status"] and 0 <= ready <= wanted and len(shown["containers"]) == len(states) + len(begin)
    assert not deleted or shown["status"] == "Terminating" or phase in ("Succeeded", "Failed")
    # Only what runs and is ready counts.
    assert ready <= sum("running" in state for state, _ready, _restarts in [*states, *begin])


def test_a_container_has_its_bounds_and_its_use():
    pod = samples.pod(owner=("StatefulSet", "one"))
    pod["spec"]["containers"][0]["resources"] = {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}
    pod["status"]["containerStatuses"][0]["lastState"] = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": samples.BEGAN}}
    shown = pods.show(pod, samples.NOW, {"c": {"cpu": "3m", "memory": "8Mi"}})
    one = shown["containers"][0]
    assert (shown["owner_kind"], shown["age"], one["age"], one["image"], one["init"]) == ("StatefulSet", "10m", "10m", "app:1", False)
    assert [one[f"{what}_{side}"] for what in ("cpu", "memory") for side in ("request", "limit", "usage")] == ["50m", None, "3m", "64Mi", "256Mi", "8Mi"]
    assert one["last_end"] == {"reason": "OOMKilled", "exit_code": 137, "at": samples.BEGAN}
    assert pods.show(pod, samples.NOW)["containers"][0]["cpu_usage"] is None


def test_a_pod_that_finds_no_node_says_why():
    pod = samples.pod(phase="Pending", conditions=[{"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}])
    assert pods.show(pod, samples.NOW)["message"] == "0/3 nodes are available"


@pytest.mark.parametrize(("seconds", "text"), [
    (-5, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (200, "3m20s"), (599, "9m59s"), (600, "10m"), (10799, "179m"), (10800, "3h"), (18720, "5h12m"),
    (28799, "7h59m"), (28800, "8h"), (172799, "47h"), (172800, "2d"), (180000, "2d2h"), (691199, "7d23h"), (691200, "8d"), (63071999, "729d"),
    (63072000, "2y"), (63072000 + 86400, "2y1d"), (252288000, "8y"),
])
def test_an_age_is_written_as_kubectl_writes_it(seconds, text):
    assert ages.duration(seconds) == text


def test_what_is_no_time_has_no_age():
    assert [ages.age(text, samples.NOW) for text in (None, "", "soon", 5)] == [""] * 4
    assert ages.age("2026-01-31T12:09:00.123456Z", samples.NOW) == "59s"
