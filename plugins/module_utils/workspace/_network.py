# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a cluster heeds NetworkPolicies: every API server takes them, and only some networks act on them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

# API groups of what enforces them.
_ENFORCERS = {
    "crd.projectcalico.org": "Calico", "projectcalico.org": "Calico", "cilium.io": "Cilium", "crd.antrea.io": "Antrea", "k8s.ovn.org": "OVN-Kubernetes",
    "kubeovn.io": "Kube-OVN", "networking.k8s.aws": "Amazon VPC CNI", "k3s.cattle.io": "k3s",
}


def enforced_by(groups: Iterable[str]) -> str:
    """PURE: the name of what enforces NetworkPolicies on a cluster that serves these API groups, empty where nothing known does."""
    return next((_ENFORCERS[group] for group in groups if group in _ENFORCERS), "")


def enforcer(kube: Any) -> str:
    """The same for a cluster, by one request."""
    return enforced_by(str(group.get("name")) for group in kube.raw("GET", "/apis").json().get("groups") or [])


def warning(cluster: str) -> str:
    """What is said where nothing is known to enforce them."""
    return f"Nothing that is known to enforce NetworkPolicies was found on cluster {cluster}: isolated workspaces may be open"
