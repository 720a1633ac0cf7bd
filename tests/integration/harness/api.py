# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cluster read and written without a line of the collection's own code: what a test believes."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import time
from typing import Any
from urllib.parse import urlencode

from .upstream import Target

PLATFORM = "/apis/operators.apusic.com/v1alpha1"
# Kinds that others write at their own pace.
_RESTLESS = {"events", "endpoints", "endpointslices", "leases", "podmetrics"}


class Refused(Exception):
    """The API server said no."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(f"{status}: {text}")


class Api:
    """Raw JSON over a connection of its own for each request: slow, plain, and free of state."""

    def __init__(self, kubeconfig: str) -> None:
        self.kubeconfig = kubeconfig
        self._target = Target.read(kubeconfig)
        self._kinds: list[str] | None = None

    def ask(self, verb: str, path: str, body: Any = None, content_type: str = "application/json", headers: dict | None = None, **query: Any) -> Any:
        """JSON of the answer; None for 404 of a GET or DELETE. Raises Refused."""
        for _try in range(20):
            status, data = self._once(verb, path, body, content_type, headers, query)
            if status != 429:
                break
            # A kind that was defined a moment ago.
            time.sleep(0.5)
        if status == 404 and verb in ("GET", "DELETE"):
            return None
        if status >= 400:
            raise Refused(status, data.decode(errors="replace")[:500])
        try:
            return json.loads(data)
        except ValueError:
            return data.decode(errors="replace")

    def _once(self, verb: str, path: str, body: Any, content_type: str, headers: dict | None, query: dict) -> tuple[int, bytes]:
        connection = self._target.connection(own=True)
        try:
            if query:
                path += "?" + urlencode(query)
            connection.request(verb, self._target.prefix + path, body=None if body is None else json.dumps(body), headers={
                "Content-Type": content_type, "Accept": "application/json", **dict(self._target.headers), **(headers or {}),
            })
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Any:
        return self.ask("GET", path, **query)

    def list(self, path: str, **query: Any) -> list[dict]:
        return (self.ask("GET", path, **query) or {}).get("items") or []

    def create(self, path: str, obj: dict) -> dict:
        return self.ask("POST", path, obj)

    def delete(self, path: str, **query: Any) -> None:
        self.ask("DELETE", path, **query)

    def patch(self, path: str, body: Any, kind: str = "merge") -> dict:
        return self.ask("PATCH", path, body, content_type=f"application/{kind}-patch+json")

    # Nouns -------------------------------------------------------------------------------------------------------------------------

    def own(self, plural: str, namespace: str, name: str = "") -> Any:
        """One object of the platform's kinds, or all of a namespace."""
        path = f"{PLATFORM}/namespaces/{namespace}/{plural}"
        return self.get(f"{path}/{name}") if name else self.list(path)

    def core(self, plural: str, namespace: str, name: str = "") -> Any:
        path = f"/api/v1/namespaces/{namespace}/{plural}"
        return self.get(f"{path}/{name}") if name else self.list(path)

    def deployment(self, namespace: str, name: str) -> dict | None:
        return self.get(f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}")

    def helm(self, namespace: str) -> dict[str, list[tuple[int, str]]]:
        """Helm releases of a namespace: name -> [(revision, status)], oldest first."""
        found: dict[str, list[tuple[int, str]]] = {}
        for secret in self.list(f"/api/v1/namespaces/{namespace}/secrets", labelSelector="owner=helm"):
            labels = secret["metadata"]["labels"]
            found.setdefault(labels["name"], []).append((int(labels["version"]), labels["status"]))
        return {name: sorted(revisions) for name, revisions in found.items()}

    def helm_release(self, namespace: str, name: str, revision: int) -> dict:
        """The record of one Helm revision, decoded."""
        data = self.core("secrets", namespace, f"sh.helm.release.v1.{name}.v{revision}")["data"]["release"]
        return json.loads(gzip.decompress(base64.b64decode(base64.b64decode(data))))

    def pods(self, namespace: str) -> set[str]:
        """UIDs of the pods that are not ending."""
        return {item["metadata"]["uid"] for item in self.core("pods", namespace) if not item["metadata"].get("deletionTimestamp")}

    def claims(self, namespace: str) -> dict[str, str]:
        """Claims of a namespace: name -> UID."""
        return {item["metadata"]["name"]: item["metadata"]["uid"] for item in self.core("persistentvolumeclaims", namespace)}

    def namespace(self, name: str) -> None:
        meta = {"name": name, "labels": {"acmp.test": "integration"}}
        with contextlib.suppress(Refused):
            self.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})

    def drop_namespace(self, name: str, wait: float = 0) -> None:
        path = f"/api/v1/namespaces/{name}"
        # Helm keeps claims; their pods hold them until they are gone, and a namespace waits for both.
        self.delete(path)
        end = time.monotonic() + wait
        while wait and self.get(path) is not None:
            if time.monotonic() > end:
                raise TimeoutError(f"namespace {name} is still there after {wait:.0f} s")
            time.sleep(0.3)

    # Everything --------------------------------------------------------------------------------------------------------------------

    def kinds(self) -> list[str]:
        """Paths of every namespaced kind that can be listed, with {} for the namespace."""
        if self._kinds is None:
            groups = ["/api/v1"] + [f"/apis/{group['preferredVersion']['groupVersion']}" for group in self.get("/apis")["groups"]]
            self._kinds = [
                f"{group}/namespaces/{{}}/{item['name']}" for group in groups for item in (self.get(group) or {}).get("resources", [])
                if item["namespaced"] and "list" in item["verbs"] and "/" not in item["name"] and item["name"] not in _RESTLESS
            ]
        return self._kinds

    def everything(self, namespace: str) -> dict[str, str]:
        """Every object of a namespace -> UID and resourceVersion: equal before and after means that nothing was touched."""
        found = {}
        for path in self.kinds():
            for item in self.list(path.format(namespace)):
                meta = item["metadata"]
                found[f"{path.rpartition('/')[2]}/{meta['name']}"] = f"{meta['uid']} {meta['resourceVersion']}"
        return found
