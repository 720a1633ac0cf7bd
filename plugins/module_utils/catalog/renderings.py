# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a package's raw/ becomes, for the linter: a chart rendered by helm for each instance type, manifests as they are."""

from __future__ import annotations

import os
import re
from dataclasses import replace

from ..context import Context
from ..errors import HelmError, PackageError
from ..helm import render
from ..helm.binary import Helm
from ..package import secrets
from ..package.lint import linter
from ..package.lint import sources as places
from ..package.model import model
from . import sources

_INSTANCE = "lint"
# With its line, or without: helm knows the lines of a template, and not those of what it made of it.
_TEMPLATE = re.compile(r"([\w.+-]+(?:/[\w.+-]+)+)(?::(\d+))?")


def make(package: model.Package, helm: Helm | None, ctx: Context) -> list[linter.Rendering]:
    """What raw/ becomes: of a chart, for each instance type, rendered by helm without a cluster; else its manifests as they are.

    helm None: charts are not rendered, which gives none for them. Errors of a chart are in the renderings.
    """
    if package.template_type != "helm" or f"{package.raw_root}/Chart.yaml" not in package.tree:
        return [places.manifests(package.tree, package.raw_root)] if package.raw_root else []
    if helm is None:
        return []
    with ctx.scratch() as scratch:
        folder = os.path.join(scratch, "chart")
        # Helm 3's lint fetches what a schema refers to, whatever it is told.
        sources.write(package.raw_tree().without("values.schema.json"), folder)
        types = _values(package)
        found = [_rendering(package, name, values, folder, helm, ctx) for name, values in types]
        if found:
            found[0] = replace(found[0], linted=tuple(render.lint(helm, folder, types[0][1], ctx)))
    return found


def _values(package: model.Package) -> list[tuple[str, dict]]:
    """(name, values) of each instance type; secret fields are filled as the platform fills them at a deploy."""
    if package.mode != "helm":
        return [("", {})]
    filled = {item.path: f"{_INSTANCE}-{item.suffix}" for item in secrets.generated(package)}
    filled |= dict.fromkeys(secrets.secret_paths(package), "x" * secrets.LENGTH)
    return [(item.name, secrets.join(item.document, filled).get("spec", {}).get("values") or {}) for item in package.types]


def _rendering(package: model.Package, name: str, values: dict, folder: str, helm: Helm, ctx: Context) -> linter.Rendering:
    try:
        rendered = render.render(helm, folder, _INSTANCE, _INSTANCE, values, None, ctx)
    except HelmError as error:
        path, line = _place(f"{error.what} {error.details.get('helm', '')}", package)
        # Helm's first line may end in a colon, and the next ones hold the reason.
        rest = error.details.get("helm", "").splitlines()[1:4] if error.what.endswith(":") else []
        return linter.Rendering(name, error=" ".join([error.what, *rest]), path=path, line=line)
    except PackageError as error:
        return linter.Rendering(name, error=error.what, path=package.raw_root)
    return linter.Rendering(name, places.placed_rendered([(item.object, item.source) for item in rendered.documents], package.raw_root, package.tree))


def _place(message: str, package: model.Package) -> tuple[str, int]:
    """The template and line that helm's message names, in the package's own paths."""
    for path, line in _TEMPLATE.findall(message):
        inside = f"{package.raw_root}/{path.partition('/')[2]}"
        if inside in package.tree:
            return inside, int(line or 0)
    return f"{package.raw_root}/Chart.yaml", 0
