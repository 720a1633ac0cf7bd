# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a package keeps its log, monitor and alarm configuration, and the head all three have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ._application import API_VERSION, FOLDERS
from ._fields import ANY, MAP, Field, Place, Values, read, shown
from ._report import Report

# Kind -> names of its file where no capabilityRequirements names one; the first is the manual's own (7.2.2).
NAMES = {
    "LogConfig": ("log-service.yaml", "log_config.yaml", "logs_config.yaml"),
    "MonitorConfig": ("monitor-service.yaml", "monitor_config.yaml"),
    "AlarmConfig": ("alarm-service.yaml", "alarm_config.yaml"),
}
AREAS = {"LogConfig": "LOG", "MonitorConfig": "MON", "AlarmConfig": "ALARM", "ConfigSchema": "CONFIG"}


@dataclass(frozen=True)
class Found:
    """path: "" where there is none. named: whether capabilityRequirements names it, so that it is certainly meant."""

    path: str = ""
    named: bool = False


def find(report: Report, kind: str, requirements: Iterable[dict]) -> Found:
    """The file of a kind: by the defaultPath of its requirement, else by its name. Notes further ones, of which nobody reads anything."""
    tree = report.tree
    named = [path for item in requirements if item.get("kind") == kind for path in locate(tree, item.get("defaultPath") or "")[:1]]
    paths = list(dict.fromkeys(named or (folder + name for name in NAMES[kind] for folder in FOLDERS if folder + name in tree)))
    for other in paths[1:]:
        report.add(f"{AREAS[kind]}-020", f"{other} is a second {kind} beside {paths[0]}, which is the one that counts", other)
    return Found(paths[0], bool(named)) if paths else Found()


def locate(tree: Iterable[str], name: str) -> list[str]:
    """Paths a defaultPath may mean: in the package, in manifests/ or in manifests/dependence/."""
    name = name.removeprefix("./")
    return [folder + name for folder in ("", *FOLDERS) if name and folder + name in tree]


def head(kind: str, spec: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields of a document of ours."""
    return (
        Field("apiVersion", need="error", choices=(API_VERSION,)),
        Field("kind", need="error", choices=(kind,)),
        Field("metadata", ANY),
        Field("spec", MAP, need="error", default={}, fields=spec),
    )


def document(report: Report, path: str, kind: str, fields: tuple[Field, ...], sure: bool = True) -> Values | None:
    """The file's values, None (and a finding) where it is no map. Not sure: others use the name as well, what is neither of our API nor of the
    kind is left alone.
    """
    data, area = report.load(path), AREAS[kind]
    if not isinstance(data, dict):
        report.add(f"{area}-002", f"{path} is not a map of fields", path)
        return None
    if not sure and data.get("kind") != kind and not str(data.get("apiVersion", "")).startswith(API_VERSION.partition("/")[0]):
        other = shown(data["kind"]) if data.get("kind") else "a document without a kind"
        report.add(f"{area}-021", f"{path} is {other}, no {kind}: nothing is read of it", path)
        return None
    return read(data, fields, Place(area, path), report)
