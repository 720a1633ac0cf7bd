# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what was asked of a cluster, and what of its record and credential has to change for it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError
from ..kube.service_account import LEAST_SECONDS
from ..platform import setup
from .reach import secret_name

SERVICE_ACCOUNT, GIVEN = "service_account", "given"
DAYS = 30.0
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*", re.IGNORECASE)
# Option: field of the record.
_TEXTS = {"display_name": "displayName", "description": "description", "owner": "owner", "scene": "scene", "address": "address", "source": "source"}
_LONGEST = 1024
_NOT_FOR_LOCAL = (
    "cluster_kubeconfig", "cluster_context", "cluster_secret", "cluster_host", "cluster_token", "cluster_ca", "cluster_validate_certs", "credential",
    "credential_days", "source", "rotate", "replace", "unreachable",
)


@dataclass(frozen=True)
class Request:
    """What was asked. texts: fields of the record, "" clears one; kind and seconds of the credential are None where nothing was said."""

    name: str
    state: str = "present"
    texts: Mapping[str, str] = field(default_factory=dict)
    kind: str | None = None
    seconds: int | None = None
    rotate: bool = False
    replace: bool = False
    unreachable: bool = False
    confirm: str | None = None


@dataclass(frozen=True)
class Target:
    """The cluster that a given connection leads to."""

    uid: str
    server: str


def from_params(params: Mapping[str, Any]) -> Request:
    """The request, its options checked. Raises InputError."""
    name = str(params["name"])
    # "all" asks for every cluster where instances are looked at.
    if not _NAME.fullmatch(name) or name == "all":
        raise InputError(
            f'"{name}" is no name for a cluster', where="name", todo="use at most 40 small letters, digits and dashes, with a letter or digit at both ends")
    if name == setup.LOCAL:
        _check_local(params)
    texts = {key: str(params[option]).strip() for option, key in _TEXTS.items() if params.get(option) is not None}
    for key, text in texts.items():
        if len(text) > _LONGEST:
            raise InputError(f"{key} has {len(text)} characters, and {_LONGEST} are the most", where=name)
    if texts.get("address"):
        texts["address"] = _address(texts["address"])
    return Request(
        name=name, state=params["state"], texts=texts, kind=params.get("credential"), seconds=_seconds(params.get("credential_days")),
        rotate=bool(params.get("rotate")), replace=bool(params.get("replace")), unreachable=bool(params.get("unreachable")), confirm=params.get("confirm"))


def check_target(request: Request, before: Mapping[str, Any] | None, target: Target) -> None:
    """Raises InputError where a registered cluster would become another one, or get another address, without ``replace`` (§6.1.2)."""
    if before is None or request.replace:
        return
    if before.get("uid") and before["uid"] != target.uid:
        raise InputError(
            f"This connection leads to another cluster than the one registered as {request.name}", where=target.server,
            todo="register it under another name; where the old cluster is gone for good and this takes its place, set replace: true")
    if before.get("server") != target.server:
        raise InputError(
            f"The cluster {request.name} is registered with the address {before.get('server')}, not {target.server}", where="server",
            todo="set replace: true to change the address")


def kind_of(request: Request, before: Mapping[str, Any] | None) -> str:
    """The kind of credential there shall be: as asked, else as it is, else a service account's."""
    return request.kind or ((before or {}).get("credential") or {}).get("kind") or SERVICE_ACCOUNT


def seconds_of(request: Request, before: Mapping[str, Any] | None) -> int:
    """The life of a service account's token, likewise."""
    return request.seconds or ((before or {}).get("credential") or {}).get("seconds") or int(DAYS * 86400)


def spec(request: Request, before: Mapping[str, Any] | None, target: Target | None, now: str, who: str) -> dict[str, Any]:
    """The record's spec as it shall be; now and who are used for a new one alone."""
    texts = {key: text for key, text in {**{key: (before or {}).get(key) for key in _TEXTS.values()}, **request.texts}.items() if text}
    kept = {key: value for key, value in (before or {}).items() if key not in _TEXTS.values()}
    found = {**kept, **texts}
    if request.name == setup.LOCAL:
        return found
    kind = kind_of(request, before)
    credential = {"kind": kind, "secret": secret_name(request.name)}
    if kind == SERVICE_ACCOUNT:
        credential["seconds"] = seconds_of(request, before)
    found = {"source": "imported", **found, "credential": credential}
    if target is not None:
        found |= {"server": target.server, "uid": target.uid}
    if before is None:
        found |= {"registeredAt": now, **({"registeredBy": who} if who else {})}
    return found


def record_action(request: Request, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """What happens to the record, in words; empty where nothing does."""
    if before is None:
        return f"register cluster {request.name} ({after['server']})"
    changed = sorted(key for key in {**before, **after} if before.get(key) != after.get(key))
    return f"change cluster {request.name}: {', '.join(changed)}" if changed else ""


def _check_local(params: Mapping[str, Any]) -> None:
    if params["state"] == "absent":
        raise InputError(
            f"The cluster {setup.LOCAL} is the one the platform lives in and cannot be removed", where="name", todo="see acmp_setup, state: absent")
    given = [option for option in _NOT_FOR_LOCAL if params.get(option) not in (None, False)]
    if given:
        raise InputError(
            f"The cluster {setup.LOCAL} is reached by the connection of the task itself: {', '.join(given)} cannot be set", where="name",
            todo="change its display data, owner and address alone, or choose another name")


def _address(text: str) -> str:
    """A host for people to connect to: no scheme, no port."""
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    if not _HOST.fullmatch(text) or text.replace(".", "").isdigit():
        raise InputError(
            f'"{text[:80]}" is neither an IP address nor a host name', where="address", todo="give it without scheme and port, as east.example.com")
    return text


def _seconds(days: Any) -> int | None:
    if days is None:
        return None
    seconds = int(float(days) * 86400) if 0 < float(days) <= 3650 else 0
    if seconds < LEAST_SECONDS:
        raise InputError(f"credential_days is {days}", where="credential_days", todo="give days between 0.007 (ten minutes) and 3650")
    return seconds
