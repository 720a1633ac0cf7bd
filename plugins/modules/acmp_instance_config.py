#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_config
short_description: Change the configuration files of an instance
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Sets, adds, takes out and resets keys of a ConfigMap of an instance.
  - What is set is kept on the instance and put into its ConfigMap at every deployment, so a change by the form, an upgrade and a rollback keep it,
    and it is no drift. Helm's own record of the release holds it, too.
  - It is checked against the package's C(config.yaml) before anything is written. The change itself is one of M(acmp.middleware.acmp_instance),
    with a revision, an operation, and the way back to the last ready revision where it fails.
  - Pods that read the changed text as a file or as environment are restarted, unless C(config.yaml) says that the software reloads what changed.
  - What the form offers is better changed by the form. A warning names the field.
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
    description: Project of the instance. On a registered cluster it says which credential leads there, V(default) where it is not given.
    type: str
  config_map:
    description: Name of a ConfigMap of the instance. It may be left out where the instance has only one.
    type: str
  settings:
    description:
      - Whole texts by key of the ConfigMap, which often are files. A key that is not there is added.
      - A key with V(null) is taken out.
    type: dict
    default: {}
  reset:
    description: Keys for which the package's own text counts again.
    type: list
    elements: str
    default: []
  mode:
    description:
      - V(merge) changes the keys named, and leaves what else was set.
      - V(replace) resets every other key of the ConfigMap. Without O(settings) it resets all.
    type: str
    choices: [merge, replace]
    default: merge
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
notes:
  - A text that is set hides what later versions of the package write there. Reset it to see it again.
  - A ConfigMap is no place for passwords. A text that holds a secret value of the instance is refused.
  - With a C(subPath) mount, or as environment, a file is never read again by running pods, whatever C(config.yaml) says.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_instance_config_info
  - module: acmp.middleware.acmp_instance
"""

EXAMPLES = r"""
- name: Set a file
  acmp.middleware.acmp_instance_config:
    name: orders-cache
    namespace: shop
    settings:
      redis.conf: "{{ lookup('ansible.builtin.file', 'redis.conf') }}"

- name: Add one file, and take out another one
  acmp.middleware.acmp_instance_config:
    name: orders-cache
    namespace: shop
    config_map: orders-cache-config
    settings:
      users.acl: "user reports on nopass ~reports:* +@read\n"
      old.conf: null

- name: Go back to the package's text
  acmp.middleware.acmp_instance_config:
    name: orders-cache
    namespace: shop
    reset: [redis.conf]

- name: Go back to the package's texts altogether
  acmp.middleware.acmp_instance_config:
    name: orders-cache
    namespace: shop
    mode: replace
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["set orders-cache-config/redis.conf: 3 lines changed", "reset orders-cache-config/start.sh to the package's"]
config_map:
  description: Name of the ConfigMap.
  returned: success
  type: str
  sample: orders-cache-config
changes:
  description: What changes in the instance's objects, as M(acmp.middleware.acmp_instance) returns it.
  returned: when objects change
  type: list
  elements: dict
  sample: [{"object": "ConfigMap orders-cache-config", "what": "redis.conf", "before": "maxclients 1000", "after": "maxclients 2000"}]
restarts:
  description:
    - Workloads whose pods are restarted by it, because they read what changed. Empty where the software reloads it by itself.
    - Where a key is reset, what the package writes is known at its deployment only. Then its readers are named.
  returned: success
  type: list
  elements: str
  sample: ["StatefulSet orders-cache-primary"]
checks:
  description: Checks before the change that could not be made, with the right they need.
  returned: when something changes
  type: list
  elements: dict
  sample: [{"name": "a node has the package's architecture", "outcome": "skipped", "message": "needs list nodes"}]
instance:
  description: The instance after it.
  returned: success
  type: dict
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
    kept:
      description: What a removal kept, with delete policy V(keep). Empty for an instance that runs.
      type: dict
      returned: always
      contains:
        at: {description: Time of the removal in UTC., type: str, returned: for an instance in the recycle bin}
        claims: {description: "Its volumes: name, uid, size, volume, reclaim_policy.", type: list, elements: dict, returned: for an instance in the recycle bin}
        secrets: {description: "Its Secrets, with name and uid.", type: list, elements: dict, returned: for an instance in the recycle bin}
        others: {description: Other objects that its package wants kept., type: list, elements: dict, returned: for an instance in the recycle bin}
        revisions: {description: Numbers of its revisions., type: list, elements: int, returned: for an instance in the recycle bin}
    operation: {description: Name of the Operation that logged its last change., type: str, returned: always}
    last_error: {description: Why the last change failed., type: str, returned: always}
    created_at: {description: Time of the first deployment in UTC., type: str, returned: always}
    observed_at: {description: Time the record was written in UTC., type: str, returned: always}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.config import configs
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str", "required": True},
        namespace={"type": "str", "required": True},
        cluster={"type": "str", "default": "local"},
        project={"type": "str"},
        config_map={"type": "str"},
        settings={"type": "dict", "default": {}},
        reset={"type": "list", "elements": "str", "default": []},
        mode={"type": "str", "choices": ["merge", "replace"], "default": "merge"},
        wait={"type": "bool", "default": True},
        wait_timeout={"type": "int", "default": 300},
        requester={"type": "str"},
        helm_binary={"type": "path"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return configs.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
