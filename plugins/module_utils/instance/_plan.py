# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what a run does to an instance; check mode shows exactly this."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InstanceError
from ..helm import revisions
from ..package import documents, versions, yaml_reader
from . import _way
from ._desired import Desired
from ._observe import Observed
from .request import Request


@dataclass(frozen=True)
class Plan:
    """verb: empty when nothing is to be done. release: install, upgrade, keep. healing: what an interrupted release needs first (_way.way).

    changes: path, before, after of the document. wait: whether readiness has to be seen and recorded.
    """

    verb: str = ""
    release: str = "keep"
    healing: str = ""
    actions: tuple[str, ...] = ()
    changes: tuple[dict, ...] = ()
    wait: bool = False

    @property
    def empty(self) -> bool:
        return not self.actions


def plan(request: Request, wanted: Desired, seen: Observed) -> Plan:
    """The plan of ``state: present``; raises InstanceError where it would lose or mix up something."""
    _refuse(request, wanted, seen)
    head, spec = seen.latest, seen.spec or {}
    fresh = seen.record is None or seen.phase == "Removed"
    title = f"{wanted.entry.spec['name']} {wanted.entry.spec['version']}"
    changes = () if fresh else _changes(spec, wanted)
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
    healing, release = ("", "keep") if recorded and runs else _way.way(seen.heads)
    if healing:
        actions.append(_way.sentence(healing, head))
    if release == "keep":
        verb = "deploy" if not seen.status.get("readyRevision") else "change"
        actions.append(f"wait until {request.title} is ready, and record it")
    elif fresh:
        verb = "deploy"
        actions += [f"create Secret {item.name}" for item in wanted.generated if seen.phase != "Removed"]
        actions.append(f"deploy {title} ({wanted.type}) as {request.title}")
    else:
        if not versions.same(spec["version"], wanted.entry.spec["version"]):
            verb = "upgrade"
            actions.append(f"upgrade {request.title} from {spec['version']} to {wanted.entry.spec['version']}")
        elif spec.get("digest") != wanted.digest or wanted.given_secrets:
            verb = "change"
            actions += [f"set {item['path']}: {item['before']} → {item['after']}" for item in changes] or [f"change {request.title}"]
        else:
            verb = "deploy" if not seen.status.get("readyRevision") else "change"
            was = f"Helm says {head.status}" if head is not None else "its Helm release is gone"
            actions.append(f"finish {request.title} ({was})")
    return Plan(verb=verb, release=release, healing=healing, actions=tuple(actions), changes=changes, wait=request.wait)


def _refuse(request: Request, wanted: Desired, seen: Observed) -> None:
    spec = seen.spec
    if spec is None:
        if seen.heads:
            raise InstanceError(
                f'The name "{wanted.release}" is taken by a Helm release that is no instance of the platform', where=f"namespace {request.namespace}",
                todo="choose another name, or uninstall that release",
            )
        return
    name, version = wanted.entry.spec["name"], wanted.entry.spec["version"]
    if spec["package"] != name:
        raise InstanceError(f'Instance {request.title} runs package "{spec["package"]}", not "{name}"', todo="choose another instance name, or remove this one")
    if spec.get("releaseName", wanted.release) != wanted.release:
        raise InstanceError(
            f"The release name of {request.title} is {spec['releaseName']} and never changes", where="spec.releaseName of the document",
            todo="leave it as it is",
        )
    if seen.phase == "Removed" or not seen.status.get("readyRevision") or versions.same(spec["version"], version):
        return
    if versions.sort_key(version) < versions.sort_key(spec["version"]):
        raise InstanceError(f"{request.title} runs {name} {spec['version']}, and {version} is older", todo="give the same or a newer version")
    from ..package.upgrade import follows

    upgrade = wanted.entry.spec.get("upgrade", {})
    if not follows(upgrade, spec["version"]):
        raise InstanceError(
            f"Package {name} {version} does not say that it follows {spec['version']}", where="spec.upgrade of its application.yaml",
            todo="upgrade by the versions it names: " + (", ".join(f"{key} {value}" for key, value in upgrade.items()) or "none"),
        )


def _changes(spec: dict, wanted: Desired) -> tuple[dict, ...]:
    secret = set(wanted.secret_paths)
    before = yaml_reader.load(spec["document"], "the recorded document")
    return tuple(documents.describe_changes(before, wanted.document, lambda steps: tuple(steps) in secret))


@dataclass(frozen=True)
class Removal:
    """uninstall: the release goes. wipe: claims, Secrets and records go too."""

    verb: str = ""
    uninstall: bool = False
    wipe: bool = False
    actions: tuple[str, ...] = ()


def plan_removal(request: Request, seen: Observed) -> Removal:
    """The plan of ``state: absent`` by the delete policy of the request, else of the record (DESIGN section 5)."""
    if seen.record is None:
        return Removal()
    policy = request.delete_policy or seen.spec.get("deletePolicy", "keep")
    title = request.title
    if policy == "refuse":
        raise InstanceError(f"Instance {title} is protected (delete policy refuse)", todo="say delete_policy: keep or wipe")
    if policy == "wipe" and request.confirm != request.name:
        raise InstanceError(f"Wiping {title} deletes its data for good", todo=f"say confirm: {request.name}")
    uninstall = bool(seen.heads)
    if policy == "keep" and seen.phase == "Removed" and not uninstall:
        return Removal()
    actions = [f"uninstall Helm release {seen.spec.get('releaseName', request.name)}"] if uninstall else []
    if policy == "wipe":
        actions.append(f"delete volumes, Secrets and records of {title}")
    else:
        actions.append(f"keep volumes, Secrets and revisions of {title}, marked Removed")
    return Removal(verb="remove", uninstall=uninstall, wipe=policy == "wipe", actions=tuple(actions))
