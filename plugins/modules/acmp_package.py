#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_package
short_description: Publish a middleware package
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Uploads a package, lists it in the catalog, takes it off the list, or deletes it.
  - An uploaded package is checked and waits hidden in the namespace C(acmp-incoming) until a manager lists it. Listing copies its bytes
    to C(acmp-catalog), where everybody may read them. The bytes of a version never change once it was listed.
options:
  src:
    description:
      - Folder or archive (C(.tgz), C(.tar.gz), C(.zip)) of the package, on the machine the task runs on.
      - Needed to upload. Where it is given, the version in the catalog has to hold the same bytes.
    type: path
  name:
    description: Name of the package. Needed without O(src).
    type: str
  version:
    description: Version of the package, with or without C(v). Needed without O(src).
    type: str
  state:
    description:
      - V(present) uploads the package where it is missing, and leaves open whether it is listed.
      - V(listed) makes it available to everybody, and uploads it first where it is missing.
      - V(unlisted) hides it again. Instances that run it keep what they need.
      - V(absent) deletes a package that is not listed.
    type: str
    choices: [present, listed, unlisted, absent]
    default: present
  force:
    description:
      - Upload or list a package although the linter finds errors in it (see M(acmp.middleware.acmp_package_lint)). Managers may do so, and the
        package's record says that it was done.
      - Without it such a package is refused.
    type: bool
    default: false
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_package_lint
  - module: acmp.middleware.acmp_package_info
"""

EXAMPLES = r"""
- name: Publish a package from its folder
  acmp.middleware.acmp_package:
    src: ./redis
    state: listed

- name: Upload it only, for a manager to look at
  acmp.middleware.acmp_package:
    src: ./redis-1.0.0.tgz

- name: Take a version off the catalog
  acmp.middleware.acmp_package:
    name: redis
    version: 1.0.0
    state: unlisted
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode, in this order.
  returned: success
  type: list
  elements: str
  sample: ["upload package redis 1.0.0 (9 KiB, sha256 5f3a1c9be07d)", "list package redis 1.0.0"]
package:
  description: The package as the catalog holds it, V(null) when it was deleted.
  returned: success
  type: dict
  contains:
    name: {description: Name of the package., type: str, returned: always}
    version: {description: Version of the package., type: str, returned: always}
    app_version: {description: Version of the software in it., type: str, returned: always}
    display_name: {description: Name for people., type: str, returned: always}
    mode: {description: "How it is deployed, V(helm) or V(operator).", type: str, returned: always}
    phase: {description: "V(Hidden) or V(Listed).", type: str, returned: always}
    architectures: {description: "V(x86_64), V(aarch64) or both.", type: list, elements: str, returned: always}
    categories: {description: Categories., type: list, elements: str, returned: always}
    sha256: {description: Checksum of the archive., type: str, returned: always}
    size: {description: Size of the archive in bytes., type: int, returned: always}
    uploaded_at: {description: Time of the upload in UTC., type: str, returned: always}
    uploaded_by: {description: User who uploaded it., type: str, returned: always}
    instance_types: {description: "Names of the offered configurations, the default first.", type: list, elements: str, returned: always}
"""

from ansible_collections.acmp.middleware.plugins.module_utils.catalog import packages
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        src={"type": "path"},
        name={"type": "str"},
        version={"type": "str"},
        state={"type": "str", "choices": ["present", "listed", "unlisted", "absent"], "default": "present"},
        force={"type": "bool", "default": False},
    ),
    "required_one_of": [("src", "name")],
    "required_by": {"name": ("version",)},
    "supports_check_mode": True,
}


def run(params, ctx):
    return packages.ensure(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
