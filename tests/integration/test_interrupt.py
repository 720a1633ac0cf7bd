# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ctrl-C in a terminal, while helm works and while pods are waited for."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from harness.ansible import instance, leftovers
from harness.checks import good, until
from harness.processes import descendants, kill_tree
from harness.wholeness import held
from proxy import Proxy


@pytest.mark.parametrize("moment", ["helm works", "waiting"])
def test_interrupt(ansible, api, kubeconfig, space, tmp_path, moment):
    """Ctrl-C in a terminal leaves no helm child, no lease, no scratch file; the same task run again goes on."""
    values = {"claim.enabled": True, "hookJob.enabled": moment == "helm works", "hookJob.seconds": 20, "readyAfterSeconds": 0 if moment == "helm works" else 20}
    with Proxy(kubeconfig, tmp_path) as proxy:
        playing = ansible.start([instance("one", space, package="tiny", values=values)], env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig})
        try:
            if moment == "helm works":
                until("the hook to run", lambda: any(pod["status"].get("phase") == "Running" for pod in api.core("pods", space)), 60)
            else:
                until("the wait", lambda: any(seen.stream and "Helm" not in seen.agent for seen in list(proxy.seen)), 60)
                until("the release", lambda: api.helm(space).get("one") == [(1, "deployed")], 60)
            everyone = descendants(playing.process.pid)
            assert any("helm" in _name(pid) for pid in everyone) == (moment == "helm works"), [_name(pid) for pid in everyone]
            playing.interrupt()
            playing.process.wait(20)
            until("all processes to end", lambda: not [pid for pid in everyone if _alive(pid)], 15)
            assert not leftovers(playing.folder), leftovers(playing.folder)
            until("the lease to be given back", lambda: not held(api, space), 3)
            assert "Traceback" not in playing.log.read_text()
            running = [item for item in api.own("operations", space) if item.get("status", {}).get("phase") == "Running"]
            assert not running, running
        finally:
            with contextlib.suppress(ProcessLookupError):
                kill_tree(playing.process.pid)
    run = good(ansible.play(instance("one", space, package="tiny", values={**values, "hookJob.seconds": 0.1, "readyAfterSeconds": 0})))
    assert run.last["instance"]["phase"] == "Ready"
    assert [status for _revision, status in api.helm(space)["one"]].count("deployed") == 1


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
