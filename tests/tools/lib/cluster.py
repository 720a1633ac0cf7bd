# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cluster that integration and molecule parts run on: the one named in ACMP_KUBECONFIG, or one of our own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess

from common import ROOT, Failed, say
from runner import Part, Runner

SCRIPT = ROOT / "tests" / "cluster" / "cluster"


@contextlib.contextmanager
def ready(runner: Runner):
    """Yield the settings a part needs to find the cluster; take away again what was started for it."""
    if os.environ.get("ACMP_KUBECONFIG"):
        # Whoever brings a cluster may bring a helm as well.
        yield {} if shutil.which("helm") else _path_with_helm()
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
    kubeconfig = _ask("kubeconfig")
    if not kubeconfig:
        raise Failed(f"the cluster is up, but it does not say where its kubeconfig is. Run it by hand: {SCRIPT} status")
    return {"ACMP_KUBECONFIG": kubeconfig, **_path_with_helm()}


def _path_with_helm() -> dict:
    """The newest Helm first; built when missing, which takes some minutes the first time."""
    helm = _ask("helm-path", "4")
    if not helm:
        raise Failed(f"there is no helm. Put Helm 3.18 or newer on PATH, or see what this says: {SCRIPT} helm-path 4")
    return {"PATH": os.pathsep.join([os.path.dirname(helm), os.environ["PATH"]])}
