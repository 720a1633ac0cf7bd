# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances as the variables of hosts: several places looked at side by side, nothing in it but known fields with plain values."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Forbidden
from ansible_collections.acmp.middleware.plugins.module_utils.look import instances as look

# To be counted up whenever what find() returns changes: older files in a cache are not read then.
SHAPE = 1
_LISTS = ("clusters", "namespaces", "projects", "packages", "phases")
_TEXTS = ("name", "namespace", "cluster", "project", "package", "version", "type", "phase")
_ENDPOINT_TEXTS = ("service", "type", "cluster_ip")
_ENDPOINT_LISTS = ("ports", "addresses", "node_ports", "node_addresses", "external")


def find(options: dict, act_as: dict | None, query: Mapping[str, Any], ctx: Context) -> list[dict[str, Any]]:
    """The acmp_ variables of each instance, ordered by cluster, namespace and name.

    query: clusters (``all`` among them: every one), namespaces, projects, packages, phases (lists, an empty one asks for all, but for no removed
    instance) and live. Raises as look.info().
    """
    lists = {name: [str(item) for item in dict.fromkeys(query[name] or ()) if item not in (None, "")] for name in _LISTS}
    clusters = [look.ALL] if look.ALL in lists["clusters"] else lists["clusters"] or [look.LOCAL]
    project = lists["projects"][0] if len(lists["projects"]) == 1 else None
    queries = [
        {"cluster": cluster, "namespace": namespace, "project": project, "live": query["live"]}
        for cluster in clusters for namespace in lists["namespaces"] or [None]
    ]
    try:
        with ThreadPoolExecutor(max_workers=min(16, len(queries))) as pool:
            found = [item for items in pool.map(lambda one: look.info(options, act_as, one, ctx), queries) for item in items]
    except Forbidden as error:
        if lists["namespaces"]:
            raise
        raise Forbidden(error.what, where=error.where, todo=f"name the namespaces you may look at (option namespaces); or {error.todo}") from None
    return sorted((_variables(item) for item in found if _wanted(item, lists)), key=place)


def place(variables: Mapping[str, Any]) -> tuple[str, str, str]:
    """Cluster, namespace and name: together they are unique."""
    return variables["acmp_cluster"], variables["acmp_namespace"], variables["acmp_name"]


def _wanted(item: dict, lists: dict) -> bool:
    phase = item["phase"].lower()
    if phase not in lists["phases"] if lists["phases"] else phase == "removed":
        return False
    return all(not lists[f"{part}s"] or item[part] in lists[f"{part}s"] for part in ("project", "package"))


def _variables(item: dict) -> dict[str, Any]:
    # Endpoints and Secrets have no schema in the record, which members of the workspace can write.
    endpoints = [
        {**{key: str(one.get(key) or "") for key in _ENDPOINT_TEXTS}, **{key: _plain(one.get(key)) for key in _ENDPOINT_LISTS}} for one in item["endpoints"]
    ]
    return {
        **{f"acmp_{key}": str(item[key] or "") for key in _TEXTS}, "acmp_endpoints": endpoints,
        "acmp_secrets": [str(secret.get("name") or "") for secret in item["secrets"]],
    }


def _plain(values: Any) -> list:
    return [value if isinstance(value, int) else str(value) for value in values] if isinstance(values, list) else []
