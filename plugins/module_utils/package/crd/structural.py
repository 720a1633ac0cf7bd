# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Kubernetes API server does with the schema of a CustomResourceDefinition: takes or refuses it, prunes, defaults and judges resources.

Schemas are openAPIV3Schema maps, documents whole resources; paths are steps such as ("spec", "hosts", 0). Nothing given is changed. All
functions are bounded: PackageError for data that nests too deep, or would take too long; without a place where a library is missing.

Not evaluated: the rules of x-kubernetes-validations (CEL), so a document without violations may still be refused by one; formats of card,
book and colour numbers. As on the server, the formats int32, int64, float and double say nothing about a number.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import PackageError
from .._steps import Steps
from . import _check, _lists, _rules, _values
from ._schema import named

__all__ = ["Problem", "Steps", "Verdict", "default", "judge", "problems", "prune", "violations"]

Problem = tuple[tuple, str]


@dataclass(frozen=True)
class Verdict:
    """document: as the server would store it. dropped: places of fields it would leave out in silence. violations: why it would refuse it."""

    document: object
    dropped: tuple[tuple, ...] = ()
    violations: tuple[Problem, ...] = ()


def problems(schema: object, status: bool = False, steps: Steps | None = None) -> list[Problem]:
    """Why the server refuses a schema: [(place in the schema, message)], empty for one that is structural and sound.

    status: whether the version has the status subresource, which allows less at the root. Defaults are checked against their own schema;
    steps (of_default): how much of them may be looked at, where several schemas share it; what is too much is taken for sound.
    """
    found = _rules.problems(schema, status)
    return found or _defaults(schema, steps or Steps(of_default=True))


def prune(document: object, schema: dict) -> tuple[object, list[tuple]]:
    """(a copy without the fields the schema does not know, their places).

    x-kubernetes-preserve-unknown-fields, embedded resources, and the metadata of the document and of those are treated as the server does.
    """
    return _values.prune(document, schema)


def default(document: object, schema: dict) -> object:
    """A copy with the schema's defaults; nulls go first where a field is not nullable and has no default."""
    return _values.default(document, schema)


def violations(document: object, schema: dict, steps: Steps | None = None) -> list[Problem]:
    """What is wrong with a document as it stands, after the server's pruning and defaulting: [(path, message)], without any value.

    steps: how much may be looked at, where several documents share it.
    """
    found = _check.violations(document, schema, steps)
    found += _values.metadata_faults(document, schema)
    found += _lists.repeated(document, schema)
    return list(dict.fromkeys(found))


def judge(document: object, schema: dict, steps: Steps | None = None) -> Verdict:
    """What becomes of a document that is sent to the server: pruned, defaulted, judged. steps: as in violations."""
    pruned, dropped = prune(document, schema)
    stored = default(pruned, schema)
    return Verdict(stored, tuple(dropped), tuple(violations(stored, schema, steps)))


def _defaults(schema: dict, steps: Steps) -> list[Problem]:
    """What is wrong with the defaults of a sound schema: each must fit its own schema and hold no field unknown to it."""
    found: list[Problem] = []
    waiting: list[tuple[tuple, dict]] = [((), schema)]
    while waiting:
        path, node = waiting.pop()
        if node.get("default") is not None:
            place = (*path, "default")
            try:
                found += [((*place, *inner), message) for inner, message in _default(node["default"], node, steps)]
            except PackageError as error:
                if not error.where:
                    raise
                return found
        if isinstance(node.get("items"), dict):
            waiting.append(((*path, "items"), node["items"]))
        waiting += [((*path, "properties", name), inner) for name, inner in named(node, "properties") if isinstance(inner, dict)]
    return found


def _default(value: object, schema: dict, steps: Steps) -> list[Problem]:
    dropped = _values.prune_value(value, schema)[1]
    found = [(path, "is not known to the schema") for path in dropped] + _check.violations(value, schema, steps)
    return list(dict.fromkeys([*found, *_lists.repeated(value, schema)]))
