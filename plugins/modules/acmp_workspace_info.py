#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_workspace_info
short_description: Look at workspaces
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns the workspaces of a cluster with state, quota and its use, limits, members, credential, instances and protection.
  - Takes eight requests for all workspaces of one project, and one more for each further project.
  - What the caller may not read is V(null), and a warning names it. A member sees the workspace whose O(name) is given.
options:
  name:
    description: Name of a workspace. All that the caller may list where it is not given.
    type: str
  project:
    description: Only workspaces of this project.
    type: str
  cluster:
    description: Name of a registered cluster. V(local) is the one that the connection options name.
    type: str
    default: local
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_workspace
"""

EXAMPLES = r"""
- name: Look at the workspaces of a project
  acmp.middleware.acmp_workspace_info:
    project: retail
  register: found

- name: Say how full they are
  ansible.builtin.debug:
    msg: "{{ item.name }}: {{ item.quota.percent if item.quota else 'no quota' }}"
  loop: "{{ found.workspaces }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
workspaces:
  description: The workspaces found, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the workspace and its namespace., type: str, returned: always}
    cluster: {description: Its cluster., type: str, returned: always}
    project: {description: Its project., type: str, returned: always}
    description: {description: A sentence about it., type: str, returned: always}
    state: {description: "V(Active) or V(Terminating).", type: str, returned: always}
    held_by: {description: What a namespace that is being deleted waits for., type: list, elements: str, returned: always}
    labels: {description: "Labels of the namespace, without those of the platform.", type: dict, returned: always}
    created_at: {description: When the namespace was created in UTC., type: str, returned: always}
    age: {description: "How long ago that is, such as V(3d).", type: str, returned: always}
    quota:
      description:
        - The ResourceQuota of the workspace, V(null) without one. Name, C(hard), C(used), and C(percent) of use by key.
      type: dict
      returned: always
    other_quotas: {description: Quotas that others made in the namespace., type: list, elements: dict, returned: always}
    limits: {description: Items of its LimitRange., type: list, elements: dict, returned: always}
    members:
      description: Who may use it, with kind, name and namespace. C(own) marks members of this workspace alone.
      type: list
      elements: dict
      returned: always
    pod_security: {description: "Pod Security Standard that is enforced, empty without one.", type: str, returned: always}
    network_policy:
      description: C(mode) is V(open) or V(isolated), C(enforced_by) what is known to enforce it on this cluster, empty where nothing is.
      type: dict
      returned: always
    instances: {description: Number of instances recorded in it., type: int, returned: always}
    credential:
      description: Its credential with C(issued_at), C(expires_at) and C(days_left), V(null) without one.
      type: dict
      returned: always
"""

from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import workspaces

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str"},
        project={"type": "str"},
        cluster={"type": "str", "default": "local"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return {"workspaces": workspaces.info(connection_options(params), params["act_as"], params, ctx)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
