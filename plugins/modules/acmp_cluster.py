#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_cluster
short_description: Register a Kubernetes cluster with the platform
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Registers a cluster, so that instances can be deployed to it, changes its data, renews its credential, or removes it.
  - Before anything is stored, the cluster has to answer within five seconds, be no cluster that is registered already, run a supported version, hold no
    other platform of the same API group, and the given credential has to have the rights that are needed. Everything that is missing is named at once.
  - By default the platform makes a ServiceAccount C(acmp-system/acmp-manager) of its own there, and stores a token of it. The given credential is not
    kept. M(acmp.middleware.acmp_tick) renews the token in time.
  - The cluster V(local) exists from the beginning. It is the one the platform lives in, and reached by the connection of the task itself. Its display
    data, owner and address can be changed, and nothing else.
  - Managers do this. The rights the given credential needs on the other cluster are those of an administrator, for the length of the task.
options:
  name:
    description: Name of the cluster, at most 40 small letters, digits and dashes.
    type: str
    required: true
  state:
    description:
      - V(present) registers the cluster, or changes what is given.
      - V(absent) removes it. It is refused while instances exist there. The platform's ServiceAccount and its rights are taken away there, custom
        resources and namespaces stay.
    type: str
    choices: [present, absent]
    default: present
  display_name:
    description: Name for people.
    type: str
  description:
    description: What the cluster is for.
    type: str
  owner:
    description: Who is responsible for it.
    type: str
  scene:
    description: What it is used for, such as production or test.
    type: str
  address:
    description: IP address or host name by which people reach what the cluster offers on node ports.
    type: str
  source:
    description: Whether the cluster was created for the platform or existed before. Without it a new one counts as V(imported).
    type: str
    choices: [created, imported]
  cluster_kubeconfig:
    description:
      - How to reach the cluster, as the path of a kubeconfig, its content as text, or its content as a mapping. At most 1 MiB.
      - It is not shown in any output.
    type: raw
  cluster_context:
    description: The context of that kubeconfig, needed where it has several and no current one.
    type: str
  cluster_secret:
    description: A Secret of the management cluster that holds a kubeconfig.
    type: dict
    suboptions:
      name:
        description: Name of the Secret.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        default: acmp-system
      key:
        description: The key that holds the kubeconfig.
        type: str
        default: kubeconfig
  cluster_host:
    description: Address of the cluster's API server, to be used with O(cluster_token) in the place of a kubeconfig.
    type: str
  cluster_token:
    description: A token for O(cluster_host).
    type: str
  cluster_ca:
    description: Certificate authority of O(cluster_host) in PEM, or the path of a file with it. Without it the system's are trusted.
    type: str
  cluster_validate_certs:
    description: Whether the certificate of O(cluster_host) is checked. It is unless this is V(false).
    type: bool
  credential:
    description:
      - What is stored to reach the cluster from then on. Without it V(service_account) for a new cluster, and no change for a registered one.
      - V(service_account) is a token of a ServiceAccount that the platform makes there, with the rights of a manager.
      - V(given) is the given credential itself. A warning says when it ends.
      - V(service_account) for a cluster that was registered with V(given) exchanges the credential, through the stored one if no other is given.
    type: str
    choices: [service_account, given]
  credential_days:
    description:
      - Life of the ServiceAccount's token in days, fractions are understood, ten minutes are the least. The API server may shorten it.
      - Without it 30 days for a new cluster. A change counts from the next renewal.
    type: float
  rotate:
    description: Renew the credential now. Each run with it is a change.
    type: bool
    default: false
  replace:
    description:
      - Allow the address or the identity of a registered cluster to change, to those of the given connection.
      - Without it both are refused, so that nothing ends up on a wrong cluster by mistake.
    type: bool
    default: false
  allow_local_files:
    description: Allow O(cluster_kubeconfig) to name files of this machine. Their content is stored.
    type: bool
    default: false
  allow_plugins:
    description:
      - Allow O(cluster_kubeconfig) to run a program for its credential (C(exec), C(auth-provider)).
      - With O(credential=given) that program runs wherever tasks use the cluster from then on, and only where the environment variable
        E(ACMP_ALLOW_PLUGINS) is V(true), because every manager can change what is stored.
    type: bool
    default: false
  unreachable:
    description: With O(state=absent), remove a cluster that does not answer any more and is gone for good. The instances known of it last are shown.
    type: bool
    default: false
  confirm:
    description: The name of the cluster, needed to remove one that does not answer and had instances when it was seen last.
    type: str
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_cluster_info
  - module: acmp.middleware.acmp_workspace
  - module: acmp.middleware.acmp_tick
"""

EXAMPLES = r"""
- name: Register a cluster
  acmp.middleware.acmp_cluster:
    name: east
    description: The data centre in the east
    owner: ops@example.com
    address: east.example.com
    cluster_kubeconfig: ~/.kube/east

- name: Register one by address and token
  acmp.middleware.acmp_cluster:
    name: west
    cluster_host: https://api.west.example.com:6443
    cluster_token: "{{ lookup('ansible.builtin.env', 'WEST_TOKEN') }}"
    cluster_ca: ./west-ca.crt

- name: Renew its credential now
  acmp.middleware.acmp_cluster:
    name: east
    rotate: true

- name: Remove a cluster
  acmp.middleware.acmp_cluster:
    name: west
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample:
    - "create ServiceAccount acmp-system/acmp-manager on cluster east"
    - "make the credential of cluster east (30 days)"
    - "register cluster east (https://10.0.0.5:6443)"
cluster:
  description: The cluster as M(acmp.middleware.acmp_cluster_info) returns it, with what is recorded of its state. V(null) when it was removed.
  returned: success
  type: dict
  sample: {"name": "east", "phase": "Ready", "server": "https://10.0.0.5:6443", "version": "v1.35.0", "nodes": {"ready": 3, "total": 3}}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.cluster import clusters
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str", "required": True},
        state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        display_name={"type": "str"},
        description={"type": "str"},
        owner={"type": "str"},
        scene={"type": "str"},
        address={"type": "str"},
        source={"type": "str", "choices": ["created", "imported"]},
        # no_log would blank out each word of a mapping in all results ("default", "v1"); what is secret in it is masked by structure instead.
        cluster_kubeconfig={"type": "raw", "no_log": False},
        cluster_context={"type": "str"},
        cluster_secret={
            "type": "dict", "no_log": False,
            "options": {
                "name": {"type": "str", "required": True},
                "namespace": {"type": "str", "default": "acmp-system"},
                "key": {"type": "str", "default": "kubeconfig", "no_log": False},
            },
        },
        cluster_host={"type": "str"},
        cluster_token={"type": "str", "no_log": True},
        cluster_ca={"type": "str"},
        cluster_validate_certs={"type": "bool"},
        credential={"type": "str", "choices": ["service_account", "given"]},
        credential_days={"type": "float"},
        rotate={"type": "bool", "default": False},
        replace={"type": "bool", "default": False},
        allow_local_files={"type": "bool", "default": False},
        allow_plugins={"type": "bool", "default": False},
        unreachable={"type": "bool", "default": False},
        confirm={"type": "str"},
    ),
    "mutually_exclusive": [("cluster_kubeconfig", "cluster_secret", "cluster_host")],
    "supports_check_mode": True,
}


def run(params, ctx):
    return clusters.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
