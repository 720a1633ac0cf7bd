# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes that end when they should: by themselves, in time, on a signal, and with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError, Interrupted
from ansible_collections.acmp.middleware.plugins.module_utils.helm import _process

SH = "/bin/sh"
ENV = {"PATH": os.environ.get("PATH", os.defpath)}


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int, seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not alive(pid):
            return True
        time.sleep(0.02)
    return False


def pid_in(path, seconds: float = 10.0) -> int:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if path.exists() and path.read_text().strip():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(f"{path} never appeared")


@pytest.fixture
def ctx():
    return Context(env=ENV)


def test_output_status_and_the_list_of_processes(ctx):
    done = _process.run([SH, "-c", "cat; echo bad >&2; exit 3"], ctx, input=b"in\xff", env=ENV)
    assert (done.code, done.stdout, done.stderr) == (3, "in\ufffd", "bad\n")
    assert ctx.processes == [[SH, "-c", "cat; echo bad >&2; exit 3"]]


def test_much_data_both_ways(ctx):
    data = os.urandom(1024).hex().encode() * 2000
    assert _process.run([SH, "-c", "cat; head -c 300000 /dev/zero >&2"], ctx, input=data, env=ENV).stdout.encode() == data


def test_a_child_that_does_not_read_its_input(ctx):
    assert _process.run([SH, "-c", "exec 0<&-; sleep 0.1; echo ok"], ctx, input=b"x" * 1000000, env=ENV).stdout == "ok\n"


def test_the_environment_is_the_given_one_only(ctx):
    assert "HOME" not in _process.run([SH, "-c", "export -p"], ctx, env={"PATH": ENV["PATH"]}).stdout


def test_a_program_that_is_missing(ctx):
    done_or_error = None
    try:
        done_or_error = _process.run(["/nonexistent/helm"], ctx, env=ENV).code
    except HelmError:
        done_or_error = "error"
    # With a launcher in between, the launcher says so.
    assert done_or_error not in (0, None)


def test_too_long_is_ended_and_said(ctx):
    started = time.monotonic()
    with pytest.raises(HelmError, match="did not end within 0 s"):
        _process.run([SH, "-c", "sleep 30"], ctx, env=ENV, timeout=0.3)
    assert time.monotonic() - started < 5


def test_a_child_that_ignores_sigterm_is_killed(ctx, monkeypatch, tmp_path):
    monkeypatch.setattr(_process, "GRACE", 0.5)
    with pytest.raises(HelmError):
        _process.run([SH, "-c", f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.1; done"], ctx, env=ENV, timeout=0.5)
    assert gone(pid_in(tmp_path / "pid"))


def test_last_words_after_sigterm_do_not_block(ctx):
    with pytest.raises(HelmError):
        _process.run([SH, "-c", "trap 'head -c 1000000 /dev/zero; exit 1' TERM; while :; do sleep 0.05; done"], ctx, env=ENV, timeout=0.3)


def test_too_much_output(ctx, monkeypatch):
    monkeypatch.setattr(_process, "OUTPUT_LIMIT", 100000)
    with pytest.raises(HelmError, match="wrote more than"):
        _process.run([SH, "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done"], ctx, env=ENV, timeout=20)


def test_stopping_ends_the_whole_group(ctx, tmp_path):
    threading.Timer(0.5, ctx.stopping.set).start()
    with pytest.raises(Interrupted):
        _process.run([SH, "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"], ctx, env=ENV)
    assert gone(pid_in(tmp_path / "pid"))


def test_nothing_is_started_when_stopping_is_set(ctx, tmp_path):
    ctx.stopping.set()
    with pytest.raises(Interrupted):
        _process.run([SH, "-c", f"touch {tmp_path}/ran"], ctx, env=ENV)
    assert not (tmp_path / "ran").exists()


def test_a_grandchild_that_holds_the_pipes_does_not_hold_us(ctx):
    started = time.monotonic()
    assert _process.run([SH, "-c", "sleep 20 & echo done"], ctx, env=ENV).stdout == "done\n"
    assert time.monotonic() - started < 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="address space is limited on Linux only")
def test_memory_is_bounded(ctx):
    done = _process.run([sys.executable, "-c", "import time; time.sleep(0.3); b'x' * (1 << 30)"], ctx, env=ENV, memory=512 << 20)
    assert done.code != 0
    assert "MemoryError" in done.stderr


SCRIPT = textwrap.dedent("""
    import os, signal, sys
    from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
    from ansible_collections.acmp.middleware.plugins.module_utils.errors import Interrupted
    from ansible_collections.acmp.middleware.plugins.module_utils.helm import _process

    def stop(number, frame):
        raise Interrupted("signal")

    signal.signal(signal.SIGINT, stop)
    folder, path = sys.argv[1:3]
    env = {"PATH": path}
    try:
        _process.run(["/bin/sh", "-c", f"echo $$ > {folder}/pid; exec sleep 300"], Context(env=env), env={"PATH": os.defpath})
    except Interrupted:
        print("cleaned up", flush=True)
""")


def parent(tmp_path, path):
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path), path], stdout=subprocess.PIPE, text=True,
                            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="parent-death signals are Linux's")
@pytest.mark.parametrize("path", [ENV["PATH"], "/nonexistent"], ids=["setpriv", "own launcher"])
def test_the_child_dies_with_a_killed_parent(tmp_path, path):
    started = parent(tmp_path, path)
    child = pid_in(tmp_path / "pid")
    assert alive(child)
    started.kill()
    started.wait()
    assert gone(child)


def test_ctrl_c_leaves_no_child(tmp_path):
    started = parent(tmp_path, ENV["PATH"])
    child = pid_in(tmp_path / "pid")
    started.send_signal(signal.SIGINT)
    assert started.communicate(timeout=20)[0] == "cleaned up\n"
    assert gone(child)
