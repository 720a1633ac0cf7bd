# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credential of a workspace (DESIGN section 4): when a new one is needed, who may read it, and how it is made and replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ..cluster.reach import Place
from ..platform.roles import CREDENTIALS, WORKSPACE_ACCOUNT
from ..project import credentials
from ..project.records import Member, Project, subjects
from ._objects import subject_key
from ._observe import Observed

DAY = 86400
DAYS = 7
_YOUNG = 600


def reason(name: str, seen: Observed, item: credentials.Listed | None, left: bool = False) -> str:
    """PURE: why a workspace needs a new credential, empty where it does not. left: one of its own members is one no more."""
    from ..kube import service_account  # noqa: PLC0415

    account = seen.live.get(("ServiceAccount", name, WORKSPACE_ACCOUNT))
    if item is None:
        return "there is none"
    if account is None:
        return "its service account is new"
    uid, _created = seen.bound.get((name, item.bound), (None, ""))
    # Of two runs at once the later may have taken over the Secret's name before the earlier stored its token.
    if uid is None or item.uid and item.uid != uid:
        return "it was revoked"
    if service_account.due(item.issued_at, item.expires_at):
        return "less than a third of its life is left"
    if str(account["metadata"].get("creationTimestamp") or "") > item.issued_at:
        return "its service account is new"
    # Who may no longer use the workspace may have kept it.
    return "a member left" if left else ""


def granted(project: Project, cluster: str, name: str, own: Iterable[Member], seen: Observed) -> bool:
    """PURE: whether those who may read the credential are those who should."""
    wanted = {
        obj["metadata"]["name"]: obj for obj in credentials.objects(project, cluster, name, subjects(own)) if obj["kind"] == "RoleBinding"
    }
    live = {each: obj for each, obj in seen.granted.items() if credentials.workspace_of(obj) == (cluster, name)}
    return set(live) == set(wanted) and all(_people(live[each]) == _people(obj) for each, obj in wanted.items())


def free(name: str, seen: Observed, bound: str) -> tuple[str, ...]:
    """PURE: the names of Secrets to bind a new credential to; a single one, which costs a request less, where it is known to be free."""
    return tuple(each for each in CREDENTIALS if each != bound and (name, each) not in seen.bound)[:1] or CREDENTIALS


def strays(name: str, seen: Observed, item: credentials.Listed | None, now: datetime | None = None) -> list[tuple[str, str]]:
    """PURE: (name, uid) of Secrets that hold alive tokens which nobody stored: of two runs at once, or of one that was stopped.

    A young one may be that of a run which goes on.
    """
    from ..kube import kubeconfigs  # noqa: PLC0415

    found = []
    for each in CREDENTIALS:
        uid, created = seen.bound.get((name, each), ("", ""))
        stored = item is not None and each == item.bound and item.uid in ("", uid)
        if uid and not stored and (kubeconfigs.days_left(created, now) or 0) * DAY < -_YOUNG:
            found.append((each, uid))
    return found


def issue(
    place: Place, project: Project, name: str, seconds: float, old: credentials.Listed | None = None, own: Iterable[Member] = (),
    names: tuple[str, ...] = CREDENTIALS,
) -> str:
    """Makes and stores a new credential and ends the old one; returns when the new one expires. names: of Secrets it may be bound to."""
    from ..kube import service_account  # noqa: PLC0415

    bound = old.bound if old else ""
    token = service_account.mint(place.kube, name, WORKSPACE_ACCOUNT, seconds, names, bound)
    credentials.store(place.home, project, place.cluster, name, place.kube.kubeconfig(token.value, name), token, subjects(own))
    if bound and bound != token.bound:
        service_account.revoke(place.kube, name, bound, old.uid if old else None)
    return token.expires_at


def grant(place: Place, project: Project, name: str, own: Iterable[Member]) -> None:
    """Brings who may read a credential up to date; the credential itself stays."""
    credentials.grant(place.home, project, place.cluster, name, subjects(own))


def withdraw(place: Place, project: Project, name: str, bound: str) -> None:
    """Ends a credential and forgets it."""
    from ..kube import service_account  # noqa: PLC0415

    if bound:
        service_account.revoke(place.kube, name, bound)
    credentials.forget(place.home, project, place.cluster, name)


def end(place: Place, name: str, secret: str, uid: str) -> None:
    """Ends the token that is bound to this very Secret."""
    from ..kube import service_account  # noqa: PLC0415

    service_account.revoke(place.kube, name, secret, uid)


def _people(binding: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    return {subject_key(item) for item in binding.get("subjects") or []}
