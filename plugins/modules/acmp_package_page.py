#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_package_page
short_description: Write the page of a middleware package
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Writes one HTML file with what there is to know about a package. It shows logo, texts, versions, the commands to deploy it, its
    configurations with their forms and YAML samples, parameters, and status fields.
  - The page holds all it shows. It loads nothing, sends nothing, and runs no script, whatever the package holds. It can be mailed, printed,
    put on a web server, or opened from disk.
  - The same package always gives the same page, and a page that is there already is left alone.
options:
  src:
    description:
      - Folder or archive (C(.tgz), C(.tar.gz), C(.zip)) of the package, on the machine the task runs on. No cluster is needed then.
    type: path
  name:
    description: Name of a package of the catalog. One of O(src) and O(name) is needed.
    type: str
  version:
    description: Its version, the newest listed one where this is left out.
    type: str
  dest:
    description:
      - Where the page goes. In a folder that exists it is named C(NAME-VERSION.html), everything else is the file itself.
    type: path
    required: true
  language:
    description: Language of the page's own words. The package's texts are shown as they are.
    type: str
    choices: [en, zh]
    default: en
  allow_hidden:
    description: Take a package that is uploaded and not listed, too. A manager may.
    type: bool
    default: false
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
requirements:
  - markdown-it-py
seealso:
  - module: acmp.middleware.acmp_package_info
  - module: acmp.middleware.acmp_package_build
"""

EXAMPLES = r"""
- name: The page of a package while it is written
  acmp.middleware.acmp_package_page:
    src: ./redis
    dest: ./redis.html

- name: The page of a listed package, in Chinese
  acmp.middleware.acmp_package_page:
    name: redis
    version: 1.0.0
    dest: /srv/www/packages/
    language: zh
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode.
  returned: success
  type: list
  elements: str
  sample: ["write /srv/www/packages/redis-1.0.0.html (42 KiB, sha256 5f3a1c9be07d)"]
page:
  description: Path of the page.
  returned: success
  type: str
  sample: /srv/www/packages/redis-1.0.0.html
name:
  description: Name of the package.
  returned: success
  type: str
  sample: redis
version:
  description: Version of the package.
  returned: success
  type: str
  sample: 1.0.0
size:
  description: Size of the page in bytes.
  returned: success
  type: int
  sample: 43008
"""

from ansible_collections.acmp.middleware.plugins.module_utils.catalog import pages
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        src={"type": "path"},
        name={"type": "str"},
        version={"type": "str"},
        dest={"type": "path", "required": True},
        language={"type": "str", "choices": ["en", "zh"], "default": "en"},
        allow_hidden={"type": "bool", "default": False},
    ),
    "mutually_exclusive": [("src", "name")],
    "required_one_of": [("src", "name")],
    "required_by": {"version": ("name",)},
    "supports_check_mode": True,
}


def run(params, ctx):
    return pages.write(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
