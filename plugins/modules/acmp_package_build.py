#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_package_build
short_description: Pack a middleware package into an archive
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Packs the folder of a package into an archive, C(NAME-VERSION.tgz) or C(NAME-VERSION.zip), with the files in one folder of that name.
  - The same files always give the same bytes, whoever packs them, wherever and whenever. An archive that holds them already is left alone.
  - A package that has errors is not packed. Left out is what file managers and version control leave behind, such as C(.git) and C(.DS_Store).
  - No cluster is needed. The options of the connection are taken all the same, so that C(module_defaults) for the group hold for this module too.
options:
  src:
    description:
      - Folder of the package, the one with C(metadata.yaml), on the machine the task runs on.
    type: path
    required: true
  dest:
    description:
      - Where the archive goes. In a folder that exists it is named after the package and its version, everything else is the archive itself.
      - The folder that O(src) stands in, where this is left out. It may not be inside of O(src).
      - The archive is written beside its place and moved there, so that nobody ever sees half of it.
    type: path
  format:
    description: Kind of archive.
    type: str
    choices: [tgz, zip]
    default: tgz
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_package
  - module: acmp.middleware.acmp_package_page
"""

EXAMPLES = r"""
- name: Pack a package, into ./redis-1.0.0.tgz
  acmp.middleware.acmp_package_build:
    src: ./redis
  register: built

- name: Publish what was packed
  acmp.middleware.acmp_package:
    src: "{{ built.archive }}"
    state: listed

- name: Pack it as a zip into a folder
  acmp.middleware.acmp_package_build:
    src: ./redis
    dest: /srv/packages/
    format: zip
"""

RETURN = r"""
actions:
  description: What was done, or would be done in check mode.
  returned: success
  type: list
  elements: str
  sample: ["write /srv/packages/redis-1.0.0.tgz (9 KiB, sha256 5f3a1c9be07d)"]
archive:
  description: Path of the archive.
  returned: success
  type: str
  sample: /srv/packages/redis-1.0.0.tgz
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
sha256:
  description: Checksum of the archive.
  returned: success
  type: str
  sample: 5f3a1c9be07d9c1f0e7b8a4d2c6e5f3a1c9be07d9c1f0e7b8a4d2c6e5f3a1c9b
size:
  description: Size of the archive in bytes.
  returned: success
  type: int
  sample: 9216
files:
  description: Paths of the files in it, without the folder around them.
  returned: success
  type: list
  elements: str
  sample: [README.md, application.yaml, manifests/csv.yaml, metadata.yaml]
"""

from ansible_collections.acmp.middleware.plugins.module_utils.catalog import building
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, run_module

SPEC = {
    "argument_spec": argument_spec(
        src={"type": "path", "required": True},
        dest={"type": "path"},
        format={"type": "str", "choices": ["tgz", "zip"], "default": "tgz"},
    ),
    "supports_check_mode": True,
}


def run(params, ctx):
    return building.build(params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
