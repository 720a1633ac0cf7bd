# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scratch folders, masking, and how a run becomes a result."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import interface
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context, Secrets
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, InputError, Interrupted, nearest


def test_scratch_is_private_and_gone_afterwards(tmp_path):
    with Context(env={"TMPDIR": str(tmp_path)}).scratch() as folder:
        assert os.stat(folder).st_mode & 0o777 == 0o700
        assert os.path.dirname(folder) == str(tmp_path)
    assert os.listdir(tmp_path) == []


def test_scratch_of_a_killed_run_is_swept_and_that_of_a_live_one_is_not(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, other = tmp_path / f"acmp-run-{dead.pid}-abc", tmp_path / f"acmp-run-{os.getppid()}-abc"
    for folder in (left, other):
        folder.mkdir()
        (folder / "kubeconfig").write_text("token")
    (tmp_path / "acmp-run-notes").mkdir()
    with Context(env={"TMPDIR": str(tmp_path)}).scratch():
        pass
    assert sorted(os.listdir(tmp_path)) == sorted([other.name, "acmp-run-notes"])


def test_secrets_are_masked_plain_and_in_base64_the_longest_first():
    secrets = Secrets()
    for value in ("hunter22", "hunter22-and-more", "abc", None):
        secrets.add(value)
    coded = base64.b64encode(b"hunter22").decode()
    assert secrets.mask(f"a hunter22-and-more b {coded} c abc") == "a ******** b ******** c abc"


def result(run, params=None, **context):
    return interface.execute(run, params or {}, Context(**context))


def test_an_error_is_a_failed_result_with_what_where_and_todo():
    def run(_params, _ctx):
        raise InputError("The name is wrong", where="name", todo="correct it")

    found = result(run)
    assert found["failed"] and not found["changed"]
    assert found["msg"] == "The name is wrong. Where: name. To do: correct it."
    assert found["error"]["reason"] == "InvalidInput"


def test_a_defect_shows_its_place_and_no_traceback():
    def run(_params, _ctx):
        raise KeyError("boom")

    found = result(run)
    assert found["failed"] and "test_context.py:" in found["msg"] and "Traceback" not in str(found)


def test_an_interrupt_says_that_the_next_run_goes_on():
    def run(_params, _ctx):
        raise Interrupted("SIGTERM")

    assert "Stopped by SIGTERM" in result(run)["msg"]


def test_results_and_progress_are_masked_everywhere():
    lines = []

    def run(_params, ctx):
        ctx.secrets.add("hunter22")
        ctx.progress("password hunter22")
        ctx.warn("hunter22?")
        return {"hunter22": ["x hunter22", 16, True, None], "changed": True}

    found = result(run, progress=lines.append)
    assert found == {"********": ["x ********", 16, True, None], "changed": True, "warnings": ["********?"]}
    assert lines == ["password ********"]


def test_no_text_of_others_moves_the_cursor():
    """Servers and packages say some of what a terminal shows; a result's data is shown as JSON."""
    lines = []

    def run(_params, ctx):
        ctx.secrets.add("two\r\nlines")
        ctx.progress("a\x1b[2Jb two\r\nlines")
        ctx.warn("c\x1b]0;title\x07d\u202ee")
        raise AcmpError("first\nsecond\tthird\x9b31m", where="two\r\nlines")

    found = result(run, progress=lines.append)
    assert lines == ["a?[2Jb ********"]
    assert found["warnings"] == ["c?]0;title?d?e"] and found["msg"] == "first\nsecond\tthird?31m. Where: ********."


def test_secrets_of_a_kubeconfig_given_as_a_mapping_are_masked():
    def run(params, _ctx):
        return {"echo": str(params)}

    config = {"users": [{"name": "a", "user": {"token": "tok-123456", "client-key-data": "S0VZ5678"}}]}
    found = result(run, {"kubeconfig": config, "api_key": "key-98765", "password": "pass-4321"})
    assert not any(secret in found["echo"] for secret in ("tok-123456", "S0VZ5678", "key-98765", "pass-4321"))


@pytest.mark.parametrize(("name", "known", "expected"), [
    ("reddis", ["redis", "kafka"], 'did you mean "redis"?'), ("zzz", ["redis"], "known: redis"), ("x", [], ""),
])
def test_nearest(name, known, expected):
    assert nearest(name, known) == expected
