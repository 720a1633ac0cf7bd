# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters as a manager sees them: registered, listed, renewed, refused, removed; a real one is stopped while they are listed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
import yaml
from harness.api import PLATFORM, Api, Refused
from harness.checks import good, until
from proxy import Proxy

pytestmark = pytest.mark.once

CLUSTERS = f"{PLATFORM}/clusters"
SECRETS = "/api/v1/namespaces/acmp-system/secrets"
ACCOUNT = "/api/v1/namespaces/acmp-system/serviceaccounts/acmp-manager"
# Each worker has a spare cluster of its own.
NAME = f"it-spare-{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
# What is promised for a cluster that does not answer.
DOWN_SECONDS = 3.0


def cluster(name: str = NAME, **options) -> dict:
    return {"name": f"cluster {name}", "acmp_cluster": {"name": name, **options}}


@pytest.fixture
def there(spare_cluster) -> Api:
    return Api(spare_cluster.kubeconfig)


@pytest.fixture
def config(ansible, spare_cluster) -> dict:
    """The administrator's kubeconfig as a mapping; what is secret in it is looked for in every output."""
    found = yaml.safe_load(Path(spare_cluster.kubeconfig).read_text())
    key = found["users"][0]["user"]["client-key-data"]
    ansible.secrets += [key, base64.b64decode(key).decode().splitlines()[1]]
    return found


@pytest.fixture(autouse=True)
def unregistered(platform, api):
    """Every test begins and ends without the spare cluster."""
    _forget(api)
    yield
    _forget(api)


def _forget(api: Api, name: str = NAME) -> None:
    api.delete(f"{CLUSTERS}/{name}")
    api.delete(f"{SECRETS}/cluster-{name}")


def _stored(ansible, api: Api, folder: Path) -> Api:
    """The cluster through the credential that is stored now, which appears in no output from then on."""
    data = base64.b64decode(api.core("secrets", "acmp-system", f"cluster-{NAME}")["data"]["kubeconfig"])
    ansible.secrets.append(yaml.safe_load(data)["users"][0]["user"]["token"])
    path = folder / f"stored-{len(list(folder.iterdir()))}"
    path.write_bytes(data)
    return Api(str(path))


def _status(one: Api, path: str) -> int:
    try:
        one.ask("GET", path)
    except Refused as refused:
        return refused.status
    return 200


def _looked(ansible, **options):
    run = good(ansible.play({"acmp_cluster_info": options}))
    return {item["name"]: item for item in run.last["clusters"]}, run


def test_register_list_rotate_and_remove(ansible, api, there, config, spare_cluster, tmp_path):
    """The whole life of a registration, in check mode first; each of its writes is seen on both sides."""
    task = cluster(description="A spare one", owner="ops", address="spare.example.com", cluster_kubeconfig=spare_cluster.kubeconfig)
    predicted = good(ansible.play(task, arguments=("--check",)))
    assert predicted.last.changed and api.get(f"{CLUSTERS}/{NAME}") is None and there.get(ACCOUNT) is None
    made = good(ansible.play(task))
    assert made.last["actions"] == predicted.last["actions"] and made.last["actions"][-1].startswith(f"register cluster {NAME} (https://")
    assert "Certificate" not in json.dumps(made.last.data) and there.get(ACCOUNT) is not None
    record = api.get(f"{CLUSTERS}/{NAME}")
    assert record["spec"]["uid"] == there.get("/api/v1/namespaces/kube-system")["metadata"]["uid"]
    assert record["spec"]["registeredAt"] and record["spec"]["credential"]["kind"] == "service_account"

    first = _stored(ansible, api, tmp_path)
    assert first.list("/api/v1/nodes") == there.list("/api/v1/nodes")
    assert _status(first, "/api/v1/namespaces/kube-system/secrets") == 403

    version = api.get(f"{CLUSTERS}/{NAME}")["metadata"]["resourceVersion"]
    with Proxy(spare_cluster.kubeconfig) as proxy:
        again = good(ansible.play(task))
        assert not again.last.changed and again.last["actions"] == []
        assert not proxy.wrote
    assert api.get(f"{CLUSTERS}/{NAME}")["metadata"]["resourceVersion"] == version
    changed = good(ansible.play(cluster(owner="somebody else")))
    assert changed.last["actions"] == [f"change cluster {NAME}: owner"] and not good(ansible.play(cluster(owner="somebody else"))).last.changed

    seen, _run = _looked(ansible)
    assert list(seen)[0] == "local" and seen["local"]["phase"] == "Ready" and seen["local"]["nodes"]["ready"] >= 1
    shown = seen[NAME]
    assert (shown["owner"], shown["address"], shown["source"], shown["schema"]) == ("somebody else", "spare.example.com", "imported", seen["local"]["schema"])
    assert shown["live"] and shown["version"].startswith("v1.") and shown["instances"]["count"] == 0
    assert 29 < shown["credential"]["days_left"] <= 30 and not shown["credential"]["warning"]

    renewed = good(ansible.play(cluster(rotate=True)))
    assert renewed.last["actions"] == [f"renew the credential of cluster {NAME} (30 days)"]
    second = _stored(ansible, api, tmp_path)
    assert _status(second, "/api/v1/nodes") == 200
    # An API server remembers a good token for ten seconds.
    until("the old token to be dead", lambda: _status(first, "/api/v1/nodes") == 401, 20)
    assert [item["metadata"]["name"] for item in there.core("secrets", "acmp-system")] == ["acmp-credential-b"]

    gone = good(ansible.play(cluster(state="absent"), arguments=("--check",)))
    assert api.get(f"{CLUSTERS}/{NAME}") is not None
    removed = good(ansible.play(cluster(state="absent")))
    assert removed.last["actions"] == gone.last["actions"] and removed.last["cluster"] is None and not removed.last.data.get("warnings")
    assert api.get(f"{CLUSTERS}/{NAME}") is None and api.core("secrets", "acmp-system", f"cluster-{NAME}") is None
    assert there.get(ACCOUNT) is None and there.get("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/acmp-platform") is None
    assert there.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/instances.operators.apusic.com") is not None
    until("the last token to be dead", lambda: _status(second, "/api/v1/nodes") == 401, 20)
    assert not good(ansible.play(cluster(state="absent"))).last.changed


def test_what_is_refused(ansible, api, there, config, kubeconfig, spare_cluster, tmp_path):
    """The same cluster twice, the management cluster, another address, another cluster, removal with instances; nothing is changed by any of it."""
    given = {"cluster_kubeconfig": config}
    good(ansible.play(cluster(**given)))
    stored = _stored(ansible, api, tmp_path)
    before = api.get(f"{CLUSTERS}/{NAME}")
    with Proxy(spare_cluster.kubeconfig, tmp_path) as elsewhere, Proxy(kubeconfig, tmp_path) as home:
        moved = {"cluster_kubeconfig": elsewhere.config(token="token-of-nobody-4711")}
        there.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "it-busy"}})
        spec = {"package": "tiny", "version": "1.0.0", "type": "default", "document": "{}"}
        there.create(f"{PLATFORM}/namespaces/it-busy/instances", {
            "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Instance", "metadata": {"name": "one"}, "spec": spec})
        run = ansible.play(
            cluster("it-other", **given),
            cluster("it-home", cluster_kubeconfig=kubeconfig),
            cluster(cluster_host=elsewhere.url, cluster_token=_admin_token(there)),
            cluster(cluster_kubeconfig=home.config()),
            cluster(**moved),
            cluster(state="absent"),
            cluster("local", state="absent"),
            cluster("local", cluster_kubeconfig=kubeconfig),
            cluster("it-nowhere"))
        expected = (
            f"is registered already, as {NAME}", "the management cluster itself", "replace: true to change the address", "the management cluster itself",
            "does not accept the credentials", f"1 instance still exists on cluster {NAME}: it-busy/one", "cannot be removed",
            "cluster_kubeconfig cannot be set", "There is no cluster it-nowhere yet")
        for result, words in zip(run.results, expected, strict=True):
            assert result.failed and words in result.msg, (words, result.msg)
        assert api.get(f"{CLUSTERS}/{NAME}")["spec"] == before["spec"] and _status(stored, "/api/v1/nodes") == 200

        replaced = good(ansible.play(cluster(cluster_host=elsewhere.url, cluster_token=_admin_token(there), replace=True)))
        assert f"change cluster {NAME}: server" in replaced.last["actions"]
        assert api.get(f"{CLUSTERS}/{NAME}")["spec"]["server"] == elsewhere.url
        good(ansible.play(cluster(**given, replace=True)))
    there.drop_namespace("it-busy", 60)
    good(ansible.play(cluster(state="absent")))


def _admin_token(there: Api) -> str:
    """A token of an administrator there."""
    rbac = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    if there.get(f"{rbac}/it-admin") is None:
        there.create(rbac, {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "it-admin"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}]})
    until("the default service account", lambda: there.core("serviceaccounts", "default", "default"))
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    return there.create("/api/v1/namespaces/default/serviceaccounts/default/token", wish)["status"]["token"]


def test_rights_are_missing(ansible, api, there, config):
    """A credential of few rights is refused, and every right that it lacks is named at once."""
    account = "/api/v1/namespaces/default/serviceaccounts"
    if there.get(f"{account}/it-poor") is None:
        there.create(account, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "it-poor"}})
    cluster_role = "/apis/rbac.authorization.k8s.io/v1"
    for path, kind, more in (
        ("clusterroles", "ClusterRole", {"rules": [{"apiGroups": [""], "resources": ["namespaces", "nodes"], "verbs": ["get", "list"]}]}),
        ("clusterrolebindings", "ClusterRoleBinding", {
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "it-poor"},
            "subjects": [{"kind": "ServiceAccount", "name": "it-poor", "namespace": "default"}]}),
    ):
        if there.get(f"{cluster_role}/{path}/it-poor") is None:
            there.create(f"{cluster_role}/{path}", {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": "it-poor"}, **more})
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = there.create(f"{account}/it-poor/token", wish)["status"]["token"]
    where = config["clusters"][0]["cluster"]
    authority = base64.b64decode(where["certificate-authority-data"]).decode()
    given = {"cluster_host": where["server"], "cluster_token": token, "cluster_ca": authority}
    ansible.secrets.append(token)
    run = ansible.play(cluster(**given), cluster(**given, credential="given"))
    for result in run.results:
        assert result.failed and result.error["reason"] == "Preflight", result.msg
        for words in ("namespaces", "pods", "customresourcedefinitions.apiextensions.k8s.io", "create serviceaccounts/token in acmp-system"):
            assert words in result.msg, (words, result.msg)
    assert "watch nodes" in run.last.msg and api.get(f"{CLUSTERS}/{NAME}") is None


@pytest.mark.parametrize("in_process", [True, False], ids=["in-process", "module"])
def test_bad_input(ansible, api, config, tmp_path, in_process):
    """What cannot be used is said with its place and what to do; no secret of it is shown."""
    user, where = config["users"][0]["user"], config["clusters"][0]["cluster"]
    two = {**config, "current-context": None, "contexts": [*config["contexts"], {"name": "other", "context": config["contexts"][0]["context"]}]}
    files = {**config, "users": [{"name": config["users"][0]["name"], "user": {"client-certificate": "/etc/one.crt", "client-key": "/etc/one.key"}}]}
    plugin = {**config, "users": [{"name": config["users"][0]["name"], "user": {"exec": {"apiVersion": "v1", "command": "touch", "args": ["/tmp/it-never"]}}}]}
    large = tmp_path / "large"
    large.write_text("#" * 2 * 1024 * 1024)
    broken = "clusters: [\n  token: " + user["client-key-data"] + "\nusers: {"
    cases = [
        ({"cluster_kubeconfig": "/not/there"}, ["cannot be read", "/not/there"]),
        ({"cluster_kubeconfig": str(large)}, ["larger than 1 MiB"]),
        ({"cluster_kubeconfig": broken}, ["not YAML", "cluster_kubeconfig:"]),
        ({"cluster_kubeconfig": "- a\n- b\n"}, ["not a mapping"]),
        ({"cluster_kubeconfig": two}, ["2 contexts", "other"]),
        ({"cluster_kubeconfig": two, "cluster_context": "othr"}, ['no context "othr"', 'did you mean "other"']),
        ({"cluster_kubeconfig": files}, ["files of this machine", "/etc/one.key", "allow_local_files"]),
        ({"cluster_kubeconfig": plugin}, ["runs a program", "touch", "allow_plugins"]),
        ({"cluster_secret": {"name": "it-not-there"}}, ["does not exist", "acmp-system/it-not-there"]),
        ({"cluster_host": where["server"]}, ["cluster_token"]),
        ({"cluster_kubeconfig": config, "address": "https://east:1"}, ["neither an IP address nor a host name"]),
        ({"cluster_kubeconfig": config, "credential_days": 0.001}, ["credential_days", "ten minutes"]),
        ({"cluster_kubeconfig": _elsewhere(config, "https://127.0.0.1:1")}, ["cannot be reached", "https://127.0.0.1:1"]),
    ]
    names = ["Upper", "under_score", "x" * 41, "-dash", "dash-", "a.b", ""]
    run = ansible.play(
        *(cluster(**options) for options, _words in cases), *(cluster(name, cluster_kubeconfig=config) for name in names), in_process=in_process)
    assert len(run.results) == len(cases) + len(names)
    for result, (options, words) in zip(run.results, cases, strict=False):
        assert result.failed and all(word in result.msg for word in words), (list(options), result.msg)
    for result, name in zip(run.results[len(cases):], names, strict=True):
        assert result.failed and "is no name for a cluster" in result.msg, (name, result.msg)
    assert api.get(f"{CLUSTERS}/{NAME}") is None


def _elsewhere(config: dict, server: str) -> dict:
    clusters = [{**item, "cluster": {**item["cluster"], "server": server}} for item in config["clusters"]]
    return {**config, "clusters": clusters}


def _hour(config: dict, there: Api, folder: Path, seconds: int = 3600) -> dict:
    """The kubeconfig of an administrator whose certificate ends in an hour, signed by the cluster itself."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl")
    subprocess.run(
        ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "hour.key", "-out", "hour.csr", "-subj", "/O=it:admins/CN=hour"], cwd=folder,
        check=True, capture_output=True)
    binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    if there.get(f"{binding}/it-hour") is None:
        there.create(binding, {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "it-hour"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "hour"}]})
    path = "/apis/certificates.k8s.io/v1/certificatesigningrequests"
    there.delete(f"{path}/it-hour")
    request = there.create(path, {
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": "it-hour"},
        "spec": {
            "request": base64.b64encode((folder / "hour.csr").read_bytes()).decode(), "signerName": "kubernetes.io/kube-apiserver-client",
            "usages": ["client auth"], "expirationSeconds": seconds,
        }})
    condition = {"type": "Approved", "status": "True", "reason": "Test", "message": "a test"}
    there.ask("PUT", f"{path}/it-hour/approval", {**request, "status": {"conditions": [condition]}})
    signed = until("the certificate", lambda: there.get(f"{path}/it-hour")["status"].get("certificate"))
    user = {"client-certificate-data": signed, "client-key-data": base64.b64encode((folder / "hour.key").read_bytes()).decode()}
    return {**config, "users": [{"name": config["users"][0]["name"], "user": user}]}


def test_a_certificate_of_one_hour(ansible, api, there, config, tmp_path):
    """It is kept as given, its end is shown and warned of, and a tick exchanges it for a service account's before."""
    hour = _hour(config, there, tmp_path)
    ansible.secrets.append(hour["users"][0]["user"]["client-key-data"])
    given = cluster(cluster_kubeconfig=hour, credential="given")
    run = good(ansible.play(given, given))
    assert "store the given credential" in " ".join(run.results[0]["actions"]) and not run.last.changed, run.last["actions"]
    assert any("cluster administrator's" in text for text in run.results[0].data["warnings"]), run.results[0].data
    seen, run = _looked(ansible, name=NAME)
    credential = seen[NAME]["credential"]
    assert (credential["kind"], credential["proof"]) == ("given", "certificate") and 0.02 < credential["days_left"] < 0.05
    assert "ends in" in credential["warning"] and any("ends in" in text for text in run.last.data["warnings"])
    good(ansible.play({"acmp_tick": {"duties": ["cluster_credentials"]}}, arguments=("--check",)))
    assert api.get(f"{CLUSTERS}/{NAME}")["spec"]["credential"]["kind"] == "given"
    ticked = good(ansible.play({"acmp_tick": {"duties": ["cluster_credentials"]}}))
    assert any(f"the credential of cluster {NAME}" in action for action in ticked.last["actions"]), ticked.last["actions"]
    spec = api.get(f"{CLUSTERS}/{NAME}")["spec"]
    assert spec["credential"]["kind"] == "service_account"
    assert _status(_stored(ansible, api, tmp_path), "/api/v1/nodes") == 200
    seen, _run = _looked(ansible, name=NAME)
    assert 29 < seen[NAME]["credential"]["days_left"] <= 30 and not seen[NAME]["credential"]["warning"]


def test_one_that_is_down(ansible, api, there, config, spare_cluster):
    """Stopped, or silent: shown as down within three seconds beside the others, with what was known last; removed only when that is said."""
    good(ansible.play(cluster(cluster_kubeconfig=config)))
    recorded = api.get(f"{CLUSTERS}/{NAME}")["status"]
    api.ask("PATCH", f"{CLUSTERS}/{NAME}/status", {"status": {"instances": {"count": 1, "observedAt": recorded["observedAt"]}}},
            content_type="application/merge-patch+json")
    # Their names are for managers alone.
    assert "names" not in recorded["instances"]
    api.patch(f"/api/v1/namespaces/acmp-system/configmaps/acmp-instances-{NAME}", {"data": {"names": "shop/db"}})
    _seen, base = _looked(ansible, live=False)
    spare_cluster.stop()
    try:
        seen, run = _looked(ansible)
        assert seen["local"]["phase"] == "Ready" and seen["local"]["live"]
        shown = seen[NAME]
        assert shown["phase"] == "Unreachable" and not shown["live"] and shown["message"] and shown["version"] == recorded["version"] and shown["age"] >= 0
        assert run.seconds - base.seconds < DOWN_SECONDS, f"{run.seconds:.1f} s, {base.seconds:.1f} s without measuring"
        with socket.create_server(("127.0.0.1", 0)) as silent:
            # Accepts connections and never says a word.
            address = f"https://127.0.0.1:{silent.getsockname()[1]}"
            spec = api.get(f"{CLUSTERS}/{NAME}")["spec"]
            kept = api.core("secrets", "acmp-system", f"cluster-{NAME}")["data"]["kubeconfig"]
            mute = _elsewhere(yaml.safe_load(base64.b64decode(kept)), address)
            api.patch(f"{SECRETS}/cluster-{NAME}", {"data": {"kubeconfig": base64.b64encode(json.dumps(mute).encode()).decode()}})
            seen, run = _looked(ansible)
            assert seen[NAME]["phase"] == "Unreachable" and seen["local"]["phase"] == "Ready", seen[NAME]
            assert run.seconds - base.seconds < DOWN_SECONDS + 0.5, f"{run.seconds:.1f} s, {base.seconds:.1f} s without measuring"
            api.patch(f"{SECRETS}/cluster-{NAME}", {"data": {"kubeconfig": kept}})
            assert spec["server"] == config["clusters"][0]["cluster"]["server"]
        run = ansible.play(cluster(state="absent"), cluster(state="absent", unreachable=True), cluster(state="absent", unreachable=True, confirm=NAME))
        first, second, third = run.results
        assert first.failed and "shop/db" in first.msg and "unreachable: true" in first.msg, first.msg
        assert second.failed and "shop/db" in second.msg and f"confirm: {NAME}" in second.msg, second.msg
        assert not third.failed and third["actions"] == [f"remove the credential of cluster {NAME}", f"remove cluster {NAME}"], third.data
    finally:
        spare_cluster.up()


def test_what_a_consumer_sees(ansible, api, there, config):
    """Who may not reach a cluster sees what is recorded of it, and how old that is; never its credential."""
    good(ansible.play(cluster(cluster_kubeconfig=config)))
    user = {"act_as": {"user": "it-consumer", "groups": ["system:authenticated"]}}
    run = good(ansible.play({"acmp_cluster_info": user}))
    seen = {item["name"]: item for item in run.last["clusters"]}
    assert not any(item["live"] for item in seen.values())
    assert seen[NAME]["age"] is not None and seen[NAME]["version"].startswith("v1.")
    refused = ansible.play(cluster(owner="me", **user), cluster(rotate=True, **user), cluster(state="absent", **user))
    for result in refused.results:
        assert result.failed and result.error["reason"] == "Forbidden", result.msg
