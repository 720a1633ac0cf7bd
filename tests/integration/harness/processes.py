# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A process and everything it started."""

from __future__ import annotations

import collections
import contextlib
import os
import signal
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """A process and everything below it, whatever sessions and groups they made for themselves; the process itself first."""
    parents = collections.defaultdict(list)
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                parents[int(Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])].append(int(entry))
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += parents[one]
    return found


def kill_tree(pid: int) -> list[int]:
    """SIGKILL to a process and all below it; stopped first, so that none starts another one meanwhile."""
    killed: list[int] = []
    while left := [one for one in descendants(pid) if one not in killed]:
        for one in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGSTOP)
        killed += left
    for one in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    return killed
