# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One story of steps and events, and which events belong to an instance."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.look import events, history

from . import samples


def test_steps_and_events_are_told_by_time_and_repetitions_are_counted():
    told = [
        samples.event("Pod", "one-0", "2026-01-31T12:00:05Z", "back-off", type="Warning", reason="BackOff", count=3),
        samples.event("Pod", "one-0", "2026-01-31T12:00:07Z", "back-off", type="Warning", reason="BackOff", count=2),
        samples.event("Pod", "one-0", None, "scheduled", eventTime="2026-01-31T12:00:01.123456Z", lastTimestamp=None),
    ]
    found = events.merged(told, [samples.operation(phase="Failed", message="not ready")], samples.NOW)
    assert [(item["time"][-4:-1], item["source"], item["count"]) for item in found] == [
        (":00", "acmp", 1), (":00", "acmp", 1), (":01", "kubelet", 1), (":07", "kubelet", 5), (":09", "acmp", 1)]
    assert found[0]["message"] == "deploy started by alice" and found[0]["age"] == "10m"
    assert (found[-1]["type"], found[-1]["message"]) == ("Warning", "deploy failed: not ready")


def test_only_so_many_of_the_newest_are_kept():
    told = [samples.event("Pod", "one-0", f"2026-01-31T12:00:{number:02}Z", str(number)) for number in range(30)]
    assert [item["message"] for item in events.merged(told, [], samples.NOW, most=3)] == ["27", "28", "29"]


def test_a_running_operation_has_no_end():
    found = events.merged([], [samples.operation(phase="Running", end="")], samples.NOW)
    assert len(found) == 2 and all(item["type"] == "Normal" for item in found)


@pytest.mark.parametrize(("kind", "name", "owner", "yes"), [
    ("Pod", "one-677bcf577c-fnqcc", ("Deployment", "one"), True),
    ("ReplicaSet", "one-677bcf577c", ("Deployment", "one"), True),
    ("Pod", "one-two-677bcf577c-fnqcc", ("Deployment", "one"), False),
    ("Pod", "one-fnqcc", ("DaemonSet", "one"), True),
    ("Pod", "one-fnqcc", ("Job", "one"), True),
    ("Pod", "one-0", ("StatefulSet", "one"), True),
    ("Pod", "one-a-0", ("StatefulSet", "one"), False),
    ("Pod", "one-28391020-fnqcc", ("CronJob", "one"), True),
    ("Job", "one-28391020", ("CronJob", "one"), True),
    ("Pod", "one-write-aeiou", ("DaemonSet", "one-write"), False),
    ("Deployment", "one", ("Deployment", "one"), True),
    ("Service", "one", ("Deployment", "one"), False),
])
def test_what_is_gone_is_known_by_its_name(kind, name, owner, yes):
    index = events.Index([samples.event(kind, name, samples.BEGAN)])
    assert bool(index.of([owner])) is yes


def test_what_is_there_belongs_to_its_owner_alone():
    told = [samples.event("Pod", "one-677bcf577c-fnqcc", samples.BEGAN)]
    index = events.Index(told, there=[("Pod", "one-677bcf577c-fnqcc")])
    assert not index.of([("Deployment", "one")]) and index.of([("Deployment", "one"), ("Pod", "one-677bcf577c-fnqcc")]) == told


def test_claims_are_found_by_their_template():
    told = [samples.event("PersistentVolumeClaim", name, samples.BEGAN) for name in ("data-one-0", "data-one-two-0", "log-one-0")]
    found = events.Index(told).of([], [{"kind": "StatefulSet", "name": "one", "claimTemplates": ["data"]}])
    assert [item["involvedObject"]["name"] for item in found] == ["data-one-0"]


def document(**values) -> str:
    return "kind: HelmRelease\nspec:\n  values:\n" + "".join(f"    {key}: {value}\n" for key, value in values.items())


def test_history_says_who_when_and_what():
    operations = [
        samples.operation("one-deploy-1", "deploy"), samples.operation("one-change-1", "change", "2026-01-31T12:01:00Z"),
        samples.operation("one-change-2", "change", "2026-01-31T12:02:00Z", phase="Failed", message="not ready within 300 s"),
        samples.operation("one-remove-1", "remove", "2026-01-31T12:03:00Z", phase="Running", end=""),
    ]
    revisions = [
        samples.revision(3, document(replicas=3, size="1Gi"), "one-change-2", ready=False, version="2.0.0"),
        samples.revision(1, document(replicas=1), "one-deploy-1"), samples.revision(2, document(replicas=3), "one-change-1"),
    ]
    found = history.told(operations, revisions)
    assert [(item["verb"], item["revision"], item["outcome"], item["ready"]) for item in found] == [
        ("remove", None, "Running", None), ("change", 3, "Failed", False), ("change", 2, "Succeeded", True), ("deploy", 1, "Succeeded", True)]
    assert found[1]["changes"] == [
        {"path": "version", "before": "1.0.0", "after": "2.0.0"}, {"path": "values.size", "before": None, "after": "1Gi"}]
    assert found[2]["changes"] == [{"path": "values.replicas", "before": 1, "after": 3}] and found[3]["changes"] == []
    assert found[1]["message"] == "not ready within 300 s" and found[1]["by"] == "alice"


def test_a_revision_outlives_its_operation_and_an_unreadable_document():
    revisions = [samples.revision(1, document(a=1), "gone-1"), samples.revision(2, "a: [", "gone-2"), samples.revision(3, document(a=1), "gone-3")]
    found = history.told([], revisions)
    assert [item["revision"] for item in found] == [3, 2, 1] and found[1]["changes"][0]["path"] == "document"
    assert [item["revision"] for item in history.told([], revisions, most=1)] == [3]
    assert len(history.told([], [samples.revision(number, document(a=1)) for number in (1, 2)])) == 2


def test_keys_changed_by_hand_are_part_of_it():
    revisions = [samples.revision(1, document(a=1)), samples.revision(2, document(a=1), "x", configOverrides={"one-conf": {"redis.conf": "maxclients 5"}})]
    assert [item["path"] for item in history.told([], revisions)[0]["changes"]] == [r"config.one-conf.redis\.conf"]
