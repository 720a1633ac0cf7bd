# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the connection options and the environment say, before any file is read: kubernetes.core's names and variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import InputError

# Option -> the names kubernetes.core knows it by besides its own; both become K8S_AUTH_* variables.
ALIASES = {
    "kubeconfig": (), "context": (), "host": (), "api_key": (), "username": (), "password": (),
    "validate_certs": ("verify_ssl",), "ca_cert": ("ssl_ca_cert",), "client_cert": ("cert_file",), "client_key": ("key_file",),
    "proxy": (), "no_proxy": (), "persist_config": (), "impersonate_user": (), "impersonate_groups": (),
}
PROXY_HEADERS = ("proxy_basic_auth", "basic_auth", "user_agent")
# A task that names its kubeconfig means that cluster and those credentials: a token in the environment is for another one.
_NOT_BESIDE_KUBECONFIG = (
    "context", "host", "api_key", "username", "password", "validate_certs", "ca_cert", "client_cert", "client_key", "persist_config",
)
_FALSE = {"0", "false", "no", "off", "n", "f", ""}


@dataclass(frozen=True)
class Options:
    """Resolved options: None where nothing was said. kubeconfig: path, or the configuration itself as a mapping."""

    kubeconfig: Any = None
    context: str | None = None
    host: str | None = None
    api_key: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    validate_certs: bool | None = None
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    no_proxy: str | None = None
    proxy_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    persist_config: bool = False
    impersonate_user: str | None = None
    impersonate_groups: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """True when host and credentials are all there, so that no kubeconfig is read."""
        return bool(self.host and (self.api_key or (self.username and self.password) or (self.client_cert and self.client_key)))


def resolve(options: Mapping[str, Any], env: Mapping[str, str]) -> Options:
    """Options first, then ``K8S_AUTH_*`` of ``env``; an empty string counts as not given.

    An explicit ``kubeconfig`` switches the variables off that name a server or credentials (context, host, api_key, ...): otherwise the
    token meant for one cluster would be sent to another. Raises InputError for impossible values.
    """
    found: dict[str, Any] = {}
    explicit_kubeconfig = options.get("kubeconfig") not in (None, "", {})
    for name, aliases in ALIASES.items():
        value = next((options[each] for each in (name, *aliases) if options.get(each) not in (None, "", [])), None)
        if value is None and not (explicit_kubeconfig and name in _NOT_BESIDE_KUBECONFIG):
            value = next((env[key] for key in (f"K8S_AUTH_{each.upper()}" for each in (name, *aliases)) if env.get(key)), None)
        if value is not None:
            found[name] = value
    headers = options.get("proxy_headers")
    if headers is None:
        headers = {key: env[f"K8S_AUTH_PROXY_HEADERS_{key.upper()}"] for key in PROXY_HEADERS if env.get(f"K8S_AUTH_PROXY_HEADERS_{key.upper()}")}
    if not isinstance(headers, Mapping):
        raise InputError("proxy_headers must be a mapping", where="proxy_headers", todo=f"use the keys {', '.join(PROXY_HEADERS)}")
    unknown = sorted(set(map(str, headers)) - set(PROXY_HEADERS))
    if unknown:
        raise InputError(f"proxy_headers does not know {', '.join(unknown)}", where="proxy_headers", todo=f"use the keys {', '.join(PROXY_HEADERS)}")
    found["proxy_headers"] = {str(key): str(value) for key, value in headers.items() if value}
    return _typed(found)


def _typed(found: dict[str, Any]) -> Options:
    for name in ("validate_certs", "persist_config"):
        if name in found and not isinstance(found[name], bool):
            found[name] = str(found[name]).strip().lower() not in _FALSE
    groups = found.get("impersonate_groups", ())
    found["impersonate_groups"] = tuple(each for each in (part.strip() for part in _words(groups)) if each)
    if found["impersonate_groups"] and not found.get("impersonate_user"):
        raise InputError("impersonate_groups needs impersonate_user", where="impersonate_groups", todo="name the user to act as")
    kubeconfig = found.get("kubeconfig")
    if kubeconfig is not None and not isinstance(kubeconfig, (str, Mapping)):
        raise InputError("kubeconfig must be a path or a mapping", where="kubeconfig", todo="give the path of a kubeconfig file or its content")
    for name, value in found.items():
        if name not in ("kubeconfig", "validate_certs", "persist_config", "proxy_headers", "impersonate_groups"):
            found[name] = str(value).strip()
    if found.get("host"):
        found["host"] = server_url(found["host"], "host")
    for one, other in (("username", "password"), ("client_cert", "client_key")):
        if bool(found.get(one)) != bool(found.get(other)):
            given, missing = (one, other) if found.get(one) else (other, one)
            raise InputError(f"{given} is given without {missing}", where=given, todo=f"give {missing} as well")
    return Options(**found)


def _words(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, (list, tuple)):
        return [str(each) for each in value]
    raise InputError("impersonate_groups must be a list of names", where="impersonate_groups", todo="give a list")


def server_url(text: Any, where: str) -> str:
    """The address of an API server without a trailing slash; raises InputError when it is none."""
    url = str(text).strip().rstrip("/")
    scheme, divider, rest = url.partition("://")
    if not divider:
        raise InputError(f'"{url}" is not the address of an API server', where=where, todo="write it as https://NAME:6443")
    if scheme.lower() not in ("http", "https") or not rest or any(letter.isspace() for letter in url) or "@" in rest.split("/")[0]:
        raise InputError("the address of the API server cannot be used", where=where, todo="write it as https://NAME:6443")
    return f"{scheme.lower()}://{rest}"
