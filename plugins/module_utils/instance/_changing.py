# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run does once it knows that something is to be done: prepare and check, take the instance's lease, look again, act."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from ..catalog import entries
from ..context import Context
from ..errors import AcmpError, Interrupted
from . import _ground, _observe, _plan, _think, view
from ._side import side_by_side
from ._think import Thought
from .request import LOCAL, Request


def present(reach: Callable[[], Any], place, request: Request, thought: Thought, ctx: Context) -> dict[str, Any]:
    """Carries out a plan that is not empty; reach() connects once more, with what a workspace made meanwhile allows."""
    ground, tree, version, _loaded = side_by_side(
        lambda: _ground.look(place, request),
        lambda: _tree(place, thought),
        # A release that exists is rendered by the server, which knows its version.
        lambda: place.kube.version() if thought.plan.release == "install" else {},
        _load_rendering,
    )
    with ctx.scratch() as scratch:
        chart, checks, moved = None, [], False
        try:
            chart, checks = _prepare(place.kube, request, thought, ground.exists, tree, version, scratch, ctx)
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
            return view.result(True, [*made, *thought.plan.actions], thought.plan.changes, predicted, ctx, checks)
        if made and request.cluster != LOCAL:
            # The new workspace has a credential of its own, and who may make workspaces may not deploy into them.
            place = reach()
            place.verify()
        with _held(place.kube, request, ctx) as lease:
            again = _observe.observe(place.kube, request)
            if moved or _version(again) != _version(thought.seen):
                thought = _think.think(place, request, again, ctx)
                if thought.plan.empty:
                    return view.result(bool(made), made, (), view.instance(thought.seen.record, request.cluster), ctx)
                chart, checks = _prepare(place.kube, request, thought, True, _tree(place, thought), {}, scratch + "/again", ctx)
            record = _execute(place, request, thought, chart, lease, ctx)
    return view.result(True, [*made, *thought.plan.actions], thought.plan.changes, view.instance(record, request.cluster), ctx, checks)


def absent(place, request: Request, plan: _plan.Removal, seen: _observe.Observed, ctx: Context) -> dict[str, Any]:
    """Carries out a removal that is not empty."""
    from ..helm import binary
    from . import _remove

    kube = place.kube
    if ctx.check_mode:
        return view.result(True, plan.actions, (), None if plan.wipe else view.instance(seen.record, request.cluster), ctx)
    helm = binary.find(ctx, request.helm_binary) if plan.uninstall else None
    place.verify()
    with _held(kube, request, ctx) as lease:
        seen = _observe.observe(kube, request)
        plan = _plan.plan_removal(request, seen)
        if plan.actions:
            helm = helm or (binary.find(ctx, request.helm_binary) if plan.uninstall else None)
            _remove.remove(kube, helm, request, plan, seen, lease, ctx)
    after = None if plan.wipe else view.instance(_observe.observe(kube, request).record, request.cluster)
    return view.result(bool(plan.actions), plan.actions, (), after, ctx)


def _tree(place, thought: Thought):
    """The package's files, None where nothing is rendered."""
    plan = thought.plan
    return None if plan.verb == "describe" or plan.release == "keep" else entries.fetch(place.home, thought.wanted.entry)


def _prepare(kube, request: Request, thought: Thought, namespace_exists: bool, tree, version: dict, scratch: str, ctx: Context):
    """The chart, rendered and checked by every means that changes nothing; (None, []) where nothing is rendered."""
    if tree is None:
        return None, []
    from ..helm import binary
    from . import _chart

    plan, wanted = thought.plan, thought.wanted
    helm = binary.find(ctx, request.helm_binary)
    # The server renders with lookups and revisions of a release that exists; an interrupted one it refuses.
    installed = plan.release == "upgrade" and not plan.healing
    unpacked = _chart.unpack(wanted, tree, scratch, ctx)
    # Side by side: one computes, the other waits for a process and for the cluster.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="acmp-check") as pool:
        checking, loading = pool.submit(_chart.check, wanted, unpacked), pool.submit(_load_execution)
        try:
            chart = _chart.rendered(kube, helm, request, wanted, unpacked, installed, version, ctx)
            from . import _preflight

            checks = _preflight.check(kube, request, wanted, chart.rendered.objects, plan.release == "upgrade", namespace_exists, ctx)
        except AcmpError:
            # Where the values are at fault, this names the field, and the others only what came of it.
            checking.result()
            raise
        checking.result()
        loading.result()
    return chart, checks


def _execute(place, request: Request, thought: Thought, chart, lease, ctx: Context) -> dict:
    from ..helm import binary
    from . import _execute as execute

    describe = thought.plan.verb == "describe"
    helm = None if describe else binary.find(ctx, request.helm_binary)
    run = execute.Run(place, helm, request, thought.wanted, thought.plan, thought.seen, chart, lease, ctx)
    return execute.describe(run) if describe else execute.deploy(run)


# To load what comes next costs a tenth of a second of computing: it is done while the cluster, or Helm, is working.


def _load_rendering() -> None:
    from ..helm import binary  # noqa: F401
    from . import _chart  # noqa: F401


def _load_execution() -> None:
    from ..kube import lease  # noqa: F401
    from . import _execute  # noqa: F401


@contextmanager
def _held(kube, request: Request, ctx: Context):
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
