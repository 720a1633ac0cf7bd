# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what a change does to an instance's objects, in the words of its user: ``replicas 1 → 3``, ``image redis 7.0.15 → 7.2.4``."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ...helm import manifest, post_render
from . import _words
from ._compare import differences, plain

GENERATED = "generated"
_MOST = 100
# They change with every version, which is said already, or are how Helm is told what to keep.
_NOISE = ("helm.sh/chart", "app.kubernetes.io/version", manifest.KEEP)
_SUMS = ("checksum/", post_render.CONFIG_DIGEST)
_SIGNS = {"added": "+", "removed": "-", "kept": "-"}


def changes(
    before: Iterable[dict], after: Iterable[dict], namespace: str, again: Iterable[dict] | None = None, unknown: Collection[str] = (),
    left: Collection[tuple[str, str]] = (),
) -> list[dict[str, Any]]:
    """What differs between two manifests: [{"object": "Deployment orders", "what": "replicas", "before": 1, "after": 3}].

    An object that comes or goes has what added, removed, or kept; a sum of a configuration says pods restart. again: ``after`` rendered a
    second time; what differs there is shown as generated. unknown: texts that stand for secrets in ``after``; fields that hold one are left
    out. left: (kind, name) whose replicas an autoscaler decides.
    """
    one, other, twice = _index(before, namespace), _index(after, namespace), _index(again or (), namespace)
    # The sum of a text that is not known is not known either.
    skip = any(_words.holds(obj, unknown) for obj in other.values())
    found = []
    for key, obj in other.items():
        if key not in one:
            found.append(_words.item(_words.label(obj, namespace), "added"))
            continue
        drawn = {difference.path for difference in differences(plain(obj), plain(twice[key]))} if key in twice else set()
        for difference in differences(plain(one[key]), plain(obj)):
            path = difference.path
            if _noise(path) or skip and _is_sum(path) or path == ("spec", "replicas") and (obj["kind"], _words.name(obj)) in left:
                continue
            if _words.holds(difference.after, unknown) and not _words.is_lines(obj["kind"], path):
                continue
            if _is_sum(path):
                # It is there to do this, and says nothing to anybody.
                found.append(_words.item(_words.label(obj, namespace), "pods restart"))
                continue
            item = _words.described(obj, difference, namespace, unknown)
            if path in drawn:
                item = {**item, "before": None if difference.before is None else GENERATED, "after": f"{GENERATED} anew"}
            if item["before"] != item["after"]:
                found.append(item)
    for key, obj in one.items():
        if key not in other:
            found.append(_words.item(_words.label(obj, namespace), "kept" if manifest.kept(obj) else "removed"))
    found = [item for number, item in enumerate(found) if item not in found[:number]]
    return [*found[:_MOST], _words.item("", f"and {len(found) - _MOST} more")] if len(found) > _MOST else found


def joined(steps: Iterable[Iterable[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The changes of several steps as one: what went back is left out, and so are the fields of objects that came or went."""
    found: dict[tuple, dict[str, Any]] = {}
    for item in (item for step in steps for item in step):
        key, whole = (item["object"], item["what"]), (item["object"], "added")
        if item["what"] in ("removed", "kept"):
            came = found.pop(whole, None)
            found = {other: one for other, one in found.items() if other[0] != item["object"]}
            if came is None or item["what"] == "kept":
                found[key] = item
        elif item["what"] == "added":
            if found.pop((item["object"], "removed"), None) is None:
                found[key] = item
        elif whole not in found:
            found[key] = {**item, "before": found[key]["before"]} if key in found else item
    return [item for item in found.values() if item["before"] != item["after"] or item["before"] is None]


def text(found: Iterable[dict[str, Any]]) -> str:
    """The same for a terminal, an object's changes below its name."""
    lines, last = [], None
    for item in found:
        if item["what"] in _SIGNS:
            lines.append(f"{_SIGNS[item['what']]} {item['object']}{' (stays in the cluster)' if item['what'] == 'kept' else ''}")
            last = None
            continue
        if item["object"] != last:
            lines.append(item["object"] or "...")
        last = item["object"]
        lines += [f"    {line}" for line in _words.sentence(item).split("\n")]
    return "".join(f"{line}\n" for line in lines)


def _index(objects: Iterable[dict], namespace: str) -> dict[tuple, dict]:
    return {
        (str(obj["apiVersion"]).rpartition("/")[0], obj["kind"], obj["metadata"].get("namespace") or namespace, _words.name(obj)): obj
        for obj in objects if _words.name(obj)
    }


def _noise(path: tuple) -> bool:
    return len(path) > 1 and path[-1] in _NOISE and path[-2] in ("labels", "annotations")


def _is_sum(path: tuple) -> bool:
    return len(path) > 2 and path[-2] == "annotations" and "template" in path and path[-1].startswith(_SUMS)
