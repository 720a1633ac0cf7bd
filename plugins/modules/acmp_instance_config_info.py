#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_config_info
short_description: Look at the configuration files of an instance
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns the ConfigMaps of an instance with the text of each key, where it comes from, and what the package's C(config.yaml) says of it.
  - Secret values of the instance are masked.
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
    description: Only this ConfigMap.
    type: str
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_instance_config
"""

EXAMPLES = r"""
- name: Look at the configuration of an instance
  acmp.middleware.acmp_instance_config_info:
    name: orders-cache
    namespace: shop
  register: found

- name: Keep the files
  ansible.builtin.copy:
    content: "{{ item.text }}"
    dest: "/tmp/{{ item.key }}"
    mode: "0600"
  loop: "{{ found.config_maps[0].settings }}"
  loop_control:
    label: "{{ item.key }}"
  when: item.text is not none
"""

RETURN = r"""
config_maps:
  description: The ConfigMaps of the instance, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the ConfigMap., type: str, returned: always, sample: orders-cache-config}
    created_at: {description: Time it was created in UTC., type: str, returned: always, sample: "2026-05-11T10:19:37Z"}
    settings:
      description: Its keys.
      returned: always
      type: list
      elements: dict
      contains:
        key: {description: The key., type: str, returned: always, sample: redis.conf}
        text: {description: "Its text, as pods read it now. V(null) for bytes, and for a key that was taken out.", type: str, returned: always}
        source:
          description:
            - V(package) for what the package writes, V(override) for what was set with M(acmp.middleware.acmp_instance_config).
            - V(hand) where somebody changed it in the cluster.
          type: str
          returned: always
          sample: override
        binary: {description: Whether it holds bytes., type: bool, returned: always, sample: false}
        apply:
          description: What makes a change count, V(restart) of the pods, or V(reload) where config.yaml says that the software reads all of it again.
          type: str
          returned: always
          sample: restart
        form_fields:
          description:
            - Settings in the text that the form offers, with the path of the field. Better changed there.
            - Found by name, where only one field has it, and in a package's own text where the form has the value that stands in the text.
          type: dict
          returned: for a text
          sample: {"maxmemory-policy": "values.config.maxmemoryPolicy"}
        format: {description: How the file is written., type: str, returned: where config.yaml describes it, sample: properties}
        description: {description: A sentence about it., type: str, returned: where config.yaml describes it}
        parameters:
          description:
            - What config.yaml says may be set in it, with name, path, type, minimum, maximum, choices, default, pattern, description and apply.
            - Its value is the present one, V(null) where it is not set.
          type: list
          elements: dict
          returned: where config.yaml describes it
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
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return {"changed": False, "config_maps": configs.info(connection_options(params), params["act_as"], params, ctx)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
