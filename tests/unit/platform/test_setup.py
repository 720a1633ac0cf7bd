# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What setup records about the platform, and keeps."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.platform import custom_resources, setup

BASE = {"version": setup.COLLECTION, "schema": str(custom_resources.SCHEMA)}


@pytest.mark.parametrize(("before", "said", "after"), [
    (None, None, {}),
    (None, True, {"single_cluster": "true"}),
    (None, False, {"single_cluster": "false"}),
    ({"version": "0.0.1", "schema": "1"}, None, {}),
    ({"single_cluster": "true"}, None, {"single_cluster": "true"}),
    ({"single_cluster": "true"}, False, {"single_cluster": "false"}),
    ({"single_cluster": "false"}, True, {"single_cluster": "true"}),
])
def test_single_cluster_stays_until_somebody_says_otherwise(before, said, after):
    assert setup._record(before, said)["data"] == {**BASE, **after}


@pytest.mark.parametrize(("tick", "kinds"), [
    (None, None),
    ({"state": "absent"}, []),
    ({"state": "absent", "image": "x", "schedule": "nonsense"}, []),
    ({"state": "present", "image": "x", "schedule": "@hourly"}, ["ServiceAccount", "ClusterRoleBinding", "RoleBinding", "CronJob"]),
])
def test_nothing_said_about_the_cron_job_is_not_the_same_as_none_wanted(tick, kinds):
    found = setup._tick_objects(tick)
    assert found is None if kinds is None else [obj["kind"] for obj in found] == kinds


def platform_of(*clusters: str) -> SimpleNamespace:
    """The management cluster of these clusters, as far as a look needs it; whatever else is asked for is there, and a write is an error."""
    def found(_api, kind, *_words, **_more):
        return [{"kind": "Cluster", "metadata": {"name": name}} for name in clusters] if kind == "Cluster" else []

    def one(api, kind, name, namespace=None, **_more):
        return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": namespace}, "data": {"schema": "1"}}

    return SimpleNamespace(get=one, list=found, require=lambda *_words, **_more: None, server="https://here")


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_platform_with_registered_clusters_is_not_removed(monkeypatch, check_mode):
    monkeypatch.setattr(setup, "connect", lambda *_words: platform_of("local", "west", "east"))
    with pytest.raises(InputError) as refused:
        setup.ensure({}, None, {"state": "absent", "confirm": "acmp"}, Context(check_mode=check_mode))
    assert "The clusters east, west are still registered" in refused.value.message and "cluster_remove -e acmp_cluster=east" in refused.value.message


def test_one_cluster_only_is_refused_where_more_are_registered(monkeypatch):
    monkeypatch.setattr(setup, "connect", lambda *_words: platform_of("local", "west", "east"))
    with pytest.raises(InputError, match="the clusters east, west are registered"):
        setup.ensure({}, None, {"state": "present", "single_cluster": True}, Context())
    setup._check_single(platform_of("local", "west"), True)
    setup._check_single(platform_of("local", "west", "east"), False)
