# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances as hosts, as ansible-inventory and ansible-playbook see them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import PLANTED
from harness import people
from harness.ansible import Run, instance
from harness.api import PLATFORM, Api
from harness.checks import good, until

RBAC = "/apis/rbac.authorization.k8s.io/v1"
EVIL = "{{ lookup('pipe', 'touch CANARY') }}"
EVIL_EXPRESSION = "lookup('pipe', 'touch CANARY')"
# Without it a source that cannot be read is a warning, and the run goes on without hosts.
STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}


@pytest.fixture
def source(tmp_path):
    """A function: the path of a source with these options."""
    def write(name: str = "x.acmp.yml", **options) -> str:
        path = tmp_path / name
        path.write_text(json.dumps({"plugin": "acmp.middleware.instances", **options}))
        return str(path)

    return write


def _record(api: Api, space: str, name: str, phase: str = "Ready", status: dict | None = None, **spec) -> None:
    """An instance as a record only."""
    path = f"{PLATFORM}/namespaces/{space}/instances"
    plain = {"package": "tiny", "version": "1.0.0", "type": "default", "mode": "helm", "document": f"spec: {{}} # {PLANTED}\n", "releaseName": name}
    api.create(path, {
        "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Instance", "metadata": {"name": name, "namespace": space}, "spec": {**plain, **spec}})
    api.patch(f"{path}/{name}/status", {"status": {"phase": phase, "revision": 1, **(status or {})}})


def _inventory(ansible, *words: str, env: dict | None = None) -> Run:
    playing = ansible.command(["ansible-inventory", *words], env)
    run = playing.wait(120)
    ansible.checked(run, playing)
    return run


def _listed(ansible, tmp_path: Path, source: str, env: dict | None = None) -> dict:
    run = _inventory(ansible, "-i", source, "--list", "--output", str(tmp_path / "list.json"), env={**STRICT, **(env or {})})
    assert run.code == 0, run.output
    return json.loads((tmp_path / "list.json").read_text(), object_hook=_unmarked)


def _unmarked(found: dict):
    return found["__ansible_unsafe"] if set(found) == {"__ansible_unsafe"} else found


def _told(run: Run, *words: str) -> None:
    """The source was refused with these words, whatever the width of the lines."""
    said = " ".join(run.output.split())
    assert run.code != 0 and "Traceback" not in said, said
    missing = [word for word in words if word not in said]
    assert not missing, f"does not say {missing}: {said}"


def test_list_and_graph(ansible, api, space, other_space, source, tmp_path):
    good(ansible.play(instance("one", space, package="tiny")))
    api.create(f"/api/v1/namespaces/{other_space}/secrets", {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "creds"}, "stringData": {"password": PLANTED}})
    _record(api, other_space, "down", "Failed", {"secrets": [{"name": "creds", "keys": ["password"]}]}, version="2.0.0-rc.1")
    _record(api, other_space, "gone", "Removed")
    listed = _listed(ansible, tmp_path, source(namespaces=[space, other_space]))
    hosts = listed["_meta"]["hostvars"]
    assert set(hosts) == {f"{space}_one", f"{other_space}_down"}
    one, down = hosts[f"{space}_one"], hosts[f"{other_space}_down"]
    assert {key: one[f"acmp_{key}"] for key in ("name", "namespace", "cluster", "project", "package", "version", "type", "phase", "secrets")} == {
        "name": "one", "namespace": space, "cluster": "local", "project": "default", "package": "tiny", "version": "1.0.0", "type": "default",
        "phase": "Ready", "secrets": []}
    assert one["ansible_connection"] == "local"
    assert one["acmp_endpoints"][0]["service"] == "one" and one["acmp_endpoints"][0]["addresses"] == [f"one.{space}.svc.cluster.local:80"]
    assert down["acmp_secrets"] == ["creds"] and down["acmp_phase"] == "Failed"
    group = space.replace("-", "_")
    for name in ("acmp_package_tiny", "acmp_version_1_0_0", "acmp_project_default", "acmp_cluster_local", f"acmp_namespace_{group}", "acmp_phase_ready"):
        assert f"{space}_one" in listed[name]["hosts"], listed
    assert listed["acmp_version_2_0_0_rc_1"]["hosts"] == listed["acmp_phase_failed"]["hosts"] == [f"{other_space}_down"]
    graph = _inventory(ansible, "-i", source(namespaces=[space], live=True), "--graph", "acmp_phase_ready").output
    assert f"|--{space}_one" in graph
    assert "hosts" not in _listed(ansible, tmp_path, source(namespaces=[space], packages=["other"])).get("acmp_instances", {})


@pytest.mark.once
def test_a_play_over_a_group(ansible, api, space, source):
    """One task for all instances of a package, in-process and as a module, with the connection that the inventory gives."""
    good(ansible.play(instance("one", space, package="tiny"), instance("two", space, package="tiny")))
    arguments = ("-i", source(namespaces=[space]))
    play = {"hosts": "acmp_package_tiny:&acmp_phase_ready", "vars": {"acmp_in_process": ansible.in_process}, "ignore_errors": False}
    task = {"name": "describe", "acmp_instance": {
        "name": "{{ acmp_name }}", "namespace": "{{ acmp_namespace }}", "cluster": "{{ acmp_cluster }}", "description": "seen as {{ inventory_hostname }}"}}
    for changed in (True, False):
        run = good(ansible.play(task, play=play, arguments=arguments))
        assert [result.changed for result in run.named("describe")] == [changed] * 2, run.output
    assert {item["metadata"]["name"]: item["spec"]["description"] for item in api.own("instances", space)} == {
        name: f"seen as {space}_{name}" for name in ("one", "two")}
    run = good(ansible.play({"name": "one", "acmp_instance_info": {"name": "{{ acmp_name }}", "namespace": "{{ acmp_namespace }}"}},
                            play=play, arguments=(*arguments, "--limit", f"{space}_two")))
    assert [found["name"] for result in run.named("one") for found in result["instances"]] == ["two"]
    # Any other module finds the playbook's Python.
    good(ansible.play({"name": "ping", "ansible.builtin.ping": {}}, play=play, arguments=arguments))


@pytest.mark.once
def test_content_is_never_templated(ansible, api, space, source, tmp_path):
    canary = tmp_path / "canary"
    evil, expression = (text.replace("CANARY", str(canary)) for text in (EVIL, EVIL_EXPRESSION))
    _record(api, space, "odd", status={"endpoints": [{"service": evil, "__ansible_vault": "x"}]}, version=evil, package=evil, project=expression)
    arguments = ("-i", source(
        namespaces=[space], strict=True, compose={"note": "'see ' ~ acmp_version"}, keyed_groups=[{"key": "acmp_package", "prefix": "p"}],
        cache=True, cache_plugin="jsonfile", cache_connection=str(tmp_path / "kept")))
    for _once_more in range(2):
        shown = {"name": "show", "ansible.builtin.debug": {"msg": ["{{ acmp_version }}", "{{ note }}", "{{ acmp_endpoints[0].service }}"]}}
        run = good(ansible.play(shown, play={"hosts": "acmp_instances"}, arguments=arguments))
        assert run.last["msg"] == [evil, f"see {evil}", evil]
        # A condition in a template is evaluated twice; Ansible refuses it, or takes it for a text.
        ansible.play({"ansible.builtin.assert": {"that": "{{ acmp_project }}"}}, play={"hosts": "acmp_instances"}, arguments=arguments)
    assert not canary.exists()


@pytest.mark.once
def test_another_cluster(ansible, api, second_cluster, second_kubeconfig, space, source, tmp_path):
    """Every cluster in one inventory; the same names on two of them are two hosts."""
    there = Api(second_kubeconfig)
    there.namespace(space)
    try:
        _record(api, space, "one")
        _record(there, space, "one", version="2.0.0")
        for clusters in ("all", ["local", second_cluster]):
            hosts = _listed(ansible, tmp_path, source(clusters=clusters, namespaces=[space]))["_meta"]["hostvars"]
            assert {name: host["acmp_version"] for name, host in hosts.items()} == {f"{space}_one": "1.0.0", f"{second_cluster}_{space}_one": "2.0.0"}
        run = _inventory(ansible, "-i", source(clusters="all", namespaces=[space], hostname="acmp_name"), "--list", env=STRICT)
        _told(run, "would both be the host", "acmp_cluster")
    finally:
        there.drop_namespace(space)


@pytest.mark.once
def test_the_cache(ansible, api, proxy, space, source, tmp_path):
    """The second look asks nothing; --flush-cache does."""
    _record(api, space, "one")
    kept = source(namespaces=[space], cache=True, cache_plugin="jsonfile", cache_connection=str(tmp_path / "kept"))
    env = {"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}
    assert set(_listed(ansible, tmp_path, kept, env)["_meta"]["hostvars"]) == {f"{space}_one"}
    assert len(proxy.seen) == 1, proxy.table()
    _record(api, space, "two")
    assert set(_listed(ansible, tmp_path, kept, env)["_meta"]["hostvars"]) == {f"{space}_one"}
    assert len(proxy.seen) == 1, proxy.table()
    run = good(ansible.play({"ansible.builtin.debug": {}}, play={"hosts": "acmp_instances"}, arguments=("-i", kept, "--flush-cache"), env=env))
    assert len(run.results) == 2 and len(proxy.seen) == 2, proxy.table()
    assert all(PLANTED not in path.read_text() for path in (tmp_path / "kept").iterdir())


@pytest.mark.once
def test_rights(ansible, api, space, other_space, source, tmp_path):
    """A member sees the own namespace; for more they are told what to name, and who grants it. act_as is the same for somebody else."""
    _record(api, space, "one")
    dora = people.account(api, space, "dora", tmp_path)
    api.create(f"{RBAC}/namespaces/{space}/rolebindings", {
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "dora"}, "subjects": [dora.subject],
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "acmp-consumer"}})
    until("the binding to count", lambda: dora.api.own("instances", space))
    for options, env in (({}, {"K8S_AUTH_KUBECONFIG": dora.kubeconfig}), ({"act_as": {"user": dora.user}}, {})):
        assert set(_listed(ansible, tmp_path, source(namespaces=[space], **options), env)["_meta"]["hostvars"]) == {f"{space}_one"}
        for wide in ({}, {"namespaces": [space, other_space]}):
            run = _inventory(ansible, "-i", source(**wide, **options), "--list", env={**STRICT, **env})
            _told(run, "lacks the right to list", *(("manager",) if wide else ("option namespaces",)))
            assert dora.secret not in run.output


@pytest.mark.once
def test_bad_input(ansible, space, source):
    for options, words in (
        ({"namespace": [space]}, ('no option "namespace"', 'did you mean "namespaces"?')),
        ({"live": "maybe"}, ("live", "bool")),
        ({"phases": ["gone"]}, ("phases", "notready")),
        ({"cluster": "nowhere"}, ('no cluster "nowhere"', "local")),
        ({"namespaces": "{{ nope }}"}, ("nope", "option namespaces")),
        ({"kubeconfig": "/nowhere/config"}, ("/nowhere/config", "does not exist", "To do")),
        ({"host": "https://127.0.0.1:1", "api_key": PLANTED}, ("cannot be reached", "https://127.0.0.1:1", "To do")),
    ):
        _told(_inventory(ansible, "-i", source(**options), "--list", env=STRICT), *words)
    run = _inventory(ansible, "-i", source(host="https://127.0.0.1:1", api_key="x" * 20), "--list")
    assert run.code == 0 and "cannot be reached" in " ".join(run.output.split()), "a warning, as with every inventory of Ansible"


@pytest.mark.once
def test_a_cluster_without_the_platform(ansible, spare_cluster, source):
    run = _inventory(ansible, "-i", source(), "--list", env={**STRICT, "K8S_AUTH_KUBECONFIG": spare_cluster.kubeconfig})
    _told(run, "acmp_setup")
