# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module is complete, and each thing that can be missing is really missed."""

from __future__ import annotations

import copy

import pytest

from . import interface, source

MODULE = '''
DOCUMENTATION = r"""
module: acmp_x
version_added: 0.1.0
options:
  name: {description: Its name., type: str}
"""
EXAMPLES = r"""
- acmp.middleware.acmp_x:
    name: a
"""
RETURN = r"""
actions: {description: What was done., sample: [a]}
"""
SPEC = {
    "argument_spec": {"name": {"type": "str"}},
    "supports_check_mode": True,
}


def run(params, ctx):
    return {}


def main():
    pass
'''
GOOD = interface.Tree(
    {
        "plugins/modules/acmp_x.py": MODULE,
        "plugins/action/acmp_x.py": "class ActionModule:\n    MODULE = acmp_x\n",
        "tests/integration/targets/acmp_x/tasks/main.yml": "",
    },
    ["acmp_x"],
)


def test_every_module_is_complete():
    tree = interface.read_tree()
    assert tree.modules, "no module was found: this test would prove nothing"
    source.expect_none(interface.problems(tree))


def test_a_complete_module_has_no_faults():
    assert interface.problems(GOOD) == []


@pytest.mark.parametrize("gone", list(GOOD.files))
def test_a_missing_file_is_missed(gone):
    tree = copy.deepcopy(GOOD)
    del tree.files[gone]
    assert interface.problems(tree)


@pytest.mark.parametrize("group", [[], ["acmp_x", "acmp_y"], ["acmp_y", "acmp_x"]])
def test_the_action_group_is_exactly_the_modules(group):
    assert interface.in_the_group(interface.Tree(GOOD.files, group))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("module: acmp_x", "module: acmp_y", "does not describe"),
        ("version_added: 0.1.0\n", "", "version_added"),
        ("name: {desc", "timeout: {desc", "wait_timeout"),
        ("acmp.middleware.acmp_x:", "acmp_x:", "EXAMPLES"),
        ("actions:", "items:", "method"),
        (", sample: [a]", "", "sample"),
        ('actions: {description: What was done., sample: [a]}\n', "", "RETURN"),
        ("def run(", "def go(", "has no def run"),
        ("    return {}\n", "    return {}\n" * 40, "lines of code"),
    ],
)
def test_a_fault_in_a_module_is_found(old, new, fault):
    assert old in MODULE
    tree = copy.deepcopy(GOOD)
    tree.files["plugins/modules/acmp_x.py"] = MODULE.replace(old, new)
    assert fault in "\n".join(interface.problems(tree))


@pytest.mark.parametrize(("old", "new"), [('"supports_check_mode": True', '"supports_check_mode": False'), ("  name: {", "  state: {")])
def test_an_info_module_changes_nothing(old, new):
    text = MODULE.replace("acmp_x", "acmp_x_info")
    assert old in text
    files = {"plugins/modules/acmp_x_info.py": text.replace(old, new)}
    assert "an info module" in "\n".join(interface.documented(interface.Tree(files)))
    assert "an info module" not in "\n".join(interface.documented(interface.Tree({"plugins/modules/acmp_x_info.py": text})))


def test_documentation_and_spec_do_not_count_as_code():
    assert interface.code_lines(MODULE) == 4
    assert interface.code_lines("import a\n\n# why\nSPEC = {\n    1: 2,\n}\nx = 1\n") == 2
