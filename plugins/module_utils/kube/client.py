# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Kubernetes API in raw JSON: one method per thing we do with an object, each of them one request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..context import Context
from ..errors import Conflict, ConnectionFailed, InputError, NotFound
from ._http import MOST_BYTES, READ_SECONDS, Answer, Transport
from ._kinds import Kinds
from ._refusals import Right, Subject, denied
from .discovery import Resource

if TYPE_CHECKING:
    # Loaded by what needs them: few tasks watch, and fewer make kubeconfigs.
    from . import _stream, kubeconfigs

MANAGER = "acmp"
PAGE = 500
# Of all pages of a list together: a server may say for ever that there is more.
LIST_BYTES = 4 * MOST_BYTES
_PATCHES = {
    "merge": "application/merge-patch+json", "json": "application/json-patch+json", "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


class Kube:
    """One cluster, seen by one identity; made by connect(). Objects are plain dicts as the API gives them.

    server: address. requests: every request sent, as (method, path). namespace: of the kubeconfig's context, "default" without one.
    impersonation: (user, groups) when acting as somebody else, else None. Every method may raise the KubeErrors of errors.py.
    """

    def __init__(self, transport: Transport, ctx: Context) -> None:
        self._transport, self.ctx = transport, ctx
        self.server: str = transport.target.server
        self.requests = transport.requests
        self.namespace: str = transport.target.namespace or "default"
        self.impersonation: tuple[str, tuple[str, ...]] | None = transport.target.impersonation
        self._kinds = Kinds(transport)
        self._identity = ""

    # What is there -----------------------------------------------------------------------------------------------------------------

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None, metadata_only: bool = False) -> dict[str, Any] | None:
        """The object, None when it is not there; NotFound when the cluster does not know the kind."""
        resource = self.resource(api_version, kind)
        path = resource.path(self._place(resource, namespace, name), name)
        try:
            answer = self._transport.request(
                "GET", path, accept=_METADATA if metadata_only else None, subject=Subject("get", kind, self._shown(resource, namespace), name))
        except NotFound as error:
            if error.details.get("missing") == "object":
                return None
            raise
        return self._named(answer.json(), resource)

    def list(
        self, api_version: str, kind: str, namespace: str | None = None, label_selector: str | None = None, field_selector: str | None = None,
        metadata_only: bool = False,
    ) -> list[dict[str, Any]]:
        """All objects of a kind, of all namespaces without ``namespace``. metadata_only: apiVersion, kind and metadata, much smaller."""
        return self.list_with_version(api_version, kind, namespace, label_selector, field_selector, metadata_only)[0]

    def list_with_version(
        self, api_version: str, kind: str, namespace: str | None = None, label_selector: str | None = None, field_selector: str | None = None,
        metadata_only: bool = False,
    ) -> tuple[list[dict[str, Any]], str]:
        """The same with the resourceVersion from which a watch goes on."""
        resource = self.resource(api_version, kind)
        path, subject = resource.path(namespace), Subject("list", kind, self._shown(resource, namespace))
        items: list[dict[str, Any]] = []
        following, limit, size = None, PAGE, 0
        while True:
            query = {"labelSelector": label_selector, "fieldSelector": field_selector, "limit": limit or None, "continue": following}
            try:
                answer = self._transport.request("GET", path, query=query, accept=_METADATA_LIST if metadata_only else None, subject=subject)
            except Conflict as error:
                if error.status != 410 or not following:
                    raise
                # The snapshot behind the pages is gone after some minutes: everything once more, in one piece.
                items, following, limit, size = [], None, 0, 0
                continue
            page, size = answer.json(), size + len(answer.data)
            if size > LIST_BYTES:
                raise ConnectionFailed(f"The answer is larger than {LIST_BYTES // 1024**2} MiB (tried to {subject})", where=self.server, todo="check it")
            items += [self._named(item, resource) for item in page.get("items") or []]
            meta = page.get("metadata") or {}
            following = meta.get("continue")
            if not following:
                return items, str(meta.get("resourceVersion") or "")

    def watch(
        self, api_version: str, kind: str, namespace: str | None, resource_version: str, label_selector: str | None = None,
        field_selector: str | None = None, timeout: float = 290.0,
    ) -> _stream.Watch:
        """An iterator of (type, object) from resource_version on; type is ADDED, MODIFIED, DELETED or BOOKMARK (object has only a version).

        It ends when the server ends it, at the latest after ``timeout`` seconds; close() ends it from another thread. Raises Conflict with
        status 410 when the version is too old (list again), ConnectionFailed when the line is cut.
        """
        from . import _stream

        resource = self.resource(api_version, kind)
        query = {
            "watch": "true", "allowWatchBookmarks": "true", "resourceVersion": resource_version, "timeoutSeconds": max(int(timeout), 1),
            "labelSelector": label_selector, "fieldSelector": field_selector,
        }
        subject = Subject("watch", kind, self._shown(resource, namespace))
        # Bookmarks come about once a minute, so that longer silence means a dead line.
        answer = self._transport.request("GET", resource.path(namespace), query=query, stream=True, subject=subject, read_timeout=min(90.0, timeout + 15.0))
        return _stream.Watch(answer.response, subject, self.server, self.ctx.secrets)

    def logs(self, pod: str, namespace: str, container: str | None = None, tail: int = 20, previous: bool = False) -> str:
        """The last lines of a container (at most 256 KiB), secrets masked; empty when there are none."""
        path = self.resource("v1", "Pod").path(namespace, pod, "log")
        query = {"container": container, "tailLines": tail, "previous": "true" if previous else None, "limitBytes": 262144}
        answer = self._transport.request(
            "GET", path, query=query, accept="text/plain,application/json", subject=Subject("read the log of", "Pod", namespace, pod), read_timeout=5.0)
        return self.ctx.secrets.mask(answer.data.decode("utf-8", "replace"))

    # What shall be there -----------------------------------------------------------------------------------------------------------

    def apply(self, obj: Mapping[str, Any], field_manager: str = MANAGER, force: bool = True, dry_run: bool = False) -> dict[str, Any]:
        """Server-side apply: creates the object or changes the fields named; returns it as stored.

        Fields applied before by the same manager and now missing are removed. force takes fields over from other managers; without it
        Conflict names them. Idempotent, so repeated after a cut connection.
        """
        resource, namespace, name = self._located(obj)
        body = {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "managedFields"}}
        query = {"fieldManager": field_manager, "force": "true" if force else "false", **_dry(dry_run)}
        answer = self._transport.request(
            "PATCH", resource.path(namespace, name), query=query, body=body, content_type=_PATCHES["apply"], idempotent=True,
            subject=Subject("apply", resource.kind, self._shown(resource, namespace), name))
        return answer.json()

    def create(self, obj: Mapping[str, Any], dry_run: bool = False) -> dict[str, Any]:
        """A new object; Conflict when it exists already. metadata.generateName may stand for the name."""
        resource, namespace, name = self._located(obj, generated=True)
        answer = self._transport.request(
            "POST", resource.path(namespace), query={"fieldManager": MANAGER, **_dry(dry_run)}, body=dict(obj), content_type="application/json",
            subject=Subject("create", resource.kind, self._shown(resource, namespace), name))
        return answer.json()

    def replace(self, obj: Mapping[str, Any], dry_run: bool = False) -> dict[str, Any]:
        """The whole object anew. With metadata.resourceVersion only if unchanged since (else Conflict)."""
        resource, namespace, name = self._located(obj)
        answer = self._transport.request(
            "PUT", resource.path(namespace, name), query={"fieldManager": MANAGER, **_dry(dry_run)}, body=dict(obj), content_type="application/json",
            subject=Subject("replace", resource.kind, self._shown(resource, namespace), name))
        return answer.json()

    def patch(
        self, api_version: str, kind: str, name: str, namespace: str | None, body: Any, type: str = "merge", subresource: str | None = None,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """A change of some fields. type: merge (RFC 7386), json (RFC 6902; body is a list) or strategic (built-in kinds only)."""
        if type not in _PATCHES or type == "apply":
            raise InputError(f'There is no patch type "{type}"', todo="use merge, json or strategic")
        resource = self.resource(api_version, kind)
        answer = self._transport.request(
            "PATCH", resource.path(self._place(resource, namespace, name), name, subresource), query={"fieldManager": MANAGER, **_dry(dry_run)}, body=body,
            content_type=_PATCHES[type], subject=Subject("patch", kind + (f"/{subresource}" if subresource else ""), self._shown(resource, namespace), name))
        return answer.json()

    def patch_status(self, api_version: str, kind: str, name: str, namespace: str | None, status: Mapping[str, Any]) -> dict[str, Any]:
        """A merge patch of the status subresource; status is its content."""
        return self.patch(api_version, kind, name, namespace, {"status": dict(status)}, subresource="status")

    def delete(
        self, api_version: str, kind: str, name: str, namespace: str | None = None, uid: str | None = None, propagation: str = "Background",
        dry_run: bool = False,
    ) -> bool:
        """False when it was not there. With uid only that very object: one of the same name made later stays, and that is False too."""
        resource = self.resource(api_version, kind)
        body: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation, **({"dryRun": ["All"]} if dry_run else {})}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            self._transport.request(
                "DELETE", resource.path(self._place(resource, namespace, name), name), body=body, content_type="application/json",
                subject=Subject("delete", kind, self._shown(resource, namespace), name))
        except NotFound as error:
            if error.details.get("missing") == "object":
                return False
            raise
        except Conflict as error:
            said = str(error.details.get("message", "")).lower()
            # Its wording differs between releases: "UID in precondition", "the UID in the precondition (...) does not match".
            if uid and "precondition" in said and "uid" in said:
                return False
            raise
        return True

    # The cluster and we ------------------------------------------------------------------------------------------------------------

    def raw(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None, content_type: str | None = None,
        accept: str | None = None, stream: bool = False, subject: Subject | None = None, read_timeout: float = READ_SECONDS,
    ) -> Answer:
        """Any request; returns status, headers, data (or the open response for stream). Answers of 400 and above raise.

        subject: what the request is about, for error texts. read_timeout: seconds without a byte after which the answer is given up.
        """
        kind = "application/json" if content_type is None and body is not None else content_type
        return self._transport.request(
            method, path, query=query, body=body, content_type=kind, accept=accept, stream=stream, subject=subject, read_timeout=read_timeout)

    def version(self) -> dict[str, Any]:
        """/version of the API server: gitVersion, major, minor, platform, ..."""
        return self._transport.request("GET", "/version", subject=Subject("read the version")).json()

    def identity(self) -> str:
        """The uid of namespace kube-system: it names the cluster whatever its address. Asked once per Kube."""
        if not self._identity:
            found = self.get("v1", "Namespace", "kube-system", metadata_only=True)
            if found is None:
                raise NotFound("The cluster has no namespace kube-system", where=self.server, todo="check that this is a Kubernetes cluster")
            self._identity = str(found["metadata"]["uid"])
        return self._identity

    def whoami(self) -> dict[str, Any]:
        """{"username", "uid", "groups", "extra"} as the API server sees the caller; empty before Kubernetes 1.28."""
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        try:
            return dict((self.create(body).get("status") or {}).get("userInfo") or {})
        except NotFound:
            return {}

    def can_i(self, verb: str, group: str, resource: str, namespace: str | None = None, subresource: str = "", name: str = "") -> bool:
        """Whether the caller may do it (resource is the plural); a SelfSubjectAccessReview, which everybody may ask."""
        attributes = {"verb": verb, "group": group, "resource": resource, "namespace": namespace or "", "subresource": subresource, "name": name}
        body = {
            "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
        }
        return bool((self.create(body).get("status") or {}).get("allowed"))

    def require(self, verb: str, group: str, resource: str, namespace: str | None = None, to: str = "", subresource: str = "", name: str = "") -> None:
        """Raises Forbidden, as a refused request does, where can_i says no. to: what the right is needed for, "publish a package with errors"."""
        if not self.can_i(verb, group, resource, namespace, subresource, name):
            user = str(self.whoami().get("username") or "")
            right = Right(verb, group, f"{resource}/{subresource}" if subresource else resource, namespace, name, user)
            raise denied(right, Subject(to) if to else Subject(verb, resource, namespace, name), self.server)

    def write_kubeconfig(self, folder: str) -> str:
        """The path of a new kubeconfig (0600) in folder for a child process: everything embedded, impersonation and proxy included."""
        from . import _export

        return _export.write(self._transport.target, self.namespace, folder)

    def kubeconfig(self, token: str, namespace: str, proxy_login: bool = False) -> dict[str, Any]:
        """A kubeconfig for a token: this connection's address, trust and proxy, and nothing of its credentials.

        Of proxies only the cluster's own, not one of these surroundings; with proxy_login its user and password, too.
        """
        from . import kubeconfigs

        target = self._transport.target
        scheme, mark, place = (target.proxy if target.proxy and target.proxy_is_own else "").partition("://")
        proxy = f"{scheme}{mark}{place if proxy_login else place.rpartition('@')[2]}"
        return kubeconfigs.build(target.server, target.authority, target.verify, target.server_name, proxy or None, token, namespace)

    def credential_expiry(self) -> kubeconfigs.Expiry:
        """When the certificate or token of this connection ends; ``unknown`` where it is renewed by itself (plugin, token file)."""
        from . import _export, kubeconfigs

        if self._transport.target.credentials.renewable:
            return kubeconfigs.Expiry("unknown")
        return kubeconfigs.expiry(_export.config(self._transport.target, self.namespace))

    def close(self) -> None:
        """Closes idle connections; the object stays usable."""
        self._transport.close()

    # Kinds -------------------------------------------------------------------------------------------------------------------------

    def resource(self, api_version: str, kind: str) -> Resource:
        """Where a kind is served. The first unknown one costs a discovery request, a later miss one more, once per Kube; then NotFound."""
        return self._kinds.resource(api_version, kind)

    def learn(self, definition: Mapping[str, Any]) -> None:
        """Takes a CustomResourceDefinition's kinds as known, without asking discovery."""
        self._kinds.learn(definition)

    # Small helpers -----------------------------------------------------------------------------------------------------------------

    def _place(self, resource: Resource, namespace: str | None, name: str) -> str | None:
        if not name:
            raise InputError(f"A {resource.kind} without a name was asked for", todo="give its name")
        if resource.namespaced and not namespace:
            raise InputError(f"{resource.kind} {name} needs a namespace", todo="give the namespace")
        return namespace

    def _shown(self, resource: Resource, namespace: str | None) -> str | None:
        return namespace if resource.namespaced else None

    def _located(self, obj: Mapping[str, Any], generated: bool = False) -> tuple[Resource, str | None, str]:
        api_version, kind, metadata = obj.get("apiVersion"), obj.get("kind"), obj.get("metadata") or {}
        if not api_version or not kind:
            raise InputError("An object has no apiVersion or no kind", todo="give both")
        resource = self.resource(str(api_version), str(kind))
        name, namespace = str(metadata.get("name") or ""), metadata.get("namespace")
        reviewed = resource.group in ("authentication.k8s.io", "authorization.k8s.io")
        if not generated:
            self._place(resource, namespace, name)
        elif not name and not metadata.get("generateName") and not reviewed:
            raise InputError(f"A {kind} without a name cannot be created", todo="give metadata.name")
        elif resource.namespaced and not namespace:
            raise InputError(f"{kind} {name} needs a namespace", todo="give metadata.namespace")
        return resource, namespace, name

    def _named(self, item: dict[str, Any], resource: Resource) -> dict[str, Any]:
        # Items of lists and metadata-only answers do not say what they are.
        return {**item, "apiVersion": resource.api_version, "kind": resource.kind}


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}
