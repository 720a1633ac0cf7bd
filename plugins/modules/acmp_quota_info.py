#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_quota_info
short_description: Look up quotas and limits of namespaces
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns all ResourceQuotas and LimitRanges of a namespace, or of all namespaces, with what is used of each in percent.
  - On request it suggests other numbers, from what the pods request and from what they really use.
options:
  namespace:
    description: The namespace. Without it every namespace that has a quota or a LimitRange.
    type: str
  cluster:
    description: The registered cluster to look at. V(local) is the one the platform lives on.
    type: str
    default: local
  project:
    description:
      - The project of the workspace O(namespace). It says which credential leads to it on a registered cluster, for who may not reach all of the cluster.
      - Without it, it is V(default).
    type: str
  suggestions:
    description:
      - Whether other numbers are suggested for what is nearly full, hardly used or not bounded.
      - It takes two more requests, for the pods and for their real use, which is known where the cluster has a metrics server.
    type: bool
    default: false
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_quota
"""

EXAMPLES = r"""
- name: Who has used most of a quota
  acmp.middleware.acmp_quota_info:
  register: found

- name: Show it in percent
  ansible.builtin.debug:
    msg: "{{ item.namespace }}: {{ item.quotas | map(attribute='percent') | combine | dict2items | rejectattr('value', 'none') | items2dict }}"
  loop: "{{ found.quotas }}"
  loop_control:
    label: "{{ item.namespace }}"

- name: Look for better numbers
  acmp.middleware.acmp_quota_info:
    namespace: shop
    suggestions: true
"""

RETURN = r"""
quotas:
  description: One entry for each namespace, by name.
  returned: success
  type: list
  elements: dict
  contains:
    cluster: {description: The cluster., type: str, returned: always, sample: local}
    namespace: {description: The namespace., type: str, returned: always, sample: shop}
    state: {description: "V(Active), or V(Terminating) while the namespace is being deleted.", type: str, returned: always, sample: Active}
    quotas:
      description: Its ResourceQuotas.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name., type: str, returned: always, sample: acmp}
        hard: {description: What may be used., type: dict, returned: always, sample: {"pods": "30", "requests.cpu": "4"}}
        used: {description: What is used., type: dict, returned: always, sample: {"pods": "12", "requests.cpu": "2500m"}}
        percent:
          description: Used of hard in percent, V(none) where it is not known.
          type: dict
          returned: always
          sample: {"pods": 40.0, "requests.cpu": 62.5}
        scopes: {description: "Which pods it is for, all where it is empty.", type: list, elements: str, returned: always, sample: ["PriorityClass In high"]}
        managed: {description: Whether the platform made it., type: bool, returned: always, sample: true}
    limit_ranges:
      description: Its LimitRanges.
      type: list
      elements: dict
      returned: always
      contains:
        name: {description: Name., type: str, returned: always, sample: acmp}
        limits:
          description: "Items with C(type), C(default), C(defaultRequest), C(min), C(max) and C(maxLimitRequestRatio)."
          type: list
          elements: dict
          returned: always
          sample: [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}]
        managed: {description: Whether the platform made it., type: bool, returned: always, sample: true}
    suggestions:
      description: Other numbers that would leave a quarter of room.
      type: list
      elements: dict
      returned: when O(suggestions=true)
      contains:
        key: {description: The resource., type: str, returned: always, sample: requests.cpu}
        hard: {description: "What is allowed now, V(none) where it is not bounded.", type: str, returned: always, sample: "4"}
        used: {description: What is used., type: str, returned: always, sample: 3800m}
        measured: {description: "What the pods really use, V(none) where nobody measures.", type: str, returned: always, sample: 900m}
        suggested: {description: What to set., type: str, returned: always, sample: "5"}
        reason: {description: Why., type: str, returned: always, sample: nearly full; the pods use 900m of the 3800m they request}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.quota import quotas
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        namespace={"type": "str"},
        cluster={"type": "str", "default": "local"},
        project={"type": "str"},
        suggestions={"type": "bool", "default": False},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return {"changed": False, "quotas": quotas.info(connection_options(params), params["act_as"], params, ctx)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
