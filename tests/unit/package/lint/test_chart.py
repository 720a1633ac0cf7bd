# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import random

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _chart

from .placing import CHART, SOUND_CHART, found, tree

SCHEMA = "raw/app/values.schema.json"
VENDORED = {"raw/app/charts/common/Chart.yaml": "apiVersion: v2\nname: common\nversion: 2.0.0\n"}
NEEDS = "dependencies:\n  - name: common\n    version: 2.x.x\n    repository: oci://registry.example.com/charts\n"


def said(files: dict[str, str | None]) -> list[tuple[str, str, int]]:
    return found(_chart, tree(files, template="helm"))


@pytest.mark.parametrize(("chart", "rule", "where"), [
    (SOUND_CHART, None, 0),
    ("name: app\nversion: 1.0.0\n", "CHART-001", 1),
    (SOUND_CHART.replace("v2", "v3"), "CHART-001", 1),
    (SOUND_CHART.replace("v2", "[v2]"), "CHART-001", 1),
    (SOUND_CHART.replace("v2", "v1"), "CHART-002", 1),
    (SOUND_CHART.replace("1.0.0", "one"), "CHART-015", 3),
    (SOUND_CHART.replace("1.0.0", '"1.0"'), None, 0),
    (SOUND_CHART.replace("1.0.0", "v1.0.0-rc.1+x"), None, 0),
    (SOUND_CHART + "deprecated: true\n", "CHART-014", 4),
    (SOUND_CHART + "dependencies: {name: x}\n", "CHART-004", 4),
    (SOUND_CHART + "dependencies: [x]\n", "CHART-004", 4),
    (SOUND_CHART + "dependencies:\n  - version: 1.0.0\n", "CHART-004", 5),
    (SOUND_CHART + "dependencies:\n  - name: common\n", "CHART-004", 5),
])
def test_chart_file(chart, rule, where):
    assert said({CHART: chart}) == ([(rule, CHART, where)] if rule else [])


@pytest.mark.parametrize(("given", "rule"), [
    (">=1.27.0-0", None), (">= 1.19-0", None), ("^1.20-0 || ~1.18.0-0", None), (">=1.19.0-0 <1.40", None), (">=1.19.0-0, <2", None), ("1.x", None),
    ("1.19-0 - 1.30", None), ("=1.30.1", None), ("*", None),
    (">=1.27.0", "CHART-006"), ("^1.20", "CHART-006"), (">=1.19.0-0 || >=1.20", "CHART-006"), ("1.19 - 1.30", "CHART-006"),
    ("one", "CHART-005"), (">=", "CHART-005"), ("1.27.0.1", "CHART-005"), (">=1.27 and <2", "CHART-005"), ("|| >=1.2", "CHART-005"),
    ("1, " * 60 + "!", "CHART-005"), ("[1]", "CHART-005"),
])
def test_kube_version(given, rule):
    text = f"kubeVersion: {given if given == '[1]' else json.dumps(given)}\n"
    assert said({CHART: SOUND_CHART + text}) == ([(rule, CHART, 4)] if rule else [])


@pytest.mark.parametrize(("files", "expected"), [
    (VENDORED, []),
    ({"raw/app/charts/x/Chart.yaml": "name: common\nversion: 2.0.0\n"}, []),
    ({"raw/app/charts/common-2.0.0.tgz": "x"}, [("CHART-010", "raw/app/charts/common-2.0.0.tgz", 0)]),
    ({}, [("CHART-003", CHART, 5)]),
    ({"raw/app/charts/commons/Chart.yaml": "name: commons\nversion: 2.0.0\n"}, [("CHART-003", CHART, 5)]),
    ({"raw/app/Chart.lock": "dependencies: []\n"}, [("CHART-003", CHART, 5)]),
])
def test_dependencies(files, expected):
    assert said({CHART: SOUND_CHART + NEEDS, **files}) == expected


def test_dependencies_of_helm_2():
    files = {CHART: SOUND_CHART.replace("v2", "v1"), "raw/app/requirements.yaml": NEEDS}
    assert said(files) == [("CHART-003", "raw/app/requirements.yaml", 2), ("CHART-002", CHART, 1)]
    assert said({**files, **VENDORED}) == [("CHART-002", CHART, 1)]


@pytest.mark.parametrize(("files", "rule", "path", "where"), [
    ({"raw/app/values.yaml": ""}, None, "", 0),
    ({"raw/app/values.yaml": "- 1\n"}, "CHART-007", "raw/app/values.yaml", 1),
    ({"raw/app/values.yaml": "a: [\n"}, "YAML-001", "raw/app/values.yaml", 2),
    ({"raw/app/templates/NOTES.txt": None, "raw/app/templates/a.yaml": ""}, "CHART-011", "raw/app", 0),
    ({SCHEMA: None}, "CHART-016", "raw/app", 0),
])
def test_other_files(files, rule, path, where):
    assert said(files) == ([(rule, path, where)] if rule else [])


@pytest.mark.parametrize(("schema", "rule", "where"), [
    ('{"type": "object", "properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"pattern": "^\\\\p{L}+$"}}}', None, 0),
    ('{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {}}', None, 0),
    ('{\n  "type": }', "CHART-008", 2),
    ("[]", "CHART-008", 0),
    ("", "CHART-008", 1),
    ("[" * 100_000, "CHART-008", 0),
    ('{\n  "properties": {\n    "size": {"type": "sting"}\n  }\n}', "CHART-008", 3),
    ('{\n  "required": "name"\n}', "CHART-008", 2),
    ('{"a": ' * 200 + "1" + "}" * 200, "CHART-008", 0),
    ('{\n  "properties": {"a": {\n    "$ref": "https://example.com/schema.json#/x"}}}', "CHART-009", 3),
])
def test_schema(schema, rule, where):
    assert said({SCHEMA: schema}) == ([(rule, SCHEMA, where)] if rule else [])


def test_schema_of_a_subchart():
    path = "raw/app/charts/common/values.schema.json"
    assert said({**VENDORED, path: '{"type": 1}'}) == [("CHART-008", path, 1)]


@pytest.mark.parametrize(("text", "bad"), [
    ('{{ .Files.Get "files/redis.conf" }}', True), ('x: |\n{{ .Files.Get "./files/redis.conf" | indent 2 }}', True),
    ('{{ .Files.Get "files/there.conf" }}', False), ('{{ with .Files.Get "files/redis.conf" }}{{ end }}', False),
    ('{{ .Files.Get (printf "files/%s" $x) }}', False), ('{{ (.Files.Glob "conf/*").AsConfig }}', False), ('{{/* .Files.Get "x" */}}', False),
])
def test_files_that_templates_read(text, bad):
    path = "raw/app/templates/a.yaml"
    where = 2 if text.startswith("x") else 1
    assert said({path: text, "raw/app/files/there.conf": "x"}) == ([("CHART-012", path, where)] if bad else [])


def test_size():
    noise = random.Random(1).randbytes(540_000).hex()
    assert said({"raw/app/files/a": "x" * 1_500_000}) == []
    assert said({"raw/app/files/a": noise}) == []
    assert said({"raw/app/files/a": noise, "raw/app/files/b": random.Random(2).randbytes(300_000).hex()}) == [("CHART-013", "raw/app", 0)]


def test_packages_without_a_chart():
    assert found(_chart, tree({"raw/app/a.yaml": "kind: X\n"})) == []
