# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: fields that Kubernetes never changes: what a change of them means in words, and where the object can safely be made anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import InputError
from ...kube import quantities
from ...kube.objects import label
from . import _volumes

# Besides these, no field of the kind is compared: the API server decides whether there is a fault, this tells which.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "StatefulSet": ("spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"),
    "Deployment": ("spec.selector",), "DaemonSet": ("spec.selector",), "ReplicaSet": ("spec.selector",),
    "Job": ("spec.selector", "spec.completionMode", "spec.completions", "spec.template"),
    "Service": ("spec.clusterIP", "spec.clusterIPs"),
    "PersistentVolumeClaim": ("spec.storageClassName", "spec.accessModes", "spec.volumeMode", "spec.volumeName", "spec.selector"),
    "ConfigMap": ("immutable", "data", "binaryData"), "Secret": ("type", "immutable", "data", "stringData"),
    "RoleBinding": ("roleRef",), "ClusterRoleBinding": ("roleRef",), "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "PriorityClass": ("value",), "IngressClass": ("spec.controller",),
}
# What the API server makes of a StatefulSet that leaves them out: for it, left out is not the same as unchanged.
_DEFAULTS = {"spec.podManagementPolicy": "OrderedReady"}
_WORDS = re.compile(
    r"field is immutable|immutable after creation|updates to \w+ spec for fields other than|may not change once set|field is immutable when `immutable` is set"
    r"|spec is immutable after creation|cannot change roleRef|updates to \w+ are forbidden|updates to provisioner are forbidden")
_AGAIN = "remove the instance with delete_policy keep and deploy it again: its volumes stay"
_TODO = {
    "StatefulSet": _AGAIN, "Deployment": _AGAIN, "DaemonSet": _AGAIN, "ReplicaSet": _AGAIN,
    "Service": "leave the field out to keep the address, or delete the Service and run again: it gets a new one",
    "PersistentVolumeClaim": "leave it as it is; data moves to another kind of volume by a backup and a new instance",
    "ConfigMap": "a package gives such an object a new name with each content, or does not make it immutable",
    "Secret": "a package gives such an object a new name with each content, or does not make it immutable",
}


@dataclass(frozen=True)
class Replacement:
    """An object that is deleted, and made anew by the change itself. uid: of the present one. orphan: whether its pods stay."""

    api_version: str
    kind: str
    name: str
    namespace: str
    uid: str
    orphan: bool

    @property
    def action(self) -> str:
        return f"replace {self.kind} {self.name}" + (", its pods stay" if self.orphan else ", which has ended")


@dataclass(frozen=True)
class Verdict:
    """Either a replacement, or the sentence that refuses."""

    refusal: str = ""
    replacement: Replacement | None = None


def concerns(said: str) -> bool:
    """Whether an API server's refusal is about a field that never changes."""
    return bool(_WORDS.search(said))


def judge(live: Mapping[str, Any], wanted: Mapping[str, Any], said: str, claims: Iterable[str] = ()) -> Verdict:
    """What to do where the API server refuses to make live what is wanted. said: its words. claims: names of the namespace's claims."""
    found = differences(live, wanted)
    kind = str(wanted.get("kind"))
    if kind == "StatefulSet":
        fault = _keeps_data(live, wanted, found, claims)
    elif kind == "Job":
        fault = None if _ended(live) else "it is still at work; wait until it has ended, or delete it, and run again"
    else:
        fault = _TODO.get(kind, "delete it by hand if it may be gone for a moment, and run again: it is made anew")
    if fault is None:
        meta = live["metadata"]
        return Verdict(replacement=Replacement(
            str(wanted["apiVersion"]), kind, meta["name"], meta.get("namespace") or "", meta.get("uid", ""), orphan=kind == "StatefulSet"))
    what = "; ".join(path if _hidden(kind, path) else f"{path}: {_shown(before)} → {_shown(after)}" for path, before, after in found) or said
    return Verdict(refusal=f"{label(live)} never changes {what} ({fault})")


def differences(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(path, before, after) of the fields of FIELDS that wanted says otherwise than live; what it leaves out is as it is."""
    found = []
    for path in FIELDS.get(str(wanted.get("kind")), ()):
        before, after = _at(live, path), _at(wanted, path)
        if after is None:
            after = _DEFAULTS.get(path)
        if path.endswith("volumeClaimTemplates"):
            found += _templates(before or [], after or [])
        elif after is not None and not _covers(before, after, path.endswith("selector") or path.endswith("ata")):
            found.append((path, before, after))
    return found


def _keeps_data(live, wanted, found, claims: Iterable[str]) -> str | None:
    """Why a StatefulSet cannot be made anew while its pods and claims stay, None where it can."""
    names = {path for path, _before, _after in found}
    if names & {"spec.selector", "spec.serviceName"}:
        return f"its running pods would be lost to it; {_AGAIN}"
    if (_at(live, "spec.persistentVolumeClaimRetentionPolicy") or {}).get("whenDeleted") == "Delete":
        return "it deletes its claims with itself; set persistentVolumeClaimRetentionPolicy.whenDeleted to Retain first, in a change of its own"
    own = _volumes.claims_of(wanted, claims)
    for path, _before, _after in found:
        match = re.fullmatch(r"spec\.volumeClaimTemplates\[(.+)\]\.(.+)", path)
        if match and match[2] != "size" and own.get(match[1]):
            return f"claims that exist keep theirs ({', '.join(own[match[1]])}); {_TODO['PersistentVolumeClaim']}"
    return None


def _templates(before: list, after: list) -> list[tuple[str, Any, Any]]:
    old, new = ({item["metadata"]["name"]: item for item in items} for items in (before, after))
    found: list[tuple[str, Any, Any]] = []
    if list(old) != list(new):
        found.append(("spec.volumeClaimTemplates", list(old), list(new)))
    for name in (name for name in new if name in old):
        path = f"spec.volumeClaimTemplates[{name}]"
        had, size = (_at(item, "spec.resources.requests.storage") for item in (old[name], new[name]))
        if not _same(had, size):
            found.append((f"{path}.size", had, size))
        for key in ("storageClassName", "accessModes", "volumeMode"):
            one, two = _at(old[name], f"spec.{key}"), _at(new[name], f"spec.{key}")
            if two != one and not (key == "volumeMode" and two is None):
                found.append((f"{path}.{key}", one, two))
    return found


def _same(one: Any, two: Any) -> bool:
    try:
        return one == two or quantities.same(one, two)
    except InputError:
        return False


def _covers(before: Any, after: Any, whole: bool) -> bool:
    """Whether before holds everything that after says; whole: and nothing else."""
    if isinstance(after, Mapping):
        if not isinstance(before, Mapping) or (whole and set(before) - set(after)):
            return False
        return all(key in before and _covers(before[key], value, whole) for key, value in after.items() if value is not None)
    if isinstance(after, list):
        return isinstance(before, list) and len(before) == len(after) and all(_covers(one, two, whole) for one, two in zip(before, after, strict=True))
    return before == after or _same(before, after)


def _ended(job: Mapping[str, Any]) -> bool:
    conditions = (job.get("status") or {}).get("conditions") or []
    return any(item.get("type") in ("Complete", "Failed") and item.get("status") == "True" for item in conditions)


def _at(obj: Any, path: str) -> Any:
    for key in path.split("."):
        obj = obj.get(key) if isinstance(obj, Mapping) else None
    return obj


def _hidden(kind: str, path: str) -> bool:
    # Too long to be told, or a secret.
    return path in ("data", "binaryData", "stringData", "spec.template") or (kind == "Secret" and path != "type")


def _shown(value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"matchLabels"}:
        value = value["matchLabels"]
    if isinstance(value, Mapping):
        return ",".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)
