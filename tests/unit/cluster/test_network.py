# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who enforces NetworkPolicies, by pods, nodes and API groups: one judgement for clusters and workspaces."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import network


def node(version="v1.35.0"):
    return {"metadata": {"name": "n1"}, "status": {"nodeInfo": {"kubeletVersion": version}}}


def owned(name, image="x", network=True, kind="DaemonSet"):
    return {
        "metadata": {"name": "p", "ownerReferences": [{"kind": kind, "name": name}]},
        "spec": {"hostNetwork": network, "containers": [{"name": "c", "image": image}]},
    }


@pytest.mark.parametrize(("pods", "enforced", "by"), [
    ([owned("calico-node")], "yes", "calico"), ([owned("cilium")], "yes", "cilium"), ([owned("antrea-agent")], "yes", "antrea"),
    ([owned("weave-net")], "yes", "weave"), ([owned("kube-flannel-ds"), owned("calico-node")], "yes", "calico"),
    ([owned("kindnet", "docker.io/kindest/kindnetd:v20241212-9f82dd49")], "yes", "kindnet"),
    ([owned("kindnet", "docker.io/kindest/kindnetd:v20230511-dc714da8")], "no", "kindnet does not"),
    ([owned("kube-flannel-ds")], "no", "flannel does not"), ([owned("aws-node", "amazon-k8s-cni")], "unknown", "none of the known"),
    ([owned("aws-node", "x/aws-network-policy-agent:v1")], "yes", "aws-network-policy-agent"),
    # A team's own pods may be called anything.
    ([owned("calico-node", network=False)], "unknown", "none"), ([owned("calico-node", kind="ReplicaSet")], "unknown", "none"),
    ([], "unknown", "none of the known"),
    (None, "unknown", "needs list pods"),
])
def test_who_enforces_network_policies(pods, enforced, by):
    found = network.judge(["apps"], [node()], pods)
    assert found["enforced"] == enforced and by in found["by"]


def test_k3s_has_it_built_in():
    assert network.judge([], [node(version="v1.31.2+k3s1")], [])["enforced"] == "yes"


def test_api_groups_tell_it_to_who_may_see_no_pods():
    assert network.judge(["apps", "cilium.io"]) == {"enforced": "yes", "by": "cilium"}
    assert network.judge(["crd.projectcalico.org"], [node()], [])["by"] == "calico"
    # What runs is better known than what once was installed.
    assert network.judge(["crd.projectcalico.org"], [node()], [owned("kube-flannel-ds")])["enforced"] == "no"
    assert network.judge(["apps"])["enforced"] == "unknown" == network.judge(None, [], None)["enforced"]
