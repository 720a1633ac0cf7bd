# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What setup records about the platform, and keeps."""

from __future__ import annotations

import pytest
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
