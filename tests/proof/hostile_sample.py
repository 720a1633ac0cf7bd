# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sample of the hostile archives as JSON lines, for a test: hostile_sample.py SEED COUNT. A process without threads, so that it may fork."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import hostile
import trial
from judge import judged

if __name__ == "__main__":
    for kind, data in hostile.archives(int(sys.argv[1]), int(sys.argv[2])):
        print(json.dumps({"kind": kind, **asdict(trial.attempt(lambda data=data: judged(data)))}))
