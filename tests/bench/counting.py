# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes and requests of one task, counted in runs of their own: the counting slows down what it counts."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path

import candidates
from candidates import Ground
from proxy import Proxy


@contextlib.contextmanager
def counted(ground: Ground, target: dict):
    """A ground whose helm and python note their starts and whose requests go through the counting proxy."""
    notes = ground.scratch / "processes.log"
    notes.write_text("")
    folder = ground.scratch / "wrappers"
    folder.mkdir(exist_ok=True)
    helm = _wrapper(folder / "helm", ground.helm, notes, "helm")
    python = _wrapper(folder / "python", str(ground.venv / "bin" / "python"), notes, "python")
    with Proxy(ground.kubeconfig, ground.scratch) as proxy:
        yield replace(ground, helm=str(helm), kubeconfig=str(proxy.kubeconfig)), str(python)
        target |= {"processes": notes.read_text().splitlines(), "requests": [f"{seen.verb} {seen.path}" for seen in proxy.seen]}


def _wrapper(path: Path, program: str, notes: Path, label: str) -> Path:
    path.write_text(f'#!/bin/sh\necho "{label} $1" >> "{notes}"\nexec "{program}" "$@"\n')
    path.chmod(0o755)
    # Our side remembers a helm's version by its path, size and time; a wrapper that looks new each time would be asked each time.
    os.utime(path, (1, 1))
    return path


def one_task(ground: Ground, who: str, name: str) -> dict:
    """{"processes": [...], "requests": [...]} of one run of one candidate, without those of an empty playbook."""
    found: dict = {}
    with counted(ground, found) as (watched, python):
        if who == candidates.PLAIN:
            candidates.plain(watched, name)
        else:
            task = (candidates.our_task if who == candidates.OURS else candidates.their_task)(watched, name)
            candidates.play(watched, candidates.playbook(watched, "counted", [task], interpreter=python))
    return found
