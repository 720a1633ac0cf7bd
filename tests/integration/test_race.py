# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two callers at once: one works, the other waits or is told who does; Helm never writes twice at the same time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from harness.ansible import instance
from harness.checks import good
from proxy import Proxy

WRITING = ("install", "upgrade", "rollback", "uninstall")


class TimedHelm:
    """A helm that notes when each start begins and ends."""

    def __init__(self, folder: Path, binary: str) -> None:
        folder.mkdir()
        self.folder, self._log = str(folder), folder / "times"
        script = folder / "helm"
        # A dry run of an upgrade reads only, and goes ahead of the lease.
        lines = (
            "#!/bin/sh", f'case "$*" in *--dry-run*) exec "{binary}" "$@";; esac', f'printf "begin %s %s %s\\n" "$$" "$(date +%s.%N)" "$1" >> "{self._log}"',
            f'"{binary}" "$@"', "code=$?", f'printf "end %s %s %s\\n" "$$" "$(date +%s.%N)" "$1" >> "{self._log}"', "exit $code",
        )
        script.write_text("\n".join(lines) + "\n")
        script.chmod(0o755)

    def writing(self) -> list[tuple[float, float, str]]:
        """Begin, end and verb of each start that writes, in their order."""
        begun, found = {}, []
        for line in self._log.read_text().splitlines() if self._log.exists() else []:
            word, pid, at, verb = line.split()
            if word == "begin":
                begun[pid] = float(at)
            elif verb in WRITING:
                found.append((begun[pid], float(at), verb))
        return sorted(found)


@pytest.fixture
def timed_helm(tmp_path, helm_binary):
    return TimedHelm(tmp_path / "timed-helm", helm_binary)


def _both(ansible, space, helm, tasks, timeout=180):
    env = {"PATH": helm.folder + ":" + ansible.environment(ansible.scratch)["PATH"]}
    playing = [ansible.start([task], env=env) for task in tasks]
    runs = [one.wait(timeout) for one in playing]
    for run, one in zip(runs, playing, strict=True):
        ansible.checked(run, one)
    return [run.last for run in runs]


def _one_at_a_time(helm: TimedHelm) -> list[tuple[float, float, str]]:
    found = helm.writing()
    for (_begin, end, verb), (begin, _end, other) in zip(found, found[1:], strict=False):
        assert end <= begin, f"helm {verb} and helm {other} ran at the same time"
    return found


@pytest.mark.once
def test_same_deploy_twice_at_once(ansible, api, space, timed_helm):
    """Both end well, one of them did it."""
    task = instance("one", space, package="tiny", values={"claim.enabled": True})
    results = _both(ansible, space, timed_helm, [task, task])
    assert not any(result.failed for result in results), [result.msg for result in results]
    assert sorted(result.changed for result in results) == [False, True], [result.data.get("actions") for result in results]
    assert [verb for _begin, _end, verb in _one_at_a_time(timed_helm)] == ["install"]
    assert api.helm(space) == {"one": [(1, "deployed")]}
    assert [item["status"]["phase"] for item in api.own("operations", space)] == ["Succeeded"]


def test_different_changes_at_once(ansible, api, space, timed_helm):
    """Both changes are made, one after the other; the end is what the later one asked for, whole."""
    good(ansible.play(instance("one", space, package="tiny", values={"claim.enabled": True})))
    claims = api.claims(space)
    wanted = [{"replicas": 2, "message": "second"}, {"replicas": 3, "message": "third"}]
    results = _both(ansible, space, timed_helm, [instance("one", space, values={"claim.enabled": True, **values}) for values in wanted])
    assert not any(result.failed for result in results), [result.msg for result in results]
    assert [verb for _begin, _end, verb in _one_at_a_time(timed_helm)] == ["upgrade", "upgrade"]
    deployment = api.deployment(space, "one")
    environment = {item["name"]: item.get("value") for item in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert {"replicas": deployment["spec"]["replicas"], "message": environment.get("TINY_MESSAGE")} in wanted
    assert api.helm(space)["one"][-1] == (3, "deployed") and api.claims(space) == claims
    assert sorted(item["spec"]["revision"] for item in api.own("instancerevisions", space)) == [1, 2, 3]


@pytest.mark.once
def test_deploy_and_remove_at_once(ansible, api, space, timed_helm):
    """Whoever comes second works on what the first one left; no half of either is seen."""
    good(ansible.play(instance("one", space, package="tiny")))
    results = _both(ansible, space, timed_helm, [instance("one", space, package="tiny", values={"replicas": 2}), instance("one", space, state="absent")])
    assert not any(result.failed for result in results), [result.msg for result in results]
    _one_at_a_time(timed_helm)
    phase = api.own("instances", space, "one")["status"]["phase"]
    assert (phase, bool(api.helm(space)), api.deployment(space, "one") is not None) in (("Ready", True, True), ("Removed", False, False)), phase


@pytest.mark.once
def test_who_waits_too_long_is_told_who_works(ansible, api, kubeconfig, space, tmp_path):
    """While one run is held up for longer than another waits, the other one says who holds the instance, since when, and changes nothing."""
    with Proxy(kubeconfig, tmp_path) as proxy:
        proxy.slow(45, "POST", "/secrets$", times=1)  # Helm's own record: in the middle of the first install
        slow = ansible.start([instance("one", space, package="tiny")], env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig})
        end = time.monotonic() + 60
        while not any(rule.hits for rule in proxy.rules):
            assert time.monotonic() < end and slow.process.poll() is None, slow.log.read_text()[-2000:]
            time.sleep(0.2)
        told = ansible.play(instance("one", space, package="tiny", values={"replicas": 2})).last
        assert told.failed and told.error["reason"] == "Locked", told.data
        assert "is changing it since" in told.msg and "/" in told.error["details"]["holder"] and told.error["where"] == f"Lease {space}/acmp-one", told.error
        first = slow.wait(120)
        assert not first.last.failed, first.last.msg
    assert api.deployment(space, "one")["spec"]["replicas"] == 1
    assert api.helm(space) == {"one": [(1, "deployed")]}
