# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the live objects of an instance have become, compared with the manifest that was deployed."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...context import Context
from ...errors import Forbidden, InputError, KubeError, NotFound
from ...kube import autoscalers
from ...kube import quantities
from ...side import Pool
from .._plan import Plan
from ..request import Request
from ..ways import _delivery
from . import _others, _words
from ._compare import Difference, differences, plain

if TYPE_CHECKING:
    from .._think import Thought

MISSING = "missing"
# Of the sentence that warns, and of one difference in a sentence; the result holds all of them, up to a bound.
_NAMED, _LONGEST, _MOST = 5, 120, 100
# Releases of Helm are Secrets, too, and large.
_OWN_SECRETS = "type!=helm.sh/release.v1"
_THREADS = 4


def considered(kube: Any, request: Request, thought: Thought, ctx: Context) -> Thought:
    """An empty plan with the drift that was found, and with a repair where the request asks for one and there is something to repair."""
    objects = _delivery.deployed(kube, request, thought, ctx)
    found = look(kube, request.namespace, objects, ctx)
    if found and thought.seen.status.get("secrets"):
        from .. import _secrets

        # Known, they are masked wherever the chart may have put them.
        _secrets.stored(kube, request, ctx)
    if not found or request.drift != "repair":
        if found:
            ctx.warn(f"{sentence(request.title, found)}. drift: repair puts it back.")
        return replace(thought, drift=found)
    how = _delivery.of(thought.wanted.entry.spec).repair(kube, request, thought, objects)
    return replace(thought, drift=found, plan=Plan("repair", wait=request.wait, actions=actions(found), **how))


def look(kube: Any, namespace: str, objects: Iterable[dict], ctx: Context) -> list[dict[str, Any]]:
    """What differs: [{"object": "Deployment orders", "what": "replicas", "expected": 1, "found": 5}], an object that is gone has what missing.

    Only fields that the objects name count, and none that belongs to somebody else (_others). One request for each kind, one more for each
    object that seems to differ: the server's dry run decides. Secrets show which key differs. What may not be read is named in a warning.
    """
    wanted = [obj for obj in objects if _words.name(obj)]
    live, unread = _live(kube, namespace, wanted)
    if unread:
        ctx.warn(f"Not compared with what runs, because they may not be read: {', '.join(unread)}")
    found: list[dict[str, Any]] = []
    suspects = []
    for obj in wanted:
        key = _key(kube, obj, namespace)
        if key not in live:
            continue
        if live[key] is None:
            # A Job that is told to go when it is done is not missed.
            if not (obj["kind"] == "Job" and "ttlSecondsAfterFinished" in (obj.get("spec") or {})):
                found.append(_item(_words.label(obj, namespace), MISSING))
            continue
        drift = compare(obj, live[key])
        if drift:
            suspects.append((obj, live[key], drift))
    if any(difference.path == ("spec", "replicas") for _obj, _live_one, drift in suspects for difference in drift):
        owned = autoscalers.scaled(kube, namespace)
        suspects = [(obj, one, [each for each in drift if not _scaled(obj, each, owned)]) for obj, one, drift in suspects]
    for obj, one, drift in suspects:
        if drift:
            found += [_described(one, each, namespace) for each in _judged(kube, obj, one, drift, namespace)]
    return [*found[:_MOST], _item("", f"and {len(found) - _MOST} more")] if len(found) > _MOST else found


def compare(wanted: dict, live: dict) -> list[Difference]:
    """Pure: the fields of an object that are not as wanted; before is what is wanted, after what was found."""
    return [each for each in differences(plain(wanted), plain(live), both=False) if not _others.theirs(live, each.path) and not _grown(wanted, each)]


def _grown(wanted: dict, difference: Difference) -> bool:
    """A claim that has become larger: it can never shrink, so nothing puts that back."""
    if wanted["kind"] != "PersistentVolumeClaim" or difference.path != ("spec", "resources", "requests", "storage") or difference.after is None:
        return False
    return quantities.stored(difference.after) > quantities.stored(difference.before)


def sentence(title: str, found: list[dict[str, Any]]) -> str:
    """Pure: the drift of an instance as a warning."""
    shown = [_cut(f"{item['object']} {line(item)}".strip()) for item in found[:_NAMED]]
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{title} is not as it was deployed: {'; '.join(shown)}{more}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def line(item: dict[str, Any], back: bool = False) -> str:
    """Pure: one difference as ``replicas 1 → 5``; back: the way a repair goes."""
    if item["what"] == MISSING:
        return "is missing"
    ends = ("found", "expected") if back else ("expected", "found")
    return _words.sentence(item, *ends).replace("\n", " ")


def actions(found: list[dict[str, Any]]) -> tuple[str, ...]:
    """Pure: what a repair does about it."""
    return tuple(
        f"make {item['object']} again" if item["what"] == MISSING else _cut(f"put back {item['object']}: {line(item, back=True)}".replace(" :", ":"))
        for item in found
    )


def put_back(kube: Any, namespace: str, objects: Iterable[dict], say: Callable[[str], Any]) -> None:
    """Sets fields of custom resources as the objects say: where Helm merges by itself, it compares only manifests of these, and sees no change."""
    for obj in objects:
        group = str(obj["apiVersion"]).rpartition("/")[0]
        if "." not in group or group.endswith(".k8s.io"):
            continue
        live = kube.get(obj["apiVersion"], obj["kind"], _words.name(obj), _space(kube, obj, namespace))
        body = merge(obj, compare(obj, live)) if live else {}
        if body:
            say(f"setting {_words.label(obj, namespace)} again, which Helm left as it was")
            kube.patch(obj["apiVersion"], obj["kind"], _words.name(obj), _space(kube, obj, namespace), body)


def merge(obj: dict, found: Iterable[Difference]) -> dict[str, Any]:
    """Pure: a merge patch that gives an object's fields their wanted values; lists are replaced whole."""
    body: dict[str, Any] = {}
    for difference in found:
        steps = list(itertools.takewhile(lambda step: isinstance(step, str), difference.path))
        target, wanted = body, obj
        for step in steps[:-1]:
            target, wanted = target.setdefault(step, {}), wanted[step]
        target[steps[-1]] = wanted[steps[-1]]
    return body


def undone(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pure: what a repair changes, as _diff.changes says it."""
    return [
        _words.item(item["object"], "added") if item["what"] == MISSING else _words.item(item["object"], item["what"], item["found"], item["expected"])
        for item in found
    ]


def _live(kube: Any, namespace: str, wanted: list[dict]) -> tuple[dict[tuple, dict | None], list[str]]:
    """Objects by key, None for one that is not there; and what may not be read. One of a kind is asked for by name: a list of all grows."""
    groups: dict[tuple, list[dict]] = {}
    unread: list[str] = []
    for obj in wanted:
        try:
            space = _space(kube, obj, namespace)
        except NotFound:
            unread.append(f"{obj['kind']} (unknown to this cluster)")
            continue
        groups.setdefault((obj["apiVersion"], obj["kind"], space), []).append(obj)

    def read(group: tuple) -> list[dict] | None:
        version, kind, space = group
        try:
            if len(groups[group]) == 1:
                one = kube.get(version, kind, _words.name(groups[group][0]), space)
                return [one] if one else []
            return kube.list(version, kind, space, field_selector=_OWN_SECRETS if (version, kind) == ("v1", "Secret") else None)
        except (Forbidden, NotFound):
            return None

    with Pool(min(_THREADS, len(groups))) as pool:
        answers = dict(zip(groups, pool.map(read, groups), strict=True))
    found: dict[tuple, dict | None] = {}
    for group, items in answers.items():
        if items is None:
            unread.append(group[1])
            continue
        known = {_words.name(item): item for item in items}
        for obj in groups[group]:
            found[(*group, _words.name(obj))] = known.get(_words.name(obj))
    return found, list(dict.fromkeys(unread))


def _space(kube: Any, obj: dict, namespace: str) -> str | None:
    return (obj["metadata"].get("namespace") or namespace) if kube.resource(obj["apiVersion"], obj["kind"]).namespaced else None


def _key(kube: Any, obj: dict, namespace: str) -> tuple:
    try:
        return obj["apiVersion"], obj["kind"], _space(kube, obj, namespace), _words.name(obj)
    except NotFound:
        return ()


def _scaled(obj: dict, difference: Difference, owned: dict) -> bool:
    return difference.path == ("spec", "replicas") and (obj["kind"], _words.name(obj)) in owned


def _judged(kube: Any, obj: dict, live: dict, drift: list[Difference], namespace: str) -> list[Difference]:
    """Of what seems to differ, what the server would change: it knows defaults and forms of values that nobody else does."""
    space = _space(kube, obj, namespace)
    body = {**obj, "metadata": {**obj["metadata"], **({"namespace": space} if space else {})}}
    try:
        after = kube.apply(body, field_manager="acmp-drift", force=True, dry_run=True)
    except (KubeError, InputError):
        # Fields that never change, a missing right: the plain comparison has to do.
        return drift
    real = [each.path for each in compare(after, live)]
    return [each for each in drift if any(each.path[:len(path)] == path or path[:len(each.path)] == each.path for path in real)]


def _described(live: dict, difference: Difference, namespace: str) -> dict[str, Any]:
    item = _words.described(live, difference, namespace)
    return _item(item["object"], item["what"], item["before"], item["after"])


def _item(obj: str, what: str, expected: Any = None, found: Any = None) -> dict[str, Any]:
    return {"object": obj, "what": what, "expected": expected, "found": found}
