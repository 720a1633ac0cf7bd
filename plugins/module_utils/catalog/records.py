# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages as records: the Package custom resource, its chunk ConfigMaps, and the pin of a version once listed."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING

from ..api import API_VERSION, GROUP
from ..errors import PackageError
from ..package import documents, secrets, versions, yaml_reader

if TYPE_CHECKING:
    from ..package.model.model import Package

SHA_LABEL = f"{GROUP}/sha256"
PACKAGE_LABEL = f"{GROUP}/package"

# A ConfigMap holds 1 MiB with base64 and metadata.
_CHUNK = 700 * 1024
# Documents stand in the record, so that an unchanged deploy never reads the archive.
_DOCUMENTS = 256 * 1024


def canonical_version(version: str) -> str:
    """A version as uniqueness sees it: without ``v`` and build metadata (v1.0.0 = 1.0.0 = 1.0.0+x)."""
    return str(versions.parse(version).truncate("prerelease"))


def record_name(name: str, version: str) -> str:
    """A Kubernetes name for a package version: slug and 8 hex digits of the hash of name@version."""
    slug = re.sub(r"[^a-z0-9]+", "-", f"{name}-{canonical_version(version)}".lower()).strip("-")[:200].rstrip("-")
    return f"{slug}-{hashlib.sha256(f'{name}@{canonical_version(version)}'.encode()).hexdigest()[:8]}"


def package_label(name: str) -> str:
    """A label value that finds all versions of a package, whatever its name holds."""
    return name if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", name) else hashlib.sha256(name.encode()).hexdigest()[:32]


def sha_label(sha256: str) -> str:
    """The first 40 hex digits: a label value holds 63 characters."""
    return sha256[:40]


def _labels(name: str, sha256: str) -> dict[str, str]:
    return {"app.kubernetes.io/part-of": "acmp", PACKAGE_LABEL: package_label(name), SHA_LABEL: sha_label(sha256)}


def package_record(package: Package, archive: bytes, sha256: str, namespace: str, *, force: bool, uploaded_by: str, uploaded_at: str) -> dict:
    """The Package object of an upload (§6.3.1), without its status."""
    types = [
        {"name": item.name, "description": item.description, "document": yaml_reader.dump(item.document)} for item in package.types
    ]
    size = sum(len(item["document"].encode()) for item in types)
    if size > _DOCUMENTS:
        raise PackageError(
            f"The documents of the instance types have {size // 1024} KiB together, and the catalog takes {_DOCUMENTS // 1024}",
            where="manifests/default-cr.yaml", todo="leave out what equals the chart's own defaults",
        )
    spec = {
        "name": package.name, "version": package.version, "sha256": sha256, "size": len(archive), "chunks": -(-len(archive) // _CHUNK),
        "appVersion": package.app_version, "displayName": package.display_name, "description": package.description, "alias": package.alias,
        "mode": package.mode, "templateType": package.template_type, "source": package.source,
        "architectures": list(package.architectures), "capabilities": list(package.capabilities), "categories": list(package.categories),
        "industries": list(package.industries), "scenes": list(package.scenes),
        "provider": package.provider, "maintainers": list(package.maintainers), "links": list(package.links),
        "types": types,
        "secretPaths": [documents.format_path(path) for path in secrets.secret_paths(package)],
        "generatedSecrets": [
            {"path": documents.format_path(item.path), "suffix": item.suffix, "key": item.key, "length": item.length} for item in secrets.generated(package)
        ],
        "upgrade": package.upgrade_record(), "security": package.security,
        "uploadedBy": uploaded_by, "uploadedAt": uploaded_at, "force": force,
    }
    return {
        "apiVersion": API_VERSION, "kind": "Package",
        "metadata": {"name": record_name(package.name, package.version), "namespace": namespace, "labels": _labels(package.name, sha256)},
        "spec": {key: value for key, value in spec.items() if value not in (None, "", [], {})} | {"force": force},
    }


def moved(record: dict, namespace: str) -> dict:
    """The same Package for another namespace."""
    meta = record["metadata"]
    return {
        "apiVersion": record["apiVersion"], "kind": "Package",
        "metadata": {"name": meta["name"], "namespace": namespace, "labels": meta.get("labels", {})},
        "spec": record["spec"],
    }


def chunks(name: str, archive: bytes, sha256: str, namespace: str) -> list[dict]:
    """The archive as immutable ConfigMaps; their names hold the sha256, so the same bytes are stored once."""
    parts = [archive[start:start + _CHUNK] for start in range(0, len(archive), _CHUNK)]
    return [
        {
            "apiVersion": "v1", "kind": "ConfigMap", "immutable": True,
            "metadata": {"name": chunk_name(sha256, number), "namespace": namespace, "labels": _labels(name, sha256)},
            "binaryData": {"archive": base64.b64encode(part).decode()},
        }
        for number, part in enumerate(parts)
    ]


def chunk_name(sha256: str, number: int) -> str:
    return f"package-{sha256[:40]}-{number}"


def pin(record: dict, namespace: str, at: str) -> dict:
    """What stays of a version once listed, even after deletion: its bytes never change."""
    spec = record["spec"]
    return {
        "apiVersion": "v1", "kind": "ConfigMap", "immutable": True,
        "metadata": {"name": pin_name(spec["name"], spec["version"]), "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "acmp"}},
        "data": {"name": spec["name"], "version": spec["version"], "sha256": spec["sha256"], "listedAt": at},
    }


def pin_name(name: str, version: str) -> str:
    return "listed-" + record_name(name, version)
