# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment takes from a package: the files that are deployed, and the fields their values are checked by.

Much less than model.py reads: what else an uploaded package says was checked when it was uploaded, and is in its record.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..tree import FileTree
from . import _application, _csv, _raw
from ._csv import Descriptor
from ._report import Report, raise_errors


@dataclass(frozen=True)
class Deployable:
    """mode, template_type: as in model.Package. raw: the files that are deployed. spec_descriptors: fields of the form."""

    mode: str
    template_type: str
    raw: FileTree
    spec_descriptors: tuple[Descriptor, ...] = ()


def load(tree: FileTree) -> Deployable:
    """Reads it; PackageError (where: application.yaml:3) names the first fault of these files and lists all in details.findings."""
    report = Report(tree)
    spec = _application.load(report, None, None)
    mode, root, csv = "", "", _csv.Csv()
    if spec:
        mode = spec["mode"] or ""
        csv = _csv.load(report, spec["files"]["clusterServiceVersionName"], mode, None)
        root = _raw.load(report, spec["rawPath"] or "", spec["templateType"], mode)
    raise_errors(report.findings(), tree.origin)
    return Deployable(mode, spec["templateType"] or "", tree.subtree(root), csv.spec_descriptors)
