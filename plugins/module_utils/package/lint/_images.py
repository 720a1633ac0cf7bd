# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images (manual 7.3.1.1): each has a fixed version and comes from a registry that is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name
from ._objects import containers, environment, get, kind, maps, note_near
from ._olm import CSV

RULES = {
    "IMG-001": Rule(ERROR, "an image has a tag or a digest", "Name the version: docker.io/library/redis:7.0.15"),
    "IMG-002": Rule(ERROR, "an image's tag is not latest", "Name the version instead of latest"),
    "IMG-003": Rule(ERROR, "an image is a valid reference", "Write [REGISTRY/]NAME:TAG or [REGISTRY/]NAME@sha256:DIGEST, in lower case but for the tag"),
    "IMG-004": Rule(ERROR, "images come from the registries that are allowed", "Push the image there and name it so, by values"),
    "IMG-005": Rule(WARNING, "an image's tag names a version", "Use the tag of one version, or add @sha256:DIGEST: words such as stable move on"),
    "IMG-006": Rule(HINT, "an image's tag is more than a major version", "Name the whole version, as in 7.0.15: a tag such as 7 moves on"),
}

_COMPONENT = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?")
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[+._-][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_MAJOR = re.compile(r"v?[0-9]+(?:-[a-z]+)?")
_LONGEST = 512
# OLM's way to tell an operator which images its instances use.
_RELATED = "RELATED_IMAGE_"


@dataclass(frozen=True)
class Reference:
    """An image reference. registry: docker.io where none is written, library/ added for its own images; tag and digest: "" where none."""

    registry: str
    path: str
    tag: str
    digest: str


def parse(image: str) -> Reference | None:
    """The parts of an image reference, None where it is none."""
    rest, at, digest = image.partition("@")
    rest, colon, tag = rest.rpartition(":") if ":" in rest.rpartition("/")[2] else (rest, "", "")
    first, slash, path = rest.partition("/")
    # The first part is a host only when it looks like one; demo/redis is a user's image on docker.io.
    if not slash or not ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        first, path = "docker.io", rest
    sound = len(image) <= _LONGEST and _HOST.fullmatch(first) and _PATH.fullmatch(path)
    if not sound or at and not _DIGEST.fullmatch(digest) or colon and not _TAG.fullmatch(tag):
        return None
    if first in ("docker.io", "index.docker.io"):
        first, path = "docker.io", path if "/" in path else f"library/{path}"
    return Reference(first, path, tag, digest)


def judge(image: object, registries: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(rule, what is wrong) for one image; registries: HOST or HOST/PATH that are allowed, () for any."""
    found = parse(image) if isinstance(image, str) else None
    if found is None:
        yield "IMG-003", f'"{shown(image)}" is no image reference' if image not in (None, "") else "names no image"
        return
    text = shown(image)
    if found.digest:
        pass
    elif not found.tag:
        yield "IMG-001", f'the image "{text}" has neither tag nor digest'
    elif found.tag.lower() == "latest":
        yield "IMG-002", f'the image "{text}" is the latest one, whichever that is'
    elif not any(letter.isdigit() for letter in found.tag):
        yield "IMG-005", f'the tag of "{text}" names no version'
    elif _MAJOR.fullmatch(found.tag):
        yield "IMG-006", f'the tag of "{text}" is no more than a major version'
    place = f"{found.registry}/{found.path}"
    if registries and not any(place.startswith(allowed + "/") for allowed in map(_registry, registries)):
        yield "IMG-004", f'the image "{text}" comes from {shown(found.registry)}, which is not among the registries allowed'


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes what is wrong with the images of all objects."""
    for placed in objects:
        check_images(placed, report, options)


def check_images(placed: Placed, report: Report, options: Options) -> None:
    """Notes what is wrong with the images of one object: containers of its pods, what an operator is told by RELATED_IMAGE_*, relatedImages of a
    ClusterServiceVersion."""
    for steps, who, near, image in _images(placed.object):
        for rule, what in judge(image, options.registries):
            note_near(report, rule, f"{name(placed)}, {who}: {what}", placed, steps, near)


def _images(item: dict) -> Iterator[tuple[tuple, str, object, object]]:
    for container in containers(item):
        yield (*container.steps, "image"), f"container {container.name}", container.data.get("name"), container.data.get("image")
        for variable, value, steps in environment(container):
            if variable.startswith(_RELATED) and value:
                yield steps, f"container {container.name}, {shown(variable)}", variable, value
    if kind(item) == CSV:
        for index, entry in maps(get(item, "spec", "relatedImages")):
            yield ("spec", "relatedImages", index, "image"), "relatedImages", "", entry.get("image")


def _registry(text: str) -> str:
    text = text.partition("://")[2] or text
    text = text.rstrip("/")
    return text.replace("index.docker.io", "docker.io", 1) if text.startswith("index.docker.io") else text
