# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at instances: what is recorded of them, and what runs of them now (§5.3.1 to §5.3.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ..api import API_VERSION
from ..context import Context
from ..errors import NotFound, nearest
from ..instance import places, view
from ..instance.request import LOCAL
from . import _place, _read, _space, addresses, pods, workloads
from .ages import age

ALL = "all"
PARTS = ("workloads", "pods", "usage", "endpoints", "release", "status", "stuck", "parameters", "history", "events", "logs")
USUAL = ("workloads", "pods", "endpoints", "release")
# They need no look at what runs.
_RECORDED = ("parameters", "history")


@dataclass
class Known:
    """Names that were come across, for a hint where nothing matched."""

    names: set[str] = field(default_factory=set)
    packages: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)


def info(options: dict, act_as: dict | None, query: dict, ctx: Context, known: Known | None = None) -> list[dict[str, Any]]:
    """Instances that match name, namespace, package, project and phase, with the parts asked for.

    query.cluster: a registered cluster, ``all`` of them, else the one of the connection. query.parts: of PARTS, USUAL where it is None;
    query.live false leaves out all that runs. One request for each kind that the parts need in each namespace, however many instances it
    holds; without a namespace, every one the caller may list. A cluster of all that cannot be looked at is a warning.
    """
    parts = wanted_parts(query)
    if "logs" in parts:
        from . import logs

        logs.check(query)
    known = known or Known()
    cluster = query.get("cluster") or LOCAL
    if cluster == ALL:
        from . import _everywhere

        return _everywhere.look(options, act_as, query, ctx, partial(at, ctx=ctx, known=known))
    return at(_place.reach(options, act_as, cluster, query, ctx), query, ctx, known)


def wanted_parts(query: Mapping) -> tuple[str, ...]:
    """Pure: the parts a query means."""
    parts = tuple(dict.fromkeys(query.get("parts") if query.get("parts") is not None else USUAL))
    return parts if query.get("live", True) else tuple(part for part in parts if part in _RECORDED)


def at(place, query: dict, ctx: Context, known: Known | None = None) -> list[dict[str, Any]]:
    """The same for one place."""
    parts, now = wanted_parts(query), datetime.now(timezone.utc)
    found: dict[str, list[dict]] = {}
    for record in _records(place, query, known):
        found.setdefault(record["metadata"]["namespace"], []).append(record)
    look = _Look(place, parts, query, ctx, now)
    # One namespace after the other: what was read of one is let go before the next.
    chosen = [item for namespace, records in found.items() for item in look.namespace(namespace, records)]
    phase = (query.get("phase") or "").lower()
    chosen = [item for item in chosen if not phase or item["phase"].lower() == phase]
    # Recorded addresses are not tried: who may write a record would say where this machine connects to.
    if query.get("probe") and "endpoints" in parts:
        from . import _probe

        reached = iter(_probe.probe([endpoint for item in chosen for endpoint in item["endpoints"]]))
        chosen = [{**item, "endpoints": [next(reached) for _endpoint in item["endpoints"]]} for item in chosen]
    return chosen


def hint(query: Mapping, known: Known) -> str:
    """What to say where nothing was found: which filter fits nothing, and the nearest that would, as a whole sentence; "" where each fits something."""
    for option, names in (("name", known.names), ("package", known.packages), ("project", known.projects)):
        wanted = query.get(option)
        if wanted and wanted not in names:
            word = {"name": "There is no instance", "package": "No instance runs package", "project": "No instance belongs to project"}[option]
            where = f" in namespace {query['namespace']}" if query.get("namespace") else ""
            close = nearest(wanted, names)
            text = f'{word} "{wanted}"{where}{": " + close if close else ""}'
            return text if text.endswith("?") else f"{text}."
    return ""


def _records(place, query: Mapping, known: Known | None) -> list[dict]:
    kube, namespace = place.kube, query.get("namespace")
    try:
        if query.get("name") and namespace:
            one = kube.get(API_VERSION, "Instance", query["name"], namespace)
            if one is None and known is not None:
                known.names |= {item["metadata"]["name"] for item in kube.list(API_VERSION, "Instance", namespace, metadata_only=True)}
            listed = [one] if one else []
        else:
            listed = kube.list(API_VERSION, "Instance", namespace)
    except NotFound as error:
        raise places.missing(place.kube, place.cluster) from error
    if known is not None:
        for record in listed:
            known.names.add(record["metadata"]["name"])
            known.packages.add(record["spec"]["package"])
            known.projects.add(record["spec"].get("project", "default"))
    return [record for record in listed if _matches(record, query)]


def _matches(record: Mapping, query: Mapping) -> bool:
    spec = record["spec"]
    pairs = ((query.get("name"), record["metadata"]["name"]), (query.get("package"), spec["package"]), (query.get("project"), spec.get("project", "default")))
    return all(wanted in (None, "", have) for wanted, have in pairs)


class _Look:
    """One look at a place; what several namespaces share is kept here."""

    def __init__(self, place, parts: Iterable[str], query: Mapping, ctx: Context, now: datetime) -> None:
        self.place, self.parts, self.query, self.ctx, self.now = place, frozenset(parts), query, ctx, now
        self._live = bool(query.get("live", True))
        self._address: str | None = None
        self._packages = self._pages = None
        if self.parts & {"parameters", "status"}:
            from . import _package

            self._packages, self._pages = _package.Packages(place.home, ctx), _package.Pages(place.kube)

    def namespace(self, name: str, records: list[dict]) -> list[dict[str, Any]]:
        kinds = _read.kinds(records, name, self.parts) if self._live else []
        space = _read.space(self.place.kube, name, kinds, self.parts)
        services = list((space.objects.get("Service") or {}).values())
        if self._address is None and addresses.has_node_port(services):
            self._address = addresses.access_address(self.place, services)
        told = None
        if "events" in self.parts:
            from . import events

            there = [(kind, each) for kind, objects in space.objects.items() for each in objects or ()]
            told = events.Index(space.events or (), there)
        return [self._one(record, space, told) for record in records]

    def _one(self, record: dict, space: _space.Space, told) -> dict[str, Any]:
        shown = view.instance(record, self.place.cluster)
        shown["age"] = age(shown["created_at"], self.now)
        owned = space.owned(record)
        if self._live:
            self._running(shown, record, space, owned)
        if "stuck" in self.parts:
            from . import _stuck

            shown["stuck"] = _stuck.told(record, space, owned, self.now)
        if "status" in self.parts:
            shown["conditions"] = (record.get("status") or {}).get("conditions") or []
            shown["status"] = self._pages.of(self._packages.of(record), record, space, owned)
        if "parameters" in self.parts:
            from . import _package

            shown["parameters"] = _package.parameters(self._packages.of(record), record)
        if "history" in self.parts:
            from . import history

            shown["history"] = history.told(space.operations.get(shown["name"], ()), space.revisions.get(shown["name"], ()))
        if told is not None:
            from . import events

            own = told.of(owned, _space.inventory(record, space.name))
            shown["events"] = events.merged(own, space.operations.get(shown["name"], ()), self.now)
        return shown

    def _running(self, shown: dict, record: dict, space: _space.Space, owned: list[_space.Key]) -> None:
        """Adds what runs, and says NotReady of an instance that is so although its record does not know."""
        inventory = [(item["kind"], item["name"]) for item in _space.inventory(record, space.name)]
        controllers = [obj for kind in workloads.KINDS for obj in space.of(kind, owned)]
        there = {(obj["kind"], obj["metadata"]["name"]) for obj in controllers}
        gone = [] if shown["phase"] in ("Removing", "Removed") else [
            key for key in inventory if key[0] in workloads.KINDS and key not in there and space.objects.get(key[0]) is not None
        ]
        # A Job that a CronJob made failed, or runs: the instance is not less ready for it.
        own = [workloads.show(obj, self.now) for obj in controllers if not _made_by(obj, "CronJob")]
        own += [workloads.gone(*key) for key in gone]
        if shown["phase"] == "Ready" and not all(item["done"] for item in own):
            shown["phase"] = "NotReady"
        if "workloads" in self.parts:
            shown["workloads"] = own
        objects = space.of("Pod", owned)
        if self.parts & {"pods", "usage", "logs"}:
            shown["pods"] = [pods.show(obj, self.now, space.usage.get(obj["metadata"]["name"])) for obj in objects]
        if "endpoints" in self.parts:
            shown["endpoints"] = self._endpoints(space, owned)
        if "release" in self.parts:
            heads = [head for head in space.heads or () if head.name == shown["release"]]
            shown["helm_status"] = max(heads, key=lambda head: head.revision).status if heads else ""
        if "logs" in self.parts:
            from . import logs

            names = logs.of_instance(record, owned)
            shown["logs"] = logs.read(self.place.kube, space.name, shown["pods"], objects, names, self.query, self.ctx)

    def _endpoints(self, space: _space.Space, owned: list[_space.Key]) -> list[dict[str, Any]]:
        found = []
        for kind in ("Service", "Ingress"):
            for obj in space.of(kind, owned):
                one = addresses.endpoint(obj, self._address or "") if kind == "Service" else addresses.ingress(obj)
                since = obj["metadata"]["creationTimestamp"]
                found.append({**one, "created_at": since, "age": age(since, self.now)})
        return found


def _made_by(obj: Mapping, kind: str) -> bool:
    return any(owner["kind"] == kind for owner in obj["metadata"].get("ownerReferences") or ())
