# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces as people look at them (§6.2.1): one list for each kind, and what may not be read is left out and said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ..api import API_VERSION
from ..cluster import network
from ..cluster.reach import Place, to_look
from ..context import Context
from ..errors import Forbidden, NotFound
from ..kube import kubeconfigs
from ..look.ages import age
from ..platform.roles import project_space
from ..project import credentials
from ..quota import use
from ..rights import ISOLATION, MEMBERS_BINDING, PROJECT_LABEL, RBAC, WORKSPACE_ACCOUNT
from ..side import Pool
from ._objects import DESCRIPTION, OWN, PART_OF, SECURITY, own_members
from ._observe import THREADS, many, named, namespaces
from ._plan import held_by, owner_of

_HIDDEN = (PART_OF, PROJECT_LABEL, "kubernetes.io/metadata.name", *SECURITY)


def of(options: dict, act_as: dict | None, query: Mapping[str, Any], ctx: Context) -> list[dict]:
    """The workspaces that match name and project on one cluster, by name; see acmp_workspace_info for their fields."""
    name, project = query.get("name"), query.get("project")
    place = to_look(options, act_as, query["cluster"], name, project, ctx)
    kube = place.kube
    jobs: dict[str, Callable[[], Any]] = {
        "namespaces": lambda: namespaces(kube, name) if name else kube.list("v1", "Namespace", label_selector=f"{PART_OF}={OWN},{PROJECT_LABEL}"),
        "resourcequotas": lambda: kube.list("v1", "ResourceQuota", name),
        "limitranges": lambda: named(kube, "v1", "LimitRange", OWN, name),
        "rolebindings": lambda: named(kube, f"{RBAC}/v1", "RoleBinding", MEMBERS_BINDING, name),
        "networkpolicies": lambda: named(kube, "networking.k8s.io/v1", "NetworkPolicy", ISOLATION, name),
        "instances": lambda: _instances(kube, name),
    }
    with Pool(THREADS) as pool:
        found = dict(zip(jobs, pool.map(_allowed, jobs.values()), strict=True))
    if isinstance(found["namespaces"], Forbidden):
        raise found["namespaces"]
    chosen = [
        item for item in found["namespaces"]
        if owner_of(item) and project in (None, owner_of(item)) and not item["metadata"]["name"].startswith(project_space(""))
    ]
    found["credentials"] = _credentials(place, sorted({owner_of(item) for item in chosen}), name)
    for part, answer in found.items():
        if isinstance(answer, Forbidden):
            ctx.warn(f"Not shown, because it may not be read: {part} ({answer.what})")
    moment = datetime.now(timezone.utc)
    data = {part: _by_namespace(answer, place.cluster) for part, answer in found.items() if part != "namespaces"}
    enforcer = network.enforcer(kube) if data["networkpolicies"] else ""
    if data["networkpolicies"] and not enforcer:
        ctx.warn(network.warning(place.cluster))
    return sorted((_one(item, place.cluster, data, enforcer, moment) for item in chosen), key=lambda each: each["name"])


def _allowed(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except Forbidden as error:
        return error


def _instances(kube: Any, only: str | None) -> list[dict]:
    try:
        return kube.list(API_VERSION, "Instance", only, metadata_only=True)
    except NotFound:
        return []


def _credentials(place: Place, owners: list[str], name: str | None) -> Any:
    """Managers list the credentials of each project; a member gets the one of the workspace."""
    found = many(lambda owner: _allowed(lambda: credentials.listed(place.home, owner)), owners)
    refused = [(owner, answer) for owner, answer in found if isinstance(answer, Forbidden)]
    if refused and name:
        own = _allowed(lambda: credentials.look(place.home, owners[0], place.cluster, name))
        return own if isinstance(own, Forbidden) else [own] if own else []
    return refused[0][1] if refused else [item for _owner, answer in found for item in answer]


def _by_namespace(answer: Any, cluster: str) -> dict[str, list] | None:
    """None for what may not be read."""
    if isinstance(answer, Forbidden):
        return None
    found: dict[str, list] = {}
    for item in answer:
        if isinstance(item, credentials.Listed):
            if item.cluster == cluster:
                found.setdefault(item.namespace, []).append(item)
        else:
            found.setdefault(item["metadata"]["namespace"], []).append(item)
    return found


def _one(namespace: Mapping[str, Any], cluster: str, data: Mapping[str, dict[str, list] | None], enforcer: str, moment: datetime) -> dict[str, Any]:
    meta = namespace["metadata"]
    name, labels = meta["name"], meta.get("labels") or {}

    def mine(part: str) -> list | None:
        return None if data[part] is None else data[part].get(name, [])

    quotas, limits, bindings, policies, instances, credential = map(
        mine, ("resourcequotas", "limitranges", "rolebindings", "networkpolicies", "instances", "credentials"))
    shown = None if quotas is None else [use.shown(quota) for quota in quotas]
    return {
        "name": name, "cluster": cluster, "project": owner_of(namespace),
        "description": (meta.get("annotations") or {}).get(DESCRIPTION, ""),
        "state": "Terminating" if meta.get("deletionTimestamp") else "Active", "held_by": held_by(namespace) if meta.get("deletionTimestamp") else [],
        "labels": {each: value for each, value in sorted(labels.items()) if each not in _HIDDEN},
        "created_at": meta["creationTimestamp"], "age": age(meta["creationTimestamp"], moment),
        "quota": None if shown is None else next((quota for quota in shown if quota["name"] == OWN), None),
        "other_quotas": None if shown is None else [quota for quota in shown if quota["name"] != OWN],
        "limits": None if limits is None else [item for each in limits for item in (each.get("spec") or {}).get("limits") or []],
        "members": None if bindings is None else _members(name, bindings),
        "pod_security": labels.get(SECURITY[0], ""),
        "network_policy": None if policies is None else _policy(policies, enforcer),
        "instances": None if instances is None else len(instances),
        "credential": None if credential is None else _credential(credential, moment),
    }


def _members(name: str, bindings: list[dict]) -> list[dict]:
    """Everybody bound, the workspace's own marked; its service account left out."""
    own = {(member.kind, str(member.namespace or ""), member.name) for binding in bindings for member in own_members(binding)}
    found = []
    for subject in (subject for binding in bindings for subject in binding.get("subjects") or []):
        key = (str(subject.get("kind")), str(subject.get("namespace") or ""), str(subject.get("name")))
        if key != ("ServiceAccount", name, WORKSPACE_ACCOUNT):
            found.append({"kind": key[0], "name": key[2], "namespace": key[1], "own": key in own})
    return found


def _policy(policies: list[dict], enforcer: str) -> dict[str, Any]:
    if not policies:
        return {"mode": "open", "enforced_by": ""}
    return {"mode": "isolated", "enforced_by": enforcer}


def _credential(found: list[credentials.Listed], moment: datetime) -> dict[str, Any] | None:
    if not found:
        return None
    left = kubeconfigs.days_left(found[0].expires_at, moment)
    return {"issued_at": found[0].issued_at, "expires_at": found[0].expires_at, "days_left": None if left is None else round(left, 2)}
