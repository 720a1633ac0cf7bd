# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replicas that an autoscaler chose: what is applied says the same, so that neither takes the number from the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..kube import autoscalers

_SCALED = ("Deployment", "StatefulSet", "ReplicaSet")


def respected(kube: Any, objects: Sequence[Mapping[str, Any]], namespace: str) -> list[dict[str, Any]]:
    """The objects with the live number of replicas where an autoscaler aims at them; one list, and one request per object that it aims at.

    A number of 0, asked for or live, is not an autoscaler's: it stays as it is asked for.
    """
    candidates = [obj for obj in objects if obj["kind"] in _SCALED and (obj.get("spec") or {}).get("replicas")]
    if not candidates:
        return list(objects)
    aimed = autoscalers.scaled(kube, namespace, objects)
    numbers = {}
    for obj in candidates:
        name = obj["metadata"]["name"]
        if (obj["kind"], name) in aimed:
            live = kube.get(obj["apiVersion"], obj["kind"], name, namespace)
            numbers[obj["kind"], name] = ((live or {}).get("spec") or {}).get("replicas")
    return [with_replicas(obj, numbers.get((obj["kind"], obj["metadata"]["name"]))) for obj in objects]


def with_replicas(obj: Mapping[str, Any], number: int | None) -> dict[str, Any]:
    return {**obj, "spec": {**obj["spec"], "replicas": number}} if number else dict(obj)
