# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does once it knows that something is to be done: prepare and check, take the instance's lease, look again, act."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

from ..catalog import entries
from ..context import Context
from ..errors import AcmpError, Interrupted
from . import _ground, _observe, places, _think, records, view
from ._side import side_by_side
from ._think import Thought
from .request import LOCAL, Request
from .ways import _delivery


def present(
    reach: Callable[[], Any], place, request: Request, thought: Thought, ctx: Context, think: Callable[..., Thought] = _think.think,
) -> dict[str, Any]:
    """Carries out a plan that is not empty; reach() connects once more, with what a workspace made meanwhile allows. think made the plan."""
    records.fitting(request, thought.wanted)
    places.check_owner(place, request)
    ground, tree, version, _loaded = side_by_side(
        lambda: _ground.look(place, request),
        lambda: _tree(place, thought),
        # A release that exists is rendered by the server, which knows its version.
        lambda: place.kube.version() if thought.plan.release == "install" else {},
        lambda: _load_way(thought),
    )
    with ctx.scratch() as scratch:
        chart, checks, objects, moved = None, [], [], False
        try:
            chart, checks = _prepare(place.kube, request, thought, ground.exists, tree, version, scratch, ctx)
            objects = _objects(place.kube, request, thought, chart, ctx)
        except AcmpError:
            # What failed while somebody else is changing it may be right when it is our turn.
            moved = not ctx.check_mode and _version(_observe.observe(place.kube, request)) != _version(thought.seen)
            if not moved:
                raise
        if not ctx.check_mode:
            place.verify()
        made = [] if ground.exists else _ground.furnish(place, request, ground, ctx)
        if ctx.check_mode:
            predicted = view.predicted(request, thought.wanted, thought.seen.record)
            return view.result(True, [*made, *_actions(thought, chart)], thought.plan.changes, predicted, ctx, checks, objects, thought.drift)
        if made and request.cluster != LOCAL:
            # The new workspace has a credential of its own, and who may make workspaces may not deploy into them.
            place = reach()
            place.verify()
        with held(place.kube, request, ctx) as lease:
            if moved or not _observe.same(place.kube, request, thought.seen, thought.wanted.release):
                thought = think(place, request, _observe.observe(place.kube, request), ctx)
                if thought.plan.empty:
                    return view.result(bool(made), made, (), view.instance(thought.seen.record, request.cluster), ctx, drift=thought.drift)
                chart, checks = _prepare(place.kube, request, thought, True, _tree(place, thought), {}, scratch + "/again", ctx)
                objects = _objects(place.kube, request, thought, chart, ctx)
            record = _execute(place, request, thought, chart, lease, ctx)
    after = view.instance(record, request.cluster)
    return view.result(True, [*made, *_actions(thought, chart)], thought.plan.changes, after, ctx, checks, objects, thought.drift)


def _actions(thought: Thought, chart) -> list[str]:
    """The plan's actions, then what volumes and objects that never change need for them."""
    return [*thought.plan.actions, *(chart.measures.actions if chart else ())]


def _tree(place, thought: Thought):
    """The package's files, None where nothing is rendered."""
    plan = thought.plan
    return None if plan.verb == "describe" or plan.release in ("keep", "rollback") else entries.fetch(place.home, thought.wanted.entry)


def _prepare(kube, request: Request, thought: Thought, namespace_exists: bool, tree, version: dict, scratch: str, ctx: Context):
    """What shall be there, rendered and checked by every means that changes nothing; (None, []) where nothing is rendered."""
    if tree is None and not thought.plan.back:
        return None, []
    way = _delivery.of(thought.wanted.entry.spec)
    return way.prepare(kube, way.tool(request, ctx), request, thought, tree, version, namespace_exists, scratch, ctx)


def _objects(kube, request: Request, thought: Thought, chart, ctx: Context) -> list[dict]:
    """What the run does to the instance's objects, in its user's words; nothing where none is rendered."""
    if thought.plan.verb == "repair":
        from .drift import _drift

        return _drift.undone(thought.drift)
    return _delivery.of(thought.wanted.entry.spec).changes(kube, request, thought, chart, ctx) if chart is not None else []


def _execute(place, request: Request, thought: Thought, chart, lease, ctx: Context) -> dict:
    from . import _execute as execute

    way = None if thought.plan.verb == "describe" else _delivery.of(thought.wanted.entry.spec)
    run = execute.Run(place, way, way and way.tool(request, ctx), request, thought.wanted, thought.plan, thought.seen, chart, lease, ctx)
    return execute.deploy(run) if way else execute.describe(run)


def _load_way(thought: Thought) -> None:
    """Costs a tenth of a second of computing: done while the cluster answers."""
    if thought.plan.verb != "describe":
        _delivery.of(thought.wanted.entry.spec)


@contextmanager
def held(kube, request: Request, ctx: Context):
    """The instance's lease. Losing it stops the wait and the helm child too, and is told as such."""
    from ..kube.lease import Lease

    lease = Lease(kube, f"acmp-{request.name}", request.namespace, f"{socket.gethostname()}/{os.getpid()}", ctx, on_lost=lambda _error: ctx.stopping.set())
    with lease:
        try:
            yield lease
        except Interrupted:
            lease.check()
            raise


def _version(seen: _observe.Observed) -> tuple:
    record = seen.record["metadata"]["resourceVersion"] if seen.record else ""
    return record, tuple((head.revision, head.status) for head in seen.heads)
