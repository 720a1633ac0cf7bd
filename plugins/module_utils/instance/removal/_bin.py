# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recycle bin: instances that were removed and can come back as they were."""

from __future__ import annotations

from ...api import API_VERSION
from ...context import Context
from ...errors import KubeError, nearest
from .._observe import Observed
from ..request import Request
from ._removal import BIN, lost


def tell(kube, request: Request, seen: Observed, ctx: Context) -> None:
    """Warns of claims and Secrets that were kept and are not there any more. Two requests."""
    recorded = seen.status.get("kept") or {}
    if recorded:
        claims, secrets = (_uids(kube, kind, request.namespace) for kind in ("PersistentVolumeClaim", "Secret"))
        for sentence in lost(recorded, claims, secrets):
            ctx.warn(f"{sentence}.")


def hint(kube, request: Request) -> str:
    """What is in the bin of a namespace where a name is unknown, the nearest name first."""
    try:
        found = kube.list(API_VERSION, "Instance", request.namespace)
    except KubeError:
        # A hint is not worth a second failure.
        return ""
    names = [item["metadata"]["name"] for item in found]
    removed = sorted(item["metadata"]["name"] for item in found if item.get("status", {}).get("phase") == BIN)
    shown = ", ".join(removed[:8]) + (f" and {len(removed) - 8} more" if len(removed) > 8 else "")
    close = nearest(request.name, names)
    parts = ["say package, or correct the name" + (f" ({close})" if close else ""), f"in the recycle bin of {request.namespace}: {shown or 'nothing'}"]
    return "; ".join(parts)


def _uids(kube, kind: str, namespace: str) -> dict[str, str]:
    return {item["metadata"]["name"]: item["metadata"]["uid"] for item in kube.list("v1", kind, namespace, metadata_only=True)}
