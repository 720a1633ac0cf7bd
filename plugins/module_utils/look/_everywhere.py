# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at every registered cluster, side by side; one that does not answer delays and hides no other."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from ..api import API_VERSION
from ..cluster import reach
from ..context import Context
from ..errors import AcmpError, Forbidden, NotFound
from ..kube.connect import connect
from ..platform import setup
from ..project import credentials

# After this long a cluster that has not said a word is called unreachable, and after so long one that does not come to an end.
SECONDS, MOST_SECONDS = 2.5, 60.0
_NAMED = 10

Look = Callable[[Any, dict], list[dict[str, Any]]]


def look(options: dict, act_as: dict | None, query: dict, ctx: Context, at: Look) -> list[dict[str, Any]]:
    """What at(place, query) finds on each cluster, in the order of their names, ``local`` first.

    A cluster that cannot be looked at is named in a warning; where that is so of all of them, the first one's error is raised.
    """
    home = connect(options, ctx, act_as)
    try:
        records = home.list(API_VERSION, "Cluster")
    except NotFound as error:
        raise setup.missing(home) from error
    records.sort(key=lambda record: (record["metadata"]["name"] != setup.LOCAL, record["metadata"]["name"]))
    visits = [_Visit(home, record, query, ctx, at) for record in records]
    for visit in visits:
        visit.start()
    end = ctx.clock() + SECONDS
    for visit in visits:
        if visit.answered.wait(max(0.0, end - ctx.clock())):
            visit.join(MOST_SECONDS)
            if visit.is_alive():
                visit.error = AcmpError(f"It does not come to an end within {MOST_SECONDS:g} s")
        else:
            visit.error = AcmpError(f"It does not answer within {SECONDS:g} s")
    failed = [visit for visit in visits if visit.error]
    if failed and len(failed) == len(visits):
        raise failed[0].error
    for visit in failed:
        ctx.warn(f"Instances on cluster {visit.cluster} are not shown. {visit.error.message}{_last(home, visit.record)}")
    return [item for visit in visits if not visit.error for item in visit.found]


def _last(home, record: dict) -> str:
    """What was known of a cluster's instances when it last answered, for whoever may read that."""
    from ..cluster import clusters

    with contextlib.suppress(AcmpError):
        names = clusters.last_names(home, record)
        if names:
            return f" Known there last: {', '.join(names[:_NAMED])}{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''}"
    return ""


class _Visit(threading.Thread):
    """A thread of its own, which nothing waits for at the end: a name that does not resolve can hold it for long."""

    def __init__(self, home, record: dict, query: dict, ctx: Context, at: Look) -> None:
        self.cluster: str = record["metadata"]["name"]
        super().__init__(name=f"acmp-look-{self.cluster}", daemon=True)
        self.answered, self.found, self.error = threading.Event(), [], None
        self.record = record
        self._home, self._query, self._ctx, self._at = home, query, ctx, at

    def run(self) -> None:
        try:
            place = self._reach()
            place.kube.raw("GET", "/version", read_timeout=SECONDS)
            self.answered.set()
            self.found = self._at(place, self._query)
        except AcmpError as error:
            self.error = error
        except Exception as defect:
            # It must not end unseen in a thread: what was found would look complete.
            self.error = AcmpError(f"A defect of acmp.middleware: {type(defect).__name__}: {defect}", todo="please report it with this message and the task")
        finally:
            self.answered.set()

    def _reach(self):
        namespace = self._query.get("namespace")
        if namespace and self.cluster != setup.LOCAL:
            try:
                config = credentials.read(self._home, self._query.get("project") or setup.DEFAULT_PROJECT, self.cluster, namespace)
            except (Forbidden, NotFound):
                config = None
            if config:
                return reach.Place(self._home, reach.to_cluster(config, self._ctx, SECONDS, cluster=self.cluster), self.cluster, self.record)
        return reach.of_record(self._home, self.record, self._ctx, SECONDS)
