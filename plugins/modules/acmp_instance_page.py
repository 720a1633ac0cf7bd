#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_instance_page
short_description: Write a page of instances
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Writes an HTML page of one instance or of all of them, with workloads, pods, containers, addresses, status, parameters, history and events.
  - The page holds all it shows. It loads nothing, sends nothing and runs no script, and can be mailed, printed, put on a web server, or opened from disk.
  - Secret values are not in it.
  - A page that would differ in the time of its making alone is left as it is.
options:
  dest:
    description: Where the page goes. In a folder that exists it is named C(instances.html), everything else is the file itself.
    type: path
    required: true
  mode:
    description: Mode of the page, as four octal digits in quotes. Without it a new file gets what the umask leaves, and an old one keeps its own.
    type: str
  name:
    description: Name of an instance. All of them where it is not given.
    type: str
  cluster:
    description: Name of a registered cluster, or V(all) for every one. V(local) is the one that the connection options name.
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
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_instance_info
  - module: acmp.middleware.acmp_resource_report
"""

EXAMPLES = r"""
- name: A page of all instances for everybody
  acmp.middleware.acmp_instance_page:
    dest: /srv/www/instances.html
    mode: "0644"

- name: A page of one
  acmp.middleware.acmp_instance_page:
    name: orders-cache
    namespace: shop
    dest: ./orders-cache.html
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode.
  returned: success
  type: list
  elements: str
  sample: ["write /srv/www/instances.html (48 KiB, sha256 5f3a1c9be07d)"]
page:
  description: Path of the page.
  returned: success
  type: str
  sample: /srv/www/instances.html
size:
  description: Size of the page in bytes.
  returned: success
  type: int
  sample: 49152
instances:
  description: Number of instances on it.
  returned: success
  type: int
  sample: 12
"""

from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module
from ansible_collections.acmp.middleware.plugins.module_utils.look import pages

SPEC = {
    "argument_spec": argument_spec(
        dest={"type": "path", "required": True},
        mode={"type": "str"},
        name={"type": "str"},
        cluster={"type": "str", "default": "local"},
        namespace={"type": "str"},
        package={"type": "str"},
        project={"type": "str"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return pages.make(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
