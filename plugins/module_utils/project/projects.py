# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Projects: who may use what (§5.2, DESIGN sections 4 and 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

from ..api import API_VERSION, GROUP
from ..context import Context
from ..errors import Forbidden, NotFound
from ..kube import kubeconfigs
from ..kube.connect import connect
from ..kube.objects import label
from ..platform import setup
from . import _plan, _rights, _store, checks, credentials, records
from .records import Project

# (home, options, act_as, project, ctx, renew all credentials) -> actions, and {"cluster", "namespace", "reason"} of what could not be reached.
Rebind = Callable[[Any, dict, "dict | None", Project, Context, bool], "tuple[list[str], list[dict]]"]


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context, rebind: Rebind) -> dict[str, Any]:
    """Brings a project to ``state`` (present, absent).

    params: name, display_name, description, members, template (None keeps what is recorded), state, confirm. rebind brings the members' bindings in
    every workspace of a project to its members, and renews credentials, in check mode without doing it.
    Returns changed, actions, diff, ``project`` and ``outdated_workspaces``. Raises InputError, KubeError.
    """
    wanted = _wanted(params, ctx)
    home = connect(options, ctx, act_as)
    try:
        seen = _store.observe(home, wanted.name)
    except Forbidden:
        # Who may not even look would be told of the lesser right.
        home.require("patch", GROUP, "projects", to="make, change or remove projects")
        raise
    if params["state"] == "absent":
        plan = _plan.absent(wanted.name, params.get("confirm"), seen)
    else:
        plan = _plan.present(wanted, seen)
        _store.check_accounts(home, _plan.new_accounts(wanted, seen.record))
    if plan.actions and not ctx.check_mode:
        ctx.progress(f"project {wanted.name}: {len(plan.actions)} changes")
        _store.execute(home, wanted.name, plan, seen, ctx)
    bound, outdated = _follow(home, options, act_as, plan, ctx, rebind)
    after = None if plan.project is None else {**records.shown(plan.record or seen.record or {}), "members_pending": bool(outdated)}
    return {
        "changed": bool(plan.actions or bound),
        "actions": [*plan.actions, *bound],
        "diff": _diff(plan, seen, after) if ctx.diff else [],
        "project": after,
        "outdated_workspaces": outdated,
    }


def info(options: dict, act_as: dict | None, name: str | None, ctx: Context) -> list[dict]:
    """One project, or all of them; each as ``records.shown()`` plus created_at, and the credential of each workspace with its expiry.

    With a name ``get`` is enough: members see their project that way. An unknown one is an empty list.
    """
    home = connect(options, ctx, act_as)
    try:
        found = [home.get(API_VERSION, "Project", name)] if name else home.list(API_VERSION, "Project")
    except NotFound as error:
        raise setup.missing(home) from error
    except Forbidden as error:
        if name:
            raise
        raise Forbidden(
            f"Only managers see all projects. {error.what}", where=error.where, todo=f"give the name of your project; or {error.todo}",
            details=error.details) from None
    moment = datetime.now(timezone.utc)
    with ThreadPoolExecutor(max_workers=_rights.THREADS, thread_name_prefix="acmp-project") as pool:
        return list(pool.map(lambda record: _described(home, record, moment), sorted(filter(None, found), key=lambda item: item["metadata"]["name"])))


def find(home, name: str) -> Project:
    """The project of this name; InputError with the nearest names where there is none."""
    record = _store.get(home, name)
    if record is None:
        raise _store.unknown(home, name)
    return records.of(record)


def add_workspaces(home, name: str, places: Iterable[tuple[str, str]]) -> bool:
    """Records workspaces, (cluster, namespace) each, as the project's; one write for all of them, none when they are known. True if it wrote."""
    places = list(dict.fromkeys(places))
    return _set_workspaces(home, name, lambda known: [*known, *(place for place in places if place not in known)])


def drop_workspaces(home, name: str, places: Iterable[tuple[str, str]]) -> bool:
    """Takes workspaces off the project's record, likewise."""
    gone = set(places)
    return _set_workspaces(home, name, lambda known: [place for place in known if place not in gone])


def _set_workspaces(home, name: str, change: Callable[[list], list]) -> bool:
    def changed(live: dict) -> tuple[dict, dict]:
        spec, known = live.get("spec") or {}, list(records.of(live).workspaces)
        places = change(known)
        if places != known:
            spec = {**spec, "workspaces": [{"cluster": cluster, "namespace": namespace} for cluster, namespace in places]}
        return spec, live["metadata"].get("annotations") or {}

    return _store.update(home, name, changed)


def _wanted(params: dict, ctx: Context) -> _plan.Wanted:
    checks.check_name(params["name"])
    members, given = params.get("members"), params.get("template")
    template = None if given is None else checks.template(given)
    for doubt in checks.doubts(template or {}):
        ctx.warn(doubt)
    return _plan.Wanted(
        name=params["name"], display_name=params.get("display_name"), description=params.get("description"),
        members=None if members is None else checks.members(members), template=template,
    )


def _follow(home, options: dict, act_as: dict | None, plan: _plan.Plan, ctx: Context, rebind: Rebind) -> tuple[list[str], list[dict]]:
    """Brings the bindings in the workspaces to the members; what could not be reached is tried again with the next run."""
    if not plan.rebind:
        return [], []
    actions, outdated = rebind(home, options, act_as, plan.project, ctx, plan.renew)
    for item in outdated:
        ctx.warn(f"The members of workspace {item['cluster']}/{item['namespace']} are not up to date: {item['reason']}. Run the same task again later.")
    if outdated:
        return actions, outdated
    if not ctx.check_mode:
        _store.settle(home, plan.project.name)
    # Taking off the mark of an earlier run is a change, also where it is the only one.
    return actions or ([] if plan.record else [f"change Project {plan.project.name}"]), []


def _diff(plan: _plan.Plan, seen: _plan.Observed, after: dict | None) -> list[dict]:
    before = records.shown(seen.record) if seen.record else None
    live = {label(obj): obj for obj in (*seen.roles, *seen.bindings)}
    pairs = [(label(obj), _granted(live.get(label(obj))), _granted(obj)) for obj in (*plan.first, *plan.then)]
    pairs += [(label(obj), _granted(obj), "") for obj in plan.remove if obj["kind"] != "Project"]
    if before != after:
        pairs.insert(0, (f"Project {(after or before or {})['name']}", before or "", after or ""))
    return [{"before_header": title, "after_header": title, "before": old, "after": new} for title, old, new in pairs]


def _granted(obj: dict | None) -> Any:
    if obj is None:
        return ""
    return {key: obj[key] for key in ("rules", "roleRef", "subjects") if key in obj} or {"labels": obj["metadata"].get("labels") or {}}


def _described(home, record: dict, moment: datetime) -> dict[str, Any]:
    shown, known = records.shown(record), _credentials(home, records.of(record))
    for item in shown["workspaces"]:
        found = known.get((item["cluster"], item["namespace"]))
        left = kubeconfigs.days_left(found.expires_at, moment) if found else None
        item["credential"] = found and {
            "issued_at": found.issued_at, "expires_at": found.expires_at, "days_left": None if left is None else round(left, 2),
        }
    return {**shown, "created_at": record["metadata"].get("creationTimestamp", "")}


def _credentials(home, project: Project) -> dict[tuple[str, str], credentials.Listed]:
    """What the caller may see of the credentials: managers list them, members get them one by one, nobody else sees them."""
    if not project.workspaces:
        return {}
    try:
        return {(item.cluster, item.namespace): item for item in credentials.listed(home, project)}
    except Forbidden:
        pass

    def one(place: tuple[str, str]) -> credentials.Listed | None:
        try:
            return credentials.look(home, project, *place)
        except Forbidden:
            return None

    with ThreadPoolExecutor(max_workers=_rights.THREADS, thread_name_prefix="acmp-project") as pool:
        return {place: found for place, found in zip(project.workspaces, pool.map(one, project.workspaces), strict=True) if found}
