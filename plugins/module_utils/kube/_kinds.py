# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of one cluster: the table first, then discovery, asked at most twice."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from ..errors import NotFound, nearest
from . import discovery
from ._http import Transport
from ._refusals import Subject
from .discovery import Resource


class Kinds:
    """What discovery said, kept as long as its Kube lives; safe to use from several threads."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._found: dict[tuple[str, str], Resource] = {}
        self._stale: frozenset[str] = frozenset()
        self._asked = 0
        self._lock = threading.Lock()

    def resource(self, api_version: str, kind: str) -> Resource:
        """Where a kind is served; NotFound with the nearest names. One request at most, and only for the first two misses."""
        key = (api_version, kind)
        if key in discovery.STATIC:
            return discovery.STATIC[key]
        with self._lock:
            if key not in self._found and self._asked < 2:
                self._ask(api_version)
            if key in self._found:
                return self._found[key]
        group, version = discovery.split(api_version)
        if api_version in self._stale:
            raise NotFound(f"The API {api_version} does not answer", where=self._transport.target.server, todo=f"look at the APIService {version}.{group}")
        raise NotFound(
            f"The cluster does not know the kind {kind} of {api_version}", where=self._transport.target.server, details={"missing": "kind"},
            todo=f"install its custom resource definition, or check apiVersion and kind ({self._hint(api_version, kind)})")

    def _hint(self, api_version: str, kind: str) -> str:
        known = [*discovery.STATIC, *self._found]
        versions = sorted({version for version, other in known if other == kind})
        if versions:
            return f"{kind} is served as {', '.join(versions)}"
        return nearest(kind, [other for version, other in known if version == api_version]) or f"the cluster has no {api_version}"

    def learn(self, definition: Mapping[str, Any]) -> None:
        """Takes a definition's kinds as known."""
        with self._lock:
            self._found.update(discovery.of_definition(definition))

    def _ask(self, api_version: str) -> None:
        self._asked += 1
        document = self._transport.request("GET", "/apis", accept=discovery.ACCEPT, subject=Subject("list the kinds of the cluster")).json()
        if document.get("kind") == "APIGroupDiscoveryList":
            found, self._stale = discovery.parse(document)
            self._found.update(found)
            return
        group, version = discovery.split(api_version)
        path = f"/apis/{group}/{version}" if group else f"/api/{version}"
        try:
            plain = self._transport.request("GET", path, subject=Subject(f"list the kinds of {api_version}"))
        except NotFound:
            return
        self._found.update(discovery.parse_plain(plain.json()))
