#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_rollback
short_description: Roll an instance back to an earlier revision
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Makes a new revision of an instance that equals an earlier one, in version, instance type, values and configuration, and waits until it is ready.
  - Data is never rolled back, nor are custom resource definitions and passwords. RV(not_undone) says what stays as it is.
  - A rollback that fails goes back to the last ready revision, as a change does.
options:
  name:
    description: Name of the instance.
    type: str
    required: true
  namespace:
    description: Namespace (workspace) of the instance.
    type: str
    required: true
  cluster:
    description: Name of a registered cluster, where the instance runs. V(local) is the one that the connection options name.
    type: str
    default: local
  project:
    description: Project whose credential leads to a registered cluster.
    type: str
    default: default
  revision:
    description:
      - Number of the revision to go back to, which has to have been ready. With it the task does nothing where the instance is as it was then.
      - Without it the last ready revision that differs from the present state, so that each run is a step back or forth.
    type: int
  across_crds:
    description: Go back although the custom resource definitions of the two versions differ. They stay those of the newer one.
    type: bool
    default: false
  wait:
    description: Wait until the instance is ready.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most. States that cannot become ready are reported earlier.
    type: int
    default: 300
  requester:
    description: Who asked for it. A label for the records, never a permission.
    type: str
  helm_binary:
    description: Path of Helm 3.18 or newer, or Helm 4. Else the first C(helm) in C(PATH).
    type: path
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_instance
  - module: acmp.middleware.acmp_instance_info
"""

EXAMPLES = r"""
- name: Take back the last change
  acmp.middleware.acmp_instance_rollback:
    name: orders-cache
    namespace: shop

- name: Go back to a revision by its number
  acmp.middleware.acmp_instance_rollback:
    name: orders-cache
    namespace: shop
    revision: 3
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["roll back shop/orders-cache to revision 3 (redis 1.0.0)", "set values.replicas: 3 → 1"]
changes:
  description: What changes in the instance's objects, as M(acmp.middleware.acmp_instance) returns it.
  returned: when objects change
  type: list
  elements: dict
  sample: [{"object": "StatefulSet orders-cache", "what": "replicas", "before": 3, "after": 1}]
revision:
  description: The revision gone back to. The instance's own revision is a new one that equals it.
  returned: success
  type: int
  sample: 3
not_undone:
  description: What a rollback leaves as it is.
  returned: success
  type: list
  elements: str
  sample: ["data: what was written since stays as it is"]
checks:
  description: Checks that could not be made, with the right they need.
  returned: when the instance is rolled back
  type: list
  elements: dict
  sample: [{"name": "a node has the package's architecture", "outcome": "skipped", "message": "needs list nodes"}]
instance:
  description: The instance, as M(acmp.middleware.acmp_instance) returns it.
  returned: success
  type: dict
  sample: {"name": "orders-cache", "namespace": "shop", "phase": "Ready", "version": "1.0.0", "revision": 5, "ready_revision": 5}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.instance import rollback
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str", "required": True},
        namespace={"type": "str", "required": True},
        cluster={"type": "str", "default": "local"},
        project={"type": "str", "default": "default"},
        revision={"type": "int"},
        across_crds={"type": "bool", "default": False},
        wait={"type": "bool", "default": True},
        wait_timeout={"type": "int", "default": 300},
        requester={"type": "str"},
        helm_binary={"type": "path"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return rollback.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
