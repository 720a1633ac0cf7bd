# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a change needs besides being applied: claims that grow, objects that Kubernetes does not change and that are made anew without losing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from ...context import Context
from ...errors import Forbidden, InstanceError, Interrupted, KubeError
from ..repair import _blocked
from ..request import Request
from . import _immutable, _volumes
from ._immutable import Replacement
from ._volumes import Growth

# So long a class that can expand volumes needs at most to show that somebody works on it.
_SIGN_SECONDS = 5.0
_GONE_SECONDS = 30.0
_ADOPT_SECONDS = 10.0
_LOOK_SECONDS = 0.5
_SENTENCES = {
    "done": "volumes are larger: {names}",
    "restart": "Claims that grow when their pods restart: {names}.",
    "running": "Claims that are still growing after {age}, and go on by themselves: {names}.",
    "quiet": "Claims ask for more, and nobody has begun to make them larger within {age}: {names}. Their storage class says that it can; "
             "ask who runs the storage whether a resizer is at work.",
}


@dataclass(frozen=True)
class Measures:
    """sizes: claim of the chart -> the larger size it keeps. refusals: sentences against the change. claims: UIDs of those there before."""

    growths: tuple[Growth, ...] = ()
    replacements: tuple[Replacement, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    claims: frozenset[str] = frozenset()

    @property
    def actions(self) -> list[str]:
        """As they are done before the change itself; check mode says the same."""
        return [item.action for item in (*self.growths, *self.replacements)]

    def replaces(self, obj: Mapping[str, Any]) -> bool:
        """Whether the object is deleted first, so that it is created and not changed."""
        return any((item.kind, item.name) == (obj.get("kind"), obj["metadata"]["name"]) for item in self.replacements)

    def sized(self, obj: dict[str, Any]) -> dict[str, Any]:
        """A claim of the chart as it is applied: with the size it has already where that is larger."""
        size = self.sizes.get(obj["metadata"]["name"]) if obj.get("kind") == "PersistentVolumeClaim" else None
        if size is None:
            return obj
        spec = obj.get("spec") or {}
        resources = spec.get("resources") or {}
        return {**obj, "spec": {**spec, "resources": {**resources, "requests": {**(resources.get("requests") or {}), "storage": size}}}}

    def with_replacements(self, found: Sequence[Replacement]) -> Measures:
        """The same with replacements found later, each object once."""
        known = {(item.kind, item.name) for item in self.replacements}
        return replace(self, replacements=(*self.replacements, *(item for item in found if (item.kind, item.name) not in known)))


def there(kube: Any, request: Request) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]] | None:
    """The namespace's claims, and its StatefulSets by name; None where they may not be read. Two requests, and no need to know what comes."""
    try:
        return _claims(kube, request), _sets(kube, request)
    except Forbidden:
        # A missing right to look never fails a deployment; what it cannot change, the API server then says.
        return None


def look(
    kube: Any, request: Request, objects: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]] = (), ahead: Callable[[], Any] | None = None,
) -> Measures:
    """Compares rendered objects with the claims and StatefulSets that are there.

    changes: path, before, after of the document. ahead: what there() found, asked for only where it matters. What only the API server knows to be
    immutable, preflight finds.
    """
    if not _volumes.concerned(objects) and not any(obj.get("kind") == "StatefulSet" for obj in objects):
        return Measures()
    known = ahead() if ahead else there(kube, request)
    if known is None:
        return Measures()
    claims, live_sets = known
    found = _volumes.plan(objects, live_sets, claims, None, changes)
    if found.growths:
        found = _volumes.plan(objects, live_sets, claims, _classes(kube), changes)
    replacements, refusals = _judged(objects, live_sets, claims)
    before = frozenset(claim["metadata"]["uid"] for claim in claims)
    return Measures(found.growths, tuple(replacements), found.sizes, tuple(dict.fromkeys([*found.refusals, *refusals])), before)


def back(kube: Any, request: Request, objects: Sequence[Mapping[str, Any]], ctx: Context) -> Measures:
    """What going back to the objects of an earlier revision needs; claims stay as large as they are, and ctx is told so.

    Raises InstanceError where an object cannot be made what it was.
    """
    claims, live_sets = _claims(kube, request), _sets(kube, request)
    replacements, refusals = _judged(objects, live_sets, claims)
    for obj in objects:
        if obj.get("kind") == "Job":
            verdict = dry_run(kube, request, obj, [])
            if verdict is not None and verdict.replacement:
                replacements.append(verdict.replacement)
    if refusals:
        raise InstanceError(f"{request.title} cannot go back: {'; '.join(refusals)}")
    sizes = _volumes.larger(objects, claims)
    kept = {**sizes, **_volumes.above(objects, claims)}
    if kept:
        ctx.warn("Volumes never shrink: " + ", ".join(f"claim {name} stays at {size}" for name, size in sorted(kept.items())))
    return Measures((), tuple(replacements), sizes)


def dry_run(kube: Any, request: Request, obj: Mapping[str, Any], claims: Sequence[str]) -> _immutable.Verdict | None:
    """The verdict over an object that the API server refuses to change, None where it takes it or refuses it for another reason."""
    try:
        kube.apply(obj if obj["metadata"].get("namespace") else {**obj, "metadata": {**obj["metadata"], "namespace": request.namespace}},
                   field_manager="acmp-preflight", dry_run=True)
    except KubeError as error:
        return verdict(kube, request, obj, error, claims)
    return None


def verdict(kube: Any, request: Request, obj: Mapping[str, Any], error: KubeError, claims: Sequence[str] | None = None) -> _immutable.Verdict | None:
    """The same for a refusal that was seen already. claims: names of the namespace's claims, None where they are to be read."""
    said = str(error.details.get("message") or error.what)
    if error.status not in (403, 422) or not _immutable.concerns(said):
        return None
    meta = obj["metadata"]
    live = kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace") or request.namespace)
    if live is None:
        return None
    names = [item["metadata"]["name"] for item in _claims(kube, request)] if claims is None and obj["kind"] == "StatefulSet" else claims or []
    return _immutable.judge(live, obj, said, names)


@contextmanager
def around(kube: Any, request: Request, measures: Measures, say: Callable[[str], Any], ctx: Context) -> Iterator[None]:
    """Carries out the measures, then lets the change itself happen inside the block, then looks whether the pods were taken over.

    Repeated after a kill at any point it goes on where it was: a claim that is larger already is no growth any more, and a StatefulSet
    that is gone is made by the change. Raises InstanceError where the storage says that it cannot grow; nothing else has happened then.
    """
    _grow(kube, request, measures.growths, say, ctx)
    pods = [_take_apart(kube, request, item, say, ctx) for item in measures.replacements]
    yield
    for item, uids in zip(measures.replacements, pods, strict=True):
        _adopted(kube, request, item, uids, ctx)


def _judged(objects, live_sets, claims) -> tuple[list[Replacement], list[str]]:
    names = [claim["metadata"]["name"] for claim in claims]
    replacements, refusals = [], []
    for obj in objects:
        live = live_sets.get(obj["metadata"]["name"]) if obj.get("kind") == "StatefulSet" else None
        if live is None or not _immutable.differences(live, obj):
            continue
        found = _immutable.judge(live, obj, "", names)
        if found.replacement:
            replacements.append(found.replacement)
        else:
            refusals.append(found.refusal)
    return replacements, refusals


def _grow(kube: Any, request: Request, growths: Sequence[Growth], say: Callable[[str], Any], ctx: Context) -> None:
    for item in growths:
        _check_stopping(ctx)
        say(f"claim {item.claim} grows from {item.before} to {item.after}")
        kube.patch("v1", "PersistentVolumeClaim", item.claim, request.namespace, growth_patch(item))
    if not growths or not request.wait:
        return
    started, states = ctx.clock(), {}
    while True:
        live = {claim["metadata"]["name"]: claim for claim in _claims(kube, request)}
        states = {item: _volumes.state(live.get(item.claim) or {}, item.after) for item in growths}
        broken = [item.claim for item, state in states.items() if state == "infeasible"]
        if broken:
            raise InstanceError(
                f"The storage cannot make {', '.join(broken)} larger", where=request.title,
                todo="look at the events of the claim (kubectl describe pvc); ask for less, or ask who runs the storage",
            )
        left = [state for state in states.values() if state in ("running", "quiet")]
        age = ctx.clock() - started
        if not left or age > request.wait_timeout or ("running" not in left and age > _SIGN_SECONDS):
            break
        if ctx.stopping.wait(_LOOK_SECONDS):
            raise Interrupted("the run was stopped while volumes grew")
    for state, sentence in _SENTENCES.items():
        names = [f"{item.claim} ({item.after})" for item, found in states.items() if found == state]
        if names:
            (say if state == "done" else ctx.warn)(sentence.format(names=", ".join(names), age=f"{age:.0f} s"))


def growth_patch(item: Growth) -> dict[str, Any]:
    """The merge patch of a claim that grows."""
    return {"spec": {"resources": {"requests": {"storage": item.after}}}}


def _take_apart(kube: Any, request: Request, item: Replacement, say: Callable[[str], Any], ctx: Context) -> dict[str, str]:
    """Deletes the object; returns the pods it leaves, name -> UID."""
    _check_stopping(ctx)
    say(item.action)
    own = [pod for pod in _pods(kube, request) if _blocked.owner(pod) == item.uid] if item.orphan else []
    propagation = "Orphan" if item.orphan else "Background"
    kube.delete(item.api_version, item.kind, item.name, request.namespace, uid=item.uid, propagation=propagation)
    end = ctx.clock() + _GONE_SECONDS
    while (live := kube.get(item.api_version, item.kind, item.name, request.namespace, metadata_only=True)) and live["metadata"]["uid"] == item.uid:
        if ctx.clock() > end:
            raise InstanceError(
                f"{item.kind} {item.name} does not go", where=request.title,
                todo=f"see what holds it (its finalizers: {', '.join(live['metadata'].get('finalizers') or []) or 'none'}), then run again",
            )
        # Not ctx.stopping: what was taken apart here, the change has to put together again.
        ctx.stopping.wait(0.1)
    return {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in own}


def _adopted(kube: Any, request: Request, item: Replacement, pods: Mapping[str, str], ctx: Context) -> None:
    end = ctx.clock() + _ADOPT_SECONDS
    while pods:
        left = [pod for pod in _pods(kube, request) if pods.get(pod["metadata"]["name"]) == pod["metadata"]["uid"]]
        alone = [pod["metadata"]["name"] for pod in left if not _blocked.owner(pod)]
        if not alone:
            return
        if ctx.clock() > end:
            ctx.warn(f"{item.kind} {item.name} has not taken over {', '.join(alone)}, which ran before it was made anew: look at their labels.")
            return
        ctx.stopping.wait(0.3)
        if ctx.stopping.is_set():
            return


def _pods(kube: Any, request: Request) -> list[dict[str, Any]]:
    return kube.list("v1", "Pod", request.namespace, metadata_only=True)


def _claims(kube: Any, request: Request) -> list[dict[str, Any]]:
    return kube.list("v1", "PersistentVolumeClaim", request.namespace)


def _sets(kube: Any, request: Request) -> dict[str, dict[str, Any]]:
    return {item["metadata"]["name"]: item for item in kube.list("apps/v1", "StatefulSet", request.namespace)}


def _classes(kube: Any) -> list[dict[str, Any]] | None:
    try:
        return kube.list("storage.k8s.io/v1", "StorageClass")
    except Forbidden:
        return None


def _check_stopping(ctx: Context) -> None:
    if ctx.stopping.is_set():
        raise Interrupted("the run was stopped before the next step")
