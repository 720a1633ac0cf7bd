# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tick does: duties in this order, each for itself (DESIGN section 4, who acts over time).

A duty takes a Round and returns Done. To add one, write it and put it into DUTIES.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..api import API_VERSION
from ..cluster import clusters, reach
from ..context import Context
from ..errors import AcmpError, ConnectionFailed, NotFound
from ..kube import service_account
from ..platform import setup
from ..project import credentials
from ..side import Pool, within
from ..workspace import workspaces
from ._plan import FINISHED, Credential, Done, Surplus, expiring, merge, surplus

_THREADS = 8
_CLUSTERS = 16
# For an answer of a cluster that may be down.
_SECONDS = 2.5
# For all that a duty does on one cluster, which may answer for ever.
_MOST_SECONDS = 600.0


@dataclass(frozen=True)
class Settings:
    """operations_days, operations_keep: how long Operations stay and how many of each instance. warn_days: before a credential ends."""

    operations_days: int = 30
    operations_keep: int = 50
    warn_days: int = 14


@dataclass(frozen=True)
class Round:
    """One tick. home: the management cluster. check: raises when this run may not go on."""

    home: Any
    options: dict
    act_as: dict | None
    settings: Settings
    ctx: Context
    check: Callable[[], None] = lambda: None

    def records(self) -> list[dict]:
        """The Cluster records as they are now."""
        try:
            return self.home.list(API_VERSION, "Cluster")
        except NotFound as error:
            raise setup.missing(self.home) from error

    def reach(self, record: dict) -> reach.Place:
        """The way to a cluster, which was made sure to be the one registered."""
        place = reach.of_record(self.home, record, self.ctx, _SECONDS)
        place.verify()
        return place


def cluster_credentials(tick: Round) -> Done:
    """Exchanges credentials of clusters that end soon."""
    def renew(record: dict) -> Done:
        return _did(clusters.renew(tick.home, record, tick.ctx))
    return _each_cluster(tick, tick.records(), renew)


def workspace_credentials(tick: Round) -> Done:
    """Exchanges credentials of workspaces that end soon; only clusters with such a workspace are asked. Rights to those that are gone go, too."""
    known = credentials.listed(tick.home)
    tidied = _without_orphans(tick, known)
    due = [item for item in known if service_account.due(item.issued_at, item.expires_at)]
    asked = {item.cluster for item in due}

    def renew_all(record: dict) -> Done:
        place = tick.reach(record)

        def renew(item: credentials.Listed) -> Done:
            return _did(workspaces.renew(tick.home, place, item, tick.ctx))

        def known(item: credentials.Listed) -> bool:
            return credentials.look(tick.home, item.project, item.cluster, item.namespace) is not None

        return _each(tick, [(_space(item), item) for item in due if item.cluster == _name(record)], renew, known)

    renewed = _each_cluster(tick, [record for record in tick.records() if _name(record) in asked], renew_all) if due else Done()
    return merge([renewed, tidied])


def _without_orphans(tick: Round, known: list[credentials.Listed]) -> Done:
    def forget(item: credentials.Listed) -> Done:
        if not tick.ctx.check_mode:
            credentials.forget(tick.home, item.project, item.cluster, item.namespace)
        return _did(f"remove the rights to the credential of {item.cluster}/{item.namespace}, which is gone")

    return _each(tick, [(_space(item), item) for item in credentials.orphans(tick.home, known)], forget, lambda _item: True)


def status(tick: Round) -> Done:
    """Measures every cluster and writes it into its record; one that does not answer is recorded so. Its own writing is no change."""
    if tick.ctx.check_mode:
        return Done()

    def refresh(record: dict) -> Done:
        found = clusters.refresh(tick.home, record, tick.ctx)
        if found.get("phase") == "Ready":
            return Done()
        return Done(warnings=(f"cluster {_name(record)} is {found.get('phase')}: {found.get('message') or 'no reason is known'}",))

    return _each_cluster(tick, tick.records(), refresh)


def expiry(tick: Round) -> Done:
    """Warns of credentials that end soon and that no tick exchanges, or could not."""
    now = datetime.now(timezone.utc)
    held = [_credential(record) for record in tick.records() if not _own_token(record)]
    held += [Credential(f"the credential of {_space(item)}", True, item.issued_at, item.expires_at) for item in credentials.listed(tick.home)]
    said = [expiring(item, now, tick.settings.warn_days) for item in held]
    return Done(warnings=tuple(text for text in said if text))


def operations(tick: Round) -> Done:
    """Deletes finished Operations that are old or many, on every cluster that answered when it was last measured."""
    def tidy(record: dict) -> Done:
        kube = tick.reach(record).kube
        found = kube.list(API_VERSION, "Operation", metadata_only=True)
        now = datetime.now(timezone.utc)
        return merge(_tidy(tick, kube, _name(record), item) for item in surplus(found, now, tick.settings.operations_days, tick.settings.operations_keep))

    up = [record for record in tick.records() if (record.get("status") or {}).get("phase") != "Unreachable"]
    return _each_cluster(tick, up, tidy)


# name: the duty, in the order in which they are done.
DUTIES: dict[str, Callable[[Round], Done]] = {
    "cluster_credentials": cluster_credentials, "workspace_credentials": workspace_credentials, "status": status, "expiry": expiry, "operations": operations,
}


def _tidy(tick: Round, kube: Any, cluster: str, item: Surplus) -> Done:
    def drop(meta: Any) -> bool:
        tick.check()
        live = kube.get(API_VERSION, "Operation", meta["name"], item.namespace)
        if live is None or (live.get("status") or {}).get("phase") not in FINISHED:
            return False
        return tick.ctx.check_mode or kube.delete(API_VERSION, "Operation", meta["name"], item.namespace, uid=meta["uid"])

    with Pool(_THREADS) as pool:
        gone = sum(pool.map(drop, item.operations))
    where = "" if cluster == setup.LOCAL else f" on cluster {cluster}"
    return Done(actions=(f"delete {gone} Operations of instance {item.namespace}/{item.instance}{where}",) if gone else ())


def _each_cluster(tick: Round, records: list[dict], work: Callable[[dict], Done]) -> Done:
    def known(record: dict) -> bool:
        return tick.home.get(API_VERSION, "Cluster", _name(record), metadata_only=True) is not None
    return _each(tick, [(f"cluster {_name(record)}", record) for record in records], work, known, _CLUSTERS)


def _each(tick: Round, items: list[tuple[str, Any]], work: Callable[[Any], Done], known: Callable[[Any], bool], threads: int = _THREADS) -> Done:
    """The work on each (title, item), side by side. One that fails is named and hinders no other; a cluster that does not answer is a warning.

    known: whether an item on which it failed is still there; what somebody removed meanwhile needs nothing any more.
    """
    def guarded(entry: tuple[str, Any]) -> Done:
        title, item = entry
        try:
            tick.check()
            return within(_MOST_SECONDS, lambda: work(item), title)
        except ConnectionFailed as error:
            return Done(warnings=(f"{title}: {error.message}",))
        except Exception as error:
            with contextlib.suppress(AcmpError):
                if not known(item):
                    return Done()
            return Done(failures=(f"{title}: {reason(error)}",))

    with Pool(threads) as pool:
        return merge(pool.map(guarded, items))


def reason(error: Exception) -> str:
    """A failure as one text; a defect is called one."""
    return error.message if isinstance(error, AcmpError) else f"a defect of acmp.middleware, please report it: {type(error).__name__}: {error}"


def _did(action: str | None) -> Done:
    return Done(actions=(action,) if action else ())


def _name(record: dict) -> str:
    return record["metadata"]["name"]


def _space(item: Any) -> str:
    return f"workspace {item.namespace} on cluster {item.cluster} (project {item.project})"


def _own_token(record: dict) -> bool:
    """Whether what is recorded is the token of whoever measured the local cluster: a pod's, for example, lives an hour and is exchanged by its node."""
    return _name(record) == setup.LOCAL and _kept(record).get("kind") == "token"


def _kept(record: dict) -> dict:
    return (record.get("status") or {}).get("credential") or {}


def _credential(record: dict) -> Credential:
    kept = _kept(record)
    own = ((record.get("spec") or {}).get("credential") or {}).get("kind") == "service_account"
    return Credential(f"the credential of cluster {_name(record)}", own, kept.get("issuedAt"), kept.get("expiresAt"))
