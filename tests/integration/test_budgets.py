# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Budgets: what an unchanged deploy, a look and a check mode may cost, counted by a proxy in front of the API server."""

from __future__ import annotations

import pytest
from harness.ansible import instance
from harness.api import PLATFORM
from harness.checks import good
from harness.packages import TINY, forget, package_with

UNCHANGED_REQUESTS = 6
STATUS_REQUESTS = 10


def _wired(ansible, proxy, helm_wrapper=None) -> dict[str, str]:
    env = {"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}
    if helm_wrapper:
        env["PATH"] = helm_wrapper.folder + ":" + ansible.environment(ansible.scratch)["PATH"]
    return env


def test_unchanged_deploy(ansible, proxy, helm_wrapper, space):
    """At most six requests, no process, no write; and the wrapper and the proxy do see a deploy that changes something."""
    env = _wired(ansible, proxy, helm_wrapper)
    task = instance("one", space, package="tiny")
    first = good(ansible.play(task, env=env))
    assert first.last.changed
    assert any(line.startswith("install") for line in helm_wrapper.starts), helm_wrapper.starts
    assert len(proxy.wrote) > 5
    for options in ({}, {"package": "tiny"}, {"package": "tiny", "version": "1.0.0", "type": "default", "values": {"replicas": 1}}):
        proxy.reset()
        helm_wrapper.reset()
        again = good(ansible.play(instance("one", space, **options), env=env))
        assert not again.last.changed, again.last.data
        assert helm_wrapper.starts == []
        assert not proxy.wrote, proxy.table()
        assert len(proxy.seen) <= UNCHANGED_REQUESTS, proxy.table()


def test_compiled_once(ansible, platform, in_process, tmp_path):
    """What Ansible's own loader compiles in every process is read from Python's cache."""
    if not in_process:
        pytest.skip("modules are compiled with what they carry")
    env = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": None}
    kept = []
    for _run in range(2):
        good(ansible.play({"acmp_package_info": {}}, env=env))
        kept.append({path: path.stat().st_mtime_ns for path in tmp_path.rglob("acmp/middleware/plugins/module_utils/**/*.pyc")})
    assert any(path.name.startswith("entries.") for path in kept[0])
    assert kept[0] == kept[1]


def test_unchanged_package_and_setup(ansible, proxy, platform):
    """Publishing the same again reads a few objects; setting up again asks for each object once and writes nothing."""
    run = good(ansible.play({"acmp_package": {"src": str(TINY), "state": "listed"}}, env=_wired(ansible, proxy)))
    assert not run.last.changed and not proxy.wrote and len(proxy.seen) <= UNCHANGED_REQUESTS, proxy.table()
    proxy.reset()
    run = good(ansible.play({"acmp_setup": {}}, env=_wired(ansible, proxy)))
    assert not run.last.changed, run.last["actions"]
    assert not proxy.wrote and len(proxy.seen) <= 2 * 38, proxy.table()


def test_check_mode_writes_nothing(ansible, proxy, api, space, other_space):
    """Every mutating module in check mode: says what it would do, and sends no writing verb but dry runs."""
    good(ansible.play(instance("there", space, package="tiny")))
    before = api.everything(space)
    version = {"name": "tiny", "version": "1.0.0"}
    tasks = [
        {"acmp_setup": {"state": "present"}},
        {"acmp_package": {**version, "state": "unlisted"}},
        instance("new", space, package="tiny", values={"claim.enabled": True}, secret_values={}),
        instance("there", space, values={"replicas": 2}),
        instance("there", space, description="another sentence"),
        instance("there", space, state="absent"),
        instance("there", space, state="absent", delete_policy="wipe", confirm="there"),
        instance("new", other_space + "-missing", package="tiny", create_namespace=True),
    ]
    run = good(ansible.play(*tasks, env=_wired(ansible, proxy), arguments=("--check", "--diff")))
    assert [result.changed for result in run.results] == [False] + [True] * 7, [result.data.get("actions") for result in run.results]
    assert all(result["actions"] for result in run.results[1:])
    assert not proxy.wrote, "\n".join(map(str, proxy.wrote))
    assert api.everything(space) == before
    assert api.everything(other_space).keys() == {name for name in api.everything(other_space) if "kube-root-ca" in name or name == "serviceaccounts/default"}
    assert api.get(f"/api/v1/namespaces/{other_space}-missing") is None


@pytest.mark.once
def test_status_of_fifty(ansible, proxy, api, space):
    """Fifty recorded instances of one namespace cost no more requests than one."""
    _records(api, space, 50)
    run = good(ansible.play({"acmp_instance_info": {"namespace": space}}, env=_wired(ansible, proxy)))
    assert len(run.last["instances"]) == 50
    assert not proxy.wrote and len(proxy.seen) <= STATUS_REQUESTS, proxy.table()
    found = {item["name"]: item for item in run.last["instances"]}
    # Nothing runs of them, and a look has to say so although the record does not.
    assert found["fake-07"]["phase"] == "NotReady" and found["fake-07"]["package"] == "tiny"


@pytest.mark.once
def test_unknown_kind_is_bounded(ansible, proxy, api, space):
    """A chart with a kind that this cluster does not know: one look at the discovery, one more for the miss, and a failure that names it."""
    forget(api, "budget-unknown-kind")
    folder = package_with(ansible.scratch, "budget-unknown-kind", {"raw/budget-unknown-kind/templates/odd.yaml": (
        "apiVersion: example.com/v1\nkind: Oddity\nmetadata:\n  name: {{ .Release.Name }}-a\n---\n"
        "apiVersion: example.com/v1\nkind: Oddity\nmetadata:\n  name: {{ .Release.Name }}-b\n")})
    good(ansible.play({"acmp_package": {"src": folder, "state": "listed"}}))
    try:
        run = ansible.play(instance("odd", space, package="budget-unknown-kind"), env=_wired(ansible, proxy))
        assert run.last.failed and "Oddity" in run.last.msg, run.last.msg
        discovery = [seen for seen in proxy.seen if seen.path in ("/api", "/apis") and "Helm" not in seen.agent]
        assert len(discovery) <= 4, proxy.table()
        assert len(proxy.seen) <= 40, proxy.table()
        assert not proxy.wrote, proxy.table()
        assert api.own("instances", space) == [] and api.helm(space) == {}
    finally:
        ansible.play(
            {"acmp_package": {"name": "budget-unknown-kind", "version": "1.0.0", "state": "unlisted"}},
            {"acmp_package": {"name": "budget-unknown-kind", "version": "1.0.0", "state": "absent"}})
        forget(api, "budget-unknown-kind")


def _records(api, space: str, count: int) -> None:
    """Instances as records only, as if each had been deployed."""
    for number in range(count):
        name = f"fake-{number:02}"
        api.create(f"{PLATFORM}/namespaces/{space}/instances", {
            "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Instance", "metadata": {"name": name, "namespace": space},
            "spec": {"package": "tiny", "version": "1.0.0", "type": "default", "mode": "helm", "document": "spec: {}\n", "releaseName": name},
        })
        api.patch(f"{PLATFORM}/namespaces/{space}/instances/{name}/status", {"status": {"phase": "Ready", "revision": 1, "inventory": [
            {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "namespace": space}]}})
