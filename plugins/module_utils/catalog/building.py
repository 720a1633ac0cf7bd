# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages as archives on disk: a folder becomes NAME-VERSION.tgz or .zip (§7.2.1)."""

from __future__ import annotations

import os
from typing import Any

from .. import files
from ..context import Context
from ..errors import InputError
from ..package import archive
from ..package.lint import linter
from ..package.model import model
from ..package.tree import FileTree
from . import sources


def build(wanted: dict, ctx: Context) -> dict[str, Any]:
    """Packs a package's folder; the same files give the same bytes, and a file that holds them already is left alone.

    wanted: src (folder), dest (folder or file, None for the folder that src stands in), format (tgz or zip).
    Returns changed, actions, diff, archive (path), name, version, sha256, size (bytes) and files (paths in the package). Raises PackageError
    for a package that cannot be read or is too large, InputError for a dest that does not fit.
    """
    src = os.path.abspath(os.path.expanduser(wanted["src"]))
    if os.path.isfile(src):
        raise InputError("This is a file, and a folder is what is packed", where=src, todo="give the folder of the package; an archive is packed already")
    tree = archive.read_folder(src)
    package = _checked(tree, ctx)
    title = f"{package.name}-{package.version}"
    data = archive.write(tree, title, kind=wanted["format"])
    sources.check_size(data, src)
    path = files.target(wanted.get("dest") or os.path.dirname(src), f"{title}.{wanted['format']}")
    _outside(path, src)
    return {
        **files.settle(path, data, ctx), "archive": path, "name": package.name, "version": package.version, "sha256": archive.sha256(data),
        "size": len(data), "files": list(tree),
    }


def _checked(tree: FileTree, ctx: Context) -> model.Package:
    """The package of the tree; PackageError with all errors the linter finds in its files, charts not rendered."""
    package = model.load(tree)
    linter.refuse(linter.lint(tree).findings, tree.origin)
    sources.tell(package, ctx)
    return package


def _outside(path: str, src: str) -> None:
    # In the folder it would be packed with the next time, and no two builds would be equal.
    inside = os.path.realpath(src)
    if os.path.commonpath([os.path.realpath(path), inside]) == inside:
        raise InputError("The archive would stand inside the package itself", where=path, todo="choose a dest outside of src")
