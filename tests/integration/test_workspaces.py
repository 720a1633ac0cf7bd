# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces on a real cluster: what a run may cost, what it refuses, what goes with one, and what its credential can do."""

from __future__ import annotations

import base64
import json
import random
import time

import pytest
import yaml
from harness import people
from harness.api import PLATFORM, Api, Refused
from harness.checks import good, until

MANY = 12
UNCHANGED_REQUESTS = 12
INFO_REQUESTS = 8
PLANTED = "planted-Zq7-secret-4711"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


class Ground:
    """A project of the test's own, and names of workspaces in it that are gone afterwards."""

    def __init__(self, api: Api, ansible) -> None:
        self.api, self.ansible = api, ansible
        self.word = f"it-w{random.SystemRandom().randrange(16 ** 4):04x}"
        self.project = self.word

    def name(self, end: str) -> str:
        return f"{self.word}-{end}"

    def task(self, **options) -> dict:
        return {"acmp_workspace": {"project": self.project, **options}}

    def play(self, *tasks: dict, **more):
        return self.ansible.play(*(self.task(**task) for task in tasks), **more)

    def made(self) -> set[str]:
        found = self.api.list("/api/v1/namespaces", labelSelector=f"operators.apusic.com/project={self.project}")
        return {item["metadata"]["name"] for item in found} - {f"acmp-project-{self.project}"}

    def record(self) -> list[dict]:
        return self.api.get(f"{PLATFORM}/projects/{self.project}")["spec"].get("workspaces") or []

    def credential(self, name: str, cluster: str = "local") -> dict | None:
        return self.api.core("secrets", f"acmp-project-{self.project}", f"workspace-{cluster}.{name}")

    def kubeconfig(self, name: str, folder) -> str:
        path = folder / f"{name}.yml"
        path.write_bytes(base64.b64decode(self.credential(name)["data"]["kubeconfig"]))
        return str(path)


@pytest.fixture
def ground(api, ansible, platform):
    one = Ground(api, ansible)
    members = [{"kind": "Group", "name": f"{one.word}-team"}, {"name": f"{one.word}-ann", "role": "manager"}]
    good(ansible.play({"acmp_project": {"name": one.project, "members": members, "template": {"labels": {"tier": "gold"}, "quota": {"pods": 30}}}}))
    yield one
    names = sorted(one.made())
    for name in names:
        api.delete(f"/api/v1/namespaces/{name}")
    one.play({"workspaces": [], "prune": True, "confirm": names}, timeout=300)
    ansible.play({"acmp_project": {"name": one.project, "state": "absent", "confirm": one.project}})


def listed(ground: Ground, count: int = MANY, **first) -> list[dict]:
    """Workspaces with everything, the first one with other options."""
    limits = [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}]
    every = [{"name": ground.name(f"{number:02}"), "description": f"number {number}", "quota": {"hard": {"requests.cpu": "4", "pods": 50}}, "limits": limits,
              "members": [{"name": f"user-{number}"}], "network_policy": "isolated"} for number in range(count)]
    return [{**every[0], **first}, *every[1:]]


@pytest.mark.once
def test_many_at_once_and_what_it_costs(ground, proxy):
    """First, unchanged, one changed, one gone from the list: the requests do not grow with the number of workspaces."""
    env = {"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}
    predicted = good(ground.play({"workspaces": listed(ground)}, env=env, arguments=("--check",)))
    assert not proxy.wrote and ground.made() == set()
    first = good(ground.play({"workspaces": listed(ground)}, env=env))
    assert first.last["actions"] == predicted.last["actions"] and first.last["actions"][0] == f"create Namespace {ground.name('00')}"
    assert len(ground.made()) == MANY == len(ground.record())
    assert all(item["credential_expires_at"] for item in first.last["workspaces"])
    proxy.reset()
    again = good(ground.play({"workspaces": listed(ground), "prune": True}, env=env))
    assert not again.last.changed and again.last["actions"] == []
    assert not proxy.wrote and len(proxy.seen) <= UNCHANGED_REQUESTS, proxy.table()
    proxy.reset()
    changed = good(ground.play({"workspaces": listed(ground, quota={"hard": {"requests.cpu": "5", "pods": 50}}), "prune": True}, env=env))
    assert changed.last["actions"] == [f"change ResourceQuota {ground.name('00')}/acmp"]
    assert [item["name"] for item in changed.last["workspaces"] if item["changed"]] == [ground.name("00")]
    assert len(proxy.wrote) == 1 and len(proxy.seen) <= UNCHANGED_REQUESTS + 4, proxy.table()
    less = listed(ground, quota={"hard": {"requests.cpu": "5", "pods": 50}})[:-1]
    gone = good(ground.play({"workspaces": less, "prune": True}))
    assert gone.last["removed"] == [{"name": ground.name(f"{MANY - 1:02}"), "instances": [], "claims": [], "secrets": 0, "pods": 0}]
    assert len(ground.made()) == MANY - 1 == len(ground.record()) and ground.credential(ground.name(f"{MANY - 1:02}")) is None
    proxy.reset()
    look = good(ground.ansible.play({"acmp_workspace_info": {"project": ground.project}}, env=env))
    assert len(look.last["workspaces"]) == MANY - 1
    assert not proxy.wrote and len(proxy.seen) <= INFO_REQUESTS, proxy.table()


@pytest.mark.once
def test_what_could_not_be_written_is_told_and_made_by_the_next_run(ground, proxy):
    """One object refused does not keep the others from being written; a run that was stopped is continued."""
    env = {"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}
    proxy.answer(422, "PATCH", "/rolebindings/acmp-members", times=2)
    run = ground.play({"workspaces": listed(ground, 3)}, env=env)
    assert run.last.failed and "2 of 15 objects could not be written" in run.last.msg and "run the same task again" in run.last.msg, run.last.msg
    assert len(run.last.error["details"]["findings"]) == 2 and len(ground.made()) == 3
    rest = good(ground.play({"workspaces": listed(ground, 3)}, env=env))
    assert len([action for action in rest.last["actions"] if action.startswith("create")]) == 2, rest.last["actions"]
    proxy.at_write(len(proxy.wrote) + 8, lambda _seen: playing.interrupt(), cut=False)
    playing = ground.ansible.start([ground.task(workspaces=listed(ground, 9))], env=env)
    stopped = playing.wait()
    assert stopped.code != 0 and "Traceback" not in stopped.output and len(ground.made()) < 9 + 1
    good(ground.play({"workspaces": listed(ground, 9)}, env=env))
    assert not good(ground.play({"workspaces": listed(ground, 9)}, env=env)).last.changed and len(ground.record()) == 9


@pytest.mark.once
def test_what_a_look_shows(ground, api):
    name = ground.name("shown")
    good(ground.play({**listed(ground, 1)[0], "name": name, "labels": {"cost": "12"}, "gateway": {"namespace": "ingress"}}))
    [shown] = good(ground.ansible.play({"acmp_workspace_info": {"name": name}})).last["workspaces"]
    assert (shown["description"], shown["state"], shown["held_by"], shown["instances"], shown["pod_security"]) == ("number 0", "Active", [], 0, "baseline")
    assert shown["labels"] == {"cost": "12", "tier": "gold"} and shown["age"].endswith(("s", "m"))
    assert shown["quota"]["hard"] == {"requests.cpu": "4", "pods": "50"} and shown["quota"]["percent"] == {"requests.cpu": 0.0, "pods": 0.0}
    assert {(item["kind"], item["name"], item["own"]) for item in shown["members"]} == {
        ("Group", f"{ground.word}-team", False), ("User", f"{ground.word}-ann", False), ("User", "user-0", True)}
    assert shown["network_policy"]["mode"] == "isolated" and 6.9 < shown["credential"]["days_left"] <= 7
    live = api.get(f"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies/acmp-isolation")["spec"]
    assert live["ingress"][1] == {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}}]}


@pytest.mark.once
def test_what_somebody_removed_or_changed_by_hand_is_repaired(ground, api):
    name, task = ground.name("drift"), {**listed(ground, 1)[0], "labels": {"cost": "1"}}
    task["name"] = name
    good(ground.play(task))
    space = f"/api/v1/namespaces/{name}"
    for path in (f"{space}/resourcequotas/acmp", f"{RBAC}/namespaces/{name}/rolebindings/acmp-members", f"{space}/serviceaccounts/acmp-workspace",
                 f"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies/acmp-isolation"):
        api.delete(path)
    api.patch(f"{space}/limitranges/acmp", {"spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}}]}})
    api.patch(space, {"metadata": {"labels": {"cost": "2", "theirs": "stays"}}})
    api.delete(f"/api/v1/namespaces/acmp-project-{ground.project}/secrets/workspace-local.{name}")
    repaired = good(ground.play(task))
    assert sorted(action.split(" ")[0] + " " + action.split(" ")[1] for action in repaired.last["actions"]) == [
        "change LimitRange", "change Namespace", "create NetworkPolicy", "create ResourceQuota", "create RoleBinding", "create ServiceAccount", "issue the"]
    assert api.get(space)["metadata"]["labels"].items() >= {"tier": "gold", "cost": "1", "theirs": "stays"}.items()
    assert not good(ground.play(task)).last.changed
    # A limit that somebody added goes; a token that somebody ended is made anew; who may read it is brought back.
    api.patch(f"{space}/resourcequotas/acmp", {"spec": {"hard": {"services": "3"}}})
    api.delete(f"{space}/secrets/{ground.credential(name)['metadata']['annotations']['operators.apusic.com/bound']}")
    assert [action.split(" ")[0] for action in good(ground.play(task)).last["actions"]] == ["change", "renew"]
    assert "services" not in api.get(f"{space}/resourcequotas/acmp")["spec"]["hard"]
    api.delete(f"{RBAC}/namespaces/acmp-project-{ground.project}/rolebindings/workspace-local.{name}")
    assert good(ground.play(task)).last["actions"] == [f"change who may read the credential of local/{name}"]
    assert not good(ground.play(task)).last.changed


@pytest.mark.once
def test_faults_are_named_all_at_once(ground, api):
    names = [ground.name(end) for end in ("foreign", "leaving", "other")]
    other = {"operators.apusic.com/project": "somebody-else"}
    for name, meta in zip(names, ({}, {"finalizers": ["acmp.test/hold"]}, {"labels": other}), strict=True):
        api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **meta}})
    api.delete(f"/api/v1/namespaces/{names[1]}")
    try:
        until("the namespace to be leaving", lambda: api.get(f"/api/v1/namespaces/{names[1]}")["metadata"].get("deletionTimestamp"))
        robot = {"kind": "ServiceAccount", "name": "nobody", "namespace": "default"}
        run = ground.play({"workspaces": [{"name": name} for name in names] + [{"name": ground.name("new"), "members": [robot]}]})
        assert run.last.failed
        for text in ("4 things", f"workspaces[0] ({names[0]})", "adopt: true", "acmp.test/hold", "belongs to project somebody-else",
                     "ServiceAccount default/nobody does not exist"):
            assert text in run.last.msg, run.last.msg
        assert len(run.last.error["details"]["findings"]) == 4
        assert ground.made() == set() and ground.record() == []
        for task, text in (
            ({"name": ground.name("x"), "project": ground.project[:-1]}, f'did you mean "{ground.project}"'),
            ({"name": ground.name("x"), "cluster": "lokal"}, "local"),
            ({"name": "kube-system", "adopt": True}, "belongs to the system"),
            ({"name": "kube-system", "state": "absent", "confirm": ["kube-system"]}, "belongs to the system"),
            ({"name": names[0], "state": "absent", "confirm": [names[0]]}, "is no workspace"),
            ({"name": names[2], "state": "absent", "confirm": [names[2]]}, "belongs to project somebody-else"),
            ({"name": ground.name("x"), "prune": True}, "prune"),
        ):
            refused = ground.play(task)
            assert refused.last.failed and text in refused.last.msg, refused.last.msg
        adopted = good(ground.play({"name": names[0], "adopt": True}))
        assert f"change Namespace {names[0]}" in adopted.last["actions"] and ground.made() == {names[0]}
    finally:
        api.patch(f"/api/v1/namespaces/{names[1]}", {"metadata": {"finalizers": None}})
        for name in names:
            api.delete(f"/api/v1/namespaces/{name}")


@pytest.mark.once
def test_a_quota_that_would_break_what_runs(ground, api):
    """Numbers below use and pods without requests are told together, before anything is written; force sets it nevertheless."""
    name = ground.name("full")
    good(ground.play({"name": name, "quota": {"hard": {"pods": "5"}}}))
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "c", "image": "registry.invalid/none:1"}]}}
    until("the default service account", lambda: api.core("serviceaccounts", name, "default"))
    for number in range(3):
        api.create(f"/api/v1/namespaces/{name}/pods", {**pod, "metadata": {"name": f"p{number}"}})
    until("the use to be counted", lambda: api.core("resourcequotas", name, "acmp").get("status", {}).get("used", {}).get("pods") == "3")
    wish = {"name": name, "quota": {"hard": {"pods": "2", "requests.cpu": "1"}}}
    run = ground.play(wish)
    assert run.last.failed and "pods would be 2, and 3 is used" in run.last.msg and "has no requests.cpu" in run.last.msg, run.last.msg
    assert "force: true" in run.last.msg and api.core("resourcequotas", name, "acmp")["spec"]["hard"] == {"pods": "5"}
    forced = good(ground.play({**wish, "force": True}))
    assert forced.last["actions"] == [f"change ResourceQuota {name}/acmp"] and any("is used" in text for text in forced.last.data["warnings"])


@pytest.mark.once
def test_removal_shows_all_and_asks_for_the_name(ground, api):
    name = ground.name("gone")
    good(ground.play({"name": name, "pull_secret": {"r.example": {"username": "robot", "password": PLANTED}}}))
    space = f"/api/v1/namespaces/{name}"
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "16Mi"}}}
    api.create(f"{space}/persistentvolumeclaims", {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": claim})
    api.create(f"{space}/secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine"}})
    instance = {"package": "tiny", "version": "1.0.0", "type": "default", "document": "spec: {}\n", "deletePolicy": "refuse"}
    api.create(f"{PLATFORM}/namespaces/{name}/instances", {
        "apiVersion": "operators.apusic.com/v1alpha1", "kind": "Instance", "metadata": {"name": "db"}, "spec": instance})
    for task, text in (({"name": name, "state": "absent"}, "protected instances"), ({"workspaces": [], "prune": True}, "protected instances")):
        assert text in ground.play(task).last.msg
    api.patch(f"{PLATFORM}/namespaces/{name}/instances/db", {"spec": {"deletePolicy": "keep"}})
    for task in ({"name": name, "state": "absent"}, {"workspaces": [], "prune": True}, {"name": name, "state": "absent", "confirm": ["another"]}):
        run = ground.play(task)
        assert run.last.failed and "1 instance (db), 1 claim of 16 Mi (data 16Mi), 1 Secret" in run.last.msg and "confirm" in run.last.msg, run.last.msg
    sure = {"name": name, "state": "absent", "confirm": name}
    predicted = good(ground.play(sure, arguments=("--check",)))
    assert api.get(space)["status"]["phase"] == "Active"
    gone = good(ground.play(sure))
    assert gone.last["actions"] == predicted.last["actions"] and gone.last["removed"][0]["instances"] == ["db"]
    assert api.get(space) is None and ground.credential(name) is None and ground.record() == []
    project = f"{RBAC}/namespaces/acmp-project-{ground.project}"
    assert not [item for kind in ("roles", "rolebindings") for item in api.list(f"{project}/{kind}") if name in item["metadata"]["name"]]
    assert not good(ground.play(sure)).last.changed


@pytest.mark.once
def test_a_namespace_that_does_not_go_says_what_holds_it(ground, api):
    name = ground.name("held")
    good(ground.play({"name": name}))
    held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["acmp.test/hold"]}}
    api.create(f"/api/v1/namespaces/{name}/configmaps", held)
    task = {"name": name, "state": "absent", "confirm": name, "wait_timeout": 12}
    try:
        run = ground.play(task)
        assert run.last.failed and "acmp.test/hold" in run.last.msg and "configmaps" in run.last.msg, run.last.msg
        [shown] = good(ground.ansible.play({"acmp_workspace_info": {"name": name}})).last["workspaces"]
        assert shown["state"] == "Terminating" and "acmp.test/hold" in "".join(shown["held_by"])
        refused = ground.play({"name": name})
        assert refused.last.failed and "acmp.test/hold" in refused.last.msg
    finally:
        api.patch(f"/api/v1/namespaces/{name}/configmaps/held", {"metadata": {"finalizers": None}})
    good(ground.play({**task, "wait_timeout": 60}))
    assert api.get(f"/api/v1/namespaces/{name}") is None and ground.record() == []


@pytest.mark.once
def test_the_credential_opens_its_workspace_and_nothing_else(ground, api, tmp_path):
    """Every Secret of every other namespace is closed to it; so is every other namespace."""
    name, other = ground.name("a"), ground.name("b")
    good(ground.play({"workspaces": [{"name": name}, {"name": other}]}))
    own = Api(ground.kubeconfig(name, tmp_path))
    assert isinstance(own.core("secrets", name), list) and isinstance(own.own("instances", name), list)
    for secret in api.list("/api/v1/secrets"):
        space, each = secret["metadata"]["namespace"], secret["metadata"]["name"]
        if space != name:
            with pytest.raises(Refused) as refused:
                own.core("secrets", space, each)
            assert refused.value.status == 403
    for namespace in api.list("/api/v1/namespaces"):
        each = namespace["metadata"]["name"]
        if each not in (name, "kube-system"):
            # Packages of the catalog are everybody's to read.
            kinds = ("", "/secrets", "/pods") if each == "acmp-catalog" else ("", "/secrets", "/configmaps")
            for path in (f"/api/v1/namespaces/{each}{kind}" for kind in kinds):
                with pytest.raises(Refused) as refused:
                    own.get(path)
                assert refused.value.status == 403
    for path in (f"/api/v1/namespaces/{name}/resourcequotas/acmp", f"{RBAC}/namespaces/{name}/rolebindings/acmp-members"):
        with pytest.raises(Refused) as refused:
            own.delete(path)
        assert refused.value.status == 403


@pytest.mark.once
def test_a_credential_that_is_revoked_or_renewed_is_dead(ground, api, tmp_path):
    name = ground.name("keys")
    good(ground.play({"name": name}))
    old = Api(ground.kubeconfig(name, tmp_path))
    assert isinstance(old.core("secrets", name), list)
    secret = ground.credential(name)
    notes = {"operators.apusic.com/issued-at": "2020-01-01T00:00:00Z", "operators.apusic.com/expires-at": "2020-01-02T00:00:00Z"}
    account = api.core("serviceaccounts", name, "acmp-workspace")["metadata"]["creationTimestamp"]
    api.patch(f"/api/v1/namespaces/acmp-project-{ground.project}/secrets/{secret['metadata']['name']}", {"metadata": {"annotations": {
        **notes, "operators.apusic.com/issued-at": account}}})
    run = good(ground.play({"name": name}))
    assert run.last["actions"] == [f"renew the credential of local/{name}: less than a third of its life is left"]
    until("the old token to end", lambda: _refused(old, name), 30)
    assert isinstance(Api(ground.kubeconfig(name, tmp_path)).core("secrets", name), list)
    bound = [item["metadata"]["name"] for item in api.core("secrets", name) if item["metadata"]["name"].startswith("acmp-credential")]
    assert len(bound) == 1
    good(ground.play({"name": name, "credential": False}))
    assert ground.credential(name) is None
    assert not good(ground.play({"name": name, "credential": False})).last.changed


def test_secrets_are_shown_nowhere(ground, api):
    """ansible.play looks for the planted word in everything that is printed at -vvv."""
    name, login = ground.name("pull"), {"r.example": {"username": "robot", "password": PLANTED}}
    ground.ansible.secrets = [*{*ground.ansible.secrets, PLANTED, base64.b64encode(f"robot:{PLANTED}".encode()).decode()}]
    good(ground.play({"name": name, "pull_secret": login}, arguments=("--check", "--diff")))
    good(ground.play({"name": name, "pull_secret": login}, arguments=("--diff",)))
    good(ground.play({"name": name, "pull_secret": login}, in_process=False))
    secret = api.core("secrets", name, "acmp-pull")
    assert json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))["auths"]["r.example"]["password"] == PLANTED
    assert api.core("serviceaccounts", name, "default")["imagePullSecrets"] == [{"name": "acmp-pull"}]
    assert not good(ground.play({"name": name, "pull_secret": json.dumps({"auths": {"r.example": {
        **login["r.example"], "auth": base64.b64encode(f"robot:{PLANTED}".encode()).decode()}}})})).last.changed
    good(ground.play({"name": name, "pull_secret": ""}))
    assert api.core("secrets", name, "acmp-pull") is None and not api.core("serviceaccounts", name, "default").get("imagePullSecrets")


@pytest.mark.once
def test_a_manager_makes_them_and_a_consumer_may_not(ground, api, tmp_path):
    """With the manager's certificate, and by act_as with an administrator's credential: the same."""
    name = ground.name("by")
    people_there = {word: people.certified(api, f"{ground.word}-{word}", [group], tmp_path) for word, group in
                    (("boss", "acmp:managers"), ("member", f"{ground.word}-team"))}
    if not all(people_there.values()):
        pytest.skip("the cluster signs no certificates")
    boss, member = people_there["boss"], people_there["member"]
    task = {**listed(ground, 1)[0], "name": name}
    denied = ground.play({**task, "kubeconfig": member.kubeconfig}, {**task, "act_as": {"user": member.user, "groups": [f"{ground.word}-team"]}})
    assert [result.failed for result in denied.results] == [True, True] and denied[0].error["reason"] == "Forbidden"
    assert denied[0].msg.replace(boss.user, "") == denied[1].msg.replace(boss.user, "")
    good(ground.play({**task, "kubeconfig": boss.kubeconfig}))
    assert not good(ground.play({**task, "act_as": {"user": boss.user, "groups": ["acmp:managers", "system:authenticated"]}})).last.changed
    [shown] = good(ground.ansible.play({"acmp_workspace_info": {"name": name, "project": ground.project, "kubeconfig": member.kubeconfig}})).last["workspaces"]
    assert shown["quota"]["hard"]["pods"] == "50" and shown["credential"]["days_left"] > 6 and shown["members"] is None
    assert isinstance(member.api.core("secrets", name), list)
    api.create(f"/api/v1/namespaces/{name}/secrets", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "mine"}})
    run = ground.play({"name": name, "state": "absent", "kubeconfig": boss.kubeconfig})
    assert run.last.failed and "1 Secret" in run.last.msg, run.last.msg
    good(ground.play({"name": name, "state": "absent", "confirm": name, "kubeconfig": boss.kubeconfig}))


@pytest.mark.once
def test_members_of_a_project_reach_its_workspaces(ground, api):
    """A change of the project's members goes through to every workspace, and leaves its own ones alone."""
    name = ground.name("team")
    good(ground.play({"name": name, "members": [{"name": "own-user"}]}))
    task = {"acmp_project": {"name": ground.project, "members": [{"name": "newcomer"}]}}
    good(ground.ansible.play(task, arguments=("--check",)))
    names = {subject["name"] for subject in api.get(f"{RBAC}/namespaces/{name}/rolebindings/acmp-members")["subjects"]}
    assert f"{ground.word}-team" in names
    run = good(ground.ansible.play(task))
    assert f"change RoleBinding {name}/acmp-members" in run.last["actions"]
    names = {subject["name"] for subject in api.get(f"{RBAC}/namespaces/{name}/rolebindings/acmp-members")["subjects"]}
    assert names == {"newcomer", "own-user", "acmp-workspace"}
    assert not good(ground.ansible.play(task)).last.changed and not good(ground.play({"name": name})).last.changed
    # Who is a member no more may have kept the credential.
    left = good(ground.play({"name": name, "members": []}))
    assert left.last["actions"] == [
        f"change RoleBinding {name}/acmp-members", f"renew the credential of local/{name}: a member left",
        f"change who may read the credential of local/{name}"]
    assert not good(ground.play({"name": name, "members": []})).last.changed


@pytest.mark.once
def test_on_another_cluster(ground, second_cluster, second_kubeconfig):
    """Namespaces are there, records and credentials are here; a name may be there twice."""
    there, name = Api(second_kubeconfig), ground.name("far")
    good(ground.play({"name": name}))
    run = good(ground.play({"name": name, "cluster": second_cluster, "members": [{"name": "far-user"}]}))
    assert f"add {second_cluster}/{name} to Project {ground.project}" in run.last["actions"]
    assert there.get(f"/api/v1/namespaces/{name}") and ground.credential(name, second_cluster) and ground.credential(name)
    assert not good(ground.play({"name": name, "cluster": second_cluster})).last.changed
    [shown] = good(ground.ansible.play({"acmp_workspace_info": {"project": ground.project, "cluster": second_cluster}})).last["workspaces"]
    assert shown["cluster"] == second_cluster and shown["credential"]["days_left"] > 6
    good(ground.play({"name": name, "cluster": second_cluster, "state": "absent", "confirm": name}))
    assert there.get(f"/api/v1/namespaces/{name}") is None and ground.credential(name, second_cluster) is None
    assert {(item["cluster"], item["namespace"]) for item in ground.record()} == {("local", name)}


@pytest.mark.once
def test_the_playbook_with_a_file(ground, api, tmp_path):
    """From one data file: nothing in it is a template, what it names no more goes, faults are told with their line."""
    path = tmp_path / "spaces.yml"
    name, other = ground.name("file"), ground.name("more")

    def play(content: object, *more: str):
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        words = ["ansible-playbook", "acmp.middleware.workspace", "-e", "acmp_workspaces_file=spaces.yml", *more]
        return ground.ansible.command(words, cwd=str(tmp_path)).wait()

    content = {"project": ground.project, "prune": True, "workspaces": [
        {"name": name, "description": "{{ 1 + 1 }}", "quota": {"hard": {"pods": 4}}}, {"name": other}]}
    first = play(content)
    assert first.code == 0 and ground.made() == {name, other}, first.output
    assert api.get(f"/api/v1/namespaces/{name}")["metadata"]["annotations"]["operators.apusic.com/description"] == "{{ 1 + 1 }}"
    again = play(content)
    assert again.code == 0 and "changed=0" in again.output and "2 workspaces, unchanged" in again.output
    content["workspaces"].pop()
    assert "changed=1" in play(content).output and ground.made() == {name}
    for wrong, text in (("workspaces: [\n", "line 2"), ("- a\n", "needs the list workspaces"), ({"workspaces": [], "proyect": "x"}, "proyect"),
                        ({**content, "workspaces": [{"name": name, "quota": {"hard": {"pods": "many"}}}]}, f"workspaces[0] ({name}).quota")):
        run = play(wrong)
        assert run.code != 0 and text in run.output and "Traceback" not in run.output, run.output
    single = ["ansible-playbook", "acmp.middleware.workspace", "-e", f"acmp_namespace={other} acmp_project={ground.project}"]
    run = ground.ansible.command([*single, "-e", '{"acmp_labels": {"a": "b"}}']).wait()
    assert run.code == 0 and api.get(f"/api/v1/namespaces/{other}")["metadata"]["labels"]["a"] == "b", run.output
    assert "changed=0" in ground.ansible.command(single).wait().output


def _refused(one: Api, namespace: str) -> bool:
    try:
        one.core("secrets", namespace)
    except Refused as error:
        return error.status == 401
    time.sleep(0.5)
    return False
