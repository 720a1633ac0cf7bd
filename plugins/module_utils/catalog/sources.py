# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages on the controller: a folder or an archive, read and packed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..context import Context
from ..errors import InputError, PackageError
from ..package import archive
from ..package.tree import FileTree

if TYPE_CHECKING:
    from ..package.model import model


def read(src: str) -> FileTree:
    """The files of a package's folder or archive. Raises InputError where there is none, PackageError for what is unfit."""
    return packed(src)[0]


def packed(src: str) -> tuple[FileTree, bytes | None]:
    """(the files, the archive's bytes), None for the bytes of a folder, which are not packed yet; raises as read()."""
    path = os.path.expanduser(src)
    if os.path.isdir(path):
        return archive.read_folder(path), None
    data = _bytes(path)
    return archive.read(data, os.path.basename(path)), data


def check_size(data: bytes, where: str) -> None:
    """PackageError where a packed package is larger than the platform takes."""
    if len(data) > archive.LIMITS.packed:
        raise PackageError(
            f"The packed package has {len(data) / 1048576:.1f} MiB, and the limit is {archive.LIMITS.packed / 1048576:.0f} MiB", where=where,
            todo="leave out tests, pictures and vendored charts that are not needed",
        )


def tell(package: model.Package, ctx: Context) -> None:
    """Hands on as warnings what reading the package found and is no error."""
    for finding in package.warnings:
        ctx.warn(f"{finding.where} {finding.message}")


def write(tree: FileTree, folder: str) -> None:
    """Writes files into a new folder, as a chart is needed on disk."""
    for path, data in tree.items():
        target = os.path.join(folder, *path.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)


def _bytes(path: str) -> bytes:
    """At most one byte more than the limit."""
    if not os.path.isfile(path):
        raise InputError("There is no such folder or archive", where=path, todo="give the folder of a package, or its .tgz, .tar.gz or .zip")
    try:
        with open(path, "rb") as file:
            return file.read(archive.LIMITS.packed + 1)
    except OSError as error:
        raise PackageError(f"The package cannot be read: {error.strerror}", where=path) from error
