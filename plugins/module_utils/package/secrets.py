# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which fields of a document are secret, and which Secrets the platform makes. All paths are relative to spec.

``urn:alm:descriptor:com.tectonic.ui:password``: the field's value is secret; it lives in a Secret, never in a record.
``urn:alm:descriptor:com.apusic.secret:generate:SUFFIX:KEY[:LENGTH]``: while the field is empty, the platform makes the Secret
INSTANCE-SUFFIX with a random KEY of LENGTH characters (24) and writes its name into the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import PackageError
from ._paths import Path, as_steps, parse_path
from ._split import MASK, join, mask, split

if TYPE_CHECKING:
    from .model.model import Package

__all__ = ["GeneratedSecret", "MASK", "covers", "generated", "join", "mask", "parse_generator", "secret_paths", "split"]

PASSWORD = "urn:alm:descriptor:com.tectonic.ui:password"
GENERATE = "urn:alm:descriptor:com.apusic.secret:generate:"
LENGTH = 24

# INSTANCE-SUFFIX must be an object's name (instances have up to 53 letters), KEY a key of a Secret.
_GENERATOR = re.compile(r"([a-z0-9]([a-z0-9-]{0,60}[a-z0-9])?):([A-Za-z0-9._-]{1,253})(?::([0-9]{1,4}))?")
_SHORTEST, _LONGEST = 8, 1024


@dataclass(frozen=True)
class GeneratedSecret:
    """A Secret the platform makes: the field at ``path`` (steps) gets the name INSTANCE-suffix; ``key`` holds ``length`` characters."""

    path: Path
    suffix: str
    key: str
    length: int


def secret_paths(package: Package) -> list[Path]:
    """Paths (steps) of the fields of which the value is secret, each once, in the order of the form."""
    return list(dict.fromkeys(parse_path(item.path) for item in package.spec_descriptors if PASSWORD in item.widgets))


def generated(package: Package) -> list[GeneratedSecret]:
    """The Secrets the package asks for, in the order of the form; PackageError for a descriptor in an unfit form."""
    return [
        GeneratedSecret(parse_path(item.path), *parse_generator(widget))
        for item in package.spec_descriptors for widget in item.widgets if widget.startswith(GENERATE)
    ]


def parse_generator(widget: str) -> tuple[str, str, int]:
    """(suffix, key, length) of a generate descriptor; PackageError when it is not SUFFIX:KEY[:LENGTH], LENGTH 8 to 1024."""
    found = _GENERATOR.fullmatch(widget.removeprefix(GENERATE))
    length = int(found[4] or LENGTH) if found else 0
    if not found or not _SHORTEST <= length <= _LONGEST:
        raise PackageError(
            "A generate descriptor is not SUFFIX:KEY[:LENGTH]", where=f"{widget[:120]}",
            todo=f"Write {GENERATE}auth:password:24 (lower-case suffix, length {_SHORTEST} to {_LONGEST})")
    return found[1], found[3], length


def covers(paths: Iterable[str | Path]) -> Callable[[Path], bool]:
    """A predicate for documents.describe_changes: True for these paths and whatever lies below them."""
    known = {as_steps(path) for path in paths}
    return lambda steps: any(tuple(steps[:length]) in known for length in range(1, len(steps) + 1))
