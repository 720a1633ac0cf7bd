# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded of an instance and what runs of it, in two requests."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..api import API_VERSION
from ..errors import Forbidden, KubeError, NotFound
from ..helm import revisions
from . import places
from ._side import side_by_side
from .request import Request


@dataclass(frozen=True)
class Observed:
    """record: the Instance or None. heads: revisions of the Helm release of that name, newest last."""

    record: dict | None = None
    heads: tuple = ()

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
    def by_helm(self) -> bool:
        return (self.spec or {}).get("templateType", "helm") == "helm"

    @property
    def from_bin(self) -> bool:
        """In the recycle bin, or on its way back out of it: what it was is what counts, and the release it had is gone."""
        return self.phase == "Removed" or bool(self.status.get("kept"))

    @property
    def latest(self):
        return revisions.latest(list(self.heads))


def observe(kube, request: Request) -> Observed:
    """Reads the record, then the release's revisions; raises CatalogError where the platform is not set up."""
    # One after the other: a second connection costs a TLS handshake, which is more than the request.
    try:
        record = kube.get(API_VERSION, "Instance", request.name, request.namespace)
    except NotFound as error:
        raise places.missing(kube, request.cluster) from error
    spec = (record or {}).get("spec", {})
    if spec.get("templateType", "helm") != "helm":
        return Observed(record=record, heads=_applied(record))
    release = spec.get("releaseName") or request.name
    try:
        return Observed(record=record, heads=tuple(revisions.heads(kube, request.namespace, release)))
    except Forbidden:
        # Who may make workspaces reads no Secrets, and one that is still to be made holds none.
        if record is not None or not request.create_namespace or kube.get("v1", "Namespace", request.namespace) is not None:
            raise
        return Observed()


def same(kube, request: Request, seen: Observed, release: str) -> bool:
    """Whether nothing was written since: the record and the newest revision are as they were, and no newer one is there. False where it may not be seen.

    By names, each of which the API server answers at once; a list just after a write waits for its cache.
    """
    newest, number = seen.latest, seen.latest.revision if seen.latest else 0
    asked = [lambda: kube.get(API_VERSION, "Instance", request.name, request.namespace)]
    if seen.by_helm:
        names = [revisions.secret_name(release, number + 1)] + ([newest.secret] if newest else [])
        asked += [lambda name=name: kube.get("v1", "Secret", name, request.namespace, metadata_only=True) for name in names]
    try:
        record, *found = side_by_side(*asked)
    except KubeError:
        return False
    versions = [item and item["metadata"]["resourceVersion"] for item in (record, *found)]
    expected = [seen.record and seen.record["metadata"]["resourceVersion"]]
    expected += [None, *([newest.resource_version] if newest else [])] if seen.by_helm else []
    return versions == expected


def _applied(record: dict) -> tuple[revisions.Head, ...]:
    """What the record says of objects that no Helm applied, as if it were the one revision of a release."""
    applied = record.get("status", {}).get("applied") or {}
    if not applied:
        return ()
    meta = record["metadata"]
    labels = {revisions.DIGEST_LABEL: applied.get("digest", "")}
    return (revisions.Head(meta["name"], meta["namespace"], applied["revision"], applied["status"], secret="", labels=labels),)


def of_release(kube, request: Request, seen: Observed, release: str) -> Observed:
    """The same with the revisions of the release that a document names."""
    known = (seen.spec or {}).get("releaseName") or request.name
    return seen if release == known or not seen.by_helm else replace(seen, heads=tuple(revisions.heads(kube, request.namespace, release)))
