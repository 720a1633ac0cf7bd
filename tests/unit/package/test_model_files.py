# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files beside those that are deployed: logs, metrics, alarms, settings, actions, detail page, versions."""

from __future__ import annotations

import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import PackageError
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive, yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._fields import Field, Place, read
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._report import Report
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree
from hypothesis import given, settings
from hypothesis import strategies as st

SAMPLES = pathlib.Path(__file__).parent / "samples" / "files"
HEAD = "apiVersion: operators.apusic.com/v1alpha1\nkind: %s\nmetadata: {name: x}\nspec:\n"
APPLICATION = HEAD % "Application" + "  type: helm\n  templateType: helm\n  manifests: {}\n"
CSV = HEAD % "ClusterServiceVersion" + (
    "  installModes: []\n  customresourcedefinitions:\n    owned:\n"
    "      - {name: helmreleases.operators.apusic.com, kind: HelmRelease, version: v1alpha1, description: x}\n")
LOG = HEAD % "LogConfig" + """\
  logConfigItems:
    - name: server
      labelSelector: {app: redis, instance: "{{.Instance}}"}
      path: /var/log/redis.log
"""
MONITOR = HEAD % "MonitorConfig" + """\
  monitorConfigItems:
    - labelSelector: {app: redis}
      prometheus:
        port: metrics
        displayOptions:
          levels:
            - name: Memory
              groupLabel: pod
              selectedMetrics: [used]
              metrics:
                - title: Used
                  expr: used{namespace="{{.Namespace}}"}
                  unitType: byte
"""
ALARM = HEAD % "AlarmConfig" + """\
  groups:
    - name: redis
      interval: 30s
      rules:
        - alert: Down
          expr: up{namespace="{{ .Namespace }}"} == 0
          for: 1h30m
          labels: {severity: critical, team: "{{ $labels.team }}"}
          annotations: {summary: Down, runbook_url: "https://example.com/down"}
"""
CONFIG = HEAD % "ConfigSchema" + """\
  configs:
    - configMap: "{{.Instance}}-config"
      key: redis.conf
      format: properties
      parameters:
        - name: maxclients
          type: int
          minimum: 1
          maximum: 10
          default: 5
          apply: reload
        - {name: policy, type: string, choices: [a, b], pattern: "^[ab]$"}
"""
JOB = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\nspec: {}\n"
PATHS = {
    "application": "application.yaml", "csv": "manifests/csv.yaml", "log": "manifests/dependence/log-service.yaml",
    "monitor": "manifests/dependence/monitor-service.yaml", "alarm": "manifests/dependence/alarm-service.yaml", "config": "config.yaml",
    "backup": "op-redis-backup.yaml",
}


def tree(**changes: str | None) -> FileTree:
    """A sound package with all of these files; names of changes as in PATHS or paths, None takes a file away."""
    files = {
        "metadata": "name: redis\nversion: 1.0.0\nalias: redis cluster\n",
        "application": APPLICATION, "csv": CSV, "log": LOG, "monitor": MONITOR, "alarm": ALARM,
        "config": CONFIG, "backup": JOB, "manifests/default-cr.yaml": HEAD % "HelmRelease" + "  values: {}\n", "README.md": "# Redis\n",
        "raw/redis/Chart.yaml": "name: redis\nversion: 1.0.0\n", "raw/redis/values.yaml": "a: 1\n", "raw/redis/templates/a.yaml": "x",
        **changes,
    }
    names = {**PATHS, "metadata": "metadata.yaml"}
    return FileTree({names.get(path, path): text.encode() for path, text in files.items() if text is not None}, "redis.tgz")


def found(**changes: str | None) -> list[tuple[str, str]]:
    """(rule without ACMP-, where) of all findings."""
    return [(finding.rule.removeprefix("ACMP-"), finding.where) for finding in model.check(tree(**changes))[1]]


def where(name: str, line: int = 0) -> str:
    return f"{PATHS[name]}:{line}" if line else PATHS[name]


def test_a_sound_package():
    assert found() == []
    package = model.load(tree())
    assert package.log == model.LogConfig(PATHS["log"], (
        package.log.items[0].__class__("server", {"app": "redis", "instance": "{{.Instance}}"}, ("/var/log/redis.log",), ("spec", "logConfigItems", 0)),))
    (item,) = package.monitor.items
    assert (item.selector, item.port, item.levels[0].group_label, item.levels[0].selected) == ({"app": "redis"}, "metrics", "pod", ("used",))
    assert [(chart.title, chart.expr, chart.unit) for chart in package.monitor.charts()] == [("Used", 'used{namespace="{{.Namespace}}"}', "byte")]
    (group,) = package.alarm.groups
    (rule,) = group.rules
    assert (group.name, group.interval, rule.name, rule.duration, rule.keep_firing_for) == ("redis", "30s", "Down", "1h30m", "")
    assert rule.labels == {"severity": "critical", "team": "{{ $labels.team }}"} and rule.annotations["summary"] == "Down"
    first, second = package.config.configs[0].parameters
    assert (first.path, first.kind, first.minimum, first.maximum, first.default, first.apply) == ("maxclients", "integer", 1, 10, 5, "reload")
    assert (second.choices, second.pattern, second.apply) == (("a", "b"), "^[ab]$", "restart")
    assert package.actions == (model.Action("backup", "op-redis-backup.yaml", (yaml_reader.load(JOB, "x"),), "Job"),)
    assert package.versions is None


def test_a_package_without_them():
    package = model.load(tree(log=None, monitor=None, alarm=None, config=None, backup=None, **{"README.md": None}))
    assert (package.log, package.monitor, package.alarm, package.config, package.actions) == (None, None, None, None, ())
    assert package.readme == model.Readme()


FAULTS = [
    ("log", ("spec:", "spec: 5\nx:"), "LOG-004", 4),
    ("log", (LOG, "- 1\n"), "LOG-002", 1),
    ("log", ("  logConfigItems:", "  items:"), "LOG-003", 4),
    ("log", ("kind: LogConfig", "kind: Log"), "LOG-005", 2),
    ("log", ("apiVersion: operators.apusic.com/v1alpha1\n", ""), "LOG-003", 1),
    ("log", ("      path: /var/log/redis.log\n", ""), "LOG-003", 6),
    ("log", ("/var/log/redis.log", "logs/redis.log"), "LOG-006", 8),
    ("log", ("/var/log/redis.log", "{a: b}"), "LOG-004", 8),
    ("log", ("      path: /var/log/redis.log\n", "      logPaths: [/a, 5]\n"), "LOG-004", 8),
    ("log", ("app: redis", "app: 7"), "LOG-004", 7),
    ("log", ("app: redis", "app: a b"), "LOG-006", 7),
    ("log", ("{app: redis, instance: \"{{.Instance}}\"}", "[app]"), "LOG-004", 7),
    ("log", ("- name: server", "- name: [a]"), "LOG-004", 6),
    ("monitor", ("        port: metrics\n", ""), "MON-003", 7),
    ("monitor", ("port: metrics", "port: [9121]"), "MON-004", 8),
    ("monitor", ("                - title: Used\n                  expr", "                - expr"), "MON-003", 15),
    ("monitor", ("                  expr: used{namespace=\"{{.Namespace}}\"}\n", ""), "MON-003", 15),
    ("monitor", ("kind: MonitorConfig", "kind: Monitor"), "MON-005", 2),
    ("monitor", ("{app: redis}", "{app: 'a/b'}"), "MON-006", 6),
    ("monitor", (MONITOR, "5\n"), "MON-002", 1),
    ("alarm", (ALARM, "[]\n"), "ALARM-002", 1),
    ("alarm", ("kind: AlarmConfig", "kind: Alarm"), "ALARM-005", 2),
    ("alarm", ("  groups:", "  group:"), "ALARM-003", 4),
    ("alarm", ("        - alert: Down\n          expr", "        - expr"), "ALARM-003", 9),
    ("alarm", ("expr: up{namespace=\"{{ .Namespace }}\"} == 0", "expr: 0"), "ALARM-004", 10),
    ("alarm", ("for: 1h30m", "for: 5 minutes"), "ALARM-006", 11),
    ("alarm", ("for: 1h30m", "for: 30m1h"), "ALARM-006", 11),
    ("alarm", ("for: 1h30m", "for: 300"), "ALARM-004", 11),
    ("alarm", ("interval: 30s", "interval: often"), "ALARM-006", 7),
    ("alarm", ("severity: critical", "severity: bad"), "ALARM-005", 12),
    ("alarm", ("team: \"{{ $labels.team }}\"", "team: 1"), "ALARM-004", 12),
    ("alarm", ("    - name: redis\n", "    - name: redis\n      rules: []\n    - name: redis\n"), "ALARM-022", 8),
    ("config", (CONFIG, CONFIG.partition("metadata")[0] + "- 1\n"), "YAML-001", 3),
    ("config", (CONFIG, "a\n"), "CONFIG-002", 1),
    ("config", ("kind: ConfigSchema", "kind: Schema"), "CONFIG-005", 2),
    ("config", ("      key: redis.conf\n", ""), "CONFIG-003", 6),
    ("config", ("key: redis.conf", "key: a/b"), "CONFIG-006", 7),
    ("config", ("type: int\n", "type: size\n"), "CONFIG-005", 11),
    ("config", ("apply: reload", "apply: later"), "CONFIG-005", 15),
    ("config", ("minimum: 1\n", "minimum: one\n"), "CONFIG-004", 12),
    ("config", ("maximum: 10\n", "maximum: true\n"), "CONFIG-004", 13),
    ("config", ("choices: [a, b]", "choices: a"), "CONFIG-004", 16),
    ("config", ("minimum: 1\n", "minimum: 11\n"), "CONFIG-023", 13),
    ("config", ("default: 5\n", "default: 11\n"), "CONFIG-025", 14),
    ("config", ("default: 5\n", "default: many\n"), "CONFIG-025", 14),
    ("config", ("choices: [a, b]", "choices: [a, 1]"), "CONFIG-025", 16),
    ("config", ("choices: [a, b]", "choices: [a, b], default: c"), "CONFIG-025", 16),
    ("config", ('"^[ab]$"', '"(?=a)"'), "CONFIG-024", 16),
    ("config", ("name: policy", "name: maxclients"), "CONFIG-022", 16),
    ("config", (CONFIG.partition("  configs:\n")[2], CONFIG.partition("  configs:\n")[2] * 2), "CONFIG-022", 18),
    ("backup", (JOB, "5\n"), "OP-002", 1),
    ("backup", (JOB, "# nothing\n"), "OP-002", 0),
    ("backup", ("kind: Job\n", ""), "OP-003", 1),
    ("backup", ("kind: Job\n", "kind: [Job]\n"), "OP-004", 2),
    ("backup", ("kind: Job", "kind: Deployment"), "OP-022", 2),
    ("backup", ("batch/v1", "rbac.authorization.k8s.io/v1"), "OP-022", 2),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  versionDefinition: {mode: tag, path: values.tag}\n"), "APP-027", 8),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  versionDefinition: {path: values.tag, tags: ['1']}\n"), "APP-027", 8),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  versionDefinition: {mode: url, path: 'a..b', tags: ['1']}\n"), "APP-028", 8),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  versionDefinition: {mode: both}\n"), "APP-005", 8),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  capabilityRequirements: 5\n"), "APP-004", 8),
]
WARNINGS = [
    ("log", ("name: server", "nam: server"), "LOG-008", 6),
    ("log", ("name: server", "Name: server"), "LOG-009", 6),
    ("log", ("    - name: server\n      label", "    - label"), "LOG-010", 6),
    ("log", ('{app: redis, instance: "{{.Instance}}"}\n      path', "\n        app: redis\n        path"), "LOG-021", 9),
    ("log", ("path: /var/log/redis.log", "paths: [/var/log/redis.log, /var/log/]"), "LOG-022", 6),
    ("log", ("path: /var/log/redis.log", "paths: [/a, /a/]"), "LOG-022", 6),
    ("log", ("    - name: server\n", "    - {name: server, path: /a}\n    - name: server\n"), "LOG-023", 7),
    ("monitor", ("              groupLabel: pod\n", ""), "MON-010", 11),
    ("monitor", ("                  unitType: byte\n", ""), "MON-010", 15),
    ("monitor", (MONITOR.partition("              metrics:")[2], " []\n"), "MON-010", 11),
    ("monitor", ("unitType", "unittype"), "MON-009", 17),
    ("monitor", ("groupLabel: pod", "group: pod"), "MON-008", 12),
    ("monitor", ("port: metrics", "port: 9121"), "MON-022", 8),
    ("monitor", ("{{.Namespace}}", "{{.Project}}"), "MON-023", 16),
    ("alarm", ("severity: critical, ", ""), "ALARM-010", 12),
    ("alarm", ("summary: Down, ", ""), "ALARM-010", 13),
    ("alarm", ("          for:", "          fro: x\n          for:"), "ALARM-008", 11),
    ("alarm", ("          for:", "          For:"), "ALARM-009", 11),
    ("alarm", ("{{ .Namespace }}", "{{ $namespace }}"), "ALARM-023", 10),
    ("alarm", ("https://example.com/down", "javascript:alert(1)"), "ALARM-024", 13),
    ("alarm", (ALARM, "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n"), "ALARM-021", 1),
    ("config", (CONFIG, "port: 6379\n"), "CONFIG-021", 1),
    ("config", ("format: properties", "formats: properties"), "CONFIG-008", 8),
    ("config", ("format: properties", "Format: properties"), "CONFIG-009", 8),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  versionDefinition: {mode: tag, path: values.tag, tags: ['2.0', 2.10]}\n"), "APP-029", 8),
    ("application", ("  manifests: {}\n", "  manifests: {}\n  capabilityRequirements: [{kind: L, apiVersion: x, defaultPath: a.yaml}]\n"), "APP-025", 8),
    ("csv", ("  installModes: []\n", "  installModes: []\n  capabilityRequirements: [{kind: L, apiVersion: x, defaultPath: a.yaml}]\n"), "APP-025", 6),
    ("csv", ("  installModes: []\n", "  installModes: []\n  capabilityRequirements: [{kind: LogConfig, apiVersion: x}]\n"), "CSV-010", 6),
]


@pytest.mark.parametrize(("name", "change", "rule", "line"), FAULTS)
def test_faults(name, change, rule, line):
    base = {"application": APPLICATION, "csv": CSV, "log": LOG, "monitor": MONITOR, "alarm": ALARM, "config": CONFIG, "backup": JOB}[name]
    assert change[0] in base
    changed = tree(**{name: base.replace(change[0], change[1], 1)})
    package, findings = model.check(changed)
    assert (f"ACMP-{rule}", where(name, line)) in [(item.rule, item.where) for item in findings]
    assert package is None and model.RULES[f"ACMP-{rule}"].severity == "error"
    with pytest.raises(PackageError):
        model.load(changed)


@pytest.mark.parametrize(("name", "change", "rule", "line"), WARNINGS)
def test_warnings(name, change, rule, line):
    base = {"application": APPLICATION, "csv": CSV, "log": LOG, "monitor": MONITOR, "alarm": ALARM, "config": CONFIG, "backup": JOB}[name]
    assert change[0] in base
    package = model.load(tree(**{name: base.replace(change[0], change[1], 1)}))
    assert (f"ACMP-{rule}", where(name, line)) in [(item.rule, item.where) for item in package.warnings]


@pytest.mark.parametrize(("path", "text", "rule"), [
    ("manifests/log_config.yaml", LOG, "LOG-020"), ("manifests/monitor_config.yaml", MONITOR, "MON-020"), ("manifests/alarm_config.yaml", ALARM, "ALARM-020"),
    ("manifests/config.yaml", CONFIG, "CONFIG-020"), ("manifests/op-redis-backup.yaml", JOB, "OP-021"), ("op-mysql-backup.yaml", JOB, "OP-020"),
    ("manifests/op-redis-Backup.yaml", JOB, "OP-020"), ("op-redis-.yaml", JOB, "OP-020"),
])
def test_a_second_file_and_a_wrong_name(path, text, rule):
    package = model.load(tree(**{path: text}))
    assert [(item.rule, item.where) for item in package.warnings] == [(f"ACMP-{rule}", f"{path}:1")]
    assert len(package.actions) == 1 and package.log.path == PATHS["log"] and package.config.path == "config.yaml"


@pytest.mark.parametrize("path", ["manifests/log_config.yaml", "manifests/dependence/logs_config.yaml", "manifests/log-service.yaml"])
def test_files_are_found_by_name(path):
    assert model.load(tree(log=None, **{path: LOG})).log.path == path


def test_files_are_found_by_requirement():
    required = "capabilityRequirements: [{kind: LogConfig, apiVersion: x, defaultPath: ./logs.yaml}]"
    for changes in (
        {"application": APPLICATION.replace("{}", f"{{{required}}}")}, {"application": APPLICATION + f"  {required}\n"},
        {"csv": CSV.replace("  installModes: []\n", f"  installModes: []\n  {required}\n")},
    ):
        package = model.load(tree(**changes, **{"manifests/dependence/logs.yaml": LOG.replace("server", "other")}))
        assert (package.log.path, package.log.items[0].name, package.warnings) == ("manifests/dependence/logs.yaml", "other", ())


def test_what_a_requirement_names_is_judged():
    required = APPLICATION.replace("{}", "{capabilityRequirements: [{kind: AlarmConfig, apiVersion: x, defaultPath: mine.yaml}]}")
    changed = {"application": required, "manifests/mine.yaml": "apiVersion: v1\nkind: ConfigMap\n"}
    assert {("ALARM-005", "manifests/mine.yaml:1"), ("ALARM-005", "manifests/mine.yaml:2"), ("ALARM-003", "manifests/mine.yaml:1")} <= set(found(**changed))


def test_the_manuals_log_and_monitor_samples():
    package = model.load(archive.read_folder(str(SAMPLES)))
    (item,) = package.log.items
    assert (item.selector, item.paths) == ({"app.kubernetes.io/name": "3.2.4"}, ("/var/log/amdc.log",))
    (chart,) = package.monitor.charts()
    assert (chart.title, chart.unit, package.monitor.items[0].port) == ("已使用内存最大值", "byte", "metrics")


FIRST_HALF = HEAD % "MonitorConfig" + """\
  monitorConfigItems:
    - labelSelector:
        app.kubernetes.io/name: amdc
      prometheus:
        port: "metrics"
        displayOptions:
          levels:
            - name: "amdc_memory_used_peak_bytes"
"""
SECOND_HALF = """\
groupLabel: pod
selectedMetrics:
  - "amdc_memory_used_peak_bytes"
metrics:
  - title: "used"
    expr: 'amdc_memory_used_peak_bytes{namespace="{{.Namespace}}"}'
    unitType: "byte"
"""


@pytest.mark.parametrize("indent", [0, 6, 8, 10, 14])
def test_the_second_half_of_the_monitor_sample_may_stand_at_any_depth(indent):
    text = FIRST_HALF + "".join(" " * indent + line for line in SECOND_HALF.splitlines(keepends=True))
    package = model.load(tree(monitor=text))
    (item,) = package.monitor.items
    (level,) = item.levels
    assert (level.name, level.group_label, level.selected) == ("amdc_memory_used_peak_bytes", "pod", ("amdc_memory_used_peak_bytes",))
    assert [chart.title for chart in level.charts] == ["used"]
    assert ("ACMP-MON-021" in [finding.rule for finding in package.warnings]) == (indent != 14)
    assert all(finding.line in (12, 13) for finding in package.warnings)


def test_the_first_half_of_the_monitor_sample_alone():
    package = model.load(tree(monitor=FIRST_HALF))
    assert package.monitor.items[0].levels[0].charts == () and {item.rule for item in package.warnings} == {"ACMP-MON-010"}


def test_log_paths_of_the_parent_format():
    package = model.load(tree(log=LOG.replace("path: /var/log/redis.log", "logPaths: [/a/b, /a/c]\n      path: /d")))
    assert package.log.items[0].paths == ("/d", "/a/b", "/a/c") and package.warnings == ()


def test_the_longest_name_that_fits_is_the_product():
    files = {"op-redis-cluster-backup.yaml": JOB, "manifests/op-redis-failover.yml": "apiVersion: redis.example.com/v1\nkind: Failover\n"}
    package = model.load(tree(backup=None, **files))
    assert [(action.name, action.path, action.kind) for action in package.actions] == [
        ("backup", "op-redis-cluster-backup.yaml", "Job"), ("failover", "manifests/op-redis-failover.yml", "Failover")]


def test_several_documents_of_an_action():
    package = model.load(tree(backup=f"{JOB}---\napiVersion: v1\nkind: Pod\n"))
    assert (package.actions[0].kind, len(package.actions[0].documents)) == ("Job", 2)
    assert ("OP-022", "op-redis-backup.yaml:6") in found(backup=f"{JOB}---\nkind: Secret\napiVersion: v1\n")


def test_versions():
    text = APPLICATION + "  versionDefinition: {mode: url, path: 'values.image', tags: [7.0, '7.10', 7.2], description: Beware}\n"
    package = model.load(tree(application=text))
    assert package.versions == model.VersionDefinition("url", "values.image", ("7.10", "7.2", "7.0"), "Beware")
    assert [item.rule for item in package.warnings] == ["ACMP-APP-029"] * 2
    assert model.load(tree(application=APPLICATION + "  versionDefinition: {description: x}\n")).versions is None


def test_maps_of_texts_and_numbers():
    report = Report(FileTree({"a.yaml": b"labels: {a: x, b: 5, known: z}\nsize: 1.5\n"}))
    fields = (Field("labels", "map of texts", fields=(Field("known", choices=("y",)),)), Field("size", "number"))
    values = read(report.load("a.yaml"), fields, Place("LOG", "a.yaml", ("x",)), report)
    assert values == {"labels": {"a": "x"}, "size": 1.5} and values.steps == ("x",) and values["labels"].steps == ("x", "labels")
    assert [(item.rule, item.message) for item in report.findings()] == [
        ("ACMP-LOG-004", "x.labels.b is no text"), ("ACMP-LOG-005", 'x.labels.known is "z", it may be y')]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["log", "monitor", "alarm", "config", "backup", "application"]), st.data())
def test_any_of_them_may_hold_anything(name, data):
    words = st.sampled_from([
        "apiVersion", "kind", "spec",
        "logConfigItems", "labelSelector", "path", "paths", "monitorConfigItems", "prometheus", "port", "displayOptions", "levels",
        "metrics", "expr", "title", "groups", "rules", "alert", "for", "labels", "severity", "annotations", "configs", "parameters", "name", "type", "choices",
        "default", "pattern", "versionDefinition", "tags", "mode", "capabilityRequirements", "selectedMetrics", "groupLabel", "operators.apusic.com/v1alpha1",
        "LogConfig", "MonitorConfig", "AlarmConfig", "ConfigSchema", "{{.Instance}}", "(", "",
    ])
    scalars = words | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    value = data.draw(st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=6), max_leaves=25))
    base = {"log": LOG, "monitor": MONITOR, "alarm": ALARM, "config": CONFIG, "backup": JOB, "application": APPLICATION}[name]
    document = {**yaml_reader.load(base, "x"), "spec": value} if data.draw(st.booleans()) else value
    package, findings = model.check(tree(**{name: yaml_reader.dump(document)}))
    assert (package is None) == any(item.severity == "error" for item in findings)
    for item in findings:
        assert item.rule in model.RULES and len(item.message) < 1000 and item.message.isprintable()
