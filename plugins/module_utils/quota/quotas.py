# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Quotas and limits of namespaces: set, remove, look up (§6.2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..context import Context
from ..errors import Forbidden, InputError, KubeError, NotFound, nearest
from ..kube import quantities
from ..kube.objects import label
from . import _plan, shape, use

_METRICS = "metrics.k8s.io/v1beta1"


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Sets or removes the ResourceQuota and the LimitRange of one name in a namespace.

    params: cluster, namespace, name, state, hard, limits, scopes, scope_selector, force. Refused unless force: lowering below what is used, what
    running pods could not be made again under, and taking over what somebody else made. Returns changed, actions, diff and ``quota``.
    """
    wanted = _plan.Wanted(
        params["namespace"], params["name"], params["state"], params["hard"], params["limits"], params["scopes"], params["scope_selector"], params["force"])
    warnings = _plan.check(wanted)
    place = _reach(options, act_as, params["cluster"], ctx)
    kube = place.kube
    try:
        return _ensure(place, wanted, warnings, params, ctx)
    except Forbidden:
        # Who may not even look would be told of the lesser right.
        kube.require("patch", "", "resourcequotas", wanted.namespace, to=f"set the quota of namespace {wanted.namespace}")
        raise


def _ensure(place: Any, wanted: _plan.Wanted, warnings: list[str], params: dict, ctx: Context) -> dict[str, Any]:
    kube = place.kube
    if wanted.state == "present":
        _check_place(kube, wanted.namespace)
    seen = _plan.Observed(kube.list("v1", "ResourceQuota", wanted.namespace), kube.list("v1", "LimitRange", wanted.namespace))
    planned = _plan.plan(wanted, seen)
    if planned.steps:
        _judge(wanted, seen, planned, kube, ctx)
        for text in [*warnings, *_plan.tighter(planned, seen)]:
            ctx.warn(text)
        _execute(place, planned, ctx)
    return {
        "changed": bool(planned.steps), "actions": [step.action for step in planned.steps], "diff": _diff(planned) if ctx.diff else [],
        "quota": _result(params["cluster"], wanted, planned) if wanted.state == "present" else None,
    }


def risks(kube: Any, namespace: str, name: str, hard: Mapping[str, Any] | None, limits: list[Mapping[str, Any]] | None, ctx: Context) -> list[str]:
    """What setting this quota and these limits in a namespace would break that works now, each as a sentence with its numbers.

    hard, limits: None leaves what is there, empty removes it. Two lists, and at most three more where something changes.
    """
    wanted = _plan.Wanted(namespace, name, hard=hard, limits=limits)
    seen = _plan.Observed(kube.list("v1", "ResourceQuota", namespace), kube.list("v1", "LimitRange", namespace))
    planned = _plan.plan(wanted, seen)
    return _plan.risks(wanted, seen, planned, _around(kube, wanted, planned, ctx)) if planned.steps else []


def info(options: dict, act_as: dict | None, params: dict, ctx: Context) -> list[dict[str, Any]]:
    """Quotas and limits of one namespace, of every one that has any without params.namespace; by name.

    Each: cluster, namespace, state, quotas (use.shown() of each), limit_ranges (name, limits, managed), and with params.suggestions also
    ``suggestions`` (use.suggestions()).
    """
    namespace = params["namespace"]
    kube = _to_look(options, act_as, params["cluster"], namespace, params.get("project"), ctx).kube
    found = [kube.get("v1", "Namespace", namespace, metadata_only=True)] if namespace else kube.list("v1", "Namespace", metadata_only=True)
    if found == [None]:
        raise _no_place(kube, namespace)
    leaving = {item["metadata"]["name"] for item in found if item["metadata"].get("deletionTimestamp")}
    quotas, ranges = _by_namespace(kube.list("v1", "ResourceQuota", namespace)), _by_namespace(kube.list("v1", "LimitRange", namespace))
    names = [namespace] if namespace else sorted({*quotas, *ranges})
    entries = [
        {
            "cluster": params["cluster"], "namespace": name, "state": "Terminating" if name in leaving else "Active",
            "quotas": [use.shown(quota) for quota in quotas.get(name, [])],
            "limit_ranges": [
                {"name": each["metadata"]["name"], "limits": each["spec"].get("limits") or [], "managed": shape.is_ours(each)} for each in ranges.get(name, [])
            ],
        }
        for name in names
    ]
    if params["suggestions"]:
        pods = _by_namespace(kube.list("v1", "Pod", namespace))
        measured = _measured(kube, namespace, ctx)
        for entry in entries:
            requested = use.counted(("requests.cpu", "requests.memory", "limits.cpu", "limits.memory"), pods.get(entry["namespace"], []), [], [])
            entry["suggestions"] = use.suggestions(entry["quotas"], requested, None if measured is None else measured.get(entry["namespace"]))
    return entries


def _reach(options: dict, act_as: dict | None, cluster: str, ctx: Context) -> Any:
    from ..cluster.reach import reach

    return reach(options, act_as, cluster, ctx)


def _to_look(options: dict, act_as: dict | None, cluster: str, namespace: str | None, project: str | None, ctx: Context) -> Any:
    from ..cluster.reach import to_look

    return to_look(options, act_as, cluster, namespace, project, ctx)


def _check_place(kube, namespace: str) -> None:
    found = kube.get("v1", "Namespace", namespace, metadata_only=True)
    if found is None:
        raise _no_place(kube, namespace)
    if found["metadata"].get("deletionTimestamp"):
        raise InputError(f"The namespace {namespace} is being deleted", where=kube.server, todo="wait until it is gone, then make it again")


def _no_place(kube, namespace: str) -> NotFound:
    try:
        hint = nearest(namespace, [item["metadata"]["name"] for item in kube.list("v1", "Namespace", metadata_only=True)])
    except Forbidden:
        hint = ""
    return NotFound(f"The namespace {namespace} does not exist", where=kube.server, todo=hint or "make it first: acmp_workspace")


def _around(kube, wanted: _plan.Wanted, planned: _plan.Plan, ctx: Context) -> _plan.Around:
    """What lives there: pods in any case, and what a quota counts for the first time."""
    def read(kind: str) -> list[dict[str, Any]]:
        try:
            return kube.list("v1", kind, wanted.namespace)
        except Forbidden as error:
            ctx.warn(f"Whether the quota fits what runs could not be checked: {error.what}")
            return []

    new = _plan.uncounted(planned)
    claims = any("storage" in key or key == "persistentvolumeclaims" for key in new)
    return _plan.Around(read("Pod"), read("PersistentVolumeClaim") if claims else [], read("Service") if any("services" in key for key in new) else [])


def _judge(wanted: _plan.Wanted, seen: _plan.Observed, planned: _plan.Plan, kube, ctx: Context) -> None:
    said = [f"{name} was made by somebody else" for name in _plan.foreign(planned.steps)]
    if wanted.state == "present":
        said += _plan.risks(wanted, seen, planned, _around(kube, wanted, planned, ctx))
    if said and not wanted.force:
        raise InputError(
            "; ".join(said), where=f"namespace {wanted.namespace}", details={"reasons": said},
            todo="change the numbers or the workloads, or say force: true (what runs goes on, and what is made anew must fit)")
    for text in said:
        ctx.warn(f"namespace {wanted.namespace}: {text}")


def _execute(place: Any, planned: _plan.Plan, ctx: Context) -> None:
    kube = place.kube
    if not ctx.check_mode:
        place.verify()
    # A dry run of a quota whose scopes change would meet the old ones still.
    tried = [step.desired for step in planned.steps if step.desired and step.verb != "replace"]
    # Of two objects neither is written when the API server refuses one.
    if ctx.check_mode or len(planned.steps) > 1:
        for desired in tried:
            kube.apply(desired, dry_run=True)
    for step in [] if ctx.check_mode else planned.steps:
        meta = (step.desired or step.live)["metadata"]
        if step.verb in ("remove", "replace"):
            kube.delete("v1", step.live["kind"], meta["name"], meta["namespace"], uid=step.live["metadata"]["uid"])
        if step.desired:
            surplus = _surplus(kube.apply(step.desired), step.desired)
            if surplus:
                kube.patch("v1", step.desired["kind"], meta["name"], meta["namespace"], {"spec": surplus})


def _surplus(after: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """A patch that takes away what another owner of the object set: an apply takes over only fields that it names."""
    hard = {key: None for key in (after["spec"].get("hard") or {}) if key not in (desired["spec"].get("hard") or {})}
    patch: dict[str, Any] = {"hard": hard} if hard else {}
    if "scopeSelector" in after["spec"] and "scopeSelector" not in desired["spec"]:
        patch["scopeSelector"] = None
    return patch


def _diff(planned: _plan.Plan) -> list[dict[str, Any]]:
    return [
        {
            "before_header": label(step.desired or step.live), "after_header": label(step.desired or step.live),
            "before": step.live["spec"] if step.live else "", "after": step.desired["spec"] if step.desired else "",
        }
        for step in planned.steps
    ]


def _result(cluster: str, wanted: _plan.Wanted, planned: _plan.Plan) -> dict[str, Any]:
    quota = planned.quota
    live = next((step.live for step in planned.steps if step.desired is quota and step.live), None)
    status = (live or quota or {}).get("status") or {}
    shown = use.shown({**quota, "status": status}) if quota else {"hard": {}, "used": {}, "percent": {}, "scopes": []}
    return {
        "cluster": cluster, "namespace": wanted.namespace, "name": wanted.name, **{key: shown[key] for key in ("hard", "used", "percent", "scopes")},
        "limits": (planned.limits or {"spec": {}})["spec"].get("limits") or [],
    }


def _by_namespace(objects: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for obj in objects:
        found.setdefault(obj["metadata"]["namespace"], []).append(obj)
    return found


def _measured(kube, namespace: str | None, ctx: Context) -> dict[str, dict[str, Any]] | None:
    """Cores and bytes that the pods of each namespace use now; None where nobody measures, or the caller may not know."""
    try:
        found = kube.list(_METRICS, "PodMetrics", namespace)
    except NotFound:
        return None
    except KubeError as error:
        ctx.warn(f"What pods really use is not known: {error.what}")
        return None
    totals: dict[str, dict[str, Any]] = {}
    for item in found:
        sums = totals.setdefault(item["metadata"]["namespace"], {})
        for container in item.get("containers") or []:
            for name, value in (container.get("usage") or {}).items():
                sums[name] = sums.get(name, 0) + quantities.stored(value)
    return totals
