# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Package records and archives on the management cluster: read, write, move."""

from __future__ import annotations

import base64
import binascii
import hashlib
from concurrent.futures import ThreadPoolExecutor

from ..api import API_VERSION
from ..clock import now
from ..rights import CATALOG, INCOMING
from ..errors import CatalogError, Conflict, Forbidden, NotFound
from . import records


def get(kube, name: str, version: str, namespace: str) -> dict | None:
    """The Package record of a version in one of the two places."""
    try:
        return kube.get(API_VERSION, "Package", records.record_name(name, version), namespace)
    except NotFound as error:
        # An object that is missing is None; this is the kind.
        raise missing(kube) from error


def missing(kube) -> CatalogError:
    """What a task says where the platform's kinds are unknown."""
    # Every task of the collection would pay for loading what sets a platform up.
    from ..platform import setup

    return setup.missing(kube)


def versions_of(kube, name: str, namespace: str) -> list[dict]:
    """Every record of a package in one place."""
    found = kube.list(API_VERSION, "Package", namespace, label_selector=f"{records.PACKAGE_LABEL}={records.package_label(name)}")
    return [record for record in found if record["spec"]["name"] == name]


def all_in(kube, namespace: str) -> list[dict]:
    return kube.list(API_VERSION, "Package", namespace)


def pinned(kube, name: str, version: str) -> str | None:
    """sha256 of the bytes under which a version was listed first."""
    record = kube.get("v1", "ConfigMap", records.pin_name(name, version), CATALOG)
    return record["data"]["sha256"] if record else None


def users(kube, name: str, version: str) -> tuple[str, ...] | None:
    """Instances of this cluster that run this version, or ran it and may go back to it, as namespace/name; None where the caller may not list them."""
    try:
        instances, revisions = kube.list(API_VERSION, "Instance"), kube.list(API_VERSION, "InstanceRevision")
    except Forbidden:
        return None
    except NotFound:
        return ()
    wanted = records.canonical_version(version)

    def needed(spec: dict) -> bool:
        return spec["package"] == name and records.canonical_version(spec["version"]) == wanted

    found = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in instances if needed(item["spec"])}
    found |= {(item["metadata"]["namespace"], item["spec"]["instance"]) for item in revisions if needed(item["spec"])}
    return tuple(sorted(f"{namespace}/{instance}" for namespace, instance in found))


def upload(kube, record: dict, data: bytes) -> None:
    """Stores the archive, then the record that makes it visible; an interrupted upload is simply repeated."""
    spec = record["spec"]
    _create_all(kube, records.chunks(spec["name"], data, spec["sha256"], INCOMING))
    _create(kube, record)
    _status(kube, record, {"phase": "Hidden"})


def read_archive(kube, spec: dict, namespace: str) -> bytes:
    """The archive's bytes, checked against the recorded sha256."""
    def part(number: int) -> bytes:
        name = records.chunk_name(spec["sha256"], number)
        chunk = kube.get("v1", "ConfigMap", name, namespace)
        if chunk is None:
            raise CatalogError(
                f"A part of the archive of {spec['name']} {spec['version']} is missing", where=f"ConfigMap {namespace}/{name}",
                todo="upload the same version again",
            )
        try:
            return base64.b64decode(chunk.get("binaryData", {}).get("archive", ""), validate=True)
        except binascii.Error as error:
            raise CatalogError("A part of the archive is damaged", where=f"ConfigMap {namespace}/{name}", todo="upload the same version again") from error

    with ThreadPoolExecutor(max_workers=4) as pool:
        data = b"".join(pool.map(part, range(spec.get("chunks", 1))))
    if hashlib.sha256(data).hexdigest() != spec["sha256"]:
        raise CatalogError(
            f"The archive of {spec['name']} {spec['version']} is not the one that was uploaded", where=f"namespace {namespace}",
            todo="do not use it; have a manager look who changed it, and upload the version again",
        )
    return data


def move(kube, record: dict, source: str, target: str, phase: str, by: str) -> None:
    """Copies the archive and the record to the other place, then takes the record away from the first.

    Interrupted at any point, repeating it ends as asked: until the last step the version is in both places.
    """
    spec = record["spec"]
    data = read_archive(kube, spec, source)
    _create_all(kube, records.chunks(spec["name"], data, spec["sha256"], target))
    copy = records.moved(record, target)
    if target == CATALOG:
        _create(kube, records.pin(record, CATALOG, now()))
    _create(kube, copy)
    _status(kube, copy, {"phase": phase, "listedAt": now(), "listedBy": by} if phase == "Listed" else {"phase": phase})
    delete_record(kube, record, source)


def delete_record(kube, record: dict, namespace: str) -> None:
    """Takes away a record; its archive too, unless it lies in the catalog and instances may still need it, here or on another cluster."""
    spec = record["spec"]
    kube.delete(API_VERSION, "Package", record["metadata"]["name"], namespace)
    if namespace == CATALOG and (users(kube, spec["name"], spec["version"]) != () or _other_clusters(kube)):
        return
    for number in range(spec.get("chunks", 1)):
        kube.delete("v1", "ConfigMap", records.chunk_name(spec["sha256"], number), namespace)


def _other_clusters(kube) -> bool:
    """Whether instances may be where nobody looks: on a registered cluster, which may be down."""
    from ..platform.setup import LOCAL

    try:
        return any(item["metadata"]["name"] != LOCAL for item in kube.list(API_VERSION, "Cluster", metadata_only=True))
    except Forbidden:
        return True
    except NotFound:
        return False


def _create_all(kube, objects: list[dict]) -> None:
    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(lambda obj: _create(kube, obj), objects))


def _create(kube, obj: dict) -> None:
    try:
        kube.create(obj)
    except Conflict:
        # Left by an interrupted run: names hold the hash, and listed records are immutable.
        return


def _status(kube, record: dict, status: dict) -> None:
    meta = record["metadata"]
    kube.patch_status(API_VERSION, "Package", meta["name"], meta["namespace"], {**status, "observedAt": now()})
