# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a package is (manual 7.2): the standard layout read and checked, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..tree import FileTree
from . import _actions, _alarm, _application, _capabilities, _config, _csv, _log, _metadata, _monitor, _raw, _readme, _types
from ._actions import Action
from ._alarm import AlarmConfig
from ._application import Upgrade, VersionDefinition
from ._config import ConfigSchema
from ._csv import Descriptor, Owned
from ._log import LogConfig
from ._metadata import Logo
from ._monitor import MonitorConfig
from ._readme import Readme
from ._report import Finding, Report, raise_errors
from ._rules import ERROR, RULES
from ._types import InstanceType

__all__ = [
    "Action", "AlarmConfig", "ConfigSchema", "Descriptor", "Finding", "InstanceType", "LogConfig", "Logo", "MonitorConfig", "Owned", "Package", "RULES",
    "Readme", "Upgrade", "VersionDefinition", "check", "load", "read",
]


@dataclass(frozen=True)
class Package:
    """A package in the standard layout.

    name, version (as written, SemVer), app_version; display_name, description, alias, source, detail (text of the README).
    mode: helm or operator. template_type: helm, kustomize or kubernetes. architectures: x86_64, aarch64.
    provider, maintainers, links: maps as in metadata.yaml. security: anonymousAccess (true where declared) and risk.
    types: the offered configurations, the first is the default.
    spec_descriptors, status_descriptors: fields of the form and the status page, paths relative to spec (status).
    crds: documents of manifests/crd.yaml. raw_root: folder in the tree of what is deployed. warnings: findings that are no errors.
    log, monitor, alarm, config: what the package says about its logs, metrics, alarms and settings, None where it says nothing.
    actions: what op-PRODUCT-ACTION.yaml files start. readme: chapters and tables of the detail page. versions: None for a fixed application version.
    """

    name: str
    version: str
    mode: str
    template_type: str
    app_version: str = ""
    display_name: str = ""
    description: str = ""
    alias: str = ""
    source: str = "OpenSource"
    container_image: str = ""
    repository: str = ""
    architectures: tuple[str, ...] = ("x86_64",)
    capabilities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    devices: tuple[str, ...] = ("CPU",)
    industries: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ("Cloud",)
    maintainers: tuple[dict, ...] = ()
    provider: dict = field(default_factory=dict)
    security: dict = field(default_factory=dict)
    links: tuple[dict, ...] = ()
    logo: Logo = Logo()
    detail: str = ""
    upgrade: Upgrade = Upgrade()
    owned: tuple[Owned, ...] = ()
    types: tuple[InstanceType, ...] = ()
    spec_descriptors: tuple[Descriptor, ...] = ()
    status_descriptors: tuple[Descriptor, ...] = ()
    crds: tuple[dict, ...] = ()
    raw_root: str = ""
    log: LogConfig | None = None
    monitor: MonitorConfig | None = None
    alarm: AlarmConfig | None = None
    config: ConfigSchema | None = None
    actions: tuple[Action, ...] = ()
    readme: Readme = Readme()
    versions: VersionDefinition | None = None
    warnings: tuple[Finding, ...] = ()
    tree: FileTree = field(default_factory=FileTree, repr=False, compare=False)

    def raw_tree(self) -> FileTree:
        """The files that are deployed, with paths relative to raw_root."""
        return self.tree.subtree(self.raw_root)

    def upgrade_record(self) -> dict:
        """What upgrades of this package are judged by: the fields of upgrade, and the tags of the software's versions."""
        found = self.versions
        tags = {"tags": list(found.tags), "tagsPath": found.path, "tagsMode": found.mode} if found and found.tags else {}
        return {**self.upgrade.as_record(), **tags}

    def type(self, name: str) -> InstanceType | None:
        """The instance type of that name, None when there is none."""
        return next((item for item in self.types if item.name == name), None)


def load(tree: FileTree) -> Package:
    """Reads a package; PackageError (where: metadata.yaml:3) names the first fault and lists all in details.findings."""
    package, findings = check(tree)
    raise_errors(findings, tree.origin)
    return package


def check(tree: FileTree) -> tuple[Package | None, tuple[Finding, ...]]:
    """(the package, all findings, errors first); the package is None where there are errors. Raises nothing for any input,
    PackageError only where a Python library is missing.
    """
    report = Report(tree)
    package = read(report)
    findings = report.findings()
    if package is None or any(finding.severity == ERROR for finding in findings):
        return None, findings
    return replace(package, warnings=findings), findings


def read(report: Report) -> Package | None:
    """The package of the report's tree as far as it can be read, wrong fields at their defaults; None where it has no name, version or
    application.yaml. What is wrong is noted in the report.
    """
    meta = _metadata.load(report)
    spec = _application.load(report, meta.get("version"), meta.get("type"))
    # The manual's default; reached only when application.yaml says nothing either, which is an error by itself.
    mode = spec.get("mode") or meta.get("type") or "operator"
    files = spec.get("files", {})
    csv = _csv.Csv()
    types: tuple[InstanceType, ...] = ()
    crds: list = []
    raw_root = ""
    beside: dict = {}
    if spec:
        csv = _csv.load(report, files["clusterServiceVersionName"], mode, meta.get("version"))
        crds = _crds(report, files["customResourceDefinitionName"])
        types = _types.load(report, files["defaultCustomResource"], mode, spec, csv)
        raw_root = _raw.load(report, spec["rawPath"] or "", spec["templateType"], mode)
        beside = _beside(report, meta, spec, csv)
    if not spec or not meta.get("name") or not meta.get("version"):
        return None
    return Package(
        name=meta["name"], version=meta["version"], mode=mode, template_type=spec["templateType"] or "", app_version=meta["appVersion"],
        display_name=meta["displayName"] or meta["name"], description=meta["description"], alias=meta["alias"], source=meta["source"],
        container_image=meta["containerImage"], repository=meta["repository"], architectures=meta["architecture"], capabilities=meta["capabilities"],
        categories=meta["categories"], devices=meta["devices"], industries=meta["industries"], scenes=meta["scenes"], maintainers=meta["maintainers"],
        provider=meta["provider"], security=meta["security"], links=meta["links"], logo=meta["logo"], detail=meta["detail"],
        upgrade=spec["upgrade"], owned=csv.owned, types=types,
        spec_descriptors=csv.spec_descriptors, status_descriptors=csv.status_descriptors, crds=tuple(crds), raw_root=raw_root, tree=report.tree,
        **beside,
    )


def _beside(report: Report, meta: dict, spec: dict, csv: _csv.Csv) -> dict:
    """Fields of the package from the files beside those that are deployed."""
    requirements = (*spec["capabilities"], *csv.capabilities)
    return {
        "log": _log.load(report, _capabilities.find(report, _log.KIND, requirements)),
        "monitor": _monitor.load(report, _capabilities.find(report, _monitor.KIND, requirements)),
        "alarm": _alarm.load(report, _capabilities.find(report, _alarm.KIND, requirements)),
        "config": _config.load(report),
        "actions": _actions.load(report, (meta.get("name") or "", meta.get("alias") or "")),
        "readme": _readme.parse(meta["detail"], meta["detailPath"]) if meta.get("detailPath") else Readme(),
        "versions": spec["versions"],
    }


def _crds(report: Report, path: str) -> list[dict]:
    found = report.load_all(path) if path else []
    for number, document in enumerate(found):
        if not isinstance(document, dict) or document.get("kind") != "CustomResourceDefinition":
            report.add("APP-026", f"Document {number + 1} of {path} is no CustomResourceDefinition", path, (), number)
    return [document for document in found if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition"]
