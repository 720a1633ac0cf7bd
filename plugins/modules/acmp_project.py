#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_project
short_description: Say who may use what, with a project
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Creates, changes or removes a project. A project has members, the workspaces they work in, and a template for new workspaces.
  - The project V(default) always exists.
  - A change of members reaches every workspace of the project, on every cluster. Where a cluster cannot be reached, the task warns,
    names the workspace in RV(outdated_workspaces), and the next run of the same task tries it again.
  - What is not given stays as it is. Workspaces come and go with M(acmp.middleware.acmp_workspace).
  - Only a manager (a member of the group C(acmp:managers)) may do this.
options:
  name:
    description:
      - Name of the project, at most 50 small letters, digits and dashes.
      - The Secrets of the project live in the namespace C(acmp-project-NAME).
    type: str
    required: true
  display_name:
    description: Name for people. An empty text takes it away.
    type: str
  description:
    description: What the project is for. An empty text takes it away.
    type: str
  members:
    description:
      - Who belongs to the project, all of them. Who is in it now and not in this list is taken out. V([]) takes everybody out.
      - Each user, group or service account stands in it once, with one role.
    type: list
    elements: dict
    suboptions:
      kind:
        description: What the member is to Kubernetes. A V(ServiceAccount) is one of the management cluster, and has to exist.
        type: str
        choices: [User, Group, ServiceAccount]
        default: User
      name:
        description: Name of the user, group or service account, as the API server knows it.
        type: str
        required: true
      namespace:
        description: Namespace of the service account. Only for O(members[].kind=ServiceAccount).
        type: str
      role:
        description:
          - V(consumer) deploys and runs instances in every workspace of the project, and may read the credential of each workspace.
          - V(manager) may do what a consumer may, and sees all Secrets of the project in its namespace. A manager of a project is not a manager
            of the platform.
          - V(developer) uploads packages for the managers of the platform to list. It is no right in the project's workspaces.
        type: str
        choices: [consumer, manager, developer]
        default: consumer
  template:
    description:
      - What each new workspace of the project gets, where nothing else is said for it. It replaces the former template whole. V({}) takes it away.
      - Workspaces that exist are not changed by it.
    type: dict
    suboptions:
      quota:
        description: Keys and quantities of a ResourceQuota's C(hard), such as C(requests.cpu), C(limits.memory), C(persistentvolumeclaims), C(pods).
        type: dict
      limits:
        description:
          - Items of a LimitRange, with C(type), C(default), C(defaultRequest), C(min), C(max), C(maxLimitRequestRatio).
        type: list
        elements: dict
      labels:
        description: Labels of the namespace.
        type: dict
      annotations:
        description: Annotations of the namespace.
        type: dict
      pod_security:
        description: The Pod Security level that pods in the workspace have to meet.
        type: str
        choices: [privileged, baseline, restricted]
      network_policy:
        description: V(isolated) lets nobody outside the workspace connect to it, where the cluster enforces network policies. V(open) lets everybody.
        type: str
        choices: [open, isolated]
      pull_secret:
        description:
          - Name of a Secret of type C(kubernetes.io/dockerconfigjson) in the namespace C(acmp-project-NAME), of which each new workspace gets a copy.
        type: str
  state:
    description:
      - V(present) creates or changes the project.
      - V(absent) removes it, with its namespace and every Secret there. It is refused for V(default), and while the project has workspaces.
    type: str
    choices: [present, absent]
    default: present
  confirm:
    description: Name of the project once more, needed for O(state=absent) of a project that exists.
    type: str
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_project_info
  - module: acmp.middleware.acmp_workspace
"""

EXAMPLES = r"""
- name: Make a project for the shop's people
  acmp.middleware.acmp_project:
    name: shop
    display_name: Web shop
    description: Everything behind shop.example.com
    members:
      - name: alice
        role: manager
      - kind: Group
        name: shop-team
      - kind: ServiceAccount
        name: pipeline
        namespace: ci
      - name: dora
        role: developer
    template:
      quota:
        requests.cpu: 4
        requests.memory: 8Gi
        persistentvolumeclaims: 10
        pods: 50
      limits:
        - type: Container
          defaultRequest: {cpu: 100m, memory: 128Mi}
          default: {cpu: 500m, memory: 512Mi}
      pod_security: baseline
      network_policy: isolated

- name: Take everybody out of it
  acmp.middleware.acmp_project:
    name: shop
    members: []

- name: Remove it
  acmp.middleware.acmp_project:
    name: shop
    state: absent
    confirm: shop
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["create Project shop", "create Namespace acmp-project-shop", "create RoleBinding acmp-project-shop/acmp-managers"]
project:
  description: The project as it is now, or would be in check mode. Null once it is removed.
  returned: success
  type: dict
  contains:
    name: {description: Name of the project., type: str, returned: always, sample: shop}
    display_name: {description: Name for people., type: str, returned: always, sample: Web shop}
    description: {description: What the project is for., type: str, returned: always, sample: Everything behind shop.example.com}
    members: {description: "Members with kind, name, namespace and role.", type: list, elements: dict, returned: always,
              sample: [{kind: User, name: alice, role: manager}]}
    workspaces: {description: "Workspaces with cluster and namespace.", type: list, elements: dict, returned: always,
                 sample: [{cluster: local, namespace: shop}]}
    template: {description: What new workspaces get., type: dict, returned: always, sample: {network_policy: isolated}}
    members_pending: {description: Whether a workspace has not followed a change of members yet., type: bool, returned: always, sample: false}
outdated_workspaces:
  description: Workspaces that did not follow a change of members, each with the reason.
  returned: success
  type: list
  elements: dict
  sample: [{"cluster": "east", "namespace": "shop", "reason": "the API server does not answer"}]
"""

from ansible_collections.acmp.middleware.plugins.module_utils.project import projects
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import workspaces
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str", "required": True},
        display_name={"type": "str"},
        description={"type": "str"},
        members={
            "type": "list", "elements": "dict",
            "options": {
                "kind": {"type": "str", "choices": ["User", "Group", "ServiceAccount"], "default": "User"},
                "name": {"type": "str", "required": True},
                "namespace": {"type": "str"},
                "role": {"type": "str", "choices": ["consumer", "manager", "developer"], "default": "consumer"},
            },
        },
        template={
            "type": "dict",
            "options": {
                "quota": {"type": "dict"},
                "limits": {"type": "list", "elements": "dict"},
                "labels": {"type": "dict"},
                "annotations": {"type": "dict"},
                "pod_security": {"type": "str", "choices": ["privileged", "baseline", "restricted"]},
                "network_policy": {"type": "str", "choices": ["open", "isolated"]},
                "pull_secret": {"type": "str", "no_log": False},
            },
        },
        state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        confirm={"type": "str"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return projects.ensure(connection_options(params), params["act_as"], params, ctx, workspaces.rebind)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
