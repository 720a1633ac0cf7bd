# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What consumers, managers and developers may do (DESIGN section 7): named resources and verbs, never ``*``."""

from __future__ import annotations

from ..api import GROUP

SYSTEM = "acmp-system"
INCOMING = "acmp-incoming"
CATALOG = "acmp-catalog"

# Groups that an identity provider, or a certificate, names.
MANAGERS = "acmp:managers"
DEVELOPERS = "acmp:developers"

_READ = ["get", "list", "watch"]
_WRITE = [*_READ, "create", "update", "patch", "delete"]
_RBAC = "rbac.authorization.k8s.io"


def _rule(groups: list[str], resources: list[str], verbs: list[str], names: list[str] | None = None) -> dict:
    rule = {"apiGroups": groups, "resources": resources, "verbs": verbs}
    return {**rule, "resourceNames": names} if names else rule


# Bound in a workspace's namespace: everything an instance consists of.
_CONSUMER = [
    _rule([GROUP], ["instances", "instancerevisions", "operations"], _WRITE),
    _rule([GROUP], ["instances/status", "instancerevisions/status", "operations/status"], ["get", "update", "patch"]),
    # Bound in a namespace it means that namespace alone: whether it exists is the first question of a deployment.
    _rule([""], ["namespaces"], ["get"]),
    _rule([""], ["configmaps", "persistentvolumeclaims", "secrets", "serviceaccounts", "services"], _WRITE),
    _rule([""], ["pods"], [*_READ, "delete"]),
    _rule([""], ["endpoints", "events", "limitranges", "pods/log", "resourcequotas"], _READ),
    _rule(["apps"], ["daemonsets", "deployments", "statefulsets"], _WRITE),
    _rule(["apps"], ["replicasets"], _READ),
    _rule(["batch"], ["cronjobs", "jobs"], _WRITE),
    _rule(["autoscaling"], ["horizontalpodautoscalers"], _WRITE),
    _rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], _WRITE),
    _rule(["policy"], ["poddisruptionbudgets"], _WRITE),
    _rule(["discovery.k8s.io"], ["endpointslices"], _READ),
    _rule(["coordination.k8s.io"], ["leases"], _WRITE),
]

# Bound to every signed-in user: what deploying has to know of the cluster.
_EVERYONE = [
    _rule([""], ["namespaces"], ["get"], ["kube-system"]),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
    _rule(["scheduling.k8s.io"], ["priorityclasses"], _READ),
]

# Bound cluster-wide. A manager who also deploys is a member of a workspace: nothing here reads a workspace's Secrets.
_MANAGER = [
    _rule([GROUP], ["packages"], _WRITE),
    _rule([GROUP], ["packages/status"], ["get", "update", "patch"]),
    _rule([GROUP], ["instances", "instancerevisions", "operations"], _READ),
    _rule([""], ["namespaces"], _WRITE),
    _rule([""], ["limitranges", "resourcequotas"], _WRITE),
    _rule([""], ["nodes", "persistentvolumes"], _READ),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
    _rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], _READ),
    _rule([_RBAC], ["rolebindings"], _WRITE),
    _rule([_RBAC], ["clusterroles"], ["bind"], ["acmp-consumer", "acmp-developer"]),
]

# Bound to managers in the two namespaces that hold packages.
_LIBRARIAN = [
    _rule([""], ["configmaps"], _WRITE),
    _rule(["coordination.k8s.io"], ["leases"], _WRITE),
]

# Bound in the namespace of uploads: a developer adds packages, and cannot touch what is listed.
_DEVELOPER = [
    _rule([GROUP], ["packages"], _WRITE),
    _rule([GROUP], ["packages/status"], ["get", "update", "patch"]),
    _rule([""], ["configmaps"], [*_READ, "create", "delete"]),
]

_READER = [
    _rule([GROUP], ["packages"], _READ),
    _rule([""], ["configmaps"], _READ),
]


def _meta(name: str, namespace: str | None = None, **labels: str) -> dict:
    meta: dict = {"name": name, "labels": {"app.kubernetes.io/part-of": "acmp", **labels}}
    return {**meta, "namespace": namespace} if namespace else meta


def _role(name: str, rules: list[dict], namespace: str | None = None) -> dict:
    kind = "Role" if namespace else "ClusterRole"
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": _meta(name, namespace), "rules": rules}


def _binding(name: str, role_kind: str, role: str, group: str, namespace: str | None = None) -> dict:
    return {
        "apiVersion": f"{_RBAC}/v1", "kind": "RoleBinding" if namespace else "ClusterRoleBinding", "metadata": _meta(name, namespace),
        "roleRef": {"apiGroup": _RBAC, "kind": role_kind, "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": group}],
    }


def objects() -> list[dict]:
    """Namespaces, ClusterRoles and bindings of the platform."""
    spaces = [{"apiVersion": "v1", "kind": "Namespace", "metadata": _meta(name)} for name in (SYSTEM, INCOMING, CATALOG)]
    everyone = "system:authenticated"
    return [
        *spaces,
        _role("acmp-consumer", _CONSUMER),
        _role("acmp-manager", _MANAGER),
        _role("acmp-developer", _DEVELOPER),
        _role("acmp-everyone", _EVERYONE),
        _role("acmp-librarian", _LIBRARIAN),
        _role("acmp-catalog-reader", _READER, CATALOG),
        _binding("acmp-managers", "ClusterRole", "acmp-manager", MANAGERS),
        _binding("acmp-managers", "ClusterRole", "acmp-librarian", MANAGERS, CATALOG),
        _binding("acmp-managers", "ClusterRole", "acmp-librarian", MANAGERS, INCOMING),
        _binding("acmp-developers", "ClusterRole", "acmp-developer", DEVELOPERS, INCOMING),
        _binding("acmp-everyone", "ClusterRole", "acmp-everyone", everyone),
        _binding("acmp-catalog-reader", "Role", "acmp-catalog-reader", everyone, CATALOG),
    ]
