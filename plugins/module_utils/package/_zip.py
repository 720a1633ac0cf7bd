# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing zip archives; those read are of unknown origin."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..errors import PackageError

if TYPE_CHECKING:
    from ._tar import Entry
    from .archive import Limits


def entries(data: bytes, origin: str, limits: Limits) -> Iterator[Entry]:
    """Entries of a zip archive; PackageError when it is damaged, encrypted or holds more than files and folders."""
    try:
        # Names without the UTF-8 flag are read as UTF-8 too: what is not must be refused, not guessed.
        with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="utf-8") as archive:
            yield from _members(archive, origin)
    except PackageError:
        raise
    except UnicodeDecodeError:
        raise PackageError("A file's name in the archive is not UTF-8", where=origin, todo="Pack on a system that writes UTF-8 names") from None
    # zipfile raises many kinds for hostile input (BadZipFile, EOFError, struct.error, NotImplementedError ...).
    except Exception as error:
        raise _damaged(origin) from error


def _members(archive: zipfile.ZipFile, origin: str) -> Iterator[Entry]:
    for info in archive.infolist():
        name = info.orig_filename
        where = f"{origin}: {''.join(char if char.isprintable() else '?' for char in name)[:200]}"
        mode = info.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a plain file"
            raise PackageError(f"An entry of the archive is {kind}", where=where, todo="Pack plain files and folders only")
        if info.flag_bits & 0x1:
            raise PackageError("An entry of the archive is encrypted", where=where, todo="Pack without a password")
        # The other methods may ask for gigabytes of memory before the first byte is out.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PackageError("An entry of the archive uses an unusual compression", where=where, todo="Pack with deflate, the default of zip tools")
        is_folder = name.endswith("/") or stat.S_ISDIR(mode)
        yield name, is_folder, _loader(archive, info, origin)


def _loader(archive: zipfile.ZipFile, info: zipfile.ZipInfo, origin: str) -> Callable[[int], bytes | None]:
    def load(room: int) -> bytes | None:
        if info.file_size > room:
            return None
        try:
            with archive.open(info) as file:
                content = file.read(room + 1)
        except Exception as error:
            raise _damaged(origin) from error
        return None if len(content) > room else content

    return load


def _damaged(origin: str) -> PackageError:
    return PackageError("The archive is damaged", where=origin, todo="Copy or pack it again")


def pack(files: dict[str, bytes], top: str, level: int) -> bytes:
    """A zip of the files below the folder ``top``, with nothing in it that varies."""
    prefix = f"{top}/" if top else ""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files, key=lambda text: text.split("/")):
            # The earliest time the format can say.
            info = zipfile.ZipInfo(prefix + path, (1980, 1, 1, 0, 0, 0))
            # Unix, whatever packs it; on Windows it would be 0, and the mode below would mean something else.
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, files[path], compresslevel=level)
    return buffer.getvalue()
