# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and playbooks say what they take, and a gap between word and deed is really found."""

from __future__ import annotations

import pytest

from . import content, source

ROLE = {
    "roles/deploy/README.md": "# deploy\n`deploy_name`, `deploy_wait`\n",
    "roles/deploy/meta/main.yml": "{}",
    "roles/deploy/meta/argument_specs.yml": """
argument_specs:
  main:
    options:
      deploy_name: {description: Its name., required: true}
      deploy_wait: {description: Seconds., type: int, default: 300}
""",
    "roles/deploy/defaults/main.yml": "deploy_wait: 300",
    "roles/deploy/tasks/main.yml": "[]",
}
PLAYBOOK = """# Deploy.
# Variables (-e):
#   acmp_instance   Its name. (required)
#   acmp_wait_time  Seconds.
---
- hosts: localhost
  vars:
    acmp_in_process: true
  tasks:
    - acmp.middleware.acmp_instance_info:
        name: "{{ acmp_instance }}"
        wait: "{{ acmp_wait_time | default(3) }}"
      register: acmp_found
    - debug:
        msg: "{{ acmp_found }} {{ acmp_missing }}"
      vars:
        acmp_missing: 1
"""


def test_roles_keep_their_word():
    files = content.read_files("roles/")
    assert files, "no role was found: this test would prove nothing"
    source.expect_none(content.role_problems(files))


def test_playbooks_list_their_variables():
    files = content.read_files("playbooks/")
    assert files, "no playbook was found: this test would prove nothing"
    source.expect_none(content.playbook_problems(files))


def test_a_role_in_order_has_no_faults():
    assert content.role_problems(ROLE) == []


@pytest.mark.parametrize("gone", [path for path in ROLE if "defaults" not in path])
def test_a_missing_file_of_a_role_is_missed(gone):
    assert content.role_problems({path: text for path, text in ROLE.items() if path != gone})


@pytest.mark.parametrize(
    ("path", "old", "new", "fault"),
    [
        ("defaults/main.yml", "300", "301", "is 301 in defaults/main.yml, 300 in"),
        ("defaults/main.yml", "300", "'300'", "is '300' in defaults/main.yml, 300 in"),
        ("defaults/main.yml", "deploy_wait: 300", "", "is nothing in defaults/main.yml"),
        ("defaults/main.yml", "deploy_wait: 300", "deploy_wait: 300\ndeploy_more: 1", "lacks deploy_more"),
        ("meta/argument_specs.yml", ", default: 300", "", "but none here"),
        ("meta/argument_specs.yml", "description: Seconds., ", "", "no description"),
        ("meta/argument_specs.yml", "required: true", "required: true, default: a", "required and yet"),
        ("meta/argument_specs.yml", "deploy_name:", "name:", "does not begin with deploy_"),
        ("README.md", "deploy_wait", "deploy_waits", "does not tell about deploy_wait"),
    ],
)
def test_a_gap_in_a_role_is_found(path, old, new, fault):
    path = f"roles/deploy/{path}"
    assert old in ROLE[path]
    assert fault in "\n".join(content.role_problems(ROLE | {path: ROLE[path].replace(old, new)}))


def test_a_playbook_in_order_has_no_faults():
    assert content.playbook_problems({"playbooks/x.yml": PLAYBOOK}) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("#   acmp_wait_time  Seconds.\n", "", "acmp_wait_time is used, but not listed"),
        ("{{ acmp_instance }}", "orders", "acmp_instance is listed at the head of the file, but not used"),
        ("vars:\n        acmp_missing: 1", "changed_when: false", "acmp_missing is used"),
    ],
)
def test_a_gap_in_a_playbook_is_found(old, new, fault):
    assert old in PLAYBOOK
    assert fault in "\n".join(content.playbook_problems({"playbooks/x.yml": PLAYBOOK.replace(old, new)}))
