# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: what an instance shall be, from the request, the package's record and what is recorded of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..errors import InputError, InstanceError, nearest
from ..package import documents, yaml_reader
from .request import Request

if TYPE_CHECKING:
    from ..catalog.entries import Entry


@dataclass(frozen=True)
class Generated:
    """A Secret the platform makes when the field at path is empty; the field then names it."""

    path: tuple
    name: str
    key: str
    length: int


@dataclass(frozen=True)
class Desired:
    """document holds no secret; secret_paths are the fields whose values live in the Secret NAME-secrets."""

    entry: Entry
    type: str
    document: dict
    digest: str
    secret_paths: tuple[tuple, ...] = ()
    given_secrets: dict = field(default_factory=dict)
    generated: tuple[Generated, ...] = ()
    config_overrides: dict = field(default_factory=dict)

    @property
    def placeholders(self) -> dict[tuple, str]:
        """Values that stand for the secret ones where the document is checked and rendered before anything is created."""
        return {path: str(self.given_secrets.get(path) or "x" * 24) for path in self.secret_paths}

    @property
    def release(self) -> str:
        return self.document.get("spec", {}).get("releaseName") or self.document["metadata"]["name"]


def desired(request: Request, entry: Entry, recorded: dict | None) -> Desired:
    """The document of the instance and its digest.

    recorded: spec of the Instance, None for a new one. Raises InputError for an unknown type, a wrong path, a script of another instance.
    """
    spec = entry.spec
    type_name = request.type or (recorded or {}).get("type") or spec["types"][0]["name"]
    chosen = next((item for item in spec["types"] if item["name"] == type_name), None)
    if chosen is None:
        hint = nearest(type_name, [item["name"] for item in spec["types"]])
        raise InputError(f'Package {entry.title} has no instance type "{type_name}"', where="type", todo=hint)
    base = yaml_reader.load(chosen["document"], f"{entry.title}, type {type_name}")
    previous = yaml_reader.load(recorded["document"], request.title) if recorded else None
    merge = request.values_mode == "merge" and previous is not None
    document = documents.build(
        base, request.name, request.namespace, values=request.values, mode="merge" if merge else "replace", previous=previous, script=request.document,
    )
    if request.app_version:
        from . import _software

        _software.choose(document, spec.get("upgrade") or {}, request.app_version, entry.title)
    paths = tuple(documents.parse_path(path) for path in spec.get("secretPaths", []))
    given = {_below_spec(path): value for path, value in request.secret_values.items()}
    document, inside = documents.split(document, paths)
    for path in inside:
        # The same document, and digest, whether a value came in the document or apart from it.
        documents.set_(document["spec"], path, "")
    generated = []
    for item in spec.get("generatedSecrets", []):
        path = documents.parse_path(item["path"])
        name = f"{request.name}-{item['suffix']}"
        if documents.get(document["spec"], path) in (None, "", name):
            documents.set_(document["spec"], path, name)
            generated.append(Generated(path, name, item["key"], item["length"]))
    overrides = present = (recorded or {}).get("configOverrides") or {}
    if request.config_overrides is not None:
        overrides = request.config_overrides
        if request.config_base is not None and present not in (request.config_base, overrides):
            raise InstanceError(f"The configuration of {request.title} was changed by somebody else meanwhile", todo="run again")
    identity = {"sha256": spec["sha256"], "version": spec["version"], "type": type_name, "document": document}
    if overrides:
        identity["configOverrides"] = overrides
    return Desired(
        entry=entry, type=type_name, document=document, digest=documents.digest(identity),
        secret_paths=paths + tuple(path for path in given if path not in paths),
        given_secrets={**inside, **given}, generated=tuple(generated), config_overrides=overrides,
    )


def without_given(wanted: Desired) -> Desired:
    """The same where the given secret values are those already stored."""
    return replace(wanted, given_secrets={})


def _below_spec(path: str) -> tuple:
    steps = documents.parse_path(path)
    return steps if steps[0] == "values" else ("values", *steps)
