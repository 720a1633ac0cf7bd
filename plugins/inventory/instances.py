# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: instances
short_description: Instances of middleware as hosts
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Makes a host of every instance, so that a play can go over all caches of a project, one after the other or side by side, with C(serial), C(--limit)
    and a line for each in the recap.
  - A host is an instance and not one of its pods. Its tasks run on the controller, because C(ansible_connection) is V(local) and
    C(ansible_python_interpreter) that of the playbook; O(compose) can change both.
  - The source is a YAML file whose name ends in C(acmp.yml) or C(acmp.yaml).
  - A host is called C(NAMESPACE_NAME), for example C(shop_orders-cache), and C(CLUSTER_NAMESPACE_NAME) where the cluster is not V(local).
    No two instances get the same name, because none of the three parts can hold an underscore.
  - Each host has the variables C(acmp_name), C(acmp_namespace), C(acmp_cluster), C(acmp_project), C(acmp_package), C(acmp_version), C(acmp_type),
    C(acmp_phase), C(acmp_endpoints) (as RV(acmp.middleware.acmp_instance_info#module:instances[].endpoints)) and C(acmp_secrets) (names of the Secrets
    with its credentials, never what they hold). Their values are data, which Ansible does not template.
options:
  plugin:
    description: Says that the file is a source for this plugin.
    type: str
    required: true
    choices: [acmp.middleware.instances]
  clusters:
    description:
      - Names of registered clusters, or V(all) for every one. V(local) is the one that the connection options name.
      - With V(all), a cluster that cannot be looked at is a warning, and what was found is not put into the cache.
    type: list
    elements: str
    default: [local]
    aliases: [cluster]
  namespaces:
    description: Namespaces to look at. Every one that the caller may list where it is not given.
    type: list
    elements: str
    default: []
  projects:
    description:
      - Only instances of these projects.
      - Where a cluster is not V(local), the credential of a workspace is looked for in the one project named here, in V(default) where it is none or several.
    type: list
    elements: str
    default: []
  packages:
    description: Only instances of these packages.
    type: list
    elements: str
    default: []
  phases:
    description: Only instances in these phases. Every one but V(removed) where it is not given.
    type: list
    elements: str
    choices: [deploying, changing, upgrading, ready, notready, failed, removing, removed]
    default: []
  live:
    description:
      - Look at workloads and Services as well, nine requests for each namespace with instances. Only then the phase can be C(NotReady).
      - Without it a cluster is asked once, and the endpoints are those of the last change.
    type: bool
    default: false
  hostname:
    description:
      - Jinja2 expression for the name of a host, over its variables. Letters, digits, C(_), C(.) and C(-) may be in it.
      - It is an error when two instances get the same name.
    type: str
  default_groups:
    description:
      - Put each host into C(acmp_instances) and into C(acmp_package_X), C(acmp_version_X), C(acmp_project_X), C(acmp_cluster_X), C(acmp_namespace_X) and
        C(acmp_phase_X). X is the value with C(_) for what may not be in the name of a group, the phase in lower case, for example C(acmp_version_1_0_0).
      - O(groups) and O(keyed_groups) add more.
    type: bool
    default: true
  act_as:
    description: Look with the rights of somebody else, by Kubernetes impersonation.
    type: dict
    suboptions:
      user:
        description: Name of the user, or C(system:serviceaccount:NAMESPACE:NAME).
        type: str
        required: true
      groups:
        description: Groups of the user.
        type: list
        elements: str
notes:
  - Every option but O(compose), O(groups), O(keyed_groups) and O(hostname), which are expressions, may hold templates with lookups and extra variables.
  - A source that cannot be read is only a warning of Ansible. Set C(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true) in pipelines.
  - The cache holds what the variables above hold. It is asked only for the same source with the same options and the same connection.
requirements:
  - Python 3.11 or newer
  - PyYAML, kubernetes, urllib3, jsonschema and semantic_version on the controller
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
seealso:
  - module: acmp.middleware.acmp_instance_info
"""

EXAMPLES = r"""
# shop.acmp.yml: the instances of one namespace. Try it with ansible-inventory -i shop.acmp.yml --graph
plugin: acmp.middleware.instances
namespaces: [shop]

---
# all.acmp.yml: every instance of a project on every cluster, with what runs of it now, kept for five minutes
plugin: acmp.middleware.instances
kubeconfig: "{{ lookup('env', 'HOME') }}/.kube/platform"
clusters: all
projects: [retail]
live: true
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /tmp/acmp-inventory
cache_timeout: 300

---
# own.acmp.yml: names, variables and groups of one's own
plugin: acmp.middleware.instances
packages: [redis]
hostname: acmp_project ~ '.' ~ acmp_name
compose:
  address: (acmp_endpoints | first).addresses | first
groups:
  troubled: acmp_phase in ['NotReady', 'Failed']
keyed_groups:
  - key: acmp_type
    prefix: type
default_groups: false
"""

import contextlib
import hashlib
import json
import os
import re

from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, InputError, nearest
from ansible_collections.acmp.middleware.plugins.module_utils.look import instances as look
from ansible_collections.acmp.middleware.plugins.plugin_utils import hosts, reading

try:
    from ansible.template import trust_as_template
except ImportError:
    # ansible-core 2.18 templates every string that is not marked as unsafe; newer ones only those marked as trusted.
    trust_as_template = None

_EXPRESSIONS = ("plugin", "compose", "groups", "keyed_groups", "hostname")
_QUERY = ("clusters", "namespaces", "projects", "packages", "phases", "live")
_OWN = (*_QUERY, "hostname", "default_groups")
_GROUPS = ("package", "version", "project", "cluster", "namespace", "phase")
# Neither a template nor an expression that does anything. Not marked, because --list shows marked strings as mappings, on which AWX stumbles.
_HARMLESS = re.compile(r"[\w.:/+-]*")
_HOSTNAME = re.compile(r"\w[\w.-]*")
_RESERVED = ("all", "ungrouped", *constants.LOCALHOST)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Instances as hosts whose tasks run on the controller."""

    NAME = "acmp.middleware.instances"

    def verify_file(self, path):
        return super().verify_file(path) and path.endswith(("acmp.yml", "acmp.yaml"))

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path, cache)
        try:
            self._configure(path)
            for name, facts in self._named(self._found(path, cache)).items():
                self._add(name, facts)
        except AcmpError as error:
            raise AnsibleParserError(error.message) from None

    def _configure(self, path: str) -> None:
        try:
            self._read_config_data(path)
        except AttributeError:
            # What the base meets in a file that holds no mapping.
            raise InputError("The file is no source of an inventory", where=path, todo=f"make it a mapping with plugin: {self.NAME}") from None

    def set_options(self, task_keys=None, var_options=None, direct=None):
        super().set_options(task_keys, var_options, self._templated(direct) if direct else direct)

    def _templated(self, direct) -> dict:
        known = {name for option, definition in self.option_definitions.items() for name in (option, *definition.get("aliases", ()))}
        for name in direct:
            if name not in known:
                raise InputError(f'There is no option "{name}"', where=self.NAME, todo=nearest(str(name), known))
        self.templar.available_variables = self._vars
        found = {}
        for name, value in direct.items():
            try:
                found[name] = value if name in _EXPRESSIONS else self.templar.template(value)
            except AnsibleError as error:
                raise InputError(f"Its template cannot be evaluated: {error}", where=f"option {name}", todo="correct it") from None
        # Ansible itself takes any word for a boolean here.
        own = {name: {key: self.option_definitions[name].get(key) for key in ("type", "elements", "choices", "aliases")} for name in _OWN}
        reading.checked(own, {name: value for name, value in found.items() if name in own})
        return found

    def _found(self, path: str, cache: bool) -> list[dict]:
        """The facts of all instances, from the cache where that is asked for."""
        query = {name: self.get_option(name) for name in _QUERY}
        given = {name: self.get_option(name) for name in reading.names()}
        kept = self.get_option("cache")
        key = f"{self.get_cache_key(path)}_{_digest(query, given)}"
        if kept and cache:
            # Nothing there, or nothing of ours.
            with contextlib.suppress(KeyError, TypeError, ValueError):
                return json.loads(self.cache[key])
        result = reading.outcome(lambda options, act_as, ctx: {"facts": hosts.find(options, act_as, query, ctx)}, given, AnsibleParserError)
        for warning in result.get("warnings", ()):
            self.display.warning(warning)
        if kept and not result.get("warnings"):
            # As text, so that no data of a record is taken for a tag when the file is read.
            self.cache[key] = json.dumps(result["facts"])
        return result["facts"]

    def _named(self, found: list[dict]) -> dict[str, dict]:
        named: dict[str, dict] = {}
        for facts in found:
            place = "/".join(hosts.place(facts))
            name = self._hostname(facts, place)
            if name in named:
                raise InputError(
                    f'The instances {"/".join(hosts.place(named[name]))} and {place} would both be the host "{name}"', where="option hostname",
                    todo="put acmp_cluster and acmp_namespace into it")
            named[name] = facts
        return named

    def _hostname(self, facts: dict, place: str) -> str:
        expression = self.get_option("hostname")
        if not expression:
            return "_".join(hosts.place(facts)[1 if facts["acmp_cluster"] == look.LOCAL else 0:])
        try:
            name = self._compose(expression, _data(facts))
        except Exception as error:
            raise InputError(f"The name of instance {place} cannot be evaluated: {error}", where="option hostname", todo="correct the expression") from None
        if not isinstance(name, str) or not _HOSTNAME.fullmatch(name) or name in _RESERVED:
            raise InputError(
                f"{name!r} cannot be the name of a host, for instance {place}", where="option hostname",
                todo="make names of letters, digits, _, . and -, which mean nothing else to Ansible")
        return str(name)

    def _add(self, host: str, facts: dict) -> None:
        self.inventory.add_host(host)
        variables = {**_data(facts), "ansible_connection": _ours("local"), "ansible_python_interpreter": _ours("{{ ansible_playbook_python }}")}
        for name, value in variables.items():
            self.inventory.set_variable(host, name, value)
        if self.get_option("default_groups"):
            values = {part: facts[f"acmp_{part}"] for part in _GROUPS}
            values["phase"] = values["phase"].lower()
            for group in ("acmp_instances", *(f"acmp_{part}_{value}" for part, value in values.items() if value)):
                self.inventory.add_child(self.inventory.add_group(self._sanitize_group_name(group)), host)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)


def _data(value):
    """The same value such that Ansible never templates it."""
    if isinstance(value, dict):
        return {key: _data(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_data(item) for item in value]
    return wrap_var(value) if trust_as_template is None and isinstance(value, str) and not _HARMLESS.fullmatch(value) else value


def _ours(template: str) -> str:
    return trust_as_template(template) if trust_as_template else template


def _digest(query: dict, given: dict) -> str:
    surroundings = {name: value for name, value in os.environ.items() if name.startswith("K8S_AUTH_") or name in ("KUBECONFIG", "HOME")}
    return hashlib.sha256(json.dumps([hosts.SHAPE, query, given, surroundings], sort_keys=True, default=str).encode()).hexdigest()[:16]
