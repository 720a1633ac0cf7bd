# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what was observed to the plan: which package, which document, what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..catalog import entries
from ..context import Context
from ..errors import CatalogError, InputError
from ..package import versions
from . import _desired, _observe, _plan
from ._desired import Desired
from ._observe import Observed
from ._plan import Plan
from .request import Request


@dataclass(frozen=True)
class Thought:
    """What shall be, how to get there, and from where. way: versions an upgrade has to stop at. drift: what runs otherwise, None: not looked at."""

    wanted: Desired
    plan: Plan
    seen: Observed
    way: tuple[str, ...] = ()
    drift: list[dict] | None = None
    place: Any = None


def think(place, request: Request, seen: Observed, ctx: Context) -> Thought:
    """Package, document and plan for what was observed; an existing instance stays on its version unless told otherwise."""
    # One in the recycle bin stays on its version as well: its data are kept.
    present = seen.record is not None
    request = request.as_recorded() if present else request
    name = request.package or (seen.spec or {}).get("package")
    if not name:
        from .removal import _bin

        raise InputError(f"There is no instance {request.title} yet, so package says which one to deploy", where="package", todo=_bin.hint(place.kube, request))
    if seen.from_bin:
        from .removal import _bin

        _bin.tell(place.kube, request, seen, ctx)
    version = request.version or (seen.spec["version"] if present and seen.spec["package"] == name else None)
    try:
        entry = entries.find(place.home, name, version, request.allow_hidden)
    except CatalogError:
        # Unlisting a version takes nothing from the instances that run it.
        same = present and version and versions.same(version, seen.spec["version"])
        if not same and not (request.sha256 and version):
            raise
        entry = entries.kept(place.home, name, seen.spec["version"] if same else version, seen.spec["sha256"] if same else request.sha256)
    if entry.hidden:
        ctx.warn(f"{entry.title} is not listed: this instance is a trial.")
    for value in request.secret_values.values():
        ctx.secrets.add(value)
    wanted = _desired.desired(request, entry, seen.spec if present else None)
    for value in wanted.given_secrets.values():
        ctx.secrets.add(value)
    if wanted.given_secrets and seen.record is not None and _stored_already(place.kube, request, wanted, ctx):
        wanted = _desired.without_given(wanted)
    seen = _observe.of_release(place.kube, request, seen, wanted.release)
    way: tuple[str, ...] = ()
    if _plan.indirect(wanted, seen):
        from . import _walk

        way = _walk.way(place.home, wanted, seen.spec["version"])
    thought = Thought(wanted, _plan.plan(request, wanted, seen, way), seen, way, place=place)
    if request.drift == "ignore" or not thought.plan.empty:
        return thought
    from .drift import _drift

    return _drift.considered(place.kube, request, thought, ctx)


def _stored_already(kube, request: Request, wanted: Desired, ctx: Context) -> bool:
    from . import _secrets

    return _secrets.unchanged(kube, request, wanted, ctx)
