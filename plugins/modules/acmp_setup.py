#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_setup
short_description: Make a Kubernetes cluster a middleware platform
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Installs or upgrades what the platform keeps on its management cluster, namely the custom resources
    (C(packages), C(instances), C(instancerevisions), C(operations), C(clusters), C(projects) of C(operators.apusic.com)), the namespaces
    C(acmp-system), C(acmp-incoming) and C(acmp-catalog), and the ClusterRoles C(acmp-consumer), C(acmp-manager) and C(acmp-developer).
  - Members of the group C(acmp:managers) are managers, those of C(acmp:developers) developers.
  - The caller has to be allowed to create custom resource definitions and cluster roles.
options:
  state:
    description:
      - V(present) installs or upgrades the platform.
      - V(absent) removes it with all packages. It is refused while instances exist or clusters are registered.
    type: str
    choices: [present, absent]
    default: present
  confirm:
    description: V(acmp), needed for O(state=absent).
    type: str
  single_cluster:
    description:
      - Whether the platform is kept to one cluster, so that M(acmp.middleware.acmp_cluster) refuses to register a second one.
      - V(true) is refused where more are registered.
      - Where it is not given, what was said before stays. At first it is V(false).
    type: bool
  tick:
    description:
      - A CronJob C(acmp-tick) in the namespace C(acmp-system) that does the platform's due work (see M(acmp.middleware.acmp_tick)).
        It runs as the ServiceAccount C(acmp-tick), which has the rights of a manager.
      - Where it is not given, a CronJob that is there stays as it is, and none is made.
    type: dict
    suboptions:
      state:
        description: Whether there shall be a CronJob. V(absent) removes it together with its ServiceAccount and rights.
        type: str
        choices: [present, absent]
        default: present
      image:
        description:
          - A container image with ansible-core, this collection and the Python libraries it needs, such as an execution environment of AWX.
          - Needed for O(tick.state=present).
        type: str
      schedule:
        description: When it runs, as in cron, in the time zone of the cluster's controller manager.
        type: str
        default: "*/10 * * * *"
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_tick
"""

EXAMPLES = r"""
- name: Make the cluster of the current context a middleware platform
  acmp.middleware.acmp_setup:

- name: Show what would be installed on another one
  acmp.middleware.acmp_setup:
    kubeconfig: ~/.kube/test
    context: test
  check_mode: true

- name: Let the cluster do the platform's due work every ten minutes
  acmp.middleware.acmp_setup:
    tick:
      image: registry.example.com/acmp/execution-environment:1.0.0

- name: Keep to one cluster, and take the CronJob away again
  acmp.middleware.acmp_setup:
    single_cluster: true
    tick:
      state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["create CustomResourceDefinition packages.operators.apusic.com", "create Namespace acmp-catalog"]
platform:
  description: Version of the collection and of its records, the API server, and whether it is kept to one cluster. Null once it is removed.
  returned: success
  type: dict
  sample: {"version": "0.1.0", "schema": 2, "server": "https://172.31.255.1:6443", "single_cluster": false}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.platform import setup
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        confirm={"type": "str"},
        single_cluster={"type": "bool"},
        tick={
            "type": "dict",
            "options": {
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                "image": {"type": "str"},
                "schedule": {"type": "str", "default": "*/10 * * * *"},
            },
            "required_if": [("state", "present", ["image"])],
        },
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return setup.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
