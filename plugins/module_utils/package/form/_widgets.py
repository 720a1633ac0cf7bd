# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""x-descriptors (manual 7.2.4, and those of OLM's console): what the texts of a descriptor mean together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..secrets import GENERATE

_URN = "urn:alm:descriptor:"
_UI = re.compile(r"(?:com\.)?tectonic\.ui:", re.IGNORECASE)
_KIND = re.compile(r"[A-Z][A-Za-z0-9]{0,62}")
_GROUP_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}")

# Spellings of the manual, of OLM's console, and of published packages, in lower case -> the widget they mean.
_NAMES = {
    "text": "text", "string": "text", "label": "text", "name": "text", "image": "text",
    "number": "number", "int": "number", "slider": "number", "podcount": "podCount",
    "booleanswitch": "boolean", "booleancheck": "boolean", "checkbox": "checkbox",
    "password": "password", "select": "select", "radio": "select", "imagepullpolicy": "imagePullPolicy",
    "resourcerequirements": "resourceRequirements", "resourcerequirement": "resourceRequirements", "resources": "resourceRequirements",
    "updatestrategy": "updateStrategy", "nodeaffinity": "nodeAffinity", "podaffinity": "podAffinity", "podantiaffinity": "podAntiAffinity",
    "endpointlist": "endpointList", "arrayfield": "list", "numberlist": "list", "imagepullsecrets": "list", "volumes": "list", "volumemounts": "list",
    "object": "map", "affinity": "map", "nodeselector": "map", "podsecuritycontext": "map",
    "selector": "labelSelector", "namespaceselector": "labelSelector",
}
# Whole descriptors without the usual shape -> the kind whose name the field holds.
_ALIASES = {"binding:env:object:secret": "Secret", "ui:secret": "Secret", "ui:pvc": "PersistentVolumeClaim"}
# Maps that name a kind's object and a key in it; "" for words behind io.kubernetes: that are no kind at all.
_STRUCTURES = {
    "SecretKeySelector": "Secret", "SecretReference": "Secret", "ConfigMapKeySelector": "ConfigMap", "Tolerations": "", "Probe": "",
}
KINDS = {
    "ConfigMap": "v1", "Endpoints": "v1", "LimitRange": "v1", "Namespace": "v1", "Node": "v1", "PersistentVolume": "v1", "PersistentVolumeClaim": "v1",
    "Pod": "v1", "ResourceQuota": "v1", "Secret": "v1", "Service": "v1", "ServiceAccount": "v1",
    "DaemonSet": "apps/v1", "Deployment": "apps/v1", "ReplicaSet": "apps/v1", "StatefulSet": "apps/v1", "CronJob": "batch/v1", "Job": "batch/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2", "Ingress": "networking.k8s.io/v1", "IngressClass": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1", "PodDisruptionBudget": "policy/v1", "PriorityClass": "scheduling.k8s.io/v1",
    "RuntimeClass": "node.k8s.io/v1", "StorageClass": "storage.k8s.io/v1", "VolumeSnapshotClass": "snapshot.storage.k8s.io/v1",
}

# The type a widget asks for where nothing else says it, and all types it can show.
ASKS = {
    "text": "string", "password": "string", "select": "string", "imagePullPolicy": "string", "selector": "string",
    "number": "number", "podCount": "integer", "boolean": "boolean", "checkbox": "boolean",
    "resourceRequirements": "object", "updateStrategy": "object", "nodeAffinity": "object", "podAffinity": "object", "podAntiAffinity": "object",
    "labelSelector": "object", "map": "object", "endpointList": "array", "list": "array",
}
_ALSO = {"number": {"integer"}, "podCount": {"number"}, "select": {"integer", "number", "boolean"}}
# The widget of a type, where the descriptors' one does not fit it or there is none.
PLAIN = {"string": "text", "integer": "number", "number": "number", "boolean": "boolean", "array": "list", "object": "map", "any": "text"}


@dataclass(frozen=True)
class Widget:
    """name: "" where the descriptors name none. kind, api_version: of the objects to choose from. choices: texts of select, in their order.

    depends_on: (path as written, wanted value) pairs. minimum: of a slider. generated: the platform makes the Secret while the field is empty.
    """

    name: str = ""
    kind: str = ""
    api_version: str = ""
    choices: tuple[str, ...] = ()
    group: str = ""
    depends_on: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    advanced: bool = False
    hidden: bool = False
    generated: bool = False


def read(descriptors: Iterable[str], owned: Mapping[str, str]) -> Widget:
    """What a field's x-descriptors mean; of several widgets the first counts, what is unknown is left out. owned: kind -> apiVersion."""
    found: dict[str, object] = {}
    choices: list[str] = []
    depends_on: list[tuple[str, str]] = []
    for text in descriptors:
        if text.startswith(GENERATE):
            found["generated"] = True
            continue
        word, value = _bare(text)
        name = word.lower()
        if name in ("select", "radio") and value is not None:
            choices.append(value)
            found.setdefault("name", "select")
        elif name == "fielddependency":
            path, _colon, wanted = (value or "").rpartition(":")
            depends_on.append((path.strip(), wanted.strip()))
        elif name in ("fieldgroup", "arrayfieldgroup"):
            found.setdefault("group", (value or "").strip())
        elif name in ("advanced", "hidden"):
            found[name] = True
        elif name == "sliderstart":
            found.setdefault("minimum", _number(value))
        elif "name" not in found:
            found.update(_widget(text, word, value, owned))
    return Widget(**found, choices=tuple(dict.fromkeys(choices)), depends_on=tuple(pair for pair in depends_on if pair[0]))


def fits(name: str, kind: str) -> bool:
    """Whether a widget can show a value of a type ("any" fits everywhere)."""
    return kind == "any" or kind == ASKS.get(name) or kind in _ALSO.get(name, ())


def api_version(kind: str, owned: Mapping[str, str]) -> str:
    """The apiVersion of a kind named without one; "" where it is unknown."""
    return owned.get(kind) or KINDS.get(kind, "")


def _bare(text: str) -> tuple[str, str | None]:
    """(name, what follows its colon, None without one) of a descriptor, without its prefixes."""
    text = text.strip().strip("{}").strip()
    if text.lower().startswith(_URN):
        text = text[len(_URN):]
    match = _UI.match(text)
    if match:
        text = text[match.end():]
        # "com.tectonic.ui:ui:booleanSwitch"
        if text.startswith("ui:"):
            text = text[3:]
    word, colon, value = text.partition(":")
    return word, value if colon else None


def _widget(text: str, word: str, value: str | None, owned: Mapping[str, str]) -> dict[str, object]:
    name = word.lower()
    short = f"ui:{name}" if "tectonic.ui:" in text.lower() else text.strip().lower()
    if short in _ALIASES:
        return _selector(_ALIASES[short], owned)
    if name == "io.kubernetes":
        return _selector(value or "", owned)
    if name == "label" and value == "selector":
        return {"name": "labelSelector"}
    if name == "selector" and value and value.lower() in _NAMES:
        return {"name": _NAMES[value.lower()]}
    if name in ("selector", "namespaceselector"):
        return {**_selector(value or "", owned), "name": "labelSelector"}
    # Vendors' own words ("com.banzaicloud.vault:podCount") name a widget at their end.
    last = (value or "").lower() if "." in word else name
    return {"name": _NAMES[last]} if last in _NAMES else {}


def _selector(text: str, owned: Mapping[str, str]) -> dict[str, object]:
    """The widget behind io.kubernetes: a Kind, group:version:Kind, a widget's name, or nonsense."""
    parts = text.split(":")
    kind = parts[-1].strip()
    if text.lower() in _NAMES:
        return {"name": _NAMES[text.lower()]}
    if kind in _STRUCTURES:
        kind, name = _STRUCTURES[kind], "map"
    else:
        name = "selector"
    if not _KIND.fullmatch(kind):
        return {}
    if len(parts) == 3 and _GROUP_VERSION.fullmatch(parts[0]) and _GROUP_VERSION.fullmatch(parts[1]):
        group, version = parts[0], parts[1]
        # What "core" would be called in a document.
        return {"name": name, "kind": kind, "api_version": KINDS.get(kind, version) if group == "core" else f"{group}/{version}"}
    return {"name": name, "kind": kind, "api_version": api_version(kind, owned)}


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    if value - value != 0:
        return None
    return int(value) if value.is_integer() else value
