# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Archives and folders to file trees and back; refuses all that DESIGN section 3 names before it can do harm."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
from dataclasses import dataclass

from ..errors import PackageError
from . import _tar
from .tree import FileTree, check_parents, clean_path

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Bounds of one package: bytes packed, bytes unpacked, number of entries (files and folders)."""

    packed: int = 4 * MIB
    unpacked: int = 64 * MIB
    entries: int = 2000


LIMITS = Limits()

# Left behind by file managers and version control; nobody means to ship them, and they would hide the one top folder.
_LITTER_FOLDERS = frozenset({"__MACOSX", ".git", ".svn", ".hg"})
_LITTER_FILES = frozenset({".DS_Store", "Thumbs.db"})

# Content that is an archive, but not one of ours: name it instead of "unknown".
_FOREIGN = (
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\x00", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"<", "a web page or XML"),
)


def read(data: bytes, origin: str, limits: Limits = LIMITS) -> FileTree:
    """The files of a .tgz, .tar.gz or .zip archive, told apart by content.

    data: the whole archive. origin: its file name or address, for messages. One top folder is taken away when
    metadata.yaml stands in it. Raises PackageError for an unknown or damaged archive, links, devices, unfit or repeated
    paths, and anything beyond ``limits``; nothing is written to disk and never more than ``limits.unpacked`` unpacked.
    """
    if len(data) > limits.packed:
        raise PackageError(
            f"The archive is larger than {_mib(limits.packed)}", where=origin, todo="Leave out what is not needed, or raise the platform's limit",
            details={"bytes": len(data), "limit": limits.packed})
    if data[:2] == b"\x1f\x8b":
        entries = _tar.entries(data, origin, limits)
    elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        from . import _zip

        entries = _zip.entries(data, origin, limits)
    else:
        raise PackageError(f"The archive is {_kind(data)}, neither .tgz nor .zip", where=origin, todo="Pack the folder as .tgz, .tar.gz or .zip")
    files: dict[str, bytes] = {}
    seen: set[str] = set()
    total = 0
    for count, (name, is_folder, load) in enumerate(entries, 1):
        if count > limits.entries:
            raise _too_many(origin, limits)
        if is_folder and name.strip("./") == "" and ".." not in name:
            continue
        path = clean_path(name, origin)
        if path in seen and not is_folder or path in files:
            raise PackageError("A path occurs twice in the archive", where=f"{origin}: {path}", todo="Pack the folder afresh")
        seen.add(path)
        if is_folder:
            continue
        content = load(limits.unpacked - total)
        if content is None:
            raise _too_large(origin, limits)
        total += len(content)
        files[path] = content
    for path in seen:
        check_parents(path, files, origin)
    return FileTree(_without_top(_without_litter(files)), origin)


def read_folder(path: str, limits: Limits = LIMITS) -> FileTree:
    """The files of a folder on disk, whose root is the package's root.

    Raises PackageError for a missing or unreadable folder, links, devices, names that are not UTF-8, and anything beyond
    ``limits`` (the packed size does not apply). The folder itself may be a link: the caller named it.
    """
    if not os.path.isdir(path):
        raise PackageError("There is no such folder", where=path, todo="Name the folder that holds metadata.yaml")
    files: dict[str, bytes] = {}
    total = count = 0
    pending = [""]
    while pending:
        folder = pending.pop()
        for entry in _scan(os.path.join(path, folder), path):
            count += 1
            if count > limits.entries:
                raise _too_many(path, limits)
            name = f"{folder}{entry.name}"
            if entry.is_symlink():
                raise PackageError("A package may not hold links", where=f"{path}: {clean_path(name, path)}", todo="Put the file itself there")
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _LITTER_FOLDERS:
                    pending.append(name + "/")
                continue
            if not _is_litter(name):
                content = _read_file(entry.path, clean_path(name, path), path, limits.unpacked - total)
                if content is None:
                    raise _too_large(path, limits)
                total += len(content)
                files[clean_path(name, path)] = content
    return FileTree(files, path)


def write(tree: FileTree, top: str = "", level: int = 9, kind: str = "tgz") -> bytes:
    """A reproducible archive: the same files give the same bytes, whoever packs them, wherever and whenever.

    top: the one folder everything stands in, usually NAME-VERSION. kind: tgz or zip. Sorted, owner 0, time 0 (a zip's is 1980),
    files 0644, folders 0755; a tree knows no executables, as a package's content is data. The bytes may differ between builds of zlib.
    """
    top = clean_path(top) if top else ""
    if kind == "zip":
        from . import _zip

        return _zip.pack(dict(tree), top, level)
    packed = _tar.pack(dict(tree), top)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=level, fileobj=buffer, mtime=0) as out:
        out.write(packed)
    return buffer.getvalue()


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of an archive."""
    return hashlib.sha256(data).hexdigest()


def _without_litter(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: data for path, data in files.items() if not _is_litter(path)}


def _is_litter(path: str) -> bool:
    *folders, name = path.split("/")
    return name in _LITTER_FILES or name.startswith("._") or any(folder in _LITTER_FOLDERS for folder in folders)


def _without_top(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1 or "metadata.yaml" in files:
        return files
    prefix = tops.pop() + "/"
    if prefix + "metadata.yaml" not in files:
        return files
    return {path[len(prefix):]: data for path, data in files.items()}


def _scan(folder: str, origin: str) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        raise PackageError(f"A folder cannot be read: {error.strerror}", where=origin) from None


def _read_file(full: str, path: str, origin: str, room: int) -> bytes | None:
    """Content of a plain file, None when it is larger than ``room``; the descriptor is checked, not the name."""
    try:
        # O_NONBLOCK: opening a pipe nobody writes to would wait for ever.
        handle = os.open(full, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise PackageError(f"A file cannot be read: {error.strerror}", where=f"{origin}: {path}") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise PackageError("A package may hold only files and folders", where=f"{origin}: {path}", todo="Take the device, pipe or socket out")
        content = file.read(room + 1)
    return None if len(content) > room else content


def _too_many(origin: str, limits: Limits) -> PackageError:
    return PackageError(f"The package holds more than {limits.entries} files and folders", where=origin, todo="Leave out what is not needed")


def _too_large(origin: str, limits: Limits) -> PackageError:
    return PackageError(f"The package is larger than {_mib(limits.unpacked)} unpacked", where=origin, todo="Leave out what is not needed")


def _kind(data: bytes) -> str:
    if not data:
        return "empty"
    for start, name in _FOREIGN:
        if data.startswith(start):
            return name
    return "a plain tar, not compressed" if data[257:262] == b"ustar" else "of an unknown format"


def _mib(size: int) -> str:
    return f"{size // MIB} MiB" if size % MIB == 0 else f"{size} bytes"
