# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps pods from becoming ready, in words; PURE: objects in, troubles out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._shape import condition, dig, entries, mapping, moment, uid

# How long each trouble may last before waiting for it makes no sense (seconds); None: only the time-out ends it. A pod may wait for its
# peer, an operator may still create a Secret, so nothing that heals by itself is short.
FATAL_AFTER: Mapping[str, float | None] = {
    "InvalidImageName": 0.0,
    "ErrImageNeverPull": 15.0,
    "ImagePullBackOff": 20.0,
    "CreateContainerConfigError": 15.0,
    "CreateContainerError": 30.0,
    "RunContainerError": 30.0,
    "CrashLoopBackOff": 20.0,
    "Crashed": None,
    "OOMKilled": None,
    "JobFailed": 0.0,
    "Quota": 15.0,
    "Forbidden": 15.0,
    "FailedCreate": 30.0,
    "Unschedulable": 60.0,
    "NoStorageClass": 15.0,
    "Unbound": 60.0,
    "ProvisioningFailed": 60.0,
    "FailedMount": 60.0,
    "SandboxFailed": 90.0,
    "NotReady": None,
}
_CRASHES = ("CrashLoopBackOff", "Crashed", "OOMKilled")
CRASHES = 3  # restarts after which a crashing container is given up, whatever the time
OLD_SECONDS = 30.0  # the least patience with a pod of a StatefulSet's old revision
RECENT_SECONDS = 1200.0  # controllers repeat a refused creation at least every quarter of an hour
_IMAGE = {"ErrImagePull", "ImagePullBackOff", "ImageInspectError", "RegistryUnavailable", "ErrImagePullBackOff"}
_PULL_CAUSES = (
    ("not found", "there is no such image"), ("unauthorized", "the registry wants a login"), ("authorization failed", "the registry wants a login"),
    ("denied", "the registry refuses"), ("no such host", "the registry's name is not known"), ("refused", "the registry does not answer"),
    ("timeout", "the registry does not answer"), ("x509", "the registry's certificate is not trusted"),
)
_AUTOSCALER = {"TriggeredScaleUp"}


@dataclass(frozen=True)
class Trouble:
    """object: ``pod orders-db-2``; reason: a key of FATAL_AFTER; since: the cluster's time of its beginning, where known.

    fatal_after: seconds it may last, 0 at once, None as long as one likes. key: the same trouble keeps it from look to look.
    crashed: the container has a log of its last run.
    """

    object: str
    reason: str
    message: str
    since: datetime.datetime | None = None
    fatal_after: float | None = None
    container: str = ""
    uid: str = ""
    namespace: str = ""
    crashed: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        # Back-off, the short run between, and the crash itself are one trouble, whose time goes on.
        return self.uid, self.object, "Crash" if self.reason in _CRASHES else self.reason, self.container

    @property
    def short(self) -> str:
        """As in a progress line: ``pvc data-orders-db-2 (no storage class "fast")``."""
        return f"{self.object} ({self.message})"


def find(
    pods: Iterable[Mapping[str, Any]], events: Iterable[Mapping[str, Any]], claims: Iterable[Mapping[str, Any]],
    replicasets: Iterable[Mapping[str, Any]], statefulsets: Iterable[Mapping[str, Any]], now: datetime.datetime,
    others: Iterable[Mapping[str, Any]] = (),
) -> list[Trouble]:
    """All troubles of the given objects, the soonest fatal first. now: the present time (aware). others: Jobs, DaemonSets.

    Pods of an old ReplicaSet are left out, since an upgrade replaces them; so are pods being deleted. Never raises.
    """
    replicasets, statefulsets, others = list(replicasets), list(statefulsets), list(others)
    said = _events_by_uid(events)
    old = _outdated(replicasets)
    revisions = {uid(each): dig(each, "status", "updateRevision") for each in statefulsets}
    found: list[Trouble] = []
    for pod in pods:
        owners = [str(owner.get("uid")) for owner in entries(dig(pod, "metadata", "ownerReferences"))]
        if dig(pod, "metadata", "deletionTimestamp") or any(owner in old for owner in owners):
            continue
        news = _of_pod(pod, said.get(uid(pod), []))
        revision = mapping(dig(pod, "metadata", "labels")).get("controller-revision-hash")
        if any(owner in revisions and revisions[owner] != revision for owner in owners):
            # The StatefulSet is about to replace it, but not if it waits for this very pod: a longer patience, not endless.
            news = [replace(each, fatal_after=max(each.fatal_after, OLD_SECONDS)) if each.fatal_after is not None else each for each in news]
        found += news
    for claim in claims:
        found += _of_claim(claim, said.get(uid(claim), []))
    for owner in (*replicasets, *statefulsets, *others):
        if uid(owner) not in old:
            found += _of_owner(owner, said.get(uid(owner), []), now)
    return sorted(found, key=lambda trouble: (trouble.fatal_after is None, trouble.fatal_after or 0.0, trouble.object))


def _trouble(obj: Mapping[str, Any], prefix: str, reason: str, message: Any, **more: Any) -> Trouble:
    fatal = more.pop("fatal_after", FATAL_AFTER.get(reason))
    text = " ".join(str(message or "").split())
    return Trouble(
        f"{prefix} {dig(obj, 'metadata', 'name')}", reason, text[:400] or reason, fatal_after=fatal, uid=uid(obj),
        namespace=str(dig(obj, "metadata", "namespace") or ""), **more)


# Pods --------------------------------------------------------------------------------------------------------------------------------


def _of_pod(pod: Mapping[str, Any], events: list[Mapping[str, Any]]) -> list[Trouble]:
    status = mapping(dig(pod, "status"))
    if status.get("phase") == "Succeeded":
        return []
    scheduled = condition(status, "PodScheduled")
    if scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable":
        growing = any(event.get("reason") in _AUTOSCALER for event in events)
        return [_trouble(
            pod, "pod", "Unschedulable", _scheduling(str(scheduled.get("message") or "")), since=moment(scheduled.get("lastTransitionTime")),
            **({"fatal_after": None} if growing else {}))]
    found: list[Trouble] = []
    starting = False
    for entry in (*entries(status.get("initContainerStatuses")), *entries(status.get("containerStatuses"))):
        found += _of_container(pod, entry)
        starting = starting or dig(entry, "state", "waiting", "reason") in ("ContainerCreating", "PodInitializing")
    if starting and not found:
        found += _of_starting(pod, events)
    if not found and status.get("phase") == "Running" and condition(status, "Ready").get("status") == "False":
        found += _of_unready(pod, status, events)
    return found


def _of_container(pod: Mapping[str, Any], entry: Mapping[str, Any]) -> list[Trouble]:
    name = str(entry.get("name") or "")
    waiting = mapping(dig(entry, "state", "waiting"))
    ended, last = mapping(dig(entry, "state", "terminated")), mapping(dig(entry, "lastState", "terminated"))
    reason = str(waiting.get("reason") or "")
    restarts = entry.get("restartCount") if isinstance(entry.get("restartCount"), int) else 0
    if reason in _IMAGE:
        return [_trouble(pod, "pod", "ImagePullBackOff", _image(entry, waiting), container=name)]
    if reason in ("InvalidImageName", "ErrImageNeverPull"):
        return [_trouble(pod, "pod", reason, f"image {entry.get('image')}: {waiting.get('message') or reason}", container=name)]
    if reason in ("CreateContainerConfigError", "CreateContainerError", "RunContainerError"):
        return [_trouble(pod, "pod", reason, waiting.get("message") or reason, container=name)]
    crash = ended if ended.get("exitCode") else last
    if entry.get("ready") is not True and (reason == "CrashLoopBackOff" or crash.get("exitCode")):
        return [_crash(pod, entry, name, reason, crash, restarts)]
    return []


def _crash(pod: Mapping[str, Any], entry: Mapping[str, Any], name: str, reason: str, crash: Mapping[str, Any], restarts: int) -> Trouble:
    # While it runs again it may yet become ready: it waits for a peer, or crashed long ago.
    running = isinstance(dig(entry, "state", "running"), Mapping)
    given_up = restarts >= CRASHES and not running
    kind = "CrashLoopBackOff" if reason == "CrashLoopBackOff" or given_up else "Crashed"
    oom = crash.get("reason") == "OOMKilled"
    text = f"exit code {crash.get('exitCode', 'unknown')}" + (", out of memory: its limit is too low" if oom else "")
    text = f"container {name} crashes, {text}, {restarts} restart{'s' if restarts != 1 else ''}"
    if crash.get("message"):
        text += f": {str(crash['message']).strip().splitlines()[-1][:200] if str(crash['message']).strip() else ''}"
    fatal = 0.0 if given_up else FATAL_AFTER[kind]
    return _trouble(
        pod, "pod", "OOMKilled" if oom and kind == "Crashed" else kind, text, since=moment(crash.get("finishedAt")), container=name, crashed=True,
        fatal_after=fatal)


def _image(entry: Mapping[str, Any], waiting: Mapping[str, Any]) -> str:
    message = str(waiting.get("message") or "")
    cause = next((f": {text}" for part, text in _PULL_CAUSES if part in message), "")
    return f"cannot pull image {entry.get('image') or ''}{cause}"


def _of_starting(pod: Mapping[str, Any], events: list[Mapping[str, Any]]) -> list[Trouble]:
    event = _latest(events, ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedCreatePodSandBox", "FailedCreatePodContainer"))
    if event is None:
        return []
    kind = "SandboxFailed" if "Sandbox" in str(event.get("reason")) else "FailedMount"
    message = re.sub(r"^.*?MountVolume\.SetUp failed for volume", "volume", str(event.get("message") or ""))
    return [_trouble(pod, "pod", kind, message, since=_when(event))]


def _of_unready(pod: Mapping[str, Any], status: Mapping[str, Any], events: list[Mapping[str, Any]]) -> list[Trouble]:
    event = _latest(events, ("Unhealthy",))
    if event is not None:
        return [_trouble(pod, "pod", "NotReady", event.get("message"), since=_when(event))]
    return [_trouble(pod, "pod", "NotReady", "not ready yet", since=moment(condition(status, "Ready").get("lastTransitionTime")))]


def _scheduling(message: str) -> str:
    # The scheduler adds what preemption would not bring; nobody needs it here.
    return message.split(" preemption:")[0].strip() or "no node takes it"


# Claims and owners -------------------------------------------------------------------------------------------------------------------


def _of_claim(claim: Mapping[str, Any], events: list[Mapping[str, Any]]) -> list[Trouble]:
    if dig(claim, "status", "phase") == "Bound" or dig(claim, "metadata", "deletionTimestamp"):
        return []
    last = _latest(events, None)
    named = dig(claim, "spec", "storageClassName")
    missing = re.search(r'storageclass\S* "([^"]+)" not found', " ".join(str(event.get("message")) for event in events))
    since = moment(dig(claim, "metadata", "creationTimestamp"))
    if missing:
        return [_trouble(claim, "pvc", "NoStorageClass", f'no storage class "{missing.group(1)}"', since=since)]
    if last is None:
        return [_trouble(claim, "pvc", "Unbound", f'not bound yet (storage class "{named}")' if named else "not bound yet", since=since, fatal_after=None)]
    reason, message = str(last.get("reason")), str(last.get("message") or "")
    if reason == "WaitForFirstConsumer" or reason == "WaitForPodScheduled":
        return []
    if "no storage class is set" in message:
        return [_trouble(claim, "pvc", "NoStorageClass", "it names no storage class and the cluster has no default one", since=since)]
    if reason in ("ProvisioningFailed", "FailedBinding"):
        return [_trouble(claim, "pvc", "ProvisioningFailed" if reason == "ProvisioningFailed" else "Unbound", message, since=since)]
    return [_trouble(claim, "pvc", "Unbound", message or "not bound yet", since=since)]


def _of_owner(owner: Mapping[str, Any], events: list[Mapping[str, Any]], now: datetime.datetime) -> list[Trouble]:
    kind, status = str(owner.get("kind")), mapping(dig(owner, "status"))
    if kind == "Job":
        failed = condition(status, "Failed")
        if failed.get("status") == "True":
            text = f"{failed.get('reason') or 'Failed'}: {failed.get('message') or 'failed'}"
            return [_trouble(owner, "job", "JobFailed", text, since=moment(failed.get("lastTransitionTime")))]
    wanted, there = dig(owner, "spec", "replicas"), status.get("replicas") or 0
    if kind in ("ReplicaSet", "StatefulSet") and isinstance(wanted, int) and isinstance(there, int) and there >= wanted:
        return []
    refused = condition(status, "ReplicaFailure")
    message, since = "", None
    if refused.get("status") == "True":
        message, since = str(refused.get("message") or ""), moment(refused.get("lastTransitionTime"))
    else:
        event = _latest(events, ("FailedCreate",))
        seen = _when(event) if event is not None else None
        if event is not None and (seen is None or (now - seen).total_seconds() < RECENT_SECONDS):
            message, since = str(event.get("message") or ""), seen
    if not message:
        return []
    quota = "exceeded quota" in message or ("is forbidden" in message and "quota" in message) or "must specify limits" in message
    text = re.sub(r"^.*?error: ", "", message) if kind == "StatefulSet" else message
    return [_trouble(owner, kind.lower(), "Quota" if quota else "Forbidden" if "is forbidden" in message else "FailedCreate", text, since=since)]


def _outdated(replicasets: list[Mapping[str, Any]]) -> set[str]:
    """The uids of ReplicaSets that a newer one of the same Deployment replaces."""
    newest: dict[str, tuple[int, str]] = {}
    revisions = []
    for each in replicasets:
        owners = [str(owner.get("uid")) for owner in entries(dig(each, "metadata", "ownerReferences")) if owner.get("kind") == "Deployment"]
        text = str(mapping(dig(each, "metadata", "annotations")).get("deployment.kubernetes.io/revision") or "")
        if owners and text.isdigit():
            revisions.append((owners[0], int(text), uid(each)))
            newest[owners[0]] = max(newest.get(owners[0], (0, "")), (int(text), uid(each)))
    return {uid for owner, _revision, uid in revisions if newest[owner][1] != uid}


def _events_by_uid(events: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    result: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        result.setdefault(str(dig(event, "involvedObject", "uid") or ""), []).append(event)
    return result


def _latest(events: list[Mapping[str, Any]], reasons: tuple[str, ...] | None) -> Mapping[str, Any] | None:
    chosen = [event for event in events if reasons is None or event.get("reason") in reasons]
    oldest = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
    return max(chosen, key=lambda event: _when(event) or oldest, default=None)


def _when(event: Mapping[str, Any]) -> datetime.datetime | None:
    series = dig(event, "series", "lastObservedTime")
    stamps = (series, event.get("lastTimestamp"), event.get("eventTime"), event.get("firstTimestamp"))
    return next((time for time in map(moment, stamps) if time), None)
