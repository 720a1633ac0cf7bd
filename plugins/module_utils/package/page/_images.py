# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pictures of a package as data: addresses, so that its page loads nothing."""

from __future__ import annotations

import base64
import binascii

from ..model._metadata import Logo
from ..tree import FileTree

# Larger ones would make a page nobody can send; a logo has some kilobytes.
MOST_BYTES = 1024 * 1024
# What may stand before an SVG's root: XML's own line, comments, a document type without declarations.
_BEFORE = ((b"<?xml", b"?>"), (b"<!--", b"-->"), (b"<!DOCTYPE svg", b">"))


def data_uri(data: bytes) -> str:
    """A picture's data: address by its content (PNG, JPEG, GIF, WebP, SVG); "" for everything else, and for one above 1 MiB."""
    kind = _kind(data) if 0 < len(data) <= MOST_BYTES else ""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}" if kind else ""


def logo(given: Logo, tree: FileTree) -> str:
    """The data: address of a package's logo, "" where it has none that can be shown."""
    if given.base64data:
        try:
            return data_uri(base64.b64decode("".join(given.base64data.split()), validate=True))
        except (binascii.Error, ValueError):
            return ""
    return data_uri(tree.get(given.path, b"")) if given.path else ""


def _kind(data: bytes) -> str:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    # It is shown as an image only: there an SVG runs no script and loads nothing.
    return "image/svg+xml" if _is_svg(data[:16384].removeprefix(b"\xef\xbb\xbf")) else ""


def _is_svg(start: bytes) -> bool:
    start = start.lstrip()
    while True:
        end = next((close for begin, close in _BEFORE if start.startswith(begin)), None)
        if end is None:
            return start[:4] == b"<svg" and start[4:5] in (b" ", b"\t", b"\r", b"\n", b">", b"/")
        start = start.partition(end)[2].lstrip()
