# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cluster a task works on and as whom: two in one task share nothing, environment: is honoured, act_as holds for Helm too."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
import yaml
from harness.ansible import instance
from harness.checks import good, until
from proxy import Proxy

RBAC = "/apis/rbac.authorization.k8s.io/v1"


def _server(kubeconfig: str) -> tuple[str, bytes]:
    """Address and CA of the current context."""
    config = yaml.safe_load(Path(kubeconfig).read_text())
    cluster = config["clusters"][0]["cluster"]
    return cluster["server"], base64.b64decode(cluster["certificate-authority-data"])


def _account(api, space: str, name: str) -> str:
    """A ServiceAccount and a token of it."""
    path = f"/api/v1/namespaces/{space}/serviceaccounts"
    api.create(path, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    return api.create(f"{path}/{name}/token", wish)["status"]["token"]


def _bind(api, space: str, name: str, role: str, subject: dict) -> None:
    api.create(f"{RBAC}/namespaces/{space}/rolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}, "subjects": [subject]})


def _mark(token: str) -> str:
    return f"Bearer {hashlib.sha256(token.encode()).hexdigest()[:12]}"


def test_two_connections_in_one_loop(ansible, api, kubeconfig, space, other_space, in_process):
    """Two credentials in one task loop: each request carries its own token, no TLS setting is inherited, in either order."""
    tokens = {name: _account(api, place, name) for name, place in (("alice", space), ("bob", other_space))}
    ansible.secrets += list(tokens.values())
    for name, place in (("alice", space), ("bob", other_space)):
        _bind(api, place, name, "acmp-consumer", {"kind": "ServiceAccount", "name": name, "namespace": place})
    server, authority = _server(kubeconfig)
    ca = ansible.scratch / "ca.crt"
    ca.write_bytes(authority)
    with Proxy(kubeconfig) as one, Proxy(kubeconfig) as two:
        loop = [
            {"host": one.url, "api_key": tokens["alice"], "namespace": space},
            {"host": two.url, "api_key": tokens["bob"], "namespace": other_space},
            {"host": two.url, "api_key": tokens["bob"], "namespace": space},  # not bob's
            {"host": server, "api_key": tokens["alice"], "namespace": space, "validate_certs": False},
            {"host": server, "api_key": tokens["bob"], "namespace": other_space},  # nobody vouches for this server, and that has to matter
            {"host": server, "api_key": tokens["bob"], "namespace": other_space, "ca_cert": str(ca)},
            {"host": server, "api_key": tokens["alice"], "namespace": space},
            {"kubeconfig": two.config(token=tokens["bob"]), "namespace": other_space},
            {"kubeconfig": kubeconfig, "namespace": other_space},
        ]
        # A loop over numbers: Ansible prints its items.
        run = ansible.play({"name": "look", "acmp_instance_info": "{{ connections[item] }}", "loop": list(range(len(loop)))},
                           variables={"connections": loop}, in_process=in_process, env={"K8S_AUTH_KUBECONFIG": ""})
        results = [result for result in run.results if result.task == "look"]
        assert [result.failed for result in results] == [False, False, True, False, True, False, True, False, False], [result.msg for result in results]
        assert results[2].error["reason"] == "Forbidden" and space in results[2].msg and "instances" in results[2].msg, results[2].msg
        for number in (4, 6):
            assert "certificate" in results[number].msg.lower(), results[number].msg
        assert {seen.authorization for seen in one.seen} == {_mark(tokens["alice"])}
        assert {seen.authorization for seen in two.seen} == {_mark(tokens["bob"])}


def test_two_clusters_in_one_loop(ansible, api, kubeconfig, second_kubeconfig, space, in_process):
    """Two clusters in one task loop, there and back: each answers for itself, nothing of one is sent to the other."""
    if not second_kubeconfig:
        pytest.skip("no second cluster: set ACMP_SECOND_KUBECONFIG; two credentials of one cluster are tried in the test before")
    first_server, second_server = _server(kubeconfig)[0], _server(second_kubeconfig)[0]
    with Proxy(kubeconfig) as one, Proxy(second_kubeconfig) as two:
        loop = [{"kubeconfig": path} for path in (kubeconfig, second_kubeconfig, one.kubeconfig, two.kubeconfig, kubeconfig)]
        loop.append({"host": second_server, "api_key": "planted-Zq7-secret-4711", "validate_certs": False})
        loop.append({"kubeconfig": second_kubeconfig})
        run = ansible.play({"name": "look", "check_mode": True, "acmp_setup": "{{ connections[item] }}", "loop": list(range(len(loop)))},
                           variables={"connections": loop}, in_process=in_process)
        results = [result for result in run.results if result.task == "look"]
        assert [result.failed for result in results] == [False] * 5 + [True, False], [result.msg for result in results]
        servers = [result["platform"]["server"] for result in results if not result.failed]
        assert servers == [first_server, second_server, one.url, two.url, first_server, second_server]
        assert [result.changed for result in results] == [False, True, False, True, False, False, True]
        assert not one.wrote and not two.wrote
        assert {seen.authorization for seen in (*one.seen, *two.seen)} == {""}


def test_environment_of_the_task(ansible, kubeconfig, space, in_process, tmp_path):
    """environment: decides over the surroundings, for our requests and for the helm child."""
    with Proxy(kubeconfig, tmp_path) as wanted, Proxy(kubeconfig, tmp_path) as surroundings:
        task = {**instance("one", space, package="tiny"), "environment": {"K8S_AUTH_KUBECONFIG": wanted.kubeconfig}}
        good(ansible.play(task, in_process=in_process, env={"K8S_AUTH_KUBECONFIG": surroundings.kubeconfig, "KUBECONFIG": surroundings.kubeconfig}))
        assert not surroundings.seen, surroundings.table()
        helm = [seen for seen in wanted.seen if seen.agent.startswith("Helm")]
        assert any(seen.writing for seen in helm), wanted.table()
        assert len(wanted.seen) > len(helm)


def test_path_of_the_task(ansible, kubeconfig, space, in_process, helm_wrapper):
    """PATH of environment: is where helm is looked for."""
    path = helm_wrapper.folder + ":" + ansible.environment(ansible.scratch)["PATH"]
    good(ansible.play({**instance("one", space, package="tiny"), "environment": {"PATH": path}}, in_process=in_process))
    assert any(line.startswith("install") for line in helm_wrapper.starts), helm_wrapper.starts


def test_names_of_kubernetes_core(ansible, api, kubeconfig, space, in_process):
    """K8S_AUTH_* and the defaults of our action group reach the connection."""
    token = _account(api, space, "carol")
    ansible.secrets.append(token)
    _bind(api, space, "carol", "acmp-consumer", {"kind": "ServiceAccount", "name": "carol", "namespace": space})
    server, _ca = _server(kubeconfig)
    look = {"acmp_instance_info": {"namespace": space}}
    bare = {"K8S_AUTH_KUBECONFIG": ""}
    run = good(ansible.play(look, in_process=in_process, env={**bare, "K8S_AUTH_HOST": server, "K8S_AUTH_API_KEY": token, "K8S_AUTH_VERIFY_SSL": "no"}))
    assert run.last["instances"] == []
    with Proxy(kubeconfig) as proxy:
        defaults = {"module_defaults": {"group/acmp.middleware.acmp": {"kubeconfig": proxy.kubeconfig}}}
        good(ansible.play(look, {"acmp_package_info": {"name": "tiny"}}, in_process=in_process, env=bare, play=defaults))
        assert len(proxy.seen) >= 2
        before = len(proxy.seen)
        # What a task says itself comes before the defaults.
        good(ansible.play({"acmp_instance_info": {"namespace": space, "kubeconfig": kubeconfig}}, in_process=in_process, env=bare, play=defaults))
        assert len(proxy.seen) == before
    nothing = ansible.play(look, in_process=in_process, env=bare)
    assert nothing.last.failed and "No cluster is named" in nothing.last.msg, nothing.last.msg


def test_act_as(ansible, api, kubeconfig, space, in_process):
    """act_as without rights is denied with verb, resource and namespace; with a consumer's rights it deploys, Helm included, as that user."""
    task = instance("one", space, package="tiny", act_as={"user": "dave", "groups": ["shop"]})
    before = api.everything(space)
    run = ansible.play(task, in_process=in_process)
    assert run.last.failed and run.last.error["reason"] == "Forbidden", run.last.msg
    assert "dave" in run.last.msg and space in run.last.msg and any(word in run.last.msg for word in ("secrets", "instances")), run.last.msg
    assert any(verb in run.last.msg for verb in ("list", "get")) and run.last.error["todo"], run.last.msg
    assert api.everything(space) == before
    _bind(api, space, "shop", "acmp-consumer", {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": "shop"})
    until("the right to arrive", lambda: api.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": "dave", "groups": ["shop"], "resourceAttributes": {"namespace": space, "verb": "list", "resource": "secrets"}},
    })["status"]["allowed"])
    with Proxy(kubeconfig) as proxy:
        good(ansible.play(task, in_process=in_process, env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
        assert any(seen.agent.startswith("Helm") and seen.writing for seen in proxy.seen)
        assert {seen.impersonated for seen in proxy.seen} == {"dave"}, proxy.table()
        assert {frozenset(seen.groups) for seen in proxy.seen} == {frozenset(["shop"])}
    manager = ansible.play(
        {"acmp_package": {"name": "tiny", "version": "1.0.0", "state": "unlisted", "act_as": {"user": "dave", "groups": ["shop"]}}}, in_process=in_process)
    assert manager.last.failed and manager.last.error["reason"] == "Forbidden" and "acmp-" in manager.last.msg, manager.last.msg
