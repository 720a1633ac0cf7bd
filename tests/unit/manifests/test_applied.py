# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes, goes and stays; and that a run cut off at any write is finished by the next one, with nothing lost and nothing left behind."""

from __future__ import annotations

import itertools
import threading
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InstanceError, KubeError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import autoscalers
from ansible_collections.acmp.middleware.plugins.module_utils.manifests import applied, autoscaled, owners
from hypothesis import given, settings
from hypothesis import strategies as st

OWNER = owners.Owner("one", "space")
STAMPS = {"uid": 0, "resourceVersion": 0}


class Died(BaseException):
    """SIGKILL."""


class Store:
    """Objects in memory, with UIDs, a death before or after the n-th write, and a Job's template that never changes."""

    def __init__(self) -> None:
        self.objects, self.uids, self.left, self.lock = {}, itertools.count(1), -1, threading.Lock()

    def resource(self, _version, kind):
        return SimpleNamespace(namespaced=kind != "ClusterRole")

    def get(self, version, kind, name, namespace=None, metadata_only=False):
        return self.objects.get((kind, namespace if kind != "ClusterRole" else None, name))

    def list(self, version, kind, namespace):
        return [obj for key, obj in self.objects.items() if key[0] == kind]

    def _write(self):
        with self.lock:
            if self.left == 0:
                raise Died
            self.left -= 1

    def apply(self, obj, field_manager="", force=True, dry_run=False):
        key = obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]
        live = self.objects.get(key)
        if live and obj["kind"] == "Job" and live["spec"] != obj["spec"]:
            raise KubeError("field is immutable", status=422)
        if dry_run:
            return obj
        self._write()
        same = live and {**live["metadata"], **STAMPS} == {**obj["metadata"], **STAMPS} and live["spec"] == obj["spec"]
        meta = {**obj["metadata"], "uid": live["metadata"]["uid"] if live else str(next(self.uids))}
        meta["resourceVersion"] = live["metadata"]["resourceVersion"] if same else str(next(self.uids))
        self.objects[key] = {**obj, "metadata": meta}
        return self.objects[key]

    def delete(self, version, kind, name, namespace=None, uid=None):
        self._write()
        key = kind, namespace, name
        if key not in self.objects or uid and self.objects[key]["metadata"]["uid"] != uid:
            return False
        del self.objects[key]
        return True


def obj(kind: str, name: str, spec: int = 0) -> dict:
    version = {"Deployment": "apps/v1", "Job": "batch/v1", "ClusterRole": "rbac.authorization.k8s.io/v1"}.get(kind, "v1")
    return {"apiVersion": version, "kind": kind, "metadata": {"name": f"one-{name}"}, "spec": {"content": spec}}


WANTED = st.dictionaries(
    st.tuples(st.sampled_from(["ConfigMap", "Service", "Deployment", "Job", "ClusterRole", "PersistentVolumeClaim"]), st.sampled_from("ab")), st.integers(0, 1),
    min_size=1, max_size=6).map(lambda found: [obj(kind, name, spec) for (kind, name), spec in found.items()])


def deploy(store, record, objects, deaths=-1):
    """What a run does, with the record it would write at each moment."""
    store.left = deaths
    ctx = Context()
    objects = owners.located(store, objects, OWNER)
    record["inventory"] = applied.superset(record["inventory"], objects)
    done = applied.apply(store, objects, OWNER, ctx)
    pruned = applied.prune(store, record["inventory"], done.references, OWNER, ctx)
    record["inventory"] = done.references
    return [*done.actions, *pruned]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(WANTED, st.integers(-1, 8)), min_size=1, max_size=4), WANTED)
def test_cut_off_anywhere_the_next_run_finishes(runs, last):
    store, record = Store(), {"inventory": []}
    foreign = {**obj("ConfigMap", "theirs"), "metadata": {"name": "one-theirs", "namespace": "space", "uid": "0", "resourceVersion": "0"}}
    store.objects["ConfigMap", "space", "one-theirs"] = foreign
    claims = {}
    for objects, deaths in [*runs, (last, -1)]:
        try:
            deploy(store, record, objects, deaths)
        except Died:
            pass
        now = {key: live["metadata"]["uid"] for key, live in store.objects.items() if key[0] == "PersistentVolumeClaim"}
        assert claims.items() <= now.items(), "no claim is lost, nor made anew"
        claims = now
    wanted = {(item["kind"], item["metadata"]["name"]) for item in last}
    assert {(key[0], key[2]) for key in store.objects} == wanted | {("ConfigMap", "one-theirs")} | {(key[0], key[2]) for key in claims}
    assert store.objects["ConfigMap", "space", "one-theirs"] is foreign
    assert deploy(store, record, last) == [], "the same once more is nothing"
    store.left = -1
    held = [{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": name, "namespace": "space", "uid": uid} for (_k, _s, name), uid in claims.items()]
    applied.remove(store, [*record["inventory"], *held], OWNER, False, Context())
    assert list(store.objects.values()) == [foreign]


def test_the_plan_in_words():
    was = [applied.reference({**obj(kind, name), "metadata": {"name": f"one-{name}", "namespace": "space"}}, "1") for kind, name in (
        ("ConfigMap", "a"), ("ConfigMap", "b"), ("PersistentVolumeClaim", "c"), ("Secret", "d"), ("Service", "gone"))]
    wanted = owners.located(Store(), [obj("ConfigMap", "a"), obj("Deployment", "e")], OWNER)
    live = {applied.key(was[3]): {"metadata": {"annotations": {applied.KEEP: "keep"}}}, applied.key(was[4]): None}
    found = applied.plan(wanted, was, live)
    assert found.actions == ["add Deployment one-e", "remove ConfigMap one-b", "keep PersistentVolumeClaim one-c", "keep Secret one-d"]
    # A kind that moved to another version of its group is the same object.
    assert applied.plan(wanted, [{**item, "apiVersion": "apps/v1beta2"} for item in [applied.reference(wanted[1])]]).pruned == ()


def test_a_set_that_takes_its_claims_along_is_refused_before_anything_goes():
    store = Store()
    for kind, spec in (("ConfigMap", {}), ("StatefulSet", {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}})):
        store.apply({**obj(kind, "a"), "metadata": {"name": "one-a", "namespace": "space"}, "spec": spec})
    items = [applied.reference(live, live["metadata"]["uid"]) for live in store.objects.values()]
    with pytest.raises(InstanceError, match="whenDeleted: Delete"):
        applied.prune(store, items, [], OWNER, Context())
    assert len(store.objects) == 2
    assert applied.remove(store, items, OWNER, False, Context()) == ["deleted StatefulSet one-a", "deleted ConfigMap one-a"]


def test_references_name_claims():
    item = {**obj("StatefulSet", "a"), "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}
    assert applied.reference(item, "7") == {"apiVersion": "v1", "kind": "StatefulSet", "name": "one-a", "namespace": "", "claimTemplates": ["data"], "uid": "7"}


@pytest.mark.parametrize(("meta", "who"), [
    ({}, ""), ({"labels": {"app": "x"}}, ""),
    ({"annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "n"}}, "Helm release n/r"),
    ({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:n/web"}}, "Argo CD's application shop"),
    ({"labels": {"argocd.argoproj.io/instance": "shop"}}, "Argo CD's application shop"),
    ({"labels": {"kustomize.toolkit.fluxcd.io/name": "a", "kustomize.toolkit.fluxcd.io/namespace": "f"}}, "Flux's Kustomization f/a"),
    ({"labels": {"helm.toolkit.fluxcd.io/name": "a", "helm.toolkit.fluxcd.io/namespace": "f"}, "annotations": {"meta.helm.sh/release-name": "r"}},
     "Flux's HelmRelease f/a"),
    ({"labels": {owners.INSTANCE_LABEL: "two"}, "namespace": "space"}, "instance space/two of the platform"),
    ({"labels": {owners.INSTANCE_LABEL: "one", owners.NAMESPACE_LABEL: "other"}}, "instance other/one of the platform"),
    ({"ownerReferences": [{"kind": "Redis", "name": "r", "controller": True}]}, "Redis r"),
])
def test_who_manages_it(meta, who):
    live = {"metadata": {"name": "a", "namespace": None if owners.NAMESPACE_LABEL in str(meta) else "space", **meta}}
    assert owners.manager(live) == who
    kube = SimpleNamespace(get=lambda *_words, **_more: live)
    told = owners.check(kube, [{**obj("ConfigMap", "a")}], OWNER)
    assert len(told) == 1 and (who or "belongs to nobody") in told[0]
    assert owners.check(kube, [obj("ConfigMap", "a")], OWNER, adopt=True) == []


def test_what_is_ours():
    assert owners.belongs({"metadata": {"namespace": "space", "labels": {owners.INSTANCE_LABEL: "one"}}}, OWNER)
    assert not owners.belongs({"metadata": {"namespace": "other", "labels": {owners.INSTANCE_LABEL: "one"}}}, OWNER)
    assert owners.belongs({"metadata": {"labels": {owners.INSTANCE_LABEL: "one", owners.NAMESPACE_LABEL: "space"}}}, OWNER)
    assert not owners.belongs({"metadata": {"labels": {owners.INSTANCE_LABEL: "one"}}}, OWNER), "a cluster-scoped one has to say which namespace"


def test_replicas_of_an_autoscaler():
    scalers = [{"spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}}, {}]
    assert ("Deployment", "web") in autoscalers.targets(scalers)
    web = {"kind": "Deployment", "spec": {"replicas": 1}}
    assert autoscaled.with_replicas(web, 4)["spec"]["replicas"] == 4
    # Live 0 is a stop: what is asked for counts.
    assert autoscaled.with_replicas(web, 0)["spec"]["replicas"] == autoscaled.with_replicas(web, None)["spec"]["replicas"] == 1
