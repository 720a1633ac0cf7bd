# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason against registering a cluster, found before anything is written there or recorded here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from ..api import GROUP
from ..context import Context
from ..errors import Forbidden, InputError, PreflightError
from ..kube.client import Kube
from ..platform import custom_resources, roles, setup
from ..platform.roles import SYSTEM
from ..side import within
from . import reach

# Validation rules in custom resources are understood from here on.
OLDEST = (1, 25)
_ANSWER_SECONDS = 5.0
_RBAC = "rbac.authorization.k8s.io"
_CRDS = "apiextensions.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_APPLY = ("get", "create", "patch")


@dataclass(frozen=True)
class Check:
    """outcome: passed, failed, or skipped with the missing right in message."""

    name: str
    outcome: str
    message: str = ""


@dataclass(frozen=True, order=True)
class Right:
    """A right to ask for; resource is the plural, with /subresource."""

    group: str
    resource: str
    verb: str
    namespace: str = ""
    name: str = ""


def opened(config: Mapping[str, Any], ctx: Context) -> Kube:
    """A connection to a cluster that answered and named itself within five seconds; ConnectionFailed names the address.

    config: one that was given with this task, whose options said whether it may run a program.
    """
    def first() -> Kube:
        kube = reach.to_cluster(config, ctx, _ANSWER_SECONDS - 0.5, plugins=True)
        kube.identity()
        return kube

    within(_ANSWER_SECONDS, first, config["clusters"][0]["cluster"]["server"])
    # The one to work with is as patient as any.
    return reach.to_cluster(config, ctx, plugins=True)


def identity(name: str, uid: str, home: Kube, records: Iterable[Mapping]) -> None:
    """Raises InputError where the cluster is registered under another name already, or is the management cluster itself."""
    if uid == home.identity():
        raise InputError(
            f"This is the management cluster itself, which is registered as {setup.LOCAL}", where=name,
            todo=f"use the cluster {setup.LOCAL}, or check the connection")
    for record in records:
        if record["metadata"]["name"] != name and (record.get("spec") or {}).get("uid") == uid:
            raise InputError(
                f"This cluster is registered already, as {record['metadata']['name']}", where=name, todo="use that name, or remove it first")


def check(kube: Kube, name: str, own_account: bool, ctx: Context) -> bool:
    """Version, rights, and other platforms of a cluster, side by side; PreflightError lists every failure.

    own_account: the platform makes its service account there; else it works there with the credential it was given. Returns whether the platform's
    objects are to be installed there: not by a credential of few rights where somebody installed them already.
    """
    with ThreadPoolExecutor(max_workers=16, thread_name_prefix="acmp-check") as pool:
        version, foreign = pool.submit(_version, kube), pool.submit(_foreign, kube)
        everything = kube.can_i("*", "*", "*")
        installs = own_account or everything or not _installed(kube)
        checks = [version.result(), foreign.result(), Check("rights", "passed") if everything else _rights(kube, installs, pool)]
    failed = [item for item in checks if item.outcome == "failed"]
    if failed:
        raise PreflightError(
            f"The cluster {name} cannot be registered: {'; '.join(item.message for item in failed)}", where=kube.server,
            todo="correct this and run again; nothing was changed", details={"checks": [asdict(item) for item in checks]})
    if everything and not own_account:
        ctx.warn(
            f"The credential given for cluster {name} is a cluster administrator's and is stored as it is: every manager of the platform can use it. "
            "credential: service_account stores a token with a manager's rights in its place.")
    return installs


def missing_rights(kube: Kube, wanted: Iterable[Right], pool: ThreadPoolExecutor) -> list[Right]:
    """Those of the rights that the caller does not have, asked side by side."""
    wanted = list(wanted)

    def allowed(right: Right) -> bool:
        resource, _slash, subresource = right.resource.partition("/")
        return kube.can_i(right.verb, right.group, resource, right.namespace or None, subresource, right.name)

    return [right for right, yes in zip(wanted, pool.map(allowed, wanted), strict=True) if not yes]


def daily() -> list[Right]:
    """What the platform does on a registered cluster from day to day: the rules of its service account there; PURE."""
    return _granted(("acmp-manager", "acmp-renewer"))


def installing() -> list[Right]:
    """What an installation there takes: to write its objects, and to have what its roles grant; PURE."""
    objects = [*custom_resources.definitions(custom_resources.WORKLOAD_KINDS), *roles.workload_objects()]
    found = {Right("", "configmaps", verb, SYSTEM) for verb in _APPLY}
    found |= {Right(_ADMISSION, plural, verb) for plural in ("validatingadmissionpolicies", "validatingadmissionpolicybindings") for verb in _APPLY}
    plurals = {"CustomResourceDefinition": (_CRDS, "customresourcedefinitions"), "Namespace": ("", "namespaces"), "ServiceAccount": ("", "serviceaccounts")}
    for obj in objects:
        group, plural = plurals.get(obj["kind"], (_RBAC, f"{obj['kind'].lower()}s"))
        found |= {Right(group, plural, verb, obj["metadata"].get("namespace", "")) for verb in _APPLY}
    return sorted(found)


def grants() -> list[Right]:
    """What the roles installed there grant: RBAC lets nobody grant what they do not have, unless they may escalate; PURE."""
    return _granted(None)


def in_words(rights: Iterable[Right]) -> str:
    """``create, patch namespaces, clusterroles.rbac.authorization.k8s.io; get secrets in acmp-system``; PURE."""
    verbs: dict[tuple[str, str], set[str]] = {}
    for right in rights:
        resource = f"{right.resource}.{right.group}" if right.group else right.resource
        verbs.setdefault((right.namespace, resource), set()).add(right.verb)
    resources: dict[tuple[str, str], list[str]] = {}
    for (namespace, resource), asked in sorted(verbs.items()):
        resources.setdefault((namespace, ", ".join(sorted(asked))), []).append(resource)
    return "; ".join(f"{asked} {', '.join(names)}{f' in {namespace}' if namespace else ''}" for (namespace, asked), names in resources.items())


def _granted(names: tuple[str, ...] | None) -> list[Right]:
    found = set()
    for obj in roles.workload_objects():
        if obj["kind"] not in ("ClusterRole", "Role") or (names is not None and obj["metadata"]["name"] not in names):
            continue
        for rule in obj["rules"]:
            found |= {
                Right(group, resource, verb, obj["metadata"].get("namespace", ""), name)
                for group in rule["apiGroups"] for resource in rule["resources"] for verb in rule["verbs"] for name in rule.get("resourceNames", [""])
            }
    return sorted(found)


def _rights(kube: Kube, installs: bool, pool: ThreadPoolExecutor) -> Check:
    wanted = set(daily())
    if installs:
        wanted |= set(installing())
        free = [kube.can_i("escalate", _RBAC, plural) and kube.can_i("bind", _RBAC, plural) for plural in ("clusterroles", "roles")]
        wanted |= set() if all(free) else set(grants())
    lacking = missing_rights(kube, sorted(wanted), pool)
    if not lacking:
        return Check("rights", "passed")
    return Check("rights", "failed", f"the given credential lacks {len(lacking)} rights, which an administrator of that cluster grants: {in_words(lacking)}")


def _installed(kube: Kube) -> bool:
    try:
        return setup.recorded_schema(kube) == custom_resources.SCHEMA
    except Forbidden:
        return False


def _version(kube: Kube) -> Check:
    found = kube.version()
    number = tuple(int("".join(letter for letter in str(found.get(part)) if letter.isdigit()) or 0) for part in ("major", "minor"))
    if number < OLDEST:
        return Check("version", "failed", f"Kubernetes {found.get('gitVersion')} is older than {'.'.join(map(str, OLDEST))}")
    return Check("version", "passed")


def _foreign(kube: Kube) -> Check:
    title = "other platforms"
    try:
        found = kube.list("apiextensions.k8s.io/v1", "CustomResourceDefinition", metadata_only=True)
    except Forbidden:
        return Check(title, "skipped", "not checked (needs list customresourcedefinitions)")
    ours = {item["metadata"]["name"]: item for item in found if item["metadata"]["name"].endswith(f".{GROUP}")}
    foreign = sorted(name for name, item in ours.items() if (item["metadata"].get("labels") or {}).get("app.kubernetes.io/part-of") != "acmp")
    if foreign:
        return Check(title, "failed", f"another platform with the API group {GROUP} is installed there ({', '.join(foreign)})")
    return Check(title, "passed")
