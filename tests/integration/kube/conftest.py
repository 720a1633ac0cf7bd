# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kube and a namespace for the tests of kube/ on a real cluster; the parent's conftest names the cluster and skips without one."""

from __future__ import annotations

import contextlib
import os
import secrets

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import KubeError
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect

# Images the cluster has: one that runs on, one with a shell.
TINY = os.environ.get("ACMP_TEST_IMAGE", "docker.io/acmp/tiny:1.0.0")
SHELL = os.environ.get("ACMP_TEST_SHELL_IMAGE", "docker.io/library/redis:7.0.15")


@pytest.fixture
def ctx():
    lines = []
    found = Context(env=dict(os.environ), progress=lines.append)
    found.lines = lines
    return found


@pytest.fixture
def kube(kubeconfig, ctx):
    found = connect({"kubeconfig": kubeconfig}, ctx)
    yield found
    found.close()


@pytest.fixture
def namespace(kubeconfig):
    """A namespace of the test's own, with its default ServiceAccount there (bare pods need it), deleted without waiting."""
    own = connect({"kubeconfig": kubeconfig}, Context(env=dict(os.environ)))
    name = f"it-kube-{secrets.token_hex(3)}"
    own.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    with contextlib.suppress(KubeError):
        own.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}})
    yield name
    own.delete("v1", "Namespace", name)
    own.close()


@pytest.fixture
def pods(namespace):
    """Makes manifests: pods.deployment(NAME, IMAGE, command=..., replicas=...)."""
    class Make:
        @staticmethod
        def container(image, **more):
            return {"name": "main", "image": image, "imagePullPolicy": "IfNotPresent", **more}

        @classmethod
        def template(cls, name, image, volumes=(), **more):
            spec = {
                "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0, "containers": [cls.container(image, **more)],
                "volumes": list(volumes),
            }
            return {"metadata": {"labels": {"app": name}}, "spec": spec}

        @classmethod
        def workload(cls, kind, name, image, replicas=1, spec=None, **more):
            return {
                "apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace},
                "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": cls.template(name, image, **more), **(spec or {})},
            }

        @classmethod
        def job(cls, name, script, backoff=0):
            template = cls.template(name, SHELL, command=["sh", "-c", script])
            template["spec"]["restartPolicy"] = "Never"
            return {
                "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": namespace},
                "spec": {"backoffLimit": backoff, "template": template},
            }
    return Make
