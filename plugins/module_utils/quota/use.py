# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of a quota is used, what it would break, and what would fit (§6.2.3); PURE."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..errors import InputError
from ..kube import pods as sums
from ..kube import quantities
from . import _pods, shape

# A pod without these is refused where a quota counts them; every other resource may be left out.
_DEMANDED = {
    "cpu": ("requests", "cpu"), "requests.cpu": ("requests", "cpu"), "limits.cpu": ("limits", "cpu"),
    "memory": ("requests", "memory"), "requests.memory": ("requests", "memory"), "limits.memory": ("limits", "memory"),
}
_SAME = {"cpu": "requests.cpu", "memory": "requests.memory", "ephemeral-storage": "requests.ephemeral-storage"}
_COMPUTE = ("requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
_ROOM, _NEARLY, _HARDLY, _IDLE = Fraction(5, 4), Fraction(9, 10), Fraction(1, 4), Fraction(1, 3)


def shown(live: Mapping[str, Any]) -> dict[str, Any]:
    """A live quota for people: name, hard, used, percent (None where nothing can be said), scopes as texts, managed (made by the platform)."""
    hard = dict((live.get("spec") or {}).get("hard") or {})
    counted = (live.get("status") or {}).get("used") or {}
    used = {key: counted[key] for key in hard if key in counted}
    return {
        "name": live["metadata"]["name"], "hard": hard, "used": used, "percent": {key: percent(used.get(key), hard[key]) for key in hard},
        "scopes": [_scope(entry) for entry in shape.scopes_of(live.get("spec") or {})], "managed": shape.is_ours(live),
    }


def percent(used: str | None, hard: str) -> float | None:
    """Used of hard with one digit after the point; None where use is unknown or nothing is allowed."""
    try:
        most = quantities.parse(hard)
        return None if used is None or not most else round(float(quantities.parse(used) * 100 / most), 1)
    except InputError:
        # One quota with an absurd number, which the API server takes, hides no other.
        return None


def less(one: object, other: object) -> bool:
    """Whether a quantity is less than another."""
    return quantities.stored(one) < quantities.stored(other)


def lowered(live: Mapping[str, Any], desired: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(key, used, wanted) of each resource of a quota that is lowered below what is used; raising one that is over already is none."""
    before = (live.get("spec") or {}).get("hard") or {}
    used = (live.get("status") or {}).get("used") or {}
    found = []
    for key, wanted in desired["spec"]["hard"].items():
        if key in used and less(wanted, used[key]) and (key not in before or less(wanted, before[key])):
            found.append((key, used[key], wanted))
    return found


def unfit_pods(pods: Iterable[Mapping[str, Any]], hard: Iterable[str], limits: Iterable[Mapping[str, Any]]) -> list[str]:
    """One sentence for each workload whose pods could not be made again under a quota of these keys and these LimitRange items.

    pods: live ones that the quota covers. What a LimitRange added to them when they were made does not count as theirs.
    """
    demanded = sorted({_DEMANDED[key] for key in hard if key in _DEMANDED})
    items = [shape.completed(item) for item in limits]
    faults: dict[tuple[str, str], dict[str, None]] = {}
    for pod in filter(_pods.counts, pods):
        made = _pods.remade(pod, items)
        said = [f"the pod {fault}" for item in items if item.get("type") == "Pod" for fault in _unbounded(*_pods.totals(made), item)]
        for container in _pods.containers(made):
            requests, most = sums.amounts(container, "requests"), sums.amounts(container, "limits")
            lacks = [] if _pods.has_own_resources(pod) else _missing(requests, most, demanded)
            bounds = [fault for item in items if item.get("type") == "Container" for fault in _unbounded(requests, most, item)]
            said += [f"container {container.get('name')} {fault}" for fault in (*lacks, *_crossed(requests, most), *bounds)]
        for fault in said:
            faults.setdefault((_pods.workload(pod), fault), {})[pod["metadata"]["name"]] = None
    return [f"{owner} ({len(names)} {'pod' if len(names) == 1 else 'pods'}): {fault}" for (owner, fault), names in sorted(faults.items())]


def counted(
    keys: Iterable[str], pods: Sequence[Mapping[str, Any]], claims: Sequence[Mapping[str, Any]], services: Sequence[Mapping[str, Any]],
    scopes: Sequence[Mapping[str, Any]] = (),
) -> dict[str, str]:
    """What a new quota of these keys will find used; keys that cannot be told from these objects are left out."""
    keys = list(keys)
    totals = {key: Fraction(0) for key in keys if _SAME.get(key, key) in ("pods", *_COMPUTE) or _SAME.get(key, key).startswith("requests.")}
    found = [_pods.usage(pod) for pod in pods if _pods.counts(pod) and _pods.in_scopes(pod, scopes)]
    found += [] if scopes else [*map(_claim_usage, claims), *map(_service_usage, services)]
    for one in found:
        for key in keys:
            amount = one.get(_SAME.get(key, key))
            if amount is not None:
                totals[key] = totals.get(key, Fraction(0)) + amount
    return {key: _text(key, value) for key, value in totals.items()}


def suggestions(
    quotas: Iterable[Mapping[str, Any]], requested: Mapping[str, str], measured: Mapping[str, Fraction] | None = None,
) -> list[dict[str, Any]]:
    """What to set instead, for what is nearly full, hardly used or not limited; a quarter more than what is used.

    quotas: as shown() gives them, those with scopes say nothing about the whole. requested: sums of the pods (counted()). measured: real use,
    {"cpu": cores, "memory": bytes}, None without a metrics server. Each: key, hard, used, measured (None where unknown), suggested, reason.
    """
    hard: dict[str, str] = {}
    used = dict(requested)
    for quota in quotas:
        if not quota["scopes"]:
            used.update({key: value for key, value in quota["used"].items() if key not in requested})
            hard.update({key: value for key, value in quota["hard"].items() if key not in hard or quantities.stored(value) < quantities.stored(hard[key])})
    real = {f"requests.{name}": value for name, value in (measured or {}).items()}
    found = []
    for key in [*(key for key in _COMPUTE if key in used), *sorted(set(used) & set(hard) - set(_COMPUTE))]:
        taken = quantities.stored(used[key])
        need = _roomy(key, max(taken, real.get(_SAME.get(key, key), Fraction(0))))
        reason = _reason(key, taken, need, hard.get(key), real.get(_SAME.get(key, key)))
        if taken and reason:
            found.append({
                "key": key, "hard": hard.get(key), "used": used[key], "measured": _text(key, real[key]) if key in real else None,
                "suggested": _text(key, need), "reason": reason,
            })
    return found


def _scope(entry: Mapping[str, Any]) -> str:
    plain = entry["operator"] == "Exists" and entry["scopeName"] != "PriorityClass"
    return entry["scopeName"] if plain else " ".join([entry["scopeName"], str(entry["operator"]), ", ".join(entry["values"])]).strip()


_Amounts = Mapping[str, Fraction]


def _missing(requests: _Amounts, limits: _Amounts, demanded: list[tuple[str, str]]) -> list[str]:
    missing = [f"{part}.{name}" for part, name in demanded if name not in (requests if part == "requests" else limits)]
    return [f"has no {', '.join(missing)}, and no LimitRange gives a default"] if missing else []


def _crossed(requests: _Amounts, limits: _Amounts) -> list[str]:
    return [
        f"requests {_text(name, requests[name])} {name}, more than the default limit of {_text(name, limits[name])}"
        for name in sorted(set(requests) & set(limits)) if requests[name] > limits[name]
    ]


def _unbounded(requests: _Amounts, limits: _Amounts, item: Mapping[str, Any]) -> list[str]:
    """How a container, or a pod, does not keep to minimum, maximum and ratio; a missing number is a fault too."""
    found = []
    # A limit below the minimum or a request above the maximum has its request or limit there too, or both are crossed.
    for name, least in (item.get("min") or {}).items():
        if name not in requests:
            found.append(f"has no requests.{name}, and the minimum is {least}")
        elif requests[name] < quantities.stored(least):
            found.append(f"has requests.{name} {_text(name, requests[name])}, less than the minimum of {least}")
    for name, most in (item.get("max") or {}).items():
        if name not in limits:
            found.append(f"has no limits.{name}, and the maximum is {most}")
        elif limits[name] > quantities.stored(most):
            found.append(f"has limits.{name} {_text(name, limits[name])}, more than the maximum of {most}")
    for name, ratio in (item.get("maxLimitRequestRatio") or {}).items():
        if not (requests.get(name) and limits.get(name)):
            found.append(f"has no requests.{name} or no limits.{name}, and their ratio is bounded")
        elif limits[name] / requests[name] > quantities.stored(ratio):
            found.append(f"has limits.{name} {_text(name, limits[name])}, more than {ratio} times its request of {_text(name, requests[name])}")
    return found


def _claim_usage(claim: Mapping[str, Any]) -> dict[str, Fraction]:
    spec = claim.get("spec") or {}
    size = quantities.stored(((spec.get("resources") or {}).get("requests") or {}).get("storage") or 0)
    found = {"persistentvolumeclaims": Fraction(1), "requests.storage": Fraction(math.ceil(size))}
    group = f"{spec['storageClassName']}{shape.CLASS_SUFFIX}/" if spec.get("storageClassName") else ""
    return found | ({f"{group}{key}": value for key, value in found.items()} if group else {})


def _service_usage(service: Mapping[str, Any]) -> dict[str, Fraction]:
    spec = service.get("spec") or {}
    balanced = spec.get("type") == "LoadBalancer"
    ports = len(spec.get("ports") or []) if spec.get("type") == "NodePort" or balanced and spec.get("allocateLoadBalancerNodePorts") is not False else 0
    return {"services": Fraction(1), "services.loadbalancers": Fraction(balanced), "services.nodeports": Fraction(ports)}


def _reason(key: str, taken: Fraction, need: Fraction, hard: str | None, real: Fraction | None) -> str:
    said = []
    if hard is None:
        said.append("not limited")
    elif taken >= quantities.stored(hard) * _NEARLY:
        said.append("nearly full")
    elif taken <= quantities.stored(hard) * _HARDLY and need < quantities.stored(hard):
        said.append("hardly used")
    if real is not None and key.startswith("requests.") and real < taken * _IDLE:
        said.append(f"the pods use {_text(key, real)} of the {_text(key, taken)} they request")
    return "; ".join(said)


def _roomy(key: str, used: Fraction) -> Fraction:
    """A quarter more, in a number that can be said."""
    wanted = used * _ROOM
    if shape.unit(key) == "things":
        return Fraction(math.ceil(wanted))
    step, factor = (Fraction(2**20), 2) if shape.unit(key) == "bytes" else (Fraction(1, 100), 10)
    while wanted > 16 * step:
        step *= factor
    return math.ceil(wanted / step) * step


def _text(key: str, value: Fraction) -> str:
    return quantities.text(value, binary=shape.unit(key) == "bytes")
