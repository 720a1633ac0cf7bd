# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what is due."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..api import GROUP
from ..kube.kubeconfigs import days_left, moment

FINISHED = ("Succeeded", "Failed", "Stopped")
# Renewed at a third of its life; what has less than half of that left was tried and did not work.
_OVERDUE = 1 / 6
_INSTANCE = f"{GROUP}/instance"


@dataclass(frozen=True)
class Done:
    """What a duty did, what somebody should know, and what went wrong."""

    actions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Credential:
    """title: for people. renewed: whether ticks exchange it. Times as the API writes them, None where unknown."""

    title: str
    renewed: bool
    issued_at: str | None = None
    expires_at: str | None = None


@dataclass(frozen=True)
class Surplus:
    """Operations of one instance that need not be kept, oldest first, as metadata."""

    namespace: str
    instance: str
    operations: tuple[Mapping[str, Any], ...] = field(repr=False)


def merge(parts: Iterable[Done]) -> Done:
    """Everything of many, in their order."""
    parts = list(parts)
    return Done(*(tuple(text for part in parts for text in getattr(part, name)) for name in ("actions", "warnings", "failures")))


def expiring(credential: Credential, now: datetime, warn_days: float) -> str:
    """What to say about a credential that ends soon, empty when there is nothing to say.

    One that ticks exchange is only spoken of when that seems not to work.
    """
    left, whole = days_left(credential.expires_at, now), _life(credential)
    if left is None or left >= warn_days:
        return ""
    if left <= 0:
        return f"{credential.title} expired {_span(-left)} ago"
    if credential.renewed and whole is not None and left > whole * _OVERDUE:
        return ""
    return f"{credential.title} expires in {_span(left)}"


def _life(credential: Credential) -> float | None:
    issued = moment(credential.issued_at)
    return None if issued is None else days_left(credential.expires_at, issued)


def _span(days: float) -> str:
    hours = days * 24
    if hours >= 48:
        return f"{days:.0f} days"
    minutes = round(hours * 60)
    return f"{hours:.0f} hours" if hours >= 2 else f"{minutes} minute{'' if minutes == 1 else 's'}"


def surplus(operations: Iterable[Mapping[str, Any]], now: datetime, days: int, keep: int) -> list[Surplus]:
    """Operations begun more than ``days`` ago, and all beyond the newest ``keep`` of each instance.

    The newest of an instance always stays: the instance's status names it. Whether one has finished is not looked at.
    """
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for item in operations:
        meta = item["metadata"]
        groups.setdefault((meta["namespace"], (meta.get("labels") or {}).get(_INSTANCE, "")), []).append(meta)
    found = []
    for (namespace, instance), metas in sorted(groups.items()):
        newest_first = sorted(metas, key=lambda meta: (str(meta.get("creationTimestamp")), str(meta["name"])), reverse=True)
        old = [
            meta for number, meta in enumerate(newest_first)
            if number and (number >= keep or now - (moment(meta.get("creationTimestamp")) or now) > timedelta(days=days))
        ]
        if old:
            found.append(Surplus(namespace, instance, tuple(reversed(old))))
    return found
