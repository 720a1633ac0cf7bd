# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances: deploy, change, upgrade, remove, look at (§5.2, §5.3)."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from typing import Any

from ..catalog import packages
from ..context import Context
from ..errors import AcmpError, CatalogError, InputError, Interrupted
from ..helm import binary
from ..kube.connect import connect
from ..kube.lease import Lease
from ..package import versions
from . import _chart, _desired, _execute, _observe, _plan, _preflight, _remove, _secrets, view
from .request import Request, from_params


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Brings one instance to ``state`` (present, absent); an unchanged one costs three requests and no process.

    Returns changed, actions, diff, checks and ``instance``. Raises AcmpError of every kind.
    """
    request = from_params(params)
    kube = connect(options, ctx, act_as)
    if request.state == "absent":
        return _absent(kube, request, ctx)
    return _present(kube, request, ctx)


def _present(kube, request: Request, ctx: Context) -> dict[str, Any]:
    seen = _observe.observe(kube, request)
    wanted, plan, seen = _think(kube, request, seen, ctx)
    if plan.empty:
        return _result(False, plan.actions, (), view.instance(seen.record), ctx)
    helm = None if plan.verb == "describe" else binary.find(ctx, request.helm_binary)
    with ctx.scratch() as scratch:
        chart, checks, moved = None, [], False
        try:
            chart, checks = _prepare(kube, helm, request, wanted, plan, seen, scratch, ctx)
        except AcmpError:
            # What failed while somebody else is changing it may be right when it is our turn.
            moved = not ctx.check_mode and _version(_observe.observe(kube, request)) != _version(seen)
            if not moved:
                raise
        if ctx.check_mode:
            return _result(True, plan.actions, plan.changes, view.predicted(request, wanted, seen.record), ctx, checks)
        if not seen.namespace_exists:
            _execute.ensure_namespace(kube, request)
        with _held(kube, request, ctx) as lease:
            again = _observe.observe(kube, request)
            if moved or _version(again) != _version(seen):
                wanted, plan, seen = _think(kube, request, again, ctx)
                if plan.empty:
                    return _result(False, plan.actions, (), view.instance(seen.record), ctx)
                helm = helm or (None if plan.verb == "describe" else binary.find(ctx, request.helm_binary))
                chart, checks = _prepare(kube, helm, request, wanted, plan, seen, scratch + "/again", ctx)
            run = _execute.Run(kube, helm, request, wanted, plan, seen, chart, lease, ctx)
            if plan.verb == "describe":
                _execute.describe(run)
            else:
                _execute.deploy(run)
    return _result(True, plan.actions, plan.changes, view.instance(_observe.observe(kube, request).record), ctx, checks)


def _think(kube, request: Request, seen, ctx: Context):
    """Package, document and plan for what was observed; an existing instance stays on its version unless told otherwise."""
    present = seen.record is not None and seen.phase != "Removed"
    name = request.package or (seen.spec or {}).get("package")
    if not name:
        raise InputError(f"There is no instance {request.title} yet, so package says which one to deploy", where="package")
    version = request.version or (seen.spec["version"] if present and seen.spec["package"] == name else None)
    try:
        entry = packages.find(kube, name, version, request.allow_hidden)
    except CatalogError:
        # Unlisting a version takes nothing from the instances that run it.
        if not present or not version or not versions.same(version, seen.spec["version"]):
            raise
        entry = packages.kept(kube, name, seen.spec["version"], seen.spec["sha256"])
    if entry.hidden:
        ctx.warn(f"{entry.title} is not listed: this instance is a trial.")
    for value in request.secret_values.values():
        ctx.secrets.add(value)
    wanted = _desired.desired(request, entry, seen.spec if present else None)
    for value in wanted.given_secrets.values():
        ctx.secrets.add(value)
    if wanted.given_secrets and seen.record is not None and _secrets.unchanged(kube, request, wanted, ctx):
        wanted = _desired.without_given(wanted)
    seen = _observe.of_release(kube, request, seen, wanted.release)
    plan = _plan.plan(request, wanted, seen)
    if not plan.empty and seen.record is None and not _observe.require_namespace(kube, request):
        seen = _observe.Observed(record=None, heads=(), namespace_exists=False)
        plan = _plan.plan(request, wanted, seen)
    return wanted, plan, seen


def _prepare(kube, helm, request: Request, wanted, plan, seen, scratch: str, ctx: Context):
    if plan.verb == "describe" or plan.release == "keep":
        return None, []
    # The server renders with lookups and revisions of a release that exists; an interrupted one it refuses.
    installed = plan.release == "upgrade" and not plan.healing
    values = _secrets.placeholders(wanted)
    chart = _chart.prepare(kube, helm, request, wanted, values, scratch, installed, ctx)
    objects = chart.rendered.objects
    checks = _preflight.check(kube, request, wanted, objects, plan.release == "upgrade", seen.namespace_exists, ctx)
    return chart, checks


def _absent(kube, request: Request, ctx: Context) -> dict[str, Any]:
    seen = _observe.observe(kube, request)
    plan = _plan.plan_removal(request, seen)
    if not plan.actions:
        return _result(False, (), (), view.instance(seen.record), ctx)
    if ctx.check_mode:
        return _result(True, plan.actions, (), None if plan.wipe else view.instance(seen.record), ctx)
    helm = binary.find(ctx, request.helm_binary) if plan.uninstall else None
    with _held(kube, request, ctx) as lease:
        seen = _observe.observe(kube, request)
        plan = _plan.plan_removal(request, seen)
        if plan.actions:
            helm = helm or (binary.find(ctx, request.helm_binary) if plan.uninstall else None)
            _remove.remove(kube, helm, request, plan, seen, lease, ctx)
    after = None if plan.wipe else view.instance(_observe.observe(kube, request).record)
    return _result(bool(plan.actions), plan.actions, (), after, ctx)


@contextmanager
def _held(kube, request: Request, ctx: Context):
    """The instance's lease. Losing it stops the wait and the helm child too, and is told as such."""
    lease = Lease(kube, f"acmp-{request.name}", request.namespace, f"{socket.gethostname()}/{os.getpid()}", ctx, on_lost=lambda _error: ctx.stopping.set())
    with lease:
        try:
            yield lease
        except Interrupted:
            lease.check()
            raise


def _version(seen) -> tuple:
    record = seen.record["metadata"]["resourceVersion"] if seen.record else ""
    return record, tuple((head.revision, head.status) for head in seen.heads)


def _result(changed: bool, actions, changes, instance, ctx: Context, checks=()) -> dict[str, Any]:
    result = {"changed": changed, "actions": list(actions), "instance": instance}
    if ctx.diff:
        result["diff"] = [
            {"before_header": item["path"], "after_header": item["path"], "before": f"{item['before']}\n", "after": f"{item['after']}\n"} for item in changes
        ]
    if checks:
        result["checks"] = [item for item in checks if item["outcome"] != "passed"]
    return result
