# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles of rights.py as objects: ClusterRoles, the platform's namespaces, and who is bound where (DESIGN section 7)."""

from __future__ import annotations

from ..rights import (
    CATALOG, CLUSTER_ACCOUNT, CONSUMER, CREDENTIALS, DEVELOPER, DEVELOPERS, ENROLLER, EVERYONE, INCOMING, KEEPER, LIBRARIAN, MANAGER, MANAGERS,
    MANAGERS_BINDING, MEMBERS_BINDING, PROJECT_LABEL, PROJECT_SPACES, PULL_SECRET, RBAC, READER, RENEWER, SYSTEM, TICK_ACCOUNT, WORKSPACE_ACCOUNT,
)

__all__ = [
    "CATALOG", "CLUSTER_ACCOUNT", "CREDENTIALS", "DEVELOPERS", "INCOMING", "MANAGERS", "MANAGERS_BINDING", "MEMBERS_BINDING", "PROJECT_LABEL", "PULL_SECRET",
    "SYSTEM", "TICK_ACCOUNT", "WORKSPACE_ACCOUNT", "objects", "project_objects", "project_space", "workload_objects",
]


def _meta(name: str, namespace: str | None = None, **labels: str) -> dict:
    meta: dict = {"name": name, "labels": {"app.kubernetes.io/part-of": "acmp", **labels}}
    return {**meta, "namespace": namespace} if namespace else meta


def _role(name: str, rules: list[dict], namespace: str | None = None) -> dict:
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": _meta(name, namespace), "rules": rules}


def _binding(name: str, role_kind: str, role: str, subjects: list[dict], namespace: str | None = None) -> dict:
    return {
        "apiVersion": f"{RBAC}/v1", "kind": "RoleBinding" if namespace else "ClusterRoleBinding", "metadata": _meta(name, namespace),
        "roleRef": {"apiGroup": RBAC, "kind": role_kind, "name": role}, "subjects": subjects,
    }


def _group(name: str) -> list[dict]:
    return [{"apiGroup": RBAC, "kind": "Group", "name": name}]


def _namespace(name: str, **labels: str) -> dict:
    # Whatever runs in the platform's own namespaces needs nothing of the node.
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": _meta(name, **{"pod-security.kubernetes.io/enforce": "restricted"}, **labels)}


_EVERYBODY = "system:authenticated"


def objects() -> list[dict]:
    """Namespaces, ClusterRoles and bindings of the management cluster."""
    return [
        *(_namespace(name) for name in (SYSTEM, INCOMING, CATALOG)),
        *_cluster_roles(),
        _role("acmp-developer", DEVELOPER),
        _role("acmp-librarian", LIBRARIAN),
        _role("acmp-keeper", KEEPER),
        _role("acmp-catalog-reader", READER, CATALOG),
        _role("acmp-enroller", ENROLLER, INCOMING),
        _binding("acmp-managers", "ClusterRole", "acmp-keeper", _group(MANAGERS), SYSTEM),
        _binding("acmp-managers", "ClusterRole", "acmp-librarian", _group(MANAGERS), CATALOG),
        _binding("acmp-managers", "ClusterRole", "acmp-librarian", _group(MANAGERS), INCOMING),
        _binding("acmp-enrollers", "Role", "acmp-enroller", _group(MANAGERS), INCOMING),
        _binding("acmp-developers", "ClusterRole", "acmp-developer", _group(DEVELOPERS), INCOMING),
        _binding("acmp-catalog-reader", "Role", "acmp-catalog-reader", _group(_EVERYBODY), CATALOG),
    ]


def workload_objects() -> list[dict]:
    """The same for a registered cluster: no catalog, and the service account through which the platform works there."""
    account = [{"kind": "ServiceAccount", "name": CLUSTER_ACCOUNT, "namespace": SYSTEM}]
    return [
        _namespace(SYSTEM),
        *_cluster_roles(),
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _meta(CLUSTER_ACCOUNT, SYSTEM), "automountServiceAccountToken": False},
        _role("acmp-renewer", RENEWER, SYSTEM),
        _binding("acmp-platform", "ClusterRole", "acmp-manager", account),
        _binding("acmp-renewer", "Role", "acmp-renewer", account, SYSTEM),
    ]


def project_objects(project: str) -> list[dict]:
    """The namespace that keeps a project's credentials, and the managers' right to it."""
    space = project_space(project)
    keepers = [*_group(MANAGERS), {"kind": "ServiceAccount", "name": TICK_ACCOUNT, "namespace": SYSTEM}]
    binding = _binding("acmp-managers", "ClusterRole", "acmp-keeper", keepers, space)
    binding["metadata"]["labels"][PROJECT_LABEL] = project
    return [_namespace(space, **{PROJECT_LABEL: project}), binding]


def project_space(project: str) -> str:
    """The namespace of a project's credentials on the management cluster."""
    return f"{PROJECT_SPACES}{project}"


def _cluster_roles() -> list[dict]:
    return [
        _role("acmp-consumer", CONSUMER),
        _role("acmp-manager", MANAGER),
        _role("acmp-everyone", EVERYONE),
        _binding("acmp-managers", "ClusterRole", "acmp-manager", _group(MANAGERS)),
        _binding("acmp-everyone", "ClusterRole", "acmp-everyone", _group(_EVERYBODY)),
    ]
