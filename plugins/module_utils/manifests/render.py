# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a kustomization, or plain manifests, become for one instance: built by kustomize from an overlay over the package's files.

Plain manifests go the same way: a name that gets a prefix has to be followed into every reference to it, which is what kustomize is for.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping

from ..api import GROUP
from ..context import Context
from ..errors import HelmError, InputError, KustomizeError, PackageError, nearest
from ..helm import kustomize, manifest
from ..kube.objects import label
from ..package import kustomizations, overlay
from ..package.lint import sources
from ..package.tree import FileTree

MOST_OBJECTS = 1000
PACKAGE = "package"
# What kustomize says of a replica count without a workload.
_NO_SUCH = re.compile(r"resource with name (\S+) does not match")

# What an instance never brings along, whatever its owner may do.
_NEVER = {
    ("", "Namespace"): "an instance lives in a namespace that is there, and would take it away with itself",
    ("apiextensions.k8s.io", "CustomResourceDefinition"): "a manager installs definitions, and with one everybody's resources of its kind would go",
    ("apiregistration.k8s.io", "APIService"): "it changes the API of the whole cluster",
}


def render(
    raw: FileTree, template_type: str, document: Mapping, name: str, namespace: str, ctx: Context, binary: kustomize.Kustomize | None = None, origin: str = "",
) -> list[dict]:
    """The objects of an instance in the order kustomize gives them, names prefixed with ``NAME-``, all in its namespace, labelled as its own.

    raw: the files that are deployed. template_type: kustomize or kubernetes. document: a HelmRelease; its spec.values are overlay.SCHEMA. binary:
    else kustomize.find(). origin: the package, for messages. Starts one process. Raises InputError for settings that do not fit, PackageError for
    files that may not be built or do not build, KustomizeError where there is no kustomize. The objects may hold secrets.
    """
    origin = origin or raw.origin
    found = overlay.settings(document, origin)
    raise_faults(raw, origin)
    inner = [] if any(path in raw for path in kustomizations.NAMES) else _plain(raw, template_type, origin)
    if found.get("images"):
        found = overlay.full_names(found, _files(raw))
    binary = binary or kustomize.find(ctx)
    with ctx.scratch() as scratch:
        objects = _built(raw, inner, found, name, namespace, binary, scratch, origin, ctx)
    objects = overlay.with_secrets(found, objects, name)
    _check(objects, namespace, origin)
    overlay.check_images(found, objects)
    return objects


def _built(
    raw: FileTree, inner: list[str], found: dict, name: str, namespace: str, binary: kustomize.Kustomize, scratch: str, origin: str, ctx: Context,
) -> list[dict]:
    for path, data in raw.items():
        _write(os.path.join(scratch, PACKAGE, *path.split("/")), data)
    if inner:
        _write(os.path.join(scratch, PACKAGE, "kustomization.yaml"), json.dumps({"resources": inner}).encode())
    folder, resources = os.path.join(scratch, "instance"), [f"../{PACKAGE}"]
    stand_ins = overlay.placeholders(found)
    if stand_ins:
        resources.append("secrets.yaml")
        _write(os.path.join(folder, "secrets.yaml"), "\n---\n".join(map(json.dumps, stand_ins)).encode())
    _write(os.path.join(folder, "kustomization.yaml"), json.dumps(overlay.kustomization(found, resources, name, namespace)).encode())
    try:
        return manifest.split(kustomize.build(binary, folder, ctx), origin)
    except (KustomizeError, HelmError) as error:
        replicas = _NO_SUCH.search(error.what)
        if replicas and replicas[1] in found.get("replicas", {}):
            raise InputError(f'{origin} has no workload "{replicas[1]}"', where=f"values.replicas.{replicas[1]}", todo=_workloads(raw, replicas[1])) from None
        raise PackageError(f"{origin}: {error.what}", where=error.where, todo="correct the package's files, or values.patches") from None


def _files(raw: FileTree) -> list[dict]:
    """The objects in the package's files, before kustomize."""
    return [placed.object for placed in sources.placed_manifests(FileTree({f"{PACKAGE}/{path}": data for path, data in raw.items()}), PACKAGE)]


def _workloads(raw: FileTree, name: str) -> str:
    found = [obj["metadata"] for obj in _files(raw) if obj.get("kind") in ("Deployment", "StatefulSet") and isinstance(obj.get("metadata"), dict)]
    return nearest(name, [str(meta.get("name")) for meta in found])


def raise_faults(raw: FileTree, origin: str) -> None:
    """Raises PackageError for the first kustomization file that names what is not of the package; details.faults lists all."""
    faults = kustomizations.faults(raw)
    if faults:
        raise PackageError(
            f"{origin}: {faults[0].what}", where=faults[0].path, todo="put what it needs into the package, as plain manifests or a kustomization",
            details={"faults": [{"path": fault.path, "what": fault.what} for fault in faults]})


def _plain(raw: FileTree, template_type: str, origin: str) -> list[str]:
    """The manifests of a tree without a kustomization of its own."""
    if template_type == "kustomize":
        raise PackageError(f"{origin} holds no kustomization.yaml", where=raw.origin, todo="add one, or say templateType: kubernetes")
    paths = [path for path in raw if path.endswith(kustomizations.MANIFESTS) and not kustomizations.is_kustomization(path)]
    odd = next((path for path in paths if not kustomizations.plain(path)), "")
    if odd or not paths:
        what = "A manifest's path is not a plain one" if odd else f"{origin} holds no manifests"
        raise PackageError(what, where=odd or raw.origin, todo="use letters, digits, dots, dashes and underscores" if odd else "add the manifests to raw/")
    return paths


def _check(objects: list[dict], namespace: str, origin: str) -> None:
    if not objects:
        raise PackageError(f"{origin} makes no objects", todo="add manifests to raw/, or take back patches that delete them")
    if len(objects) > MOST_OBJECTS:
        raise PackageError(f"{origin} makes {len(objects)} objects, and the limit is {MOST_OBJECTS}", todo="split the package")
    for obj in objects:
        meta = obj.get("metadata")
        if not isinstance(meta, dict) or not isinstance(obj.get("apiVersion"), str) or not isinstance(meta.get("name"), str):
            raise PackageError(f"{origin} makes a {obj.get('kind')} without apiVersion or metadata.name", todo="give every object its name")
        group = obj["apiVersion"].rpartition("/")[0]
        why = _NEVER.get((group, obj["kind"])) or ("the platform keeps its own records" if group == GROUP else "")
        if why:
            raise PackageError(f"{origin} makes {label(obj)}: {why}", where=label(obj), todo="leave it out of the package")
        # A cluster-scoped kind has none: whether the caller may write it, the API server says before anything is created.
        if meta.get("namespace", namespace) != namespace:
            raise InputError(
                f"{origin} makes {label(obj)}, and the instance is in namespace {namespace}", where=label(obj), todo="leave metadata.namespace out")


def _write(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
