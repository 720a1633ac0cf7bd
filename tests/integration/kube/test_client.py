# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every verb of the client against a real API server."""

from __future__ import annotations

import base64
import threading
import time

import pytest
import yaml
from ansible_collections.acmp.middleware.plugins.module_utils import errors
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.kube import waves
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect

CONFIG = ("v1", "ConfigMap")


def config(namespace, name="a", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def test_apply_get_list_patch_delete(kube, namespace):
    made = kube.apply(config(namespace, x="1", y="2"))
    assert kube.get(*CONFIG, "a", namespace)["metadata"]["uid"] == made["metadata"]["uid"]
    assert kube.apply(config(namespace, x="1", y="2"))["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    # What the same manager leaves out is removed.
    assert kube.apply(config(namespace, x="1"))["data"] == {"x": "1"}
    assert kube.apply(config(namespace, x="9"), dry_run=True)["data"] == {"x": "9"}
    assert kube.get(*CONFIG, "a", namespace)["data"] == {"x": "1"}
    assert kube.patch(*CONFIG, "a", namespace, {"data": {"x": None, "z": "3"}})["data"] == {"z": "3"}
    assert kube.patch(*CONFIG, "a", namespace, [{"op": "replace", "path": "/data/z", "value": "4"}], type="json")["data"] == {"z": "4"}
    [found] = [item for item in kube.list(*CONFIG, namespace, metadata_only=True) if item["metadata"]["name"] == "a"]
    assert "data" not in found and found["kind"] == "ConfigMap"
    assert kube.list(*CONFIG, namespace, field_selector="metadata.name=a")[0]["data"] == {"z": "4"}
    assert kube.list(*CONFIG, namespace, label_selector="no=such") == []
    assert kube.delete(*CONFIG, "a", namespace, dry_run=True) is True
    assert kube.delete(*CONFIG, "a", namespace, uid="00000000-0000-0000-0000-000000000000") is False
    assert kube.get(*CONFIG, "a", namespace) is not None
    assert kube.delete(*CONFIG, "a", namespace, uid=made["metadata"]["uid"]) is True
    assert kube.delete(*CONFIG, "a", namespace) is False
    assert kube.get(*CONFIG, "a", namespace) is None


def test_replace_is_conditional(kube, namespace):
    old = kube.create(config(namespace, x="1"))
    kube.apply(config(namespace, x="2"))
    with pytest.raises(errors.Conflict, match="modified"):
        kube.replace({**old, "data": {"x": "3"}})


def test_fields_of_others(kube, namespace):
    kube.apply(config(namespace, x="1"), field_manager="somebody")
    with pytest.raises(errors.Conflict, match="somebody"):
        kube.apply(config(namespace, x="2"), force=False)
    assert kube.apply(config(namespace, x="2"))["data"] == {"x": "2"}


def test_status(kube, namespace):
    claim = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": namespace}, "spec": {"hard": {"pods": "5"}}}
    kube.create(claim)
    assert kube.patch_status("v1", "ResourceQuota", "q", namespace, {"used": {"pods": "4"}})["status"]["used"] == {"pods": "4"}


@pytest.mark.parametrize(("call", "kind", "words"), [
    (lambda kube, ns: kube.create(config(ns, x="1")) and kube.create(config(ns)), errors.Conflict, "exists already"),
    (lambda kube, ns: kube.apply(config("no-such-namespace")), errors.NotFound, "namespace no-such-namespace does not exist"),
    (lambda kube, ns: kube.get("apps/v1", "Deploymnt", "x", ns), errors.NotFound, 'did you mean "Deployment"'),
    (lambda kube, ns: kube.get("no.such/v1", "Thing", "x", ns), errors.NotFound, "the cluster has no no.such/v1"),
    (lambda kube, ns: kube.get(*CONFIG, "x"), errors.InputError, "needs a namespace"),
    (lambda kube, ns: kube.get(*CONFIG, "", ns), errors.InputError, "without a name"),
    (lambda kube, ns: kube.apply({"kind": "ConfigMap"}), errors.InputError, "no apiVersion"),
    (lambda kube, ns: kube.create({**config(ns), "metadata": {"namespace": ns}}), errors.InputError, "without a name"),
    (lambda kube, ns: kube.patch(*CONFIG, "x", ns, {}), errors.NotFound, "it does not exist"),
    (lambda kube, ns: kube.apply({**config(ns), "metadata": {"name": "Not_Valid", "namespace": ns}}), errors.KubeError, "metadata.name"),
])
def test_refusals_in_words(kube, namespace, call, kind, words):
    with pytest.raises(kind) as caught:
        call(kube, namespace)
    assert words in caught.value.message and caught.value.todo


def test_an_unknown_kind_costs_two_requests_for_ever(kube, namespace):
    for _try in range(5):
        with pytest.raises(errors.NotFound):
            kube.get("no.such/v1", "Thing", "x", namespace)
    assert kube.requests == [("GET", "/apis")] * 2


def test_built_in_kinds_cost_no_discovery(kube, namespace):
    kube.get("apps/v1", "Deployment", "x", namespace)
    kube.list("policy/v1", "PodDisruptionBudget", namespace)
    assert len(kube.requests) == 2


def test_values_of_secrets_are_in_no_error(kube, namespace):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": namespace, "labels": {"a": "topsecretvalue!"}},
              "stringData": {"p": "topsecretvalue!"}}
    with pytest.raises(errors.KubeError) as caught:
        kube.create(secret)
    assert "topsecretvalue!" not in str(caught.value.to_result())


def test_pages(kube, namespace, monkeypatch):
    from ansible_collections.acmp.middleware.plugins.module_utils.kube import client
    monkeypatch.setattr(client, "PAGE", 3)
    names = [f"c{number}" for number in range(8)]
    waves.apply_all(kube, [config(namespace, name) for name in names])
    kube.requests.clear()
    found = {item["metadata"]["name"] for item in kube.list(*CONFIG, namespace)}
    assert set(names) <= found and len(kube.requests) == -(-len(found) // 3)


def test_a_watch_and_its_end_from_another_thread(kube, namespace):
    _items, version = kube.list_with_version(*CONFIG, namespace)
    watch = kube.watch(*CONFIG, namespace, version)
    kube.apply(config(namespace, "seen"))
    kind, found = next(watch)
    assert kind == "ADDED" and found["metadata"]["name"] in ("seen", "kube-root-ca.crt")
    ended = threading.Event()

    def drain():
        for _event in watch:
            pass
        ended.set()
    threading.Thread(target=drain, daemon=True).start()
    time.sleep(0.3)
    watch.close()
    assert ended.wait(2.0)
    list(kube.watch(*CONFIG, namespace, kube.list_with_version(*CONFIG, namespace)[1], timeout=1))


def test_an_old_version_cannot_be_watched(kube, namespace):
    try:
        list(kube.watch(*CONFIG, namespace, "1", timeout=2))
    except errors.KubeError as error:
        assert error.status == 410
    else:
        pytest.skip("this API server is so young that it still remembers its first version")


def test_who_we_are(kube, namespace, kubeconfig):
    assert kube.version()["gitVersion"].startswith("v1.") and kube.identity() == kube.get("v1", "Namespace", "kube-system")["metadata"]["uid"]
    assert "system:masters" in kube.whoami()["groups"] and kube.can_i("create", "apps", "deployments", namespace)
    as_jo = connect({"kubeconfig": kubeconfig}, Context(), {"user": "jo", "groups": ["team-a", "team-b"]})
    assert as_jo.whoami()["username"] == "jo" and {"team-a", "team-b"} <= set(as_jo.whoami()["groups"])
    assert as_jo.can_i("list", "", "secrets", namespace) is False
    with pytest.raises(errors.Forbidden) as caught:
        as_jo.list("v1", "Secret", namespace)
    assert all(word in caught.value.message for word in ("list Secret", f"jo lacks the right to list secrets in namespace {namespace}"))


def test_a_child_acts_with_our_rights_and_no_more(kube, kubeconfig, tmp_path):
    path = connect({"kubeconfig": kubeconfig}, Context(), {"user": "jo", "groups": ["g"]}).write_kubeconfig(str(tmp_path))
    assert yaml.safe_load(open(path))["users"][0]["user"]["as"] == "jo"
    assert connect({"kubeconfig": kube.write_kubeconfig(str(tmp_path))}, Context()).identity() == kube.identity()


def test_two_credentials_in_one_process_share_nothing(kube, namespace, kubeconfig):
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "other", "namespace": namespace}}
    kube.apply(account)
    token = kube.raw("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/other/token", body={
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}).json()["status"]["token"]
    cluster = yaml.safe_load(open(kubeconfig))["clusters"][0]["cluster"]
    other = connect({"host": kube.server, "api_key": token, "validate_certs": False}, Context())
    for _turn in range(3):
        assert other.whoami()["username"] == f"system:serviceaccount:{namespace}:other"
        assert "system:masters" in kube.whoami()["groups"]
    assert kube._transport.tls.verify_mode.name == "CERT_REQUIRED" and len(other.requests) == 3
    with pytest.raises(errors.Unauthorized):
        connect({"host": cluster["server"], "api_key": "wrong", "validate_certs": False}, Context()).version()
    del cluster


def test_two_clusters_in_one_process_share_nothing(kube, second_kubeconfig):
    if not second_kubeconfig:
        pytest.skip("no second cluster: set ACMP_SECOND_KUBECONFIG")
    second = connect({"kubeconfig": second_kubeconfig}, Context())
    assert second.identity() != kube.identity() and second.server != kube.server


def test_the_wrong_authority_is_refused(kubeconfig, tmp_path):
    import subprocess
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "k", "-out", tmp_path / "c", "-subj", "/CN=x"],
                   check=True, capture_output=True)
    found = yaml.safe_load(open(kubeconfig))
    cluster = found["clusters"][0]["cluster"]
    cluster.pop("certificate-authority", None)
    cluster["certificate-authority-data"] = base64.b64encode((tmp_path / "c").read_bytes()).decode()
    with pytest.raises(errors.ConnectionFailed, match="not signed by the given certificate authority"):
        connect({"kubeconfig": found}, Context()).version()


def test_definitions_and_their_objects_in_one_go(kube, namespace):
    word = namespace.rpartition("-")[2]
    group, plural = f"x{word}.example", "gadgets"
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": "Gadget", "plural": plural}, "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]},
    }
    objects = [
        {"apiVersion": f"{group}/v1", "kind": "Gadget", "metadata": {"name": "g", "namespace": f"{namespace}-b"}, "spec": {"a": 1}},
        config(f"{namespace}-b"), definition, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"{namespace}-b"}},
    ]
    try:
        for dry_run, action in ((True, "created"), (False, "created"), (True, "unchanged"), (False, "unchanged")):
            outcomes = waves.apply_all(kube, objects, dry_run=dry_run)
            assert [(outcome.action, outcome.error) for outcome in outcomes] == [(action, None)] * 4
        objects[0]["spec"]["a"] = 2
        assert [outcome.action for outcome in waves.apply_all(kube, objects)] == ["changed", "unchanged", "unchanged", "unchanged"]
        assert not [request for request in kube.requests if request[1] == "/apis"]
        broken = waves.apply_all(kube, [{**config(namespace), "metadata": {"name": "Bad_Name", "namespace": namespace}}, objects[0]])
        assert [outcome.action for outcome in broken] == ["failed", "skipped"] and broken[0].error.status == 422
    finally:
        kube.delete("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.{group}")
        kube.delete("v1", "Namespace", f"{namespace}-b")
