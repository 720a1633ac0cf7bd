# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of an instance in the cluster: applied, pruned, removed. Each step may be cut off anywhere and done again.

The order that loses nothing: write superset() into the record, apply(), wait until ready, prune(), write the references that apply() gave.
What is in the record and no longer rendered is what a later run prunes, whenever the run before it died.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..context import Context
from ..errors import AcmpError, Conflict, InstanceError, Interrupted, KubeError, NotFound
from ..kube import waves
from ..kube.objects import label
from . import autoscaled, owners
from .owners import Owner

# Not the one of other writes of the platform: what one applied manager no longer names, the API server takes away.
MANAGER = "acmp-manifests"
KEEP = "helm.sh/resource-policy"
GONE_SECONDS = 60.0
# Little of these can be changed; they are made anew, which loses nothing that was not to be run or written again anyhow.
_RENEWED = ("Job", "Pod")

Reference = dict[str, Any]


@dataclass(frozen=True)
class Applied:
    """references: of all objects, with their UIDs. actions: what was created, changed or replaced, in order; () where nothing was."""

    references: list[Reference]
    actions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """Pure answer of plan(): references that come, that go, and that stay although they are no longer rendered."""

    added: tuple[Reference, ...] = ()
    pruned: tuple[Reference, ...] = ()
    kept: tuple[Reference, ...] = ()

    @property
    def actions(self) -> list[str]:
        return [
            *(f"add {_shown(item)}" for item in self.added), *(f"remove {_shown(item)}" for item in self.pruned),
            *(f"keep {_shown(item)}" for item in self.kept),
        ]


def key(reference: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """What makes two references mean one object: group, kind, namespace, name. Objects have one, too."""
    meta = reference.get("metadata") or reference
    group = str(reference["apiVersion"]).rpartition("/")[0]
    return group, reference["kind"], meta.get("namespace") or "", meta["name"]


def plan(objects: Iterable[Mapping[str, Any]], inventory: Iterable[Reference], live: Mapping[tuple, Mapping[str, Any] | None] | None = None) -> Plan:
    """What differs between the objects that shall be (as located()) and those recorded; pure.

    live: what is in the cluster by key(), as far as it was read: what is gone is not pruned, what says keep is kept.
    """
    live = live or {}
    inventory = list(inventory)
    wanted = {key(obj): obj for obj in objects}
    known = {key(item) for item in inventory}
    added = [reference(obj) for name, obj in wanted.items() if name not in known]
    left = [item for item in inventory if key(item) not in wanted and live.get(key(item), {}) is not None]
    kept = [item for item in left if stays(item, live.get(key(item)))]
    return Plan(tuple(added), tuple(item for item in left if item not in kept), tuple(kept))


def stays(item: Reference, live: Mapping[str, Any] | None) -> bool:
    """Whether an object stays when it is no longer rendered, or its instance is removed with keep: claims, and what says so of itself. Pure."""
    notes = ((live or {}).get("metadata") or {}).get("annotations") or {}
    return item["kind"] == "PersistentVolumeClaim" or str(notes.get(KEEP, "")).strip().lower() == "keep"


def reference(obj: Mapping[str, Any], uid: str = "") -> Reference:
    """apiVersion, kind, name, namespace ("" of a cluster-scoped one), uid where it is known; a StatefulSet's also names its claim templates."""
    meta = obj["metadata"]
    found: Reference = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": meta["name"], "namespace": meta.get("namespace") or ""}
    templates = [item["metadata"]["name"] for item in obj.get("spec", {}).get("volumeClaimTemplates") or []] if obj["kind"] == "StatefulSet" else []
    return {**found, **({"claimTemplates": templates} if templates else {}), **({"uid": uid} if uid else {})}


def superset(inventory: Iterable[Reference], objects: Iterable[Mapping[str, Any]]) -> list[Reference]:
    """What has to be recorded before apply(): everything recorded, and everything that is about to be there; pure."""
    found = {key(item): item for item in inventory}
    for obj in objects:
        found[key(obj)] = {**reference(obj), **({"uid": found[key(obj)]["uid"]} if found.get(key(obj), {}).get("uid") else {})}
    return list(found.values())


def apply(kube: Any, objects: Iterable[Mapping[str, Any]], owner: Owner, ctx: Context, between: Callable[[], None] | None = None) -> Applied:
    """Brings the objects (as located()) to the cluster in waves, by server-side apply; two requests each, a third for those that are made anew.

    between: called before each wave, a lease's check. Replicas that an autoscaler chose are left to it. Raises the first KubeError.
    """
    objects = autoscaled.respected(kube, list(objects), owner.namespace)
    done: dict[tuple, Reference] = {}
    actions: list[str] = []
    for wave in waves.order(objects):
        if between:
            between()
        if ctx.stopping.is_set():
            raise Interrupted("asked to stop")
        renewed = {key(obj) for obj in wave if _is_renewed(obj) and _make_way(kube, obj, ctx)}
        outcomes = waves.apply_all(kube, wave, threads=owners.THREADS, field_manager=MANAGER)
        for outcome in outcomes:
            if outcome.live is not None:
                done[key(outcome.object)] = reference(outcome.object, outcome.live["metadata"].get("uid", ""))
            if outcome.action in ("created", "changed"):
                word = "replaced" if key(outcome.object) in renewed else outcome.action
                actions.append(f"{word} {label(outcome.object)}")
        failed = next((outcome for outcome in outcomes if outcome.error), None)
        if failed:
            error: AcmpError = failed.error
            error.details["applied"] = actions
            raise error
    return Applied([done[key(obj)] for obj in objects], tuple(actions))


def prune(kube: Any, inventory: Iterable[Reference], references: Iterable[Reference], owner: Owner, ctx: Context) -> list[str]:
    """Deletes what is recorded and not in references, last waves first; returns what it did. Claims, and what says keep, stay.

    Only the very object that was recorded (by UID), or, as a run may have died before it could record it, one with the instance's label.
    Raises InstanceError, before anything is deleted, for a StatefulSet that would take its claims along.
    """
    current = {key(item) for item in references}
    return _delete(kube, [item for item in inventory if key(item) not in current], owner, True, ctx)


def remove(kube: Any, inventory: Iterable[Reference], owner: Owner, keep: bool, ctx: Context) -> list[str]:
    """Deletes everything recorded, as prune() does; with keep False claims and what says keep as well. Does not wait until it is gone."""
    return _delete(kube, list(inventory), owner, keep, ctx)


def _delete(kube: Any, items: list[Reference], owner: Owner, keep: bool, ctx: Context) -> list[str]:
    todo = []
    for item in items:
        live = _look(kube, item, item["kind"] == "StatefulSet")
        # Another UID and no label: somebody made it anew under the same name, and it is theirs. With the label, a run that died before it recorded it did.
        ours = live is not None and (live["metadata"]["uid"] == item.get("uid") or owners.belongs(live, owner))
        if not ours or keep and stays(item, live):
            continue
        policy = (live.get("spec") or {}).get("persistentVolumeClaimRetentionPolicy") or {}
        if keep and policy.get("whenDeleted") == "Delete":
            raise InstanceError(
                f"StatefulSet {item['name']} deletes its claims with itself (whenDeleted: Delete)", where=f"namespace {item.get('namespace')}",
                todo="back them up, then remove the instance with delete_policy: wipe")
        todo.append((item, live["metadata"]["uid"]))
    done = []
    todo.sort(key=lambda pair: -waves.rank(pair[0]))
    for item, uid in todo:
        if ctx.stopping.is_set():
            raise Interrupted("asked to stop")
        if kube.delete(item["apiVersion"], item["kind"], item["name"], item.get("namespace") or None, uid=uid):
            done.append(f"deleted {_shown(item)}")
    return done


def _look(kube: Any, item: Reference, full: bool) -> dict[str, Any] | None:
    try:
        return kube.get(item["apiVersion"], item["kind"], item["name"], item.get("namespace") or None, metadata_only=not full)
    except NotFound as error:
        # Its definition is gone, and all objects of the kind with it.
        if error.details.get("missing") in ("kind", "namespace"):
            return None
        raise


def _is_renewed(obj: Mapping[str, Any]) -> bool:
    return obj["kind"] in _RENEWED or obj["kind"] in ("ConfigMap", "Secret")


def _make_way(kube: Any, obj: Mapping[str, Any], ctx: Context) -> bool:
    """Deletes the live object where it cannot be changed into this one, and returns when it is gone; whether it did."""
    live = _look(kube, reference(obj), True)
    if live is None or (obj["kind"] not in _RENEWED and not live.get("immutable")):
        return False
    try:
        kube.apply(obj, field_manager=MANAGER, dry_run=True)
        return False
    except KubeError as error:
        if error.status != 422 or isinstance(error, Conflict):
            raise
    meta = live["metadata"]
    kube.delete(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"), uid=meta["uid"])
    end = time.monotonic() + GONE_SECONDS
    while (again := _look(kube, reference(obj), False)) is not None and again["metadata"]["uid"] == meta["uid"]:
        if time.monotonic() > end:
            raise InstanceError(
                f"{label(obj)} cannot be changed, and its deletion does not end", where=", ".join(again["metadata"].get("finalizers") or []),
                todo="look at its finalizers and pods, then run the same task again")
        if ctx.stopping.wait(0.2):
            raise Interrupted("asked to stop")
    return True


def _shown(item: Mapping[str, Any]) -> str:
    return f"{item['kind']} {item['name']}"
