# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights in raw/ (manual 7.3.1.3): what reaches beyond an instance's own namespace needs a written reason.

The reason is the annotation operators.apusic.com/reason on the Role, ClusterRole, binding, webhook or ClusterServiceVersion: one sentence for
the manager who lists the package. With it the finding is a hint that repeats the sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name
from ._objects import REASON, get, group, kind, maps, note_unless_reasoned, object_name, text, texts

_REASON = f"Narrow it, or say why it must be so in the annotation {REASON}"
RULES = {
    "RBAC-001": Rule(ERROR, "no role may do everything", _REASON),
    "RBAC-002": Rule(WARNING, "rights name their verbs, resources and API groups", _REASON),
    "RBAC-003": Rule(HINT, "rights to the package's own kinds name verbs and resources", "Name them"),
    "RBAC-004": Rule(ERROR, "no role may escalate, bind or impersonate", _REASON),
    "RBAC-005": Rule(ERROR, "no role reads the Secrets of all namespaces", f"Bind it in the namespaces it works on, or say why not in the annotation {REASON}"),
    "RBAC-006": Rule(WARNING, "no role runs commands in pods or opens ports to them", _REASON),
    "RBAC-007": Rule(WARNING, "no role reaches nodes, signs certificates or makes tokens of accounts", _REASON),
    "RBAC-008": Rule(ERROR, "nobody is bound to cluster-admin", f"Bind to a role of its own, or say why not in the annotation {REASON}"),
    "RBAC-009": Rule(ERROR, "roles are bound to accounts, not to everybody", "Name the ServiceAccount that needs the rights"),
    "RBAC-010": Rule(WARNING, "webhooks see the package's own kinds only", f"Narrow rules or namespaceSelector, or say why not in the annotation {REASON}"),
    "RBAC-011": Rule(WARNING, "a Helm package deploys into a namespace only", f"Leave it to the manager, or say why not in the annotation {REASON}"),
    "RBAC-012": Rule(HINT, "rights with a written reason", "Read the reason before the package is listed"),
}

CLUSTER_SCOPED = frozenset({
    "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterIssuer", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition",
    "DeviceClass", "FlowSchema", "GatewayClass", "IngressClass", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
    "Namespace", "Node", "PersistentVolume", "PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration", "VolumeAttachment", "VolumeAttributesClass",
    "VolumeSnapshotClass", "VolumeSnapshotContent",
})
_ADMIN = "cluster-admin"
_EVERYBODY = frozenset({"system:authenticated", "system:unauthenticated", "system:anonymous", "system:serviceaccounts", "*"})
_READ, _WRITE = {"get", "list", "watch"}, {"create", "update", "patch"}
_RBAC = "rbac.authorization.k8s.io"
# Rule, API group, resources, verbs of which one is enough, what it comes to.
_POWERS = (
    ("RBAC-004", _RBAC, {"roles", "clusterroles"}, {"escalate"}, "give itself any right (escalate)"),
    ("RBAC-004", _RBAC, {"roles", "clusterroles"}, {"bind"}, "hand out rights it does not have (bind)"),
    ("RBAC-004", "", {"users", "groups", "serviceaccounts"}, {"impersonate"}, "act as somebody else (impersonate)"),
    ("RBAC-006", "", {"pods/exec", "pods/attach", "pods/portforward"}, {"create", "get"}, "run commands in pods or open ports to them"),
    ("RBAC-007", "", {"nodes/proxy"}, _READ | _WRITE, "command the nodes (nodes/proxy)"),
    ("RBAC-007", "", {"serviceaccounts/token"}, {"create"}, "make tokens of accounts (serviceaccounts/token)"),
    ("RBAC-007", "certificates.k8s.io", {"certificatesigningrequests/approval", "signers"}, {"update", "patch", "approve", "sign"}, "approve certificates"),
)


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes rights that need a reason, whom they are bound to, and cluster-scoped objects of a Helm package."""
    crds = [*package.crds, *(placed.object for placed in objects if kind(placed.object) == "CustomResourceDefinition")]
    own = {text(get(crd, "spec", "group")) for crd in crds} | {item.name.partition(".")[2] for item in package.owned}
    # A package cannot make Kubernetes' own groups its own by naming them.
    own = {found for found in own if "." in found and not found.endswith("k8s.io")}
    scoped = {(text(get(crd, "spec", "group")), text(get(crd, "spec", "names", "kind"))) for crd in crds if get(crd, "spec", "scope") == "Cluster"}
    wide = {text(get(placed.object, "roleRef", "name")) for placed in objects if kind(placed.object) == "ClusterRoleBinding"}
    for placed in objects:
        what = kind(placed.object)
        if what in ("Role", "ClusterRole"):
            _check_role(placed, own, what == "ClusterRole" and object_name(placed.object) in wide, report)
        elif what in ("RoleBinding", "ClusterRoleBinding"):
            _check_binding(placed, report)
        elif what in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"):
            _check_webhooks(placed, own, report)
        if package.mode == "helm" and _cluster_scoped(placed.object, scoped):
            _add(report, "RBAC-011", f"{name(placed)} is cluster-scoped; consumers deploy into a namespace only", placed, ("kind",))


def _cluster_scoped(item: dict, scoped: set[tuple[str, str]]) -> bool:
    # Names such as Node occur in other people's groups too.
    known = group(item) in ("", "policy", "extensions", "cert-manager.io") or group(item).endswith("k8s.io")
    return known and kind(item) in CLUSTER_SCOPED or (group(item), kind(item)) in scoped


def _check_role(placed: Placed, own: set[str], wide: bool, report: Report) -> None:
    for index, rule in maps(placed.object.get("rules")):
        steps = ("rules", index)
        verbs, resources, groups = (set(texts(rule.get(key))) for key in ("verbs", "resources", "apiGroups"))
        if "*" in verbs and "*" in resources and "*" in groups:
            _add(report, "RBAC-001", f"{name(placed)} may do everything", placed, steps)
            continue
        _check_wildcards(placed, rule, steps, own, report)
        # In one namespace a wildcard gives little that is not there already; who writes escalate means it.
        for number, powers in _powers(verbs if kind(placed.object) == "ClusterRole" else verbs - {"*"}, resources, groups):
            # Rights to objects named one by one reach no others.
            if powers and not (texts(rule.get("resourceNames")) and number != "RBAC-004"):
                _add(report, number, f"{name(placed)} may {' and '.join(powers)}", placed, (*steps, "resources"))
        secrets = resources & {"secrets", "*"} and groups & {"", "*"} and verbs & (_READ | {"*"})
        if wide and secrets and not texts(rule.get("resourceNames")):
            _add(report, "RBAC-005", f"{name(placed)} may read the Secrets of all namespaces", placed, (*steps, "resources"))


def _check_wildcards(placed: Placed, rule: dict, steps: tuple, own: set[str], report: Report) -> None:
    wild = [key for key in ("verbs", "resources", "apiGroups", "nonResourceURLs") if "*" in texts(rule.get(key))]
    if wild:
        groups = texts(rule.get("apiGroups"))
        number = "RBAC-003" if groups and own.issuperset(groups) else "RBAC-002"
        _add(report, number, f"{name(placed)} has a wildcard in {', '.join(wild)}", placed, (*steps, wild[0]))


def _powers(verbs: set[str], resources: set[str], groups: set[str]) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for number, of_group, of_resources, of_verbs, what in _POWERS:
        # A wildcard for all resources is a finding of its own, and says enough about the lesser powers.
        of_resources = of_resources | {"*"} if number == "RBAC-004" else of_resources
        if groups & {of_group, "*"} and resources & of_resources and verbs & (of_verbs | {"*"}):
            found.setdefault(number, []).append(what)
    yield from found.items()


def _check_binding(placed: Placed, report: Report) -> None:
    role = get(placed.object, "roleRef", "name")
    if role == _ADMIN:
        _add(report, "RBAC-008", f"{name(placed)} gives the rights of cluster-admin", placed, ("roleRef", "name"))
    for index, subject in maps(placed.object.get("subjects")):
        who = subject.get("name")
        if subject.get("kind") in ("Group", "User") and isinstance(who, str) and who in _EVERYBODY:
            _add(report, "RBAC-009", f"{name(placed)} gives rights to everybody in {shown(who)}", placed, ("subjects", index, "name"))


def _check_webhooks(placed: Placed, own: set[str], report: Report) -> None:
    for index, webhook in maps(placed.object.get("webhooks")):
        others = sorted({found for _number, rule in maps(webhook.get("rules")) for found in texts(rule.get("apiGroups"))} - own)
        # One that looks at labelled namespaces or objects only was narrowed on purpose.
        if others and not get(webhook, "namespaceSelector", "matchLabels") and not get(webhook, "objectSelector", "matchLabels"):
            groups = ", ".join({"*": "all API groups", "": "the core group"}.get(found, shown(found)) for found in others[:5])
            _add(report, "RBAC-010", f"{name(placed)} sees kinds that are not the package's own: {groups}", placed, ("webhooks", index, "rules"))


def _add(report: Report, rule: str, message: str, placed: Placed, steps: tuple) -> None:
    note_unless_reasoned(report, rule, "RBAC-012", message, placed, steps)
