# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate authority made once, and kubeconfigs of every form."""

from __future__ import annotations

import base64
import functools
import subprocess
import tempfile
from pathlib import Path


@functools.cache
def pki() -> Path:
    """A folder with ca.crt, server.crt/.key (127.0.0.1), client.crt/.key, old.crt (expired) and other.crt (another authority)."""
    folder = Path(tempfile.mkdtemp(prefix="acmp-test-pki-"))

    def run(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "other"):
        run("req", "-x509", *curve, "-keyout", f"{name}.key", "-out", f"{name}.crt", "-days", "3", "-subj", f"/CN={name}")
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1,DNS:api.example")
    for name in ("server", "client"):
        run("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "san", "-out", f"{name}.crt")
    (folder / "index").write_text("")
    (folder / "serial").write_text("77")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    run("ca", "-batch", "-config", "ca.cnf", "-in", "client.csr", "-cert", "ca.crt", "-keyfile", "ca.key",
        "-startdate", "20200101000000Z", "-enddate", "20210203040506Z", "-out", "old.crt")
    return folder


def text(name: str) -> bytes:
    return (pki() / name).read_bytes()


def data(name: str) -> str:
    return base64.b64encode(text(name)).decode()


def config(server: str = "https://127.0.0.1:1", user: dict | None = None, **cluster) -> dict:
    """A kubeconfig with the context ``c``; the authority is ca.crt unless given."""
    body = {"server": server, "certificate-authority-data": data("ca.crt"), **cluster}
    return {
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "k", "cluster": {key: value for key, value in body.items() if value is not None}}],
        "users": [{"name": "u", "user": {"token": "token-of-u"} if user is None else user}],
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "shop"}}],
    }
