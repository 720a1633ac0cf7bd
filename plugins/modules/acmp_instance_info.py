#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_info
short_description: Look at instances
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns instances with what is recorded of them and what runs of them now.
  - Takes one request for each kind of object that O(parts) need in each namespace, at most ten with the usual parts, however many instances it holds.
  - With O(cluster=all) every registered cluster is looked at side by side. One that cannot be reached is named in a warning after three seconds at most.
options:
  name:
    description: Name of an instance.
    type: str
  cluster:
    description:
      - Name of a registered cluster, or V(all) for every one. V(local) is the one that the connection options name.
      - With O(namespace) the workspace's own credential is enough, which lies in its O(project), V(default) where it is not given.
    type: str
    default: local
  namespace:
    description: Namespace to look at. Every one that the caller may list where it is not given.
    type: str
  package:
    description: Only instances of this package.
    type: str
  project:
    description: Only instances of this project.
    type: str
  phase:
    description: Only instances in this phase.
    type: str
    choices: [deploying, changing, upgrading, rollingback, ready, notready, failed, removing, removed]
  live:
    description: Look at what runs. Without it only records are read, and of O(parts) only V(parameters) and V(history) count.
    type: bool
    default: true
  parts:
    description:
      - What to look at. Controllers are always read where O(live=true), because without them nobody knows whether an instance is ready.
      - V(workloads) are Deployments, StatefulSets, DaemonSets, Jobs and CronJobs with their numbers.
      - V(pods) are pods and containers, with their status in the words of C(kubectl get pods). V(usage) adds what containers use, where metrics-server runs.
      - V(endpoints) are Services and Ingresses with their addresses.
      - V(release) is the status of the Helm release.
      - V(status) is the status page that the package describes, and the conditions of the record.
      - V(stuck) are states out of which it does not come by itself, each with the next step.
      - V(parameters) are the fields of the package's form with value and default.
      - V(history) are the changes of the instance. Who made them, when, what they changed, and how they ended.
      - V(events) are the steps of those changes and the Kubernetes events of the instance's objects, the newest last.
      - V(logs) are the last lines of each container. They need a O(name). What the instance's Secrets hold is masked in them.
    type: list
    elements: str
    choices: [workloads, pods, usage, endpoints, release, status, stuck, parameters, history, events, logs]
    default: [workloads, pods, endpoints, release]
  container:
    description: Of V(logs) in O(parts) only this container. All of them where it is not given.
    type: str
  lines:
    description: How many lines of each log, 1 to 2000. A container shows 64 KiB at most, all together 1 MiB.
    type: int
    default: 20
  previous:
    description:
      - V(true) for the logs of the containers before those that run now, V(false) for the present ones alone.
      - Where it is not given, the log before a crash is shown of containers that do not run.
    type: bool
  probe:
    description: Try to connect to the TCP addresses of V(endpoints) in O(parts) from where this task runs. It takes two seconds at most altogether.
    type: bool
    default: false
  watch:
    description:
      - Watch the instance of that O(name) and O(namespace) for at most so many seconds, until it is ready, failed or removed.
      - What changes is printed while the task runs, where it runs on the controller.
    type: int
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_instance
"""

EXAMPLES = r"""
- name: Look at one instance
  acmp.middleware.acmp_instance_info:
    name: orders-cache
    namespace: shop
  register: found

- name: Look at the instances of a project on every cluster
  acmp.middleware.acmp_instance_info:
    cluster: all
    project: shop

- name: What happened to it, and what its containers say
  acmp.middleware.acmp_instance_info:
    name: orders-cache
    namespace: shop
    parts: [workloads, pods, events, logs]
    lines: 50

- name: Can its addresses be reached from here
  acmp.middleware.acmp_instance_info:
    name: orders-cache
    namespace: shop
    parts: [endpoints]
    probe: true

- name: Watch it until it is ready
  acmp.middleware.acmp_instance_info:
    name: orders-cache
    namespace: shop
    watch: 300
  register: watched
  failed_when: not watched.settled

- name: Say where it is
  ansible.builtin.debug:
    msg: "{{ found.instances[0].phase }} at {{ found.instances[0].endpoints[0].addresses[0] }}"
"""

RETURN = r"""
instances:
  description: The instances found.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the instance., type: str, returned: always}
    namespace: {description: Its namespace., type: str, returned: always}
    cluster: {description: Its cluster., type: str, returned: always}
    project: {description: The project it belongs to., type: str, returned: always}
    package: {description: The package it runs., type: str, returned: always}
    version: {description: Version of the package., type: str, returned: always}
    type: {description: Instance type., type: str, returned: always}
    phase:
      description: "V(Ready), V(NotReady), V(Deploying), V(Changing), V(Upgrading), V(RollingBack), V(Failed), V(Removing) or V(Removed)."
      type: str
      returned: always
    mode: {description: "How it is deployed, V(helm) or V(operator).", type: str, returned: always}
    release: {description: Name of its Helm release., type: str, returned: always}
    description: {description: A sentence about it., type: str, returned: always}
    delete_policy: {description: "What O(acmp.middleware.acmp_instance#module:state=absent) does, V(keep), V(wipe) or V(refuse).", type: str, returned: always}
    revision: {description: Number of its last change., type: int, returned: always}
    ready_revision: {description: Number of the last change that became ready., type: int, returned: always}
    helm_revision: {description: Revision of the Helm release that belongs to it., type: int, returned: always}
    document: {description: "What it was asked to be, as YAML, without secrets.", type: str, returned: always}
    endpoints:
      description:
        - Its Services with type, cluster IP, ports and addresses. C(node_addresses) are those of node ports, where the cluster has an access address.
        - An Ingress stands after them with its web addresses in C(external) and the Services behind it in C(addresses).
        - With O(probe=true) each has C(probes), a list of address, reachable (null where it was not tried) and message.
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
    age: {description: "How long ago that was, as kubectl writes it.", type: str, returned: always, sample: 5h12m}
    workloads:
      description:
        - Controllers with kind, name, ready, wanted, up_to_date, available, completions, duration, schedule, last_run, active, suspended, images,
          created_at and age.
        - C(state) says the same in one line, C(done) whether nothing is left to do, C(reason) what. Null is what a kind has not.
      type: list
      elements: dict
      returned: when V(workloads) in O(parts)
    pods:
      description:
        - Pods with status, ready, ready_containers, restarts, ip, node, owner_kind, owner, message, age and containers.
        - A container has name, init, status, ready, restarts, image, started_at, age, message, last_end (how the one before it ended) and cpu_request,
          cpu_limit, cpu_usage, memory_request, memory_limit, memory_usage, null where there is none.
      type: list
      elements: dict
      returned: when V(pods), V(usage) or V(logs) in O(parts)
    helm_status: {description: Status of the Helm release., type: str, returned: when V(release) in O(parts)}
    stuck:
      description: States out of which it does not come by itself, each with the next step.
      type: list
      elements: str
      returned: when V(stuck) in O(parts)
    conditions: {description: Conditions of the record., type: list, elements: dict, returned: when V(status) in O(parts)}
    status:
      description: "Lines of the package's status page: label, help, path, widget, value, text, url, and missing where there is no value."
      type: list
      elements: dict
      returned: when V(status) in O(parts)
    parameters:
      description: "Fields of the form: label, path, group, value, default, secret, and changed where the value is not the default."
      type: list
      elements: dict
      returned: when V(parameters) in O(parts)
    history:
      description:
        - Changes, the newest first. Each has at, finished_at, by, verb, operation, outcome, revision, package, version, ready, helm_revision, message.
        - C(changes) is a list of path, before and after against the revision before.
      type: list
      elements: dict
      returned: when V(history) in O(parts)
    events:
      description: "Events, the newest last: time, age, type, reason, source, object, message, count. The steps of our own runs have the source C(acmp)."
      type: list
      elements: dict
      returned: when V(events) in O(parts)
    logs:
      description: "Logs: pod, container, previous, lines, cut (there was more), and error where it could not be read."
      type: list
      elements: dict
      returned: when V(logs) in O(parts)
table:
  description: The same as text for people, with details where a O(name) is given.
  returned: success
  type: str
  sample: "NAME          STATUS  PACKAGE ..."
hint:
  description: Where no instance was found, which filter fits none, with the nearest that would.
  returned: when no instance was found
  type: str
  sample: 'There is no instance "orders-cahce" in namespace shop: did you mean "orders-cache"?'
watched:
  description: What changed, with the time in UTC.
  returned: when O(watch) is given
  type: list
  elements: str
  sample: ["12:00:05  StatefulSet orders-cache: 1/1 READY"]
settled:
  description: Whether it was ready at the end.
  returned: when O(watch) is given
  type: bool
  sample: true
"""

from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module
from ansible_collections.acmp.middleware.plugins.module_utils.look import answer

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str"},
        cluster={"type": "str", "default": "local"},
        namespace={"type": "str"},
        package={"type": "str"},
        project={"type": "str"},
        phase={"type": "str", "choices": ["deploying", "changing", "upgrading", "rollingback", "ready", "notready", "failed", "removing", "removed"]},
        live={"type": "bool", "default": True},
        parts={
            "type": "list", "elements": "str", "default": ["workloads", "pods", "endpoints", "release"],
            "choices": ["workloads", "pods", "usage", "endpoints", "release", "status", "stuck", "parameters", "history", "events", "logs"],
        },
        container={"type": "str"},
        lines={"type": "int", "default": 20},
        previous={"type": "bool"},
        probe={"type": "bool", "default": False},
        watch={"type": "int"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return answer.give(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
