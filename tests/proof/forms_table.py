# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten thousand generated documents, and every default document of real packages: document to form to document, equal as data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time

import page

EXAMPLES = 10_000
TESTS = "tests/unit/package/test_form_round_trip.py"


def main() -> int:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rs", "--hypothesis-show-statistics", TESTS]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=page.ROOT, env={**os.environ, "ACMP_FORM_EXAMPLES": str(EXAMPLES)}, capture_output=True, text=True,
        check=False)
    seconds = time.monotonic() - began
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-2000:])
        return 1
    rows = list(re.findall(
        r"::(\w+):\n(?:.*\n)*?.*?(\d+) passing, (\d+) failing, and (\d+) invalid", done.stdout))
    if not rows:
        print("hypothesis says its numbers in other words than these:", done.stdout[-2000:])
        return 1
    skipped = re.findall(r"SKIPPED.*", done.stdout)
    page.write(
        "forms", "Document to form to document", f"Every document has to come back equal as data: unknown keys, nulls, empty maps and lists, keys "
        f"with dots and brackets. {seconds:.0f} seconds.",
        page.table(("property", "passing", "failing", "invalid"), rows), f"`{done.stdout.strip().splitlines()[-1].strip('= ')}`", *skipped)
    return 0


if __name__ == "__main__":
    sys.exit(main())
