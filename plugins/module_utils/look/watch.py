# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches one instance for people: says what changes, until it is ready, failed, gone, or the time is over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ..context import Context
from ..errors import ConnectionFailed, InputError
from . import instances

_EVERY = 2.0
_MOST = 1000
_RECENT = timedelta(seconds=20)
_PARTS = ("workloads", "pods", "events")
# Nothing more is to come of these.
_ENDS = ("Ready", "Failed", "Removed")


def watch(options: dict, act_as: dict | None, query: dict, ctx: Context, known: instances.Known | None = None) -> dict[str, Any]:
    """instances (at the end), watched (the lines told) and settled: whether it became ready within query.watch seconds.

    Looks every two seconds; a cluster that does not answer in between is told and looked at again. Raises InputError without a name and a namespace.
    """
    if not query.get("name") or not query.get("namespace"):
        raise InputError("A watch is for one instance", where="watch", todo="give its name and its namespace")
    if query["watch"] < 1:
        raise InputError(f"watch is {query['watch']}, and has to be 1 or more seconds", where="watch")
    end, told, lines = ctx.clock() + query["watch"], {}, []
    since = (datetime.now(timezone.utc) - _RECENT).strftime("%Y-%m-%dT%H:%M:%SZ")
    found: list[dict] = []
    asked = {**query, "parts": _PARTS, "phase": None}
    while True:
        try:
            found = instances.info(options, act_as, asked, ctx, known)
            now = facts(found[0], since) if found else {("", "instance"): "is not there"}
        except ConnectionFailed as error:
            now = {**told, ("", "cluster"): error.what}
        for line in changes(told, now):
            text = f"{datetime.now(timezone.utc).strftime('%H:%M:%S')}  {line}"
            lines.append(text)
            ctx.progress(text)
        told = now
        if found and found[0]["phase"] in _ENDS:
            break
        if ctx.clock() >= end or ctx.stopping.wait(min(_EVERY, max(0.0, end - ctx.clock()))):
            break
    return {"instances": found, "watched": lines[-_MOST:], "settled": bool(found) and found[0]["phase"] == "Ready"}


def facts(item: Mapping, since: str = "") -> dict[tuple, str]:
    """Pure: what is worth telling of an instance, each under a name of its own; of events those after a time, our steps and warnings."""
    found: dict[tuple, str] = {}
    for event in item["events"]:
        if event["time"] >= since and (event["source"] == "acmp" or event["type"] != "Normal"):
            found["event", event["object"], event["message"]] = f"{event['object']}: {event['message']}"
    for part in item["workloads"]:
        found["", f"{part['kind']} {part['name']}"] = part["state"]
    for pod in item["pods"]:
        restarts = f", restarts {pod['restarts']}" if pod["restarts"] else ""
        found["", f"Pod {pod['name']}"] = f"{pod['status']} {pod['ready_containers']}{restarts}"
    found["", item["name"]] = f"{item['phase'] or 'no phase yet'}, revision {item['revision']}{': ' + item['last_error'] if item['last_error'] else ''}"
    return found


def changes(before: Mapping[tuple, str], after: Mapping[tuple, str]) -> list[str]:
    """Pure: what is new or different, then what is gone."""
    found = [text if key[0] == "event" else f"{key[1]}: {text}" for key, text in after.items() if before.get(key) != text]
    return found + [f"{key[1]}: gone" for key in before if key not in after and key[0] == "" and key[1] not in ("instance", "cluster")]
