# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands as helm gets them, and helm's words as people get them; a stand-in for helm records what it was given."""

from __future__ import annotations

import json
import os

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError, InputError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import _command, actions, binary, post_render, releases, render

FAKE = """#!/bin/sh
cat > {folder}/stdin
printf '%s\\n' "$@" > {folder}/argv
export -p > {folder}/env
cat {folder}/stdout 2>/dev/null
cat {folder}/stderr >&2 2>/dev/null
exit $(cat {folder}/code 2>/dev/null || echo 0)
"""


class FakeKube:
    impersonation = None

    def __init__(self):
        self.heads = []

    def write_kubeconfig(self, folder):
        path = os.path.join(folder, "kubeconfig")
        with open(path, "w", encoding="utf-8") as file:
            file.write("{}")
        return path

    def list(self, *_args, **_more):
        return self.heads


class Fake:
    def __init__(self, folder, version):
        self.folder = folder
        path = folder / "helm"
        path.write_text(FAKE.format(folder=folder))
        path.chmod(0o755)
        self.helm = binary.Helm(str(path), ".".join(map(str, version)), version[0], binary.flags(version))
        self.kube = FakeKube()
        self.ctx = Context(env={"PATH": os.environ["PATH"], "TMPDIR": str(folder), "KUBECONFIG": "/x", "HELM_NAMESPACE": "other", "HELM_DRIVER": "memory",
                                "AWS_SECRET_ACCESS_KEY": "x", "HTTPS_PROXY": "http://p", "HELM_KUBETOKEN": "t"})

    def says(self, stdout="", stderr="", code=0):
        (self.folder / "stdout").write_text(stdout)
        (self.folder / "stderr").write_text(stderr)
        (self.folder / "code").write_text(str(code))

    @property
    def argv(self):
        return (self.folder / "argv").read_text().splitlines()


@pytest.fixture(params=[(3, 22, 0), (4, 3, 1)], ids=["helm3", "helm4"])
def fake(request, tmp_path):
    return Fake(tmp_path, request.param)


def install(fake, **more):
    fake.says(more.pop("stdout", "NAME: db\nREVISION: 1\nNOTES:\nREVISION: 9\n"))
    return actions.install(fake.helm, "/chart", "db", "shop", more.pop("values", {"a": 1}), fake.kube, fake.ctx, **more)


def test_install_by_argument_list_and_standard_input(fake):
    done = install(fake, labels={"acmp-digest": "abc"}, description="by $USER; rm -rf /", hook_seconds=30)
    assert done.revision == 1
    argv = fake.argv
    assert argv[0] == "install"
    assert argv[-3:] == ["--", "db", "/chart"]
    assert "by $USER; rm -rf /" in argv
    for pair in (["--namespace", "shop"], ["--values", "-"], ["--timeout", "30s"], ["--labels", "acmp-digest=abc"]):
        assert pair[1] == argv[argv.index(pair[0]) + 1]
    assert ("--wait=hookOnly" in argv) == ("--server-side=true" in argv) == ("--force-conflicts" in argv) == (fake.helm.major == 4)
    assert "--atomic" not in argv and "--post-renderer" not in argv
    assert json.loads((fake.folder / "stdin").read_text()) == {"a": 1}
    assert [name for name in os.listdir(fake.folder) if name.startswith("acmp-")] == []


def test_nothing_of_the_machine_leaks_into_helm(fake):
    install(fake)
    env = (fake.folder / "env").read_text()
    for word in ("KUBECONFIG", "HELM_NAMESPACE", "AWS_", "HELM_KUBETOKEN", "memory"):
        assert word not in env
    for word in ("HELM_DRIVER='secret'", "HTTPS_PROXY='http://p'", "HELM_PLUGINS=", "HELM_CACHE_HOME=", "HELM_CONFIG_HOME=", "HELM_DATA_HOME=",
                 "KUBECACHEDIR="):
        assert word in env


def test_impersonation(fake):
    fake.kube.impersonation = ("anna", ("dev", "ops"))
    install(fake)
    argv = fake.argv
    assert argv[argv.index("--kube-as-user") + 1] == "anna"
    assert [argv[number + 1] for number, word in enumerate(argv) if word == "--kube-as-group"] == ["dev", "ops"]


def test_a_renderer_only_when_asked(fake):
    install(fake, rules=post_render.Rules())
    argv = fake.argv
    assert argv[argv.index("--post-renderer") + 1] == ("acmp-mark" if fake.helm.major == 4 else __import__("sys").executable)
    assert ("ACMP_PYTHON" in (fake.folder / "env").read_text()) == (fake.helm.major == 4)


@pytest.mark.parametrize(("server_side", "method", "flag"), [
    (None, "ssa", "true"), (None, "csa", "false"), (None, "", "false"), (True, "csa", "true"), (False, "ssa", "false")])
def test_an_upgrade_goes_on_as_the_release_was_applied(fake, server_side, method, flag):
    fake.says("REVISION: 4\n")
    previous = releases.Release("db", "shop", 3, "deployed", "", {}, {}, [], "", "", "", "", {}, method)
    done = actions.upgrade(fake.helm, "/chart", "db", "shop", {}, fake.kube, fake.ctx, server_side=server_side, previous=previous)
    assert done.revision == 4
    argv = fake.argv
    assert "--reset-values" in argv and argv[argv.index("--history-max") + 1] == "10" and "--install" not in argv
    assert (f"--server-side={flag}" in argv) == (fake.helm.major == 4)
    assert ("--force-conflicts" in argv) == (fake.helm.major == 4 and flag == "true")


def test_rollback_needs_a_number_and_reads_the_new_one(fake):
    with pytest.raises(InputError):
        actions.rollback(fake.helm, "db", "shop", 0, fake.kube, fake.ctx)
    fake.says("Rollback was a success! Happy Helming!\n")
    fake.kube.heads = [{"metadata": {"name": f"sh.helm.release.v1.db.v{number}", "labels": {"name": "db", "version": str(number)}}} for number in (2, 10)]
    assert actions.rollback(fake.helm, "db", "shop", 1, fake.kube, fake.ctx, description="back").revision == 10
    assert fake.argv[-3:] == ["--", "db", "1"]
    assert ("--description" in fake.argv) == (fake.helm.major == 4)
    assert "--values" not in fake.argv


def test_uninstall_tells_what_it_kept(fake):
    fake.says('These resources were kept due to the resource policy:\n[PersistentVolumeClaim] data-0\n[Secret] pw\n\nrelease "db" uninstalled\n')
    done = actions.uninstall(fake.helm, "db", "shop", fake.kube, fake.ctx, hooks=False)
    assert done.kept == (("PersistentVolumeClaim", "data-0"), ("Secret", "pw"))
    assert "--ignore-not-found" in fake.argv and "--no-hooks" in fake.argv and "--keep-history" not in fake.argv


def test_check_mode_starts_nothing(fake):
    fake.ctx.check_mode = True
    with pytest.raises(HelmError, match="check mode"):
        install(fake)
    assert fake.ctx.processes == []


@pytest.mark.parametrize("label", [("k", "a,b=c"), ("k", "null"), ("k", "x" * 64), ("k", "a b"), ("k=x", "a"), ("k,l", "a"), ("", "a")])
def test_labels_that_helm_would_read_otherwise(fake, label):
    with pytest.raises(InputError):
        install(fake, labels=dict([label]))


def test_failure_is_told_with_its_meaning_and_without_secrets(fake):
    fake.ctx.secrets.add("hunter2!")
    fake.says(stderr='level=WARN msg="upgrade failed" error=x\nError: INSTALLATION FAILED: Unable to continue: Secret "a" in namespace "shop" exists '
                     "and cannot be imported into the current release: invalid ownership metadata; hunter2!\n", code=1)
    with pytest.raises(HelmError) as caught:
        actions.install(fake.helm, "/chart", "db", "shop", {}, fake.kube, fake.ctx)
    assert "belongs to something else" in caught.value.message and 'Secret "a"' in caught.value.message
    assert "hunter2!" not in json.dumps(caught.value.to_result())
    assert caught.value.details["exit_status"] == 1
    assert fake.ctx.warnings == []


def test_a_careless_chart_is_applied_client_side(fake):
    words = "Error: INSTALLATION FAILED: server-side apply failed for object shop/db: .spec.selektor: field not declared in schema\n"
    fake.says(stderr=words, code=1)
    with pytest.raises(HelmError):
        actions.install(fake.helm, "/chart", "db", "shop", {}, fake.kube, fake.ctx)
    verbs = [[word for word in argv if word.startswith("--server-side")] for argv in fake.ctx.processes]
    assert verbs == ([["--server-side=true"], ["--server-side=false"]] if fake.helm.major == 4 else [[]])
    assert bool(fake.ctx.warnings) == (fake.helm.major == 4)


@pytest.mark.parametrize(("stderr", "text"), [
    ("Error: UPGRADE FAILED: boom\n", "boom"),
    ("Error: boom\nUse --debug flag to render out invalid YAML\n", "boom"),
    ('W1121 10:00:00.1 12 warnings.go:70] x\nlevel=INFO msg=a\nError: a\n\tb\n', "a\n\tb"),
    ("plain words\n", "plain words"), ("", ""), ("level=ERROR msg=only\n", "level=ERROR msg=only"),
    ("WARNING: Kubernetes configuration file is group-readable\nError: x\n", "x"),
])
def test_the_useful_line(stderr, text):
    assert _command.error_text(stderr) == text


def test_a_death_without_words():
    assert "signal 9" in _command.failure("install", -9, "", Context()).message


def test_warnings_of_the_server_reach_the_user():
    stderr = ('I1121 13:01:26.387102    8338 warnings.go:107] "Warning: unknown field \\"spec.selektor\\""\n'
              'W1121 13:01:26.387102    8338 warnings.go:70] would violate PodSecurity\n'
              'level=WARN msg="this chart is deprecated"\nlevel=WARN msg="upgrade failed" name=x\nI1121 13:01:26.1 1 other.go:1] noise\n')
    assert _command.warnings(stderr) == ['unknown field "spec.selektor"', "would violate PodSecurity", "helm: this chart is deprecated"]


numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.dictionaries(st.text("ab.:é\x7f\u2028", min_size=1, max_size=4), st.none() | st.booleans() | numbers | st.text(max_size=20)))
def test_values_are_json_and_yaml_alike(values):
    text = _command.values_input(values).decode()
    clean = json.loads(json.dumps(values))
    found = json.loads(text)
    surrogates = any("\ud800" <= letter <= "\udfff" for key, value in values.items() for letter in f"{key}{value}")
    assert surrogates or found == clean
    # PyYAML reads exponents without a dot as text; Helm does not.
    if not surrogates and not any(isinstance(value, float) for value in values.values()):
        assert yaml.safe_load(text) == clean


@pytest.mark.parametrize("values", [{"a": float("nan")}, {"a": object()}, {"a": {1, 2}}])
def test_values_that_json_cannot_say(values):
    with pytest.raises(InputError):
        _command.values_input(values)


def test_render_without_the_cluster(fake):
    fake.says("---\n# Source: c/templates/a.yaml\nkind: Service\nmetadata: {name: a}\n---\n# Source: c/templates/h.yaml\nkind: Job\n"
              "metadata: {name: h, annotations: {helm.sh/hook: pre-install}}\n")
    done = render.render(fake.helm, "/chart", "db", "shop", {"a": "ü"}, None, fake.ctx, kube_version="v1.35.4", api_versions=["a/v1"])
    assert ([item["kind"] for item in done.objects], [item["kind"] for item in done.hooks]) == (["Service"], ["Job"])
    assert "kind: Job" not in done.manifest
    assert fake.argv[0] == "template" and "--kubeconfig" not in fake.argv and "--enable-dns" not in fake.argv


@pytest.mark.parametrize("installed", [False, True])
def test_render_by_the_server(fake, installed):
    fake.says("a notice\n" + json.dumps({"manifest": "---\nkind: A\n", "hooks": [{"manifest": "kind: B\n"}], "info": {"notes": "n"}}))
    done = render.render(fake.helm, "/chart", "db", "shop", {}, fake.kube, fake.ctx, installed=installed, server=True)
    assert (done.objects, done.hooks, done.notes) == ([{"kind": "A"}], [{"kind": "B"}], "n")
    assert fake.argv[0] == ("upgrade" if installed else "install") and "--dry-run=server" in fake.argv and "--kubeconfig" in fake.argv


@pytest.mark.parametrize("text", ["", "[]", "{", '{"hooks": [1]}', '{"hooks": 3}', '{"info": 3}'])
def test_a_dry_run_that_cannot_be_read(fake, text):
    fake.says(text)
    with pytest.raises(HelmError):
        render.render(fake.helm, "/chart", "db", "shop", {}, fake.kube, fake.ctx, server=True)


def test_what_helm_leaves_pending_is_settled(fake, monkeypatch):
    seen = []
    monkeypatch.setattr(releases, "mark_failed", lambda kube, head, ctx, why="": seen.append((head.revision, why)))
    label = {"name": "db", "status": "pending-rollback", "version": "3"}
    for changed, marked in (("1", []), ("99999999999", [(3, "helm ended while the release was pending-rollback")])):
        fake.kube.heads = [{"metadata": {"name": "sh.helm.release.v1.db.v3", "labels": {**label, "createdAt": changed}}}]
        fake.says(stderr="Error: pre-rollback hooks failed\n", code=1)
        with pytest.raises(HelmError):
            actions.rollback(fake.helm, "db", "shop", 1, fake.kube, fake.ctx)
        assert seen == marked
