# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kustomization is untrusted input: what it may name, and what it can do to the controller where that fails."""

from __future__ import annotations

import json
import os
import posixpath
import sys

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, InputError, KustomizeError, PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import kustomize
from ansible_collections.acmp.middleware.plugins.module_utils.manifests import render
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive, kustomizations
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given
from hypothesis import strategies as st

FILES = {
    "app.yaml": b"kind: A", "sub/app.yaml": b"kind: A", "sub/kustomization.yaml": b"resources: [app.yaml]\n", "conf/a.env": b"A=1",
    # Folders called like what kustomize would fetch or clone before it looks for them.
    "github.com/org/repo/kustomization.yaml": b"", "https:/host/x.yaml": b"kind: A", "repo.git/kustomization.yaml": b"", "git@host:x/kustomization.yaml": b"",
}
GOOD = """
resources: [app.yaml, ./sub, sub/]
components: []
configMapGenerator: [{name: c, files: [conf/a.env, key=conf/a.env], envs: [conf/a.env], literals: [url=https://example.com/x]}]
patches: [{path: sub/app.yaml, target: {kind: A}}, {patch: "kind: A"}]
patchesStrategicMerge: [app.yaml, "kind: A\\nmetadata: {name: https://example.com}\\n"]
replacements: [{source: {kind: A}, targets: []}]
labels: [{pairs: {a: b}}]
"""


def faults(text: str, path: str = "kustomization.yaml") -> list[str]:
    return [fault.what for fault in kustomizations.faults(FileTree({**FILES, path: text.encode()})) if fault.path == path]


def test_what_is_inside_may_be_named():
    assert faults(GOOD) == []
    assert faults("resources: [../app.yaml, ..]", "conf/kustomization.yaml") == ["resources names \"..\", which is not in the package"]
    assert kustomizations.faults(FileTree({"base/kustomization.yaml": b"resources: []", "over/kustomization.yaml": b"resources: [../base]"})) == []


@pytest.mark.parametrize("entry", [
    "https://example.com/x.yaml", "http://10.0.0.1/x", "https:/host/x.yaml", "HTTPS://host/x.yaml", "github.com/org/repo", "GitHub.com/org/repo",
    "www.github.com/org/repo",
    "github.com:org/repo", "git@host:x", "git::https://host/x", "ssh://git@host/x", "gh:org/repo", "file:///etc/passwd", "repo.git", "x/_git/y",
    "org/repo?ref=main", "/etc/passwd", "../../../etc/passwd", "sub/../../x", "~/x", "$HOME/x", "-x", "a\nb", "a b", "", "missing.yaml", 5, None, {}, [],
])
@pytest.mark.parametrize("place", [
    "resources: [{}]", "bases: [{}]", "components: [{}]", "crds: [{}]", "configurations: [{}]", "patchesStrategicMerge: [{}]", "patches: [{{path: {}}}]",
    "patchesJson6902: [{{path: {}, target: {{}}}}]", "configMapGenerator: [{{name: a, files: [{}]}}]", "secretGenerator: [{{name: a, envs: [{}]}}]",
    "replacements: [{{path: {}}}]", "openapi: {{path: {}}}",
])
def test_what_is_outside_may_not(entry, place):
    if entry in ("", None) and "path:" in place:
        # No path at all, as it is beside a patch written out.
        return
    assert faults(place.format(json.dumps(entry))), place


@pytest.mark.parametrize("text", [
    "generators: [app.yaml]", "transformers: [app.yaml]", "validators: [app.yaml]", "helmCharts: [{name: a}]", "helmChartInflationGenerator: [{}]",
    # Field names are read in any case, by kustomize.
    "Generators: [app.yaml]", "RESOURCES: [https://example.com/x]", "resourceS: [https://example.com/x]",
    "configMapGenerator: [{name: a, Files: [/etc/passwd]}]",
    "patches: [{Path: /etc/passwd}]", "configMapGenerator: [{kvSources: [{pluginType: Go}]}]", "unknown: 1",
    "resources: https://example.com/x", "patches: {path: app.yaml}", "- resources", "resources: [", "a: 1\n---\nresources: [https://example.com/x]",
    "resources: [app.yaml]\nresources: [https://example.com/x]", "x: &a [https://example.com/x]\nresources: *a",
    "patchesStrategicMerge: ['https://h/x\n ']", 'patchesStrategicMerge: ["#\\n"]',
])
def test_programs_tricks_and_the_unknown(text):
    assert faults(text)


@given(st.text(alphabet=st.sampled_from("ab./:@?%~-_ \\git:https"), max_size=24))
def test_a_path_that_is_taken_is_a_file_of_the_package(entry):
    tree = {"a": b"", "b/kustomization.yaml": b"", "ab.git/kustomization.yaml": b"", "a:b/kustomization.yaml": b"", "b/a": b""}
    found = kustomizations.faults(FileTree({**tree, "kustomization.yaml": json.dumps({"resources": [entry]}).encode()}))
    if not found:
        path = posixpath.normpath(entry)
        assert path in ("a", "b", "b/a", ".") and not set(entry) & set(":@?%~\\ ")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["app.yaml", "path"]), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["path", "files", "envs", "name", "patch"]), inner, max_size=3))), st.sampled_from([
        "resources", "patches", "configMapGenerator", "replacements", "openapi", "patchesStrategicMerge", "labels"]))
def test_no_shape_is_a_crash(value, key):
    kustomizations.faults(FileTree({**FILES, "kustomization.yaml": json.dumps({key: value}).encode()}))


def test_symlinks_never_get_into_a_tree(tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: [x.yaml]")
    (tmp_path / "x.yaml").symlink_to("/etc/passwd")
    with pytest.raises(PackageError, match="link"):
        archive.read_folder(str(tmp_path))


# What runs ---------------------------------------------------------------------------------------------------------------------------

BOMB = ("names = 'abcdefghi'; sys.stdout.write('a: &a [' + ','.join('x' * 9) + ']\\n' + ''.join("
        "f'{one}: &{one} [' + ','.join(['*' + before] * 9) + ']\\n' for before, one in zip(names, names[1:])) + 'kind: A')")
SAYS = {"version": "v5.7.1", "build": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: one-a, namespace: space}\n"}


@pytest.fixture
def program(tmp_path):
    """Makes a kustomize (or kubectl) of a line of Python; returns (context, record): record holds the last call's arguments, environment and files."""
    def make(body: str = f"sys.stdout.write({SAYS['build']!r})", name: str = "kustomize", version: str = SAYS["version"]):
        record = tmp_path / "record"
        script = tmp_path / name
        script.write_text(f"""#!{sys.executable} -IS
import json, os, sys
if sys.argv[1] == "version":
    print({version!r})
    sys.exit()
folder = sys.argv[-1]
files = {{}}
for root, _folders, names in os.walk(os.path.dirname(folder)):
    for name in names:
        path = os.path.join(root, name)
        files[os.path.relpath(path, os.path.dirname(folder))] = open(path).read()
with open({str(record)!r}, "w") as file:
    json.dump({{"argv": sys.argv[1:], "env": dict(os.environ), "files": files, "path": os.listdir(os.environ["PATH"])}}, file)
{body}
""")
        script.chmod(0o755)
        ctx = Context(env={"PATH": str(tmp_path), "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path), "KUBECONFIG": "/etc/secret", "AWS_SECRET": "x"})
        return ctx, record
    return make


def one(ctx, files=None, values=None, kind="kubernetes"):
    raw = FileTree(files or {"a.yaml": b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"})
    return render.render(raw, kind, {"kind": "HelmRelease", "spec": {"values": values or {}}}, "one", "space", ctx, origin="pack 1.0.0")


def test_it_runs_without_anything_to_run_or_ask(program):
    ctx, record = program()
    assert [obj["metadata"]["name"] for obj in one(ctx)] == ["one-a"]
    seen = json.loads(record.read_text())
    assert seen["argv"][0] == "build" and "--load-restrictor=LoadRestrictionsRootOnly" in seen["argv"] and "--enable-helm=false" in seen["argv"]
    assert seen["path"] == [], "no git"
    assert seen["env"]["HTTPS_PROXY"] == "http://127.0.0.1:9" and "AWS_SECRET" not in seen["env"] and seen["env"]["KUBECONFIG"] == os.devnull
    assert set(seen["files"]) == {"package/a.yaml", "package/kustomization.yaml", "instance/kustomization.yaml"}
    assert json.loads(seen["files"]["instance/kustomization.yaml"])["namePrefix"] == "one-"
    assert not [path for path in os.listdir(ctx.env["TMPDIR"]) if path.startswith("acmp-run-")], "scratch is gone"


@pytest.mark.parametrize(("name", "version", "wrong"), [
    ("kustomize", "{Version:kustomize/v3.8.1 GitCommit:0b359}", "kustomize v3.8.1 is too old"), ("kustomize", "nothing", "does not say its version"),
    ("kubectl", '{"kustomizeVersion": "v4.5.7"}', "too old"), ("kubectl", "{}", "does not say its version"),
    ("other", "v5.7.1", "neither kustomize nor kubectl"),
])
def test_no_program_or_an_old_one(program, name, version, wrong):
    ctx, _record = program(name=name, version=version)
    with pytest.raises(KustomizeError, match=wrong) as caught:
        one(ctx)
    assert "install kustomize 5" in caught.value.todo


def test_kubectl_is_as_good_and_asked_once(program):
    ctx, record = program(name="kubectl", version='{"kustomizeVersion": "v5.7.1"}')
    assert kustomize.find(ctx).title == "kustomize 5.7.1 of kubectl"
    one(ctx)
    assert json.loads(record.read_text())["argv"][0] == "kustomize"
    assert [call[1] for call in ctx.processes] == ["version", "kustomize"]


@pytest.mark.parametrize(("body", "wrong"), [
    ("sys.stdout.write('a: ' + 'x' * (65 << 20))", "wrote more than 64 MiB"),
    ("import time; time.sleep(60)", "did not end within 1 s"),
    ("sys.stdout.write('[1]')", "not a mapping"), ("sys.stdout.write('a: [')", "not YAML"), ("pass", "makes no objects"),
    ("sys.exit('Error: accumulating resources: bad app.yaml')", "cannot build it: accumulating resources: bad app.yaml"),
    ("sys.stdout.write('kind: Namespace\\napiVersion: v1\\nmetadata: {name: space}')", "Namespace space: an instance lives in a namespace"),
    ("sys.stdout.write('kind: CustomResourceDefinition\\napiVersion: apiextensions.k8s.io/v1\\nmetadata: {name: a.b}')", "a manager installs definitions"),
    ("sys.stdout.write('kind: Instance\\napiVersion: operators.apusic.com/v1alpha1\\nmetadata: {name: a}')", "keeps its own records"),
    ("sys.stdout.write('kind: Secret\\napiVersion: v1\\nmetadata: {name: a, namespace: kube-system}')", "the instance is in namespace space"),
    ("sys.stdout.write('kind: Secret\\napiVersion: v1\\nmetadata: {generateName: a}')", "without apiVersion or metadata.name"),
    ("sys.stdout.write('---\\n'.join(['kind: A\\napiVersion: v1\\nmetadata: {name: a}\\n'] * 1001))", "1001 objects, and the limit is 1000"),
    (BOMB, "too many values"),
])
def test_what_comes_out_is_bounded_and_checked(program, monkeypatch, body, wrong):
    ctx, _record = program(body)
    if "sleep" in body:
        monkeypatch.setattr(kustomize, "SECONDS", 1.0)
    with pytest.raises(AcmpError, match=wrong) as caught:
        one(ctx)
    assert "/acmp-run-" not in caught.value.message and isinstance(caught.value, PackageError | InputError)


def test_a_hostile_package_starts_nothing(program):
    ctx, _record = program()
    with pytest.raises(PackageError, match="may name only its own files") as caught:
        one(ctx, {"kustomization.yaml": b"resources: ['https://example.com/x']"}, kind="kustomize")
    assert caught.value.where == "kustomization.yaml" and caught.value.details["faults"] and not ctx.processes
    for files, kind, wrong in (({"a.txt": b""}, "kubernetes", "holds no manifests"), ({"a.yaml": b"kind: A"}, "kustomize", "no kustomization.yaml"),
                               ({"https:/x.yaml": b"kind: A"}, "kubernetes", "not a plain one")):
        with pytest.raises(PackageError, match=wrong):
            one(ctx, files, kind=kind)
    assert not ctx.processes
