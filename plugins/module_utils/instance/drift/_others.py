# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fields of an instance's objects that belong to somebody else: an autoscaler's replicas, what injectors and controllers write."""

from __future__ import annotations

import json
import re
from typing import Any

from ...kube import autoscalers

# Writers of fields that are no people and no Helm: what they own is theirs, whatever a manifest says.
_CONTROLLER = re.compile(
    r"kube-controller-manager|manager|pilot-discovery|vpa-\S+|(?:keda|istio|linkerd|cert-manager)\S*|\S+-(?:controller|operator|injector)\S*")
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
_FILLED = ("caBundle",)


def replicas(kube: Any, namespace: str, objects: list[dict], before: list[dict]) -> dict[tuple[str, str], int | None]:
    """The numbers to write for autoscaled workloads of a rendering, so that a change does not undo what the autoscaler chose.

    before: the manifest that runs. Where neither names a number there is nothing to write: Helm leaves the field alone.
    """
    owned = autoscalers.scaled(kube, namespace, objects)
    counted = {_key(obj) for obj in [*objects, *before] if _key(obj) in owned and (obj.get("spec") or {}).get("replicas") is not None}
    found: dict[tuple[str, str], int | None] = {}
    for obj in objects:
        if _key(obj) in counted:
            live = kube.get(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace") or namespace)
            number = ((live or {}).get("spec") or {}).get("replicas")
            if isinstance(number, int):
                found[_key(obj)] = number
    return found


def give_back(kube: Any, namespace: str, objects: list[dict], numbers: dict[tuple[str, str], int | None]) -> None:
    """Sets autoscaled workloads to these numbers again, after Helm wrote those of the objects."""
    for obj in objects:
        number = numbers.get(_key(obj))
        if number is not None and number != obj["spec"].get("replicas"):
            space = obj["metadata"].get("namespace") or namespace
            kube.patch(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], space, {"spec": {"replicas": number}}, subresource="scale")


def theirs(obj: dict, path: tuple) -> bool:
    """Pure: whether the field of a live object is somebody else's by what it is, or by who last wrote it (metadata.managedFields)."""
    if path[-1] == _RESTARTED or path[-1] in _FILLED:
        return True
    # A number of replicas is an autoscaler's only as long as there is one.
    return path != ("spec", "replicas") and any(_CONTROLLER.fullmatch(writer) for writer in writers(obj, path))


def writers(obj: dict, path: tuple) -> set[str]:
    """Pure: the managers that own a field of a live object, none where its managedFields do not say."""
    return {
        str(entry.get("manager")) for entry in (obj.get("metadata") or {}).get("managedFields") or []
        if entry.get("subresource") != "status" and _owns(entry.get("fieldsV1") or {}, path)
    }


def _owns(fields: dict, path: tuple) -> bool:
    for step in path:
        # An empty set stands for the whole below it.
        if not fields:
            return True
        below = fields.get(f"f:{step}") if isinstance(step, str) else _entry(fields, step) if isinstance(step, tuple) else None
        if below is None:
            return False
        fields = below
    return True


def _entry(fields: dict, step: tuple) -> dict | None:
    for key, below in fields.items():
        if key.startswith("k:") and set(step) <= set(json.loads(key[2:]).items()):
            return below
    return None


def _key(obj: dict) -> tuple[str, str]:
    return str(obj.get("kind")), str((obj.get("metadata") or {}).get("name"))
