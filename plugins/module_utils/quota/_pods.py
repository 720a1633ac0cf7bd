# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods as quotas and limits see them: which count, in which scopes, how much they take, whose they are; PURE."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..kube import pods as sums

_DEFAULTED = "kubernetes.io/limit-ranger"
_SAID = re.compile(r"(?:^|[:;] )((?:[^\s,;:]+, )*[^\s,;:]+) (request|limit) for (?:init )?container (\S+?)(?=;|$)")
_NATIVE = ("cpu", "memory", "ephemeral-storage")


def counts(pod: Mapping[str, Any]) -> bool:
    """Whether a quota counts it: not once it has ended."""
    return (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")


def containers(pod: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Its containers, those that only start it included."""
    spec = pod.get("spec") or {}
    return [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]


def has_own_resources(pod: Mapping[str, Any]) -> bool:
    """Whether requests or limits stand at the pod itself, which excuses its containers."""
    resources = (pod.get("spec") or {}).get("resources") or {}
    return bool(resources.get("requests") or resources.get("limits"))


def remade(pod: Mapping[str, Any], items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The pod as it would be made again under these LimitRange items (completed ones): without the defaults of before, with the new ones."""
    items = [item for item in items if item.get("type") == "Container"]
    spec = dict(pod.get("spec") or {})
    for part in ("initContainers", "containers"):
        spec[part] = [{**container, "resources": _resources(pod, container, items)} for container in spec.get(part) or []]
    return {**pod, "spec": spec}


def totals(pod: Mapping[str, Any]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Requests and limits of the whole pod."""
    return sums.total(pod, "requests"), sums.total(pod, "limits")


def usage(pod: Mapping[str, Any]) -> dict[str, Fraction]:
    """What a quota counts for it: pods, requests.* and limits.*."""
    found = {"pods": Fraction(1)}
    for part in ("requests", "limits"):
        for name, value in sums.total(pod, part).items():
            if part == "requests" or name in _NATIVE:
                found[f"{part}.{name}"] = value
    return found


def in_scopes(pod: Mapping[str, Any], scopes: Iterable[Mapping[str, Any]]) -> bool:
    """scopes: as shape.scopes_of() gives them; a pod is in when it is in all of them."""
    return all(_in_scope(pod, scope) for scope in scopes)


def workload(pod: Mapping[str, Any]) -> str:
    """Who made it: Deployment web, StatefulSet db, or Pod x itself."""
    meta = pod["metadata"]
    owner = next((each for each in meta.get("ownerReferences") or [] if each.get("controller")), None)
    if not owner:
        return f"Pod {meta['name']}"
    hash_ = (meta.get("labels") or {}).get("pod-template-hash")
    if owner.get("kind") == "ReplicaSet" and hash_ and str(owner.get("name")).endswith(f"-{hash_}"):
        return f"Deployment {owner['name'][:-len(hash_) - 1]}"
    return f"{owner.get('kind')} {owner.get('name')}"


def _resources(pod: Mapping[str, Any], container: Mapping[str, Any], items: list[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    found = {part: _written(pod, container, part) for part in ("requests", "limits")}
    # As when a pod is made: a request that is not given is the limit, before any default.
    found["requests"] = {**found["limits"], **found["requests"]}
    for item in items:
        for part, field in (("requests", "defaultRequest"), ("limits", "default")):
            found[part] = {**(item.get(field) or {}), **found[part]}
    return found


def _written(pod: Mapping[str, Any], container: Mapping[str, Any], part: str) -> dict[str, Any]:
    """What the container itself asks for: without what a LimitRange added when the pod was made, as it says in an annotation."""
    said = str((pod["metadata"].get("annotations") or {}).get(_DEFAULTED) or "").removeprefix("LimitRanger plugin set")
    added = {
        name for names, word, owner in _SAID.findall(said) if owner == container.get("name") and f"{word}s" == part for name in names.split(", ")
    }
    return {key: value for key, value in ((container.get("resources") or {}).get(part) or {}).items() if key not in added}


def _in_scope(pod: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
    name, spec = scope["scopeName"], pod.get("spec") or {}
    if name in ("Terminating", "NotTerminating"):
        return (spec.get("activeDeadlineSeconds") is not None) == (name == "Terminating")
    if name in ("BestEffort", "NotBestEffort"):
        return ((pod.get("status") or {}).get("qosClass") == "BestEffort") == (name == "BestEffort")
    if name == "PriorityClass":
        given = spec.get("priorityClassName") or ""
        found = given in scope["values"] if scope["values"] else bool(given)
        return found == (scope["operator"] in ("In", "Exists"))
    # Affinity to pods of other namespaces, and claims' attribute classes: rare, and never a reason to refuse.
    return False
