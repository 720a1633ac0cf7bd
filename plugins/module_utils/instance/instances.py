# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instances: deploy, change, upgrade, restart, remove (§5.2, §5.3)."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..context import Context
from . import _observe, places, _think, view
from .request import Request, from_params


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Brings one instance to ``state`` (present, restarted, absent); an unchanged one costs three requests and no process, six on a registered cluster.

    Returns changed, actions, diff, checks and ``instance``. Raises AcmpError of every kind.
    """
    request = from_params(params)
    if request.recover:
        from .repair import _recover

        return _recover.ensure(partial(_bring, options, act_as, ctx), places.reach(options, act_as, request, ctx), request, ctx)
    return _bring(options, act_as, ctx, request)


def _bring(options: dict, act_as: dict | None, ctx: Context, request: Request, seen: _observe.Observed | None = None) -> dict[str, Any]:
    reach = partial(places.reach, options, act_as, request, ctx)
    place = reach()
    seen = seen or _observe.observe(place.kube, request)
    # What changes something is loaded where it does: Ansible compiles every file of a collection anew in every process.
    if request.state == "restarted":
        from . import _restart

        return _restart.restart(place, request, seen, ctx)
    if request.state == "absent":
        from .removal._removal import plan_removal

        if not plan_removal(request, seen).actions:
            if seen.record is None:
                from .removal import _ending

                _ending.tell_namespace(place.kube, request, ctx)
            return view.result(False, (), (), view.instance(seen.record, request.cluster), ctx)
        from .removal import _remove

        return _remove.absent(place, request, seen, ctx)
    thought = _think.think(place, request, seen, ctx)
    if thought.plan.empty:
        return view.result(False, (), (), view.instance(seen.record, request.cluster), ctx, drift=thought.drift)
    if thought.way and not ctx.check_mode:
        from . import _walk

        return _walk.walk(partial(_bring, options, act_as, ctx), request, thought, ctx)
    from . import _changing

    return _changing.present(reach, place, request, thought, ctx)
