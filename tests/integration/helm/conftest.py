# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A namespace, a connection, both majors of helm, and charts small enough to need no image."""

from __future__ import annotations

import os
import random
import subprocess
import textwrap
import time
from pathlib import Path

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.helm import binary
from ansible_collections.acmp.middleware.plugins.module_utils.kube import connect

CLUSTER = Path(__file__).resolve().parents[2] / "cluster" / "cluster"

# Nothing here ever runs: no replicas, and hooks whose image does not exist, so that they never end.
TEMPLATES = {
    "claim.yaml": """
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: {{ .Release.Name }}-data
        spec:
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 8Mi}}
        """,
    "secret.yaml": """
        apiVersion: v1
        kind: Secret
        metadata:
          name: {{ .Release.Name }}-password
        stringData:
          password: {{ randAlphaNum 16 | quote }}
        """,
    "service.yaml": """
        apiVersion: v1
        kind: Service
        metadata: {name: {{ .Release.Name }}}
        spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
        """,
    "deployment.yaml": """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ .Release.Name }}
        spec:
          replicas: {{ .Values.replicas }}
          selector: {matchLabels: {app: {{ .Release.Name }}}}
          template:
            metadata: {labels: {app: {{ .Release.Name }}}}
            spec: {containers: [{name: a, image: "nothing.invalid/nothing:1", env: [{{ .Values.env }}]}]}
        """,
    "many.yaml": """
        {{- range $number := until (int .Values.many) }}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: {{ $.Release.Name }}-{{ $number }}}
        data: {a: {{ $.Values.text | quote }}}
        {{- end }}
        """,
    "hook.yaml": """
        {{- if .Values.hook }}
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {{ .Release.Name }}-hook
          annotations: {"helm.sh/hook": {{ .Values.hook }}, "helm.sh/hook-delete-policy": before-hook-creation}
        spec:
          backoffLimit: 0
          template: {spec: {restartPolicy: Never, containers: [{name: a, image: "nothing.invalid/nothing:1"}]}}
        {{- end }}
        """,
}
VALUES = "replicas: 0\nmany: 2\ntext: one\nhook: ''\nenv: ''\n"


@pytest.fixture(scope="session")
def chart(tmp_path_factory) -> str:
    return write_chart(tmp_path_factory.mktemp("chart"))


def write_chart(folder: Path, **more: str) -> str:
    (folder / "templates").mkdir(exist_ok=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: small\nversion: 1.0.0\nappVersion: '1'\n")
    (folder / "values.yaml").write_text(VALUES)
    for name, text in {**TEMPLATES, **more}.items():
        (folder / "templates" / name).write_text(textwrap.dedent(text))
    return str(folder)


@pytest.fixture
def ctx() -> Context:
    return Context(env=dict(os.environ))


@pytest.fixture(params=[3, 4], ids=["helm3", "helm4"])
def helm(request, ctx):
    return find_helm(request.param, ctx)


def find_helm(major: int, ctx: Context) -> binary.Helm:
    path = os.environ.get(f"ACMP_HELM{major}", "")
    if not path and CLUSTER.exists():
        done = subprocess.run([CLUSTER, "helm-path", str(major)], capture_output=True, text=True, check=False)
        path = done.stdout.strip() if done.returncode == 0 else ""
    if not path or not os.access(path, os.X_OK):
        pytest.skip(f"no helm {major}: set ACMP_HELM{major}")
    found = binary.find(ctx, path)
    ctx.processes.clear()
    return found


@pytest.fixture
def kube(kubeconfig, ctx):
    return connect.connect({"kubeconfig": kubeconfig}, ctx)


@pytest.fixture
def space(kube):
    name = f"it-helm-{random.SystemRandom().randrange(16 ** 6):06x}"
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    kube.delete("v1", "Namespace", name)


@pytest.fixture
def uids(kube, space):
    """A function: the objects of the namespace that our chart makes, as {(kind, name): uid}."""
    def look() -> dict:
        kinds = (("v1", "PersistentVolumeClaim"), ("v1", "Secret"), ("v1", "Service"), ("apps/v1", "Deployment"), ("v1", "ConfigMap"))
        found = [(kind, item["metadata"]) for version, kind in kinds for item in kube.list(version, kind, space, metadata_only=True)]
        return {(kind, meta["name"]): meta["uid"] for kind, meta in found if meta["name"] != "kube-root-ca.crt" and not meta["name"].startswith("sh.helm")}
    return look


def wait_for(check, seconds: float = 30.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it never happened")
