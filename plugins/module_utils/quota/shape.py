# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ResourceQuota and LimitRange: what they may say, their objects, and whether two of them mean the same (§6.2.3); PURE."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from ..errors import InputError, nearest
from ..kube import quantities

PART_OF = "app.kubernetes.io/part-of"
OURS = "acmp"
SCOPES = ("BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating", "VolumeAttributesClass")
TYPES = ("Container", "Pod", "PersistentVolumeClaim")
# What may not be larger than what: each of these at most any later one.
_ORDER = ("min", "defaultRequest", "default", "max")
_RATIO = "maxLimitRequestRatio"
_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_KEYS = frozenset({
    *_COMPUTE, *(f"requests.{name}" for name in _COMPUTE), *(f"limits.{name}" for name in _COMPUTE), "requests.storage", "persistentvolumeclaims",
    "pods", "services", "services.loadbalancers", "services.nodeports", "configmaps", "secrets", "replicationcontrollers", "resourcequotas",
})
_OF_CLASS = ("requests.storage", "persistentvolumeclaims")
CLASS_SUFFIX = ".storageclass.storage.k8s.io"
# So many is a slip of the unit.
_MOST = {"cores": 10**7, "bytes": quantities.LARGEST, "things": 10**9}


def unit(key: str) -> str:
    """What a key of a quota or limit counts: cores, bytes or things."""
    resource = key.rpartition("/")[2].removeprefix("requests.").removeprefix("limits.")
    if "/" in key and not key.endswith(f"{CLASS_SUFFIX}/requests.storage"):
        return "things"
    if resource == "cpu":
        return "cores"
    return "bytes" if resource in ("memory", "storage", "ephemeral-storage") or resource.startswith("hugepages-") else "things"


def check_hard(hard: Mapping[str, Any], where: str = "hard") -> list[str]:
    """Refuses a quota that cannot be meant, naming where and the key; returns what looks wrong and is yet possible, as warnings.

    Refused: no quantity, negative, absurd, parts of things or bytes, limits below requests.
    """
    _mapping(hard, where)
    if isinstance(hard.get("hard"), Mapping):
        raise InputError(f'Here the amounts stand in {where} itself, not in "hard" below it', where=where, todo="leave the line with hard out")
    values, faults = {}, {}
    for key, given in hard.items():
        try:
            values[key] = _amount(key, given, f"{where}, {key}")
        except InputError as error:
            faults[key] = error
    if len(faults) > 1:
        said = "; ".join(f"{key}: {error.what} ({error.todo})" for key, error in faults.items())
        raise InputError(said, where=f"{where}, {', '.join(map(str, faults))}", todo="correct each of them")
    for error in faults.values():
        raise error
    for name in _COMPUTE:
        for key in (name, f"requests.{name}"):
            limit = values.get(f"limits.{name}")
            if limit is not None and limit < values.get(key, limit):
                raise InputError(
                    f"limits.{name} {hard[f'limits.{name}']} is less than {key} {hard[key]}", where=f"{where}, limits.{name}",
                    todo="give at least as much as limits as you give as requests")
    return [note for key in hard for note in _doubts(key, hard[key], values[key], where)]


def check_limits(limits: Sequence[Mapping[str, Any]], where: str = "limits") -> None:
    """Refuses LimitRange items that cannot be meant, naming where, the item and the key.

    Each has type and any of default, defaultRequest, min, max, maxLimitRequestRatio, which are mappings of resources to quantities.
    """
    if not isinstance(limits, Sequence) or isinstance(limits, str):
        raise InputError(f"{where} is no list", where=where, todo="give a list of items with type, default, defaultRequest, min and max")
    seen: set[str] = set()
    for number, item in enumerate(limits, 1):
        place = f"{where}, item {number}"
        _mapping(item, place)
        kind = str(item.get("type") or "")
        if kind not in TYPES and "/" not in kind:
            raise InputError(f'There is no limit for the type "{kind}"', where=place, todo=nearest(kind, TYPES))
        if kind in seen:
            raise InputError(f"There are two items of type {kind}", where=place, todo="write one item for each type")
        seen.add(kind)
        _check_item(kind, item, f"{place} ({kind})")


def check_scopes(scopes: Iterable[str], selector: Iterable[Mapping[str, Any]], where: str = "scopes") -> None:
    """Refuses unknown scopes and pairs that no pod can match; selector: matchExpressions of a scope selector."""
    names = [*scopes, *(str(entry.get("scopeName") or "") for entry in selector)]
    for name in names:
        if name not in SCOPES:
            raise InputError(f'There is no scope "{name}"', where=where, todo=nearest(name, SCOPES))
    for one in ("BestEffort", "Terminating"):
        if one in names and f"Not{one}" in names:
            raise InputError(f"Nothing is in the scopes {one} and Not{one} at once", where=where, todo="make two quotas")


def resource_quota(
    name: str, namespace: str, hard: Mapping[str, Any], scopes: Sequence[str] | None = None, selector: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The object of a quota, quantities in canonical text; selector: matchExpressions of its scope selector."""
    spec: dict[str, Any] = {"hard": _canonical(hard)}
    if scopes:
        spec["scopes"] = list(scopes)
    if selector:
        spec["scopeSelector"] = {"matchExpressions": [dict(entry) for entry in selector]}
    return _object("ResourceQuota", name, namespace, spec)


def limit_range(name: str, namespace: str, limits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The object of a LimitRange, quantities in canonical text."""
    items = [{key: _canonical(value) if isinstance(value, Mapping) else value for key, value in item.items() if value} for item in limits]
    return _object("LimitRange", name, namespace, {"limits": items})


def equal(live: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    """Whether a live quota or LimitRange says what is desired: quantities by value, with what the API server adds; labels at least the desired ones."""
    labels = live["metadata"].get("labels") or {}
    wanted = desired["metadata"].get("labels") or {}
    return _meaning(live["spec"]) == _meaning(desired["spec"]) and all(labels.get(key) == value for key, value in wanted.items())


def is_ours(obj: Mapping[str, Any]) -> bool:
    """Whether this platform made it."""
    return (obj["metadata"].get("labels") or {}).get(PART_OF) == OURS


def scopes_of(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The scopes of a quota, plain ones and those of the selector, as {"scopeName", "operator", "values"}."""
    selector = (spec.get("scopeSelector") or {}).get("matchExpressions") or []
    return [
        *({"scopeName": name, "operator": "Exists", "values": []} for name in spec.get("scopes") or []),
        *({"scopeName": entry.get("scopeName"), "operator": entry.get("operator"), "values": sorted(entry.get("values") or [])} for entry in selector),
    ]


def completed(item: Mapping[str, Any]) -> dict[str, Any]:
    """A LimitRange item as the API server keeps it: for containers a maximum is the default limit, a default limit or minimum the default request."""
    if item.get("type") != "Container":
        return dict(item)
    default = {**(item.get("max") or {}), **(item.get("default") or {})}
    return {**item, "default": default, "defaultRequest": {**(item.get("min") or {}), **default, **(item.get("defaultRequest") or {})}}


def _mapping(value: Any, where: str) -> None:
    if not isinstance(value, Mapping):
        raise InputError(f"{where} is no mapping", where=where, todo="write it as key: value, for example requests.cpu: 4")


def _amount(key: str, given: Any, where: str) -> Fraction:
    value = quantities.parse(given, where)
    what = unit(key)
    if value < 0:
        raise InputError(f"{given} is negative", where=where, todo="give 0 or more")
    if value >= _MOST[what]:
        raise InputError(f"{given} {what} is absurd", where=where, todo="check the number and its unit")
    # 0.1Gi is no whole number of bytes either, and yet plain enough.
    if value.denominator != 1 and (what == "things" or what == "bytes" and value < 2**20):
        meant = f"did you mean {str(given)[:-1]}Mi?" if what == "bytes" and str(given).endswith("m") else ""
        raise InputError(f"{given} is no whole number of {what}", where=where, todo=meant or "give a whole number")
    return value


def _doubts(key: str, given: Any, value: Fraction, where: str) -> list[str]:
    if unit(key) == "bytes" and 0 < value < 2**20:
        return [f"{where}, {key}: {given} is only {int(value)} bytes. Is a unit missing, such as {given}Gi?"]
    group, slash, name = key.rpartition("/")
    if not slash:
        known = key in _KEYS or key.removeprefix("requests.").startswith("hugepages-")
        return [] if known else [f'{where}: Kubernetes counts no "{key}" in quotas; {nearest(key, _KEYS)}']
    if group.endswith(CLASS_SUFFIX):
        return [] if name in _OF_CLASS else [f'{where}: Kubernetes counts no "{name}" of a storage class; {nearest(name, _OF_CLASS)}']
    if group == "count" or group.startswith("requests.") or group.endswith(".k8s.io"):
        return []
    return [f'{where}: Kubernetes does not count "{key}" in quotas; write requests.{key.removeprefix("limits.")}']


def _check_item(kind: str, item: Mapping[str, Any], place: str) -> None:
    for field in item:
        if field != "type" and field not in (*_ORDER, _RATIO):
            raise InputError(f'A limit has no field "{field}"', where=place, todo=nearest(field, (*_ORDER, _RATIO)))
        if kind == "Pod" and field in ("default", "defaultRequest"):
            raise InputError("A pod has no default, its containers have", where=f"{place}, {field}", todo="write it in an item of type Container")
    values = {field: _values(kind, field, item[field], f"{place}, {field}") for field in (*_ORDER, _RATIO) if item.get(field) is not None}
    if kind == "PersistentVolumeClaim" and not any("storage" in values.get(field, {}) for field in ("min", "max")):
        raise InputError("A limit for claims needs a minimum or maximum of storage", where=place, todo="give min or max, for example max: {storage: 100Gi}")
    # What is written comes first: a fault in it is better known than one in what follows from it.
    for bounds in (values, completed({"type": kind, **values})):
        for number, lower in enumerate(_ORDER):
            for upper in _ORDER[number + 1:]:
                _check_order(lower, upper, bounds, place)
    _check_ratio(values, place)


def _check_order(lower: str, upper: str, bounds: Mapping[str, Mapping[str, Fraction]], place: str) -> None:
    for key in sorted(set(bounds.get(lower, {})) & set(bounds.get(upper, {}))):
        if bounds[lower][key] > bounds[upper][key]:
            raise InputError(
                f"{lower} {_text(key, bounds[lower][key])} is more than {upper} {_text(key, bounds[upper][key])}", where=f"{place}, {lower}.{key}",
                todo="give min <= defaultRequest <= default <= max; a missing default is the max, a missing defaultRequest the default")


def _check_ratio(values: Mapping[str, Mapping[str, Fraction]], place: str) -> None:
    for key, ratio in values.get(_RATIO, {}).items():
        lowest, highest = values.get("min", {}).get(key), values.get("max", {}).get(key)
        where = f"{place}, {_RATIO}.{key}"
        if ratio < 1:
            raise InputError("A limit is never below its request, so the ratio is at least 1", where=where, todo="give 1 or more")
        if lowest and highest is not None and ratio > highest / lowest:
            raise InputError(f"The ratio is more than max by min, which is {float(highest / lowest):g}", where=where, todo="give less, or leave it out")


def _values(kind: str, field: str, given: Any, where: str) -> dict[str, Fraction]:
    _mapping(given, where)
    known = ("storage",) if kind == "PersistentVolumeClaim" else _COMPUTE
    for key in given:
        if key not in known and "/" not in key and not key.startswith("hugepages-") and kind in TYPES:
            raise InputError(f'There is no limit of "{key}" for the type {kind}', where=f"{where}.{key}", todo=nearest(key, known))
    if field == _RATIO:
        return {key: quantities.parse(value, f"{where}.{key}") for key, value in given.items()}
    return {key: _amount(key, value, f"{where}.{key}") for key, value in given.items()}


def _text(key: str, value: Fraction) -> str:
    return quantities.text(value, binary=unit(key) == "bytes")


def _canonical(amounts: Mapping[str, Any]) -> dict[str, str]:
    return {key: quantities.canonical(value) for key, value in amounts.items()}


def _object(kind: str, name: str, namespace: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": namespace, "labels": {PART_OF: OURS}}, "spec": spec}


def _stored(amounts: Mapping[str, Any] | None) -> dict[str, int]:
    """In thousandths, which the API server rounds both kinds of objects up to."""
    return {key: math.ceil(quantities.stored(value) * 1000) for key, value in (amounts or {}).items()}


def _meaning(spec: Mapping[str, Any]) -> Any:
    items = {
        item.get("type"): {field: amounts for field in (*_ORDER, _RATIO) if (amounts := _stored(completed(item).get(field)))}
        for item in spec.get("limits") or []
    }
    scopes = {(entry["scopeName"], entry["operator"], tuple(entry["values"])) for entry in scopes_of(spec)}
    return _stored(spec.get("hard")), items, scopes
