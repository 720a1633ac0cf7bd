# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ways to a registered cluster: a manager's, by the cluster's own Secret, and a workspace's, by the credential of that one namespace (DESIGN section 4)."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ..api import API_VERSION
from ..context import Context
from ..errors import AcmpError, ConnectionFailed, Forbidden, InputError, NotFound, Unauthorized, nearest
from ..kube import kubeconfigs
from ..kube.client import Kube
from ..kube.connect import connect
from ..package import yaml_reader
from ..platform import roles, setup
from ..project import credentials
from ..rights import GRANTS

KEY = "kubeconfig"
# Who may write the Secret of a cluster must not run programs on the machines of all who use it: each machine says that for itself.
ALLOW_PLUGINS = "ACMP_ALLOW_PLUGINS"


@dataclass(frozen=True)
class Place:
    """A cluster and how it was reached.

    home: the management cluster; kube: this one; record: its Cluster, None where it was not read. own: by the credential of one workspace.
    """

    home: Kube
    kube: Kube
    cluster: str
    record: Mapping[str, Any] | None = None
    own: bool = False

    @property
    def is_local(self) -> bool:
        return self.cluster == setup.LOCAL

    def verify(self) -> None:
        """Raises ConnectionFailed when another cluster answers than the registered one; call it before the first write. Free for the local one."""
        uid = ((self.record or {}).get("spec") or {}).get("uid")
        if not self.is_local and uid and self.kube.identity() != uid:
            raise another_answers(self.cluster, self.kube.server)


def another_answers(cluster: str, server: str) -> ConnectionFailed:
    """What is said where the identity of a cluster is not the recorded one."""
    return ConnectionFailed(
        f"Another cluster than the registered one answers at the address of {cluster}", where=server,
        todo="check the address; where the cluster was built anew, register it again with replace: true")


def reach(options: Mapping[str, Any], act_as: Mapping[str, Any] | None, cluster: str | None, ctx: Context) -> Place:
    """A manager's way to a cluster: ``local`` or None is the connection of the options itself, else its Secret is read with the caller's rights.

    Two requests, side by side. Raises InputError with the nearest names for an unknown cluster, Forbidden where the Secret may not be read.
    """
    home = connect(options, ctx, act_as)
    if cluster in (None, "", setup.LOCAL):
        return Place(home, home, setup.LOCAL)
    with ThreadPoolExecutor(max_workers=2) as pool:
        record, secret = pool.submit(find, home, cluster), pool.submit(_tried, lambda: stored(home, cluster))
        known, (config, refusal) = record.result(), secret.result()
    if refusal:
        raise refusal
    return Place(home, opened(config, cluster, ctx), cluster, known)


def of_record(home: Kube, record: Mapping[str, Any], ctx: Context, connect_seconds: float | None = None) -> Place:
    """The manager's way to a cluster whose record is known; one request, none for the local one. connect_seconds: as of connect()."""
    name = record["metadata"]["name"]
    if name == setup.LOCAL:
        return Place(home, home, name, record)
    return Place(home, opened(stored(home, name), name, ctx, connect_seconds), name, record)


def reach_workspace(
    options: Mapping[str, Any], act_as: Mapping[str, Any] | None, cluster: str | None, namespace: str, project: str | None, ctx: Context,
) -> Place:
    """The way into one workspace: its own credential, kept in its project's namespace, else the manager's way.

    project: its name, ``default`` without one. Raises Forbidden that says what was tried and who can grant it, InputError for an unknown cluster.
    """
    home = connect(options, ctx, act_as)
    if cluster in (None, "", setup.LOCAL):
        return Place(home, home, setup.LOCAL)
    project = project or setup.DEFAULT_PROJECT
    with ThreadPoolExecutor(max_workers=2) as pool:
        record, own = pool.submit(find, home, cluster), pool.submit(_tried, lambda: credentials.read(home, project, cluster, namespace))
        known, (config, refusal) = record.result(), own.result()
    if config is None and project != setup.DEFAULT_PROJECT:
        _check_project(home, project)
    if config is None or _is_over(config):
        own_refusal = refusal
        first = refusal.what if refusal else "there is none" if config is None else "it has ended"
        config, refusal = _tried(lambda: stored(home, cluster))
        if refusal:
            raise Forbidden(
                f"No way into the namespace {namespace} of cluster {cluster}. The workspace's own credential in {roles.project_space(project)}: {first}. "
                f"The cluster's own in {roles.SYSTEM}: {refusal.what}", where=home.server,
                todo=f"say its project where that is not {project}; {GRANTS['consumer']}",
                details=(own_refusal or refusal).details)
        return Place(home, opened(config, cluster, ctx), cluster, known)
    return Place(home, to_cluster(config, ctx, cluster=cluster), cluster, known, own=True)


def to_look(
    options: Mapping[str, Any], act_as: Mapping[str, Any] | None, cluster: str | None, namespace: str | None, project: str | None, ctx: Context,
) -> Place:
    """A manager's way, or for one namespace its members' way. Raises as these do."""
    try:
        return reach(options, act_as, cluster, ctx)
    except Forbidden as error:
        if namespace:
            return reach_workspace(options, act_as, cluster, namespace, project, ctx)
        todo = f"name a namespace, and its project: members of a workspace have a credential for it; or {error.todo}"
        raise Forbidden(error.what, where=error.where, todo=todo, details=error.details) from error


def owners(home: Kube, cluster: str, namespace: str) -> list[str]:
    """The projects that have this workspace; none where the caller may not list projects."""
    try:
        found = home.list(API_VERSION, "Project")
    except Forbidden:
        return []
    entry = {"cluster": cluster, "namespace": namespace}
    return sorted(item["metadata"]["name"] for item in found if entry in ((item.get("spec") or {}).get("workspaces") or []))


def _check_project(home: Kube, name: str) -> None:
    """Raises InputError for an unknown project: a misspelt name is better known than the rights that are missing in it."""
    from ..project import projects

    with contextlib.suppress(Forbidden):
        projects.find(home, name)


def opened(config: Mapping[str, Any], cluster: str, ctx: Context, connect_seconds: float | None = None) -> Kube:
    """The connection by a cluster's stored kubeconfig; Unauthorized where that has ended. A program gives the credential where this machine allows that."""
    if _is_over(config):
        raise Unauthorized(
            f"The credential of cluster {cluster} ended on {kubeconfigs.expiry(config).expires_at}", where=kubeconfigs.server(config),
            todo="register the cluster again (acmp_cluster with cluster_kubeconfig)")
    if kubeconfigs.runs_program(config) and ctx.env.get(ALLOW_PLUGINS, "").strip().lower() not in ("1", "true", "yes", "on"):
        raise InputError(
            f"The stored credential of cluster {cluster} runs a program on this machine", where=f"Secret {roles.SYSTEM}/{secret_name(cluster)}",
            todo=f"set the environment variable {ALLOW_PLUGINS}=true where you trust it, or register the cluster again with credential: service_account")
    return to_cluster(config, ctx, connect_seconds, plugins=True, cluster=cluster)


def to_cluster(
    config: Mapping[str, Any], ctx: Context, connect_seconds: float | None = None, plugins: bool = False, cluster: str = "",
) -> Kube:
    """A connection by a stored kubeconfig. What is meant for the management cluster, K8S_AUTH_* and act_as, does not reach it.

    plugins: a program may give the credential. cluster: its name, for errors. Raises InputError for one that names files: who can write the Secret
    must not read this machine.
    """
    origin = f"the stored credential of cluster {cluster}" if cluster else "the stored credential of the cluster"
    config = kubeconfigs.self_contained(config, "", None, origin, allow_plugins=plugins)
    ctx.secrets.add_kubeconfig(config.get("users"))
    env = {key: value for key, value in ctx.env.items() if not key.startswith("K8S_AUTH_")}
    return connect({"kubeconfig": dict(config)}, replace(ctx, env=env), None, connect_seconds, origin)


def find(home: Kube, cluster: str) -> dict[str, Any]:
    """The record of a cluster; raises InputError with the nearest names where there is none."""
    try:
        record = home.get(API_VERSION, "Cluster", cluster)
        if record is None:
            known = [item["metadata"]["name"] for item in home.list(API_VERSION, "Cluster", metadata_only=True)]
            raise InputError(f'There is no cluster "{cluster}"', where="cluster", todo=nearest(cluster, known))
    except NotFound as error:
        raise setup.missing(home) from error
    return record


def secret_name(cluster: str) -> str:
    """The Secret in acmp-system that holds a cluster's kubeconfig."""
    return f"cluster-{cluster}"


def stored(home: Kube, cluster: str) -> dict[str, Any]:
    """The stored kubeconfig of a cluster. Raises Forbidden, and NotFound where there is none."""
    secret = home.get("v1", "Secret", secret_name(cluster), roles.SYSTEM)
    if secret is None or KEY not in (secret.get("data") or {}):
        raise NotFound(
            f"The credential of cluster {cluster} is gone", where=f"Secret {roles.SYSTEM}/{secret_name(cluster)}",
            todo="register the cluster again (acmp_cluster with cluster_kubeconfig)")
    return read(secret)


def read(secret: Mapping[str, Any]) -> dict[str, Any]:
    """The kubeconfig in the Secret of a cluster."""
    return yaml_reader.load(base64.b64decode(secret["data"][KEY]), f"Secret {roles.SYSTEM}/{secret['metadata']['name']}")


def _is_over(config: Mapping[str, Any]) -> bool:
    left = kubeconfigs.days_left(kubeconfigs.expiry(config).expires_at)
    return left is not None and left < 0


def _tried(call: Callable[[], Any]) -> tuple[Any, AcmpError | None]:
    try:
        return call(), None
    except (Forbidden, NotFound) as error:
        return None, error
