# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helm's part of a run: healing an interrupted release, install, upgrade, back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...context import Context
from ...helm import actions, post_render, releases
from ...helm.revisions import Head
from ..drift import _others
from ..request import Request
from ..volumes import _measures
from ._chart import Chart


def heal(kube, helm, healing: str, heads: Sequence[Head], namespace: str, ctx: Context) -> None:
    """Brings an interrupted release to a status from which install or upgrade goes on; loses no object."""
    head = releases.latest(heads)
    if healing == "forget":
        releases.forget(kube, head, ctx)
    elif healing == "close":
        releases.mark_failed(kube, head, ctx)
    elif healing == "purge":
        actions.uninstall(helm, head.name, namespace, kube, ctx)


def bring(
    kube, helm, request: Request, name: str, chart: Chart, values: dict[str, Any], release: str, heads: Sequence[Head], labels: dict[str, str],
    description: str, ctx: Context, say: Callable[[str], Any] | None = None,
) -> int:
    """Installs or upgrades the release; returns its new revision. Objects that only dead revisions made are deleted.

    say: is told which claims grow and which objects are made anew.
    """
    with _measures.around(kube, request, chart.measures, say or (lambda text: ctx.progress(f"{request.title}  {text}")), ctx):
        return _apply(kube, helm, request, name, chart, values, release, heads, labels, description, ctx)


def _apply(
    kube, helm, request: Request, name: str, chart: Chart, values: dict[str, Any], release: str, heads: Sequence[Head], labels: dict[str, str],
    description: str, ctx: Context,
) -> int:
    more: dict[str, Any] = {"labels": labels, "description": description, "hook_seconds": request.wait_timeout}
    objects = chart.rendered.objects
    if release == "install":
        rules = post_render.rules_for(objects, chart.again, config=chart.config, restart=chart.restart, sizes=chart.measures.sizes)
        return actions.install(
            helm, chart.folder, name, request.namespace, values, kube, ctx, rules=rules if rules.needed(objects) else None, **more,
        ).revision
    past = _since_deployed(kube, request.namespace, name, heads)
    rules = rules_for(kube, request, chart, past[0].objects())
    revision = actions.upgrade(
        helm, chart.folder, name, request.namespace, values, kube, ctx, rules=rules if rules.needed(objects) else None, previous=past[0], **more,
    ).revision
    for stray in releases.strays(past, objects, request.namespace) if len(past) > 1 else []:
        if stray.kind != "PersistentVolumeClaim":
            kube.delete(stray.api_version, stray.kind, stray.name, stray.namespace)
    return revision


def rules_for(kube, request: Request, chart: Chart, before: list[dict]) -> post_render.Rules:
    """What is changed in the rendering of an upgrade; before: the objects of the release that runs."""
    objects = chart.rendered.objects
    return post_render.rules_for(
        objects, chart.again, before, replicas=_others.replicas(kube, request.namespace, objects, before), config=chart.config, restart=chart.restart,
        sizes=chart.measures.sizes,
    )


def back(kube, helm, request: Request, name: str, revision: int, ctx: Context) -> int:
    """Goes back to a revision by its number; returns the new revision that equals it."""
    previous = releases.read(kube, request.namespace, name, revision)
    numbers = _others.replicas(kube, request.namespace, previous.objects(), previous.objects())
    measures = _measures.back(kube, request, previous.objects(), ctx)
    if measures.sizes:
        releases.keep_sizes(kube, previous, measures.sizes, ctx)
    with _measures.around(kube, request, measures, lambda text: ctx.progress(f"{request.title}  {text}"), ctx):
        done = actions.rollback(
            helm, name, request.namespace, revision, kube, ctx, description=f"acmp back to {revision}", hook_seconds=request.wait_timeout, previous=previous,
        ).revision
    # Helm post-renders no rollback: what an autoscaler had chosen is written again afterwards.
    _others.give_back(kube, request.namespace, previous.objects(), numbers)
    return done


def _since_deployed(kube, namespace: str, name: str, heads: Sequence[Head]) -> list[releases.Release]:
    """The last deployed revision (else the newest) and those after it, oldest first."""
    ordered = sorted(heads, key=lambda head: head.revision)
    deployed = [head.revision for head in ordered if head.status == "deployed"]
    first = deployed[-1] if deployed else ordered[-1].revision
    return [releases.read(kube, namespace, name, head.revision) for head in ordered if head.revision >= first]
