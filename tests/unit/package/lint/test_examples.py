# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import pathlib

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package import yaml_reader
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _examples, linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._known_values import KnownValues
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._report import Report
from ansible_collections.acmp.middleware.plugins.module_utils.package.tree import FileTree

from ..texts import ETCD_CSV
from .placing import CSV, SOUND_CHART, changed, found, line, tree

DEFAULT_FILE, CSV_FILE, CRD_FILE = "manifests/default-cr.yaml", "manifests/csv.yaml", "manifests/crd.yaml"
REAL = pathlib.Path(os.environ.get("ACMP_REAL_PACKAGES") or pathlib.Path(__file__).resolve().parents[5] / "shared" / "real-packages")
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: etcds.db.example.com}
spec:
  group: db.example.com
  scope: Namespaced
  names: {kind: Etcd, plural: etcds}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: {type: integer, minimum: 1}
                storageClass: {type: string}
                password: {type: string, minLength: 8}
                hosts: {type: array, items: {type: object, properties: {name: {type: string}}}}
"""
OPERATOR_CSV = ETCD_CSV + """\
        specDescriptors:
          - {path: password, displayName: a, description: b, x-descriptors: ['urn:alm:descriptor:com.tectonic.ui:password']}
"""
ETCD = """\
apiVersion: db.example.com/v1
kind: Etcd
metadata: {name: a}
spec:
  size: 3
  storageClass: fast
  hosts:
    - name: a
"""
SCHEMA = {"type": "object", "required": ["replicas"], "additionalProperties": False, "properties": {
    "replicas": {"type": "integer", "minimum": 1}, "extra": {"type": "object"}}}
RELEASE = "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec:\n  values:\n    replicas: 2\n"
VALUES = """\
replicas: 1
image: {repository: redis, tag: "7"}
resources: {requests: {cpu: 1}}
extra: {}
sub: {port: 1}
"""
TEMPLATE = """\
replicas: {{ .Values.replicas }}
image: {{ .Values.image.repository }}
resources: {{ toYaml .Values.resources }}
class: {{ .Values.storage.className }}
"""


def operator(files: dict[str, str | None]) -> list[tuple[str, str, int]]:
    base = {CRD_FILE: CRD, CSV_FILE: OPERATOR_CSV, DEFAULT_FILE: ETCD, "raw/app/pod.yaml": "apiVersion: v1\nkind: Pod\n"}
    return found(_examples, tree({**base, **files}, "operator"))


def chart(files: dict[str, str | None], schema: object = None) -> list[tuple[str, str, int]]:
    base = {
        DEFAULT_FILE: RELEASE, "raw/app/values.yaml": VALUES, "raw/app/templates/a.yaml": TEMPLATE,
        "raw/app/values.schema.json": None if schema is None else json.dumps(schema),
        "raw/app/Chart.yaml": SOUND_CHART + "dependencies: [{name: other, alias: sub, version: 1.x.x}]\n"}
    return found(_examples, tree({**base, **files}, template="helm"))


@pytest.mark.parametrize(("old", "new", "rule", "words"), [
    ("size: 3", "size: 3", None, ""), ("size: 3", "size: 0", "CR-030", "size:"), ("size: 3", "size: '3'", "CR-030", "size:"),
    ("  size: 3\n", "", "CR-030", "spec:"),
    ("name: a}", "name: a, labels: {a: 1}}", "CR-030", "metadata:"), ("    - name: a\n", "    - name: 5\n", "CR-030", "- name: 5"),
    ("storageClass", "storageclass", "CR-031", "storageclass"), ("    - name: a\n", "    - name: a\n      nam: b\n", "CR-031", "nam: b"),
    ("db.example.com/v1", "db.example.com/v2", "CR-037", "apiVersion"), ("size: 3", "size: 3\n  password: ''", None, ""),
    ("size: 3", "size: 3\n  password: short", "CR-030", "password"), ("kind: Etcd", "kind: Other", None, ""),
])
def test_default_documents_of_operators(old, new, rule, words):
    text = changed(ETCD, old, new)
    assert operator({DEFAULT_FILE: text}) == ([(rule, DEFAULT_FILE, line(text, words))] if rule else [])


def test_each_document_is_judged_by_its_own_lines():
    text = f"{ETCD}---\n{ETCD.replace('size: 3', 'size: 0')}"
    assert operator({DEFAULT_FILE: text}) == [("CR-030", DEFAULT_FILE, 9 + 5)]
    assert operator({CRD_FILE: None, DEFAULT_FILE: text}) == []
    assert operator({CRD_FILE: None, "raw/app/crd.yaml": CRD, DEFAULT_FILE: text}) == [("CR-030", DEFAULT_FILE, 9 + 5)]
    schemaless = CRD.partition("      schema:")[0]
    assert operator({CRD_FILE: schemaless, DEFAULT_FILE: text}) == []


def test_the_nearest_name_is_told():
    report = Report(tree({CRD_FILE: CRD, CSV_FILE: OPERATOR_CSV, DEFAULT_FILE: ETCD.replace("storageClass", "storageclass"), "raw/app/a.yaml": "kind: Pod\n"},
                         "operator"), linter.RULES)
    _examples.check(model.read(report), report, linter.Options())
    assert 'did you mean "storageClass"?' in [finding.message for finding in report.findings() if finding.rule == "ACMP-CR-031"][0]


@pytest.mark.parametrize(("example", "rules"), [
    ({"size": 3}, []), ({"size": 0}, ["CR-032"]), ({"size": 3, "x": 1}, ["CR-033"]), ({}, ["CR-032"]), ("x", ["CR-032"]),
])
def test_alm_examples(example, rules):
    examples = json.dumps([{"apiVersion": "db.example.com/v1", "kind": "Etcd", "metadata": {"name": "a"}, "spec": example}, {"kind": "Other"}])
    csv = changed(OPERATOR_CSV, "{name: etcd}", f"\n  name: etcd\n  annotations:\n    alm-examples: '{examples}'")
    assert operator({CSV_FILE: csv}) == [(rule, CSV_FILE, 6) for rule in rules]
    assert operator({CSV_FILE: csv.replace("[{", "{[")}) == []


def test_a_default_configuration_in_application_yaml():
    application = ("apiVersion: operators.apusic.com/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  type: operator\n  templateType: kubernetes\n"
                   "  manifests: {}\n  defaultConfiguration: |\n    apiVersion: db.example.com/v1\n    kind: Etcd\n    spec: {size: %s}\n")
    assert operator({DEFAULT_FILE: None, "application.yaml": application % 0}) == [("CR-030", "application.yaml", 8)]
    assert operator({DEFAULT_FILE: None, "application.yaml": application % 3}) == []


@pytest.mark.parametrize(("new", "schema", "rule", "words"), [
    ("replicas: 2", SCHEMA, "CR-034", "values:"), ("replicas: 2", {**SCHEMA, "additionalProperties": True}, None, ""),
    ("replicas: 0", {**SCHEMA, "additionalProperties": True}, "CR-034", "replicas:"),
    ("replicas: 'x'", {"properties": SCHEMA["properties"]}, "CR-034", "replicas:"),
    ("replicas: 'x'", None, None, ""), ("replicas: 'x'", {"type": 5}, None, ""), ("replicas: 'x'", {"$ref": "https://a/b"}, None, ""),
    ("extra: {a: 1}", {"required": ["replicas"]}, None, ""),
    ("replica: 2", None, "CR-035", "replica:"), ("image: {tag: a}", None, None, ""), ("image: {tags: a}", None, "CR-035", "image:"),
    ("image: {tags: a}", {"properties": {"image": {"properties": {"tags": {}}}}}, None, ""), ("resources: {limits: {cpu: 1}}", None, None, ""),
    ("extra: {a: {b: 1}}", None, None, ""), ("sub: {anything: 1}", None, None, ""), ("other: {anything: 1}", None, None, ""),
    ("global: {x: 1}", None, None, ""),
    ("storage: {className: a}", None, None, ""), ("storage: {class: a}", None, None, ""), ("storages: 1", None, "CR-035", "storages:"),
])
def test_values_of_charts(new, schema, rule, words):
    text = changed(RELEASE, "replicas: 2", new)
    findings = chart({DEFAULT_FILE: text}, schema)
    assert ((rule, DEFAULT_FILE, line(text, words)) in findings) if rule else not findings, findings


def test_a_template_that_takes_all_values():
    text = changed(RELEASE, "replicas: 2", "whatever: 2")
    assert chart({DEFAULT_FILE: text, "raw/app/templates/a.yaml": "{{ toYaml .Values }}"}) == []
    assert chart({DEFAULT_FILE: text, "raw/app/templates/a.yaml": "{{ .Values.a }}"}) == [("CR-035", DEFAULT_FILE, 5)]


def test_sizes():
    long = "    a: " + "x" * 300_000 + "\n"
    assert chart({DEFAULT_FILE: RELEASE + long}, {"type": "object"}) == [("CR-038", DEFAULT_FILE, 1), ("CR-035", DEFAULT_FILE, 6)]
    assert chart({DEFAULT_FILE: RELEASE.replace("replicas", "extra:\n      a") + "      b: " + "x" * 530_000 + "\n"}) == [
        ("CR-036", DEFAULT_FILE, 1), ("CR-038", DEFAULT_FILE, 1)]
    assert chart({DEFAULT_FILE: RELEASE.replace("replicas", "extra:\n      a") + "      b: " + "x" * 200_000 + "\n"}) == []


@pytest.mark.skipif(not REAL.is_dir(), reason="real packages are not here")
@pytest.mark.parametrize("name", ["gh2k-redis", "gh2k-postgres", "mysql", "zookeeper", "nack", "prometheus-redis-exporter", "kubeblocks-redis-cluster"])
def test_real_charts_know_their_own_values(name):
    folder = REAL / "charts" / name
    files = {f"raw/app/{path.relative_to(folder)}": path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    values = yaml_reader.load(files["raw/app/values.yaml"], "values.yaml")
    base = tree({CSV_FILE: CSV, DEFAULT_FILE: yaml_reader.dump({**yaml_reader.load(RELEASE, "x"), "spec": {"values": values}})})
    package = FileTree({**base, **files})
    assert found(_examples, package) == []
    report = Report(package, linter.RULES)
    known = KnownValues(model.read(report), report)
    assert known.knows(("noSuchValue",)) is False or () in known._asked
