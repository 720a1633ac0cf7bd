# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Splitting what helm renders."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import manifest

TEXT = """\
---
# Source: redis/templates/config.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  script: |
    echo one
    ---
    echo two
  indented: |
      ---
      # Source: not/a/comment.yaml
---
# Source: redis/templates/empty.yaml
---
# Source: redis/templates/hook.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: b
  annotations:
    "helm.sh/hook": pre-install, Post-Upgrade
---
---   # a comment on the line
# Source: redis/templates/claim.yaml
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: c, annotations: {helm.sh/resource-policy: " Keep "}}
"""


def test_documents_know_their_template_and_empty_ones_are_left_out():
    found = manifest.documents(TEXT)
    assert [(item.source, item.object["kind"]) for item in found] == [
        ("redis/templates/config.yaml", "ConfigMap"), ("redis/templates/hook.yaml", "Job"), ("redis/templates/claim.yaml", "PersistentVolumeClaim")]
    assert found[0].object["data"] == {"script": "echo one\n---\necho two\n", "indented": "---\n# Source: not/a/comment.yaml\n"}


def test_hooks_and_kept_objects_are_recognised():
    config, job, claim = manifest.split(TEXT)
    assert manifest.hook_events(job) == ["pre-install", "post-upgrade"]
    assert manifest.hook_events(config) == []
    assert manifest.kept(claim) and not manifest.kept(config)


def test_windows_line_ends_and_a_missing_first_separator():
    assert [item["kind"] for item in manifest.split("kind: A\r\n---\r\nkind: B\r\n")] == ["A", "B"]


def test_a_word_of_dashes_is_no_separator():
    assert manifest.split("kind: A\ntext:\n  -----BEGIN\n")[0]["text"] == "-----BEGIN"


def test_lists_are_taken_apart():
    text = "kind: List\nitems:\n- kind: A\n- kind: ConfigMapList\n  items: [{kind: B}, 3]\n- just text\n"
    assert [item["kind"] for item in manifest.split(text)] == ["A", "B"]


def test_a_list_without_items_is_an_object():
    assert manifest.split("kind: AllowList\nspec: {}\n") == [{"kind": "AllowList", "spec": {}}]


@pytest.mark.parametrize(("text", "value"), [
    ("2024-01-02", "2024-01-02"), ("1:30", "1:30"), ("1e3", 1000.0), ("0777", 511), ("0o17", 15), ("0x1F", 31), ("-12", -12), ("1_000", 1000),
    ("yes", True), ("off", False), ("y", "y"), ("~", None), (".5", 0.5), ("1.", 1.0), ("'1'", "1"), ("-.inf", float("-inf")), ("3.0.0-final", "3.0.0-final"),
    ("=", "="), ("08", 8.0), ("+1", 1), ("1e", "1e"), ("0b11", 3),
])
def test_scalars_are_read_as_helm_reads_them(text, value):
    assert manifest.split(f"kind: A\nvalue: {text}\n")[0]["value"] == value


@pytest.mark.parametrize("text", ["kind: [", "- 1", "just text", "kind: A\nkey: !!python/object/apply:os.system [id]\n", "kind: A\n\tb: c", "\x00"])
def test_what_is_no_manifest_is_an_error_with_a_place(text):
    with pytest.raises(HelmError) as caught:
        manifest.documents("# Source: x/templates/y.yaml\n" + text)
    assert "x/templates/y.yaml" in caught.value.where


def test_aliases_that_stand_for_billions_are_refused():
    lines = ["kind: A", "a0: &a0 [x,x,x,x,x,x,x,x,x,x]"] + [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(HelmError, match="too many values"):
        manifest.split("\n".join(lines))


def test_an_alias_of_itself_ends_too():
    with pytest.raises(HelmError, match="too many values"):
        manifest.split("kind: A\nb: &x [*x]\n")


def test_a_huge_text_is_refused():
    with pytest.raises(HelmError, match="32 MiB"):
        manifest.split(" " * (manifest.SIZE_LIMIT + 1))


def test_refs_name_each_object_once_and_lost_ignores_versions():
    old = [{"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "metadata": {"name": "a"}},
           {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "b", "namespace": "other"}},
           {"apiVersion": "v1", "kind": "Service", "metadata": {"generateName": "c-"}}]
    new = [{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "a"}}]
    assert manifest.refs(old + old, "ns") == [manifest.Ref("policy/v1beta1", "PodDisruptionBudget", "ns", "a"), manifest.Ref("v1", "Service", "other", "b")]
    assert manifest.lost(old, new, "ns") == [manifest.Ref("v1", "Service", "other", "b")]


def test_too_long_names():
    def item(kind, length):
        return {"kind": kind, "metadata": {"name": "x" * length}}
    assert [ref.kind for ref in manifest.too_long([item("StatefulSet", 53), item("CronJob", 52), item("Deployment", 60)])] == ["StatefulSet"]


@pytest.mark.parametrize("item", [{}, {"metadata": None}, {"metadata": []}, {"metadata": {"annotations": "x"}}])
def test_odd_metadata_is_no_traceback(item):
    assert not manifest.kept(item)
    assert manifest.hook_events(item) == []
    assert manifest.refs([item], "ns") == []


letters = st.text("ab:- #'\"\\{}[]&*!|>%@`\n\tüé日😀", max_size=12)
plain = st.recursive(st.none() | st.booleans() | st.integers(-2**63, 2**63) | letters,
                     lambda inner: st.lists(inner, max_size=3) | st.dictionaries(letters, inner, max_size=3), max_leaves=6)


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.text("abc", min_size=1), plain, max_size=3), max_size=4))
def test_json_documents_come_back(items):
    objects = [{**item, "kind": f"K{number}"} for number, item in enumerate(items)]
    text = "".join(f"---\n# Source: a/templates/{number}.yaml\n{json.dumps(item, ensure_ascii=False)}\n" for number, item in enumerate(objects))
    assert manifest.split(text) == objects


@settings(deadline=None)
@given(st.text())
def test_any_text_is_objects_or_a_helm_error(text):
    with contextlib.suppress(HelmError):
        assert all(isinstance(item, dict) for item in manifest.split(text))
