# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What kustomizations of a package may name: files of the package itself. PURE: files in, faults out.

kustomize fetches whatever looks like an address (also of files, patches and generators), clones what looks like a repository before it looks for
a folder of that name, reads field names in any case, and starts programs for generators and transformers. So everything that is not known here to
read files of the package only is refused, before kustomize is started.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import PackageError
from . import yaml_reader
from .tree import FileTree

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MANIFESTS = (".yaml", ".yml", ".json")

# One spelling of a path and no other: nothing of it could be an address, a repository, a query or an option.
_PATH = re.compile(r"(?:\./)*(?:\.\./)*[A-Za-z0-9_][A-Za-z0-9_.+-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*/?|\.\.?(?:/\.\.)*/?")
_REPOSITORY = re.compile(r"(?:^|/)(?:www\.)?github\.com(?:/|$)|\.git(?:/|$)|(?:^|/)_git(?:/|$)", re.IGNORECASE)

_PROGRAMS = {
    "generators": "generators are programs", "transformers": "transformers are programs", "validators": "validators are programs",
    "helmCharts": "a chart is deployed as templateType helm", "helmChartInflationGenerator": "a chart is deployed as templateType helm",
    "helmGlobals": "a chart is deployed as templateType helm",
}
_PLAIN = frozenset({
    "apiVersion", "kind", "metadata", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels", "commonAnnotations", "images", "replicas",
    "generatorOptions", "vars", "buildMetadata", "sortOptions",
})
_FOLDERS = ("bases", "components")
_LISTS = ("crds", "configurations")
_GENERATOR = frozenset({"name", "namespace", "behavior", "type", "files", "literals", "envs", "env", "options"})
_KNOWN = (
    *_PLAIN, "resources", *_FOLDERS, *_LISTS, "patches", "patchesStrategicMerge", "patchesJson6902", "configMapGenerator", "secretGenerator",
    "replacements", "openapi",
)


@dataclass(frozen=True)
class Fault:
    """path: the kustomization file. what: one sentence, no full stop. field: the one at fault, "" where it is the file."""

    path: str
    what: str
    field: str = ""


def is_kustomization(path: str) -> bool:
    return path.rpartition("/")[2] in NAMES


def plain(path: str) -> bool:
    """Whether a path means a file or folder to kustomize, and could mean nothing else."""
    return bool(_PATH.fullmatch(path)) and not _REPOSITORY.search(path)


def faults(tree: FileTree) -> list[Fault]:
    """What the kustomization files of a tree name that is no file of it, or that kustomize would run; [] when they are fit to be built."""
    found: list[Fault] = []
    for path in tree:
        if is_kustomization(path):
            try:
                data = yaml_reader.load(tree[path], path)
            except PackageError as error:
                found.append(Fault(path, error.what))
                continue
            if not isinstance(data, dict):
                found.append(Fault(path, "A kustomization is not a map of fields"))
                continue
            reader = _Reader(tree, posixpath.dirname(path))
            found.extend(Fault(path, what, str(key)) for key, value in data.items() for what in reader.faults(key, value))
    return found


class _Reader:
    """One kustomization file in its folder."""

    def __init__(self, tree: FileTree, folder: str) -> None:
        self.tree, self.folder = tree, folder

    def faults(self, key: str, value: object) -> Iterator[str]:
        if key in _PROGRAMS:
            yield f"{key} is not allowed: {_PROGRAMS[key]}"
        elif key not in _KNOWN:
            yield f'There is no field "{_short(key)}" in a kustomization that packages may use'
        elif key == "resources":
            yield from self._each(key, value, files=True, folders=True)
        elif key in _FOLDERS:
            yield from self._each(key, value, folders=True)
        elif key in _LISTS:
            yield from self._each(key, value, files=True)
        elif key == "patchesStrategicMerge":
            yield from self._strategic(value)
        elif key in ("patches", "patchesJson6902"):
            yield from self._items(key, value, frozenset({"path", "patch", "target", "options"}), self._path_of)
        elif key == "replacements":
            yield from self._items(key, value, frozenset({"path", "source", "targets"}), self._path_of)
        elif key in ("configMapGenerator", "secretGenerator"):
            yield from self._items(key, value, _GENERATOR, self._generator)
        elif key == "openapi":
            yield from self._items(key, [value], frozenset({"path", "version"}), self._path_of)

    def _each(self, key: str, value: object, files: bool = False, folders: bool = False) -> Iterator[str]:
        if value is not None and not isinstance(value, list):
            yield f"{key} is not a list"
            return
        for item in value or []:
            yield from self._place(key, item, files, folders)

    def _items(self, key: str, value: object, known: frozenset, check) -> Iterator[str]:
        if value is not None and not isinstance(value, list):
            yield f"{key} is not a list"
            return
        for item in value or []:
            if not isinstance(item, dict):
                yield f"An item of {key} is not a map of fields"
                continue
            unknown = sorted(str(name) for name in item if name not in known)
            if unknown:
                yield f'{key} has an item with "{_short(unknown[0])}", which packages may not use'
            else:
                yield from check(key, item)

    def _path_of(self, key: str, item: dict) -> Iterator[str]:
        if item.get("path") not in (None, ""):
            yield from self._place(key, item["path"], files=True)

    def _generator(self, key: str, item: dict) -> Iterator[str]:
        for entry in _listed(item.get("files")):
            # "key=path" or "path".
            yield from self._place(key, entry.partition("=")[2] or entry if isinstance(entry, str) else entry, files=True)
        for entry in [*_listed(item.get("envs")), *_listed([item["env"]] if item.get("env") else None)]:
            yield from self._place(key, entry, files=True)

    def _strategic(self, value: object) -> Iterator[str]:
        if value is not None and not isinstance(value, list):
            yield "patchesStrategicMerge is not a list"
            return
        for item in value or []:
            # Either a path or the patch itself; kustomize tells them apart by trying.
            if not (isinstance(item, str) and "\n" in item and self._is_patch(item)):
                yield from self._place("patchesStrategicMerge", item, files=True)

    @staticmethod
    def _is_patch(text: str) -> bool:
        try:
            documents = yaml_reader.load_all(text, "patch")
        except PackageError:
            return False
        return bool(documents) and all(isinstance(document, dict) and document.get("kind") for document in documents)

    def _place(self, key: str, item: object, files: bool = False, folders: bool = False) -> Iterator[str]:
        if not isinstance(item, str):
            yield f"{key} holds something that is not a path"
            return
        if not plain(item):
            yield f'{key} names "{_short(item)}", and a package may name only its own files, by plain relative paths'
            return
        path = posixpath.normpath(posixpath.join(self.folder, item))
        if path == ".." or path.startswith("../"):
            yield f'{key} names "{_short(item)}", which is outside of the folder that is deployed'
            return
        path = "" if path == "." else path
        if files and path in self.tree:
            return
        below = f"{path}/" if path else ""
        if folders and any(f"{below}{name}" in self.tree for name in NAMES):
            return
        yield f'{key} names "{_short(item)}", which is not in the package'


def _listed(value: object) -> list:
    """A list as it is, nothing as an empty one; anything else as one item that is no path."""
    return value if isinstance(value, list) else [None] if value else []


def _short(text: object) -> str:
    shown = "".join(char if char.isprintable() else "?" for char in str(text))
    return shown if len(shown) <= 100 else shown[:97] + "..."
