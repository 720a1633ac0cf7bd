# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an unchanged deploy loads: Ansible compiles each file of a collection anew in every process, so what is not needed costs every task."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

UTILS = "ansible_collections.acmp.middleware.plugins.module_utils."
# Rooms and files that only a change needs.
LATER = (
    "helm.actions", "helm.releases", "helm.render", "helm.binary", "helm._process", "package.model", "package.archive", "package.lint", "package.form",
    "package.validate", "platform.setup", "platform.custom_resources", "kube.waves", "kube.wait", "kube.lease", "cluster", "project", "workspace", "operation",
    "instance._changing", "instance._execute", "instance._preflight", "instance._secrets", "instance._walk", "instance._software", "instance.ways._chart",
    "instance.ways._by_manifests", "instance.ways._release", "instance.drift", "instance.removal", "instance.repair", "instance.volumes", "manifests", "config",
)


@pytest.fixture(scope="module")
def loaded() -> set:
    code = f"import sys; import {UTILS}instance.instances; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.removeprefix(UTILS) for name in done.stdout.split() if name.startswith(UTILS)}


def test_it_is_what_it_says(loaded):
    assert {"instance.instances", "instance._plan", "catalog.entries", "helm.revisions", "kube.client"} <= loaded


def test_the_others_are_there():
    missing = [name for name in LATER if importlib.util.find_spec(f"{UTILS}{name}") is None]
    assert not missing


@pytest.mark.parametrize("name", LATER)
def test_a_change_loads_it_and_nothing_else_does(loaded, name):
    assert not {each for each in loaded if each == name or each.startswith(f"{name}.")}


def test_it_stays_small(loaded):
    assert len(loaded) <= 60, sorted(loaded)
