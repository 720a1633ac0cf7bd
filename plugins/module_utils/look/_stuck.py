# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: states out of which an instance does not come by itself, from what a look at its namespace read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from ..instance import stuck
from ..kube import pods as mounts
from . import _space
from ._space import Key, Space


def told(record: Mapping, space: Space, owned: Iterable[Key], now: datetime) -> list[str]:
    """A sentence with the next step for each; docs/stuck-states.md is the list. What was not read tells nothing."""
    owned = list(owned)
    name = record["metadata"]["name"]
    pods = space.of("Pod", owned) if space.objects.get("Pod") is not None else None
    # Its own claims: those that its pods use, whoever made them.
    used = {claim for pod in pods or () for claim in mounts.claims(pod)}
    claims = space.objects.get("PersistentVolumeClaim")
    leases = space.objects.get("Lease")
    heads = [head for head in space.heads or () if head.name == _space.release(record)]
    facts = stuck.Facts(
        name, space.name, now, record=record, heads=heads, lease=None if leases is None else leases.get(f"acmp-{name}") or {}, pods=pods,
        claims=None if claims is None else [claim for other, claim in claims.items() if other in used],
        sets=space.of("StatefulSet", owned) if space.objects.get("StatefulSet") is not None else None,
    )
    return [state.text for state in stuck.named(facts)]
