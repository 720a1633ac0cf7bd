# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials of workspaces: one Secret each in the project's namespace, which the workspace's members may read by its name and nobody lists."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import _deps
from ..api import API_VERSION, GROUP
from ..errors import AcmpError
from ..kube import kubeconfigs
from ..platform.roles import CREDENTIALS, PROJECT_LABEL, project_space
from . import _rights, records

if TYPE_CHECKING:
    from ..kube.service_account import Token

_CLUSTER, _NAMESPACE = f"{GROUP}/cluster", f"{GROUP}/namespace"
_ISSUED, _EXPIRES, _BOUND, _UID = f"{GROUP}/issued-at", f"{GROUP}/expires-at", f"{GROUP}/bound", f"{GROUP}/bound-uid"
_KEY = "kubeconfig"
_RBAC = "rbac.authorization.k8s.io"


class Listed(NamedTuple):
    """What is known of a credential without reading it. issued_at, expires_at: UTC as Kubernetes writes it, or empty. bound, uid: the Secret that ends it."""

    project: str
    cluster: str
    namespace: str
    issued_at: str
    expires_at: str
    bound: str
    uid: str = ""


def secret_name(cluster: str, namespace: str) -> str:
    """workspace-CLUSTER.NAMESPACE; with a dash instead of the dot a-b/c and a/b-c would share a name."""
    return f"workspace-{cluster}.{namespace}"


def read(home, project: str | records.Project, cluster: str, namespace: str) -> dict | None:
    """The kubeconfig of a workspace as a mapping, None where there is none. Raises Forbidden for who is no member of the workspace."""
    space, name = project_space(_name(project)), secret_name(cluster, namespace)
    secret = home.get("v1", "Secret", name, space)
    if secret is None:
        return None
    where = f"Secret {space}/{name}"
    try:
        config = _deps.yaml.safe_load(base64.b64decode(secret["data"][_KEY]))
    except (KeyError, TypeError, ValueError, _deps.yaml.YAMLError):
        config = None
    if not isinstance(config, dict):
        raise AcmpError("The credential of a workspace cannot be read as a kubeconfig", where=where, todo="run acmp_workspace for it again")
    for entry in config.get("users") or []:
        home.ctx.secrets.add((entry.get("user") or {}).get("token"))
    return config


def store(
    home, project: records.Project, cluster: str, namespace: str, kubeconfig: dict, token: Token, own: Iterable[dict] = (),
) -> None:
    """Writes a workspace's credential and who may read it; own: RBAC subjects of members whom the project does not have."""
    text = _deps.yaml.safe_dump(kubeconfig, sort_keys=False)
    home.ctx.secrets.add(token.value)
    meta = _meta(project.name, cluster, namespace)
    meta["annotations"] = {_ISSUED: str(token.issued_at or ""), _EXPIRES: str(token.expires_at or ""), _BOUND: str(token.bound or ""), _UID: token.uid}
    home.apply({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": {_KEY: base64.b64encode(text.encode()).decode()}})
    _rights.write(home, objects(project, cluster, namespace, own))


def grant(home, project: records.Project, cluster: str, namespace: str, own: Iterable[dict] = ()) -> None:
    """Brings who may read a workspace's credential to the project's members and the workspace's own; the credential itself stays."""
    own = list(own)
    _rights.write(home, objects(project, cluster, namespace, own))
    if not own:
        home.delete(f"{_RBAC}/v1", "RoleBinding", _own_name(cluster, namespace), project_space(project.name))


def outdate(home, project: str | records.Project) -> None:
    """Notes of a project's credentials that their time is over, so that each is renewed, and with that ended, as soon as its cluster is there."""
    def one(item: Listed) -> None:
        issued, ends = kubeconfigs.moment(item.issued_at), kubeconfigs.moment(item.expires_at)
        if issued and ends:
            # Moved into the past as a whole: the next one lasts as long.
            notes = {_ISSUED: (issued - (ends - issued)).strftime("%Y-%m-%dT%H:%M:%SZ"), _EXPIRES: item.issued_at}
            home.patch("v1", "Secret", secret_name(item.cluster, item.namespace), project_space(item.project), {"metadata": {"annotations": notes}})

    with ThreadPoolExecutor(max_workers=_rights.THREADS, thread_name_prefix="acmp-project") as pool:
        list(pool.map(one, listed(home, project)))


def forget(home, project: str | records.Project, cluster: str, namespace: str) -> None:
    """Removes a workspace's credential and the rights to it; what is not there is no error."""
    space, name = project_space(_name(project)), secret_name(cluster, namespace)
    for kind, each in (("RoleBinding", _own_name(cluster, namespace)), ("RoleBinding", name), ("Role", name)):
        home.delete(f"{_RBAC}/v1", kind, each, space)
    home.delete("v1", "Secret", name, space)


def objects(project: records.Project, cluster: str, namespace: str, own: Iterable[dict] = ()) -> list[dict]:
    """PURE: the Role and RoleBinding of a credential, and a RoleBinding of its own for members whom the project does not have."""
    meta, name = _meta(project.name, cluster, namespace), secret_name(cluster, namespace)
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": [name]}
    found = [
        {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": meta, "rules": [rule]},
        _binding(meta, name, records.subjects(project.members)),
    ]
    own = list(own)
    return [*found, _binding({**meta, "name": _own_name(cluster, namespace)}, name, own)] if own else found


def listed(home, project: str | records.Project | None = None) -> list[Listed]:
    """The credentials of one project, or of all the caller may list; one list of metadata for each project, and no Secret is read."""
    names = [_name(project)] if project else [item["metadata"]["name"] for item in home.list(API_VERSION, "Project", metadata_only=True)]
    found = []
    for name in names:
        selector = f"{PROJECT_LABEL}={name},{_CLUSTER}"
        found += [_listed(item) for item in home.list("v1", "Secret", project_space(name), label_selector=selector, metadata_only=True)]
    return found


def look(home, project: str | records.Project, cluster: str, namespace: str) -> Listed | None:
    """The same of one credential, for who may get it and list none."""
    item = home.get("v1", "Secret", secret_name(cluster, namespace), project_space(_name(project)), metadata_only=True)
    return _listed(item) if item else None


def orphans(home, known: Iterable[Listed]) -> list[Listed]:
    """Credentials of which only the rights to them are left, beside those that are known to be there; two lists, and a look for each that is found."""
    there = {(item.project, item.cluster, item.namespace) for item in known}
    found = {}
    for kind in ("RoleBinding", "Role"):
        for item in home.list(f"{_RBAC}/v1", kind, label_selector=f"{PROJECT_LABEL},{_CLUSTER},{_NAMESPACE}", metadata_only=True):
            one = _listed(item)
            if item["metadata"]["namespace"] == project_space(one.project) and one[:3] not in there:
                found[one[:3]] = one
    # One that was made since the list was.
    return [one for place, one in sorted(found.items()) if look(home, *place) is None]


def workspace_of(obj: dict) -> tuple[str, str] | None:
    """The (cluster, namespace) that a Secret, Role or RoleBinding of this room belongs to, None for any other object."""
    labels = obj["metadata"].get("labels") or {}
    return (labels[_CLUSTER], labels[_NAMESPACE]) if _CLUSTER in labels and _NAMESPACE in labels else None


def _listed(item: dict[str, Any]) -> Listed:
    meta = item["metadata"]
    labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
    bound = notes.get(_BOUND, "")
    return Listed(
        labels.get(PROJECT_LABEL, ""), labels.get(_CLUSTER, ""), labels.get(_NAMESPACE, ""), notes.get(_ISSUED, ""), notes.get(_EXPIRES, ""),
        # It will be deleted, perhaps with more rights than those of who wrote this.
        bound if bound in CREDENTIALS else "", notes.get(_UID, ""))


def _name(project: str | records.Project) -> str:
    return project if isinstance(project, str) else project.name


def _own_name(cluster: str, namespace: str) -> str:
    return f"{secret_name(cluster, namespace)}.own"


def _meta(project: str, cluster: str, namespace: str) -> dict:
    return {
        "name": secret_name(cluster, namespace), "namespace": project_space(project),
        "labels": {"app.kubernetes.io/part-of": "acmp", PROJECT_LABEL: project, _CLUSTER: cluster, _NAMESPACE: namespace},
    }


def _binding(meta: dict, role: str, subjects: list[dict]) -> dict:
    return {
        "apiVersion": f"{_RBAC}/v1", "kind": "RoleBinding", "metadata": meta,
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": role}, "subjects": subjects,
    }
