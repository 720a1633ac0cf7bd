# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of packages for people who would rather look: one HTML file for a package on disk or in the catalog (§5.1)."""

from __future__ import annotations

from typing import Any

from ..platform.roles import CATALOG
from .. import files
from ..context import Context
from ..kube.connect import connect
from ..package import versions
from ..package.model import model
from ..package.page import page
from ..package.page.page import Listed
from . import _store, packages, sources


def write(options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> dict[str, Any]:
    """Writes the page of a package to a file; one that is there already with the same content is left alone.

    wanted: src (folder or archive), or name with version (None for the newest listed one); dest (folder or file), language,
    allow_hidden. Returns changed, actions, diff, page (path), name, version, size (bytes). Raises PackageError, CatalogError, InputError, KubeError.
    """
    if wanted.get("src"):
        package, listed = model.load(sources.read(wanted["src"])), None
        sources.tell(package, ctx)
    else:
        package, listed = _from_catalog(options, act_as, wanted, ctx)
    data = page.render(package, wanted["language"], listed).encode()
    path = files.target(wanted["dest"], f"{package.name}-{package.version}.html")
    return {**files.settle(path, data, ctx), "page": path, "name": package.name, "version": package.version, "size": len(data)}


def _from_catalog(options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> tuple[model.Package, Listed]:
    kube = connect(options, ctx, act_as)
    entry = packages.find(kube, wanted["name"], wanted.get("version"), allow_hidden=bool(wanted.get("allow_hidden")))
    package = model.load(packages.fetch(kube, entry))
    found = _store.versions_of(kube, package.name, CATALOG)
    found.sort(key=lambda record: versions.sort_key(record["spec"]["version"]), reverse=True)
    dates = {record["spec"]["version"]: record.get("status", {}).get("listedAt") or record["spec"].get("uploadedAt", "") for record in found}
    others = tuple(page.Version(record["spec"]["version"], record["spec"].get("appVersion", ""), dates[record["spec"]["version"]]) for record in found)
    updated = dates.get(entry.spec["version"]) or entry.spec.get("uploadedAt", "")
    return package, Listed(updated, entry.spec["sha256"], entry.spec["size"], others)
