# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces follow the members of their project, and nobody else's namespace does."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.project.credentials import Listed
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member, Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _follow

LABEL = "operators.apusic.com/project"


class Kube:
    """A cluster whose namespaces carry these labels; what is applied is kept."""

    def __init__(self, namespaces: dict[str, str]) -> None:
        self.namespaces, self.applied = namespaces, []

    def list(self, _api_version, kind, *_words, label_selector="", **_more):
        if kind != "Namespace":
            return []
        key, _equals, value = label_selector.partition("=")
        assert key == LABEL and value
        return [{"metadata": {"name": name}} for name, project in self.namespaces.items() if project == value]

    def apply(self, obj, dry_run=False):
        self.applied.append((obj["metadata"]["namespace"], dry_run))


@pytest.fixture
def follow(monkeypatch):
    renewed = []
    monkeypatch.setattr(_follow, "renew", lambda _home, _place, item, _ctx: renewed.append(item.namespace))

    def run(kube: Kube, names: list[str], **more):
        project = Project("retail", (Member("User", "eve"),), tuple(("local", name) for name in names))
        place = SimpleNamespace(kube=kube, home=None, cluster="local", verify=lambda: None)
        monkeypatch.setattr(_follow, "reach", lambda *_words: place)
        monkeypatch.setattr(_follow.credentials, "listed", lambda *_words: [Listed("retail", "local", name, "", "", "") for name in names])
        renewed.clear()
        actions, outdated = _follow.rebind(None, {}, None, project, Context(**more), True)
        return actions, {item["namespace"]: item["reason"] for item in outdated}, list(renewed)

    return run


def test_a_record_gives_nobody_a_namespace_of_others(follow):
    """Managers write the records of projects, and an administrator's run must not bind their members wherever these say."""
    kube = Kube({"shop": "retail", "kube-system": "", "bank": "bank", "acmp-project-retail": "retail"})
    actions, outdated, renewed = follow(kube, ["shop", "kube-system", "bank", "acmp-project-retail", "gone"])
    assert kube.applied == [("shop", False)] and renewed == ["shop"]
    assert actions == ["create RoleBinding shop/acmp-members", "renew the credential of local/shop"]
    assert sorted(outdated) == ["acmp-project-retail", "bank", "gone", "kube-system"]
    assert all("not this project's" in reason for reason in outdated.values())


def test_check_mode_says_the_same(follow):
    kube = Kube({"shop": "retail", "bank": "bank"})
    actions, outdated, renewed = follow(kube, ["shop", "bank"], check_mode=True)
    assert kube.applied == [("shop", True)] and not renewed
    assert actions == ["create RoleBinding shop/acmp-members", "renew the credential of local/shop"] and sorted(outdated) == ["bank"]
