# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the document of a kustomization, or of plain manifests, may set, and the kustomization it becomes over the package's. PURE.

spec.values of the HelmRelease holds what kustomize sets, in maps instead of lists, so that every setting has a form path:
images {NAME: {newName, newTag, digest}}, replicas {NAME: COUNT}, labels, annotations, patches [{target, patch}], secrets {NAME: SECRET}. NAME
is the one in the package's files, without the prefix; of an image its last part is enough. kustomize's own lists (images: [{name, newTag}],
replicas: [{name, count}]) are read, too. secrets are those the package's pods refer to and the package does not bring: NAME becomes SECRET.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ..api import GROUP
from ..errors import InputError, nearest
from . import validate
from ._paths import get

# Whose objects they are; the API server and people read the second one.
INSTANCE_LABEL = f"{GROUP}/instance"
MANAGED_BY = "app.kubernetes.io/managed-by"
OURS = "acmp"
PLACEHOLDER = f"{GROUP}/placeholder"

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_TARGET = ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector")
SCHEMA: dict = {
    "type": "object", "additionalProperties": False,
    "properties": {
        "images": {"type": "object", "additionalProperties": {
            "type": "object", "additionalProperties": False, "properties": {
                "newName": {"type": "string"}, "newTag": {"type": "string"}, "digest": {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
            },
        }},
        "replicas": {"type": "object", "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 10000}},
        "labels": _TEXTS,
        "annotations": _TEXTS,
        "secrets": _TEXTS,
        "patches": {"type": "array", "maxItems": 100, "items": {
            "type": "object", "additionalProperties": False, "required": ["patch"], "properties": {
                "target": {"type": "object", "additionalProperties": False, "properties": {key: {"type": "string"} for key in _TARGET}},
                "patch": {"type": ["string", "object", "array"]},
            },
        }},
    },
}


def settings(document: Mapping, origin: str) -> dict:
    """The settings of a document with every list as a map; raises InputError that names every field that does not fit.

    origin: the package, for messages.
    """
    values = get(document.get("spec"), ("values",)) or {}
    found = {**values, "images": _by_name(values.get("images"), ""), "replicas": _by_name(values.get("replicas"), "count")}
    found = {key: value for key, value in found.items() if value is not None}
    # Nothing is filled in from elsewhere, so that a missing field is a fault.
    validate.check_values({"kind": "HelmRelease", "spec": {"values": found}}, SCHEMA, origin, {})
    for part in ("labels", "annotations"):
        for key in found.get(part, {}):
            if key == MANAGED_BY or key.partition("/")[0].endswith(GROUP):
                raise InputError(f'"{key}" says whose the objects are and cannot be set', where=f"values.{part}", todo="leave it out")
    return found


def kustomization(found: Mapping, resources: Iterable[str], name: str, namespace: str) -> dict:
    """The kustomization that stands over the package's files: prefix ``NAME-``, namespace, labels, and the settings."""
    made: dict = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(resources), "namePrefix": f"{name}-",
        "namespace": namespace,
        # In selectors from the first install on, since they never change.
        "labels": [{"pairs": {INSTANCE_LABEL: name}, "includeSelectors": True}, {"pairs": {**found.get("labels", {}), MANAGED_BY: OURS}}],
    }
    if found.get("annotations"):
        made["commonAnnotations"] = dict(found["annotations"])
    if found.get("images"):
        made["images"] = [{"name": key, **{field: text for field, text in item.items() if text}} for key, item in found["images"].items()]
    if found.get("replicas"):
        made["replicas"] = [{"name": key, "count": count} for key, count in found["replicas"].items()]
    if found.get("patches"):
        made["patches"] = [{**item, "patch": item["patch"] if isinstance(item["patch"], str) else json.dumps(item["patch"])} for item in found["patches"]]
    return made


def full_names(found: Mapping, objects: Iterable[Mapping]) -> dict:
    """The settings with images by the names that kustomize knows them by: ``tiny`` is docker.io/acmp/tiny where one image only is called so.

    objects: what the package's files hold.
    """
    names = {_name(image) for obj in objects for image in _images(obj)}
    images = {}
    for key, item in found.get("images", {}).items():
        same = [name for name in names if name.rpartition("/")[2] == key]
        images[same[0] if key not in names and len(same) == 1 else key] = item
    return {**found, "images": images} if images else dict(found)


def check_images(found: Mapping, objects: Iterable[Mapping]) -> None:
    """Raises InputError for an image that no container uses: kustomize passes over it in silence. objects: what was built of these settings."""
    used = {_name(image) for obj in objects for image in _images(obj)}
    for key, item in found.get("images", {}).items():
        if (item.get("newName") or key) not in used:
            raise InputError(f'No container of the package uses the image "{key}"', where=f"values.images.{key}", todo=_hint(key, used))


def _hint(key: str, names: Iterable[str]) -> str:
    return nearest(key, [*names, *(name.rpartition("/")[2] for name in names)]) if "/" not in key else nearest(key, names)


def placeholders(found: Mapping) -> list[dict]:
    """Secrets in the place of those the pods refer to, so that kustomize gives every reference the instance's prefix; never applied."""
    return [{"apiVersion": "v1", "kind": "Secret", "type": PLACEHOLDER, "metadata": {"name": name}} for name in found.get("secrets", {})]


def with_secrets(found: Mapping, objects: Iterable[Mapping], name: str) -> list[dict]:
    """What was built, without the placeholders, and with the Secrets that the settings name where they have names of their own."""
    other = {f"{name}-{key}": secret for key, secret in found.get("secrets", {}).items() if secret not in ("", f"{name}-{key}")}
    kept = [obj for obj in objects if not (obj.get("kind") == "Secret" and obj.get("type") == PLACEHOLDER)]
    return [_renamed(obj, other, "") for obj in kept] if other else kept


def _renamed(value: object, names: Mapping[str, str], key: str) -> object:
    if isinstance(value, Mapping):
        # secretKeyRef and secretRef of a container, secret of a projected volume, secretName of a plain one.
        field = {"secretKeyRef": "name", "secretRef": "name", "secret": "name"}.get(key, "secretName")
        return {
            inner: names.get(item, item) if inner in (field, "secretName") and isinstance(item, str) else _renamed(item, names, inner)
            for inner, item in value.items()
        }
    if isinstance(value, list):
        return [_renamed(item, names, key) for item in value]
    return value


def _name(image: str) -> str:
    """An image without tag and digest."""
    image = image.partition("@")[0]
    return image.rpartition(":")[0] if ":" in image.rpartition("/")[2] else image


def _images(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "image" and isinstance(inner, str):
                yield inner
            else:
                yield from _images(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _images(inner)


def _by_name(value: object, only: str) -> object:
    """kustomize's list of items with names as a map; anything else as it is, for the schema to judge."""
    if not isinstance(value, list) or not all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in value):
        return value
    rest = {item["name"]: {key: inner for key, inner in item.items() if key != "name"} for item in value}
    if only and all(list(item) == [only] for item in rest.values()):
        return {name: item[only] for name, item in rest.items()}
    return rest
