# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what was planned, sixteen objects side by side: namespaces first, then what lives in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..context import Context
from ..errors import AcmpError
from ..kube.objects import label
from ._observe import many
from ._plan import Step, differs

_SHOWN = 5


def write(kube: Any, steps: Iterable[Step], ctx: Context) -> None:
    """Carries out all steps. Those of one wave are all tried; then one error tells of every one that failed."""
    steps = list(steps)
    first = [step for step in steps if step.object["kind"] == "Namespace"]
    for wave, what in ((first, "namespaces"), ([step for step in steps if step.object["kind"] != "Namespace"], "objects in namespaces")):
        if not wave:
            continue
        ctx.progress(f"writing {what} on {kube.server}: {len(wave)}")
        failed = [(step, error) for step, error in many(lambda step: _tried(kube, step), wave) if error]
        if len(failed) == 1:
            raise failed[0][1]
        if failed:
            texts = [f"{label(step.object)}: {error.what}" for step, error in failed]
            raise AcmpError(
                f"{len(failed)} of {len(wave)} objects could not be written: {'; '.join(texts[:_SHOWN])}", where=kube.server,
                todo=f"{failed[0][1].todo}; then run the same task again, it continues", details={"findings": texts})


def _tried(kube: Any, step: Step) -> AcmpError | None:
    try:
        _one(kube, step)
    except AcmpError as error:
        return error
    return None


def _one(kube: Any, step: Step) -> None:
    obj, meta = step.object, step.object["metadata"]
    if step.action in ("remove", "remake"):
        kube.delete(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"))
    if step.action == "remove":
        return
    live = kube.apply(obj)
    if obj["kind"] == "ResourceQuota" and differs(live, obj):
        # Limits that somebody else added are theirs, and stay when ours are applied.
        extra = {name: None for name in live["spec"].get("hard") or {} if name not in obj["spec"]["hard"]}
        kube.patch(obj["apiVersion"], obj["kind"], meta["name"], meta["namespace"], {"spec": {"hard": extra}})
