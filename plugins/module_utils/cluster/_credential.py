# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to a cluster that somebody registers: a kubeconfig from an option, a file or a Secret, or host and token; nothing of it is ever shown."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..context import Context
from ..errors import InputError, PackageError
from ..kube import kubeconfigs
from ..kube.client import Kube
from ..package import yaml_reader
from ..platform import roles
from . import reach

# A Secret takes no more, and a kubeconfig has some kilobytes.
LIMIT = 1024 * 1024
# A longer line is no path but some encoded kubeconfig, which no message may show.
_LONGEST_PATH = 1000


def given(home: Kube, params: Mapping[str, Any], ctx: Context) -> dict[str, Any] | None:
    """The self-contained kubeconfig that the options stand for, None where they name no connection.

    Raises InputError for what cannot be used: not YAML, larger than 1 MiB, several contexts, local files, plugins, ended credentials.
    """
    ways = [name for name in ("cluster_kubeconfig", "cluster_secret", "cluster_host") if params.get(name)]
    if len(ways) > 1:
        raise InputError(f"{' and '.join(ways)} are two ways to one cluster", where=ways[1], todo="give one of them")
    if not ways:
        return None
    if ways[0] == "cluster_host":
        config, origin = _of_host(params, ctx), "cluster_host"
    else:
        config, folder, origin = _of_secret(home, params["cluster_secret"]) if ways[0] == "cluster_secret" else _of_option(params["cluster_kubeconfig"], ctx)
        ctx.secrets.add_kubeconfig(config)
        config = kubeconfigs.self_contained(
            config, folder, params.get("cluster_context"), origin, bool(params.get("allow_local_files")), bool(params.get("allow_plugins")))
    ctx.secrets.add_kubeconfig(config)
    _check_time(config, origin)
    _warn_of_way(config, ctx)
    host = urlsplit(kubeconfigs.server(config)).hostname or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        ctx.warn(f"The address of the cluster, {kubeconfigs.server(config)}, leads to it from this machine only.")
    return config


def _warn_of_way(config: Mapping[str, Any], ctx: Context) -> None:
    """The platform's token goes this way every day; nobody may be able to take it from there."""
    server = kubeconfigs.server(config)
    if urlsplit(server).scheme == "http":
        ctx.warn(f"The connection to {server} is not encrypted: whoever is on the way reads the platform's credential. Give an https address.")
    elif config["clusters"][0]["cluster"].get("insecure-skip-tls-verify"):
        ctx.warn(f"The certificate of {server} is not checked: whoever takes its address gets the platform's credential. Give its CA instead.")


def _of_option(value: Any, ctx: Context) -> tuple[Any, str, str]:
    """(data, folder of relative paths, where it came from)."""
    if isinstance(value, Mapping):
        if len(json.dumps(value, default=str)) > LIMIT:
            raise _too_large("cluster_kubeconfig")
        return value, "", "cluster_kubeconfig"
    if not isinstance(value, str):
        raise InputError("cluster_kubeconfig is neither a mapping nor text", where="cluster_kubeconfig", todo="give a path, or the content of a kubeconfig")
    if "\n" in value.strip() or value.lstrip().startswith("{") or len(value) > _LONGEST_PATH:
        # Where it cannot be read, nobody knows which part of it is secret.
        ctx.secrets.add(value)
        return _parsed(value, "cluster_kubeconfig"), "", "cluster_kubeconfig"
    home = ctx.env.get("HOME", "")
    path = os.path.join(home, value[2:]) if value.startswith("~/") and home else value
    return _parsed(_read(path, "cluster_kubeconfig"), path), os.path.dirname(os.path.abspath(path)), path


def _of_secret(home: Kube, wish: Mapping[str, Any]) -> tuple[Any, str, str]:
    name, namespace, key = wish["name"], wish.get("namespace") or roles.SYSTEM, wish.get("key") or reach.KEY
    where = f"Secret {namespace}/{name}"
    secret = home.get("v1", "Secret", name, namespace)
    if secret is None:
        raise InputError("The Secret with the kubeconfig does not exist on the management cluster", where=where, todo="check cluster_secret")
    data = secret.get("data") or {}
    if key not in data:
        raise InputError(f'The Secret has no key "{key}"', where=where, todo=f"set cluster_secret.key to one of: {', '.join(sorted(data)) or 'it is empty'}")
    return _parsed(base64.b64decode(data[key]), where), "", where


def _of_host(params: Mapping[str, Any], ctx: Context) -> dict[str, Any]:
    token = str(params.get("cluster_token") or "").strip()
    if not token:
        raise InputError("cluster_host is given without cluster_token", where="cluster_token", todo="give a token of that cluster, or a kubeconfig")
    ctx.secrets.add(token)
    authority = str(params.get("cluster_ca") or "")
    if authority and "-----BEGIN" not in authority:
        authority = _read(authority, "cluster_ca").decode("utf-8", "replace")
    verify = params.get("cluster_validate_certs") is not False
    cluster = {"server": params["cluster_host"], **({} if verify else {"insecure-skip-tls-verify": True})}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority.encode()).decode()
    context = {"cluster": "c", "user": "u"}
    whole = {
        "current-context": "c", "clusters": [{"name": "c", "cluster": cluster}], "users": [{"name": "u", "user": {"token": token}}],
        "contexts": [{"name": "c", "context": context}],
    }
    return kubeconfigs.self_contained(whole, "", None, "cluster_host")


def _read(path: str, option: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            data = stream.read(LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
        raise InputError(f"{option} cannot be read: {reason}", where=path, todo="check the path") from None
    if len(data) > LIMIT:
        raise _too_large(path)
    return data


def _parsed(text: str | bytes, where: str) -> Any:
    if len(text) > LIMIT:
        raise _too_large(where)
    try:
        return yaml_reader.load(text, where)
    except PackageError as error:
        # The reader quotes what it stumbles over, and that may be the secret.
        raise InputError("The kubeconfig is not YAML", where=error.where, todo="check it, for example with kubectl config view") from None


def _too_large(where: str) -> InputError:
    return InputError(
        "The kubeconfig is larger than 1 MiB", where=where, todo="give one with this cluster alone (kubectl config view --flatten --minify --raw)")


def _check_time(config: Mapping[str, Any], origin: str) -> None:
    found = kubeconfigs.expiry(config)
    left = kubeconfigs.days_left(found.expires_at)
    if left is not None and left <= 0:
        raise InputError(
            f"The {'client certificate' if found.kind == 'certificate' else 'token'} of the kubeconfig ended on {found.expires_at}", where=origin,
            todo="get a new kubeconfig from who runs the cluster; without cluster_kubeconfig the registered data can be changed nevertheless")
