# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a package in memory: what archive.py reads and everything else of this room works on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..errors import PackageError

PATH_BYTES = 1024
NAME_BYTES = 255

# Control characters hide a name on a terminal; a backslash is a separator on one system and a letter on the other.
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\\\\]")


def clean_path(path: str, origin: str = "") -> str:
    """The path as the tree keeps it: relative, with slashes, without ``.`` parts.

    Raises PackageError for anything that could leave the package's folder or mean two things: absolute, ``..``,
    backslash, control character, not UTF-8, longer than 1,024 bytes or with a name longer than 255.
    """
    def bad(what: str, todo: str = "") -> PackageError:
        return PackageError(what, where=f"{origin}: {_shown(path)}" if origin else _shown(path), todo=todo)

    try:
        raw = path.encode()
    except UnicodeEncodeError:
        raise bad("A file's name is not UTF-8", "Rename the file, or pack on a system that writes UTF-8 names") from None
    if path.startswith("/") or _DRIVE.match(path):
        raise bad("A file's path is absolute", "Pack the folder with relative paths")
    if _UNFIT.search(path):
        raise bad("A file's path holds a backslash or a control character", "Separate folders with /")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise bad("A file's path leaves the package", 'Pack the folder without ".." in its paths')
    if not parts:
        raise bad("A file has no name")
    if len(raw) > PATH_BYTES or len(raw) > NAME_BYTES and any(len(part.encode()) > NAME_BYTES for part in parts):
        raise bad("A file's path is too long", f"Keep paths below {PATH_BYTES} bytes and names below {NAME_BYTES}")
    return "/".join(parts)


class FileTree(Mapping):
    """Read-only mapping of path (relative, with slashes) to content (bytes), in sorted order.

    origin: what the files come from, for messages. Raises PackageError for an unfit path, for two spellings of one
    path, and for a path that is a file and a folder at once.
    """

    __slots__ = ("_files", "origin")

    def __init__(self, files: Mapping[str, bytes] | None = None, origin: str = "package") -> None:
        self.origin = origin
        cleaned: dict[str, bytes] = {}
        for path, data in (files or {}).items():
            name = clean_path(path, origin)
            if name in cleaned:
                raise PackageError("A path occurs twice", where=f"{origin}: {name}", todo="Keep one of the two files")
            cleaned[name] = bytes(data)
        self._files = {path: cleaned[path] for path in sorted(cleaned)}
        for path in self._files:
            check_parents(path, self._files, origin)

    def __getitem__(self, path: str) -> bytes:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __repr__(self) -> str:
        return f"FileTree({len(self)} files, {self.size} bytes, origin={self.origin!r})"

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(map(len, self._files.values()))

    def text(self, path: str) -> str:
        """A file as text without a byte order mark; PackageError when it is missing or not UTF-8."""
        data = self._files.get(path)
        if data is None:
            raise PackageError("A file is missing", where=path, todo=f"Add it to {self.origin}")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise PackageError("A file is not UTF-8", where=f"{path}:{line}", todo="Save it as UTF-8") from None

    def subtree(self, folder: str) -> FileTree:
        """The files below a folder, with paths relative to it; empty when there is no such folder, all for ``""``."""
        prefix = folder.strip("/")
        if prefix in ("", "."):
            return self
        prefix += "/"
        return FileTree({path[len(prefix):]: data for path, data in self._files.items() if path.startswith(prefix)}, f"{self.origin}: {prefix[:-1]}")

    def children(self, folder: str = "") -> tuple[list[str], list[str]]:
        """(names of files, names of folders) directly in a folder, sorted."""
        prefix = folder.strip("/")
        prefix = "" if prefix in ("", ".") else prefix + "/"
        files, folders = [], {}
        for path in self._files:
            if path.startswith(prefix):
                name, slash, _rest = path[len(prefix):].partition("/")
                if slash:
                    folders[name] = None
                else:
                    files.append(name)
        return files, list(folders)

    def with_files(self, files: Mapping[str, bytes | str | None]) -> FileTree:
        """A copy with some files added or replaced; text is written as UTF-8, None takes a file away."""
        merged = dict(self._files)
        for path, data in files.items():
            if data is None:
                merged.pop(path, None)
            else:
                merged[path] = data.encode() if isinstance(data, str) else data
        return FileTree(merged, self.origin)

    def without(self, name: str) -> FileTree:
        """A copy without the files of that name, in whatever folder."""
        return FileTree({path: data for path, data in self._files.items() if path.rpartition("/")[2] != name}, self.origin)


def check_parents(path: str, files: Mapping[str, bytes], origin: str) -> None:
    """PackageError when one of the path's folders is itself a file of ``files``."""
    end = path.rfind("/")
    while end > 0:
        if path[:end] in files:
            raise PackageError("A path is a file and a folder at once", where=f"{origin}: {path[:end]}")
        end = path.rfind("/", 0, end)


def _shown(path: str) -> str:
    """A path that may be hostile, fit for a message: bounded, printable."""
    text = path.encode("utf-8", "replace").decode("utf-8", "replace")
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= 200 else text[:197] + "..."
