# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a registration: refused while instances run there, and afterwards the platform has no way in (§6.1.3)."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from ..api import API_VERSION
from ..context import Context
from ..errors import AcmpError, ConnectionFailed, Forbidden, InputError, KubeError, NotFound, Refused, Unauthorized
from ..kube import service_account
from ..kube.client import Kube
from ..kube.objects import label
from ..platform import roles
from ..project import credentials, projects, records
from ..side import within
from . import _checks, _look, _record, reach
from ._plan import Request

_SHOWN = 10
_RBAC = "rbac.authorization.k8s.io/v1"


def remove(home: Kube, request: Request, record: Mapping[str, Any] | None, config: Mapping[str, Any] | None, ctx: Context) -> dict[str, Any]:
    """Forgets a cluster, and takes the platform's service account away there; custom resources, roles and workspaces' namespaces stay.

    config: a connection to clean up with, in the place of the stored one. Raises InputError while instances exist there, ConnectionFailed where nobody
    knows that because the cluster does not answer, unless ``unreachable`` is set; then ``confirm`` has to be its name if instances were there last.
    """
    secret = home.get("v1", "Secret", reach.secret_name(request.name), roles.SYSTEM, metadata_only=True)
    if record is None and secret is None:
        return {"changed": False, "actions": [], "cluster": None}
    kube = _way(home, request, record, config, ctx) if record else None
    found = _look.instances(kube) if kube else []
    if found:
        number = "1 instance still exists" if len(found) == 1 else f"{len(found)} instances still exist"
        raise InputError(
            f"{number} on cluster {request.name}: {_first(found, len(found))}", where=request.name,
            todo="remove them first (acmp_instance with cluster, state: absent, delete_policy: wipe); one whose data was kept counts, too",
            details={"instances": found})
    spaces = _workspaces(home, request.name)
    leaving = kube is not None and kube.get("v1", "ServiceAccount", roles.CLUSTER_ACCOUNT, roles.SYSTEM, metadata_only=True) is not None
    actions = [f"remove the platform's service account from cluster {request.name}"] if leaving else []
    actions += [f"take {request.name}/{namespace} off Project {project}" for project, names in spaces for namespace in names]
    actions += [f"remove the credential of cluster {request.name}"] if secret else []
    actions += [f"remove cluster {request.name}"] if record else []
    if not ctx.check_mode:
        ctx.progress(f"removing cluster {request.name}")
        if kube is not None:
            _end_workspaces(kube, [namespace for _project, names in spaces for namespace in names])
        if leaving:
            _leave(kube, request.name, ctx)
        for project, names in spaces:
            for namespace in names:
                credentials.forget(home, project, request.name, namespace)
            projects.drop_workspaces(home, project, [(request.name, namespace) for namespace in names])
        home.delete("v1", "Secret", reach.secret_name(request.name), roles.SYSTEM)
        home.delete("coordination.k8s.io/v1", "Lease", f"acmp-cluster-{request.name}", roles.SYSTEM)
        home.delete(API_VERSION, "Cluster", request.name)
    result = {"changed": True, "actions": actions, "cluster": None}
    if ctx.diff:
        title = f"Cluster {request.name}"
        result["diff"] = [{"before_header": title, "after_header": title, "before": (record or {}).get("spec") or "", "after": ""}]
    return result


def _way(home: Kube, request: Request, record: Mapping[str, Any], config: Mapping[str, Any] | None, ctx: Context) -> Kube | None:
    """A connection to the cluster that is going; None where it does not answer and may be forgotten nevertheless."""
    try:
        if config is not None:
            place = reach.Place(home, _checks.opened(config, ctx), request.name, record)
        else:
            place = reach.of_record(home, record, ctx, _look.CONNECT_SECONDS)
        within(_look.ANSWER_SECONDS, place.verify, place.kube.server)
        return place.kube
    except (ConnectionFailed, NotFound, Unauthorized) as error:
        _check_lost(request, record, _record.last_names(home, record), error)
        return None


def _check_lost(request: Request, record: Mapping[str, Any], names: list[str], error: KubeError) -> None:
    last = (record.get("status") or {}).get("instances") or {}
    count = last.get("count") or 0
    listed = _first(names, count) if names else f"{count} instances" if count else "no instances"
    known = f"Known of it last ({last.get('observedAt') or 'never looked at'}): {listed}"
    details = {"instances": names, "observed_at": last.get("observedAt") or ""}
    if not request.unreachable:
        way = "run again when it answers" if isinstance(error, ConnectionFailed) else "give cluster_kubeconfig to look there with"
        raise ConnectionFailed(
            f"The cluster {request.name} cannot be asked whether instances are still there: {error.what}. {known}", where=error.where,
            todo=f"{way}, or set unreachable: true to forget a cluster that is gone for good", details=details)
    if (names or count) and request.confirm != request.name:
        raise InputError(
            f"Nobody can look at the cluster {request.name} any more, and instances were there. {known}", where=error.where,
            todo=f"say confirm: {request.name} to forget them with it", details=details)


def _first(names: list[str], count: int) -> str:
    more = f" and {count - _SHOWN} more" if count > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"


def _workspaces(home: Kube, cluster: str) -> list[tuple[str, list[str]]]:
    found = [(item["metadata"]["name"], records.of(item).workspaces) for item in home.list(API_VERSION, "Project")]
    spaces = [(name, [namespace for place, namespace in places if place == cluster]) for name, places in found]
    return [(name, names) for name, names in spaces if names]


def _end_workspaces(kube: Kube, namespaces: list[str]) -> None:
    """Ends the workspaces' own credentials, which their members may have kept."""
    for namespace in namespaces:
        for name in roles.CREDENTIALS:
            # In a namespace that somebody took back from the platform, this is no business of ours any more.
            with contextlib.suppress(Forbidden, Refused):
                service_account.revoke(kube, namespace, name)


def _leave(kube: Kube, cluster: str, ctx: Context) -> None:
    """Takes away what let the platform in. The connection may be that very service account's, which its API server knows for a moment longer."""
    left = []
    for kind, names in (
        ("ClusterRoleBinding", ("acmp-platform",)), ("ServiceAccount", (roles.CLUSTER_ACCOUNT,)), ("Secret", roles.CREDENTIALS),
        ("RoleBinding", ("acmp-renewer",)),
    ):
        for name in names:
            namespace = None if kind == "ClusterRoleBinding" else roles.SYSTEM
            try:
                kube.delete(_RBAC if kind.endswith("Binding") else "v1", kind, name, namespace)
            except AcmpError:
                left.append(label({"kind": kind, "metadata": {"name": name, "namespace": namespace}}))
    if left:
        ctx.warn(f"Left on cluster {cluster}, for an administrator to delete: {', '.join(left)}.")
