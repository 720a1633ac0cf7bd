# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stored credential runs a program only where the machine itself allows that: every manager can write the Secret."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _checks, reach
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, Forbidden, InputError
from ansible_collections.acmp.middleware.plugins.module_utils.instance import places
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import from_params
from ansible_collections.acmp.middleware.plugins.module_utils.quota import quotas


@pytest.fixture
def config(tmp_path):
    """A kubeconfig whose program leaves a trace and gives nothing."""
    program = {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(tmp_path / "trace")], "interactiveMode": "Never"}
    return {
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "http://127.0.0.1:9"}}], "users": [{"name": "u", "user": {"exec": program}}],
    }


@pytest.mark.parametrize("env", [{}, {"ACMP_ALLOW_PLUGINS": ""}, {"ACMP_ALLOW_PLUGINS": "false"}])
def test_a_stored_program_is_not_run(config, tmp_path, env):
    with pytest.raises(InputError, match="runs a program on this machine.*acmp-system/cluster-east.*ACMP_ALLOW_PLUGINS=true"):
        reach.opened(config, "east", Context(env=env))
    assert not (tmp_path / "trace").exists()


def test_a_stored_program_is_run_where_the_machine_allows_it(config, tmp_path):
    with pytest.raises(ConnectionFailed, match="credential plugin"):
        reach.opened(config, "east", Context(env={"ACMP_ALLOW_PLUGINS": "true"}))
    assert (tmp_path / "trace").exists()


def test_the_credential_of_a_workspace_never_runs_one(config, tmp_path):
    with pytest.raises(InputError, match="runs a program"):
        reach.to_cluster(config, Context(env={"ACMP_ALLOW_PLUGINS": "true"}))
    assert not (tmp_path / "trace").exists()


def test_one_that_was_given_with_the_task_may(config, tmp_path):
    with pytest.raises(ConnectionFailed, match="credential plugin"):
        _checks.opened(config, Context(env={}))
    assert (tmp_path / "trace").exists()


class Home:
    def get(self, _api, _kind, name, *places, **_more):
        return {"metadata": {"name": name}, "spec": {}} if name == "shop" else None

    def list(self, *_what, **_more):
        return [{"metadata": {"name": "shop"}}]


def test_a_misspelt_project_is_named_before_the_rights_it_lacks():
    with pytest.raises(InputError, match='There is no project "shpo".*did you mean "shop"'):
        reach._check_project(Home(), "shpo")
    reach._check_project(Home(), "shop")


def refuse(*_words, **_more):
    raise Forbidden("may not read the Secret", todo="ask a manager")


def test_who_may_not_reach_the_cluster_looks_with_the_credential_of_the_workspace(monkeypatch):
    ways = []
    monkeypatch.setattr(reach, "reach", refuse)
    monkeypatch.setattr(reach, "reach_workspace", lambda _options, _act_as, *words: ways.append(words[:3]) or reach.Place(None, Quiet(), "east", own=True))
    params = {"cluster": "east", "namespace": "shop-test", "project": "shop", "suggestions": False}
    assert quotas.info({}, None, params, Context())[0]["namespace"] == "shop-test" and ways == [("east", "shop-test", "shop")]
    with pytest.raises(Forbidden, match="name a namespace, and its project.*or ask a manager"):
        quotas.info({}, None, {**params, "namespace": None}, Context())


class Quiet:
    def get(self, *_words, **_more):
        return {"metadata": {"name": "shop-test"}}

    def list(self, *_words, **_more):
        return []


@pytest.mark.parametrize(("project", "refused"), [("default", True), ("shop", False)])
def test_a_manager_who_leaves_the_project_out_is_told_which_one_owns_the_workspace(monkeypatch, project, refused):
    class Recorded(Quiet):
        def list(self, *_words, **_more):
            spaces = [{"cluster": "east", "namespace": "shop-test"}]
            return [{"metadata": {"name": "shop"}, "spec": {"workspaces": spaces}}, {"metadata": {"name": "default"}, "spec": {}}]

    monkeypatch.setattr(reach, "reach_workspace", lambda *_words: reach.Place(Recorded(), None, "east"))
    request = from_params({"name": "db", "namespace": "shop-test", "cluster": "east", "project": project})
    if refused:
        with pytest.raises(InputError, match="shop-test of cluster east belongs to project shop, not to default.*say project: shop"):
            places.check_owner(places.reach({}, None, request, Context()), request)
    else:
        places.check_owner(places.reach({}, None, request, Context()), request)
