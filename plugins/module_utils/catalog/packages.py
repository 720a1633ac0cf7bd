# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages of the catalog: upload, list, unlist, delete, look up (§5.1, §6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..api import GROUP
from ..clock import now
from ..platform.roles import CATALOG, INCOMING
from ..context import Context
from ..errors import CatalogError, Forbidden, InputError, NotFound, PackageError
from ..kube.connect import connect
from ..package import archive, versions
from ..package.model import model
from . import _plan, _store, records, sources
from .entries import Entry, fetch, find, kept

__all__ = ["Entry", "detail", "ensure", "fetch", "find", "info", "kept", "summary"]


@dataclass(frozen=True)
class _Source:
    package: model.Package
    data: bytes
    sha256: str


def ensure(options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> dict[str, Any]:
    """Brings one package version to ``state`` (present, listed, unlisted, absent).

    wanted: src (folder or archive, optional), name and version (needed without src), state, force.
    Returns changed, actions, diff and ``package``. Raises PackageError, CatalogError, KubeError.
    """
    source = _read(wanted["src"], ctx) if wanted.get("src") else None
    name, version = _identity(wanted, source)
    kube = connect(options, ctx, act_as)
    try:
        incoming, catalog = _store.get(kube, name, version, INCOMING), _store.get(kube, name, version, CATALOG)
    except Forbidden:
        if wanted["state"] in ("listed", "unlisted"):
            _require(kube, wanted["state"])
        raise
    seen = _plan.Observed(
        incoming=_sha(incoming), catalog=_sha(catalog), pin=_store.pinned(kube, name, version) if catalog is None else _sha(catalog),
        users=(_store.users(kube, name, version) or ()) if wanted["state"] == "absent" and incoming else (),
    )
    goal = _plan.Wanted(name, version, wanted["state"], source.sha256 if source else None)
    plan = _plan.plan(goal, seen)
    for note in plan.notes:
        ctx.warn(note)
    record = catalog or incoming
    new = None
    if {"list", "unlist"} & set(plan.steps):
        # Before the first write: half of a move is worse than none.
        _require(kube, wanted["state"])
    if "upload" in plan.steps:
        # Only an upload needs the linter, and every task of the collection would pay for loading it.
        from . import _judging  # noqa: PLC0415
        forced = _judging.judge(kube, source.package, bool(wanted.get("force")), ctx)
        by = "" if ctx.check_mode else _caller(kube)
        new = records.package_record(
            source.package, source.data, source.sha256, INCOMING, force=forced, uploaded_by=by, uploaded_at=now(),
        )
        record = new
    elif "list" in plan.steps:
        record = new = _verified(kube, incoming, bool(wanted.get("force")), ctx)
    if not ctx.check_mode:
        for step in plan.steps:
            ctx.progress(_sentence(step, name, version, record["spec"]))
            _execute(kube, step, incoming, catalog, new, source)
    listed = (catalog is not None or "list" in plan.steps) and "unlist" not in plan.steps
    gone = wanted["state"] == "absent"
    return {
        "changed": bool(plan.steps),
        "actions": [_sentence(step, name, version, record["spec"]) for step in plan.steps],
        "diff": _diff(plan.steps, record, listed) if ctx.diff else [],
        "package": None if gone or record is None else summary(record, "Listed" if listed else "Hidden"),
    }


def info(options: dict, act_as: dict | None, query: dict, ctx: Context) -> list[dict]:
    """Packages that match name, version, keyword, category, architecture, mode and phase (§5.1), newest version first.

    Hidden ones are included where the caller may read them. Each is ``summary()`` plus description, types and upgrade; with query.form also
    ``form``, {type: [fields]}, read from its archive: {} (and a warning) where that cannot be read.
    """
    kube = connect(options, ctx, act_as)
    found = [(record, "Listed") for record in _records(kube, query.get("name"), CATALOG)]
    listed = {record["metadata"]["name"] for record, _phase in found}
    try:
        found += [(record, "Hidden") for record in _records(kube, query.get("name"), INCOMING) if record["metadata"]["name"] not in listed]
    except Forbidden:
        # Consumers see what is listed, nothing else.
        pass
    matching = [(record, phase) for record, phase in found if _matches(record["spec"], phase, query)]
    chosen = [detail(record, phase) | (_form(kube, record, phase, ctx) if query.get("form") else {}) for record, phase in matching]
    chosen.sort(key=lambda item: versions.sort_key(item["version"]), reverse=True)
    chosen.sort(key=lambda item: item["name"])
    return chosen


def summary(record: dict, phase: str) -> dict[str, Any]:
    """What a list of packages shows."""
    spec = record["spec"]
    return {
        "name": spec["name"], "version": spec["version"], "app_version": spec.get("appVersion", ""), "display_name": spec.get("displayName", spec["name"]),
        "mode": spec["mode"], "phase": phase, "architectures": spec.get("architectures", []), "categories": spec.get("categories", []),
        "sha256": spec["sha256"], "size": spec["size"], "uploaded_at": spec.get("uploadedAt", ""), "uploaded_by": spec.get("uploadedBy", ""),
        "instance_types": [item["name"] for item in spec.get("types", [])],
    }


def detail(record: dict, phase: str) -> dict[str, Any]:
    """What the page of one package shows (§5.1)."""
    spec = record["spec"]
    return {
        **summary(record, phase), "description": spec.get("description", ""), "provider": spec.get("provider", {}), "maintainers": spec.get("maintainers", []),
        "links": spec.get("links", []), "source": spec.get("source", ""), "capabilities": spec.get("capabilities", []), "upgrade": spec.get("upgrade", {}),
        "types": spec.get("types", []), "listed_at": record.get("status", {}).get("listedAt", ""),
    }


def _form(kube, record: dict, phase: str, ctx: Context) -> dict[str, Any]:
    # Every deploy loads this file, and none asks for forms.
    from ..package.form import form

    entry = Entry(record["spec"], CATALOG if phase == "Listed" else INCOMING)
    try:
        package = model.load(fetch(kube, entry))
        return {"form": {item.name: [field.as_dict() for field in form.fields(package, item.name)] for item in package.types}}
    except (CatalogError, PackageError) as error:
        # One damaged package hides no other.
        ctx.warn(f"{entry.title} has no form: {error.message}")
        return {"form": {}}


def _read(src: str, ctx: Context) -> _Source:
    tree, data = sources.packed(src)
    package = model.load(tree)
    if data is None:
        data = archive.write(tree, f"{package.name}-{package.version}")
    sources.check_size(data, src)
    sources.tell(package, ctx)
    return _Source(package, data, archive.sha256(data))


def _identity(wanted: dict, source: _Source | None) -> tuple[str, str]:
    if source is None:
        if not (wanted.get("name") and wanted.get("version")):
            raise InputError("Without src, both name and version say which package is meant")
        return wanted["name"], wanted["version"]
    package = source.package
    for option, given, is_ in (("name", wanted.get("name"), package.name), ("version", wanted.get("version"), package.version)):
        if given and given != is_ and not (option == "version" and versions.same(given, is_)):
            raise InputError(f"{option} is {given}, but the package in src says {is_}", where=wanted["src"], todo=f"leave {option} out, or correct it")
    return package.name, package.version


def _sha(record: dict | None) -> str | None:
    return record["spec"]["sha256"] if record else None


def _caller(kube) -> str:
    return str(kube.whoami().get("username", ""))


def _require(kube, state: str) -> None:
    kube.require("create" if state == "listed" else "delete", GROUP, "packages", CATALOG, to=f"bring a package to state {state}")


def _verified(kube, incoming: dict, force: bool, ctx: Context) -> dict:
    """The record of an uploaded package as its bytes say it is, and these judged: developers could have written anything into the one they made."""
    from . import _judging  # noqa: PLC0415
    spec = incoming["spec"]
    data = _store.read_archive(kube, spec, INCOMING)
    package = model.load(archive.read(data, f"{spec['name']} {spec['version']}"))
    if (package.name, package.version) != (spec["name"], spec["version"]):
        raise CatalogError(
            f"The archive of {spec['name']} {spec['version']} holds {package.name} {package.version}", where=f"namespace {INCOMING}", todo="upload it again")
    forced = _judging.judge(kube, package, force, ctx)
    return records.package_record(
        package, data, spec["sha256"], INCOMING, force=forced, uploaded_by=spec.get("uploadedBy", ""), uploaded_at=spec.get("uploadedAt", ""))


def _execute(kube, step: str, incoming: dict | None, catalog: dict | None, new: dict | None, source: _Source | None) -> None:
    if step == "upload":
        _store.upload(kube, new, source.data)
    elif step == "list":
        _store.move(kube, new or incoming, INCOMING, CATALOG, "Listed", _caller(kube))
    elif step == "unlist":
        _store.move(kube, catalog, CATALOG, INCOMING, "Hidden", "")
    else:
        _store.delete_record(kube, incoming, INCOMING)


def _sentence(step: str, name: str, version: str, spec: dict) -> str:
    text = {
        "upload": f"upload package {name} {version} ({spec['size'] / 1024:.0f} KiB, sha256 {spec['sha256'][:12]})",
        "list": f"list package {name} {version}",
        "unlist": f"unlist package {name} {version}",
        "withdraw": f"withdraw the uploaded copy of {name} {version}",
        "delete": f"delete package {name} {version}",
    }
    return text[step]


def _diff(steps: tuple[str, ...], record: dict, listed: bool) -> list[dict]:
    if not steps:
        return []
    spec = {key: value for key, value in record["spec"].items() if key not in ("uploadedAt", "uploadedBy")}
    title = f"Package {spec['name']} {spec['version']}"
    before = "" if "upload" in steps else {"listed": "unlist" in steps}
    after = {**spec, "listed": listed} if "upload" in steps else {"listed": listed}
    if "delete" in steps and "upload" not in steps:
        before, after = spec, ""
    return [{"before_header": title, "after_header": title, "before": before, "after": after}]


def _records(kube, name: str | None, namespace: str) -> list[dict]:
    try:
        return _store.versions_of(kube, name, namespace) if name else _store.all_in(kube, namespace)
    except NotFound as error:
        raise _store.missing(kube) from error


def _matches(spec: dict, phase: str, query: dict) -> bool:
    if query.get("version") and not versions.same(query["version"], spec["version"]):
        return False
    if query.get("phase") and query["phase"].lower() != phase.lower():
        return False
    for option, field in (("category", "categories"), ("architecture", "architectures"), ("mode", "mode")):
        if query.get(option) and query[option] not in spec.get(field, []) and query[option] != spec.get(field):
            return False
    text = " ".join(str(spec.get(field, "")) for field in ("name", "displayName", "description", "alias", "categories")).lower()
    return all(word in text for word in (query.get("keyword") or "").lower().split())
