# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever controls one registered cluster answers what he likes, and hides or delays no other."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _look
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import kubeconfigs


def place(**answers):
    usual = {
        "version": dict, "list": lambda *_words, **_more: [], "get": lambda *_words, **_more: None, "raw": lambda *_words: SimpleNamespace(json=dict),
        "credential_expiry": lambda: kubeconfigs.Expiry("none"),
    }
    kube = SimpleNamespace(**{**usual, **answers})
    return SimpleNamespace(kube=kube, verify=lambda: None)


def test_what_a_cluster_says_is_its_status():
    found = _look.status(place, "https://east", local=False)
    assert (found["phase"], found["message"]) == ("NotReady", "it has no nodes")


@pytest.mark.parametrize("answer", [
    [1, None, "x"], [{"status": 7}], [{"metadata": {}}], [{"metadata": {"name": "a"}, "status": {"conditions": [{}]}}], None, "text",
    [{"metadata": {"name": "a"}, "status": {"allocatable": {"cpu": [1]}}}],
])
def test_nonsense_is_told_as_such(answer):
    found = _look.status(lambda: place(list=lambda *_words, **_more: answer), "https://east", local=False)
    assert found["phase"] == "Refused" and ("not those of a Kubernetes API server" in found["message"] or "is no quantity" in found["message"])


def test_a_fault_at_home_is_no_fault_of_a_cluster():
    with pytest.raises(AttributeError):
        _look.status(lambda: place(list=lambda *_words, **_more: [1]), "https://home", local=True)


def test_what_refuses_by_itself_keeps_its_words():
    def opened():
        raise InputError("It runs a program")

    assert _look.status(opened, "https://east", local=False) == {"phase": "Refused", "message": "It runs a program"}


def test_a_server_that_answers_for_ever_does_not_hold_the_end_of_the_run(tmp_path):
    """The interpreter waits for the threads of pools; a play would hang after all its tasks."""
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent("""
        import sys, time
        from types import SimpleNamespace
        from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _look
        _look.MEASURE_SECONDS = 0.3
        forever = lambda *_words, **_more: time.sleep(3600)
        kube = SimpleNamespace(version=forever, list=forever, raw=forever, get=forever)
        print(_look.status(lambda: SimpleNamespace(kube=kube, verify=lambda: None), "https://east", False)["phase"])
    """))
    began = time.monotonic()
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.stdout == "Unreachable\n" and time.monotonic() - began < 30
