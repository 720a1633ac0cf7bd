# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs, metrics and settings against what is deployed, and PromQL."""

from __future__ import annotations

import sys
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils import _deps
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _monitoring, _promql, linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint.linter import Placed, Rendering
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

HEAD = "apiVersion: operators.apusic.com/v1alpha1\nkind: %s\nspec:\n"
LOG = HEAD % "LogConfig" + """\
  logConfigItems:
    - name: server
      labelSelector:
        app: redis
        instance: "{{.Instance}}"
      path: /var/log
"""
MONITOR = HEAD % "MonitorConfig" + """\
  monitorConfigItems:
    - labelSelector:
        app: redis
      prometheus:
        port: metrics
        displayOptions:
          levels:
            - name: Memory
              groupLabel: pod
              metrics:
                - title: Used
                  expr: used{namespace="{{.Namespace}}"}
                  unitType: byte
"""
ALARM = HEAD % "AlarmConfig" + """\
  groups:
    - name: redis
      rules:
        - alert: Down
          expr: up{namespace="{{.Namespace}}"} == 0
          labels: {severity: critical}
          annotations: {summary: Down}
"""
CONFIG = HEAD % "ConfigSchema" + """\
  configs:
    - configMap: "{{.Instance}}-config"
      key: redis.conf
"""
LOG_PATH, MONITOR_PATH, ALARM_PATH = (f"manifests/dependence/{name}-service.yaml" for name in ("log", "monitor", "alarm"))
OURS = {*_monitoring.RULES, *_promql.RULES}

LABELS = {"app": "redis", "instance": "demo"}
SERVER = {"kind": "StatefulSet", "metadata": {"name": "demo"}, "spec": {"template": {
    "metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "redis", "ports": [{"name": "client", "containerPort": 6379}]}]}}}}
EXPORTER = {"kind": "Service", "metadata": {"name": "demo"}, "spec": {"selector": {"app": "redis"}, "ports": [{"name": "metrics", "port": 9121}]}}
SETTINGS = {"kind": "ConfigMap", "metadata": {"name": "demo-config"}, "data": {"redis.conf": "a 1"}}
ALL = (SERVER, EXPORTER, SETTINGS)


def rendering(*objects: object, **more: str) -> Rendering:
    return Rendering("default", tuple(Placed(item, "raw/redis/templates/a.yaml") for item in objects), **more)


def tree(mode: str = "helm", **changes: str | None) -> FileTree:
    head = f"apiVersion: operators.apusic.com/v1alpha1\nkind: Application\nspec: {{type: {mode}, templateType: helm, manifests: {{}}}}\n"
    files = {
        "metadata.yaml": "name: redis\nversion: 1.0.0\n", "application.yaml": head, LOG_PATH: LOG, MONITOR_PATH: MONITOR, ALARM_PATH: ALARM,
        "config.yaml": CONFIG, "raw/redis/Chart.yaml": "name: redis\nversion: 1.0.0\n",
    }
    names = {"log": LOG_PATH, "monitor": MONITOR_PATH, "alarm": ALARM_PATH, "config": "config.yaml"}
    files.update({names[key]: value for key, value in changes.items()})
    return FileTree({path: text.encode() for path, text in files.items() if text is not None}, "redis")


def found(*renderings: Rendering, mode: str = "helm", **changes: str | None) -> list[tuple[str, str]]:
    """(rule, where) of the findings of these layers."""
    return [(item.rule[5:], item.where) for item in linter.lint(tree(mode, **changes), renderings=renderings).findings if item.rule[5:] in OURS]


def changed(item: dict, **changes: object) -> dict:
    return {**item, **changes}


def test_a_package_that_agrees_with_its_objects():
    assert found(rendering(*ALL)) == [] == found()


@pytest.mark.parametrize(("objects", "changes", "rule", "where"), [
    (ALL, {"log": LOG.replace("app: redis", "app: valkey")}, "LOG-030", f"{LOG_PATH}:6"),
    (ALL, {"log": LOG.replace('"{{.Instance}}"', '"{{.Instance}}-x"')}, "LOG-030", f"{LOG_PATH}:6"),
    (ALL, {"monitor": MONITOR.replace("app: redis", "role: primary")}, "MON-030", f"{MONITOR_PATH}:5"),
    (ALL, {"monitor": MONITOR.replace("port: metrics", "port: exporter")}, "MON-031", f"{MONITOR_PATH}:8"),
    ((SERVER, SETTINGS), {}, "MON-031", f"{MONITOR_PATH}:8"),
    ((SERVER, SETTINGS, changed(EXPORTER, spec={"selector": {"app": "other"}, "ports": [{"name": "metrics"}]})), {}, "MON-031", f"{MONITOR_PATH}:8"),
    ((SERVER, SETTINGS, changed(EXPORTER, spec={"ports": [{"name": "metrics"}]})), {}, "MON-031", f"{MONITOR_PATH}:8"),
    ((SERVER, EXPORTER), {}, "CONFIG-030", "config.yaml:5"),
    ((SERVER, EXPORTER, changed(SETTINGS, metadata={"name": "demo-settings"})), {}, "CONFIG-030", "config.yaml:5"),
    ((SERVER, EXPORTER, changed(SETTINGS, data={"other.conf": ""})), {}, "CONFIG-031", "config.yaml:6"),
])
def test_what_nothing_deployed_has(objects, changes, rule, where):
    assert found(rendering(*objects), **changes) == [(rule, where)]


@pytest.mark.parametrize(("objects", "changes"), [
    (ALL, {"monitor": MONITOR.replace("port: metrics", "port: client")}),
    (ALL, {"monitor": MONITOR.replace("port: metrics", "port: 9121")}),
    ((SERVER, SETTINGS, changed(EXPORTER, metadata={"labels": {"app": "redis"}}, spec={"ports": [{"name": "metrics"}]})), {}),
    ((changed(SERVER, kind="Pod", metadata={"labels": LABELS}, spec={"containers": [{"ports": [{"name": "metrics"}]}]}), SETTINGS), {}),
    ((changed(SERVER, kind="CronJob", spec={"jobTemplate": SERVER, "schedule": "x"}), SERVER, EXPORTER, SETTINGS), {}),
    # Without pods of its own: an operator's custom resource makes them.
    (({"kind": "RedisCluster", "spec": {}}, SETTINGS), {}),
])
def test_what_is_deployed_otherwise(objects, changes):
    assert found(rendering(*objects), **changes) == []


def test_all_instance_types_count_together():
    assert found(rendering(SERVER, SETTINGS), rendering(*ALL)) == []
    assert found(rendering(SERVER, SETTINGS), rendering(SERVER, SETTINGS)) == [("MON-031", f"{MONITOR_PATH}:8")]


def test_nothing_is_said_where_nothing_is_known():
    assert found(rendering(), mode="operator") == []
    assert found(rendering(SERVER, error="does not render", path="raw/redis")) == []


@pytest.mark.parametrize("item", [
    {}, {"kind": 5}, {"kind": "Pod"}, {"kind": "Pod", "spec": 1, "metadata": []}, {"kind": "Service", "spec": {"selector": [1], "ports": {"a": 1}}},
    {"kind": "Service", "metadata": {"labels": "x"}, "spec": {"ports": [1, {"name": 5, "port": True}]}},
    {"kind": "ConfigMap", "metadata": {"name": 1}, "data": 5},
    {"kind": "StatefulSet", "spec": {"template": {"metadata": {"labels": [1]}, "spec": {"containers": [1, {"ports": 5}]}}}},
])
def test_objects_of_any_content(item):
    findings = linter.lint(tree(), renderings=(rendering(item, *ALL),)).findings
    assert [finding for finding in findings if finding.rule[5:] in OURS] == []


EXPR = 'used{namespace="{{.Namespace}}"}'


def expressions(text: str) -> list[tuple[str, str]]:
    """Findings about one chart's expression."""
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return found(monitor=MONITOR.replace(EXPR, quoted))


@pytest.mark.parametrize("text", [
    "used{namespace=\"{{.Namespace}}\"", "rate(used{namespace=\"{{.Namespace}}\"})", "used{namespace=\"{{.Namespace}}\"}[5m]", "\"{{.Instance}}\"",
    "summ(used{namespace=\"{{.Namespace}}\"})", "used{namespace=\"{{.Namespace}}\", pod=~\"(\"}", "used{namespace=\"{{.Namespace}}\"} +", "}{{.Instance}}",
])
def test_expressions_that_do_not_parse(text):
    assert expressions(text) == [("PROMQL-001", f"{MONITOR_PATH}:15")]


@pytest.mark.parametrize("text", [
    EXPR, 'sum by (pod) (rate(used{namespace="{{ .Namespace }}", pod=~"{{.Instance}}-[0-9]+"}[5m])) / 2 > bool 0',
    '{{.Instance}}_used', 'holt_winters(used{namespace="{{.Namespace}}"}[5m], 0.5, 0.5)', 'used{namespace="{{.Namespace}}", pod=~"a{1,3}[0-9]{2}"}',
    'histogram_quantile(0.99, sum by (le) (rate(latency_bucket{namespace="{{.Namespace}}"}[5m])))', "used{namespace='{{.Namespace}}'} offset 1d",
    'absent(up{namespace="{{.Namespace}}"}) or vector(0)',
])
def test_expressions_that_parse(text):
    assert expressions(text) == []


def test_alarms_are_checked_too():
    assert found(alarm=ALARM.replace("== 0", "==")) == [("PROMQL-001", f"{ALARM_PATH}:8")]


def test_series_of_other_instances():
    assert expressions("used") == [("PROMQL-003", f"{MONITOR_PATH}:15")]


@pytest.mark.parametrize("text", [
    "(" * 20000 + EXPR + ")" * 20000, "-" * 5000 + EXPR, f"{EXPR} + " * 2000 + EXPR, "abs(" * 200 + EXPR + ")" * 200, EXPR + "{{.Instance}}" * 1000,
])
def test_expressions_that_would_end_the_process_are_left_alone(text):
    assert expressions(text) == [("PROMQL-002", f"{MONITOR_PATH}:15")]


def test_many_expressions_take_bounded_time():
    metric = MONITOR.partition("                - title")[2]
    hostile = 'used{namespace="{{.Namespace}}", a=~"%s", b="NUMBER"}' % ("((\\\\\\\\w{30}){30})" * 20)
    text = MONITOR + "".join(f"                - title{metric}".replace(EXPR, "'" + hostile.replace("NUMBER", str(number)) + "'") for number in range(600))
    start = time.process_time()
    rules = [rule for rule, _where in found(monitor=text)]
    assert set(rules) <= {"PROMQL-001", "PROMQL-002"} and "PROMQL-002" in rules
    assert time.process_time() - start < 5


def test_without_the_library_one_hint_says_so(monkeypatch):
    monkeypatch.delitem(vars(_deps), "promql_parser", raising=False)
    monkeypatch.setitem(sys.modules, "promql_parser", None)
    findings = [item for item in linter.lint(tree(alarm=ALARM.replace("== 0", "=="))).findings if item.rule[5:] in OURS]
    assert [(item.rule, item.severity, item.where) for item in findings] == [("ACMP-PROMQL-002", "hint", f"{MONITOR_PATH}:15")]
    assert "2 expressions were not checked" in findings[0].message and "promql-parser" in findings[0].message


def test_a_panic_of_the_library_is_no_crash(monkeypatch):
    class PanicException(BaseException):
        pass

    class Library:
        @staticmethod
        def parse(_text):
            raise PanicException("index out of range")

    monkeypatch.setitem(vars(_deps), "promql_parser", Library)
    assert found(alarm=None) == [("PROMQL-001", f"{MONITOR_PATH}:15")]

    def interrupt(_text):
        raise KeyboardInterrupt

    Library.parse = staticmethod(interrupt)
    with pytest.raises(KeyboardInterrupt):
        found(alarm=None)
