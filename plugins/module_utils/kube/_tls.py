# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One TLS context per connection: only the cluster's own certificate authority, private keys never left on a disk."""

from __future__ import annotations

import base64
import binascii
import datetime
import os
import re
import ssl
import tempfile
from contextlib import contextmanager

from ..errors import ConnectionFailed

_PEM = re.compile(rb"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----(.+?)-----END", re.DOTALL)


def validity(pem: bytes) -> tuple[datetime.datetime, datetime.datetime] | None:
    """From when and until when the first certificate of a PEM text is valid (UTC); None when there is no readable one.

    The standard library has no public way to read a certificate, so the DER fields before the validity are skipped here
    (RFC 5280, 4.1: version, serialNumber, signature, issuer, validity).
    """
    match = _PEM.search(pem)
    if match is None:
        return None
    try:
        der = base64.b64decode(b"".join(match.group(1).split()), validate=True)
        inner = _content(_content(der)[0])[0]
        tag = inner[0]
        for _skipped in range(4 if tag == 0xA0 else 3):
            inner = _content(inner)[1]
        start, end = _content(inner)[0], _content(_content(inner)[0])[1]
        return _moment(start), _moment(end)
    except (ValueError, IndexError, binascii.Error):
        return None


def not_after(pem: bytes) -> datetime.datetime | None:
    """When the first certificate of a PEM text expires (UTC); None when there is no readable one."""
    found = validity(pem)
    return found[1] if found else None


def _moment(data: bytes) -> datetime.datetime:
    text = _content(data)[0].decode("ascii")
    if data[0] == 0x17:  # UTCTime has two digits of the year: RFC 5280 says 50..99 are the last century.
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    # Every connection asks this, and strptime would load the calendar and the locale first.
    return datetime.datetime.fromisoformat(f"{text[:8]}T{text[8:]}").replace(tzinfo=datetime.timezone.utc)


def _content(data: bytes) -> tuple[bytes, bytes]:
    """Of the first DER element: its content, and what follows it."""
    length, start = data[1], 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[2:2 + size], "big"), 2 + size
    if start + length > len(data):
        raise ValueError("shortened DER")
    return data[start:start + length], data[start + length:]


@contextmanager
def private_file(data: bytes):
    """A path that holds ``data`` for the length of the block: in memory where the system can, else a file of mode 0600."""
    try:
        number = os.memfd_create("acmp", os.MFD_CLOEXEC)
    except (AttributeError, OSError):
        number = -1
    path = f"/proc/self/fd/{number}"
    if number >= 0 and not os.path.exists(path):
        os.close(number)
        number = -1
    if number < 0:
        number, path = tempfile.mkstemp(prefix="acmp-")
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
            stream.flush()
            yield path
    finally:
        if not path.startswith("/proc/"):
            os.unlink(path)


def context(verify: bool, authority: bytes | None, certificate: bytes | None, key: bytes | None, origin: str) -> ssl.SSLContext:
    """A client context; authority, certificate, key are PEM. origin says in errors where they came from.

    Without an authority the system's are trusted (about 20 ms). Raises ConnectionFailed for what OpenSSL cannot read.
    """
    result = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if not verify:
        result.check_hostname = False
        result.verify_mode = ssl.CERT_NONE
    elif authority is not None:
        try:
            result.load_verify_locations(cadata=authority.decode("ascii", "replace"))
        except (ssl.SSLError, ValueError):
            raise ConnectionFailed(
                "The certificate authority of the cluster is not a PEM certificate", where=origin, todo="give the cluster's CA certificate (BEGIN CERTIFICATE)",
            ) from None
    else:
        result.load_default_certs()
    if certificate is not None:
        _load_client(result, certificate, key, origin)
    return result


def _load_client(result: ssl.SSLContext, certificate: bytes, key: bytes | None, origin: str) -> None:
    expiry = not_after(certificate)
    if expiry is not None and expiry <= datetime.datetime.now(datetime.timezone.utc):
        raise ConnectionFailed(
            f"The client certificate expired on {expiry:%Y-%m-%d %H:%M} UTC", where=origin, todo="get a new kubeconfig from who runs the cluster",
        )
    both = certificate.rstrip() + b"\n" + (key.strip() + b"\n" if key else b"")
    try:
        with private_file(both) as path:
            # A password callback, because OpenSSL would otherwise ask on the terminal and wait for ever.
            result.load_cert_chain(path, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError):
        raise ConnectionFailed(
            "The client certificate and its key cannot be used: not PEM, not a pair, or the key is encrypted",
            where=origin, todo="give a certificate with its own unencrypted key",
        ) from None
