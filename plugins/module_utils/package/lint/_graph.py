# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The upgrade graph (manual 7.2.3.1): what this version follows, among the versions that are known; and the software's own versions."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...errors import InputError, PackageError
from .. import upgrade, versions
from .._paths import parse_path
from ..model._application import PATH
from ..model._csv import HELM_KIND
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._field_places import Fields
from ._known_values import KnownValues
from ._layer import Options
from ._objects import text, texts
from ._reading import chart_of

RULES = {
    "APP-030": Rule(WARNING, "replaces and skips name versions that exist", "Correct the version, or publish it first"),
    "APP-031": Rule(ERROR, "versions do not replace each other in a circle", "Let the newer one replace the older one"),
    "APP-032": Rule(WARNING, "one version replaces another one", "Let one of the two replace or skip the other"),
    "APP-033": Rule(ERROR, "a version replaces older ones", "Raise the version, or name an older one in replaces"),
    "APP-034": Rule(WARNING, "skipRange ends before the version itself", 'End it with "<" and the version'),
    "APP-035": Rule(HINT, "instances of an older version can be upgraded", "Name the older versions in replaces, skips or skipRange"),
    "APP-036": Rule(WARNING, "the path of versionDefinition leads to a field", "Correct the path: no version can be chosen"),
    "APP-037": Rule(ERROR, "the versions of the software go on from those before", "Keep at least one of the former tags: no instance could be upgraded"),
}

_PLACE = ("spec", "upgrade")


def check(package: Package, report: Report, options: Options) -> None:
    """Notes edges of the graph that lead nowhere, back or apart, and tags no instance can follow."""
    try:
        known = _known(options.versions, package.version)
        own = _own(package)
        _check_own(package, own, report)
        if options.versions:
            _check_targets(own, known, report)
            _check_circle(package.version, own, known, report)
            _check_fork(package.version, own, known, report)
            _check_reach(package.version, own, known, report)
    # Versions that are none: noted when application.yaml was read.
    except PackageError as error:
        if not error.where:
            raise
    _check_tags(package, _own(package), options.versions or {}, report)
    _check_path(package, report)


def _own(package: Package) -> dict:
    return {"replaces": "", "skips": [], "skipRange": "", "skipsSemantics": "", **package.upgrade_record()}


def _known(given: Mapping | None, own: str) -> dict[str, dict]:
    """Other versions with their upgrades, in the manual's spelling; what is no version is left out."""
    found: dict[str, dict] = {}
    for version, item in (given or {}).items():
        try:
            if versions.same(version, own):
                continue
        except PackageError as error:
            if not error.where:
                raise
            continue
        item = dict(item) if isinstance(item, Mapping) else {}
        found[version] = {
            "replaces": text(item.get("replaces")), "skips": texts(item.get("skips")),
            "skipRange": text(item.get("skipRange")), "skipsSemantics": item.get("skipsSemantics"),
        }
    return found


def _follows(given: Mapping, version: str) -> bool:
    try:
        return upgrade.follows(given, version)
    # Of another package, whose own lint says it.
    except PackageError:
        return False


def _check_own(package: Package, own: dict, report: Report) -> None:
    replaced = upgrade.version_of(own["replaces"])
    if replaced and versions.sort_key(replaced) > versions.sort_key(package.version):
        report.add("APP-033", f"{package.version} replaces {shown(replaced)}, which is newer", PATH, (*_PLACE, "replaces"))
    if own["skipRange"] and upgrade.in_range(own["skipRange"], package.version):
        report.add("APP-034", f"skipRange is {shown(own['skipRange'])}, and {package.version} is in it", PATH, (*_PLACE, "skipRange"))


def _check_targets(own: dict, known: Collection[str], report: Report) -> None:
    named = [(("replaces",), own["replaces"])] * bool(own["replaces"]) + [(("skips", index), name) for index, name in enumerate(own["skips"])]
    for steps, name in named:
        version = upgrade.version_of(name)
        if version and not any(versions.same(version, other) for other in known):
            report.add("APP-030", f"{shown(version)} is none of the known versions", PATH, (*_PLACE, *steps))


def _check_circle(version: str, own: dict, known: dict[str, dict], report: Report) -> None:
    keys = {versions.sort_key(other): other for other in known}
    way, here = [version], own
    while True:
        replaced = upgrade.version_of(here["replaces"])
        if replaced and versions.same(replaced, version) and len(way) > 1:
            report.add("APP-031", f"{shown(' replaces '.join([*way, version]))}", PATH, (*_PLACE, "replaces"))
            return
        other = keys.get(versions.sort_key(replaced)) if replaced else None
        if other is None or other in way:
            return
        way.append(other)
        here = known[other]


def _check_fork(version: str, own: dict, known: dict[str, dict], report: Report) -> None:
    replaced = upgrade.version_of(own["replaces"])
    for other, item in known.items() if replaced else ():
        named = upgrade.version_of(item["replaces"])
        upwards = versions.sort_key(other) > versions.sort_key(replaced)
        if named and versions.same(named, replaced) and upwards and not _follows(own, other) and not _follows(item, version):
            report.add("APP-032", f"{shown(other)} replaces {shown(replaced)} too", PATH, (*_PLACE, "replaces"))


def _check_reach(version: str, own: dict, known: dict[str, dict], report: Report) -> None:
    older = [other for other in known if versions.sort_key(other) < versions.sort_key(version)]
    if older and not any(_follows(own, other) for other in older):
        newest = versions.newest(older)
        report.add("APP-035", f"No known version leads to {version}, {shown(newest)} among them", PATH, _PLACE)


def _check_tags(package: Package, own_upgrade: dict, known: Mapping, report: Report) -> None:
    """The parent format's rule: tags of one package after another have one in common."""
    own = package.versions.tags if package.versions else ()
    for version, item in known.items():
        former = item.get("tags") if isinstance(item, Mapping) else None
        if not isinstance(former, list | tuple) or not former or set(map(str, former)) & set(own):
            continue
        if _follows(own_upgrade, version):
            what = f"{shown(version)} has the tags {shown(', '.join(map(str, former)))}, none of which is left"
            report.add("APP-037", what, PATH, ("spec", "versionDefinition", "tags"))


def _check_path(package: Package, report: Report) -> None:
    if not package.versions:
        return
    try:
        steps = parse_path(package.versions.path)
    except InputError:
        return
    kind = next((item.document.get("kind") for item in package.types), None) or HELM_KIND
    fields = Fields(package, report, str(kind), KnownValues(package, report) if chart_of(package) else None)
    if fields.judged and fields.spec(steps).state == "absent":
        report.add("APP-036", f"{shown(package.versions.path)} leads nowhere", PATH, ("spec", "versionDefinition", "path"))
