# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Retries, time-outs and words, against handlers that answer what the test says. What an API server does is tested on a real one."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import threading
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Conflict, ConnectionFailed, KubeError, NotFound, Unauthorized
from ansible_collections.acmp.middleware.plugins.module_utils.kube import _http, client
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect

from . import kubeconfigs

CONFIG = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "shop"}}


class Server:
    """Answers from a list of (status, headers, body); "cut" closes the connection without a word. The last one is repeated."""

    def __init__(self, answers, tls=None):
        self.answers, self.seen = list(answers), []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                length = int(self.headers.get("content-length") or 0)
                outer.seen.append((self.command, self.path, dict(self.headers), self.rfile.read(length)))
                outer.groups = self.headers.get_all("impersonate-group")
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if answer == "cut":
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                status, headers, body = answer
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"content-length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

            def log_message(self, *_args):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.handle_error = lambda *_args: None
        if tls:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.http.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.http.shutdown()
        self.http.server_close()


def kube_of(server, ctx=None, **options):
    return connect({"kubeconfig": kubeconfigs.config(server.url), **options}, ctx or Context())


def test_a_redirection_is_no_answer():
    """Followed, it would carry the token elsewhere; taken for an answer, it would be an object without anything in it."""
    with Server([(302, {"location": "https://elsewhere"}, b"")]) as server, pytest.raises(ConnectionFailed, match="leads elsewhere .HTTP 302."):
        kube_of(server).get("v1", "ConfigMap", "a", "shop")
    assert len(server.seen) == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_never_ends_is_given_up(monkeypatch, chunked):
    monkeypatch.setattr(_http, "MOST_BYTES", 100_000)
    body = b" " * 200_000
    answer = (200, {"transfer-encoding": "chunked", "content-length": ""}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)) if chunked else (200, {}, body)
    with Server([answer]) as server, pytest.raises(ConnectionFailed, match="larger than"):
        kube_of(server).get("v1", "ConfigMap", "a", "shop")


def test_a_list_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(client, "LIST_BYTES", 1000)
    page = {"items": [{"metadata": {"name": "a"}}], "metadata": {"continue": "more"}}
    with Server([(200, {}, page)]) as server, pytest.raises(ConnectionFailed, match="larger than.*list ConfigMap"):
        kube_of(server).list("v1", "ConfigMap")
    assert 5 < len(server.seen) < 50


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(_http, "_backoff", lambda attempt, first: 0.01)


OK = (200, {}, {"kind": "ConfigMap", "metadata": {"name": "a"}})
BUSY = (429, {"retry-after": "0"}, {"kind": "Status", "message": "slow down"})
DOWN = (503, {}, {"kind": "Status", "message": "apiserver is shutting down"})


@pytest.mark.parametrize(("answers", "call", "requests"), [
    ([DOWN, DOWN, OK], lambda kube: kube.get("v1", "ConfigMap", "a", "shop"), 3),
    (["cut", OK], lambda kube: kube.get("v1", "ConfigMap", "a", "shop"), 2),
    ([BUSY, OK], lambda kube: kube.create(CONFIG), 2),
    ([DOWN, OK], lambda kube: kube.apply(CONFIG), 2),
    ([OK, "cut", OK], lambda kube: (kube.apply(CONFIG), kube.apply(CONFIG)), 3),
])
def test_what_is_safe_is_repeated(answers, call, requests):
    with Server(answers) as server:
        kube = kube_of(server)
        call(kube)
        assert len(server.seen) == requests == len(kube.requests)


@pytest.mark.parametrize("call", [
    lambda kube: kube.create(CONFIG), lambda kube: kube.replace(CONFIG), lambda kube: kube.delete("v1", "ConfigMap", "a", "shop"),
    lambda kube: kube.patch("v1", "ConfigMap", "a", "shop", {}),
])
@pytest.mark.parametrize("answer", [DOWN, "cut"])
def test_what_may_have_been_done_is_not_repeated(call, answer):
    with Server([OK, answer]) as server:
        kube = kube_of(server)
        kube.get("v1", "ConfigMap", "a", "shop")
        with pytest.raises(KubeError) as caught:
            call(kube)
        assert len(server.seen) == 2 and (answer is DOWN or "whether it was done is not known" in caught.value.message)


def test_retries_end():
    with Server([DOWN]) as server, pytest.raises(KubeError) as caught:
        kube_of(server).get("v1", "ConfigMap", "a", "shop")
    assert caught.value.status == 503 and len(server.seen) == _http.TRIES


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        start = time.monotonic()
        with pytest.raises(ConnectionFailed) as caught:
            connect({"kubeconfig": kubeconfigs.config(f"https://127.0.0.1:{unused.getsockname()[1]}")}, Context()).version()
    assert "connection refused" in caught.value.message and time.monotonic() - start < 3


def test_somebody_listens_and_says_nothing():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        start = time.monotonic()
        with pytest.raises(ConnectionFailed):
            connect({"kubeconfig": kubeconfigs.config(f"https://127.0.0.1:{silent.getsockname()[1]}")}, Context()).version()
    assert time.monotonic() - start < 10


def test_an_unknown_name():
    with pytest.raises(ConnectionFailed, match="its name is not known"):
        connect({"kubeconfig": kubeconfigs.config("https://no-such-name.invalid:6443")}, Context()).version()


def server_tls(name="server"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kubeconfigs.pki() / f"{name}.crt", kubeconfigs.pki() / "server.key")
    return context


def test_tls_in_words():
    with Server([OK], server_tls()) as server:
        assert kube_of(server).get("v1", "ConfigMap", "a", "shop")
        for changes, words in (
            ({"certificate-authority-data": kubeconfigs.data("other.crt")}, "not signed by the given certificate authority"),
            ({"tls-server-name": "wrong.example"}, "for another name"),
        ):
            with pytest.raises(ConnectionFailed, match=words):
                connect({"kubeconfig": kubeconfigs.config(server.url, **changes)}, Context()).version()
        for changes in ({"tls-server-name": "api.example"}, {"certificate-authority-data": None, "insecure-skip-tls-verify": True}):
            assert connect({"kubeconfig": kubeconfigs.config(server.url, **changes)}, Context()).version()
    with Server([OK]) as server, pytest.raises(ConnectionFailed, match="does not speak TLS"):
        connect({"kubeconfig": kubeconfigs.config(server.url.replace("http:", "https:"))}, Context()).version()


@pytest.mark.parametrize(("alert", "tries", "words"), [(80, 2, ""), (20, 2, ""), (42, 1, "bad certificate")])
def test_a_handshake_that_fails_in_passing_is_tried_again(alert, tries, words):
    """internal_error and bad_record_mac come from a server under pressure; bad_certificate will come again."""
    seen = []

    def serve(listener):
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            seen.append(1)
            with connection:
                if len(seen) == 1:
                    connection.recv(65536)
                    connection.sendall(bytes([0x15, 3, 3, 0, 2, 2, alert]))
                    continue
                with server_tls().wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
                                    b'Content-Length: 26\r\nConnection: close\r\n\r\n{"gitVersion": "v1.35.4"} ')

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        kube = connect({"kubeconfig": kubeconfigs.config(f"https://127.0.0.1:{listener.getsockname()[1]}")}, Context())
        if words:
            with pytest.raises(ConnectionFailed, match=words):
                kube.version()
        else:
            assert kube.version()["gitVersion"] == "v1.35.4"
    assert len(seen) == tries


def test_impersonation_is_in_every_request():
    with Server([OK]) as server:
        kube = connect({"kubeconfig": kubeconfigs.config(server.url)}, Context(), {"user": "jö", "groups": ["a", "b"]})
        kube.create(CONFIG)
        assert server.groups == ["a", "b"]
        kube.get("v1", "ConfigMap", "a", "shop")
        headers = {name.lower(): value for name, value in server.seen[0][2].items()}
    assert headers["impersonate-user"].encode("latin-1").decode() == "jö" and headers["authorization"] == "Bearer token-of-u"
    assert server.groups == ["a", "b"]


def test_a_rotated_token_is_read_again_after_a_401(tmp_path):
    (tmp_path / "token").write_text("old")
    with Server([(401, {}, {"kind": "Status", "message": "Unauthorized"}), OK]) as server:
        kube = connect({"kubeconfig": kubeconfigs.config(server.url, {"tokenFile": str(tmp_path / "token")})}, Context())
        (tmp_path / "token").write_text("new")
        kube.get("v1", "ConfigMap", "a", "shop")
        assert [{key.lower(): value for key, value in seen[2].items()}["authorization"] for seen in server.seen] == ["Bearer old", "Bearer new"]
    with Server([(401, {}, {"kind": "Status", "message": "Unauthorized"})]) as server, pytest.raises(Unauthorized):
        kube_of(server).get("v1", "ConfigMap", "a", "shop")
    assert len(server.seen) == 1


def test_warnings_of_the_server_reach_the_context():
    ctx = Context()
    with Server([(200, {"warning": '299 - "policy/v1beta1 is old", 299 - "unknown field \\"x\\""'}, {})]) as server:
        kube_of(server, ctx).version()
    assert ctx.warnings == ["policy/v1beta1 is old", 'unknown field "x"']


def test_pages_and_an_expired_page():
    def page(names, following=None, version="7"):
        return 200, {}, {"items": [{"metadata": {"name": name}} for name in names], "metadata": {"continue": following, "resourceVersion": version}}
    with Server([page("ab", "next"), page("c")]) as server:
        items, version = kube_of(server).list_with_version("apps/v1", "Deployment", "shop")
        assert [item["metadata"]["name"] for item in items] == ["a", "b", "c"] and version == "7" and "continue=next" in server.seen[1][1]
        assert items[0]["kind"] == "Deployment" and items[0]["apiVersion"] == "apps/v1"
    with Server([page("ab", "next"), (410, {}, {"kind": "Status", "message": "expired"}), page("xyz")]) as server:
        assert len(kube_of(server).list("v1", "Pod", "shop")) == 3 and "limit" not in server.seen[2][1]


def event(kind, **meta):
    return json.dumps({"type": kind, "object": {"kind": "Pod", "metadata": meta}}).encode() + b"\n"


def test_a_watch():
    with Server([(200, {}, event("ADDED", name="a") + b"\n" + event("BOOKMARK", resourceVersion="9"))]) as server:
        found = list(kube_of(server).watch("v1", "Pod", "shop", "5", timeout=30))
        assert [kind for kind, _obj in found] == ["ADDED", "BOOKMARK"]
        assert "resourceVersion=5" in server.seen[0][1] and "allowWatchBookmarks=true" in server.seen[0][1]
    gone = json.dumps({"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}).encode()
    with Server([(200, {}, event("ADDED", name="a") + gone)]) as server:
        watch = kube_of(server).watch("v1", "Pod", "shop", "5")
        assert next(watch)[0] == "ADDED"
        with pytest.raises(Conflict) as caught:
            next(watch)
        assert caught.value.status == 410
    for broken in (b"{", b"[]", b'"x"', b'{"type": "ADDED"}'):
        with Server([(200, {}, broken)]) as server, pytest.raises(ConnectionFailed, match="broke off"):
            list(kube_of(server).watch("v1", "Pod", "shop", "5"))
    with Server([(200, {"content-length": "100000"}, event("ADDED", name="a"))]) as server, pytest.raises(ConnectionFailed, match="cut"):
        server.http.timeout = 1
        watch = kube_of(server).watch("v1", "Pod", "shop", "5", timeout=1)
        threading.Timer(0.5, lambda: watch._response.connection.sock.shutdown(socket.SHUT_RDWR)).start()
        list(watch)


def test_deletion_of_that_very_object():
    other = (409, {}, {"kind": "Status", "reason": "Conflict", "message": "Precondition failed: UID in precondition: a, UID in object meta: b"})
    gone = (404, {}, {"kind": "Status", "reason": "NotFound", "details": {"name": "a", "kind": "configmaps"}})
    with Server([other, gone, (404, {}, b"404 page not found")]) as server:
        kube = kube_of(server)
        assert kube.delete("v1", "ConfigMap", "a", "shop", uid="a") is False
        assert json.loads(server.seen[0][3])["preconditions"] == {"uid": "a"}
        assert kube.delete("v1", "ConfigMap", "a", "shop") is False
        with pytest.raises(NotFound, match="does not know the kind"):
            kube.delete("v1", "ConfigMap", "a", "shop")


@pytest.mark.parametrize("body", [b"<html>please log in", b"[1]", b'"x"', b"[" * 100000])
def test_who_is_no_api_server(body):
    with Server([(200, {}, body)]) as server, pytest.raises(ConnectionFailed, match="not of a Kubernetes API server"):
        kube_of(server).get("v1", "ConfigMap", "a", "shop")


def test_no_answer_is_a_traceback():
    for body in (b"", b"<html>", b"\xff\xfe", b"[1]", b'{"message": 5}', b'{"kind": "Status", "details": 5}'):
        with Server([(500, {}, body)]) as server, pytest.raises(KubeError):
            kube_of(server).create(CONFIG)
