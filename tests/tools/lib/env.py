# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Named virtual environments from the lock files in tests/requirements/.

usage: tests/tools/env NAME          make it if it is missing, print its path
       tests/tools/env --list        every name: Python, path, ready or not
       tests/tools/env --lanes       the lanes this machine can run, oldest ansible-core first
       tests/tools/env --all         make all of them
       tests/tools/env --lock NAME   resolve NAME.in anew into NAME.txt
       tests/tools/env --prune       delete the environments no lock file asks for any more

NAME is a file tests/requirements/NAME.txt, or `newest`: the newest lane this machine can run.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pythons
from common import ROOT, Failed, cache, locked, main, run_logged, say

REQUIREMENTS = ROOT / "tests" / "requirements"
DONE = ".complete"
# kubernetes.core is not installed from a collection server: the `ansible` package carries it.
COLLECTION = "ansible_collections/kubernetes/core/"
LANES = (("lane-2.18",), ("lane-latest", "lane-2.19"))


@dataclass(frozen=True)
class Spec:
    """One lock file: the pins, and in its first comment lines what no pin can say."""

    name: str
    pythons: tuple
    collections_from: str
    digest: str

    @classmethod
    def read(cls, name: str) -> Spec:
        path = REQUIREMENTS / f"{name}.txt"
        if not path.is_file():
            known = ", ".join(names())
            raise Failed(f"there is no environment {name!r}: {path} does not exist. Known names: {known}.")
        text = path.read_text()
        return cls(name, tuple(_header(text, "python").split()), _header(text, "collections-from"), _digest(text))


def names() -> list:
    return sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))


def _header(text: str, key: str) -> str:
    found = re.search(rf"^# {key}: *(.*)$", text, re.M)
    return found.group(1).strip() if found else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def place(spec: Spec, python: pythons.Python) -> Path:
    return cache() / "venv" / f"{spec.name}-{python.version}-{spec.digest}"


def ready(path: Path) -> bool:
    # The interpreter a venv points at can be gone after a system upgrade; the marker alone would not notice.
    return (path / DONE).exists() and (path / "bin" / "python").exists()


def ensure(name: str) -> Path:
    spec = Spec.read(_newest() if name == "newest" else name)
    for version in spec.pythons:
        for path in sorted((cache() / "venv").glob(f"{spec.name}-{version}-{spec.digest}")):
            if ready(path):
                return path
    python = pythons.find(spec.pythons)
    if python is None:
        wanted = " or ".join(spec.pythons)
        raise Failed(f"the environment {spec.name} needs Python {wanted}, and none was found on PATH or in pyenv. Install one and run this again.")
    path = place(spec, python)
    with locked(path.with_name(path.name + ".lock"), f"the environment {spec.name}"):
        if not ready(path):
            _build(spec, python, path)
    return path


def _build(spec: Spec, python: pythons.Python, path: Path) -> None:
    """Without the marker, which is written last, nothing in the folder counts: it is deleted and made again."""
    started = time.monotonic()
    pythons.require_venv(python)
    pins = sum(1 for line in (REQUIREMENTS / f"{spec.name}.txt").read_text().splitlines() if re.match(r"\w", line))
    say(f"environment {spec.name}: installing {pins} packages for Python {python.version} into {path}")
    if path.exists():
        shutil.rmtree(path)
    log = path.with_name(path.name + ".log")
    log.unlink(missing_ok=True)
    run_logged([python.path, "-m", "venv", path], log, f"making the environment {spec.name}")
    _pip(path, log, "-r", REQUIREMENTS / f"{spec.name}.txt")
    if spec.collections_from:
        _add_collection(spec, python, path, log)
    (path / DONE).touch()
    say(f"environment {spec.name}: ready after {time.monotonic() - started:.0f} s")


def _pip(path: Path, log: Path, *arguments) -> None:
    command = [path / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", *arguments]
    # A virtual environment that is active around us must not leak its packages into this one.
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    run_logged(command, log, f"installing packages into {path.name} (is the Python package index reachable?)", env=environment)


def _add_collection(spec: Spec, python: pythons.Python, path: Path, log: Path) -> None:
    source = _collection(spec.collections_from, path, log)
    packages = path / "lib" / f"python{python.version}" / "site-packages"
    # Beside ansible-core it is found without any setting, as with a full `ansible` package.
    shutil.copytree(source, packages / COLLECTION)
    (path / "collections").symlink_to(packages, target_is_directory=True)


def _collection(package: str, path: Path, log: Path) -> Path:
    """kubernetes.core out of the 50 MB `ansible` wheel; the wheel itself is not kept."""
    folder = cache() / "collections" / package.replace("==", "-")
    with locked(folder.with_name(folder.name + ".lock"), "kubernetes.core"):
        if not (folder / DONE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            # Only unpacked, never run: its Python version does not have to be ours.
            run_logged(
                [path / "bin" / "python", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
                 "--python-version=3.13", f"--dest={folder}", package],
                log, f"downloading {package}",
            )
            for wheel in folder.glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(folder, [name for name in archive.namelist() if name.startswith(COLLECTION)])
                wheel.unlink()
            (folder / DONE).touch()
    return folder / COLLECTION


def lanes() -> list:
    """The first lane of each choice for which this machine has a Python."""
    found = []
    for choice in LANES:
        for name in choice:
            if pythons.find(Spec.read(name).pythons):
                found.append(name)
                break
    return found


def _newest() -> str:
    found = lanes()
    if not found:
        raise Failed("no lane can run here: Python 3.11 or newer was not found on PATH or in pyenv.")
    return found[-1]


def lock(name: str) -> None:
    """Resolve the few names of NAME.in into the pins of NAME.txt, in an environment of its own."""
    source = REQUIREMENTS / f"{name}.in"
    text = source.read_text()
    python = pythons.find(tuple(_header(text, "python").split()))
    if python is None:
        raise Failed(f"{source} wants Python {_header(text, 'python')}, and none was found.")
    path = cache() / "venv" / f"{name}-locking"
    log = path.with_name(path.name + ".log")
    shutil.rmtree(path, ignore_errors=True)
    run_logged([python.path, "-m", "venv", path], log, f"making the environment to lock {name}")
    _pip(path, log, "-r", source)
    frozen = subprocess.run([path / "bin" / "python", "-m", "pip", "freeze"], check=True, capture_output=True, text=True).stdout
    head = "".join(line + "\n" for line in text.splitlines() if line.startswith("# "))
    (REQUIREMENTS / f"{name}.txt").write_text(f"{head}# Written by: tests/tools/env --lock {name}\n{frozen}")
    shutil.rmtree(path)
    say(f"{name}: {len(frozen.splitlines())} packages locked")


def prune() -> None:
    specs = [Spec.read(name) for name in names()]
    for path in sorted((cache() / "venv").glob("*")):
        if not any(path.name.startswith(f"{spec.name}-") and spec.digest in path.name for spec in specs):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def table() -> None:
    for name in names():
        spec = Spec.read(name)
        python = pythons.find(spec.pythons)
        if python is None:
            print(f"{name:12}  needs Python {' or '.join(spec.pythons)}")
        else:
            path = place(spec, python)
            print(f"{name:12}  {python.version:5} {'ready' if ready(path) else '-':6} {path}")


def run(arguments: list) -> int:
    match arguments:
        case ["--list"]:
            table()
        case ["--lanes"]:
            print("\n".join(lanes()))
        case ["--all"]:
            for name in names():
                if pythons.find(Spec.read(name).pythons):
                    print(ensure(name))
        case ["--lock", *wanted] if wanted:
            for name in wanted:
                lock(name)
        case ["--prune"]:
            prune()
        case [name] if not name.startswith("-"):
            print(ensure(name))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    main(run)
