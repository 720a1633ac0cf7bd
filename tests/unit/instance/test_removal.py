# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a removal does, keeps and refuses, and what comes back out of the recycle bin."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import releases
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import DIGEST_LABEL, Head
from ansible_collections.acmp.middleware.plugins.module_utils.instance._observe import Observed
from ansible_collections.acmp.middleware.plugins.module_utils.instance.removal import _bin, _ending, _holdings
from ansible_collections.acmp.middleware.plugins.module_utils.instance.removal._removal import Holdings, kept, lost, plan_removal
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import from_params

CLAIM = {"name": "data-orders-0", "uid": "u1", "size": "1Gi", "volume": "pv1", "reclaim_policy": "Delete"}
SECRET = {"apiVersion": "v1", "kind": "Secret", "name": "orders-auth", "uid": "s1"}
HELD = Holdings(claims=(CLAIM,), secrets=(SECRET,), revisions=(1, 2))
JOB = {"apiVersion": "batch/v1", "kind": "Job", "name": "orders-init", "uid": "j1"}
BINNED = "keep the record and 2 revisions of shop/orders in the recycle bin"
WIPE = {"delete_policy": "wipe", "confirm": "orders"}


def ask(**more):
    return from_params({"name": "orders", "namespace": "shop", "state": "absent", **more})


def seen(phase="Ready", label=True, heads=1, policy="keep", **status):
    spec = {"package": "redis", "releaseName": "orders", "deletePolicy": policy}
    record = {"metadata": {"name": "orders"}, "spec": spec, "status": {"phase": phase, **status}}
    one = Head(name="orders", namespace="shop", revision=1, status="deployed", secret="s", labels={DIGEST_LABEL: "d"} if label else {})
    return Observed(record, (one,) * heads)


def refused(*args):
    with pytest.raises(InstanceError) as caught:
        plan_removal(*args)
    return caught.value


@pytest.mark.parametrize(
    ("more", "state", "held", "actions"),
    [
        ({}, seen(), HELD, ["uninstall Helm release orders", "keep claim data-orders-0 (1Gi)", "keep Secret orders-auth",
                            BINNED]),
        (WIPE, seen(), HELD, ["uninstall Helm release orders", "delete claim data-orders-0 (1Gi)", "delete Secret orders-auth",
                              "delete the record and 2 revisions of shop/orders"]),
        ({}, seen(), Holdings(strays=(JOB,), revisions=(1,)), ["uninstall Helm release orders", "delete Job orders-init",
                                                               BINNED.replace("2 revisions", "1 revision")]),
        (WIPE, seen(policy="refuse", heads=0), HELD, ["delete claim data-orders-0 (1Gi)", "delete Secret orders-auth",
                                                      "delete the record and 2 revisions of shop/orders"]),
        ({}, seen("Removing", heads=0), HELD, ["keep claim data-orders-0 (1Gi)", "keep Secret orders-auth", BINNED]),
        (WIPE, seen("Removed", heads=0), HELD, ["delete claim data-orders-0 (1Gi)", "delete Secret orders-auth",
                                                "delete the record and 2 revisions of shop/orders"]),
        ({}, seen("Removed", heads=0), HELD, []),
        ({}, seen("Removed", label=False), HELD, []),
        ({}, Observed(), None, []),
    ],
    ids=["keep", "wipe", "strays", "protected-but-told", "interrupted", "purge", "in-the-bin", "in-the-bin-and-name-taken", "none"],
)
def test_what_is_done(more, state, held, actions):
    assert list(plan_removal(ask(**more), state, held).actions) == actions


def test_what_is_refused():
    assert "protected" in refused(ask(), seen(policy="refuse")).what
    assert "is not gone: its record was deleted" in refused(ask(), Observed(None, seen().heads)).what
    assert plan_removal(ask(), Observed(None, seen(label=False).heads)).actions == ()
    assert refused(ask(delete_policy="wipe"), seen()).todo == "say confirm: orders"
    assert refused(ask(delete_policy="wipe", confirm="order"), seen()).todo == "say confirm: orders"
    assert "no instance of the platform runs in the place" in refused(ask(**WIPE), seen("Removed", label=False), HELD).what
    doubtful = Holdings(claims=(CLAIM,), doubts=(("Helm would delete claim a", "do this"), ("claim b goes", "do this")))
    error = refused(ask(), seen(), doubtful)
    assert error.what.endswith("cannot be promised: Helm would delete claim a; claim b goes")
    assert error.todo == "do this; or, where the data may go, say delete_policy: wipe"
    assert plan_removal(ask(**WIPE), seen(), doubtful).wipe
    used = Holdings(claims=(CLAIM,), users=(("data-orders-0", "thief"),))
    assert "claim data-orders-0 by pod thief" in refused(ask(**WIPE), seen("Removed", heads=0), used).what


def test_what_came_back_is_compared_by_uid():
    recorded = kept(HELD, "2026-01-31T12:00:00Z")
    assert lost(recorded, {"data-orders-0": "u1"}, {"orders-auth": "s1"}) == []
    assert "is gone" in lost(recorded, {}, {"orders-auth": "s1"})[0]
    assert "somebody made it anew" in lost(recorded, {"data-orders-0": "u2"}, {"orders-auth": "s1"})[0]
    assert lost(recorded, {"data-orders-0": "u1"}, {}) == ["Secret orders-auth was kept and is gone: data that remember the old password do not know a new one"]


def test_nothing_given_is_as_it_was():
    bare = from_params({"name": "orders", "namespace": "shop"})
    assert bare.as_recorded().values_mode == "merge"
    for given in ({"package": "redis"}, {"version": "1.0.0"}, {"type": "large"}, {"values": {"replicas": 1}}, {"document": {}} | {"package": "redis"}):
        request = from_params({"name": "orders", "namespace": "shop", **given})
        assert request.as_recorded() is request


class Cluster:
    """Objects by kind; what a real API server would answer to get and list."""

    def __init__(self, **objects):
        self.objects = objects

    def list(self, _api, kind, _namespace=None, **_more):
        return self.objects.get(kind, [])

    def get(self, _api, kind, name, _namespace=None, **_more):
        return next((item for item in self.objects.get(kind, []) if item["metadata"]["name"] == name), None)

    def resource(self, _api, kind):
        return SimpleNamespace(namespaced=kind != "ClusterRole")


def live(name, uid, kind="", **meta):
    return {"kind": kind, "metadata": {"name": name, "uid": uid, **meta}, "spec": {}}


SET = {
    "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "orders"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
}


def holdings(monkeypatch, objects, observed, hooks=(), **cluster):
    release = SimpleNamespace(name="orders", objects=lambda: objects, hooks=list(hooks))
    monkeypatch.setattr(releases, "read", lambda *_words: release)
    return _holdings.look(Cluster(**cluster), ask(), observed)


def test_reasons_against_a_promise(monkeypatch):
    greedy = {**live("orders", "x"), "spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}}
    owned = live("data-orders-0", "u1", ownerReferences=[{"kind": "StatefulSet", "name": "orders"}])
    others = live("data-orders-1", "u2", ownerReferences=[{"kind": "Database", "name": "boss"}], deletionTimestamp="2026-01-31T12:00:00Z")
    own = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "files"}}
    found = holdings(monkeypatch, [SET, own], seen(), StatefulSet=[greedy], PersistentVolumeClaim=[owned, others])
    assert [what for what, _todo in found.doubts] == [
        "Helm would delete claim files", "StatefulSet orders deletes its claims with itself (whenDeleted: Delete)",
        "claim data-orders-1 goes with Database boss, its owner", "claim data-orders-1 is being deleted since 2026-01-31T12:00:00Z, and only its pods hold it",
    ]
    fine = holdings(monkeypatch, [SET], seen(), StatefulSet=[live("orders", "x")], PersistentVolumeClaim=[live("data-orders-0", "u1")])
    assert (fine.doubts, [claim["uid"] for claim in fine.claims]) == ((), ["u1"])


def test_in_the_bin_the_uid_decides(monkeypatch):
    """A claim that somebody made anew under a kept one's name is nobody's to delete; those of former revisions are found."""
    claimants = [{"kind": "StatefulSet", "name": "orders", "claimTemplates": ["data"]}]
    state = seen("Removed", heads=0, claimants=claimants, kept=kept(HELD, "t"))
    found = holdings(monkeypatch, [], state, PersistentVolumeClaim=[live("data-orders-0", "u2")], Secret=[live("orders-auth", "s2")])
    assert (found.claims, found.strangers) == ((), ("data-orders-0",))
    before_there_were_uids = seen("Removed", heads=0, claimants=claimants)
    found = holdings(monkeypatch, [], before_there_were_uids, PersistentVolumeClaim=[live("data-orders-0", "u2"), live("data-other-0", "u3")])
    assert [claim["uid"] for claim in found.claims] == ["u2"]


def test_what_helm_leaves(monkeypatch):
    keep = {"helm.sh/resource-policy": "keep"}
    token = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", "annotations": keep}}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "wide", "annotations": keep}}
    hook = '{"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "init", "annotations": {"helm.sh/hook": "post-install"}}}'
    found = holdings(
        monkeypatch, [token, role], seen(), hooks=[{"manifest": hook}], Secret=[live("token", "s9")], ClusterRole=[live("wide", "c1")],
        Job=[live("init", "j1", annotations={"helm.sh/hook": "post-install"})])
    assert ([item["name"] for item in found.strays], found.others) == (["init"], ())
    assert {item["uid"] for item in found.secrets} == {"s9"}
    foreign = holdings(monkeypatch, [], seen(), hooks=[{"manifest": hook}], Job=[live("init", "j1")])
    assert foreign.strays == ()


def test_a_lost_release_leaves_its_objects(monkeypatch):
    """Whoever deleted Helm's records left the workloads running; only those that are the instance's go."""
    ours = {"meta.helm.sh/release-name": "orders"}
    inventory = [{"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "namespace": "shop"} for name in ("orders", "other", "gone")]
    state = seen(heads=0, inventory=inventory)
    jobs = [live("orders-init", "j1", annotations={"helm.sh/hook": "pre-install"}), live("orders-night", "j2")]
    found = holdings(monkeypatch, [], state, Deployment=[live("orders", "d1", annotations=ours), live("other", "d2")], Job=jobs)
    assert [item["uid"] for item in found.strays] == ["d1", "j1"]


def test_what_holds_it_is_named():
    stuck = live("orders-0", "p1", "Pod", finalizers=["example.com/drain"], deletionTimestamp="t", ownerReferences=[{"kind": "StatefulSet", "name": "orders"}])
    claim = live("data-orders-0", "u1", "PersistentVolumeClaim", finalizers=["kubernetes.io/pvc-protection"])
    user = {**live("reader", "p2", "Pod"), "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data-orders-0"}}]}}
    cluster = Cluster(Pod=[stuck, user])
    explain = _ending.explainer(cluster, ask())
    assert explain(stuck) == "Pod orders-0 (finalizer example.com/drain)"
    assert explain(claim) == "PersistentVolumeClaim data-orders-0 (in use by pod reader)"
    lease, ticks = SimpleNamespace(check=lambda: None), iter(range(0, 100, 10))
    ctx = SimpleNamespace(clock=lambda: next(ticks), stopping=SimpleNamespace(wait=lambda _seconds: False))
    left = _ending.of_release(cluster, ask(), [SET])
    with pytest.raises(InstanceError) as caught:
        _ending.until_gone(ask(wait_timeout=30), left, explain, lease, ctx)
    assert "is not gone: 1 of its objects" in caught.value.what and "patch pod orders-0" in caught.value.todo
    assert _ending.until_gone(ask(wait=False), left, explain, lease, ctx) == [stuck]


def test_a_namespace_that_goes_takes_all_with_it():
    condition = {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "Some content has finalizers remaining: example.com/x in 1 resource"}
    going = {**live("shop", "n1", deletionTimestamp="t"), "status": {"conditions": [condition]}}
    with pytest.raises(InstanceError, match="example.com/x"):
        _ending.check_namespace(Cluster(Namespace=[going]), ask())
    warned = []
    _ending.tell_namespace(Cluster(Namespace=[going]), ask(), SimpleNamespace(warn=warned.append))
    for untouched in (Cluster(Namespace=[live("shop", "n1")]), Cluster()):
        _ending.check_namespace(untouched, ask())
        _ending.tell_namespace(untouched, ask(), SimpleNamespace(warn=warned.append))
    assert len(warned) == 1 and "example.com/x" in warned[0]


def test_a_wrong_name_is_told_what_is_in_the_bin():
    removed = {**live("orders", "i1"), "status": {"phase": "Removed"}}
    request = from_params({"name": "order", "namespace": "shop"})
    assert _bin.hint(Cluster(Instance=[removed, live("live", "i2")]), request) == (
        'say package, or correct the name (did you mean "orders"?); in the recycle bin of shop: orders')
