# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance that is to go holds: claims by UID, Secrets, revisions, and what would stay behind it (DESIGN section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...api import API_VERSION
from ...errors import Forbidden, NotFound
from ...helm import manifest, releases
from ...kube import pods
from .. import _inventory, records
from .._observe import Observed
from ..request import Request
from ._removal import BIN, Holdings, foreign

_CLAIM = "PersistentVolumeClaim"
# Of a release's hooks, what only works for it; the rest may hold data or a password.
_WORK = ("Job", "Pod")


def look(kube, request: Request, seen: Observed) -> Holdings:
    """Reads them; for an instance in the recycle bin by the UIDs that were recorded when it went there."""
    recorded = (seen.status.get("kept") or {}) if seen.phase in (BIN, "Removing") else {}
    head = seen.latest if seen.by_helm and not foreign(seen) else None
    release = releases.read(kube, request.namespace, head.name, head.revision) if head else None
    objects = release.objects() if release else []
    # Also those of revisions that failed: going back takes no hook away, since its log says what happened.
    failed = [releases.read(kube, request.namespace, one.name, one.revision) for one in seen.heads if head and one is not head and one.status == "failed"]
    every = [item for one in [release, *failed] if one for hook in one.hooks for item in manifest.split(hook.get("manifest") or "", f"hooks of {one.name}")]
    hooks = list({(item["kind"], item["metadata"]["name"]): item for item in every}.values())
    left, inventory = ([], []) if release or seen.phase == BIN else _orphans(kube, request, seen)
    found = _inventory.claims(kube, request, [*objects, *hooks, *inventory, *_inventory.as_objects(seen.status.get("claimants") or [])])
    known = {item["uid"] for item in recorded.get("claims") or []}
    live = [claim for claim in found if not recorded or claim["metadata"]["uid"] in known]
    secrets, others, strays = _rest(kube, request, objects, hooks, left, recorded)
    return Holdings(
        objects=tuple(objects or inventory), claims=tuple(_claim(kube, claim) for claim in live), secrets=secrets, others=others, strays=strays,
        revisions=_revisions(kube, request), doubts=tuple(_doubts(kube, request, objects or left, live)),
        strangers=tuple(claim["metadata"]["name"] for claim in found if claim not in live), users=_users(kube, request, live) if seen.phase == BIN else (),
    )


def _claim(kube, claim: dict) -> dict[str, Any]:
    meta, spec = claim["metadata"], claim.get("spec", {})
    size = claim.get("status", {}).get("capacity", {}).get("storage") or spec.get("resources", {}).get("requests", {}).get("storage", "")
    volume = spec.get("volumeName", "")
    return {"name": meta["name"], "uid": meta["uid"], "size": size, "volume": volume, "reclaim_policy": _reclaim(kube, volume, spec.get("storageClassName"))}


def _reclaim(kube, volume: str, storage_class: str | None) -> str:
    """What happens to the volume when its claim goes, "" where the caller may not look."""
    try:
        live = kube.get("v1", "PersistentVolume", volume) if volume else None
        return (live or {}).get("spec", {}).get("persistentVolumeReclaimPolicy", "")
    except Forbidden:
        pass
    try:
        found = kube.get("storage.k8s.io/v1", "StorageClass", storage_class) if storage_class else None
        return (found or {}).get("reclaimPolicy", "")
    except Forbidden:
        return ""


def _orphans(kube, request: Request, seen: Observed) -> tuple[list[dict], list[dict]]:
    """(live objects of an instance without release, all objects of its inventory as manifests)."""
    release = seen.spec.get("releaseName") or request.name
    inventory = seen.status.get("inventory") or []
    live = []
    for item in inventory:
        found = None if item["kind"] == _CLAIM else _get(kube, item["apiVersion"], item["kind"], item["name"], item.get("namespace") or request.namespace)
        meta = (found or {}).get("metadata", {})
        ours = (meta.get("annotations") or {}).get("meta.helm.sh/release-name") == release or (
            (meta.get("labels") or {}).get(records.INSTANCE_LABEL) == request.name)
        if found and ours:
            live.append({**found, "apiVersion": item["apiVersion"], "kind": item["kind"]})
    # The release knew its hooks; their Jobs bear the label that every chart gives.
    jobs = kube.list("batch/v1", "Job", request.namespace, label_selector=f"app.kubernetes.io/instance={release}", metadata_only=True)
    live += [{**job, "apiVersion": "batch/v1", "kind": "Job"} for job in jobs if manifest.HOOK in (job["metadata"].get("annotations") or {})]
    return live, _inventory.as_objects(inventory)


def _rest(kube, request: Request, objects: list[dict], hooks: list[dict], left: list[dict], recorded: dict) -> tuple[tuple[dict, ...], ...]:
    """(Secrets, other objects that stay, strays): references with UID of what lives."""
    own = kube.list("v1", "Secret", request.namespace, label_selector=f"{records.INSTANCE_LABEL}={request.name}", metadata_only=True)
    stay = [_reference("v1", "Secret", item["metadata"]) for item in own]
    strays = []
    for obj in [*(item for item in objects if manifest.kept(item)), *hooks, *left]:
        if obj["kind"] == _CLAIM:
            continue
        live = _live(kube, request, obj)
        if live is None:
            continue
        hook = obj in hooks
        if hook and manifest.HOOK not in (live["metadata"].get("annotations") or {}):
            continue
        working = obj["kind"] in _WORK if hook else obj in left and not manifest.kept(live)
        (strays if working else stay).append(_reference(obj["apiVersion"], obj["kind"], live["metadata"]))
    for item in [*(recorded.get("secrets") or []), *(recorded.get("others") or [])]:
        live = _get(kube, item["apiVersion"], item["kind"], item["name"], request.namespace)
        if live is not None and live["metadata"]["uid"] == item["uid"]:
            stay.append(item)
    found = {item["uid"]: item for item in stay}.values()
    return tuple(item for item in found if item["kind"] == "Secret"), tuple(item for item in found if item["kind"] != "Secret"), tuple(strays)


def _live(kube, request: Request, obj: dict) -> dict | None:
    """The live object, None where there is none in the instance's own namespace."""
    try:
        if not kube.resource(obj["apiVersion"], obj["kind"]).namespaced or obj["metadata"].get("namespace", request.namespace) != request.namespace:
            return None
    except NotFound:
        return None
    return obj if "uid" in obj["metadata"] else _get(kube, obj["apiVersion"], obj["kind"], obj["metadata"]["name"], request.namespace)


def _get(kube, api_version: str, kind: str, name: str, namespace: str) -> dict | None:
    try:
        return kube.get(api_version, kind, name, namespace, metadata_only=True)
    except NotFound:
        # Its kind went before it.
        return None


def _reference(api_version: str, kind: str, meta: dict) -> dict[str, str]:
    return {"apiVersion": api_version, "kind": kind, "name": meta["name"], "uid": meta["uid"]}


def _revisions(kube, request: Request) -> tuple[int, ...]:
    found = kube.list(API_VERSION, "InstanceRevision", request.namespace, label_selector=f"{records.INSTANCE_LABEL}={request.name}")
    return tuple(sorted(item["spec"]["revision"] for item in found))


def _doubts(kube, request: Request, objects: Iterable[dict], claims: list[dict]) -> Iterable[tuple[str, str]]:
    """Why a claim would go with the release: by Helm, by its owner, or because it is going already."""
    for obj in objects:
        if obj["kind"] == _CLAIM and not manifest.kept(obj):
            yield f"Helm would delete claim {obj['metadata']['name']}", "change the instance once, which marks its claims as kept, then run this again"
    patch = '{"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"}}}'
    sets = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "StatefulSet"}
    greedy = set()
    for live in kube.list("apps/v1", "StatefulSet", request.namespace) if sets else []:
        name = live["metadata"]["name"]
        if name in sets and (live["spec"].get("persistentVolumeClaimRetentionPolicy") or {}).get("whenDeleted") == "Delete":
            greedy.add(name)
            command = f"kubectl --namespace {request.namespace} patch statefulset {name} --type=merge --patch '{patch}'"
            yield f"StatefulSet {name} deletes its claims with itself (whenDeleted: Delete)", f"{command}, then run this again"
    for claim in claims:
        meta = claim["metadata"]
        for owner in [item for item in meta.get("ownerReferences") or [] if item["name"] not in greedy]:
            yield f"claim {meta['name']} goes with {owner['kind']} {owner['name']}, its owner", "take that owner off the claim, then run this again"
        if meta.get("deletionTimestamp"):
            yield f"claim {meta['name']} is being deleted since {meta['deletionTimestamp']}, and only its pods hold it", "copy the data elsewhere now"


def _users(kube, request: Request, claims: list[dict]) -> tuple[tuple[str, str], ...]:
    names = {claim["metadata"]["name"] for claim in claims}
    if not names:
        return ()
    return tuple(
        (claim, pod["metadata"]["name"])
        for pod in kube.list("v1", "Pod", request.namespace) if pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")
        for claim in pods.claims(pod) if claim in names
    )
