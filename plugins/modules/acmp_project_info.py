#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_project_info
short_description: Look up projects
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns who is a member of a project with which role, its workspaces with their clusters, its template, and when the workspaces' credentials end.
  - No Secret is read for it.
options:
  name:
    description:
      - Name of a project. One that does not exist gives an empty list.
      - Members see their project only by its name. Managers see all projects without a name.
    type: str
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_project
  - module: acmp.middleware.acmp_workspace_info
"""

EXAMPLES = r"""
- name: Who belongs to the project
  acmp.middleware.acmp_project_info:
    name: shop
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.kind }} {{ item.name }} is a {{ item.role }}"
  loop: "{{ found.projects[0].members }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
projects:
  description: The projects found, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the project., type: str, returned: always, sample: shop}
    display_name: {description: "Name for people, may be empty.", type: str, returned: always, sample: Web shop}
    description: {description: "What the project is for, may be empty.", type: str, returned: always, sample: Everything behind shop.example.com}
    created_at: {description: Time of creation in UTC., type: str, returned: always, sample: "2026-01-31T12:00:00Z"}
    members: {description: "Members with kind, name, namespace (of a service account) and role.", type: list, elements: dict, returned: always,
              sample: [{kind: User, name: alice, role: manager}]}
    members_pending: {description: Whether a workspace has not followed a change of members yet., type: bool, returned: always, sample: false}
    template: {description: "What new workspaces get, in the words of M(acmp.middleware.acmp_project).", type: dict, returned: always,
               sample: {network_policy: isolated}}
    workspaces:
      description: The project's workspaces.
      type: list
      elements: dict
      returned: always
      contains:
        cluster: {description: Name of the cluster., type: str, returned: always, sample: local}
        namespace: {description: The namespace on it., type: str, returned: always, sample: shop}
        credential:
          description:
            - When the workspace's credential was issued and when it ends, in UTC, and the days until then.
            - Null where there is none, and where the caller may not see it.
          type: dict
          returned: always
          sample: {issued_at: "2026-01-31T12:00:00Z", expires_at: "2026-03-02T12:00:00Z", days_left: 29.97}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.project import projects
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(name={"type": "str"}),
    "supports_check_mode": True,
}


def run(params, ctx):
    return {"changed": False, "projects": projects.info(connection_options(params), params["act_as"], params["name"], ctx)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
