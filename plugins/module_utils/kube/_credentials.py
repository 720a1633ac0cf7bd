# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who we are to the API server: a header, or a client certificate, renewed when it runs out."""

from __future__ import annotations

import base64
import datetime
import inspect
import os
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .. import _deps
from ..context import Context
from ..errors import ConnectionFailed
from . import _kubeconfig

# Token files are rotated by kubelet and others; client-go re-reads them once a minute.
_FILE_SECONDS = 60.0
# A credential is renewed this long before it ends, so that none ends on its way.
_EARLY_SECONDS = 60.0
_PROVIDER_SECONDS = 300.0


@dataclass(frozen=True)
class Proof:
    """header: the value of Authorization; certificate and key: PEM; seconds: how long it may be used, None for ever."""

    header: str | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    seconds: float | None = None


class Credentials:
    """Keeps a Proof and asks for a new one when it runs out; safe to use from several threads."""

    def __init__(self, fetch: Callable[[], Proof], ctx: Context, origin: str = "") -> None:
        self._fetch, self._ctx, self._origin, self._lock = fetch, ctx, origin, threading.Lock()
        self._proof: Proof | None = None
        self._until: float | None = None
        self.renewable = False

    def proof(self, force: bool = False) -> Proof:
        """The present proof; force fetches a new one although the old one seems good (after a 401)."""
        with self._lock:
            if self._proof is None or force or (self._until is not None and time.monotonic() >= self._until):
                self._proof = self._fetch()
                self._register(self._proof)
                self._until = None if self._proof.seconds is None else time.monotonic() + max(self._proof.seconds, 5.0)
                self.renewable = self._until is not None
            return self._proof

    def _register(self, proof: Proof) -> None:
        if proof.header:
            if any(not 32 <= ord(letter) < 127 for letter in proof.header):
                raise ConnectionFailed(
                    "The token or password holds characters that no HTTP header can carry", where=self._origin, todo="check that it was copied whole")
            self._ctx.secrets.add(proof.header.partition(" ")[2])
        if proof.key:
            self._ctx.secrets.add(proof.key.decode("ascii", "replace").strip())
            self._ctx.secrets.add(proof.key.decode("ascii", "replace"))


def bearer(token: str) -> str:
    """The header for a token; a stray line break at its end (files have one) would break the request."""
    return f"Bearer {token.strip()}"


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def token_file(path: str, origin: str, ctx: Context) -> Credentials:
    """A token that is read again every minute."""
    def fetch() -> Proof:
        data = _kubeconfig.file_bytes(path, "the token file", origin) or b""
        token = data.decode("utf-8", "replace").strip()
        if not token:
            raise ConnectionFailed("The token file is empty", where=path, todo="check who writes it")
        return Proof(header=bearer(token), seconds=_FILE_SECONDS)
    return Credentials(fetch, ctx, origin)


def of_user(chosen: _kubeconfig.Chosen, persist: bool, ctx: Context) -> Credentials:
    """The credentials of a kubeconfig's user: auth provider, token, token file, exec plugin or password, beside its certificate.

    The order is the kubernetes library's. A plugin is run here, so that its failure is told at once.
    """
    user, origin = chosen.user, chosen.origin
    certificate = _kubeconfig.embedded(user, "client-certificate", origin)
    key = _kubeconfig.embedded(user, "client-key", origin)
    if isinstance(user.get("auth-provider"), dict):
        credentials = Credentials(_provider(chosen, persist, certificate, key), ctx, origin)
    elif user.get("token"):
        header = bearer(str(user["token"]))
        credentials = Credentials(lambda: Proof(header, certificate, key), ctx, origin)
    elif user.get("tokenFile"):
        inner = token_file(str(user["tokenFile"]), origin, ctx)
        credentials = Credentials(lambda: Proof(inner.proof(force=True).header, certificate, key, _FILE_SECONDS), ctx, origin)
    elif isinstance(user.get("exec"), dict):
        credentials = Credentials(_plugin(chosen, certificate, key, ctx), ctx, origin)
    elif user.get("username") and user.get("password"):
        header = basic(str(user["username"]), str(user["password"]))
        credentials = Credentials(lambda: Proof(header, certificate, key), ctx, origin)
    else:
        credentials = Credentials(lambda: Proof(None, certificate, key), ctx, origin)
    credentials.proof()
    return credentials


def _plugin(chosen: _kubeconfig.Chosen, certificate: bytes | None, key: bytes | None, ctx: Context) -> Callable[[], Proof]:
    """A command that prints an ExecCredential (client-go credential plugins), run by the kubernetes library."""
    library, node = _deps.kubernetes, _deps.kube_config.ConfigNode
    settings = dict(chosen.user["exec"])
    # The library gives the plugin this process's environment; the task's own must win over it, the kubeconfig's over both.
    own = [entry for entry in settings.get("env") or [] if isinstance(entry, dict)]
    settings["env"] = [{"name": name, "value": value} for name, value in ctx.env.items()] + own
    command = str(settings.get("command", ""))

    def fetch() -> Proof:
        module = library.config.exec_provider
        arguments: list[Any] = [node("exec", settings), os.path.dirname(chosen.user_file or "") or None]
        if "cluster" in inspect.signature(module.ExecProvider.__init__).parameters:
            arguments.append(node("cluster", chosen.cluster))
        try:
            status = module.ExecProvider(*arguments).run()
        except FileNotFoundError:
            hint = str(settings.get("installHint") or f"install {command}, or use a kubeconfig with a token")
            raise ConnectionFailed(f'The credential plugin "{command}" is not installed', where=chosen.origin, todo=hint) from None
        except Exception as error:
            raise ConnectionFailed(
                f'The credential plugin "{command}" failed: {_line(error, ctx)}', where=chosen.origin, todo="run it by hand, then log in again") from None
        if not isinstance(status, dict) or not (status.get("token") or status.get("clientCertificateData")):
            raise ConnectionFailed(f'The credential plugin "{command}" gave neither token nor certificate', where=chosen.origin, todo="check the plugin")
        pem, pem_key = status.get("clientCertificateData"), status.get("clientKeyData")
        return Proof(
            header=bearer(str(status["token"])) if status.get("token") else None,
            certificate=str(pem).encode() if pem else certificate, key=str(pem_key).encode() if pem_key else key,
            seconds=_seconds_until(status.get("expirationTimestamp")))
    return fetch


def _line(error: BaseException, ctx: Context) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return ctx.secrets.mask(lines[0])[:300] if lines else type(error).__name__


def _seconds_until(text: Any) -> float | None:
    try:
        end = datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None
    end = end if end.tzinfo else end.replace(tzinfo=datetime.timezone.utc)
    return (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds() - _EARLY_SECONDS


def _provider(chosen: _kubeconfig.Chosen, persist: bool, certificate: bytes | None, key: bytes | None) -> Callable[[], Proof]:
    """The old auth providers (oidc, gcp): the library's loader with an own Configuration, never the process-wide one."""
    library, loaders = _deps.kubernetes, _deps.kube_config
    user = {name: value for name, value in chosen.user.items() if not name.startswith("client-")}
    # Only what the loader needs for the token: with a CA or a key in it, it would leave them in files in /tmp.
    config = {
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "http://unused"}}], "users": [{"name": "u", "user": user}],
    }

    def save() -> None:
        if persist and chosen.user_file:
            _save_provider(chosen.user_file, chosen.user_name, user["auth-provider"].get("config") or {})
    loader = None

    def fetch() -> Proof:
        nonlocal loader
        try:
            loader = loader or loaders.KubeConfigLoader(config, config_base_path="", config_persister=save)
            configuration = library.client.Configuration()
            loader.load_and_set(configuration)
        except Exception as error:
            # Its text may quote the answer of the identity provider, tokens included.
            raise ConnectionFailed(
                f"The auth provider of the kubeconfig failed ({type(error).__name__})", where=chosen.origin, todo="log in again, or use a token") from None
        # The key's name changed between releases of the library (29: authorization, 37: BearerToken).
        header = configuration.api_key.get("authorization") or configuration.api_key.get("BearerToken")
        if not header:
            name = user["auth-provider"].get("name")
            raise ConnectionFailed(f'The auth provider "{name}" of the kubeconfig gave no token', where=chosen.origin, todo="use an exec plugin or a token")
        return Proof(header.strip(), certificate, key, _PROVIDER_SECONDS)
    return fetch


def _save_provider(path: str, user_name: str, settings: dict[str, Any]) -> None:
    """Writes renewed tokens back (persist_config), atomically; a file that cannot be written is left as it is."""
    try:
        with open(path, encoding="utf-8") as stream:
            config = _deps.yaml.safe_load(stream)
        for entry in config.get("users") or []:
            if entry.get("name") == user_name and "auth-provider" in (entry.get("user") or {}):
                entry["user"]["auth-provider"]["config"] = dict(settings)
        number, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)))
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            _deps.yaml.safe_dump(config, stream, default_flow_style=False, sort_keys=False)
        os.replace(temporary, os.path.realpath(path))
    except OSError:
        return
