# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: instances, their revisions and operations as records beside the workloads (DESIGN section 4)."""

from __future__ import annotations

from typing import Any

from ..api import API_VERSION, GROUP
from ..clock import now
from ..errors import InputError
from ..package import yaml_reader
from ._desired import Desired
from .request import Request

INSTANCE_LABEL = f"{GROUP}/instance"

# etcd takes 1.5 MiB an object, with everything around the document.
_DOCUMENT = 512 * 1024


def labels(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": "acmp", INSTANCE_LABEL: name}


def fitting(request: Request, wanted: Desired) -> str:
    """The document as a record holds it; raises InputError for one that is too large for that."""
    text = yaml_reader.dump(wanted.document)
    if len(text.encode()) > _DOCUMENT:
        raise InputError(
            f"The document has {len(text.encode()) // 1024} KiB, and a record takes {_DOCUMENT // 1024}", where=request.title,
            todo="give less: large texts belong into a ConfigMap or Secret of your own that the values name")
    return text


def instance(request: Request, wanted: Desired, before: dict | None) -> dict:
    """The Instance object that says what shall be; before is its present spec."""
    before = before or {}
    spec = {
        "package": wanted.entry.spec["name"], "version": wanted.entry.spec["version"], "type": wanted.type, "mode": wanted.entry.spec["mode"],
        "sha256": wanted.entry.spec["sha256"], "document": fitting(request, wanted), "digest": wanted.digest,
        "releaseName": wanted.release, "managedBy": "task", "cluster": request.cluster, "project": request.project,
        "description": before.get("description", "") if request.description is None else request.description,
        "deletePolicy": request.delete_policy or before.get("deletePolicy", "keep"),
        "requester": request.requester or before.get("requester", ""),
    }
    if wanted.entry.spec.get("templateType", "helm") != "helm":
        spec["templateType"] = wanted.entry.spec["templateType"]
    if wanted.config_overrides:
        spec["configOverrides"] = wanted.config_overrides
    return {
        "apiVersion": API_VERSION, "kind": "Instance",
        "metadata": {"name": request.name, "namespace": request.namespace, "labels": labels(request.name)},
        "spec": spec,
    }


_KEPT = ("package", "version", "type", "sha256", "document", "configOverrides", "digest", "requester")


def revision_name(name: str, number: int) -> str:
    return f"{name}-r{number}"


def as_of(spec: dict, past: dict | None) -> dict:
    """The Instance's spec as it was at a revision; unchanged where that record is gone."""
    if not past:
        return spec
    # A revision without overrides had none.
    now = {key: value for key, value in spec.items() if key != "configOverrides"}
    return {**now, **{key: past["spec"][key] for key in _KEPT if past["spec"].get(key)}}


def revision(name: str, namespace: str, number: int, spec: dict, operation: str) -> dict:
    """The InstanceRevision of a change; spec is the Instance's."""
    return {
        "apiVersion": API_VERSION, "kind": "InstanceRevision",
        "metadata": {"name": revision_name(name, number), "namespace": namespace, "labels": labels(name)},
        "spec": {"instance": name, "revision": number, "operation": operation, **{key: spec[key] for key in _KEPT if spec.get(key)}},
    }


def operation(name: str, namespace: str, verb: str, parameters: dict, requester: str, timeout: int) -> dict:
    """The Operation that logs one run of a verb; the server completes its name."""
    return {
        "apiVersion": API_VERSION, "kind": "Operation",
        "metadata": {"generateName": f"{name}-{verb}-", "namespace": namespace, "labels": labels(name)},
        "spec": {"instance": name, "verb": verb, "parameters": parameters, "requester": requester, "timeoutSeconds": timeout},
    }


def condition(kind: str, status: bool, reason: str, message: str) -> dict[str, Any]:
    return {"type": kind, "status": "True" if status else "False", "reason": reason, "message": message[:1024], "lastTransitionTime": now()}
