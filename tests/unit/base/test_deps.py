# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Libraries: the dear ones at first use, missing ones told in a sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import _deps
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError

PREFIX = "ansible_collections.acmp.middleware.plugins.module_utils"


def test_a_plain_connection_imports_neither_kubernetes_nor_jsonschema():
    code = f"import sys; import {PREFIX}.instance.instances; print(sorted(m for m in ('kubernetes', 'jsonschema') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_they_are_there_when_asked_for():
    assert _deps.jsonschema.Draft7Validator
    assert _deps.kubernetes.config.exec_provider.ExecProvider
    assert _deps.kube_config.ConfigNode


@pytest.mark.parametrize(("name", "library"), [("jsonschema", "jsonschema"), ("kubernetes", "kubernetes"), ("kube_config", "kubernetes")])
def test_a_missing_one_is_an_error_with_what_to_do(monkeypatch, name, library):
    monkeypatch.delitem(vars(_deps), name, raising=False)
    for module in [module for module in sys.modules if module.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(AcmpError, match=f"{library} is missing. To do: install"):
        getattr(_deps, name)
