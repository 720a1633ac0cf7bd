#!/usr/bin/python
# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: acmp_package_lint
short_description: Check middleware packages before anybody relies on them
version_added: 0.1.0
author:
  - acmp.middleware contributors (@acmp-middleware)
description:
  - Checks folders or archives of packages with every rule of the format, from the fields of each file to the objects that each instance type deploys.
  - Each finding names its rule, the file, the line and what to do. The rules are listed in C(docs/rules.md).
  - Charts are rendered by Helm without a cluster, without network, and within bounds of time and memory. Nothing else of a package is executed.
options:
  src:
    description:
      - Folders or archives of packages. Versions of one package that are checked together are each other's upgrade graph.
    type: list
    elements: path
    required: true
  render:
    description: Render charts with each instance type and check the objects. Needs Helm 3.18 or newer.
    type: bool
    default: true
  helm_binary:
    description: The helm to use, by default the first one on E(PATH).
    type: path
  registries:
    description: Registries, or repositories below them, that images may come from. All when empty.
    type: list
    elements: str
    default: []
  select:
    description: Only these rules, such as V(ACMP-META-003), or areas of rules, such as V(META).
    type: list
    elements: str
    default: []
  skip:
    description: Not these rules or areas of rules.
    type: list
    elements: str
    default: []
  severity:
    description: The task fails when a finding is as bad as this or worse, V(none) lets it succeed always.
    type: str
    choices: [error, warning, hint, none]
    default: error
  baseline:
    description: A file with findings that are known already and not reported again.
    type: path
  write_baseline:
    description: Write all findings of this run to O(baseline). The task then succeeds.
    type: bool
    default: false
  catalog:
    description: Compare the upgrade graph with the versions listed in the catalog, too. Only then the connection options are used.
    type: bool
    default: false
  format:
    description: Form of RV(report) and of O(dest).
    type: str
    choices: [text, json, junit]
    default: text
  dest:
    description: A file, or a folder for C(lint.txt), C(lint.json) or C(lint.xml), to write the report to.
    type: path
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - acmp.middleware.common
  - acmp.middleware.attributes
seealso:
  - module: acmp.middleware.acmp_package_build
  - module: acmp.middleware.acmp_package
"""

EXAMPLES = r"""
- name: Check a package
  acmp.middleware.acmp_package_lint:
    src: redis

- name: Check all packages of a repository in a pipeline, whatever was known yesterday left out
  acmp.middleware.acmp_package_lint:
    src: "{{ query('ansible.builtin.fileglob', 'dist/*.tgz') }}"
    registries: [registry.example.com/middleware]
    severity: warning
    baseline: lint-baseline.json
    format: junit
    dest: report.xml

- name: Look at the files only, which takes milliseconds and no Helm
  acmp.middleware.acmp_package_lint:
    src: redis
    render: false
"""

RETURN = r"""
findings:
  description: What was found, errors first, package by package.
  returned: always
  type: list
  elements: dict
  contains:
    rule: {description: Name of the rule., type: str, returned: always, sample: ACMP-META-003}
    severity: {description: "V(error), V(warning) or V(hint).", type: str, returned: always}
    message: {description: What is wrong., type: str, returned: always}
    path: {description: File in the package., type: str, returned: always, sample: metadata.yaml}
    line: {description: "Line in the file, V(0) where there is none.", type: int, returned: always}
    todo: {description: What to do., type: str, returned: always}
    src: {description: Folder or archive., type: str, returned: always}
    package: {description: "Name and version, empty where they cannot be read.", type: str, returned: always}
counts:
  description: Number of findings of each severity.
  returned: always
  type: dict
  sample: {"error": 0, "warning": 1, "hint": 4}
packages:
  description: Number of findings of each package.
  returned: always
  type: list
  elements: dict
  sample: [{"src": "redis", "package": "redis 1.0.0", "error": 0, "warning": 1, "hint": 4}]
report:
  description: All findings in the form asked for.
  returned: always
  type: str
  sample: "redis 1.0.0  dist/redis-1.0.0.tgz\n  no findings\n"
actions:
  description: Files that were written, or would be written in check mode.
  returned: always
  type: list
  elements: str
  sample: ["write report.xml (2 KiB, sha256 3f786850e387)"]
"""

from ansible_collections.acmp.middleware.plugins.module_utils.catalog import linting
from ansible_collections.acmp.middleware.plugins.module_utils.interface import argument_spec, connection_options, run_module

SPEC = {
    "argument_spec": argument_spec(
        src={"type": "list", "elements": "path", "required": True},
        render={"type": "bool", "default": True},
        helm_binary={"type": "path"},
        registries={"type": "list", "elements": "str", "default": []},
        select={"type": "list", "elements": "str", "default": []},
        skip={"type": "list", "elements": "str", "default": []},
        severity={"type": "str", "choices": ["error", "warning", "hint", "none"], "default": "error"},
        baseline={"type": "path"},
        write_baseline={"type": "bool", "default": False},
        catalog={"type": "bool", "default": False},
        format={"type": "str", "choices": ["text", "json", "junit"], "default": "text"},
        dest={"type": "path"},
    ),
    "required_if": [("write_baseline", True, ("baseline",))],
    "supports_check_mode": True,
}


def run(params, ctx):
    return linting.lint(connection_options(params), params["act_as"], params, ctx)


def main():
    run_module(SPEC, run)


if __name__ == "__main__":
    main()
