# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what was done to an instance, when, by whom, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import AcmpError
from ..package import documents, yaml_reader

MOST = 50
_CHANGES = 40


def told(operations: Iterable[Mapping], revisions: Iterable[Mapping], most: int = MOST) -> list[dict[str, Any]]:
    """One entry for each Operation, and for each revision whose Operation is gone; the newest first, at most so many.

    changes: path, before, after against the revision before; documents hold no secrets. outcome: Succeeded, Failed, Running or Stopped.
    """
    ordered = sorted(revisions, key=lambda item: item["spec"]["revision"])
    before: dict[int, Mapping | None] = {
        item["spec"]["revision"]: previous for item, previous in zip(ordered, [None, *ordered], strict=False)
    }
    by_operation = {item["spec"].get("operation") or item["metadata"]["name"]: item for item in ordered}
    found = []
    for operation in operations:
        name = operation["metadata"]["name"]
        found.append(_entry(operation, by_operation.pop(name, None)))
    found += [_entry(None, item) for item in by_operation.values()]
    found.sort(key=lambda item: (item[0]["at"], item[0]["revision"] or 0), reverse=True)
    # Documents are compared only for what is shown: they may be large.
    return [{**entry, "changes": _changes(before[item["spec"]["revision"]], item) if item else []} for entry, item in found[:most]]


def _entry(operation: Mapping | None, revision: Mapping | None) -> tuple[dict[str, Any], Mapping | None]:
    done, state = (operation or {}).get("spec") or {}, (operation or {}).get("status") or {}
    kept, seen = (revision or {}).get("spec") or {}, (revision or {}).get("status") or {}
    meta = (operation or revision or {})["metadata"]
    entry = {
        "at": state.get("startedAt") or meta.get("creationTimestamp") or "", "finished_at": state.get("finishedAt") or "",
        "by": done.get("requester") or kept.get("requester") or "", "verb": done.get("verb") or "", "operation": meta["name"] if operation else "",
        "outcome": state.get("phase") or ("Running" if operation else ""), "revision": kept.get("revision"), "package": kept.get("package") or "",
        "version": kept.get("version") or "", "ready": bool(seen.get("ready")) if revision else None, "helm_revision": seen.get("helmRevision"),
        "message": state.get("message") or seen.get("message") or "",
    }
    return entry, revision


def _changes(before: Mapping | None, after: Mapping) -> list[dict[str, Any]]:
    """The first revision changes nothing: it is the beginning."""
    if before is None:
        return []
    old, new = before["spec"], after["spec"]
    found = [
        {"path": key, "before": old.get(key), "after": new.get(key)} for key in ("package", "version", "type") if old.get(key) != new.get(key)
    ]
    try:
        found += documents.describe_changes(*(yaml_reader.load(item["document"], "document") for item in (old, new)))
    except AcmpError:
        found.append({"path": "document", "before": None, "after": None})
    found += documents.describe_changes({"spec": {"config": old.get("configOverrides") or {}}}, {"spec": {"config": new.get("configOverrides") or {}}})
    return [{"path": item["path"], "before": item["before"], "after": item["after"]} for item in found[:_CHANGES]]
