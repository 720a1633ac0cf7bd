# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what a run does to an instance; check mode shows exactly this."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ..errors import InstanceError
from ..helm import revisions
from ..package import documents, versions, yaml_reader
from ._desired import Desired
from ._observe import Observed
from .request import Request
from .ways import _way

# Of a value in a sentence or an Operation; the document holds all of it.
_SHOWN = 120


@dataclass(frozen=True)
class Plan:
    """verb: empty when nothing is to be done. release: install, upgrade, rollback, keep. healing: what an interrupted release needs first (_way.way).

    changes: path, before, after of the document. wait: whether readiness has to be seen and recorded. back: the Helm revision to go back to. adopts: whether a
    release that was no instance is taken over.
    """

    verb: str = ""
    release: str = "keep"
    healing: str = ""
    actions: tuple[str, ...] = ()
    changes: tuple[dict, ...] = ()
    wait: bool = False
    back: int = 0
    adopts: bool = False

    @property
    def empty(self) -> bool:
        return not self.actions


def plan(request: Request, wanted: Desired, seen: Observed, way: tuple[str, ...] = ()) -> Plan:
    """The plan of ``state: present``; raises InstanceError where it would lose or mix up something. way: versions an upgrade stops at."""
    _refuse(request, wanted, seen, way)
    head, spec = seen.latest, seen.spec or {}
    fresh = seen.record is None or seen.phase == "Removed"
    changes = () if fresh else document_changes(spec, wanted)
    recorded = not fresh and spec.get("digest") == wanted.digest and not wanted.given_secrets
    deployed = head is not None and head.status == "deployed"
    known = deployed and seen.status.get("helmRevision") == head.revision
    ready = known and seen.status.get("readyDigest") == wanted.digest
    # The label tells what an interrupted run deployed and could not record any more.
    runs = ready or (deployed and head.labels.get(revisions.DIGEST_LABEL) == revisions.digest_label(wanted.digest))
    if recorded and ready:
        described = request.description is not None and request.description != spec.get("description", "")
        policy = request.delete_policy is not None and request.delete_policy != spec.get("deletePolicy")
        moved = request.project != spec.get("project", "default")
        if not (described or policy or moved):
            return Plan()
        return Plan(verb="describe", actions=(f"change the record of {request.title}",))
    if recorded and runs and known and not request.wait:
        return Plan()
    actions: list[str] = []
    adopts = seen.record is None and head is not None
    healing, release = ("", "keep") if recorded and runs else _way.way(seen.heads)
    if healing:
        actions.append(_way.sentence(healing, head))
    if release == "keep":
        verb = "deploy" if not seen.status.get("readyRevision") else "change"
        actions.append(f"wait until {request.title} is ready, and record it")
    elif fresh:
        verb = "deploy"
        actions += [f"take over Helm release {head.name} (revision {head.revision})"] if adopts else []
        actions += [f"create Secret {item.name}" for item in wanted.generated if seen.phase != "Removed"]
        stops = [*way, wanted.entry.spec["version"]]
        word = "bring back" if seen.phase == "Removed" else "deploy"
        actions.append(f"{word} {wanted.entry.spec['name']} {stops[0]} ({wanted.type}) as {request.title}")
        actions += [f"upgrade {request.title} from {one} to {next_}" for one, next_ in pairwise(stops)]
    else:
        if not versions.same(spec["version"], wanted.entry.spec["version"]):
            verb = "upgrade"
            stops = [spec["version"], *way, wanted.entry.spec["version"]]
            actions += [f"upgrade {request.title} from {one} to {next_}" for one, next_ in pairwise(stops)]
        elif spec.get("digest") != wanted.digest or wanted.given_secrets:
            verb = "change"
            said = [setting(item) for item in changes] + _settings(spec, wanted)
            actions += said or [f"change {request.title}"]
        else:
            verb = "deploy" if not seen.status.get("readyRevision") else "change"
            if seen.by_helm:
                was = f"Helm says {head.status}" if head is not None else "its Helm release is gone"
            else:
                was = f"its objects are {head.status}" if head is not None else "nothing was applied yet"
            actions.append(f"finish {request.title} ({was})")
    return Plan(verb=verb, release=release, healing=healing, actions=tuple(actions), changes=changes, wait=request.wait, adopts=adopts)


def setting(item: dict) -> str:
    """A change of the document as an action."""
    before, after = ("not set" if value is None else short(value) for value in (item["before"], item["after"]))
    return f"set {item['path']}: {before} → {after}"


def short(value: Any) -> Any:
    """A value as it is told: the beginning of a long one."""
    text = str(value)
    return value if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _settings(spec: dict, wanted: Desired) -> list[str]:
    before = spec.get("configOverrides") or {}
    if before == wanted.config_overrides:
        return []
    from ..config import overrides

    return overrides.actions(before, wanted.config_overrides)


def indirect(wanted: Desired, seen: Observed) -> bool:
    """Whether the wanted version is newer than the instance's and does not say that it follows it."""
    if seen.spec is None or not seen.status.get("readyRevision") or seen.spec["package"] != wanted.entry.spec["name"]:
        return False
    start, end = seen.spec["version"], wanted.entry.spec["version"]
    if versions.sort_key(end) <= versions.sort_key(start):
        return False
    from ..package.upgrade import follows

    return not follows(wanted.entry.spec.get("upgrade", {}), start)


def _refuse(request: Request, wanted: Desired, seen: Observed, way: tuple[str, ...]) -> None:
    spec = seen.spec
    usurped = seen.phase == "Removed" and seen.latest is not None and revisions.DIGEST_LABEL not in seen.latest.labels
    if spec is None or usurped:
        if seen.latest is not None and revisions.DIGEST_LABEL in seen.latest.labels and not usurped and not request.adopt:
            raise InstanceError(
                f"The record of {request.title} is gone, and its Helm release {seen.latest.name} is there", where=f"namespace {request.namespace}",
                todo="say recover: true, which writes the record again",
            )
        if seen.heads and not (request.adopt and not usurped):
            raise InstanceError(
                f'The name "{wanted.release}" is taken by a Helm release that is no instance of the platform', where=f"namespace {request.namespace}",
                todo="choose another name, or uninstall that release" + ("" if usurped else ", or say adopt: true to take it over"),
            )
        return
    name, version = wanted.entry.spec["name"], wanted.entry.spec["version"]
    if spec["package"] != name:
        word, todo = ("keeps data of", "end it for good (purge)") if seen.phase == "Removed" else ("runs", "remove this one")
        raise InstanceError(f'Instance {request.title} {word} package "{spec["package"]}", not "{name}"', todo=f"choose another instance name, or {todo}")
    if spec.get("releaseName", wanted.release) != wanted.release:
        raise InstanceError(
            f"The release name of {request.title} is {spec['releaseName']} and never changes", where="spec.releaseName of the document",
            todo="leave it as it is",
        )
    if not seen.status.get("readyRevision") or versions.same(spec["version"], version):
        return
    if versions.sort_key(version) < versions.sort_key(spec["version"]):
        raise InstanceError(f"{request.title} runs {name} {spec['version']}, and {version} is older", todo="give the same or a newer version")
    upgrade = wanted.entry.spec.get("upgrade", {})
    if indirect(wanted, seen) and not way:
        raise InstanceError(
            f"Package {name} {version} does not say that it follows {spec['version']}, and no listed versions lead there",
            where="spec.upgrade of its application.yaml",
            todo="upgrade by the versions it names: " + (", ".join(f"{key} {value}" for key, value in upgrade.items()) or "none"),
        )
    if upgrade.get("tags"):
        from . import _software

        _software.guard(wanted.document, upgrade, request.title, wanted.entry.title)


def document_changes(spec: dict, wanted: Desired) -> tuple[dict, ...]:
    """Path, before and after of what changes in the document; spec is the recorded one."""
    secret = set(wanted.secret_paths)
    before = yaml_reader.load(spec["document"], "the recorded document")
    return tuple(documents.describe_changes(before, wanted.document, lambda steps: tuple(steps) in secret))
