# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each role may do (DESIGN section 7), as rules of Kubernetes: named resources and verbs, never ``*``; and who grants a right that is missing. PURE."""

from __future__ import annotations

from .api import GROUP

PROJECT_LABEL = f"{GROUP}/project"

SYSTEM = "acmp-system"
INCOMING = "acmp-incoming"
CATALOG = "acmp-catalog"
PROJECT_SPACES = "acmp-project-"

# The service account a registered cluster gives the platform (in acmp-system), and the one of each workspace.
CLUSTER_ACCOUNT = "acmp-manager"
WORKSPACE_ACCOUNT = "acmp-workspace"
# The one under which due work is done on the management cluster, where setup was asked for it.
TICK_ACCOUNT = "acmp-tick"
# A service account's token is bound to one of these Secrets: deleting it ends the token. Two names, so that the next is there before the last goes.
CREDENTIALS = ("acmp-credential-a", "acmp-credential-b")
PULL_SECRET = "acmp-pull"
# A workspace's members, and the managers in the namespace of a project's credentials.
MEMBERS_BINDING = "acmp-members"
MANAGERS_BINDING = "acmp-managers"
ISOLATION = "acmp-isolation"
# The account of ordinary pods, which uses the pull secret.
DEFAULT_ACCOUNT = "default"

# Groups that an identity provider, or a certificate, names.
MANAGERS = "acmp:managers"
DEVELOPERS = "acmp:developers"

RBAC = "rbac.authorization.k8s.io"

# A verb nobody asks for: who holds it is a manager, however it came to be bound.
MARKER = "manage"

_READ = ["get", "list", "watch"]
_MAKE = ["create", "patch", "delete"]
_KEEP = [*_READ, *_MAKE]
_WRITE = [*_KEEP, "update"]


def _rule(groups: list[str], resources: list[str], verbs: list[str], names: list[str] | None = None) -> dict:
    rule = {"apiGroups": groups, "resources": resources, "verbs": verbs}
    return {**rule, "resourceNames": names} if names else rule


# Bound in a workspace's namespace: everything an instance consists of.
CONSUMER = [
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
EVERYONE = [
    _rule([""], ["namespaces"], ["get"], ["kube-system"]),
    _rule([GROUP], ["clusters"], _READ),
    # By name only: nobody gets a list of all projects.
    _rule([GROUP], ["projects"], ["get"]),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
    _rule(["scheduling.k8s.io"], ["priorityclasses"], _READ),
]

# Bound cluster-wide. A manager who also deploys is a member of a workspace: nothing here reads a workspace's Secrets. Names are given wherever
# a name is known: created by server-side apply, an object is authorised with its name. platform/_guard.py keeps the rest to namespaces of projects.
MANAGER = [
    _rule([GROUP], ["clusters", "projects"], _KEEP),
    _rule([GROUP], ["clusters"], [MARKER]),
    _rule([GROUP], ["clusters/status", "projects/status"], ["get", "update", "patch"]),
    _rule([GROUP], ["instances", "instancerevisions", "operations"], _READ),
    # What is older than it has to be kept.
    _rule([GROUP], ["operations"], ["delete"]),
    _rule([""], ["namespaces"], _KEEP),
    _rule([""], ["limitranges", "resourcequotas"], _KEEP),
    _rule([""], ["events", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods", "serviceaccounts", "services"], _READ),
    _rule(["metrics.k8s.io"], ["nodes", "pods"], ["get", "list"]),
    _rule(["storage.k8s.io"], ["storageclasses"], _READ),
    _rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], _READ),
    _rule(["networking.k8s.io"], ["networkpolicies"], _READ),
    _rule(["networking.k8s.io"], ["networkpolicies"], _MAKE, [ISOLATION]),
    _rule([RBAC], ["roles", "rolebindings"], _READ),
    _rule([RBAC], ["rolebindings"], _MAKE, [MEMBERS_BINDING, MANAGERS_BINDING]),
    _rule([RBAC], ["clusterroles"], ["bind"], ["acmp-consumer", "acmp-keeper"]),
    # The platform's own on a cluster that it leaves.
    _rule([RBAC], ["clusterrolebindings"], ["delete"], ["acmp-platform"]),
    # A workspace's credential. By these names only: a token of any service account would be a way to every right there is.
    _rule([""], ["serviceaccounts"], _MAKE, [WORKSPACE_ACCOUNT, DEFAULT_ACCOUNT]),
    _rule([""], ["serviceaccounts/token"], ["create"], [WORKSPACE_ACCOUNT]),
    _rule([""], ["secrets"], ["get", "list", *_MAKE], [*CREDENTIALS, PULL_SECRET]),
]

# Bound to managers where the platform keeps credentials: acmp-system, and the namespace of each project.
KEEPER = [
    _rule([""], ["configmaps", "secrets"], _WRITE),
    _rule(["coordination.k8s.io"], ["leases"], _WRITE),
    _rule([RBAC], ["roles", "rolebindings"], _WRITE),
]

# Bound to the platform's own service account on a registered cluster, so that it can renew its token, and leave when the cluster is removed.
RENEWER = [
    _rule([""], ["serviceaccounts"], ["get", "delete"], [CLUSTER_ACCOUNT]),
    _rule([RBAC], ["rolebindings"], ["delete"], ["acmp-renewer"]),
    _rule([""], ["serviceaccounts/token"], ["create"], [CLUSTER_ACCOUNT]),
    _rule([""], ["secrets"], ["get", *_MAKE], list(CREDENTIALS)),
    _rule([""], ["configmaps"], _READ),
]

# Bound to managers in the two namespaces that hold packages.
LIBRARIAN = [
    _rule([GROUP], ["packages"], _WRITE),
    _rule([GROUP], ["packages/status"], ["get", "update", "patch"]),
    _rule([""], ["configmaps"], _WRITE),
    _rule(["coordination.k8s.io"], ["leases"], _WRITE),
    # A project's developers upload.
    _rule([RBAC], ["rolebindings"], _KEEP),
    _rule([RBAC], ["clusterroles"], ["bind"], ["acmp-developer"]),
]

# Bound in the namespace of uploads: a developer adds packages, and cannot touch what is listed.
DEVELOPER = [
    _rule([GROUP], ["packages"], _WRITE),
    _rule([GROUP], ["packages/status"], ["get", "update", "patch"]),
    _rule([""], ["configmaps"], [*_READ, "create", "delete"]),
]

# Bound to managers in the namespace of uploads, so that a project's developers get in there. What they bind, they have to hold themselves.
ENROLLER = [_rule([RBAC], ["rolebindings"], ["create", "patch", "delete"])]

# Bound to everybody in the namespace of listed packages.
READER = [
    _rule([GROUP], ["packages"], _READ),
    _rule([""], ["configmaps"], _READ),
]

# A member's way to the credential of a workspace; which Secret it is, a Role of its own says.
_CREDENTIAL = [_rule([""], ["secrets"], ["get"])]

GRANTS = {
    "consumer": "a manager grants it: acmp_project members (role consumer) or acmp_workspace members",
    "manager": f"somebody of the group {MANAGERS} does this, or a cluster administrator adds you to it",
    "developer": f"somebody of the group {DEVELOPERS} does this, or a cluster administrator adds you to it",
    "administrator": "a cluster administrator does this, or grants it",
}


def granted_by(verb: str, group: str, resource: str, namespace: str | None = None, name: str = "") -> str:
    """The role that has a right, a key of GRANTS: consumer, manager, developer, else administrator.

    resource is the plural, with /subresource; namespace None means the whole cluster.
    """
    asked = (verb, group, resource, name)
    # What everybody has by setup, only who runs setup can give.
    roles = [("administrator", EVERYONE), *_local(namespace or ""), ("manager", MANAGER)]
    return next((role for role, rules in roles if _covers(rules, *asked)), "administrator")


def _local(namespace: str) -> list[tuple[str, list[dict]]]:
    """The roles that are bound in one namespace, least first."""
    if namespace.startswith(PROJECT_SPACES):
        return [("consumer", _CREDENTIAL), ("manager", KEEPER)]
    known = {
        "": [], SYSTEM: [("manager", KEEPER)], INCOMING: [("developer", DEVELOPER), ("manager", [*LIBRARIAN, *ENROLLER])],
        CATALOG: [("administrator", READER), ("manager", LIBRARIAN)],
    }
    return known.get(namespace, [] if namespace.startswith("kube-") else [("consumer", CONSUMER)])


def _covers(rules: list[dict], verb: str, group: str, resource: str, name: str) -> bool:
    return any(
        verb in rule["verbs"] and group in rule["apiGroups"] and resource in rule["resources"] and name in rule.get("resourceNames", [name]) for rule in rules)
