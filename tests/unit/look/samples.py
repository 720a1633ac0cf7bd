# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Objects as an API server gives them, and instances as a look returns them."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.acmp.middleware.plugins.module_utils.look import addresses, events, pods, workloads
from ansible_collections.acmp.middleware.plugins.module_utils.look.ages import age

NOW = datetime(2026, 1, 31, 12, 10, tzinfo=timezone.utc)
BEGAN = "2026-01-31T12:00:00Z"
# Each would mark the page or ask a server if the page ran or loaded anything.
ATTACK = '"><script>document.documentElement.dataset.ran=1</script><img src="https://leak.example/x.png" onerror="document.documentElement.dataset.ran=1">'


def meta(name: str, owner: tuple[str, str] | None = None, namespace: str = "shop", **more) -> dict:
    owners = {"ownerReferences": [{"kind": owner[0], "name": owner[1], "uid": owner[1]}]} if owner else {}
    return {"name": name, "namespace": namespace, "creationTimestamp": BEGAN, **owners, **more}


def pod(name: str = "one-0", owner: tuple[str, str] | None = None, state: dict | None = None, ready: bool = True, **status) -> dict:
    item = {"name": "c", "state": state or {"running": {"startedAt": BEGAN}}, "ready": ready, "restartCount": 0}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": meta(name, owner), "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": "app:1"}]},
        "status": {"phase": "Running", "podIP": "10.1.2.3", "containerStatuses": [item], **status},
    }


def controller(kind: str = "Deployment", name: str = "one", spec: dict | None = None, status: dict | None = None, **more) -> dict:
    template = {"spec": {"containers": [{"name": "c", "image": "app:1"}]}}
    return {
        "apiVersion": "batch/v1" if "Job" in kind else "apps/v1", "kind": kind, "metadata": meta(name, **more), "spec": {"template": template, **(spec or {})},
        "status": status if status is not None else {"readyReplicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "replicas": 1},
    }


def service(name: str = "one", **spec) -> dict:
    return {
        "apiVersion": "v1", "kind": "Service", "metadata": meta(name),
        "spec": {"clusterIP": "10.0.0.7", "ports": [{"port": 80, "protocol": "TCP"}], "type": "ClusterIP", **spec},
    }


def record(name: str = "one", inventory: tuple = (("Deployment", "one"),), phase: str = "Ready", **more) -> dict:
    """An Instance; more: further fields of its status."""
    found = [{"apiVersion": "apps/v1", "kind": kind, "name": each, "namespace": "shop"} for kind, each in inventory]
    return {
        "metadata": meta(name), "spec": {"package": "tiny", "version": "1.0.0", "type": "default", "mode": "helm", "document": "spec:\n  values: {a: 1}\n"},
        "status": {"phase": phase, "revision": 1, "readyRevision": 1, "inventory": found, **more},
    }


def event(kind: str, name: str, at: str, message: str = "it happened", **more) -> dict:
    return {
        "metadata": meta(f"{name}.1"), "involvedObject": {"kind": kind, "name": name}, "reason": "Pulled", "type": "Normal", "message": message,
        "source": {"component": "kubelet"}, "lastTimestamp": at, "count": 1, **more,
    }


def operation(name: str = "one-deploy-1", verb: str = "deploy", at: str = BEGAN, end: str = "2026-01-31T12:00:09Z", phase: str = "Succeeded", **more) -> dict:
    return {
        "metadata": meta(name), "spec": {"instance": "one", "verb": verb, "requester": "alice"},
        "status": {"phase": phase, "startedAt": at, "finishedAt": end, "steps": [{"name": "1", "at": at, "message": f"{verb}ing with Helm"}], **more},
    }


def revision(number: int, document: str, operation: str = "", ready: bool = True, **spec) -> dict:
    return {
        "metadata": meta(f"one-r{number}"),
        "spec": {"instance": "one", "revision": number, "package": "tiny", "version": "1.0.0", "type": "default", "document": document,
                 "operation": operation, **spec},
        "status": {"ready": ready, "helmRevision": number, "message": ""},
    }


def instance(number: int = 1, phase: str = "Ready", text: str = "", **more) -> dict:
    """What a look returns of one, with all parts; text is put wherever somebody else may write."""
    name, done = f"one-{number:03}", phase == "Ready"
    waits = None if done else {"waiting": {"reason": "CrashLoopBackOff", "message": f"back-off 5m0s restarting failed container {text}"}}
    shown = pods.show(pod(f"{name}-677bcf577c-abcde", ("ReplicaSet", f"{name}-677bcf577c"), waits, done), NOW)
    status = {"readyReplicas": int(done), "updatedReplicas": 1, "availableReplicas": int(done), "replicas": 1}
    told = events.merged([event("Pod", shown["name"], "2026-01-31T12:00:03Z", f"Container image already present {text}")], [operation()], NOW)
    return {
        "name": name, "namespace": f"shop-{number % 7}", "cluster": "local", "project": "retail", "package": "tiny", "version": "1.0.0", "type": "default",
        "mode": "helm", "phase": phase, "revision": 2, "ready_revision": 1, "helm_revision": 2, "release": name, "description": text, "delete_policy": "keep",
        "document": "", "secrets": [{"name": f"{name}-auth", "keys": ["password"]}], "last_error": "" if done else f"not ready within 300 s {text}",
        "operation": "", "created_at": BEGAN, "age": age(BEGAN, NOW), "observed_at": BEGAN, "helm_status": "deployed", "conditions": [],
        "workloads": [workloads.show(controller(name=name, status=status), NOW)], "pods": [shown],
        "endpoints": [{**addresses.endpoint(service(name)), "created_at": BEGAN, "age": "10m"}],
        "status": [{"label": "Host", "value": name, "text": f"{name}{text}", "url": "", "missing": ""}],
        "parameters": [{"label": "Pods", "path": "values.replicas", "group": "", "value": text or 2, "default": 1, "secret": False, "changed": True}],
        "history": [{
            "at": BEGAN, "finished_at": BEGAN, "by": f"alice{text}", "verb": "change", "operation": "", "outcome": "Succeeded", "revision": 2,
            "package": "tiny", "version": "1.0.0", "ready": True, "helm_revision": 2, "message": text,
            "changes": [{"path": "values.replicas", "before": 1, "after": text or 2}]}],
        "events": told, **more,
    }


def many(count: int, text: str = "") -> list[dict]:
    words = ("Ready",) * 8 + ("NotReady", "Failed")
    return [instance(number, words[number % 10], text) for number in range(1, count + 1)]
