# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that integration and molecule parts run on: the one named in ACMP_KUBECONFIG, or one of our own."""

from __future__ import annotations

import contextlib
import os
import subprocess

from common import ROOT, Failed, say
from runner import Part, Runner

SCRIPT = ROOT / "tests" / "cluster" / "cluster"


@contextlib.contextmanager
def ready(runner: Runner):
    """Yield the settings a part needs to find the cluster; take away again what was started for it."""
    if os.environ.get("ACMP_KUBECONFIG"):
        yield {}
        return
    if not SCRIPT.exists():
        raise Failed(f"there is no cluster to test on: {SCRIPT} does not exist. Set ACMP_KUBECONFIG to the kubeconfig of a cluster that may be written to.")
    before = _up()
    # The first time on a machine it is built, which takes longer than everything else here.
    runner.run([Part("cluster", (str(SCRIPT), "up"), hours=1)])
    try:
        if not _up():
            raise Failed(f"the cluster did not start, so nothing was tested on it. See {runner.logs / 'cluster.log'}.")
        yield _settings()
    finally:
        if not before and not os.environ.get("ACMP_KEEP_CLUSTER"):
            say("          stopping the cluster that was started for this run (ACMP_KEEP_CLUSTER=1 keeps it)")
            subprocess.run([SCRIPT, "down"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def _up() -> bool:
    return _ask("status") is not None


def _ask(*words: str) -> str | None:
    answer = subprocess.run([SCRIPT, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else None


def _settings() -> dict:
    """The newest Helm first on PATH: `helm-path` prints the binary, whatever the folder it is kept in is called."""
    helm = _ask("helm-path", "4")
    kubeconfig = _ask("kubeconfig")
    if not helm or not kubeconfig:
        raise Failed(f"the cluster is up, but {SCRIPT} does not say where its kubeconfig and helm are. Run it by hand: {SCRIPT} status")
    return {"ACMP_KUBECONFIG": kubeconfig, "PATH": os.pathsep.join([os.path.dirname(helm), os.environ["PATH"]])}
