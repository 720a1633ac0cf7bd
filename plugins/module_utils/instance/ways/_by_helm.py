# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances that are Helm releases: how one is rendered, brought about, taken back and taken away. _by_manifests.py has the same functions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from ...context import Context
from ...errors import AcmpError, InstanceError
from ...helm import binary, revisions
from .. import _inventory
from ..request import Request
from ..volumes import _measures
from . import _chart, _way
from ._chart import Chart


def tool(request: Request, ctx: Context):
    """The program that does the work; raises HelmError where it is missing or too old."""
    return binary.find(ctx, request.helm_binary)


def prepare(kube, helm, request: Request, thought, tree, version: dict, namespace_exists: bool, scratch: str, ctx: Context) -> tuple[Chart, list[dict]]:
    """The chart, rendered and checked by every means that changes nothing, and the checks. tree: the package's files, None for a rollback by Helm."""
    plan, wanted = thought.plan, thought.wanted
    if plan.back:
        from ...helm import releases
        from .. import _preflight

        chart = _chart.of_release(releases.read(kube, request.namespace, wanted.release, plan.back))
        measures, checks = _preflight.examine(kube, request, wanted, chart.rendered.objects, True, namespace_exists, ctx, back=True)
        return replace(chart, measures=measures), checks
    if plan.adopts:
        _same_chart(kube, request, thought.seen.latest, tree)
    # The server renders with lookups and revisions of a release that exists; an interrupted one it refuses.
    installed = plan.release == "upgrade" and not plan.healing
    unpacked = _chart.unpack(wanted, tree, scratch, ctx)
    # Side by side: one computes, one asks the cluster, the third waits for a process.
    with ThreadPoolExecutor(max_workers=2, thread_name_prefix="acmp-check") as pool:
        looking = pool.submit(_measures.there, kube, request) if namespace_exists else None
        checking, loading = pool.submit(_chart.check, wanted, unpacked), pool.submit(_load_execution)
        try:
            chart = _chart.rendered(kube, helm, request, wanted, unpacked, installed, version, ctx)
            from .. import _preflight

            measures, checks = _preflight.examine(
                kube, request, wanted, chart.rendered.objects, plan.release == "upgrade", namespace_exists, ctx, plan.changes, plan.verb == "rollback",
                looking and looking.result)
        except AcmpError:
            # Where the values are at fault, this names the field, and the others only what came of it.
            checking.result()
            raise
        checking.result()
        loading.result()
    return replace(chart, measures=measures), checks


def _same_chart(kube, request: Request, head, tree) -> None:
    """Raises InstanceError where a release to take over is of another chart: an upgrade would delete whatever this one does not have."""
    from ...helm import releases
    from ...package import yaml_reader
    from ...package.model import deployable

    raw = deployable.load(tree).raw
    own = (yaml_reader.load(raw.text("Chart.yaml"), "raw/Chart.yaml") or {}).get("name") if "Chart.yaml" in raw else ""
    theirs = releases.read(kube, request.namespace, head.name, head.revision).chart.get("name")
    if own != theirs:
        raise InstanceError(
            f'Helm release {head.name} is of chart "{theirs}", and the package deploys chart "{own}"', where=f"namespace {request.namespace}",
            todo="take it over with a package of its own chart, or choose another name",
        )


def changes(kube, request: Request, thought, chart: Chart, ctx: Context) -> list[dict]:
    """What a run does to the objects, as _diff.changes says it: the manifest that runs compared with the one to come. Secrets are masked."""
    from ...helm import post_render
    from .. import _secrets
    from ..drift import _diff
    from . import _delivery, _release

    plan, wanted = thought.plan, thought.wanted
    if wanted.secret_paths or thought.seen.status.get("secrets"):
        # Known, they are masked wherever the chart may have put them.
        _secrets.stored(kube, request, ctx)
    before = [] if plan.release == "install" else _delivery.deployed(kube, request, thought, ctx)
    after, again, left = chart.rendered.objects, chart.again, frozenset()
    if before and not plan.back:
        rules = _release.rules_for(kube, request, chart, before)
        after, left = [post_render.apply(obj, rules) for obj in after], frozenset(rules.replicas)
        again = again and [post_render.apply(obj, rules) for obj in again]
    unknown = {value for path, value in wanted.placeholders.items() if path not in wanted.given_secrets and not plan.back}
    return _diff.changes(before, after, request.namespace, again, unknown, left)


def repair(kube, request: Request, thought, objects: list[dict]) -> dict:
    """The plan's fields for applying the deployed objects once more: back to the present revision, which renders and generates nothing anew."""
    from ..drift import _others

    numbers = _others.replicas(kube, request.namespace, objects, objects)
    written = {(obj["kind"], obj["metadata"].get("name")): (obj.get("spec") or {}).get("replicas") for obj in objects}
    moved = any(number != written[key] for key, number in numbers.items())
    # Only an upgrade can leave out what an autoscaler chose.
    return {"release": "upgrade"} if moved else {"release": "rollback", "back": thought.seen.latest.revision}


def bring(run, log, secret_values: dict) -> int:
    """Heals, installs, upgrades or goes back; returns the revision that runs now."""
    from . import _release

    request, plan, head = run.request, run.plan, run.seen.latest
    if plan.healing:
        log.step(_way.sentence(plan.healing, head))
        _release.heal(run.kube, run.tool, plan.healing, run.seen.heads, request.namespace, run.ctx)
    run.lease.check()
    if plan.back:
        log.step(f"{'putting back' if plan.verb == 'repair' else 'going back to'} Helm revision {plan.back}")
        return _release.back(run.kube, run.tool, request, run.wanted.release, plan.back, run.ctx)
    title = run.wanted.entry.title
    log.step(f"{'installing' if plan.release == 'install' else 'updating'} {title} with Helm {run.tool.version}")
    labels = {revisions.DIGEST_LABEL: revisions.digest_label(run.wanted.digest)}
    return _release.bring(
        run.kube, run.tool, request, run.wanted.release, run.chart, _chart.helm_values(run.wanted, secret_values), plan.release, run.seen.heads, labels,
        f"acmp {plan.verb} {title}", run.ctx, log.step,
    )


def inventory(run, revision: int) -> list[dict]:
    """References to the objects of a revision, in its order."""
    return _inventory.of_release(run.kube, run.request, run.wanted.release, revision)


def settle(run, revision: int) -> dict:
    """What is left to do once the revision is ready, and what it adds to the status."""
    return {}


def newest(run) -> int:
    """The newest revision there is, 0 for none."""
    head = revisions.latest(revisions.heads(run.kube, run.request.namespace, run.wanted.release))
    return head.revision if head else 0


def back(run, revision: int) -> int:
    """Goes back to a revision by its number; returns the new one that equals it."""
    from . import _release

    return _release.back(run.kube, run.tool, run.request, run.wanted.release, revision, run.ctx)


def take_away(run, log) -> None:
    """Removes a first installation that failed, and what its hooks created."""
    from ...helm import actions

    if newest(run):
        actions.uninstall(run.tool, run.wanted.release, run.request.namespace, run.kube, run.ctx)
    # Helm leaves the objects of hooks behind; those that this run's Helm created go.
    for hook in run.chart.rendered.hooks if run.chart else []:
        meta = hook["metadata"]
        namespace = meta.get("namespace") or run.request.namespace
        live = run.kube.get(hook["apiVersion"], hook["kind"], meta["name"], namespace)
        if live is not None and live["metadata"].get("creationTimestamp", "") >= log.created_at:
            run.kube.delete(hook["apiVersion"], hook["kind"], meta["name"], namespace, uid=live["metadata"]["uid"])


def _load_execution() -> None:
    # Costs a tenth of a second of computing: done while Helm, or the cluster, is working.
    from ...kube import lease  # noqa: F401
    from . import _release  # noqa: F401
