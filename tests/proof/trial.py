# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One piece of untrusted input in a process of its own: how it ended, how long it took, how much memory it needed, what it touched."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

# What reading data has no business with. Imports open files for reading, and that is all.
_FORBIDDEN = ("os.mkdir", "os.rename", "os.remove", "os.symlink", "os.link", "os.chmod", "os.system", "os.exec", "os.posix_spawn", "os.fork",
              "subprocess.Popen", "socket.connect",
              "socket.bind", "shutil.", "tempfile.")


@dataclass(frozen=True)
class Trial:
    """word: what the function returned, or "crash", "killed", "too slow". seconds: processor time. megabytes: the most it held resident."""

    word: str
    seconds: float
    megabytes: float
    detail: str = ""


def attempt(function: Callable[[], str], wall: float = 20.0) -> Trial:
    """Runs the function in a fork; its answer is the word. Touching the system in a way that reading does not is a crash."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _be_child(function, writing)
    os.close(writing)
    ready, _w, _x = select.select([reading], [], [], wall)
    if not ready:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    _pid, _status, used = os.wait4(child, 0)
    word, detail = json.loads(answer) if answer else ("too slow" if not ready else "killed", "")
    return Trial(word, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, detail)


def _be_child(function: Callable[[], str], pipe: int) -> None:
    touched: list[str] = []

    def watch(event: str, arguments: tuple) -> None:
        if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            touched.append(f"{event} {arguments[0]}")
        elif event.startswith(_FORBIDDEN):
            touched.append(event)

    sys.addaudithook(watch)
    try:
        word, detail = function(), ""
    except BaseException as error:
        word, detail = "crash", f"{type(error).__name__}: {error}"[:300]
    if touched:
        word, detail = "crash", f"touched {touched[:3]}"
    os.write(pipe, json.dumps([word, detail]).encode())
    os._exit(0)
