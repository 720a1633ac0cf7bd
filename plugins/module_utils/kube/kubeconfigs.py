# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs as data: made, taken over from somebody else with nothing left outside, and when their credential ends; PURE but for files that are embedded.

Times are texts as the Kubernetes API writes them (2026-01-31T12:00:00Z).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ..errors import ConnectionFailed, InputError, nearest
from . import _kubeconfig, _options, _tls

_PLUGINS = ("exec", "auth-provider")
_NAME = "acmp"


@dataclass(frozen=True)
class Expiry:
    """When a credential was issued and when it ends. kind: certificate, token, none (it does not end) or unknown; times are None where they are not known."""

    kind: str
    issued_at: str | None = None
    expires_at: str | None = None


def build(
    server: str, authority: bytes | None = None, verify: bool = True, server_name: str | None = None, proxy: str | None = None,
    token: str | None = None, namespace: str | None = None, user: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A kubeconfig with one context and everything in it; authority is PEM. user: more keys of the user beside the token, as kubeconfigs have them."""
    cluster: dict[str, Any] = {"server": server}
    if not verify:
        cluster["insecure-skip-tls-verify"] = True
    elif authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    if server_name:
        cluster["tls-server-name"] = server_name
    if proxy:
        cluster["proxy-url"] = proxy
    context: dict[str, Any] = {"cluster": _NAME, "user": _NAME, **({"namespace": namespace} if namespace else {})}
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": _NAME,
        "clusters": [{"name": _NAME, "cluster": cluster}], "contexts": [{"name": _NAME, "context": context}],
        "users": [{"name": _NAME, "user": {**({"token": token} if token else {}), **(user or {})}}],
    }


def self_contained(
    config: Any, folder: str, context: str | None, origin: str, allow_local_files: bool = False, allow_plugins: bool = False,
) -> dict[str, Any]:
    """One context of somebody's kubeconfig, in which no other file is named any more.

    folder: what its relative paths are relative to. Refused with InputError: what is no kubeconfig, several contexts of which none is chosen, local files
    unless they may be embedded, credential plugins (exec, auth-provider) unless they are allowed, an impersonation (``as``).
    """
    try:
        whole = _kubeconfig.with_places(config, folder, None, origin)
        _check_context(whole, context, origin)
        chosen = _kubeconfig.choose(whole, context, origin)
        cluster, user = chosen.cluster, chosen.user
        _refuse(cluster, user, origin, allow_local_files, allow_plugins)
        kept = {key: user[key] for key in ("username", "password", *_PLUGINS) if user.get(key)}
        for key in ("client-certificate", "client-key"):
            data = _kubeconfig.embedded(user, key, origin)
            if data:
                kept[f"{key}-data"] = base64.b64encode(data).decode()
        file = _kubeconfig.file_bytes(user.get("tokenFile"), "tokenFile", origin)
        return build(
            _options.server_url(cluster["server"], origin), _kubeconfig.embedded(cluster, "certificate-authority", origin),
            not cluster.get("insecure-skip-tls-verify"), cluster.get("tls-server-name"), cluster.get("proxy-url"),
            str(user.get("token") or (file or b"").decode("utf-8", "replace")).strip(), chosen.namespace, kept)
    except ConnectionFailed as error:
        # What a kubeconfig lacks is a matter of input here: nobody tried to connect yet.
        raise InputError(error.what, where=error.where, todo=error.todo) from None


def runs_program(config: Mapping[str, Any]) -> bool:
    """Whether a program gives the credential of the current context (exec, auth-provider)."""
    return any(_chosen(config).user.get(key) for key in _PLUGINS)


def server(config: Mapping[str, Any]) -> str:
    """The address of the API server that a kubeconfig's current context names."""
    return str(_chosen(config).cluster["server"])


def expiry(config: Mapping[str, Any]) -> Expiry:
    """When the credential of the current context ends: notAfter of its certificate (X.509) or ``exp`` of its token (JWT, RFC 7519)."""
    user = _chosen(config).user
    try:
        # The API server looks at a certificate before it looks at a token.
        span = _tls.validity(base64.b64decode(str(user.get("client-certificate-data") or "")))
    except binascii.Error:
        span = None
    if span:
        return Expiry("certificate", *map(_text, span))
    if user.get("token"):
        return token_expiry(str(user["token"]))
    return Expiry("unknown" if any(user.get(key) for key in (*_PLUGINS, "tokenFile", "client-certificate", "client-certificate-data")) else "none")


def token_expiry(token: str) -> Expiry:
    """The same of a bearer token: ``unknown`` when it is no JWT, ``none`` when it is one that does not end."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        issued, ends = ((_text(datetime.fromtimestamp(float(claims[key]), timezone.utc)) if key in claims else None) for key in ("iat", "exp"))
    except (IndexError, ValueError, TypeError, OverflowError, OSError):
        return Expiry("unknown")
    return Expiry("token", issued, ends) if ends else Expiry("none", issued)


def moment(text: str | None) -> datetime | None:
    """A time of the Kubernetes API as a datetime in UTC; None for what is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def days_left(expires_at: str | None, now: datetime | None = None) -> float | None:
    """Days until then, negative when it is over; None where no end is known. now: with a time zone, by default this moment."""
    end = moment(expires_at)
    return None if end is None else (end - (now or datetime.now(timezone.utc))).total_seconds() / 86400


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _chosen(config: Mapping[str, Any]) -> _kubeconfig.Chosen:
    return _kubeconfig.choose(_kubeconfig.with_places(config, "", None, "the kubeconfig"), None, "the kubeconfig")


def _check_context(config: Mapping[str, Any], context: str | None, origin: str) -> None:
    names = [entry["name"] for entry in config["contexts"]]
    if context and context not in names:
        raise InputError(f'The kubeconfig has no context "{context}"', where=origin, todo=nearest(context, names) or "it has no context at all")
    if not context and not config.get("current-context") and len(names) > 1:
        raise InputError(
            f"The kubeconfig has {len(names)} contexts, and none of them is the current one", where=origin,
            todo=f"name one of {', '.join(sorted(names)[:20])}")


def _refuse(cluster: Mapping[str, Any], user: Mapping[str, Any], origin: str, allow_local_files: bool, allow_plugins: bool) -> None:
    plugins = [key for key in _PLUGINS if user.get(key)]
    if plugins and not allow_plugins:
        command = user["exec"].get("command") if isinstance(user.get("exec"), Mapping) else None
        raise InputError(
            f"The kubeconfig runs a program to get its credential ({plugins[0]}{f': {command}' if command else ''})", where=origin,
            todo="use a kubeconfig with a token or a certificate in it, or allow_plugins where the program is on every machine that runs tasks")
    files = {
        key: entry[key] for entry, keys in ((cluster, _kubeconfig.FILE_KEYS["cluster"]), (user, _kubeconfig.FILE_KEYS["user"]))
        for key in keys if entry.get(key) and not entry.get(f"{key}-data")
    }
    if files and not allow_local_files:
        raise InputError(
            f"The kubeconfig names files of this machine: {', '.join(f'{key} {path}' for key, path in files.items())}", where=origin,
            todo="give a kubeconfig with everything in it (kubectl config view --flatten --minify --raw), or allow_local_files to embed them")
    if user.get("as") or user.get("as-groups"):
        raise InputError("The kubeconfig acts as somebody else (as)", where=origin, todo="use a kubeconfig of that user's own")
