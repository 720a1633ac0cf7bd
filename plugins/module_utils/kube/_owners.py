# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which pods, claims and events belong to some objects; PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._shape import dig, entries, mapping, name, uid

# Kinds between an object and its pods, by owner references.
BETWEEN: tuple[tuple[str, str], ...] = (
    ("apps/v1", "ReplicaSet"), ("apps/v1", "StatefulSet"), ("apps/v1", "Deployment"), ("apps/v1", "DaemonSet"), ("batch/v1", "Job"),
)
_INSTANCE = "app.kubernetes.io/instance"


@dataclass(frozen=True)
class Family:
    """What belongs to the objects waited for; owners: the objects and all between them and the pods."""

    pods: list[Mapping[str, Any]]
    claims: list[Mapping[str, Any]]
    owners: list[Mapping[str, Any]]
    events: list[Mapping[str, Any]]


def between(kinds: Iterable[str], custom: bool) -> list[tuple[str, str]]:
    """The kinds needed to come from objects of these kinds down to pods; custom: a custom resource may own anything."""
    if custom:
        return list(BETWEEN)
    kinds = set(kinds)
    needed = []
    if "Deployment" in kinds:
        needed.append(("apps/v1", "ReplicaSet"))
    if "CronJob" in kinds:
        needed.append(("batch/v1", "Job"))
    return needed


def family(
    roots: Iterable[Mapping[str, Any]], middles: Iterable[Mapping[str, Any]], pods: Iterable[Mapping[str, Any]], claims: Iterable[Mapping[str, Any]],
    events: Iterable[Mapping[str, Any]], custom_names: Iterable[str] = (),
) -> Family:
    """Follows owner references from the pods up to the roots.

    custom_names: names of custom resources; where an operator sets no owner references, its pods are known by the label
    app.kubernetes.io/instance. Claims belong when they are roots, used by one of the pods, or made from a StatefulSet's template.
    """
    owners = {uid(root): root for root in roots if uid(root)}
    waiting = {uid(middle): middle for middle in middles if uid(middle) and uid(middle) not in owners}
    names = set(custom_names)
    more = True
    while more:
        more = False
        for key, middle in list(waiting.items()):
            if _owned(middle, owners) or _labelled(middle, names):
                owners[key] = waiting.pop(key)
                more = True
    own = [pod for pod in pods if uid(pod) in owners or _owned(pod, owners) or _labelled(pod, names)]
    used = {
        str(dig(volume, "persistentVolumeClaim", "claimName")) for pod in own for volume in entries(dig(pod, "spec", "volumes"))
        if dig(volume, "persistentVolumeClaim", "claimName")
    }
    used |= {claim for owner in owners.values() for claim in _templated(owner)}
    owned_claims = [claim for claim in claims if uid(claim) in owners or name(claim) in used]
    known = set(owners) | {uid(each) for each in (*own, *owned_claims)}
    return Family(
        own, owned_claims, list(owners.values()), [event for event in events if str(dig(event, "involvedObject", "uid")) in known])


def _owned(obj: Mapping[str, Any], owners: Mapping[str, Any]) -> bool:
    return any(str(owner.get("uid")) in owners for owner in entries(dig(obj, "metadata", "ownerReferences")))


def _labelled(obj: Mapping[str, Any], names: set[str]) -> bool:
    return bool(names) and str(mapping(dig(obj, "metadata", "labels")).get(_INSTANCE)) in names


def _templated(owner: Mapping[str, Any]) -> list[str]:
    if owner.get("kind") != "StatefulSet":
        return []
    count = dig(owner, "spec", "replicas")
    count = count if isinstance(count, int) else 1
    first = dig(owner, "spec", "ordinals", "start")
    first = first if isinstance(first, int) else 0
    return [
        f"{name(template)}-{name(owner)}-{number}" for template in entries(dig(owner, "spec", "volumeClaimTemplates"))
        for number in range(first, first + min(count, 1000))
    ]
