# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded of a measured cluster: in Cluster.status, which everybody may read, and beside it what is for managers alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api import API_VERSION
from ..kube.client import Kube
from ..platform import roles


def write_status(home: Kube, record: Mapping[str, Any], found: Mapping[str, Any]) -> None:
    """Writes a measured status; the names of instances go to a ConfigMap of acmp-system, which goes with the record, their number stays."""
    instances, meta = found.get("instances"), record["metadata"]
    if instances is not None:
        home.apply({
            "apiVersion": "v1", "kind": "ConfigMap", "data": {"names": "\n".join(instances.get("names") or ())},
            "metadata": {
                "name": _space(meta["name"]), "namespace": roles.SYSTEM, "labels": {"app.kubernetes.io/part-of": "acmp"},
                "ownerReferences": [{"apiVersion": API_VERSION, "kind": "Cluster", "name": meta["name"], "uid": meta["uid"]}],
            },
        })
        # A record of an older version of the collection has them still.
        found = {**found, "instances": {**instances, "names": None}}
    home.patch_status(API_VERSION, "Cluster", meta["name"], None, found)


def last_names(home: Kube, record: Mapping[str, Any]) -> list[str]:
    """NAMESPACE/NAME of the instances that were known of a cluster last, the first hundred; for managers."""
    noted = home.get("v1", "ConfigMap", _space(record["metadata"]["name"]), roles.SYSTEM)
    if noted is None:
        return list(((record.get("status") or {}).get("instances") or {}).get("names") or [])
    return ((noted.get("data") or {}).get("names") or "").split()


def _space(cluster: str) -> str:
    return f"acmp-instances-{cluster}"
