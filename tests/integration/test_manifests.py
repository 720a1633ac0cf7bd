# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A kustomization and plain manifests as objects in a cluster: applied, changed, pruned, adopted when told, removed without a trace."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import KubeError, KustomizeError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import kustomize
from ansible_collections.acmp.middleware.plugins.module_utils.instance.drift import _drift
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect
from ansible_collections.acmp.middleware.plugins.module_utils.manifests import applied, owners, render
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive, documents
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from harness.ansible import instance
from harness.checks import good, until
from harness.packages import forget

PACKAGES = Path(__file__).resolve().parents[1] / "packages"
MARKS = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux"}
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  template:
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      containers: [{name: main, image: docker.io/acmp/tiny:1.0.0, env: [{name: TINY_CRASH_AFTER, value: "0.1"}, {name: TINY_EXIT_CODE, value: "0"}]}]
"""
pytestmark = pytest.mark.once


class Instance:
    """One instance of a package at the level of the library, with what a record would hold of it."""

    def __init__(self, kube, ctx, package: str, name: str, namespace: str) -> None:
        self.package = model.load(archive.read_folder(str(PACKAGES / package)))
        self.kube, self.ctx, self.owner, self.inventory, self.more = kube, ctx, owners.Owner(name, namespace), [], {}

    def objects(self, **values) -> list[dict]:
        document = documents.build(self.package.types[0].document, self.owner.name, self.owner.namespace, values)
        raw = self.package.raw_tree().with_files(self.more)
        found = render.render(raw, self.package.template_type, document, self.owner.name, self.owner.namespace, self.ctx, origin="the package")
        return owners.located(self.kube, found, self.owner)

    def deploy(self, between=None) -> list[str]:
        """Actions of apply and prune."""
        objects = self.objects()
        self.inventory = applied.superset(self.inventory, objects)
        done = applied.apply(self.kube, objects, self.owner, self.ctx, between=between)
        pruned = applied.prune(self.kube, self.inventory, done.references, self.owner, self.ctx)
        self.inventory = done.references
        return [*done.actions, *pruned]


class Building:
    """A kustomize that notes each start before it becomes the cluster's kubectl. env: for a play."""

    def __init__(self, folder: Path, kubectl: str, path: str) -> None:
        folder.mkdir()
        self._log = folder / "starts"
        script = folder / "kustomize"
        script.write_text(
            f'#!/bin/sh\necho "$*" >> "{self._log}"\n[ "$1" = build ] && shift && exec "{kubectl}" kustomize "$@"\n'
            f'"{kubectl}" version --client | sed -n "s/Kustomize Version: //p"\n')
        script.chmod(0o755)
        self.env = {"PATH": os.pathsep.join([str(folder), path])}

    @property
    def starts(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def reset(self) -> None:
        self._log.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def kubectl(kubeconfig) -> str:
    own = Path(kubeconfig).parent / "bin" / "kubectl"
    found = str(own) if own.exists() else shutil.which("kubectl")
    if not found:
        pytest.skip("no kubectl, neither the cluster's own nor on PATH")
    return found


@pytest.fixture
def building(kubectl, ansible, tmp_path) -> Building:
    return Building(tmp_path / "building", kubectl, ansible.environment(tmp_path)["PATH"])


@pytest.fixture
def ctx(building):
    return Context(env={**os.environ, **building.env})


@pytest.fixture
def kube(kubeconfig, ctx):
    found = connect({"kubeconfig": kubeconfig}, ctx)
    yield found
    found.close()


@pytest.fixture
def packages(ansible, api, platform) -> None:
    for name in ("tiny-kustomize", "tiny-plain"):
        forget(api, name)
    good(ansible.play(*({"acmp_package": {"src": str(PACKAGES / name), "state": "listed"}} for name in ("tiny-kustomize", "tiny-plain"))))


def _configs(api, space: str) -> dict[str, dict]:
    return {item["metadata"]["name"]: item["data"] for item in api.core("configmaps", space) if item["metadata"]["name"] != "kube-root-ca.crt"}


def test_an_instance_that_is_a_kustomization(ansible, api, space, building, packages):
    before = api.everything(space)

    def play(*tasks):
        building.reset()
        return ansible.play(*tasks, env=building.env)

    def shop(**options):
        return instance("shop", space, **options)
    run = good(play({**shop(package="tiny-kustomize"), "check_mode": True}, shop(package="tiny-kustomize")))
    assert run[0]["actions"] == run[1]["actions"] == ["create Secret shop-auth", f"deploy tiny-kustomize 1.0.0 (default) as {space}/shop"]
    pod = api.core("pods", space, "shop-web-0")
    assert pod["metadata"]["labels"][owners.INSTANCE_LABEL] == "shop"
    assert [item["valueFrom"]["secretKeyRef"]["name"] for item in pod["spec"]["containers"][0]["env"] if "valueFrom" in item] == ["shop-auth"]
    assert _configs(api, space).popitem()[1] == {"TINY_MESSAGE": "hello"}
    claim, password = api.claims(space)["data-shop-web-0"], api.core("secrets", space, "shop-auth")["data"]

    quiet = api.everything(space)
    assert not good(play(shop())).last.changed and building.starts == [] and api.everything(space) == quiet

    # A generated ConfigMap has its content in its name: the new one comes, the pods follow, the old one goes. Then an image that never starts;
    # and somebody else's object in the way of another instance.
    said = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"TINY_MESSAGE": "bye"}}
    change = {"patches": [{"target": {"kind": "ConfigMap", "name": "settings"}, "patch": said}]}
    theirs = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-settings", "labels": MARKS}, "data": {"theirs": "1"}}
    api.create(f"/api/v1/namespaces/{space}/configmaps", theirs)
    run = play(
        shop(values=change, values_mode="merge"), shop(values={"images.tiny.newTag": "no-such-tag"}, values_mode="merge", wait_timeout=8), shop(values=change),
        instance("web", space, package="tiny-plain"), instance("web", space, package="tiny-plain", adopt=True),
        shop(values={"replicas.wep": 1}), shop(values={"images.tinny.newTag": "1"}), shop(values={"replica": 1}))
    assert not run[0].failed and [item["what"] for item in run[0]["changes"]] == ["added", "envFrom[0].configMapRef.name", "removed"]
    assert run[1].failed and "no-such-tag" in run[1].msg and "went back to revision 2" in run[1].msg
    assert not run[2].failed and not run[2].changed, "it is as it was"
    assert run[3].failed and f"ConfigMap {space}/web-settings exists already and is managed by Flux's Kustomization flux/apps" in run[3].msg
    assert not run[4].failed
    for number, told in ((5, 'did you mean "web"'), (6, 'did you mean "tiny"'), (7, 'did you mean "replicas"')):
        assert run[number].failed and told in run[number].msg
    configs = _configs(api, space)
    assert configs.pop("web-settings") == {"theirs": "1", "TINY_MESSAGE": "hello"}, "taken over, and what others set is left"
    assert list(configs.values()) == [{"TINY_MESSAGE": "bye"}]

    api.patch(f"/api/v1/namespaces/{space}/configmaps/{next(iter(configs))}", {"data": {"TINY_MESSAGE": "edited"}})
    run = good(play(shop(drift="repair"), shop(state="absent"), instance("web", space, state="absent", delete_policy="wipe", confirm="web")))
    assert run[0]["actions"] and _configs(api, space) == {} and api.claims(space) == {"data-shop-web-0": claim}
    good(play(shop(package="tiny-kustomize")))
    assert api.claims(space)["data-shop-web-0"] == claim and api.core("secrets", space, "shop-auth")["data"] == password
    good(play(shop(state="absent", delete_policy="wipe", confirm="shop")))
    assert set(api.everything(space)) == set(before)


def test_objects_live_beside_those_of_others(kube, ctx, api, space):
    """At the level of the library: a death in the middle, fields of others, what is made anew, what stays and what is theirs."""
    before = set(api.everything(space))
    web = Instance(kube, ctx, "tiny-plain", "web", space)
    web.more = {"once.yaml": JOB}

    def dies():
        if api.core("persistentvolumeclaims", space):
            raise Killed
    with pytest.raises(Killed):
        web.deploy(between=dies)
    made = [" ".join(word.split()[:2]) for word in web.deploy() if word.startswith("created")]
    assert sorted(made) == ["created Deployment", "created Job", "created Service"], "the first wave was there already"
    quiet = {name: version for name, version in api.everything(space).items() if name.startswith(("configmaps/", "services/"))}
    web.deploy()
    assert quiet.items() <= api.everything(space).items(), "the same once more is no write"
    job = api.get(f"/apis/batch/v1/namespaces/{space}/jobs/web-once")["metadata"]["uid"]

    # What others do: an autoscaler that scaled, a restart, a label; and what is drift.
    deployment = f"/apis/apps/v1/namespaces/{space}/deployments/web-web"
    api.create(f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers", {
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "theirs"},
        "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-web"}, "minReplicas": 2, "maxReplicas": 3}})
    api.patch(f"{deployment}/scale", {"spec": {"replicas": 2}})
    restarted = {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}}
    api.patch(deployment, {"metadata": {"labels": {"hand": "made"}}, "spec": {"template": restarted}})
    assert _drift.look(kube, space, web.objects(), ctx) == []
    api.patch(f"/api/v1/namespaces/{space}/configmaps/web-settings", {"data": {"TINY_MESSAGE": "edited"}})
    api.delete(f"/api/v1/namespaces/{space}/services/web-web")
    found = {(item["object"], item["what"], item["expected"], item["found"]) for item in _drift.look(kube, space, web.objects(), ctx)}
    assert found == {("ConfigMap web-settings", "TINY_MESSAGE", "hello", "edited"), ("Service web-web", "missing", None, None)}

    # A Job's template never changes: it is made anew. A file that went: its object goes, a claim stays.
    raw = web.package.raw_tree()
    settings, deployed = (raw.text(path).replace("name: settings", "name: other") for path in ("settings.yaml", "deployment.yaml"))
    deployed = deployed.replace("persistentVolumeClaim:\n            claimName: data", "emptyDir: {}")
    web.more = {"once.yaml": JOB.replace("0.1", "0.2"), "claim.yaml": None, "deployment.yaml": deployed, "settings.yaml": settings}
    actions = web.deploy()
    expected = {f"replaced Job {space}/web-once", f"created ConfigMap {space}/web-other", f"created Service {space}/web-web", "deleted ConfigMap web-settings"}
    assert expected <= set(actions)
    assert api.get(f"/apis/batch/v1/namespaces/{space}/jobs/web-once")["metadata"]["uid"] != job
    now = api.get(deployment)
    assert now["spec"]["replicas"] == 2 and now["metadata"]["labels"]["hand"] == "made"
    assert now["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] == "now"
    assert "web-data" in api.claims(space), "a claim is never pruned"

    # Made anew by somebody else under the same name: theirs. What has no UID yet goes by its label.
    api.delete(f"/api/v1/namespaces/{space}/services/web-web")
    spec = {"ports": [{"port": 1}], "selector": {"a": "b"}}
    kube.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web-web", "namespace": space}, "spec": spec})
    web.inventory = [{key: value for key, value in item.items() if key != "uid" or item["kind"] == "Service"} for item in web.inventory]
    done = applied.remove(kube, web.inventory, web.owner, False, ctx)
    assert sorted(done) == ["deleted ConfigMap web-other", "deleted Deployment web-web", "deleted Job web-once"]
    assert applied.remove(kube, web.inventory, web.owner, False, ctx) == []
    assert api.core("services", space, "web-web")
    kube.delete("v1", "Service", "web-web", space)
    api.delete(f"/apis/autoscaling/v2/namespaces/{space}/horizontalpodautoscalers/theirs")
    api.delete(f"/api/v1/namespaces/{space}/persistentvolumeclaims/web-data")
    until("everything to be gone", lambda: set(api.everything(space)) == before, 60)


def test_what_the_caller_may_not_write_is_told(kube, ctx, space):
    """Nothing special: the API server's dry run says it, before anything is there."""
    one = Instance(kube, ctx, "tiny-plain", "one", space)
    one.more = {"role.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\nrules: []\n"}
    objects = one.objects()
    role = next(obj for obj in objects if obj["kind"] == "ClusterRole")
    assert role["metadata"]["name"] == "one-reader" and role["metadata"]["labels"][owners.NAMESPACE_LABEL] == space
    jo = connect({"kubeconfig": os.environ["ACMP_KUBECONFIG"]}, ctx, {"user": "jo", "groups": []})
    with pytest.raises(KubeError, match="create clusterroles|patch clusterroles"):
        jo.apply(role, field_manager=applied.MANAGER, dry_run=True)
    jo.close()


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
PROGRAM = """
apiVersion: x/v1
kind: Program
metadata: {name: t, annotations: {config.kubernetes.io/function: "exec: {path: ./run.sh}"}}
"""


@pytest.mark.parametrize(("kustomization", "refused"), [
    ("resources: ['https://raw.githubusercontent.com/x/y/main/a.yaml']", "proxyconnect"), ("resources: [github.com/a/b]", "no 'git' program"),
    ("configMapGenerator: [{name: a, files: [/etc/passwd]}]", "security"), ("configMapGenerator: [{name: a, files: [link]}]", "security"),
    ("helmCharts: [{name: a, repo: 'https://example.com'}]", "[Hh]elm"), ("resources: [a.yaml]\ntransformers: [program.yaml]", "plugins disabled"),
])
def test_kustomize_itself_is_bound(ctx, tmp_path, kustomization, refused):
    """The second line: all of it is refused before kustomize starts (tests/unit/manifests/test_hostile.py)."""
    folder = tmp_path / "folder"
    (folder / "github.com" / "a" / "b").mkdir(parents=True)
    (folder / "github.com" / "a" / "b" / "kustomization.yaml").write_text("resources: []")
    (folder / "link").symlink_to("/etc/passwd")
    for name, text in {"kustomization.yaml": kustomization, "a.yaml": CONFIG, "program.yaml": PROGRAM, "run.sh": f"#!/bin/sh\ntouch {tmp_path}/ran"}.items():
        (folder / name).write_text(text)
    (folder / "run.sh").chmod(0o755)
    with pytest.raises(KustomizeError, match=refused):
        kustomize.build(kustomize.find(ctx), str(folder), ctx)
    assert not (tmp_path / "ran").exists()


class Killed(Exception):
    """The run ends here."""
