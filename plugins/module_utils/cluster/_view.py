# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: a cluster for people and scripts, from its record and what was measured (§6.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..kube import kubeconfigs, quantities, service_account
from ..platform import setup
from ..terminal import line

WARN_DAYS = 14.0


def shown(record: Mapping[str, Any], status: Mapping[str, Any] | None, now: datetime, warn_days: float = WARN_DAYS) -> dict[str, Any]:
    """What acmp_cluster_info returns of one cluster. status: as measured now, None where the recorded one has to do.

    Where it did not answer, what was known of it last is shown beside its phase; observed_at and age say how old that is.
    """
    meta, spec, recorded = record["metadata"], record.get("spec") or {}, record.get("status") or {}
    live = bool(status and status.get("observedAt"))
    state = {**recorded, **(status or {})}
    observed = kubeconfigs.moment(state.get("observedAt"))
    return {
        "name": meta["name"], "display_name": spec.get("displayName", ""), "description": spec.get("description", ""), "owner": spec.get("owner", ""),
        "scene": spec.get("scene", ""), "source": spec.get("source", ""), "server": spec.get("server", ""), "address": spec.get("address", ""),
        "created_at": spec.get("registeredAt") or meta.get("creationTimestamp") or "", "created_by": spec.get("registeredBy", ""),
        "phase": state.get("phase") or "Unknown", "message": state.get("message") or "", "live": live, "observed_at": state.get("observedAt") or "",
        "age": None if observed is None else max(0, int((now - observed).total_seconds())), "version": state.get("version") or "",
        "nodes": state.get("nodes") or {}, "architectures": state.get("architectures") or [], "resources": state.get("capacity") or {},
        "per_node": state.get("perNode") or [], "storage_classes": [_class(item) for item in state.get("storageClasses") or []],
        "credential": credential(meta["name"], spec, state, now, warn_days), "instances": _instances(state.get("instances")),
        "schema": state.get("schema"), "network_policy": state.get("networkPolicy") or {"enforced": "unknown", "by": "not checked"},
        "not_checked": state.get("notChecked") or [],
    }


def credential(name: str, spec: Mapping[str, Any], state: Mapping[str, Any], now: datetime, warn_days: float) -> dict[str, Any]:
    """kind, proof, issued_at, expires_at, days_left and warning. kind: service_account, given, or caller for the local cluster."""
    known = state.get("credential") or {}
    kind = "caller" if name == setup.LOCAL else (spec.get("credential") or {}).get("kind", "")
    issued, ends = known.get("issuedAt"), known.get("expiresAt")
    left = kubeconfigs.days_left(ends, now)
    # One that is renewed by itself is only spoken of when that seems not to happen; the token of a login lasts minutes.
    login = kind == "caller" and known.get("kind") == "token"
    soon = left is not None and not login and (service_account.due(issued, ends, now) if kind == "service_account" else left < warn_days)
    return {
        "kind": kind, "proof": known.get("kind") or "unknown", "issued_at": issued or "", "expires_at": ends or "",
        "days_left": None if left is None else round(left, 5), "warning": f"{'ends' if left > 0 else 'ended'} {span(left)} ({ends})" if soon else "",
    }


def table(clusters: list[dict[str, Any]]) -> list[str]:
    """The clusters as lines of a table; requested of allocatable, and below a cluster what is the matter with it."""
    rows = [("CLUSTER", "PHASE", "VERSION", "NODES", "CPU", "MEMORY", "PODS", "STORAGE", "INSTANCES", "CREDENTIAL", "OWNER")]
    for item in clusters:
        nodes, left = item["nodes"], item["credential"]["days_left"]
        rows.append((
            item["name"], item["phase"], item["version"], f"{nodes['ready']}/{nodes['total']}" if nodes else "", _of(item, "cpu"), _of(item, "memory"),
            _of(item, "pods"), _human((item["resources"].get("storage") or {}).get("requested")), _text(item["instances"]["count"]),
            "" if left is None else span(left), item["owner"]))
    rows = [tuple(map(line, row)) for row in rows]
    widths = [max(len(row[number]) for row in rows) for number in range(len(rows[0]))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    found = [lines[0]]
    for item, row in zip(clusters, lines[1:], strict=True):
        old = f"as of {length(item['age'])} ago" if not item["live"] and item["age"] is not None else ""
        warning = f"the credential {item['credential']['warning']}" if item["credential"]["warning"] else ""
        found += [row, *(f"    {line(note)}" for note in (item["message"], old, warning) if note)]
    return found


def _of(item: Mapping[str, Any], resource: str) -> str:
    amounts = item["resources"].get(resource)
    # A record has lost what was not known.
    return f"{_human(amounts.get('requested')) or '?'} of {_human(amounts.get('allocatable')) or '?'}" if amounts else ""


def _human(text: str | None) -> str:
    return "" if text is None else quantities.human(text)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def span(days: float) -> str:
    """``in 3 days``, ``in 55 minutes``, ``2 hours ago``."""
    text = length(abs(days) * 86400)
    return f"in {text}" if days > 0 else f"{text} ago"


def length(seconds: float) -> str:
    """``3 days``, ``55 minutes``, ``1 second``."""
    unit, size = next(((unit, size) for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)) if seconds >= 2 * size), ("second", 1))
    number = int(seconds / size)
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _class(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": item["name"], "default": item.get("default", False), "expansion": item.get("expansion", False), "provisioner": item.get("provisioner", ""),
        "reclaim_policy": item.get("reclaimPolicy", ""), "binding_mode": item.get("bindingMode", ""),
    }


def _instances(found: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"count": (found or {}).get("count"), "names": list((found or {}).get("names") or []), "observed_at": (found or {}).get("observedAt") or ""}
