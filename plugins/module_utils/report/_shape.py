# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report on resources as data: clusters and workspaces brought together, the fullest first. PURE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..kube import quantities
from . import _names

# Percent of a quota from where on a workspace is called nearly full, and full.
NEAR = 80
FULL = 95
# The state of a workspace whose cluster gives no answer.
UNKNOWN = "Unknown"


def build(clusters: Iterable[Mapping], workspaces: Iterable[Mapping], made_at: str, projects: Sequence[str] = ()) -> dict[str, Any]:
    """clusters and workspaces: as their info functions return them. made_at: time in UTC as text. projects: those that alone are reported."""
    spaces = sorted(map(_workspace, workspaces), key=_order)
    rooms = sorted((_cluster(item, [space for space in spaces if space["cluster"] == item["name"]]) for item in clusters), key=_cluster_order)
    return {"made_at": made_at, "projects": list(projects), "summary": _summary(rooms, spaces, bool(projects)), "clusters": rooms, "workspaces": spaces}


def unknown(cluster: str, project: str, name: str) -> dict[str, Any]:
    """What stands for a workspace of which only its project knows."""
    return {"name": name, "cluster": cluster, "project": project, "state": UNKNOWN, "quota": None, "other_quotas": None, "instances": None}


def level(percent: float | None) -> str:
    """full, near, or nothing."""
    if percent is None or percent < NEAR:
        return ""
    return "full" if percent >= FULL else "near"


def _workspace(item: Mapping) -> dict[str, Any]:
    quotas = _tightest(quota for quota in (item["quota"], *(item["other_quotas"] or ())) if quota)
    shares = [entry for entry in quotas if entry["percent"] is not None]
    fullest = max(shares, key=lambda entry: entry["percent"], default=None)
    return {
        "name": item["name"], "cluster": item["cluster"], "project": item["project"], "description": item.get("description") or "", "state": item["state"],
        "instances": item["instances"], "credential_days": (item.get("credential") or {}).get("days_left"),
        # None of the caller's quotas may be read where the list is None.
        "quota": None if item["other_quotas"] is None else quotas,
        "fullest": {"resource": fullest["resource"], "percent": fullest["percent"]} if fullest else None,
    }


def _tightest(quotas: Iterable[Mapping]) -> list[dict[str, Any]]:
    """One entry for each resource: of several quotas that bound it, the one that is reached first."""
    found: dict[str, dict] = {}
    for quota in quotas:
        for key, hard in quota["hard"].items():
            entry = {"resource": key, "hard": hard, "used": quota["used"].get(key), "percent": quota["percent"].get(key), "quota": quota["name"]}
            if key not in found or _share(entry) > _share(found[key]):
                found[key] = entry
    return sorted(found.values(), key=lambda entry: _names.rank(entry["resource"]))


def _share(entry: Mapping) -> float:
    return -1 if entry["percent"] is None else entry["percent"]


def _order(space: Mapping) -> tuple:
    place = -space["fullest"]["percent"] if space["fullest"] else 1 if space["quota"] is not None else 2
    return (place, space["project"], space["cluster"], space["name"])


def _cluster(item: Mapping, spaces: list[dict]) -> dict[str, Any]:
    promised = _promised(spaces)
    return {
        **{key: item[key] for key in ("name", "description", "phase", "message", "live", "observed_at", "version", "nodes")},
        # The caller's own is nobody else's business.
        "credential_warning": item["credential"]["warning"] if item["credential"].get("kind") != "caller" else "",
        "workspaces": len(spaces), "instances": item["instances"]["count"],
        "resources": {
            name: _resource(found, promised.get(name)) for name, found in sorted(item["resources"].items(), key=lambda pair: _names.rank(pair[0]))
        },
    }


def _resource(found: Mapping, promised: str | None) -> dict[str, Any]:
    # A record has lost what was None.
    amounts = {"requested": found.get("requested"), "used": found.get("used"), "promised": promised}
    whole = quantities.stored(found.get("allocatable") or 0)
    percent = {name: round(float(quantities.stored(text) * 100 / whole), 1) if text is not None and whole else None for name, text in amounts.items()}
    return {"allocatable": found.get("allocatable"), "free": found.get("free"), **amounts, "percent": percent}


def _promised(spaces: Iterable[Mapping]) -> dict[str, str]:
    """What the quotas of these workspaces of a cluster add up to, by the cluster's names of resources."""
    amounts: dict[str, list[str]] = {}
    for space in spaces:
        # One of them: cpu and requests.cpu are two names of the same.
        for name, hard in {_names.promised(entry["resource"]): entry["hard"] for entry in space["quota"] or ()}.items():
            if name:
                amounts.setdefault(name, []).append(hard)
    return {name: quantities.total(texts) for name, texts in amounts.items()}


def _cluster_order(cluster: Mapping) -> tuple:
    shares = [found["percent"]["requested"] or 0 for found in cluster["resources"].values()]
    return (cluster["phase"] == "Ready", -max(shares, default=0), cluster["name"])


def _summary(clusters: list[dict], spaces: list[dict], some: bool) -> dict[str, Any]:
    levels = Counter(level(space["fullest"]["percent"]) for space in spaces if space["fullest"])
    # Instances live outside of workspaces, too; they belong to no project that could be asked for.
    counted = [item["instances"] or 0 for item in (spaces if some else clusters)]
    return {
        "clusters": len(clusters), "clusters_not_ready": sum(cluster["phase"] != "Ready" for cluster in clusters),
        "projects": len({space["project"] for space in spaces}), "workspaces": len(spaces), "instances": sum(counted),
        "full": levels["full"], "nearly_full": levels["near"], "without_quota": sum(space["quota"] == [] for space in spaces),
        "unknown": sum(space["quota"] is None for space in spaces),
        "credentials_ended": sum(space["credential_days"] is not None and space["credential_days"] <= 0 for space in spaces),
    }
