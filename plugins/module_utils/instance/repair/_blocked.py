# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods of an earlier template that never start, and for which a StatefulSet waits before it replaces them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from ...context import Context
from ...errors import Forbidden
from ...kube import troubles

_OBSERVED_SECONDS = 5.0
# What a pod never leaves by itself.
_BROKEN = (
    "InvalidImageName", "ErrImageNeverPull", "ImagePullBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError",
    "CrashLoopBackOff", "Unschedulable",
)


def unblock(kube: Any, references: Sequence[Mapping[str, Any]], namespace: str, ctx: Context) -> list[str]:
    """Deletes broken pods of earlier templates, for which a StatefulSet that works in order would wait for ever; returns their names.

    A rolling update goes on only when every pod is ready, also where the pod that is not is the one to be replaced; so after a change that
    never started, the change back would never arrive. Such a pod was never ready, and its claims stay. references: kind and name.
    """
    names = {str(item["name"]) for item in references if item.get("kind") == "StatefulSet"}
    done: list[str] = []
    try:
        pods = kube.list("v1", "Pod", namespace) if names else []
        for live in _observed(kube, names, namespace, ctx) if any(owner(pod) and not _ready(pod) for pod in pods) else []:
            for pod in outdated(live, pods):
                meta = pod["metadata"]
                ctx.progress(f"{namespace}/{live['metadata']['name']}  deleting pod {meta['name']}, which never started and is of an earlier template")
                kube.delete("v1", "Pod", meta["name"], namespace, uid=meta["uid"])
                done.append(meta["name"])
    except Forbidden:
        # Then the wait says what it waits for.
        pass
    return done


def outdated(stateful_set: Mapping[str, Any], pods: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Pure: broken pods of earlier templates of a StatefulSet that waits for them."""
    spec, meta = stateful_set.get("spec") or {}, stateful_set["metadata"]
    newest = (stateful_set.get("status") or {}).get("updateRevision")
    if spec.get("podManagementPolicy") == "Parallel" or (spec.get("updateStrategy") or {}).get("type") == "OnDelete" or not newest:
        return []
    own = [
        pod for pod in pods
        if owner(pod) == meta["uid"] and not _ready(pod) and (pod["metadata"].get("labels") or {}).get("controller-revision-hash") != newest
    ]
    found = troubles.find(own, [], [], [], [], datetime.datetime.now(datetime.timezone.utc))
    broken = {trouble.uid for trouble in found if trouble.reason in _BROKEN}
    return [pod for pod in own if pod["metadata"]["uid"] in broken]


def _observed(kube: Any, names: set[str], namespace: str, ctx: Context) -> list[dict[str, Any]]:
    """The StatefulSets, once their controller has seen the newest template: before, it names none."""
    end = ctx.clock() + _OBSERVED_SECONDS
    while True:
        found = [item for item in kube.list("apps/v1", "StatefulSet", namespace) if item["metadata"]["name"] in names]
        late = [item for item in found if (item.get("status") or {}).get("observedGeneration", 0) < item["metadata"].get("generation", 0)]
        if not late or ctx.clock() > end or ctx.stopping.wait(0.1):
            return [item for item in found if item not in late]


def _ready(pod: Mapping[str, Any]) -> bool:
    return any(item.get("type") == "Ready" and item.get("status") == "True" for item in (pod.get("status") or {}).get("conditions") or [])


def owner(pod: Mapping[str, Any]) -> str:
    """UID of the controller of a pod, "" for none."""
    return next((str(item["uid"]) for item in pod["metadata"].get("ownerReferences") or [] if item.get("controller")), "")
