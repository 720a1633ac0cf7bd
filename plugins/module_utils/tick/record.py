# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The platform's own record of its ticks: ConfigMap acmp-system/acmp-tick."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..platform.roles import SYSTEM

NAME = "acmp-tick"
_TEXT = 500
_TEXTS = 20


def read(home) -> dict[str, Any]:
    """The record's data as {"lastRun", "lastSuccess", "seconds", "outcome", "duties": {name: ...}}; empty where there is none yet."""
    found = home.get("v1", "ConfigMap", NAME, SYSTEM)
    data = dict((found or {}).get("data") or {})
    return {**data, "duties": _duties(data)} if data else {}


def write(home, started: str, seconds: float, duties: Sequence[Mapping[str, Any]]) -> None:
    """Records a tick. What duties that were not chosen did last time stays."""
    before = read(home)
    outcome = "failed" if any(duty["failures"] for duty in duties) else "ok"
    known = {**before.get("duties", {}), **{duty["name"]: _entry(started, duty) for duty in duties}}
    data = {
        "lastRun": started, "lastSuccess": started if outcome == "ok" else before.get("lastSuccess", ""), "seconds": f"{seconds:.1f}", "outcome": outcome,
        "duties": json.dumps(known, indent=1, ensure_ascii=False),
    }
    labels = {"app.kubernetes.io/part-of": "acmp"}
    home.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME, "namespace": SYSTEM, "labels": labels}, "data": data})


def _entry(started: str, duty: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": started, "seconds": duty["seconds"], "outcome": duty["outcome"], **{key: bounded(duty[key]) for key in ("actions", "warnings", "failures")}}


def bounded(texts: Sequence[str]) -> list[str]:
    """At most 20 texts of at most 500 letters, so that thousands of objects do not make a record that cannot be stored."""
    short = [text if len(text) <= _TEXT else text[: _TEXT - 1] + "…" for text in texts[:_TEXTS]]
    return short if len(texts) <= _TEXTS else [*short, f"and {len(texts) - _TEXTS} more"]


def _duties(data: Mapping[str, Any]) -> dict[str, Any]:
    # Written by us, but anybody with the right can change a ConfigMap.
    try:
        found = json.loads(str(data.get("duties") or "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
