# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is rendered fits a cluster: names, namespaces, API versions, hooks, no object twice."""

from __future__ import annotations

import re

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name, note
from ._objects import annotation, group, hook_events, kind, namespace, object_name, text
from ._olm import CSV
from ._reading import LARGEST
from ._rights import CLUSTER_SCOPED

RULES = {
    "WORK-030": Rule(ERROR, "names of StatefulSets and CronJobs leave room for what Kubernetes adds", "Shorten the name to 52 characters"),
    "WORK-031": Rule(ERROR, "names are ones that Kubernetes takes", "Use lower-case letters, digits and -; at most 63 characters for a Service"),
    "WORK-032": Rule(ERROR, "no object is made twice", "Name one of the two otherwise, or leave it out"),
    "WORK-033": Rule(WARNING, "objects go into the namespace they are deployed to", "Leave metadata.namespace out, or write {{ .Release.Namespace }}"),
    "WORK-034": Rule(ERROR, "API versions are served by today's Kubernetes", "Use the version that took its place"),
    "WORK-035": Rule(WARNING, "API versions are served by the newest Kubernetes", "Use the version that took its place"),
    "WORK-036": Rule(HINT, "hooks say when they are deleted", "Add the annotation helm.sh/hook-delete-policy"),
}

NAME_LIMIT = 52
# So many namespaces are looked for in the chart's files; a sound package knows one or two.
_NAMESPACES = 20
_LABEL = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
# Names of rights may hold colons; kinds of others have rules of their own.
_NAMED = frozenset({
    "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim", "Ingress",
    "PodDisruptionBudget", "NetworkPolicy", "HorizontalPodAutoscaler",
})
# API version -> kinds (() for all), the Kubernetes version that took it away, what took its place.
_GONE: dict[str, tuple[tuple[tuple[str, ...], str, str], ...]] = {
    "extensions/v1beta1": ((("Ingress",), "1.22", "networking.k8s.io/v1"), (("NetworkPolicy",), "1.16", "networking.k8s.io/v1"),
                           (("PodSecurityPolicy",), "1.16", "Pod Security admission"), ((), "1.16", "apps/v1")),
    "apps/v1beta1": (((), "1.16", "apps/v1"),),
    "apps/v1beta2": (((), "1.16", "apps/v1"),),
    "networking.k8s.io/v1beta1": ((("Ingress", "IngressClass"), "1.22", "networking.k8s.io/v1"),),
    "rbac.authorization.k8s.io/v1alpha1": (((), "1.22", "rbac.authorization.k8s.io/v1"),),
    "rbac.authorization.k8s.io/v1beta1": (((), "1.22", "rbac.authorization.k8s.io/v1"),),
    "admissionregistration.k8s.io/v1beta1": (
        (("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"), "1.22", "admissionregistration.k8s.io/v1"),),
    "apiextensions.k8s.io/v1beta1": (((), "1.22", "apiextensions.k8s.io/v1"),),
    "apiregistration.k8s.io/v1beta1": (((), "1.22", "apiregistration.k8s.io/v1"),),
    "certificates.k8s.io/v1beta1": ((("CertificateSigningRequest",), "1.22", "certificates.k8s.io/v1"),),
    "coordination.k8s.io/v1beta1": ((("Lease",), "1.22", "coordination.k8s.io/v1"),),
    "scheduling.k8s.io/v1beta1": ((("PriorityClass",), "1.22", "scheduling.k8s.io/v1"),),
    "storage.k8s.io/v1beta1": ((("CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"), "1.22", "storage.k8s.io/v1"),
                               (("CSIStorageCapacity",), "1.27", "storage.k8s.io/v1")),
    "batch/v1beta1": ((("CronJob",), "1.25", "batch/v1"),),
    "batch/v2alpha1": ((("CronJob",), "1.21", "batch/v1"),),
    "discovery.k8s.io/v1beta1": ((("EndpointSlice",), "1.25", "discovery.k8s.io/v1"),),
    "events.k8s.io/v1beta1": ((("Event",), "1.25", "events.k8s.io/v1"),),
    "policy/v1beta1": ((("PodSecurityPolicy",), "1.25", "Pod Security admission"), (("PodDisruptionBudget",), "1.25", "policy/v1")),
    "node.k8s.io/v1beta1": ((("RuntimeClass",), "1.25", "node.k8s.io/v1"),),
    "autoscaling/v2beta1": (((), "1.25", "autoscaling/v2"),),
    "autoscaling/v2beta2": (((), "1.26", "autoscaling/v2"),),
    "flowcontrol.apiserver.k8s.io/v1beta1": (((), "1.26", "flowcontrol.apiserver.k8s.io/v1"),),
    "flowcontrol.apiserver.k8s.io/v1beta2": (((), "1.29", "flowcontrol.apiserver.k8s.io/v1"),),
    "flowcontrol.apiserver.k8s.io/v1beta3": (((), "1.32", "flowcontrol.apiserver.k8s.io/v1"),),
}
# The oldest Kubernetes that is still looked after by those who sell it.
_OLDEST = (1, 27)


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes objects that an API server refuses, or that end where nobody expects them."""
    seen: dict[tuple, Placed] = {}
    fixed: dict[str, bool] = {}
    for placed in objects:
        _check_name(placed, report)
        _check_version(placed, report)
        _check_twice(placed, seen, report)
        _check_namespace(placed, package, fixed, report)
        if hook_events(placed.object) and kind(placed.object) in ("Job", "Pod") and not annotation(placed.object, "helm.sh/hook-delete-policy"):
            note(report, "WORK-036", f"{name(placed)} is a hook that stays until the next one", placed, ("metadata", "annotations", "helm.sh/hook"))


def _check_name(placed: Placed, report: Report) -> None:
    given, what, steps = object_name(placed.object), kind(placed.object), ("metadata", "name")
    if what in ("StatefulSet", "CronJob") and len(given) > NAME_LIMIT:
        note(report, "WORK-030", f"The name of {name(placed)} has {len(given)} characters, {NAME_LIMIT} are allowed", placed, steps)
    elif given and what == "Service" and not group(placed.object) and not _LABEL.fullmatch(given):
        note(report, "WORK-031", f'"{shown(given)}" is no name of a Service', placed, steps)
    elif given and what in _NAMED and (len(given) > 253 or not _SUBDOMAIN.fullmatch(given)):
        note(report, "WORK-031", f'"{shown(given)}" is no name of a {what}', placed, steps)


def _check_version(placed: Placed, report: Report) -> None:
    version, what = text(placed.object.get("apiVersion")), kind(placed.object)
    for kinds, gone, now in _GONE.get(version, ()):
        if not kinds or what in kinds:
            rule = "WORK-034" if tuple(map(int, gone.split("."))) <= _OLDEST else "WORK-035"
            note(report, rule, f"{name(placed)} is of {version}, gone since Kubernetes {gone}: use {now}", placed, ("apiVersion",))
            return


def _check_twice(placed: Placed, seen: dict[tuple, Placed], report: Report) -> None:
    given = object_name(placed.object)
    # Hooks of different events may share a name; OLM's own objects are made from a list.
    if not given or hook_events(placed.object) or placed.base[:1] == ("spec",):
        return
    key = (group(placed.object), kind(placed.object), namespace(placed.object), given)
    first = seen.setdefault(key, placed)
    if first is not placed:
        also = f", also by {first.path}" if first.path != placed.path else ""
        note(report, "WORK-032", f"{name(placed)} is made twice{also}", placed, ("metadata", "name"))


def _check_namespace(placed: Placed, package: Package, fixed: dict[str, bool], report: Report) -> None:
    given = namespace(placed.object)
    # OLM's own object is read, never applied.
    if not given or kind(placed.object) in (*CLUSTER_SCOPED, CSV):
        return
    if placed.document is not None:
        # What consumers deploy from plain manifests gets its namespace set by kustomize; operators are applied as they are.
        stays = package.mode == "operator"
    else:
        if given not in fixed and len(fixed) < _NAMESPACES:
            fixed[given] = _names(package, given)
        stays = fixed.get(given, False)
    if stays:
        note(report, "WORK-033", f"{name(placed)} goes into the namespace {shown(given)}, wherever it is deployed", placed, ("metadata", "namespace"))


def _names(package: Package, given: str) -> bool:
    """Whether the chart or a default document names this namespace itself, so that it is not the release's."""
    fixed = re.compile(rf"namespace\w{{0,40}}[\"']?[ \t]*:[^\n]{{0,200}}(?<![\w-]){re.escape(given)}(?![\w-])", re.IGNORECASE)
    return any(fixed.search(data.decode("utf-8", "replace")) for path, data in package.tree.items()
               if path.startswith((f"{package.raw_root}/", "manifests/")) and path.endswith((".yaml", ".yml", ".tpl")) and len(data) <= LARGEST)
