# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of the action plugins, as far as it needs no running play."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.action import acmp_package_lint
from ansible_collections.acmp.middleware.plugins.plugin_utils.action import AcmpAction

HERE = os.getcwd()


def places(transport: str = "local", **arguments) -> dict:
    action = object.__new__(acmp_package_lint.ActionModule)
    action._task, action._connection = SimpleNamespace(args=arguments), SimpleNamespace(transport=transport)
    return AcmpAction._with_places(action)


@pytest.mark.parametrize(("arguments", "expected"), [
    ({"src": ["a", "/b", "~/c", "$HOME/d"]}, {"src": [f"{HERE}/a", "/b", "~/c", "$HOME/d"]}),
    ({"src": "a,b/c"}, {"src": [f"{HERE}/a", f"{HERE}/b/c"]}),
    ({"dest": "x/y", "baseline": "z"}, {"dest": f"{HERE}/x/y", "baseline": f"{HERE}/z"}),
    ({"kubeconfig": "config"}, {"kubeconfig": f"{HERE}/config"}), ({"kubeconfig": {"a": "b"}}, {"kubeconfig": {"a": "b"}}),
    ({"helm_binary": "helm3"}, {"helm_binary": "helm3"}), ({"helm_binary": "bin/helm"}, {"helm_binary": f"{HERE}/bin/helm"}),
    ({"format": "text", "select": ["META"], "dest": None}, {"format": "text", "select": ["META"], "dest": None}), ({}, {}),
])
def test_relative_paths_begin_where_ansible_was_started(arguments, expected):
    """A module on this machine would begin in the playbook's folder, which may lie inside the installed collection."""
    assert places(**arguments) == expected


def test_paths_of_another_machine_are_its_own():
    assert places("ssh", src=["a"], dest="b") == {"src": ["a"], "dest": "b"}
