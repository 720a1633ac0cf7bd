# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The changes between rendering and applying: by lines, by nodes, and as plain data, always the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.helm import _marker, binary, manifest, post_render

FOLDER = os.path.dirname(os.path.dirname(yaml.__file__))


def rules(claims=True, keep=(), replicas=(), config=None, digests=()):
    return {
        "keep_claims": claims, "keep": [list(pair) for pair in keep], "replicas": [list(item) for item in replicas], "yaml": FOLDER,
        "config": config or {}, "digests": [list(item) for item in digests], "digest_key": post_render.CONFIG_DIGEST,
    }


def marked(text, **more):
    return manifest.split(_marker.mark(text, rules(**more)))


CLAIM = "# Source: a/templates/b.yaml\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n"
SHAPES = {
    "no annotations": CLAIM + "  name: a\nspec: {}\n",
    "some annotations": CLAIM + "  name: a\n  annotations:\n    b: c\n    d: |\n      helm.sh/resource-policy: no\nspec: {}\n",
    "deep indentation": CLAIM + "    annotations:\n        b: c\n    name: a\n",
    "flush comment": CLAIM + "# x\n  name: a # y\n\n  labels:\n    annotations: z\n",
    "empty annotations": CLAIM + "  name: a\n  annotations: {}\n",
    "null annotations": CLAIM + "  annotations: ~ # none\n  name: 'a'\n",
    "bare annotations": CLAIM + "  annotations:\n  name: \"a\"\n",
    "other policy": CLAIM + "  name: a\n  annotations:\n    helm.sh/resource-policy: delete\n    x: y\n",
    "quoted policy": CLAIM + "  name: a\n  annotations:\n    \"helm.sh/resource-policy\": 'keep'\n",
    "flow metadata": "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a, annotations: {b: c}}\n",
    "flow annotations": CLAIM + "  name: a\n  annotations: {b: \"c # d\"}\n",
    "json": '{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}}\n',
    "quoted keys": '"kind": PersistentVolumeClaim\n"metadata":\n  "name": a\n',
    "quoted kind": 'kind: "PersistentVolumeClaim"\nmetadata:\n  name: a\n',
    "anchors": "kind: PersistentVolumeClaim\nmetadata:\n  annotations: &x {b: c}\n  labels: *x\n  name: a\n",
    "list": "kind: List\nitems:\n- kind: PersistentVolumeClaim\n  metadata:\n    name: a\n",
    "indented": "  kind: PersistentVolumeClaim\n  metadata:\n    name: a\n",
    "windows": CLAIM.replace("\n", "\r\n") + "  name: a\r\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_claim_of_any_shape_is_kept_and_else_unchanged(shape):
    before = manifest.split(SHAPES[shape])
    after = marked("---\n" + SHAPES[shape])
    assert after == [post_render.apply(before[0], post_render.Rules())]
    assert manifest.kept(after[0])


@pytest.mark.parametrize("shape", ["no annotations", "some annotations", "empty annotations", "other policy", "quoted kind", "deep indentation"])
def test_usual_shapes_need_no_yaml(shape, monkeypatch):
    monkeypatch.setattr(_marker, "_nodes", lambda *_: pytest.fail("PyYAML was asked"))
    assert manifest.kept(marked(SHAPES[shape])[0])


def test_other_documents_are_untouched_to_the_byte():
    text = ("---\n# Source: a/templates/s.yaml\nkind: StatefulSet\nmetadata:\n  name: a\nspec:\n  volumeClaimTemplates:\n  - kind: PersistentVolumeClaim\n"
            "    metadata:\n      name: a\n---\n\n---\nkind: ConfigMap\ndata:\n  a: |\n    ---\n    kind: PersistentVolumeClaim\nmetadata: {name: x}\n")
    assert _marker.mark(text, rules()) == text


def test_the_source_comment_stays():
    assert "# Source: a/templates/b.yaml" in _marker.mark("---\n" + SHAPES["flow annotations"], rules())


def test_what_nobody_can_read_is_handed_on():
    text = "kind: PersistentVolumeClaim\nmetadata: {name: [\n"
    assert _marker.mark(text, rules()) == text


def test_a_policy_whose_text_goes_on():
    text = "kind: PersistentVolumeClaim\nmetadata:\n  name: a\n  annotations:\n    helm.sh/resource-policy: '\n\n      : '\n    b: c\n"
    assert marked(text)[0]["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep", "b": "c"}


def test_secrets_by_name_only():
    text = "kind: Secret\nmetadata:\n  name: a\n---\nkind: Secret\nmetadata:\n  name: b\n"
    assert [manifest.kept(item) for item in marked(text, keep=[("Secret", "b")])] == [False, True]


@pytest.mark.parametrize(("count", "spec"), [(5, {"replicas": 5, "x": 1}), (None, {"x": 1})])
@pytest.mark.parametrize("text", ["spec:\n  replicas: 2\n  x: 1\n", "spec:\n  x: 1\n", "spec: {replicas: 2, x: 1}\n"])
def test_replicas_of_an_autoscaler(count, spec, text):
    text = "kind: Deployment\nmetadata:\n  name: a\n" + text
    other = text.replace("name: a", "name: b")
    found = marked(f"{text}---\n{other}", replicas=[("Deployment", "a", count)])
    assert found[0]["spec"] == spec
    assert found[1] == manifest.split(other)[0]


names = st.sampled_from(["a", "b", "x.y/z", "helm.sh/resource-policy", "annotations", "name", "kind"])
value = st.text("ab:# '\"-|>{}\nüé", max_size=8)


@settings(deadline=None)
@given(st.dictionaries(names, value, max_size=4), st.dictionaries(names, value, max_size=2), st.sampled_from([None, False, True]), st.sampled_from([2, 4]))
def test_lines_and_data_agree(annotations, labels, flow, indent):
    item = {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": "a", "labels": labels, "annotations": annotations}, "spec": {"replicas": "x"}}
    text = yaml.safe_dump(item, default_flow_style=flow, indent=indent, allow_unicode=True)
    expected = post_render.apply(item, post_render.Rules())
    policy = expected["metadata"]["annotations"]["helm.sh/resource-policy"]
    assert policy.strip().lower() == "keep"
    found = marked(text)[0]
    found["metadata"]["annotations"]["helm.sh/resource-policy"] = policy
    assert found == expected


@settings(deadline=None)
@given(st.text("kind: PersistentVolumeClaim\nmetadata name[]{}&*#'\"|-", max_size=200))
def test_any_text_goes_through(text):
    assert isinstance(_marker.mark("kind: PersistentVolumeClaim\n" + text, rules()), str)


HELM3 = binary.Helm("/h", "3.22.0", 3, binary.flags((3, 22, 0)))
HELM4 = binary.Helm("/h", "4.3.1", 4, binary.flags((4, 3, 1)))


def test_the_program_for_helm_3(tmp_path):
    arguments, env = post_render.arguments(HELM3, post_render.Rules(secrets=frozenset({"it's"}), replicas={("Deployment", "d"): None}), str(tmp_path))
    assert env == {}
    assert arguments[0] == "--post-renderer"
    program = [arguments[1], *(argument.removeprefix("--post-renderer-args=") for argument in arguments[2:])]
    text = "".join(f"---\n{shape}" for shape in SHAPES.values()) + "---\nkind: Secret\nmetadata:\n  name: \"it's\"\n"
    done = subprocess.run(program, input=text.encode(), capture_output=True, check=True, env={})
    assert done.stderr == b""
    assert all(manifest.kept(item) for item in manifest.split(done.stdout.decode()))


def test_the_program_hands_on_bytes_that_are_no_text(tmp_path):
    arguments, _env = post_render.arguments(HELM3, post_render.Rules(), str(tmp_path))
    done = subprocess.run([sys.executable, "-IS", str(tmp_path / "mark.py")], input=b"a: \xff\n", capture_output=True, check=True)
    assert done.stdout == b"a: \xff\n"
    assert arguments[1] == sys.executable


def test_the_plugin_for_helm_4(tmp_path):
    arguments, env = post_render.arguments(HELM4, post_render.Rules(), str(tmp_path))
    assert arguments == ["--post-renderer", "acmp-mark"]
    assert env == {"ACMP_PYTHON": sys.executable}
    described = yaml.safe_load((tmp_path / "plugins/acmp-mark/plugin.yaml").read_text())
    assert described["type"] == "postrenderer/v1"
    assert (tmp_path / "plugins/acmp-mark/mark.py").exists()


def test_where_no_rule_applies_nothing_is_needed():
    plain = [{"kind": "Service", "metadata": {"name": "a"}}, {"kind": "Secret", "metadata": {"name": "b"}}]
    assert not post_render.Rules().needed(plain)
    assert post_render.Rules(secrets=frozenset({"b"})).needed(plain)
    assert post_render.Rules(replicas={("Deployment", "d"): 2}).needed([{"kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 1}}])
    assert post_render.Rules().needed([{"kind": "PersistentVolumeClaim", "metadata": {"name": "c"}}])


def secret(name, **data):
    return {"kind": "Secret", "metadata": {"name": name}, "stringData": data}


def test_generated_secrets_are_found_and_stay_found():
    one, two = [secret("a", p="1"), secret("b", p="x")], [secret("a", p="2"), secret("b", p="x")]
    found = post_render.rules_for(one, two)
    assert found.secrets == {"a"}
    before = [post_render.apply(item, found) for item in one]
    # From now on lookup gives the same value each time.
    assert post_render.rules_for(one, one, before).secrets == {"a"}
    assert post_render.rules_for(one).secrets == set()


def test_which_charts_are_worth_a_second_rendering(tmp_path):
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "a.yaml").write_text("{{ .Values.random }}")
    assert not post_render.uses_random(str(tmp_path))
    (templates / "_helpers.tpl").write_text("{{ randAlphaNum 10 }}")
    assert post_render.uses_random(str(tmp_path))
    (templates / "_helpers.tpl").unlink()
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "x-1.0.0.tgz").write_bytes(b"")
    assert post_render.uses_random(str(tmp_path))
