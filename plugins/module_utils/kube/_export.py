# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection as a kubeconfig file for a child process."""

from __future__ import annotations

import base64
import json
import os
import secrets
from typing import Any

from ..errors import ConnectionFailed


def write(target: Any, namespace: str, folder: str) -> str:
    """The path of a new file of mode 0600 in folder; target is connect.Target. The file holds credentials: remove it soon.

    Tokens of plugins and token files are written as they are now. ``as`` carries impersonation, so that a child that is given no flags
    for it does not act with more rights than we do.
    """
    proof = target.credentials.proof()
    cluster: dict[str, Any] = {"server": target.server}
    if not target.verify:
        cluster["insecure-skip-tls-verify"] = True
    elif target.authority:
        cluster["certificate-authority-data"] = base64.b64encode(target.authority).decode()
    if target.server_name:
        cluster["tls-server-name"] = target.server_name
    if target.proxy:
        cluster["proxy-url"] = target.proxy
    user: dict[str, Any] = {}
    if proof.header:
        scheme, _space, value = proof.header.partition(" ")
        if scheme.lower() == "basic":
            user["username"], _colon, user["password"] = base64.b64decode(value).decode().partition(":")
        else:
            user["token"] = value
    if proof.certificate:
        user["client-certificate-data"] = base64.b64encode(proof.certificate).decode()
        user["client-key-data"] = base64.b64encode(proof.key or b"").decode()
    if target.impersonation:
        user["as"], user["as-groups"] = target.impersonation[0], list(target.impersonation[1])
    config = {
        "apiVersion": "v1", "kind": "Config", "current-context": "acmp",
        "clusters": [{"name": "acmp", "cluster": cluster}], "users": [{"name": "acmp", "user": user}],
        "contexts": [{"name": "acmp", "context": {"cluster": "acmp", "user": "acmp", "namespace": namespace}}],
    }
    path = os.path.join(folder, f"kubeconfig-{secrets.token_hex(4)}")
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConnectionFailed(f"A kubeconfig for the child process cannot be written: {error.strerror}", where=folder, todo="check space and mode") from None
    with os.fdopen(number, "w", encoding="utf-8") as stream:
        json.dump(config, stream)
    return path
