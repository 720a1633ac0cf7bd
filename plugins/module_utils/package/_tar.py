# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading and writing gzipped tar archives of unknown origin."""

from __future__ import annotations

import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..errors import PackageError

if TYPE_CHECKING:
    from .archive import Limits

# (name, is a folder, load(room) -> bytes or None when larger than room)
Entry = tuple[str, bool, Callable[[int], "bytes | None"]]

_KINDS = {
    tarfile.SYMTYPE: "a symbolic link", tarfile.LNKTYPE: "a hard link", tarfile.CHRTYPE: "a device", tarfile.BLKTYPE: "a device", tarfile.FIFOTYPE: "a pipe",
}

# A long name needs two kilobytes; a header of megabytes is made to keep the reader busy.
_EXTRA_HEADERS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)
_EXTRA_BYTES = 65536


class _Header(tarfile.TarInfo):
    """tarfile's header with bounds on what it reads by itself; where the hooks are gone, the other bounds still hold."""

    def _proc_member(self, tar):  # pylint: disable=arguments-renamed
        if self.type in _EXTRA_HEADERS and not 0 <= self.size <= _EXTRA_BYTES:
            raise tarfile.ReadError("an extended header is too large")
        return super()._proc_member(tar)

    def _proc_gnusparse_10(self, *_args):
        raise tarfile.ReadError("sparse")


def entries(data: bytes, origin: str, limits: Limits) -> Iterator[Entry]:
    """Entries of a gzipped tar; PackageError when it is damaged or holds more than files and folders."""
    # Headers, padding and long names come on top of the files' own bytes.
    plain = _unzip(data, origin, limits.unpacked + limits.entries * 4096 + 65536)
    if plain is None:
        raise PackageError("The archive unpacks to more than a package may hold", where=origin, todo="Leave out what is not needed")
    try:
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:", tarinfo=_Header, encoding="utf-8", errors="surrogateescape") as tar:
            yield from _members(tar, plain, origin)
    except PackageError:
        raise
    # tarfile raises many kinds for hostile headers (ValueError, OverflowError, KeyError, RecursionError ...).
    except Exception as error:
        raise _damaged(origin) from error


def _members(tar: tarfile.TarFile, plain: bytes, origin: str) -> Iterator[Entry]:
    for member in tar:
        if member.isdir():
            yield member.name + "/", True, _nothing
            continue
        # A sparse member may claim terabytes and hold none.
        if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.sparse is not None:
            kind = _KINDS.get(member.type, "not a plain file")
            name = "".join(char if char.isprintable() else "?" for char in member.name)[:200]
            raise PackageError(f"An entry of the archive is {kind}", where=f"{origin}: {name}", todo="Pack plain files and folders only")
        start, end = member.offset_data, member.offset_data + member.size
        if member.size < 0 or end > len(plain):
            raise _damaged(origin)
        yield member.name, False, _loader(plain, start, end)
    # tarfile ends quietly at a header it cannot read; only zeros, or nothing, may follow the last entry.
    if plain[tar.offset:tar.offset + tarfile.BLOCKSIZE].strip(b"\0"):
        raise _damaged(origin)


def _loader(plain: bytes, start: int, end: int) -> Callable[[int], bytes | None]:
    return lambda room: plain[start:end] if end - start <= room else None


def _nothing(_room: int) -> bytes:
    return b""


def _unzip(data: bytes, origin: str, most: int) -> bytes | None:
    """All gzip members of ``data`` unpacked, None as soon as they are more than ``most`` bytes."""
    parts: list[bytes] = []
    size = 0
    rest = data
    while rest:
        stream = zlib.decompressobj(wbits=31)
        try:
            while not stream.eof:
                part = stream.decompress(rest, most - size + 1)
                rest = stream.unconsumed_tail
                size += len(part)
                if size > most:
                    return None
                parts.append(part)
                if not part and not rest and not stream.eof:
                    raise PackageError("The archive is cut off", where=origin, todo="Copy or pack it again")
        except zlib.error:
            raise _damaged(origin) from None
        # Tapes and some tools fill up with zeros; anything else would be content that two readers see differently.
        rest = stream.unused_data.lstrip(b"\0")
        if rest and rest[:2] != b"\x1f\x8b":
            raise PackageError("Unknown data follows the archive", where=origin, todo="Pack the folder afresh")
    return b"".join(parts)


def _damaged(origin: str) -> PackageError:
    return PackageError("The archive is damaged", where=origin, todo="Copy or pack it again")


def pack(files: dict[str, bytes], top: str) -> bytes:
    """An uncompressed tar of the files below the folder ``top``, with nothing in it that varies."""
    prefix = f"{top}/" if top else ""
    names: dict[str, bytes | None] = {}
    for path, data in files.items():
        parts = (prefix + path).split("/")
        for depth in range(1, len(parts)):
            names["/".join(parts[:depth])] = None
        names[prefix + path] = data
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:", format=tarfile.PAX_FORMAT, encoding="utf-8") as tar:
        # By parts, so that a folder comes right before what is in it.
        for name in sorted(names, key=lambda text: text.split("/")):
            data = names[name]
            info = tarfile.TarInfo(name)
            info.mtime = 0
            if data is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                info.mode, info.size = 0o644, len(data)
                tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
