# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which revisions a Helm release has, and what their labels say; releases.py reads and writes what is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..kube.client import Kube

DIGEST_LABEL = "acmp-digest"
STUCK = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")
_SYSTEM_LABELS = ("name", "owner", "status", "version", "createdAt", "modifiedAt")


@dataclass(frozen=True)
class Head:
    """One revision as its labels tell it. changed: when helm last wrote it, Unix seconds, 0 when unknown."""

    name: str
    namespace: str
    revision: int
    status: str
    secret: str
    changed: int = 0
    uid: str = ""
    resource_version: str = ""
    labels: dict[str, str] = field(default_factory=dict)


def secret_name(name: str, revision: int) -> str:
    """Where Helm keeps a revision."""
    return f"sh.helm.release.v1.{name}.v{revision}"


def digest_label(digest: str) -> str:
    """A digest as a label value: the first 40 characters (a label holds 63, sha256 has 64)."""
    return digest[:40]


def heads(kube: Kube, namespace: str, name: str | None = None) -> list[Head]:
    """All revisions of one release, or of all releases of a namespace, oldest first. One request, metadata only."""
    selector = "owner=helm" if name is None else f"owner=helm,name={name}"
    found = kube.list("v1", "Secret", namespace, label_selector=selector, metadata_only=True)
    known = [head for head in map(head_of, found) if head is not None]
    return sorted(known, key=lambda head: (head.name, head.revision))


def head_of(secret: dict[str, Any]) -> Head | None:
    """A Secret's metadata as a Head; None for one that only looks like a release. Pure."""
    meta = secret.get("metadata") or {}
    labels = meta.get("labels") or {}
    name, version = str(labels.get("name", "")), str(labels.get("version", ""))
    if not name or not version.isdecimal() or str(meta.get("name")) != secret_name(name, int(version)):
        return None
    changed = str(labels.get("modifiedAt") or labels.get("createdAt") or "")
    return Head(
        name=name,
        namespace=str(meta.get("namespace", "")),
        revision=int(version),
        status=str(labels.get("status", "unknown")),
        secret=str(meta["name"]),
        changed=int(changed) if changed.isdecimal() else 0,
        uid=str(meta.get("uid", "")),
        resource_version=str(meta.get("resourceVersion", "")),
        labels={key: str(value) for key, value in labels.items() if key not in _SYSTEM_LABELS},
    )


def latest(known: Iterable[Head]) -> Head | None:
    """The newest revision of one release; None when there is none. Pure."""
    return max(known, key=lambda head: head.revision, default=None)


def stuck(head: Head | None) -> bool:
    """Whether the newest revision says that helm is at work: true and without a lease of somebody else, it died. Pure."""
    return head is not None and head.status in STUCK
