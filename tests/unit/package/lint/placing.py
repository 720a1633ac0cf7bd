# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the linter's layers share: a sound package around the file that matters, and what a layer says about it."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter, sources
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Options, Placed
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._report import Report
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

from ..texts import HELM_CSV as CSV

MANIFEST = "raw/app/all.yaml"
CHART = "raw/app/Chart.yaml"
METADATA = "name: redis\nversion: 1.0.0\narchitecture: [x86_64]\n"
APPLICATION = (
    "apiVersion: operators.apusic.com/v1alpha1\nkind: Application\nmetadata: {{name: redis}}\n"
    "spec: {{type: {mode}, templateType: {template}, rawPath: raw/app, manifests: {{}}}}\n")
SOUND_CHART = "apiVersion: v2\nname: app\nversion: 1.0.0\n"


def tree(files: dict[str, str | None], mode: str = "helm", template: str = "kubernetes") -> FileTree:
    """A sound package with these files; None takes one away. With a Chart.yaml it is a chart."""
    chart = {CHART: SOUND_CHART, "raw/app/values.yaml": "replicas: 1\n", "raw/app/templates/NOTES.txt": "x\n", "raw/app/values.schema.json": "{}"}
    base = {"metadata.yaml": METADATA, "application.yaml": APPLICATION.format(mode=mode, template=template), "manifests/csv.yaml": CSV}
    merged = {**base, **(chart if template == "helm" else {}), **files}
    return FileTree({path: text.encode() for path, text in merged.items() if text is not None})


def found(layer, package: FileTree, objects: tuple[Placed, ...] | None = None, options: Options | None = None) -> list[tuple[str, str, int]]:
    """(rule, file, line) of what one layer says; objects: for layers over objects, () for those of plain manifests in raw/app."""
    report = Report(package, linter.RULES)
    read = model.read(report)
    assert read is not None
    before = set(report.findings())
    if objects is None:
        layer.check(read, report, options or Options())
    else:
        layer.check(objects or sources.placed_manifests(package, "raw/app"), read, report, options or Options())
    return [(finding.rule.removeprefix("ACMP-"), finding.path, finding.line) for finding in report.findings() if finding not in before]


def in_manifest(layer, text: str, mode: str = "helm", options: Options | None = None, metadata: str = METADATA) -> list[tuple[str, int]]:
    """(rule, line) of what a layer says about plain manifests."""
    package = tree({MANIFEST: text, "metadata.yaml": metadata}, mode)
    return [(rule, line) for rule, path, line in found(layer, package, (), options) if path == MANIFEST or not path.startswith("raw/")]


def line(text: str, words: str) -> int:
    """The line (from 1) these words stand in."""
    return text[:text.index(words)].count("\n") + 1


def changed(text: str, old: str, new: str) -> str:
    """The text with one place changed; the place must be there."""
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)
