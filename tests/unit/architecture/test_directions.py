# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrows point down (docs: architecture), and each kind of forbidden import is really found."""

from __future__ import annotations

import pytest

from . import directions, source

UTILS = "plugins/module_utils"


def test_the_collection_keeps_to_its_arrows():
    files = source.python_files("plugins")
    assert files, "no plugin was found: this test would prove nothing"
    source.expect_none(directions.problems(files))


def _faults(path: str, text: str) -> str:
    others = [
        "errors.py", "_deps.py", "interface.py", "helm/_process.py", "helm/releases.py", "kube/connect.py", "kube/_http.py", "package/model.py",
        "catalog/packages.py", "catalog/_store.py", "instance/instances.py", "instance/_own.py",
    ]
    files = {f"{UTILS}/{name}": "" for name in others} | {"plugins/modules/acmp_package.py": ""}
    return "\n".join(directions.problems(files | {path: text}))


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        (f"{UTILS}/package/lint.py", "from ..kube import connect", "arrows point down"),
        (f"{UTILS}/package/lint.py", "from ansible_collections.acmp.middleware.plugins.module_utils.catalog import packages", "arrows point down"),
        (f"{UTILS}/package/lint.py", "def f():\n    from ..helm.releases import read", "arrows point down"),
        (f"{UTILS}/kube/apply.py", "from ..instance.instances import ensure", "arrows point down"),
        (f"{UTILS}/kube/apply.py", "from .. import interface", "arrows point down"),
        (f"{UTILS}/errors.py", "from .package import model", "arrows point down"),
        (f"{UTILS}/instance/plan.py", "from ..catalog import _store", "belongs to catalog alone"),
        (f"{UTILS}/instance/plan.py", "from ..catalog._store import chunks", "belongs to catalog alone"),
        (f"{UTILS}/instance/plan.py", "from ..catalog.packages import _find", "a name beginning with _"),
        (f"{UTILS}/instance/plan.py", "from ..kube._http import get", "belongs to kube alone"),
        (f"{UTILS}/instance/plan.py", "from ..catalog import nothing_there\nfrom ..nowhere import x", "no such file"),
        (f"{UTILS}/instance/plan.py", "import yaml", "third-party"),
        (f"{UTILS}/instance/plan.py", "try:\n    import kubernetes\nexcept ImportError:\n    pass", "third-party"),
        (f"{UTILS}/instance/plan.py", "from ansible_collections.kubernetes.core.plugins.module_utils import args_common", "other collections"),
        (f"{UTILS}/instance/plan.py", "from ansible.plugins.action import ActionBase", "only ansible.module_utils exists"),
        (f"{UTILS}/instance/plan.py", "import subprocess", "programs are started"),
        (f"{UTILS}/helm/run.py", "from subprocess import run", "programs are started"),
        (f"{UTILS}/helm/run.py", "import os\nos.execvp('helm', [])", "programs are started"),
        (f"{UTILS}/helm/run.py", "import importlib\nimportlib.import_module('x')", "not packed"),
        (f"{UTILS}/package/read.py", "eval('1')", "calls eval"),
        (f"{UTILS}/package/read.py", "from .. import _deps\n_deps.yaml.load('a')", "calls _deps.yaml.load"),
        (f"{UTILS}/package/read.py", "from .. import _deps\n_deps.yaml.load('a', Loader=_deps.yaml.FullLoader)", "uses FullLoader"),
        ("plugins/modules/acmp_x.py", "from ..module_utils.kube import connect", "arrows point down"),
        ("plugins/modules/acmp_x.py", "from ansible.utils.display import Display", "only ansible.module_utils exists"),
        ("plugins/action/acmp_x.py", "from ..module_utils.catalog import packages", "arrows point down"),
        ("plugins/cache/acmp_x.py", "from ..module_utils.catalog import packages", "no place in the design"),
    ],
)
def test_a_forbidden_import_is_found(path, text, fault):
    assert fault in _faults(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{UTILS}/package/lint.py", "import json\nfrom .. import _deps\nfrom ..errors import PackageError\nfrom .model import Package"),
        (f"{UTILS}/instance/plan.py", "from ..catalog import packages\nfrom ..helm import releases\nfrom ..kube.connect import connect\nfrom ._own import x"),
        (f"{UTILS}/package/read.py", "import json\nfrom .. import _deps\njson.load('a')\n_deps.yaml.load('a', Loader=_deps.yaml.SafeLoader)"),
        (f"{UTILS}/helm/_marker.py", "try:\n    import yaml\nexcept ImportError:\n    yaml = None"),
        (f"{UTILS}/_deps.py", "import yaml\nfrom ansible_collections.kubernetes.core.plugins.module_utils import args_common"),
        (f"{UTILS}/helm/_process.py", "import subprocess"),
        ("plugins/modules/acmp_x.py", "from ansible.module_utils.basic import AnsibleModule\nfrom ..module_utils.catalog import packages"),
        ("plugins/action/acmp_package.py", "from ansible_collections.acmp.middleware.plugins.modules import acmp_package"),
    ],
)
def test_an_allowed_import_is_not_held_against_anybody(path, text):
    assert not _faults(path, text)


def test_a_circle_is_found_and_a_late_import_is_none():
    first, second = f"{UTILS}/kube/one.py", f"{UTILS}/kube/two.py"
    assert "in a circle" in "".join(directions.problems({first: "from . import two", second: "from . import one"}))
    assert not directions.problems({first: "from . import two", second: "def f():\n    from . import one"})
    assert not directions.problems({first: "from . import two", second: "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from . import one"})
