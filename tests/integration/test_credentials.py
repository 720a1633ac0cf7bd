# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A member of one project and the credentials of all: their own they can read, and work with on another cluster; every other Secret there is they cannot."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml
from conftest import PLANTED
from harness import people
from harness.ansible import instance
from harness.api import PLATFORM, Api, Refused
from harness.checks import good, until
from harness.people import Person

pytestmark = pytest.mark.once

REGISTRY = "registry.example.com"
SELF = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@dataclass(frozen=True)
class Scene:
    """Two projects with a workspace each on the second cluster; the consumer is a member of the first, which has a workspace beside the platform, too."""

    consumer: Person
    cluster: str
    second: Api
    project: str
    other: str
    there: str
    here: str
    foreign: str

    def secret(self, project: str, namespace: str) -> str:
        return f"/api/v1/namespaces/acmp-project-{project}/secrets/workspace-{self.cluster}.{namespace}"


@pytest.fixture(scope="module")
def scene(ansible, api, second_cluster, second_kubeconfig, tmp_path_factory) -> Iterator[Scene]:
    word = f"{random.SystemRandom().randrange(16 ** 4):04x}"
    home = f"it-people-{word}"
    api.namespace(home)
    consumer = people.account(api, home, "consumer", tmp_path_factory.mktemp("people"))
    names = (f"it-{each}-{word}" for each in ("one", "two", "there", "here", "other"))
    found = Scene(consumer, second_cluster, Api(second_kubeconfig), *names)
    member = {"kind": "ServiceAccount", "name": "consumer", "namespace": home}
    pull = {"pull_secret": {REGISTRY: {"username": "robot", "password": PLANTED}}}
    ansible.secrets.append(consumer.secret)
    good(ansible.play(
        {"acmp_project": {"name": found.project, "members": [member]}}, {"acmp_project": {"name": found.other}},
        {"acmp_workspace": {"name": found.there, "cluster": second_cluster, "project": found.project, **pull}},
        {"acmp_workspace": {"name": found.here, "project": found.project, **pull}},
        {"acmp_workspace": {"name": found.foreign, "cluster": second_cluster, "project": found.other}},
        arguments=("--diff",)))
    ansible.secrets += _tokens(api, found)
    until("the consumer to be one", lambda: consumer.api.own("instances", found.here) == [])
    yield found
    ansible.play(
        *({"acmp_workspace": {"name": name, "cluster": cluster, "project": project, "state": "absent", "confirm": [name]}} for name, cluster, project in (
            (found.there, second_cluster, found.project), (found.here, "local", found.project), (found.foreign, second_cluster, found.other))),
        *({"acmp_project": {"name": name, "state": "absent", "confirm": name}} for name in (found.project, found.other)))
    api.drop_namespace(home)


def _config(api: Api, path: str) -> dict:
    return yaml.safe_load(base64.b64decode(api.get(path)["data"]["kubeconfig"]))


def _tokens(api: Api, scene: Scene) -> list[str]:
    """Everything secret in the stored kubeconfigs of this cluster and its two workspaces."""
    paths = (scene.secret(scene.project, scene.there), scene.secret(scene.other, scene.foreign))
    users = [_config(api, path)["users"][0]["user"] for path in (f"/api/v1/namespaces/acmp-system/secrets/cluster-{scene.cluster}", *paths)]
    found = [user[key] for user in users for key in ("token", "client-key-data", "password") if user.get(key)]
    assert len(found) == len(set(found)) >= 3
    return found


def _status(api: Api, path: str, verb: str = "GET", headers: dict | None = None, **query) -> int:
    try:
        found = api.ask(verb, path, headers=headers, **query)
    except Refused as refused:
        return refused.status
    return 404 if found is None else 200


def _secrets(api: Api) -> list[tuple[str, str]]:
    return [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in api.list("/api/v1/secrets")]


def _readable(admin: Api, as_whom: Api, headers: dict | None = None) -> set[tuple[str, str]]:
    """Every Secret of a cluster that somebody can read, one by one, by lists of each namespace, or by a list of all."""
    if _status(as_whom, "/api/v1/secrets", headers=headers) == 200:
        return set(_secrets(admin))
    everything = _secrets(admin)
    assert len(everything) >= 3, "hardly a Secret was found: this would prove nothing"
    found = {place for place in everything if _status(as_whom, f"/api/v1/namespaces/{place[0]}/secrets/{place[1]}", headers=headers) == 200}
    for item in admin.list("/api/v1/namespaces"):
        name = item["metadata"]["name"]
        ways = ({}, {"watch": "true", "timeoutSeconds": "1"})
        if 200 in (_status(as_whom, f"/api/v1/namespaces/{name}/secrets", headers=headers, **query) for query in ways):
            found |= {place for place in everything if place[0] == name} | {(name, "*")}
    return found


def _own(scene: Scene, found: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those that do not belong to the consumer."""
    secret = (f"acmp-project-{scene.project}", f"workspace-{scene.cluster}.{scene.there}")
    assert secret in found, "the consumer cannot read the credential of their own workspace"
    return {place for place in found if place[0] != scene.here and place != secret and not place[1].startswith("workspace-local.")}


def test_every_secret_of_the_management_cluster(api, scene):
    """With the consumer's token: their own credential and their own workspace, and nothing else of all namespaces."""
    assert _own(scene, _readable(api, scene.consumer.api)) == set()


def test_every_secret_as_somebody_else(api, scene):
    """The same where a wide credential acts as the consumer, as AWX does."""
    groups = ["system:serviceaccounts", f"system:serviceaccounts:{scene.consumer.subject['namespace']}", "system:authenticated"]
    for group in groups:
        headers = {"Impersonate-User": scene.consumer.user, "Impersonate-Group": group}
        assert _own(scene, _readable(api, api, headers)) == set()


def test_every_secret_of_the_other_cluster(api, scene, tmp_path):
    """With the workspace's credential: the Secrets of this namespace alone; and it knows nothing of the platform that made it."""
    path = tmp_path / "workspace"
    config = _config(scene.consumer.api, scene.secret(scene.project, scene.there))
    path.write_text(yaml.safe_dump(config))
    mine = Api(str(path))
    found = _readable(scene.second, mine)
    assert {namespace for namespace, _name in found} == {scene.there}
    assert _status(mine, f"{PLATFORM}/projects") in (403, 404) and _status(mine, "/api/v1/namespaces") == 403
    # The token belongs to one cluster: the other one does not know it.
    elsewhere = people.config(api.kubeconfig, config["users"][0]["user"], tmp_path / "elsewhere")
    assert _status(Api(elsewhere), "/api/v1/namespaces/default/secrets") == 401


@pytest.mark.parametrize("cluster", ["here", "there"])
def test_no_way_from_a_member_to_more(scene, tmp_path, cluster):
    """What could become more than a member's rights: tokens of others, roles, other people's bindings, shells in pods."""
    if cluster == "there":
        path = tmp_path / "workspace"
        path.write_text(yaml.safe_dump(_config(scene.consumer.api, scene.secret(scene.project, scene.there))))
        api, space = Api(str(path)), scene.there
    else:
        api, space = scene.consumer.api, scene.here
    for verb, group, resource, namespace in (
        ("create", "", "serviceaccounts/token", space), ("create", "", "pods", space), ("create", "", "pods/exec", space),
        ("update", "", "pods/ephemeralcontainers", space), ("update", "", "endpoints", space), ("update", "discovery.k8s.io", "endpointslices", space),
        ("patch", "", "resourcequotas", space),
        ("patch", "", "limitranges", space), ("patch", "", "namespaces", space), ("create", "rbac.authorization.k8s.io", "roles", space),
        ("create", "rbac.authorization.k8s.io", "rolebindings", space), ("patch", "rbac.authorization.k8s.io", "rolebindings", space),
        ("bind", "rbac.authorization.k8s.io", "clusterroles", ""), ("impersonate", "", "users", ""), ("create", "", "persistentvolumes", ""),
        ("get", "", "nodes/proxy", ""), ("create", "", "namespaces", ""), ("list", "", "namespaces", ""), ("patch", "operators.apusic.com", "projects", ""),
        ("patch", "operators.apusic.com", "clusters", ""), ("list", "operators.apusic.com", "instances", ""), ("list", "", "secrets", ""),
        ("list", "", "pods", ""),
        ("create", "certificates.k8s.io", "certificatesigningrequests", ""), ("patch", "admissionregistration.k8s.io", "validatingwebhookconfigurations", ""),
    ):
        plural, _slash, subresource = resource.partition("/")
        asked = {"verb": verb, "group": group, "resource": plural, "subresource": subresource, "namespace": namespace}
        body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": asked}}
        assert not api.create(SELF, body)["status"]["allowed"], asked


def test_pods_of_a_member_do_not_reach_the_node(scene):
    """A workspace that says nothing of Pod Security has a level all the same: a folder of the node would hold everybody's Secrets."""
    pod = {
        "automountServiceAccountToken": False, "volumes": [{"name": "node", "hostPath": {"path": "/"}}],
        "containers": [{"name": "c", "image": "docker.io/acmp/tiny:1.0.0", "volumeMounts": [{"name": "node", "mountPath": "/node"}], "resources": {
            "requests": {"cpu": "1m", "memory": "8Mi"}}}],
    }
    path = f"/apis/apps/v1/namespaces/{scene.here}/deployments"
    scene.consumer.api.create(path, {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "node"},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "node"}}, "template": {"metadata": {"labels": {"app": "node"}}, "spec": pod}}})

    def refused():
        status = scene.consumer.api.get(f"{path}/node").get("status") or {}
        return next((item["message"] for item in status.get("conditions") or [] if item["type"] == "ReplicaFailure"), "")

    assert "violates PodSecurity" in until("the pods to be refused", refused)
    assert not [pod for pod in scene.consumer.api.core("pods", scene.here) if pod["metadata"]["name"].startswith("node-")]
    scene.consumer.api.delete(f"{path}/node", propagationPolicy="Background")


@pytest.mark.parametrize("way", ["token", "act_as"])
def test_deploy_to_the_other_cluster(ansible, api, scene, way):
    """The consumer deploys, changes, looks and removes on the second cluster; into the other project's workspace they do not get."""
    name = f"over-{way.replace('_', '-')}"
    more = {"cluster": scene.cluster, "project": scene.project}
    env = {"K8S_AUTH_KUBECONFIG": scene.consumer.kubeconfig if way == "token" else api.kubeconfig}
    if way == "act_as":
        more["act_as"] = {"user": scene.consumer.user, "groups": ["system:authenticated"]}
    run = good(ansible.play(
        instance(name, scene.there, package="tiny", **more),
        {**instance(name, scene.there, values={"replicas": 2}, **more), "check_mode": True, "diff": True},
        instance(name, scene.there, values={"replicas": 2}, **more),
        {"acmp_instance_info": {"namespace": scene.there, **more}},
        env=env, arguments=("--diff",)))
    assert [result.changed for result in run.results] == [True, True, True, False]
    assert scene.second.deployment(scene.there, name)["status"]["readyReplicas"] == 2
    assert [item["name"] for item in run.last["instances"]] == [name]
    # In the record, who asked is who they are on the management cluster.
    assert api.own("instances", scene.here) == [] and scene.second.own("instances", scene.there, name)
    denied = ansible.play(
        instance(name, scene.foreign, package="tiny", **more),
        instance(name, scene.foreign, package="tiny", **{**more, "project": scene.other}),
        instance(name, "kube-system", package="tiny", **more),
        {"acmp_instance_info": {**more}}, {"acmp_workspace_info": {"cluster": scene.cluster, **({"act_as": more["act_as"]} if way == "act_as" else {})}},
        env=env)
    for result in denied.results:
        assert result.failed and result.error["reason"] == "Forbidden", result.msg
        details = result.error["details"]
        assert details["verb"] == "get" and details["resource"] == "secrets" and details["namespace"].startswith("acmp-"), details
        assert scene.consumer.user in result.msg and details["namespace"] in result.msg and "manager" in result.error["todo"], result.msg
    assert scene.second.own("instances", scene.foreign) == []
    good(ansible.play(instance(name, scene.there, state="absent", delete_policy="wipe", confirm=name, **more), env=env))


@pytest.mark.parametrize("user", [
    {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "{program}", "interactiveMode": "Never"}},
    {"tokenFile": "{program}"}, {"client-certificate": "{program}", "client-key": "{program}"},
], ids=["program", "token file", "certificate file"])
def test_a_stored_credential_runs_no_program_and_reads_no_file(ansible, api, scene, tmp_path, user):
    """Who may write the Secret of a workspace must not get at the machine of who reads it."""
    program, trace = tmp_path / "program", tmp_path / "trace"
    program.write_text(f"#!/bin/sh\ntouch {trace}\n")
    program.chmod(0o755)
    path = scene.secret(scene.project, scene.there)
    before = api.get(path)["data"]["kubeconfig"]
    config = yaml.safe_load(base64.b64decode(before))
    config["users"][0]["user"] = json.loads(json.dumps(user).replace("{program}", str(program)))
    api.patch(path, {"data": {"kubeconfig": base64.b64encode(yaml.safe_dump(config).encode()).decode()}})
    try:
        run = ansible.play(
            {"acmp_instance_info": {"namespace": scene.there, "cluster": scene.cluster, "project": scene.project}},
            env={"K8S_AUTH_KUBECONFIG": scene.consumer.kubeconfig})
        assert run.last.failed and ("runs a program" in run.last.msg or "names files" in run.last.msg), run.last.msg
        assert not trace.exists()
    finally:
        api.patch(path, {"data": {"kubeconfig": before}})


def test_planted_secrets_are_nowhere_else(ansible, api, scene):
    """Passwords of pull secrets and tokens of kubeconfigs stand in Secrets; no record, event, other object or output holds them, at -vvv and with diffs."""
    logged = base64.b64encode(f"robot:{PLANTED}".encode()).decode()
    planted = [PLANTED, logged, base64.b64encode(PLANTED.encode()).decode(), *_tokens(api, scene)]
    ansible.secrets += [secret for secret in planted if secret not in ansible.secrets]
    for place, space in ((api, scene.here), (scene.second, scene.there)):
        secret = base64.b64decode(place.core("secrets", space, "acmp-pull")["data"][".dockerconfigjson"]).decode()
        assert PLANTED in secret, "the pull secret does not hold what was planted: this would prove nothing"
    more = {"cluster": scene.cluster, "project": scene.project}
    changed = {"pull_secret": {REGISTRY: {"username": "robot", "password": PLANTED[::-1]}}}
    ansible.secrets.append(PLANTED[::-1])
    for in_process in (True, False):
        run = ansible.play(
            {"acmp_workspace": {"name": scene.there, **more, **changed}, "check_mode": True},
            {"acmp_workspace": {"workspaces": [{"name": scene.there, **changed}], **more}, "check_mode": True},
            {"acmp_workspace": {"name": scene.there, **more, "pull_secret": {REGISTRY: {"user": "robot", "password": PLANTED}}}},
            {"acmp_workspace_info": {"cluster": scene.cluster}}, {"acmp_project_info": {}}, {"acmp_cluster_info": {}},
            {"acmp_cluster": {"name": scene.cluster, "rotate": True}, "check_mode": True}, {"acmp_tick": {"duties": ["expiry"]}},
            {"acmp_resource_report": {}}, in_process=in_process, arguments=("--diff",))
        failed = [bool(result.failed) for result in run.results[:6]]
        assert failed == [False, False, True, False, False, False], [result.msg for result in run.results]
    at_home = [scene.here, "acmp-system", f"acmp-project-{scene.project}", f"acmp-project-{scene.other}"]
    for place, spaces in ((api, at_home), (scene.second, [scene.there, "acmp-system"])):
        paths = [path.format(space) for space in spaces for path in place.kinds() if not path.endswith("/secrets")]
        paths += [f"/api/v1/namespaces/{space}/events" for space in spaces]
        paths += ["/api/v1/namespaces", f"{PLATFORM}/projects", f"{PLATFORM}/clusters", "/apis/rbac.authorization.k8s.io/v1/clusterroles"]
        text = "\n".join(json.dumps(item) for path in paths for item in place.list(path))
        assert scene.project in text
        for secret in planted:
            assert secret not in text, "a secret stands in an object that is no Secret"
