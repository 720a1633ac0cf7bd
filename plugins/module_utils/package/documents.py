# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents: what script mode shows (manual 5.2), and how a form's values become one without loss.

A Helm package's document is a HelmRelease: {apiVersion, kind, metadata: {name, namespace}, spec: {interval?, releaseName?, values}}.
An operator package's is the operator's own kind. Functions copy what they are given, but for set_ and remove.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable

from ..errors import InputError, PackageError
from . import _patch, yaml_reader
from ._paths import Path, format_path, get, parse_path, remove, set_
from ._split import MASK, join, mask, split

__all__ = [
    "API_VERSION", "HELM_KIND", "MASK", "Path", "build", "describe_changes", "digest", "dump", "format_path", "get", "is_helm", "join", "mask",
    "merge", "normalise_values", "parse_path", "remove", "set_", "split",
]

API_VERSION = "operators.apusic.com/v1alpha1"
HELM_KIND = "HelmRelease"

# The fields of a HelmRelease's spec; every other first key of a form path is a chart's value.
SPEC_FIELDS = frozenset({"values", "releaseName", "interval"})


def is_helm(document: dict) -> bool:
    """Whether a document is the platform's HelmRelease."""
    return document.get("kind") == HELM_KIND and str(document.get("apiVersion", "")).startswith("operators.apusic.com/")


def normalise_values(values: dict | None, helm: bool = True) -> dict:
    """What a person gave as values, as one nested change of ``spec``.

    Keys of the first level may be form paths ("values.replicas", "replicas", "a[0].b"); keys below are never split. For a
    Helm document a path not beginning with values, releaseName or interval is relative to spec.values; else all are
    relative to spec. Where a path had an index, the result holds a map with int keys: a change of single items, which merge
    understands. Raises InputError for two different values at one place, an unfit path, or what is not JSON-like.
    """
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InputError("The values are not a map", where="values", todo="Give fields and their values as key: value")
    result: dict = {}
    for key, value in values.items():
        steps = parse_path(str(key))
        value = _patch.plain(value, steps)
        if helm and steps[0] not in SPEC_FIELDS:
            steps = ("values", *steps)
        if helm and steps == ("values",) and value is None:
            value = {}
        _patch.put(result, steps, value)
    if helm:
        _check_helm(result)
    return result


def merge(base: dict, change: dict) -> dict:
    """``base`` with a nested change: maps key by key, lists whole, null deletes a key, int keys change single items."""
    return _patch.merge(base, change)


def build(
    type_document: dict | None, name: str, namespace: str, values: dict | None = None, mode: str = "replace", previous: dict | None = None,
    script: dict | str | None = None,
) -> dict:
    """The document of an instance.

    script (a map or YAML text) is taken as it is. Else mode replace is the type's document with the values, merge is the previous
    document (where there is one) with the values. type_document None stands for an empty HelmRelease. metadata.name and
    .namespace become the instance's; a script that names others is refused. Raises InputError.
    """
    default = type_document or {"apiVersion": API_VERSION, "kind": HELM_KIND, "spec": {"values": {}}}
    if script is not None:
        if values:
            raise InputError("Values and a script exclude each other", where="values, script", todo="Put the values into the script, or leave the script out")
        return _from_script(script, default, name, namespace)
    if mode not in ("replace", "merge"):
        raise InputError(f'"{mode}" is no mode for values', where="values_mode", todo="Use replace or merge")
    base = previous if mode == "merge" and previous else default
    document = {"apiVersion": base.get("apiVersion"), "kind": base.get("kind"), "metadata": {}, "spec": {}, **copy.deepcopy(base)}
    if not isinstance(document["metadata"], dict):
        document["metadata"] = {}
    document["metadata"].update(name=name, namespace=namespace)
    helm = is_helm(document)
    change = normalise_values(values, helm)
    document["spec"] = merge(document["spec"] if isinstance(document["spec"], dict) else {}, change)
    if helm and document["spec"].get("values") is None:
        document["spec"]["values"] = {}
    return document


def dump(document: dict) -> str:
    """A document as the YAML text that is shown and recorded."""
    return yaml_reader.dump(document)


def digest(obj: object) -> str:
    """SHA-256 (hexadecimal) of the data as canonical JSON: independent of the order of keys and of how it was written.

    Raises InputError for what is not JSON-like.
    """
    try:
        text = json.dumps(obj, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise InputError("The data cannot be written as JSON", todo="Use plain text, numbers, lists and maps") from None
    return hashlib.sha256(text.encode()).hexdigest()


def describe_changes(old: dict | None, new: dict | None, secret: Callable[[Path], bool] | None = None) -> list[dict]:
    """What differs between two documents: [{"path": "values.replicas", "before": 1, "after": 3, "change": "changed"}], in order of path.

    Paths inside spec are relative to it. change: added, removed or changed; the missing side is None. Lists of different length are
    shown whole. secret: told the steps of a path (as shown), True where values must be masked, also inside what is shown whole.
    """
    found: list[dict] = []
    _patch.differences(_flat(old), _flat(new), (), found, secret or (lambda _steps: False), MASK)
    return found


def _flat(document: dict | None) -> dict:
    """A document with its spec's fields at the top, for paths relative to spec."""
    document = document or {}
    spec = document.get("spec")
    return {**{key: value for key, value in document.items() if key != "spec"}, **(spec if isinstance(spec, dict) else {})}


def _check_helm(change: dict) -> None:
    if not isinstance(change.get("values", {}), dict) or any(isinstance(key, int) for key in change.get("values", {})):
        raise InputError("A chart's values are a map", where="values.values", todo="Give fields and their values as key: value")
    for key in ("releaseName", "interval"):
        if not isinstance(change.get(key), str | None):
            raise InputError(f"{key} is text", where=f"values.{key}", todo=f"Quote it; a chart's own value of this name is values.{key}")


def _from_script(script: dict | str, default: dict, name: str, namespace: str) -> dict:
    if isinstance(script, str | bytes):
        try:
            script = yaml_reader.load(script, "script")
        except PackageError as error:
            raise InputError(error.what, where=error.where, todo=error.todo) from None
    if not isinstance(script, dict):
        raise InputError("The script is not a document", where="script", todo="Start it with apiVersion, kind, metadata and spec")
    document = _patch.plain(script, ())
    for key in ("apiVersion", "kind"):
        if document.get(key) != default.get(key):
            shown = "is missing" if document.get(key) is None else f'is "{str(document[key])[:80]}"'
            what = f'The script\'s {key} {shown}, the package needs "{default.get(key)}"'
            raise InputError(what, where=f"script: {key}", todo=f"Write {key}: {default.get(key)}")
    for key in ("metadata", "spec"):
        if not isinstance(document.get(key, {}), dict | None):
            raise InputError(f"The script's {key} is not a map", where=f"script: {key}", todo="Correct the script")
        document[key] = document.get(key) or {}
    for key, wanted in (("name", name), ("namespace", namespace)):
        given = document["metadata"].setdefault(key, wanted)
        if given != wanted:
            what = f'The script\'s {key} is "{str(given)[:80]}", the instance\'s is "{wanted}"'
            raise InputError(what, where=f"script: metadata.{key}", todo="Make them agree, or leave it out")
    if is_helm(document):
        if not isinstance(document["spec"].get("values", {}), dict | None):
            raise InputError("A chart's values are a map", where="script: spec.values", todo="Give fields and their values as key: value")
        document["spec"]["values"] = document["spec"].get("values") or {}
    return document
