# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What consumers, managers and developers may do (DESIGN section 7): named resources and verbs, never ``*``."""

from __future__ import annotations

from ..api import GROUP

PROJECT_LABEL = f"{GROUP}/project"

SYSTEM = "acmp-system"
INCOMING = "acmp-incoming"
CATALOG = "acmp-catalog"

# The service account a registered cluster gives the platform (in acmp-system), and the one of each workspace.
CLUSTER_ACCOUNT = "acmp-manager"
WORKSPACE_ACCOUNT = "acmp-workspace"
# A service account's token is bound to one of these Secrets: deleting it ends the token. Two names, so that the next is there before the last goes.
CREDENTIALS = ("acmp-credential-a", "acmp-credential-b")
PULL_SECRET = "acmp-pull"

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
    _rule([GROUP], ["clusters"], _READ),
    # By name only: members see their own project, and nobody a list of all.
    _rule([GROUP], ["projects"], ["get"]),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
    _rule(["scheduling.k8s.io"], ["priorityclasses"], _READ),
]

# Bound cluster-wide. A manager who also deploys is a member of a workspace: nothing here reads a workspace's Secrets.
_MANAGER = [
    _rule([GROUP], ["clusters", "packages", "projects"], _WRITE),
    _rule([GROUP], ["clusters/status", "packages/status", "projects/status"], ["get", "update", "patch"]),
    _rule([GROUP], ["instances", "instancerevisions", "operations"], _READ),
    _rule([""], ["namespaces"], _WRITE),
    _rule([""], ["limitranges", "resourcequotas"], _WRITE),
    _rule([""], ["events", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods", "serviceaccounts", "services"], _READ),
    _rule(["metrics.k8s.io"], ["nodes", "pods"], ["get", "list"]),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
    _rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], _READ),
    _rule(["networking.k8s.io"], ["networkpolicies"], _WRITE),
    _rule([_RBAC], ["rolebindings"], _WRITE),
    _rule([_RBAC], ["clusterroles"], ["bind"], ["acmp-consumer", "acmp-developer", "acmp-keeper"]),
    # A workspace's credential. By these names only: a token of any service account would be a way to every right there is.
    _rule([""], ["serviceaccounts"], ["create", "patch", "delete"], [WORKSPACE_ACCOUNT]),
    _rule([""], ["serviceaccounts/token"], ["create"], [WORKSPACE_ACCOUNT]),
    _rule([""], ["secrets"], ["create", "get", "patch", "delete"], [*CREDENTIALS, PULL_SECRET]),
]

# Bound to managers where the platform keeps credentials: acmp-system, and the namespace of each project.
_KEEPER = [
    _rule([""], ["configmaps", "secrets"], _WRITE),
    _rule(["coordination.k8s.io"], ["leases"], _WRITE),
    _rule([_RBAC], ["roles", "rolebindings"], _WRITE),
]

# Bound to the platform's own service account on a registered cluster, so that it can renew its token.
_RENEWER = [
    _rule([""], ["serviceaccounts"], ["get"], [CLUSTER_ACCOUNT]),
    _rule([""], ["serviceaccounts/token"], ["create"], [CLUSTER_ACCOUNT]),
    _rule([""], ["secrets"], ["create", "get", "patch", "delete"], list(CREDENTIALS)),
    _rule([""], ["configmaps"], _READ),
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


def _binding(name: str, role_kind: str, role: str, subjects: list[dict], namespace: str | None = None) -> dict:
    return {
        "apiVersion": f"{_RBAC}/v1", "kind": "RoleBinding" if namespace else "ClusterRoleBinding", "metadata": _meta(name, namespace),
        "roleRef": {"apiGroup": _RBAC, "kind": role_kind, "name": role}, "subjects": subjects,
    }


def _group(name: str) -> list[dict]:
    return [{"apiGroup": _RBAC, "kind": "Group", "name": name}]


def _namespace(name: str, **labels: str) -> dict:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": _meta(name, **labels)}


_EVERYBODY = "system:authenticated"


def objects() -> list[dict]:
    """Namespaces, ClusterRoles and bindings of the management cluster."""
    return [
        *(_namespace(name) for name in (SYSTEM, INCOMING, CATALOG)),
        *_cluster_roles(),
        _role("acmp-developer", _DEVELOPER),
        _role("acmp-librarian", _LIBRARIAN),
        _role("acmp-keeper", _KEEPER),
        _role("acmp-catalog-reader", _READER, CATALOG),
        _binding("acmp-managers", "ClusterRole", "acmp-keeper", _group(MANAGERS), SYSTEM),
        _binding("acmp-managers", "ClusterRole", "acmp-librarian", _group(MANAGERS), CATALOG),
        _binding("acmp-managers", "ClusterRole", "acmp-librarian", _group(MANAGERS), INCOMING),
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
        _role("acmp-renewer", _RENEWER, SYSTEM),
        _binding("acmp-platform", "ClusterRole", "acmp-manager", account),
        _binding("acmp-renewer", "Role", "acmp-renewer", account, SYSTEM),
    ]


def project_objects(project: str) -> list[dict]:
    """The namespace that keeps a project's credentials, and the managers' right to it."""
    space = project_space(project)
    return [_namespace(space, **{PROJECT_LABEL: project}), _binding("acmp-managers", "ClusterRole", "acmp-keeper", _group(MANAGERS), space)]


def project_space(project: str) -> str:
    """The namespace of a project's credentials on the management cluster."""
    return f"acmp-project-{project}"


def _cluster_roles() -> list[dict]:
    return [
        _role("acmp-consumer", _CONSUMER),
        _role("acmp-manager", _MANAGER),
        _role("acmp-everyone", _EVERYONE),
        _binding("acmp-managers", "ClusterRole", "acmp-manager", _group(MANAGERS)),
        _binding("acmp-everyone", "ClusterRole", "acmp-everyone", _group(_EVERYBODY)),
    ]
