# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster a demo takes place in: one of our own, or the one that ACMP_KUBECONFIG names."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import traces
from common import ROOT, Failed

NAME = "demo"  # a cluster of its own, so that cleaning never ends somebody else's
SCRIPT = ROOT / "tests" / "cluster" / "cluster"


class Place:
    """kubeconfig: path. tools: folders with kubectl and helm, to be put before PATH. uid: of namespace kube-system."""

    def __init__(self, kubeconfig: str, tools: list, is_own: bool) -> None:
        self.kubeconfig, self.tools, self.is_own = kubeconfig, tools, is_own
        self.path = os.pathsep.join([*tools, os.environ["PATH"]])
        self.uid = self.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}")

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        program = shutil.which("kubectl", path=self.path)
        if not program:
            raise Failed("kubectl is not in PATH. To do: install it, or unset ACMP_KUBECONFIG: the demo's own cluster brings one along")
        answer = subprocess.run([program, f"--kubeconfig={self.kubeconfig}", *arguments], input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                                capture_output=True, text=True, check=False)
        if answer.returncode:
            raise Failed(f"kubectl {' '.join(arguments[:4])} failed: {answer.stderr.strip()[-500:]}")
        return answer.stdout

    def exists(self, kind: str, name: str) -> bool:
        return bool(self.kubectl("get", kind, name, "--ignore-not-found", "-o", "name"))

    def describe(self) -> str:
        version = json.loads(self.kubectl("version", "-o", "json"))["serverVersion"]["gitVersion"]
        server = self.kubectl("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}")
        return f"Kubernetes {version} at {server}"

    def traces(self) -> dict:
        return traces.of_kubernetes(self.kubectl)

    def traces_settled(self, before: dict, patience: float = 60.0) -> dict:
        """Volumes go a moment after their claims: looked at again until nothing new is left, or patience ends."""
        end = time.monotonic() + patience
        while True:
            found = self.traces()
            if not traces.new(before, found) or time.monotonic() > end:
                return found
            time.sleep(1)

    def run_pod(self, namespace: str, name: str, image: str, command: list, secrets: dict, patience: float = 90.0) -> str:
        """What a pod printed that ran ``command`` to its end; secrets: variable -> (name of a Secret, key)."""
        variables = [{"name": each, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}} for each, (secret, key) in secrets.items()]
        guarded = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        limits = {"cpu": "100m", "memory": "64Mi"}
        container = {"name": name, "image": image, "command": command, "env": variables, "securityContext": guarded,
                     "resources": {"requests": limits, "limits": limits}}
        user = {"runAsNonRoot": True, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}}
        spec = {"spec": {"containers": [container], "securityContext": user, "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0}}
        self.kubectl("-n", namespace, "delete", "pod", name, "--ignore-not-found", "--wait=true")
        self.kubectl("-n", namespace, "run", name, f"--image={image}", "--restart=Never", f"--overrides={json.dumps(spec)}")
        try:
            return self._ended(namespace, name, patience)
        finally:
            self.kubectl("-n", namespace, "delete", "pod", name, "--ignore-not-found", "--wait=false")

    def _ended(self, namespace: str, name: str, patience: float) -> str:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            phase = self.kubectl("-n", namespace, "get", "pod", name, "-o", "jsonpath={.status.phase}")
            if phase in ("Succeeded", "Failed"):
                output = self.kubectl("-n", namespace, "logs", name)
                if phase == "Failed":
                    raise Failed(f"the client pod {name} failed:\n{output.strip()}")
                return output
            time.sleep(0.3)
        raise Failed(f"the client pod {name} did not end within {patience:.0f} s. To do: kubectl -n {namespace} describe pod {name}")


def own_slot(name: str = NAME) -> int | None:
    """The place of the own cluster of that name on this machine, None where there is none."""
    record = traces.CLUSTERS / name / "cluster.json"
    return json.loads(record.read_text())["slot"] if record.exists() else None


def own(name: str = NAME) -> Place:
    if os.geteuid() != 0:
        raise Failed("a Kubernetes on this machine needs root (network, mounts). To do: run it as root, or name a cluster: ACMP_KUBECONFIG=PATH make ...")
    if subprocess.run([SCRIPT, "up", "--name", name], stdin=subprocess.DEVNULL, check=False).returncode:
        raise Failed("the cluster did not start, see above. To do: correct what it names, then run the same again")
    lines = subprocess.run([SCRIPT, "env", "--name", name], capture_output=True, text=True, check=True).stdout.splitlines()
    settings = dict(line.removeprefix("export ").split("=", 1) for line in lines)
    tools = shlex.split(settings["PATH"].replace(":$PATH", ""))
    return Place(shlex.split(settings["KUBECONFIG"])[0], tools, is_own=True)


def own_namespaces(name: str = NAME) -> list:
    """Kubernetes' namespaces in the own cluster; none where it does not answer, for then nobody has them."""
    folder = traces.CLUSTERS / name
    command = [folder / "bin" / "kubectl", f"--kubeconfig={folder / 'kubeconfig'}", "--request-timeout=5s", "get", "namespaces", "-o", "name"]
    try:
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError:
        return []
    return answer.stdout.split() if answer.returncode == 0 else []


def end_own(name: str = NAME) -> None:
    if subprocess.run([SCRIPT, "down", "--name", name], stdin=subprocess.DEVNULL, check=False).returncode:
        raise Failed("the cluster did not end, see above. To do: run the same again")


def foreign(kubeconfig: str) -> Place:
    path = Path(kubeconfig).resolve()
    if not path.is_file():
        raise Failed(f"ACMP_KUBECONFIG names {path}, which does not exist. To do: name a kubeconfig, or unset it for a cluster of our own")
    tools = []
    if not shutil.which("helm"):
        answer = subprocess.run([SCRIPT, "helm-path", "4"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
        if answer.returncode:
            raise Failed("helm is not in PATH and could not be built. To do: install Helm 3.18 or newer")
        tools = [str(Path(answer.stdout.strip()).parent)]
    return Place(str(path), tools, is_own=False)
