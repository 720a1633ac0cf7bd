# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields that never change: which are explained, and which objects are made anew."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.instance.volumes import _immutable

SET = (
    "StatefulSet.apps \"r\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
    "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")


def stateful_set(policy=None, template=None, retention=None, **spec):
    templates = [{
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": "1Gi"}}, **(template or {})},
    }]
    return {
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "orders", "namespace": "shop", "uid": "u1"},
        "spec": {
            "serviceName": "orders", "selector": {"matchLabels": {"app": "orders"}}, "volumeClaimTemplates": templates,
            **({"podManagementPolicy": policy} if policy else {}),
            **({"persistentVolumeClaimRetentionPolicy": {"whenDeleted": retention}} if retention else {}), **spec,
        },
    }


LIVE = stateful_set("OrderedReady", {"volumeMode": "Filesystem"})
CLAIMS = ["data-orders-0", "data-orders-1"]


@pytest.mark.parametrize("wanted", [
    stateful_set("Parallel"),
    stateful_set(template={"resources": {"requests": {"storage": "2Gi"}}}),
    stateful_set(volumeClaimTemplates=[*stateful_set()["spec"]["volumeClaimTemplates"], {"metadata": {"name": "logs"}, "spec": {}}]),
])
def test_a_stateful_set_is_made_anew_and_its_pods_stay(wanted):
    verdict = _immutable.judge(LIVE, wanted, SET, CLAIMS)
    assert verdict.replacement == _immutable.Replacement("apps/v1", "StatefulSet", "orders", "shop", "u1", orphan=True)
    assert verdict.replacement.action == "replace StatefulSet orders, its pods stay"


@pytest.mark.parametrize(("wanted", "said"), [
    (stateful_set(serviceName="other"), "spec.serviceName: orders → other (its running pods would be lost to it"),
    (stateful_set(selector={"matchLabels": {"app": "x"}}), "spec.selector: app=orders → app=x (its running pods would be lost to it"),
    (stateful_set(template={"storageClassName": "slow"}), "spec.volumeClaimTemplates[data].storageClassName: fast → slow (claims that exist keep theirs"),
    (stateful_set(template={"accessModes": ["ReadWriteMany"]}), "ReadWriteOnce → ReadWriteMany (claims that exist keep theirs (data-orders-0, data-orders-1)"),
])
def test_a_stateful_set_that_would_lose_something_is_refused(wanted, said):
    verdict = _immutable.judge(LIVE, wanted, SET, CLAIMS)
    assert verdict.replacement is None
    assert verdict.refusal.startswith("StatefulSet shop/orders never changes ") and said in verdict.refusal


def test_another_class_is_fine_while_there_are_no_claims():
    assert _immutable.judge(LIVE, stateful_set(template={"storageClassName": "slow"}), SET, []).replacement


def test_claims_that_go_with_their_stateful_set_forbid_it():
    live = stateful_set("OrderedReady", retention="Delete")
    assert "deletes its claims with itself" in _immutable.judge(live, stateful_set("Parallel"), SET, CLAIMS).refusal


def test_left_out_means_the_default_and_nothing_else():
    assert _immutable.differences(LIVE, stateful_set()) == []
    assert _immutable.differences(stateful_set("Parallel"), stateful_set()) == [("spec.podManagementPolicy", "Parallel", "OrderedReady")]
    assert _immutable.differences(LIVE, stateful_set(template={"resources": {"requests": {"storage": "1024Mi"}}})) == []


def obj(kind, api="v1", **fields):
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "shop", "uid": "u"}, **fields}


@pytest.mark.parametrize(("live", "wanted", "said"), [
    (obj("Deployment", spec={"selector": {"matchLabels": {"a": "b"}}}), obj("Deployment", spec={"selector": {"matchLabels": {"a": "c"}}}),
     "Deployment shop/x never changes spec.selector: a=b → a=c (remove the instance with delete_policy keep"),
    (obj("Service", spec={"clusterIP": "10.0.0.1"}), obj("Service", spec={"clusterIP": "None"}),
     "Service shop/x never changes spec.clusterIP: 10.0.0.1 → None (leave the field out"),
    (obj("PersistentVolumeClaim", spec={"storageClassName": "a"}), obj("PersistentVolumeClaim", spec={"storageClassName": "b"}),
     "spec.storageClassName: a → b"),
    (obj("ConfigMap", immutable=True, data={"k": "planted"}), obj("ConfigMap", immutable=True, data={"k": "other"}),
     "ConfigMap shop/x never changes data (a package gives"),
    (obj("Secret", type="Opaque", data={"k": "planted"}), obj("Secret", type="x/y", stringData={"k": "planted2"}),
     "Secret shop/x never changes type: Opaque → x/y; stringData ("),
    (obj("RoleBinding", roleRef={"name": "a"}), obj("RoleBinding", roleRef={"name": "b"}), "roleRef: name=a → name=b (delete it by hand"),
])
def test_other_kinds_are_refused_with_a_way_out(live, wanted, said):
    verdict = _immutable.judge(live, wanted, "field is immutable")
    assert verdict.replacement is None and said in verdict.refusal
    assert "planted" not in verdict.refusal


@pytest.mark.parametrize(("conditions", "replaced"), [
    ([{"type": "Complete", "status": "True"}], True), ([{"type": "Failed", "status": "True"}], True),
    ([{"type": "Complete", "status": "False"}], False), ([], False),
])
def test_a_job_is_made_anew_once_it_has_ended(conditions, replaced):
    live = obj("Job", "batch/v1", spec={"template": {"spec": {"x": 1}}}, status={"conditions": conditions})
    verdict = _immutable.judge(live, obj("Job", "batch/v1", spec={"template": {"spec": {"x": 2}}}), "field is immutable")
    assert bool(verdict.replacement) is replaced
    if replaced:
        assert not verdict.replacement.orphan
    else:
        assert "still at work" in verdict.refusal


@pytest.mark.parametrize(("said", "about"), [
    (SET, True),
    ('Deployment.apps "x" is invalid: spec.selector: Invalid value: {}: field is immutable', True),
    ('Service "x" is invalid: spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set', True),
    ('PersistentVolumeClaim "x" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests', True),
    ('ConfigMap "x" is invalid: data: Forbidden: field is immutable when `immutable` is set', True),
    ('RoleBinding "x" is invalid: roleRef: Invalid value: {}: cannot change roleRef', True),
    ('Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0', False),
    ('pods "x" is forbidden: exceeded quota', False),
])
def test_which_refusals_are_about_it(said, about):
    assert _immutable.concerns(said) is about
