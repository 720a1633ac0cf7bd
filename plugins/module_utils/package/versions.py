# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of packages: SemVer with an optional v, always text; and the freer versions of the applications inside."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from .. import _deps
from ..errors import PackageError

LONGEST = 128
_TODO = "Use three numbers and, where needed, a suffix: 1.0.0, v2.1.3, 1.1.3-rc.1"


def parse(text: str) -> Any:
    """The semantic_version.Version, without a v; PackageError for what is not SemVer, a number among it (``1.10`` unquoted is 1.1)."""
    if not isinstance(text, str):
        raise PackageError(f"The version {str(text)[:40]} is not text", where="version", todo='Quote it, for example "1.10.0"')
    return _parsed(text.strip())


def same(one: str, other: str) -> bool:
    """Whether two versions count as one: v1.0.0 = 1.0.0 = 1.0.0+x. PackageError as parse."""
    return sort_key(one) == sort_key(other)


def sort_key(text: str) -> tuple:
    """A key that orders as SemVer's precedence does; build metadata does not count. PackageError as parse."""
    version = parse(text)
    suffix = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in version.prerelease)
    return version.major, version.minor, version.patch, 0 if suffix else 1, suffix


def newest(texts: Iterable[str]) -> str | None:
    """The version with the highest precedence, as it was written; None when there is none."""
    return max(texts, key=sort_key, default=None)


def tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Application versions (OSC's versionDefinition.tags), each once, the largest first; they need not be SemVer."""
    return tuple(sorted(dict.fromkeys(str(text).strip() for text in texts), key=free_key, reverse=True))


def free_key(text: str) -> tuple:
    """A key for versions in no fixed form: numbers count as numbers, a release comes after its pre-releases (8.0 > 8.0-rc1)."""
    core, _dash, suffix = text.strip().removeprefix("v").partition("-")
    return _numbers(core), not suffix, _numbers(suffix)


def _numbers(text: str) -> tuple:
    # Bounded: int() of a very long text takes quadratic time.
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.findall(r"[0-9]{1,18}|[^0-9.]+", text[:LONGEST]))


@functools.lru_cache(maxsize=2048)
def _parsed(text: str) -> Any:
    semantic = _deps.semantic_version
    if semantic is None:
        raise PackageError("The Python package semantic_version is missing", todo="Install semantic_version for this Python")
    shown = text if len(text) <= 60 else text[:57] + "..."
    if len(text) > LONGEST:
        raise PackageError(f'The version "{shown}" is longer than {LONGEST} characters', where="version", todo=_TODO)
    try:
        # The library takes other scripts' digits for numbers, Helm and Kubernetes do not.
        if not text.isascii():
            raise ValueError
        return semantic.Version(text[1:] if text[:1] in ("v", "V") else text)
    except ValueError:
        raise PackageError(f'"{shown}" is not a semantic version', where="version", todo=_TODO) from None
