# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recycle bin: what is promised to be kept comes back with its rows and password, a clone has neither, and after the purge nothing is left."""

from __future__ import annotations

import pytest
from harness.ansible import instance
from harness.api import PLATFORM, Api
from harness.checks import good, until
from harness.packages import forget, listed, package_with, unlisted
from harness.stores import EXAMPLES, REDIS, ROWS, Store

pytestmark = [pytest.mark.once, pytest.mark.timeout(500)]

NAME = "bin-redis"


@pytest.fixture
def package(ansible, api, platform):
    forget(api, NAME)
    good(ansible.play(*listed(*[
        package_with(ansible.scratch, NAME, version=version, source=EXAMPLES / "redis", follows=follows)
        for version, follows in (("1.0.0", ""), ("1.1.0", "1.0.0"), ("2.0.0", ""))])))
    yield NAME
    ansible.play(*unlisted(NAME, "1.0.0", "1.1.0", "2.0.0"))
    forget(api, NAME)


def test_keep_undelete_clone_and_purge(ansible, api, package, space, other_space):
    store, copy = Store(REDIS, api, space, "one"), Store(REDIS, api, other_space, "copy")
    at_first = [set(api.everything(name)) for name in (space, other_space)]
    words = {"acmp_instance": "one", "acmp_namespace": space}

    def task(**options) -> dict:
        return instance("one", space, **options)

    def clone(**options) -> dict:
        return {"acmp_instance_clone": {"name": "one", "namespace": space, "to_name": "copy", "to_namespace": other_space, **options}}

    run = ansible.play(task(package=package, version="1.0.0", values={**REDIS.values, "config.databases": 3}))
    if run.last.failed and "Pull" in run.last.msg:
        pytest.skip(f"the cluster's nodes cannot fetch {REDIS.image}")
    good(run)
    store.write()
    claims, passwords = api.claims(space), store.passwords()
    document = api.own("instances", space, "one")["spec"]["document"]

    # Removed: the check says the same, and the record knows each claim by its UID. The version it ran is listed no more, and newer ones are.
    predicted = good(ansible.play(task(state="absent"), arguments=("--check",))).last["actions"]
    said = _playbook(ansible, "remove", **words)
    for text in (*predicted, "acmp.middleware.undelete", "acmp.middleware.purge"):
        assert text in said, said
    kept = api.own("instances", space, "one")["status"]["kept"]
    assert {item["name"]: item["uid"] for item in kept["claims"]} == claims == api.claims(space)
    assert [item["name"] for item in kept["secrets"]] == ["one-auth"] and kept["revisions"] == [1]
    good(ansible.play(*unlisted(package, "1.0.0")))

    # What would be a downgrade, or an upgrade that nothing allows, is refused with data in the bin; wrong names are told what is there.
    run = ansible.play(task(package=package, version="2.0.0"), task(version="1.1.0"), arguments=("--check",))
    assert run[0].failed and "does not say that it follows 1.0.0" in run[0].msg, run[0].data
    assert run[1]["actions"][-1] == f"bring back {package} 1.1.0 (default) as {space}/one", run[1].data
    assert f"in the recycle bin of {space}: one" in _playbook(ansible, "undelete", code=2, **{**words, "acmp_instance": "on"})
    assert "correct the name" in _playbook(ansible, "purge", code=2, **{**words, "acmp_instance": "on"})

    # What cannot be brought back stays in the bin as it was.
    failed = ansible.play(task(version="1.1.0", values={**REDIS.values, "image.tag": "7.0.99"}, wait_timeout=12)).last
    assert failed.failed and "removed what it had created" in failed.msg, failed.data
    record = api.own("instances", space, "one")
    assert (record["spec"]["version"], record["spec"]["document"], record["status"]["phase"]) == ("1.0.0", document, "Removed")
    assert (record["status"]["kept"], api.claims(space), store.passwords(), api.helm(space)) == (kept, claims, passwords, {})

    # Back as it was, also where a run died on the way; a clone of it has a password of its own, and no row.
    api.patch(f"{PLATFORM}/namespaces/{space}/instances/one/status", {"status": {"phase": "Deploying"}})
    _playbook(ansible, "undelete", **words)
    record = api.own("instances", space, "one")
    assert (record["spec"]["version"], record["spec"]["document"], record["status"]["phase"]) == ("1.0.0", document, "Ready")
    assert "kept" not in record["status"]
    assert (api.claims(space), store.passwords()) == (claims, passwords)
    run = good(ansible.play(clone(), clone()))
    assert [result.changed for result in run.results] == [True, False]
    assert run[0]["new_secrets"] == [{"path": "values.auth.existingSecret", "secret": "copy-auth"}] and run[0]["instance"]["version"] == "1.0.0"
    refused = ansible.play(clone(values={"config.databases": 5})).last
    assert refused.failed and "values.config.databases: 3, the clone's would be 5" in refused.msg, refused.data
    assert copy.passwords()["password"] != passwords["password"]
    assert (store.rows(), copy.rows()) == (ROWS, 0)

    # Ended for good, the one by its name, the other by their number.
    good(ansible.play(task(state="absent"), instance("copy", other_space, state="absent")))
    assert "acmp_confirm=one" in _playbook(ansible, "purge", code=2, **words)
    assert api.claims(space) == claims
    _playbook(ansible, "purge", acmp_confirm="one", **words)
    old = {"acmp_namespace": other_space, "acmp_older_than_days": "0"}
    assert "acmp_confirm=1" in _playbook(ansible, "purge", code=2, **old)
    assert "removed so long ago" in _playbook(ansible, "purge", **{**old, "acmp_older_than_days": "1"})
    _playbook(ansible, "purge", acmp_confirm="1", **old)
    assert [set(api.everything(name)) for name in (space, other_space)] == at_first


def test_what_is_not_gone_is_not_said_to_be(ansible, api, platform, space):
    """A claim that would go with an owner, a pod with a finalizer, a claim made anew, Helm's records deleted by hand."""
    at_first = set(api.everything(space))
    claims, pods = f"/api/v1/namespaces/{space}/persistentvolumeclaims", f"/api/v1/namespaces/{space}/pods"
    absent = instance("one", space, state="absent", wait_timeout=5)
    good(ansible.play(
        instance("one", space, package="tiny", values={"claim.enabled": True}), instance("two", space, package="tiny", values={"hookJob.enabled": True})))
    [claim] = api.claims(space)
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "kube-root-ca.crt", "uid": api.core("configmaps", space, "kube-root-ca.crt")["metadata"]["uid"]}
    api.patch(f"{claims}/{claim}", {"metadata": {"ownerReferences": [owner]}})
    before = api.everything(space)
    refused = ansible.play(absent).last
    assert refused.failed and f"claim {claim} goes with ConfigMap kube-root-ca.crt, its owner" in refused.msg, refused.data
    assert api.everything(space) == before
    api.patch(f"{claims}/{claim}", {"metadata": {"ownerReferences": None}})

    [pod] = [item["metadata"]["name"] for item in api.core("pods", space) if item["metadata"]["name"].startswith("one-")]
    api.patch(f"{pods}/{pod}", {"metadata": {"finalizers": ["example.com/drain"]}})
    run = ansible.play(absent, instance("one", space, state="absent", wait=False))
    assert run[0].failed and f"Pod {pod} (finalizer example.com/drain)" in run[0].msg and f"patch pod {pod}" in run[0].msg, run[0].data
    assert run[1].changed and run[1]["instance"]["phase"] == "Removing" and "is not gone yet" in run.output, run[1].data
    api.patch(f"{pods}/{pod}", {"metadata": {"finalizers": None}})
    assert good(ansible.play(absent)).last["instance"]["phase"] == "Removed"

    # A claim of the same name that somebody makes anew is not what was kept.
    anew = {key: value for key, value in api.core("persistentvolumeclaims", space, claim)["spec"].items() if key != "volumeName"}
    api.delete(f"{claims}/{claim}")
    until("the claim to be gone", lambda: api.core("persistentvolumeclaims", space, claim) is None)
    api.create(claims, {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": claim}, "spec": anew})
    warned = ansible.play(instance("one", space), arguments=("--check",))
    assert "somebody made it anew" in warned.output
    run = good(ansible.play(instance("one", space, state="absent", delete_policy="wipe", confirm="one")))
    assert list(api.claims(space)) == [claim] and "made anew since" in run.output
    api.delete(f"{claims}/{claim}")

    for secret in api.list(f"/api/v1/namespaces/{space}/secrets", labelSelector="owner=helm"):
        api.delete(f"/api/v1/namespaces/{space}/secrets/{secret['metadata']['name']}")
    wipe = good(ansible.play(instance("two", space, state="absent", delete_policy="wipe", confirm="two"))).last
    assert "delete Deployment two" in wipe["actions"], wipe.data
    until("nothing to be left", lambda: set(api.everything(space)) == at_first)


def test_clone_to_another_cluster(ansible, api, space, second_cluster, second_kubeconfig):
    """Into a workspace that is made for it; what names the namespace follows."""
    there, far = Api(second_kubeconfig), f"{space}-far"
    task = {"acmp_instance_clone": {
        "name": "one", "namespace": space, "to_cluster": second_cluster, "to_namespace": far, "create_namespace": True, "values": {"replicas": 2}}}
    try:
        good(ansible.play(instance("one", space, package="tiny", values={"message": f"one.{space}.svc"})))
        run = good(ansible.play(task, task))
        assert [result.changed for result in run.results] == [True, False]
        assert (run[0]["instance"]["cluster"], run[0]["instance"]["phase"]) == (second_cluster, "Ready")
        assert there.deployment(far, "one")["status"]["readyReplicas"] == 2
        assert f"one.{far}.svc" in there.own("instances", far, "one")["spec"]["document"]
        assert api.get(f"/api/v1/namespaces/{far}") is None
    finally:
        ansible.play({"acmp_workspace": {"name": far, "cluster": second_cluster, "state": "absent", "confirm": [far]}})
        there.drop_namespace(far)


def _playbook(ansible, name: str, code: int = 0, **variables) -> str:
    """What a playbook of the collection prints."""
    words = [word for key, value in variables.items() for word in ("-e", f"{key}={value}")]
    playing = ansible.command(["ansible-playbook", f"acmp.middleware.{name}", *words])
    run = playing.wait(300)
    ansible.checked(run, playing)
    assert run.code == code, f"{name} ended with {run.code}:\n{run.output[-1500:]}"
    return run.output
