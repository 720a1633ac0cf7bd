# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""raw/ (manual 7.2.5): where the chart, kustomization or manifests of a package stand."""

from __future__ import annotations

from ...errors import PackageError
from .. import kustomizations
from ..tree import FileTree, clean_path
from ._fields import shown
from ._report import Report

KUSTOMIZATIONS = kustomizations.NAMES
MANIFESTS = kustomizations.MANIFESTS


def load(report: Report, raw_path: str, template_type: str | None, mode: str | None) -> str:
    """The folder (path in the tree) that is deployed, checked for what templateType promises; "" when there is none."""
    root = _named(report, raw_path) if raw_path else _found(report)
    if not root or template_type is None:
        return root
    content = report.tree.subtree(root)
    # Operators may come as OLM publishes them, whatever templateType says.
    if mode == "operator" and is_olm(content):
        return root
    if template_type == "helm":
        _check_chart(report, root, content)
    elif template_type == "kustomize" and not any(name in content for name in KUSTOMIZATIONS):
        report.add("RAW-005", f"{root}/ holds no kustomization.yaml", root)
    elif template_type == "kubernetes" and not any(path.endswith(MANIFESTS) for path in content):
        report.add("RAW-006", f"{root}/ holds no manifests", root)
    if template_type != "helm" and mode != "operator":
        for fault in kustomizations.faults(content):
            report.add("RAW-007", fault.what, f"{root}/{fault.path}", (fault.field,) if fault.field else ())
    return root


def is_olm(content: FileTree) -> bool:
    """Whether a folder is an OLM package (NAME.package.yaml beside version folders) or bundle (manifests/ and metadata/)."""
    files, folders = content.children()
    return any(name.endswith(("package.yaml", "package.yml")) for name in files) or "manifests" in folders and "metadata/annotations.yaml" in content


def _named(report: Report, raw_path: str) -> str:
    try:
        name = clean_path(raw_path)
    except PackageError:
        name = ""
    for path in ([name, f"raw/{name}"] if name else []):
        if any(file.startswith(path + "/") for file in report.tree):
            return path
    report.add("APP-020", f'spec.rawPath is "{shown(raw_path)}", which is no folder of the package', "application.yaml", ("spec", "rawPath"))
    return ""


def _found(report: Report) -> str:
    content = report.tree.subtree("raw")
    files, folders = content.children()
    if not files and not folders:
        report.add("RAW-001", "The package has no raw/", "raw")
        return ""
    if any(name == "Chart.yaml" or name in KUSTOMIZATIONS or name.endswith(MANIFESTS) for name in files) or is_olm(content):
        return "raw"
    return f"raw/{folders[0]}" if len(folders) == 1 else "raw"


def _check_chart(report: Report, root: str, content: FileTree) -> None:
    path = f"{root}/Chart.yaml"
    if path not in report.tree:
        packed = [name for name in content.children()[0] if name.endswith((".tgz", ".tar.gz"))]
        more = f"; {shown(packed[0])} is packed" if packed else ""
        report.add("RAW-002", f"{root}/ holds no Chart.yaml{more}", root)
        return
    chart = report.load(path, ("version", "appVersion"))
    if chart is not None and not isinstance(chart, dict):
        report.add("RAW-003", "Chart.yaml is not a map of fields", path)
    elif isinstance(chart, dict):
        for key in ("name", "version"):
            if not isinstance(chart.get(key), str) or not chart[key]:
                report.add("RAW-003", f"Chart.yaml has no {key}", path)
        if chart.get("type") == "library":
            report.add("RAW-003", "The chart is a library, which cannot be deployed", path, ("type",))
    if "values.yaml" not in content:
        report.add("RAW-004", "The chart has no values.yaml", root)
    if "templates" not in content.children()[1]:
        report.add("RAW-004", "The chart has no templates/", root)
