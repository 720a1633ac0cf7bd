# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is recorded of an instance and what runs of it, in two requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..errors import CatalogError, InputError, NotFound, nearest
from ..helm import releases
from . import records
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
    """Reads the record and the release's revisions side by side; raises CatalogError where the platform is not set up."""
    release = request.name
    with ThreadPoolExecutor(max_workers=2) as pool:
        heads = pool.submit(releases.heads, kube, request.namespace, release)
        try:
            record = kube.get(records.API_VERSION, "Instance", request.name, request.namespace)
        except NotFound as error:
            raise CatalogError(
                "This cluster is not a middleware platform yet", where=kube.server, todo="run ansible-playbook acmp.middleware.setup, or acmp_setup",
            ) from error
        found = heads.result()
    other = (record or {}).get("spec", {}).get("releaseName") or release
    if other != release:
        found = releases.heads(kube, request.namespace, other)
    return Observed(record=record, heads=tuple(found))


def require_namespace(kube, request: Request) -> bool:
    """Whether the namespace exists; raises InputError where it does not and may not be created."""
    if kube.get("v1", "Namespace", request.namespace) is not None:
        return True
    if request.create_namespace:
        return False
    try:
        known = [item["metadata"]["name"] for item in kube.list("v1", "Namespace", metadata_only=True)]
    except Exception:  # a hint is not worth a second failure
        known = []
    hint = nearest(request.namespace, known)
    raise InputError(f'There is no namespace "{request.namespace}"', where=request.title, todo=f"say create_namespace: true, or correct the name ({hint})")
