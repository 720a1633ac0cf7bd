# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an instance's package knows of it: the parameters of its form, and its status page (§5.3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..catalog import entries
from ..context import Context
from ..errors import AcmpError, CatalogError, Forbidden
from ..package import documents, yaml_reader
from ..package.form import form, status_view
from ..package.model import model
from . import _space
from ._space import Key, Space

_MISSING = object()


class Packages:
    """Package versions, each read once; one that is gone is told once, and is None."""

    def __init__(self, home, ctx: Context) -> None:
        self._home, self._ctx = home, ctx
        self._found: dict[tuple, model.Package | None] = {}

    def of(self, record: Mapping) -> model.Package | None:
        spec = record["spec"]
        key = (spec["package"], spec["version"], spec.get("sha256") or "")
        if key not in self._found:
            try:
                self._found[key] = model.load(entries.fetch(self._home, self._entry(*key)))
            except AcmpError as error:
                self._found[key] = None
                self._ctx.warn(f"Package {spec['package']} {spec['version']} cannot be read, so its form and status page are not shown. {error.message}")
        return self._found[key]

    def _entry(self, name: str, version: str, sha256: str) -> entries.Entry:
        try:
            found = entries.find(self._home, name, version)
            if not sha256 or found.spec["sha256"] == sha256:
                return found
        except CatalogError:
            if not sha256:
                raise
        return entries.kept(self._home, name, version, sha256)


def parameters(package: model.Package | None, record: Mapping) -> list[dict[str, Any]]:
    """label, path, group, value, default, secret and changed of each field of the form, secret ones masked.

    Without the package the values of the document, by path, with nothing else known.
    """
    document = yaml_reader.load(record["spec"]["document"], "document") or {}
    spec = document.get("spec") if isinstance(document, dict) else {}
    if package is None:
        return [
            {"label": item["path"], "path": item["path"], "group": "", "value": item["after"], "default": None, "secret": False, "changed": None}
            for item in documents.describe_changes({}, {"spec": spec or {}})
        ]
    return [_parameter(field, spec or {}) for field in form.fields(package, _type(package, record)) if not field.hidden]


def _parameter(field, spec: dict) -> dict[str, Any]:
    shown = {"label": field.label or field.path, "path": field.path, "group": field.group, "secret": field.secret}
    if field.secret:
        return {**shown, "value": documents.MASK, "default": None, "changed": None}
    try:
        given = documents.get(spec, field.path, _MISSING)
    except AcmpError:
        given = _MISSING
    value = field.default if given is _MISSING else given
    return {**shown, "value": value, "default": field.default, "changed": value != field.default}


def _type(package: model.Package, record: Mapping) -> str | None:
    """The instance's type; the first one where this version has it no more."""
    wanted = record["spec"].get("type")
    return wanted if wanted in {item.name for item in package.types} else None


class Pages:
    """Status pages; kinds that only they need are listed once for each namespace."""

    def __init__(self, kube) -> None:
        self._kube = kube
        self._lists: dict[tuple[str, str, str], dict[str, dict]] = {}

    def of(self, package: model.Package | None, record: Mapping, space: Space, owned: list[Key]) -> list[dict[str, Any]]:
        """label, value, text, url and missing of each line (package.form.status_view)."""
        if package is None or not package.status_descriptors:
            return []
        words = [item.path.lower() for item in package.status_descriptors]
        objects = []
        for item in _space.inventory(record, space.name):
            # "ingress[0]", "services[1]", "networkpolicies[0]".
            if any(word.startswith(item["kind"].lower()[:-1]) for word in words):
                objects += self._one(item, space)
        objects += [obj for kind in ("Pod", "Job") for obj in space.of(kind, owned) if (kind, obj["metadata"]["name"]) not in _keys(objects)]
        return status_view.resolve(package, objects, _type(package, record))

    def _one(self, item: Mapping, space: Space) -> list[dict]:
        kind, key = item["kind"], (item["apiVersion"], item["kind"], space.name)
        known = space.objects.get(kind)
        if known is None:
            if key not in self._lists:
                try:
                    found = self._kube.list(item["apiVersion"], kind, space.name, metadata_only=kind == "Secret")
                except (Forbidden, CatalogError):
                    found = []
                self._lists[key] = {obj["metadata"]["name"]: obj for obj in found}
            known = self._lists[key]
        return [known[item["name"]]] if item["name"] in known else []


def _keys(objects: Iterable[Mapping]) -> set[Key]:
    return {(obj["kind"], obj["metadata"]["name"]) for obj in objects}
