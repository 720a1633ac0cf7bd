# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what a cluster has, promises and uses, from its nodes, pods, claims and metrics as the API gives them (§6.1.1)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from ..kube import pods as sums
from ..kube import quantities

_DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")
_BINARY = ("memory", "ephemeral-storage", "storage")

Amounts = dict[str, Fraction]


def capacity(
    nodes: Iterable[Mapping], pods: Iterable[Mapping] | None, metrics: Iterable[Mapping] | None, claims: Iterable[Mapping] | None,
) -> dict[str, Any]:
    """{"resources": {name: {"allocatable", "requested", "used", "free"}}, "nodes": {"ready", "total"}, "perNode": [...]}; quantities as canonical text.

    pods, metrics (NodeMetrics) and claims are None where they may not be read: what follows from them is None then. perNode has name, ready, schedulable,
    architecture and the resources of each node. Free is what pods may still request, counted where they can go: on ready nodes that are not cordoned.
    ``storage`` is what claims ask for (requested) and got (used); how much there could be is known to nobody.
    """
    nodes = list(nodes)
    requested = None if pods is None else _requested(pods)
    used = None if metrics is None else {item["metadata"]["name"]: _amounts(item.get("usage")) for item in metrics}
    rows = [_node(node, requested, used) for node in nodes]
    whole = {name: _sum([row["resources"].get(name) for row in rows]) for name in _names(rows)}
    if claims is not None:
        whole["storage"] = _claimed(claims)
    return {
        "resources": {name: _texts(name, amounts) for name, amounts in whole.items()},
        "nodes": {"ready": sum(row["ready"] for row in rows), "total": len(rows)},
        "perNode": [{**row, "resources": {name: _texts(name, row["resources"][name]) for name in whole if name in row["resources"]}} for row in rows],
    }


def is_ready(node: Mapping) -> bool:
    """Whether a node says that it is ready."""
    return any(item["type"] == "Ready" and item["status"] == "True" for item in (node.get("status") or {}).get("conditions") or [])


def storage_classes(classes: Iterable[Mapping]) -> list[dict[str, Any]]:
    """Name, provisioner, default, expansion, reclaimPolicy and bindingMode of each storage class, the default first."""
    found = [
        {
            "name": item["metadata"]["name"], "provisioner": item.get("provisioner", ""), "expansion": bool(item.get("allowVolumeExpansion")),
            "default": any((item["metadata"].get("annotations") or {}).get(key) == "true" for key in _DEFAULT_CLASS),
            "reclaimPolicy": item.get("reclaimPolicy", "Delete"), "bindingMode": item.get("volumeBindingMode", "Immediate"),
        }
        for item in classes
    ]
    return sorted(found, key=lambda item: (not item["default"], item["name"]))


def _requested(pods: Iterable[Mapping]) -> dict[str, Amounts]:
    found: dict[str, Amounts] = {}
    for pod in pods:
        node = (pod.get("spec") or {}).get("nodeName")
        if node and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed"):
            found[node] = _plus(found.get(node, {}), {**sums.total(pod, "requests"), "pods": Fraction(1)})
    return found


def _node(node: Mapping, requested: Mapping[str, Amounts] | None, used: Mapping[str, Amounts] | None) -> dict[str, Any]:
    name, status = node["metadata"]["name"], node.get("status") or {}
    ready, schedulable = is_ready(node), not (node.get("spec") or {}).get("unschedulable")
    promised = None if requested is None else requested.get(name, {})
    resources = {}
    for key, amount in _amounts(status.get("allocatable")).items():
        wanted = None if promised is None else promised.get(key, Fraction(0))
        free = None if wanted is None else max(amount - wanted, Fraction(0)) if ready and schedulable else Fraction(0)
        taken = wanted if key == "pods" else (used or {}).get(name, {}).get(key)
        resources[key] = {"allocatable": amount, "requested": wanted, "used": taken, "free": free}
    return {
        "name": name, "ready": ready, "schedulable": schedulable, "architecture": str((status.get("nodeInfo") or {}).get("architecture", "")),
        "resources": resources,
    }


def _names(rows: list[dict]) -> list[str]:
    """cpu, memory, ephemeral-storage and pods first; what no node has at all (hugepages-1Gi: 0) is left out."""
    first = ("cpu", "memory", "ephemeral-storage", "pods")
    names = {name for row in rows for name, amounts in row["resources"].items() if amounts["allocatable"] or name in first}
    return sorted(names, key=lambda name: (first.index(name) if name in first else len(first), name))


def _sum(amounts: list[dict | None]) -> dict[str, Fraction | None]:
    present = [item for item in amounts if item is not None]
    whole = {}
    for key in ("allocatable", "requested", "used", "free"):
        known = [item[key] for item in present if item[key] is not None]
        whole[key] = sum(known, Fraction(0)) if known else None
    return whole


def _claimed(claims: Iterable[Mapping]) -> dict[str, Fraction | None]:
    requested = used = Fraction(0)
    for claim in claims:
        requested += _amounts(((claim.get("spec") or {}).get("resources") or {}).get("requests")).get("storage", Fraction(0))
        used += _amounts((claim.get("status") or {}).get("capacity")).get("storage", Fraction(0))
    return {"allocatable": None, "requested": requested, "used": used, "free": None}


def _texts(name: str, amounts: Mapping[str, Fraction | None]) -> dict[str, str | None]:
    binary = name in _BINARY or name.startswith("hugepages-")
    return {key: None if value is None else quantities.text(_even(name, value), binary) for key, value in amounts.items()}


def _even(name: str, value: Fraction) -> Fraction:
    # Metrics count nanoseconds; nobody plans in less than a thousandth of a core.
    return Fraction(math.ceil(value * 1000), 1000) if name == "cpu" else value


def _amounts(texts: Mapping[str, Any] | None) -> Amounts:
    return {name: quantities.stored(text) for name, text in (texts or {}).items()}


def _plus(one: Amounts, other: Amounts) -> Amounts:
    return {name: one.get(name, Fraction(0)) + other.get(name, Fraction(0)) for name in {**one, **other}}
