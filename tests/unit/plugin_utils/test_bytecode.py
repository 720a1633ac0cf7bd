# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's own files come through Python's cache of compiled code, and nothing else does."""

from __future__ import annotations

import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.plugin_utils import bytecode

ROOT = Path(__file__).resolve().parents[3]
OWN = "ansible_collections.acmp.middleware.plugins"


@pytest.fixture
def finder(monkeypatch):
    ansibles = type("_AnsibleCollectionFinder", (), {})()
    monkeypatch.setattr(sys, "meta_path", [ansibles])
    bytecode.use_cache()
    bytecode.use_cache()
    found = [one for one in sys.meta_path if type(one).__module__ == bytecode.__name__]
    assert len(found) == 1
    return found[0]


def test_where_another_finder_is_first_nothing_is_done(monkeypatch):
    monkeypatch.setattr(sys, "meta_path", [object(), *sys.meta_path])
    before = list(sys.meta_path)
    bytecode.use_cache()
    assert sys.meta_path == before


def test_own_files_are_found_with_a_loader_that_caches(finder):
    folder = str(ROOT / "plugins" / "module_utils")
    for name in ("errors", "instance"):
        spec = finder.find_spec(f"{OWN}.module_utils.{name}", [folder])
        assert isinstance(spec.loader, SourceFileLoader)
        assert spec.cached.endswith(".pyc")
    assert spec.submodule_search_locations == [f"{folder}/instance"]


@pytest.mark.parametrize("name", [
    f"{OWN}.module_utils.no_such_file", f"{OWN}.filter.form", f"{OWN}.module_utils", "ansible_collections.kubernetes.core.plugins.module_utils.errors", "json",
])
def test_everything_else_is_left_to_others(finder, name):
    assert finder.find_spec(name, [str(ROOT / "plugins" / "module_utils"), str(ROOT / "plugins" / "filter")]) is None


@pytest.mark.parametrize("path", sorted((ROOT / "plugins" / "action").glob("acmp_*.py")), ids=lambda path: path.stem)
def test_an_action_plugin_loads_its_base_first(path):
    """Else its module, and all that the module needs, would be compiled anew."""
    text = path.read_text()
    assert 0 < text.index("plugins.plugin_utils.action import") < text.index("plugins.modules import")
