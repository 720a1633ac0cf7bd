# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What raw/ becomes, object by object, with the place in the package each comes from. PURE: files and data in, objects out."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace

from ...errors import PackageError
from .. import yaml_reader
from ..model._raw import KUSTOMIZATIONS, MANIFESTS, is_olm
from ..tree import FileTree
from . import _olm
from ._layer import Placed, Rendering
from ._objects import get, group, kind, mapping, maps, texts


def placed_manifests(tree: FileTree, root: str) -> tuple[Placed, ...]:
    """The objects of plain manifests, a kustomization or an OLM package in a folder of the tree, with their documents' numbers; see manifests()."""
    return manifests(tree, root).objects


def manifests(tree: FileTree, root: str) -> Rendering:
    """As placed_manifests, with the first file that cannot be read as the rendering's error.

    A kustomization is followed to its resources, bases and components, its images are set; patches and generators are left to kustomize. Of an
    OLM package the default channel's version is read; a ClusterServiceVersion is followed by the Deployments, Roles and webhooks OLM makes of it.
    """
    paths, images = _files(tree, root)
    objects: list[Placed] = []
    fault: PackageError | None = None
    for path in paths:
        try:
            documents = yaml_reader.load_all(tree[path], path)
        except PackageError as error:
            # A missing library is no fault of the package.
            if not error.where:
                raise
            fault = fault or error
            continue
        for number, document in enumerate(documents):
            for placed in _objects(document, path, number, ()):
                objects.append(replace(placed, object=_with_images(placed.object, images)) if images else placed)
                objects.extend(_olm.made(placed))
    if fault is None:
        return Rendering("", tuple(objects))
    path, _colon, line = fault.where.rpartition(":")
    return Rendering("", tuple(objects), fault.what, path if line.isdigit() else fault.where, int(line) if line.isdigit() else 0)


def placed_rendered(documents: Iterable[tuple[dict, str]], chart_root: str, tree: FileTree | None = None) -> tuple[Placed, ...]:
    """Rendered objects with the templates they come from.

    documents: (object, what Helm writes after "# Source:", such as redis/templates/a.yaml or redis/charts/sub/templates/a.yaml). chart_root: the
    chart's folder in the package. tree: the package, to find subcharts that stand under another name than Helm calls them by.
    """
    return tuple(Placed(item, _template(source, chart_root, tree)) for item, source in documents if isinstance(item, dict))


def _template(source: str, chart_root: str, tree: FileTree | None) -> str:
    # Helm begins with the chart's name, whatever its folder is called.
    inner = source.partition("/")[2]
    path = posixpath.join(chart_root, inner or "Chart.yaml")
    if tree is None or path in tree:
        return path
    folder, rest = chart_root, inner
    while rest.startswith("charts/"):
        name, _slash, rest = rest.removeprefix("charts/").partition("/")
        found = _subchart(tree, folder, name)
        if not found.endswith("/") or not rest:
            return found
        folder = found.rstrip("/")
    path = posixpath.join(folder, rest)
    return path if path in tree else posixpath.join(chart_root, "Chart.yaml")


def _subchart(tree: FileTree, folder: str, name: str) -> str:
    """The folder (ending in a slash) or archive of a subchart, by its folder, its own name or its alias; Chart.yaml of the parent where there is none."""
    if f"{folder}/charts/{name}/Chart.yaml" in tree:
        return f"{folder}/charts/{name}/"
    dependencies = get(_mapping(tree, f"{folder}/Chart.yaml"), "dependencies")
    names = [name, *(item["name"] for _index, item in maps(dependencies) if item.get("alias") == name and isinstance(item.get("name"), str))]
    files, folders = tree.children(f"{folder}/charts")
    for known in names:
        for child in folders:
            if child == known or _mapping(tree, f"{folder}/charts/{child}/Chart.yaml").get("name") == known:
                return f"{folder}/charts/{child}/"
        for file in files:
            if file.startswith(f"{known}-"):
                return f"{folder}/charts/{file}"
    return f"{folder}/Chart.yaml"


def _mapping(tree: FileTree, path: str) -> dict:
    try:
        return mapping(yaml_reader.load(tree[path], path)) if path in tree else {}
    except PackageError:
        return {}


def _files(tree: FileTree, root: str) -> tuple[list[str], list[dict]]:
    """(paths of the files that hold objects, images that a kustomization sets)."""
    content = tree.subtree(root)
    if is_olm(content):
        return _olm.files(tree, root), []
    if any(name in content for name in KUSTOMIZATIONS):
        images: list[dict] = []
        return list(dict.fromkeys(_resources(tree, root, images, set()))), images
    prefix = f"{root.strip('/')}/" if root.strip("/") else ""
    return [path for path in tree if path.startswith(prefix) and path.endswith(MANIFESTS)], []


def _resources(tree: FileTree, folder: str, images: list[dict], seen: set[str]) -> Iterator[str]:
    found = next((f"{folder}/{name}" for name in KUSTOMIZATIONS if f"{folder}/{name}" in tree), "")
    if not found or folder in seen:
        return
    seen.add(folder)
    data = _mapping(tree, found)
    images.extend(item for _index, item in maps(data.get("images")))
    for name in (*texts(data.get("resources")), *texts(data.get("bases")), *texts(data.get("components"))):
        path = posixpath.normpath(posixpath.join(folder, name))
        if path in tree:
            yield path
        elif "://" not in name:
            yield from _resources(tree, path, images, seen)


def _objects(document: object, path: str, number: int, base: tuple) -> Iterator[Placed]:
    if not isinstance(document, dict) or group(document) == "kustomize.config.k8s.io":
        return
    items = document.get("items")
    # kubectl's and Helm's rule: a kind that ends in List and has items is a container, not an object.
    if kind(document).endswith("List") and isinstance(items, list):
        for index, item in maps(items):
            yield from _objects(item, path, number, (*base, "items", index))
    elif kind(document):
        yield Placed(document, path, number, base)


def _with_images(item: dict, images: list[dict]) -> dict:
    """The object as kustomize leaves it: names, tags and digests of its images replaced; bases before what stands on them."""
    item = deepcopy(item)
    stack: list[object] = [item]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            for sort in ("containers", "initContainers"):
                for _index, container in maps(value.get(sort)):
                    for image in reversed(images):
                        container["image"] = _image(container.get("image"), image)
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return item


def _image(current: object, image: dict) -> object:
    if not isinstance(current, str):
        return current
    name, _at, digest = current.partition("@")
    tag = ""
    if ":" in name.rpartition("/")[2]:
        name, _colon, tag = name.rpartition(":")
    if name != image.get("name"):
        return current
    name = image.get("newName") or name
    if image.get("digest"):
        return f"{name}@{image['digest']}"
    if image.get("newTag"):
        return f"{name}:{image['newTag']}"
    return f"{name}{':' + tag if tag else ''}{'@' + digest if digest else ''}"
