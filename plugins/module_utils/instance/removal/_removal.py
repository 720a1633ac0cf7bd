# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what a removal does, what it keeps, and whether keeping can be promised (DESIGN section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import InstanceError
from ...helm import revisions
from .._observe import Observed
from ..request import Request

BIN = "Removed"


@dataclass(frozen=True)
class Holdings:
    """What is there of an instance that is to go.

    objects: its objects as far as known, as manifests. claims: name, uid, size, volume, reclaim_policy. secrets, others: apiVersion, kind, name,
    uid of what stays when Helm uninstalls. strays: the same for what nobody else would delete. revisions: their numbers. doubts: (what, what to do)
    that speak against keeping. strangers: claims made anew under a kept one's name. users: (claim, pod) of pods that are not the instance's.
    """

    objects: tuple[dict, ...] = ()
    claims: tuple[dict, ...] = ()
    secrets: tuple[dict, ...] = ()
    others: tuple[dict, ...] = ()
    strays: tuple[dict, ...] = ()
    revisions: tuple[int, ...] = ()
    doubts: tuple[tuple[str, str], ...] = ()
    strangers: tuple[str, ...] = ()
    users: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Removal:
    """uninstall: the release goes. wipe: claims, Secrets and records go too."""

    verb: str = ""
    uninstall: bool = False
    wipe: bool = False
    actions: tuple[str, ...] = ()


def plan_removal(request: Request, seen: Observed, held: Holdings | None = None) -> Removal:
    """The plan of ``state: absent`` by the delete policy of the request, else of the record; held None only tells whether there is one.

    Raises InstanceError for a protected instance, a missing confirmation, and where keeping cannot be promised.
    """
    if seen.record is None:
        if seen.latest is not None and revisions.DIGEST_LABEL in seen.latest.labels:
            raise InstanceError(
                f"{request.title} is not gone: its record was deleted, and its Helm release {seen.latest.name} runs on", where=f"namespace {request.namespace}",
                todo="say recover: true, which writes the record again, then removes the instance",
            )
        return Removal()
    policy = request.delete_policy or seen.spec.get("deletePolicy", "keep")
    title = request.title
    if policy == "refuse":
        raise InstanceError(f"Instance {title} is protected (delete policy refuse)", todo="say delete_policy: keep or wipe")
    wipe = policy == "wipe"
    if wipe and request.confirm != request.name:
        raise InstanceError(f"Wiping {title} deletes its data for good", todo=f"say confirm: {request.name}")
    usurped = foreign(seen)
    if not wipe and seen.phase == BIN and (usurped or not seen.heads):
        return Removal()
    if usurped:
        raise InstanceError(
            f'A Helm release "{seen.latest.name}" that is no instance of the platform runs in the place of {title}, perhaps with its volumes',
            where=f"namespace {request.namespace}", todo="uninstall that release, then run this again",
        )
    held = held or Holdings()
    _check(request, seen, held, wipe)
    uninstall = bool(seen.heads) and seen.by_helm
    actions = [f"uninstall Helm release {seen.spec.get('releaseName', request.name)}"] if uninstall else []
    actions += [f"delete {item['kind']} {item['name']}" for item in held.strays]
    word = "delete" if wipe else "keep"
    actions += [f"{word} claim {claim_title(item)}" for item in held.claims]
    actions += [f"{word} {item['kind']} {item['name']}" for item in (*held.secrets, *held.others)]
    count = len(held.revisions)
    revisions_of = f"{count} revision{'' if count == 1 else 's'} of {title}"
    actions.append(f"delete the record and {revisions_of}" if wipe else f"keep the record and {revisions_of} in the recycle bin")
    return Removal(verb="remove", uninstall=uninstall, wipe=wipe, actions=tuple(actions))


def foreign(seen: Observed) -> bool:
    """Whether a release of the name of an instance in the recycle bin was made by somebody else."""
    return seen.phase == BIN and seen.latest is not None and revisions.DIGEST_LABEL not in seen.latest.labels


def claim_title(claim: dict) -> str:
    """``data-orders-0 (1Gi)``."""
    return f"{claim['name']} ({claim['size']})" if claim.get("size") else str(claim["name"])


def kept(held: Holdings, at: str) -> dict[str, Any]:
    """What the record of an instance in the recycle bin says of what was kept; at: when, UTC."""
    return {"at": at, "claims": list(held.claims), "secrets": list(held.secrets), "others": list(held.others), "revisions": list(held.revisions)}


def lost(recorded: dict[str, Any], claims: dict[str, str], secrets: dict[str, str]) -> list[str]:
    """What was kept and is there no more, as sentences. claims, secrets: name -> UID of those that live."""
    said = []
    for claim in recorded.get("claims") or []:
        title = claim_title(claim)
        if claim["name"] not in claims:
            said.append(f"Claim {title} was kept and is gone: what it held is lost, and the instance gets an empty one")
        elif claims[claim["name"]] != claim["uid"]:
            said.append(f"Claim {title} is not the one that was kept: somebody made it anew, and what the kept one held is lost")
    said += [
        f"Secret {secret['name']} was kept and is gone: data that remember the old password do not know a new one"
        for secret in recorded.get("secrets") or [] if secret["name"] not in secrets
    ]
    return said


def _check(request: Request, seen: Observed, held: Holdings, wipe: bool) -> None:
    if held.doubts and not wipe and seen.phase != BIN:
        raise InstanceError(
            f"Keeping the data of {request.title} cannot be promised: {'; '.join(what for what, _todo in held.doubts)}",
            todo="; ".join(dict.fromkeys(todo for _what, todo in held.doubts)) + "; or, where the data may go, say delete_policy: wipe",
            details={"doubts": [what for what, _todo in held.doubts]},
        )
    if held.users and wipe:
        raise InstanceError(
            f"Volumes of {request.title} are in use by others: " + ", ".join(f"claim {claim} by pod {pod}" for claim, pod in held.users),
            where=f"namespace {request.namespace}", todo="end those pods, or leave the instance in the recycle bin",
        )
