# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of some objects differ from the live ones, as the server itself judges, and making them equal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..errors import Conflict, KubeError, NotFound
from . import waves

# Fields the server changes on every write, or by itself.
_VOLATILE = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink")


@dataclass(frozen=True)
class Change:
    """One object that has to be created or changed; before is None for a new one. Both without volatile fields."""

    desired: dict
    before: dict | None
    after: dict

    @property
    def action(self) -> str:
        verb = "create" if self.before is None else "change"
        return f"{verb} {label(self.desired)}"


def label(obj: dict) -> str:
    """``Kind namespace/name`` of an object, for actions and messages."""
    meta = obj.get("metadata", {})
    space = meta.get("namespace")
    return f"{obj.get('kind')} {space + '/' if space else ''}{meta.get('name')}"


def comparable(obj: dict[str, Any]) -> dict[str, Any]:
    """The object without status and without what the server adds by itself."""
    meta = {key: value for key, value in obj.get("metadata", {}).items() if key not in _VOLATILE}
    return {**{key: value for key, value in obj.items() if key not in ("status", "metadata")}, "metadata": meta}


def plan(kube, objects: list[dict]) -> list[Change]:
    """The changes that ``execute`` would make, found by reading and by the server's dry run; no write.

    An object in a namespace, or of a kind, that does not exist yet counts as new.
    """
    with ThreadPoolExecutor(max_workers=8) as pool:
        return [change for change in pool.map(lambda obj: _compare(kube, obj), objects) if change is not None]


def _compare(kube, obj: dict) -> Change | None:
    meta = obj["metadata"]
    try:
        live = kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"))
    except NotFound:
        live = None
    if live is None:
        return Change(desired=obj, before=None, after=comparable(obj))
    before = comparable(live)
    try:
        after = comparable(kube.apply(obj, dry_run=True))
    except (NotFound, Conflict):
        after = comparable(obj)
    return None if before == after else Change(desired=obj, before=before, after=after)


def execute(kube, changes: list[Change]) -> None:
    """Applies the changes in waves; the first refusal of the server is raised."""
    outcome = waves.apply_all(kube, [change.desired for change in changes])
    for result in outcome:
        error = getattr(result, "error", None)
        if isinstance(error, KubeError):
            raise error
