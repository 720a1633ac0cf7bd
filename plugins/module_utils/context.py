# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run carries along: environment, check mode, progress lines, secrets to mask, and scratch space."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


_KUBECONFIG_SECRETS = ("token", "password", "client-key-data", "id-token", "refresh-token", "access-token", "client-secret")


class Secrets:
    """Values that may appear in no result, diff or message; base64 forms are masked too."""

    MASK = "********"

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, value: object) -> None:
        text = str(value)
        # Shorter strings would blank out ordinary words; structure masks those.
        if value is None or len(text) < 4:
            return
        self._values.add(text)
        self._values.add(base64.b64encode(text.encode()).decode())

    def add_kubeconfig(self, config: object) -> None:
        """All that is secret in a kubeconfig, whatever shape it has."""
        if isinstance(config, Mapping):
            for key, value in config.items():
                if isinstance(value, (Mapping, list)):
                    self.add_kubeconfig(value)
                elif key in _KUBECONFIG_SECRETS:
                    self.add(value)
        elif isinstance(config, list):
            for value in config:
                self.add_kubeconfig(value)

    def values(self) -> list[str]:
        """Longest first, so that a secret inside another one is masked whole."""
        return sorted(self._values, key=len, reverse=True)

    def mask(self, text: str) -> str:
        for value in self.values():
            text = text.replace(value, self.MASK)
        return text


_SCRATCH = "acmp-run-"


def _silent(_line: str) -> None:
    return None


@dataclass
class Context:
    """Shared by all layers of one run.

    env: the process environment with the task's ``environment:`` on top; nothing below reads os.environ.
    progress: prints one line for the person who waits. stopping: set when the run is asked to end.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    check_mode: bool = False
    diff: bool = False
    progress: Callable[[str], None] = _silent
    secrets: Secrets = field(default_factory=Secrets)
    warnings: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    processes: list[list[str]] = field(default_factory=list)

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    @contextmanager
    def scratch(self):
        """A private folder (0700) that is gone afterwards; those that killed runs of this user left are swept away first."""
        wish = self.env.get("TMPDIR") or ""
        base = wish if os.path.isdir(wish) else tempfile.gettempdir()
        _sweep(base)
        path = tempfile.mkdtemp(prefix=f"{_SCRATCH}{os.getpid()}-", dir=base)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)


def _sweep(base: str) -> None:
    # They hold credentials, and nobody else would ever remove them.
    for entry in os.scandir(base):
        pid = entry.name.removeprefix(_SCRATCH).partition("-")[0]
        if not entry.name.startswith(_SCRATCH) or not pid.isdigit() or not entry.is_dir(follow_symlinks=False):
            continue
        if entry.stat(follow_symlinks=False).st_uid == os.getuid() and not _alive(int(pid)):
            shutil.rmtree(entry.path, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
