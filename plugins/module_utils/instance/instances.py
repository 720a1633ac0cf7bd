# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances: deploy, change, upgrade, remove, look at (§5.2, §5.3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..context import Context
from . import _observe, _place, _plan, _think, view
from .request import from_params


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Brings one instance to ``state`` (present, absent); an unchanged one costs three requests and no process, six on a registered cluster.

    Returns changed, actions, diff, checks and ``instance``. Raises AcmpError of every kind.
    """
    request = from_params(params)
    reach = partial(_place.reach, options, act_as, request, ctx)
    place = reach()
    seen = _observe.observe(place.kube, request)
    if request.state == "absent":
        removal = _plan.plan_removal(request, seen)
        if not removal.actions:
            return view.result(False, (), (), view.instance(seen.record, request.cluster), ctx)
    else:
        thought = _think.think(place, request, seen, ctx)
        if thought.plan.empty:
            return view.result(False, (), (), view.instance(seen.record, request.cluster), ctx)
    # Loaded where something changes only: Ansible compiles every file of a collection anew in every process.
    from . import _changing

    if request.state == "absent":
        return _changing.absent(place, request, removal, seen, ctx)
    return _changing.present(reach, place, request, thought, ctx)
