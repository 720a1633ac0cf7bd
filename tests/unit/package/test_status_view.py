# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Status descriptors against what runs."""

from __future__ import annotations

import json
import pathlib
import re

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.form import _status_link, status_view
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model.model import Descriptor, InstanceType, Package
from hypothesis import given, settings
from hypothesis import strategies as st

SAMPLES = pathlib.Path(__file__).parent / "samples" / "files"
REDIS = pathlib.Path(__file__).resolve().parents[3] / "examples" / "packages" / "redis"
TEXT, LINK, UI = "urn:alm:descriptor:text", "urn:alm:descriptor:org.w3:link", "urn:alm:descriptor:com.tectonic.ui:"


def obj(kind, name, api_version="v1", **more):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **more}


OBJECTS = [
    obj("ConfigMap", "conf", data={"a": "b"}),
    obj("Service", "amdc", spec={"ports": [{"name": "client", "port": 6379}], "clusterIP": "10.0.0.7", "type": "ClusterIP"}),
    obj("Service", "amdc-broker", spec={"ports": [{"name": "broker", "port": 8004}, {"name": "https-admin", "port": 8443}], "clusterIP": "None"}),
    obj(
        "Service", "amdc-out", spec={"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30080}]},
        status={"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}),
    obj("Ingress", "console", "networking.k8s.io/v1", spec={
        "rules": [{"host": "my.amdc.apusic.test", "http": {"paths": [{"path": "/console"}]}}, {"host": "*.wild.test"}, {"host": "safe.apusic.test"}, {}],
        "tls": [{"hosts": ["safe.apusic.test"], "secretName": "x"}]}),
    obj("Secret", "auth", type="Opaque", data={"password": "aHVudGVyMg=="}, stringData={"p": "hunter2"}),
    obj("Deployment", "amdc", "apps/v1", spec={"replicas": 2}, status={"readyReplicas": 1}),
    obj("Service", "knative", "serving.knative.dev/v1"),
]
OBJECTS[5]["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "hunter2"}


def package(*descriptors, kind="HelmRelease", more=()):
    body = {"apiVersion": "operators.apusic.com/v1alpha1", "kind": kind, "spec": {}}
    found = tuple(Descriptor(path, "", "", tuple(widgets), kind) for path, *widgets in descriptors)
    return Package("x", "1.0.0", "helm", "helm", types=(InstanceType("default", "", body),), status_descriptors=(*found, *more))


def one(path, *widgets, observed=None, kind="HelmRelease"):
    (found,) = status_view.resolve(package((path, *widgets), kind=kind), OBJECTS if observed is None else observed)
    return found


def test_the_manuals_samples_word_for_word():
    port, console = status_view.resolve(model.load(archive.read_folder(str(SAMPLES))), OBJECTS)
    assert (port["path"], port["label"], port["help"], port["value"], port["text"]) == ("services[1].spec.ports[0].port", "数据端口", "broker-cs", 8004, "8004")
    assert (console["path"], console["label"], console["text"]) == ("ingress[0].spec.rules[0].host", "跳转到管控台", "my.amdc.apusic.test")
    assert console["widget"] == "link" and console["url"] == "http://my.amdc.apusic.test" and console["missing"] == port["missing"] == port["url"] == ""


def test_the_example_package_before_anything_runs():
    found = status_view.resolve(model.load(archive.read_folder(str(REDIS))), [])
    assert len(found) == 6 and all(item["value"] is None and "services has no items" in item["missing"] for item in found)


def test_objects_are_in_the_manifests_order_by_kind():
    view = status_view.view(OBJECTS)
    assert [item["metadata"]["name"] for item in view["services"]] == ["amdc", "amdc-broker", "amdc-out"]
    assert view["ingress"] is view["ingresses"] and len(view["ingress"]) == 1
    assert [item["metadata"]["name"] for item in view["services.serving.knative.dev"]] == ["knative"]
    for kind in (
            "services", "ingress", "deployments", "statefulsets", "daemonsets", "pods", "jobs", "cronjobs", "configmaps", "secrets", "persistentvolumeclaims"):
        assert isinstance(view[kind], list)
    others = status_view.view([
        obj("NetworkPolicy", "a", "networking.k8s.io/v1"), obj("Endpoints", "a"), obj("EtcdCluster", "a", "etcd.io/v1"),
        obj("Ingress", "a", "extensions/v1beta1")])
    assert len(others["networkpolicies"]) == len(others["endpoints"]) == len(others["etcdclusters"]) == len(others["ingress"]) == 1


def test_secrets_are_names_only():
    view = status_view.view(OBJECTS)
    assert view["secrets"] == [{"kind": "Secret", "metadata": {"name": "auth", "namespace": "shop"}, "type": "Opaque"}]
    assert "hunter2" not in json.dumps(view) and "aHVudGVyMg" not in json.dumps(view)
    assert one("secrets[0].metadata.name")["text"] == "auth"
    assert one("secrets[0].data.password")["missing"] == "secrets[0] has no data"
    raw = {"secrets": [OBJECTS[5]], "services": []}
    assert one("secrets[0].data.password", observed=raw)["missing"] == "secrets[0] has no data"


def test_what_kubernetes_keeps_for_itself_is_not_shown():
    applied = obj("ConfigMap", "a")
    applied["metadata"] |= {"managedFields": [1], "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "x", "mine": "y"}}
    assert status_view.view([applied])["configmaps"][0]["metadata"] == {"name": "a", "namespace": "shop", "annotations": {"mine": "y"}}
    assert applied["metadata"]["managedFields"]


@pytest.mark.parametrize(("path", "missing"), [
    ("services[3].metadata.name", "services has 3 items, there is none with the number 3"),
    ("ingress[1].spec", "ingress has 1 item, there is none with the number 1"),
    ("jobs[0].status", "jobs has no items, there is none with the number 0"),
    ("services.spec", "services is a list, and the path does not say which item of it"),
    ("services[0].spec.nothing.at.all", "services[0].spec has no nothing"),
    ("services[0].spec.clusterIP.x", "services[0].spec.clusterIP has no x"),
    ("services[0].spec.clusterIP[0]", "services[0].spec.clusterIP is no list"),
    ("elsewhere[0]", "the status has no elsewhere"),
    ("[0].x", "the status is no list"),
    ("services[0]..x", "is no field path"),
    ("/services/0", "the status has no /services/0"),
])
def test_why_there_is_nothing(path, missing):
    found = one(path)
    assert found["value"] is None and missing in found["missing"] and found["text"] == found["url"] == ""


@pytest.mark.parametrize("path", ["service[0].metadata.name", "Services[0].metadata.name", "SERVICE[0].metadata.name"])
def test_other_spellings_of_kinds(path):
    assert one(path)["text"] == "amdc"


@pytest.mark.parametrize(("path", "url"), [
    ("ingress[0].spec.rules[0].host", "http://my.amdc.apusic.test"),
    ("ingresses[0].spec.rules[2].host", "https://safe.apusic.test"),
    ("ingress[0].spec.rules[1].host", ""),
    ("ingress[0].spec.rules[0].http.paths[0].path", "http://my.amdc.apusic.test/console"),
    ("services[0].spec.ports[0].port", "http://amdc.shop.svc:6379"),
    ("services[0].metadata.name", "http://amdc.shop.svc:6379"),
    ("services[0].spec.clusterIP", "http://10.0.0.7:6379"),
    ("services[1].spec.clusterIP", ""),
    ("services[1].spec.ports[1].port", "https://amdc-broker.shop.svc:8443"),
    ("services[2].spec.ports[0].port", "http://1.2.3.4"),
    ("services[2].status.loadBalancer.ingress[0].ip", "http://1.2.3.4"),
    ("services[2].spec.ports[0].nodePort", ""),
    ("deployments[0].spec.replicas", ""),
    ("deployments[0].metadata.name", "http://amdc"),
    ("deployments[0]", ""),
])
def test_links(path, url):
    found = one(path, LINK)
    assert found["url"] == url and not found["missing"] and found["text"]


@pytest.mark.parametrize(("tls", "url"), [
    ([{"hosts": ["*.b.test"]}], "https://a.b.test"), ([{"hosts": ["*.test"]}], "http://a.b.test"), ([{"secretName": "x"}], "https://a.b.test"),
    ([{"hosts": ["c"]}, {"hosts": ["a.b.test"]}], "https://a.b.test"), ([], "http://a.b.test"), (None, "http://a.b.test"), ("x", "http://a.b.test"),
    ([5, {"hosts": "a.b.test"}, {"hosts": [5]}], "http://a.b.test"),
])
def test_an_ingress_is_https_where_tls_covers_the_host(tls, url):
    ingress = obj("Ingress", "a", "networking.k8s.io/v1", spec={"rules": [{"host": "a.b.test"}], "tls": tls})
    assert one("ingress[0].spec.rules[0].host", LINK, observed=[ingress])["url"] == url


@pytest.mark.parametrize(("value", "url"), [
    ("https://a.test/x?y=1#z", "https://a.test/x?y=1#z"), ("HTTP://a.test:8080", "HTTP://a.test:8080"), ("a.test:8080/x", "http://a.test:8080/x"),
    ("::1", "http://[::1]"),
    ("http://[::1]:80/", "http://[::1]:80/"), ("a.test?x=1", ""),
    ("javascript:alert(1)", ""), ("javascript://a.test/%0aalert(1)", ""), ("data:text/html,x", ""), ("ftp://a.test", ""), ("//evil.test", ""), ("/x", ""),
    ("https://bank.test@evil.test", ""), ("https://a.test/<script>", ""), ('https://a.test/" onclick="x', ""), ("https://a.test/x?'", ""), ("https://", ""),
    ("http://a.test:99999", ""), ("http://[::1", ""), ("http://a b", ""), ("https://a.test\n", "https://a.test"), ("", ""), ("-", ""), ("8080", ""),
    (True, ""), (None, ""), ({}, ""), (1.5, ""),
])
def test_only_web_addresses_become_links(value, url):
    assert _status_link.url(value, ("x",), {"x": value}) == url


def test_an_operators_status():
    status = {
        "phase": "Running", "reason": None, "members": {"ready": ["a-0", "a-1"], "unready": None},
        "conditions": [{"type": "Ready", "status": "True", "reason": "x"}, {"type": "Full", "status": "False", "reason": "Scaling"}, 5],
        "console": "https://a.test", "big": [{"a": 1}],
    }
    found = status_view.resolve(package(
        ("phase", "urn:alm:descriptor:io.kubernetes.phase"), ("reason", "urn:alm:descriptor:io.kubernetes.phase:reason"), ("members", UI + "podStatuses"),
        ("conditions", "urn:alm:descriptor:io.kubernetes.conditions"), ("console", LINK), ("status.phase", TEXT), ("big",), ("secret", UI + "hidden"),
        ("phase", UI + "password"), kind="Etcd", more=(Descriptor("phase", "", "", (), "Other"),)), status)
    assert [(item["widget"], item["text"]) for item in found] == [
        ("phase", "Running"), ("phaseReason", ""), ("podStatuses", "ready: a-0, a-1; unready: null"), ("conditions", "Ready=True, Full=False (Scaling)"),
        ("link", "https://a.test"), ("text", "Running"), ("text", '[{"a": 1}]'), ("password", "********")]
    assert found[1]["missing"] == "reason is empty" and found[4]["url"] == "https://a.test" and found[-1]["value"] == "********"


def test_texts_are_bounded_and_printable():
    assert one("a", observed={"a": "x\x1b[31m\ny"})["text"] == "x [31m y"
    assert len(one("a", observed={"a": "x" * 5000})["text"]) == 1000
    assert one("a", observed={"a": True})["text"] == "true"
    assert one("a", observed={"a": []})["text"] == ""


def test_an_unknown_type():
    with pytest.raises(InputError, match="no instance type"):
        status_view.resolve(package(), [], "x")


WORDS = st.sampled_from([
    "kind", "metadata", "spec", "rules", "tls", "hosts", "host", "ports", "port", "status", "loadBalancer", "ingress", "name", "apiVersion", "services",
    "secrets"])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15)
PATHS = ("services[0].spec.ports[0].port", "ingress[0].spec.rules[0].host", "services[0].metadata.name", "secrets[0].metadata", "status.conditions", "spec")


@settings(max_examples=200)
@given(st.lists(st.builds(lambda kind, more: {**more, "kind": kind}, st.sampled_from(["Service", "Ingress", "Secret", 5]), st.dictionaries(st.sampled_from(
    ["spec", "metadata", "status", "apiVersion", "type"]), ANY)) | ANY) | ANY)
def test_no_object_breaks_a_status_page(observed):
    for item in status_view.resolve(package(*((path, LINK) for path in PATHS), ("status", "urn:alm:descriptor:io.kubernetes.conditions")), observed):
        assert isinstance(item["text"], str) and isinstance(item["missing"], str) and re.match("https?://|$", item["url"]) and json.dumps(item)
