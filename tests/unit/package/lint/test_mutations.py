# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every field of every file broken in each way that applies to it: the right rule has to find it, on the right line.

The complete package below holds each field at least once. The expected line is found by the text alone, not by the linter's own means.
"""

from __future__ import annotations

import copy
import functools

import pytest
import yaml
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import (
    _actions,
    _alarm,
    _application,
    _config,
    _csv,
    _fields,
    _log,
    _metadata,
    _monitor,
)
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

API = "operators.apusic.com/v1alpha1"
CHART = {"raw/shop/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "raw/shop/values.yaml": "replicas: 1\nport: 80\n",
         "raw/shop/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"}
PERSON = {"name": "A", "email": "a@example.com"}
LINK = {"name": "home", "url": "https://example.com/"}
FILES: dict[str, dict] = {
    "metadata.yaml": {
        "name": "shop", "version": "1.0.0", "appVersion": "2.1.2", "alias": "shop.v1.0.0", "displayName": "Shop", "description": "A shop",
        "detail": "README.md",
        "source": "OpenSource", "type": "helm", "containerImage": "demo/shop:1.0.0", "repository": "docker.io", "architecture": ["x86_64"],
        "capabilities": ["Monitor"],
        "categories": ["Database"], "devices": ["CPU"], "industries": ["media"], "logo": {"mediatype": "image/png", "path": "logo.png",
                                                                                          "base64data": "iVBORw0KGgo="},
        "maintainers": [PERSON], "provider": LINK, "scenes": ["Cloud"], "links": [LINK], "security": {"anonymousAccess": False, "risk": "none"},
    },
    "application.yaml": {
        "apiVersion": API, "kind": "Application", "metadata": {"name": "shop"},
        "spec": {
            "type": "helm", "templateType": "helm", "rawPath": "raw/shop", "defaultConfiguration": "default-cr.yaml",
            "upgrade": {"replaces": "0.9.0", "skips": ["0.8.0"], "skipRange": ">=0.1.0 <1.0.0", "skipsSemantics": "olm"},
            "manifests": {
                "customResourceDefinitionName": "crd.yaml", "clusterServiceVersionName": "csv.yaml", "defaultCustomResource": "default-cr.yaml",
                "capabilityRequirements": [
                    {"name": kind, "apiVersion": API, "kind": kind, "defaultPath": path, "description": "x"}
                    for kind, path in (("LogConfig", "log_config.yaml"), ("MonitorConfig", "monitor_config.yaml"), ("AlarmConfig", "alarm_config.yaml"))],
            },
            "versionDefinition": {"description": "x", "mode": "tag", "path": "values.replicas", "tags": ["2.1.2"]},
        },
    },
    "manifests/csv.yaml": {
        "apiVersion": API, "kind": "ClusterServiceVersion", "metadata": {"name": "shop.v1.0.0"},
        "spec": {
            "version": "1.0.0", "installModes": [],
            "customresourcedefinitions": {"owned": [{
                "name": "helmreleases.operators.apusic.com", "kind": "HelmRelease", "version": "v1alpha1", "displayName": "Shop", "description": "x",
                "specDescriptors": [{"path": "values.replicas", "displayName": "Replicas", "description": "x",
                                     "x-descriptors": ["urn:alm:descriptor:com.tectonic.ui:number"]}],
                "statusDescriptors": [{"path": "services[0].spec.ports[0].port", "displayName": "Port", "description": "x",
                                       "x-descriptors": ["urn:alm:descriptor:text"]}],
            }]},
        },
    },
    "manifests/default-cr.yaml": {"apiVersion": API, "kind": "HelmRelease", "metadata": {"name": "shop"}, "spec": {"values": {"replicas": 1}}},
    "manifests/log_config.yaml": {
        "apiVersion": API, "kind": "LogConfig", "metadata": {"name": "shop"},
        "spec": {"logConfigItems": [{"name": "a", "labelSelector": {"app": "a"}, "path": "/var/log/a.log"}, {"name": "b", "labelSelector": {"app": "b"},
                                                                                                             "paths": ["/var/log/b"]}]},
    },
    "manifests/monitor_config.yaml": {
        "apiVersion": API, "kind": "MonitorConfig", "metadata": {"name": "shop"},
        "spec": {"monitorConfigItems": [{"labelSelector": {"app": "a"}, "prometheus": {"port": "metrics", "displayOptions": {"levels": [{
            "name": "used", "groupLabel": "pod", "selectedMetrics": ["used"], "metrics": [{"title": "Used", "expr": "used", "unitType": "byte"}]}]}}}]},
    },
    "manifests/alarm_config.yaml": {
        "apiVersion": API, "kind": "AlarmConfig", "metadata": {"name": "shop"},
        "spec": {"groups": [{"name": "shop", "interval": "30s", "rules": [{
            "alert": "Down", "expr": "up == 0", "for": "5m", "keep_firing_for": "5m", "labels": {"severity": "critical"},
            "annotations": {"summary": "s", "description": "d", "runbook_url": "https://example.com/"}}]}]},
    },
    "config.yaml": {
        "apiVersion": API, "kind": "ConfigSchema", "metadata": {"name": "shop"},
        "spec": {"configs": [{"configMap": "shop", "key": "shop.conf", "format": "properties", "description": "x", "parameters": [{
            "name": "maximum", "path": "maximum", "type": "integer", "minimum": 1, "maximum": 9, "default": 5, "description": "x", "apply": "reload"}]}]},
    },
    "op-shop-startup.yaml": {
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "x"},
        "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "x", "image": "demo/x:1.0.0", "command": ["true"]}]}}},
    },
}
README = "# Shop\n\n## Introduction\n\nx\n\n## Parameters\n\n| Name | Description | Required | Default | Range |\n|---|---|---|---|---|\n"
README += "| values.replicas | x | no | 1 | |\n"
README += "\n## Components\n\n| Name | Description |\n|---|---|\n| shop | x |\n"
OTHERS = {**CHART, "README.md": README, "logo.png": b"\x89PNG\r\n\x1a\n", "manifests/crd.yaml": ""}

# Where a table of fields begins: area of its rules, file, steps, fields, whether other keys are noted.
TABLES = (
    ("META", "metadata.yaml", (), _metadata.FIELDS, True),
    ("APP", "application.yaml", (), _application.FIELDS, True),
    ("APP", "application.yaml", ("spec",), _application.SPEC, True),
    ("CSV", "manifests/csv.yaml", (), _csv.HEAD, True),
    ("CSV", "manifests/csv.yaml", ("spec",), _csv.SPEC, False),
    ("CSV", "manifests/csv.yaml", ("spec", "customresourcedefinitions", "owned", 0), _csv.OWNED, False),
    ("LOG", "manifests/log_config.yaml", (), _log.FIELDS, True),
    ("MON", "manifests/monitor_config.yaml", (), _monitor.FIELDS, True),
    ("ALARM", "manifests/alarm_config.yaml", (), _alarm.FIELDS, True),
    ("CONFIG", "config.yaml", (), _config.FIELDS, True),
    ("OP", "op-shop-startup.yaml", (), _actions.FIELDS, False),
)
MARK = "zz-marker"
GONE = object()
# A file's name -> rule that misses the file.
DANGLING = (
    ("metadata.yaml", ("detail",), "missing.md", "ACMP-META-022"), ("metadata.yaml", ("logo", "path"), "missing.png", "ACMP-META-022"),
    ("application.yaml", ("spec", "rawPath"), "raw/missing", "ACMP-APP-020"),
    ("application.yaml", ("spec", "manifests", "clusterServiceVersionName"), "missing.yaml", "ACMP-APP-024"),
    ("application.yaml", ("spec", "manifests", "defaultCustomResource"), "missing.yaml", "ACMP-APP-024"),
    ("application.yaml", ("spec", "manifests", "capabilityRequirements", 0, "defaultPath"), "missing.yaml", "ACMP-APP-025"),
    ("application.yaml", ("spec", "manifests", "capabilityRequirements", 1, "defaultPath"), "missing.yaml", "ACMP-APP-025"),
    ("manifests/default-cr.yaml", ("kind",), "Missing", "ACMP-CR-020"),
)


def _text(data: object) -> str:
    return yaml.safe_dump(data, sort_keys=False, default_flow_style=False, width=10_000)


def _tree(changed: dict | None = None) -> FileTree:
    files = {**FILES, **(changed or {})}
    return FileTree({**{path: value.encode() if isinstance(value, str) else value for path, value in OTHERS.items()}, **{path: _text(data).encode() for path,
                                                                                                                         data in files.items()}})


def _walk(area, path, steps, fields, closed):
    """(area, path, steps of the map, field, value) of every field that the complete package holds; a map that may hold unknown keys has the field None."""
    value = FILES[path]
    for step in steps:
        value = value[step]
    if closed:
        yield area, path, steps, None, value
    for field in fields:
        if field.name not in value:
            continue
        inner = value[field.name]
        yield area, path, steps, field, inner
        if field.kind == _fields.MAP and field.fields:
            yield from _walk(area, path, (*steps, field.name), field.fields, True)
        elif field.kind == _fields.MAPS and field.fields:
            for index in range(len(inner)):
                yield from _walk(area, path, (*steps, field.name, index), field.fields, True)
        elif field.kind == _fields.NAMED and field.fields:
            yield from _walk(area, path, (*steps, field.name), field.fields, False)


def _mutations():
    for table in TABLES:
        for area, path, steps, field, _value in _walk(*table):
            here = (*steps, field.name) if field else steps
            if field is None:
                yield path, (*steps, MARK), "x", f"ACMP-{area}-008", "unknown key"
                continue
            if field.need:
                yield path, here, GONE, f"ACMP-{area}-{'003' if field.need == 'error' else '010'}", "missing"
            if field.kind != _fields.ANY:
                wrong = [MARK] if field.kind in (_fields.MAP, _fields.NAMED, _fields.TEXT, _fields.NUMBER) else {MARK: 1}
                yield path, here, wrong, f"ACMP-{area}-004", "type"
            texts = field.kind in (_fields.TEXT, _fields.TEXTS)
            at = (*here, 0) if field.kind == _fields.TEXTS else here
            if texts and field.choices:
                yield path, here, _listed(MARK, field), f"ACMP-{area}-005", "enumeration", at
            if texts and field.pattern:
                yield path, here, _listed(f"!{MARK} $", field), f"ACMP-{area}-006", "pattern", at
            if texts and field.longest:
                yield path, here, _listed(MARK * 500, field), f"ACMP-{area}-007", "range", at
    yield "config.yaml", ("spec", "configs", 0, "parameters", 0, "maximum"), 0, "ACMP-CONFIG-", "range"
    yield "config.yaml", ("spec", "configs", 0, "parameters", 0, "default"), 99, "ACMP-CONFIG-", "range"
    for path, steps, name, rule in DANGLING:
        yield path, steps, name, rule, "dangling name"


def _listed(text: str, field: _fields.Field) -> object:
    return [text] if field.kind == _fields.TEXTS else text


def _mutated(path: str, steps: tuple, value: object) -> dict:
    data = copy.deepcopy(FILES[path])
    parent = data
    for step in steps[:-1]:
        parent = parent[step]
    if value is GONE:
        del parent[steps[-1]]
    else:
        parent[steps[-1]] = value
    return data


def _line(data: dict, steps: tuple) -> int:
    """The line of a place, by the text: the same data with a mark in the key's (or the item's) stead, dumped, and the mark searched for."""
    marked = copy.deepcopy(data)
    parent = marked
    for step in steps[:-1]:
        parent = parent[step]
    if isinstance(parent, list):
        parent[steps[-1]] = "the-place-itself"
    else:
        items = [("the-place-itself" if key == steps[-1] else key, value) for key, value in parent.items()]
        parent.clear()
        parent.update(items)
    return next(number for number, text in enumerate(_text(marked).splitlines(), 1) if "the-place-itself" in text)


@functools.cache
def _before() -> frozenset:
    return frozenset(linter.lint(_tree()).findings)


CASES = [(*case, case[1])[:6] for case in _mutations()]


def test_the_complete_package_has_no_fault():
    bad = [finding for finding in linter.lint(_tree()).findings if finding.severity != "hint"]
    assert not bad, bad


@pytest.mark.parametrize(("path", "steps", "value", "rule", "kind", "at"), CASES, ids=[
    f"{case[4]}-{case[0].rpartition('/')[2]}-{'.'.join(map(str, case[1]))}" for case in CASES])
def test_mutation(path, steps, value, rule, kind, at):
    data = _mutated(path, steps, value)
    found = [finding for finding in linter.lint(_tree({path: data})).findings if finding not in _before()]
    right = [finding for finding in found if finding.rule.startswith(rule) and finding.path == path]
    assert right, f"{rule} is not among {[(finding.rule, finding.message) for finding in found]}"
    if value is not GONE:
        lines = [finding.line for finding in right]
        assert _line(data, at) in lines or _line(data, steps) in lines, f"expected line {_line(data, at)}, found {lines}:\n{_text(data)}"
    elif len(steps) > 1:
        parents = {_line(data, steps[:size]) for size in range(1, len(steps)) if isinstance(steps[size - 1], str)} | {_line(data, steps[:-1])}
        assert {finding.line for finding in right} <= parents


@pytest.mark.parametrize(("area", "path", "steps", "fields"), [case[:4] for case in TABLES], ids=[
    f"{case[0]}-{'.'.join(map(str, case[2]))}" for case in TABLES])
def test_other_letters(area, path, steps, fields):
    """The manual's tables write Upgrade, its samples upgrade: read, and noted."""
    data = copy.deepcopy(FILES[path])
    here = data
    for step in steps:
        here = here[step]
    name = next(field.name for field in fields if field.name in here and field.kind == _fields.TEXT)
    here[name.upper()] = here.pop(name)
    found = [finding for finding in linter.lint(_tree({path: data})).findings if finding not in _before()]
    assert (f"ACMP-{area}-009", path, _line(data, (*steps, name.upper()))) in [(finding.rule, finding.path, finding.line) for finding in found]
    assert all(finding.severity != "error" for finding in found), found


def test_every_class_is_tried():
    """The numbers that the guides name."""
    counts: dict[str, int] = {}
    for case in CASES:
        counts[case[4]] = counts.get(case[4], 0) + 1
    assert set(counts) == {"type", "pattern", "range", "enumeration", "missing", "unknown key", "dangling name"}
    assert len(CASES) >= 250, counts
