# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A reverse proxy in front of a Kubernetes API server that counts every request, and makes trouble when told.

Plain HTTP on 127.0.0.1, TLS with the kubeconfig's credentials towards the server. Watches are streamed; impersonation headers pass
through; a request with its own Authorization header is sent without the client certificate, so that it is who it says.

    proxy.py --kubeconfig FILE -- helm list -A             run a command through it, then print what was asked
    proxy.py --kubeconfig FILE --kill-at 7 --after -- ...  SIGKILL the command and everything it started once the 7th write is done
    proxy.py --kubeconfig FILE --answer 'PUT /leases/ 409 2' -- ...   refuse the first two such requests

A *write* is a POST, PUT, PATCH or DELETE that is not a dry run and not a review (who am I, may I): those store nothing.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import hashlib
import http.client
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from harness.processes import kill_tree
from harness.upstream import Target

WRITING = ("POST", "PUT", "PATCH", "DELETE")
_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
_REVIEW = re.compile(r"^/apis/auth(entication|orization)\.k8s\.io/")
_LEASE_NAME = re.compile(r"/leases/[^/]+$")
_REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 422: "Invalid",
    429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}


@dataclass
class Seen:
    """One request. write: its number among the writes, 0 for reads. status: 0 while unanswered or when it was cut."""

    number: int
    verb: str
    path: str
    query: str = ""
    dry_run: bool = False
    write: int = 0
    status: int = 0
    seconds: float = 0.0
    began: float = 0.0
    agent: str = ""
    impersonated: str = ""
    groups: tuple[str, ...] = ()
    authorization: str = ""  # of the header: scheme and 12 hex digits of its hash, never the thing itself
    stream: bool = False
    forged: bool = False  # answered by the proxy, never seen by the server

    @property
    def writing(self) -> bool:
        return self.verb in WRITING and not self.dry_run and not _REVIEW.match(self.path)

    @property
    def renewal(self) -> bool:
        return self.verb == "PUT" and bool(_LEASE_NAME.search(self.path))

    def __str__(self) -> str:
        what = f"write {self.write}" if self.write else "dry run" if self.dry_run else "watch" if self.stream else ""
        return f"{self.verb:6} {self.path}{'?' + self.query if self.query else ''}  {self.status or 'cut'}  {what}".rstrip()


@dataclass
class Rule:
    """Trouble for the requests it matches. times: how often (None: always); it is counted down under the proxy's lock.

    before / after: called with the request before it reaches the server, and when the server has answered but the client does not know yet.
    answer: status to send instead of asking the server (with retry_after seconds). cut: "before" or "after" closes the connection. delay: seconds.
    """

    matches: Callable[[Seen], bool]
    times: int | None = 1
    before: Callable[[Seen], None] | None = None
    after: Callable[[Seen], None] | None = None
    answer: int = 0
    retry_after: int | None = None
    cut: str = ""
    delay: float = 0.0
    hits: list[Seen] = field(default_factory=list)


class Proxy:
    """``with Proxy(kubeconfig) as proxy:`` then use ``proxy.kubeconfig`` (a file) or ``proxy.url``; ``proxy.seen`` is the log."""

    def __init__(self, kubeconfig: str | os.PathLike, folder: str | os.PathLike | None = None, count: Callable[[Seen], bool] = lambda seen: True) -> None:
        self._target = Target.read(kubeconfig)
        self._count = count
        self._own_folder = tempfile.mkdtemp(prefix="proxy-") if folder is None else None
        self.folder = Path(folder or self._own_folder)
        self.seen: list[Seen] = []
        self.rules: list[Rule] = []
        self.lock = threading.Lock()
        self._writes = 0
        self._streams: set[socket.socket] = set()
        self.clients: set[socket.socket] = set()
        self.began = time.monotonic()
        self._server = _Server(self, 0)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.kubeconfig = str(self.folder / f"kubeconfig-{self._server.server_address[1]}")

    def __enter__(self) -> Proxy:
        Path(self.kubeconfig).write_text(json.dumps(self.config()))
        os.chmod(self.kubeconfig, 0o600)
        self._server.begin()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.cut_streams()
        with contextlib.suppress(OSError):
            os.unlink(self.kubeconfig)
        if self._own_folder:
            with contextlib.suppress(OSError):
                os.rmdir(self._own_folder)

    def config(self, **user: str) -> dict:
        """A kubeconfig for this proxy as a mapping; user: for example token=..."""
        return {
            "apiVersion": "v1", "kind": "Config", "current-context": "proxy",
            "clusters": [{"name": "proxy", "cluster": {"server": self.url}}],
            "users": [{"name": "proxy", "user": dict(user)}],
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "proxy"}}],
        }

    # Looking -----------------------------------------------------------------------------------------------------------------------

    @property
    def writes(self) -> list[Seen]:
        """The numbered writes, in their order."""
        with self.lock:
            return [seen for seen in self.seen if seen.write]

    @property
    def wrote(self) -> list[Seen]:
        """Every request that could change something, numbered or not."""
        with self.lock:
            return [seen for seen in self.seen if seen.writing]

    def reset(self) -> None:
        """Forgets log and count, keeps the rules."""
        with self.lock:
            self.seen.clear()
            self._writes = 0

    def table(self) -> str:
        with self.lock:
            return "\n".join(f"{seen.number:4}  {seen.began:7.2f} s  {seen.seconds * 1000:6.0f} ms  {seen}" for seen in self.seen)

    # Trouble -----------------------------------------------------------------------------------------------------------------------

    def at_write(self, number: int, action: Callable[[Seen], None], when: str = "before", cut: bool = True) -> Rule:
        """Runs action at the n-th write, before it reaches the server or when it is done there and the client does not know it."""
        return self.add(Rule(lambda seen: seen.write == number, **{when: action}, cut=when if cut else ""))

    def answer(self, status: int, verb: str = ".*", path: str = "", times: int | None = 1, retry_after: int | None = None) -> Rule:
        return self.add(Rule(_like(verb, path), times=times, answer=status, retry_after=retry_after))

    def slow(self, seconds: float, verb: str = ".*", path: str = "", times: int | None = None) -> Rule:
        return self.add(Rule(_like(verb, path), times=times, delay=seconds))

    def cut(self, when: str = "before", verb: str = ".*", path: str = "", times: int | None = 1) -> Rule:
        return self.add(Rule(_like(verb, path), times=times, cut=when))

    def add(self, rule: Rule) -> Rule:
        with self.lock:
            self.rules.append(rule)
        return rule

    def cut_streams(self) -> int:
        """Ends every watch and log stream that runs now, as a restarted API server would; returns how many."""
        with self.lock:
            running = list(self._streams)
        for sock in running:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        return len(running)

    def away(self, seconds: float) -> None:
        """What a restart is to clients: every connection ends, none is made, then the server is back at its address."""
        port = self._server.server_address[1]
        self._server.shutdown()
        self._server.server_close()
        # Bound at once, listening later: nobody else gets the port meanwhile, and who connects is refused.
        self._server = _Server(self, port)
        with self.lock:
            running = list(self.clients)
        for sock in running:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        time.sleep(seconds)
        self._server.begin()

    # For the handler -----------------------------------------------------------------------------------------------------------------

    def enter(self, seen: Seen) -> Rule | None:
        with self.lock:
            seen.number = len(self.seen) + 1
            seen.began = time.monotonic() - self.began
            if seen.writing and self._count(seen):
                self._writes += 1
                seen.write = self._writes
            self.seen.append(seen)
            for rule in self.rules:
                if rule.times != 0 and rule.matches(seen):
                    rule.times = None if rule.times is None else rule.times - 1
                    rule.hits.append(seen)
                    return rule
        return None

    def streaming(self, sock: socket.socket, on: bool) -> None:
        with self.lock:
            (self._streams.add if on else self._streams.discard)(sock)


def _like(verb: str, path: str) -> Callable[[Seen], bool]:
    verbs, paths = re.compile(verb), re.compile(path)
    return lambda seen: bool(verbs.fullmatch(seen.verb) and paths.search(seen.path))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, proxy: Proxy, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler, bind_and_activate=False)
        self.proxy = proxy
        self.server_bind()

    def begin(self) -> None:
        self.server_activate()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], (OSError, http.client.HTTPException, _Cut)):
            super().handle_error(request, client_address)


class _Cut(Exception):
    pass


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.proxy.lock:
            self.server.proxy.clients.add(self.connection)
        self._upstream: dict[bool, http.client.HTTPConnection] = {}

    def finish(self) -> None:
        with self.server.proxy.lock:
            self.server.proxy.clients.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()
        for connection in self._upstream.values():
            connection.close()

    def log_message(self, format, *args) -> None:  # noqa: A002
        """The log is ``proxy.seen``."""

    def _any(self) -> None:
        proxy = self.server.proxy
        body = self._body()
        seen = self._describe(body)
        rule = proxy.enter(seen)
        started = time.monotonic()
        try:
            if rule is not None:
                if rule.delay:
                    time.sleep(rule.delay)
                if rule.before:
                    rule.before(seen)
                if rule.cut == "before":
                    raise _Cut
                if rule.answer:
                    seen.forged = True
                    self._forge(seen, rule)
                    return
            self._forward(seen, rule, body)
        except _Cut:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        finally:
            seen.seconds = time.monotonic() - started

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _any

    def _body(self) -> bytes:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _describe(self, body: bytes) -> Seen:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        dry_run = "All" in query.get("dryRun", [])
        if self.command == "DELETE" and not dry_run and body:
            # client-go sends it in DeleteOptions.
            with contextlib.suppress(ValueError):
                options = json.loads(body)
                dry_run = isinstance(options, dict) and options.get("dryRun") == ["All"]
        scheme, _space, secret = (self.headers.get("Authorization") or "").partition(" ")
        return Seen(
            number=0, verb=self.command, path=parts.path, query=parts.query, dry_run=dry_run, agent=self.headers.get("User-Agent", ""),
            impersonated=self.headers.get("Impersonate-User", ""), groups=tuple(self.headers.get_all("Impersonate-Group") or ()),
            authorization=f"{scheme} {hashlib.sha256(secret.encode()).hexdigest()[:12]}" if scheme else "",
            stream=query.get("watch", ["0"])[0] in ("1", "true") or query.get("follow", ["0"])[0] in ("1", "true"),
        )

    def _forge(self, seen: Seen, rule: Rule) -> None:
        status = rule.answer
        seen.status = status
        details = {"retryAfterSeconds": rule.retry_after} if rule.retry_after is not None else {}
        text = json.dumps({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": status, "reason": _REASONS.get(status, ""),
            "message": f"refused by the test proxy ({status})", "details": details,
        }).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        if rule.retry_after is not None:
            self.send_header("Retry-After", str(rule.retry_after))
        self.end_headers()
        self.wfile.write(text)

    def _forward(self, seen: Seen, rule: Rule | None, body: bytes) -> None:
        answer = self._ask(body)
        seen.status = answer.status
        if rule is not None and (rule.after or rule.cut == "after"):
            whole = answer.read() if not seen.stream else b""
            if rule.after:
                rule.after(seen)
            if rule.cut == "after":
                raise _Cut
            self._send(answer, whole)
            return
        if seen.stream:
            self._stream(answer)
        else:
            self._send(answer, answer.read())

    def _ask(self, body: bytes) -> http.client.HTTPResponse:
        own = "Authorization" not in self.headers
        headers: list[tuple[str, str]] = [(key, value) for key, value in self.headers.items() if key.lower() not in _HOP | {"host", "content-length"}]
        if body or self.command in ("POST", "PUT", "PATCH"):
            headers.append(("Content-Length", str(len(body))))
        headers += self.server.proxy._target.headers if own else []
        for fresh in (False, True):
            connection = self._upstream.get(own)
            if connection is None or fresh:
                connection = self._upstream[own] = self.server.proxy._target.connection(own)
                fresh = True
            try:
                connection.putrequest(self.command, self.server.proxy._target.prefix + self.path, skip_accept_encoding=True)
                for key, value in headers:
                    connection.putheader(key, value)
                connection.endheaders(body or None)
                return connection.getresponse()
            except (OSError, http.client.HTTPException):
                connection.close()
                self._upstream.pop(own, None)
                # Only a kept connection that the server had closed meanwhile is worth a second try.
                if fresh:
                    raise _Cut from None
        raise _Cut

    def _head(self, answer: http.client.HTTPResponse) -> None:
        self.send_response_only(answer.status, answer.reason)
        for key, value in answer.getheaders():
            if key.lower() not in _HOP | {"content-length"}:
                self.send_header(key, value)

    def _send(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self._head(answer)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(body)) if self.command != "HEAD" else answer.getheader("Content-Length", "0"))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        self._head(answer)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        self.server.proxy.streaming(self.connection, True)
        # A client that goes away while nothing happens is noticed at the next event; the server's own watch time-out bounds it.
        try:
            while data := answer.read1(65536):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            self.server.proxy.streaming(self.connection, False)
            # What is left of the answer would be taken for the next one.
            for connection in self._upstream.values():
                connection.close()
            self._upstream.clear()


# Command line ------------------------------------------------------------------------------------------------------------------------------

def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="proxy.py", description=__doc__.splitlines()[0])
    parser.add_argument("--kubeconfig", default=os.environ.get("ACMP_KUBECONFIG") or os.environ.get("KUBECONFIG"), help="of the API server behind it")
    parser.add_argument("--write-kubeconfig", metavar="FILE", help="also write the proxy's own kubeconfig here")
    parser.add_argument("--log", metavar="FILE", help="write every request as a line of JSON")
    parser.add_argument("--quiet", action="store_true", help="no table at the end, only the sums")
    parser.add_argument("--kill-at", type=int, metavar="N", help="SIGKILL the command and all it started at its N-th write")
    parser.add_argument("--after", action="store_true", help="... when the server has done it, not before")
    parser.add_argument("--alone", action="store_true", help="... only the command itself")
    parser.add_argument("--answer", action="append", default=[], metavar="'VERB PATH STATUS [TIMES]'", help="refuse requests (regular expressions)")
    parser.add_argument("--delay", action="append", default=[], metavar="'VERB PATH SECONDS'", help="be slow")
    parser.add_argument("--cut", action="append", default=[], metavar="'VERB PATH before|after [TIMES]'", help="close the connection")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- COMMAND ARGUMENT...; without one the proxy runs until it is interrupted")
    options = parser.parse_args(arguments)
    if not options.kubeconfig:
        parser.error("--kubeconfig is missing")
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    with Proxy(options.kubeconfig) as proxy:
        for verb, path, status, *times in map(str.split, options.answer):
            proxy.answer(int(status), verb, path, times=int(times[0]) if times else 1, retry_after=1 if status == "429" else None)
        for verb, path, seconds in map(str.split, options.delay):
            proxy.slow(float(seconds), verb, path)
        for verb, path, when, *times in map(str.split, options.cut):
            proxy.cut(when, verb, path, times=int(times[0]) if times else 1)
        if options.write_kubeconfig:
            Path(options.write_kubeconfig).write_text(Path(proxy.kubeconfig).read_text())
        code = _run(command, options, proxy) if command else _serve(proxy)
        if options.log:
            Path(options.log).write_text("".join(json.dumps(asdict(seen)) + "\n" for seen in proxy.seen))
        if not options.quiet:
            print(proxy.table(), file=sys.stderr)
        verbs = collections.Counter(seen.verb for seen in proxy.seen)
        by_verb = ", ".join(f"{count} {verb}" for verb, count in sorted(verbs.items()))
        print(f"{len(proxy.seen)} requests ({by_verb}), {len(proxy.wrote)} writes", file=sys.stderr)
    return code


def _run(command: list[str], options: argparse.Namespace, proxy: Proxy) -> int:
    environment = {**os.environ, "KUBECONFIG": proxy.kubeconfig, "K8S_AUTH_KUBECONFIG": proxy.kubeconfig}
    process = subprocess.Popen(command, env=environment)
    if options.kill_at:
        kill = (lambda seen: os.kill(process.pid, signal.SIGKILL)) if options.alone else (lambda seen: kill_tree(process.pid))
        proxy.at_write(options.kill_at, kill, "after" if options.after else "before")
    try:
        return process.wait()
    except KeyboardInterrupt:
        return process.wait()


def _serve(proxy: Proxy) -> int:
    print(proxy.kubeconfig, flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            time.sleep(3600)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
