# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A seeded sample of the hostile archives; `make proof` tries five hundred and commits the table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[3] / "proof" / "hostile_sample.py"
COUNT = 23


def test_hostile_archives():
    """No crash, nothing written, at most 300 MB and two seconds of processor time each."""
    # The collection as this process found it.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-B", PROGRAM, "20", str(COUNT)], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    trials = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(trials) == COUNT and {trial["word"] for trial in trials} == {"refused", "found", "harmless"}
    assert not [trial for trial in trials if trial["seconds"] > 2.0 or trial["megabytes"] > 300]
