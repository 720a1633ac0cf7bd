# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a chart would become: rendered by helm, with bounds, and changed by nothing.

A first install is rendered without the cluster (``helm template``); an installed release, or ``server=True``, by the server dry run,
since lookup, capabilities and the revision differ otherwise. A chart is a program: it gets a minute, 2 GB and no network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..context import Context
from ..errors import HelmError
from . import _command, manifest, post_render
from .binary import NO_VALUES_SCHEMA, Helm

if TYPE_CHECKING:
    from ..kube.client import Kube

SECONDS = 60.0
_LINTED = re.compile(r"\[(ERROR|WARNING)\] ([^\s:]+): (.+)")
_ASKING = re.compile(rb"\blookup\b|\bAPIVersions\b")
MEMORY = 2 * 1024 * 1024 * 1024


@dataclass(frozen=True)
class Rendered:
    """objects: those of the release. hooks: the others. notes: NOTES.txt, "" after a rendering without the cluster. manifest: text of the
    objects. documents: manifest.Document of objects and hooks, with the templates they come from, () after a rendering by the server.
    All of it may hold secrets."""

    objects: list[dict[str, Any]]
    hooks: list[dict[str, Any]]
    notes: str
    manifest: str
    documents: tuple[Any, ...] = ()


def render(helm: Helm, chart_dir: str, name: str, namespace: str, values: dict[str, Any], kube: Kube | None, ctx: Context,
           installed: bool = False, server: bool = False, kube_version: str = "", api_versions: Iterable[str] = ()) -> Rendered:
    """Render a chart folder for a release.

    installed: the release exists (upgrade), else it does not (install). server: ask the cluster; always so for an installed
    one when kube is given. kube_version, api_versions: what ``.Capabilities`` says without the cluster; "" is helm's own
    default. Starts one process. Raises HelmError for a chart or values that do not render, or beyond SECONDS and MEMORY.
    """
    with ctx.scratch() as folder:
        if kube is not None and (server or installed):
            return _by_server(helm, chart_dir, name, namespace, values, kube, ctx, installed, folder)
        verb = ["template", *NO_VALUES_SCHEMA, "--namespace", namespace, "--values", "-"]
        if installed:
            verb.append("--is-upgrade")
        if kube_version:
            verb += ["--kube-version", kube_version]
        for version in api_versions:
            verb += ["--api-versions", version]
        done = _command.run(helm, [*verb, "--", name, chart_dir], ctx, folder, values=values, timeout=SECONDS, memory=MEMORY)
    documents = manifest.documents(done.stdout, f"chart of {name}")
    plain = [document for document in documents if not manifest.hook_events(document.object)]
    hooks = [document.object for document in documents if manifest.hook_events(document.object)]
    text = "".join(f"---\n{document.text.strip()}\n" for document in plain)
    return Rendered([document.object for document in plain], hooks, "", text, tuple(documents))


def lint(helm: Helm, chart_dir: str, values: dict[str, Any], ctx: Context) -> list[tuple[str, str, str]]:
    """What ``helm lint`` says about a chart folder: [(ERROR or WARNING, path in the chart, message)]. Starts one process, within SECONDS and MEMORY.

    The folder should hold no values.schema.json: Helm 3 fetches what it refers to, whatever it is told.
    """
    with ctx.scratch() as folder:
        verb = ["lint", *NO_VALUES_SCHEMA, "--values", "-", "--", chart_dir]
        done = _command.run(helm, verb, ctx, folder, values=values, timeout=SECONDS, memory=MEMORY, check=False)
    return [(severity, path, message.strip()) for severity, path, message in _LINTED.findall(done.stdout)]


def asks_cluster(chart_dir: str) -> bool:
    """Whether a template looks at objects or kinds of the cluster (lookup, .Capabilities.APIVersions): only the server dry run answers that.

    Reads the templates' text; packed subcharts count as yes.
    """
    return post_render.mentions(chart_dir, _ASKING)


def _by_server(helm: Helm, chart_dir: str, name: str, namespace: str, values: dict[str, Any], kube: Kube, ctx: Context,
               installed: bool, folder: str) -> Rendered:
    verb = ["upgrade", "--reset-values"] if installed else ["install"]
    verb += ["--dry-run=server", "--output", "json", "--namespace", namespace, "--values", "-", "--skip-crds", *NO_VALUES_SCHEMA, *helm.flags.no_schema]
    verb += _command.connection(kube, folder)
    done = _command.run(helm, [*verb, "--", name, chart_dir], ctx, folder, values=values, timeout=SECONDS, memory=MEMORY)
    # Helm 4 may print notices before the JSON.
    start = done.stdout.find("{")
    try:
        release = json.loads(done.stdout[start:] if start >= 0 else "")
        text = str(release.get("manifest") or "")
        hooks = [str(hook.get("manifest") or "") for hook in release.get("hooks") or []]
        notes = str((release.get("info") or {}).get("notes") or "")
    except (ValueError, AttributeError, TypeError):
        raise HelmError("helm's dry run cannot be read", where=helm.path, todo="check the version of helm") from None
    where = f"chart of {name}"
    return Rendered(manifest.split(text, where), [item for hook in hooks for item in manifest.split(hook, where)], notes, text)
