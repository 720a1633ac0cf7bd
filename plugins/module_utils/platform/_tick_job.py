# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: a CronJob that does the platform's due work (DESIGN section 4, who acts over time)."""

from __future__ import annotations

import re

from ..errors import InputError
from . import roles

NAME = roles.TICK_ACCOUNT
SCHEDULE = "*/10 * * * *"
_LABELS = {"app.kubernetes.io/part-of": "acmp", "app.kubernetes.io/name": NAME}
_CRON = re.compile(r"@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[\d*/,A-Za-z?-]+( +[\d*/,A-Za-z?-]+){4}")
_USER = 1000
_SECONDS = 3600


def cron_job(image: str, schedule: str = SCHEDULE, service_account: str = NAME) -> list[dict]:
    """ServiceAccount, its rights, and the CronJob.

    image: one with ansible-core, this collection and the Python libraries it needs. schedule: as in cron, five fields or ``@hourly``.
    Raises InputError where one of them cannot be meant.
    """
    if not image or any(mark.isspace() for mark in image):
        raise InputError(f'"{image}" is not the name of an image', where="tick.image", todo="give an image that holds ansible-core and acmp.middleware")
    if not _CRON.fullmatch(schedule.strip()):
        raise InputError(f'"{schedule}" is not a schedule', where="tick.schedule", todo=f'write five fields as in cron, such as "{SCHEDULE}", or @hourly')
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": service_account, "namespace": roles.SYSTEM, "labels": _LABELS}},
        _binding("acmp-manager", service_account, None),
        _binding("acmp-keeper", service_account, roles.SYSTEM),
        {
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": NAME, "namespace": roles.SYSTEM, "labels": _LABELS},
            "spec": {
                "schedule": schedule.strip(), "concurrencyPolicy": "Forbid", "startingDeadlineSeconds": 300, "suspend": False,
                "successfulJobsHistoryLimit": 1, "failedJobsHistoryLimit": 3,
                "jobTemplate": {"spec": {
                    # The next tick is the second try.
                    "backoffLimit": 0, "activeDeadlineSeconds": _SECONDS,
                    "template": {"metadata": {"labels": _LABELS}, "spec": _pod(image, service_account)},
                }},
            },
        },
    ]


def _binding(role: str, service_account: str, namespace: str | None) -> dict:
    group = "rbac.authorization.k8s.io"
    return {
        "apiVersion": f"{group}/v1", "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": NAME, "labels": _LABELS, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": service_account, "namespace": roles.SYSTEM}],
    }


def _pod(image: str, service_account: str) -> dict:
    return {
        "restartPolicy": "Never", "serviceAccountName": service_account, "automountServiceAccountToken": True, "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True, "runAsUser": _USER, "runAsGroup": _USER, "fsGroup": _USER, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": "tick", "image": image, "command": ["ansible-playbook", "acmp.middleware.tick"], "workingDir": "/tmp",
            "env": [
                # Ansible asks who it is, and the image need not know this user.
                {"name": "HOME", "value": "/tmp"}, {"name": "USER", "value": NAME}, {"name": "TMPDIR", "value": "/tmp"},
                {"name": "ANSIBLE_LOCALHOST_WARNING", "value": "false"}, {"name": "ANSIBLE_NOCOLOR", "value": "1"},
                {"name": "PYTHONDONTWRITEBYTECODE", "value": "1"},
            ],
            "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}},
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
        }],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}],
    }
