# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/package-format.md says what the tables of fields say, and its samples are what it says they are."""

from __future__ import annotations

import pathlib
import re

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import _actions, _alarm, _application, _config, _csv, _log, _metadata, _monitor
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model as package_model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._fields import MAPS, Field
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "package-format.md"
NEED = {"error": "yes", "warning": "should", "": ""}
# Section of the page -> (where the fields stand, their table).
TABLES = {
    "metadata.yaml": [("", _metadata.FIELDS)],
    "application.yaml": [("", _application.FIELDS), ("spec.", _application.SPEC)],
    "csv.yaml": [("", _csv.HEAD), ("spec.", _csv.SPEC), ("spec.customresourcedefinitions.owned[].", _csv.OWNED)],
    "Logs": [("", _log.FIELDS)],
    "Metrics": [("", _monitor.FIELDS)],
    "Alarms": [("", _alarm.FIELDS)],
    "config.yaml": [("", _config.FIELDS)],
    "Actions": [("", _actions.FIELDS)],
}
# Read where others have written them, told in words instead.
ELSEWHERE = re.compile(r"spec\.logConfigItems\[\]\.labelSelector\..*|(?!.*levels\[\]\.)(?:.*\.)?(?:groupLabel|selectedMetrics|metrics\[\]|metrics)(?:\..*)?")


def rows(fields: tuple[Field, ...], prefix: str = "") -> list[str]:
    """The first columns of a table: field, type, required, allowed, default."""
    found = []
    for item in fields:
        name = prefix + item.name
        allowed = ", ".join(f"`{choice}`" for choice in item.choices)
        if item.longest:
            allowed = f"{allowed} at most {item.longest} characters".strip()
        default = "" if item.need else item.default if isinstance(item.default, str) else ", ".join(item.default) if isinstance(item.default, tuple) else ""
        found.append(f"| `{name}` | {item.kind} | {NEED[item.need]} | {allowed} | {f'`{default}`' if default else ''} |")
        found += rows(item.fields, f"{name}{'[]' if item.kind == MAPS else ''}.")
    return [row for row in found if not ELSEWHERE.fullmatch(row.split("`")[1])]


def section(title: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize("title", TABLES)
def test_the_page_has_every_field_and_no_other(title):
    wanted = [row for prefix, fields in TABLES[title] for row in rows(fields, prefix)]
    told = [line for line in section(title).splitlines() if line.startswith("| `")]
    assert [row for row in wanted if not any(line.startswith(row) for line in told)] == []
    assert [line for line in told if not any(line.startswith(row) for row in wanted)] == []
    assert [line for line in told if line.rstrip("| ").endswith("|") or not line.rsplit("|", 2)[1].strip()] == [], "a field without a meaning"


def samples() -> dict[str, str]:
    """{path: text} of the page's files: code whose first line names one."""
    found = re.findall(r"```yaml\n# ([\w./-]+\.yaml)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    return dict(found)


def sample_tree(**changes: str) -> FileTree:
    page = re.search(r"```markdown\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]
    chart = {
        "raw/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
        "raw/cache/values.yaml": "replicas: 1\nconfig: {maxClients: 1000}\nimage: {tag: '7.2'}\n",
        "raw/cache/templates/a.yaml": "",
    }
    return FileTree({path: text.encode() for path, text in {**chart, "README.md": page, **samples(), **changes}.items()}, "cache")


def test_the_samples_are_a_package_without_a_fault():
    assert set(samples()) >= {
        "metadata.yaml", "application.yaml", "manifests/csv.yaml", "manifests/default-cr.yaml", "manifests/dependence/log-service.yaml",
        "manifests/dependence/monitor-service.yaml", "manifests/dependence/alarm-service.yaml", "config.yaml", "op-cache-backup.yaml",
        "op-cache-recovery.yaml"}
    findings = linter.lint(sample_tree()).findings
    assert [(item.rule, item.where, item.message) for item in findings if item.severity != "hint"] == []
    areas = ("README", "LOG", "MON", "ALARM", "CONFIG", "OP", "PROMQL")
    assert [(item.rule, item.where, item.message) for item in findings if item.rule.split("-")[1] in areas] == []


def test_the_samples_say_what_the_page_shows():
    package = package_model.load(sample_tree())
    assert package.log.items[0].paths == ("/var/log/cache/server.log",)
    assert [chart.title for chart in package.monitor.charts()] == ["Memory used", "Memory allowed"]
    assert [(rule.name, rule.duration, rule.labels["severity"]) for rule in package.alarm.rules()] == [
        ("CacheDown", "2m", "critical"), ("CacheMemoryHigh", "10m", "warning")]
    assert [(item.name, item.kind, item.apply) for item in package.config.configs[0].parameters] == [
        ("maxclients", "integer", "restart"), ("maxmemory-policy", "string", "reload"), ("save", "string", "restart")]
    assert [(action.name, action.kind) for action in package.actions] == [("backup", "Job"), ("recovery", "Job")]
    assert package.versions == package_model.VersionDefinition("tag", "values.image.tag", ("7.2", "7.0"), "Clients lose their connection for a moment")
    assert [row.path for row in package.readme.parameters] == ["values.replicas", "values.config.maxClients", "values.image.tag"]
