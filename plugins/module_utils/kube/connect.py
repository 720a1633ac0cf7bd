# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From connection options to a Kube; every connection has its own credentials, TLS context and sockets."""

from __future__ import annotations

import base64
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlsplit

from ..context import Context
from ..errors import ConnectionFailed, InputError
from . import _credentials, _kubeconfig, _options, _tls
from ._http import Transport
from .client import Kube

_SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@dataclass(frozen=True)
class Target:
    """All that makes a connection: address, trust, proxy; authority is PEM, proxy an address with its credentials.

    proxy_is_own: it belongs to the cluster and not to the surroundings of this run.
    """

    server: str
    credentials: _credentials.Credentials
    origin: str
    namespace: str | None = None
    verify: bool = True
    authority: bytes | None = field(default=None, repr=False)
    server_name: str | None = None
    proxy: str | None = field(default=None, repr=False)
    proxy_is_own: bool = False
    proxy_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    impersonation: tuple[str, tuple[str, ...]] | None = None


def connect(
    options: Mapping[str, Any], ctx: Context, act_as: Mapping[str, Any] | None = None, connect_seconds: float | None = None, origin: str = "",
) -> Kube:
    """A connection to one cluster; no request is made.

    options: kubernetes.core's names (kubeconfig as path, list of paths with ``:``, or mapping; host, api_key, ...); what is not given is taken
    from ``K8S_AUTH_*``, KUBECONFIG, ~/.kube/config and last the pod's service account, all seen through ``ctx.env``.
    act_as: {"user": NAME, "groups": [...]} impersonates in every request; it wins over impersonate_user.
    origin: what errors call the configuration, where it is no option of the user's.
    connect_seconds: how long a server may take to accept a connection, and then nothing is tried a second time: for looking at many clusters.
    Raises InputError (options that contradict) and ConnectionFailed (no usable configuration: which file, which context, what to do).
    """
    chosen = _options.resolve(options, ctx.env)
    target = _from_options(chosen, ctx) if chosen.complete else _from_files(chosen, ctx)
    target = _with_overrides(target, chosen, ctx)
    own = bool(chosen.proxy or target.proxy)
    target = replace(target, origin=origin or target.origin, impersonation=_impersonation(chosen, act_as), proxy_is_own=own, **_proxy(target, chosen, ctx.env))
    if target.proxy and target.impersonation and target.impersonation[1] and target.server.startswith("http:"):
        # urllib3 would join the groups into one header for such a proxy.
        raise InputError("Groups to act as cannot be sent through a proxy to an API server without TLS", where="proxy", todo="use https, or no proxy")
    if target.proxy:
        ctx.secrets.add(urlsplit(target.proxy).password)
    proof = target.credentials.proof()
    tls = None
    if target.server.startswith("https:"):
        tls = _tls.context(target.verify, target.authority, proof.certificate, proof.key, target.origin)
    return Kube(Transport(target, tls, ctx, connect_seconds), ctx)


def _from_options(chosen: _options.Options, ctx: Context) -> Target:
    return Target(server=str(chosen.host), credentials=_of_options(chosen, ctx) or _anonymous(ctx), origin="the connection options")


def _from_files(chosen: _options.Options, ctx: Context) -> Target:
    home = ctx.env.get("HOME", "")
    source = chosen.kubeconfig or ctx.env.get("KUBECONFIG", "").strip(os.pathsep)
    if not source:
        default = os.path.join(home, ".kube", "config") if home else ""
        # As kubectl does: a file of the user's own comes before the service account of the pod.
        if default and os.path.isfile(default):
            source = default
        elif not chosen.context and _in_cluster_address(ctx.env):
            return _in_cluster(ctx)
        elif chosen.host and not chosen.context:
            return _from_options(chosen, ctx)
        else:
            raise ConnectionFailed(
                "No cluster is named: neither kubeconfig nor host is given, and there is no ~/.kube/config",
                todo="set kubeconfig, or host and api_key, or the variables K8S_AUTH_KUBECONFIG or KUBECONFIG")
    config, origin = _kubeconfig.read(source, home)
    found = _kubeconfig.choose(config, chosen.context, origin)
    cluster = found.cluster
    given = _of_options(chosen, ctx)
    try:
        server = _options.server_url(cluster["server"], origin)
    except InputError as error:
        raise ConnectionFailed(error.what, where=origin, todo=error.todo) from None
    return Target(
        server=server, origin=origin, namespace=found.namespace,
        # Credentials given as options replace those of the file whole: with both, the API server would take the certificate.
        credentials=given or _credentials.of_user(found, chosen.persist_config, ctx),
        verify=not cluster.get("insecure-skip-tls-verify"), authority=_kubeconfig.embedded(cluster, "certificate-authority", origin),
        server_name=cluster.get("tls-server-name"), proxy=cluster.get("proxy-url"))


def _in_cluster_address(env: Mapping[str, str]) -> str | None:
    host, port = env.get("KUBERNETES_SERVICE_HOST"), env.get("KUBERNETES_SERVICE_PORT")
    if not host or not port or not os.path.isfile(f"{_SERVICE_ACCOUNT}/token"):
        return None
    return f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"


def _in_cluster(ctx: Context) -> Target:
    origin = "the service account of this pod"
    place = f"{_SERVICE_ACCOUNT}/namespace"
    namespace = _kubeconfig.file_bytes(place, "the namespace file", origin) if os.path.exists(place) else None
    return Target(
        server=str(_in_cluster_address(ctx.env)), origin=origin, credentials=_credentials.token_file(f"{_SERVICE_ACCOUNT}/token", origin, ctx),
        authority=_kubeconfig.file_bytes(f"{_SERVICE_ACCOUNT}/ca.crt", "the CA certificate", origin),
        namespace=namespace.decode().strip() if namespace else None)


def _of_options(chosen: _options.Options, ctx: Context) -> _credentials.Credentials | None:
    certificate, key = _named_file(chosen.client_cert, "client_cert", ctx), _named_file(chosen.client_key, "client_key", ctx)
    header = None
    if chosen.api_key:
        header = _credentials.bearer(chosen.api_key)
    elif chosen.username and chosen.password:
        header = _credentials.basic(chosen.username, chosen.password)
        ctx.secrets.add(chosen.password)
    if header is None and certificate is None:
        return None
    return _credentials.Credentials(lambda: _credentials.Proof(header, certificate, key), ctx, "the connection options")


def _named_file(path: str | None, option: str, ctx: Context) -> bytes | None:
    return _kubeconfig.file_bytes(_kubeconfig.expand(path, ctx.env.get("HOME", "")) if path else None, option, "")


def _anonymous(ctx: Context) -> _credentials.Credentials:
    return _credentials.Credentials(_credentials.Proof, ctx)


def _with_overrides(target: Target, chosen: _options.Options, ctx: Context) -> Target:
    changes: dict[str, Any] = {}
    if chosen.host and chosen.host != target.server:
        changes["server"] = chosen.host
    if chosen.validate_certs is not None:
        changes["verify"] = chosen.validate_certs
    if chosen.ca_cert:
        changes["authority"] = _named_file(chosen.ca_cert, "ca_cert", ctx)
    return replace(target, **changes)


def _impersonation(chosen: _options.Options, act_as: Mapping[str, Any] | None) -> tuple[str, tuple[str, ...]] | None:
    if act_as:
        user, groups = act_as.get("user"), act_as.get("groups") or ()
        if not isinstance(user, str) or not user.strip() or isinstance(groups, str):
            raise InputError("act_as needs a user and a list of groups", where="act_as", todo='write it as {"user": NAME, "groups": [NAME]}')
        names = (user.strip(), *(str(group) for group in groups))
    elif chosen.impersonate_user:
        names = (chosen.impersonate_user, *chosen.impersonate_groups)
    else:
        return None
    if any(not name or any(ord(letter) < 32 or ord(letter) == 127 for letter in name) for name in names):
        raise InputError("A user or group to act as is empty or holds control characters", where="act_as", todo="check the names")
    return names[0], tuple(names[1:])


def _proxy(target: Target, chosen: _options.Options, env: Mapping[str, str]) -> dict[str, Any]:
    """The proxy of this server: option, kubeconfig, then HTTPS_PROXY of the environment; none where NO_PROXY names the server."""
    scheme = urlsplit(target.server).scheme
    named = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    proxy = chosen.proxy or target.proxy or next((env[name] for name in named if env.get(name)), None)
    exempt = chosen.no_proxy or env.get("no_proxy") or env.get("NO_PROXY") or ""
    if not proxy or (bypasses(target.server, exempt) and not (target.proxy and not chosen.proxy and not chosen.no_proxy)):
        return {"proxy": None, "proxy_headers": {}}
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    parts = urlsplit(proxy)
    if parts.scheme.startswith("socks"):
        raise InputError("SOCKS proxies are not supported", where="proxy", todo="use an HTTP proxy, or exempt the API server with no_proxy")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError("The proxy is not an address", where="proxy", todo="write it as http://NAME:3128")
    headers = dict(chosen.proxy_headers)
    login = headers.pop("proxy_basic_auth", None)
    if login and "@" not in parts.netloc:
        # Into the address, because a child process (helm) can only be given the proxy that way.
        user, _colon, password = login.partition(":")
        proxy = f"{parts.scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}{parts.path}"
    plain = {"user-agent": headers["user_agent"]} if headers.get("user_agent") else {}
    if headers.get("basic_auth"):
        plain["authorization"] = "Basic " + base64.b64encode(headers["basic_auth"].encode()).decode()
    return {"proxy": proxy, "proxy_headers": plain}


def bypasses(server: str, exempt: str) -> bool:
    """True when a NO_PROXY list (names, .domains, host:port, addresses, networks, ``*``) covers the server."""
    parts = urlsplit(server)
    host = (parts.hostname or "").lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    for entry in (part.strip().lower() for part in exempt.split(",")):
        if not entry:
            continue
        if entry == "*" or entry in (host, f"{host}:{parts.port}"):
            return True
        if address is not None:
            try:
                if address in ipaddress.ip_network(entry, strict=False):
                    return True
            except ValueError:
                continue
        elif host.endswith("." + entry.removeprefix("*").lstrip(".")):
            return True
    return False
