# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where to look: the management cluster, which holds packages and projects, and the cluster that instances run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..context import Context
from ..errors import CatalogError, Forbidden
from ..instance.request import LOCAL
from ..kube.connect import connect


@dataclass(frozen=True)
class Local:
    """The one cluster as home and as place; of cluster.reach.Place's fields those that a look needs."""

    home: Any
    kube: Any
    cluster: str = LOCAL
    record: dict | None = None


def reach(options: dict, act_as: dict | None, cluster: str, query: dict, ctx: Context):
    """A cluster as home, kube, cluster and record; for ``local`` no request is made. With a namespace its members' credential is enough.

    Raises InputError for an unknown cluster, Forbidden where no credential for it can be read.
    """
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


def missing(place) -> CatalogError:
    """What is said where the kinds of instances are unknown."""
    if place.cluster != LOCAL:
        return CatalogError(f'Cluster "{place.cluster}" does not know instances any more', where=place.kube.server, todo="register it again with acmp_cluster")
    from ..platform import setup

    return setup.missing(place.kube)
