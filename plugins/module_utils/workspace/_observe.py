# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is of workspaces, in one list for each kind, however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from ..cluster.reach import Place
from ..platform.roles import project_space
from ..project import credentials
from ..project.records import Project
from ..rights import CREDENTIALS, PROJECT_LABEL, RBAC
from ._objects import FURNITURE, PULL, key

THREADS = 16


@dataclass(frozen=True)
class Observed:
    """live: the objects of the workspaces and their namespaces, by place. credentials: by namespace.

    bound: Secrets that hold tokens alive, by (namespace, name): uid and time of creation.
    granted: RoleBindings of the credentials by name.
    """

    live: Mapping[tuple[str, str, str], dict] = field(default_factory=dict)
    credentials: Mapping[str, credentials.Listed] = field(default_factory=dict)
    bound: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    granted: Mapping[str, dict] = field(default_factory=dict)


def look(place: Place, project: Project, only: str | None, pull: bool, tokens: bool) -> Observed:
    """Twelve requests at most, side by side. only: the one namespace that matters, None for all. pull: pull secrets too. tokens: credentials too."""
    kube, home = place.kube, place.home
    kinds = (*FURNITURE, *(PULL if pull else ()))
    jobs: list[Callable[[], list[dict]]] = [lambda: namespaces(kube, only)]
    jobs += [lambda each=each: named(kube, *each, only) for each in kinds]
    wanted = CREDENTIALS if tokens else ()
    jobs += [lambda name=name: kube.list("v1", "Secret", only, field_selector=f"metadata.name={name}", metadata_only=True) for name in wanted]
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="acmp-look") as pool:
        lists = [pool.submit(job) for job in jobs]
        listed = pool.submit(credentials.listed, home, project)
        granted = pool.submit(home.list, f"{RBAC}/v1", "RoleBinding", project_space(project.name), f"{PROJECT_LABEL}={project.name}")
        found = [job.result() for job in lists]
        objects = [item for part in found[: len(kinds) + 1] for item in part]
        bound = [item["metadata"] for part in found[len(kinds) + 1:] for item in part]
        return Observed(
            {key(item): item for item in objects}, {item.namespace: item for item in listed.result() if item.cluster == place.cluster},
            {(meta["namespace"], meta["name"]): (meta["uid"], meta["creationTimestamp"]) for meta in bound},
            {item["metadata"]["name"]: item for item in granted.result()})


def namespaces(kube: Any, only: str | None) -> list[dict]:
    """All namespaces, or the one; a caller of one workspace may get it and list none."""
    if only is None:
        return kube.list("v1", "Namespace")
    found = kube.get("v1", "Namespace", only)
    return [found] if found else []


def named(kube: Any, api_version: str, kind: str, name: str, only: str | None = None) -> list[dict]:
    """The objects of this name in all namespaces, or in the one."""
    return kube.list(api_version, kind, only, field_selector=f"metadata.name={name}")


def many(call: Callable[[Any], Any], items: Iterable[Any]) -> list[tuple[Any, Any]]:
    """(item, answer of call) for each item, in their order, sixteen at a time."""
    items = list(items)
    if len(items) < 2:
        return [(item, call(item)) for item in items]
    pool = ThreadPoolExecutor(max_workers=min(THREADS, len(items)), thread_name_prefix="acmp-workspace")
    try:
        return list(pool.map(lambda item: (item, call(item)), items))
    finally:
        # An interrupt must not wait for what was not begun.
        pool.shutdown(wait=True, cancel_futures=True)
