# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What brings one namespace's quota and LimitRange from what is there to what was asked; PURE."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..api import GROUP
from ..errors import InputError
from ..kube.objects import label
from . import _pods, shape, use

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True)
class Wanted:
    """hard, limits, scopes, selector: None leaves what is there, empty removes it."""

    namespace: str
    name: str
    state: str = "present"
    hard: Mapping[str, Any] | None = None
    limits: Sequence[Mapping[str, Any]] | None = None
    scopes: Sequence[str] | None = None
    selector: Sequence[Mapping[str, Any]] | None = None
    force: bool = False


@dataclass(frozen=True)
class Observed:
    """All quotas and LimitRanges of the namespace."""

    quotas: Sequence[Mapping[str, Any]] = ()
    ranges: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Step:
    """verb: create, change, replace (scopes never change) or remove; live: None for create; desired: None for remove."""

    verb: str
    live: Mapping[str, Any] | None
    desired: Mapping[str, Any] | None

    @property
    def action(self) -> str:
        return f"{self.verb} {label(self.desired or self.live)}"


@dataclass(frozen=True)
class Plan:
    """quota and limits: the two objects as they will be, None where there will be none."""

    steps: tuple[Step, ...]
    quota: Mapping[str, Any] | None
    limits: Mapping[str, Any] | None


@dataclass(frozen=True)
class Around:
    """What lives in the namespace, as far as it was read."""

    pods: Sequence[Mapping[str, Any]] = ()
    claims: Sequence[Mapping[str, Any]] = ()
    services: Sequence[Mapping[str, Any]] = ()


def check(wanted: Wanted) -> list[str]:
    """Refuses what cannot be meant; returns warnings."""
    for option, text, longest in (("namespace", wanted.namespace, 63), ("name", wanted.name, 253)):
        # A quota's name may have dots, each part like a namespace's name.
        parts = text.split(".") if option == "name" else [text]
        if len(text) > longest or not all(_NAME.fullmatch(part) for part in parts):
            raise InputError(f'The {option} "{text}" is not a DNS name', where=option, todo=f"use small letters, digits and dashes, at most {longest}")
    if wanted.state == "absent":
        return []
    if wanted.hard is None and wanted.limits is None:
        raise InputError("Neither hard nor limits is given, so there is nothing to set", todo="give hard, limits or both")
    if (wanted.scopes or wanted.selector) and not wanted.hard:
        raise InputError("Scopes say to which pods a quota applies, and there is no quota", where="scopes", todo="give hard too")
    shape.check_scopes(wanted.scopes or [], wanted.selector or [])
    if wanted.limits:
        shape.check_limits(wanted.limits)
    return shape.check_hard(wanted.hard) if wanted.hard else []


def plan(wanted: Wanted, seen: Observed) -> Plan:
    """The steps in order: a LimitRange that gives defaults comes before the quota that demands them, and goes after it."""
    quota, limits = _live(seen.quotas, wanted), _live(seen.ranges, wanted)
    gone = wanted.state == "absent"
    desired = {}
    if gone or wanted.hard is not None:
        desired["quota"] = None if gone or not wanted.hard else _kept(_quota(wanted, quota), quota)
    if gone or wanted.limits is not None:
        desired["limits"] = None if gone or not wanted.limits else _kept(shape.limit_range(wanted.name, wanted.namespace, wanted.limits), limits)
    lives = {"limits": limits, "quota": quota}
    steps = {key: _step(live, desired[key]) for key, live in lives.items() if key in desired}
    after = {key: steps[key].desired if steps.get(key) else live for key, live in lives.items()}
    order = ["quota", "limits"] if steps.get("limits") and not after["limits"] else ["limits", "quota"]
    return Plan(tuple(steps[key] for key in order if steps.get(key)), after["quota"], after["limits"])


def foreign(steps: Sequence[Step]) -> list[str]:
    """What somebody else made and these steps would take over or remove."""
    return [label(step.live) for step in steps if step.live and not shape.is_ours(step.live)]


def demands(planned: Plan) -> Mapping[str, Any] | None:
    """The quota that is created or changed, None when it stays or goes."""
    return next((step.desired for step in planned.steps if step.desired and step.desired["kind"] == "ResourceQuota"), None)


def uncounted(planned: Plan) -> set[str]:
    """The resources of a created or changed quota whose use no status tells yet."""
    quota = demands(planned)
    if not quota:
        return set()
    return set(quota["spec"]["hard"]) - set(_status(planned, quota))


def risks(wanted: Wanted, seen: Observed, planned: Plan, around: Around) -> list[str]:
    """What the steps would break that works now, each as a sentence with its numbers."""
    return [*_lowered(planned, around), *_unfit(wanted, seen, planned, around)]


def tighter(planned: Plan, seen: Observed) -> list[str]:
    """Other quotas of the namespace that bound the same resources lower, as warnings."""
    quota = demands(planned)
    found = []
    for other in seen.quotas if quota else []:
        if other["metadata"]["name"] != quota["metadata"]["name"] and not shape.scopes_of(other["spec"]):
            hard = other["spec"].get("hard") or {}
            lower = [key for key, value in quota["spec"]["hard"].items() if key in hard and use.less(hard[key], value)]
            if lower:
                limits = ", ".join(f"{key} {hard[key]}" for key in sorted(lower))
                found.append(f"{label({**other, 'kind': 'ResourceQuota'})} also applies and allows less: {limits}")
    return found


def _live(objects: Sequence[Mapping[str, Any]], wanted: Wanted) -> Mapping[str, Any] | None:
    return next((obj for obj in objects if obj["metadata"]["name"] == wanted.name), None)


def _quota(wanted: Wanted, live: Mapping[str, Any] | None) -> dict[str, Any]:
    spec = (live or {}).get("spec") or {}
    scopes = spec.get("scopes") if wanted.scopes is None else wanted.scopes
    selector = (spec.get("scopeSelector") or {}).get("matchExpressions") if wanted.selector is None else wanted.selector
    return shape.resource_quota(wanted.name, wanted.namespace, wanted.hard or {}, scopes, selector)


def _kept(desired: dict[str, Any], live: Mapping[str, Any] | None) -> dict[str, Any]:
    """With the platform's own labels and annotations of the live object (its project, its description), which an apply without them would remove."""
    meta = {**desired["metadata"]}
    for part in ("labels", "annotations"):
        own = {key: value for key, value in ((live or {}).get("metadata", {}).get(part) or {}).items() if key.startswith(f"{GROUP}/")}
        if own:
            meta[part] = {**own, **meta.get(part, {})}
    return {**desired, "metadata": meta}


def _step(live: Mapping[str, Any] | None, desired: Mapping[str, Any] | None) -> Step | None:
    if live is None:
        return Step("create", None, desired) if desired else None
    if desired is None:
        return Step("remove", live, None)
    if shape.equal(live, desired):
        return None
    replaced = sorted(live["spec"].get("scopes") or []) != sorted(desired["spec"].get("scopes") or [])
    return Step("replace" if replaced else "change", live, desired)


def _status(planned: Plan, quota: Mapping[str, Any]) -> Mapping[str, str]:
    live = next(step.live for step in planned.steps if step.desired is quota)
    if live is None or shape.scopes_of(live["spec"]) != shape.scopes_of(quota["spec"]):
        return {}
    return (live.get("status") or {}).get("used") or {}


def _lowered(planned: Plan, around: Around) -> list[str]:
    quota = demands(planned)
    if not quota:
        return []
    live = next(step.live for step in planned.steps if step.desired is quota)
    counted = use.counted(quota["spec"]["hard"], around.pods, around.claims, around.services, shape.scopes_of(quota["spec"]))
    known = {"spec": (live or {}).get("spec") or {}, "status": {"used": {**counted, **_status(planned, quota)}}}
    return [f"{key} would be {wanted}, and {used} is used" for key, used, wanted in use.lowered(known, quota)]


def _unfit(wanted: Wanted, seen: Observed, planned: Plan, around: Around) -> list[str]:
    def others(objects: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [obj for obj in objects if obj["metadata"]["name"] != wanted.name]

    before = _all_unfit(seen.quotas, seen.ranges, around.pods)
    after = _all_unfit(
        [*others(seen.quotas), *([planned.quota] if planned.quota else [])], [*others(seen.ranges), *([planned.limits] if planned.limits else [])],
        around.pods)
    return [sentence for sentence in after if sentence not in before]


def _all_unfit(quotas: Sequence[Mapping[str, Any]], ranges: Sequence[Mapping[str, Any]], pods: Sequence[Mapping[str, Any]]) -> list[str]:
    items = [item for obj in ranges for item in obj["spec"].get("limits") or []]
    found: dict[str, None] = dict.fromkeys(use.unfit_pods(pods, (), items))
    for quota in quotas:
        scopes = shape.scopes_of(quota["spec"])
        covered = [pod for pod in pods if _pods.in_scopes(pod, scopes)]
        found.update(dict.fromkeys(use.unfit_pods(covered, quota["spec"].get("hard") or {}, items)))
    return list(found)
