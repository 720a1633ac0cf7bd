# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on resources: what clusters have, what workspaces may take of it, and how much of that they do (§6.1, §6.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import files
from ..clock import now
from ..cluster import clusters, reach
from ..context import Context
from ..errors import AcmpError, ConnectionFailed
from ..kube.connect import connect
from ..platform import setup
from ..project import projects
from ..side import Pool, within
from ..workspace import workspaces
from . import _shape, page, table

_THREADS = 16
_MOST_SECONDS = 60.0


def make(options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> dict[str, Any]:
    """The report as data and as a text table, and as a page where wanted.dest says so.

    wanted: clusters and projects (names, None for all), dest (folder or file), mode (octal digits). Returns changed, actions, diff, report, table, and
    with dest also page (path) and size (bytes). A page that differs in the time of its making alone is left as it is. Raises InputError, KubeError.
    """
    # What cannot be written is told before anybody is asked.
    path = files.target(wanted["dest"], "resources.html") if wanted.get("dest") else ""
    rights = files.rights(wanted["mode"]) if wanted.get("mode") else None
    found = gather(options, act_as, wanted.get("clusters") or (), wanted.get("projects") or (), ctx)
    result = {"changed": False, "actions": [], "diff": [], "report": found, "table": table.render(found)}
    if path:
        data = files.undated(path, page.made_at, lambda made: page.render({**found, "made_at": made}), found["made_at"])
        result |= {**files.settle(path, data, ctx, rights), "page": path, "size": len(data)}
    return result


def gather(options: dict, act_as: dict | None, names: Sequence[str], only: Sequence[str], ctx: Context) -> dict[str, Any]:
    """The report's data. names: clusters, all when empty. only: projects, likewise.

    Clusters are looked at side by side. One that does not answer is shown with what is known of it and of its workspaces, and delays nothing.
    Raises InputError with the nearest name for an unknown cluster or project.
    """
    home = connect(options, ctx, act_as)
    for name in names:
        reach.find(home, name)
    recorded = [projects.find(home, name) for name in only]
    rooms = clusters.info(options, act_as, {"name": names[0]} if len(names) == 1 else {}, ctx)
    rooms = [room for room in rooms if not names or room["name"] in names]
    query = {"name": None, "project": only[0] if len(only) == 1 else None}
    spaces, silent = [], {room["name"] for room in rooms if not room["live"]}
    with Pool(_THREADS) as pool:
        jobs = {
            room["name"]: pool.submit(partial(_of_cluster, room["name"], partial(workspaces.info, options, act_as, {**query, "cluster": room["name"]}, ctx)))
            for room in rooms if room["live"]
        }
    for cluster, job in jobs.items():
        try:
            spaces += [space for space in job.result() if not only or space["project"] in only]
        except AcmpError as error:
            if len(silent) + 1 == len(rooms):
                raise
            silent.add(cluster)
            ctx.warn(f"The workspaces of cluster {cluster} are not shown: {error.what}")
    if silent:
        spaces += _recorded(options, act_as, recorded, silent, ctx)
    return _shape.build(rooms, spaces, now(), only)


def _of_cluster(cluster: str, look: Callable[[], list[dict]]) -> list[dict]:
    """What a cluster says of its workspaces. Another one than the platform's own may say anything, and for ever."""
    try:
        return within(_MOST_SECONDS, look, cluster)
    except AcmpError:
        raise
    except Exception as error:
        if cluster == setup.LOCAL:
            raise
        raise ConnectionFailed(f"its answers are not those of a Kubernetes API server ({type(error).__name__})", where=cluster) from error


def _recorded(options: dict, act_as: dict | None, recorded: Sequence[projects.Project], silent: set[str], ctx: Context) -> list[dict]:
    """The workspaces of clusters that gave no answer, as the projects' records know them."""
    pairs = [(project.name, place) for project in recorded for place in project.workspaces]
    if not recorded:
        pairs = [
            (project["name"], (item["cluster"], item["namespace"])) for project in projects.info(options, act_as, None, ctx) for item in project["workspaces"]
        ]
    return [_shape.unknown(cluster, project, namespace) for project, (cluster, namespace) in pairs if cluster in silent]
