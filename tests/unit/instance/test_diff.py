# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change does to an instance's objects, in its user's words; secrets never shown."""

from __future__ import annotations

import base64
import copy
import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.instance.drift import _diff, _words

HIDDEN = "s3cr3t-Value"


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def stateful(**spec) -> dict:
    container = {
        "name": "redis", "image": "docker.io/library/redis:7.0.15", "env": [{"name": "MODE", "value": "a"}, {"name": "REDIS_PASSWORD", "value": HIDDEN}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}, "ports": [{"name": "redis", "containerPort": 6379}],
    }
    claim = {"metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}}}
    return {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "orders", "labels": {"team": "a"}},
        "spec": {
            "replicas": 1, "volumeClaimTemplates": [claim],
            "template": {"metadata": {"labels": {"app": "orders"}}, "spec": {"containers": [container]}}, **spec,
        },
    }


TEXT = f"maxmemory 100mb\nport 6379\nrequirepass {HIDDEN}\n"
CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "orders"}, "data": {"redis.conf": TEXT}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "orders"}, "data": {"password": coded(HIDDEN)}}
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "orders"}, "spec": {"type": "ClusterIP", "ports": [{"name": "redis", "port": 6379}]}}
ALL = [stateful(), CONFIG, SECRET, SERVICE]


def container(obj: dict) -> dict:
    return obj["spec"]["template"]["spec"]["containers"][0]


def set_in(obj: dict, path: list, value) -> None:
    for step in path[:-1]:
        obj = obj[step]
    if value is None:
        del obj[path[-1]]
    else:
        obj[path[-1]] = value


def changed(obj: dict, *changes, **options) -> list:
    after = copy.deepcopy(obj)
    for path, value in changes:
        set_in(after, path, value)
    return _diff.changes([obj], [after], "shop", **options)


TO_POD = ["spec", "template", "spec", "containers", 0]


@pytest.mark.parametrize(("obj", "path", "value", "said"), [
    (stateful(), ["spec", "replicas"], 3, "replicas 1 → 3"),
    (stateful(), [*TO_POD, "image"], "docker.io/library/redis:7.2.4", "image redis 7.0.15 → 7.2.4"),
    (stateful(), [*TO_POD, "image"], "quay.io/own/redis:7.2.4", "image docker.io/library/redis:7.0.15 → quay.io/own/redis:7.2.4"),
    (stateful(), [*TO_POD, "resources", "requests", "memory"], "96Mi", "memory request 64Mi → 96Mi"),
    (stateful(), [*TO_POD, "resources", "requests", "cpu"], "1", "CPU request 100m → 1"),
    (stateful(), [*TO_POD, "resources", "limits"], None, "- memory limit 128Mi"),
    (stateful(), ["spec", "volumeClaimTemplates", 0, "spec", "resources", "requests", "storage"], "2Gi", "storage size of data 1Gi → 2Gi"),
    (stateful(), [*TO_POD, "env", 0, "value"], "b", "variable MODE a → b"),
    (stateful(), [*TO_POD, "env", 1, "value"], "other", "variable REDIS_PASSWORD ******** → ******** (changed)"),
    (stateful(), [*TO_POD, "env", 0], {"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "m"}}}, "variable MODE a → ConfigMap c, key m"),
    (stateful(), ["metadata", "labels", "team"], "b", "label team a → b"),
    (stateful(), ["spec", "template", "metadata", "labels", "tier"], "x", "+ pod label tier x"),
    (stateful(), ["spec", "podManagementPolicy"], "Parallel", "+ podManagementPolicy Parallel"),
    (CONFIG, ["data", "redis.conf"], TEXT.replace("100mb", "200mb"), "redis.conf maxmemory 100mb → maxmemory 200mb"),
    (CONFIG, ["data", "redis.conf"], TEXT.replace(HIDDEN, "x"), "redis.conf requirepass ******** → requirepass ******** (changed)"),
    (CONFIG, ["data", "more"], "a\nb\n", "+ more 2 lines"),
    (SECRET, ["data", "password"], coded("other"), "key password ******** → ******** (changed)"),
    (SECRET, ["data", "second"], coded("other"), "+ key second ********"),
    (SERVICE, ["spec", "ports", 0, "port"], 6380, "ports[redis].port 6379 → 6380"),
    (SERVICE, ["spec", "type"], "NodePort", "type ClusterIP → NodePort"),
])
def test_one_change_in_words(obj, path, value, said):
    found = changed(obj, (path, value))
    assert [_words.sentence(item) for item in found] == [said]
    assert HIDDEN not in json.dumps(found) and coded(HIDDEN) not in json.dumps(found)


def test_the_same_in_other_words_is_no_change():
    assert _diff.changes(ALL, copy.deepcopy(ALL), "shop") == []
    same = changed(stateful(), ([*TO_POD, "resources", "requests", "cpu"], 0.1), ([*TO_POD, "args"], []))
    assert same == []
    texts = {**SECRET, "stringData": {"password": HIDDEN}, "data": {}}
    assert _diff.changes([SECRET], [texts], "shop") == []
    assert _diff.changes([SERVICE], [{**SERVICE, "metadata": {**SERVICE["metadata"], "namespace": "shop"}}], "shop") == []


def test_objects_come_and_go():
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "orders"}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "annotations": {"helm.sh/resource-policy": "keep"}}}
    found = _diff.changes([stateful(), SERVICE, claim], [stateful(replicas=2), budget], "shop")
    assert [(item["object"], item["what"]) for item in found] == [
        ("StatefulSet orders", "replicas"), ("PodDisruptionBudget orders", "added"), ("Service orders", "removed"), ("PersistentVolumeClaim data", "kept")]
    assert _diff.text(found) == (
        "StatefulSet orders\n    replicas 1 → 2\n+ PodDisruptionBudget orders\n- Service orders\n- PersistentVolumeClaim data (stays in the cluster)\n")


def test_what_is_generated_says_so():
    once, twice = ({**SECRET, "data": {"tls.key": coded(text)}} for text in ("first", "second"))
    assert [_words.sentence(item) for item in _diff.changes([SECRET], [{**SECRET, **once}], "shop", again=[twice])] == [
        "- key password ********", "+ key tls.key generated anew"]


def test_placeholders_of_secrets_are_no_change():
    """Where nothing was given, the rendering holds something else than the release, and nobody may see what."""
    standing = "x" * 24
    before = [SECRET, CONFIG, stateful()]
    after = copy.deepcopy(before)
    after[0]["data"]["password"] = coded(standing)
    after[1]["data"]["redis.conf"] = f"maxmemory 300mb\nport 6379\nrequirepass {standing}\n"
    container(after[2])["env"][1]["value"] = standing
    after[2]["spec"]["template"]["metadata"]["annotations"] = {"checksum/secret": "abc"}
    found = _diff.changes(before, after, "shop", unknown=[standing])
    assert [_words.sentence(item) for item in found] == ["redis.conf maxmemory 100mb → maxmemory 300mb"]
    assert HIDDEN not in json.dumps(found)


def test_an_autoscaler_s_number_and_helm_s_own_marks_are_left_out():
    assert changed(stateful(), (["spec", "replicas"], 4), left={("StatefulSet", "orders")}) == []
    assert changed(stateful(), (["spec", "replicas"], 4), left={("Deployment", "orders")})
    assert changed(stateful(), (["metadata", "labels", "helm.sh/chart"], "redis-2"), (["metadata", "annotations"], {"helm.sh/resource-policy": "keep"})) == []


def test_a_sum_of_the_configuration_says_what_it_does():
    annotations = ["spec", "template", "metadata", "annotations"]
    before = copy.deepcopy(stateful())
    set_in(before, annotations, {"checksum/config": "1", "checksum/secret": "1"})
    found = changed(before, (annotations, {"checksum/config": "2", "checksum/secret": "2"}))
    assert [_words.sentence(item) for item in found] == ["pods restart"]


def test_a_container_among_several_is_named():
    both = stateful()
    both["spec"]["template"]["spec"]["containers"].append({"name": "exporter", "image": "exporter:1"})
    found = changed(both, (["spec", "template", "spec", "containers", 1, "image"], "exporter:2"))
    assert _words.sentence(found[0]) == "image exporter of container exporter 1 → 2"


def test_several_steps_as_one():
    def item(what, before=None, after=None, obj="Deployment a"):
        return {"object": obj, "what": what, "before": before, "after": after}

    first = [
        item("replicas", 1, 2), item("image redis", "7.0", "7.1"), item("added", obj="Service b"), item("added", obj="Job c"), item("type", 1, 2, "Service d"),
    ]
    second = [
        item("replicas", 2, 1), item("image redis", "7.1", "7.2"), item("type", 1, 2, "Service b"), item("removed", obj="Job c"),
        item("removed", obj="Service d"), item("x", None, "y", "Service e"),
    ]
    assert _diff.joined([first, second]) == [
        item("image redis", "7.0", "7.2"), item("added", obj="Service b"), item("removed", obj="Service d"), item("x", None, "y", "Service e")]


def test_long_ones_are_cut():
    many = {**CONFIG, "data": {f"key-{number}": "a" * 5000 for number in range(150)}}
    other = {**CONFIG, "data": {f"key-{number}": "b" * 5000 for number in range(150)}}
    found = _diff.changes([many], [other], "shop")
    assert len(found) == 101 and found[-1]["what"] == "and 50 more"
    assert max(len(str(item["before"])) for item in found) < 200
    lines = changed({**CONFIG, "data": {"c": "\n".join(map(str, range(100)))}}, (["data", "c"], "\n".join(map(str, range(100, 200)))))
    assert len(lines[0]["before"].splitlines()) == 9 and "and 92 more lines" in lines[0]["after"]
