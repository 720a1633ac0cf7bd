# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A connection as a kubeconfig: for a child process, or to look at."""

from __future__ import annotations

import base64
import json
import os
import secrets
from typing import Any

from ..errors import ConnectionFailed
from . import kubeconfigs


def config(target: Any, namespace: str) -> dict[str, Any]:
    """The kubeconfig of a connection with everything in it; target is connect.Target.

    Tokens of plugins and token files are written as they are now. ``as`` carries impersonation, so that a child that is given no flags
    for it does not act with more rights than we do.
    """
    proof = target.credentials.proof()
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
    return kubeconfigs.build(target.server, target.authority, target.verify, target.server_name, target.proxy, None, namespace, user)


def write(target: Any, namespace: str, folder: str) -> str:
    """The path of a new file of mode 0600 in folder that holds config(). It holds credentials: remove it soon."""
    path = os.path.join(folder, f"kubeconfig-{secrets.token_hex(4)}")
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConnectionFailed(f"A kubeconfig for the child process cannot be written: {error.strerror}", where=folder, todo="check space and mode") from None
    with os.fdopen(number, "w", encoding="utf-8") as stream:
        json.dump(config(target, namespace), stream)
    return path
