# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings an instance back to what it was at an earlier revision: a new revision that equals the old one (DESIGN section 5)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from ..api import API_VERSION
from ..catalog import entries
from ..context import Context
from ..errors import CatalogError, InputError, InstanceError
from ..helm import revisions
from ..package import versions, yaml_reader
from . import _changing, _desired, _observe, places, _plan, records, view
from ._think import Thought
from .request import Request, from_params
from .ways import _way


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Rolls one instance back to params.revision, else to the last ready revision that differs from the present one.

    Returns what instances.ensure returns, with ``revision`` gone back to and ``not_undone``: sentences about what stays as it is.
    Raises InputError for an instance or a revision that is not there, InstanceError for one that was never ready or lies beyond other
    custom resource definitions.
    """
    request = from_params({key: value for key, value in params.items() if key != "revision"})
    reach = partial(places.reach, options, act_as, request, ctx)
    place = reach()
    seen = _observe.observe(place.kube, request)
    if seen.record is None or seen.phase == "Removed":
        raise InputError(f"There is no instance {request.title} to roll back", where="name")
    request = replace(request, project=seen.spec.get("project", "default"))
    number = _number(place.kube, request, params.get("revision"), seen)
    think = partial(_think, number=number, across=bool(params.get("across_crds")))
    thought = think(place, request, seen, ctx)
    more = {"revision": number, "not_undone": _not_undone(thought, seen)}
    if thought.plan.empty:
        return {**view.result(False, (), (), view.instance(seen.record, request.cluster), ctx), **more}
    return {**_changing.present(reach, place, request, thought, ctx, think), **more}


def _number(kube, request: Request, wished: int | None, seen: _observe.Observed) -> int:
    """The revision to go back to. It has to have been ready, or it would be a second failure."""
    known = {
        item["spec"]["revision"]: item
        for item in kube.list(API_VERSION, "InstanceRevision", request.namespace, label_selector=f"{records.INSTANCE_LABEL}={request.name}")
    }
    ready = sorted(number for number, item in known.items() if item.get("status", {}).get("ready"))
    told = f"ready revisions: {', '.join(map(str, ready)) or 'none'}"
    if wished is not None:
        if wished not in known:
            raise InputError(f"{request.title} has no revision {wished}", where="revision", todo=told)
        if wished not in ready:
            said = known[wished].get("status", {}).get("message")
            raise InstanceError(f"Revision {wished} of {request.title} never became ready{f' ({said})' if said else ''}", where="revision", todo=told)
        return wished
    now, last = seen.status.get("readyDigest") or seen.spec.get("digest"), int(seen.status.get("revision") or 0)
    if seen.phase not in ("Ready", "NotReady") and seen.status.get("readyRevision") in ready:
        return seen.status["readyRevision"]
    earlier = [number for number in ready if number < last and known[number]["spec"].get("digest") != now]
    if not earlier:
        raise InstanceError(f"{request.title} has no earlier revision that was ready", where="revision", todo=told)
    return earlier[-1]


def _think(place, request: Request, seen: _observe.Observed, ctx: Context, number: int, across: bool) -> Thought:
    """What shall be and how, as _think.think does for a request; the request then says what the revision says."""
    past = place.kube.get(API_VERSION, "InstanceRevision", records.revision_name(request.name, number), request.namespace)
    if past is None:
        raise InputError(f"{request.title} has no revision {number} any more", where="revision")
    spec = past["spec"]
    entry = _entry(place.home, spec)
    if not across and not versions.same(spec["version"], seen.spec["version"]):
        _same_definitions(place.home, entry, _entry(place.home, seen.spec), number)
    document = yaml_reader.load(spec["document"], f"revision {number}")
    again = replace(request, type=spec.get("type"), document=document, config_overrides=spec.get("configOverrides") or {})
    wanted = _desired.desired(again, entry, seen.spec)
    return Thought(wanted, plan(request, wanted, seen, past), seen, place=place)


def _entry(home, spec: dict) -> entries.Entry:
    try:
        return entries.exactly(home, spec["package"], spec["version"], spec["sha256"])
    except CatalogError as error:
        raise InstanceError(
            f"{spec['package']} {spec['version']}, which that needs, is not in the catalog any more. {error.what}", where="revision",
            todo="have that version uploaded and listed again, or choose another revision") from error


def _same_definitions(home, old: entries.Entry, new: entries.Entry, number: int) -> None:
    """Older software on newer definitions: objects may hold fields that it does not know, so that is for a person to decide."""
    def definitions(entry):
        tree = entries.fetch(home, entry)
        return {path: tree[path] for path in tree if "/crds/" in f"/{path}" and path.endswith((".yaml", ".yml", ".json"))}

    before, after = definitions(new), definitions(old)
    changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    if changed:
        raise InstanceError(
            f"Between {old.title} (revision {number}) and {new.title} the custom resource definitions differ, and a rollback does not bring them back",
            where=", ".join(changed[:5]), todo="read what changed in them, then say across_crds: true",
        )


def _not_undone(thought: Thought, seen: _observe.Observed) -> list[str]:
    found = ["data: what was written since stays as it is"]
    if not versions.same(thought.wanted.entry.spec["version"], seen.spec["version"]):
        found.append("custom resource definitions stay those of the newer version")
    if thought.wanted.secret_paths or thought.wanted.generated:
        found.append("passwords and other secret values stay the present ones")
    return found


def plan(request: Request, wanted: _desired.Desired, seen: _observe.Observed, past: dict) -> _plan.Plan:
    """Pure: how the present instance becomes again what it was at a revision; past is its InstanceRevision."""
    spec, number = past["spec"], past["spec"]["revision"]
    healing, release = _way.way(seen.heads)
    head = seen.latest
    settled = head is not None and head.status == "deployed" and seen.status.get("helmRevision") == head.revision
    if settled and seen.status.get("readyDigest") == seen.spec.get("digest") == wanted.digest:
        return _plan.Plan()
    actions = [_way.sentence(healing, head)] if healing else []
    changes = _plan.document_changes(seen.spec, wanted)
    actions.append(f"roll back {request.title} to revision {number} ({spec['package']} {spec['version']})")
    actions += [_plan.setting(item) for item in changes]
    back = _helm_revision(wanted, seen, past) if release == "upgrade" else 0
    return _plan.Plan("rollback", "rollback" if back else release, healing, tuple(actions), changes, wait=request.wait, back=back)


def _helm_revision(wanted: _desired.Desired, seen: _observe.Observed, past: dict) -> int:
    """The Helm revision that Helm can go back to by itself; 0 where the chart has to be rendered again: it is gone, or holds former secret values."""
    number = int(past.get("status", {}).get("helmRevision") or 0)
    found = next((head for head in seen.heads if head.revision == number and head.status in ("deployed", "superseded")), None)
    same = found is not None and found.labels.get(revisions.DIGEST_LABEL) == revisions.digest_label(wanted.digest)
    return number if same and not wanted.secret_paths else 0
