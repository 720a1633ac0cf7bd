# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that starts a process: an argument list, pipes, a time limit, and a child that never outlives us.

A child gets its own process group, so that it can be ended whole, and (on Linux) a parent-death signal, so that it ends
even when this process is killed: a helm that goes on without us would write to a release that somebody else has taken over.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..context import Context
from ..errors import HelmError, Interrupted

try:
    import resource
except ImportError:  # not on every platform
    resource = None

GRACE = 5.0  # seconds between SIGTERM and SIGKILL: helm uses them to write "failed" into the release
OUTPUT_LIMIT = 64 * 1024 * 1024
_TICK = 0.2

# Where util-linux' setpriv is missing: the same prctl by hand, then the real program. The parent may have died before
# the call, hence the look at the parent's id.
_LAUNCHER = (
    "import ctypes,os,sys\n"
    "ctypes.CDLL(None).prctl(1,9,0,0,0)\n"
    "sys.exit(143) if os.getppid()!=int(sys.argv[1]) else os.execv(sys.argv[2],sys.argv[2:])"
)


@dataclass(frozen=True)
class Completed:
    """code: exit status, negative for a signal. stdout, stderr: text, undecodable bytes replaced. seconds: how long it ran."""

    code: int
    stdout: str
    stderr: str
    seconds: float


def run(
    argv: Sequence[str],
    ctx: Context,
    input: bytes | None = None,  # noqa: A002 - the name subprocess uses
    env: Mapping[str, str] | None = None,
    timeout: float | None = None,
    memory: int | None = None,
    cwd: str | None = None,
) -> Completed:
    """Run a program to its end and return what it said.

    argv: program (absolute path) and arguments, without secrets: it is kept in ctx.processes. env: the whole environment
    of the child, empty when not given. timeout: seconds. memory: bytes of address space. Raises HelmError when the
    program cannot be started, takes too long or writes more than 64 MiB, and Interrupted when ctx.stopping is set; the whole process group is
    gone then, as it is when an Interrupted (or any exception) arrives in here.
    """
    ctx.processes.append(list(argv))
    if ctx.stopping.is_set():
        raise Interrupted("asked to stop")
    started = time.monotonic()
    try:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function,consider-using-with
            _bound_to_us(list(argv), ctx),
            stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(env or {}),
            cwd=cwd,
            process_group=0,
            close_fds=True,
        )
    except OSError as problem:
        raise HelmError(f"{argv[0]} cannot be started: {problem.strerror or problem}", where=argv[0], todo="check the path and its mode") from None
    try:
        _limit_memory(process.pid, memory)
        pipes = _Pipes(process, input or b"")
        deadline = None if timeout is None else started + timeout
        why = pipes.pump(ctx, deadline)
        if why:
            _end(process, pipes)
    except BaseException:
        _end(process, None)
        raise
    finally:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    if why == "stopping":
        raise Interrupted("asked to stop")
    if why:
        raise _too_much(why, argv, timeout)
    return Completed(process.returncode, pipes.text("stdout"), pipes.text("stderr"), time.monotonic() - started)


def _bound_to_us(argv: list[str], ctx: Context) -> list[str]:
    if not sys.platform.startswith("linux"):
        return argv
    tool = shutil.which("setpriv", path=ctx.env.get("PATH") or os.defpath)
    if tool:
        return [tool, "--pdeathsig", "KILL", "--", *argv]
    if not sys.executable:
        return argv
    return [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), *argv]


def _limit_memory(pid: int, memory: int | None) -> None:
    if memory is None or resource is None or not hasattr(resource, "prlimit"):
        return
    # Gone already, or a lower limit is set: both bound it as well.
    with contextlib.suppress(OSError, ValueError):
        resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))


class _Pipes:
    """Feeds and drains a child without threads, so that an interrupt finds us in one place."""

    def __init__(self, process: subprocess.Popen, data: bytes) -> None:
        self.process = process
        self.left = memoryview(data)
        self.out: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        self.size = 0
        self.selector = selectors.DefaultSelector()
        for name in ("stdout", "stderr"):
            pipe = getattr(process, name)
            os.set_blocking(pipe.fileno(), False)
            self.selector.register(pipe, selectors.EVENT_READ, name)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            self.selector.register(process.stdin, selectors.EVENT_WRITE, "stdin")

    def text(self, name: str) -> str:
        return b"".join(self.out[name]).decode("utf-8", "replace")

    def pump(self, ctx: Context | None, deadline: float | None) -> str:
        """Move data until the child has ended; returns "" then, else why it has to be ended: stopping, time or output."""
        ended = None
        while self.selector.get_map():
            for key, _events in self.selector.select(_TICK):
                self._move(key)
            now = time.monotonic()
            if ctx is not None and ctx.stopping.is_set():
                return "stopping"
            if deadline is not None and now > deadline:
                return "time"
            if self.size > OUTPUT_LIMIT:
                return "output"
            # A grandchild may hold the pipes open for ever; the child's own words have arrived by then.
            if self.process.poll() is not None:
                ended = ended or now
                if now - ended > 1.0:
                    break
        while self.process.poll() is None:
            if ctx is not None and ctx.stopping.is_set():
                return "stopping"
            if deadline is not None and time.monotonic() > deadline:
                return "time"
            try:
                self.process.wait(_TICK)
            except subprocess.TimeoutExpired:
                continue
        return ""

    def _move(self, key: selectors.SelectorKey) -> None:
        try:
            if key.data == "stdin":
                self.left = self.left[os.write(key.fd, self.left[:65536]):]
                if not self.left:
                    self._close(key)
                return
            data = os.read(key.fd, 65536)
        except BlockingIOError:
            return
        except OSError:
            # The child closed its end: helm did not want (more of) the values.
            self._close(key)
            return
        if data:
            self.size += len(data)
            self.out[key.data].append(data)
        else:
            self._close(key)

    def _close(self, key: selectors.SelectorKey) -> None:
        self.selector.unregister(key.fileobj)
        key.fileobj.close()


def _end(process: subprocess.Popen, pipes: _Pipes | None) -> None:
    """SIGTERM to the group, SIGKILL after GRACE; a second interrupt kills at once. Returns when the child is reaped."""
    try:
        if process.poll() is None:
            _signal(process, signal.SIGTERM)
            deadline = time.monotonic() + GRACE
            if pipes is not None:
                # Without a reader a child that wants to explain itself would block.
                pipes.size = -OUTPUT_LIMIT
                pipes.pump(None, deadline)
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(GRACE)
    finally:
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: subprocess.Popen, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _too_much(why: str, argv: Sequence[str], timeout: float | None) -> HelmError:
    verb = next((word for word in argv[1:] if not word.startswith("-")), "")
    if why == "output":
        return HelmError(f"helm {verb} wrote more than {OUTPUT_LIMIT // 1024 // 1024} MiB and was ended", todo="look for a loop in the chart's templates")
    return HelmError(f"helm {verb} did not end within {timeout:.0f} s and was ended", todo="look at the hooks of the chart, or allow more time")
