# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded of an instance and what runs of it, in two requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..api import API_VERSION
from ..platform import setup
from ..errors import Forbidden, InputError, NotFound, nearest
from ..helm import releases
from .request import Request


@dataclass(frozen=True)
class Observed:
    """record: the Instance or None. heads: revisions of the Helm release of that name, newest last."""

    record: dict | None = None
    heads: tuple = ()
    namespace_exists: bool = True

    @property
    def spec(self) -> dict | None:
        return self.record["spec"] if self.record else None

    @property
    def status(self) -> dict:
        return (self.record or {}).get("status", {})

    @property
    def phase(self) -> str:
        return self.status.get("phase", "")

    @property
    def latest(self):
        return releases.latest(list(self.heads))


def observe(kube, request: Request) -> Observed:
    """Reads the record, then the release's revisions; raises CatalogError where the platform is not set up."""
    # One after the other: a second connection costs a TLS handshake, which is more than the request.
    try:
        record = kube.get(API_VERSION, "Instance", request.name, request.namespace)
    except NotFound as error:
        raise setup.missing(kube) from error
    release = (record or {}).get("spec", {}).get("releaseName") or request.name
    return Observed(record=record, heads=tuple(releases.heads(kube, request.namespace, release)))


def of_release(kube, request: Request, seen: Observed, release: str) -> Observed:
    """The same with the revisions of the release that a document names."""
    known = (seen.spec or {}).get("releaseName") or request.name
    return seen if release == known else replace(seen, heads=tuple(releases.heads(kube, request.namespace, release)))


def require_namespace(kube, request: Request) -> bool:
    """Whether the namespace exists; raises InputError where it does not and may not be created."""
    try:
        if kube.get("v1", "Namespace", request.namespace) is not None:
            return True
    except Forbidden:
        # A missing right to look never fails a deployment; a missing namespace then does, at the first write.
        return True
    if request.create_namespace:
        return False
    try:
        known = [item["metadata"]["name"] for item in kube.list("v1", "Namespace", metadata_only=True)]
    except Exception:  # a hint is not worth a second failure
        known = []
    hint = nearest(request.namespace, known)
    raise InputError(f'There is no namespace "{request.namespace}"', where=request.title, todo=f"say create_namespace: true, or correct the name ({hint})")
