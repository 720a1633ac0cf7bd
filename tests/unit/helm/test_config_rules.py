# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts set for ConfigMaps: the program and the pure function always agree, and pods are restarted for what they read."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.helm import _marker, binary, manifest, post_render

HELM3 = binary.Helm("/h", "3.22.0", 3, binary.flags((3, 22, 0)))
NOTE = post_render.CONFIG_DIGEST


def marked(text, rules):
    data = {
        "keep_claims": rules.claims, "keep": [], "replicas": [], "yaml": os.path.dirname(os.path.dirname(yaml.__file__)),
        "config": {name: dict(texts) for name, texts in rules.config.items()}, "digest_key": NOTE,
        "digests": [[kind, name, digest] for (kind, name), digest in rules.digests.items()],
    }
    return manifest.split(_marker.mark(text, data))


def config_map(name="a-conf", data=None, **more):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **({} if data is None else {"data": data}), **more}


def workload(kind="Deployment", name="a", pod=None, annotations=None):
    meta = {"labels": {"x": "y"}, **({} if annotations is None else {"annotations": annotations})}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {"replicas": 1, "template": {"metadata": meta, "spec": pod or {}}}}


def volume(name="a-conf", *keys):
    listed = {"items": [{"key": key, "path": key} for key in keys]} if keys else {}
    return {"volumes": [{"name": "v", "configMap": {"name": name, **listed}}]}


keys = st.sampled_from(["a", "b.conf", "1e3", "yes", "on", "null", "~", "0x1"])
# Every letter that YAML writes in a way of its own, and words that some reader takes for something else.
words = st.sampled_from([
    "1e3", "yes", "null", "---\nkind: ConfigMap\n", "# x", "", "\n", "a: b\n", " x \n\n", "{{ x }}", "\u2028", "\x85", "\x00", "\x7f", "😀"])
text = st.one_of(words, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))


@settings(deadline=None)
@given(
    st.dictionaries(keys, text, max_size=3) | st.none(), st.dictionaries(keys, text | st.none(), min_size=1, max_size=4), st.sampled_from([None, True, False]))
def test_the_program_and_the_function_agree(data, texts, flow):
    objects = [config_map(data=data), config_map("other", {"a": "1"}), workload(pod=volume()), workload("Job", "b", volume())]
    rules = post_render.rules_for(objects, config={"a-conf": texts}, restart={"a-conf": {key: "x" for key in texts}})
    # Quoted as Helm's toYaml would: what PyYAML leaves bare means something else to Helm's reader.
    manifests = "".join(f"---\n{yaml.safe_dump(item, default_flow_style=flow, default_style=chr(34), allow_unicode=True)}" for item in objects)
    # As Helm reads them: PyYAML quotes numbers in a way of its own.
    read = manifest.split(manifests)
    assert marked(manifests, rules) == [post_render.apply(item, rules) for item in read]
    found = marked(manifests, rules)[0].get("data") or {}
    assert found == {**{key: value for key, value in (read[0].get("data") or {}).items() if key not in texts},
                     **{key: value for key, value in texts.items() if value is not None}}


@pytest.mark.parametrize("text", [
    "kind: ConfigMap\nmetadata:\n  name: a-conf\ndata:\n  k: |\n    x\n  other: y # z\n",
    'kind: "ConfigMap"\nmetadata:\n  name: "a-conf"\n',
    'kind: ConfigMap\nmetadata:\n  name: "\\u0061-conf"\n',
    "kind: ConfigMap\nmetadata: {name: a-conf}\ndata: {k: 1}\nbinaryData: {new: YQ==, b: Yg==}\n",
    '{"kind": "ConfigMap", "metadata": {"name": "a-conf"}, "data": null}\n',
    "kind: List\nitems:\n- kind: ConfigMap\n  metadata: &m\n    name: a-conf\n  data: &d {k: x}\n",
    "kind: ConfigMap\nmetadata: {name: a-conf}\ndata: &d {k: x}\nother: *d\n",
])
def test_a_config_map_of_any_shape(text):
    rules = post_render.Rules(config={"a-conf": {"k": None, "new": "yes\n"}})
    before = manifest.split(text)
    found = marked(f"---\n# Source: c/templates/x.yaml\n{text}", rules)
    assert found == [post_render.apply(item, rules) for item in before]
    assert found[0]["data"]["new"] == "yes\n" and "k" not in found[0]["data"]
    assert found[0].get("other", {"k": "x"}) == {"k": "x"}


def test_the_file_for_helm_does_the_same(tmp_path):
    rules = post_render.Rules(config={"a-conf": {"k": "it's\n\"x\"\\\n"}}, digests={("Deployment", "a"): "d" * 64})
    arguments, _env = post_render.arguments(HELM3, rules, str(tmp_path))
    program = [arguments[1], *(argument.removeprefix("--post-renderer-args=") for argument in arguments[2:])]
    objects = [config_map(data={"k": "1"}), workload(pod=volume())]
    done = subprocess.run(program, input="\n---\n".join(map(json.dumps, objects)).encode(), capture_output=True, check=True, env={})
    assert manifest.split(done.stdout.decode()) == [post_render.apply(item, rules) for item in objects]


def test_a_text_is_never_lost_in_silence():
    rules = post_render.Rules(config={"a-conf": {"k": "v"}})
    broken = "kind: ConfigMap\nmetadata: {name: a-conf, labels: [\n"
    with pytest.raises(SystemExit, match="a-conf"):
        marked(broken, rules)
    assert _marker.mark(broken.replace("a-conf", "b"), {"keep_claims": True, "keep": [], "replicas": [], "yaml": "", "config": {"a-conf": {}}, "digests": []})


def test_without_texts_nothing_is_started():
    objects = [config_map(data={"k": "1"}), workload(pod=volume())]
    assert not post_render.rules_for(objects, config={}, restart={}).needed(objects)
    assert not post_render.rules_for(objects, config={"a-conf": {"k": "1"}}).needed(objects)
    assert post_render.rules_for(objects, config={"a-conf": {"k": "2"}}).needed(objects)
    assert post_render.rules_for(objects, config={"a-conf": {"gone": None}}).needed(objects) is False


POD = {"containers": [{"name": "c"}]}


@pytest.mark.parametrize(("pod", "read"), [
    (volume(), {"a-conf": None}),
    (volume("a-conf", "k"), {"a-conf": {"k"}}),
    ({"volumes": [{"projected": {"sources": [{"configMap": {"name": "a-conf", "items": [{"key": "k"}]}}, {"secret": {"name": "s"}}]}}]}, {"a-conf": {"k"}}),
    ({"containers": [{"envFrom": [{"configMapRef": {"name": "a-conf"}}]}]}, {"a-conf": None}),
    ({"initContainers": [{"env": [{"name": "X", "value": "1"}, {"valueFrom": {"configMapKeyRef": {"name": "a-conf", "key": "k"}}}]}]}, {"a-conf": {"k"}}),
    ({"containers": [{"env": [{"valueFrom": {"configMapKeyRef": {"name": "a-conf", "key": "z"}}}]}], **volume("a-conf", "k")}, {"a-conf": {"k", "z"}}),
    ({"volumes": [{"emptyDir": {}}, None], "containers": None}, {}),
])
def test_what_pods_read(pod, read):
    assert post_render.reads(workload(pod=pod)) == read


def digests(restart, *objects):
    return post_render.rules_for(list(objects), config={"a-conf": {}}, restart=restart).digests


def test_pods_are_restarted_for_what_they_read_and_for_nothing_else():
    reader, other = workload("StatefulSet", "r", volume("a-conf", "k")), workload("DaemonSet", "o", volume("b-conf"))
    one = digests({"a-conf": {"k": "1"}}, reader, other)
    assert list(one) == [("StatefulSet", "r")]
    assert one == digests({"a-conf": {"k": "1", "unread": "x"}, "c-conf": {"k": "x"}}, reader, other)
    assert one != digests({"a-conf": {"k": "2"}}, reader, other)
    assert digests({"a-conf": {"unread": "1"}}, reader, other) == {}
    assert digests({}, reader) == {}
    for kind in ("Job", "CronJob", "Pod", "ReplicaSet"):
        assert digests({"a-conf": {"k": "1"}}, workload(kind, "r", volume())) == {}


def test_the_annotation_stands_on_the_pods_beside_others():
    found = post_render.apply(workload(annotations={"mine": "1"}), post_render.Rules(digests={("Deployment", "a"): "d"}))
    assert found["spec"]["template"]["metadata"] == {"labels": {"x": "y"}, "annotations": {"mine": "1", NOTE: "d"}}
    assert "annotations" not in found["metadata"]
