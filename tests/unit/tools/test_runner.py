# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A part that fails, hangs or cannot start is told as such, and nothing of it stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from runner import Part, Runner, surroundings


@pytest.fixture
def run(tmp_path, capfd):
    def all_of(*parts):
        runner = Runner(tmp_path, jobs=2)
        runner.run(list(parts))
        runner.table()
        shown = capfd.readouterr()
        return runner, shown.out + shown.err

    return all_of


def _sh(name, text, **more):
    return Part(name, ("sh", "-c", text), **more)


def test_good_and_bad_are_told_apart(run):
    runner, shown = run(_sh("good", "echo '3 passed in 1s'", note=r"^(\d+ passed.*)$"), _sh("bad", "echo out of reach; exit 3"))
    assert not runner.all_ok()
    assert {result.part.name: result.code for result in runner.results} == {"good": 0, "bad": 3}
    assert "3 passed in 1s" in shown
    assert "out of reach" in shown
    assert "1 passed, 1 failed" in shown


def test_nothing_run_is_not_success(run):
    assert not run()[0].all_ok()


def test_a_command_that_does_not_exist_fails(run):
    runner, shown = run(Part("none", ("/nowhere/at/all",)))
    assert not runner.all_ok()
    assert "cannot be started" in shown


def test_only_fault_lines_are_shown_where_they_are_known(run):
    _runner, shown = run(_sh("bad", "echo noise; echo 'ERROR: this one'; echo noise; exit 1", fault="^ERROR"))
    assert "ERROR: this one" in shown
    assert "noise" not in shown


def test_faults_are_said_again_at_the_end(run):
    _runner, shown = run(_sh("bad", "echo 'ERROR: this one'; echo noise; exit 1", fault="^ERROR"), _sh("good", "true"))
    assert shown.count("ERROR: this one") == 2


def test_a_part_that_hangs_is_stopped_with_its_children(run, tmp_path):
    runner, shown = run(_sh("slow", f"sleep 300 & echo $! > {tmp_path}/child; wait", hours=0.5 / 3600))
    assert not runner.all_ok()
    assert "too long" in shown
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(number: int) -> bool:
    try:
        # A child without a parent to reap it is as dead as one that is gone.
        return Path(f"/proc/{number}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_parts_that_could_not_begin_have_not_passed(run):
    runner, _shown = run(_sh("good", "true"))
    runner.missed([_sh("later", "true")], Exception("no cluster"))
    assert not runner.all_ok()


def test_personal_settings_stay_outside(monkeypatch):
    for name in ("ANSIBLE_FORKS", "K8S_AUTH_HOST", "KUBECONFIG", "HELM_NAMESPACE"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("ACMP_KUBECONFIG", "tests")
    kept = surroundings()
    assert "mine" not in kept.values()
    assert kept["ACMP_KUBECONFIG"] == "tests"
    assert kept["PATH"] == os.environ["PATH"]
