# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Operation record of one run of a verb, with its steps."""

from __future__ import annotations

from ..api import API_VERSION
from ..clock import now
from ..context import Context
from ..errors import KubeError


class OperationLog:
    """Collects steps, tells them to who waits, and writes them: running() at the start, finish() at the end."""

    def __init__(self, kube, record: dict, title: str, ctx: Context) -> None:
        created = kube.create(record)
        self.name: str = created["metadata"]["name"]
        # By the server's clock: what was made before it is not this run's.
        self.created_at: str = created["metadata"].get("creationTimestamp", "")
        self._namespace = created["metadata"]["namespace"]
        self._kube, self._title, self._ctx = kube, title, ctx
        self._steps: list[dict] = []
        self._started = now()

    def running(self) -> None:
        """Says that it runs; an Operation of which nothing is said counts as running, too."""
        self._write({"phase": "Running", "startedAt": self._started})

    def step(self, message: str) -> None:
        self._ctx.progress(f"{self._title}  {message}")
        self._steps.append({"name": f"{len(self._steps) + 1}", "at": now(), "message": self._ctx.secrets.mask(message)[:1024]})

    def finish(self, phase: str, message: str = "", log: str = "", outputs: dict | None = None) -> None:
        """phase: Succeeded, Failed or Stopped. A failure to write this never hides the run's own outcome."""
        mask = self._ctx.secrets.mask
        status = {
            "phase": phase, "startedAt": self._started, "finishedAt": now(),
            "message": mask(message)[:2048], "log": mask(log)[-8192:], "outputs": outputs or {},
        }
        try:
            self._write(status)
        except KubeError as error:
            self._ctx.warn(f"The outcome could not be written to Operation {self._namespace}/{self.name}: {error.what}")

    def _write(self, status: dict) -> None:
        self._kube.patch_status(API_VERSION, "Operation", self.name, self._namespace, {**status, "steps": self._steps, "observedAt": now()})


def close_stale(kube, namespace: str, selector: str, but: str = "") -> None:
    """Closes the Operations of runs that died before they could: whoever holds the lease is the only one running.

    selector: label selector of the instance's Operations. By it and not by the record's last one, which may have died before it was recorded.
    but: the name of the one that runs.
    """
    status = {"phase": "Stopped", "finishedAt": now(), "observedAt": now(), "message": "the run that did this ended without a word"}
    for found in kube.list(API_VERSION, "Operation", namespace, label_selector=selector):
        if found.get("status", {}).get("phase", "Running") == "Running" and found["metadata"]["name"] != but:
            kube.patch_status(API_VERSION, "Operation", found["metadata"]["name"], namespace, status)
