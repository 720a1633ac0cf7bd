# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tools share: where things lie, how a failure is told, how a command is run quietly."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
NAMESPACE = "acmp"
NAME = "middleware"
VERSION = "0.1.0"
TAIL = 15


class Failed(Exception):
    """The sentence is for the reader: what failed, where, and what to do."""


def cache() -> Path:
    base = os.environ.get("ACMP_CACHE")
    if base:
        return Path(base).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "acmp-middleware"


def git(*arguments: str) -> list:
    """A git command about the checkout, whoever owns it: CI runs as root in a clone that somebody else made."""
    return ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), *arguments]


def say(text: str) -> None:
    """Standard output belongs to results (a path, a table); everything else goes here."""
    print(text, file=sys.stderr, flush=True)


def tail(log: Path, lines: int = TAIL) -> str:
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join("    " + line for line in text[-lines:])


def run_logged(command: list, log: Path, what: str, **options) -> None:
    """Run a command whose output interests nobody until it fails."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        out.write(("$ " + " ".join(str(part) for part in command) + "\n").encode())
        out.flush()
        code = subprocess.run(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False, **options
        ).returncode
    if code:
        raise Failed(f"{what} failed (exit code {code}). The end of {log}:\n{tail(log)}")


@contextlib.contextmanager
def locked(path: Path, waiting_for: str):
    """One process at a time; the others wait, and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say(f"waiting for another process that prepares {waiting_for}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main(function) -> None:
    try:
        sys.exit(function(sys.argv[1:]) or 0)
    except Failed as failure:
        say(f"{Path(sys.argv[0]).stem}: {failure}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
