# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what was read of one namespace, and which of it belongs to which instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..api import GROUP

Key = tuple[str, str]

_RELEASE = "meta.helm.sh/release-name"
_LABEL = f"{GROUP}/instance"


@dataclass(frozen=True)
class Space:
    """objects: kind -> name -> object; a kind that was not read is missing, one that may not be listed is None. usage: pod -> container -> use.

    heads: Helm's revisions of all releases. The others are by instance: operations, revisions. events: as listed.
    """

    name: str
    objects: Mapping[str, Mapping[str, dict] | None] = field(default_factory=dict)
    heads: tuple | None = None
    events: tuple[dict, ...] | None = None
    usage: Mapping[str, Mapping] = field(default_factory=dict)
    operations: Mapping[str, list[dict]] = field(default_factory=dict)
    revisions: Mapping[str, list[dict]] = field(default_factory=dict)
    _children: Mapping[Key, list[Key]] = field(default_factory=dict)
    _released: Mapping[str, list[Key]] = field(default_factory=dict)

    def owned(self, record: Mapping) -> list[Key]:
        """(kind, name) of the instance's objects in the order of its manifest, then of what controllers made of them.

        Before the first manifest is recorded Helm's mark on an object says whose it is.
        """
        wanted = [(item["kind"], item["name"]) for item in inventory(record, self.name)]
        if not wanted and is_open(record):
            wanted = list(self._released.get(release(record), ()))
        seen = dict.fromkeys(wanted)
        for key in wanted:
            for child in self._children.get(key, ()):
                if child not in seen:
                    seen[child] = None
                    wanted.append(child)
        return wanted

    def of(self, kind: str, owned: Iterable[Key]) -> list[dict]:
        """The objects of a kind among these that are there."""
        known = self.objects.get(kind) or {}
        return [known[name] for other, name in owned if other == kind and name in known]


def build(name: str, lists: Mapping[str, list[dict] | None], **more) -> Space:
    """A Space of lists by kind (None for one that may not be listed); more: heads, events, usage; operations and revisions as lists."""
    objects = {kind: None if found is None else {obj["metadata"]["name"]: obj for obj in found} for kind, found in lists.items()}
    children: dict[Key, list[Key]] = {}
    released: dict[str, list[Key]] = {}
    for kind, found in lists.items():
        for obj in found or ():
            key = (kind, obj["metadata"]["name"])
            for owner in obj["metadata"].get("ownerReferences") or ():
                children.setdefault((owner["kind"], owner["name"]), []).append(key)
            if mark := (obj["metadata"].get("annotations") or {}).get(_RELEASE):
                released.setdefault(mark, []).append(key)
    for part in ("operations", "revisions"):
        more[part] = _by_instance(more.get(part) or ())
    return Space(name, objects, _children=children, _released=released, **more)


def inventory(record: Mapping, namespace: str) -> list[dict]:
    """The recorded objects of an instance in its own namespace. The record has no schema for them, and members of the workspace can write it."""
    listed = (record.get("status") or {}).get("inventory") or []
    return [
        item for item in listed
        if item.get("namespace") == namespace and all(isinstance(item.get(field), str) for field in ("apiVersion", "kind", "name"))
    ]


def is_open(record: Mapping) -> bool:
    """Whether more may belong to it than its inventory says: it is new, or an operator makes objects for its own."""
    status = record.get("status") or {}
    return not status.get("inventory") and status.get("phase") != "Removed"


def release(record: Mapping) -> str:
    return record["spec"].get("releaseName") or record["metadata"]["name"]


def _by_instance(items: Iterable[dict]) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for item in items:
        name = (item.get("spec") or {}).get("instance") or (item["metadata"].get("labels") or {}).get(_LABEL, "")
        found.setdefault(name, []).append(item)
    return found
