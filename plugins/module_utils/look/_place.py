# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to look: the management cluster, which holds packages and projects, and the cluster that instances run on."""

from __future__ import annotations

from ..context import Context
from ..errors import Forbidden
from ..instance import places
from ..instance.request import LOCAL
from ..kube.connect import connect


def reach(options: dict, act_as: dict | None, cluster: str, query: dict, ctx: Context):
    """A cluster as home, kube, cluster and record; for ``local`` no request is made. With a namespace its members' credential is enough.

    Raises InputError for an unknown cluster, Forbidden where no credential for it can be read.
    """
    if cluster == LOCAL:
        kube = connect(options, ctx, act_as)
        return places.Local(kube, kube)
    from ..cluster import reach as ways

    if query.get("namespace"):
        return ways.reach_workspace(options, act_as, cluster, query["namespace"], query.get("project"), ctx)
    try:
        return ways.reach(options, act_as, cluster, ctx)
    except Forbidden as error:
        todo = f"name a namespace, and its project: members of a workspace have a credential for it; or {error.todo}"
        raise Forbidden(error.what, where=error.where, todo=todo, details=error.details) from error
