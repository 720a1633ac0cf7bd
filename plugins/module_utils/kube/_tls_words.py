# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a failed TLS handshake means, from the words of OpenSSL."""

from __future__ import annotations

import re

_REASONS = (
    ("certificate has expired", "its certificate has expired"), ("not yet valid", "its certificate is not yet valid"),
    ("Hostname mismatch", "its certificate is for another name"), ("IP address mismatch", "its certificate is for another address"),
    ("doesn't match", "its certificate is for another name"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not signed by the given certificate authority"),
    ("WRONG_VERSION_NUMBER", "it does not speak TLS"), ("HTTP_REQUEST", "it does not speak TLS"),
    ("ALERT_CERTIFICATE_EXPIRED", "the client certificate has expired"), ("ALERT", "it refused the client's certificate or protocol"),
)
# An overloaded or restarting server, or a cut in the middle of the handshake: nothing that the same request would meet again.
_PASSING = re.compile(
    r"ALERT_(?:INTERNAL_ERROR|BAD_RECORD_MAC|DECODE_ERROR|DECRYPT_ERROR|UNEXPECTED_MESSAGE|CLOSE_NOTIFY|USER_CANCELLED)"
    r"|UNEXPECTED_EOF|EOF occurred", re.IGNORECASE)
_ALERT = re.compile(r"ALERT_(\w+)", re.IGNORECASE)


def reason(text: str) -> str:
    """In words why a handshake failed, with the name of the server's alert where it sent one."""
    alert = _ALERT.search(text)
    named = f" ({alert[1].lower().replace('_', ' ')})" if alert else ""
    return next((words for part, words in _REASONS if part.lower() in text.lower()), "handshake failed") + named


def todo(text: str) -> str:
    """What to do about it."""
    if "mismatch" in text or "doesn't match" in text:
        return "use an address its certificate names, or set tls-server-name in the kubeconfig"
    if "WRONG_VERSION_NUMBER" in text or "HTTP_REQUEST" in text:
        return "check scheme and port of the address"
    if is_passing(text):
        return "run the task again; if it fails again, look at the API server's log"
    return "check ca_cert or the kubeconfig's certificate-authority, and whether the address is this cluster's"


def is_passing(text: str) -> bool:
    """Whether the same request may well succeed the next time."""
    return bool(_PASSING.search(text))
