# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what brings a project from what is there to what was asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..api import API_VERSION
from ..errors import InputError
from ..kube.objects import label
from ..platform.roles import INCOMING, PROJECT_LABEL, project_objects, project_space
from ..platform.setup import DEFAULT_PROJECT
from . import credentials, records
from .records import PENDING, Member, Project

_RBAC = "rbac.authorization.k8s.io"
_MANAGERS = "acmp-project-managers"


@dataclass(frozen=True)
class Wanted:
    """None, or empty for ``members`` and ``template`` only where somebody said so: what was not given stays as it is."""

    name: str
    display_name: str | None = None
    description: str | None = None
    members: tuple[Member, ...] | None = None
    template: dict[str, Any] | None = None


@dataclass(frozen=True)
class Observed:
    """The record, the project's namespace, and the Roles and RoleBindings that carry the project's label in it and in acmp-incoming."""

    record: dict | None = None
    namespace: dict | None = None
    roles: tuple[dict, ...] = ()
    bindings: tuple[dict, ...] = ()

    @property
    def space(self) -> dict | None:
        """The namespace, None also while it is being deleted."""
        return None if self.namespace is None or self.namespace["metadata"].get("deletionTimestamp") else self.namespace


@dataclass(frozen=True)
class Plan:
    """record: the Project as it has to be written, None where it is right. project: what it will be, None for absent.

    first: namespace and keepers, then: what needs them, remove: what nobody needs any more. rebind: the workspaces' bindings have to follow the members.
    renew: somebody left, who may have kept the workspaces' credentials.
    """

    project: Project | None
    record: dict | None = None
    first: tuple[dict, ...] = ()
    then: tuple[dict, ...] = ()
    remove: tuple[dict, ...] = ()
    rebind: bool = False
    renew: bool = False
    actions: tuple[str, ...] = ()


def present(wanted: Wanted, seen: Observed) -> Plan:
    """What has to be written for a project as wanted. Raises InputError where its namespace is somebody else's."""
    _check_space(wanted.name, seen)
    record = _record(wanted, seen.record)
    project = records.of(record)
    live = {_key(obj): obj for obj in (*seen.roles, *seen.bindings, *([seen.space] if seen.space else []))}
    stale = [obj for obj in (*_objects(project), *_credentials(project, seen)) if not _same(live.get(_key(obj)), obj)]
    base = {_key(obj) for obj in project_objects(wanted.name)}
    kept = {_key(obj) for obj in _objects(project)}
    remove = tuple(obj for key, obj in live.items() if key in _optional(wanted.name) and key not in kept)
    write = None if seen.record and _content(seen.record) == _content(record) else record
    return Plan(
        project=project, record=write, remove=remove, rebind=PENDING in (record["metadata"].get("annotations") or {}),
        renew=bool(seen.record and project.workspaces and _people(seen.record) - _people(record)),
        first=tuple(obj for obj in stale if _key(obj) in base), then=tuple(obj for obj in stale if _key(obj) not in base),
        actions=(
            *([f"{'change' if seen.record else 'create'} {label(record)}"] if write else []),
            *(f"{'change' if _key(obj) in live else 'create'} {label(obj)}" for obj in stale), *(f"remove {label(obj)}" for obj in remove),
        ),
    )


def absent(name: str, confirm: str | None, seen: Observed) -> Plan:
    """What has to go with a project. Raises InputError for the default project, for one with workspaces, and without its name as confirmation."""
    if name == DEFAULT_PROJECT:
        raise InputError(f'The project "{name}" always exists', where="name", todo="empty it instead: members: []")
    gone = [obj for obj in seen.bindings if _key(obj) == _key(_developers(Project(name)))]
    if seen.space and _is_ours(name, seen.space):
        gone.append(seen.space)
    if seen.record:
        _check_empty(records.of(seen.record))
        gone.insert(0, seen.record)
    if gone and confirm != name:
        raise InputError(
            f'Removing the project "{name}" removes {", ".join(label(obj) for obj in gone)}, with every Secret in its namespace',
            where=f"Project {name}", todo=f"say confirm: {name}")
    return Plan(project=None, remove=tuple(gone), actions=tuple(f"remove {label(obj)}" for obj in gone))


def new_accounts(wanted: Wanted, record: dict | None) -> list[Member]:
    """The ServiceAccounts that become members only now: whether they exist is asked once."""
    known = {str(member) for member in records.of(record).members} if record else set()
    return [member for member in wanted.members or () if member.kind == "ServiceAccount" and str(member) not in known]


def _check_space(name: str, seen: Observed) -> None:
    if seen.space and not _is_ours(name, seen.space):
        raise InputError(
            f"The namespace {project_space(name)} exists and is not known as that of the project {name}", where=f"Namespace {project_space(name)}",
            todo=f"choose another name for the project; or remove the namespace; or, if nobody else can read it, label it {PROJECT_LABEL}={name}")


def _is_ours(name: str, space: dict) -> bool:
    return (space["metadata"].get("labels") or {}).get(PROJECT_LABEL) == name


def _check_empty(project: Project) -> None:
    if project.workspaces:
        names = [f"{cluster}/{namespace}" for cluster, namespace in project.workspaces]
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        raise InputError(
            f'The project "{project.name}" still has {len(names)} workspaces: {", ".join(names[:10])}{more}', where=f"Project {project.name}",
            todo="remove them first: acmp_workspace with state: absent")


def _record(wanted: Wanted, before: dict | None) -> dict:
    """The Project as it shall be; workspaces are the business of acmp_workspace and stay."""
    spec = dict((before or {}).get("spec") or {})
    given: dict[str, Any] = {"displayName": wanted.display_name, "description": wanted.description, "template": wanted.template}
    # In another order they are the same members.
    if wanted.members is not None and (before is None or set(wanted.members) != set(records.of(before).members)):
        given["members"] = [records.member_spec(member) for member in wanted.members]
    for key, value in given.items():
        if value:
            spec[key] = value
        elif value is not None:
            spec.pop(key, None)
    meta = {"name": wanted.name}
    record = {"apiVersion": API_VERSION, "kind": "Project", "metadata": meta, "spec": spec}
    notes = dict(((before or {}).get("metadata") or {}).get("annotations") or {})
    if before and _people(before) != _people(record) and records.of(before).workspaces:
        notes[PENDING] = "true"
    if notes:
        meta["annotations"] = notes
    return record


def _people(record: dict) -> set:
    return _set(records.subjects(records.of(record).members))


def _content(record: dict) -> tuple:
    return record.get("spec") or {}, (record["metadata"].get("annotations") or {}).get(PENDING)


def _objects(project: Project) -> list[dict]:
    """What belongs to a project beside its record and credentials."""
    found = project_objects(project.name)
    if records.subjects(project.members, "manager"):
        found += _managers(project)
    if records.subjects(project.members, "developer"):
        found.append(_developers(project))
    return found


def _optional(name: str) -> set:
    return {_key(obj) for obj in (*_managers(Project(name)), _developers(Project(name)))}


def _credentials(project: Project, seen: Observed) -> list[dict]:
    """Who may read the credential of each workspace, also of one that is being made or removed right now."""
    living = {credentials.workspace_of(obj) for obj in seen.bindings} - {None}
    places = [*project.workspaces, *sorted(living - set(project.workspaces))]
    return [obj for cluster, namespace in places for obj in credentials.objects(project, cluster, namespace)]


def _managers(project: Project) -> list[dict]:
    """A project's managers see all of its credentials; its consumers get each by its name."""
    meta = _meta(_MANAGERS, project_space(project.name), project.name)
    rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]}
    return [
        {"apiVersion": f"{_RBAC}/v1", "kind": "Role", "metadata": meta, "rules": [rule]},
        _binding(meta, "Role", _MANAGERS, records.subjects(project.members, "manager")),
    ]


def _developers(project: Project) -> dict:
    meta = _meta(f"{project_space(project.name)}-developers", INCOMING, project.name)
    return _binding(meta, "ClusterRole", "acmp-developer", records.subjects(project.members, "developer"))


def _meta(name: str, namespace: str, project: str) -> dict:
    return {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "acmp", PROJECT_LABEL: project}}


def _binding(meta: dict, kind: str, role: str, subjects: list[dict]) -> dict:
    return {
        "apiVersion": f"{_RBAC}/v1", "kind": "RoleBinding", "metadata": meta,
        "roleRef": {"apiGroup": _RBAC, "kind": kind, "name": role}, "subjects": subjects,
    }


def _key(obj: dict) -> tuple:
    return obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]


def _same(live: dict | None, wanted: dict) -> bool:
    if live is None:
        return False
    labels = live["metadata"].get("labels") or {}
    return (
        all(labels.get(key) == value for key, value in wanted["metadata"]["labels"].items())
        and live.get("rules") == wanted.get("rules") and live.get("roleRef") == wanted.get("roleRef")
        and _set(live.get("subjects") or []) == _set(wanted.get("subjects") or [])
    )


def _set(subjects: list[dict]) -> set:
    return {(item["kind"], item["name"], item.get("namespace")) for item in subjects}
