# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The detail page against the package it describes."""

from __future__ import annotations

import os
import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package import archive
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _parameters, _readme, linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

ROOT = pathlib.Path(__file__).parents[4]
REAL = pathlib.Path(os.environ.get("ACMP_REAL_PACKAGES") or ROOT.parent / "shared" / "real-packages")
API = "apiVersion: operators.apusic.com/v1alpha1\n"
README = """\
# Cache

## Introduction

### Background
### Overview
### Functions
### Audience

## Parameters

| Name | Description | Required | Default | Range |
|---|---|---|---|---|
| `values.replicas` | Servers | no | `1`; type `big`: `3` | 1 to 5 |
| `values.image.tag` | Version | no | 7.0.15 | tags |
| values.tls | Encryption | no | `false` | true/false |
| values.class | Storage class | no | empty: the cluster's | names |
| `values.host` | Address | yes | | text |
| `values.labels.a` | A label | no | not set | text |
| `values.resources` | As in a pod | no | 50m CPU, 64Mi memory | maps |

## Components

| Name | Description |
|---|---|
| Pod | one |
"""
VALUES = "replicas: 1\nimage: {tag: 7.0.15}\ntls: false\nclass: ''\nlabels: {}\nresources: {requests: {cpu: 50m}}\n"
SCHEMA = '{"required": ["host"], "properties": {"host": {"type": "string"}, "replicas": {"type": "integer"}, "mode": {"default": "fast"}}}'
CSV = API + """\
kind: ClusterServiceVersion
spec:
  installModes: []
  customresourcedefinitions:
    owned: [{name: helmreleases.operators.apusic.com, kind: HelmRelease, version: v1alpha1, description: x}]
  specDescriptors:
    - {path: values.replicas, displayName: Servers, description: x}
    - {path: values.resources.requests.cpu, displayName: CPU, description: x}
"""
DEFAULT = API + "kind: HelmRelease\nspec: {values: {}}\n---\n" + API + (
    "kind: HelmRelease\nmetadata: {annotations: {operators.apusic.com/instance-type: big}}\nspec: {values: {replicas: 3, extra: on}}\n")
OWN_RULES = set(_readme.RULES)


def tree(**changes: str | None) -> FileTree:
    files = {
        "metadata.yaml": "name: cache\nversion: 1.0.0\n",
        "application.yaml": API + "kind: Application\nspec: {type: helm, templateType: helm, manifests: {}}\n",
        "manifests/csv.yaml": CSV, "manifests/default-cr.yaml": DEFAULT, "README.md": README, "raw/cache/Chart.yaml": "name: cache\nversion: 1.0.0\n",
        "raw/cache/values.yaml": VALUES, "raw/cache/values.schema.json": SCHEMA, "raw/cache/templates/a.yaml": "{{ .Values.hidden.flag }}",
    }
    names = {"readme": "README.md", "values": "raw/cache/values.yaml", "schema": "raw/cache/values.schema.json", "csv": "manifests/csv.yaml"}
    files.update({names.get(key, key): value for key, value in changes.items()})
    return FileTree({path: text.encode() for path, text in files.items() if text is not None}, "cache")


def found(**changes: str | None) -> list[tuple[str, str, str]]:
    """(rule, where, message) of the findings about the detail page."""
    return [(item.rule[5:], item.where, item.message) for item in linter.lint(tree(**changes)).findings if item.rule[5:] in OWN_RULES]


def added(cells: str) -> str:
    """The page with one more row, in line 21."""
    return README.replace("| maps |\n", f"| maps |\n{cells}\n")


def test_a_page_that_agrees_with_its_package():
    assert found() == []


@pytest.mark.parametrize(("changes", "rule", "line", "words"), [
    ({"readme": None}, "README-001", "metadata.yaml:1", "no detail page"),
    ({"metadata.yaml": "name: cache\nversion: 1.0.0\ndetail: A cache\n"}, "README-001", "metadata.yaml:3", "no detail page"),
    ({"readme": README.replace("# Cache\n", "\n", 1)}, "README-002", 1, "no title"),
    ({"readme": README.replace("## Introduction", "## Foreword")}, "README-002", 1, "Introduction (中间件简介)"),
    ({"readme": README.replace("## Parameters", "## Settings")}, "README-002", 1, "Parameters (中间件参数说明)"),
    ({"readme": README.replace("## Components", "## Parts")}, "README-002", 1, "Components (中间件组件说明)"),
    ({"readme": README.replace("### Audience", "### Others").replace("### Functions", "### X")}, "README-003", 3, "Functions, Audience"),
    ({"readme": README.partition("| Name")[0] + "## Components\n- Pod\n"}, "README-004", 10, "no table"),
    ({"readme": README.replace("Range |", "Notes |")}, "README-004", 12, "Range (参数范围)"),
    ({"readme": added("| `values.replica` | x | no | `1` | x |")}, "README-005", 21, 'did you mean "values.replicas"'),
    ({"readme": added("| values.image.tags.x | x | no | `1` | x |")}, "README-005", 21, "neither a value"),
    ({"readme": added("| Number of servers | x | no | `1` | x |")}, "README-005", 21, "Number of servers"),
    ({"readme": README.replace("`values.replicas`", "`values.labels.b`")}, "README-006", 12, "values.replicas"),
    ({"readme": README.replace("`1`; type", "`2`; type").replace("`3`", "`4`")}, "README-007", 14, "The default of values.replicas is 1"),
    ({"readme": README.replace("7.0.15", "7.0.14")}, "README-007", 15, '"7.0.15", the table says "7.0.14"'),
    ({"readme": README.replace("`false`", "`true`")}, "README-007", 16, "false"),
    ({"readme": README.replace("empty: the cluster's", "`standard`")}, "README-007", 17, "values.class"),
    ({"readme": added("| values.mode | x | no | slow | x |")}, "README-007", 21, '"fast"'),
    ({"readme": README.replace("| Servers | no |", "| Servers | perhaps |")}, "README-008", 14, "perhaps"),
    ({"readme": README.replace("| `values.host` | Address | yes |", "| `values.host` | Address | no |")}, "README-010", 18, "values.host"),
    ({"values": VALUES + "more: 1\n"}, "README-009", 12, "1 of 7 values are not in the parameter table, such as values.more"),
    ({"readme": README.partition("| Name | Description |\n")[0] + "None.\n"}, "README-011", 22, "no component"),
    ({"readme": added("| replicas | x | no | `1` | x |")}, "README-012", 21, "line 14"),
])
def test_faults(changes, rule, line, words):
    where = f"README.md:{line}" if isinstance(line, int) else line
    told = [message for number, place, message in found(**changes) if (number, place) == (rule, where)]
    assert told and any(words in message for message in told), found(**changes)


@pytest.mark.parametrize("cells", [
    "| `values.hidden.flag` | x | no | `1` | only a template names it |", "| values.extra | x | no | on | only one type sets it |",
    "| values.tolerations[0].key | x | no | | x |", "| values.labels.any.thing | x | no | - | x |", "| releaseName | x | no | the instance's name | x |",
    "| spec.values.mode | x | no | fast | in full |", "| global.registry | x | no | x | of every chart |",
    "| values.redis.port | x | no | 1 | of a subchart |", "| values.mode | x | 否 | `fast` | x |", "| values.mode | x | ✗ | the fastest there is | x |",
    "| values.mode | x | Yes | `slow`, then `fast` | x |",
])
def test_rows_that_are_sound(cells):
    changes = {"values": VALUES + "tolerations: []\n", "raw/cache/charts/redis/Chart.yaml": "name: redis\nversion: 1.0.0\n"}
    assert [item for item in found(readme=added(cells), **changes) if item[0] != "README-009"] == []


def test_a_default_that_may_be_secret_is_not_shown():
    (told,) = found(readme=added("| values.password | x | no | `a` | x |"), values=VALUES + "password: hunter2\n")
    assert told[0] == "README-007" and "hunter2" not in told[2]


def test_a_field_is_named_by_its_label_too():
    assert [item for item in found(readme=README.replace("`values.replicas`", "Servers")) if item[0] != "README-009"] == []


def test_hidden_fields_need_no_row():
    hidden = CSV + "    - {path: values.b, displayName: b, description: b, x-descriptors: ['urn:alm:descriptor:com.tectonic.ui:hidden']}\n"
    assert found(csv=hidden) == []


CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: db.example.com
  names: {kind: Etcd, plural: etcds}
  versions:
    - name: v1
      schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer, default: 3}}}}}}
"""


@pytest.mark.parametrize(("cells", "rules"), [
    ("| size | x | no | `3` | x |", []), ("| spec.size | x | no | `3` | x |", []), ("| spec.sizes | x | no | `3` | x |", ["README-005"]),
    ("| size | x | no | `5` | x |", ["README-007"]),
])
def test_operators(cells, rules):
    page = README.partition("| `values.rep")[0] + cells + "\n" + README.partition("| maps |\n")[2]
    changes = {
        "application.yaml": API + "kind: Application\nspec: {type: operator, templateType: kubernetes, manifests: {}}\n", "manifests/crd.yaml": CRD,
        "csv": API + "kind: ClusterServiceVersion\nspec: {installModes: [], owned: [{name: etcds.db.example.com, kind: Etcd, version: v1, description: x}]}\n",
        "manifests/default-cr.yaml": "apiVersion: db.example.com/v1\nkind: Etcd\nspec: {}\n",
    }
    assert [item[0] for item in found(readme=page, **changes)] == rules


@pytest.mark.parametrize(("cell", "value", "agree"), [
    ("`1`", 1, True), ("1", 1, True), ("`1.0`", 1, True), ("'1'", 1, True), ("`2`", 1, False), ("a word or two", 1, True), ("", 1, False),
    ("yes", True, True), ("是", True, True), ("`false`", True, False), ("`a`", "a", True), ("`A`", "a", False), ('"a"', "a", True),
    ("empty", "", True), ("`\"\"`", "", True), ("空", None, True), ("not set", None, True), ("`{}`", {}, True), ("`a`", {}, False), ("`a`", {"a": 1}, True),
    ("—", [], True), ("none", "", True), ("nonesuch", "", False), ("`1Gi`", "1Gi", True), ("`0x10`", 16, True), ("`.inf`", 1, False),
])
def test_what_a_cell_says(cell, value, agree):
    assert _parameters.says(cell, value) is agree


@pytest.mark.parametrize("folder", ["examples/packages/redis", "examples/packages/postgresql", "tests/packages/tiny"])
def test_our_own_packages(folder):
    assert [item for item in linter.lint(archive.read_folder(str(ROOT / folder))).findings if item.rule[5:] in OWN_RULES] == []


@pytest.mark.skipif(not (REAL / "charts").is_dir(), reason="the real packages are not here")
def test_the_tables_of_published_charts():
    chart = REAL / "charts" / "mysql"
    files = {f"raw/mysql/{path.relative_to(chart)}": path.read_bytes() for path in chart.rglob("*") if path.is_file()}
    page = files["raw/mysql/README.md"].replace(b"| Value ", b"| Default ")
    base = {path: data for path, data in tree(readme=None).items() if not path.startswith(("raw/", "manifests/"))}
    findings = linter.lint(FileTree({**base, **files, "README.md": page}, "mysql")).findings
    told = [item for item in findings if item.rule[5:] in OWN_RULES]
    assert [item for item in told if item.rule == "ACMP-README-005"] == []
    # What its authors replaced by a word of their own, and two texts that their table leaves out.
    assert {item.message.partition(" is ")[0].rpartition(".")[2] for item in told if item.rule == "ACMP-README-007"} == {
        "registry", "repository", "configuration"}
