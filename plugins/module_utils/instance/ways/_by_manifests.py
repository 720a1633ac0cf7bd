# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances that are kustomizations or plain manifests: built by kustomize, applied object by object. The same functions as _by_helm.py.

What Helm keeps in its release, the record keeps here: status.applied says how far the last revision came, status.inventory what may be there.
"""

from __future__ import annotations

from ...api import API_VERSION
from ...catalog import entries
from ...context import Context
from ...errors import InstanceError, PreflightError
from ...helm import kustomize, render
from ...helm.revisions import digest_label
from ...manifests import applied, owners
from ...manifests import render as manifests
from ...package import yaml_reader
from ...package.model import deployable
from .. import _preflight, records
from ..request import Request
from ..volumes import _measures
from ._chart import Chart


def tool(request: Request, ctx: Context) -> kustomize.Kustomize:
    return kustomize.find(ctx)


def prepare(kube, binary, request: Request, thought, tree, version: dict, namespace_exists: bool, scratch: str, ctx: Context) -> tuple[Chart, list[dict]]:
    wanted, owner = thought.wanted, owners.Owner(request.name, request.namespace)
    objects = owners.located(kube, _rendered(wanted.entry, wanted.document, tree, request, binary, ctx), owner)
    if wanted.config_overrides:
        from ...config import effects

        objects = effects.applied(objects, wanted.config_overrides, tree, wanted.release, request.namespace, ctx)
    faults = owners.check(kube, objects, owner) if namespace_exists else []
    for fault in faults if request.adopt else []:
        ctx.warn(f"{fault}: it is taken over, and goes with {request.title} when that is removed")
    if faults and not request.adopt:
        raise PreflightError(
            f"{wanted.entry.title} cannot be deployed as {request.title}: {'; '.join(faults)}", where=f"namespace {request.namespace}",
            todo="choose another name, or say adopt: true to take them over; nothing was created",
        )
    measures, checks = _preflight.examine(kube, request, wanted, objects, True, namespace_exists, ctx, thought.plan.changes)
    # Jobs are made anew where they are applied.
    sized = [measures.sized(obj) for obj in objects]
    return Chart(folder="", rendered=render.Rendered(sized, [], "", ""), measures=measures), checks


def changes(kube, request: Request, thought, chart: Chart, ctx: Context) -> list[dict]:
    from ..drift import _diff

    before = [] if thought.plan.release == "install" else deployed(kube, request, thought, ctx)
    return _diff.changes(before, chart.rendered.objects, request.namespace, None, set(), frozenset())


def deployed(kube, request: Request, thought, ctx: Context) -> list[dict]:
    """The objects of the last ready revision, built again from its package."""
    number = thought.seen.status.get("readyRevision")
    return _past(thought.place, request, int(number), ctx) if number else []


def repair(kube, request: Request, thought, objects: list[dict]) -> dict:
    return {"release": "upgrade"}


def bring(run, log, secret_values: dict) -> int:
    log.step(f"applying {len(run.chart.rendered.objects)} objects of {run.wanted.entry.title}")
    return _apply(run, run.chart.rendered.objects, run.chart.measures, run.wanted.digest, log.step)


def inventory(run, revision: int) -> list[dict]:
    return run.notes.get("references") or run.seen.status.get("inventory") or []


def settle(run, revision: int) -> dict:
    """Prunes what is no longer wanted; only now, so that a failed change finds everything as it was."""
    if "references" not in run.notes:
        return {}
    owner = owners.Owner(run.request.name, run.request.namespace)
    applied.prune(run.kube, run.notes["superset"], run.notes["references"], owner, run.ctx)
    return {"applied": {**run.notes["applied"], "status": "deployed"}, "inventory": run.notes["references"]}


def newest(run) -> int:
    live = run.kube.get(API_VERSION, "Instance", run.request.name, run.request.namespace)
    return int((((live or {}).get("status") or {}).get("applied") or {}).get("revision") or 0)


def back(run, revision: int) -> int:
    number = int(run.seen.status["readyRevision"])
    objects = _past(run.place, run.request, number, run.ctx)
    if not objects:
        # To apply nothing would prune everything.
        raise InstanceError(f"The record of revision {number} is gone, so nobody knows what to go back to", where=run.request.title)
    measures = _measures.back(run.kube, run.request, objects, run.ctx)
    objects = [measures.sized(obj) for obj in objects]
    return _apply(run, objects, measures, run.seen.status.get("readyDigest") or "", run.ctx.progress)


def take_away(run, log) -> None:
    # What was taken over was somebody's before; only what this run made goes.
    made = []
    for item in run.notes.get("superset") or []:
        live = run.kube.get(item["apiVersion"], item["kind"], item["name"], item.get("namespace") or None, metadata_only=True)
        if live is not None and live["metadata"].get("creationTimestamp", "") >= log.created_at:
            made.append({**item, "uid": live["metadata"]["uid"]})
    applied.remove(run.kube, made, owners.Owner(run.request.name, run.request.namespace), True, run.ctx)


def _apply(run, objects: list[dict], measures: _measures.Measures, digest: str, say) -> int:
    from .._execute import write_status

    request, owner = run.request, owners.Owner(run.request.name, run.request.namespace)
    number = newest(run) + 1
    known = run.notes.get("superset") or run.seen.status.get("inventory") or []
    state = {"revision": number, "status": "applying", "digest": digest_label(digest)}
    superset = applied.superset(known, objects)
    run.notes.update(superset=superset, applied=state)
    # Before anything is written: what a run that dies has made must be found.
    write_status(run.kube, request, {"inventory": superset, "applied": state})
    with _measures.around(run.kube, request, measures, say, run.ctx):
        run.notes["references"] = applied.apply(run.kube, objects, owner, run.ctx, between=run.lease.check).references
    return number


def _past(place, request: Request, number: int, ctx: Context) -> list[dict]:
    """The objects of an earlier revision, [] where its record is gone."""
    past = place.kube.get(API_VERSION, "InstanceRevision", records.revision_name(request.name, number), request.namespace)
    if past is None:
        return []
    spec = past["spec"]
    entry = entries.exactly(place.home, spec["package"], spec["version"], spec["sha256"])
    document = yaml_reader.load(spec["document"], f"revision {number}")
    tree = entries.fetch(place.home, entry)
    objects = _rendered(entry, document, tree, request, tool(request, ctx), ctx)
    objects = owners.located(place.kube, objects, owners.Owner(request.name, request.namespace))
    config = spec.get("configOverrides") or {}
    if not config:
        return objects
    from ...config import effects

    return effects.applied(objects, config, tree, spec.get("releaseName") or request.name, request.namespace, ctx)


def _rendered(entry: entries.Entry, document: dict, tree, request: Request, binary, ctx: Context) -> list[dict]:
    package = deployable.load(tree)
    return manifests.render(package.raw, package.template_type, document, request.name, request.namespace, ctx, binary, entry.title)
