# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests to one API server: keep-alive sockets of our own, bounded retries, and errors that say what to do."""

from __future__ import annotations

import json
import random
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from .. import _deps
from ..context import Context
from ..errors import ConnectionFailed, KubeError
from . import _refusals, _tls, _tls_words
from ._refusals import Subject

CONNECT_SECONDS = 4.5  # twice fits into the 10 s after which an unreachable API is reported: a name may have two addresses
READ_SECONDS = 60.0  # the API server itself gives up on a request after 60 s
RETRY_SECONDS = 8.0  # an API server that restarts is back in a few seconds
TRIES = 5
POOL = 16
MOST_BYTES = 512 * 1024 * 1024  # of one answer: 500 Secrets of the largest size; a server that never ends would fill the memory
_WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Answer:
    """status, headers (case-insensitive), data (bytes); for stream=True response is urllib3's, still open."""

    status: int
    headers: Mapping[str, str]
    data: bytes = b""
    response: Any = field(default=None, repr=False)
    server: str = ""

    def json(self) -> dict[str, Any]:
        """The object in the answer; ConnectionFailed when there is none, as in the login page of a proxy."""
        try:
            found = json.loads(self.data) if self.data else {}
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ConnectionFailed(
                "The answer is not of a Kubernetes API server", where=self.server, todo="check the address, and whether a proxy answers in its place")
        return found


class _Headers(dict):
    """Headers of which one may have several values (a tuple), sent one by one.

    urllib3's own class would do in 2.x; 1.26 joins the values with commas, and ``a, b`` is then the name of one group.
    """

    def items(self) -> Any:
        for name, value in super().items():
            for one in value if isinstance(value, tuple) else (value,):
                yield name, one

    def copy(self) -> _Headers:
        return _Headers(self)


class Transport:
    """One pool of connections to one server with one identity. Nothing in it is shared with another Transport."""

    def __init__(self, target: Any, tls: Any, ctx: Context, connect_seconds: float | None = None) -> None:
        self.target, self.tls, self.ctx = target, tls, ctx
        # Who says how long to wait looks at many servers and wants no second try at one.
        self._connect_seconds, self._tries = connect_seconds or CONNECT_SECONDS, 1 if connect_seconds else TRIES
        self.requests: list[tuple[str, str]] = []
        self._base = urlsplit(target.server).path.rstrip("/")
        self._origin = target.server[: len(target.server) - len(self._base)] if self._base else target.server
        self._reached = False
        self._lock = threading.Lock()
        self._certificate = target.credentials.proof().certificate
        self._pool = self._make_pool()

    def _make_pool(self) -> Any:
        alive = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
        # Without these a watch on a dead line would wait for two hours.
        alive += [
            (socket.IPPROTO_TCP, getattr(socket, name), value)
            for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)) if hasattr(socket, name)
        ]
        settings: dict[str, Any] = {"num_pools": 4, "maxsize": POOL, "block": False, "retries": False, "socket_options": alive}
        if self.tls is not None:
            if _deps.urllib3.__version__.startswith("1."):
                # 1.26 names no host to OpenSSL where it is an address, and compares the names itself.
                self.tls.check_hostname = False
            settings["ssl_context"] = self.tls
            if self.target.server_name:
                settings["server_hostname"] = settings["assert_hostname"] = self.target.server_name
            if not self.target.verify:
                settings.update(cert_reqs="CERT_NONE", assert_hostname=False)
                # Said by the one who set validate_certs: no, so not repeated on standard error for each request.
                _deps.urllib3.disable_warnings(_deps.urllib3.exceptions.InsecureRequestWarning)
        proxy = self.target.proxy
        if not proxy:
            return _deps.urllib3.PoolManager(**settings)
        parts = urlsplit(proxy)
        headers = dict(self.target.proxy_headers)
        if parts.username:
            headers.update(_deps.urllib3.make_headers(proxy_basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}"))
        address = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return _deps.urllib3.ProxyManager(address, proxy_headers=headers, **settings)

    def close(self) -> None:
        """Closes the idle connections."""
        self._pool.clear()

    def request(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None, content_type: str | None = None,
        accept: str | None = None, stream: bool = False, subject: Subject | None = None, idempotent: bool | None = None,
        read_timeout: float = READ_SECONDS,
    ) -> Answer:
        """One request, repeated where that is safe; returns answers below 400, raises the typed error for others.

        body: dict or list (sent as JSON) or bytes. idempotent: may be repeated after an unclear end; GET by default. Every request may be
        repeated while no connection was made and after 429, since then the server did nothing. read_timeout: seconds between two bytes.
        """
        subject = subject or Subject(f"{method} {path}")
        idempotent = method == "GET" if idempotent is None else idempotent
        url = f"{self._origin}{self._base}{path}"
        if query:
            url += "?" + urlencode({key: value for key, value in query.items() if value is not None})
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        start, renewed = time.monotonic(), False
        for attempt in range(1, self._tries + 1):
            headers = self._headers(accept, content_type if data is not None else None)
            self.requests.append((method, path))
            try:
                answer = self._once(method, url, headers, data, stream, read_timeout)
            except _deps.urllib3.exceptions.HTTPError as failure:
                delay = self._after_failure(failure, attempt, idempotent, start)
                if delay is None:
                    raise self._failed(failure, subject, method) from None
                self._pause(delay)
                continue
            self._reached = True
            self._warnings(answer)
            if 300 <= answer.status < 400:
                raise ConnectionFailed(
                    f"The address leads elsewhere (HTTP {answer.status}), and credentials are not carried there (tried to {subject})", where=self.target.server,
                    todo="give the address of the API server itself, and check whether a proxy answers in its place")
            if answer.status < 400:
                return answer
            if answer.status == 401 and not renewed and attempt < self._tries and self.target.credentials.renewable:
                renewed = True
                self.target.credentials.proof(force=True)
                continue
            delay = self._after_refusal(answer, attempt, idempotent, start)
            if delay is None:
                status = _refusals.parse(answer.data)
                raise _refusals.error(answer.status, status, subject, self.target.server, self.ctx.secrets, body)
            self._pause(delay)
        raise KubeError(f"The API server failed to {subject} {self._tries} times", where=self.target.server, todo="run the task again later")

    def _headers(self, accept: str | None, content_type: str | None) -> Any:
        headers = _Headers({"accept": accept or "application/json", "user-agent": "acmp.middleware"})
        proof = self.target.credentials.proof()
        if proof.header:
            headers["authorization"] = proof.header
        if proof.certificate is not None and proof.certificate != self._certificate:
            self._renew_certificate(proof)
        if content_type:
            headers["content-type"] = content_type
        if self.target.impersonation:
            user, groups = self.target.impersonation
            headers["impersonate-user"] = _encoded(user)
            if groups:
                headers["impersonate-group"] = tuple(_encoded(group) for group in groups)
        return headers

    def _renew_certificate(self, proof: Any) -> None:
        """A plugin gave a new client certificate: a new context and new connections."""
        with self._lock:
            if proof.certificate == self._certificate or self.tls is None:
                return
            self.tls = _tls.context(self.target.verify, self.target.authority, proof.certificate, proof.key, self.target.origin)
            self._certificate = proof.certificate
            self._pool = self._make_pool()

    def _once(self, method: str, url: str, headers: Any, data: bytes | None, stream: bool, read_timeout: float) -> Answer:
        timeout = _deps.urllib3.Timeout(connect=self._connect_seconds, read=read_timeout)
        # Not request(): 1.26 copies the headers of a body into a plain dict there.
        response = self._pool.request_encode_url(
            method, url, headers=headers, body=data, timeout=timeout, preload_content=False, redirect=False, retries=False, enforce_content_length=True)
        if stream and response.status < 400:
            return Answer(response.status, response.headers, response=response, server=self.target.server)
        try:
            content = self._whole(response)
        except BaseException:
            # A half-read connection must not go back into the pool.
            response.close()
            raise
        response.release_conn()
        return Answer(response.status, response.headers, content, server=self.target.server)

    def _whole(self, response: Any) -> bytes:
        parts, size = [], 0
        # Nobody was told that it may be packed, and a little of that can be much.
        for part in response.stream(1024 * 1024, decode_content=False):
            size += len(part)
            if size > MOST_BYTES:
                raise ConnectionFailed(f"An answer is larger than {MOST_BYTES // 1024**2} MiB", where=self.target.server, todo="check the address")
            parts.append(part)
        return b"".join(parts)

    def _after_failure(self, failure: Exception, attempt: int, idempotent: bool, start: float) -> float | None:
        """Seconds to wait before the next try, None to give up."""
        errors = _deps.urllib3.exceptions
        if attempt >= self._tries or isinstance(failure, (errors.LocationValueError, errors.InvalidHeader)):
            return None
        if isinstance(failure, errors.SSLError) and not (idempotent and attempt == 1 and _tls_words.is_passing(str(failure))):
            return None
        if isinstance(failure, errors.ProxyError) and not self._reached:
            return None
        unsent = isinstance(failure, (errors.NewConnectionError, errors.ConnectTimeoutError))
        left = RETRY_SECONDS - (time.monotonic() - start)
        # A server never reached is more likely a wrong address than one that restarts: one more try, at once.
        if not self._reached and (attempt > 1 or not isinstance(failure, (errors.NewConnectionError, errors.ProtocolError, errors.SSLError))):
            return None
        if not unsent and not (idempotent and (isinstance(failure, errors.ProtocolError) or attempt == 1)):
            return None
        delay = _backoff(attempt, 0.2 if not self._reached else 0.4)
        return delay if delay < left else None

    def _after_refusal(self, answer: Answer, attempt: int, idempotent: bool, start: float) -> float | None:
        if attempt >= self._tries:
            return None
        if answer.status != 429 and not (idempotent and answer.status in (500, 502, 503, 504)):
            return None
        asked = str(answer.headers.get("retry-after") or "")
        delay = max(_backoff(attempt, 0.3), min(float(asked), 10.0) if asked.isdigit() else 0.0)
        return delay if time.monotonic() - start + delay < 3 * RETRY_SECONDS else None

    def _pause(self, delay: float) -> None:
        # While the run is being stopped (clean-up), its event is set already and would not wait at all.
        if self.ctx.stopping.is_set():
            time.sleep(min(delay, 0.3))
        else:
            self.ctx.stopping.wait(delay)

    def _warnings(self, answer: Answer) -> None:
        text = answer.headers.get("warning")
        if text:
            for match in _WARNING.finditer(text):
                self.ctx.warn(self.ctx.secrets.mask(match.group(1).replace('\\"', '"')))

    def _failed(self, failure: Exception, subject: Subject, method: str) -> KubeError:
        errors = _deps.urllib3.exceptions
        server, origin = self.target.server, self.target.origin
        where = f"{server} (from {origin})"
        text = str(failure)
        if isinstance(failure, errors.ProxyError):
            return ConnectionFailed(
                "The proxy does not let us through to the API server", where=where, todo="check proxy, its user and password, and no_proxy")
        if isinstance(failure, errors.SSLError):
            return ConnectionFailed(f"The TLS connection to the API server failed: {_tls_words.reason(text)}", where=where, todo=_tls_words.todo(text))
        if isinstance(failure, (errors.ConnectTimeoutError, errors.NewConnectionError)):
            reason = "no answer" if isinstance(failure, errors.ConnectTimeoutError) and not isinstance(failure, errors.NewConnectionError) else _dial(text)
            return ConnectionFailed(
                f"The API server cannot be reached: {reason} (tried to {subject})", where=where,
                todo="check the address, the network, and whether the cluster runs")
        unclear = "" if method == "GET" else "; whether it was done is not known"
        if isinstance(failure, errors.TimeoutError):
            return ConnectionFailed(f"The API server did not answer in time (tried to {subject}){unclear}", where=where, todo="run the task again")
        return ConnectionFailed(f"The connection to the API server was cut (tried to {subject}){unclear}", where=where, todo="run the task again")


def _encoded(name: str) -> str:
    # HTTP headers are Latin-1 in Python; Kubernetes reads UTF-8 bytes.
    return name.encode("utf-8").decode("latin-1")


def _backoff(attempt: int, first: float) -> float:
    return min(first * 2 ** (attempt - 1), 4.0) * random.uniform(0.7, 1.3)


def _dial(text: str) -> str:
    for part, reason in (
        ("refused", "connection refused"), ("resolve", "its name is not known"), ("Name or service", "its name is not known"),
        ("getaddrinfo", "its name is not known"),
        ("No route", "no route to it"), ("unreachable", "the network is unreachable"), ("timed out", "no answer"),
    ):
        if part in text:
            return reason
    return "no connection"
