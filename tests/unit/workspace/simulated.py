# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an API server would hold after steps were carried out, as far as the plan of workspaces looks at it."""

from __future__ import annotations

import copy

from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _plan
from ansible_collections.acmp.middleware.plugins.module_utils.workspace._objects import key


def carried_out(live: dict, steps: list) -> dict:
    """The live objects afterwards: applied fields merged, labels and annotations we applied before and no more gone, fields owned noted."""
    after = copy.deepcopy(dict(live))
    for step in steps:
        place = key(step.object)
        if step.action in ("remove", "remake"):
            after.pop(place)
        if step.action != "remove":
            after[place] = _applied(after.get(place), copy.deepcopy(dict(step.object)))
    return after


def foreign(obj: dict, **labels: str) -> dict:
    """An object somebody else made."""
    meta = {**obj["metadata"], "labels": {**obj["metadata"].get("labels", {}), **labels}}
    return {**obj, "metadata": {**meta, "creationTimestamp": "2026-01-01T00:00:00Z"}}


def _applied(live: dict | None, obj: dict) -> dict:
    live = live or {"metadata": {}}
    meta = {**live["metadata"], "name": obj["metadata"]["name"]}
    fields = {}
    for part in ("labels", "annotations"):
        wanted = obj["metadata"].get(part) or {}
        gone = set(_plan.owned(live, part)) - set(wanted)
        kept = {name: value for name, value in (live["metadata"].get(part) or {}).items() if name not in gone}
        meta[part] = {**kept, **wanted}
        fields[f"f:{part}"] = {f"f:{name}": {} for name in wanted}
    if "namespace" in obj["metadata"]:
        meta["namespace"] = obj["metadata"]["namespace"]
    others = [entry for entry in live["metadata"].get("managedFields") or [] if entry["manager"] != "acmp"]
    meta["managedFields"] = [*others, {"manager": "acmp", "operation": "Apply", "fieldsV1": {"f:metadata": fields}}]
    return {**{name: value for name, value in live.items() if name != "metadata"}, **obj, "metadata": meta}
