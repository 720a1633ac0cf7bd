# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which helm there is and what it understands: one table of flags instead of questions to the program."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from ..context import Context
from ..errors import HelmError
from . import _process

OLDEST = (3, 18)
INSTALL = "install Helm 3.18 or newer, or Helm 4, and put it on PATH or name it in helm_binary"


@dataclass(frozen=True)
class Flags:
    """What a version's command line offers (read in cmd/helm of 3.18, 3.22 and pkg/cmd of 4.0, 4.3).

    hooks_only: how to wait for hooks and nothing else. apply_server / apply_client: how objects are written (Helm 3 has
    one way). rollback_description: rollback takes --description. plugin_renderer: post-renderers are plugins. no_schema: do
    not fetch the API's whole schema, 0.2-0.4 s for nothing: where the server validates fields itself (Kubernetes 1.25
    and newer) helm leaves it to the server, which warns under client-side apply and refuses under server-side apply.
    """

    no_schema: tuple[str, ...]
    hooks_only: tuple[str, ...]
    apply_server: tuple[str, ...]
    apply_client: tuple[str, ...]
    rollback_description: bool
    plugin_renderer: bool


# Helm fetches what a schema refers to, from any address and any file of this machine. Ours is checked before, by package/validate.py.
NO_VALUES_SCHEMA = ("--skip-schema-validation",)


def flags(version: tuple[int, ...]) -> Flags:
    """The row of the table for a version such as (4, 3, 1). Pure."""
    if version[0] >= 4:
        return Flags(
            no_schema=("--disable-openapi-validation",),
            hooks_only=("--wait=hookOnly",),
            # Forced, because a scale, a repair or a restart by another manager (ours too) would make the next upgrade
            # fail; fields that the chart does not name stay with their owners either way.
            apply_server=("--server-side=true", "--force-conflicts"),
            apply_client=("--server-side=false",),
            rollback_description=version[:2] >= (4, 3),
            plugin_renderer=True,
        )
    return Flags(
        no_schema=("--disable-openapi-validation",), hooks_only=(), apply_server=(), apply_client=(), rollback_description=False, plugin_renderer=False,
    )


@dataclass(frozen=True)
class Helm:
    """A helm program: absolute path, version text ("3.22.0"), major number, flags."""

    path: str
    version: str
    major: int
    flags: Flags


def find(ctx: Context, binary_path: str | None = None) -> Helm:
    """The helm to use: binary_path, else ``helm`` on the PATH of ctx.env.

    Its version is asked once and then remembered in the user's cache (by path, size and time), so that the next run starts
    no process. Raises HelmError when it is missing, cannot run, or is older than 3.18.
    """
    search = ctx.env.get("PATH") or os.defpath
    path = shutil.which(os.path.expanduser(binary_path) if binary_path else "helm", path=search)
    if not path:
        raise HelmError(f"{binary_path} is not an executable file" if binary_path else "helm is not on PATH", where=binary_path or "PATH", todo=INSTALL)
    path = os.path.abspath(path)
    text = remembered(ctx, path, lambda: _ask(path, ctx))
    version = parse_version(text)
    if version[:2] < OLDEST:
        raise HelmError(f"helm {text} is too old", where=path, todo=INSTALL)
    return Helm(path=path, version=".".join(str(part) for part in version), major=version[0], flags=flags(version))


def remembered(ctx: Context, path: str, ask: Callable[[], str]) -> str:
    """What a program says about its version, from the user's cache where the file is the same as then (path, size and time)."""
    try:
        seen = os.stat(path)
    except OSError as problem:
        raise HelmError(f"{path} cannot be read: {problem.strerror}", where=path, todo=INSTALL) from None
    key = {"path": path, "size": seen.st_size, "mtime": seen.st_mtime_ns}
    folder = _cache_folder(ctx)
    text = _recall(folder, key) if folder else ""
    if not text:
        text = ask()
        if folder:
            _remember(folder, key, text)
    return text


def parse_version(text: str) -> tuple[int, ...]:
    """ "v3.22.0+g1234" -> (3, 22, 0); a missing patch number (a build without release flags) is 0. Raises HelmError."""
    match = re.match(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?", text.strip())
    if not match:
        raise HelmError(f"helm says a version that cannot be read: {text[:60]!r}", todo=INSTALL)
    return tuple(int(part or 0) for part in match.groups())


def _ask(path: str, ctx: Context) -> str:
    environment = {"PATH": ctx.env.get("PATH") or os.defpath, "HOME": "/nonexistent", "HELM_NO_PLUGINS": "1"}
    done = _process.run([path, "version", "--template", "{{.Version}}"], ctx, env=environment, timeout=30)
    if done.code != 0 or not done.stdout.strip():
        line = (done.stderr.strip() or f"exit status {done.code}").splitlines()[0][:200]
        raise HelmError(f"helm does not run: {line}", where=path, todo=INSTALL)
    return done.stdout.strip()


def _cache_folder(ctx: Context) -> str:
    base = ctx.env.get("XDG_CACHE_HOME") or (os.path.join(ctx.env["HOME"], ".cache") if ctx.env.get("HOME") else "")
    if not base or not os.path.isabs(base):
        return ""
    folder = os.path.join(base, "acmp-middleware", "helm-versions")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        seen = os.stat(folder, follow_symlinks=False)
    except OSError:
        return ""
    # Somebody else's folder could tell us a wrong version.
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
        return ""
    return folder


def _entry(folder: str, key: dict) -> str:
    return os.path.join(folder, hashlib.sha256(key["path"].encode()).hexdigest()[:24] + ".json")


def _recall(folder: str, key: dict) -> str:
    try:
        with open(_entry(folder, key), encoding="utf-8") as file:
            known = json.loads(file.read(4096))
    except (OSError, ValueError):
        return ""
    if not isinstance(known, dict) or any(known.get(name) != value for name, value in key.items()):
        return ""
    text = known.get("version")
    return text if isinstance(text, str) and re.match(r"v?\d+\.\d+", text) else ""


def _remember(folder: str, key: dict, version: str) -> None:
    # Never worth a failure: the next run asks again.
    try:
        handle, name = tempfile.mkstemp(dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({**key, "version": version}, file)
        os.replace(name, _entry(folder, key))
    except OSError:
        pass
