# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: the objects a workspace consists of, and what live ones say about it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..api import GROUP
from ..kube.client import MANAGER
from ..project.records import Member, member_spec, subjects
from ..quota import shape
from ..rights import DEFAULT_ACCOUNT, ISOLATION, MEMBERS_BINDING, PROJECT_LABEL, PULL_SECRET, RBAC, WORKSPACE_ACCOUNT
from . import _docker
from ._wanted import Workspace

OWN = "acmp"
PART_OF = "app.kubernetes.io/part-of"
DESCRIPTION = f"{GROUP}/description"
MEMBERS = f"{GROUP}/members"
SECURITY = tuple(f"pod-security.kubernetes.io/{mode}" for mode in ("enforce", "warn", "audit"))
_NETWORK = "networking.k8s.io/v1"

# (apiVersion, kind, name) of what is looked at in each namespace.
FURNITURE = (
    ("v1", "ResourceQuota", OWN), ("v1", "LimitRange", OWN), (f"{RBAC}/v1", "RoleBinding", MEMBERS_BINDING), ("v1", "ServiceAccount", WORKSPACE_ACCOUNT),
    (_NETWORK, "NetworkPolicy", ISOLATION),
)
PULL = (("v1", "Secret", PULL_SECRET), ("v1", "ServiceAccount", DEFAULT_ACCOUNT))

# Live objects by (kind, namespace, name); a Namespace has the namespace "".
Live = Mapping[tuple[str, str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Wish:
    """An object that shall be there as it is here, or (present False) shall not be there."""

    object: Mapping[str, Any]
    present: bool = True


def key(obj: Mapping[str, Any]) -> tuple[str, str, str]:
    """The place of an object in Live."""
    meta = obj["metadata"]
    return str(obj["kind"]), str(meta.get("namespace") or ""), str(meta["name"])


def wishes(wanted: Workspace, project: str, members: Iterable[Member], cluster: str, live: Live) -> list[Wish]:
    """What the workspace shall consist of, the Namespace first; what the task says nothing of is taken from live, or left alone.

    members: the project's.
    """
    name = wanted.name
    found = [Wish(_namespace(wanted, project, live.get(("Namespace", "", name))))]
    if wanted.quota is not None:
        scopes = ((live.get(("ResourceQuota", name, OWN)) or {}).get("spec") or {}).get("scopes")
        found.append(_wish(shape.resource_quota(OWN, name, dict(wanted.quota), scopes=scopes), project, bool(wanted.quota)))
    if wanted.limits is not None:
        found.append(_wish(shape.limit_range(OWN, name, list(wanted.limits)), project, bool(wanted.limits)))
    own = wanted.members if wanted.members is not None else own_members(live.get(("RoleBinding", name, MEMBERS_BINDING)))
    found.append(_wish(binding(name, members, own, cluster), project))
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": WORKSPACE_ACCOUNT, "namespace": name}, "automountServiceAccountToken": False}
    found.append(_wish(account, project))
    if wanted.network_policy is not None:
        found.append(_wish(_policy(name, wanted.gateway), project, wanted.network_policy == "isolated"))
    if wanted.pull_secret is not None:
        found += _pull(wanted, project, live.get(("ServiceAccount", name, DEFAULT_ACCOUNT)))
    return found


def standing(name: str, template: Mapping[str, Any], live: Live) -> dict[str, Any]:
    """What stands in the place of the template for a workspace that exists, in its fields.

    Labels and annotations that it has of the template stay beside those of a task; of its other furniture nothing is said, so it stays as it is.
    """
    meta = live["Namespace", "", name]["metadata"]
    found: dict[str, Any] = {}
    for part in ("labels", "annotations"):
        has = meta.get(part) or {}
        found[part] = {key: has[key] for key in template.get(part) or {} if key in has}
    if ("NetworkPolicy", name, ISOLATION) in live:
        found["networkPolicy"] = "isolated"
    return found


def binding(namespace: str, members: Iterable[Member], own: Iterable[Member], cluster: str) -> dict[str, Any]:
    """The RoleBinding of those who may use a workspace: the project's members, its own (kept as an annotation), its ServiceAccount."""
    account = {"kind": "ServiceAccount", "name": WORKSPACE_ACCOUNT, "namespace": namespace}
    people = {subject_key(item): item for item in (*subjects(members, cluster=cluster), *subjects(own, cluster=cluster))}
    noted = json.dumps([member_spec(member) for member in own], sort_keys=True)
    return {
        "apiVersion": f"{RBAC}/v1", "kind": "RoleBinding",
        "metadata": {"name": MEMBERS_BINDING, "namespace": namespace, **({"annotations": {MEMBERS: noted}} if own else {})},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": "acmp-consumer"},
        "subjects": [*(people[each] for each in sorted(people)), account],
    }


def subject_key(subject: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(subject.get("kind")), str(subject.get("namespace") or ""), str(subject.get("name"))


def own_members(live: Mapping[str, Any] | None) -> tuple[Member, ...]:
    """The workspace's own members as its RoleBinding notes them; none where the note cannot be read."""
    noted = (((live or {}).get("metadata") or {}).get("annotations") or {}).get(MEMBERS)
    try:
        items = json.loads(noted) if noted else []
        return tuple(Member(item["kind"], item["name"], item.get("namespace"), item.get("role", "consumer")) for item in items)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def owned(live: Mapping[str, Any] | None, part: str) -> dict[str, str]:
    """The labels or annotations (part) of a live object that were applied by us."""
    meta = (live or {}).get("metadata") or {}
    values = meta.get(part) or {}
    ours: set[str] = set()
    for entry in meta.get("managedFields") or []:
        if entry.get("manager") == MANAGER and entry.get("operation") == "Apply" and not entry.get("subresource"):
            fields = ((entry.get("fieldsV1") or {}).get("f:metadata") or {}).get(f"f:{part}") or {}
            ours |= {field.removeprefix("f:") for field in fields if field.startswith("f:")}
    return {name: values[name] for name in sorted(ours) if name in values}


def labelled(obj: dict[str, Any], project: str) -> dict[str, Any]:
    """The same object with the labels that all of ours have."""
    meta = obj["metadata"]
    return {**obj, "metadata": {**meta, "labels": {**(meta.get("labels") or {}), PART_OF: OWN, PROJECT_LABEL: project}}}


def _wish(obj: dict[str, Any], project: str, present: bool = True) -> Wish:
    return Wish(labelled(obj, project), present)


def _namespace(wanted: Workspace, project: str, live: Mapping[str, Any] | None) -> dict[str, Any]:
    before, notes = owned(live, "labels"), owned(live, "annotations")
    plain = {name: value for name, value in before.items() if name not in (PART_OF, PROJECT_LABEL, *SECURITY)}
    labels = {**(wanted.labels if wanted.labels is not None else plain), **wanted.template_labels}
    if wanted.pod_security:
        labels |= dict.fromkeys(SECURITY, wanted.pod_security)
    elif live is None:
        # Without a level most clusters let pods reach the node, and with it the Secrets of every other workspace.
        labels |= dict.fromkeys(SECURITY, "baseline")
    else:
        labels |= {name: before[name] for name in SECURITY if name in before}
    others = {name: text for name, text in notes.items() if name != DESCRIPTION}
    annotations = {**(wanted.annotations if wanted.annotations is not None else others), **wanted.template_annotations}
    description = wanted.description if wanted.description is not None else notes.get(DESCRIPTION)
    if description:
        annotations[DESCRIPTION] = description
    meta = {"name": wanted.name, "labels": labels, **({"annotations": annotations} if annotations else {})}
    return labelled({"apiVersion": "v1", "kind": "Namespace", "metadata": meta}, project)


def _policy(namespace: str, gateway: Mapping[str, Any] | None) -> dict[str, Any]:
    """Nothing comes in but from the namespace itself and from the gateway."""
    allowed: list[dict[str, Any]] = [{"from": [{"podSelector": {}}]}]
    if gateway:
        peer: dict[str, Any] = {"namespaceSelector": {}}
        if gateway.get("namespace"):
            peer["namespaceSelector"] = {"matchLabels": {"kubernetes.io/metadata.name": gateway["namespace"]}}
        if gateway.get("labels"):
            peer["podSelector"] = {"matchLabels": dict(gateway["labels"])}
        allowed.append({"from": [peer]})
    return {
        "apiVersion": _NETWORK, "kind": "NetworkPolicy", "metadata": {"name": ISOLATION, "namespace": namespace},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": allowed},
    }


def _pull(wanted: Workspace, project: str, account: Mapping[str, Any] | None) -> list[Wish]:
    """The Secret, and the account of ordinary pods, which uses it."""
    data = {_docker.KEY: base64.b64encode(str(wanted.pull_secret).encode()).decode()}
    meta = {"name": PULL_SECRET, "namespace": wanted.name}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": _docker.TYPE, "data": data}
    others = [item for item in (account or {}).get("imagePullSecrets") or [] if item.get("name") != PULL_SECRET]
    used = [*others, {"name": PULL_SECRET}] if wanted.pull_secret else others
    default = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": DEFAULT_ACCOUNT, "namespace": wanted.name}, "imagePullSecrets": used}
    return [_wish(secret, project, bool(wanted.pull_secret)), *([Wish(default)] if wanted.pull_secret or account else [])]
