# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests on a cluster import from the collection is there: else they would say so an hour later only."""

from __future__ import annotations

import ast
import importlib

from . import source

OURS = "ansible_collections.acmp.middleware."


def missing(name: str, text: str) -> list:
    """Imports from the collection that lead nowhere."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(OURS):
            continue
        for item in node.names:
            if not _there(node.module, item.name):
                found.append(f"{name}:{node.lineno}: {node.module} has no {item.name}")
    return found


def _there(module: str, item: str) -> bool:
    try:
        if hasattr(importlib.import_module(module), item):
            return True
        importlib.import_module(f"{module}.{item}")
    except ModuleNotFoundError as error:
        # A library that only the cluster's lanes have is no fault of the test's.
        return not (error.name or "").startswith(OURS)
    return True


def test_tests_import_what_there_is():
    names = [name for name in source.tracked() if name.startswith(("tests/integration/", "tests/bench/", "tests/proof/")) and name.endswith(".py")]
    assert any("test_manifests" in name for name in names)
    assert not [fault for name in names for fault in missing(name, source.read(name))]


def test_an_import_that_leads_nowhere_is_found():
    assert missing("x.py", f"from {OURS}plugins.module_utils.manifests import nothing_such")
    assert missing("x.py", f"from {OURS}plugins.module_utils.nowhere import at_all")
    assert not missing("x.py", f"from {OURS}plugins.module_utils.manifests import applied")
