# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects an instance owns, and the addresses its Services give it."""

from __future__ import annotations

import re
from typing import Any

from ..helm import releases
from ..look import addresses
from ._side import side_by_side
from .request import Request

# Just after a write a list waits up to a tenth of a second for the API server's cache, where a name is answered at once
# (KEP-2340, consistent reads from cache).
_ONE_BY_ONE = 4


def of_release(kube, request: Request, release: str, revision: int) -> list[dict[str, str]]:
    """References (apiVersion, kind, namespace, name) of the release's manifest, in its order."""
    return references(releases.read(kube, request.namespace, release, revision).objects(), request.namespace)


def references(objects: list[dict], namespace: str) -> list[dict[str, Any]]:
    """References; a StatefulSet's also names its claim templates, by which its claims are found when it is gone."""
    found = []
    for obj in objects:
        reference = {
            "apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": obj["metadata"]["name"], "namespace": obj["metadata"].get("namespace") or namespace,
        }
        templates = [item["metadata"]["name"] for item in obj.get("spec", {}).get("volumeClaimTemplates") or []] if obj["kind"] == "StatefulSet" else []
        found.append({**reference, "claimTemplates": templates} if templates else reference)
    return found


def claimants(before: list[dict], inventory: list[dict]) -> list[dict]:
    """References to everything that ever had claims: those recorded before, and those of an inventory.

    Scaled down or changed away, its claims stay, and only these references still find them.
    """
    found = {(item["kind"], item["name"]): item for item in [*before, *inventory] if item["kind"] == "PersistentVolumeClaim" or item.get("claimTemplates")}
    return list(found.values())


def as_objects(claimants: list[dict]) -> list[dict]:
    """Recorded references as the objects that ``claims`` takes."""
    return [
        {
            "kind": item["kind"], "metadata": {"name": item["name"]},
            "spec": {"volumeClaimTemplates": [{"metadata": {"name": name}} for name in item.get("claimTemplates", [])]},
        }
        for item in claimants
    ]


def claims(kube, request: Request, objects: list[dict]) -> list[dict]:
    """The claims that the objects ask for by name or through a StatefulSet's templates."""
    names = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "PersistentVolumeClaim"}
    patterns = [
        re.compile(rf"{re.escape(template['metadata']['name'])}-{re.escape(obj['metadata']['name'])}-\d+")
        for obj in objects if obj["kind"] == "StatefulSet" for template in obj.get("spec", {}).get("volumeClaimTemplates") or []
    ]
    found = kube.list("v1", "PersistentVolumeClaim", request.namespace)
    return [
        claim for claim in found
        if claim["metadata"]["name"] in names or any(pattern.fullmatch(claim["metadata"]["name"]) for pattern in patterns)
    ]


def endpoints(place, namespace: str, objects: list[dict]) -> list[dict[str, Any]]:
    """Services of the instance with their addresses inside the cluster, and those of node ports (§5.3.5)."""
    own = {obj["name"] for obj in objects if obj["kind"] == "Service" and obj["namespace"] == namespace}
    if not own:
        return []
    found = _services(place.kube, namespace, own)
    address = addresses.access_address(place, found)
    return [addresses.endpoint(service, address) for service in sorted(found, key=lambda item: item["metadata"]["name"])]


def _services(kube, namespace: str, names: set[str]) -> list[dict]:
    if len(names) > _ONE_BY_ONE:
        return [service for service in kube.list("v1", "Service", namespace) if service["metadata"]["name"] in names]
    found = side_by_side(*(lambda name=name: kube.get("v1", "Service", name, namespace) for name in sorted(names)))
    return [service for service in found if service]
