# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the catalog's archive to a checked chart on disk and the objects it renders to."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..catalog import packages, sources
from ..context import Context
from ..errors import HelmError, PackageError
from ..helm import post_render, render
from ..package import secrets, validate, yaml_reader
from ..package.model import model
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
    if package.security.get("anonymousAccess"):
        ctx.warn(f"{wanted.entry.title} lets anybody in without a password: {package.security.get('risk') or 'its metadata.yaml does not say what that risks'}")
    raw = package.raw_tree()
    folder = os.path.join(scratch, "chart")
    sources.write(raw, folder)
    values = helm_values(wanted, secret_values)
    filled = {**wanted.document, "spec": {**wanted.document["spec"], "values": values}}
    schema = validate.load_schema(raw)
    defaults = yaml_reader.load(raw.text("values.yaml"), "raw/values.yaml") if "values.yaml" in raw else {}

    def check():
        # What is too dear to check is left to the templates: Helm looks at no schema.
        validate.check_values(filled, schema, wanted.entry.title, defaults or {})
        validate.check_descriptors(filled, package.spec_descriptors, wanted.entry.title, schema)

    # Helm's own idea of a cluster is years old: charts ask for its version and its kinds.
    server = installed or render.asks_cluster(folder)
    version = "" if server else str(kube.version().get("gitVersion", ""))

    def rendering():
        try:
            return render.render(helm, folder, wanted.release, request.namespace, values, kube, ctx, installed=installed, server=server, kube_version=version)
        except HelmError as error:
            # Helm names a file of the chart; whose chart it is only we know.
            error.where = error.where or f"the chart of {wanted.entry.title}"
            raise

    # Side by side: one loads and runs a library, the other waits for a process.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="acmp-check") as pool:
        checking = pool.submit(check)
        try:
            rendered = rendering()
        except HelmError:
            # Where the values are at fault, the check names the field, and Helm only a template.
            checking.result()
            raise
        checking.result()
    has_secrets = any(obj["kind"] == "Secret" for obj in rendered.objects)
    again = rendering().objects if has_secrets and post_render.uses_random(folder) else None
    return Chart(folder=folder, package=package, rendered=rendered, again=again)


def helm_values(wanted: Desired, secret_values: dict) -> dict:
    """spec.values of the document with the secret fields filled in."""
    return secrets.join(wanted.document, secret_values)["spec"].get("values") or {}
