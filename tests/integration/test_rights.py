# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may what: consumer, manager and developer with credentials of their own × every module. TABLE says it, and the API server is asked.

A denial changes nothing, and names verb, resource, namespace and who can grant it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from conftest import PLANTED
from harness import people
from harness.ansible import MODULES
from harness.api import PLATFORM, Api
from harness.checks import good, until
from harness.packages import forget, package_with

pytestmark = pytest.mark.once

PEOPLE = ("consumer", "developer", "manager")
OFFLINE = {"acmp_package_lint", "acmp_package_build"}
# They need an instance with a ConfigMap; they look and deploy as acmp_instance does.
ELSEWHERE = {"acmp_instance_config", "acmp_instance_config_info"}
GRANTS = {
    "consumer": "a manager grants it: acmp_project members (role consumer) or acmp_workspace members", "manager": "the group acmp:managers",
    "developer": "the group acmp:developers", "administrator": "a cluster administrator",
}
# A place that is known when the test runs.
WS, NEW, PROJECT = "{ws}", "{new}", "{project}"
MEMBER_READS = ("get", "namespaces", WS, "consumer")


@dataclass(frozen=True)
class Row:
    """A task, who may do it, and what the others are told: verb, resource, namespace, who grants; by person where that differs."""

    title: str
    task: dict
    may: tuple[str, ...]
    told: tuple | dict = ()

    def of(self, person: str) -> tuple:
        return self.told[person] if isinstance(self.told, dict) else self.told


def _row(title: str, module: str, options: dict, may: str, *told) -> Row:
    return Row(title, {module: options}, PEOPLE if may == "all" else tuple(may.split()), told[0] if told and isinstance(told[0], dict) else told)


_LOCKED = {"developer": ("get", "instances", WS, "consumer"), "manager": ("list", "secrets", WS, "consumer")}
_TINY = {"name": "one", "namespace": WS, "project": PROJECT}
_PACKAGE = {"name": "{package}", "version": "1.0.0"}

TABLE = (
    _row("set up", "acmp_setup", {}, "", "patch", "customresourcedefinitions", "", "administrator"),
    _row("remove the platform", "acmp_setup", {"state": "absent", "confirm": "acmp"}, "", "delete", "customresourcedefinitions", "", "administrator"),

    _row("upload a package", "acmp_package", {"src": "{source}"}, "developer manager", "get", "packages", "acmp-incoming", "developer"),
    _row("list a package", "acmp_package", {**_PACKAGE, "state": "listed"}, "manager", "create", "packages", "acmp-catalog", "manager"),
    _row("look at packages", "acmp_package_info", {}, "all"),
    _row("make the page of a package", "acmp_package_page", {"name": "tiny", "dest": "{scratch}"}, "all"),
    _row("unlist a package", "acmp_package", {"name": "{listed}", "version": "1.0.0", "state": "unlisted"}, "manager",
         "delete", "packages", "acmp-catalog", "manager"),
    _row("delete a package", "acmp_package", {"name": "{hidden}", "version": "1.0.0", "state": "absent"}, "developer manager",
         "get", "packages", "acmp-incoming", "developer"),

    _row("deploy", "acmp_instance", {**_TINY, "package": "tiny"}, "consumer", _LOCKED),
    _row("change an instance", "acmp_instance", {**_TINY, "values": {"replicas": 2}}, "consumer", _LOCKED),
    _row("roll an instance back", "acmp_instance_rollback", _TINY, "consumer", _LOCKED),
    _row("clone an instance", "acmp_instance_clone", {**_TINY, "to_name": "two"}, "consumer", _LOCKED),
    _row("make a page of them", "acmp_instance_page", {"namespace": WS, "dest": "{scratch}.html"}, "consumer manager", "list", "instances", WS, "consumer"),
    _row("look at instances", "acmp_instance_info", {"namespace": WS}, "consumer manager", "list", "instances", WS, "consumer"),
    _row("look at all instances", "acmp_instance_info", {}, "manager", "list", "instances", "", "manager"),
    _row("remove an instance", "acmp_instance", {**_TINY, "state": "absent", "delete_policy": "wipe", "confirm": "one"}, "consumer", _LOCKED),

    _row("change a cluster", "acmp_cluster", {"name": "local", "scene": "{hidden}"}, "manager", "patch", "clusters", "", "manager"),
    _row("look at clusters", "acmp_cluster_info", {}, "all"),

    _row("make a project", "acmp_project", {"name": NEW, "members": [{"kind": "Group", "name": "nobody"}]}, "manager",
         "patch", "projects", "", "manager"),
    _row("make a project with developers", "acmp_project", {"name": NEW, "members": [{"kind": "Group", "name": "nobody", "role": "developer"}]}, "manager",
         "patch", "projects", "", "manager"),
    _row("make a project with managers", "acmp_project", {"name": NEW, "members": [{"kind": "Group", "name": "nobody", "role": "manager"}]}, "manager",
         "patch", "projects", "", "manager"),
    _row("look at a project", "acmp_project_info", {"name": PROJECT}, "all"),
    _row("look at all projects", "acmp_project_info", {}, "manager", "list", "projects", "", "manager"),

    _row("make a workspace", "acmp_workspace", {
        "name": NEW, "project": PROJECT, "quota": {"hard": {"pods": "3"}}, "limits": [{"type": "Container", "default": {"cpu": "1"}}],
        "network_policy": "isolated", "pod_security": "restricted", "pull_secret": {"registry.example.com": {"username": "u", "password": PLANTED}},
    }, "manager", "create", "namespaces", "", "manager"),
    _row("change a workspace", "acmp_workspace", {"name": NEW, "project": PROJECT, "pull_secret": "", "network_policy": "open", "limits": []}, "manager",
         "create", "namespaces", "", "manager"),
    _row("look at a workspace", "acmp_workspace_info", {"name": WS}, "consumer manager", *MEMBER_READS),
    _row("look at all workspaces", "acmp_workspace_info", {}, "manager", "list", "namespaces", "", "manager"),

    _row("set a quota", "acmp_quota", {"namespace": WS, "hard": {"pods": "30"}}, "manager", "patch", "resourcequotas", WS, "manager"),
    _row("look at quotas", "acmp_quota_info", {"namespace": WS}, "consumer manager", *MEMBER_READS),
    _row("look at all quotas", "acmp_quota_info", {}, "manager", "list", "namespaces", "", "manager"),
    _row("remove a quota", "acmp_quota", {"namespace": WS, "state": "absent"}, "manager", "patch", "resourcequotas", WS, "manager"),

    _row("report resources", "acmp_resource_report", {"clusters": ["local"]}, "manager", "list", "projects", "", "manager"),
    _row("tick", "acmp_tick", {"duties": ["expiry"]}, "manager", "get", "leases", "acmp-system", "manager"),

    _row("remove a workspace", "acmp_workspace", {"name": NEW, "project": PROJECT, "state": "absent", "confirm": [NEW]}, "manager",
         "create", "namespaces", "", "manager"),
    _row("remove a project", "acmp_project", {"name": NEW, "state": "absent", "confirm": NEW}, "manager", "patch", "projects", "", "manager"),
)
_CLUSTER = ("patch", "clusters", "", "manager")
REGISTER = (_row("register a cluster", "acmp_cluster", {"name": NEW, "cluster_kubeconfig": "{spare}"}, "manager", *_CLUSTER),)
CLUSTERS = (
    _row("renew a cluster's credential", "acmp_cluster", {"name": NEW, "rotate": True}, "manager", *_CLUSTER),
    _row("look at a cluster", "acmp_cluster_info", {"name": NEW}, "all"),
    _row("make a workspace there", "acmp_workspace", {"name": NEW, "cluster": NEW, "project": PROJECT}, "manager", "get", "secrets", "acmp-system", "manager"),
    _row("look at instances there", "acmp_instance_info", {"cluster": NEW, "namespace": "elsewhere", "project": PROJECT}, "manager",
         "get", "secrets", "acmp-project-{project}", "consumer"),
    _row("remove a workspace there", "acmp_workspace", {
        "name": NEW, "cluster": NEW, "project": PROJECT, "state": "absent", "confirm": [NEW],
    }, "manager", "get", "secrets", "acmp-system", "manager"),
    _row("remove a cluster", "acmp_cluster", {"name": NEW, "state": "absent", "confirm": NEW}, "manager", *_CLUSTER),
)


@dataclass(frozen=True)
class Cast:
    """Three people, the workspace of one of them, and names to fill into the table."""

    people: dict[str, people.Person]
    names: dict[str, str]


@pytest.fixture(scope="module")
def cast(ansible, api, platform, worker_id, tmp_path_factory) -> Iterator[Cast]:
    word = f"{random.SystemRandom().randrange(16 ** 4):04x}"
    folder = tmp_path_factory.mktemp("people")
    home, project, ws = f"it-people-{word}", f"it-rights-{word}", f"it-rights-{word}"
    api.namespace(home)
    found = {"consumer": people.account(api, home, "consumer", folder)}
    for name in ("developer", "manager"):
        one = people.certified(api, f"it-{name}-{word}", [f"acmp:{name}s"], folder)
        if one is None:
            pytest.skip("the cluster signs no certificates, so nobody can be in a group")
        found[name] = one
    ansible.secrets += [one.secret for one in found.values()]
    packages = {key: f"it-{key}-{word}" for key in ("package", "listed", *(f"hidden-{name}" for name in PEOPLE))}
    sources = {name: package_with(tmp_path_factory.mktemp("new"), f"it-new-{name}-{word}") for name in PEOPLE}
    member = {"kind": "ServiceAccount", "name": "consumer", "namespace": home}
    good(ansible.play(
        *({"acmp_package": {"src": package_with(tmp_path_factory.mktemp("package"), name), "state": "listed" if key == "listed" else "present"}}
          for key, name in packages.items()),
        {"acmp_project": {"name": project, "members": [member]}},
        {"acmp_workspace": {"name": ws, "project": project, "quota": {"hard": {"pods": "20"}}}},
    ))
    until("the consumer to be one", lambda: found["consumer"].api.own("instances", ws) == [])
    # The rights of a group that was named a moment ago, and the policies that bound it.
    names = {"ws": ws, "project": project, "new": f"it-new-{word}", **packages, "scratch": str(folder / "page"), "source": "", "hidden": ""}
    yield Cast(found, {**names, **{f"source-{name}": path for name, path in sources.items()}})
    ansible.play(
        {"acmp_workspace": {"name": ws, "project": project, "state": "absent", "confirm": [ws]}},
        {"acmp_project": {"name": project, "state": "absent", "confirm": project}}, {"acmp_cluster": {"name": "local", "scene": ""}},
        *({"acmp_package": {"name": name, "version": "1.0.0", "state": state}} for name in (*packages.values(), *(f"it-new-{each}-{word}" for each in PEOPLE))
          for state in ("unlisted", "absent")))
    forget(api, *packages.values())
    api.drop_namespace(home)


def _filled(value, names: dict[str, str]):
    if isinstance(value, str):
        return value.format(**names) if "{" in value else value
    if isinstance(value, dict):
        return {key: _filled(item, names) for key, item in value.items()}
    return [_filled(item, names) for item in value] if isinstance(value, (list, tuple)) else value


def _names(cast: Cast, person: str, **more: str) -> dict[str, str]:
    return {**cast.names, "source": cast.names[f"source-{person}"], "hidden": cast.names[f"hidden-{person}"],
            "scratch": f"{cast.names['scratch']}-{person}", **more}


def _state(api: Api, cast: Cast) -> dict:
    """All that a denied task could have touched; what others of the cluster are busy with is left out."""
    own = tuple(name for key, name in cast.names.items() if name and key.startswith(("new", "project", "ws", "package", "listed", "hidden")))
    found = {}
    for path in ("/api/v1/namespaces", f"{PLATFORM}/projects", f"{PLATFORM}/clusters", "/apis/rbac.authorization.k8s.io/v1/clusterroles"):
        for item in api.list(path):
            meta = item["metadata"]
            ours = path.endswith("clusterroles") and meta["name"].startswith("acmp-")
            if "deletionTimestamp" not in meta and (ours or any(name in meta["name"] for name in own)):
                found[path, meta["name"]] = meta["resourceVersion"]
    spaces = (cast.names["ws"], f"acmp-project-{cast.names['project']}")
    found |= {(space, key): version for space in spaces for key, version in api.everything(space).items()}
    for space in ("acmp-incoming", "acmp-catalog"):
        found |= {(space, key): version for key, version in api.everything(space).items() if any(name in key for name in own)}
    return found


def _fault(row: Row, person: str, cast: Cast, result, names: dict[str, str]) -> str:
    """What is wrong with a denial; empty when it is as it should be."""
    if not result.failed:
        return "was done"
    if result.error.get("reason") != "Forbidden":
        return f"no denial: {result.msg}"
    verb, resource, namespace, grant = _filled(row.of(person), names)
    details = result.error.get("details") or {}
    told = tuple(details.get(key) for key in ("verb", "resource", "namespace", "grant"))
    place = f"in namespace {namespace}" if namespace else "in the whole cluster"
    parts = (f"the right to {verb} {resource}", place, cast.people[person].user, GRANTS[grant])
    said = result.msg.replace("ask a manager to make this a workspace", GRANTS["consumer"])
    missing = [part for part in parts if part not in said]
    return f"{told}, not said: {missing}: {result.msg}" if missing or told != (verb, resource, namespace, grant) else ""


def _run(ansible, api, cast: Cast, person: str, rows: tuple[Row, ...], **more: str) -> None:
    names = _names(cast, person, **more)
    # As modules the same tasks take three times as long, and meet the same API server.
    env = {"K8S_AUTH_KUBECONFIG": cast.people[person].kubeconfig}
    denied = [row for row in rows if person not in row.may]
    before = _state(api, cast)
    run = ansible.play(*({"name": row.title, **_filled(row.task, names)} for row in denied), env=env, in_process=True)
    assert [result.task for result in run.results] == [row.title for row in denied]
    faults = {row.title: fault for row, result in zip(denied, run.results, strict=True) if (fault := _fault(row, person, cast, result, names))}
    assert not faults, f"{person}: " + "\n".join(f"{title}: {fault}" for title, fault in faults.items())
    assert _state(api, cast) == before, "a denied task changed something"
    allowed = [row for row in rows if person in row.may]
    run = ansible.play(*({"name": row.title, **_filled(row.task, names)} for row in allowed), env=env, in_process=True)
    failed = {result.task: result.msg for result in run.results if result.failed}
    assert not failed, f"{person} should be able to: {failed}"
    done = {result.task for result in run.results if result.changed}
    written = {row.title for row in allowed if not next(iter(row.task)).endswith(("_info", "_report", "_tick"))}
    assert done == written, f"changed nothing: {written - done}, changed: {done - written}"


def test_every_module_is_in_the_table():
    assert {next(iter(row.task)) for row in TABLE} | OFFLINE | ELSEWHERE == set(MODULES)


@pytest.mark.parametrize("person", PEOPLE)
def test_rights(ansible, api, cast, person):
    _run(ansible, api, cast, person, TABLE)


def test_rights_on_clusters(ansible, api, cast, spare_cluster):
    more = {"spare": spare_cluster.kubeconfig}
    for person in ("consumer", "developer"):
        _run(ansible, api, cast, person, REGISTER, **more)
    good(ansible.play({"acmp_cluster": {"name": cast.names["new"], "cluster_kubeconfig": spare_cluster.kubeconfig}}))
    for person in ("consumer", "developer"):
        _run(ansible, api, cast, person, CLUSTERS, **more)
    good(ansible.play({"acmp_cluster": {"name": cast.names["new"], "state": "absent", "confirm": cast.names["new"]}}))
    _run(ansible, api, cast, "manager", (*REGISTER, *CLUSTERS), **more)


def test_what_needs_no_cluster(ansible, cast, tmp_path):
    """Checking and building a package works without any credential."""
    source = cast.names["source-consumer"]
    nothing = {"K8S_AUTH_KUBECONFIG": str(tmp_path / "none")}
    good(ansible.play({"acmp_package_lint": {"src": source}}, {"acmp_package_build": {"src": source, "dest": str(tmp_path / "built.tgz")}}, env=nothing))


def test_a_right_that_is_gone_is_gone(ansible, cast):
    """Taken off the project, a member is a stranger at the next task; taken on again, a member."""
    names, consumer = cast.names, cast.people["consumer"]
    member = {"kind": "ServiceAccount", "name": "consumer", "namespace": consumer.subject["namespace"]}
    look = {"acmp_instance_info": {"namespace": names["ws"]}}
    for members, denied in (([], True), ([member], False)):
        good(ansible.play({"acmp_project": {"name": names["project"], "members": members}}))
        run = ansible.play(look, env={"K8S_AUTH_KUBECONFIG": consumer.kubeconfig})
        assert run.last.failed is denied, run.last.msg
        assert not denied or GRANTS["consumer"] in run.last.msg


def test_what_a_developer_wrote_into_a_record_is_not_listed(ansible, api, cast):
    """A developer can write any record beside an archive; what is listed says what the archive says."""
    name, developer = cast.names["hidden-consumer"], cast.people["developer"]
    source = next(item for item in api.own("packages", "acmp-incoming") if item["spec"]["name"] == name)
    lie = {"displayName": "Another name", "types": [], "force": True, "secretPaths": ["values.nothing"]}
    developer.api.patch(f"{PLATFORM}/namespaces/acmp-incoming/packages/{source['metadata']['name']}", {"spec": lie})
    env = {"K8S_AUTH_KUBECONFIG": cast.people["manager"].kubeconfig}
    good(ansible.play({"acmp_package": {"name": name, "version": "1.0.0", "state": "listed"}}, env=env))
    listed = api.own("packages", "acmp-catalog", source["metadata"]["name"])["spec"]
    before = {key: value for key, value in source["spec"].items() if key not in ("force",)}
    assert {key: listed.get(key) for key in before} == before and "secretPaths" not in listed and not listed.get("force")
