# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small things that tests say often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from .ansible import Run


def good(run: Run) -> Run:
    """The run, when no task of it failed."""
    for result in run.results:
        assert not result.failed, f"{result.task}: {result.msg} (see {run.log})"
    assert run.code == 0, f"ansible-playbook ended with {run.code}, see {run.log}"
    return run


def until(what: str, look: Callable[[], Any], seconds: float = 30.0, pause: float = 0.3) -> Any:
    """The first true answer of look; fails with what was waited for."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {seconds:.0f} s"
        time.sleep(pause)
