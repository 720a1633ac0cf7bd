# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods that run well: what they ask for, whether they are alive, how many may be away, whose account they use."""

from __future__ import annotations

from ..model._report import Report
from ..model._rules import HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name, note
from ._objects import (
    CONTAINER,
    EPHEMERAL,
    LASTING,
    Container,
    containers,
    get,
    hook_events,
    kind,
    mapping,
    maps,
    namespace,
    note_near,
    object_name,
    pod,
    pod_labels,
    text,
    texts,
)

RULES = {
    "WORK-001": Rule(HINT, "containers say what they need and may use", "Set resources.requests for cpu and memory and resources.limits for memory"),
    "WORK-002": Rule(HINT, "containers with ports say when they are ready", "Add a readinessProbe"),
    "WORK-003": Rule(HINT, "containers that run for ever say whether they are alive", "Add a livenessProbe"),
    "WORK-004": Rule(HINT, "several pods have a disruption budget", "Add a PodDisruptionBudget for the pods' labels"),
    "WORK-005": Rule(WARNING, "a disruption budget lets nodes be drained", "Allow one pod to be away: maxUnavailable: 1"),
    "WORK-006": Rule(HINT, "pods without rights get no token", "Set automountServiceAccountToken: false"),
}


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes what pods leave open that a shared cluster should know."""
    budgets = [placed for placed in objects if kind(placed.object) == "PodDisruptionBudget"]
    accounts = [placed for placed in objects if kind(placed.object) == "ServiceAccount"]
    bindings = [placed for placed in objects if kind(placed.object) in ("RoleBinding", "ClusterRoleBinding")]
    scaled = {text(get(placed.object, "spec", "scaleTargetRef", "name")): get(placed.object, "spec", "minReplicas") for placed in objects
              if kind(placed.object) == "HorizontalPodAutoscaler"}
    for placed in objects:
        if pod(placed.object) and not any(event.startswith("test") for event in hook_events(placed.object)):
            for container in containers(placed.object):
                _check_container(placed, container, report)
            _check_token(placed, accounts, bindings, report)
            _check_budget(placed, budgets, scaled.get(object_name(placed.object)), report)


def _check_container(placed: Placed, container: Container, report: Report) -> None:
    who, near = f"{name(placed)}, container {container.name}", container.data.get("name")
    resources = mapping(container.data.get("resources"))
    requests, limits = mapping(resources.get("requests")), mapping(resources.get("limits"))
    # Kubernetes takes a limit for the request that is missing.
    missing = [f"requests.{key}" for key in ("cpu", "memory") if not requests.get(key) and not limits.get(key)]
    missing += ["limits.memory"] if not limits.get("memory") else []
    if missing and container.sort != EPHEMERAL:
        note_near(report, "WORK-001", f"{who}: no {', '.join(missing)}", placed, (*container.steps, "resources"), near)
    if container.sort != CONTAINER or kind(placed.object) not in LASTING:
        return
    if maps(container.data.get("ports")) and not mapping(container.data.get("readinessProbe")):
        note_near(report, "WORK-002", f"{who}: has ports and no readinessProbe", placed, container.steps, near)
    if not mapping(container.data.get("livenessProbe")):
        note_near(report, "WORK-003", f"{who}: no livenessProbe", placed, container.steps, near)


def _check_token(placed: Placed, accounts: list[Placed], bindings: list[Placed], report: Report) -> None:
    spec, steps = pod(placed.object) or ({}, ())
    account = text(spec.get("serviceAccountName")) or text(spec.get("serviceAccount")) or "default"
    bound = any(subject.get("kind") == "ServiceAccount" and subject.get("name") == account
                for binding in bindings for _index, subject in maps(binding.object.get("subjects")))
    own = [get(known.object, "automountServiceAccountToken") for known in accounts if object_name(known.object) == account]
    if not bound and spec.get("automountServiceAccountToken") is None and False not in own or spec.get("automountServiceAccountToken") is True and not bound:
        message = f"{name(placed)} mounts a token of the account {account}, which the package gives no rights"
        note(report, "WORK-006", message, placed, (*steps, "automountServiceAccountToken"))


def _check_budget(placed: Placed, budgets: list[Placed], scaled: object, report: Report) -> None:
    if kind(placed.object) not in ("Deployment", "StatefulSet"):
        return
    replicas = get(placed.object, "spec", "replicas")
    replicas = max((number for number in (replicas, scaled) if isinstance(number, int)), default=1)
    labels = pod_labels(placed.object)
    covering = [budget for budget in budgets
                if namespace(budget.object) == namespace(placed.object) and _selects(get(budget.object, "spec", "selector"), labels)]
    if replicas > 1 and not covering:
        note(report, "WORK-004", f"{name(placed)} runs {replicas} pods and has no PodDisruptionBudget", placed, ("spec", "replicas"))
    for budget in covering:
        spec = mapping(budget.object.get("spec"))
        least, away = spec.get("minAvailable"), spec.get("maxUnavailable")
        whole = isinstance(least, int) and not isinstance(least, bool) and least >= replicas > 0
        if whole or least == "100%" or away in ("0%", "0") or away == 0 and away is not False:
            key = "minAvailable" if least is not None else "maxUnavailable"
            note(report, "WORK-005", f"{name(budget)} lets none of the pods of {name(placed)} be moved", budget, ("spec", key))


def _selects(selector: object, labels: dict) -> bool:
    """Whether a label selector takes pods with these labels; an empty one takes all."""
    wanted = mapping(get(selector, "matchLabels"))
    return isinstance(selector, dict) and all(labels.get(key) == value for key, value in wanted.items()) and all(
        _fits(item, labels) for _index, item in maps(selector.get("matchExpressions")))


def _fits(item: dict, labels: dict) -> bool:
    key, operator, values = text(item.get("key")), item.get("operator"), texts(item.get("values"))
    if operator in ("Exists", "DoesNotExist"):
        return (key in labels) == (operator == "Exists")
    return (labels.get(key) in values) == (operator == "In")
