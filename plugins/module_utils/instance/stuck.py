# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the states in which an instance stays until somebody does something, told from what was observed; a closed list (docs/stuck-states.md)."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..helm import revisions
from ..kube import pods, readiness
from .repair._blocked import outdated

# Who cures a state: the next run of the same task, a run with recover: true, or nobody but people.
RUN, RECOVER, NOBODY = "next run", "recover", "nobody"
_WORKING = ("Deploying", "Changing", "Upgrading", "RollingBack", "Removing")
# A node that lost its connection keeps pods ending; so long it is nothing special.
_ENDING_SECONDS = 60.0
_AGAIN = "run the same task again"


@dataclass(frozen=True)
class Kind:
    """One row of the table. means: how it looks. does: what the cure does, or why there is none."""

    id: str
    means: str
    cure: str
    does: str


KINDS: Mapping[str, Kind] = {kind.id: kind for kind in (
    Kind("release-interrupted", "Helm was killed while it installed, upgraded or rolled back (`pending-install`, `pending-upgrade`, `pending-rollback`)", RUN,
         "A first installation is taken up again. Any other revision is marked failed, and the upgrade goes on from the last one that was deployed."),
    Kind("uninstall-interrupted", "Helm was killed while it uninstalled, or a hook of the removal fails (`uninstalling`, `uninstalled`)", RUN,
         "The uninstall is finished. With `recover` it goes on without the hooks where they fail."),
    Kind("first-install-failed", "The first installation failed, and what it created was kept (`keep_failed`) or could not be taken away", RUN,
         "It is installed again over what is there."),
    Kind("change-interrupted", "The record says that a change is going on, and nobody holds the lease", RUN,
         "The change is finished, or made as it is asked now."),
    Kind("lease-left", "A run was killed and its lease is still there", RUN, "The lease is taken over when it was not renewed for its duration (15 s)."),
    Kind("release-gone", "The Helm release was deleted by hand, the objects and the record are there", RUN,
         "It is installed again, and takes over the objects that are there."),
    Kind("record-gone", "The Instance was deleted by hand, its Helm release and its revisions are there", RECOVER,
         "The record is written again from the revision that runs. Description and delete policy are those of a new instance."),
    Kind("job-endless", "A hook's Job still runs, and no Helm waits for it any more", RECOVER, "The Job is deleted; Helm makes it anew when it is due."),
    Kind("pod-outdated", "A pod of an earlier template never starts, and the StatefulSet waits for it before it replaces it", RUN,
         "The pod is deleted, and made anew from the present template. It was never ready, and its claims stay."),
    Kind("namespace-ending", "The namespace is being deleted, and something holds it", NOBODY,
         "A deletion cannot be called back. What holds it is named; finalizers belong to their controllers."),
    Kind("pod-ending", "A pod is ending for longer than it may", NOBODY,
         "Its node may still run it: a second pod with the same volume would destroy data. Repair or remove the node, or delete the pod by force."),
    Kind("claim-ending", "A claim is being deleted, and something holds it", NOBODY,
         "A deletion cannot be called back. Its data are there until its last pod is gone: back them up now."),
    Kind("claim-without-class", "A claim waits for a storage class that does not exist", NOBODY,
         "A claim never changes its class, and none is ever deleted here. Make the class, or delete the claim: it never held data."),
    Kind("claim-out-of-reach", "A pod cannot be placed where its volume is (node or zone)", NOBODY,
         "The volume is where it is. Bring the node or zone back, or restore a backup."),
)}


@dataclass(frozen=True)
class State:
    """sentence: what is the matter, with names. todo: the next step. kind: its row of the table."""

    kind: Kind
    sentence: str
    todo: str

    @property
    def text(self) -> str:
        return f"{self.sentence}. To do: {self.todo}."


@dataclass(frozen=True)
class Facts:
    """What was observed of one instance; None is what was not looked at, and tells nothing.

    heads: revisions of its Helm release (helm.revisions.Head). space: its Namespace. lease: the Lease acmp-NAME, {} for none. pods, claims,
    jobs, sets (StatefulSets): its own; jobs are those of Helm's hooks. classes: StorageClasses. now: aware time.
    """

    name: str
    namespace: str
    now: datetime.datetime
    record: Mapping[str, Any] | None = None
    heads: Sequence[revisions.Head] = ()
    space: Mapping[str, Any] | None = None
    lease: Mapping[str, Any] | None = None
    pods: Sequence[Mapping[str, Any]] | None = None
    claims: Sequence[Mapping[str, Any]] | None = None
    jobs: Sequence[Mapping[str, Any]] | None = None
    sets: Sequence[Mapping[str, Any]] | None = None
    classes: Sequence[Mapping[str, Any]] | None = None

    @property
    def title(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def status(self) -> Mapping[str, Any]:
        return (self.record or {}).get("status") or {}

    @property
    def at_work(self) -> bool | None:
        """Whether somebody holds the lease; None where that was not looked at."""
        return None if self.lease is None else bool(_holder(self.lease)) and not _lapsed(self.lease, self.now)


def named(facts: Facts) -> list[State]:
    """Every stuck state, in the order of the table; [] where nothing is stuck, or somebody is at work."""
    return [State(KINDS[name], *said) for name, look in _LOOKS.items() for said in look(facts)]


def holders(space: Mapping[str, Any]) -> str:
    """What holds a namespace that is being deleted, in the API server's words; "" where it does not say."""
    conditions = (space.get("status") or {}).get("conditions") or []
    kinds = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionContentFailure", "NamespaceDeletionDiscoveryFailure")
    return "; ".join(str(item.get("message")) for item in conditions if item.get("type") in kinds and item.get("status") == "True")


def table() -> str:
    """The list as it stands in the documentation (Markdown)."""
    cures = {RUN: "the next run", RECOVER: "`recover: true`", NOBODY: "nobody"}
    rows = [f"| `{kind.id}` | {kind.means} | {cures[kind.cure]} | {kind.does} |" for kind in KINDS.values()]
    return "\n".join(["| state | how it looks | who cures it | how, or why nobody can |", "|---|---|---|---|", *rows]) + "\n"


# Each gives (sentence, what to do) of every case it sees.
Said = Iterator[tuple[str, str]]


def _release_interrupted(facts: Facts) -> Said:
    head = revisions.latest(facts.heads)
    if head is not None and head.status.startswith("pending-") and facts.at_work is False:
        yield f"Helm was stopped in the middle of revision {head.revision} of {facts.title} ({head.status})", _AGAIN


def _uninstall_interrupted(facts: Facts) -> Said:
    head = revisions.latest(facts.heads)
    if head is not None and head.status in ("uninstalling", "uninstalled") and facts.at_work is False:
        yield f"Helm was stopped while it uninstalled {facts.title} ({head.status})", f"{_AGAIN}; where a hook fails, with recover: true"


def _first_install_failed(facts: Facts) -> Said:
    if facts.status.get("phase") == "Failed" and not facts.status.get("readyRevision"):
        why = str(facts.status.get("lastError") or "")
        yield f"The first installation of {facts.title} failed{f' ({why[:200]})' if why else ''}", "correct what failed, then run the task again"


def _change_interrupted(facts: Facts) -> Said:
    phase = facts.status.get("phase")
    if phase in _WORKING and facts.at_work is False:
        yield f"{facts.title} is {phase} by its record, and nobody works on it", _AGAIN


def _lease_left(facts: Facts) -> Said:
    if facts.lease and _holder(facts.lease) and _lapsed(facts.lease, facts.now):
        yield f"{_holder(facts.lease)} held the lease of {facts.title} and was not heard of since {_renewed(facts.lease)}", _AGAIN


def _release_gone(facts: Facts) -> Said:
    spec, phase = (facts.record or {}).get("spec") or {}, facts.status.get("phase")
    # Other ways of delivery keep what was applied in the record.
    by_helm = facts.status.get("helmRevision") and not facts.status.get("applied")
    if by_helm and not facts.heads and phase not in ("Removed", "Removing", "Failed") and not facts.at_work:
        yield f"The Helm release {spec.get('releaseName') or facts.name} of {facts.title} is gone", _AGAIN


def _record_gone(facts: Facts) -> Said:
    head = revisions.latest(facts.heads)
    if facts.record is None and head is not None and revisions.DIGEST_LABEL in head.labels and not facts.at_work:
        yield f"The record of {facts.title} is gone, and its Helm release {head.name} is there (revision {head.revision})", "say recover: true"


def _job_endless(facts: Facts) -> Said:
    for job in facts.jobs or []:
        if facts.at_work is False and not _ending(job) and not readiness.state({**job, "kind": "Job"}).ready and not _failed(job):
            yield f"Job {job['metadata']['name']} of a hook still runs, and no Helm waits for it", "look at its log, then say recover: true"


def _pod_outdated(facts: Facts) -> Said:
    for item in (facts.sets or []) if facts.at_work is False else []:
        for pod in outdated(item, list(facts.pods or [])):
            yield f"Pod {pod['metadata']['name']} is of an earlier template of StatefulSet {item['metadata']['name']}, never starts and is in its way", _AGAIN


def _namespace_ending(facts: Facts) -> Said:
    if facts.space and _ending(facts.space):
        held = holders(facts.space)
        yield (f"Namespace {facts.namespace} is being deleted{f', and is held: {held}' if held else ''}",
               "see to what holds it; then deploy anew, or elsewhere")


def _pod_ending(facts: Facts) -> Said:
    for pod in facts.pods or []:
        since = _moment(pod["metadata"].get("deletionTimestamp"))
        if since is None or (facts.now - since).total_seconds() < _ENDING_SECONDS:
            continue
        finalizers = pod["metadata"].get("finalizers") or []
        node = (pod.get("spec") or {}).get("nodeName") or "(none)"
        why = f"its finalizers are {', '.join(finalizers)}" if finalizers else f"node {node} does not report its end"
        yield f"Pod {pod['metadata']['name']} is ending since {pod['metadata']['deletionTimestamp']}: {why}", "repair the node, or ask whose finalizer it is"


def _claim_ending(facts: Facts) -> Said:
    for claim in facts.claims or []:
        if not _ending(claim):
            continue
        name = claim["metadata"]["name"]
        users = [pod["metadata"]["name"] for pod in facts.pods or [] if name in pods.claims(pod)]
        held = f"used by {', '.join(users)}" if users else f"held by {', '.join(claim['metadata'].get('finalizers') or []) or 'nothing'}"
        yield f"Claim {name} is being deleted, and is {held}: its data end with its last pod", "back them up before that pod is restarted"


def _claim_without_class(facts: Facts) -> Said:
    known = {item["metadata"]["name"] for item in facts.classes or []}
    for claim in facts.claims or [] if facts.classes is not None else []:
        wished = (claim.get("spec") or {}).get("storageClassName")
        if wished and wished not in known and not (claim.get("spec") or {}).get("volumeName"):
            yield (f'Claim {claim["metadata"]["name"]} waits for storage class "{wished}", which does not exist',
                   "make that class, or delete the claim, which never held data, and name another class")


def _claim_out_of_reach(facts: Facts) -> Said:
    for pod in facts.pods or []:
        for item in (pod.get("status") or {}).get("conditions") or []:
            said = str(item.get("message") or "")
            if item.get("type") == "PodScheduled" and item.get("status") == "False" and ("volume node affinity" in said or "volume zone" in said.lower()):
                yield (f"Pod {pod['metadata']['name']} cannot go where its volume is ({', '.join(pods.claims(pod)) or 'claim'}): {said[:200]}",
                       "bring that node or zone back, or restore a backup into a new instance")


_LOOKS: Mapping[str, Callable[[Facts], Said]] = {
    "release-interrupted": _release_interrupted, "uninstall-interrupted": _uninstall_interrupted, "first-install-failed": _first_install_failed,
    "change-interrupted": _change_interrupted, "lease-left": _lease_left, "release-gone": _release_gone, "record-gone": _record_gone,
    "job-endless": _job_endless, "pod-outdated": _pod_outdated, "namespace-ending": _namespace_ending, "pod-ending": _pod_ending, "claim-ending": _claim_ending,
    "claim-without-class": _claim_without_class, "claim-out-of-reach": _claim_out_of_reach,
}


def _holder(lease: Mapping[str, Any]) -> str:
    return str((lease.get("spec") or {}).get("holderIdentity") or "").partition(" #")[0]


def _renewed(lease: Mapping[str, Any]) -> str:
    return str((lease.get("spec") or {}).get("renewTime") or "")


def _lapsed(lease: Mapping[str, Any], now: datetime.datetime) -> bool:
    # Clocks differ: twice the duration, since this only tells, and takes nothing over.
    seconds = (lease.get("spec") or {}).get("leaseDurationSeconds") or 15
    renewed = _moment(_renewed(lease))
    return renewed is None or (now - renewed).total_seconds() > 2 * seconds


def _ending(obj: Mapping[str, Any]) -> bool:
    return bool(obj["metadata"].get("deletionTimestamp"))


def _failed(job: Mapping[str, Any]) -> bool:
    return any(item.get("type") == "Failed" and item.get("status") == "True" for item in (job.get("status") or {}).get("conditions") or [])


def _moment(text: Any) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
