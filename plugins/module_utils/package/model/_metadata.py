# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""metadata.yaml (manual 7.2.3.2): what a package is, for search and detail."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from ...errors import PackageError
from .. import versions, yaml_reader
from ..tree import FileTree
from ._fields import ANY, MAP, MAPS, TEXTS, Field, Place, read, shown
from ._report import Report

PATH = "metadata.yaml"
# Keys of which numbers are taken as written.
AS_TEXT = ("version", "appVersion")

MODES = ("helm", "operator")
ARCHITECTURES = ("x86_64", "aarch64")
_SAME_ARCHITECTURE = {"amd64": "x86_64", "x86-64": "x86_64", "arm64": "aarch64"}
CAPABILITIES = ("Runtime", "Message", "IntegratedDelivery", "Database", "Log", "Monitor", "BigData", "DeveloperTool", "Network", "Security", "AI")

FIELDS = (
    Field("name", need="error", pattern=r"[a-z][a-z0-9_-]*[a-z0-9]", longest=253),
    Field("version", need="error", longest=versions.LONGEST),
    Field("appVersion", longest=63, default=""),
    Field("alias", default=""),
    Field("displayName", default=""),
    Field("description", default=""),
    Field("detail", default=""),
    Field("source", choices=("ISV", "OpenSource", "apusicProvided"), default="OpenSource"),
    Field("type", choices=MODES),
    Field("containerImage", default=""),
    Field("repository", default=""),
    Field("architecture", TEXTS, choices=ARCHITECTURES, spelled=_SAME_ARCHITECTURE, default=("x86_64",)),
    Field("capabilities", TEXTS, choices=CAPABILITIES, default=()),
    Field("categories", TEXTS, default=()),
    Field("devices", TEXTS, choices=("CPU", "GPU", "NPU"), default=("CPU",)),
    Field("industries", TEXTS, default=()),
    Field("scenes", TEXTS, choices=("Cloud", "Edge"), default=("Cloud",)),
    Field("logo", MAP, fields=(Field("mediatype", default=""), Field("base64data", default=""), Field("path", default=""))),
    Field("maintainers", MAPS, fields=(Field("name"), Field("email")), default=()),
    Field("provider", MAP, fields=(Field("name"), Field("url")), default={}),
    Field("links", MAPS, fields=(Field("name"), Field("url")), default=()),
    # Not in the manual's table: where its 7.3.1.3 asks that anonymous access and its risk be named.
    Field("security", MAP, fields=(Field("anonymousAccess", ANY), Field("risk", default="")), default={}),
    Field("annotations", ANY),
)


@dataclass(frozen=True)
class Logo:
    """mediatype such as image/png; base64data, or path of the file in the package."""

    mediatype: str = ""
    base64data: str = ""
    path: str = ""


def load(report: Report) -> dict:
    """Checked values by field name, with logo as Logo, detail as text, maps without empty keys; {} when there is no such file."""
    if PATH not in report.tree:
        report.add("META-001", f"The package has no {PATH} at its root", PATH)
        return {}
    data = report.load(PATH, AS_TEXT)
    place = Place("META", PATH)
    if not isinstance(data, dict):
        report.add("META-002", f"{PATH} is not a map of fields", PATH)
        return {}
    values = read(data, FIELDS, place, report)
    _version(values, place, report)
    _quoted(values, report)
    values["detailPath"] = _detail_path(values["detail"], report.tree)
    values["detail"] = _detail(values["detail"], place.at("detail"), report)
    values["logo"] = _logo(values["logo"] or {}, place.at("logo"), report)
    for key in ("maintainers", "links"):
        values[key] = tuple(_filled(item) for item in values[key])
    values["provider"] = _filled(values["provider"])
    values["security"] = _security(values["security"], place.at("security"), report)
    _links(values, place, report)
    return values


def _filled(item: dict) -> dict:
    return {key: value for key, value in item.items() if value}


def _security(given: dict, place: Place, report: Report) -> dict:
    found = _filled(given)
    if given.get("anonymousAccess") is not None and not isinstance(given["anonymousAccess"], bool):
        place.at("anonymousAccess").add(report, "004", f"{place.name('anonymousAccess')} is neither true nor false")
        found.pop("anonymousAccess", None)
    return found


def _version(values: dict, place: Place, report: Report) -> None:
    if values["version"]:
        try:
            versions.parse(values["version"])
        except PackageError as error:
            # A missing library is no fault of the package.
            if not error.where:
                raise
            place.at("version").add(report, "020", error.what)
            values["version"] = None


def _quoted(values: dict, report: Report) -> None:
    """Notes versions that stand in the file as numbers; read a second time only when one looks like it."""
    if not any(value and value.replace(".", "").isdecimal() for value in map(values.get, AS_TEXT)):
        return
    raw = yaml_reader.load(report.tree[PATH], PATH)
    for key in AS_TEXT:
        if values[key] and isinstance(raw.get(key), int | float):
            report.add("META-021", f"{key} stands as a number, it was read as {values[key]}", PATH, (key,))


def _detail_path(named: str, tree: FileTree) -> str:
    """The file that detail means, README.md where it says nothing; "" when there is none."""
    wanted = named or "README.md"
    if wanted in tree:
        return wanted
    files = {path.casefold(): path for path in tree.children()[0]}
    return files.get(wanted.removeprefix("./").casefold(), "")


def _detail(named: str, place: Place, report: Report) -> str:
    """Text of the detail file; of README.md when none is named; the words themselves when they name no file."""
    path = _detail_path(named, report.tree)
    if not path:
        if named and " " not in named and named.casefold().endswith((".md", ".markdown", ".txt")):
            place.add(report, "022", f'detail names the file "{shown(named)}", which the package does not have')
            return ""
        return named
    if named and path != named.removeprefix("./"):
        place.add(report, "023", f'detail names the file "{shown(named)}", in the package it is {path}')
    try:
        return report.tree.text(path)
    except PackageError as error:
        report.add("META-022", error.what, path)
        return ""


def _logo(given: dict, place: Place, report: Report) -> Logo:
    data, path = given.get("base64data") or "", given.get("path") or ""
    if data:
        try:
            base64.b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            place.at("base64data").add(report, "024", "logo.base64data is not base64")
            data = ""
    if path and path.removeprefix("./") not in report.tree:
        place.at("path").add(report, "022", f'logo.path names the file "{shown(path)}", which the package does not have')
    return Logo(given.get("mediatype") or "", data, path.removeprefix("./"))


def _links(values: dict, place: Place, report: Report) -> None:
    named = [("provider", values["provider"])] + [(f"links[{index}]", link) for index, link in enumerate(values["links"])]
    for name, item in named:
        url = item.get("url")
        # Shown as links by whatever displays a package: javascript: and the like have no business here.
        if url and not url.startswith(("https://", "http://")):
            steps = ("provider", "url") if name == "provider" else ("links", int(name[6:-1]), "url")
            place.at(*steps).add(report, "025", f'{name}.url is "{shown(url)}", which is no web address')
            item.pop("url")
