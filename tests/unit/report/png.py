# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pictures a browser took: their colours, and the same as a small file for the documentation."""

from __future__ import annotations

import struct
import zlib
from collections import Counter

_START = b"\x89PNG\r\n\x1a\n"


def read(data: bytes) -> tuple[int, list[list[bytes]]]:
    """(width, rows of pixels of three bytes) of a PNG of eight bits, in RGB with or without alpha."""
    chunks, place = {}, len(_START)
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        chunks[name] = chunks.get(name, b"") + data[place + 8:place + 8 + length]
        place += 12 + length
    width, height, _depth, kind = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    size = {2: 3, 6: 4}[kind]
    raw, above, rows = zlib.decompress(chunks[b"IDAT"]), bytearray(width * size), []
    for number in range(height):
        start = number * (width * size + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1:start + 1 + width * size]), above, size)
        rows.append([bytes(above[at:at + 3]) for at in range(0, len(above), size)])
    return width, rows


def small(data: bytes) -> bytes:
    """The picture in its 256 commonest colours, the others as the nearest of them."""
    width, rows = read(data)
    counts = Counter(pixel for row in rows for pixel in row)
    palette = [colour for colour, _count in counts.most_common(256)]
    place = {colour: number for number, colour in enumerate(palette)}
    for colour in counts:
        if colour not in place:
            place[colour] = min(range(len(palette)), key=lambda number: sum((a - b) ** 2 for a, b in zip(palette[number], colour, strict=True)))
    body = b"".join(b"\0" + bytes(place[pixel] for pixel in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)
    return _START + b"".join(_chunk(name, part) for name, part in (
        (b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(body, 9)), (b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _unfiltered(kind: int, line: bytearray, above: bytearray, size: int) -> bytearray:
    for at, value in enumerate(line):
        left = line[at - size] if at >= size else 0
        corner = above[at - size] if at >= size else 0
        line[at] = (value + _guess(kind, left, above[at], corner)) & 255
    return line


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind < 4:
        return (0, left, up, (left + up) // 2)[kind]
    return min((left, up, corner), key=lambda near: abs(left + up - corner - near))
