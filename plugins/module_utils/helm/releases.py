# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helm's release records, read (and in three emergencies written) through the API; no helm process.

A revision is one Secret ``sh.helm.release.v1.NAME.vN`` of type helm.sh/release.v1: labels owner=helm, name, status, version (and our
own), data.release = base64(gzip(JSON)). The *newest* revision's status decides what is safe (pkg/action of Helm 3.22 and 4.3):

| newest status    | meaning                                     | install              | upgrade | rollback | uninstall |
|------------------|---------------------------------------------|----------------------|---------|----------|-----------|
| (none)           | never installed, or purged                  | yes, adopts own (1)  | no      | no       | no        |
| deployed         | helm finished                               | no, name in use      | yes     | yes      | yes       |
| failed           | helm gave up                                | only with replace(4) | yes (2) | yes (3)  | yes       |
| superseded       | a newer revision was deleted by hand        | no                   | yes     | yes      | yes       |
| pending-install, | helm works, or died working: *stuck* when   | no                   | refused | works, but | works   |
| -upgrade,        | nobody holds the instance's lease           |                      |         | leaves the |         |
| -rollback        |                                             |                      |         | old one    |         |
| uninstalling     | uninstall died: part of the objects is gone | no                   | refused | yes      | yes: goes on where it stopped |
| uninstalled      | gone, history kept                          | only with replace(4) | refused | yes: brings it back | purges |

(1) an object is adopted only with label app.kubernetes.io/managed-by=Helm and both meta.helm.sh annotations of this release.
(2) compares with the last *deployed* revision, else with the newest. Objects that only a failed revision in between created are
    then in neither list: helm leaves them behind; strays() names them.
(3) compares with the newest revision: a rollback does remove them.
(4) ``helm install --replace``.
So: a stuck revision, once the lease is ours, is set to failed (mark_failed); then an upgrade goes through, takes over what exists
and removes what only it had when nothing was deployed before. But an upgrade runs no install hooks: a first install that died is
better forgotten (forget: only the record goes) and installed again, which adopts its objects and runs the hooks; or uninstalled.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..context import Context
from ..errors import HelmError, InputError, NotFound
from . import manifest
from .revisions import DIGEST_LABEL, STUCK, Head, digest_label, head_of, heads, latest, secret_name, stuck

if TYPE_CHECKING:
    from ..kube.client import Kube

__all__ = [
    "DIGEST_LABEL", "Head", "PAYLOAD_LIMIT", "Release", "STUCK", "decode", "digest_label", "encode", "forget", "head_of", "heads", "keep_sizes", "latest",
    "mark_failed", "read", "secret_name", "strays", "stuck",
]

PAYLOAD_LIMIT = 96 * 1024 * 1024  # bytes of JSON; a Secret holds 1 MiB, which gzip can make from a gigabyte


@dataclass(frozen=True)
class Release:
    """One revision, decoded. config: the values given. chart: {name, version, app_version}. hooks: dicts with name, kind, path, manifest,
    events. times: RFC 3339 text. apply_method: "ssa", "csa", or "" (Helm 3). The config and manifest may hold secrets."""

    name: str
    namespace: str
    revision: int
    status: str
    manifest: str
    config: dict[str, Any]
    chart: dict[str, str]
    hooks: list[dict[str, Any]]
    notes: str
    description: str
    first_deployed: str
    last_deployed: str
    labels: dict[str, str]
    apply_method: str = ""
    rollback_revision: int = 0

    def objects(self) -> list[dict[str, Any]]:
        """The manifest's objects, hooks not among them."""
        return manifest.split(self.manifest, f"release {self.name}, revision {self.revision}")


def read(kube: Kube, namespace: str, name: str, revision: int) -> Release:
    """One revision, decoded. One request. Raises NotFound when it is gone, HelmError when it cannot be decoded."""
    return _release(_secret(kube, namespace, name, revision))


def mark_failed(kube: Kube, release: Head | Release, ctx: Context, why: str = "") -> None:
    """Turn a stuck revision into a failed one, so that helm goes on with the release.

    Only when the caller holds the instance's lease: nobody else can be at work then, and helm itself keeps no lock but this
    status. Status and description change in the payload and in the label, in one write that the server refuses
    (Conflict) when anybody touched the record meanwhile. Nothing else is written; in check mode nothing is. Raises
    InputError when the revision is not stuck (any more).
    """
    secret = _secret(kube, release.namespace, release.name, release.revision)
    payload = decode(_data(secret), _where(secret))
    info = payload.setdefault("info", {})
    status = str(info.get("status", "unknown"))
    if status not in STUCK:
        raise InputError(f"revision {release.revision} of release {release.name} is {status}, not stuck", where=_where(secret), todo="look at it again")
    if ctx.check_mode:
        return
    info["status"] = "failed"
    info["description"] = why or f"set to failed: helm ended while the release was {status}"
    secret["metadata"].setdefault("labels", {}).update(status="failed", modifiedAt=str(int(time.time())))
    secret["metadata"].pop("managedFields", None)
    secret["data"]["release"] = encode(payload)
    kube.replace({"apiVersion": "v1", "kind": "Secret", **secret})


def keep_sizes(kube: Kube, release: Release, sizes: Mapping[str, str], ctx: Context) -> None:
    """Write into a revision's manifest the sizes that its claims have by now, so that a rollback to it goes through: no claim ever shrinks.

    Only with the lease. sizes: claim -> storage. Raises NotFound where the revision is gone.
    """
    # Few instances go back across a growth.
    from . import _marker

    secret = _secret(kube, release.namespace, release.name, release.revision)
    payload = decode(_data(secret), _where(secret))
    rules = {"keep_claims": False, "keep": [], "replicas": [], "config": {}, "digests": [], "digest_key": "", "sizes": dict(sizes), "yaml": ""}
    text = _marker.mark(str(payload.get("manifest") or ""), rules)
    if text == payload.get("manifest") or ctx.check_mode:
        return
    payload["manifest"] = text
    secret["metadata"].pop("managedFields", None)
    secret["data"]["release"] = encode(payload)
    kube.replace({"apiVersion": "v1", "kind": "Secret", **secret})


def forget(kube: Kube, head: Head, ctx: Context) -> None:
    """Delete the record of a first install that died, so that ``helm install`` runs again: adopts its objects, runs its hooks.

    Only with the lease, and only while it is the release's one revision (InputError else). Objects stay as they are.
    """
    known = heads(kube, head.namespace, head.name)
    if [item.revision for item in known] != [head.revision] or known[0].status not in ("pending-install", "failed"):
        raise InputError(f"release {head.name} is more than a first install that failed", where=head.secret, todo="use mark_failed and upgrade")
    if not ctx.check_mode:
        kube.delete("v1", "Secret", head.secret, head.namespace, uid=known[0].uid or None)


def strays(since: Iterable[Release], target: Iterable[dict[str, Any]], namespace: str) -> list[manifest.Ref]:
    """What an upgrade would leave behind: objects of the revisions after the last deployed one which the new manifest lacks. Pure.

    since: those revisions and the deployed one, decoded; target: objects about to be deployed. Kept objects are not strays.
    """
    known: dict[manifest.Ref, None] = {}
    revisions = sorted(since, key=lambda release: release.revision)
    deployed = [release for release in revisions if release.status == "deployed"]
    pruned = {ref for release in deployed[-1:] for ref in manifest.refs(release.objects(), namespace)}
    objects = list(target)
    for release in revisions:
        own = [item for item in release.objects() if not manifest.kept(item)]
        for ref in manifest.lost(own, objects, namespace):
            if ref not in pruned:
                known[ref] = None
    return list(known) if deployed else []


def decode(text: str, where: str = "release") -> dict[str, Any]:
    """The JSON inside data.release as Helm wrote it (without the base64 of the Secret). Pure; raises HelmError.

    Records from before compression are read too. More than PAYLOAD_LIMIT bytes are refused.
    """
    try:
        packed = base64.b64decode(text, validate=True)
        if packed[:3] == b"\x1f\x8b\x08":
            unpacker = zlib.decompressobj(wbits=31)
            packed = unpacker.decompress(packed, PAYLOAD_LIMIT)
            if unpacker.unconsumed_tail or not unpacker.eof:
                raise HelmError("a release record is cut or far too large", where=where, todo="restore it, or delete that revision's Secret")
        data = json.loads(packed)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        raise HelmError("a release record cannot be decoded", where=where, todo="restore it, or delete that revision's Secret") from None
    if not isinstance(data, dict):
        raise HelmError("a release record holds no release", where=where, todo="restore it, or delete that revision's Secret")
    return data


def encode(payload: dict[str, Any]) -> str:
    """The value for a Secret's data.release: base64 for Kubernetes around Helm's base64(gzip(JSON)). Pure."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")) + packer.flush()
    return base64.b64encode(base64.b64encode(packed)).decode()


def _secret(kube: Kube, namespace: str, name: str, revision: int) -> dict[str, Any]:
    secret = kube.get("v1", "Secret", secret_name(name, revision), namespace=namespace)
    if secret is None:
        raise NotFound(f"revision {revision} of release {name} does not exist", where=f"namespace {namespace}", todo="list the revisions again")
    return secret


def _where(secret: dict[str, Any]) -> str:
    meta = secret.get("metadata") or {}
    return f"Secret {meta.get('namespace')}/{meta.get('name')}"


def _data(secret: dict[str, Any]) -> str:
    try:
        return base64.b64decode((secret.get("data") or {}).get("release") or "", validate=True).decode("ascii")
    except (binascii.Error, ValueError, TypeError):
        raise HelmError("a release record cannot be decoded", where=_where(secret), todo="restore it, or delete that revision's Secret") from None


def _release(secret: dict[str, Any]) -> Release:
    payload = decode(_data(secret), _where(secret))
    info = _dict(payload.get("info"))
    meta = _dict(_dict(payload.get("chart")).get("metadata"))
    head = head_of(secret)
    revision = payload.get("version")
    return Release(
        name=str(payload.get("name", "")),
        namespace=str(payload.get("namespace") or (secret.get("metadata") or {}).get("namespace") or ""),
        revision=revision if isinstance(revision, int) else (head.revision if head else 0),
        status=str(info.get("status", "unknown")),
        manifest=str(payload.get("manifest") or ""),
        config=_dict(payload.get("config")),
        chart={"name": str(meta.get("name", "")), "version": str(meta.get("version", "")), "app_version": str(meta.get("appVersion", ""))},
        hooks=[hook for hook in payload.get("hooks") or [] if isinstance(hook, dict)],
        notes=str(info.get("notes") or ""),
        description=str(info.get("description") or ""),
        first_deployed=str(info.get("first_deployed") or ""),
        last_deployed=str(info.get("last_deployed") or ""),
        labels=head.labels if head else {},
        apply_method=str(payload.get("apply_method") or ""),
        rollback_revision=info.get("rollback_revision") if isinstance(info.get("rollback_revision"), int) else 0,
    )


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
