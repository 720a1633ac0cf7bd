# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an instance is: the management cluster, which holds packages and projects, and the cluster it runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..context import Context
from ..errors import Forbidden
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


def to_look(options: dict, act_as: dict | None, cluster: str, query: dict, ctx: Context):
    """The same for looking at instances; with a namespace its members' credential is enough. Raises as reach()."""
    if cluster == LOCAL:
        kube = connect(options, ctx, act_as)
        return Local(kube, kube)
    from ..cluster import reach as ways

    if query.get("namespace"):
        return ways.reach_workspace(options, act_as, cluster, query["namespace"], query.get("project"), ctx)
    try:
        return ways.reach(options, act_as, cluster, ctx)
    except Forbidden as error:
        todo = f"name a namespace, and its project: members of a workspace have a credential for it; or {error.todo}"
        raise Forbidden(error.what, where=error.where, todo=todo, details=error.details) from error
