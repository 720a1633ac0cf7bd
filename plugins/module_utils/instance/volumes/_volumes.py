# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: claims that grow with a change, those that cannot, and those that are larger than asked already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import InputError
from ...kube import quantities


@dataclass(frozen=True)
class Growth:
    """One claim that asks for more storage; before, after: quantities as text."""

    claim: str
    before: str
    after: str

    @property
    def action(self) -> str:
        return f"grow claim {self.claim} from {self.before} to {self.after}"


@dataclass(frozen=True)
class Volumes:
    """growths in the order of the claims' names. sizes: claim of the chart -> the larger size it has already and keeps. refusals: sentences."""

    growths: tuple[Growth, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()


def concerned(objects: Iterable[Mapping[str, Any]]) -> bool:
    """Whether any of the objects asks for claims."""
    return any(obj.get("kind") == "PersistentVolumeClaim" or _templates(obj) for obj in objects)


def plan(
    objects: Sequence[Mapping[str, Any]], live_sets: Mapping[str, Mapping[str, Any]], claims: Sequence[Mapping[str, Any]],
    classes: Sequence[Mapping[str, Any]] | None, changes: Iterable[Mapping[str, Any]] = (),
) -> Volumes:
    """What a change does to the claims that exist.

    objects: as rendered. live_sets: StatefulSets of the namespace by name, those that are there. claims: of the namespace. classes: None where
    the caller may not list them. changes: path, before, after of the document, by which a size that was made smaller is told from an old one.
    """
    by_name = {claim["metadata"]["name"]: claim for claim in claims}
    wished = [str(change.get("after")) for change in changes]
    growths, sizes = [], {}
    refusals: list[str] = []
    faults: dict[tuple[str, str, str], list[str]] = {}
    smaller: dict[tuple[str, str], list[str]] = {}
    for name, size in _wanted(objects, by_name):
        claim = by_name[name]
        have = _size(claim)
        if size is None or have is None or quantities.stored(have) == quantities.stored(size):
            continue
        if quantities.stored(size) > quantities.stored(have):
            fault = _fault(claim, classes)
            if fault:
                faults.setdefault((have, size, fault), []).append(name)
            else:
                growths.append(Growth(name, have, size))
        elif _owned_by_chart(name, objects):
            if any(_same(size, text) for text in wished):
                smaller.setdefault((have, size), []).append(name)
            sizes[name] = have
    for name, have, size in _shrunk(objects, live_sets, by_name):
        smaller.setdefault((have, size), []).append(name)
    refusals += [
        f"{_named(names)} {'has' if len(names) == 1 else 'have'} {have}, and {size} is smaller: a volume never shrinks; say {have} or more"
        for (have, size), names in smaller.items()
    ]
    refusals += [f"{_named(names)} cannot grow from {have} to {size}: {fault}" for (have, size, fault), names in faults.items()]
    return Volumes(tuple(growths), sizes, tuple(dict.fromkeys(refusals)))


def state(claim: Mapping[str, Any], size: str) -> str:
    """How far the growth of a live claim is: done, restart (grows when its pod restarts), infeasible, running, or quiet (nobody works on it)."""
    status = claim.get("status") or {}
    have = (status.get("capacity") or {}).get("storage")
    if have is not None and quantities.stored(have) >= quantities.stored(size):
        return "done"
    word = str((status.get("allocatedResourceStatuses") or {}).get("storage") or "")
    if word.endswith("Infeasible"):
        return "infeasible"
    on = {item.get("type") for item in status.get("conditions") or [] if item.get("status") == "True"}
    if "FileSystemResizePending" in on or word.startswith("NodeResize"):
        return "restart"
    return "running" if word or "Resizing" in on or (status.get("allocatedResources") or {}).get("storage") else "quiet"


def larger(objects: Iterable[Mapping[str, Any]], claims: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Claims that the objects name, and that are larger than they ask: name -> size."""
    by_name = {claim["metadata"]["name"]: claim for claim in claims}
    found = {}
    for obj in objects:
        name = obj["metadata"]["name"]
        if obj.get("kind") == "PersistentVolumeClaim" and name in by_name:
            have, size = _size(by_name[name]), _size(obj)
            if have and size and quantities.stored(have) > quantities.stored(size):
                found[name] = have
    return found


def above(objects: Iterable[Mapping[str, Any]], claims: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The same for claims of StatefulSets: larger than their template asks, which is no fault."""
    by_name = {claim["metadata"]["name"]: claim for claim in claims}
    found = {}
    for name, size in _wanted([obj for obj in objects if obj.get("kind") == "StatefulSet"], by_name):
        have = _size(by_name[name])
        if have and size and quantities.stored(have) > quantities.stored(size):
            found[name] = have
    return found


def claims_of(stateful_set: Mapping[str, Any], names: Iterable[str]) -> dict[str, list[str]]:
    """Template name -> the claims among names that belong to it, in the order of their pods."""
    own, found = stateful_set["metadata"]["name"], {}
    for template in _templates(stateful_set):
        pattern = re.compile(rf"{re.escape(template['metadata']['name'])}-{re.escape(own)}-(\d+)")
        numbers = {name: int(match[1]) for name in names if (match := pattern.fullmatch(name))}
        found[template["metadata"]["name"]] = sorted(numbers, key=numbers.__getitem__)
    return found


def _templates(obj: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((obj.get("spec") or {}).get("volumeClaimTemplates") or []) if obj.get("kind") == "StatefulSet" else []


def _wanted(objects: Iterable[Mapping[str, Any]], names: Iterable[str]) -> list[tuple[str, str | None]]:
    known, found = set(names), []
    for obj in objects:
        if obj.get("kind") == "PersistentVolumeClaim" and obj["metadata"]["name"] in known:
            found.append((obj["metadata"]["name"], _size(obj)))
        own = claims_of(obj, known) if _templates(obj) else {}
        for template in _templates(obj):
            found += [(claim, _size(template)) for claim in own[template["metadata"]["name"]]]
    return found


def _shrunk(objects, live_sets, by_name) -> list[tuple[str, str, str]]:
    """Claims of a template that asks for less than the live one does. A claim above an unchanged template is no fault: it grew in a change undone."""
    found = []
    for obj in objects:
        live = live_sets.get(obj["metadata"]["name"]) if obj.get("kind") == "StatefulSet" else None
        before = {item["metadata"]["name"]: _size(item) for item in _templates(live or {})}
        for template in _templates(obj):
            size, had = _size(template), before.get(template["metadata"]["name"])
            if size is None or had is None or quantities.stored(size) >= quantities.stored(had):
                continue
            for name in claims_of(obj, by_name)[template["metadata"]["name"]]:
                have = _size(by_name[name])
                if have and quantities.stored(have) > quantities.stored(size):
                    found.append((name, have, size))
    return found


def _named(names: list[str]) -> str:
    return f"claim{'s' if len(names) > 1 else ''} {', '.join(names)}"


def _fault(claim: Mapping[str, Any], classes: Sequence[Mapping[str, Any]] | None) -> str:
    wished = (claim.get("spec") or {}).get("storageClassName") or ""
    if claim["metadata"].get("deletionTimestamp"):
        return "it is being deleted"
    if (claim.get("status") or {}).get("phase") != "Bound":
        return "it is not bound to a volume yet; let its pod start first"
    if classes is None:
        # The API server refuses it where the class does not expand, before anything is touched.
        return ""
    found = next((item for item in classes if item["metadata"]["name"] == wished), None)
    if found is None:
        return f'the storage class "{wished}" does not exist any more'
    if found.get("allowVolumeExpansion") is not True:
        able = sorted(item["metadata"]["name"] for item in classes if item.get("allowVolumeExpansion") is True)
        return f'the storage class "{wished}" does not expand volumes (classes that do: {", ".join(able) or "none"})'
    return ""


def _owned_by_chart(name: str, objects: Iterable[Mapping[str, Any]]) -> bool:
    return any(obj.get("kind") == "PersistentVolumeClaim" and obj["metadata"]["name"] == name for obj in objects)


def _size(claim: Mapping[str, Any]) -> str | None:
    found = (((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage")
    return None if found is None else str(found)


def _same(size: str, text: str) -> bool:
    try:
        return quantities.same(size, text)
    except InputError:
        return False
