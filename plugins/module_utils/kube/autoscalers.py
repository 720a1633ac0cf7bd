# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workloads whose number of replicas an autoscaler decides; KEDA and the like make a HorizontalPodAutoscaler, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import Forbidden, NotFound

_SCALER = ("autoscaling/v2", "HorizontalPodAutoscaler")


def scaled(kube: Any, namespace: str, objects: Iterable[Mapping[str, Any]] = ()) -> dict[tuple[str, str], str]:
    """(kind, name) of the autoscaled workloads of a namespace, with their autoscaler's name; none live where they may not be listed. One request.

    objects: a manifest that may bring autoscalers of its own.
    """
    try:
        live = kube.list(*_SCALER, namespace)
    except (Forbidden, NotFound):
        live = []
    return targets([*(obj for obj in objects if obj.get("kind") == _SCALER[1]), *live])


def targets(scalers: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Pure: what these autoscalers aim at, as scaled() gives it."""
    found = {}
    for item in scalers:
        target = (item.get("spec") or {}).get("scaleTargetRef") or {}
        found[str(target.get("kind")), str(target.get("name"))] = str((item.get("metadata") or {}).get("name"))
    return found
