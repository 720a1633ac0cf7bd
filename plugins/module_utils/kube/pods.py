# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: what pods request and may take, as the scheduler and quotas count it, and the claims that they use."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from . import quantities


def amounts(owner: Mapping[str, Any], part: str) -> dict[str, Fraction]:
    """part: ``requests`` or ``limits``, of a container or of a pod's own spec."""
    return _parsed((owner.get("resources") or {}).get(part))


def claims(pod: Mapping[str, Any]) -> list[str]:
    """Names of the claims that a pod mounts, in its order."""
    volumes = (pod.get("spec") or {}).get("volumes") or []
    return [volume["persistentVolumeClaim"]["claimName"] for volume in volumes if volume.get("persistentVolumeClaim")]


def total(pod: Mapping[str, Any], part: str) -> dict[str, Fraction]:
    """The whole pod's: containers and sidecars together, or the largest moment of its start if that is more, and its overhead.

    What stands at the pod itself takes the place of its containers' sum.
    """
    spec = pod.get("spec") or {}
    running: dict[str, Fraction] = {}
    _add(running, *(amounts(each, part) for each in spec.get("containers") or []))
    beside: dict[str, Fraction] = {}
    most: dict[str, Fraction] = {}
    for each in spec.get("initContainers") or []:
        own = amounts(each, part)
        if each.get("restartPolicy") == "Always":
            _add(beside, own)
            own = dict(beside)
        else:
            _add(own, beside)
        most = _most(most, own)
    _add(running, beside)
    found = {**_most(running, most), **amounts(spec, part)}
    _add(found, {key: value for key, value in _parsed(spec.get("overhead")).items() if part == "requests" or key in found})
    return found


def _parsed(texts: Mapping[str, Any] | None) -> dict[str, Fraction]:
    return {name: quantities.stored(text) for name, text in (texts or {}).items()}


def _add(whole: dict[str, Fraction], *more: Mapping[str, Fraction]) -> None:
    for each in more:
        for key, value in each.items():
            whole[key] = whole.get(key, Fraction(0)) + value


def _most(one: Mapping[str, Fraction], other: Mapping[str, Fraction]) -> dict[str, Fraction]:
    return {key: max(one.get(key, Fraction(0)), other.get(key, Fraction(0))) for key in {**one, **other}}
