#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_workspace
short_description: Make, change and remove workspaces, one or many at once
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - A workspace is a namespace of a cluster with quota, limits, members and protection, and it belongs to a project.
  - Each gets a service account with the consumer's rights in this namespace alone, and its credential, which the project keeps for its members.
  - An unchanged run costs about a dozen requests, however many workspaces it names. What somebody removed by hand is made again.
  - What is not given comes from the project's template for a new workspace, and stays as it is for one that exists.
  - An empty value (V({}), V([]), V("")) takes it away.
options:
  name:
    description: Name of one workspace, which is that of its namespace. A DNS label of at most 63 characters.
    type: str
  description: &description
    description: A sentence about it.
    type: str
  labels: &labels
    description: Labels of the namespace beside those of the project's template. Labels that others gave it stay.
    type: dict
  annotations: &annotations
    description: Annotations of the namespace beside those of the project's template.
    type: dict
  quota: &quota
    description: The ResourceQuota C(acmp) of the namespace.
    type: dict
    suboptions:
      hard:
        description:
          - Quantities by Kubernetes' own keys, for example C(requests.cpu), C(limits.memory), C(requests.storage), C(pods), C(services.loadbalancers),
            C(CLASS.storageclass.storage.k8s.io/requests.storage), C(count/jobs.batch), C(requests.nvidia.com/gpu).
        type: dict
  limits: &limits
    description:
      - Items of the LimitRange C(acmp) as Kubernetes has them, with C(type), C(default), C(defaultRequest), C(min), C(max), C(maxLimitRequestRatio).
    type: list
    elements: dict
  members: &members
    description: Who may use this workspace beside the consumers and managers of its project.
    type: list
    elements: dict
    suboptions:
      kind:
        description: What the member is. A service account is one of the management cluster.
        type: str
        choices: [User, Group, ServiceAccount]
        default: User
      name:
        description: Name of the user, group or service account.
        type: str
        required: true
      namespace:
        description: Namespace of the service account.
        type: str
  pod_security: &pod_security
    description:
      - Pod Security Standard that the namespace enforces, warns of and audits. A new namespace has V(baseline) where nothing says another.
      - Pods of V(privileged) reach the node and with it the Secrets of every workspace, so only a cluster administrator can give it.
    type: str
    choices: [privileged, baseline, restricted]
  network_policy: &network_policy
    description:
      - V(isolated) lets nothing in from other namespaces, but from O(gateway). V(open) takes that away.
      - It holds where the cluster's network enforces NetworkPolicies, see M(acmp.middleware.acmp_workspace_info).
    type: str
    choices: [open, isolated]
  pull_secret: &pull_secret
    description:
      - Logins of registries, as a mapping of a registry to C(username) and C(password), or the text of a C(.dockerconfigjson).
      - It becomes the Secret C(acmp-pull), which the namespace's default service account uses.
    type: raw
  gateway: &gateway
    description: The ingress gateway that an isolated workspace lets in.
    type: dict
    suboptions:
      namespace:
        description: Namespace of the gateway.
        type: str
      labels:
        description: Labels of the gateway's pods.
        type: dict
  workspaces:
    description: Many workspaces at once, instead of O(name). Each has the options of a single one.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the workspace, which is that of its namespace. A DNS label of at most 63 characters.
        type: str
        required: true
      description: *description
      labels: *labels
      annotations: *annotations
      quota: *quota
      limits: *limits
      members: *members
      pod_security: *pod_security
      network_policy: *network_policy
      pull_secret: *pull_secret
      gateway: *gateway
  project:
    description: Project of the workspaces.
    type: str
    default: default
  cluster:
    description: Name of a registered cluster. V(local) is the one that the connection options name.
    type: str
    default: local
  state:
    description:
      - V(present) makes or changes the workspaces.
      - V(absent) removes them with all they hold, once O(confirm) names them, and waits until they are gone.
    type: str
    choices: [present, absent]
    default: present
  prune:
    description:
      - Remove the workspaces of this project on this cluster that O(workspaces) does not name.
      - One that holds instances, claims or Secrets is removed only when O(confirm) names it.
    type: bool
    default: false
  confirm:
    description: Names of workspaces that may go with all they hold.
    type: list
    elements: str
  adopt:
    description: Make workspaces of namespaces that exist already and belong to no project. System namespaces are never taken.
    type: bool
    default: false
  force:
    description: Set a quota also where more is used than it allows, or where pods run that it would not let start again.
    type: bool
    default: false
  use_template:
    description: Take what is not given for a new workspace from the project's template. One that exists keeps what it has.
    type: bool
    default: true
  credential:
    description: Whether the workspaces have a credential. V(false) ends and removes one that exists.
    type: bool
    default: true
  credential_days:
    description: How long a new credential is good for. The cluster may allow less.
    type: int
    default: 7
  wait_timeout:
    description: Seconds to wait at most until removed namespaces are gone. V(0) does not wait.
    type: int
    default: 300
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_workspace_info
"""

EXAMPLES = r"""
- name: Make a workspace from the template of its project
  acmp.middleware.acmp_workspace:
    name: shop
    project: retail

- name: Give it a quota, protection and one member more
  acmp.middleware.acmp_workspace:
    name: shop
    project: retail
    description: The web shop and its middleware
    quota:
      hard:
        requests.cpu: "8"
        requests.memory: 32Gi
        requests.storage: 200Gi
    limits:
      - type: Container
        default: {cpu: 500m, memory: 512Mi}
        defaultRequest: {cpu: 100m, memory: 128Mi}
    members:
      - kind: Group
        name: shop-team
    pod_security: baseline
    network_policy: isolated
    gateway:
      namespace: ingress-nginx

- name: Bring all workspaces of a project on a cluster to what a file says
  acmp.middleware.acmp_workspace:
    project: retail
    cluster: berlin
    workspaces: "{{ (lookup('ansible.builtin.file', 'retail.yml') | from_yaml).workspaces }}"
    prune: true

- name: Remove a workspace with all it holds
  acmp.middleware.acmp_workspace:
    name: shop
    project: retail
    state: absent
    confirm: shop
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["create Namespace shop", "create ResourceQuota shop/acmp", "issue the credential of local/shop: there is none", "add local/shop to Project retail"]
workspaces:
  description: The workspaces that were asked for, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the workspace., type: str, returned: always}
    cluster: {description: Its cluster., type: str, returned: always}
    project: {description: Its project., type: str, returned: always}
    changed: {description: Whether anything of it was written., type: bool, returned: always}
    credential_expires_at: {description: "When its credential ends, in UTC. Empty without one, and in check mode for a new one.", type: str, returned: always}
removed:
  description: The workspaces that went, with what they held.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the workspace., type: str, returned: always}
    instances: {description: Names of its instances., type: list, elements: str, returned: always}
    claims: {description: Its claims with name and size., type: list, elements: dict, returned: always}
    secrets: {description: "How many Secrets it held, V(null) where nobody was allowed to count them.", type: int, returned: always}
    pods: {description: How many pods it had., type: int, returned: always}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import workspaces

_MEMBER = {"kind": {"type": "str", "choices": ["User", "Group", "ServiceAccount"], "default": "User"}, "name": {"type": "str", "required": True},
           "namespace": {"type": "str"}}
_ONE = {
    "description": {"type": "str"},
    "labels": {"type": "dict"},
    "annotations": {"type": "dict"},
    "quota": {"type": "dict", "options": {"hard": {"type": "dict"}}},
    "limits": {"type": "list", "elements": "dict"},
    "members": {"type": "list", "elements": "dict", "options": _MEMBER},
    "pod_security": {"type": "str", "choices": ["privileged", "baseline", "restricted"]},
    "network_policy": {"type": "str", "choices": ["open", "isolated"]},
    # no_log would blank out each word of it, user names too, in all results; the passwords in it are masked by structure instead.
    "pull_secret": {"type": "raw", "no_log": False},
    "gateway": {"type": "dict", "options": {"namespace": {"type": "str"}, "labels": {"type": "dict"}}},
}
SPEC = {
    "argument_spec": argument_spec(
        **_ONE,
        name={"type": "str"},
        workspaces={"type": "list", "elements": "dict", "options": {"name": {"type": "str", "required": True}, **_ONE}},
        project={"type": "str", "default": "default"},
        cluster={"type": "str", "default": "local"},
        state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        prune={"type": "bool", "default": False},
        confirm={"type": "list", "elements": "str"},
        adopt={"type": "bool", "default": False},
        force={"type": "bool", "default": False},
        use_template={"type": "bool", "default": True},
        credential={"type": "bool", "default": True},
        credential_days={"type": "int", "default": 7},
        wait_timeout={"type": "int", "default": 300},
    ),
    "mutually_exclusive": [["name", "workspaces"]],
    "required_one_of": [["name", "workspaces"]],
    "supports_check_mode": True,
}


def run(params, ctx):
    return workspaces.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
