# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has become different in the cluster from what was applied: only in fields that are ours, never in those of others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..errors import KubeError, NotFound
from ..kube.objects import label
from ..package import documents
from . import autoscaled, owners
from .applied import MANAGER
from .owners import Owner

_VOLATILE = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink")


def drift(kube: Any, objects: Iterable[Mapping[str, Any]], owner: Owner) -> list[dict[str, Any]]:
    """[{object, path, before, after, change}] of the objects (as located()): before is live, after what apply() would make of it.

    change: missing (before and after None, path ""), added, removed, changed. Compared is a server-side apply that is not stored: fields that
    others set beside ours are the same in both. Contents of Secrets are masked. Two requests per object; nothing is written.
    """
    objects = autoscaled.respected(kube, list(objects), owner.namespace)
    with ThreadPoolExecutor(max_workers=owners.THREADS, thread_name_prefix="acmp-drift") as pool:
        return [item for found in pool.map(lambda obj: _of(kube, obj), objects) for item in found]


def _of(kube: Any, obj: Mapping[str, Any]) -> list[dict[str, Any]]:
    meta, shown = obj["metadata"], label(obj)
    try:
        live = kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"))
    except NotFound:
        live = None
    if live is None:
        return [{"object": shown, "path": "", "before": None, "after": None, "change": "missing"}]
    try:
        applied = kube.apply(obj, field_manager=MANAGER, force=True, dry_run=True)
    except KubeError as error:
        if error.status != 422:
            raise
        # A field that cannot be changed was: the object has been made anew by somebody.
        return [{"object": shown, "path": "spec", "before": None, "after": None, "change": "changed"}]
    return [{"object": shown, **item} for item in differences(live, applied)]


def differences(live: Mapping[str, Any], applied: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields in which two states of one object differ, without what the API server counts by itself; pure."""
    secret = live.get("kind") == "Secret" or applied.get("kind") == "Secret"
    return documents.describe_changes(_plain(live), _plain(applied), lambda steps: secret and len(steps) > 1 and steps[0] in ("data", "stringData"))


def _plain(obj: Mapping[str, Any]) -> dict[str, Any]:
    meta = {name: value for name, value in (obj.get("metadata") or {}).items() if name not in _VOLATILE}
    return {**{name: value for name, value in obj.items() if name != "status"}, "metadata": meta}
