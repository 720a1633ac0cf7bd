# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three ways to the same Redis: our task, kubernetes.core's helm task, the helm program; same chart, values, binary."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from common import Failed

OURS, THEIRS, PLAIN = "ours", "kubernetes.core", "helm"


@dataclass
class Ground:
    """Where it is run: folders, cluster, programs."""

    scratch: Path
    kubeconfig: str
    namespace: str
    helm: str
    venv: Path
    collections: Path
    chart: Path
    values: dict
    extra: dict = field(default_factory=dict)

    def environment(self, **other: str) -> dict:
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "K8S_AUTH_", "HELM_", "PYTHON"))},
            "PATH": os.pathsep.join([str(Path(self.helm).parent), str(self.venv / "bin"), os.environ["PATH"]]),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections), "ANSIBLE_HOME": str(self.scratch / "home"), "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "KUBECONFIG": self.kubeconfig, "K8S_AUTH_KUBECONFIG": self.kubeconfig, **self.extra, **other,
        }


def our_task(ground: Ground, name: str, wait: bool = True, **options) -> dict:
    """ground.values are those of the package's own default but for what is set here."""
    values = {"auth": {"existingSecret": "bench-auth"}, "config": {"maxmemoryPolicy": ground.values["config"]["maxmemoryPolicy"]}}
    return {"name": f"Deploy {name}", "acmp.middleware.acmp_instance": {
        "name": name, "namespace": ground.namespace, "package": "redis", "wait": wait, "wait_timeout": 180, "helm_binary": ground.helm, "values": values,
        **options,
    }}


def their_task(ground: Ground, name: str, wait: bool = True) -> dict:
    return {"name": f"Deploy {name}", "kubernetes.core.helm": {
        "name": name, "release_namespace": ground.namespace, "chart_ref": str(ground.chart), "values": ground.values, "binary_path": ground.helm,
        "wait": wait, "timeout": "180s",
    }}


def playbook(ground: Ground, label: str, tasks: list, interpreter: str = "{{ ansible_playbook_python }}") -> Path:
    play = {
        "name": "Bench", "hosts": "localhost", "gather_facts": False,
        "vars": {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": interpreter}, "tasks": tasks,
    }
    path = ground.scratch / f"{label}.yml"
    path.write_text(yaml.safe_dump([play], sort_keys=False))
    return path


def play(ground: Ground, path: Path, **other: str) -> float:
    """Seconds of a whole ansible-playbook."""
    return _timed([str(ground.venv / "bin" / "ansible-playbook"), str(path)], ground, **other)


def plain(ground: Ground, name: str, wait: bool = True, **other: str) -> float:
    """Seconds of one helm upgrade --install, with --wait or without."""
    values = ground.scratch / "values.yaml"
    values.write_text(yaml.safe_dump(ground.values, sort_keys=False))
    return _timed([ground.helm, "upgrade", "--install", name, str(ground.chart), "--namespace", ground.namespace, "--values", str(values),
                   *(["--wait"] if wait else []), "--timeout", "180s"], ground, **other)


def command(words: list, ground: Ground) -> float:
    """Seconds of any program in the ground's environment; last_output() is what it said."""
    return _timed(words, ground)


def _timed(command: list, ground: Ground, **other: str) -> float:
    began = time.monotonic()
    answer = subprocess.run(command, cwd=ground.scratch, env=ground.environment(**other), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    seconds = time.monotonic() - began
    (ground.scratch / "last.log").write_text(answer.stdout)
    if answer.returncode:
        raise Failed(f"{' '.join(command[:3])} ended with {answer.returncode}:\n{answer.stdout[-3000:]}")
    return seconds


def last_output(ground: Ground) -> str:
    return (ground.scratch / "last.log").read_text()
