# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an instance is: the management cluster, which holds packages and projects, and the cluster it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..context import Context
from ..errors import CatalogError
from ..kube.connect import connect
from .request import LOCAL, Request


@dataclass(frozen=True)
class Local:
    """The one cluster as home and as place; the same fields as cluster.reach.Place, which this path never loads."""

    home: Any
    kube: Any
    cluster: str = LOCAL
    record: dict | None = None

    def verify(self) -> None:
        """It is what the connection options name, whatever that is."""


def reach(options: dict, act_as: dict | None, request: Request, ctx: Context):
    """The request's cluster as home, kube, cluster, record and verify(). For ``local`` no request is made.

    Raises InputError for an unknown cluster, Forbidden where no credential for it can be read.
    """
    if request.cluster == LOCAL:
        kube = connect(options, ctx, act_as)
        return Local(kube, kube)
    from ..cluster.reach import reach_workspace

    return reach_workspace(options, act_as, request.cluster, request.namespace, request.project, ctx)


def check_owner(place, request: Request) -> None:
    """Raises InputError where a manager, who may not deploy into workspaces as such, names another project than the workspace's.

    Asked before something is changed only: it costs a request.
    """
    if request.cluster == LOCAL or place.own:
        return
    from ..cluster.reach import owners
    from ..errors import InputError

    found = owners(place.home, place.cluster, request.namespace)
    if found and request.project not in found:
        raise InputError(
            f"The workspace {request.namespace} of cluster {place.cluster} belongs to project {' and '.join(found)}, not to {request.project}",
            where="project", todo=f"say project: {found[0]}")


def missing(kube, cluster: str) -> CatalogError:
    """What a task says where the kinds of instances are unknown."""
    if cluster != LOCAL:
        return CatalogError(f'Cluster "{cluster}" does not know instances any more', where=kube.server, todo="register it again with acmp_cluster")
    from ..platform import setup

    return setup.missing(kube)
