# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfig files: read, merged as kubectl does (the first file that names something wins), one context chosen."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import _deps
from ..errors import ConnectionFailed, nearest

FILE_KEYS = {"cluster": ("certificate-authority",), "user": ("client-certificate", "client-key", "tokenFile")}
_MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Chosen:
    """One context: its cluster and user entries (paths absolute), where they came from, and the whole configuration."""

    context: str
    namespace: str | None
    cluster: dict[str, Any]
    user: dict[str, Any]
    user_name: str
    user_file: str | None
    origin: str


def read(source: Any, home: str) -> tuple[dict[str, Any], str]:
    """The merged configuration and its origin; source is a mapping, a path, or several paths with ``:`` between them.

    Of several files, missing ones are skipped as kubectl does, but one must exist. Raises ConnectionFailed naming the file.
    """
    if isinstance(source, Mapping):
        return with_places(source, "", None, "the kubeconfig option"), "the kubeconfig option"
    paths = [expand(part, home) for part in str(source).split(os.pathsep) if part.strip()]
    present = [path for path in paths if os.path.exists(path)]
    if not present:
        raise ConnectionFailed(
            "The kubeconfig file does not exist", where=", ".join(paths), todo="check the path, or set kubeconfig or K8S_AUTH_KUBECONFIG")
    merged: dict[str, Any] = {}
    for path in present:
        config = with_places(_load(path), os.path.dirname(os.path.abspath(path)), path, path)
        for part in ("clusters", "contexts", "users"):
            known = {entry["name"] for entry in merged.setdefault(part, [])}
            merged[part] += [entry for entry in config[part] if entry["name"] not in known]
        merged["current-context"] = merged.get("current-context") or config.get("current-context")
    return merged, ", ".join(present)


def expand(path: str, home: str) -> str:
    """The path with a leading ``~/`` replaced by the home folder of the run."""
    path = path.strip()
    return os.path.join(home, path[2:]) if path.startswith("~/") and home else path


def _load(path: str) -> Any:
    try:
        with open(path, "rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise ConnectionFailed(
            f"The kubeconfig file cannot be read: {error.strerror or 'no access'}", where=path, todo="check who owns it and its mode") from None
    if len(data) > _MAX_BYTES:
        raise ConnectionFailed("The kubeconfig file is larger than 4 MiB", where=path, todo="check the path")
    loader = getattr(_deps.yaml, "CSafeLoader", _deps.yaml.SafeLoader)
    try:
        return _deps.yaml.load(data.decode("utf-8"), Loader=loader)
    except (_deps.yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        raise ConnectionFailed(
            "The kubeconfig file is not YAML", where=f"{path}{line}", todo="check the file, for example with kubectl config view") from None


def with_places(config: Any, folder: str, path: str | None, origin: str) -> dict[str, Any]:
    """The configuration checked, its file names absolute, and the file of each entry noted under ``place``."""
    if not isinstance(config, Mapping):
        raise ConnectionFailed("The kubeconfig is empty or not a mapping", where=origin, todo="give a kubeconfig with clusters, contexts and users")
    result: dict[str, Any] = {"current-context": config.get("current-context")}
    for part, inner in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
        entries = config.get(part) or []
        if not isinstance(entries, list):
            raise ConnectionFailed(f"The kubeconfig's {part} is not a list", where=origin, todo="check the file")
        result[part] = []
        for entry in entries:
            if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str) or not isinstance(entry.get(inner) or {}, Mapping):
                raise ConnectionFailed(f"An entry of the kubeconfig's {part} has no name or no {inner}", where=origin, todo="check the file")
            body = dict(entry.get(inner) or {})
            for key in FILE_KEYS.get(inner, ()):
                if body.get(key):
                    body[key] = os.path.normpath(os.path.join(folder, str(body[key])))
            result[part].append({"name": entry["name"], inner: body, "place": path, "folder": folder})
    return result


def choose(config: dict[str, Any], context: str | None, origin: str) -> Chosen:
    """The named context, else the current one. Raises ConnectionFailed with the nearest names."""
    contexts = {entry["name"]: entry["context"] for entry in config["contexts"]}
    name = context or config.get("current-context")
    if not name and len(contexts) == 1:
        name = next(iter(contexts))
    if not name:
        raise ConnectionFailed(
            "The kubeconfig has no current context", where=origin, todo=f"set the option context; {nearest('', contexts) or 'there is none'}")
    if name not in contexts:
        raise ConnectionFailed(f'The kubeconfig has no context "{name}"', where=origin, todo=nearest(str(name), contexts) or "it has no context at all")
    chosen = contexts[name]
    clusters = {entry["name"]: entry for entry in config["clusters"]}
    users = {entry["name"]: entry for entry in config["users"]}
    cluster, user = clusters.get(chosen.get("cluster")), users.get(chosen.get("user"))
    if cluster is None:
        raise ConnectionFailed(
            f'The context "{name}" names the cluster "{chosen.get("cluster")}", which is not there', where=origin, todo=nearest(
                str(chosen.get("cluster")), clusters) or "add the cluster")
    if user is None and chosen.get("user"):
        raise ConnectionFailed(
            f'The context "{name}" names the user "{chosen["user"]}", which is not there', where=origin, todo=nearest(chosen["user"], users) or "add the user")
    if not cluster["cluster"].get("server"):
        raise ConnectionFailed(f'The cluster "{cluster["name"]}" has no server', where=origin, todo="add its address")
    return Chosen(
        context=name, namespace=chosen.get("namespace"), cluster=cluster["cluster"],
        user=user["user"] if user else {}, user_name=user["name"] if user else "", user_file=user["place"] if user else None, origin=origin)


def embedded(entry: Mapping[str, Any], key: str, origin: str) -> bytes | None:
    """The bytes of ``KEY-data`` (base64), else of the file that ``KEY`` names, else None. Raises ConnectionFailed."""
    data = entry.get(f"{key}-data")
    if data:
        try:
            return base64.b64decode(str(data), validate=False)
        except (binascii.Error, ValueError):
            raise ConnectionFailed(f"{key}-data is not base64", where=origin, todo="check the kubeconfig") from None
    return file_bytes(entry.get(key), key, origin)


def file_bytes(path: Any, name: str, origin: str) -> bytes | None:
    """The content of a file named by an option or a kubeconfig; None when no file is named."""
    if not path:
        return None
    try:
        with open(str(path), "rb") as stream:
            return stream.read(_MAX_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not usable"
        raise ConnectionFailed(f"{name} cannot be read: {reason}", where=f"{path} ({origin})" if origin else str(path), todo="check the path") from None
