# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad changes of an instance that runs: each is refused with what, where and what to do, and nothing of it is written."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import random
import string
import threading

import pytest
import yaml
from harness.ansible import Result, instance
from harness.api import PLATFORM
from harness.checks import good
from harness.packages import TINY, forget, listed, package_with, unlisted

pytestmark = pytest.mark.once
PACKAGE = "bad-changes"
VERSIONS = ("1.0.0", "1.1.0", "3.0.0")
# Seconds of six tasks, also where each is a module of its own.
TOLD_WITHIN = 20
# Text that no packing makes much smaller, without what begins a template of Ansible.
_LETTERS = [letter for letter in string.printable[:94] if letter not in "{}%#"]


def _noise(kib: int) -> str:
    return "".join(random.Random(kib).choices(_LETTERS, k=kib * 1024))


def _wrong(result: Result, *words: str) -> str:
    """What is amiss with a failure that shall hold these words; "" where nothing is."""
    said = result.msg
    missing = [word for word in words if word not in said]
    parts = [part for part in ("what", "todo") if not result.error.get(part)]
    if result.failed and not missing and not parts and not result.changed:
        return ""
    return f"{result.task}: failed {result.failed}, lacks {missing + parts}: {said[:600]}"


def _all_refused(results: list[Result], expected: list[tuple[str, ...]]) -> None:
    wrong = [found for result, words in zip(results, expected, strict=True) if (found := _wrong(result, *words))]
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def package(ansible, api, platform, scratch) -> str:
    """The tiny package with two types, in three versions: the second follows the first with other definitions, the third none that there is."""
    default = (TINY / "manifests" / "default-cr.yaml").read_text()
    large = default.replace("instance-type: default", "instance-type: large").replace("replicas: 1", "replicas: 2")

    def files(field: str) -> dict[str, str]:
        schema = {"openAPIV3Schema": {"type": "object", "properties": {field: {"type": "string"}}}}
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things.bad-changes.example.com"},
            "spec": {"group": "bad-changes.example.com", "scope": "Namespaced", "names": {"kind": "Thing", "plural": "things", "singular": "thing"},
                     "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}]},
        }
        return {f"raw/{PACKAGE}/crds/things.yaml": yaml.safe_dump(definition), "manifests/default-cr.yaml": default + large}

    forget(api, PACKAGE)
    good(ansible.play(*listed(
        package_with(scratch, PACKAGE, files("one")), package_with(scratch, PACKAGE, files("two"), "1.1.0", follows="1.0.0"),
        package_with(scratch, PACKAGE, files("two"), "3.0.0", follows="2.0.0"))))
    yield PACKAGE
    ansible.play(*unlisted(PACKAGE, *reversed(VERSIONS)))
    forget(api, PACKAGE)
    # What was kept for the instance outlives it.
    for part in api.list("/api/v1/namespaces/acmp-catalog/configmaps", labelSelector=f"operators.apusic.com/package={PACKAGE}"):
        api.delete(f"/api/v1/namespaces/acmp-catalog/configmaps/{part['metadata']['name']}")


class Tasks:
    """Tasks about the instance ``one``."""

    def __init__(self, space: str) -> None:
        self.space = space

    def task(self, **options) -> dict:
        return instance("one", self.space, **options)

    def values(self, **values) -> dict:
        return self.task(values_mode="merge", values={key.replace("__", "."): value for key, value in values.items()})

    def back(self, **options) -> dict:
        return {"name": f"rollback {options}", "acmp_instance_rollback": {"name": "one", "namespace": self.space, **options}}


def test_changes_that_cannot_be(ansible, api, space, package):
    one = Tasks(space)
    good(ansible.play(one.task(package=package, version="1.0.0"), one.task(version="1.1.0")))
    before = api.everything(space)
    _refusals(ansible, one)
    assert api.everything(space) == before
    # Another type of the package is a change like any other.
    assert good(ansible.play(one.task(type="large"), arguments=("--check",))).last["actions"]
    _somebody_elses_namespace(ansible, api, one)
    assert api.everything(space) == before
    _a_hook_that_fails(ansible, api, one)
    _too_large(ansible, api, one)
    _back_across_definitions(ansible, api, one)
    _without_the_package(ansible, api, one, package)


def _refusals(ansible, one: Tasks) -> None:
    group = "operators.apusic.com/v1alpha1"
    cases = [
        # A path that the form does not have.
        (one.values(replicsa=2), ("replicsa", "did you mean", "replicas")),
        (one.values(image__tagg="1.0.0"), ("image.tagg", "did you mean")),
        # Out of range, or of another type; all at once.
        (one.values(replicas=101), ("replicas", "100")),
        (one.values(replicas=-1, exitCode=256), ("replicas", "exitCode", "255")),
        (one.values(replicas="many", ready="perhaps", image="tiny"), ("replicas must be a whole number", "ready must be true or false", "image must be a map")),
        (one.task(type="lagre"), ("lagre", "did you mean", "large")),
        # No way there.
        (one.task(version="1.0.0"), ("runs bad-changes 1.1.0, and 1.0.0 is older",)),
        (one.task(version="3.0.0"), ("does not say that it follows 1.1.0", "replaces 2.0.0")),
        (one.task(version="9.9.9"), ("no listed version 9.9.9", "1.1.0")),
        (one.task(package="tiny"), ('runs package "bad-changes", not "tiny"', "another instance name")),
        # No revision to go back to, or not with a word.
        (one.back(revision=99), ("has no revision 99", "ready revisions: 1, 2")),
        (one.back(revision=-1), ("has no revision -1", "ready revisions: 1, 2")),
        (one.back(revision=1), ("custom resource definitions differ", "crds/things.yaml", "across_crds: true")),
        (one.back(), ("custom resource definitions differ", "across_crds: true")),
        # Data go by the instance's own name alone.
        (one.task(state="absent", delete_policy="wipe"), ("confirm: one",)),
        (one.task(state="absent", delete_policy="wipe", confirm="two"), ("confirm: one",)),
        (one.task(state="absent", delete_policy="wipe", confirm="One"), ("confirm: one",)),
        # A script of something else.
        (one.task(document={"apiVersion": group, "kind": "Redis", "metadata": {"name": "one"}, "spec": {"replicas": 1}}), ("Redis", "HelmRelease")),
        (one.task(document={"apiVersion": group, "kind": "HelmRelease", "metadata": {"name": "two"}, "spec": {"values": {}}}), ("two",)),
    ]
    _all_refused(ansible.play(*(task for task, _words in cases)).results, [words for _task, words in cases])


def _somebody_elses_namespace(ansible, api, one: Tasks) -> None:
    path, label = f"/api/v1/namespaces/{one.space}", "operators.apusic.com/project"
    api.patch(path, {"metadata": {"labels": {label: "somebody"}}})
    run = ansible.play(one.values(message="theirs"), one.back(revision=1, across_crds=True), instance("two", one.space, package="tiny"))
    api.patch(path, {"metadata": {"labels": {label: None}}})
    _all_refused(run.results, [("somebody", "say project: somebody")] * 3)


def _a_hook_that_fails(ansible, api, one: Tasks) -> None:
    failed = ansible.play(one.values(hookJob__enabled=True, hookJob__exitCode=7), timeout=120).last
    assert not _wrong(failed, "hook", "went back to revision 2"), failed.data
    _as_before(api, one)


def _too_large(ansible, api, one: Tasks) -> None:
    """More than a record takes, and more than Helm takes: a sentence of its own for each."""
    before = api.everything(one.space)
    # Random text that Helm keeps twice, in the values and in the manifest.
    run = ansible.play(one.values(global__noise=_noise(600)), one.values(message=_noise(500)))
    _all_refused(run.results[:1], [("The document has", "KiB, and a record takes 512", "give less")])
    assert not _wrong(run.last, "Too long", "larger than the 1 MiB that Helm can record"), run.last.data
    _as_before(api, one)
    made = {name for name in set(api.everything(one.space)) - set(before) if not name.startswith(("operations/", "secrets/sh.helm."))}
    assert all(name.startswith("instancerevisions/") for name in made), made


def _as_before(api, one: Tasks) -> None:
    """It runs as it did at its second revision."""
    record = api.own("instances", one.space, "one")
    assert (record["status"]["phase"], record["status"]["readyRevision"], record["spec"]["version"]) == ("Ready", 2, "1.1.0"), record["status"]
    assert "hookJob" not in record["spec"]["document"] and len(record["spec"]["document"]) < 2000
    statuses = [status for _revision, status in api.helm(one.space)["one"]]
    assert statuses.count("deployed") == 1 and statuses[-1] == "deployed", statuses
    environment = api.deployment(one.space, "one")["spec"]["template"]["spec"]["containers"][0].get("env", [])
    assert not any(item["name"] == "TINY_MESSAGE" and item.get("value") for item in environment)


def _back_across_definitions(ansible, api, one: Tasks) -> None:
    """Said so, it goes, also where Helm has forgotten that revision, and tells what it does not undo; one whose record is gone is no revision."""
    api.delete(f"/api/v1/namespaces/{one.space}/secrets/sh.helm.release.v1.one.v1")
    back = good(ansible.play(one.back(revision=1, across_crds=True))).last
    assert back["instance"]["version"] == "1.0.0" and back["instance"]["phase"] == "Ready"
    assert "custom resource definitions stay those of the newer version" in back["not_undone"]
    api.delete(f"{PLATFORM}/namespaces/{one.space}/instancerevisions/one-r1")
    before = api.everything(one.space)
    assert not _wrong(found := ansible.play(one.back(revision=1)).last, "has no revision 1", "ready revisions: 2"), found.data
    assert api.everything(one.space) == before


def _without_the_package(ansible, api, one: Tasks, package: str) -> None:
    """Deleted from the catalog, in the two steps that this takes: its instance is shown, changed and removed; no other is made of it."""
    before = api.everything(one.space)
    listed_still = ansible.play({"acmp_package": {"name": package, "version": "1.0.0", "state": "absent"}}).last
    assert not _wrong(listed_still, "is listed", "state: unlisted"), listed_still.data
    gone = good(ansible.play(*unlisted(package, *reversed(VERSIONS)))).last
    assert any(f"{one.space}/one" in text and "keep its archive" in text for text in gone["warnings"]), gone.data
    said = f'There is no package "{package}" in the catalog'
    _all_refused(ansible.play(
        one.task(package=package, version="1.1.0"), instance("two", one.space, package=package)).results, [(package,)] * 2)
    assert said in ansible.play(instance("two", one.space, package=package)).last.msg
    assert api.everything(one.space) == before
    info = {"acmp_instance_info": {"namespace": one.space, "name": "one"}}
    change, wipe = one.values(message="still here"), one.task(state="absent", delete_policy="wipe", confirm="one")
    # A revision keeps its version's archive, too.
    run = good(ansible.play(info, change, change, one.back(revision=2, across_crds=True), wipe))
    shown = run[0]["instances"][0]
    assert (shown["package"], shown["version"], shown["phase"]) == (package, "1.0.0", "Ready")
    assert [result.changed for result in run.results[1:]] == [True, False, True, True] and run[3]["instance"]["version"] == "1.1.0"
    assert not api.helm(one.space) and not api.own("instances", one.space)


def test_objects_that_argo_cd_manages(ansible, api, space):
    """They are no Helm release, so that no word takes them over for one: refused, and left as they are."""
    marks = {"labels": {"argocd.argoproj.io/instance": "shop"}, "annotations": {"argocd.argoproj.io/tracking-id": f"shop:/Service:{space}/one"}}
    api.create(f"/api/v1/namespaces/{space}/services", {
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "one", **marks}, "spec": {"ports": [{"port": 80}]}})
    before = api.everything(space)
    run = ansible.play(instance("one", space, package="tiny"), instance("one", space, package="tiny", adopt=True))
    _all_refused(run.results, [("Service", "one exists already and is managed by Argo CD's application shop", "nothing was created")] * 2)
    assert api.everything(space) == before


@contextlib.contextmanager
def _overlaid(api, more: dict[str, dict]):
    """The address of the API server with these objects more, for reading alone."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = more.get(path) or api.get(self.path)
            if path == f"{PLATFORM}/clusters":
                found = {**found, "items": [*found["items"], *(item for item in more.values() if item["kind"] == "Cluster")]}
            text = json.dumps(found or {"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_words) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _config(server: str) -> dict:
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": {"server": server}}], "users": [{"name": "a", "user": {"token": "none"}}],
    }


def test_the_cluster_is_gone(ansible, api, space, tmp_path):
    """Every task about an instance there says so in time. A look at all shows the others, and who lists clusters is told how many it had."""
    name, down = "bad-changes-gone", "http://127.0.0.1:9"
    data = {"kubeconfig": base64.b64encode(json.dumps(_config(down)).encode()).decode()}
    more = {
        f"{PLATFORM}/clusters/{name}": {
            "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Cluster", "metadata": {"name": name}, "spec": {"uid": "1", "source": "imported"},
            "status": {"phase": "Ready", "instances": {"count": 1}}},
        f"/api/v1/namespaces/acmp-system/secrets/cluster-{name}": {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"cluster-{name}"}, "data": data},
        f"/api/v1/namespaces/acmp-system/configmaps/acmp-instances-{name}": {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"acmp-instances-{name}"}, "data": {"names": "shop/db"}},
    }
    query = {"name": "one", "namespace": space, "cluster": name}
    with _overlaid(api, more) as server:
        (tmp_path / "home").write_text(json.dumps(_config(server)))
        run = ansible.play(
            instance("one", space, package="tiny", cluster=name), instance("one", space, state="absent", cluster=name),
            {"acmp_instance_rollback": query}, {"acmp_instance_info": query}, {"acmp_instance_info": {"cluster": "all", "live": False}},
            {"acmp_cluster_info": {}}, env={"K8S_AUTH_KUBECONFIG": str(tmp_path / "home")})
    assert run.seconds < TOLD_WITHIN, f"{run.seconds:.1f} s"
    _all_refused(run.results[:4], [("cannot be reached", down, f"the stored credential of cluster {name}")] * 4)
    told = f"Instances on cluster {name} are not shown"
    assert not run[4].failed and any(told in text and "Known there last: shop/db" in text for text in run[4]["warnings"]), run[4].data
    shown = next(item for item in run[5]["clusters"] if item["name"] == name)
    assert shown["phase"] == "Unreachable" and shown["instances"]["count"] == 1
