# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checkout as Ansible wants to see it: below ansible_collections/, with kubernetes.core beside it.

usage: tests/tools/tree export NAME LANE   copy what git tracks to build/tree/NAME, print the collection's folder
       tests/tools/tree code NAME LANE     the same without packages and test inputs
       tests/tools/tree live LANE          a link to the checkout itself, print the folder for PYTHONPATH
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import env
from common import BUILD, NAME, NAMESPACE, ROOT, Failed, git, locked, main


# What the platform is fed with, not what it is made of: charts, whose templates are no YAML, several documents in one
# file, deliberately broken inputs. ansible-test takes every .yaml for the collection's own and can be told otherwise
# only by ignore files, which would have to name each of them.
INPUTS = re.compile(r"^(examples|tests)/packages/|^tests/.*/(fixtures|testdata)/")


def tracked() -> list:
    """Paths below the checkout that git tracks and that exist; untracked files are nobody's release."""
    listed = subprocess.run(git("ls-files", "-z"), capture_output=True, text=True, check=False)
    if listed.returncode:
        raise Failed(f"{ROOT} is not a git checkout, so it is unknown which files belong to it. Run this in a clone.")
    return [path for path in listed.stdout.split("\0") if path and os.path.lexists(ROOT / path)]


def export(name: str, lane: str, inputs: bool = True) -> Path:
    """Only what changed is copied again, so that tools which look at modification times keep their caches."""
    root = BUILD / "tree" / name / "ansible_collections"
    target = root / NAMESPACE / NAME
    wanted = [path for path in tracked() if inputs or not INPUTS.search(path)]
    _remove_others(target, set(wanted))
    for path in wanted:
        _refresh(ROOT / path, target / path)
    _beside(root, lane)
    return target


def live(lane: str) -> Path:
    base = BUILD / "tree" / f"live-{lane}"
    root = base / "ansible_collections"
    _link(root / NAMESPACE / NAME, ROOT)
    _beside(root, lane)
    return base


def _refresh(source: Path, target: Path) -> None:
    before, now = _stat(target), source.lstat()
    if before and (before.st_mtime_ns, before.st_size, before.st_mode) == (now.st_mtime_ns, now.st_size, now.st_mode):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    shutil.copy2(source, target, follow_symlinks=False)


def _stat(path: Path):
    try:
        return path.lstat()
    except FileNotFoundError:
        return None


def _remove_others(target: Path, wanted: set) -> None:
    for folder, _folders, files in os.walk(target, topdown=False):
        for name in files:
            path = Path(folder) / name
            if str(path.relative_to(target)) not in wanted:
                path.unlink()
        for name in _folders:
            path = Path(folder) / name
            if path.is_symlink():
                if str(path.relative_to(target)) not in wanted:
                    path.unlink()
            elif not any(path.iterdir()):
                path.rmdir()


def _beside(root: Path, lane: str) -> None:
    # A copy, not a link: ansible-test does not follow links to other collections.
    source = env.ensure(lane) / "collections" / "ansible_collections" / "kubernetes" / "core"
    target = root / "kubernetes" / "core"
    stamp = root / "kubernetes" / ".from"
    if not stamp.exists() or stamp.read_text() != str(source):
        shutil.rmtree(target.parent, ignore_errors=True)
        shutil.copytree(source.resolve(), target)
        stamp.write_text(str(source))


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.resolve() != target.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)


def run(arguments: list) -> int:
    with locked(BUILD / ".tree.lock", "the tree of collections"):
        match arguments:
            case ["export", name, lane]:
                print(export(name, lane))
            case ["code", name, lane]:
                print(export(name, lane, inputs=False))
            case ["live", lane]:
                print(live(lane))
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    return 0


if __name__ == "__main__":
    main(run)
