#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_package_info
short_description: Look up middleware packages
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Returns the packages of the catalog with their details, and the uploaded ones that wait hidden where the caller may see them.
options:
  name:
    description: Exact name of a package.
    type: str
  version:
    description: Version of a package.
    type: str
  keyword:
    description: Words that name, display name, description, alias or categories have to hold, all of them, in any case.
    type: str
  category:
    description: A category.
    type: str
  architecture:
    description: An architecture the package has to support.
    type: str
    choices: [x86_64, aarch64]
  mode:
    description: How packages are deployed.
    type: str
    choices: [helm, operator]
  phase:
    description: Only listed or only hidden packages.
    type: str
    choices: [listed, hidden]
  form:
    description:
      - Whether the fields of each package's form are returned, for every instance type.
      - They are read from the packages themselves, which takes a few more requests for each of them.
    type: bool
    default: false
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes.info
seealso:
  - module: acmp.middleware.acmp_package
  - plugin: acmp.middleware.form
    plugin_type: filter
  - plugin: acmp.middleware.to_document
    plugin_type: filter
"""

EXAMPLES = r"""
- name: What databases are on offer
  acmp.middleware.acmp_package_info:
    category: Database
    phase: listed
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ item.name }} {{ item.version }}: {{ item.description }}"
  loop: "{{ found.packages }}"
  loop_control:
    label: "{{ item.name }}"
"""

RETURN = r"""
packages:
  description: The packages found, by name, the newest version first.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Name of the package., type: str, returned: always}
    version: {description: Version of the package., type: str, returned: always}
    app_version: {description: Version of the software in it., type: str, returned: always}
    display_name: {description: Name for people., type: str, returned: always}
    description: {description: Description in Markdown., type: str, returned: always}
    mode: {description: "How it is deployed, V(helm) or V(operator).", type: str, returned: always}
    phase: {description: "V(Hidden) or V(Listed).", type: str, returned: always}
    architectures: {description: Supported architectures., type: list, elements: str, returned: always}
    categories: {description: Categories., type: list, elements: str, returned: always}
    types: {description: "Instance types with name, description and document.", type: list, elements: dict, returned: always}
    upgrade: {description: Versions it can follow., type: dict, returned: always}
    sha256: {description: Checksum of the archive., type: str, returned: always}
    size: {description: Size of the archive in bytes., type: int, returned: always}
    uploaded_at: {description: Time of the upload in UTC., type: str, returned: always}
    listed_at: {description: "Time of listing in UTC, empty for hidden ones.", type: str, returned: always}
    form:
      description: The fields of the form of each instance type, by the type's name; P(acmp.middleware.form#filter) tells what a field holds.
      type: dict
      returned: when O(form=true)
      sample: {default: [{path: values.replicas, label: Replicas, type: integer, widget: podCount, default: 1}]}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.catalog import packages
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        name={"type": "str"},
        version={"type": "str"},
        keyword={"type": "str", "no_log": False},
        category={"type": "str"},
        architecture={"type": "str", "choices": ["x86_64", "aarch64"]},
        mode={"type": "str", "choices": ["helm", "operator"]},
        phase={"type": "str", "choices": ["listed", "hidden"]},
        form={"type": "bool", "default": False},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return {"changed": False, "packages": packages.info(connection_options(params), params["act_as"], params, ctx)}


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
