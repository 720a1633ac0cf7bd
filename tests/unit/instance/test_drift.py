# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift: what a server makes of a manifest is none, every other change is one, and the fields of others are left alone."""

from __future__ import annotations

import base64
import copy
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden, KubeError
from ansible_collections.acmp.middleware.plugins.module_utils.instance.drift import _drift, _others
from hypothesis import given
from hypothesis import strategies as st

WORD = st.sampled_from(["alpha", "b", "cache", "data", "exporter", "f", "green", "main"])
AMOUNT = st.sampled_from(["1", "1000m", "250m", "0.5", "2", "128Mi", "1Gi", "1024Mi", "1e3"])


def named(make, most=2):
    return st.lists(WORD, min_size=1, max_size=most, unique=True).flatmap(lambda names: st.tuples(*map(make, names)).map(list))


def env(name):
    return st.one_of(
        st.builds(lambda value: {"name": name, "value": value}, st.sampled_from(["", "a", "true", "0"])),
        st.builds(lambda key: {"name": name, "valueFrom": {"secretKeyRef": {"name": "auth", "key": key}}}, WORD),
    )


def container(name):
    return st.builds(
        lambda image, entries, cpu, memory, port, args, probe: {
            "name": name, "image": f"{image}:1", "env": entries, "resources": {"requests": {"cpu": cpu}, "limits": {"memory": memory}},
            "ports": [{"containerPort": port}], "args": args, "volumeMounts": [{"name": "data", "mountPath": f"/{name}", "readOnly": False}],
            "readinessProbe": {"httpGet": {"path": "/", "port": probe}}, "securityContext": {},
        },
        WORD, named(env), AMOUNT, AMOUNT, st.integers(1, 65535), st.lists(WORD, max_size=2), st.one_of(st.integers(1, 9), WORD),
    )


WORKLOAD = st.builds(
    lambda kind, replicas, containers, labels, notes: {
        "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "orders", "labels": labels, "annotations": notes, "creationTimestamp": None},
        "spec": {"replicas": replicas, "template": {"metadata": {"labels": dict(labels)}, "spec": {
            "containers": containers, "nodeSelector": None, "tolerations": [], "volumes": [{"name": "data", "emptyDir": {}}]}}},
    },
    st.sampled_from(["Deployment", "StatefulSet"]), st.integers(0, 5), named(container), st.dictionaries(WORD, WORD, max_size=2),
    st.one_of(st.none(), st.dictionaries(WORD, WORD, max_size=2)),
)
CONFIG = st.builds(
    lambda data: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "orders"}, "data": data},
    st.dictionaries(WORD, st.sampled_from(["", "a", "a\nb\n"]), min_size=1))
SECRET = st.builds(
    lambda data: {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "orders"}, "stringData": data},
    st.dictionaries(WORD, st.sampled_from(["a", "bb"]), min_size=1))
SERVICE = st.builds(
    lambda ports: {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "orders"}, "spec": {"ports": ports}},
    named(lambda name: st.builds(lambda port: {"name": name, "port": port}, st.integers(1, 65535))))
OBJECT = st.one_of(WORKLOAD, CONFIG, SECRET, SERVICE)

# The same amounts as the API server writes them.
_CANONICAL = {"1000m": "1", "0.5": "500m", "1024Mi": "1Gi", "1e3": "1k"}


def stored(obj: dict) -> dict:
    """What an API server and those who write beside Helm make of an object."""
    live = _stored(copy.deepcopy(obj))
    meta = live["metadata"]
    meta.update(uid="u", resourceVersion="7", generation=2, creationTimestamp="2026-01-31T12:00:00Z", managedFields=[])
    meta["labels"] = {**(meta.get("labels") or {}), "by-hand": "yes"}
    meta["annotations"] = {**(meta.get("annotations") or {}), "deployment.kubernetes.io/revision": "3"}
    live["status"] = {"replicas": 1}
    if "stringData" in live:
        live["data"] = {key: base64.b64encode(value.encode()).decode() for key, value in live.pop("stringData").items()}
    if "template" in live.get("spec", {}):
        pod = live["spec"]["template"]["spec"]
        live["spec"].setdefault("replicas", 0)
        live["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "2026"}
        pod.update(restartPolicy="Always", schedulerName="default-scheduler", terminationGracePeriodSeconds=30)
        for each in pod["containers"]:
            each.update(terminationMessagePath="/dev/termination-log", imagePullPolicy="IfNotPresent")
            each["ports"] = [{**port, "protocol": "TCP"} for port in each["ports"]]
            each["readinessProbe"].update(periodSeconds=10)
            each.setdefault("env", []).append({"name": "INJECTED", "value": "x"})
        pod["containers"].insert(0, {"name": "istio-proxy", "image": "istio:1"})
        pod["volumes"][0]["emptyDir"] = {}
        pod["volumes"].append({"name": "istio", "emptyDir": {}})
    if live["kind"] == "Service":
        ports = [{**port, "protocol": "TCP", "targetPort": port.get("port")} for port in live["spec"]["ports"]]
        live["spec"].update(clusterIP="10.0.0.7", type="ClusterIP", ports=ports)
    return live


def _stored(value):
    """Without what is empty, amounts in the server's words."""
    if isinstance(value, dict):
        found = {key: _stored(item) for key, item in value.items() if item not in (None, [], {}) and item is not False}
        return {key: _CANONICAL.get(item, item) if key in ("cpu", "memory") else item for key, item in found.items()}
    return [_stored(item) for item in value] if isinstance(value, list) else value


@given(OBJECT)
def test_what_a_server_makes_of_a_manifest_is_no_drift(obj):
    assert _drift.compare(obj, stored(obj)) == []


def leaves(value, path=()):
    """Paths of fields that say something, but for those that name an entry of a list, or the object."""
    if isinstance(value, dict):
        for key, item in value.items():
            if path or key not in ("apiVersion", "kind", "status"):
                yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, number))
    elif value not in (None, False) and not (path[-1] in ("name", "mountPath", "containerPort") and isinstance(path[-2], int)) and path != ("metadata", "name"):
        yield path


@given(OBJECT, st.data())
def test_any_single_change_is_found(obj, data):
    obj = {**obj, "data": {key: base64.b64encode(value.encode()).decode() for key, value in obj["stringData"].items()}} if "stringData" in obj else obj
    obj.pop("stringData", None)
    path = data.draw(st.sampled_from(list(leaves(obj)) or [None]))
    if path is None:
        return
    changed = copy.deepcopy(obj)
    target = changed
    for step in path[:-1]:
        target = target[step]
    old = target[path[-1]]
    target[path[-1]] = old + 7 if isinstance(old, int) else "Nzc3" if obj["kind"] == "Secret" else "777" if path[-1] in ("cpu", "memory") else old + "-other"
    found = _drift.compare(obj, stored(changed))
    assert len(found) == 1, (path, found)
    assert [step for step in found[0].path if isinstance(step, str)] == [step for step in path if isinstance(step, str)][:len(found[0].path)] or "env" in path
    if isinstance(path[-1], str):
        # Deleted altogether, it is missed as well, unless it was as good as nothing.
        del target[path[-1]]
        assert _drift.compare(obj, stored(changed)) or not old


# Whose field it is -------------------------------------------------------------------------------------------------------------------

IMAGE = ("spec", "template", "spec", "containers", (("name", "app"),), "image")
OWNED = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}}}}


def live_with(manager: str, **entry) -> dict:
    return {"metadata": {"managedFields": [{"manager": "helm", "fieldsV1": {"f:spec": {"f:replicas": {}}}}, {"manager": manager, "fieldsV1": OWNED, **entry}]}}


@pytest.mark.parametrize(("manager", "theirs"), [
    ("kubectl-edit", False), ("helm", False), ("k9s", False), ("vpa-updater", True), ("kube-controller-manager", True), ("linkerd-injector", True),
    ("keda-operator", True), ("flux-image-automation-controller", True),
])
def test_a_controller_s_field_is_left_alone(manager, theirs):
    assert _others.theirs(live_with(manager), IMAGE) is theirs
    assert _others.writers(live_with(manager), IMAGE) == {manager}
    assert _others.writers(live_with(manager, subresource="status"), IMAGE) == set()
    assert not _others.theirs(live_with(manager), ("spec", "replicas"))


@pytest.mark.parametrize("path", [
    ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"), ("webhooks", (("name", "a"),), "clientConfig", "caBundle"),
])
def test_fields_that_are_filled_by_others(path):
    assert _others.theirs({"metadata": {}}, path)


@pytest.mark.parametrize(("size", "drifts"), [("2Gi", False), ("1024Mi", False), ("512Mi", True)])
def test_a_claim_that_grew_is_no_drift(size, drifts):
    def claim(size):
        return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {"resources": {"requests": {"storage": size}}}}

    assert bool(_drift.compare(claim("1Gi"), claim(size))) is drifts


# With a cluster ----------------------------------------------------------------------------------------------------------------------


def deployment(name="orders", replicas=1, image="redis:7") -> dict:
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "redis", "image": image}]}}},
    }


class Kube:
    """Answers from a list of objects; asked: what it was asked for. server: what a dry run makes of an object."""

    def __init__(self, *objects, scalers=(), server=lambda obj: obj, forbidden=()) -> None:
        self.objects, self.scalers, self.server, self.forbidden, self.asked = objects, list(scalers), server, forbidden, []

    def resource(self, _version, kind):
        return SimpleNamespace(namespaced=kind != "ClusterRole")

    def get(self, _version, kind, name, namespace=None):
        self.asked.append(("get", kind, name))
        if kind in self.forbidden:
            raise Forbidden("no")
        return next((obj for obj in self.objects if obj["kind"] == kind and obj["metadata"]["name"] == name), None)

    def list(self, _version, kind, namespace=None, field_selector=None):
        self.asked.append(("list", kind, field_selector))
        if kind in self.forbidden:
            raise Forbidden("no")
        return self.scalers if kind == "HorizontalPodAutoscaler" else [obj for obj in self.objects if obj["kind"] == kind]

    def apply(self, obj, field_manager, force, dry_run):
        assert dry_run is True
        self.asked.append(("dry run", obj["kind"], obj["metadata"]["name"]))
        return self.server(obj)


def scaler(name):
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "by-load"}, "spec": {"scaleTargetRef": target}}


def test_one_of_a_kind_is_got_and_several_are_listed():
    secrets = [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}} for name in ("a", "b")]
    kube = Kube(deployment(), *secrets)
    assert _drift.look(kube, "shop", [deployment(), *secrets], Context()) == []
    assert sorted(kube.asked) == [("get", "Deployment", "orders"), ("list", "Secret", "type!=helm.sh/release.v1")]


def test_what_is_missing_and_what_differs():
    kube = Kube(deployment(image="redis:8"))
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"}, "spec": {"ttlSecondsAfterFinished": 5}}
    found = _drift.look(kube, "shop", [deployment(), deployment("other"), job], Context())
    assert found == [
        {"object": "Deployment other", "what": "missing", "expected": None, "found": None},
        {"object": "Deployment orders", "what": "image redis", "expected": "7", "found": "8"},
    ]
    assert _drift.sentence("shop/orders", found) == "shop/orders is not as it was deployed: Deployment other is missing; Deployment orders image redis 7 → 8"
    assert _drift.actions(found) == ("make Deployment other again", "put back Deployment orders: image redis 8 → 7")
    assert [(item["what"], item["before"], item["after"]) for item in _drift.undone(found)] == [("added", None, None), ("image redis", "8", "7")]


def test_the_server_has_the_last_word():
    live = deployment(image="docker.io/library/redis:7")
    kube = Kube(live, server=lambda _obj: live)
    assert _drift.look(kube, "shop", [deployment()], Context()) == []
    assert ("dry run", "Deployment", "orders") in kube.asked

    def refused(_obj):
        raise KubeError("immutable")

    assert _drift.look(Kube(live, server=refused), "shop", [deployment()], Context())


def test_an_autoscaler_s_number_is_no_drift_and_another_s_is():
    live = deployment(replicas=5)
    assert _drift.look(Kube(live, scalers=[scaler("orders")]), "shop", [deployment()], Context()) == []
    assert _drift.look(Kube(live, scalers=[scaler("another")]), "shop", [deployment()], Context())[0]["found"] == 5


def test_what_may_not_be_read_is_said():
    ctx = Context()
    assert _drift.look(Kube(forbidden=("Deployment",)), "shop", [deployment()], ctx) == []
    assert ctx.warnings == ["Not compared with what runs, because they may not be read: Deployment"]


def test_custom_resources_are_set_by_us():
    """Helm 3 sees no change in them; built-in kinds it merges itself."""
    wanted = {
        "apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t", "labels": {"a": "b"}},
        "spec": {"size": 3, "deep": {"mode": "fast"}, "users": [{"name": "a", "roles": ["x"]}]},
    }
    live = {**wanted, "spec": {"size": 5, "deep": {"mode": "slow", "own": 1}, "users": [{"name": "a", "roles": ["y"]}], "more": True}}
    body = {"spec": {"size": 3, "deep": {"mode": "fast"}, "users": wanted["spec"]["users"]}}
    assert _drift.merge(wanted, _drift.compare(wanted, live)) == body
    patches, said = [], []
    kube = Kube(live, deployment(replicas=9))
    kube.patch = lambda *words: patches.append(words)
    _drift.put_back(kube, "shop", [wanted, deployment()], said.append)
    assert patches == [("example.com/v1", "Thing", "t", "shop", body)] and said == ["setting Thing t again, which Helm left as it was"]


def test_numbers_for_an_upgrade():
    """The live number where a manifest names one, nothing where none does, and nothing for what is not scaled or not there."""
    bare = deployment("bare")
    del bare["spec"]["replicas"]
    kube = Kube(deployment(replicas=4), deployment("bare", 6), deployment("plain", 7), scalers=[scaler("orders"), scaler("bare"), scaler("gone")])
    objects = [deployment(), bare, deployment("plain"), deployment("gone")]
    assert _others.replicas(kube, "shop", objects, [bare]) == {("Deployment", "orders"): 4}
    # It had a number before: without one, Helm would take the field away, and one pod is left.
    assert _others.replicas(kube, "shop", [bare], [deployment("bare", 2)]) == {("Deployment", "bare"): 6}
    # An autoscaler that comes with the change itself.
    assert _others.replicas(Kube(deployment(replicas=3)), "shop", [bare | {"metadata": {"name": "orders"}}, scaler("orders")], [deployment()]) == {
        ("Deployment", "orders"): 3}
