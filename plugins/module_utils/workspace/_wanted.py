# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what a task asked for, checked, with the project's template under it (§6.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..platform.roles import CATALOG, INCOMING, SYSTEM, project_space
from ..project import checks
from ..project.records import TEMPLATE, Member
from . import _docker

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SYSTEM = ("default", SYSTEM, INCOMING, CATALOG, "acmp-operators")
_SYSTEM_PREFIXES = ("kube-", project_space(""))
_SHOWN = 10


@dataclass(frozen=True)
class Workspace:
    """One workspace as it shall be; None stays as it is, an empty value takes it away.

    where: its place in the task, for messages. quota: Kubernetes' ``hard``. pull_secret: the text of a docker configuration.
    template_labels, template_annotations: what the template adds to those that stay as they are.
    """

    name: str
    where: str = ""
    description: str | None = None
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None
    quota: Mapping[str, Any] | None = None
    limits: list[Mapping[str, Any]] | None = None
    members: tuple[Member, ...] | None = None
    pod_security: str | None = None
    network_policy: str | None = None
    gateway: Mapping[str, Any] | None = None
    pull_secret: str | None = field(default=None, repr=False)
    template_labels: Mapping[str, str] = field(default_factory=dict)
    template_annotations: Mapping[str, str] = field(default_factory=dict)


def reserved(name: str) -> bool:
    """True for namespaces that no workspace may be."""
    return name in _SYSTEM or name.startswith(_SYSTEM_PREFIXES)


def names(params: Mapping[str, Any]) -> list[str]:
    """The names alone, checked: for a removal, where nothing else counts."""
    found = _entries(params)
    refuse(_names(found))
    return [str(entry["name"]) for _where, entry in found]


def of(
    params: Mapping[str, Any], template: Mapping[str, Any], pull_secret: str | None = None, standing: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[Workspace]:
    """The workspaces of a task over the fields of a Project's template (§5.2); raises one InputError with everything that is wrong.

    The template is for new workspaces. standing: by name, what takes its place for those that exist, in its fields (see _objects.standing).
    pull_secret: the docker configuration that the template names, for new ones that say nothing of theirs.
    """
    standing = standing or {}
    found = _entries(params)
    faults = _names(found)
    wanted = []
    for where, entry in found:
        try:
            there = standing.get(str(entry.get("name")))
            wanted.append(_one(where, entry, template, pull_secret) if there is None else _one(where, entry, _beside(entry, there), None))
        except InputError as error:
            faults.append(error.message if where in error.message else f"{where}: {error.message}")
    refuse(faults)
    return wanted


def refuse(faults: Iterable[str], todo: str = "") -> None:
    """Raises InputError with all of them, the first ten in its text; nothing where there is none."""
    found = list(faults)
    if not found:
        return
    if len(found) == 1:
        raise InputError(found[0], todo=todo, details={"findings": found})
    text = "; ".join(f"({number}) {fault.rstrip('. ')}" for number, fault in enumerate(found[:_SHOWN], 1))
    more = f"; and {len(found) - _SHOWN} more in error.details.findings" if len(found) > _SHOWN else ""
    raise InputError(f"{len(found)} things speak against it: {text}{more}", todo=todo, details={"findings": found})


def _entries(params: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(place in the task, options) of each workspace."""
    many, name = params.get("workspaces"), params.get("name")
    if many is None and not name:
        raise InputError("No workspace is named", where="name", todo="give name, or a list of workspaces")
    if many is None:
        return [(f"workspace {name}", params)]
    return [(f"workspaces[{number}] ({entry.get('name') or 'no name'})", entry) for number, entry in enumerate(many)]


def _names(found: list[tuple[str, Mapping[str, Any]]]) -> list[str]:
    faults, places = [], {}
    for where, entry in found:
        name = str(entry.get("name") or "")
        if not _NAME.fullmatch(name):
            faults.append(f'{where}: "{name}" cannot be the name of a namespace (at most 63 of a-z, 0-9 and -, a letter or digit at both ends)')
        elif reserved(name):
            faults.append(f"{where}: the namespace {name} belongs to the system and cannot be a workspace")
        elif name in places:
            faults.append(f"{where}: {name} is in the list twice, first as {places[name]}")
        else:
            places[name] = where
    return faults


def _beside(entry: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """What of an existing workspace is to be known: that it is isolated matters to a gateway alone, and said without one takes the gateway away."""
    return {key: value for key, value in standing.items() if key != "networkPolicy" or entry.get("gateway")}


def _one(where: str, entry: Mapping[str, Any], template: Mapping[str, Any], pull_secret: str | None) -> Workspace:
    own = {option: entry.get(option) for option in TEMPLATE if option != "pull_secret"}
    if own["quota"] is not None:
        own["quota"] = own["quota"].get("hard") or {}
    checked = checks.template({**own, "pull_secret": None}, where)
    # Said and empty is not the same as not said.
    said = {key: checked.get(key, own[option]) for option, key in TEMPLATE.items() if own.get(option) is not None}
    given = {**template, **said}
    added = {part: {} if part in said else template.get(part) or {} for part in ("labels", "annotations")}
    for part in added:
        given[part] = {**template.get(part, {}), **said[part]} if said.get(part) else said.get(part)
    secret = entry.get("pull_secret")
    return Workspace(
        str(entry.get("name") or ""), where, entry.get("description"), given.get("labels"), given.get("annotations"), given.get("quota"), given.get("limits"),
        _members(where, entry.get("members")), given.get("podSecurity"), given.get("networkPolicy"),
        _gateway(f"{where}.gateway", entry.get("gateway"), given.get("networkPolicy")),
        pull_secret if secret is None else _docker.config(f"{where}.pull_secret", secret), added["labels"], added["annotations"])


def _members(where: str, given: list[dict] | None) -> tuple[Member, ...] | None:
    if given is None:
        return None
    try:
        return tuple(sorted(checks.members(given), key=str))
    except InputError as error:
        raise InputError(error.what, where=f"{where}.{error.where}", todo=error.todo) from None


def _gateway(where: str, given: Mapping[str, Any] | None, policy: str | None) -> dict[str, Any] | None:
    if not given:
        return None
    if policy != "isolated":
        raise InputError("A gateway is for isolated workspaces only", where=where, todo="say network_policy: isolated, or leave gateway out")
    labels = checks.template({**dict.fromkeys(TEMPLATE), "labels": given.get("labels")}, where).get("labels", {})
    if not (given.get("namespace") or labels):
        raise InputError("The gateway names nobody", where=where, todo="give the gateway's namespace, the labels of its pods, or both")
    return {"namespace": given.get("namespace") or "", "labels": labels}
