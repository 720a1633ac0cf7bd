# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions a version can follow (§7.2.3.1 Upgrade): replaces, skips, and skipRange as comparators with plain precedence."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping

from ..errors import PackageError
from . import versions

_COMPARE = {"": operator.eq, "=": operator.eq, "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_COMPARATOR = re.compile(r"(==|!=|>=|<=|=|>|<)?\s*(v?\d[^\s|]*)")


def follows(upgrade: Mapping, version: str) -> bool:
    """Whether one step leads from ``version`` to the one whose ``upgrade`` (replaces, skips, skipRange) is given."""
    named = [upgrade.get("replaces") or "", *(upgrade.get("skips") or [])]
    if any(versions.same(name, version) for name in map(_version_of, named) if name):
        return True
    return bool(upgrade.get("skipRange")) and in_range(upgrade["skipRange"], version)


def in_range(text: str, version: str) -> bool:
    """Whether a version fulfils comparators: blanks mean and, ``||`` means or; 1.1.3-x is in ">=1.0.0 <1.2.0" (as blang/semver).

    Raises PackageError for text that is no list of comparators.
    """
    key = versions.sort_key(version)
    return any(all(compare(key, bound) for compare, bound in part) for part in _parts(text))


def _parts(text: str) -> list[list[tuple]]:
    parts = []
    for part in text.split("||"):
        if not part.strip() or _COMPARATOR.sub("", part).strip():
            raise PackageError(f'"{text}" is no range of versions', where="spec.upgrade.skipRange", todo='write comparators, such as ">=1.0.0 <1.2.0"')
        parts.append([(_COMPARE[sign], versions.sort_key(bound)) for sign, bound in _COMPARATOR.findall(part)])
    return parts


def _version_of(name: str) -> str:
    """A version, or OLM's NAME.vVERSION."""
    match = re.fullmatch(r"(?:[A-Za-z0-9_-]+\.)?(v?\d+\.\d+\.\d+\S*)", name.strip())
    return match.group(1) if match else ""
