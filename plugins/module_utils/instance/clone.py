# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second instance like the first, in another namespace or cluster: same version and document, new Secrets, no data (§5.2)."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..api import API_VERSION
from ..catalog import entries
from ..context import Context
from ..errors import CatalogError, InputError, InstanceError, KubeError, nearest
from ..package import documents, yaml_reader
from . import _observe, places, _plan, _think, view
from .removal import _clone
from .request import Request, from_params

_PASSED = ("create_namespace", "wait", "wait_timeout", "keep_failed", "requester", "helm_binary", "secret_values")


def ensure(options: dict, act_as: dict | None, params: dict, ctx: Context) -> dict[str, Any]:
    """Makes the clone, or finds it as it would be made; returns what acmp_instance returns, ``source`` and ``new_secrets``.

    Raises InputError for an unknown source or a clone onto itself, InstanceError where the target is something else.
    """
    source = from_params({key: params.get(key) for key in ("name", "namespace", "cluster", "project")})
    place = places.reach(options, act_as, source, ctx)
    record = _observe.observe(place.kube, source).record
    if record is None:
        raise _unknown(place.kube, source)
    entry, sha256 = _entry(place.home, record["spec"])
    target, doubtful = _target(params, source, record["spec"], entry, sha256)
    if (target.name, target.namespace, target.cluster) == (source.name, source.namespace, source.cluster):
        raise InputError(f"{source.title} cannot be cloned onto itself", todo="give another to_name, to_namespace or to_cluster")
    reach = partial(places.reach, options, act_as, target, ctx)
    there = reach()
    seen = _observe.observe(there.kube, target)
    if seen.phase == "Removed":
        raise InstanceError(f"{target.title} is in the recycle bin", todo="give another to_name, or end it for good: acmp.middleware.purge")
    if seen.record is not None:
        _check_package(target, seen.spec)
    thought = _think.think(there, target, seen, ctx)
    if seen.record is not None and seen.spec.get("digest") != thought.wanted.digest:
        raise _different(target, _plan.document_changes(seen.spec, thought.wanted))
    for path in doubtful:
        ctx.warn(f"{path} was taken over as it is, and may name {source.title}: look at it, and give it in values where it does.")
    if thought.plan.empty:
        result = view.result(False, (), (), view.instance(seen.record, target.cluster), ctx)
    else:
        from . import _changing

        result = _changing.present(reach, there, target, thought, ctx)
    return {**result, "source": {"name": source.name, "namespace": source.namespace, "cluster": source.cluster}, "new_secrets": _new(target, thought.wanted)}


def _entry(home, spec: dict) -> tuple[entries.Entry, str | None]:
    """(the package version, its sha256 where only the bytes kept for its instances are left)."""
    try:
        return entries.find(home, spec["package"], spec["version"]), None
    except CatalogError:
        return entries.kept(home, spec["package"], spec["version"], spec["sha256"]), spec["sha256"]


def _target(params: dict, source: Request, spec: dict, entry: entries.Entry, sha256: str | None) -> tuple[Request, list[str]]:
    told = {key: params.get(key) for key in _PASSED}
    place = {key: params.get(f"to_{key}") or params.get(key) for key in ("name", "namespace", "cluster", "project")}
    bare = from_params({**told, **place})
    recorded = yaml_reader.load(spec["document"], source.title)
    document, doubtful = _clone.document(spec, recorded, entry.spec.get("generatedSecrets", []), source, bare, params.get("values") or {})
    overrides = _clone.overrides(spec.get("configOverrides") or {}, spec.get("releaseName") or source.name, document["spec"].get("releaseName") or bare.name)
    return from_params({
        **told, **place, "package": spec["package"], "version": spec["version"], "type": spec["type"], "document": document, "config_overrides": overrides,
        "description": params.get("description"), "sha256": sha256,
    }), doubtful


def _check_package(target: Request, spec: dict) -> None:
    if spec["package"] != target.package or spec["version"] != target.version:
        raise InstanceError(
            f"{target.title} is an instance of {spec['package']} {spec['version']} already, no clone of {target.package} {target.version}",
            todo="give another to_name",
        )


def _different(target: Request, changes: tuple[dict, ...]) -> InstanceError:
    shown = "; ".join(f"{item['path']}: {item['before']}, the clone's would be {item['after']}" for item in changes[:5])
    return InstanceError(
        f"{target.title} exists already, and is not what the clone would be" + (f" ({shown})" if shown else ""),
        todo="give another to_name, or change it with acmp_instance",
    )


def _new(target: Request, wanted) -> list[dict[str, str]]:
    """Fields whose secret values are the clone's own, and the Secrets that hold them."""
    from ._secrets import own_name

    found = [{"path": documents.format_path(item.path), "secret": item.name} for item in wanted.generated]
    given = {documents.format_path(path) for path in wanted.given_secrets}
    paths = [documents.format_path(path) for path in wanted.secret_paths]
    return found + [{"path": path, "secret": own_name(target.name)} for path in paths if path not in given]


def _unknown(kube, source: Request) -> InputError:
    try:
        known = [item["metadata"]["name"] for item in kube.list(API_VERSION, "Instance", source.namespace, metadata_only=True)]
    except KubeError:
        known = []
    hint = nearest(source.name, known) or "look at what there is: acmp_instance_info"
    return InputError(f"There is no instance {source.title} to clone", where="name", todo=hint)
