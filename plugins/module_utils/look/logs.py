# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last lines of an instance's containers, bounded, and without what its Secrets hold."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from ..context import Context, Secrets
from ..errors import Forbidden, InputError, KubeError, nearest
from ..side import Pool

LINES, MOST_LINES = 20, 2000
# Of one container, and of all together.
BYTES, ALL_BYTES = 64 * 1024, 1024 * 1024
_CONTAINERS, _THREADS = 100, 8
# What the server gives at most; it cuts at the end, where the newest lines are.
_SERVER_BYTES = 262144
_PIECE = 12


def check(query: Mapping) -> None:
    """Raises InputError for what cannot be meant."""
    if not query.get("name"):
        raise InputError("Logs are those of one instance", where="parts", todo="give its name")
    lines = query.get("lines")
    if lines is not None and not 1 <= lines <= MOST_LINES:
        raise InputError(f"{lines} lines were asked for", where="lines", todo=f"ask for 1 to {MOST_LINES}")


def read(kube, namespace: str, pods: list[dict], objects: Iterable[Mapping], names: Iterable[str], query: Mapping, ctx: Context) -> list[dict[str, Any]]:
    """pod, container, previous, lines and cut of each container that ran, those before a crash first.

    pods: as pods.show() makes them; objects: the same as the API has them. names: Secrets of the instance; their values, and those of Secrets that its
    pods use, are masked in the lines. query: container, lines, previous. Raises InputError with the nearest name for an unknown container.
    """
    wanted = query.get("container")
    known = sorted({item["name"] for pod in pods for item in pod["containers"]})
    if wanted and pods and wanted not in known:
        raise InputError(f'There is no container "{wanted}"', where=f"{namespace}/{query['name']}", todo=nearest(wanted, known))
    jobs = [
        (pod["name"], item["name"], previous)
        for pod in pods for item in pod["containers"] if wanted in (None, "", item["name"]) for previous in _turns(item, query.get("previous"))
    ]
    if len(jobs) > _CONTAINERS:
        ctx.warn(f"Logs of {_CONTAINERS} of {len(jobs)} containers are shown. Name a container to see the others")
        jobs = jobs[:_CONTAINERS]
    if not jobs:
        return []
    secrets = _secrets(kube, namespace, {*names, *_used(objects)}, ctx)
    lines = query.get("lines") or LINES
    with Pool(min(_THREADS, len(jobs))) as pool:
        found = pool.map(lambda job: _one(kube, namespace, job, lines, secrets), jobs)
    return _within(found)


def _turns(container: Mapping, previous: bool | None) -> list[bool]:
    """Which logs: of the container before a crash, too, unless that was ruled out; the present one where it began at all."""
    began = container["status"] == "Running" or bool(container["started_at"])
    crashed = container["last_end"] is not None and (previous or previous is None and container["status"] != "Running")
    return [*([True] if crashed else []), *([False] if began and not previous else [])]


def _one(kube, namespace: str, job: tuple[str, str, bool], lines: int, secrets: Secrets) -> dict[str, Any]:
    pod, container, previous = job
    shown: dict[str, Any] = {"pod": pod, "container": container, "previous": previous, "lines": [], "cut": False, "error": ""}
    try:
        tail, text = lines, ""
        while tail:
            text = kube.logs(pod, namespace, container, tail, previous)
            if len(text.encode()) < _SERVER_BYTES:
                break
            tail //= 4
    except KubeError as error:
        # Gone meanwhile, or its node does not answer: the others are worth showing.
        return {**shown, "error": error.what}
    whole = secrets.mask(text)
    kept = whole.encode()[-BYTES:].decode("utf-8", "ignore")
    return {**shown, "lines": kept.splitlines()[-lines:], "cut": tail < lines or len(kept) < len(whole)}


def _within(found: list[dict]) -> list[dict]:
    """The same, the longest cut where all together are too long."""
    room = max(ALL_BYTES // max(len(found), 1), 1024)
    if sum(len(line) + 1 for item in found for line in item["lines"]) <= ALL_BYTES:
        return found
    result = []
    for item in found:
        size, kept = 0, []
        for line in reversed(item["lines"]):
            size += len(line.encode()) + 1
            if size > room:
                break
            kept.append(line)
        result.append({**item, "lines": kept[::-1], "cut": item["cut"] or len(kept) < len(item["lines"])})
    return result


def _used(objects: Iterable[Mapping]) -> set[str]:
    """Secrets that pods read: as variables, all of one as variables, as files."""
    found: set[str] = set()
    for pod in objects:
        spec = pod.get("spec") or {}
        for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
            found |= {((item.get("valueFrom") or {}).get("secretKeyRef") or {}).get("name", "") for item in container.get("env") or []}
            found |= {(item.get("secretRef") or {}).get("name", "") for item in container.get("envFrom") or []}
        for volume in spec.get("volumes") or []:
            found.add((volume.get("secret") or {}).get("secretName", ""))
            found |= {(item.get("secret") or {}).get("name", "") for item in (volume.get("projected") or {}).get("sources") or []}
    return found - {""}


def _secrets(kube, namespace: str, names: Iterable[str], ctx: Context) -> Secrets:
    """The values of these Secrets, for the lines alone: a user name such as "redis" must not blank out the names of pods."""
    secrets, hidden = Secrets(), []
    names = sorted(names)
    if not names:
        return secrets

    def value(name: str):
        try:
            return kube.get("v1", "Secret", name, namespace, metadata_only=False)
        except Forbidden:
            return Forbidden

    with Pool(min(_THREADS, len(names))) as pool:
        for name, secret in zip(names, pool.map(value, names), strict=True):
            if secret is Forbidden:
                hidden.append(name)
                continue
            for text in ((secret or {}).get("data") or {}).values():
                _add(secrets, text)
    if hidden:
        ctx.warn(f"You may not read Secret {', '.join(hidden)} in {namespace}, so its values are not masked in logs")
    return secrets


def _add(secrets: Secrets, encoded: str) -> None:
    try:
        text = base64.b64decode(encoded).decode()
    except ValueError:
        return
    # Without the line's end: it is no part of what a program prints, and masked with it two lines would be one.
    secrets.add(text.strip())
    # A program that prints a file prints it line by line.
    for line in text.splitlines() if "\n" in text.strip() else ():
        if len(line.strip()) >= _PIECE:
            secrets.add(line.strip())


def of_instance(record: Mapping, owned: Iterable[tuple[str, str]]) -> set[str]:
    """Pure: the names of the Secrets that belong to an instance."""
    listed = {item.get("name") or "" for item in (record.get("status") or {}).get("secrets") or []}
    return {name for name in {*listed, *(name for kind, name in owned if kind == "Secret")} if name}


def lines(found: Iterable[Mapping]) -> list[str]:
    """Logs as text for people: a head for each container, then its lines."""
    text = []
    for item in found:
        text.append(f"==> {item['pod']}/{item['container']}{' (before it was started again)' if item['previous'] else ''} <==")
        text += [f"({item['error']})"] if item["error"] else item["lines"] or ["(nothing)"]
    return text
