# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances on another cluster than the one of the connection: packages come from here, everything else is there."""

from __future__ import annotations

import base64
import contextlib
import json
import random
import time
from pathlib import Path

import pytest
import yaml
from harness.ansible import instance
from harness.api import PLATFORM, Api
from harness.checks import good, until
from proxy import Proxy

UNCHANGED_REQUESTS = 6


@pytest.fixture
def there(second_cluster, second_kubeconfig) -> Api:
    return Api(second_kubeconfig)


@pytest.fixture
def far(there):
    """A name for a namespace that exists on the second cluster alone, gone afterwards."""
    name = f"it-far-{random.SystemRandom().randrange(16 ** 4):04x}"
    yield name
    there.drop_namespace(name)


@pytest.fixture
def alias(api, second_cluster, second_kubeconfig):
    """A function that records the second cluster under one more name, with other words in its record or another way to it.

    The way is an administrator's, so that any namespace there will do; the platform's own account may not deploy.
    """
    made = []
    administrator = yaml.safe_load(Path(second_kubeconfig).read_text())

    def record(config: dict | None = None, **spec) -> str:
        name = f"it-{random.SystemRandom().randrange(16 ** 6):06x}"
        made.append(name)
        known = api.get(f"{PLATFORM}/clusters/{second_cluster}")["spec"]
        data = {"kubeconfig": base64.b64encode(json.dumps(config or administrator).encode()).decode()}
        api.create("/api/v1/namespaces/acmp-system/secrets", {
            "apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"cluster-{name}", "namespace": "acmp-system"}, "data": data})
        api.create(f"{PLATFORM}/clusters", {
            "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Cluster", "metadata": {"name": name}, "spec": {**known, **spec}})
        return name

    yield record
    for name in made:
        api.delete(f"{PLATFORM}/clusters/{name}")
        api.delete(f"/api/v1/namespaces/acmp-system/secrets/cluster-{name}")


def test_deploy_change_and_remove(ansible, api, there, second_cluster, far):
    """A new workspace there by create_namespace, an instance in it, a change, a look, and its end; nothing of it is here."""
    task = instance("one", far, package="tiny", cluster=second_cluster, create_namespace=True)
    predicted = good(ansible.play(task, arguments=("--check",)))
    assert there.get(f"/api/v1/namespaces/{far}") is None
    run = good(ansible.play(task))
    assert run.last.changed and run.last["actions"] == predicted.last["actions"]
    shown = run.last["instance"]
    assert (shown["cluster"], shown["project"], shown["phase"]) == (second_cluster, "default", "Ready")
    assert api.get(f"/api/v1/namespaces/{far}") is None
    assert there.helm(far) == {"one": [(1, "deployed")]}
    record = there.own("instances", far, "one")
    assert (record["spec"]["cluster"], record["spec"]["project"]) == (second_cluster, "default")
    assert there.get(f"/api/v1/namespaces/{far}")["metadata"]["labels"]["operators.apusic.com/project"] == "default"
    assert not good(ansible.play(task)).last.changed
    assert good(ansible.play(instance("one", far, cluster=second_cluster, values={"replicas": 2}))).last.changed
    assert there.deployment(far, "one")["spec"]["replicas"] == 2
    look = good(ansible.play({"acmp_instance_info": {"cluster": second_cluster, "namespace": far}}))
    assert [(item["name"], item["cluster"], item["phase"]) for item in look.last["instances"]] == [("one", second_cluster, "Ready")]
    gone = good(ansible.play(instance("one", far, cluster=second_cluster, state="absent", delete_policy="wipe", confirm="one")))
    assert gone.last.changed and gone.last["instance"] is None
    assert there.own("instances", far) == [] and there.helm(far) == {}
    assert not good(ansible.play(instance("one", far, cluster=second_cluster, state="absent", delete_policy="wipe", confirm="one"))).last.changed


def test_unchanged_budget(ansible, proxy, helm_wrapper, there, alias, far, second_kubeconfig, tmp_path):
    """At most six requests to both clusters together, no write and no helm, by the longest way: no credential of the workspace, but the cluster's."""
    there.namespace(far)
    (tmp_path / "far").mkdir()
    env = {"K8S_AUTH_KUBECONFIG": proxy.kubeconfig, "PATH": helm_wrapper.folder + ":" + ansible.environment(ansible.scratch)["PATH"]}
    with Proxy(second_kubeconfig, tmp_path / "far") as other:
        cluster = alias(other.config())
        good(ansible.play(instance("one", far, package="tiny", cluster=cluster), env=env))
        assert len(other.wrote) > 5 and not proxy.wrote, proxy.table()
        for seen in (proxy, other, helm_wrapper):
            seen.reset()
        again = good(ansible.play(instance("one", far, package="tiny", cluster=cluster), env=env))
        assert not again.last.changed and helm_wrapper.starts == []
        assert not proxy.wrote and not other.wrote
        assert len(proxy.seen) + len(other.seen) <= UNCHANGED_REQUESTS, proxy.table() + other.table()


@pytest.mark.once
def test_another_cluster_at_the_address(ansible, there, alias, far):
    """Before the first write the identity is compared; looking is not refused."""
    there.namespace(far)
    cluster = alias(uid="00000000-0000-0000-0000-000000000000")
    before = there.everything(far)
    for options in ({}, {"wait": False}):
        run = ansible.play(instance("one", far, package="tiny", cluster=cluster, **options))
        assert run.last.failed and "Another cluster" in run.last.msg, run.last.msg
    until("the namespace to be quiet", lambda: there.everything(far).keys() >= before.keys())
    assert there.own("instances", far) == [] and there.helm(far) == {}
    assert good(ansible.play({"acmp_instance_info": {"cluster": cluster, "namespace": far}})).last["instances"] == []


@pytest.mark.once
def test_unknown_cluster_and_unknown_project(ansible, there, second_cluster, alias, far):
    there.namespace(far)
    run = ansible.play(
        instance("one", far, package="tiny", cluster=second_cluster[:-1]), {"acmp_instance_info": {"cluster": second_cluster[:-1]}},
        instance("one", far, package="tiny", cluster=alias(), project="defualt"))
    assert all(result.failed for result in run.results)
    assert all(second_cluster in result.msg for result in run.results[:2]), [result.msg for result in run.results]
    assert "defualt" in run.last.msg and "default" in run.last.msg


@pytest.mark.once
def test_a_namespace_of_another_project(ansible, api, there, second_cluster, space, far):
    """Refused by the project's name, here and there, and only where something is to be changed."""
    label = {"metadata": {"labels": {"operators.apusic.com/project": "somebody"}}}
    good(ansible.play(instance("one", space, package="tiny"), instance("one", far, package="tiny", cluster=second_cluster, create_namespace=True)))
    there.patch(f"/api/v1/namespaces/{far}", label)
    api.patch(f"/api/v1/namespaces/{space}", label)
    run = ansible.play(
        instance("one", space, package="tiny"), instance("one", space, package="tiny", values={"replicas": 2}),
        instance("two", far, package="tiny", cluster=second_cluster))
    assert not run[0].failed and not run[0].changed
    assert all(result.failed and "say project: somebody" in result.msg for result in run.results[1:]), [result.msg for result in run.results]


@pytest.mark.once
def test_every_cluster_at_once(ansible, api, there, second_cluster, alias, space, far):
    """Instances of both in one list; one that does not answer is a warning after three seconds at most, and hides no other."""
    good(ansible.play(instance("here", space, package="tiny"), instance("far", far, package="tiny", cluster=second_cluster, create_namespace=True)))
    # An address that takes no connection and refuses none (RFC 5737), and a port where nobody listens.
    hung, refused = (alias(_nobody(server)) for server in ("https://192.0.2.1:6443", "https://127.0.0.1:1"))
    began = time.monotonic()
    run = good(ansible.play({"acmp_instance_info": {"cluster": "all", "live": False}}))
    seconds = time.monotonic() - began
    found = {(item["cluster"], item["namespace"], item["name"]) for item in run.last["instances"]}
    assert {("local", space, "here"), (second_cluster, far, "far")} <= found
    told = [text for text in run.last.data.get("warnings", []) if "are not shown" in text]
    assert any(hung in text for text in told) and any(refused in text for text in told), run.last.data.get("warnings")
    # An ansible-playbook takes a second or two by itself.
    assert seconds < 3 + 4, f"{seconds:.1f} s"


@pytest.mark.once
def test_node_ports_at_the_access_address(ansible, there, alias, far):
    """Where the cluster's record has an access address, Services with node ports show it."""
    there.namespace(far)
    cluster = alias(address="east.example.com")
    good(ansible.play(instance("one", far, package="tiny", cluster=cluster)))
    service = next(iter(there.core("services", far)), None)
    if service is None:
        pytest.skip("the tiny package has no Service")
    there.patch(f"/api/v1/namespaces/{far}/services/{service['metadata']['name']}", {"spec": {"type": "NodePort"}})
    look = good(ansible.play({"acmp_instance_info": {"cluster": cluster, "namespace": far}}))
    port = there.core("services", far, service["metadata"]["name"])["spec"]["ports"][0]["nodePort"]
    assert look.last["instances"][0]["endpoints"][0]["node_addresses"] == [f"east.example.com:{port}"]


@pytest.mark.once
def test_the_playbooks(ansible, there, second_cluster, far):
    """deploy, status and remove take the cluster, and their hints name it."""
    words = ("-e", "acmp_instance=one", "-e", f"acmp_namespace={far}", "-e", f"acmp_cluster={second_cluster}")
    for playbook, more, said in (
        ("deploy", ("-e", "acmp_package=tiny", "-e", "acmp_create_namespace=true"), f"-e acmp_cluster={second_cluster}"),
        ("status", (), f"{second_cluster}: {far}/one"),
        ("remove", ("-e", "acmp_delete_policy=wipe", "-e", "acmp_confirm=one"), "delete the record"),
    ):
        playing = ansible.command(["ansible-playbook", f"acmp.middleware.{playbook}", *words, *more])
        run = playing.wait()
        ansible.checked(run, playing)
        assert run.code == 0 and said in run.output, f"{playbook}: see {run.log}"
    with contextlib.suppress(AssertionError):
        until("nothing to be left", lambda: not there.own("instances", far), seconds=5)
    assert there.own("instances", far) == []


def _nobody(server: str) -> dict:
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": "it", "clusters": [{"name": "it", "cluster": {"server": server}}],
        "users": [{"name": "it", "user": {"token": "nobody"}}], "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }
