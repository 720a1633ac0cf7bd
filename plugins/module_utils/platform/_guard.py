# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: admission policies for what RBAC alone cannot say.

A manager makes namespaces and binds roles in them, so the right to do so is one for the whole cluster; without policies it would be a way into
kube-system. Two of them bind who holds the ClusterRole acmp-manager and is no cluster administrator, and nobody else.
A member of a workspace makes Secrets and workloads in it, and so could make a token of the workspace's own service account that never ends, and outlasts
the membership. The third forbids everybody to use that account for anything but the platform's tokens, which end.
"""

from __future__ import annotations

from ..api import GROUP
from ..rights import (
    CLUSTER_ACCOUNT, CREDENTIALS, DEFAULT_ACCOUNT, ISOLATION, MANAGERS, MANAGERS_BINDING, MARKER, MEMBERS_BINDING, PROJECT_LABEL, PULL_SECRET, RBAC, SYSTEM,
    WORKSPACE_ACCOUNT,
)

API = "admissionregistration.k8s.io/v1"
KIND = "ValidatingAdmissionPolicy"
SECURITY = "pod-security.kubernetes.io/enforce"

_WRITES = ["CREATE", "UPDATE", "DELETE"]
_WHO = (
    f"authorizer.group('{GROUP}').resource('clusters').check('{MARKER}').allowed()"
    f" && !authorizer.group('{RBAC}').resource('clusterroles').check('escalate').allowed()"
)
_RESERVED = "^(kube-.*|openshift-.*|default|acmp-(system|incoming|catalog|operators))$"
_HAND_OVER = f"a cluster administrator hands a namespace over with the label {PROJECT_LABEL}=PROJECT"
_LEVEL = f"'{SECURITY}' in variables.{{0}} ? variables.{{0}}['{SECURITY}'] : ''"
_LABELS = "has({0}.metadata.labels) ? {0}.metadata.labels : {{}}"


def objects() -> list[dict]:
    """The policies and their bindings; for clusters that serve ValidatingAdmissionPolicy (Kubernetes 1.30 and later)."""
    managers = [{"name": "managers", "expression": _WHO}]
    return [
        *_policy("acmp-managers", _inside(), managers), *_policy("acmp-managers-namespaces", _namespaces(), managers),
        *_policy("acmp-workspace-account", _account(), []),
    ]


def warning(server: str) -> str:
    """What is said where such policies are not served."""
    return (
        f"The cluster {server} knows no {KIND} (Kubernetes 1.30 or later does): whoever is in the group {MANAGERS} can give themselves every right there, so "
        "choose them as you choose cluster administrators; and who leaves a workspace may have made a token of it that does not end")


def _inside() -> dict:
    """What managers write inside namespaces; by name where rights.py names it, so that what else they may do somewhere stays as it is."""
    own = f"'system:serviceaccount:{SYSTEM}:{CLUSTER_ACCOUNT}'"
    return {
        "matchConstraints": {"resourceRules": [
            _rule([RBAC], ["rolebindings"], [MEMBERS_BINDING, MANAGERS_BINDING]),
            _rule([""], ["limitranges", "resourcequotas"]),
            _rule(["networking.k8s.io"], ["networkpolicies"], [ISOLATION]),
            _rule([""], ["serviceaccounts", "serviceaccounts/token"], [WORKSPACE_ACCOUNT, DEFAULT_ACCOUNT]),
            _rule([""], ["secrets"], [*CREDENTIALS, PULL_SECRET]),
        ]},
        "validations": [{
            "expression": f"has(namespaceObject.metadata.labels) && '{PROJECT_LABEL}' in namespaceObject.metadata.labels"
                          # The account of a registered cluster renews its own token there.
                          f" || request.namespace == '{SYSTEM}' && request.resource.resource == 'secrets' && request.userInfo.username == {own}",
            "messageExpression": f"'managers do this in namespaces of projects alone, and ' + request.namespace + ' is none; {_HAND_OVER}'",
            "reason": "Forbidden",
        }],
    }


def _namespaces() -> dict:
    """Which namespaces managers make, change and delete."""
    return {
        "matchConstraints": {"resourceRules": [_rule([""], ["namespaces"])]},
        "variables": [
            {"name": "before", "expression": f"request.operation == 'CREATE' ? {{}} : ({_LABELS.format('oldObject')})"},
            {"name": "after", "expression": f"request.operation == 'DELETE' ? {{}} : ({_LABELS.format('object')})"},
            {"name": "level", "expression": _LEVEL.format("after")},
        ],
        "validations": [
            {
                "expression": f"'{PROJECT_LABEL}' in (request.operation == 'CREATE' ? variables.after : variables.before)",
                "messageExpression": f"'managers make, change and delete namespaces of projects alone, and ' + request.name + ' is none; {_HAND_OVER}'",
                "reason": "Forbidden",
            },
            {
                "expression": f"request.operation != 'CREATE' || !object.metadata.name.matches('{_RESERVED}')",
                "message": "names of system namespaces are not for projects",
                "reason": "Forbidden",
            },
            {
                # Pods of the level privileged reach the node, and with it every Secret of the cluster.
                "expression": "request.operation == 'DELETE' || variables.level in ['baseline', 'restricted']"
                              f" || request.operation == 'UPDATE' && variables.level == ({_LEVEL.format('before')})",
                "message": f"managers give namespaces the Pod Security level baseline or restricted (label {SECURITY}); an administrator gives any other",
                "reason": "Forbidden",
            },
        ],
    }


def _account() -> dict:
    """Tokens and pods of the workspaces' own service account, in namespaces of projects."""
    note = "kubernetes.io/service-account.name"
    named = f"has(object.metadata.annotations) && '{note}' in object.metadata.annotations && object.metadata.annotations['{note}'] == '{WORKSPACE_ACCOUNT}'"
    return {
        "matchConstraints": {
            "namespaceSelector": {"matchExpressions": [{"key": PROJECT_LABEL, "operator": "Exists"}]},
            "resourceRules": [_rule([""], ["secrets"], operations=["CREATE", "UPDATE"]), _rule([""], ["pods"], operations=["CREATE"])],
        },
        "validations": [{
            "expression": "request.resource.resource == 'pods'"
                          f" ? !(has(object.spec.serviceAccountName) && object.spec.serviceAccountName == '{WORKSPACE_ACCOUNT}')"
                          f" : !(has(object.type) && object.type == 'kubernetes.io/service-account-token' && {named})",
            "message": f"the service account {WORKSPACE_ACCOUNT} is the platform's: nobody else makes tokens of it, or pods with it",
            "reason": "Forbidden",
        }],
    }


def _rule(groups: list[str], resources: list[str], names: list[str] | None = None, operations: list[str] | None = None) -> dict:
    rule = {"apiGroups": groups, "apiVersions": ["*"], "operations": operations or _WRITES, "resources": resources}
    return {**rule, "resourceNames": names} if names else rule


def _policy(name: str, spec: dict, conditions: list[dict]) -> list[dict]:
    """conditions: for whom; everybody where there is none."""
    meta = {"name": name, "labels": {"app.kubernetes.io/part-of": "acmp"}}
    spec = {"failurePolicy": "Fail", **({"matchConditions": conditions} if conditions else {}), **spec}
    return [
        {"apiVersion": API, "kind": KIND, "metadata": meta, "spec": spec},
        {"apiVersion": API, "kind": f"{KIND}Binding", "metadata": meta, "spec": {"policyName": name, "validationActions": ["Deny"]}},
    ]
