# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cluster says of itself now, in the shape of Cluster.status; one that is down is known to be so after a moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api import API_VERSION
from ..clock import now
from ..errors import AcmpError, ConnectionFailed, Forbidden, KubeError, NotFound, Unauthorized
from ..kube.client import Kube
from ..platform import setup
from ..side import started, within
from . import measure, network
from .reach import Place

# A connection is given up before the first answer is, so that the better of the two reasons is told.
CONNECT_SECONDS, ANSWER_SECONDS = 2.5, 2.9
MEASURE_SECONDS = 25.0
_METRICS = "/apis/metrics.k8s.io/v1beta1/nodes"
_RUNNING = "status.phase!=Succeeded,status.phase!=Failed"
# A record of more nodes than these would be larger than an object may be.
_MOST_NODES, _MOST_NAMES = 300, 100


def status(opened: Callable[[], Place], where: str, local: bool) -> dict[str, Any]:
    """The status of a cluster; opened makes the connection. Where it does not answer, refuses, or answers nonsense, only phase and message.

    Raises Forbidden where the caller may not look at the nodes of the local one.
    """
    def first() -> Place:
        place = opened()
        if local:
            place.kube.version()
        else:
            place.verify()
        return place

    try:
        place = within(ANSWER_SECONDS, first, where)
        facts = within(MEASURE_SECONDS, lambda: of_cluster(place.kube), where)
        ends = place.kube.credential_expiry()
    except (Unauthorized, Forbidden) as error:
        if local and isinstance(error, Forbidden):
            raise
        return {"phase": "Refused", "message": error.what}
    except ConnectionFailed as error:
        return {"phase": "Unreachable", "message": error.what}
    except KubeError as error:
        return {"phase": "NotReady", "message": error.what}
    except AcmpError as error:
        return {"phase": "Refused", "message": error.what}
    except Exception as error:
        # What another cluster sends is nothing to rely on, and must hide no other.
        if local:
            raise
        return {"phase": "Refused", "message": f"its answers are not those of a Kubernetes API server ({type(error).__name__})"}
    return {**facts, "credential": {"kind": ends.kind, "issuedAt": ends.issued_at, "expiresAt": ends.expires_at}}


def of_cluster(kube: Kube) -> dict[str, Any]:
    """Version, nodes, capacity, storage classes, instances ... of a cluster that answers; nine requests side by side.

    What may not be read is None, and named under notChecked; only nodes have to be readable.
    """
    calls: dict[str, Callable[[], Any]] = {
        "get /version": kube.version,
        "list nodes": lambda: kube.list("v1", "Node"),
        "list pods": lambda: kube.list("v1", "Pod", field_selector=_RUNNING),
        "list persistentvolumeclaims": lambda: kube.list("v1", "PersistentVolumeClaim"),
        "list storageclasses": lambda: kube.list("storage.k8s.io/v1", "StorageClass"),
        "list nodes.metrics.k8s.io": lambda: _metrics(kube),
        "list instances": lambda: kube.list(API_VERSION, "Instance", metadata_only=True),
        "get /apis": lambda: network.groups(kube),
        "get configmaps": lambda: setup.recorded_schema(kube),
    }
    message, missing, found = "", [], {}
    jobs = {right: started(call) for right, call in calls.items()}
    for right, job in jobs.items():
        found[right] = None
        try:
            found[right] = job.result()
        except Forbidden:
            if right == "list nodes":
                raise
            missing.append(right)
        except NotFound:
            # The platform's kinds or its record: nothing was installed there, or it was taken away.
            message = message or "the platform's custom resources are missing there; register the cluster again"
        except KubeError:
            raise
        except AcmpError as error:
            message = error.what
    nodes, pods, classes = found["list nodes"], found["list pods"], found["list storageclasses"]
    measured = measure.capacity(nodes, pods, found["list nodes.metrics.k8s.io"], found["list persistentvolumeclaims"])
    ready, total = measured["nodes"]["ready"], measured["nodes"]["total"]
    if ready < total or not total:
        message = f"{total - ready} of {total} nodes are not ready" if total else "it has no nodes"
    return {
        "phase": "Ready" if ready else "NotReady", "message": message, "observedAt": now(),
        "version": (found["get /version"] or {}).get("gitVersion"), "schema": found["get configmaps"], "nodes": measured["nodes"],
        "architectures": sorted({row["architecture"] for row in measured["perNode"] if row["architecture"]}),
        "capacity": measured["resources"], "perNode": measured["perNode"][:_MOST_NODES],
        "storageClasses": None if classes is None else measure.storage_classes(classes),
        "networkPolicy": network.judge(found["get /apis"], nodes, pods), "instances": _instances(found["list instances"]), "notChecked": missing,
    }


def instances(kube: Kube) -> list[str]:
    """NAMESPACE/NAME of every instance on a cluster."""
    try:
        return _names(kube.list(API_VERSION, "Instance", metadata_only=True))
    except NotFound:
        return []


def _names(found: list[dict]) -> list[str]:
    return sorted(f"{item['metadata']['namespace']}/{item['metadata']['name']}" for item in found)


def _instances(found: list[dict] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"count": len(found), "names": _names(found)[:_MOST_NAMES], "observedAt": now()}


def _metrics(kube: Kube) -> list[dict] | None:
    try:
        return kube.raw("GET", _METRICS).json().get("items")
    except Forbidden:
        raise
    except KubeError:
        # No metrics-server, or one that does not answer.
        return None
