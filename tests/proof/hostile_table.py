# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Five hundred hostile archives and the hostile charts: each in a process of its own, with its time and memory."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict

import hostile
import page
import trial
from judge import judged

SEED, COUNT = 1, 500
SECONDS, MEGABYTES = 2.0, 300


def main() -> int:
    words: dict[str, Counter] = defaultdict(Counter)
    most: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    bad = []
    for number, (kind, data) in enumerate(hostile.archives(SEED, COUNT)):
        found = trial.attempt(lambda data=data: judged(data))
        words[kind][found.word] += 1
        most[kind] = [max(most[kind][0], found.seconds), max(most[kind][1], found.megabytes)]
        if found.word not in ("refused", "found", "harmless") or found.seconds > SECONDS or found.megabytes > MEGABYTES:
            bad.append((number, kind, found.word, found.detail, f"{found.seconds:.2f}", f"{found.megabytes:.0f}"))
    rows = [(kind, each["refused"], each["found"], each["harmless"], f"{most[kind][0]:.2f}", f"{most[kind][1]:.0f}") for kind, each in words.items()]
    page.write(
        "hostile", "Hostile archives",
        f"{COUNT} archives from seed {SEED}. *Refused*: by the reader. *Found*: the linter reports an error. *Harmless*: what was damaged does not "
        f"matter, such as a byte "
        "of a file nobody reads. An audit hook ends a process that writes a file, starts a program or opens a connection.",
        page.table(("kind", "refused", "found", "harmless", "most seconds", "most MB"), rows),
        f"Crashes, writes, more than {SECONDS:.0f} s or {MEGABYTES} MB: {len(bad)}.",
        *([page.table(("number", "kind", "ended", "why", "seconds", "MB"), bad)] if bad else []))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
