# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions a version can follow (§7.2.3.1 Upgrade): replaces, skips, and skipRange as comparators with plain precedence."""

from __future__ import annotations

import operator
import re
from collections.abc import Collection, Mapping

from ..errors import PackageError
from . import versions

_COMPARE = {"": operator.eq, "=": operator.eq, "==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_LONGEST = 500
_COMPARATOR = re.compile(r"(==|!=|>=|<=|=|>|<)?\s*(v?\d[^\s|]*)")


def follows(upgrade: Mapping, version: str) -> bool:
    """Whether one step leads from ``version`` to the one whose ``upgrade`` (replaces, skips, skipRange, skipsSemantics) is given.

    skipsSemantics osc: versions in skips are those that must not go there, where OLM's may.
    """
    skipped = skips(upgrade, version)
    if skipped and upgrade.get("skipsSemantics") == "osc":
        return False
    replaced = version_of(upgrade.get("replaces") or "")
    if skipped or replaced and versions.same(replaced, version):
        return True
    return bool(upgrade.get("skipRange")) and in_range(upgrade["skipRange"], version)


def skips(upgrade: Mapping, version: str) -> bool:
    """Whether an ``upgrade`` names ``version`` among those to be skipped."""
    return any(versions.same(name, version) for name in map(version_of, upgrade.get("skips") or ()) if name)


def path(known: Mapping[str, Mapping | None], start: str, end: str, deleted: Collection[str] = ()) -> list[str] | None:
    """The versions to go through from ``start`` to ``end``, which is the last; [] where they are the same, None where no way leads there.

    known: version -> its upgrade (None for one without), as in follows; start need not be in it any more. The way is a shortest one, each of
    its versions reached from the highest possible; each step leads upwards. It never stops at a version that a later one skips, nor at one of
    ``deleted``.
    PackageError for texts that are no versions, or no range.
    """
    gone = {versions.sort_key(version) for version in deleted}
    every = {versions.sort_key(version): (version, upgrade or {}) for version, upgrade in known.items()}
    first, last = versions.sort_key(start), versions.sort_key(end)
    if first == last:
        return []
    if last not in every or last in gone or last < first:
        return None
    between = sorted((key for key in every if first < key < last and key not in gone and not _is_skipped(key, every)), reverse=True)
    came_from: dict[tuple, tuple] = {}
    reached = [first]
    while reached and last not in came_from:
        following = []
        for key in reached:
            here = every[key][0] if key in every else start
            for target in (last, *between):
                if target > key and target not in came_from and follows(every[target][1], here):
                    came_from[target] = key
                    following.append(target)
        reached = sorted(following, reverse=True)
    if last not in came_from:
        return None
    way = [last]
    while came_from[way[0]] != first:
        way.insert(0, came_from[way[0]])
    return [every[key][0] for key in way]


def _is_skipped(key: tuple, every: Mapping[tuple, tuple[str, Mapping]]) -> bool:
    return any(later > key and skips(upgrade, every[key][0]) for later, (_version, upgrade) in every.items())


def in_range(text: str, version: str) -> bool:
    """Whether a version fulfils comparators: blanks mean and, ``||`` means or; 1.1.3-x is in ">=1.0.0 <1.2.0" (as blang/semver).

    Raises PackageError for text that is no list of comparators.
    """
    key = versions.sort_key(version)
    return any(all(compare(key, bound) for compare, bound in part) for part in _parts(text))


def _parts(text: str) -> list[list[tuple]]:
    parts = []
    if len(text) > _LONGEST:
        raise PackageError(f"A range of versions has {len(text)} characters", where="spec.upgrade.skipRange", todo=f"write at most {_LONGEST}")
    for part in text.split("||"):
        if not part.strip() or _COMPARATOR.sub("", part).strip():
            raise PackageError(f'"{text}" is no range of versions', where="spec.upgrade.skipRange", todo='write comparators, such as ">=1.0.0 <1.2.0"')
        parts.append([(_COMPARE[sign], versions.sort_key(bound)) for sign, bound in _COMPARATOR.findall(part)])
    return parts


def version_of(name: str) -> str:
    """The version of a text that names one, alone or as OLM's NAME.vVERSION; "" where it names none."""
    match = re.fullmatch(r"(?:[A-Za-z0-9_-]+\.)?(v?\d+\.\d+\.\d+\S*)", name.strip())
    return match.group(1) if match else ""
