# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of resources for people, and the column each belongs to."""

from __future__ import annotations

# Column: its title. Whatever is none of the first three stands in the last.
FAMILIES = {"cpu": "CPU", "memory": "Memory", "storage": "Storage", "other": "Objects and devices"}
_CLASS = ".storageclass.storage.k8s.io/"
_WORDS = {
    "cpu": "CPU", "memory": "Memory", "storage": "Storage", "requests.cpu": "CPU requests", "limits.cpu": "CPU limits",
    "requests.memory": "Memory requests", "limits.memory": "Memory limits", "requests.storage": "Storage", "ephemeral-storage": "Scratch storage",
    "requests.ephemeral-storage": "Scratch requests", "limits.ephemeral-storage": "Scratch limits", "persistentvolumeclaims": "Claims", "pods": "Pods",
    "services": "Services", "services.loadbalancers": "Load balancers", "services.nodeports": "Node ports", "secrets": "Secrets",
    "configmaps": "ConfigMaps", "replicationcontrollers": "Replication controllers", "resourcequotas": "Quotas",
}


def family(key: str) -> str:
    """The column of a quota's key or a cluster's resource: cpu, memory, storage or other."""
    _storage_class, of_class, rest = key.partition(_CLASS)
    name = (rest if of_class else key).removeprefix("requests.").removeprefix("limits.")
    if name in ("cpu", "memory"):
        return name
    return "storage" if name in ("storage", "ephemeral-storage") else "other"


def label(key: str) -> str:
    """What people call it: "CPU limits", 'Storage of "fast"', "nvidia.com/gpu", "cronjobs.batch"."""
    storage_class, of_class, rest = key.partition(_CLASS)
    if of_class:
        return f'{_WORDS.get(rest, rest)} of "{storage_class}"'
    bare = key.removeprefix("count/")
    return _WORDS.get(bare) or bare.removeprefix("requests.")


def short(key: str) -> str:
    """The same beneath its column's title: "limits" in that of CPU, "total" and the name of a class in that of storage."""
    if family(key) in ("cpu", "memory"):
        return "limits" if key.startswith("limits.") else "requests"
    if key == "requests.storage":
        return "total"
    storage_class, of_class, rest = key.partition(_CLASS)
    return f'"{storage_class}"' if of_class and rest == "requests.storage" else label(key)


def word(key: str) -> str:
    """The same before a figure that has no line of its own: nothing for requests and the total, else with a space behind it."""
    name = short(key)
    return "" if name in ("requests", "total") else f"{name} "


def rank(key: str) -> tuple:
    """By column, the common ones first."""
    words = list(_WORDS)
    return (list(FAMILIES).index(family(key)), words.index(key) if key in words else len(words), key)


def promised(key: str) -> str:
    """The cluster's resource that a quota's key promises a share of, empty where it is none."""
    name = key.removeprefix("requests.")
    if key != name:
        return name
    return name if name in ("cpu", "memory", "ephemeral-storage", "pods") else ""
