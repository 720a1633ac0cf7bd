# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: which objects have to be written so that workspaces are as they shall be, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..kube.objects import label
from ..platform.roles import PROJECT_LABEL, PULL_SECRET
from ..project.records import Project
from ..quota import shape
from . import _docker
from ._objects import Live, Wish, key, owned, subject_key, wishes
from ._wanted import Workspace

_HOLDS = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining", "NamespaceDeletionDiscoveryFailure", "NamespaceDeletionContentFailure",
          "NamespaceDeletionGroupVersionParsingFailure")


@dataclass(frozen=True)
class Step:
    """One object to write. action: create, change, remake (its fields cannot be changed) or remove."""

    action: str
    object: Mapping[str, Any] = field(repr=False)
    live: Mapping[str, Any] | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.action} {label(self.object)}"


def steps(wanted: Iterable[Workspace], project: Project, cluster: str, live: Live) -> list[Step]:
    """What has to be written, workspace by workspace; nothing for what is already as it shall be."""
    found = []
    for workspace in wanted:
        for wish in wishes(workspace, project.name, project.members, cluster, live):
            step = _step(wish, live.get(key(wish.object)))
            if step:
                found.append(step)
    return found


def obstacles(wanted: Iterable[Workspace], project: Project, cluster: str, live: Live, adopt: bool) -> list[str]:
    """Why namespaces that are there already cannot be made these workspaces."""
    found = []
    for workspace in wanted:
        there = live.get(("Namespace", "", workspace.name))
        if there is None:
            continue
        owner = owner_of(there)
        if there["metadata"].get("deletionTimestamp"):
            found.append(f"{workspace.where}: the namespace is being deleted, held by: {', '.join(held_by(there)) or 'nothing it tells of'}")
        elif owner and owner != project.name:
            found.append(f"{workspace.where}: the namespace belongs to project {owner}, not to {project.name}")
        elif not owner and not adopt and (cluster, workspace.name) not in project.workspaces:
            found.append(f"{workspace.where}: a namespace of this name exists and is no workspace; adopt: true makes it one, with what it holds")
    return found


def owner_of(namespace: Mapping[str, Any]) -> str:
    """The project of a namespace, empty for one that is no workspace."""
    return str((namespace["metadata"].get("labels") or {}).get(PROJECT_LABEL) or "")


def held_by(namespace: Mapping[str, Any]) -> list[str]:
    """What a namespace that is being deleted waits for: the API server's words, and finalizers of its own."""
    conditions = (namespace.get("status") or {}).get("conditions") or []
    true = [item for item in conditions if item.get("type") in _HOLDS and item.get("status") == "True"]
    said = [str(item.get("message") or item.get("reason") or item["type"]) for item in true]
    own = namespace["metadata"].get("finalizers") or []
    spec = [name for name in (namespace.get("spec") or {}).get("finalizers") or [] if name != "kubernetes"]
    return [*said, *(f"finalizer {name}" for name in (*own, *spec))]


def diff(step: Step) -> dict[str, Any]:
    """One entry of Ansible's diff: what we say of the object, before and after; the content of a Secret is masked."""
    title = label(step.object)
    before = "" if step.live is None else _masked(_before(step.live, step.object))
    return {"before_header": title, "after_header": title, "before": before, "after": "" if step.action == "remove" else _masked(step.object)}


def _step(wish: Wish, live: Mapping[str, Any] | None) -> Step | None:
    if not wish.present:
        return Step("remove", wish.object, live) if live is not None else None
    if live is None:
        return Step("create", wish.object)
    if _fixed(live) != _fixed(wish.object):
        return Step("remake", wish.object, live)
    return Step("change", wish.object, live) if differs(live, wish.object) else None


def _fixed(obj: Mapping[str, Any]) -> Any:
    """What the API server never lets anybody change."""
    if obj["kind"] == "RoleBinding":
        return obj.get("roleRef", {}).get("kind"), obj.get("roleRef", {}).get("name")
    return obj.get("type") if obj["kind"] == "Secret" else None


def differs(live: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    """Whether an object is not as we want it; what others and the API server add to it does not count."""
    for part in ("labels", "annotations"):
        has, wants = live["metadata"].get(part) or {}, desired["metadata"].get(part) or {}
        if any(has.get(name) != value for name, value in wants.items()):
            return True
        if desired["kind"] in ("Namespace", "RoleBinding") and set(owned(live, part)) - set(wants):
            return True
    return not _SAME.get(desired["kind"], lambda _live, _desired: True)(live, desired)


def _same_subjects(live: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    return sorted(map(subject_key, live.get("subjects") or [])) == sorted(map(subject_key, desired["subjects"]))


def _same_account(live: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    if "imagePullSecrets" in desired:
        return (live.get("imagePullSecrets") or []) == desired["imagePullSecrets"]
    return live.get("automountServiceAccountToken") == desired["automountServiceAccountToken"]


_SAME = {
    "ResourceQuota": shape.equal, "LimitRange": shape.equal, "RoleBinding": _same_subjects, "ServiceAccount": _same_account, "Secret": _docker.same,
    "NetworkPolicy": lambda live, desired: live.get("spec") == desired["spec"],
}


def _before(live: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """Of a live object the fields that the desired one speaks of, and our labels and annotations that go."""
    meta = {}
    for part, value in desired["metadata"].items():
        has = live["metadata"].get(part)
        meta[part] = {name: has[name] for name in has if name in value or name in owned(live, part)} if isinstance(has, Mapping) else has
    return {**{name: live[name] for name in desired if name in live}, "metadata": meta}


def _masked(obj: Any) -> Any:
    if isinstance(obj, Mapping) and obj.get("kind") == "Secret" and obj.get("metadata", {}).get("name") == PULL_SECRET:
        return {**obj, "data": dict.fromkeys(obj.get("data") or {}, "********")}
    return obj
