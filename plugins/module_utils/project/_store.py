# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What projects read and write on the management cluster."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ..api import API_VERSION
from ..context import Context
from ..errors import AcmpError, Conflict, Forbidden, InputError, NotFound, nearest
from ..platform import setup
from ..platform.roles import INCOMING, PROJECT_LABEL, project_space
from . import _plan, _rights, credentials, records
from .records import PENDING

_RBAC = "rbac.authorization.k8s.io/v1"
_TRIES = 30
_GONE_SECONDS = 60.0
_RIGHT_SECONDS = 5.0


def get(home, name: str) -> dict | None:
    """The Project record, None where there is none."""
    try:
        return home.get(API_VERSION, "Project", name)
    except NotFound as error:
        raise setup.missing(home) from error


def unknown(home, name: str) -> InputError:
    """What to say of a project that does not exist, with the nearest names where the caller may see them."""
    try:
        known = [item["metadata"]["name"] for item in home.list(API_VERSION, "Project", metadata_only=True)]
    except Forbidden:
        known = []
    return InputError(f'There is no project "{name}"', where="project", todo=nearest(name, known) or "ask a manager for its name; acmp_project creates one")


def observe(home, name: str) -> _plan.Observed:
    """All there is of a project, in four requests."""
    space, selector = project_space(name), f"{PROJECT_LABEL}={name}"
    record = get(home, name)
    # One list instead of one for each namespace: that of the credentials, and that of uploads.
    bindings = home.list(_RBAC, "RoleBinding", label_selector=selector)
    return _plan.Observed(
        record=record, namespace=home.get("v1", "Namespace", space, metadata_only=True),
        roles=tuple(home.list(_RBAC, "Role", space, label_selector=selector)),
        bindings=tuple(item for item in bindings if item["metadata"]["namespace"] in (space, INCOMING)),
    )


def check_accounts(home, accounts: list[records.Member]) -> None:
    """Raises InputError naming the ServiceAccounts that do not exist on the management cluster."""
    if not accounts:
        return
    with ThreadPoolExecutor(max_workers=_rights.THREADS, thread_name_prefix="acmp-project") as pool:
        found = list(pool.map(lambda member: home.get("v1", "ServiceAccount", member.name, member.namespace, metadata_only=True), accounts))
    missing = [str(member) for member, account in zip(accounts, found, strict=True) if account is None]
    if missing:
        raise InputError(
            f"{' and '.join(missing)} {'does' if len(missing) == 1 else 'do'} not exist", where=f"members, on {home.server}",
            todo="create the ServiceAccount first, or correct its name and namespace")


def execute(home, name: str, plan: _plan.Plan, seen: _plan.Observed, ctx: Context) -> None:
    """Does what the plan says; the record before the rights, because a run after an interrupted one starts from it."""
    if plan.renew:
        # Once the record is written, nobody knows any more that somebody left.
        credentials.outdate(home, plan.project)
    if plan.record and seen.record is None:
        home.create(plan.record)
    elif plan.record:
        update(home, name, lambda live: _over(live, plan.record), seen.record)
    if any(obj["kind"] == "Namespace" for obj in plan.first):
        _wait_gone(home, project_space(name), seen, ctx)
    _rights.write(home, plan.first)
    if plan.first:
        _wait_right(home, project_space(name), ctx)
    _rights.write(home, plan.then)
    for obj in plan.remove:
        home.delete(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace"))


def settle(home, name: str) -> None:
    """Takes the mark off a project whose workspaces have followed its members."""
    update(home, name, lambda live: (live.get("spec") or {}, {key: value for key, value in _notes(live).items() if key != PENDING}))


def update(home, name: str, change: Callable[[dict], tuple[dict, dict]], live: dict | None = None) -> bool:
    """Writes what ``change`` makes of a record, its spec and annotations, again until nobody else wrote in between; False where nothing changes."""
    for attempt in range(_TRIES):
        live = live or get(home, name)
        if live is None:
            raise unknown(home, name)
        spec, notes = change(live)
        if (spec, notes) == (live.get("spec") or {}, _notes(live)):
            return False
        body = [
            # With the version that was read, the API server refuses the change of anything newer.
            {"op": "replace", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]},
            {"op": "add", "path": "/metadata/annotations", "value": notes}, {"op": "add", "path": "/spec", "value": spec},
        ]
        try:
            home.patch(API_VERSION, "Project", name, None, body, type="json")
            return True
        except Conflict:
            if attempt == _TRIES - 1:
                raise
            live = None
            time.sleep(0.01 * (attempt + 1))
    return False


def _over(live: dict, record: dict) -> tuple[dict, dict]:
    """The record's content over a live one; workspaces that came or went meanwhile stay as they are."""
    known = (live.get("spec") or {}).get("workspaces")
    spec = {key: value for key, value in record["spec"].items() if key != "workspaces"}
    return {**spec, "workspaces": known} if known else spec, _notes(record)


def _notes(record: dict) -> dict:
    return record["metadata"].get("annotations") or {}


def _wait_gone(home, space: str, seen: _plan.Observed, ctx: Context) -> None:
    """A namespace that is being deleted takes everything with it that is put into it."""
    if seen.namespace is None or seen.space is not None:
        return
    ctx.progress(f"waiting for the deletion of the former namespace {space}")
    end = ctx.clock() + _GONE_SECONDS
    while home.get("v1", "Namespace", space, metadata_only=True) is not None:
        if ctx.clock() > end:
            raise AcmpError(
                f"The namespace {space} is still being deleted after {_GONE_SECONDS:.0f} s", where=f"Namespace {space}",
                todo=f"look what holds it: kubectl describe namespace {space}")
        time.sleep(0.3)


def _wait_right(home, space: str, ctx: Context) -> None:
    """The keepers' right was written a moment ago, and the API server learns of it a little later."""
    end = ctx.clock() + _RIGHT_SECONDS
    while not home.can_i("create", "rbac.authorization.k8s.io", "roles", space) and ctx.clock() < end:
        time.sleep(0.05)
