# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Charts (manual 7.2.5.1): complete, without the network, in a form that Helm takes."""

from __future__ import annotations

import json
import re
import zlib
from itertools import islice

from ... import _deps
from ...errors import AcmpError, PackageError
from .. import _schema
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options
from ._objects import mapping, maps, text
from ._reading import MOST, actions, chart_of, charts, line_of, load, templates

RULES = {
    "CHART-001": Rule(ERROR, "Chart.yaml says apiVersion v2 or v1", "Write apiVersion: v2"),
    "CHART-002": Rule(WARNING, "charts are of apiVersion v2", "Write apiVersion: v2, and move requirements.yaml into Chart.yaml's dependencies"),
    "CHART-003": Rule(ERROR, "dependencies are in charts/", "Run helm dependency build before the package is built"),
    "CHART-004": Rule(ERROR, "dependencies are a list of maps with name and version", "Correct dependencies in Chart.yaml"),
    "CHART-005": Rule(ERROR, "kubeVersion is a range of versions", 'Write comparators, such as ">=1.27.0-0"'),
    "CHART-006": Rule(HINT, "kubeVersion takes versions with a suffix", 'Add -0 to the version, as in ">=1.27.0-0": providers name theirs v1.31.2-eks-1'),
    "CHART-007": Rule(ERROR, "values.yaml is one YAML map", "Correct values.yaml"),
    "CHART-008": Rule(ERROR, "values.schema.json is a JSON schema", "Correct values.schema.json"),
    "CHART-009": Rule(WARNING, "values.schema.json needs no network", "Copy what it refers to into $defs"),
    "CHART-010": Rule(HINT, "subcharts are unpacked", "Unpack the archive in charts/, so that it can be looked into"),
    "CHART-011": Rule(HINT, "a chart says how its software is reached", "Add templates/NOTES.txt"),
    "CHART-012": Rule(WARNING, "files that templates read exist", "Add the file, or correct its name: a missing one is read as empty"),
    "CHART-013": Rule(WARNING, "a chart fits into Helm's release Secret of 1 MiB", "Move large files out of the chart"),
    "CHART-014": Rule(WARNING, "charts are not deprecated", "Take the chart that follows it"),
    "CHART-015": Rule(ERROR, "the chart's version is a semantic version", "Write three numbers, as in 1.0.0"),
    "CHART-016": Rule(HINT, "a chart has a schema of its values", "Add values.schema.json: the form takes types, ranges and defaults from it"),
}

_VERSION = r"v?(?:\d{1,9}|[xX*])(?:\.(?:\d{1,9}|[xX*])){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
_COMPARED = rf"(?:(?:!=|>=|=>|<=|=<|~>|[=<>~^])[ ]?)?{_VERSION}"
_RANGE = re.compile(rf"{_COMPARED}(?:(?:,[ ]?|[ ]){_COMPARED}|[ ]-[ ]{_VERSION})*")
_LOWER = re.compile(rf"(?:>=|=>|>|\^|~>?)[ ]?({_VERSION})|({_VERSION})[ ]-[ ]")
_SEMVER = re.compile(r"v?\d{1,18}(?:\.\d{1,18}){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_READS = re.compile(r"\.Files\.(?:Get|GetBytes|Lines)[ ]+\"([^\"%]{1,400})\"")
_CONDITION = re.compile(r"\b(?:if|with|and|or|not|default|empty|coalesce)\b")
_LONGEST_RANGE = 200
_LARGEST_SCHEMA = 1024 * 1024
# What gzip may leave of a chart, so that its base64 form and the manifest beside it stay below 1 MiB.
_LARGEST_CHART = 700_000


def check(package: Package, report: Report, options: Options) -> None:
    """Notes what makes Helm refuse a chart, or need the network for it."""
    root = chart_of(package)
    chart = load(report, f"{root}/Chart.yaml") if root else None
    if not isinstance(chart, dict):
        return
    path = f"{root}/Chart.yaml"
    version = chart.get("apiVersion")
    if version not in ("v1", "v2"):
        report.add("CHART-001", "Chart.yaml names no apiVersion" if version is None else f'apiVersion is "{shown(version)}"', path, ("apiVersion",))
    elif version == "v1":
        report.add("CHART-002", "The chart is of apiVersion v1, that of Helm 2", path, ("apiVersion",))
    if isinstance(chart.get("version"), str | int | float) and not _SEMVER.fullmatch(str(chart["version"])):
        report.add("CHART-015", f'version is "{shown(chart["version"])}"', path, ("version",))
    if chart.get("deprecated") is True:
        report.add("CHART-014", "The chart is marked as deprecated by those who made it", path, ("deprecated",))
    _check_range(chart.get("kubeVersion"), path, report)
    _check_dependencies(chart, root, report)
    _check_values(root, report)
    for folder in charts(package.tree, root):
        _check_schema(folder, report)
        _check_reads(folder, report)
    if f"{root}/values.schema.json" not in package.tree:
        report.add("CHART-016", "The chart has no values.schema.json", root)
    if f"{root}/templates/NOTES.txt" not in package.tree:
        report.add("CHART-011", "The chart has no templates/NOTES.txt", root)
    _check_size(root, report)


def _check_range(given: object, path: str, report: Report) -> None:
    if given is None or given == "":
        return
    text_ = " ".join(str(given).split())
    parts = [part.strip() for part in text_.split("||")]
    if not isinstance(given, str) or len(text_) > _LONGEST_RANGE or not all(map(_RANGE.fullmatch, parts)):
        report.add("CHART-005", f'kubeVersion is "{shown(given)}", which is no range of versions', path, ("kubeVersion",))
        return
    lower = [match[1] or match[2] for match in _LOWER.finditer(text_)]
    if any("-" not in version for version in lower):
        report.add("CHART-006", f'kubeVersion is "{shown(given)}": clusters whose version has a suffix may be refused', path, ("kubeVersion",))


def _check_dependencies(chart: dict, root: str, report: Report) -> None:
    path, given = f"{root}/Chart.yaml", chart.get("dependencies")
    if given is None and f"{root}/requirements.yaml" in report.tree:
        path = f"{root}/requirements.yaml"
        given = mapping(load(report, path)).get("dependencies")
    if given is not None and (not isinstance(given, list) or len(maps(given)) != len(given)):
        report.add("CHART-004", "dependencies is no list of maps", path, ("dependencies",))
    files, folders = report.tree.children(f"{root}/charts")
    packed = [name for name in files if name.endswith((".tgz", ".tar.gz")) and name[0] not in "_."]
    there = {text(mapping(load(report, f"{root}/charts/{name}/Chart.yaml")).get("name")) for name in folders} | set(folders)
    for index, item in maps(given):
        name = item.get("name")
        if not isinstance(name, str) or not name or not item.get("version"):
            report.add("CHART-004", f"dependencies[{index}] has no {'version' if isinstance(name, str) and name else 'name'}", path, ("dependencies", index))
        elif name not in there and not any(file.startswith(f"{name}-") for file in packed):
            source = text(item.get("repository"))
            more = f"; it would come from {shown(source)}" if source else ""
            report.add("CHART-003", f"The dependency {shown(name)} is not in charts/{more}", path, ("dependencies", index, "name"))
    for name in packed:
        report.add("CHART-010", f"The subchart {shown(name)} is packed: nothing in it was looked at", f"{root}/charts/{name}")


def _check_values(root: str, report: Report) -> None:
    path = f"{root}/values.yaml"
    if path in report.tree:
        found = load(report, path)
        if found is not None and not isinstance(found, dict):
            report.add("CHART-007", "values.yaml is not a map of fields", path)


def _check_schema(folder: str, report: Report) -> None:
    path = f"{folder}/values.schema.json"
    data = report.tree[path] if path in report.tree else b""
    if path not in report.tree or len(data) > _LARGEST_SCHEMA:
        return
    try:
        schema = json.loads(data)
    except json.JSONDecodeError as error:
        report.add("CHART-008", f"values.schema.json is no JSON: {error.msg}", path, line=error.lineno)
        return
    except (ValueError, RecursionError):
        report.add("CHART-008", "values.schema.json is no JSON that can be read", path)
        return
    if not isinstance(schema, dict):
        report.add("CHART-008", "values.schema.json is no map of keywords", path)
        return
    try:
        usable, left_out = _schema.prepare(schema, path)
    except PackageError as error:
        report.add("CHART-008", error.what, path)
        return
    lines = data.decode("utf-8", "replace").splitlines()
    for note in left_out:
        target = note.removeprefix("reference to ")
        if note.startswith("reference to ") and "://" in target:
            line = next((number for number, line in enumerate(lines, 1) if target in line), 0)
            report.add("CHART-009", f"values.schema.json refers to {shown(target)}, which Helm would fetch", path, line=line)
    problem, key = _problem(_shortened(usable))
    if problem:
        line = next((number for number, line in enumerate(lines, 1) if f'"{key}"' in line), 1) if key else 1
        report.add("CHART-008", f"values.schema.json is no JSON schema: {problem}", path, line=line)


def _problem(schema: dict) -> tuple[str, str]:
    """(what is wrong with a schema, the nearest key), ("", "") for a sound one."""
    try:
        jsonschema = _deps.jsonschema
    except AcmpError as error:
        # A missing library is no fault of the package.
        raise PackageError(error.what, todo=error.todo) from None
    try:
        kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        steps = [step for step in error.absolute_path if isinstance(step, str)]
        where = ".".join(map(str, error.absolute_path)) or "the schema"
        return f"{shown(where)}: {shown(error.message)}", steps[-1] if steps else ""
    # jsonschema raises many kinds for odd schemas (unresolvable references, RecursionError, TypeError ...).
    except Exception as error:
        return f"it cannot be used ({type(error).__name__.strip('_')})", ""
    return "", ""


def _shortened(node: object) -> object:
    """The schema with long lists of choices cut: comparing each with each takes minutes."""
    if isinstance(node, dict):
        return {key: value[:200] if key == "enum" and isinstance(value, list) else _shortened(value) for key, value in node.items()}
    return [_shortened(item) for item in node] if isinstance(node, list) else node


def _check_reads(folder: str, report: Report) -> None:
    for path, content in templates(report.tree, folder):
        if ".Files." not in content:
            continue
        reads = ((at + 2 + match.start(), match[1].removeprefix("./")) for at, action in actions(content) if not _CONDITION.search(action)
                 for match in _READS.finditer(action))
        for at, name in islice(((at, name) for at, name in reads if f"{folder}/{name}" not in report.tree), MOST):
            report.add("CHART-012", f'The template reads the file "{shown(name)}", which the chart does not have', path, line=line_of(content, at))


def _check_size(root: str, report: Report) -> None:
    prefix = f"{root}/"
    files = [data for path, data in report.tree.items() if path.startswith(prefix)]
    if sum(map(len, files)) <= _LARGEST_CHART:
        return
    packer = zlib.compressobj()
    size = sum(len(packer.compress(data)) for data in files) + len(packer.flush())
    if size > _LARGEST_CHART:
        report.add("CHART-013", f"The chart is {size // 1024} KiB packed; Helm keeps it in a Secret of at most 1 MiB", root)
