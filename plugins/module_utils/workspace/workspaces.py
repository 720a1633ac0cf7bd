# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces: namespaces with quota, limits, members and a credential, many at once (§6.2)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..cluster.reach import Place, reach
from ..context import Context
from ..errors import Forbidden, InputError
from ..platform.roles import project_space
from ..project import projects
from ..project.records import Member, Project
from ..quota import shape
from ..rights import MEMBERS_BINDING
from . import _credentials, _docker, _observe, _plan, _wanted
from ._follow import rebind, renew
from ._objects import Live, own_members, standing

__all__ = ["ensure", "info", "make", "rebind", "renew"]


@dataclass(frozen=True)
class _Work:
    """All that one run does. issue: (workspace, reason); grant: those whose readers changed; withdraw: those that shall have no credential.

    end: (workspace, Secret, uid) of tokens that nobody knows.
    """

    wanted: list[_wanted.Workspace]
    seen: _observe.Observed
    steps: list[_plan.Step]
    issue: list[tuple[str, str]]
    grant: list[str]
    withdraw: list[str]
    end: list[tuple[str, str, str]]
    enter: list[str]


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Brings the workspaces of a task to ``state`` (present, absent); unchanged ones cost twelve requests together.

    params: name with the options of one workspace, or workspaces (a list of such); project, cluster, prune, confirm, adopt, force, use_template,
    credential, credential_days, wait_timeout. Returns changed, actions, diff, ``workspaces`` and ``removed``. Raises InputError with everything that
    speaks against it at once.
    """
    if params["prune"] and params.get("workspaces") is None:
        raise InputError("prune removes what a list of workspaces does not name, and there is no list", where="prune", todo="give workspaces")
    place = reach(options, act_as, params["cluster"], ctx)
    try:
        return _ensure(place, params, ctx)
    except Forbidden:
        # Who may not even look would be told of the lesser right.
        place.kube.require("create", "", "namespaces", to="make, change or remove workspaces")
        raise


def _ensure(place: Place, params: dict, ctx: Context) -> dict[str, Any]:
    project = projects.find(place.home, params["project"])
    confirm = params.get("confirm") or []
    if params["state"] == "absent":
        return _absent(place, project, _wanted.names(params), confirm, params, ctx)
    work = _work(place, project, params, ctx)
    going = _going(place, project, work, confirm, ctx) if params["prune"] else []
    actions = [*_sentences(work, project, place.cluster), *(_removal().actions(going, project, place.cluster) if going else [])]
    expiry: dict[str, str] = {}
    if ctx.check_mode:
        _try(place, work)
    if actions and not ctx.check_mode:
        expiry = _execute(place, project, work, params["credential_days"], ctx)
        if going:
            _removal().execute(place, project, going, params["wait_timeout"], ctx)
    return {
        "changed": bool(actions),
        "actions": actions,
        "diff": [_plan.diff(step) for step in work.steps] if ctx.diff else [],
        "workspaces": [_shown(workspace.name, place.cluster, project, work, expiry) for workspace in work.wanted],
        "removed": [each.shown() for each in going if each.namespace],
    }


def info(options: dict, act_as: dict | None, query: dict, ctx: Context) -> list[dict]:
    """Workspaces with state, quota, limits, members, credential, instances and protection; eight requests for all of a cluster.

    query: name, project, cluster. What the caller may not read is None, and a warning says so.
    """
    from . import _view  # noqa: PLC0415

    return _view.of(options, act_as, query, ctx)


def make(place: Place, project: str, namespace: str, ctx: Context) -> list[str]:
    """Creates one workspace from its project's template, for a deploy that may create its namespace; returns the actions, in check mode undone.

    Raises InputError where the namespace exists and is somebody else's, Forbidden where the caller may not create workspaces.
    """
    known = projects.find(place.home, project)
    work = _work(place, known, {"name": namespace, "use_template": True, "credential": True}, ctx)
    actions = _sentences(work, known, place.cluster)
    if actions and not ctx.check_mode:
        _execute(place, known, work, _credentials.DAYS, ctx)
    return actions


def _work(place: Place, project: Project, params: dict, ctx: Context) -> _Work:
    """What has to be done for workspaces that shall be there; raises InputError with all that speaks against it."""
    template = project.template if params["use_template"] else {}
    asked = _wanted.of(params, template)
    only = asked[0].name if len(asked) == 1 and not params.get("prune") else None
    known = {namespace for cluster, namespace in project.workspaces if cluster == place.cluster}
    pull = any(item.pull_secret is not None or template.get("pullSecret") and item.name not in known for item in asked)
    seen = _observe.look(place, project, only, pull, params["credential"])
    wanted = _completed(place, project, asked, known, params, template, seen)
    for workspace in wanted:
        for value in _docker.secret_values(workspace.pull_secret or ""):
            ctx.secrets.add(value)
        for doubt in shape.check_hard(workspace.quota or {}, f"{workspace.where}.quota"):
            ctx.warn(doubt)
    faults = _plan.obstacles(wanted, project, place.cluster, seen.live, bool(params.get("adopt")))
    steps = _plan.steps(wanted, project, place.cluster, seen.live)
    if steps:
        from . import _checks  # noqa: PLC0415
        faults += _checks.accounts(place.home, wanted, steps)
        for doubt in (_checks.isolation(place.kube, place.cluster, steps), _checks.strangers(place.cluster, steps)):
            if doubt:
                ctx.warn(doubt)
        lowered = _checks.quotas(place.kube, wanted, steps, seen.live, ctx)
        if params.get("force"):
            for text in lowered:
                ctx.warn(text)
            lowered = []
        _wanted.refuse([*faults, *lowered], "correct the numbers, or say force: true to set them nevertheless" if lowered else "")
    _wanted.refuse(faults)
    issue, grant, withdraw, end = [], [], [], []
    for workspace in wanted:
        name, item = workspace.name, seen.credentials.get(workspace.name)
        end += [(name, *each) for each in _credentials.strays(name, seen, item)]
        if not params["credential"]:
            withdraw += [name] if item else []
            continue
        if reason := _credentials.reason(name, seen, item, _is_left(workspace, seen.live)):
            issue.append((name, reason))
        if item and not _credentials.granted(project, place.cluster, name, _own(workspace, seen.live), seen):
            grant.append(name)
    return _Work(wanted, seen, steps, issue, grant, withdraw, end, [item.name for item in wanted if (place.cluster, item.name) not in project.workspaces])


def _completed(
    place: Place, project: Project, asked: list[_wanted.Workspace], known: set[str], params: dict, template: dict, seen: _observe.Observed,
) -> list[_wanted.Workspace]:
    """New ones with the template, the others without. One is new until the project records it, which is done once all of it is written."""
    namespaces = {item.name: seen.live.get(("Namespace", "", item.name)) for item in asked}
    old = [name for name, live in namespaces.items() if name in known and live is not None and _plan.owner_of(live) == project.name]
    secret = None
    if any(item.name not in old and item.pull_secret is None for item in asked):
        secret = _template_secret(place.home, project, template)
    there = {name: standing(name, template, seen.live) for name in old}
    return _wanted.of(params, template, secret, there) if there or secret is not None else asked


def _is_left(workspace: _wanted.Workspace, live: Live) -> bool:
    return workspace.members is not None and bool(set(own_members(live.get(("RoleBinding", workspace.name, MEMBERS_BINDING)))) - set(workspace.members))


def _own(workspace: _wanted.Workspace, live: Live) -> tuple[Member, ...]:
    return workspace.members if workspace.members is not None else own_members(live.get(("RoleBinding", workspace.name, MEMBERS_BINDING)))


def _sentences(work: _Work, project: Project, cluster: str) -> list[str]:
    return [
        *map(str, work.steps),
        *(f"{'renew' if name in work.seen.credentials else 'issue'} the credential of {cluster}/{name}: {reason}" for name, reason in work.issue),
        *(f"change who may read the credential of {cluster}/{name}" for name in work.grant),
        *(f"withdraw the credential of {cluster}/{name}" for name in work.withdraw),
        *(f"end a token of {cluster}/{name} that is stored nowhere" for name, _secret, _uid in work.end),
        *(f"add {cluster}/{name} to Project {project.name}" for name in work.enter),
    ]


def _execute(place: Place, project: Project, work: _Work, days: float, ctx: Context) -> dict[str, str]:
    """Does it all; returns the expiry of each new credential by workspace."""
    from . import _execute as objects  # noqa: PLC0415

    place.verify()
    objects.write(place.kube, work.steps, ctx)
    if work.enter:
        projects.add_workspaces(place.home, project.name, [(place.cluster, name) for name in work.enter])
    own = {workspace.name: _own(workspace, work.seen.live) for workspace in work.wanted}
    if work.issue:
        ctx.progress(f"issuing credentials: {len(work.issue)}")

    # Before new ones take their names.
    _observe.many(lambda each: _credentials.end(place, *each), work.end)

    def issue(name: str) -> str:
        old = work.seen.credentials.get(name)
        free = _credentials.free(name, work.seen, old.bound if old else "")
        return _credentials.issue(place, project, name, days * _credentials.DAY, old, own[name], free)

    names = [name for name, _reason in work.issue]
    expiry = dict(_observe.many(issue, names))
    _observe.many(lambda name: _credentials.grant(place, project, name, own[name]), work.grant)
    _observe.many(lambda name: _credentials.withdraw(place, project, name, work.seen.credentials[name].bound), work.withdraw)
    return expiry


def _try(place: Place, work: _Work) -> None:
    """Writes namespaces for a trial: policies of the cluster keep managers from taking over some, and from some Pod Security levels."""
    tried = [step for step in work.steps if step.object["kind"] == "Namespace"]
    _observe.many(lambda step: place.kube.apply(step.object, dry_run=True), tried)


def _going(place: Place, project: Project, work: _Work, confirm: Iterable[str], ctx: Context) -> list[Any]:
    """The workspaces of this project and cluster that the list does not name, with what goes with them."""
    kept = {workspace.name for workspace in work.wanted}
    labelled_ones = {
        name for (kind, _space, name), item in work.seen.live.items()
        if kind == "Namespace" and _plan.owner_of(item) == project.name and not name.startswith(project_space(""))
    }
    recorded = {namespace for cluster, namespace in project.workspaces if cluster == place.cluster}
    going = _removal().look(place, project, sorted((labelled_ones | recorded) - kept), ctx)
    _wanted.refuse(_removal().obstacles(going, project, place.cluster, confirm, always=False), "add the names to confirm, or the workspaces to the list")
    return going


def _absent(place: Place, project: Project, names: list[str], confirm: list[str], params: dict, ctx: Context) -> dict[str, Any]:
    going = _removal().look(place, project, names, ctx)
    _wanted.refuse(_removal().obstacles(going, project, place.cluster, confirm, always=True), "say confirm with the name of each workspace that shall go")
    actions = _removal().actions(going, project, place.cluster)
    if not ctx.check_mode and (actions or any(each.namespace for each in going)):
        place.verify()
        _removal().execute(place, project, going, params["wait_timeout"], ctx)
    there = [each for each in going if each.namespace]
    return {
        "changed": bool(actions), "actions": actions, "workspaces": [], "removed": [each.shown() for each in there],
        "diff": [{"before_header": f"Namespace {each.name}", "after_header": f"Namespace {each.name}", "before": each.shown(), "after": ""} for each in there]
        if ctx.diff else [],
    }


def _removal() -> Any:
    # Most runs remove nothing.
    from . import _remove  # noqa: PLC0415

    return _remove


def _template_secret(home: Any, project: Project, template: dict) -> str | None:
    """The docker configuration that a template names, a Secret in the project's namespace; None where it names none."""
    name = template.get("pullSecret")
    if not name:
        return None
    where = f"Secret {project_space(project.name)}/{name}, pull_secret of the template"
    secret = home.get("v1", "Secret", name, project_space(project.name))
    if secret is None:
        raise InputError(f"The pull secret {name} of project {project.name} does not exist", where=where, todo="create it, or take it out of the template")
    return _docker.config(where, base64.b64decode((secret.get("data") or {}).get(_docker.KEY) or "").decode("utf-8", "replace") or "{}")


def _shown(name: str, cluster: str, project: Project, work: _Work, expiry: dict[str, str]) -> dict[str, Any]:
    item = work.seen.credentials.get(name)
    mine = [step for step in work.steps if name in (step.object["metadata"].get("namespace"), step.object["metadata"]["name"])]
    touched = bool(mine) or name in {*(each for each, *_more in (*work.issue, *work.end)), *work.grant, *work.withdraw, *work.enter}
    expires = expiry.get(name) or (item.expires_at if item and name not in work.withdraw else "")
    return {"name": name, "cluster": cluster, "project": project.name, "changed": touched, "credential_expires_at": expires}
