# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the catalog's archive to a checked chart on disk and the objects it renders to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from ...catalog import sources
from ...context import Context
from ...errors import HelmError, PackageError
from ...helm import post_render, render
from ...package import documents, yaml_reader
from ...package.model import deployable
from ...package.tree import FileTree
from .._desired import Desired
from ..request import Request
from ..volumes._measures import Measures


@dataclass(frozen=True)
class Unpacked:
    """folder: the chart on disk. values: those of the document, with something for each secret field. tree: all files of the package."""

    package: deployable.Deployable
    folder: str
    values: dict
    tree: FileTree


@dataclass(frozen=True)
class Chart:
    """folder: the chart in scratch. rendered: what it makes of the document; again: a second time, where it may differ.

    measures: what has to happen to volumes, and to objects that never change, before it is applied. config, restart: texts that are put into
    its ConfigMaps, as post_render.rules_for takes them.
    """

    folder: str
    rendered: render.Rendered
    again: list[dict] | None = None
    measures: Measures = Measures()
    config: dict = field(default_factory=dict)
    restart: dict = field(default_factory=dict)


def unpack(wanted: Desired, tree: FileTree, scratch: str, ctx: Context) -> Unpacked:
    """Writes the chart of a package's files into scratch; raises PackageError where they hold none that can be deployed."""
    package = deployable.load(tree)
    if package.mode != "helm" or package.template_type != "helm":
        raise PackageError(
            f"Package {wanted.entry.title} is of type {package.mode} with {package.template_type} in raw/, which this version does not deploy yet",
            where="application.yaml", todo="wrap a Helm chart (type helm, templateType helm)",
        )
    security = wanted.entry.spec.get("security") or {}
    if security.get("anonymousAccess"):
        ctx.warn(f"{wanted.entry.title} lets anybody in without a password: {security.get('risk') or 'its metadata.yaml does not say what that risks'}")
    folder = os.path.join(scratch, "chart")
    sources.write(package.raw, folder)
    return Unpacked(package, folder, helm_values(wanted, wanted.placeholders), tree)


def check(wanted: Desired, chart: Unpacked) -> None:
    """Compares the document with schema and form; raises InputError with every wrong field, PackageError for an unusable schema."""
    # Loaded while Helm renders.
    from ...package import validate

    raw, title = chart.package.raw, wanted.entry.title
    filled = {**wanted.document, "spec": {**wanted.document["spec"], "values": chart.values}}
    schema = validate.load_schema(raw)
    defaults = yaml_reader.load(raw.text("values.yaml"), "raw/values.yaml") if "values.yaml" in raw else {}
    # What is too dear to check is left to the templates: Helm looks at no schema.
    validate.check_values(filled, schema, title, defaults or {})
    validate.check_descriptors(filled, chart.package.spec_descriptors, title, schema)


def rendered(kube, helm, request: Request, wanted: Desired, chart: Unpacked, installed: bool, version: dict, ctx: Context) -> Chart:
    """What the chart becomes. version: /version of the API server, {} where it was not asked. Raises HelmError where it does not render."""
    # Helm's own idea of a cluster is years old: charts ask for its version and its kinds.
    server = installed or render.asks_cluster(chart.folder)
    kube_version = "" if server else str((version or kube.version()).get("gitVersion", ""))

    def once():
        try:
            return render.render(
                helm, chart.folder, wanted.release, request.namespace, chart.values, kube, ctx, installed=installed, server=server, kube_version=kube_version)
        except HelmError as error:
            # Helm names a file of the chart; whose chart it is only we know.
            error.where = error.where or f"the chart of {wanted.entry.title}"
            raise

    found = once()
    has_secrets = any(obj["kind"] == "Secret" for obj in found.objects)
    again = once().objects if has_secrets and post_render.uses_random(chart.folder) else None
    return Chart(folder=chart.folder, rendered=found, again=again, config=wanted.config_overrides, restart=_restart(request, wanted, chart, found.objects, ctx))


def _restart(request: Request, wanted: Desired, chart: Unpacked, objects: list[dict], ctx: Context) -> dict:
    if not wanted.config_overrides:
        return {}
    from ...config import effects

    return effects.effect(objects, wanted.config_overrides, chart.tree, wanted.release, request.namespace, ctx)


def of_release(release) -> Chart:
    """A revision that Helm keeps, as a chart that was rendered."""
    return Chart(folder="", rendered=render.Rendered(release.objects(), [], release.notes, release.manifest))


def helm_values(wanted: Desired, secret_values: dict) -> dict:
    """spec.values of the document with the secret fields filled in."""
    return documents.join(wanted.document, secret_values)["spec"].get("values") or {}
