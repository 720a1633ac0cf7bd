# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Controllers with the columns of their kinds (§5.3.3)."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.look import workloads

from . import samples

JOB = {"startTime": samples.BEGAN, "completionTime": "2026-01-31T12:00:12Z", "succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}


@pytest.mark.parametrize(("kind", "spec", "status", "state", "done", "numbers"), [
    ("Deployment", {"replicas": 2}, {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1, "replicas": 2},
     "1/2 READY, 2 UP-TO-DATE, 1 AVAILABLE", False, {"ready": 1, "wanted": 2, "up_to_date": 2, "available": 1, "completions": None}),
    ("Deployment", {"replicas": 0}, {}, "0/0 READY, 0 UP-TO-DATE, 0 AVAILABLE", True, {"wanted": 0}),
    ("StatefulSet", {"replicas": 3}, {}, "0/3 READY", False, {"ready": 0, "wanted": 3}),
    ("DaemonSet", {}, {"numberReady": 1, "desiredNumberScheduled": 4, "updatedNumberScheduled": 3, "numberAvailable": 1},
     "1/4 READY, 3 UP-TO-DATE, 1 AVAILABLE", False, {"ready": 1, "wanted": 4, "up_to_date": 3}),
    ("Job", {"completions": 1}, JOB, "1/1 COMPLETIONS", True, {"completions": "1/1", "duration": "12s"}),
    ("Job", {"completions": 3, "suspend": True}, {}, "0/3 COMPLETIONS, suspended", True, {"completions": "0/3", "suspended": True, "duration": ""}),
    ("Job", {"parallelism": 4}, {"succeeded": 2}, "2/1 of 4 COMPLETIONS", False, {"completions": "2/1 of 4"}),
    ("CronJob", {"schedule": "0 3 * * *"}, {}, "0 3 * * *, 0 ACTIVE, not run yet", True, {"schedule": "0 3 * * *", "last_run": ""}),
    ("CronJob", {"schedule": "@hourly", "suspend": True}, {"active": [{}], "lastScheduleTime": samples.BEGAN},
     "@hourly, suspended, 1 ACTIVE, last run 10m ago", True, {"active": 1, "suspended": True}),
])
def test_the_columns_of_each_kind(kind, spec, status, state, done, numbers):
    shown = workloads.show(samples.controller(kind, spec=spec, status=status), samples.NOW)
    assert (shown["state"], shown["done"], shown["age"]) == (state, done, "10m")
    assert numbers.items() <= shown.items()
    assert bool(shown["reason"]) is not done


def test_a_cron_job_shows_the_images_of_its_runs():
    template = {"spec": {"containers": [{"name": "c", "image": "backup:2"}]}}
    obj = samples.controller("CronJob", spec={"jobTemplate": {"spec": {"template": template}}}, status={})
    assert workloads.show(obj, samples.NOW)["images"] == ["backup:2"]


def test_one_that_is_gone_has_the_same_fields():
    there, gone = workloads.show(samples.controller(), samples.NOW), workloads.gone("Deployment", "one")
    assert there.keys() == gone.keys() and gone["state"] == "GONE" and not gone["done"]
