# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The namespace an instance is deployed to: there already, of the right project, or to be made."""

from __future__ import annotations

from dataclasses import dataclass

from ..api import API_VERSION, GROUP
from ..context import Context
from ..errors import Forbidden, InputError, InstanceError, NotFound, nearest
from ..rights import PROJECT_LABEL
from .request import Request

_DEFAULT = "default"


@dataclass(frozen=True)
class Ground:
    """exists: whether the namespace is there. templated: where it is not, whether it is made as the project's template says."""

    exists: bool = True
    templated: bool = False


def look(place, request: Request) -> Ground:
    """Reads the namespace, and the project where that matters.

    Raises InputError where the namespace is missing and may not be created or belongs to another project, and for an unknown project;
    InstanceError while the namespace is being deleted.
    """
    live = _namespace(place.kube, request.namespace)
    if live is None and not request.create_namespace:
        raise _missing(place.kube, request)
    known = _project_known(place.home, request.project) if live is None or request.project != _DEFAULT else False
    if live is None:
        return Ground(exists=False, templated=known)
    meta = live.get("metadata", {})
    if meta.get("deletionTimestamp"):
        held = _holders(place.kube, request.namespace)
        raise InstanceError(
            f'Namespace "{request.namespace}" is being deleted{f", and is held: {held}" if held else ""}', where=request.title,
            todo="wait until it is gone, or choose another namespace")
    owner = (meta.get("labels") or {}).get(PROJECT_LABEL, request.project)
    if owner != request.project:
        raise InputError(f'Namespace "{request.namespace}" belongs to project "{owner}"', where="project", todo=f"say project: {owner}")
    return Ground()


def furnish(place, request: Request, ground: Ground, ctx: Context) -> list[str]:
    """Makes the namespace; returns the actions, in check mode without doing them. Raises Forbidden, which says who may."""
    if ground.templated:
        from ..cluster.reach import Place
        from ..workspace.workspaces import make

        _require_member(place.home, request)
        return make(Place(place.home, place.kube, place.cluster, place.record), request.project, request.namespace, ctx)
    if not ctx.check_mode:
        meta = {"name": request.namespace, "labels": {"app.kubernetes.io/part-of": "acmp"}}
        place.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    return [f"create namespace {request.namespace}"]


def _require_member(home, request: Request) -> None:
    """Raises Forbidden where the caller could make the workspace and then not deploy into it."""
    from ..project import projects

    if home.can_i("create", GROUP, "instances", request.namespace):
        return
    me = home.whoami()
    names = {("User", me.get("username")), *(("Group", group) for group in me.get("groups") or [])}
    for member in projects.find(home, request.project).members:
        known = ("User", f"system:serviceaccount:{member.namespace}:{member.name}") if member.kind == "ServiceAccount" else (member.kind, member.name)
        if member.role != "developer" and known in names:
            return
    raise Forbidden(
        f"{me.get('username') or 'The caller'} could make the namespace {request.namespace} and not deploy into it: it would belong to project "
        f"{request.project}, of which the caller is no member", where=request.title,
        todo="become a member of the project (acmp_project members), or let a member deploy")


def _holders(kube, name: str) -> str:
    from .stuck import holders

    return holders(kube.get("v1", "Namespace", name) or {})


def _namespace(kube, name: str) -> dict | None:
    """The namespace, None where it is missing, {} where the caller may not look."""
    try:
        return kube.get("v1", "Namespace", name, metadata_only=True)
    except Forbidden:
        # A missing right to look never fails a deployment; a missing namespace then does, at the first write.
        return {}


def _project_known(home, name: str) -> bool:
    """Whether the project is recorded; False where the platform was set up before there were projects. InputError for an unknown name."""
    try:
        if home.get(API_VERSION, "Project", name, metadata_only=True) is not None:
            return True
    except Forbidden:
        return True
    except NotFound:
        return False
    if name == _DEFAULT:
        return False
    from ..project.projects import find

    find(home, name)
    return True


def _missing(kube, request: Request) -> InputError:
    try:
        known = [item["metadata"]["name"] for item in kube.list("v1", "Namespace", metadata_only=True)]
    except Exception:  # a hint is not worth a second failure
        known = []
    hint = nearest(request.namespace, known)
    todo = "say create_namespace: true, or correct the name" + (f" ({hint})" if hint else "")
    return InputError(f'There is no namespace "{request.namespace}"', where=request.title, todo=todo)
