#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_clone
short_description: Make another instance like one that exists
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Deploys the package version, instance type, document and config overrides of an instance under another name, in another namespace or on another
    registered cluster. A version that is listed no more is taken from what the catalog keeps for its instances.
  - Data are not copied, and neither are passwords. The clone gets Secrets of its own, and RV(new_secrets) says for which fields.
  - What surely names the source is rewritten, that is its generated Secrets, its release name and its addresses inside the cluster. A value that may name it
    is taken over with a warning.
  - Run again it changes nothing. It is refused where an instance is there that is not what the clone would be.
options:
  name:
    description: Name of the instance to clone. One in the recycle bin can be cloned as well.
    type: str
    required: true
  namespace:
    description: Its namespace.
    type: str
    required: true
  cluster:
    description: Name of the registered cluster where it is. V(local) is the one that the connection options name.
    type: str
    default: local
  project:
    description: Its project. It says which credential leads to a registered cluster.
    type: str
    default: default
  to_name:
    description: Name of the clone. The same as O(name) where it is not given.
    type: str
  to_namespace:
    description: Namespace of the clone. The same as O(namespace) where it is not given.
    type: str
  to_cluster:
    description: Name of the registered cluster where the clone runs. The same as O(cluster) where it is not given.
    type: str
  to_project:
    description: Project of the clone. The same as O(project) where it is not given.
    type: str
  values:
    description: What is to be different, as form paths or nested, as in M(acmp.middleware.acmp_instance).
    type: dict
    default: {}
  secret_values:
    description: Values of secret fields by form path. Those not given are generated.
    type: dict
    default: {}
  description:
    description: A sentence about the clone.
    type: str
  create_namespace:
    description: Where the namespace does not exist, make it a workspace of the project from the project's template. It needs the rights of a manager.
    type: bool
    default: false
  wait:
    description: Wait until the clone is ready.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most.
    type: int
    default: 300
  keep_failed:
    description: Leave what a failed clone created, to look at it.
    type: bool
    default: false
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
"""

EXAMPLES = r"""
- name: Try changes on a copy of the shop's cache
  acmp.middleware.acmp_instance_clone:
    name: orders-cache
    namespace: shop
    to_namespace: shop-test
    values:
      persistence.size: 1Gi

- name: The same on another cluster, in a new workspace of another project
  acmp.middleware.acmp_instance_clone:
    name: orders-cache
    namespace: shop
    to_name: returns-cache
    to_namespace: returns
    to_cluster: east
    to_project: returns
    create_namespace: true
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["create Secret orders-cache-auth", "deploy redis 1.0.0 (default) as shop-test/orders-cache"]
changes:
  description: The clone's objects, as M(acmp.middleware.acmp_instance) returns them.
  returned: when the clone is deployed
  type: list
  elements: dict
  sample: [{"object": "StatefulSet orders-cache-primary", "what": "added", "before": null, "after": null}]
checks:
  description: Checks before the deployment that could not be made, with the right they need.
  returned: when the clone is deployed
  type: list
  elements: dict
  sample: [{"name": "a node has the package's architecture", "outcome": "skipped", "message": "needs list nodes"}]
source:
  description: Name, namespace and cluster of the instance that was cloned.
  returned: success
  type: dict
  sample: {"name": "orders-cache", "namespace": "shop", "cluster": "local"}
new_secrets:
  description: Secret fields whose values are the clone's own and not those of the source, with the Secrets that hold them.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "values.auth.existingSecret", "secret": "orders-cache-auth"}]
instance:
  description: The clone, as M(acmp.middleware.acmp_instance) returns it.
  returned: success
  type: dict
  sample: {"name": "orders-cache", "namespace": "shop-test", "cluster": "local", "package": "redis", "version": "1.0.0", "phase": "Ready"}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.instance import clone
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str", "required": True},
        namespace={"type": "str", "required": True},
        cluster={"type": "str", "default": "local"},
        project={"type": "str", "default": "default"},
        to_name={"type": "str"},
        to_namespace={"type": "str"},
        to_cluster={"type": "str"},
        to_project={"type": "str"},
        values={"type": "dict", "default": {}},
        secret_values={"type": "dict", "default": {}, "no_log": True},
        description={"type": "str"},
        create_namespace={"type": "bool", "default": False},
        wait={"type": "bool", "default": True},
        wait_timeout={"type": "int", "default": 300},
        keep_failed={"type": "bool", "default": False},
        requester={"type": "str"},
        helm_binary={"type": "path"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return clone.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
