# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose an object is: this instance's, another one's, or that of a tool which would take it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..api import GROUP
from ..errors import Forbidden, NotFound
from ..kube.objects import label
from ..package.overlay import INSTANCE_LABEL

# A cluster-scoped object has no namespace, and instances in two namespaces may share a name.
NAMESPACE_LABEL = f"{GROUP}/instance-namespace"
# More connections cost a TLS handshake each, which is more than most of these requests.
THREADS = 4

_HELM = "meta.helm.sh/release-name"
_ARGO = "argocd.argoproj.io/tracking-id"
_ARGO_LABEL = "argocd.argoproj.io/instance"
_FLUX = {"kustomize.toolkit.fluxcd.io": "Flux's Kustomization", "helm.toolkit.fluxcd.io": "Flux's HelmRelease"}


@dataclass(frozen=True)
class Owner:
    """An instance by its name and namespace."""

    name: str
    namespace: str


def located(kube: Any, objects: Iterable[Mapping[str, Any]], owner: Owner) -> list[dict[str, Any]]:
    """The objects as they are written: in the instance's namespace, or, of a cluster-scoped kind, labelled with it. NotFound for an unknown kind."""
    found = []
    for obj in objects:
        meta = dict(obj["metadata"])
        meta["labels"] = {**(meta.get("labels") or {}), INSTANCE_LABEL: owner.name}
        if kube.resource(obj["apiVersion"], obj["kind"]).namespaced:
            meta["namespace"] = owner.namespace
        else:
            meta.pop("namespace", None)
            meta["labels"][NAMESPACE_LABEL] = owner.namespace
        found.append({**obj, "metadata": meta})
    return found


def belongs(live: Mapping[str, Any], owner: Owner) -> bool:
    """Whether an object of the cluster is this instance's; pure."""
    meta = live.get("metadata") or {}
    labels = meta.get("labels") or {}
    space = meta.get("namespace") or labels.get(NAMESPACE_LABEL)
    return labels.get(INSTANCE_LABEL) == owner.name and space == owner.namespace


def manager(live: Mapping[str, Any]) -> str:
    """Who manages an object, in words, by the marks tools leave: ``Helm release shop/web``; "" where nobody says so. Pure."""
    meta = live.get("metadata") or {}
    labels, notes = meta.get("labels") or {}, meta.get("annotations") or {}
    for group, title in _FLUX.items():
        if labels.get(f"{group}/name"):
            return f"{title} {labels.get(f'{group}/namespace', '?')}/{labels[f'{group}/name']}"
    # "application:group/Kind:namespace/name"
    argo = str(notes.get(_ARGO) or "").partition(":")[0] or notes.get(_ARGO_LABEL) or labels.get(_ARGO_LABEL)
    if argo:
        return f"Argo CD's application {argo}"
    if notes.get(_HELM):
        return f"Helm release {notes.get('meta.helm.sh/release-namespace') or meta.get('namespace') or '?'}/{notes[_HELM]}"
    if labels.get(INSTANCE_LABEL):
        return f"instance {labels.get(NAMESPACE_LABEL) or meta.get('namespace') or '?'}/{labels[INSTANCE_LABEL]} of the platform"
    for reference in meta.get("ownerReferences") or []:
        if reference.get("controller"):
            return f"{reference.get('kind')} {reference.get('name')}"
    return ""


def check(kube: Any, objects: Iterable[Mapping[str, Any]], owner: Owner, adopt: bool = False) -> list[str]:
    """A sentence for each object that exists already and is not this instance's, naming who manages it; [] with adopt, or where all is well.

    objects: as located(). What may not be read is left to the API server. One request per object.
    """
    if adopt:
        return []
    objects = list(objects)
    with ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="acmp-owner") as pool:
        lives = list(pool.map(lambda obj: _read(kube, obj), objects))
    faults = []
    for obj, live in zip(objects, lives, strict=True):
        if live is not None and not belongs(live, owner):
            who = manager(live)
            faults.append(f"{label(obj)} exists already and {f'is managed by {who}' if who else 'belongs to nobody who says so'}")
    return faults


def _read(kube: Any, obj: Mapping[str, Any]) -> dict[str, Any] | None:
    meta = obj["metadata"]
    try:
        return kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"), metadata_only=True)
    except (Forbidden, NotFound):
        return None
