# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One tick: all due work, once, by one run at a time."""

from __future__ import annotations

import os
import socket
from typing import Any

from ..clock import now
from ..context import Context
from ..errors import AcmpError, InputError, LockError, NotFound
from ..kube.connect import connect
from ..kube.lease import Lease
from ..platform import setup
from ..platform.roles import SYSTEM
from . import record
from .duties import DUTIES, Done, Round, Settings, reason

# Longer than a lease lasts, so that one left behind by a killed run is taken over.
_WAIT = 20.0


def run(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Does the chosen duties one after the other, writes the record, and names every duty that failed.

    params: duties (none for all), operations_days, operations_keep, warn_days. While another run ticks, nothing is done and its holder is named
    in a warning. Returns changed, actions and ``tick``, with ``failed`` and ``msg`` beside them where a duty failed.
    """
    settings = Settings(*(params[name] for name in ("operations_days", "operations_keep", "warn_days")))
    for name in ("operations_days", "operations_keep"):
        if getattr(settings, name) < 1:
            raise InputError(f"{name} is {getattr(settings, name)}", where=name, todo="give a whole number from 1 on")
    chosen = [name for name in DUTIES if not params["duties"] or name in params["duties"]]
    home = connect(options, ctx, act_as)
    if ctx.check_mode:
        return _result(home.server, now(), 0.0, _duties(Round(home, options, act_as, settings, ctx), chosen))
    lease = Lease(home, record.NAME, SYSTEM, f"{socket.gethostname()}/{os.getpid()}", ctx)
    try:
        lease.acquire(_WAIT)
    except NotFound as error:
        raise setup.missing(home) from error
    except LockError as error:
        if "holder" not in error.details:
            raise
        ctx.warn(f"Nothing was done: {error.details['holder']} ticks since {error.details['since']}")
        return {"changed": False, "actions": [], "tick": {"outcome": "skipped", "started": now(), "seconds": 0.0, "duties": [], **error.details}}
    with_lease = Round(home, options, act_as, settings, ctx, lease.check)
    started, began = now(), ctx.clock()
    try:
        duties = _duties(with_lease, chosen)
        lease.check()
        record.write(home, started, ctx.clock() - began, duties)
    finally:
        lease.release()
    return _result(home.server, started, ctx.clock() - began, duties)


def _duties(tick: Round, chosen: list[str]) -> list[dict[str, Any]]:
    done = []
    for name in chosen:
        began, heard = tick.ctx.clock(), len(tick.ctx.warnings)
        try:
            tick.check()
            found = DUTIES[name](tick)
        except Exception as error:
            found = Done(failures=(reason(error),))
        # What the API server warned of belongs to the duty, too.
        warnings = list(dict.fromkeys([*found.warnings, *tick.ctx.warnings[heard:]]))
        for text in warnings:
            tick.ctx.warn(text)
        entry = {
            "name": name, "outcome": "failed" if found.failures else "ok", "seconds": round(tick.ctx.clock() - began, 1),
            "actions": _masked(tick, found.actions), "warnings": _masked(tick, warnings), "failures": _masked(tick, found.failures),
        }
        tick.ctx.progress(_line(entry))
        done.append(entry)
    return done


def _masked(tick: Round, texts: Any) -> list[str]:
    return [tick.ctx.secrets.mask(text) for text in texts]


def _line(entry: dict[str, Any]) -> str:
    counts = [f"{len(entry['actions'])} done"] if entry["actions"] else []
    counts += [f"{len(entry[key])} {key if len(entry[key]) > 1 else key[:-1]}" for key in ("warnings", "failures") if entry[key]]
    return f"{entry['name']}  {', '.join(counts) or 'ok'}  {entry['seconds']:.1f}s"


def _result(server: str, started: str, seconds: float, duties: list[dict[str, Any]]) -> dict[str, Any]:
    failed = [duty for duty in duties if duty["failures"]]
    actions = [action for duty in duties for action in duty["actions"]]
    tick = {"outcome": "failed" if failed else "ok", "started": started, "seconds": round(seconds, 1), "duties": duties}
    result = {"changed": bool(actions), "actions": actions, "tick": tick}
    if not failed:
        return result
    said = "; ".join(f"{duty['name']}: {_first(duty['failures'])}" for duty in failed)
    error = AcmpError(
        f"{len(failed)} of {len(duties)} duties failed: {said}", where=server, todo="put right what is named; the next tick tries again",
        details={"duties": [duty["name"] for duty in failed]})
    return {**error.to_result(), **result}


def _first(failures: list[str]) -> str:
    more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
    return failures[0].rstrip(". ") + more
