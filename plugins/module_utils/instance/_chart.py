# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the catalog's archive to a checked chart on disk and the objects it renders to."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from ..catalog import packages
from ..context import Context
from ..errors import InputError, PackageError
from ..helm import post_render, render
from ..package import documents, model, validate, yaml_reader
from ._desired import Desired
from .request import Request


@dataclass(frozen=True)
class Chart:
    """folder: the chart in scratch. rendered: what it makes of the document; again: a second time, where it may differ."""

    folder: str
    package: model.Package
    rendered: render.Rendered
    again: list[dict] | None = None


def prepare(kube, helm, request: Request, wanted: Desired, secret_values: dict, scratch: str, installed: bool, ctx: Context) -> Chart:
    """Fetches the archive (its sha256 is checked), validates the document and renders it.

    Raises PackageError, InputError with every wrong field, HelmError where the chart does not render.
    """
    tree = packages.fetch(kube, wanted.entry)
    package = model.load(tree)
    if package.mode != "helm" or package.template_type != "helm":
        raise PackageError(
            f"Package {wanted.entry.title} is of type {package.mode} with {package.template_type} in raw/, which this version does not deploy yet",
            where="application.yaml", todo="wrap a Helm chart (type helm, templateType helm)",
        )
    raw = package.raw_tree()
    folder = os.path.join(scratch, "chart")
    _write(raw, folder)
    values = helm_values(wanted, secret_values)
    filled = documents.join(wanted.document, secret_values) if secret_values else wanted.document
    validate.check_values(_as_helm_sees(filled, raw), _schema(raw), wanted.entry.title)
    validate.check_descriptors(filled, package.spec_descriptors, wanted.entry.title)
    # Helm's own idea of a cluster is years old: charts ask for its version and its kinds.
    server = installed or render.asks_cluster(folder)
    version = "" if server else str(kube.version().get("gitVersion", ""))

    def rendering():
        return render.render(helm, folder, wanted.release, request.namespace, values, kube, ctx, installed=installed, server=server, kube_version=version)

    rendered = rendering()
    secrets = any(obj["kind"] == "Secret" for obj in rendered.objects)
    again = rendering().objects if secrets and post_render.uses_random(folder) else None
    return Chart(folder=folder, package=package, rendered=rendered, again=again)


def helm_values(wanted: Desired, secret_values: dict) -> dict:
    """spec.values of the document with the secret fields filled in."""
    document = documents.join(wanted.document, secret_values) if secret_values else wanted.document
    values = document.get("spec", {}).get("values") or {}
    if not isinstance(values, dict):
        raise InputError("spec.values of the document is not a mapping", where=wanted.entry.title)
    return values


def _as_helm_sees(document: dict, raw) -> dict:
    """The document with the chart's own defaults below its values: a chart's schema is about both together."""
    defaults = yaml_reader.load(raw.text("values.yaml"), "raw/values.yaml") if "values.yaml" in raw else None
    values = documents.merge(defaults or {}, document["spec"].get("values") or {})
    return {**document, "spec": {**document["spec"], "values": values}}


def _write(tree, folder: str) -> None:
    for path, data in tree.items():
        target = os.path.join(folder, *path.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)


def _schema(raw) -> dict | None:
    if "values.schema.json" not in raw:
        return None
    try:
        return json.loads(raw.text("values.schema.json"))
    except ValueError as error:
        raise PackageError(f"values.schema.json is not JSON: {error}", where="raw/values.schema.json") from error
