# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upgrade by way of other versions, because the one that is wanted does not follow the present one (DESIGN section 3, upgrade)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..catalog import entries
from ..context import Context
from ..errors import AcmpError
from ..package import upgrade
from . import view
from ._desired import Desired
from ._think import Thought
from .request import Request


def way(home, wanted: Desired, start: str) -> tuple[str, ...]:
    """Listed versions to stop at between start and the wanted one; () where no way leads there. One request."""
    known = {entry.spec["version"]: entry.spec.get("upgrade") for entry in entries.every(home, wanted.entry.spec["name"])}
    # The wanted one may be a hidden one, which a manager tries.
    end = wanted.entry.spec["version"]
    found = upgrade.path({**known, end: wanted.entry.spec.get("upgrade")}, start, end)
    return tuple(found[:-1]) if found else ()


def walk(bring: Callable[[Request], dict[str, Any]], request: Request, thought: Thought, ctx: Context) -> dict[str, Any]:
    """Upgrades to each version of the way, waiting until it is ready, then to the wanted one with the request's own values.

    Raises what a step raises; the error says which version was reached.
    """
    from .drift import _diff

    actions: list[str] = []
    objects: list[list[dict[str, Any]]] = []
    # What was asked is asked of the last version; on the way the document stays as it is recorded.
    step = replace(
        request, type=None, values={}, secret_values={}, values_mode="merge", document=None, config_overrides=None, app_version=None, description=None,
        delete_policy=None, wait=True,
    )
    reached, end = thought.seen.spec["version"], thought.wanted.entry.spec["version"]
    done: dict[str, Any] = {}
    for version, asked in [*((version, replace(step, version=version)) for version in thought.way), (end, request)]:
        try:
            done = bring(asked)
        except AcmpError as error:
            error.details.setdefault("reached", reached)
            error.todo = "; ".join(part for part in (error.todo, f"{request.title} runs {reached}, on its way to {end}") if part)
            raise
        actions += done["actions"]
        objects.append(done.get("changes", []))
        reached = version
    return view.result(True, actions, thought.plan.changes, done["instance"], ctx, done.get("checks", ()), _diff.joined(objects))
