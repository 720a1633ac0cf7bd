# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Status pages (manual 7.2.3.3, 7.2.4.2): statusDescriptors resolved against what runs.

For Helm, kustomize and plain packages paths begin in a view of the owned objects, ``services[1].spec.ports[0].port``; for operators in the
status of their own object, ``phase``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ...errors import InputError
from .._paths import Path, format_path, parse_path
from ..model.model import Descriptor, Package
from ..secrets import MASK
from . import _source, _status_link, _widgets
from ._build import label

_ALWAYS = (
    "services", "ingresses", "deployments", "statefulsets", "daemonsets", "pods", "jobs", "cronjobs", "configmaps", "secrets", "persistentvolumeclaims",
)
# The manual's word for a list of them.
_INGRESS = "ingress"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_STATUS_WIDGETS = {
    "io.kubernetes.conditions": "conditions", "com.tectonic.ui:conditions": "conditions", "io.kubernetes.phase": "phase", "com.tectonic.ui:phase": "phase",
    "io.kubernetes.phase:reason": "phaseReason", "com.tectonic.ui:podStatuses": "podStatuses", "org.w3:link": "link", "timestamp": "timestamp",
}
_LONGEST = 1000
_ITEMS = 50


def view(objects: Iterable[object]) -> dict[str, list[dict]]:
    """{services: [...], ingresses: [...], ...}: the objects by kind (lower case, plural), in the order given: that of the manifest.

    ``ingress`` is the same list as ingresses. The usual kinds are always there; others by their own plural, with ``.GROUP`` where a built-in
    kind has the name. Secrets have name, namespace and type only. What is no object is left out.
    """
    found: dict[str, list[dict]] = {key: [] for key in _ALWAYS}
    for item in objects:
        kind = item.get("kind") if isinstance(item, Mapping) else None
        if isinstance(kind, str) and kind and isinstance(item.get("metadata", {}), Mapping):
            found.setdefault(_key(kind, str(item.get("apiVersion") or "")), []).append(_clean(item, kind))
    found[_INGRESS] = found["ingresses"]
    return found


def resolve(package: Package, observed: object, type_name: str | None = None) -> list[dict]:
    """The status page: [{label, help, path, widget, value, text, url, missing}] for each status descriptor of the type, in their order.

    observed: the owned objects in manifest order (a list), a view() of them, or the status of an operator's object (a map). value: None where
    the path leads nowhere, missing then says why; text: the value for people; url: of org.w3:link, "" where it is no web address. widget:
    text, link, conditions, phase, phaseReason, podStatuses, timestamp, or one of a form. Raises InputError for an unknown type.
    """
    chosen = _source.choose(package, type_name)
    kind = chosen.document.get("kind") if chosen else None
    data = _status(observed) if isinstance(observed, Mapping) else view(observed if isinstance(observed, list | tuple) else ())
    own = (item for item in package.status_descriptors if item.kind in ("", kind))
    return [one for item in own if (one := _one(item, data)) is not None]


def _status(observed: Mapping) -> dict:
    """A status, or a view made elsewhere, of which nobody knows what its Secrets hold."""
    secrets = observed.get("secrets")
    whole = isinstance(secrets, list) and any(isinstance(item, Mapping) and item.keys() & {"data", "stringData"} for item in secrets)
    return {**observed, "secrets": view({"kind": "Secret", **item} for item in secrets if isinstance(item, Mapping))["secrets"]} if whole else dict(observed)


def _one(item: Descriptor, data: dict) -> dict | None:
    widget = _widgets.read(item.widgets, {})
    if widget.hidden:
        return None
    short = [text.strip().strip("{}").removeprefix("urn:alm:descriptor:") for text in item.widgets]
    name = next((_STATUS_WIDGETS[text] for text in short if text in _STATUS_WIDGETS), widget.name or "text")
    shown = {"label": item.label, "help": item.help, "path": item.path, "widget": name, "value": None, "text": "", "url": "", "missing": ""}
    try:
        value, missing, steps = _found(data, parse_path(item.path))
    except InputError as error:
        return {**shown, "label": item.label or item.path, "missing": error.what}
    shown = {**shown, "label": item.label or label(steps), "missing": missing}
    if missing:
        return shown
    value = MASK if name == "password" else value
    return {**shown, "value": value, "text": _text(value, name), "url": _status_link.url(value, steps, data) if name == "link" else ""}


def _found(data: dict, steps: Path) -> tuple[object, str, Path]:
    """(value, why there is none, the steps that were followed)."""
    first = steps[0]
    if first not in data and isinstance(first, str):
        # "service[0]", "Services[0]", and an operator's "status.phase".
        other = next((key for key in (first.lower(), _plural(first.lower())) if key in data), None)
        if other is not None:
            steps = (other, *steps[1:])
        elif first == "status" and len(steps) > 1:
            steps = steps[1:]
    value: object = data
    for depth, step in enumerate(steps):
        here = format_path(steps[:depth]) if depth else "the status"
        if isinstance(step, int):
            if not isinstance(value, list):
                return None, f"{here} is no list", steps
            if step >= len(value):
                items = "1 item" if len(value) == 1 else f"{len(value)} items" if value else "no items"
                return None, f"{here} has {items}, there is none with the number {step}", steps
        elif isinstance(value, list):
            return None, f"{here} is a list, and the path does not say which item of it", steps
        elif not isinstance(value, Mapping) or step not in value:
            return None, f"{here} has no {step}", steps
        value = value[step]
    return value, f"{format_path(steps)} is empty" if value is None else "", steps


def _key(kind: str, api_version: str) -> str:
    group = api_version.rpartition("/")[0]
    usual = _widgets.KINDS.get(kind)
    foreign = usual is not None and group not in (usual.rpartition("/")[0], "extensions", "")
    return f"{_plural(kind.lower())}.{group}" if foreign else _plural(kind.lower())


def _plural(word: str) -> str:
    if word in _ALWAYS or word == "endpoints":
        return word
    if word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _clean(item: Mapping, kind: str) -> dict:
    metadata = item.get("metadata") or {}
    if kind == "Secret":
        names = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        return {"kind": kind, "metadata": names, **({"type": item["type"]} if "type" in item else {})}
    kept = {key: value for key, value in metadata.items() if key != "managedFields"}
    if isinstance(kept.get("annotations"), Mapping):
        # A copy of the object as it was applied.
        kept["annotations"] = {key: value for key, value in kept["annotations"].items() if key != _LAST_APPLIED}
    return {**item, "metadata": kept}


def _text(value: object, widget: str) -> str:
    if widget == "conditions" and isinstance(value, list):
        return _bounded(", ".join(_condition(item) for item in value[:_ITEMS] if isinstance(item, Mapping)))
    if widget == "podStatuses" and isinstance(value, Mapping):
        return _bounded("; ".join(f"{key}: {_text(item, '') or 'none'}" for key, item in value.items()))
    if isinstance(value, str):
        return _bounded(value)
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return _bounded(", ".join(_text(item, "") for item in value[:_ITEMS]))
    try:
        return _bounded(json.dumps(value, ensure_ascii=False, default=str))
    except (ValueError, RecursionError, TypeError):
        return ""


def _condition(item: Mapping) -> str:
    reason = item.get("reason") if str(item.get("status")) != "True" else ""
    return f"{item.get('type')}={item.get('status')}" + (f" ({reason})" if reason else "")


def _bounded(text: str) -> str:
    text = "".join(char if char.isprintable() else " " for char in text[:_LONGEST + 1])
    return text if len(text) <= _LONGEST else text[:_LONGEST - 3] + "..."
