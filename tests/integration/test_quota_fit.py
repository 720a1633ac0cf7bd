# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pods a quota or a LimitRange would break, foretold from live pods, against what the API server then says to a dry run of them."""

from __future__ import annotations

import itertools
import os
import secrets
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import KubeError
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect
from ansible_collections.acmp.middleware.plugins.module_utils.quota import shape, use

pytestmark = pytest.mark.once

REQUESTS = [None, {"cpu": "100m"}, {"cpu": "2", "memory": "128Mi"}]
LIMITS = [None, {"cpu": "3"}, {"cpu": "3", "memory": "256Mi"}]
HARD = [{}, {"requests.cpu": "1M"}, {"cpu": "1M", "limits.memory": "9Ti"}, {"pods": 999, "limits.cpu": "1M", "requests.ephemeral-storage": "9Ti"}]
# What an admission plugin of the API server is told of a change only a moment later.
HEARD = 0.7


def container(**more):
    return {"type": "Container", **more}


BEFORE = [[], [container(default={"cpu": "1"}, defaultRequest={"cpu": "100m", "memory": "64Mi"})]]
AFTER = [
    [], [container(default={"cpu": "1", "memory": "1Gi"})], [container(max={"cpu": "1500m"})], [container(min={"cpu": "200m"})],
    [container(defaultRequest={"memory": "1Gi"}), {"type": "Pod", "max": {"cpu": "4"}}], [container(maxLimitRequestRatio={"cpu": "2"})],
    [container(default={"cpu": "150m"}, defaultRequest={"cpu": "50m"}), {"type": "Pod", "min": {"cpu": "150m"}, "maxLimitRequestRatio": {"cpu": "9"}}],
]


@pytest.fixture
def kube(kubeconfig):
    found = connect({"kubeconfig": kubeconfig}, Context(env=dict(os.environ)))
    yield found
    found.close()


@pytest.fixture
def namespace(kube):
    name = f"it-fit-{secrets.token_hex(3)}"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}})
    yield name
    kube.delete("v1", "Namespace", name)


def pod(number, requests, limits, prepared, namespace):
    resources = {**({"requests": requests} if requests else {}), **({"limits": limits} if limits else {})}
    spec = {
        "automountServiceAccountToken": False, "containers": [{"name": "main", "image": "none", "resources": resources}],
        "initContainers": [{"name": "prepare", "image": "none"}] if prepared else [],
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{number}", "namespace": namespace}, "spec": spec}


def tried(kube, one):
    """The pod as it would be, and what the API server says against it."""
    while True:
        try:
            return kube.create(one, dry_run=True), ""
        except KubeError as error:
            if "status unknown for quota" not in error.what:
                return None, error.what
            time.sleep(0.2)


def put(kube, namespace, limits, hard=None):
    kube.delete("v1", "LimitRange", "fit", namespace)
    kube.delete("v1", "ResourceQuota", "fit", namespace)
    if limits:
        kube.apply(shape.limit_range("fit", namespace, limits))
    if hard:
        kube.apply(shape.resource_quota("fit", namespace, hard))
    time.sleep(HEARD)


@pytest.mark.parametrize("before", BEFORE, ids=["without", "with"])
def test_what_breaks_is_foretold(kube, namespace, before):
    pods = [pod(number, *form, namespace) for number, form in enumerate(itertools.product(REQUESTS, LIMITS, (False, True)))]
    put(kube, namespace, before)
    # Those that even now cannot be made do not run.
    running = [(one, live) for one in pods for live, _refusal in [tried(kube, one)] if live]
    assert len(running) > 10
    wrong, broken = [], 0
    for after, hard in itertools.product(AFTER, HARD):
        put(kube, namespace, after, hard)
        for one, live in running:
            said, refusal = use.unfit_pods([{**live, "status": {"phase": "Running"}}], hard, after), tried(kube, one)[1]
            broken += bool(refusal)
            if bool(said) != bool(refusal):
                wrong.append((after, hard, one["spec"], said, refusal))
    assert wrong == []
    assert broken > 50
