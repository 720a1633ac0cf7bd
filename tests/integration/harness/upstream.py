# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a kubeconfig points to, as plain http.client connections: for the proxy, and for what tests believe."""

from __future__ import annotations

import base64
import http.client
import os
import ssl
import tempfile
from pathlib import Path
from urllib.parse import urlsplit


class Target:
    """Where the requests go, from the current context of a kubeconfig; exec plugins are not supported."""

    def __init__(self, server: str, verify: ssl.SSLContext | None, with_certificate: ssl.SSLContext | None, headers: list[tuple[str, str]]) -> None:
        parts = urlsplit(server)
        self.host, self.port, self.prefix = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80), parts.path.rstrip("/")
        self._plain, self._own = verify, with_certificate
        self.headers = headers

    @classmethod
    def read(cls, kubeconfig: str | os.PathLike) -> Target:
        import yaml  # noqa: PLC0415 - only here, so that --help works everywhere
        config = yaml.safe_load(Path(kubeconfig).read_text())
        context = _named(config, "contexts", config["current-context"])["context"]
        cluster, user = _named(config, "clusters", context["cluster"])["cluster"], _named(config, "users", context["user"]).get("user") or {}
        headers = [("Authorization", f"Bearer {user['token']}")] if user.get("token") else []
        if not cluster["server"].startswith("https:"):
            return cls(cluster["server"], None, None, headers)
        contexts = []
        for _number in range(2):
            made = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cadata=_part(cluster, "certificate-authority").decode() or None)
            if cluster.get("insecure-skip-tls-verify"):
                made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
            contexts.append(made)
        certificate, key = _part(user, "client-certificate"), _part(user, "client-key")
        if certificate:
            with tempfile.NamedTemporaryFile(prefix="proxy-", suffix=".pem") as file:
                file.write(certificate + b"\n" + key)
                file.flush()
                contexts[1].load_cert_chain(file.name)
        return cls(cluster["server"], contexts[0], contexts[1], headers)

    def connection(self, own: bool) -> http.client.HTTPConnection:
        if self._plain is None:
            return http.client.HTTPConnection(self.host, self.port, timeout=3600)
        return http.client.HTTPSConnection(self.host, self.port, timeout=3600, context=self._own if own else self._plain)


def _named(config: dict, kind: str, name: str) -> dict:
    return next(item for item in config[kind] if item["name"] == name)


def _part(section: dict, name: str) -> bytes:
    if section.get(f"{name}-data"):
        return base64.b64decode(section[f"{name}-data"])
    return Path(section[name]).read_bytes() if section.get(name) else b""
