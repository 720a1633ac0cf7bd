#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_info
short_description: Look at instances
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns instances with what is recorded of them and what runs of them now.
  - Takes about ten requests for each namespace, however many instances it holds.
  - With O(cluster=all) every registered cluster is looked at side by side. One that cannot be reached is named in a warning after three seconds at most.
options:
  name:
    description: Name of an instance.
    type: str
  cluster:
    description:
      - Name of a registered cluster, or V(all) for every one. V(local) is the one that the connection options name.
      - With O(namespace) the workspace's own credential is enough, which lies in its O(project), V(default) where it is not given.
    type: str
    default: local
  namespace:
    description: Namespace to look at. Every one that the caller may list where it is not given.
    type: str
  package:
    description: Only instances of this package.
    type: str
  project:
    description: Only instances of this project.
    type: str
  phase:
    description: Only instances in this phase.
    type: str
    choices: [deploying, changing, upgrading, ready, notready, failed, removing, removed]
  live:
    description: Look at workloads, pods and Services. Without it only records are read.
    type: bool
    default: true
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_instance
"""

EXAMPLES = r"""
- name: Look at one instance
  acmp.middleware.acmp_instance_info:
    name: orders-cache
    namespace: shop
  register: found

- name: Look at the instances of a project on every cluster
  acmp.middleware.acmp_instance_info:
    cluster: all
    project: shop

- name: Say where it is
  ansible.builtin.debug:
    msg: "{{ found.instances[0].phase }} at {{ found.instances[0].endpoints[0].addresses[0] }}"
"""

RETURN = r"""
instances:
  description: The instances found.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the instance., type: str, returned: always}
    namespace: {description: Its namespace., type: str, returned: always}
    cluster: {description: Its cluster., type: str, returned: always}
    project: {description: The project it belongs to., type: str, returned: always}
    package: {description: The package it runs., type: str, returned: always}
    version: {description: Version of the package., type: str, returned: always}
    type: {description: Instance type., type: str, returned: always}
    phase: {description: "V(Ready), V(NotReady), V(Deploying), V(Changing), V(Upgrading), V(Failed), V(Removing) or V(Removed).", type: str, returned: always}
    mode: {description: "How it is deployed, V(helm) or V(operator).", type: str, returned: always}
    release: {description: Name of its Helm release., type: str, returned: always}
    description: {description: A sentence about it., type: str, returned: always}
    delete_policy: {description: "What O(acmp.middleware.acmp_instance#module:state=absent) does, V(keep), V(wipe) or V(refuse).", type: str, returned: always}
    revision: {description: Number of its last change., type: int, returned: always}
    ready_revision: {description: Number of the last change that became ready., type: int, returned: always}
    helm_revision: {description: Revision of the Helm release that belongs to it., type: int, returned: always}
    document: {description: "What it was asked to be, as YAML, without secrets.", type: str, returned: always}
    endpoints:
      description: Its Services with type, cluster IP, ports and addresses; node_addresses are those of node ports, where the cluster has an access address.
      type: list
      elements: dict
      returned: always
    secrets: {description: Names and keys of the Secrets that hold its credentials., type: list, elements: dict, returned: always}
    operation: {description: Name of the Operation that logged its last change., type: str, returned: always}
    last_error: {description: Why the last change failed., type: str, returned: always}
    created_at: {description: Time of the first deployment in UTC., type: str, returned: always}
    observed_at: {description: Time the record was written in UTC., type: str, returned: always}
    workloads: {description: "Controllers with ready and wanted numbers and images.", type: list, elements: dict, returned: when O(live=true)}
    pods: {description: "Pods with status, node, restarts and containers.", type: list, elements: dict, returned: when O(live=true)}
    helm_status: {description: Status of the Helm release., type: str, returned: when O(live=true)}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.instance import look
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str"},
        cluster={"type": "str", "default": "local"},
        namespace={"type": "str"},
        package={"type": "str"},
        project={"type": "str"},
        phase={"type": "str", "choices": ["deploying", "changing", "upgrading", "ready", "notready", "failed", "removing", "removed"]},
        live={"type": "bool", "default": True},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return {"changed": False, "instances": look.info(connection_options(params), params["act_as"], params, ctx)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
