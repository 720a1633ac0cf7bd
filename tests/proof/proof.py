# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the long tests and writes their tables into docs/proof.

usage: tests/proof/run [--again] [PART...]
"""

from __future__ import annotations

import argparse
import os
import subprocess

import collection
import env
from common import BUILD, ROOT, Failed, main, say

PROOF = ROOT / "docs" / "proof"
HERE = ROOT / "tests" / "proof"

_CLUSTER = ("tests/integration/run", "--lane", "lane-latest", "--no-targets")

# Part: the command and its environment. Each writes docs/proof/PART.md, the pure ones first.
PARTS = {
    "hostile": (("python", "tests/proof/hostile_table.py"), {}),
    "lint": (("python", "tests/proof/lint_table.py"), {}),
    "forms": (("python", "tests/proof/forms_table.py"), {}),
    "bench": (("tests/bench/run", "proof"), {}),
    "faults": (_CLUSTER + ("--tests", "test_faults.py"), {"ACMP_FAULTS": "all"}),
    "kill": (_CLUSTER + ("--tests", "test_kill.py"), {"ACMP_KILL": "all"}),
    "lives": (_CLUSTER + ("--tests", "test_life.py", "--", "-k", "test_life["), {"ACMP_LIFE": "all", "ACMP_JOBS": "1"}),
}


def run(arguments: list) -> int:
    parser = argparse.ArgumentParser(prog="tests/proof/run", description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    parser.add_argument("--again", action="store_true", help="also what was written since the last commit that touched the collection")
    chosen = parser.parse_args(arguments)
    unknown = [part for part in chosen.part if part not in PARTS]
    if unknown:
        raise Failed(f"there is no part {', '.join(unknown)}. Parts: {', '.join(PARTS)}.")
    failed = []
    for part in chosen.part or PARTS:
        if not chosen.again and not chosen.part and _is_fresh(part):
            say(f"{part}: docs/proof/{part}.md is newer than the collection's last change, kept (--again writes it anew)")
            continue
        command, more = PARTS[part]
        say(f"{part}: {' '.join(command)}")
        program, more = _start(command[0], more)
        if subprocess.run([*program, *command[1:]], cwd=ROOT, env={**os.environ, **more}, stdin=subprocess.DEVNULL, check=False).returncode:
            failed.append(part)
    if failed:
        raise Failed(f"these failed: {', '.join(failed)}. Their output is above; logs are in {BUILD / 'logs'}.")
    return 0


def _start(program: str, more: dict) -> tuple:
    """How a part's program is started, and with what beside the environment; "python" is the newest lane's, with the collection importable."""
    if program != "python":
        return [str(ROOT / program)], more
    return [str(env.ensure(env.lanes()[-1]) / "bin" / "python"), "-B"], {**more, "PYTHONPATH": collection.folder()}


def _is_fresh(part: str) -> bool:
    """A run that was stopped goes on where it ended."""
    page = PROOF / f"{part}.md"
    newest = max(path.stat().st_mtime for folder in ("plugins", "tests/proof") for path in (ROOT / folder).rglob("*.py"))
    return page.exists() and page.stat().st_mtime > newest


if __name__ == "__main__":
    main(run)
