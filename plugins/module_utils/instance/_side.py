# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests that do not need each other's answers, side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def side_by_side(*jobs: Callable[[], Any]) -> list[Any]:
    """Their results in the order of the jobs. All have ended when it returns or raises; of several failures the first job's is raised."""
    with ThreadPoolExecutor(max_workers=len(jobs), thread_name_prefix="acmp-side") as pool:
        running = [pool.submit(job) for job in jobs]
    return [one.result() for one in running]
