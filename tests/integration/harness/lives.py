# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kinds of instances with what the test of a whole life needs of each: charts of ours, a kustomization, plain manifests.

A chart of somebody else is tried by a Python file of one's own that ACMP_LIVES names: it has a dict LIVES, name -> Life.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .packages import package_with
from .stores import EXAMPLES, POSTGRESQL, REDIS, Kind, files

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
# Each follows the one before it, and that alone; the last two follow the third.
VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0")
FOLLOWS = {"1.1.0": "1.0.0", "1.2.0": "1.1.0", "1.3.0": "1.2.0", "1.4.0": "1.2.0"}
FAILING, REFUSED = VERSIONS[3:]


@dataclass(frozen=True)
class Life:
    """store: its rows. changes: five settings of the form, one after the other. grows: the values with a class that expands volumes, small and large.

    broken: an image that no registry has. setting: a key of its ConfigMap, and a line for it. folders: scratch, name -> a package folder for each version;
    FAILING has a hook (a Job) that fails, REFUSED cannot be applied. said: of REFUSED.
    """

    store: Kind
    changes: tuple[dict, ...]
    grows: Callable[[str, str], dict]
    sizes: tuple[str, str]
    broken: dict
    setting: tuple[str, str]
    folders: Callable[[Path, str], list[str]]
    said: str
    values: dict = field(default_factory=dict)


JOB = """apiVersion: batch/v1
kind: Job
metadata:
  name: NAME
  labels: {app.kubernetes.io/name: NAME}
spec:
  backoffLimit: 0
  template:
    metadata:
      labels: {app.kubernetes.io/name: NAME}
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: main
          image: docker.io/acmp/tiny:1.0.0
          env: [{name: TINY_CRASH_AFTER, value: "0.1"}, {name: TINY_EXIT_CODE, value: "3"}]
          resources: {requests: {cpu: 1m, memory: 8Mi}, limits: {memory: 16Mi}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
"""
# Helm deletes such a Job only before it makes the next one: what a failed upgrade leaves has to go with the instance.
HOOK = JOB.replace("name: NAME\n  labels", "name: {{ .Release.Name }}-before\n  annotations: {helm.sh/hook: pre-upgrade}\n  labels").replace("NAME", "before")
REQUIRED = "noSuchSetting"


def of_chart(source: Path) -> Callable[[Path, str], list[str]]:
    """Versions of an example."""

    def folders(scratch: Path, name: str) -> list[str]:
        schema = json.loads((source / "raw" / source.name / "values.schema.json").read_text())
        schema["required"] = [*schema.get("required", []), REQUIRED]
        files_of = {
            FAILING: {f"raw/{name}/templates/hook.yaml": HOOK}, REFUSED: {f"raw/{name}/values.schema.json": json.dumps(schema, indent=2)},
        }
        return [package_with(scratch, name, files_of.get(version), version, source, FOLLOWS.get(version, "")) for version in VERSIONS]

    return folders


def of_manifests(source: Path, workload: str) -> Callable[[Path, str], list[str]]:
    """Versions of a kustomization or of plain manifests: one with a Job, one whose workload the API server refuses."""

    def folders(scratch: Path, name: str) -> list[str]:
        more = {"raw/once.yaml": "---\n" + JOB.replace("NAME", "once")}
        listing = source / "raw" / "kustomization.yaml"
        if listing.exists():
            more["raw/kustomization.yaml"] = listing.read_text().replace("resources:\n", "resources:\n  - once.yaml\n")
        text = (source / "raw" / workload).read_text()
        wrong = {f"raw/{workload}": text.replace("containerPort: 8080", "containerPort: 80800")}
        files_of = {FAILING: more, REFUSED: wrong}
        return [package_with(scratch, name, files_of.get(version), version, source, FOLLOWS.get(version, "")) for version in VERSIONS]

    return folders


def _patched(kind: str, name: str, place: str) -> Callable[[str, str], dict]:
    """The claim's class and size as patches of a kustomization. place: of the claim's spec, a JSON pointer."""

    def values(storage_class: str, size: str) -> dict:
        patch = [
            {"op": "add", "path": f"{place}/storageClassName", "value": storage_class},
            {"op": "replace", "path": f"{place}/resources/requests/storage", "value": size},
        ]
        return {"patches": [{"target": {"kind": kind, "name": name}, "patch": patch}]}

    return values


def _of_values(storage_class: str, size: str) -> dict:
    return {"persistence.storageClass": storage_class, "persistence.size": size}


_MANIFESTS = {
    "changes": ({"labels.team": "shop"}, {"annotations.note": "one"}, {"replicas.web": 2}, {"annotations.note": "two"}, {"replicas.web": 1}),
    "sizes": ("1Mi", "2Mi"), "broken": {"images.tiny.newTag": "no-such-tag"}, "setting": ("TINY_MESSAGE", "said by hand"),
    "said": "containerPort",
}
LIVES = {
    "redis": Life(
        REDIS, values=REDIS.values, folders=of_chart(EXAMPLES / "redis"), grows=_of_values, sizes=("1Gi", "2Gi"), said=REQUIRED,
        changes=({"config.maxmemoryPolicy": "allkeys-lru"}, {"resources.limits.memory": "200Mi"}, {"replicas": 1}, {"service.type": "NodePort"},
                 {"config.databases": 8}),
        broken={"image.tag": "7.0.99"}, setting=("redis.conf", "maxclients 500"),
    ),
    "postgresql": Life(
        POSTGRESQL, values=POSTGRESQL.values, folders=of_chart(EXAMPLES / "postgresql"), grows=_of_values, sizes=("2Gi", "3Gi"), said=REQUIRED,
        changes=({"config.maxConnections": 50}, {"resources.limits.memory": "400Mi"}, {"replicas": 1}, {"service.type": "NodePort"},
                 {"config.sharedBuffersPercent": 20}),
        broken={"image.tag": "15.99"}, setting=("postgresql.conf", "max_wal_senders = 7"),
    ),
    "kustomization": Life(
        files("data-{}-web-0"), folders=of_manifests(PACKAGES / "tiny-kustomize", "statefulset.yaml"),
        grows=_patched("StatefulSet", "web", "/spec/volumeClaimTemplates/0/spec"), **_MANIFESTS,
    ),
    "manifests": Life(
        files("{}-data"), folders=of_manifests(PACKAGES / "tiny-plain", "deployment.yaml"), grows=_patched("PersistentVolumeClaim", "data", "/spec"),
        **_MANIFESTS,
    ),
}


def all_of_them() -> dict[str, Life]:
    """Ours, and those of the file that ACMP_LIVES names."""
    path = os.environ.get("ACMP_LIVES")
    if not path:
        return LIVES
    spec = importlib.util.spec_from_file_location("lives_of_others", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {**LIVES, **module.LIVES}
