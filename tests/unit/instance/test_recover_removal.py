# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A removal whose hooks fail goes on without them only where that was said."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError
from ansible_collections.acmp.middleware.plugins.module_utils.helm import actions
from ansible_collections.acmp.middleware.plugins.module_utils.helm.revisions import Head
from ansible_collections.acmp.middleware.plugins.module_utils.instance.repair import _recover
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import Request


@pytest.fixture
def tries(monkeypatch):
    found = []

    def uninstall(_helm, _name, _namespace, _kube, _ctx, hooks=True):
        found.append(hooks)
        if hooks:
            raise HelmError("a hook failed", todo="look at its log")

    monkeypatch.setattr(actions, "uninstall", uninstall)
    return found


def test_the_way_out_is_named(tries):
    with pytest.raises(HelmError) as error:
        _recover.uninstall(None, "orders", Request(name="orders", namespace="shop"), None, Context())
    assert "look at its log; where a hook of the removal fails, say recover: true" in error.value.message
    assert tries == [True]


class Kube:
    def __init__(self):
        self.deleted = []

    def delete(self, _api, kind, name, _namespace):
        self.deleted.append((kind, name))


def test_without_the_hooks(tries, monkeypatch):
    """What they made goes as well: it was made after anybody had looked."""
    monkeypatch.setattr(_recover.revisions, "heads", lambda *_where: [Head("orders", "shop", 2, "uninstalling", "s")])
    hooks = [{"kind": "Job", "name": "orders-bye"}, {"kind": "ConfigMap", "name": "orders-text"}]
    monkeypatch.setattr(_recover.releases, "read", lambda *_which: SimpleNamespace(hooks=hooks))
    ctx, kube = Context(), Kube()
    _recover.uninstall(None, "orders", Request(name="orders", namespace="shop", recover=True), kube, ctx)
    assert tries == [True, False] and "removed without the hooks" in ctx.warnings[0]
    assert kube.deleted == [("Job", "orders-bye")]
