# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Loads the collection's own files through Python's cache of compiled code (``__pycache__``), which Ansible's loader of collections does without.

To compile them anew in every process took longer than all else that an unchanged task does. Where the folder cannot be written, nothing is cached.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader

_PLUGINS = "ansible_collections.acmp.middleware.plugins."
_ROOMS = tuple(f"{_PLUGINS}{room}." for room in ("module_utils", "modules", "plugin_utils"))


class _Cached(MetaPathFinder):
    """Finds files of the three rooms; what it does not find is left to Ansible's own finder."""

    def __init__(self) -> None:
        self._folders: dict[str, FileFinder] = {}

    def find_spec(self, fullname, path=None, target=None):
        if not fullname.startswith(_ROOMS):
            return None
        for folder in path or ():
            if folder not in self._folders:
                self._folders[folder] = FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))
            found = self._folders[folder].find_spec(fullname)
            if found is not None and found.loader is not None:
                return found
        return None

    def invalidate_caches(self) -> None:
        self._folders.clear()


def use_cache() -> None:
    """Puts the finder before Ansible's, where that is the first; a second call does nothing."""
    if type(sys.meta_path[0]).__name__ == "_AnsibleCollectionFinder":
        sys.meta_path.insert(0, _Cached())
