# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may upload a package in which the linter finds errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog import _judging
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden, PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import client
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

TINY = archive.read_folder(str(Path(__file__).resolve().parents[2] / "packages" / "tiny"))
BAD = TINY.with_files({"raw/tiny/Chart.yaml": TINY.text("raw/tiny/Chart.yaml") + "kubeVersion: no range\n"})


class Kube:
    """Answers whether the caller may, and remembers what was asked."""

    server = "https://api"
    require = client.Kube.require

    def __init__(self, manager: bool) -> None:
        self.manager, self.asked = manager, []

    def whoami(self) -> dict:
        return {}

    def can_i(self, *question) -> bool:
        self.asked.append(question[:4])
        return self.manager


def judge(tree, manager: bool, force: bool) -> tuple[bool, Kube, Context]:
    kube, ctx = Kube(manager), Context(env={"PATH": "/nonexistent"})
    return _judging.judge(kube, model.load(tree), force, ctx), kube, ctx


@pytest.mark.parametrize("force", [False, True])
def test_a_good_package_needs_nobody(force):
    forced, kube, ctx = judge(TINY, manager=False, force=force)
    assert forced is False and kube.asked == []
    assert any("not rendered" in warning for warning in ctx.warnings), "helm is missing here, and that has to be said"


@pytest.mark.parametrize("manager", [False, True])
def test_a_bad_package_is_refused(manager):
    with pytest.raises(PackageError) as caught:
        judge(BAD, manager, force=False)
    assert "kubeVersion" in caught.value.what and caught.value.where.startswith("raw/tiny/Chart.yaml:")


def test_only_a_manager_may_force_it():
    with pytest.raises(Forbidden, match="publish a package with errors .*lacks the right to create packages.operators.apusic.com in namespace acmp-catalog"):
        judge(BAD, manager=False, force=True)
    forced, kube, ctx = judge(BAD, manager=True, force=True)
    assert forced is True and kube.asked == [("create", "operators.apusic.com", "packages", "acmp-catalog")]
    assert any(" errors; first" in warning and "kubeVersion" in warning for warning in ctx.warnings)
