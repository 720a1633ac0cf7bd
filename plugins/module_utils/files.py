# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that modules write on the machine the task runs on: where they go, whether they are there already, and how they get there whole."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .context import Context
from .errors import InputError


def target(dest: str, name: str) -> str:
    """The absolute path of the file: ``name`` in dest where that is a folder (or ends with /), else dest itself.

    A link is followed. Raises InputError where its folder is missing, or something that is no file stands in its place.
    """
    path = os.path.expanduser(dest)
    if "\0" in path:
        raise InputError("A path holds a NUL character", where=repr(dest), todo="correct dest")
    if os.path.isdir(path) or path.endswith("/"):
        path = os.path.join(path, name)
    path = os.path.abspath(path)
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise InputError("There is no such folder", where=folder, todo="create it first, or choose another dest")
    if os.path.lexists(path):
        path = os.path.realpath(path)
        if os.path.exists(path) and not os.path.isfile(path):
            raise InputError("There is something else than a file already", where=path, todo="choose another dest")
    return path


def rights(mode: str) -> int:
    """A mode from its text, four octal digits such as "0640"; raises InputError for every other."""
    # The zero is asked for because YAML makes another number of 0640 without quotes.
    if not re.fullmatch("0[0-7]{3}", mode):
        raise InputError(f'"{mode}" is no mode of a file', where="mode", todo='write four octal digits in quotes, such as "0640"')
    return int(mode, 8)


def undated(path: str, made_at: Callable[[str], str], render: Callable[[str], str], moment: str) -> bytes:
    """A page that bears the time of its making: the one that is there where it differs in that time alone, else the one of this moment.

    made_at: the time that a page bears, "" where it is none of ours. render: the page of a time.
    """
    try:
        with open(path, "rb") as file:
            old = file.read()
    except OSError:
        # Missing, or a reason that is told when it is written.
        old = b""
    before = made_at(old.decode("utf-8", "replace"))
    return old if before and render(before).encode() == old else render(moment).encode()


def settle(path: str, data: bytes, ctx: Context, rights: int | None = None) -> dict[str, Any]:
    """Brings the file to these bytes, in check mode only says so; returns changed, actions and diff (checksums, not contents).

    rights: the file's mode; without it a new file's is 0666 less the umask, an old one's is kept.
    """
    before = _facts(path)
    after = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    actions = [] if before == after else [f"write {path} ({len(data) / 1024:.0f} KiB, sha256 {after['sha256'][:12]})"]
    if before and rights is not None and _mode(path) != rights:
        actions.append(f"set the mode of {path} to {rights:04o}")
    if actions and not ctx.check_mode:
        ctx.progress("; ".join(actions))
        _put(path, data, _mode(path) if rights is None else rights)
    shown = [{"before_header": path, "after_header": path, "before": before or "", "after": after}] if ctx.diff and before != after else []
    return {"changed": bool(actions), "actions": actions, "diff": shown}


def _facts(path: str) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": os.fstat(file.fileno()).st_size}
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}", where=path) from error


def _put(path: str, data: bytes, mode: int) -> None:
    """Writes the file at once: a reader sees the old bytes or the new ones.

    Raises InputError where the folder cannot be written to.
    """
    part = ""
    try:
        handle, part = tempfile.mkstemp(prefix=".acmp-", dir=os.path.dirname(path))
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        part = ""
    except OSError as error:
        raise InputError(f"The file cannot be written: {error.strerror}", where=path, todo="choose another dest, or make room") from error
    finally:
        if part:
            with suppress(OSError):
                os.unlink(part)


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        # The only way to read the umask is to set it.
        mask = os.umask(0o077)
        os.umask(mask)
        return 0o666 & ~mask
