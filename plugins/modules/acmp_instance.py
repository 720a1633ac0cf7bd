#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance
short_description: Deploy, change, upgrade and remove an instance of a package
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Deploys a listed package as an instance in a namespace, waits until it is ready, and records it. Run again with other values it changes the
    instance; with a newer version it upgrades it; with the same it does nothing, in three requests and without starting Helm.
  - On another registered cluster the same holds with six requests. Its identity is checked before the first write.
  - Everything that speaks against a deployment is listed at once before anything is created.
  - A first deployment that fails takes away what it created. A change or an upgrade that fails goes back to the last ready revision.
options:
  name:
    description:
      - Name of the instance, and of its Helm release. A DNS label of at most 53 characters, unique in the namespace.
    type: str
    required: true
  namespace:
    description: Namespace (workspace) of the instance.
    type: str
    required: true
  cluster:
    description:
      - Name of a registered cluster, where the instance runs. V(local) is the one that the connection options name.
      - The connection options always name the management cluster. From there the way leads through the workspace's own credential, which its
        members may read, else through the cluster's own, which managers may.
    type: str
    default: local
  package:
    description: Name of a listed package. Needed for a new instance.
    type: str
  version:
    description:
      - Version of the package. A new instance takes the newest listed version, an existing one stays on its own.
      - A newer version has to say that it follows the present one (C(upgrade) in its application.yaml), or versions between them do. Then the
        upgrade goes by way of these, and waits until each is ready.
    type: str
  app_version:
    description:
      - Version of the software in the package, where the package offers several (C(versionDefinition) in its application.yaml).
    type: str
  type:
    description: Instance type, one of the package's offered configurations. The package's first one by default.
    type: str
  values:
    description:
      - Values of the package's form, as form paths (C(values.replicas), or short C(replicas), C(nodes[0].name)) or nested.
      - A dot in a key itself is written C(\\.). Only keys of the first level are paths.
      - Values of secret fields are better given in O(secret_values).
    type: dict
    default: {}
  secret_values:
    description: Values of secret fields by form path. They are kept in a Secret of the namespace, never in the record.
    type: dict
    default: {}
  values_mode:
    description:
      - V(replace) takes the instance type's configuration with O(values) on top, so that the task describes the instance completely.
      - V(merge) changes only what O(values) names, and keeps the rest as it was recorded.
      - A task that says nothing of package, version, type, values or document leaves all of them as they are recorded.
    type: str
    choices: [replace, merge]
    default: replace
  document:
    description: The whole document (script mode), a C(HelmRelease) as mapping or as YAML text, instead of O(values).
    type: raw
  state:
    description:
      - V(present) deploys, changes or upgrades the instance. One in the recycle bin, for which nothing of what it shall be is given, comes back as it
        was, with its volumes and Secrets; with values or a version it is deployed over what was kept.
      - V(restarted) restarts its pods as C(kubectl rollout restart) does, and changes nothing else.
      - V(absent) removes it by its delete policy.
    type: str
    choices: [present, restarted, absent]
    default: present
  delete_policy:
    description:
      - V(keep) removes the workloads, and keeps volumes, Secrets and revisions. The instance stays in the list with phase C(Removed), the recycle bin.
        Where it cannot be proven that each volume stays, the task fails before anything is touched.
      - V(wipe) deletes everything. O(confirm) has to say the name of the instance.
      - V(refuse) protects it from O(state=absent).
      - Recorded when given. V(keep) where nothing was ever said.
    type: str
    choices: [keep, wipe, refuse]
  confirm:
    description: The name of the instance, as confirmation of O(delete_policy=wipe).
    type: str
  project:
    description:
      - Project of the instance, an existing one. Where the namespace belongs to a project, it is this one.
      - It says which credential leads to a registered cluster.
    type: str
    default: default
  description:
    description: A sentence about the instance.
    type: str
  create_namespace:
    description:
      - Where the namespace does not exist, make it a workspace of O(project) from the project's template, with its quota, members and credential.
      - It needs the rights of a manager.
    type: bool
    default: false
  drift:
    description:
      - What to do about objects of the instance that somebody changed or deleted since they were deployed, where the task changes nothing else.
      - V(ignore) does not look at them. V(report) lists the differences in RV(drift) and warns of them. V(repair) puts them back the way they were deployed.
      - Only fields that the package names count. What an autoscaler, an injector or another controller writes, annotations of a restart, and labels
        and annotations made by hand are left alone.
      - To look costs two requests and one for each kind of object.
    type: str
    choices: [ignore, report, repair]
    default: ignore
  wait:
    description: Wait until the instance is ready. Without it the instance is C(NotReady) until a later run has seen it ready.
    type: bool
    default: true
  wait_timeout:
    description: Seconds to wait at most. States that cannot become ready are reported earlier.
    type: int
    default: 300
  keep_failed:
    description: Leave what a failed first deployment created, to look at it.
    type: bool
    default: false
  recover:
    description:
      - Before anything else, looks for states in which the instance would stay until somebody does something, names them, and cures those that
        can be cured safely. An Instance that was deleted by hand is recorded again from its Helm release and its revisions. Jobs of hooks that
        nobody waits for any more are deleted. A removal whose hooks fail goes on without them.
      - What nobody can cure is told as a warning, with the reason and what to do. No claim is ever deleted, no finalizer taken away, no pod
        ended by force.
      - A run that was killed needs none of this. The next run of the same task goes on where it stopped.
    type: bool
    default: false
  allow_hidden:
    description: Take a version that is uploaded but not listed, for a manager to try it.
    type: bool
    default: false
  adopt:
    description:
      - Take over what exists already and is no instance, a Helm release of the same chart, or objects of the names that a kustomization makes.
      - Who managed it before has to let go of it first, or would put it back.
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
  - module: acmp.middleware.acmp_instance_info
  - module: acmp.middleware.acmp_package
"""

EXAMPLES = r"""
- name: Deploy Redis
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop
    package: redis

- name: Deploy it to another cluster, into a new workspace of a project
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop-east
    cluster: east
    project: shop
    create_namespace: true
    package: redis

- name: Give it two replicas and more room
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop
    values:
      replicas: 2
      persistence.size: 4Gi

- name: Change one field and keep the others as they are
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop
    values_mode: merge
    values:
      config.maxmemoryPolicy: allkeys-lru

- name: Put back what somebody changed by hand
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop
    drift: repair

- name: Remove it, but keep its data
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop
    state: absent

- name: Bring it back as it was
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop

- name: Remove it with its data
  acmp.middleware.acmp_instance:
    name: orders-cache
    namespace: shop
    state: absent
    delete_policy: wipe
    confirm: orders-cache
"""

RETURN = r"""
changes:
  description:
    - What changes in the instance's objects, the same in check mode. Secrets are masked, long values are cut, and what is generated anew says so.
    - C(what) names the field as C(replicas), C(image redis), C(memory limit), C(storage size), C(variable NAME), the key of a ConfigMap, else by its
      path; or it is C(added), C(removed), or C(kept) for an object that leaves the instance and stays in the cluster.
  returned: when objects change
  type: list
  elements: dict
  contains:
    object: {description: Kind and name., type: str, returned: always}
    what: {description: What of it., type: str, returned: always}
    before: {description: "Its value, V(null) where there was none.", type: raw, returned: always}
    after: {description: "Its new value, V(null) where there is none any more.", type: raw, returned: always}
  sample:
    - {object: StatefulSet orders-cache, what: replicas, before: 1, after: 3}
    - {object: PodDisruptionBudget orders-cache, what: added, before: null, after: null}
drift:
  description: Differences between what was deployed and what was found. C(what) is as in RV(changes), or C(missing) for an object that is gone.
  returned: when O(drift) is V(report) or V(repair), and the task changes nothing else
  type: list
  elements: dict
  contains:
    object: {description: Kind and name., type: str, returned: always}
    what: {description: What of it., type: str, returned: always}
    expected: {description: The value that was deployed., type: raw, returned: always}
    found: {description: "The value that was found, V(null) where there is none.", type: raw, returned: always}
  sample: [{object: StatefulSet orders-cache, what: replicas, expected: 1, found: 5}]
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["create Secret orders-cache-auth", "deploy redis 1.0.0 (default) as shop/orders-cache"]
checks:
  description: Checks before the deployment that could not be made, with the right they need.
  returned: when the instance is deployed or changed
  type: list
  elements: dict
  sample: [{"name": "a node has the package's architecture", "outcome": "skipped", "message": "needs list nodes"}]
instance:
  description: The instance, V(null) when there is none any more.
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

from ansible_collections.acmp.middleware.plugins.module_utils.instance import instances
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str", "required": True},
        namespace={"type": "str", "required": True},
        cluster={"type": "str", "default": "local"},
        package={"type": "str"},
        version={"type": "str"},
        app_version={"type": "str"},
        type={"type": "str"},
        values={"type": "dict", "default": {}},
        secret_values={"type": "dict", "default": {}, "no_log": True},
        values_mode={"type": "str", "choices": ["replace", "merge"], "default": "replace"},
        document={"type": "raw"},
        state={"type": "str", "choices": ["present", "restarted", "absent"], "default": "present"},
        delete_policy={"type": "str", "choices": ["keep", "wipe", "refuse"]},
        confirm={"type": "str"},
        project={"type": "str", "default": "default"},
        description={"type": "str"},
        create_namespace={"type": "bool", "default": False},
        drift={"type": "str", "choices": ["ignore", "report", "repair"], "default": "ignore"},
        wait={"type": "bool", "default": True},
        wait_timeout={"type": "int", "default": 300},
        keep_failed={"type": "bool", "default": False},
        recover={"type": "bool", "default": False},
        allow_hidden={"type": "bool", "default": False},
        adopt={"type": "bool", "default": False},
        requester={"type": "str"},
        helm_binary={"type": "path"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return instances.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
