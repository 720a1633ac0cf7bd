# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read about the configuration of one instance: its record, its ConfigMaps, and what its package says of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..api import API_VERSION
from ..catalog import entries
from ..context import Context
from ..errors import AcmpError, Forbidden, InstanceError, NotFound, nearest
from ..helm import releases
from ..kube.connect import connect
from ..package import settings
from ..package.tree import FileTree
from ..platform import setup
from . import effects

LOCAL = "local"
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True)
class Local:
    """The cluster of the connection options as home and as place."""

    home: Any
    kube: Any


@dataclass(frozen=True)
class Seen:
    """record: the Instance. texts: ConfigMap -> key -> text as it was last deployed. live: ConfigMap -> the object, None where it is gone.

    objects: manifest of the instance, for the pods that read them. tree: the package's files, None where they cannot be read.
    """

    record: dict
    texts: dict[str, dict[str, str]]
    live: dict[str, dict | None]
    objects: list[dict]
    tree: FileTree | None = None
    schema: settings.ConfigSchema | None = None

    @property
    def release(self) -> str:
        return self.record["spec"].get("releaseName") or self.record["metadata"]["name"]


def reach(options: Mapping[str, Any], act_as: Mapping[str, Any] | None, params: Mapping[str, Any], ctx: Context):
    """The place of an instance, with home and kube."""
    if params["cluster"] == LOCAL:
        kube = connect(options, ctx, act_as)
        return Local(kube, kube)
    from ..cluster.reach import reach_workspace

    return reach_workspace(options, act_as, params["cluster"], params["namespace"], params.get("project") or "default", ctx)


def record(kube, name: str, namespace: str) -> dict:
    """The Instance; InstanceError where there is none that runs, CatalogError where the platform is not set up."""
    try:
        found = kube.get(API_VERSION, "Instance", name, namespace)
    except NotFound as error:
        raise setup.missing(kube) from error
    if found is None:
        known = [item["metadata"]["name"] for item in kube.list(API_VERSION, "Instance", namespace, metadata_only=True)]
        raise InstanceError(f"There is no instance {namespace}/{name}", where="name", todo=nearest(name, known) or "deploy it first")
    if found.get("status", {}).get("phase") == "Removed":
        raise InstanceError(f"Instance {namespace}/{name} is removed", where="name", todo="bring it back first")
    return found


def names(record: Mapping[str, Any]) -> list[str]:
    """The ConfigMaps of an instance, by its inventory."""
    namespace = record["metadata"]["namespace"]
    inventory = record.get("status", {}).get("inventory") or []
    return sorted(item["name"] for item in inventory if item["kind"] == "ConfigMap" and item.get("namespace", namespace) == namespace)


def look(place, record: dict, chosen: list[str], ctx: Context) -> Seen:
    """Reads these ConfigMaps and the files of the package; what the instance keeps in Secrets is masked from now on."""
    kube, namespace = place.kube, record["metadata"]["namespace"]
    live = {name: kube.get("v1", "ConfigMap", name, namespace) for name in chosen}
    objects = _objects(kube, record, live)
    texts = effects.texts(objects)
    tree = _tree(place.home, record["spec"], ctx)
    secret_values(kube, record, ctx)
    return Seen(record, {name: texts.get(name, {}) for name in chosen}, live, objects, tree, settings.load(tree) if tree else None)


def secret_values(kube, record: Mapping[str, Any], ctx: Context) -> list[str]:
    """The secret values of an instance, registered for masking. None of those that the caller may not read, as nobody shows them either."""
    found = []
    for item in record.get("status", {}).get("secrets") or []:
        try:
            data = (kube.get("v1", "Secret", item["name"], record["metadata"]["namespace"]) or {}).get("data") or {}
        except Forbidden:
            continue
        found += [base64.b64decode(data[key]).decode("utf-8", "replace") for key in item.get("keys") or [] if data.get(key)]
    for value in found:
        ctx.secrets.add(value)
    return found


def _objects(kube, record: Mapping[str, Any], live: Mapping[str, dict | None]) -> list[dict]:
    """What Helm stored of the release; live objects where it is none."""
    spec, status, meta = record["spec"], record.get("status", {}), record["metadata"]
    if spec.get("templateType", "helm") == "helm":
        revision = status.get("helmRevision")
        return releases.read(kube, meta["namespace"], spec.get("releaseName") or meta["name"], revision).objects() if revision else []
    found = [{**item, "kind": "ConfigMap"} for item in live.values() if item]
    for item in status.get("inventory") or []:
        if item["kind"] in _WORKLOADS:
            obj = kube.get(item["apiVersion"], item["kind"], item["name"], item.get("namespace") or meta["namespace"])
            found += [obj] if obj else []
    return found


def _tree(home, spec: Mapping[str, Any], ctx: Context) -> FileTree | None:
    try:
        return entries.fetch(home, entries.exactly(home, spec["package"], spec["version"], spec["sha256"]))
    except AcmpError as error:
        ctx.warn(f"What {spec['package']} {spec['version']} says of its configuration cannot be read, so nothing is checked against it: {error.what}")
        return None
