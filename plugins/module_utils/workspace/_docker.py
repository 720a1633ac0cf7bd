# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PURE: docker configurations, which hold the passwords of registries. No message shows anything of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ..errors import InputError

TYPE = "kubernetes.io/dockerconfigjson"
KEY = ".dockerconfigjson"
_SECRET = ("password", "auth", "identitytoken", "registrytoken")


def config(where: str, given: Any) -> str:
    """The canonical text of a docker configuration, empty for none; InputError where it is none.

    given: {registry: {"username", "password"}}, or a .dockerconfigjson as text or mapping.
    """
    if not given:
        return ""
    found = _parsed(given)
    if found is None:
        raise InputError("The pull secret is no docker configuration", where=where, todo="give REGISTRY: {username, password}, or a .dockerconfigjson as text")
    if "auths" not in found and not isinstance(given, str):
        found = {"auths": {str(registry): _login(where, registry, login) for registry, login in found.items()}}
    auths = found.get("auths")
    if not isinstance(auths, Mapping) or not all(isinstance(item, Mapping) for item in auths.values()):
        raise InputError("The pull secret has no registries under auths", where=where, todo="give what docker login wrote into config.json")
    return json.dumps(found, sort_keys=True)


def secret_values(text: str) -> list[str]:
    """What of a configuration has to be masked."""
    auths = (_parsed(text) or {}).get("auths")
    logins = [item for item in auths.values() if isinstance(item, Mapping)] if isinstance(auths, Mapping) else []
    return [str(item[key]) for item in logins for key in _SECRET if item.get(key)]


def same(live: Mapping[str, Any], desired: Mapping[str, Any]) -> bool:
    """Whether two Secrets hold the same configuration and nothing else, however it is written."""
    held, wanted = _held(live), _held(desired)
    return set(live.get("data") or {}) == {KEY} and held is not None and held == wanted


def _held(secret: Mapping[str, Any]) -> Mapping[str, Any] | None:
    try:
        return _parsed(base64.b64decode(str((secret.get("data") or {}).get(KEY) or ""), validate=True).decode())
    except ValueError:
        return None


def _parsed(given: Any) -> Mapping[str, Any] | None:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return None
    return given if isinstance(given, Mapping) else None


def _login(where: str, registry: Any, login: Any) -> dict[str, str]:
    if not isinstance(login, Mapping) or not {"username", "password"} <= set(login) <= {"username", "password", "email"}:
        raise InputError(f"The registry {registry} needs a username and a password", where=where, todo="give both, and nothing else but email")
    pair = f"{login['username']}:{login['password']}"
    return {**{key: str(value) for key, value in login.items()}, "auth": base64.b64encode(pair.encode()).decode()}
