# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``recover: true``: what is stuck is named, what can safely be cured is cured, and then the task goes on as ever.

Never deletes a claim, never takes a finalizer away, never ends a pod by force (stuck.py says why, state by state).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ...api import API_VERSION
from ...context import Context
from ...errors import Forbidden, HelmError, InstanceError
from ...helm import releases, revisions
from ...kube import pods as mounts
from ...package import yaml_reader
from .. import _inventory, _observe, records, stuck
from .._observe import Observed
from ..request import Request

_BY_RECORD = ("package", "version", "type", "sha256", "document", "digest", "configOverrides", "requester")

# A change that failed, the one it was undone by, and one to spare.
_REVISIONS = 3


def ensure(bring: Callable[..., dict[str, Any]], place, request: Request, ctx: Context) -> dict[str, Any]:
    """Cures, then lets bring(request, seen=...) do what was asked; its result, with the cures before its actions."""
    seen = _observe.observe(place.kube, request)
    past = _past(place.kube, request) if seen.record is None else []
    seen = _with_heads(place.kube, request, seen, past)
    facts = look(place.kube, request, seen)
    found = stuck.named(facts)
    for state in found:
        if state.kind.cure == stuck.NOBODY:
            ctx.warn(state.text + " " + state.kind.does)
    ids = {state.kind.id for state in found}
    again = rebuilt(request, past, seen.heads) if "record-gone" in ids else None
    if "record-gone" in ids and again is None:
        raise InstanceError(
            f"The record of {request.title} is gone, and no revision of it is recorded, so nobody knows which package its Helm release is of",
            where=f"namespace {request.namespace}", todo="say which with package and version, and adopt: true instead of recover",
        )
    jobs = [job["metadata"] for job in facts.jobs or []] if "job-endless" in ids else []
    actions = [f"delete Job {meta['name']}, for which nobody waits" for meta in jobs]
    if again is not None:
        actions.append(f"record {request.title} again as revision {again['status']['revision']}")
    if not actions:
        return bring(request)
    if ctx.check_mode:
        return _joined(bring(request, seen=replace(seen, record=again or seen.record)), actions)
    from .._changing import held

    place.verify()
    with held(place.kube, request, ctx) as lease:
        for meta in jobs:
            ctx.progress(f"{request.title}  deleting Job {meta['name']}, for which nobody waits")
            place.kube.delete("batch/v1", "Job", meta["name"], request.namespace, uid=meta["uid"])
        lease.check()
        if again is not None:
            ctx.progress(f"{request.title}  recording it again")
            _write(place.kube, request, again)
    return _joined(bring(request), actions)


def look(kube: Any, request: Request, seen: Observed) -> stuck.Facts:
    """Everything that tells a stuck state of one instance; what may not be read is left out."""
    def read(kind: Callable[[], Any]) -> Any:
        try:
            return kind()
        except Forbidden:
            return None

    namespace = request.namespace
    claims = read(lambda: kube.list("v1", "PersistentVolumeClaim", namespace))
    pods = read(lambda: kube.list("v1", "Pod", namespace))
    asking = _inventory.as_objects(seen.status.get("claimants") or [])
    own = {item["metadata"]["name"] for item in _inventory.claims(kube, request, asking)} if claims and asking else set()
    names = {item["name"] for item in seen.status.get("inventory") or []}
    return stuck.Facts(
        request.name, namespace, datetime.datetime.now(datetime.timezone.utc), record=seen.record, heads=seen.heads,
        space=read(lambda: kube.get("v1", "Namespace", namespace)),
        lease=read(lambda: kube.get("coordination.k8s.io/v1", "Lease", f"acmp-{request.name}", namespace) or {}),
        pods=[pod for pod in pods or [] if _belongs(pod, names, own)], claims=[claim for claim in claims or [] if claim["metadata"]["name"] in own],
        jobs=read(lambda: _hook_jobs(kube, request, seen)),
        sets=[item for item in read(lambda: kube.list("apps/v1", "StatefulSet", namespace)) or [] if item["metadata"]["name"] in names],
        classes=read(lambda: kube.list("storage.k8s.io/v1", "StorageClass")),
    )


def rebuilt(request: Request, past: Sequence[dict], heads: Sequence[revisions.Head]) -> dict | None:
    """Pure: the Instance as its revisions and its release tell it; None where no revision is recorded.

    The revision that runs is the one whose digest the release bears, else the newest that was ready. The record is of phase NotReady,
    so that the task goes on to wait for readiness and to record the rest.
    """
    head = revisions.latest(heads)
    known = sorted(past, key=lambda item: item["spec"]["revision"])
    if head is None or not known:
        return None
    label = head.labels.get(revisions.DIGEST_LABEL)
    same = [item for item in known if revisions.digest_label(str(item["spec"].get("digest") or "")) == label]
    ready = [item for item in known if (item.get("status") or {}).get("ready")]
    chosen = (same or ready or known)[-1]
    spec = {key: chosen["spec"][key] for key in _BY_RECORD if chosen["spec"].get(key)}
    last = ready[-1] if ready else None
    return {
        "apiVersion": API_VERSION, "kind": "Instance",
        "metadata": {"name": request.name, "namespace": request.namespace, "labels": records.labels(request.name), "resourceVersion": ""},
        "spec": {
            **spec, "mode": "helm", "releaseName": head.name, "managedBy": "task", "cluster": request.cluster, "project": request.project,
            "description": request.description or "", "deletePolicy": request.delete_policy or "keep", "requester": request.requester or "",
        },
        "status": {
            "phase": "NotReady", "revision": known[-1]["spec"]["revision"], "helmRevision": head.revision, "lastError": "",
            "operation": str(chosen["spec"].get("operation") or ""),
            **({"readyRevision": last["spec"]["revision"], "readyHelmRevision": int((last.get("status") or {}).get("helmRevision") or 0)} if last else {}),
        },
    }


def uninstall(helm, release: str, request: Request, kube, ctx: Context) -> None:
    """Uninstalls a release; where its hooks fail and recover was said, without them. Raises HelmError."""
    from ...helm import actions

    try:
        actions.uninstall(helm, release, request.namespace, kube, ctx)
    except HelmError as error:
        if not request.recover:
            error.todo = "; ".join(part for part in (error.todo, "where a hook of the removal fails, say recover: true to go on without the hooks") if part)
            raise
        ctx.warn(f"A hook of the removal failed, and {request.title} is removed without the hooks: {error.what}")
        jobs = _hook_names(kube, request.namespace, revisions.heads(kube, request.namespace, release)[-1:])
        actions.uninstall(helm, release, request.namespace, kube, ctx, hooks=False)
        # The one that failed was made a moment ago, and nobody else knows of it.
        for name in jobs:
            kube.delete("batch/v1", "Job", name, request.namespace)


def _joined(result: dict[str, Any], actions: list[str]) -> dict[str, Any]:
    return {**result, "changed": True, "actions": [*actions, *result["actions"]]}


def _past(kube, request: Request) -> list[dict]:
    return kube.list(API_VERSION, "InstanceRevision", request.namespace, label_selector=f"{records.INSTANCE_LABEL}={request.name}")


def _with_heads(kube, request: Request, seen: Observed, past: list[dict]) -> Observed:
    """The release that the document names, where the record that would say so is gone."""
    if seen.record is not None or seen.heads or not past:
        return seen
    document = yaml_reader.load(max(past, key=lambda item: item["spec"]["revision"])["spec"]["document"], request.title)
    name = (document.get("spec") or {}).get("releaseName") or request.name
    return replace(seen, heads=tuple(revisions.heads(kube, request.namespace, name))) if name != request.name else seen


def _hook_jobs(kube, request: Request, seen: Observed) -> list[dict]:
    """Jobs of the newest revisions' hooks that have not ended: the newest may be the one that was gone back to."""
    newest = sorted(seen.heads, key=lambda head: head.revision)[-_REVISIONS:] if seen.by_helm else []
    live = [kube.get("batch/v1", "Job", name, request.namespace) for name in _hook_names(kube, request.namespace, newest)]
    return [job for job in live if job is not None and not _ended(job)]


def _hook_names(kube, namespace: str, heads: Sequence[revisions.Head]) -> list[str]:
    hooks = [hook for head in heads for hook in releases.read(kube, namespace, head.name, head.revision).hooks]
    return sorted({str(hook.get("name")) for hook in hooks if hook.get("kind") == "Job"})


def _ended(job: dict) -> bool:
    return any(item.get("type") in ("Complete", "Failed") and item.get("status") == "True" for item in (job.get("status") or {}).get("conditions") or [])


def _belongs(pod: dict, names: set[str], claims: set[str]) -> bool:
    owners = [item["name"] for item in pod["metadata"].get("ownerReferences") or []]
    return not claims.isdisjoint(mounts.claims(pod)) or any(owner in names or owner.rpartition("-")[0] in names for owner in owners)


def _write(kube, request: Request, record: dict) -> None:
    meta = {key: value for key, value in record["metadata"].items() if key != "resourceVersion"}
    kube.create({**record, "metadata": meta, "status": {}})
    kube.patch_status(API_VERSION, "Instance", request.name, request.namespace, record["status"])
