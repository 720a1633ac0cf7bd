# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.kube import discovery, waves
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(("api_version", "kind", "namespace", "name", "path"), [
    ("v1", "Pod", "shop", "web", "/api/v1/namespaces/shop/pods/web"),
    ("v1", "Pod", None, None, "/api/v1/pods"),
    ("v1", "Namespace", "ignored", "shop", "/api/v1/namespaces/shop"),
    ("v1", "Endpoints", "shop", None, "/api/v1/namespaces/shop/endpoints"),
    ("networking.k8s.io/v1", "Ingress", "shop", None, "/apis/networking.k8s.io/v1/namespaces/shop/ingresses"),
    ("networking.k8s.io/v1", "NetworkPolicy", "shop", None, "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies"),
    ("storage.k8s.io/v1", "StorageClass", None, "fast", "/apis/storage.k8s.io/v1/storageclasses/fast"),
    ("operators.apusic.com/v1alpha1", "InstanceRevision", "shop", None, "/apis/operators.apusic.com/v1alpha1/namespaces/shop/instancerevisions"),
    ("operators.apusic.com/v1alpha1", "Project", None, "p", "/apis/operators.apusic.com/v1alpha1/projects/p"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole", None, "system:x", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:x"),
    ("v1", "ConfigMap", "shop", "../../x", "/api/v1/namespaces/shop/configmaps/..%2F..%2Fx"),
])
def test_paths(api_version, kind, namespace, name, path):
    resource = discovery.STATIC[api_version, kind]
    assert resource.path(namespace, name) == path and resource.api_version == api_version


def test_a_subresource():
    assert discovery.STATIC["v1", "Pod"].path("shop", "web", "log") == "/api/v1/namespaces/shop/pods/web/log"


def entry(kind, plural, scope="Namespaced"):
    return {"resource": plural, "responseKind": {"kind": kind}, "scope": scope}


def test_aggregated_discovery():
    found, stale = discovery.parse({"kind": "APIGroupDiscoveryList", "items": [
        {"metadata": {"name": "r.example"}, "versions": [{"version": "v1", "resources": [entry("Redis", "redises"), entry("Pool", "pools", "Cluster"), {}]}]},
        {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "freshness": "Stale"}]}, {"metadata": {}, "versions": [{}]},
    ]})
    assert found["r.example/v1", "Redis"].path("a", "b") == "/apis/r.example/v1/namespaces/a/redises/b"
    assert found["r.example/v1", "Pool"].namespaced is False and len(found) == 2 and stale == {"metrics.k8s.io/v1beta1"}


def test_plain_discovery_and_definitions():
    found = discovery.parse_plain({"groupVersion": "r.example/v1", "resources": [
        {"kind": "Redis", "name": "redises", "namespaced": True}, {"kind": "Redis", "name": "redises/status", "namespaced": True}]})
    learnt = discovery.of_definition({"spec": {
        "group": "r.example", "scope": "Namespaced", "names": {"kind": "Redis", "plural": "redises"},
        "versions": [{"name": "v1", "served": True}, {"name": "v0", "served": False}]}})
    assert found == learnt == {("r.example/v1", "Redis"): discovery.Resource("r.example", "v1", "Redis", "redises", True)}
    assert discovery.of_definition({}) == {}


def test_waves_in_order():
    kinds = [("r.example/v1", "Redis"), ("apps/v1", "Deployment"), ("v1", "Service"), ("v1", "Secret"), ("r.example/v1", "Deployment"), ("v1", "Namespace"),
             ("apiextensions.k8s.io/v1", "CustomResourceDefinition"), ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"), ("v1", "ConfigMap")]
    found = waves.order([{"apiVersion": api_version, "kind": kind} for api_version, kind in kinds])
    assert [[obj["kind"] for obj in wave] for wave in found] == [
        ["Namespace", "CustomResourceDefinition"], ["Secret", "ConfigMap"], ["Service"], ["Deployment"], ["MutatingWebhookConfiguration"],
        ["Redis", "Deployment"]]


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(discovery.STATIC)), max_size=30))
def test_waves_lose_nothing_and_keep_the_given_order(keys):
    objects = [{"apiVersion": api_version, "kind": kind, "n": number} for number, (api_version, kind) in enumerate(keys)]
    found = waves.order(objects)
    assert sorted(obj["n"] for wave in found for obj in wave) == list(range(len(keys)))
    assert all([obj["n"] for obj in wave] == sorted(obj["n"] for obj in wave) and wave for wave in found)
    ranks = [waves.rank(wave[0]) for wave in found]
    assert ranks == sorted(set(ranks))
