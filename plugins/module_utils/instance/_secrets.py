# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets of an instance: generated when missing, kept across changes, never in a record or a result."""

from __future__ import annotations

import base64
import secrets as random
import string
from typing import Any

from ..context import Context
from ..errors import Conflict
from ..package import documents
from . import records
from ._desired import Desired
from .request import Request

_ALPHABET = string.ascii_letters + string.digits


def own_name(name: str) -> str:
    """The Secret that holds the values of a document's secret fields."""
    return f"{name}-secrets"


def stored(kube, request: Request, ctx: Context) -> dict[str, str]:
    """Decoded data of the instance's own Secret, registered for masking."""
    return _decode(kube.get("v1", "Secret", own_name(request.name), request.namespace), ctx)


def unchanged(kube, request: Request, wanted: Desired, ctx: Context) -> bool:
    """Whether the given secret values are those already stored."""
    have = stored(kube, request, ctx)
    return all(have.get(_key(path)) == str(value) for path, value in wanted.given_secrets.items())


def ensure(kube, request: Request, wanted: Desired, ctx: Context) -> tuple[dict[tuple, str], list[str]]:
    """Creates what is missing; returns the values of the secret fields by path, and the names of Secrets this run created."""
    made = [item.name for item in wanted.generated if _ensure_generated(kube, request, item, ctx)]
    if not wanted.secret_paths:
        return {}, made
    have = stored(kube, request, ctx)
    data = dict(have)
    for path in wanted.secret_paths:
        if path in wanted.given_secrets:
            data[_key(path)] = str(wanted.given_secrets[path])
        elif not data.get(_key(path)):
            data[_key(path)] = _password(24)
        ctx.secrets.add(data[_key(path)])
    if data != have:
        kube.apply(_secret(request, own_name(request.name), data))
        if not have:
            made.append(own_name(request.name))
    return {path: data[_key(path)] for path in wanted.secret_paths}, made


def names(request: Request, wanted: Desired) -> list[dict[str, Any]]:
    """Which Secrets hold the instance's credentials, and under which keys."""
    found = [{"name": item.name, "keys": [item.key]} for item in wanted.generated]
    if wanted.secret_paths:
        found.append({"name": own_name(request.name), "keys": sorted(_key(path) for path in wanted.secret_paths)})
    return found


def _ensure_generated(kube, request: Request, item, ctx: Context) -> bool:
    have = _decode(kube.get("v1", "Secret", item.name, request.namespace), ctx)
    if have.get(item.key):
        return False
    value = _password(item.length)
    ctx.secrets.add(value)
    secret = _secret(request, item.name, {**have, item.key: value})
    if have:
        kube.apply(secret)
        return False
    try:
        kube.create(secret)
    except Conflict:
        return False
    return True


def _secret(request: Request, name: str, data: dict[str, str]) -> dict:
    return {
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": name, "namespace": request.namespace, "labels": records.labels(request.name)},
        "data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()},
    }


def _decode(secret: dict | None, ctx: Context) -> dict[str, str]:
    data = {key: base64.b64decode(value).decode("utf-8", "replace") for key, value in ((secret or {}).get("data") or {}).items()}
    for value in data.values():
        ctx.secrets.add(value)
    return data


def _key(path: tuple) -> str:
    return documents.format_path(path).replace("[", ".").replace("]", "")


def _password(length: int) -> str:
    return "".join(random.choice(_ALPHABET) for _count in range(length))
