# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A watch: one JSON document per line for as long as the server sends them."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

from .. import _deps
from ..context import Secrets
from ..errors import ConnectionFailed
from . import _refusals
from ._refusals import Subject

_MAX_LINE = 64 * 1024 * 1024


class Watch:
    """Iterates over (type, object); close() may be called from any thread and ends the iteration."""

    def __init__(self, response: Any, subject: Subject, server: str, secrets: Secrets) -> None:
        self._response, self._subject, self._server, self._secrets = response, subject, server, secrets
        self._closed = threading.Event()
        self._lines = self._read()

    def __iter__(self) -> Watch:
        return self

    def __next__(self) -> tuple[str, dict[str, Any]]:
        for line in self._lines:
            if not line.strip():
                continue
            try:
                event = json.loads(line)
                kind, found = event["type"], event["object"]
            except (ValueError, KeyError, TypeError):
                raise ConnectionFailed(
                    f"The API server's answer broke off (tried to {self._subject})", where=self._server, todo="run the task again") from None
            if kind == "ERROR":
                code = int(found.get("code") or 500)
                raise _refusals.error(code, found, self._subject, self._server, self._secrets)
            return str(kind), found
        raise StopIteration

    def _read(self):
        rest = b""
        try:
            # read1 gives what is there; a fixed size would wait until so many bytes have come.
            for part in self._response.stream(65536, decode_content=True) if self._response.chunked else self._parts():
                rest += part
                *lines, rest = rest.split(b"\n")
                yield from lines
                if len(rest) > _MAX_LINE:
                    raise ConnectionFailed(f"An event is larger than 64 MiB (tried to {self._subject})", where=self._server, todo="narrow the selection")
            if rest.strip() and not self._closed.is_set():
                yield rest
        except (_deps.urllib3.exceptions.HTTPError, OSError, ValueError, AttributeError):
            # AttributeError, ValueError: what http.client does when its socket is closed under it by close().
            if not self._closed.is_set():
                raise ConnectionFailed(
                    f"The connection to the API server was cut (tried to {self._subject})", where=self._server, todo="run the task again") from None
        finally:
            self._response.close()

    def _parts(self):
        while part := self._response.read(1):
            yield part

    def close(self) -> None:
        """Ends the watch now, also while another thread waits for its next event."""
        self._closed.set()
        connection = getattr(self._response, "connection", None) or getattr(self._response, "_connection", None)
        sock = getattr(connection, "sock", None)
        if sock is not None:
            try:
                # shutdown, unlike close, wakes a thread that is blocked in recv; the raw call, since SSLSocket's drops state the reader needs.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except (OSError, ValueError):
                return
