# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every reason against a deploy, found before anything is created: each check passes, fails, or is not checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

from ..context import Context
from ..errors import Conflict, Forbidden, KubeError, PreflightError
from ..kube.objects import label
from ._desired import Desired
from .request import Request
from .volumes import _measures
from .volumes._immutable import Replacement
from .volumes._measures import Measures
from .volumes._volumes import Growth

# A pod's name and its controller-revision label are made from these.
_LIMIT = {"StatefulSet": 52, "CronJob": 52, "Service": 63, "Deployment": 253}


@dataclass(frozen=True)
class Check:
    """outcome: passed, failed, or skipped with the missing right or reason in message."""

    name: str
    outcome: str
    message: str = ""


def check(kube, request: Request, wanted: Desired, objects: list[dict], installed: bool, namespace_exists: bool, ctx: Context) -> list[dict]:
    """As examine(), for objects of which none has to be made anew or to grow."""
    return examine(kube, request, wanted, objects, installed, namespace_exists, ctx)[1]


def examine(
    kube, request: Request, wanted: Desired, objects: list[dict], installed: bool, namespace_exists: bool, ctx: Context, changes: Sequence[dict] = (),
    back: bool = False, ahead: Callable | None = None,
) -> tuple[Measures, list[dict]]:
    """Runs all checks side by side; returns what the change needs besides being applied, and the checks.

    changes: path, before, after of the document. back: the objects are those of an earlier revision. ahead: for _measures.look. Raises PreflightError
    that lists every failure, warns of nothing else.
    """
    measures = Measures()
    if namespace_exists and back:
        measures = _measures.back(kube, request, objects, ctx)
    elif namespace_exists:
        measures = _measures.look(kube, request, objects, changes, ahead)
    late: list[Replacement] = []
    jobs = [lambda obj=obj: _accepted(kube, obj, request, wanted, installed, measures, late) for obj in objects] if namespace_exists else []
    jobs += [lambda item=item: _grows(kube, request, item) for item in measures.growths]
    jobs.append(lambda: [Check("volumes and fields that never change", "failed", text) for text in measures.refusals])
    jobs += [lambda: _names(objects), lambda: _storage(kube, objects), lambda: _secrets(kube, request, wanted, objects, namespace_exists)]
    jobs.append(lambda: _architecture(kube, wanted))
    # More would cost a TLS handshake each, which is more than most of these requests.
    with ThreadPoolExecutor(max_workers=4) as pool:
        checks = [item for found in pool.map(lambda job: job(), jobs) for item in found]
    failed = [item for item in checks if item.outcome == "failed"]
    if failed:
        raise PreflightError(
            f"{wanted.entry.title} cannot be deployed as {request.title}: {'; '.join(item.message for item in failed)}", where=failed[0].name,
            todo="correct this and run again; nothing was created", details={"checks": [asdict(item) for item in checks]},
        )
    return measures.with_replacements(late), [asdict(item) for item in checks]


def _grows(kube, request: Request, item: Growth) -> list[Check]:
    """Asks the API server, which also knows quotas."""
    name = f"claim {item.claim} may grow"
    try:
        kube.patch("v1", "PersistentVolumeClaim", item.claim, request.namespace, _measures.growth_patch(item), dry_run=True)
    except KubeError as error:
        if error.status in (400, 403, 422):
            return [Check(name, "failed", f"claim {item.claim} cannot grow from {item.before} to {item.after}: {error.what}")]
        return [Check(name, "skipped", error.what)]
    return [Check(name, "passed")]


def _accepted(
    kube, obj: dict, request: Request, wanted: Desired, installed: bool, measures: Measures, late: list[Replacement],
) -> list[Check]:
    name = f"API server accepts {label(obj)}"
    try:
        if kube.resource(obj["apiVersion"], obj["kind"]).namespaced:
            obj = {**obj, "metadata": {"namespace": request.namespace, **obj["metadata"]}}
        obj = measures.sized(obj)
        if installed and not measures.replaces(obj):
            kube.apply(obj, field_manager="acmp-preflight", force=True, dry_run=True)
        else:
            kube.create(obj, dry_run=True)
    except Conflict:
        # What is to be replaced is there, and was found acceptable before that was noticed.
        return [Check(name, "passed") if measures.replaces(obj) else _owner(kube, obj, wanted, request, name)]
    except KubeError as error:
        found = _measures.verdict(kube, request, obj, error) if installed else None
        if found is not None and found.replacement:
            late.append(found.replacement)
            return [Check(name, "passed")]
        if found is not None:
            # Told already where it is a StatefulSet.
            return [] if found.refusal in measures.refusals else [Check(name, "failed", found.refusal)]
        if error.status in (400, 403, 404, 409, 422):
            return [Check(name, "failed", f"{label(obj)}: {error.what}{f' ({error.todo})' if isinstance(error, Forbidden) else ''}")]
        return [Check(name, "skipped", error.what)]
    return [Check(name, "passed")]


def _owner(kube, obj: dict, wanted: Desired, request: Request, name: str) -> Check:
    meta = obj["metadata"]
    live = kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"))
    if live is None:
        return Check(name, "passed")
    notes = live["metadata"].get("annotations", {})
    if notes.get("meta.helm.sh/release-name") == wanted.release and notes.get("meta.helm.sh/release-namespace") == request.namespace:
        return Check(name, "passed")
    from ..manifests import owners

    who = owners.manager(live)
    told = ", and adopt takes over Helm releases only, where the package is a chart" if request.adopt else ""
    return Check(name, "failed", f"{label(obj)} exists already and {f'is managed by {who}' if who else 'belongs to nobody who says so'}{told}")


def _names(objects: list[dict]) -> list[Check]:
    long = [obj for obj in objects if len(obj["metadata"]["name"]) > _LIMIT.get(obj["kind"], 253)]
    if not long:
        return [Check("names fit", "passed")]
    return [Check("names fit", "failed", f"{label(obj)} is longer than {_LIMIT[obj['kind']]} characters; choose a shorter instance name") for obj in long]


def _storage(kube, objects: list[dict]) -> list[Check]:
    claims = [obj for obj in objects if obj["kind"] == "PersistentVolumeClaim"]
    for obj in objects:
        if obj["kind"] == "StatefulSet":
            claims += obj.get("spec", {}).get("volumeClaimTemplates") or []
    if not claims:
        return []
    name = "storage classes exist"
    try:
        classes = kube.list("storage.k8s.io/v1", "StorageClass")
    except Forbidden:
        return [Check(name, "skipped", "needs list storageclasses")]
    known = {item["metadata"]["name"]: item["metadata"].get("annotations", {}) for item in classes}
    default = any(notes.get("storageclass.kubernetes.io/is-default-class") == "true" for notes in known.values())
    failed = []
    for claim in claims:
        wished = claim.get("spec", {}).get("storageClassName")
        if wished and wished not in known:
            failed.append(Check(name, "failed", f'there is no storage class "{wished}" (known: {", ".join(sorted(known)) or "none"})'))
        elif wished is None and not default and not claim.get("spec", {}).get("volumeName"):
            failed.append(Check(name, "failed", f"the cluster has no default storage class (known: {', '.join(sorted(known)) or 'none'}); name one"))
    return list(dict.fromkeys(failed)) or [Check(name, "passed")]


def _secrets(kube, request: Request, wanted: Desired, objects: list[dict], namespace_exists: bool) -> list[Check]:
    """Secrets that pods read at start and nobody creates: a pod would wait for ever."""
    if not namespace_exists:
        return []
    made = {obj["metadata"]["name"] for obj in objects if obj["kind"] == "Secret"} | {item.name for item in wanted.generated}
    needed = sorted(_referenced(objects) - made)
    checks = []
    for name in needed:
        title = f"Secret {name} exists"
        try:
            there = kube.get("v1", "Secret", name, request.namespace) is not None
        except Forbidden:
            checks.append(Check(title, "skipped", "needs get secrets"))
            continue
        checks.append(Check(title, "passed") if there else Check(title, "failed", f'Secret "{name}" does not exist in namespace {request.namespace}'))
    return checks


def _referenced(objects: list[dict]) -> set[str]:
    found = set()
    for obj in objects:
        spec = obj.get("spec", {})
        pod = spec if obj["kind"] == "Pod" else (spec.get("template") or {}).get("spec") or {}
        for container in [*(pod.get("containers") or []), *(pod.get("initContainers") or [])]:
            for env in container.get("env") or []:
                reference = (env.get("valueFrom") or {}).get("secretKeyRef") or {}
                if reference.get("name") and not reference.get("optional"):
                    found.add(reference["name"])
            for env in container.get("envFrom") or []:
                reference = env.get("secretRef") or {}
                if reference.get("name") and not reference.get("optional"):
                    found.add(reference["name"])
        for volume in pod.get("volumes") or []:
            reference = volume.get("secret") or {}
            if reference.get("secretName") and not reference.get("optional"):
                found.add(reference["secretName"])
    return found


def _architecture(kube, wanted: Desired) -> list[Check]:
    offered = set(wanted.entry.spec.get("architectures", []))
    name = "a node has the package's architecture"
    if not offered:
        return []
    try:
        nodes = kube.list("v1", "Node")
    except Forbidden:
        return [Check(name, "skipped", "needs list nodes")]
    read = {"amd64": "x86_64", "arm64": "aarch64"}
    have = {read.get(arch, arch) for arch in (node.get("status", {}).get("nodeInfo", {}).get("architecture", "") for node in nodes) if arch}
    if not have or have & offered:
        return [Check(name, "passed")]
    return [Check(name, "failed", f"the package supports {', '.join(sorted(offered))}, and the nodes are {', '.join(sorted(have))}")]
