# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workspaces that follow: their members when those of the project change, their credentials when time goes by."""

from __future__ import annotations

from typing import Any

from ..cluster.reach import Place, reach
from ..context import Context
from ..errors import AcmpError, NotFound
from ..project import credentials, projects
from ..project.records import Project
from ..rights import MEMBERS_BINDING, PROJECT_LABEL, RBAC
from . import _credentials, _observe, _plan
from ._objects import binding, labelled, own_members
from ._wanted import reserved

_STRANGE = "the namespace is gone, or is not this project's (acmp_workspace with state: absent takes it off the project)"


def renew(home: Any, place: Place, item: credentials.Listed, ctx: Context) -> str | None:
    """Replaces a workspace's credential of whose life less than a third is left; the action, None where nothing is due."""
    from ..kube import kubeconfigs, service_account  # noqa: PLC0415

    if not service_account.due(item.issued_at, item.expires_at):
        return None
    # Somebody else may have renewed it since the list was made, and two at once would end each other's.
    item = credentials.look(home, item.project, item.cluster, item.namespace) or item
    if not service_account.due(item.issued_at, item.expires_at):
        return None
    issued, ends = kubeconfigs.moment(item.issued_at), kubeconfigs.moment(item.expires_at)
    seconds = (ends - issued).total_seconds() if issued and ends else _credentials.DAYS * _credentials.DAY
    if not ctx.check_mode:
        place.verify()
        _credentials.issue(place, projects.find(home, item.project), item.namespace, seconds, item)
    return f"renew the credential of {item.cluster}/{item.namespace}"


def rebind(
    home: Any, options: dict, act_as: dict | None, project: Project, ctx: Context, renew_all: bool = False,
) -> tuple[list[str], list[dict]]:
    """Brings those who may use a project's workspaces to its members: one list for each cluster, one write for each binding that differs.

    Credentials that are due are renewed too; all of them with renew_all, because somebody who left may have kept one. Nothing is done in a namespace that
    does not carry the project's label: who writes the record need not have the caller's rights there.
    Returns the actions, and {"cluster", "namespace", "reason"} of each workspace that could not be reached; check mode only predicts.
    """
    actions: list[str] = []
    outdated: list[dict] = []
    kept = credentials.listed(home, project)
    for cluster in sorted({cluster for cluster, _namespace in project.workspaces}):
        names = [namespace for each, namespace in project.workspaces if each == cluster]
        try:
            place = reach(options, act_as, cluster, ctx)
            labelled_ones = place.kube.list("v1", "Namespace", label_selector=f"{PROJECT_LABEL}={project.name}", metadata_only=True)
            own = {name for item in labelled_ones if not reserved(name := item["metadata"]["name"])}
            live = {item["metadata"]["namespace"]: item for item in _observe.named(place.kube, f"{RBAC}/v1", "RoleBinding", MEMBERS_BINDING)}
            steps = [step for name in names if name in own and (step := _binding_step(project, cluster, name, live.get(name)))]
            if steps and not ctx.check_mode:
                place.verify()
            results = _observe.many(lambda step, kube=place.kube: _applied(kube, step, ctx), steps)
            due = [item for item in kept if item.cluster == cluster and item.namespace in own and (renew_all or _is_due(item))]
            renewed = _observe.many(lambda item, place=place: _renewed(home, place, item, ctx), due)
        except AcmpError as error:
            outdated += [{"cluster": cluster, "namespace": name, "reason": error.what} for name in names]
            continue
        outdated += [{"cluster": cluster, "namespace": name, "reason": _STRANGE} for name in names if name not in own]
        actions += [str(step) for step, refusal in results if refusal is None]
        outdated += [
            {"cluster": cluster, "namespace": step.object["metadata"]["namespace"], "reason": refusal}
            for step, refusal in results if refusal is not None
        ]
        actions += [f"renew the credential of {item.cluster}/{item.namespace}" for item, refusal in renewed if refusal is None]
        outdated += [{"cluster": item.cluster, "namespace": item.namespace, "reason": refusal} for item, refusal in renewed if refusal is not None]
    return actions, outdated


def _is_due(item: credentials.Listed) -> bool:
    from ..kube import service_account  # noqa: PLC0415

    return service_account.due(item.issued_at, item.expires_at)


def _renewed(home: Any, place: Place, item: credentials.Listed, ctx: Context) -> str | None:
    """Why a credential could not be renewed, None when it was."""
    try:
        # In check mode it may not be marked as due yet.
        if not ctx.check_mode:
            renew(home, place, item, ctx)
    except AcmpError as error:
        return f"its credential could not be renewed: {error.what}"
    return None


def _binding_step(project: Project, cluster: str, name: str, live: dict | None) -> _plan.Step | None:
    obj = labelled(binding(name, project.members, own_members(live), cluster), project.name)
    if live is None:
        return _plan.Step("create", obj)
    return _plan.Step("change", obj, live) if _plan.differs(live, obj) else None


def _applied(kube: Any, step: _plan.Step, ctx: Context) -> str | None:
    """Why a binding could not be written, None when it was."""
    try:
        kube.apply(step.object, dry_run=ctx.check_mode)
    except NotFound:
        return _STRANGE
    except AcmpError as error:
        return error.what
    return None
