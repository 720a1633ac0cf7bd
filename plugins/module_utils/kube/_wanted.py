# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wait is for: objects, and the topics that tell about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import InputError
from . import _shape, readiness
from ._mirror import Topic


@dataclass(frozen=True)
class Wanted:
    """One object; topic None: ready by existing, so that nothing is read for it."""

    api_version: str
    kind: str
    name: str
    namespace: str | None
    topic: Topic | None

    @property
    def shown(self) -> str:
        return f"{self.kind.lower() if self.kind != 'PersistentVolumeClaim' else 'pvc'} {self.name}"


def probed(live: Mapping[str, Any]) -> bool:
    """False for a workload with a container that has no readiness probe."""
    return all("readinessProbe" in container for container in _shape.entries(_shape.dig(live, "spec", "template", "spec", "containers"))) or (
        live.get("kind") in ("Job", "CronJob"))


def built_in(api_version: str) -> bool:
    """False for the groups of custom resources."""
    group = api_version.rpartition("/")[0]
    return "." not in group or group.endswith(".k8s.io")


def collect(kube: Any, objects: Iterable[Mapping[str, Any]], namespace: str) -> list[Wanted]:
    """Each object once, in the given order; InputError for one without apiVersion, kind or name."""
    rows = []
    for obj in objects:
        api_version, kind = str(obj.get("apiVersion") or ""), str(obj.get("kind") or "")
        found = str(obj.get("name") or _shape.name(obj))
        if not api_version or not kind or not found:
            raise InputError("An object to wait for has no apiVersion, kind or name", todo="give all three")
        if readiness.passive(obj):
            rows.append((api_version, kind, found, None))
            continue
        place = str(obj.get("namespace") or _shape.dig(obj, "metadata", "namespace") or namespace) if kube.resource(api_version, kind).namespaced else None
        rows.append((api_version, kind, found, place))
    alone: dict[tuple[str, str, str | None], int] = {}
    for api_version, kind, _name, place in rows:
        alone[api_version, kind, place] = alone.get((api_version, kind, place), 0) + 1
    wanted = []
    for api_version, kind, found, place in dict.fromkeys(rows):
        if readiness.passive({"apiVersion": api_version, "kind": kind}):
            wanted.append(Wanted(api_version, kind, found, place, None))
        else:
            # A single object is watched by name: less to read, and a right to this name is enough.
            single = found if alone[api_version, kind, place] == 1 else None
            wanted.append(Wanted(api_version, kind, found, place, Topic(api_version, kind, place, single)))
    return wanted
