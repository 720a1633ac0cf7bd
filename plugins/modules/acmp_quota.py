#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_quota
short_description: Set the quota and the limits of a namespace
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Sets a ResourceQuota, which bounds what a namespace may use altogether, and a LimitRange, which gives each container, pod and claim its
    defaults and bounds. Both have the same name.
  - Quantities are compared by their value, so that V(1.5), V(1500m) and a changed spelling are no change.
  - Refused without O(force) is what would break something that works, with the numbers and the names. That is a quota lowered below what is used,
    a quota on CPU or memory while containers run that have no such requests or limits and get none from a LimitRange, bounds that running
    containers do not keep, and a quota or LimitRange that somebody else made.
  - A manager may do it in the namespaces of projects, a cluster administrator in every one.
options:
  namespace:
    description: The namespace.
    type: str
    required: true
  cluster:
    description: The registered cluster the namespace is on. V(local) is the one the platform lives on.
    type: str
    default: local
  name:
    description: Name of the ResourceQuota and of the LimitRange.
    type: str
    default: acmp
  hard:
    description:
      - All that the namespace may use, in Kubernetes' own keys and quantities. What is not named is not bounded.
      - C(requests.cpu), C(limits.cpu), C(requests.memory), C(limits.memory) are sums over the pods, C(requests.storage) over the claims, and
        C(CLASS.storageclass.storage.k8s.io/requests.storage) over those of one storage class.
      - C(pods), C(persistentvolumeclaims), C(services), C(services.loadbalancers), C(services.nodeports), C(secrets) and C(configmaps) are
        counted, and so is every other kind as C(count/RESOURCE.GROUP), for example C(count/deployments.apps).
      - C(requests.VENDOR/RESOURCE) are extended resources, for example C(requests.nvidia.com/gpu).
      - Without this option the quota stays as it is, an empty mapping removes it.
    type: dict
  limits:
    description:
      - Items of a LimitRange. Each has C(type), which is V(Container), V(Pod) or V(PersistentVolumeClaim), and any of
        C(default) (the limit of a container that gives none), C(defaultRequest), C(min), C(max) and C(maxLimitRequestRatio).
      - Without this option the LimitRange stays as it is, an empty list removes it.
    type: list
    elements: dict
  scopes:
    description:
      - Which pods the quota is for. Without this option the scopes stay as they are, an empty list means all pods.
      - Kubernetes does not allow to change them, so the quota is removed and made again.
    type: list
    elements: str
    choices: [BestEffort, CrossNamespacePodAffinity, NotBestEffort, NotTerminating, PriorityClass, Terminating, VolumeAttributesClass]
  scope_selector:
    description: Scopes with an operator and values, as in C(scopeSelector.matchExpressions) of a ResourceQuota.
    type: list
    elements: dict
  state:
    description:
      - V(present) sets what O(hard) and O(limits) say.
      - V(absent) removes both objects of this name.
    type: str
    choices: [present, absent]
    default: present
  force:
    description: Do it although it would break something, or although somebody else made it. What runs goes on; what is made anew has to fit.
    type: bool
    default: false
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_quota_info
"""

EXAMPLES = r"""
- name: Bound what a namespace uses
  acmp.middleware.acmp_quota:
    namespace: shop
    hard:
      requests.cpu: 4
      limits.cpu: 8
      requests.memory: 8Gi
      limits.memory: 16Gi
      requests.storage: 100Gi
      fast.storageclass.storage.k8s.io/requests.storage: 20Gi
      persistentvolumeclaims: 10
      pods: 30
      services.loadbalancers: 1
      requests.nvidia.com/gpu: 1
      count/jobs.batch: 20
    limits:
      - type: Container
        default: {cpu: 500m, memory: 512Mi}
        defaultRequest: {cpu: 100m, memory: 128Mi}
        max: {cpu: 4, memory: 8Gi}
        maxLimitRequestRatio: {cpu: 10}
      - type: PersistentVolumeClaim
        max: {storage: 50Gi}

- name: Allow few pods of high priority, beside the quota for all
  acmp.middleware.acmp_quota:
    namespace: shop
    name: acmp-high
    hard:
      pods: 2
    scope_selector:
      - {scopeName: PriorityClass, operator: In, values: [high]}

- name: Remove quota and limits
  acmp.middleware.acmp_quota:
    namespace: shop
    state: absent
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["create LimitRange shop/acmp", "create ResourceQuota shop/acmp"]
quota:
  description: The quota and the limits as they are now, empty for O(state=absent).
  returned: success
  type: dict
  contains:
    cluster: {description: The cluster., type: str, returned: always, sample: local}
    namespace: {description: The namespace., type: str, returned: always, sample: shop}
    name: {description: Name of both objects., type: str, returned: always, sample: acmp}
    hard: {description: What may be used., type: dict, returned: always, sample: {"pods": "30", "requests.cpu": "4"}}
    used:
      description: What was used before this run, as far as Kubernetes had counted it.
      type: dict
      returned: always
      sample: {"pods": "12", "requests.cpu": "2500m"}
    percent:
      description: Used of hard in percent, V(none) where it is not known.
      type: dict
      returned: always
      sample: {"pods": 40.0, "requests.cpu": 62.5}
    scopes: {description: Which pods the quota is for., type: list, elements: str, returned: always, sample: ["NotBestEffort"]}
    limits:
      description: Items of the LimitRange.
      type: list
      elements: dict
      returned: always
      sample: [{"type": "Container", "default": {"cpu": "500m"}, "defaultRequest": {"cpu": "100m"}}]
"""

from ansible_collections.acmp.middleware.plugins.module_utils.quota import quotas
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        namespace={"type": "str", "required": True},
        cluster={"type": "str", "default": "local"},
        name={"type": "str", "default": "acmp"},
        hard={"type": "dict"},
        limits={"type": "list", "elements": "dict"},
        scopes={
            "type": "list", "elements": "str",
            "choices": [
                "BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating", "VolumeAttributesClass",
            ],
        },
        scope_selector={"type": "list", "elements": "dict"},
        state={"type": "str", "choices": ["present", "absent"], "default": "present"},
        force={"type": "bool", "default": False},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return quotas.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
