# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OpenAPI schemas of the platform's own kinds (DESIGN section 4)."""

from __future__ import annotations

from typing import Any


def _text(**more: Any) -> dict:
    return {"type": "string", **more}


def _many(items: dict) -> dict:
    return {"type": "array", "items": items}


def _fields(required: tuple[str, ...] = (), **properties: dict) -> dict:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    return schema


_INT = {"type": "integer"}
_BOOL = {"type": "boolean"}
_TIME = _text(format="date-time")
_OPEN = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def _fixed(schema: dict) -> dict:
    """A field that never changes once it is set."""
    return {**schema, "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "never changes"}]}


def _keyed(items: dict, *keys: str) -> dict:
    """A list that server-side apply merges by these keys."""
    return {"type": "array", "items": items, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


_TEXTS = {"type": "object", "additionalProperties": _text()}
# ConfigMap -> key -> text, null for a key that shall be gone.
_OVERRIDES = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _text(nullable=True)}}
_NAME = _text(maxLength=253)
_LABEL = _text(maxLength=63)
_VERSION = _text(maxLength=128)
_DOCUMENT = _text(maxLength=524288)

PACKAGE = _fields(
    spec=_fields(
        ("name", "version", "sha256", "size", "mode"),
        name=_fixed(_NAME), version=_fixed(_VERSION), sha256=_fixed(_text(pattern="^[0-9a-f]{64}$", maxLength=64)), size=_INT, chunks=_INT,
        appVersion=_text(), displayName=_text(), description=_text(), alias=_text(), mode=_text(enum=["helm", "operator"]),
        templateType=_text(enum=["helm", "kustomize", "kubernetes"]), source=_text(),
        architectures=_many(_text()), capabilities=_many(_text()), categories=_many(_text()), industries=_many(_text()), scenes=_many(_text()),
        provider=_OPEN, maintainers=_many(_OPEN), links=_many(_OPEN),
        types=_many(_fields(("name",), name=_text(), description=_text(), document=_text())),
        secretPaths=_many(_text()), generatedSecrets=_many(_fields(path=_text(), suffix=_text(), key=_text(), length=_INT)),
        upgrade=_fields(
            replaces=_text(), skips=_many(_text()), skipRange=_text(), skipsSemantics=_text(enum=["olm", "osc"]), tags=_many(_text()),
            tagsPath=_text(), tagsMode=_text(enum=["url", "tag"])),
        security=_fields(anonymousAccess=_BOOL, risk=_text()),
        uploadedAt=_TIME, uploadedBy=_text(), force=_BOOL,
    ),
    status=_fields(phase=_text(enum=["Hidden", "Listed"]), listedAt=_TIME, listedBy=_text(), observedAt=_TIME),
)

INSTANCE = _fields(
    spec=_fields(
        ("package", "version", "type", "document"),
        package=_fixed(_NAME), version=_VERSION, type=_text(), mode=_text(), sha256=_text(), document=_DOCUMENT,
        cluster=_text(), project=_text(), description=_text(), releaseName=_text(), deletePolicy=_text(enum=["refuse", "keep", "wipe"]),
        managedBy=_text(enum=["task", "operator"]), requester=_text(), digest=_text(), secretHash=_text(), configOverrides=_OVERRIDES,
        templateType=_text(enum=["helm", "kustomize", "kubernetes"]),
    ),
    status=_fields(
        phase=_text(enum=["Deploying", "Changing", "Upgrading", "RollingBack", "Ready", "NotReady", "Failed", "Removing", "Removed"]),
        revision=_INT, helmRevision=_INT, readyRevision=_INT, readyHelmRevision=_INT, readyDigest=_text(), observedGeneration=_INT, observedAt=_TIME,
        operation=_text(), lastError=_text(), endpoints=_many(_OPEN), secrets=_many(_OPEN), inventory=_many(_OPEN), claimants=_many(_OPEN), kept=_OPEN,
        applied=_fields(revision=_INT, status=_text(), digest=_text()),
        conditions=_many(_fields(
            ("type", "status"), type=_text(), status=_text(), reason=_text(), message=_text(), lastTransitionTime=_TIME, observedGeneration=_INT,
        )),
    ),
)

REVISION = _fields(
    spec=_fields(
        ("instance", "revision", "package", "version", "document"),
        instance=_fixed(_NAME), revision=_fixed(_INT), package=_NAME, version=_VERSION, type=_text(), sha256=_text(),
        document=_fixed(_DOCUMENT), digest=_text(), operation=_text(), requester=_text(), configOverrides=_OVERRIDES,
    ),
    status=_fields(ready=_BOOL, helmRevision=_INT, observedAt=_TIME, message=_text()),
)

OPERATION = _fields(
    spec=_fields(
        ("instance", "verb"),
        instance=_text(), verb=_text(), parameters=_OPEN, requester=_text(), timeoutSeconds=_INT,
    ),
    status=_fields(
        phase=_text(enum=["Running", "Succeeded", "Failed", "Stopped"]), startedAt=_TIME, finishedAt=_TIME, observedAt=_TIME, message=_text(),
        steps=_many(_fields(name=_text(), at=_TIME, message=_text())), log=_text(), outputs=_OPEN,
    ),
)

# What a workspace can be given; a project's template has the same fields.
_FURNITURE = {
    "quota": _TEXTS, "limits": _many(_OPEN), "labels": _TEXTS, "annotations": _TEXTS,
    "podSecurity": _text(enum=["privileged", "baseline", "restricted"]), "networkPolicy": _text(enum=["open", "isolated"]),
    "pullSecret": _text(),
}

PROJECT = _fields(
    spec=_fields(
        displayName=_text(), description=_text(),
        members=_many(_fields(
            ("kind", "name", "role"), kind=_text(enum=["User", "Group", "ServiceAccount"]), name=_NAME, namespace=_LABEL,
            role=_text(enum=["consumer", "manager", "developer"]),
        )),
        workspaces=_keyed(_fields(("cluster", "namespace"), cluster=_LABEL, namespace=_LABEL), "cluster", "namespace"),
        template=_fields(**_FURNITURE),
    ),
    status=_fields(observedAt=_TIME),
)

CLUSTER = _fields(
    spec=_fields(
        displayName=_text(), description=_text(), owner=_text(), scene=_text(), address=_text(), source=_text(enum=["created", "imported"]),
        server=_text(), uid=_text(), registeredAt=_TIME, registeredBy=_text(),
        credential=_fields(kind=_text(enum=["given", "service_account"]), secret=_text(), seconds=_INT),
    ),
    status=_fields(
        phase=_text(enum=["Ready", "NotReady", "Unreachable", "Refused"]), message=_text(), observedAt=_TIME, version=_text(), schema=_INT,
        nodes=_fields(ready=_INT, total=_INT), architectures=_many(_text()), capacity=_OPEN, perNode=_many(_OPEN), storageClasses=_many(_OPEN),
        credential=_fields(kind=_text(), expiresAt=_TIME, issuedAt=_TIME, rotatedAt=_TIME, message=_text()),
        instances=_fields(count=_INT, names=_many(_text()), observedAt=_TIME),
        networkPolicy=_fields(enforced=_text(enum=["yes", "no", "unknown"]), by=_text()), notChecked=_many(_text()),
    ),
)
