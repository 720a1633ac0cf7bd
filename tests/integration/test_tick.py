# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The due work, done on real clusters: credentials exchanged before they end, clusters that are down, records that are too many, two ticks at once."""

from __future__ import annotations

import base64
import contextlib
import datetime
import fcntl
import json
import random
import tempfile
import threading
from pathlib import Path

import pytest
from harness.ansible import Result
from harness.api import PLATFORM, Api, Refused
from harness.checks import good, until
from harness.people import certified

pytestmark = pytest.mark.once

GROUP = "operators.apusic.com"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/acmp-system/leases"
ACCOUNT = "system:serviceaccount:acmp-system:acmp-tick"
# API servers remember a token for ten seconds.
REMEMBERED = 20


@pytest.fixture(autouse=True)
def alone():
    """Workers share one platform, and only one of them can tick."""
    with (Path(tempfile.gettempdir()) / "acmp-integration-tick.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@pytest.fixture
def tick(ansible, platform):
    """Ticks, and gives back what the task returned; said: everything that was printed."""
    def run(*duties: str, check: bool = False, **options) -> Result:
        found = ansible.play({"acmp_tick": {"duties": list(duties), **options}}, arguments=("--check",) if check else ())
        run.said.append(found.output)
        return found.last

    run.said = []
    return run


def ok(result: Result) -> Result:
    assert not result.failed, result.msg
    return result


def word(kind: str) -> str:
    return f"it-{kind}-{random.SystemRandom().randrange(16 ** 6):06x}"


def utc(**ahead: float) -> str:
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def warned(result: Result, text: str) -> list[str]:
    return [line for line in result.data.get("warnings") or [] if text in line]


def stored(api: Api, namespace: str, name: str, folder: Path) -> tuple[Api, dict]:
    """The cluster by a stored kubeconfig, and the Secret's metadata."""
    secret = api.core("secrets", namespace, name)
    path = folder / f"{name}-{secret['metadata']['resourceVersion']}"
    path.write_bytes(base64.b64decode(secret["data"]["kubeconfig"]))
    return Api(str(path)), secret["metadata"]


def shown_nowhere(api: Api, tick, new: Api) -> None:
    """The token of a new credential, which nobody knew before."""
    token = new._target.headers[0][1].removeprefix("Bearer ")
    assert len(token) > 100
    assert token not in "".join(tick.said) and token not in json.dumps(api.core("configmaps", "acmp-system", "acmp-tick"))


def status_of(api: Api, path: str) -> int:
    try:
        api.get(path)
    except Refused as refusal:
        return refusal.status
    return 200


# Credentials of workspaces --------------------------------------------------------------------------------------------------------------------

@pytest.fixture
def workspace(ansible, request):
    """Makes a workspace of project default on a cluster; gone afterwards."""
    made = []

    def make(cluster: str) -> str:
        name = word("tick")
        made.append({"name": name, "cluster": cluster})
        good(ansible.play({"acmp_workspace": made[-1]}))
        return name

    yield make
    for one in made:
        good(ansible.play({"acmp_workspace": {**one, "state": "absent", "confirm": [one["name"]]}}))


@pytest.mark.parametrize("where", ["local", "second"])
def test_a_workspaces_credential_is_exchanged_in_time(api, tick, workspace, where, request, tmp_path):
    cluster = request.getfixturevalue("second_cluster") if where == "second" else "local"
    name = workspace(cluster)
    kept = ("acmp-project-default", f"workspace-{cluster}.{name}")
    pods = f"/api/v1/namespaces/{name}/pods"
    old, fresh = stored(api, *kept, tmp_path)
    assert status_of(old, pods) == 200
    about = f"{cluster}/{name}"

    # Issued a moment ago, so nothing is due.
    result = ok(tick("workspace_credentials"))
    assert not [action for action in result["actions"] if about in action]
    assert stored(api, *kept, tmp_path)[1] == fresh

    # Six of seven days are over.
    notes = {f"{GROUP}/issued-at": utc(days=-6), f"{GROUP}/expires-at": utc(days=1)}
    api.patch(f"/api/v1/namespaces/{kept[0]}/secrets/{kept[1]}", {"metadata": {"annotations": notes}})
    predicted = ok(tick("workspace_credentials", check=True))
    expected = [action for action in predicted["actions"] if about in action]
    assert len(expected) == 1 and predicted.changed
    assert stored(api, *kept, tmp_path)[1]["annotations"] == {**fresh["annotations"], **notes}
    assert status_of(old, pods) == 200
    result = ok(tick("workspace_credentials"))
    assert [action for action in result["actions"] if about in action] == expected and result.changed

    new, meta = stored(api, *kept, tmp_path)
    assert meta["annotations"][f"{GROUP}/expires-at"] > utc(days=6)
    assert status_of(new, pods) == 200
    until("the old token to end", lambda: status_of(old, pods) == 401, REMEMBERED)
    shown_nowhere(api, tick, new)
    # It is of this namespace alone, as before.
    assert status_of(new, "/api/v1/namespaces/kube-system/secrets") == 403

    again = ok(tick("workspace_credentials"))
    assert not [action for action in again["actions"] if about in action]
    assert stored(api, *kept, tmp_path)[1] == meta


def test_the_account_of_the_cron_job_may_do_it_all(api, ansible, tick, workspace, second_cluster, tmp_path):
    """Every duty with the rights of the ServiceAccount that setup makes, and of nobody else."""
    good(ansible.play({"acmp_setup": {"tick": {"image": "registry.example.com/acmp/ee:1", "schedule": "0 0 29 2 *"}}}))
    try:
        names = [(cluster, workspace(cluster)) for cluster in ("local", second_cluster)]
        for cluster, name in names:
            api.patch(f"/api/v1/namespaces/acmp-project-default/secrets/workspace-{cluster}.{name}", {"metadata": {"annotations": {
                f"{GROUP}/issued-at": utc(days=-6), f"{GROUP}/expires-at": utc(days=1)}}})
        result = ok(tick(act_as={"user": ACCOUNT}))
        assert [duty["name"] for duty in result["tick"]["duties"]] == [
            "cluster_credentials", "workspace_credentials", "status", "expiry", "operations"]
        for cluster, name in names:
            assert [action for action in result["actions"] if f"{cluster}/{name}" in action]
        record = api.core("configmaps", "acmp-system", "acmp-tick")["data"]
        assert (record["lastRun"], record["outcome"]) == (result["tick"]["started"], "ok")
        assert set(json.loads(record["duties"])) == {duty["name"] for duty in result["tick"]["duties"]}
        assert api.get(f"{PLATFORM}/clusters/{second_cluster}")["status"]["observedAt"] >= result["tick"]["started"]
    finally:
        good(ansible.play({"acmp_setup": {"tick": {"state": "absent"}}}))
    denied = tick(act_as={"user": ACCOUNT})
    assert denied.failed and denied.error["reason"] == "Forbidden"


# Credentials of clusters ----------------------------------------------------------------------------------------------------------------------

@pytest.fixture
def spare(spare_cluster, api, ansible, platform):
    """Registers the spare cluster with this kubeconfig under a name of the test's own; forgotten afterwards."""
    spare_cluster.up()
    name = word("hour")

    def register(kubeconfig: str, **options) -> str:
        good(ansible.play({"acmp_cluster": {"name": name, "cluster_kubeconfig": kubeconfig, **options}}))
        return name

    yield register
    api.delete(f"{PLATFORM}/clusters/{name}")
    api.delete(f"/api/v1/namespaces/acmp-system/secrets/cluster-{name}")


def test_a_certificate_of_an_hour_is_shown_warned_of_and_exchanged(api, ansible, tick, spare, spare_cluster, tmp_path):
    there = Api(spare_cluster.kubeconfig)
    person = until("a certificate", lambda: certified(there, "it-hour", ["it-hours"], tmp_path))
    with contextlib.suppress(Refused):
        there.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "it-hour"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "it-hour"}]})
    ansible.secrets.append(person.secret)
    name = spare(person.kubeconfig, credential="given")

    shown = good(ansible.play({"acmp_cluster_info": {"name": name}})).last["clusters"][0]["credential"]
    assert shown["proof"] == "certificate" and 0 < shown["days_left"] < 0.05, shown
    said = warned(ok(tick("expiry")), f"the credential of cluster {name} expires in")
    assert len(said) == 1 and "minutes" in said[0], said

    predicted = ok(tick("cluster_credentials", check=True))
    expected = [action for action in predicted["actions"] if name in action]
    assert len(expected) == 1 and "credential" in expected[0]
    assert stored(api, "acmp-system", f"cluster-{name}", tmp_path)[0]._target.headers == []
    result = ok(tick("cluster_credentials"))
    assert [action for action in result["actions"] if name in action] == expected

    # From now on by a token of the platform's own, which does not need the certificate any more.
    new, meta = stored(api, "acmp-system", f"cluster-{name}", tmp_path)
    assert new._target.headers and status_of(new, "/api/v1/nodes") == 200
    shown_nowhere(api, tick, new)
    there.delete("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/it-hour")
    result = ok(tick("cluster_credentials", "status", "expiry"))
    assert not [action for action in result["actions"] if name in action] and not warned(result, f"credential of cluster {name}")
    assert stored(api, "acmp-system", f"cluster-{name}", tmp_path)[1] == meta
    record = api.get(f"{PLATFORM}/clusters/{name}")
    assert record["spec"]["credential"]["kind"] == "service_account"
    # An API server without a node is reached, and not ready.
    assert record["status"]["phase"] in ("Ready", "NotReady") and record["status"]["credential"]["expiresAt"] > utc(hours=2)


def test_a_cluster_that_is_down_costs_three_seconds_and_hinders_nothing(api, tick, spare, spare_cluster):
    name = spare(spare_cluster.kubeconfig)
    spare_cluster.stop()
    try:
        result = ok(tick("cluster_credentials", "status", "expiry", "operations"))
        assert warned(result, f"cluster {name} is Unreachable"), result.data
        seconds = {duty["name"]: duty["seconds"] for duty in result["tick"]["duties"]}
        assert seconds["status"] < 4 and sum(seconds.values()) < 10, seconds
        assert api.get(f"{PLATFORM}/clusters/{name}")["status"]["phase"] == "Unreachable"
        assert api.get(f"{PLATFORM}/clusters/local")["status"]["observedAt"] >= result["tick"]["started"]
        assert not [action for action in result["actions"] if name in action]
    finally:
        spare_cluster.up()
    until("the cluster to be seen again", lambda: tick("status") and api.get(f"{PLATFORM}/clusters/{name}")["status"]["phase"] != "Unreachable", 60)


def test_a_failing_duty_is_named_and_stops_no_other(api, tick, spare, spare_cluster):
    name = spare(spare_cluster.kubeconfig)
    api.delete(f"/api/v1/namespaces/acmp-system/secrets/cluster-{name}")
    result = tick("cluster_credentials", "status", "expiry")
    assert result.failed and f"cluster_credentials: cluster {name}:" in result.msg and "is gone" in result.msg, result.msg
    assert [duty["outcome"] for duty in result["tick"]["duties"]] == ["failed", "ok", "ok"]
    assert result.error["details"] == {"duties": ["cluster_credentials"]}
    record = api.core("configmaps", "acmp-system", "acmp-tick")["data"]
    assert (record["outcome"], record["lastRun"]) == ("failed", result["tick"]["started"]) and record["lastSuccess"] != record["lastRun"]
    entry = json.loads(record["duties"])["cluster_credentials"]
    assert entry["outcome"] == "failed" and any(name in text for text in entry["failures"])


# Records of operations ------------------------------------------------------------------------------------------------------------------------

def test_operations_beyond_those_to_keep_are_deleted(api, tick, space):
    """Of fifty-three, three are too many; the one of them that still runs stays."""
    path = f"{PLATFORM}/namespaces/{space}/operations"
    names = [f"orders-{number:03}" for number in range(53)]
    for name in names:
        api.create(path, {
            "apiVersion": f"{GROUP}/v1alpha1", "kind": "Operation",
            "metadata": {"name": name, "namespace": space, "labels": {"app.kubernetes.io/part-of": "acmp", f"{GROUP}/instance": "orders"}},
            "spec": {"instance": "orders", "verb": "change"}})
        phase = "Running" if name == "orders-001" else "Failed" if name == "orders-002" else "Succeeded"
        api.patch(f"{path}/{name}/status", {"status": {"phase": phase}})
    left = [name for name in names if name not in ("orders-000", "orders-002")]

    def there() -> list[str]:
        return sorted(item["metadata"]["name"] for item in api.own("operations", space))

    expected = [f"delete 2 Operations of instance {space}/orders"]
    predicted = ok(tick("operations", check=True))
    assert [action for action in predicted["actions"] if space in action] == expected and there() == names
    result = ok(tick("operations"))
    assert [action for action in result["actions"] if space in action] == expected and result.changed
    assert there() == left
    again = ok(tick("operations"))
    assert not [action for action in again["actions"] if space in action] and there() == left


# One at a time --------------------------------------------------------------------------------------------------------------------------------

def _lease(seconds: int) -> dict:
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "acmp-tick", "namespace": "acmp-system"},
        "spec": {"holderIdentity": "carol on host9 #1", "leaseDurationSeconds": seconds, "acquireTime": now, "renewTime": now}}


def test_while_one_ticks_a_second_does_nothing(api, tick):
    lease, ended = api.create(LEASES, _lease(15)), threading.Event()

    def renew() -> None:
        while not ended.wait(3):
            api.patch(f"{LEASES}/acmp-tick", {"spec": {"renewTime": _lease(15)["spec"]["renewTime"]}})

    thread = threading.Thread(target=renew)
    thread.start()
    try:
        before = api.core("configmaps", "acmp-system", "acmp-tick")
        result = ok(tick("status"))
        assert not result.changed and result["actions"] == []
        assert (result["tick"]["outcome"], result["tick"]["holder"]) == ("skipped", "carol on host9")
        assert warned(result, "Nothing was done: carol on host9 ticks since")
        assert api.core("configmaps", "acmp-system", "acmp-tick") == before
        assert api.get(f"{LEASES}/acmp-tick")["metadata"]["uid"] == lease["metadata"]["uid"]
    finally:
        ended.set()
        thread.join()
        api.delete(f"{LEASES}/acmp-tick")


def test_a_lease_left_behind_is_taken_over(api, tick):
    api.create(LEASES, _lease(3))
    assert ok(tick("expiry"))["tick"]["outcome"] == "ok"
    assert api.get(f"{LEASES}/acmp-tick") is None
