# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registered clusters: register, change, renew, remove, look at (§6.1)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ..api import API_VERSION, GROUP
from ..clock import now
from ..context import Context
from ..errors import AcmpError, Forbidden, InputError, NotFound, PreflightError
from ..kube import kubeconfigs, service_account
from ..kube.client import Kube
from ..kube.connect import connect
from ..platform import roles, setup
from ..side import within
from . import _checks, _credential, _issue, _look, _plan, _record, _remove, _view, reach

_SIDE_BY_SIDE = 64
_EXAMINE_SECONDS = 30.0


@dataclass(frozen=True)
class _Step:
    """A change and what does it, in this order; do returns what Cluster.status says of a new credential, else None."""

    action: str
    do: Callable[[], dict | None]


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Brings one cluster to ``state`` (present, absent).

    params: as the options of acmp_cluster; a connection (cluster_kubeconfig, cluster_secret, cluster_host) registers the cluster, or checks and repairs
    what was registered. Returns changed, actions, diff and ``cluster`` (None when it is gone). Raises AcmpError of every kind.
    """
    request = _plan.from_params(params)
    home = connect(options, ctx, act_as)
    try:
        return _ensure(home, request, params, ctx)
    except Forbidden:
        # Who may not even look would be told of the lesser right.
        home.require("patch", GROUP, "clusters", to="register, change or remove clusters")
        raise


def _ensure(home: Kube, request: _plan.Request, params: dict, ctx: Context) -> dict[str, Any]:
    records = _records(home)
    record = next((item for item in records if item["metadata"]["name"] == request.name), None)
    config = _credential.given(home, params, ctx)
    if request.state == "absent":
        return _remove.remove(home, request, record, config, ctx)
    before = record.get("spec") or {} if record else None
    if before is None and config is None:
        raise _unknown(home, request, records)
    steps, target = [], None
    if config is not None:
        steps, target = _register(home, request, before, records, config, ctx)
    elif before is not None and request.name != setup.LOCAL:
        steps = _renewal(home, request, record, ctx)
    who = home.whoami().get("username", "") if before is None and not ctx.check_mode else ""
    spec = _plan.spec(request, before, target, now(), who)
    action = _plan.record_action(request, before, spec)
    if action:
        steps.append(_Step(action, lambda: _write(home, request.name, spec)))
    actions = [step.action for step in steps]
    if steps and not ctx.check_mode:
        record = _execute(home, request.name, steps, ctx, look=config is not None)
    after = {"metadata": (record or {}).get("metadata") or {"name": request.name}, "spec": spec, "status": (record or {}).get("status") or {}}
    result = {"changed": bool(actions), "actions": actions, "cluster": _view.shown(after, None, _moment())}
    if ctx.diff:
        title = f"Cluster {request.name}"
        result["diff"] = [{"before_header": title, "after_header": title, "before": before or "", "after": spec}] if action else []
    return result


def table(shown: list[dict[str, Any]]) -> list[str]:
    """What info() returns as lines of a table."""
    return _view.table(shown)


def info(options: dict, act_as: dict | None, query: dict, ctx: Context) -> list[dict[str, Any]]:
    """The registered clusters, or the one that query.name says, measured side by side; nothing is written.

    query: name, live (False: as recorded), warn_days. One that is down is shown so within three seconds, with what was known of it last; whoever may not
    reach a cluster sees what is recorded. Each is _view.shown(); an unknown name is an empty list.
    """
    home = connect(options, ctx, act_as)
    records = [item for item in _records(home) if query.get("name") in (None, "", item["metadata"]["name"])]
    warn_days = _view.WARN_DAYS if query.get("warn_days") is None else float(query["warn_days"])

    def one(record: dict) -> dict[str, Any]:
        found = _measured(home, record, ctx, lambda: connect(options, ctx, act_as, _look.CONNECT_SECONDS)) if query.get("live", True) else None
        return _view.shown(record, found, _moment(), warn_days)

    with ThreadPoolExecutor(max_workers=min(_SIDE_BY_SIDE, len(records) or 1), thread_name_prefix="acmp-clusters") as pool:
        shown = list(pool.map(one, records))
    for item in shown:
        if item["credential"]["warning"]:
            ctx.warn(f"The credential of cluster {item['name']} {item['credential']['warning']}.")
    return sorted(shown, key=lambda item: (item["name"] != setup.LOCAL, item["name"]))


def last_names(home: Kube, record: dict[str, Any]) -> list[str]:
    """NAMESPACE/NAME of the instances that were known of a cluster when it was measured last; raises Forbidden for who is no manager."""
    return _record.last_names(home, record)


def refresh(home: Kube, record: dict, ctx: Context) -> dict[str, Any]:
    """Measures a cluster and writes that into the status of its record; returns the status. Of one that is down only phase and message change."""
    found = _measured(home, record, ctx, lambda: home)
    if found and record["metadata"]["name"] == setup.LOCAL:
        # How whoever measures got there is nobody else's credential.
        found.pop("credential", None)
    if found and not ctx.check_mode:
        _record.write_status(home, record, found)
    return {**(record.get("status") or {}), **(found or {})}


def renew(home: Kube, record: dict, ctx: Context) -> str | None:
    """Exchanges the stored credential of a cluster when it is time; returns the action, None when nothing was to do.

    A service account's token is renewed when less than a third of its life is left; a given credential that ends within 14 days becomes a service account's
    where it has the rights for that, else a warning says which it lacks. Raises ConnectionFailed, Unauthorized where it has ended already.
    """
    name, spec = record["metadata"]["name"], record.get("spec") or {}
    if name == setup.LOCAL:
        return None
    kept = _issue.kept(home, name)
    ends = kubeconfigs.expiry(kept.config) if kept else kubeconfigs.Expiry("none")
    request = _plan.Request(name=name)
    if _plan.kind_of(request, spec) == _plan.SERVICE_ACCOUNT:
        steps = _renewal(home, replace(request, rotate=True), record, ctx) if service_account.due(ends.issued_at, ends.expires_at) else []
    else:
        left = kubeconfigs.days_left(ends.expires_at)
        if left is None or left >= _view.WARN_DAYS:
            return None
        try:
            steps = _renewal(home, replace(request, kind=_plan.SERVICE_ACCOUNT), record, ctx)
        except (PreflightError, Forbidden) as error:
            ctx.warn(f"The credential of cluster {name} ends {_view.span(left)} and cannot be exchanged for a service account's: {error.what}.")
            return None
        after = _plan.spec(replace(request, kind=_plan.SERVICE_ACCOUNT), spec, None, now(), "")
        steps.append(_Step("", lambda: _write(home, name, after)))
    if not steps:
        return None
    if not ctx.check_mode:
        _execute(home, name, steps, ctx, look=False)
    return next(step.action for step in steps if "credential" in step.action)


def _records(home: Kube) -> list[dict]:
    try:
        return home.list(API_VERSION, "Cluster")
    except NotFound as error:
        raise setup.missing(home) from error


def _unknown(home: Kube, request: _plan.Request, records: list[dict]) -> AcmpError:
    if request.name == setup.LOCAL:
        return setup.missing(home)
    known = ", ".join(sorted(item["metadata"]["name"] for item in records))
    return InputError(
        f"There is no cluster {request.name} yet, and nothing says how to reach it (known: {known})", where="cluster_kubeconfig",
        todo="give cluster_kubeconfig, cluster_secret, or cluster_host and cluster_token")


def _register(home: Kube, request: _plan.Request, before: dict | None, records: list[dict], config: dict, ctx: Context) -> tuple[list[_Step], _plan.Target]:
    """The steps that make the cluster behind a given kubeconfig the registered one; everything is checked here, nothing written."""
    others = [item["metadata"]["name"] for item in records if item["metadata"]["name"] not in (request.name, setup.LOCAL)]
    if before is None and others and setup.single_cluster(home):
        raise InputError(
            f"The platform is kept to one cluster, and {', '.join(sorted(others))} is registered", where=request.name,
            todo="remove that one first, or run acmp_setup with single_cluster: false")
    kube = _checks.opened(config, ctx)
    target = _plan.Target(kube.identity(), kube.server)
    _checks.identity(request.name, target.uid, home, records)
    _plan.check_target(request, before, target)
    account = _plan.kind_of(request, before) == _plan.SERVICE_ACCOUNT

    def examined() -> list[_Step]:
        return _installing(kube, request.name, ctx) if _checks.check(kube, request.name, account, ctx) else []

    # Some two hundred requests, of which each may take long and yet be answered.
    steps = within(_EXAMINE_SECONDS, examined, kube.server, f"examine the cluster {request.name}")
    if before and before.get("uid") != target.uid:
        ctx.warn(f"Another cluster takes the place of {request.name}; what ran on the old one is not on it.")
    kept = _issue.kept(home, request.name)
    same = before is not None and (before.get("uid"), before.get("server")) == (target.uid, target.server)
    was_account = ((before or {}).get("credential") or {}).get("kind") == _plan.SERVICE_ACCOUNT
    if not account:
        left = kubeconfigs.days_left(kubeconfigs.expiry(config).expires_at)
        if left is not None and left < _view.WARN_DAYS:
            ctx.warn(f"The credential given for cluster {request.name} ends {_view.span(left)}.")
        if kept is None or kept.config != config:
            steps.append(_Step(f"store the given credential of cluster {request.name}", lambda: _issue.keep_given(home, kube, request.name, config, ctx)))
    elif kept is None or not same or not was_account or request.rotate or _is_new(steps) or not _issue.works(kept.config, ctx):
        steps.append(_exchange(home, kube, request, before, "renew" if kept and same and was_account else "make", ctx))
    return steps, target


def _renewal(home: Kube, request: _plan.Request, record: dict, ctx: Context) -> list[_Step]:
    """The steps of a renewal through the stored credential itself."""
    before = record.get("spec") or {}
    was_account = (before.get("credential") or {}).get("kind") == _plan.SERVICE_ACCOUNT
    if _plan.kind_of(request, before) == _plan.GIVEN:
        if request.rotate or was_account:
            raise InputError(
                f"Only somebody who has one can give a new credential of cluster {request.name}", where="cluster_kubeconfig",
                todo="give cluster_kubeconfig, or credential: service_account")
        return []
    if was_account and not request.rotate:
        return []
    place = reach.of_record(home, record, ctx)
    place.verify()
    if was_account:
        return [_exchange(home, place.kube, request, before, "renew", ctx)]
    _checks.check(place.kube, request.name, True, ctx)
    return [*_installing(place.kube, request.name, ctx), _exchange(home, place.kube, request, before, "make", ctx)]


def _installing(kube: Kube, name: str, ctx: Context) -> list[_Step]:
    """What is missing there of the platform's objects: one step that does it all, and its actions."""
    planned = setup.install_workload(kube, replace(ctx, check_mode=True))
    steps = [_Step(f"{action} on cluster {name}", lambda: None) for action in planned]
    if steps:
        steps[0] = replace(steps[0], do=lambda: setup.install_workload(kube, ctx) and None)
    return steps


def _is_new(steps: list[_Step]) -> bool:
    """Whether the service account is made anew: its tokens are dead then, although the API server may remember them for a moment."""
    return any(step.action.startswith(f"create ServiceAccount {roles.SYSTEM}/{roles.CLUSTER_ACCOUNT} ") for step in steps)


def _exchange(home: Kube, kube: Kube, request: _plan.Request, before: dict | None, verb: str, ctx: Context) -> _Step:
    seconds = _plan.seconds_of(request, before)
    return _Step(
        f"{verb} the credential of cluster {request.name} ({_view.length(seconds)})",
        lambda: {**_issue.exchange(home, kube, request.name, seconds, ctx), "rotatedAt": now()})


def _execute(home: Kube, name: str, steps: list[_Step], ctx: Context, look: bool) -> dict:
    """Does the steps, writes the status (measured, with look), and returns the record as it is then."""
    credential: dict = {}
    for step in steps:
        if step.action:
            ctx.progress(step.action)
        credential |= step.do() or {}
    record = reach.find(home, name)
    found = (_measured(home, record, ctx, lambda: home) or {}) if look else {}
    if credential:
        found["credential"] = {**found.get("credential", {}), **credential}
    if found:
        _record.write_status(home, record, found)
    return {**record, "status": {**(record.get("status") or {}), **found}}


def _write(home: Kube, name: str, spec: dict) -> None:
    home.apply({"apiVersion": API_VERSION, "kind": "Cluster", "metadata": {"name": name}, "spec": spec})


def _measured(home: Kube, record: dict, ctx: Context, to_local: Callable[[], Kube]) -> dict[str, Any] | None:
    """The status of a cluster as it is now; None where the caller may not look."""
    name, spec = record["metadata"]["name"], record.get("spec") or {}
    local = name == setup.LOCAL

    def opened() -> reach.Place:
        if local:
            return reach.Place(home, to_local(), name, record)
        return reach.Place(home, reach.opened(config, name, ctx, _look.CONNECT_SECONDS), name, record)

    try:
        config = None if local else reach.stored(home, name)
        return _look.status(opened, spec.get("server") or home.server, local)
    except Forbidden:
        return None
    except AcmpError as error:
        return {"phase": "Refused", "message": error.what}


def _moment() -> datetime:
    return datetime.now(timezone.utc)
