# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at instances: what is recorded, and what runs of it now."""

from __future__ import annotations

from typing import Any

from ..api import API_VERSION
from ..context import Context
from ..errors import Forbidden, NotFound
from ..helm import revisions
from ..kube.readiness import state
from ..side import Pool
from . import _inventory, _observe, _place, view
from .request import LOCAL

_KINDS = (
    ("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet"), ("batch/v1", "Job"), ("batch/v1", "CronJob"),
    ("v1", "Service"), ("v1", "Pod"), ("apps/v1", "ReplicaSet"),
)
ALL = "all"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def info(options: dict, act_as: dict | None, query: dict, ctx: Context) -> list[dict[str, Any]]:
    """Instances that match name, namespace, package, project and phase, with live workloads, pods and addresses.

    query.cluster: a registered cluster, ``all`` of them, else the one of the connection. Nine requests for each namespace, however many
    instances it holds; without a namespace, every one the caller may list. A cluster of all that cannot be looked at is a warning.
    """
    cluster = query.get("cluster") or LOCAL
    if cluster == ALL:
        from . import _everywhere

        return _everywhere.look(options, act_as, query, ctx, at)
    return at(_place.to_look(options, act_as, cluster, query, ctx), query)


def at(place, query: dict) -> list[dict[str, Any]]:
    """The same for one place."""
    kube = place.kube
    found = [record for record in _records(place, query) if _matches(record, query)]
    spaces = sorted({record["metadata"]["namespace"] for record in found})
    live = {space: _live(kube, space) for space in spaces} if query.get("live", True) else {}
    address = _inventory.access_address(place, [service for objects in live.values() for service in objects["Service"] or []])
    chosen = [_one(record, live.get(record["metadata"]["namespace"]), place.cluster, address) for record in found]
    wanted = (query.get("phase") or "").lower()
    return [item for item in chosen if not wanted or item["phase"].lower() == wanted]


def _records(place, query: dict) -> list[dict]:
    kube = place.kube
    try:
        if query.get("name") and query.get("namespace"):
            one = kube.get(API_VERSION, "Instance", query["name"], query["namespace"])
            return [one] if one else []
        return kube.list(API_VERSION, "Instance", query.get("namespace"))
    except NotFound as error:
        raise _observe.missing(kube, place.cluster) from error


def _matches(record: dict, query: dict) -> bool:
    spec = record["spec"]
    pairs = ((query.get("name"), record["metadata"]["name"]), (query.get("package"), spec["package"]), (query.get("project"), spec.get("project", "default")))
    return all(wanted in (None, "", have) for wanted, have in pairs)


def _live(kube, namespace: str) -> dict[str, list[dict] | None]:
    """Objects by kind, None for kinds the caller may not list; Helm's revisions under ``heads``."""
    def read(kind):
        try:
            if kind == "heads":
                return revisions.heads(kube, namespace)
            return kube.list(kind[0], kind[1], namespace)
        except Forbidden:
            return None

    kinds = [*_KINDS, "heads"]
    with Pool(len(kinds)) as pool:
        return dict(zip([kind if kind == "heads" else kind[1] for kind in kinds], pool.map(read, kinds), strict=True))


def _one(record: dict, live: dict | None, cluster: str, address: str) -> dict[str, Any]:
    shown = view.instance(record, cluster)
    if live is None:
        return shown
    namespace = shown["namespace"]
    inventory = record.get("status", {}).get("inventory") or []
    own = {(item["kind"], item["name"]) for item in inventory if item["namespace"] == namespace}
    controllers = [
        {**obj, "kind": kind} for kind in _WORKLOADS for obj in live[kind] or [] if (kind, obj["metadata"]["name"]) in own
    ]
    services = [obj for obj in live["Service"] or [] if ("Service", obj["metadata"]["name"]) in own]
    heads = [head for head in live["heads"] or [] if head.name == shown["release"]]
    shown["workloads"] = [view.workload(obj) for obj in controllers]
    shown["pods"] = [view.pod(obj) for obj in _pods(live, {obj["metadata"]["uid"] for obj in controllers})]
    shown["endpoints"] = [_inventory.endpoint(service, address) for service in services]
    shown["helm_status"] = max(heads, key=lambda head: head.revision).status if heads else ""
    if shown["phase"] == "Ready":
        missing = [name for kind, name in own if kind in _WORKLOADS and live[kind] is not None and not _there(controllers, kind, name)]
        if missing or not all(state(obj).ready for obj in controllers):
            shown["phase"] = "NotReady"
    return shown


def _there(controllers: list[dict], kind: str, name: str) -> bool:
    return any(obj["kind"] == kind and obj["metadata"]["name"] == name for obj in controllers)


def _pods(live: dict, owners: set[str]) -> list[dict]:
    sets = {obj["metadata"]["uid"] for obj in live["ReplicaSet"] or [] if _owned(obj, owners)}
    return [obj for obj in live["Pod"] or [] if _owned(obj, owners | sets)]


def _owned(obj: dict, owners: set[str]) -> bool:
    return any(reference["uid"] in owners for reference in obj["metadata"].get("ownerReferences") or [])
