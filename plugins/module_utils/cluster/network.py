# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a cluster heeds NetworkPolicies: every API server takes them, and only some networks act on them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

# Owners of pods (DaemonSets, Deployments) that enforce NetworkPolicies, as their projects name them.
_ENFORCERS = {
    "calico-node": "calico", "canal": "calico (canal)", "rke2-canal": "calico (canal)", "cilium": "cilium", "anetd": "cilium (GKE Dataplane V2)",
    "antrea-agent": "antrea", "kube-router": "kube-router", "weave-net": "weave", "kube-network-policies": "kube-network-policies",
    "ovnkube-node": "ovn-kubernetes",
    "azure-npm": "azure-npm", "romana-agent": "romana", "kube-ovn-cni": "kube-ovn",
}
# They connect pods and leave policies to others.
_WITHOUT = {"kube-flannel-ds": "flannel", "kube-flannel": "flannel"}
_KINDNET_SINCE = 20240813
# API groups of the same. What is left of one that was removed counts less than a pod.
_GROUPS = {
    "crd.projectcalico.org": "calico", "projectcalico.org": "calico", "cilium.io": "cilium", "crd.antrea.io": "antrea", "k8s.ovn.org": "ovn-kubernetes",
    "kubeovn.io": "kube-ovn", "networking.k8s.aws": "aws-network-policy-agent", "k3s.cattle.io": "k3s (kube-router)",
}


def groups(kube: Any) -> list[str]:
    """The API groups that a cluster serves; one request, which everybody may make."""
    return [str(group.get("name")) for group in kube.raw("GET", "/apis").json().get("groups") or []]


def enforcer(kube: Any) -> str:
    """Who enforces NetworkPolicies, for callers who may look at neither nodes nor pods; empty where nothing known does."""
    found = judge(groups(kube))
    return found["by"] if found["enforced"] == "yes" else ""


def warning(cluster: str) -> str:
    """What is said where nothing is known to enforce them."""
    return f"Nothing that is known to enforce NetworkPolicies was found on cluster {cluster}: isolated workspaces may be open"


def judge(groups: Iterable[str] | None, nodes: Iterable[Mapping] = (), pods: Iterable[Mapping] | None = None) -> dict[str, str]:
    """PURE: {"enforced": "yes"|"no"|"unknown", "by": ...}: who enforces NetworkPolicies.

    Judged by the known controllers among the pods that serve the nodes, and by the API groups that they bring; None where these may not be read.
    """
    if any("+k3s" in str(((node.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion")) for node in nodes):
        return {"enforced": "yes", "by": "k3s (kube-router), unless it was started with --disable-network-policy"}
    seen = _by_pods(pods or ())
    if seen:
        return seen
    by = next((_GROUPS[group] for group in groups or () if group in _GROUPS), "")
    if by:
        return {"enforced": "yes", "by": by}
    return {"enforced": "unknown", "by": "not checked (needs list pods)" if pods is None else "none of the known controllers was found"}


def _by_pods(pods: Iterable[Mapping]) -> dict[str, str] | None:
    owners: dict[str, Mapping] = {}
    for pod in pods:
        for owner in pod["metadata"].get("ownerReferences") or []:
            # A team's own pod may be called anything; these run on the network of their nodes.
            if owner.get("kind") == "DaemonSet" and (pod.get("spec") or {}).get("hostNetwork"):
                owners.setdefault(owner["name"], pod)
    for name, pod in owners.items():
        if name in _ENFORCERS:
            return {"enforced": "yes", "by": _ENFORCERS[name]}
        if name == "kindnet" and _kindnet_enforces(pod):
            return {"enforced": "yes", "by": "kindnet"}
        if name == "aws-node" and any("aws-network-policy-agent" in image for image in _images(pod)):
            return {"enforced": "yes", "by": "aws-network-policy-agent"}
    plain = next((_WITHOUT[name] for name in owners if name in _WITHOUT), None) or ("kindnet" if "kindnet" in owners else None)
    return {"enforced": "no", "by": f"{plain} does not"} if plain else None


def _kindnet_enforces(pod: Mapping) -> bool:
    dates = [int(match[1]) for image in _images(pod) if (match := re.search(r":v(20\d{6})", image))]
    return bool(dates) and max(dates) >= _KINDNET_SINCE


def _images(pod: Mapping) -> list[str]:
    return [str(container.get("image")) for container in (pod.get("spec") or {}).get("containers") or []]
