# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which path belongs to a kind: a table for what every cluster has, else the server's aggregated discovery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

# Kubernetes 1.26 knows v2beta1, 1.30 v2; older servers answer with a plain group list.
ACCEPT = ",".join((
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
    "application/json",
))
OWN_GROUP = "operators.apusic.com"


@dataclass(frozen=True)
class Resource:
    """One kind of one API version and where it is served. group is empty for the core group."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str | None = None, name: str | None = None, subresource: str | None = None) -> str:
        """The URL path of the collection or object; namespace is ignored for cluster-scoped kinds, None means all namespaces."""
        parts = ["apis", self.group, self.version] if self.group else ["api", self.version]
        if self.namespaced and namespace is not None:
            parts += ["namespaces", namespace]
        parts.append(self.plural)
        parts += [part for part in (name, subresource) if part]
        return "/" + "/".join(quote(part, safe=":") for part in parts)


def _table() -> dict[tuple[str, str], Resource]:
    # group/version: namespaced kinds | cluster-scoped kinds. Plurals follow the rule of _plural, exceptions after the colon.
    rows = (
        ("v1", "ConfigMap Endpoints:endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service "
               "ServiceAccount", "Namespace Node PersistentVolume"),
        ("apps/v1", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", ""),
        ("batch/v1", "CronJob Job", ""),
        ("autoscaling/v1", "HorizontalPodAutoscaler", ""),
        ("autoscaling/v2", "HorizontalPodAutoscaler", ""),
        ("policy/v1", "PodDisruptionBudget", ""),
        ("networking.k8s.io/v1", "Ingress NetworkPolicy", "IngressClass"),
        ("rbac.authorization.k8s.io/v1", "Role RoleBinding", "ClusterRole ClusterRoleBinding"),
        ("storage.k8s.io/v1", "CSIStorageCapacity:csistoragecapacities", "CSIDriver CSINode StorageClass VolumeAttachment"),
        ("scheduling.k8s.io/v1", "", "PriorityClass"),
        ("coordination.k8s.io/v1", "Lease", ""),
        ("discovery.k8s.io/v1", "EndpointSlice", ""),
        ("events.k8s.io/v1", "Event", ""),
        ("node.k8s.io/v1", "", "RuntimeClass"),
        ("apiextensions.k8s.io/v1", "", "CustomResourceDefinition"),
        ("apiregistration.k8s.io/v1", "", "APIService"),
        ("admissionregistration.k8s.io/v1", "", "MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy "
                                                "ValidatingAdmissionPolicyBinding"),
        ("authentication.k8s.io/v1", "", "SelfSubjectReview TokenReview"),
        ("authorization.k8s.io/v1", "LocalSubjectAccessReview", "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"),
        (f"{OWN_GROUP}/v1alpha1", "Package Instance InstanceRevision Operation Backup", "Project Cluster"),
    )
    table = {}
    for api_version, namespaced, cluster in rows:
        group, version = split(api_version)
        for names, scoped in ((namespaced, True), (cluster, False)):
            for name in names.split():
                kind, _colon, plural = name.partition(":")
                table[api_version, kind] = Resource(group, version, kind, plural or _plural(kind), scoped)
    return table


def _plural(kind: str) -> str:
    word = kind.lower()
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch")) else "s")


def split(api_version: str) -> tuple[str, str]:
    """``apps/v1`` -> ("apps", "v1"), ``v1`` -> ("", "v1")."""
    group, slash, version = api_version.rpartition("/")
    return (group, version) if slash else ("", api_version)


STATIC: Mapping[tuple[str, str], Resource] = _table()


def parse(document: Mapping[str, Any]) -> tuple[dict[tuple[str, str], Resource], frozenset[str]]:
    """(resources by (apiVersion, kind), API versions whose server does not answer) of an APIGroupDiscoveryList.

    Entries without a plural name, a kind or a known scope are left out.
    """
    found: dict[tuple[str, str], Resource] = {}
    stale = set()
    for group, version in _versions(document):
        name = str((group.get("metadata") or {}).get("name") or "")
        api_version = f"{name}/{version['version']}" if name else str(version["version"])
        if version.get("freshness") == "Stale":
            stale.add(api_version)
        for entry in version.get("resources") or []:
            kind = (entry.get("responseKind") or {}).get("kind")
            plural, scope = entry.get("resource"), entry.get("scope")
            if kind and plural and scope in ("Namespaced", "Cluster"):
                found.setdefault((api_version, kind), Resource(name, version["version"], kind, plural, scope == "Namespaced"))
    return found, frozenset(stale)


def _versions(document: Mapping[str, Any]) -> Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for group in document.get("items") or []:
        for version in group.get("versions") or []:
            if version.get("version"):
                yield group, version


def parse_plain(document: Mapping[str, Any]) -> dict[tuple[str, str], Resource]:
    """The same of an APIResourceList (one group version), for servers without aggregated discovery."""
    api_version = str(document.get("groupVersion") or "")
    group, version = split(api_version)
    return {
        (api_version, entry["kind"]): Resource(group, version, entry["kind"], entry["name"], bool(entry.get("namespaced")))
        for entry in document.get("resources") or [] if entry.get("kind") and entry.get("name") and "/" not in entry["name"]
    }


def of_definition(definition: Mapping[str, Any]) -> dict[tuple[str, str], Resource]:
    """The resources a CustomResourceDefinition will serve, so that nobody has to wait for discovery to show them."""
    spec = definition.get("spec") or {}
    names, group = spec.get("names") or {}, spec.get("group") or ""
    return {
        (f"{group}/{version['name']}", names["kind"]): Resource(group, version["name"], names["kind"], names["plural"], spec.get("scope") == "Namespaced")
        for version in spec.get("versions") or [] if version.get("served", True) and names.get("kind") and names.get("plural")
    }
