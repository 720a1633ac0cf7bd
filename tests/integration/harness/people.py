# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People with real credentials: certificates that name groups, signed by the cluster itself, and tokens of service accounts."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from .api import Api

_REQUESTS = "/apis/certificates.k8s.io/v1/certificatesigningrequests"


@dataclass(frozen=True)
class Person:
    """user: the name the API server knows. kubeconfig: a file. secret: what nobody may print. subject: for a RoleBinding."""

    user: str
    kubeconfig: str
    secret: str = field(repr=False)
    subject: dict = field(default_factory=dict)

    @property
    def api(self) -> Api:
        return Api(self.kubeconfig)


def account(api: Api, namespace: str, name: str, folder: Path) -> Person:
    """A ServiceAccount with a token of an hour."""
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    api.create(path, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})
    wish = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
    token = api.create(f"{path}/{name}/token", wish)["status"]["token"]
    subject = {"kind": "ServiceAccount", "name": name, "namespace": namespace}
    return Person(f"system:serviceaccount:{namespace}:{name}", config(api.kubeconfig, {"token": token}, folder / f"{namespace}-{name}"), token, subject)


def certified(api: Api, name: str, groups: list[str], folder: Path) -> Person | None:
    """A user in these groups by a client certificate of an hour; None where the cluster signs none."""
    key, request = folder / f"{name}.key", folder / f"{name}.csr"
    words = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", request]
    settings = folder / f"{name}.cnf"
    # A group may hold a colon, and so may not stand in -subj of every release.
    organisations = "".join(f"{number}.O = {group}\n" for number, group in enumerate(groups))
    settings.write_text(f"[req]\nprompt = no\ndistinguished_name = name\n[name]\n{organisations}CN = {name}\n")
    subprocess.run([str(word) for word in [*words, "-config", settings]], check=True, capture_output=True)
    body = {
        "apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": name},
        "spec": {"signerName": "kubernetes.io/kube-apiserver-client", "usages": ["client auth"], "expirationSeconds": 3600,
                 "request": base64.b64encode(request.read_bytes()).decode()},
    }
    api.delete(f"{_REQUESTS}/{name}")
    made = api.create(_REQUESTS, body)
    made["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "Test", "message": "a test asked for it"}]}
    api.ask("PUT", f"{_REQUESTS}/{name}/approval", made)
    try:
        end = time.monotonic() + 15
        while time.monotonic() < end:
            certificate = (api.get(f"{_REQUESTS}/{name}").get("status") or {}).get("certificate")
            if certificate:
                user = {"client-certificate-data": certificate, "client-key-data": base64.b64encode(key.read_bytes()).decode()}
                return Person(name, config(api.kubeconfig, user, folder / name), user["client-key-data"])
            time.sleep(0.2)
        return None
    finally:
        with contextlib.suppress(Exception):
            api.delete(f"{_REQUESTS}/{name}")


def config(kubeconfig: str, user: dict, path: Path) -> str:
    """The same cluster for another user, as a file."""
    whole = yaml.safe_load(Path(kubeconfig).read_text())
    chosen = next(item["context"] for item in whole["contexts"] if item["name"] == whole["current-context"])
    cluster = next(item["cluster"] for item in whole["clusters"] if item["name"] == chosen["cluster"])
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c", "clusters": [{"name": "c", "cluster": cluster}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}], "users": [{"name": "u", "user": user}],
    }))
    path.chmod(0o600)
    return str(path)
