# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes workspaces away (§6.2.4): shows all that goes with each, asks for its name, waits until it is gone, and says what holds it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..api import API_VERSION
from ..cluster import reach
from ..cluster.reach import Place
from ..context import Context
from ..errors import AcmpError, Forbidden, Interrupted, NotFound
from ..kube import quantities
from ..platform.roles import CREDENTIALS, PULL_SECRET
from ..project import credentials, projects
from ..project.records import Project
from ._observe import many, namespaces
from ._plan import held_by, owner_of

_OURS = (*CREDENTIALS, PULL_SECRET)
_SAY_SECONDS = 30.0
_SHOWN = 10


@dataclass(frozen=True)
class Going:
    """A workspace and all that goes with it. namespace: the live one, None where it is gone already. claims: (name, size). secrets: None if not counted.

    pods: how many there are, of instances and of whatever else runs there.

    protected: instances whose delete policy is ``refuse``. recorded, bound: that the project still knows it, and the Secret of its credential.
    """

    name: str
    namespace: Mapping[str, Any] | None = None
    instances: tuple[str, ...] = ()
    claims: tuple[tuple[str, str], ...] = ()
    secrets: int | None = 0
    protected: tuple[str, ...] = ()
    recorded: bool = False
    credential: credentials.Listed | None = field(default=None, repr=False)
    pods: int = 0

    @property
    def is_leaving(self) -> bool:
        return bool(self.namespace and self.namespace["metadata"].get("deletionTimestamp"))

    @property
    def is_empty(self) -> bool:
        return not self.instances and not self.claims and self.secrets == 0 and not self.pods

    def __str__(self) -> str:
        if self.is_empty:
            return "no instance, claim, Secret or pod in it"
        parts = []
        if self.instances:
            parts.append(f"{_number(self.instances, 'instance')} ({_some(self.instances)})")
        if self.claims:
            size = quantities.human(quantities.total(size for _name, size in self.claims))
            parts.append(f"{_number(self.claims, 'claim')} of {size} ({_some(f'{name} {size}' for name, size in self.claims)})")
        if self.pods:
            parts.append(f"{self.pods} pod{'s' if self.pods != 1 else ''}")
        parts.append("Secrets not counted (needs list secrets)" if self.secrets is None else f"{self.secrets} Secret{'s' if self.secrets != 1 else ''}")
        return ", ".join(parts)

    def shown(self) -> dict[str, Any]:
        """What a result tells of it."""
        return {
            "name": self.name, "instances": list(self.instances), "claims": [{"name": name, "size": size} for name, size in self.claims],
            "secrets": self.secrets, "pods": self.pods,
        }


def look(place: Place, project: Project, names: Iterable[str], ctx: Context) -> list[Going]:
    """All that goes with workspaces of these names: five lists, and one more for the Secrets of each."""
    names = list(names)
    if not names:
        return []
    only = names[0] if len(names) == 1 else None
    live = {item["metadata"]["name"]: item for item in namespaces(place.kube, only)}
    for name in names:
        if name in live and (place.cluster, name) in project.workspaces and owner_of(live[name]) != project.name:
            # Who writes the record need not have the caller's rights to the namespace.
            ctx.warn(f"The namespace {name} of cluster {place.cluster} does not carry the label of project {project.name}, so it stays; its entry goes.")
            del live[name]
    listed = {item.namespace: item for item in credentials.listed(place.home, project) if item.cluster == place.cluster}
    there = [name for name in names if name in live]
    instances = _by_namespace(_instances(place.kube, only) if there else [])
    claims = _by_namespace(place.kube.list("v1", "PersistentVolumeClaim", only) if there else [])
    pods = _by_namespace(place.kube.list("v1", "Pod", only, metadata_only=True) if there else [])
    counted = dict(many(lambda name: _secrets(place, project, name, name in listed, ctx), there))
    return [
        Going(
            name, live.get(name), tuple(sorted(item["metadata"]["name"] for item in instances.get(name, ()))),
            tuple(sorted((item["metadata"]["name"], _size(item)) for item in claims.get(name, ()))), counted.get(name, 0),
            tuple(sorted(item["metadata"]["name"] for item in instances.get(name, ()) if (item.get("spec") or {}).get("deletePolicy") == "refuse")),
            (place.cluster, name) in project.workspaces, listed.get(name), len(pods.get(name, ())))
        for name in names
    ]


def obstacles(going: Iterable[Going], project: Project, cluster: str, confirm: Iterable[str], always: bool) -> list[str]:
    """PURE: why they may not go. always: also an empty one needs its name in confirm."""
    confirmed, found = set(confirm), []
    for each in going:
        owner = owner_of(each.namespace) if each.namespace else project.name
        if owner and owner != project.name:
            found.append(f"{each.name} belongs to project {owner}, not to {project.name}")
        elif not owner:
            found.append(f"the namespace {each.name} is no workspace, and is left to whom it belongs")
        elif each.namespace is None or each.is_leaving:
            continue
        elif each.protected:
            found.append(f"{each.name} holds protected instances (delete_policy refuse): {_some(each.protected)}; give them another policy first")
        elif each.name not in confirmed and (always or not each.is_empty):
            found.append(f"{each.name} of cluster {cluster} goes with all it holds: {each}; its name is not in confirm")
    return found


def actions(going: Iterable[Going], project: Project, cluster: str) -> list[str]:
    """PURE: what a removal does, in its order; nothing for what is gone with every trace."""
    going = list(going)
    found = [f"remove Namespace {each.name} with {each}" for each in going if each.namespace and not each.is_leaving]
    found += [f"remove the credential of {cluster}/{each.name}" for each in going if each.credential]
    return found + [f"take {cluster}/{each.name} off Project {project.name}" for each in going if each.recorded]


def execute(place: Place, project: Project, going: Iterable[Going], wait_timeout: float, ctx: Context) -> None:
    """Deletes the namespaces, waits until they are gone (not at all with a time-out of 0), and forgets credentials and entries.

    Raises AcmpError that says what holds those that are not gone in time.
    """
    going = list(going)
    there = [each for each in going if each.namespace]
    if there:
        ctx.progress(f"removing {_number(there, 'namespace')} on {place.kube.server}")

    def delete(each: Going) -> None:
        if not each.is_leaving:
            place.kube.delete("v1", "Namespace", each.name, uid=each.namespace["metadata"]["uid"])

    many(delete, there)
    if wait_timeout > 0:
        _wait(place.kube, {each.name: each.namespace["metadata"]["uid"] for each in there}, wait_timeout, ctx)
    # Of a credential that is gone the rights to it may be left.
    many(lambda each: credentials.forget(place.home, project, place.cluster, each.name), [each for each in going if each.credential or each.recorded])
    gone = [(place.cluster, each.name) for each in going if each.recorded]
    if gone:
        projects.drop_workspaces(place.home, project.name, gone)


def _wait(kube: Any, uids: dict[str, str], timeout: float, ctx: Context) -> None:
    end, say = ctx.clock() + timeout, ctx.clock() + _SAY_SECONDS
    while True:
        only = next(iter(uids)) if len(uids) == 1 else None
        left = [item for item in namespaces(kube, only) if uids.get(item["metadata"]["name"]) == item["metadata"]["uid"]] if uids else []
        if not left:
            return
        held = "; ".join(f"{item['metadata']['name']}: {', '.join(held_by(item)) or 'no reason given yet'}" for item in left[:_SHOWN])
        if ctx.clock() > end:
            raise AcmpError(
                f"{_number(left, 'namespace')} still being deleted after {timeout:.0f} s", where=held,
                todo="take away what holds it: finalizers name who has to act; then run the same task again",
                details={"held": {item["metadata"]["name"]: held_by(item) for item in left}})
        if ctx.clock() > say:
            say += _SAY_SECONDS
            ctx.progress(f"waiting for {_number(left, 'namespace')} to go. {held}")
        if ctx.stopping.wait(0.5 if len(uids) == 1 else 1.0):
            raise Interrupted("the run was stopped while it waited")


def _instances(kube: Any, only: str | None) -> list[dict]:
    try:
        return kube.list(API_VERSION, "Instance", only)
    except NotFound:
        return []


def _secrets(place: Place, project: Project, name: str, has_credential: bool, ctx: Context) -> int | None:
    """The Secrets that are not ours, seen with the caller's rights or else the workspace's own; None where neither may list them."""
    ways = [lambda: place.kube]
    if has_credential:
        ways.append(lambda: reach.to_cluster(credentials.read(place.home, project, place.cluster, name) or {}, ctx))
    for way in ways:
        try:
            found = way().list("v1", "Secret", name, metadata_only=True)
        except AcmpError as error:
            if not isinstance(error, Forbidden) and way is ways[0]:
                raise
            continue
        return len([item for item in found if item["metadata"]["name"] not in _OURS])
    return None


def _by_namespace(items: list[dict]) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = defaultdict(list)
    for item in items:
        found[item["metadata"]["namespace"]].append(item)
    return found


def _size(claim: Mapping[str, Any]) -> str:
    held = (claim.get("status") or {}).get("capacity") or ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return str(held.get("storage") or "0")


def _number(things: Iterable[Any], word: str) -> str:
    count = len(list(things))
    return f"{count} {word}{'s' if count != 1 else ''}"


def _some(names: Iterable[str]) -> str:
    found = list(names)
    return ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")
