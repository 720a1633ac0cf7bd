# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A manager as an attacker: every way out of the namespaces of projects that their rights would give, with a certificate of the group acmp:managers.

Rights alone cannot close these ways, admission policies do; both are tried on the API server itself, without a line of the collection's own code.
"""

from __future__ import annotations

import random

import pytest
from harness import people
from harness.api import Refused
from harness.checks import until

pytestmark = pytest.mark.once

RBAC = "rbac.authorization.k8s.io"
PROJECT = "operators.apusic.com/project"
LEVEL = "pod-security.kubernetes.io/enforce"
POLICIES = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"
NOT_THEIRS = "namespaces of projects alone"
NO_RIGHT = "cannot"


@pytest.fixture(scope="module")
def manager(api, platform, tmp_path_factory, worker_id):
    if not api.get(POLICIES):
        pytest.skip("the cluster has no ValidatingAdmissionPolicy, and setup says so")
    person = people.certified(api, f"it-guarded-{worker_id}", ["acmp:managers"], tmp_path_factory.mktemp("people"))
    if person is None:
        pytest.skip("the cluster signs no certificates, so nobody can be in the group acmp:managers")
    # A policy decides a moment after it was made.
    until("the policies to decide", lambda: _decided(person), seconds=60)
    return person


@pytest.fixture
def theirs(api):
    """A namespace that a manager may work in."""
    name = f"it-theirs-{random.SystemRandom().randrange(16 ** 4):04x}"
    meta = {"name": name, "labels": {PROJECT: "default", LEVEL: "baseline"}}
    api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    yield name
    api.drop_namespace(name)


@pytest.fixture
def foreign(api):
    """A namespace of somebody else."""
    name = f"it-foreign-{random.SystemRandom().randrange(16 ** 4):04x}"
    api.namespace(name)
    until("the namespace to be furnished", lambda: api.core("serviceaccounts", name, "default"))
    yield name
    api.drop_namespace(name)


def _decided(person) -> bool:
    return NOT_THEIRS in _refusal(lambda: person.api.create("/api/v1/namespaces?dryRun=All", _namespace("it-never-made", {})))


def _refusal(call) -> str:
    """What the API server says against it; empty when it does it."""
    try:
        call()
    except Refused as refused:
        return str(refused)
    return ""


def _apply(person, path: str, obj: dict) -> dict:
    return person.api.ask("PATCH", f"{path}/{obj['metadata']['name']}", obj, content_type="application/apply-patch+yaml", fieldManager="acmp", force="true")


def _namespace(name: str, labels: dict) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _binding(name: str, role: str, user: str) -> dict:
    return {
        "apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}, "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
    }


def _inside(namespace: str, user: str) -> dict[str, tuple[str, dict]]:
    """What a manager writes into workspaces: (collection, object) by title."""
    core = f"/api/v1/namespaces/{namespace}"
    bindings, network = f"/apis/{RBAC}/v1/namespaces/{namespace}/rolebindings", f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies"
    kind = {"apiVersion": "v1"}
    return {
        "members": (bindings, _binding("acmp-members", "acmp-consumer", user)),
        "managers": (bindings, _binding("acmp-managers", "acmp-keeper", user)),
        "quota": (f"{core}/resourcequotas", {**kind, "kind": "ResourceQuota", "metadata": {"name": "acmp"}, "spec": {"hard": {"pods": "0"}}}),
        "limits": (f"{core}/limitranges", {**kind, "kind": "LimitRange", "metadata": {"name": "acmp"}, "spec": {"limits": [{"type": "Pod"}]}}),
        "network": (network, {
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "acmp-isolation"}, "spec": {"podSelector": {}}}),
        "account": (f"{core}/serviceaccounts", {**kind, "kind": "ServiceAccount", "metadata": {"name": "acmp-workspace"}}),
        "default account": (f"{core}/serviceaccounts", {**kind, "kind": "ServiceAccount", "metadata": {"name": "default", "labels": {"x": "y"}}}),
        # The control plane would fill in a token of that account.
        "token of another account": (f"{core}/secrets", {
            **kind, "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": "acmp-credential-a", "annotations": {"kubernetes.io/service-account.name": "default"}}}),
        "pull secret": (f"{core}/secrets", {**kind, "kind": "Secret", "metadata": {"name": "acmp-pull"}}),
    }


@pytest.mark.parametrize("namespace", ["kube-system", "kube-public", "default", "acmp-system", "acmp-catalog", "acmp-incoming", "foreign"])
def test_managers_write_into_no_foreign_namespace(manager, api, request, namespace):
    if namespace == "foreign":
        namespace = request.getfixturevalue("foreign")
    for title, (path, obj) in _inside(namespace, manager.user).items():
        one = f"{path}/{obj['metadata']['name']}"
        before = api.get(one)
        said = _refusal(lambda path=path, obj=obj: _apply(manager, path, obj))
        # The platform's own binding there is of another role, and for that alone cannot become this one.
        assert (NOT_THEIRS in said and namespace in said) or (before and "cannot change roleRef" in said), f"{title}: {said or 'done'}"
        assert api.get(one) == before, f"{title} was written nevertheless"
        if before:
            assert _refusal(lambda one=one: manager.api.delete(one)), f"{title} could be deleted"


def test_managers_write_into_namespaces_of_projects(manager, theirs):
    """The same objects in a workspace: the policies are no hindrance to what managers are for. What they name by name they may create so, by an apply."""
    for title, (path, obj) in _inside(theirs, manager.user).items():
        if title != "token of another account":
            assert not _refusal(lambda path=path, obj=obj: _apply(manager, path, obj)), title
    token = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600}}
    accounts = f"/api/v1/namespaces/{theirs}/serviceaccounts"
    assert not _refusal(lambda: manager.api.create(f"{accounts}/acmp-workspace/token", token))
    assert NO_RIGHT in _refusal(lambda: manager.api.create(f"{accounts}/default/token", token))


def test_managers_change_and_delete_no_foreign_namespace(manager, api, foreign):
    for namespace in (foreign, "kube-system", "default", "acmp-system", "acmp-catalog"):
        path = f"/api/v1/namespaces/{namespace}"
        before = api.get(path)["metadata"]
        for labels in ({PROJECT: "default"}, {LEVEL: "privileged"}):
            assert NOT_THEIRS in _refusal(lambda path=path, labels=labels: manager.api.patch(path, {"metadata": {"labels": labels}})), namespace
        assert _refusal(lambda path=path: manager.api.delete(path)).startswith("403"), namespace
        assert api.get(path)["metadata"] == before


@pytest.mark.parametrize(("name", "labels", "reason"), [
    ("it-guard-plain", {}, NOT_THEIRS),
    ("it-guard-level", {PROJECT: "default"}, "Pod Security level baseline or restricted"),
    ("it-guard-privileged", {PROJECT: "default", LEVEL: "privileged"}, "Pod Security level baseline or restricted"),
    ("kube-it-guard", {PROJECT: "default", LEVEL: "baseline"}, "names of system namespaces"),
    ("acmp-operators", {PROJECT: "default", LEVEL: "baseline"}, "names of system namespaces"),
])
def test_which_namespaces_managers_make(manager, api, name, labels, reason):
    for call in (
        lambda: manager.api.create("/api/v1/namespaces", _namespace(name, labels)), lambda: _apply(manager, "/api/v1/namespaces", _namespace(name, labels)),
    ):
        assert reason in _refusal(call)
    assert api.get(f"/api/v1/namespaces/{name}") is None


def test_a_level_is_not_lowered(manager, api, theirs):
    """Pods without a level reach the node, and with it every Secret there is."""
    path = f"/api/v1/namespaces/{theirs}"
    for level in ("privileged", None):
        assert "Pod Security" in _refusal(lambda level=level: manager.api.patch(path, {"metadata": {"labels": {LEVEL: level}}}))
    api.patch(path, {"metadata": {"labels": {LEVEL: "privileged"}}})
    # What an administrator gave stays, and hinders no other change.
    assert not _refusal(lambda: manager.api.patch(path, {"metadata": {"labels": {"note": "x"}}}))
    assert not _refusal(lambda: manager.api.patch(path, {"metadata": {"labels": {LEVEL: "restricted"}}}))


def test_nobody_keeps_the_account_of_a_workspace(manager, api, theirs):
    """A token of it that the control plane fills into a Secret never ends, so who leaves would stay; a pod with it has a member's rights."""
    core = f"/api/v1/namespaces/{theirs}"
    until("the namespace to be furnished", lambda: api.core("serviceaccounts", theirs, "default"))
    api.create(f"{core}/serviceaccounts", {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "acmp-workspace"}})
    note = "kubernetes.io/service-account.name"
    token = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "it-pod"}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    refused = {
        "a token": lambda: api.create(f"{core}/secrets", {**token, "metadata": {"name": "it-token", "annotations": {note: "acmp-workspace"}}}),
        "a pod": lambda: api.create(f"{core}/pods?dryRun=All", {**pod, "spec": {**pod["spec"], "serviceAccountName": "acmp-workspace"}}),
        "a pod by the old name": lambda: api.create(f"{core}/pods?dryRun=All", {**pod, "spec": {**pod["spec"], "serviceAccount": "acmp-workspace"}}),
    }
    for title, call in refused.items():
        assert "acmp-workspace is the platform's" in _refusal(call), title
    assert not _refusal(lambda: api.create(f"{core}/secrets", {**token, "metadata": {"name": "it-other", "annotations": {note: "default"}}}))
    change = {"metadata": {"annotations": {note: "acmp-workspace"}}}
    assert "acmp-workspace is the platform's" in _refusal(lambda: api.patch(f"{core}/secrets/it-other", change))
    assert not _refusal(lambda: api.create(f"{core}/pods?dryRun=All", pod))


def test_rights_that_managers_do_not_have(manager, api, theirs):
    """What no policy has to forbid, since no role gives it."""
    core, rbac = "/api/v1", f"/apis/{RBAC}/v1"
    tried = {
        "list all Secrets": lambda: manager.api.ask("GET", f"{core}/secrets"),
        "list the Secrets of kube-system": lambda: manager.api.ask("GET", f"{core}/namespaces/kube-system/secrets"),
        "read a Secret of a workspace": lambda: manager.api.ask("GET", f"{core}/namespaces/{theirs}/secrets/x"),
        "a binding of another name": lambda: _apply(manager, f"{rbac}/namespaces/{theirs}/rolebindings", _binding("mine", "acmp-consumer", manager.user)),
        "a binding by POST": lambda: manager.api.create(f"{rbac}/namespaces/{theirs}/rolebindings", _binding("acmp-members", "acmp-consumer", manager.user)),
        "the role of an administrator": lambda: _apply(
            manager, f"{rbac}/namespaces/{theirs}/rolebindings", _binding("acmp-members", "cluster-admin", manager.user)),
        "their own role in a namespace": lambda: _apply(
            manager, f"{rbac}/namespaces/{theirs}/rolebindings", _binding("acmp-members", "edit", manager.user)),
        "a binding for the cluster": lambda: manager.api.create(
            f"{rbac}/clusterrolebindings", {**_binding("it-guard", "cluster-admin", manager.user), "kind": "ClusterRoleBinding"}),
        "more in their own role": lambda: manager.api.patch(f"{rbac}/clusterroles/acmp-manager", {"metadata": {"labels": {"x": "y"}}}),
        "the policies": lambda: manager.api.delete(f"{POLICIES}/acmp-managers"),
        "a token in kube-system": lambda: manager.api.create(
            f"{core}/namespaces/kube-system/serviceaccounts/default/token", {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
        "pods": lambda: manager.api.create(f"{core}/namespaces/{theirs}/pods", {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}),
        "a node": lambda: manager.api.ask("PATCH", f"{core}/nodes/x", {}, content_type="application/merge-patch+json"),
    }
    for title, call in tried.items():
        said = _refusal(call)
        assert said.startswith("403") and (NO_RIGHT in said or "not currently held" in said), f"{title}: {said or 'done'}"
