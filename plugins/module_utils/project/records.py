# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: a project as its record holds it, its members as Kubernetes' access rules name them, and as results show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..platform.setup import LOCAL

_RBAC = "rbac.authorization.k8s.io"
# The bindings of some workspaces lag behind the members, because their cluster was away.
PENDING = "operators.apusic.com/members-pending"
# A manager of a project works in its workspaces as its consumers do.
_GIVES = {"consumer": ("consumer", "manager"), "manager": ("manager",), "developer": ("developer",)}
# option: field of the record
TEMPLATE = {
    "quota": "quota", "limits": "limits", "labels": "labels", "annotations": "annotations", "pod_security": "podSecurity",
    "network_policy": "networkPolicy", "pull_secret": "pullSecret",
}


@dataclass(frozen=True)
class Member:
    """kind: User, Group or ServiceAccount (of the management cluster, with its namespace). role: consumer, manager or developer."""

    kind: str
    name: str
    namespace: str | None = None
    role: str = "consumer"

    def __str__(self) -> str:
        return f"{self.kind} {f'{self.namespace}/' if self.namespace else ''}{self.name}"


@dataclass(frozen=True)
class Project:
    """workspaces: (cluster, namespace) each. template: what new workspaces get, in the record's words. spec: the record's, whole."""

    name: str
    members: tuple[Member, ...] = ()
    workspaces: tuple[tuple[str, str], ...] = ()
    template: dict[str, Any] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)


def of(record: dict) -> Project:
    """The project of a Project record."""
    spec = record.get("spec") or {}
    return Project(
        name=record["metadata"]["name"],
        members=tuple(Member(item["kind"], item["name"], item.get("namespace"), item["role"]) for item in spec.get("members") or []),
        workspaces=tuple((item["cluster"], item["namespace"]) for item in spec.get("workspaces") or []),
        template=dict(spec.get("template") or {}),
        spec=spec,
    )


def subjects(members: Iterable[Member], role: str = "consumer", cluster: str = LOCAL) -> list[dict]:
    """RBAC subjects of the members who have what ``role`` gives; a manager has what a consumer has.

    On another cluster than the management cluster ServiceAccounts are left out: one of the same name there is somebody else.
    """
    return [_subject(member) for member in members if member.role in _GIVES[role] and (cluster == LOCAL or member.kind != "ServiceAccount")]


def _subject(member: Member) -> dict:
    if member.kind == "ServiceAccount":
        return {"kind": member.kind, "name": member.name, "namespace": member.namespace}
    return {"apiGroup": _RBAC, "kind": member.kind, "name": member.name}


def member_spec(member: Member) -> dict[str, str]:
    """A member as the record holds it."""
    place = {"namespace": member.namespace} if member.namespace else {}
    return {"kind": member.kind, "name": member.name, **place, "role": member.role}


def shown(record: dict) -> dict[str, Any]:
    """A project in the words of the options."""
    project, meta = of(record), record["metadata"]
    return {
        "name": project.name, "display_name": project.spec.get("displayName", ""), "description": project.spec.get("description", ""),
        "members": [member_spec(member) for member in project.members],
        "workspaces": [{"cluster": cluster, "namespace": namespace} for cluster, namespace in project.workspaces],
        "template": {option: project.template[key] for option, key in TEMPLATE.items() if key in project.template},
        "members_pending": PENDING in (meta.get("annotations") or {}),
    }
