# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls side by side: in order, bounded, and nobody waits for those that do not end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed
from ansible_collections.acmp.middleware.plugins.module_utils.side import Pool, within


def test_answers_come_in_the_order_of_the_items():
    with Pool(4) as pool:
        assert pool.map(lambda number: (time.sleep(0.02 if number == 0 else 0), number * 2)[1], range(20)) == list(range(0, 40, 2))
    assert not any(thread.is_alive() for thread in pool._threads) and len(pool._threads) == 4


def test_no_more_than_so_many_at_a_time():
    lock, running, most = threading.Lock(), [0], [0]

    def call(_item):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1

    with Pool(3) as pool:
        pool.map(call, range(12))
    assert most == [3]


def test_the_first_failure_is_raised_and_the_rest_is_done():
    done = []

    def call(number):
        if number in (1, 2):
            raise KeyError(number)
        done.append(number)

    with pytest.raises(KeyError, match="1"), Pool(2) as pool:
        pool.map(call, range(5))
    assert sorted(done) == [0, 3, 4]


def test_nobody_waits_longer():
    end = threading.Event()
    with pytest.raises(ConnectionFailed, match="within 0 s"):
        within(0.1, lambda: end.wait(30), "https://east")
    end.set()


def test_the_end_of_a_run_is_held_by_none():
    text = (
        "import time; from ansible_collections.acmp.middleware.plugins.module_utils.side import Pool, started\n"
        "def stuck():\n    with Pool(2) as pool:\n        pool.map(lambda _item: time.sleep(3600), [1, 2])\n"
        "started(stuck); time.sleep(0.2)"
    )
    subprocess.run([sys.executable, "-c", text], check=True, timeout=30, env={"PYTHONPATH": ":".join(sys.path)})
