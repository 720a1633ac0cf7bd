# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Setting and looking up, against an API of a few dictionaries."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden, InputError, KubeError, NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.quota import quotas, shape

CPU = {"cpu": "100m"}
LIMITS = [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": CPU}]


class Api:
    """As much of Kube as is needed; owner: fields set by somebody else stay at an apply, as in a real one."""

    server = "https://api"

    def __init__(self, *objects, refused=()):
        self.objects = {(obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]): obj for obj in objects}
        self.refused, self.reads, self.writes, self.verified = refused, [], [], 0

    def get(self, _version, kind, name, namespace=None, metadata_only=False):
        self.reads.append(kind)
        return self.objects.get((kind, namespace, name))

    def list(self, _version, kind, namespace=None, metadata_only=False):
        self.reads.append(kind)
        if kind in self.refused:
            raise self.refused[kind]
        return [obj for (of, space, _name), obj in self.objects.items() if of == kind and namespace in (None, space)]

    def apply(self, obj, dry_run=False):
        if obj["kind"] in self.refused:
            raise self.refused[obj["kind"]]
        place = (obj["kind"], obj["metadata"]["namespace"], obj["metadata"]["name"])
        live = self.objects.get(place)
        stored = copy.deepcopy(obj)
        if live and "hard" in obj["spec"]:
            stored["spec"] = {**{key: value for key, value in live["spec"].items() if key != "scopes"}, **stored["spec"]}
            stored["spec"]["hard"] = {**{key: value for key, value in live["spec"]["hard"].items() if not shape.is_ours(live)}, **stored["spec"]["hard"]}
        if not dry_run:
            self.writes.append(f"apply {obj['kind']}")
            self.objects[place] = {**stored, "metadata": {**stored["metadata"], "uid": "new"}}
        return stored

    def patch(self, _version, kind, name, namespace, body):
        self.writes.append(f"patch {kind}")
        spec = self.objects[kind, namespace, name]["spec"]
        for key, value in body["spec"].items():
            if value is None:
                del spec[key]
            else:
                for inner in value:
                    del spec[key][inner]

    def delete(self, _version, kind, name, namespace=None, uid=None):
        self.writes.append(f"delete {kind}")
        return self.objects.pop((kind, namespace, name)) is not None

    def verify(self):
        self.verified += 1


def namespace(name="shop", **meta):
    return {"kind": "Namespace", "metadata": {"name": name, **meta}}


def quota(hard, used=None, name="acmp", space="shop", labels=None, **spec):
    obj = shape.resource_quota(name, space, hard)
    meta = {**obj["metadata"], "uid": "1", "labels": obj["metadata"]["labels"] if labels is None else labels}
    return {**obj, "metadata": meta, "spec": {**obj["spec"], **spec}, "status": {"used": used or {}}}


def limits(items, name="acmp", labels=None):
    obj = shape.limit_range(name, "shop", items)
    return {**obj, "metadata": {**obj["metadata"], "uid": "2", "labels": obj["metadata"]["labels"] if labels is None else labels}}


def pod(name="web", requests=None, space="shop"):
    container = {"name": "main", "resources": {"requests": requests} if requests else {}}
    return {"kind": "Pod", "metadata": {"name": name, "namespace": space}, "spec": {"containers": [container]}, "status": {"phase": "Running"}}


@pytest.fixture
def call(monkeypatch):
    def run(function, api, check_mode=False, **params):
        given = {"cluster": "local", "namespace": "shop", "name": "acmp", "state": "present", "hard": None, "limits": None, "scopes": None,
                 "scope_selector": None, "force": False, "suggestions": False, **params}
        for way in ("_reach", "_to_look"):
            monkeypatch.setattr(quotas, way, lambda *_given: SimpleNamespace(kube=api, verify=api.verify))
        ctx = Context(check_mode=check_mode, diff=True)
        run.warnings = ctx.warnings
        return function({}, None, given, ctx)
    return run


@pytest.fixture
def ensure(call):
    def run(api, **params):
        predicted = None
        if not params.get("check_mode"):
            predicted = call(quotas.ensure, copy.deepcopy(api), check_mode=True, **params)
        result = call(quotas.ensure, api, **params)
        # Check mode says exactly what the run then does.
        assert predicted in (None, result)
        run.warnings = call.warnings
        return result
    return run


def test_create_then_unchanged_with_three_reads(ensure):
    api = Api(namespace())
    made = ensure(api, hard={"pods": 30, "requests.cpu": 1.5}, limits=LIMITS)
    assert made["actions"] == ["create LimitRange shop/acmp", "create ResourceQuota shop/acmp"]
    assert made["quota"]["hard"] == {"pods": "30", "requests.cpu": "1500m"}
    assert api.writes == ["apply LimitRange", "apply ResourceQuota"]
    assert api.verified == 1
    api.reads.clear()
    again = ensure(api, hard={"pods": "30", "requests.cpu": "1500m"}, limits=LIMITS)
    assert (again["changed"], again["actions"], again["diff"], len(api.writes), api.verified) == (False, [], [], 2, 1)
    assert again["quota"] == made["quota"]
    assert api.reads == ["Namespace", "ResourceQuota", "LimitRange"]


def test_check_mode_writes_nothing(ensure):
    api = Api(namespace())
    assert ensure(api, hard={"pods": 30}, check_mode=True)["changed"]
    assert (api.writes, api.verified) == ([], 0)


def test_of_two_objects_neither_is_written_when_one_is_refused(call):
    api = Api(namespace())
    api.list = lambda *_given, **_more: []
    api.refused = {"ResourceQuota": KubeError("must be a standard resource")}
    with pytest.raises(KubeError, match="standard resource"):
        call(quotas.ensure, api, hard={"request.cpu": 1}, limits=LIMITS)
    assert api.writes == []
    assert "did you mean \"requests.cpu\"" in call.warnings[0]


def test_change_of_one_keeps_the_other(ensure):
    api = Api(namespace(), quota({"pods": "30"}, {"pods": "3"}), limits(LIMITS))
    result = ensure(api, hard={"pods": 40})
    assert result["actions"] == ["change ResourceQuota shop/acmp"]
    assert result["diff"][0]["before"] == {"hard": {"pods": "30"}}
    assert result["quota"]["used"] == {"pods": "3"}
    assert result["quota"]["percent"] == {"pods": 7.5}
    assert result["quota"]["limits"] == LIMITS


def test_lowering_below_use_needs_force(ensure):
    api = Api(namespace(), quota({"pods": "30", "requests.cpu": "4"}, {"pods": "12", "requests.cpu": "3500m"}))
    with pytest.raises(InputError) as caught:
        ensure(api, hard={"pods": 10, "requests.cpu": 3})
    assert caught.value.details["reasons"] == ["pods would be 10, and 12 is used", "requests.cpu would be 3, and 3500m is used"]
    assert api.writes == []
    assert ensure(api, hard={"pods": 10, "requests.cpu": 3}, force=True)["changed"]
    assert ensure.warnings[0] == "namespace shop: pods would be 10, and 12 is used"


def test_a_new_quota_is_compared_with_what_lives_there(ensure):
    service = {"kind": "Service", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"type": "LoadBalancer", "ports": []}}
    claim = {"kind": "PersistentVolumeClaim", "metadata": {"name": "a", "namespace": "shop"}, "spec": {"resources": {"requests": {"storage": "2Gi"}}}}
    api = Api(namespace(), pod(requests=CPU), service, claim)
    with pytest.raises(InputError) as caught:
        ensure(api, hard={"requests.cpu": "50m", "services.loadbalancers": 0, "requests.storage": "1Gi", "pods": 5})
    assert caught.value.details["reasons"] == [
        "requests.cpu would be 50m, and 100m is used", "services.loadbalancers would be 0, and 1 is used", "requests.storage would be 1Gi, and 2Gi is used"]


def test_pods_without_requests_are_named_before_they_break(ensure):
    api = Api(namespace(), pod())
    with pytest.raises(InputError, match="Pod web .1 pod.: container main has no requests.cpu"):
        ensure(api, hard={"requests.cpu": 4})
    assert ensure(api, hard={"requests.cpu": 4}, limits=LIMITS)["changed"]
    # And what takes the default away again.
    with pytest.raises(InputError, match="no LimitRange gives a default"):
        ensure(api, limits=[])
    with pytest.raises(InputError, match="no LimitRange gives a default"):
        ensure(api, limits=[{"type": "Pod", "max": {"cpu": 2}}])
    assert ensure(api, hard={}, limits=[])["actions"] == ["remove ResourceQuota shop/acmp", "remove LimitRange shop/acmp"]


def test_what_is_broken_already_is_no_reason(ensure):
    api = Api(namespace(), pod(), quota({"requests.cpu": "4"}, {"requests.cpu": "0"}))
    assert ensure(api, hard={"requests.cpu": 8, "pods": 5})["changed"]


def test_scopes_decide_whose_pods_count(ensure):
    api = Api(namespace(), pod())
    assert ensure(api, hard={"requests.cpu": 4}, scopes=["Terminating"])["quota"]["scopes"] == ["Terminating"]
    replaced = ensure(api, hard={"pods": 4}, scopes=["NotTerminating"])
    assert replaced["actions"] == ["replace ResourceQuota shop/acmp"]
    assert api.writes[-2:] == ["delete ResourceQuota", "apply ResourceQuota"]
    # Not mentioned, they stay.
    assert not ensure(api, hard={"pods": 4})["changed"]
    assert ensure(api, hard={"pods": 4}, scopes=[])["actions"] == ["replace ResourceQuota shop/acmp"]


def test_what_somebody_else_made_is_taken_over_only_with_force(ensure):
    theirs = quota({"pods": "30", "secrets": "5"}, {"pods": "1"}, labels={"team": "x"}, scopeSelector={"matchExpressions": []})
    api = Api(namespace(), theirs, limits(LIMITS, labels={}))
    for params in ({"hard": {"pods": 30}}, {"limits": []}, {"state": "absent"}):
        with pytest.raises(InputError, match="made by somebody else"):
            ensure(api, **params)
    assert ensure(api, hard={"pods": 30}, force=True)["changed"]
    assert api.writes == ["apply ResourceQuota", "patch ResourceQuota"]
    assert api.objects["ResourceQuota", "shop", "acmp"]["spec"] == {"hard": {"pods": "30"}}
    assert not ensure(api, hard={"pods": 30})["changed"]


def test_labels_of_the_project_stay(ensure):
    project = {"operators.apusic.com/project": "sales", "app.kubernetes.io/part-of": "acmp", "other": "x"}
    api = Api(namespace(), quota({"pods": "30"}, {"pods": "1"}, labels=project))
    ensure(api, hard={"pods": 40})
    assert api.objects["ResourceQuota", "shop", "acmp"]["metadata"]["labels"] == {
        "operators.apusic.com/project": "sales", "app.kubernetes.io/part-of": "acmp"}


def test_absent_twice(ensure):
    api = Api(namespace(), quota({"pods": "30"}), limits(LIMITS))
    assert ensure(api, state="absent") | {"diff": []} == {
        "changed": True, "actions": ["remove ResourceQuota shop/acmp", "remove LimitRange shop/acmp"], "diff": [], "quota": None}
    assert not ensure(api, state="absent")["changed"]
    assert not ensure(Api(), state="absent")["changed"]


def test_missing_and_terminating_namespaces(ensure, call):
    with pytest.raises(NotFound, match='The namespace shop does not exist.*did you mean "shops"'):
        ensure(Api(namespace("shops")), hard={"pods": 1})
    with pytest.raises(NotFound, match="make it first"):
        ensure(Api(refused={"Namespace": Forbidden("no")}), hard={"pods": 1})
    with pytest.raises(NotFound, match="does not exist"):
        call(quotas.info, Api())
    leaving = namespace(deletionTimestamp="2026-01-01T00:00:00Z")
    with pytest.raises(InputError, match="being deleted"):
        ensure(Api(leaving), hard={"pods": 1})
    assert call(quotas.info, Api(leaving))[0]["state"] == "Terminating"


@pytest.mark.parametrize(("params", "said"), [
    ({}, "nothing to set"),
    ({"namespace": "Shop", "hard": {}}, "DNS name"),
    ({"namespace": "a/b", "hard": {}}, "DNS name"),
    ({"name": "a..b", "hard": {}}, "DNS name"),
    ({"hard": {}, "scopes": ["Terminating"]}, "there is no quota"),
    ({"hard": {"pods": 1}, "scope_selector": [{"scopeName": "x"}]}, "no scope"),
    ({"hard": {"pods": "many"}}, "no quantity"),
    ({"limits": [{}]}, "no limit for the type"),
])
def test_bad_input_makes_no_request(ensure, params, said):
    api = Api(namespace())
    with pytest.raises(InputError, match=said):
        ensure(api, **params)
    assert api.reads == []


def test_other_quotas_that_allow_less_are_told(ensure):
    api = Api(namespace(), quota({"pods": "5", "secrets": "3"}, name="team"), quota({"pods": "2"}, name="night", scopes=["Terminating"]))
    ensure(api, hard={"pods": 10, "secrets": 2})
    assert ensure.warnings == ["ResourceQuota shop/team also applies and allows less: pods 5"]


def test_what_may_not_be_read_is_said(ensure):
    ensure(Api(namespace(), refused={"Pod": Forbidden("Not allowed to list pods")}), hard={"pods": 10})
    assert ensure.warnings == ["Whether the quota fits what runs could not be checked: Not allowed to list pods"]


def test_info_of_every_namespace(call):
    api = Api(namespace("a"), namespace("b", deletionTimestamp="x"), namespace("c"), quota({"pods": "30"}, {"pods": "29"}, space="b"),
              quota({"pods": "1"}, space="a", name="x", labels={}), limits(LIMITS), pod(requests=CPU, space="b"))
    found = call(quotas.info, api, namespace=None)
    assert [(entry["namespace"], entry["state"], len(entry["quotas"]), len(entry["limit_ranges"])) for entry in found] == [
        ("a", "Active", 1, 0), ("b", "Terminating", 1, 0), ("shop", "Active", 0, 1)]
    assert found[2]["limit_ranges"] == [{"name": "acmp", "limits": LIMITS, "managed": True}]
    assert api.reads == ["Namespace", "ResourceQuota", "LimitRange"]


def test_info_suggests_with_and_without_metrics(call):
    metrics = {"kind": "PodMetrics", "metadata": {"name": "web", "namespace": "shop"}, "containers": [{"usage": {"cpu": "2m", "memory": "1Mi"}}]}
    api = Api(namespace(), quota({"pods": "1"}, {"pods": "1"}), pod(requests=CPU), metrics)
    [entry] = call(quotas.info, api, suggestions=True)
    assert [(each["key"], each["measured"], each["suggested"], each["reason"]) for each in entry["suggestions"]] == [
        ("requests.cpu", "2m", "130m", "not limited; the pods use 2m of the 100m they request"), ("pods", None, "2", "nearly full")]
    api.refused = {"PodMetrics": NotFound("no such kind")}
    assert call(quotas.info, api, suggestions=True)[0]["suggestions"][0]["measured"] is None
    assert call.warnings == []
    api.refused = {"PodMetrics": KubeError("the server is busy")}
    call(quotas.info, api, suggestions=True)
    assert call.warnings == ["What pods really use is not known: the server is busy"]


def test_info_of_a_namespace_without_any(call):
    assert call(quotas.info, Api(namespace())) == [{"cluster": "local", "namespace": "shop", "state": "Active", "quotas": [], "limit_ranges": []}]
