#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_cluster_info
short_description: Look at the registered clusters
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns the registered clusters with their data, nodes, capacity, use, storage classes, credentials and instances.
  - All of them are measured at the same time. One that does not answer is shown so within three seconds, with what was known of it last.
  - Whoever may not reach a cluster sees what M(acmp.middleware.acmp_tick) recorded of it, and how old that is.
options:
  name:
    description: Name of a cluster. All of them without it.
    type: str
  live:
    description: Whether clusters are measured now. With V(false) what is recorded is returned, at the price of one request.
    type: bool
    default: true
  warn_days:
    description:
      - A warning is given for a credential that ends in fewer days.
      - For one that M(acmp.middleware.acmp_tick) renews it is given when less than a third of its life is left, whatever this says.
    type: float
    default: 14
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_cluster
  - module: acmp.middleware.acmp_resource_report
"""

EXAMPLES = r"""
- name: Look at the clusters
  acmp.middleware.acmp_cluster_info:
  register: found

- name: Show what is free on each
  ansible.builtin.debug:
    msg: "{{ item.name }} {{ item.phase }}: {{ item.resources.cpu.free }} cores and {{ item.resources.memory.free }} free"
  loop: "{{ found.clusters | selectattr('resources') }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
clusters:
  description: The clusters, V(local) first, then by name.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the cluster., type: str, returned: always}
    display_name: {description: Name for people., type: str, returned: always}
    description: {description: What it is for., type: str, returned: always}
    owner: {description: Who is responsible for it., type: str, returned: always}
    scene: {description: What it is used for., type: str, returned: always}
    source: {description: "V(created) or V(imported).", type: str, returned: always}
    server: {description: "Address of its API server, empty for V(local).", type: str, returned: always}
    address: {description: Where people reach its node ports., type: str, returned: always}
    created_at: {description: When it was registered., type: str, returned: always}
    created_by: {description: Who registered it., type: str, returned: always}
    phase:
      description:
        - V(Ready), V(NotReady) (no node is ready), V(Unreachable) (it does not answer), V(Refused) (it answers, and does not accept the stored credential),
          or V(Unknown) (never measured).
      type: str
      returned: always
    message: {description: "Why it is not ready, or which nodes are not.", type: str, returned: always}
    live: {description: "Whether it was measured now. If not, the following is what was recorded last.", type: bool, returned: always}
    observed_at: {description: "When it was measured, empty if never.", type: str, returned: always}
    age: {description: "How long ago that was in seconds, V(null) if never.", type: int, returned: always}
    version: {description: Version of Kubernetes., type: str, returned: always}
    nodes: {description: "Number of nodes, C(ready) and C(total).", type: dict, returned: always, sample: {ready: 3, total: 3}}
    architectures: {description: Architectures of the nodes., type: list, elements: str, returned: always, sample: [amd64]}
    resources:
      description:
        - Quantities by resource, such as cpu, memory, ephemeral-storage, pods, nvidia.com/gpu. C(allocatable) is what nodes have for pods, C(requested) what
          pods were promised, C(used) what they use (V(null) without metrics), C(free) what can still be requested on nodes that are ready and not cordoned.
        - C(storage) is what volume claims ask for (C(requested)) and got (C(used)).
      type: dict
      returned: always
      sample: {cpu: {allocatable: "12", requested: "7500m", used: "3200m", free: "4500m"}}
    per_node:
      description: Name, ready, schedulable, architecture and resources of each node.
      type: list
      elements: dict
      returned: always
      sample: [{name: node-1, ready: true, schedulable: true, architecture: amd64, resources: {pods: {allocatable: "110", requested: "11", free: "99"}}}]
    storage_classes:
      description: Name, default, expansion (whether volumes can grow), provisioner, reclaim_policy and binding_mode of each storage class.
      type: list
      elements: dict
      returned: always
      sample: [{name: fast, default: true, expansion: true, provisioner: csi.example.com, reclaim_policy: Delete, binding_mode: WaitForFirstConsumer}]
    credential:
      description:
        - The credential the platform has for the cluster, never the credential itself. C(kind) is V(service_account), V(given), or V(caller) for V(local),
          C(proof) is V(certificate), V(token), V(none) or V(unknown). C(warning) is empty unless it ends soon.
      type: dict
      returned: always
      sample: {kind: service_account, proof: token, issued_at: "2026-01-01T00:00:00Z", expires_at: "2026-01-31T00:00:00Z", days_left: 29.5, warning: ""}
    instances:
      description: Instances on the cluster, C(count), and where it was measured now the first hundred C(names) as NAMESPACE/NAME.
      type: dict
      returned: always
      sample: {count: 1, names: [shop/orders-db], observed_at: "2026-01-02T10:00:00Z"}
    schema: {description: "Number of the platform's records there, V(null) where they are missing.", type: int, returned: always}
    network_policy:
      description: Whether NetworkPolicies have an effect there, C(enforced) V(yes), V(no) or V(unknown), and C(by) what.
      type: dict
      returned: always
      sample: {enforced: "yes", by: calico}
    not_checked: {description: Rights that were missing to look at everything., type: list, elements: str, returned: always}
table:
  description: The same for people, as lines of a table.
  returned: success
  type: list
  elements: str
  sample:
    - "CLUSTER  PHASE  VERSION  NODES  CPU      MEMORY           PODS       STORAGE  INSTANCES  CREDENTIAL  OWNER"
    - "east     Ready  v1.35.4  3/3    7.5 of 12  20 Gi of 48 Gi  41 of 330  120 Gi   7          in 29 days  ops"
"""

from ansible_collections.acmp.middleware.plugins.module_utils.cluster import clusters
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str"},
        live={"type": "bool", "default": True},
        warn_days={"type": "float", "default": 14},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    found = clusters.info(connection_options(params), params["act_as"], params, ctx)
    return {"changed": False, "clusters": found, "table": clusters.table(found)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
