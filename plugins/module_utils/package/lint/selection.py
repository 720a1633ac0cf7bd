# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which findings count: rules chosen and left out, and those a baseline knows already."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from ...errors import InputError, nearest
from ..model._rules import SEVERITIES
from .linter import Finding
from .rules import RULES

AREAS = tuple(dict.fromkeys(name.split("-")[1] for name in RULES))


def chosen(findings: Iterable[Finding], select: Iterable[str] = (), skip: Iterable[str] = ()) -> tuple[Finding, ...]:
    """The findings of the rules in select (all where it is empty) that are not in skip.

    Both name rules (ACMP-META-003), or areas (META). Raises InputError for a name that is neither, with the nearest one.
    """
    wanted, unwanted = _rules(select, "select") or set(RULES), _rules(skip, "skip")
    return tuple(finding for finding in findings if finding.rule in wanted and finding.rule not in unwanted)


def worse(findings: Iterable[Finding], severity: str) -> tuple[Finding, ...]:
    """The findings that are as bad as severity (error, warning, hint) or worse; none for "none"."""
    if severity == "none":
        return ()
    bound = SEVERITIES.index(severity)
    return tuple(finding for finding in findings if SEVERITIES.index(finding.severity) <= bound)


def new(findings: Iterable[Finding], baseline: Counter) -> tuple[Finding, ...]:
    """The findings that a baseline does not hold; one that it holds twice may occur twice. Lines do not count: they move."""
    left = Counter(baseline)
    result = []
    for finding in findings:
        key = (finding.rule, finding.path, finding.message)
        if left[key] > 0:
            left[key] -= 1
        else:
            result.append(finding)
    return tuple(result)


def read_baseline(text: str, where: str) -> Counter:
    """A baseline file's content, as write_baseline makes it. Raises InputError for anything else."""
    try:
        return Counter((item["rule"], item["path"], item["message"]) for item in json.loads(text)["findings"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError("The baseline is not one that acmp_package_lint wrote", where=where, todo="write it again (write_baseline: true)") from None


def write_baseline(findings: Iterable[Finding]) -> str:
    """The text of a baseline that holds these findings: JSON, one finding a line, in a fixed order."""
    lines = sorted(json.dumps({"rule": item.rule, "path": item.path, "message": item.message}, ensure_ascii=False) for item in findings)
    return '{"findings": [\n' + ",\n".join(lines) + "\n]}\n"


def _rules(names: Iterable[str], option: str) -> set[str]:
    found: set[str] = set()
    for name in names:
        word = name.strip().upper()
        if word in RULES:
            found.add(word)
        elif word.removeprefix("ACMP-") in AREAS:
            found |= {rule for rule in RULES if rule.split("-")[1] == word.removeprefix("ACMP-")}
        elif f"ACMP-{word}" in RULES:
            found.add(f"ACMP-{word}")
        else:
            raise InputError(f'"{name}" is no rule and no area of rules', where=option, todo=nearest(word, [*RULES, *AREAS]))
    return found
