# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the Python interpreters of this machine, and what each lacks to make virtual environments."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from common import Failed, cache, locked, run_logged, say


@dataclass(frozen=True)
class Python:
    version: str
    path: Path


def find(versions: tuple) -> Python | None:
    """The first of the wanted versions that really runs here, in the order of the wish."""
    for version in versions:
        found = _of(version)
        if found:
            return found
    return None


@functools.cache
def _of(version: str) -> Python | None:
    # A name on PATH can be a version manager's shim that only prints an error, so each candidate is asked.
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    candidates = [Path("/usr/bin") / f"python{version}", shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python3"), reverse=True)]
    for candidate in candidates:
        if not candidate or not Path(candidate).exists():
            continue
        code = "import sys; print('%d.%d' % sys.version_info[:2], sys._base_executable, sys.version_info.releaselevel)"
        answer = subprocess.run([candidate, "-c", code], capture_output=True, text=True, check=False).stdout.split()
        if len(answer) == 3 and answer[0] == version and answer[2] == "final":
            return Python(version, Path(answer[1]))
    return None


def require_venv(python: Python) -> None:
    """Debian takes ensurepip out of Python; without it `venv` makes environments that lack pip."""
    if _has_venv(python):
        return
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0 or not str(python.path).startswith("/usr/bin/"):
        raise Failed(
            f"{python.path} cannot make virtual environments: the modules venv and ensurepip are missing. "
            f"On Debian or Ubuntu run: sudo apt-get install python{python.version}-venv python3-pip"
        )
    say(f"{python.path} lacks venv and ensurepip: installing python{python.version}-venv and python3-pip with apt-get")
    log = cache() / "apt.log"
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    with locked(cache() / "apt.lock", "system packages"):
        if not _has_venv(python):
            run_logged([apt, "update", "-q"], log, "apt-get update", **quiet)
            run_logged([apt, "install", "-y", "-q", "--no-install-recommends", f"python{python.version}-venv", "python3-pip"], log, "apt-get install", **quiet)


def _has_venv(python: Python) -> bool:
    return subprocess.run([python.path, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode == 0
