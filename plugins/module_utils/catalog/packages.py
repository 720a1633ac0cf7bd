# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packages of the catalog: upload, list, unlist, delete, look up (§5.1, §6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clock import now
from ..platform import setup
from ..platform.roles import CATALOG, INCOMING
from ..context import Context
from ..errors import CatalogError, Forbidden, InputError, NotFound, PackageError, nearest
from ..kube.connect import connect
from ..package import archive, versions
from ..package.model import model
from ..package.tree import FileTree
from . import _plan, _store, records, sources


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
    incoming, catalog = _store.get(kube, name, version, INCOMING), _store.get(kube, name, version, CATALOG)
    seen = _plan.Observed(
        incoming=_sha(incoming), catalog=_sha(catalog), pin=_store.pinned(kube, name, version) if catalog is None else _sha(catalog),
        users=_store.users(kube, name, version) if wanted["state"] == "absent" and incoming else (),
    )
    goal = _plan.Wanted(name, version, wanted["state"], source.sha256 if source else None)
    plan = _plan.plan(goal, seen)
    for note in plan.notes:
        ctx.warn(note)
    record = catalog or incoming
    new = None
    if "upload" in plan.steps:
        # Only an upload needs the linter, and every task of the collection would pay for loading it.
        from . import _judging  # noqa: PLC0415
        forced = _judging.judge(kube, source.package, bool(wanted.get("force")), ctx)
        by = "" if ctx.check_mode else _caller(kube)
        new = records.package_record(
            source.package, source.data, source.sha256, INCOMING, force=forced, uploaded_by=by, uploaded_at=now(),
        )
        record = new
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


def kept(kube, name: str, version: str, sha256: str) -> Entry:
    """A version that is listed no more, from the bytes that stay in the catalog for the instances that run it."""
    parts = kube.list("v1", "ConfigMap", CATALOG, label_selector=f"{records.SHA_LABEL}={records.sha_label(sha256)}", metadata_only=True)
    if not parts:
        raise _unknown(kube, name, version)
    data = _store.read_archive(kube, {"name": name, "version": version, "sha256": sha256, "chunks": len(parts)}, CATALOG)
    package = model.load(archive.read(data, f"{name} {version}"))
    record = records.package_record(package, data, sha256, CATALOG, force=False, uploaded_by="", uploaded_at=now())
    return Entry(record["spec"], CATALOG)


def fetch(kube, entry: Entry) -> FileTree:
    """The files of a package version; its bytes are checked against the recorded sha256."""
    return archive.read(_store.read_archive(kube, entry.spec, entry.namespace), entry.title)


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
        raise setup.missing(kube) from error


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


def _unknown(kube, name: str, version: str | None) -> CatalogError:
    try:
        listed = _store.all_in(kube, CATALOG)
    except NotFound:
        return setup.missing(kube)
    except Forbidden as error:
        return CatalogError("The catalog cannot be read", where=kube.server, todo=error.what)
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
