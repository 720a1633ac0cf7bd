# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The CronJob that setup makes: safe, small, and with a manager's rights and no others."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.platform import roles
from ansible_collections.acmp.middleware.plugins.module_utils.platform._tick_job import SCHEDULE, cron_job
from ansible_collections.acmp.middleware.plugins.modules import acmp_setup

IMAGE = "registry.example.com/acmp/ee:1.0.0"


def made(**more):
    return {obj["kind"]: obj for obj in cron_job(IMAGE, **more)}


def test_it_runs_the_playbook_of_this_collection_and_never_twice_at_once():
    spec = made(schedule="0 * * * *")["CronJob"]["spec"]
    assert (spec["schedule"], spec["concurrencyPolicy"]) == ("0 * * * *", "Forbid")
    job = spec["jobTemplate"]["spec"]
    container, = job["template"]["spec"]["containers"]
    assert container["command"] == ["ansible-playbook", "acmp.middleware.tick"]
    assert container["image"] == IMAGE
    assert job["activeDeadlineSeconds"] and job["backoffLimit"] == 0 and spec["failedJobsHistoryLimit"] and spec["successfulJobsHistoryLimit"]


def test_its_pod_may_do_little():
    pod = made()["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    container, = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert set(container["resources"]) == {"requests", "limits"}
    # The only place it can write to, and every path Ansible writes to is below it.
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert {entry["name"]: entry["value"] for entry in container["env"]}["HOME"] == "/tmp"


def test_it_has_the_rights_of_a_manager():
    objects = made()
    account = {"kind": "ServiceAccount", "name": "acmp-tick", "namespace": roles.SYSTEM}
    assert objects["ServiceAccount"]["metadata"]["name"] == made()["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["serviceAccountName"]
    assert objects["ClusterRoleBinding"]["roleRef"]["name"] == "acmp-manager" and objects["ClusterRoleBinding"]["subjects"] == [account]
    assert objects["RoleBinding"]["roleRef"]["name"] == "acmp-keeper" and objects["RoleBinding"]["metadata"]["namespace"] == roles.SYSTEM
    keepers = next(obj for obj in roles.project_objects("shop") if obj["kind"] == "RoleBinding")
    assert account in keepers["subjects"]


@pytest.mark.parametrize("schedule", [
    "* * * * *", "*/10 * * * *", "0 3 * * 1-5", "5,35 0-6/2 1 JAN,JUN MON", "@hourly", "@daily", " 0 0 1 1 * ", "0  *  * * ?",
])
def test_schedules_of_cron(schedule):
    assert made(schedule=schedule)["CronJob"]["spec"]["schedule"] == schedule.strip()


@pytest.mark.parametrize("schedule", ["", "hourly", "* * * *", "* * * * * *", "@every 5m", "TZ=UTC * * * * *", "* * * * *\n* * * * *", "{{ x }}"])
def test_what_is_no_schedule(schedule):
    with pytest.raises(InputError, match="tick.schedule"):
        cron_job(IMAGE, schedule)


@pytest.mark.parametrize("image", ["", " ", "a b", "a\n"])
def test_what_is_no_image(image):
    with pytest.raises(InputError, match="tick.image"):
        cron_job(image)


def test_the_default_is_the_modules():
    assert acmp_setup.SPEC["argument_spec"]["tick"]["options"]["schedule"]["default"] == SCHEDULE
