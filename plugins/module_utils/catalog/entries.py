# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A version of a package as the catalog holds it: found by name, and its files read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import CatalogError, Forbidden, NotFound, nearest
from ..package import versions
from ..rights import CATALOG, INCOMING
from . import _store, records

if TYPE_CHECKING:
    from ..package.tree import FileTree


@dataclass(frozen=True)
class Entry:
    """A package version as the catalog holds it; spec is the Package record's."""

    spec: dict
    namespace: str

    @property
    def hidden(self) -> bool:
        return self.namespace == INCOMING

    @property
    def title(self) -> str:
        return f"{self.spec['name']} {self.spec['version']}"


def find(kube, name: str, version: str | None, allow_hidden: bool = False) -> Entry:
    """The listed version of a package, the newest one where version is None.

    Raises CatalogError with the nearest names where there is none; hidden versions only with allow_hidden.
    """
    places = [CATALOG, INCOMING] if allow_hidden else [CATALOG]
    for place in places:
        if version:
            record = _store.get(kube, name, version, place)
            if record is not None:
                return Entry(record["spec"], place)
            continue
        found = {record["spec"]["version"]: record for record in _store.versions_of(kube, name, place)}
        if found:
            return Entry(found[versions.newest(list(found))]["spec"], place)
    raise _unknown(kube, name, version)


def every(kube, name: str) -> list[Entry]:
    """All listed versions of a package, in no order. One request."""
    return [Entry(record["spec"], CATALOG) for record in _store.versions_of(kube, name, CATALOG)]


def exactly(kube, name: str, version: str, sha256: str) -> Entry:
    """The version with these bytes, listed or kept for its instances; raises CatalogError where neither is left."""
    record = _store.get(kube, name, version, CATALOG)
    if record is not None and record["spec"]["sha256"] == sha256:
        return Entry(record["spec"], CATALOG)
    return kept(kube, name, version, sha256)


def kept(kube, name: str, version: str, sha256: str) -> Entry:
    """A version that is listed no more, from the bytes that stay in the catalog for the instances that run it."""
    parts = kube.list("v1", "ConfigMap", CATALOG, label_selector=f"{records.SHA_LABEL}={records.sha_label(sha256)}", metadata_only=True)
    if not parts:
        raise _unknown(kube, name, version)
    from ..clock import now
    from ..package import archive
    from ..package.model import model

    data = _store.read_archive(kube, {"name": name, "version": version, "sha256": sha256, "chunks": len(parts)}, CATALOG)
    package = model.load(archive.read(data, f"{name} {version}"))
    record = records.package_record(package, data, sha256, CATALOG, force=False, uploaded_by="", uploaded_at=now())
    return Entry(record["spec"], CATALOG)


def fetch(kube, entry: Entry) -> FileTree:
    """The files of a package version; its bytes are checked against the recorded sha256."""
    # An unchanged deploy loads this file, and reads no archive.
    from ..package import archive

    return archive.read(_store.read_archive(kube, entry.spec, entry.namespace), entry.title)


def _unknown(kube, name: str, version: str | None) -> CatalogError:
    try:
        listed = _store.all_in(kube, CATALOG)
    except NotFound:
        return _store.missing(kube)
    except Forbidden as error:
        return CatalogError(f"The catalog cannot be read. {error.what}", where=kube.server, todo=error.todo, details=error.details)
    try:
        waiting = [record["spec"] for record in _store.all_in(kube, INCOMING) if record["spec"]["name"] == name]
    except Forbidden:
        waiting = []
    own = sorted((record["spec"]["version"] for record in listed if record["spec"]["name"] == name), key=versions.sort_key)
    if any(version is None or versions.same(spec["version"], version) for spec in waiting):
        title = f"{name} {version or waiting[0]['version']}"
        return CatalogError(f"Package {title} is uploaded but not listed", todo="a manager lists it: acmp_package with state: listed")
    if own:
        return CatalogError(f"Package {name} has no listed version {version}", todo=f"listed versions: {', '.join(own)}")
    hint = nearest(name, {record["spec"]["name"] for record in listed})
    return CatalogError(f'There is no package "{name}" in the catalog', todo=hint or "publish one first: ansible-playbook acmp.middleware.publish")
