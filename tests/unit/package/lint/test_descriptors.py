# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _descriptors, linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model
from ansible_collections.acmp.middleware.plugins.module_utils.package.model._report import Report

from ..texts import ETCD_CSV
from .placing import SOUND_CHART, found, tree
from .test_examples import CRD as SMALL_CRD
from .test_examples import ETCD

CSV_FILE = "manifests/csv.yaml"
HEAD = ETCD_CSV.replace("etcds.db.example.com", "NAME").replace("Etcd", "KIND").replace("version: v1\n", "version: VERSION\n")
UI = "urn:alm:descriptor:com.tectonic.ui:"
SCHEMA = """\
                size: {type: integer, minimum: 1}
                mode: {type: string, enum: [single, cluster]}
                policy: {type: string}
                on: {type: boolean}
                port: {x-kubernetes-int-or-string: true}
                resources: {type: object, properties: {limits: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
                labels: {type: object, additionalProperties: {type: string}}
                open: {type: object}
                free: {x-kubernetes-preserve-unknown-fields: true}
                hosts: {type: array, items: {type: object, properties: {name: {type: string}}}}
            status:
              type: object
              properties:
                phase: {type: string}
                nodes: {type: array, items: {type: object, properties: {ip: {type: string}}}}
"""
CRD = SMALL_CRD.partition("              required: [size]\n")[0] + "              properties:\n" + SCHEMA
VALUES = """\
replicas: 1
name: redis
persistence: {enabled: true, size: 1Gi, storageClass: ""}
resources: {}
hosts: [{name: a}]
config: {mode: single, sync: "no"}
"""
VALUES_SCHEMA = {"properties": {"replicas": {"type": "integer"}, "config": {"type": "object", "additionalProperties": False, "properties": {
    "mode": {"enum": ["single", "cluster"]}, "sync": {"type": "string"}}}}}


def csv(kind: str, spec: list, status: list) -> str:
    name, version = ("helmreleases.operators.apusic.com", "v1alpha1") if kind == "HelmRelease" else ("etcds.db.example.com", "v1")
    text = HEAD.replace("NAME", name).replace("KIND", kind).replace("VERSION", version)
    for key, items in (("specDescriptors", spec), ("statusDescriptors", status)):
        text += f"        {key}:\n" if items else ""
        for path, *widgets in items:
            text += f"          - path: {json.dumps(path)}\n            displayName: a\n            description: b\n"
            text += f"            x-descriptors: {json.dumps(widgets)}\n"
    return text


def said(kind: str, spec: list = (), status: list = (), files: dict | None = None) -> list[tuple[str, int]]:
    """(rule, line from 1 after the head of csv.yaml) without the hint about what no field covers."""
    base = {CSV_FILE: csv(kind, spec, status), "manifests/crd.yaml": CRD, "manifests/default-cr.yaml": ETCD, "raw/app/pod.yaml": "kind: Pod\n"}
    if kind == "HelmRelease":
        base = {CSV_FILE: base[CSV_FILE], "raw/app/values.yaml": VALUES, "raw/app/templates/a.yaml": "kind: Etcd\nx: {{ .Values.name }} {{ .Values.asked }}\n"}
    package = tree({**base, **(files or {})}, "helm" if kind == "HelmRelease" else "operator", "helm" if kind == "HelmRelease" else "kubernetes")
    return [(rule, number - 11) for rule, path, number in found(_descriptors, package) if path == CSV_FILE and rule != "CSV-038"]


@pytest.mark.parametrize(("path", "widgets", "rule"), [
    ("size", ["podCount"], None), ("size", ["number"], None), ("size", ["text"], None), ("size", [], None), ("hosts[0].name", ["text"], None),
    ("labels.any", ["text"], None), ("labels.a.b", [], "CSV-030"), ("open.any.thing", ["text"], None), ("free.any[0]", ["number"], None),
    ("resources.limits.cpu", ["text"], None), ("port", ["text"], None), ("port", ["number"], None), ("resources", ["resourceRequirements"], None),
    ("sice", ["number"], "CSV-030"), ("size.x", [], "CSV-030"), ("size[0]", [], "CSV-030"), ("hosts[0].nam", [], "CSV-030"), ("hosts.name", [], "CSV-031"),
    ("resources", ["text"], "CSV-032"), ("on", ["text"], "CSV-032"), ("policy", ["number"], "CSV-032"), ("policy", ["booleanSwitch"], "CSV-032"),
    ("hosts", ["text"], "CSV-032"), ("size", ["booleanSwitch"], "CSV-032"), ("resources", ["password"], "CSV-032"), ("on", ["booleanSwitch"], None),
    ("on", ["checkbox"], None), ("hosts", ["endpointList"], None), ("policy", ["imagePullPolicy"], None), ("size", ["resourceRequirements"], "CSV-032"),
    ("policy", ["txt"], "CSV-033"), ("policy", ["texts"], "CSV-033"), ("policy", ["label"], None), ("policy", ["hidden"], None), ("size", ["podcount"], None),
    ("policy", ["advanced", "fieldGroup:a", "text"], None), ("policy", ["somethingElse"], "CSV-033"), ("policy", ["select:"], "CSV-034"),
    ("mode", ["select:single", "select:cluster"], None), ("mode", ["select:single"], None), ("mode", ["select:single", "select:many"], "CSV-034"),
    ("mode", ["select"], None), ("policy", ["select"], "CSV-034"), ("policy", ["select:yes", "select:no"], None), ("on", ["select:true", "select:false"], None),
    ("free", ["select:yes", "select:no"], "CSV-035"), ("free", ["select:true", "select:false"], None), ("free", ["select:auto", "select:off"], "CSV-035"),
    ("policy", ["fieldDependency:on:true"], None), ("policy", ["fieldDependency:spec.on:true"], None), ("policy", ["fieldDependency:mode:cluster"], None),
    ("policy", ["fieldDependency:off:true"], "CSV-037"), ("policy", ["fieldDependency:on:yes"], "CSV-037"),
    ("policy", ["fieldDependency:mode:many"], "CSV-037"),
    ("policy", ["fieldDependency:a..b:x"], "CSV-037"), ("policy", ["fieldDependency:free.x:y"], None),
])
def test_form_fields_of_operators(path, widgets, rule):
    number = {"CSV-030": 2, "CSV-031": 2}.get(rule, 5)
    assert said("Etcd", [(path, *(UI + widget for widget in widgets))]) == ([(rule, number)] if rule else [])


@pytest.mark.parametrize(("path", "widgets", "rule"), [
    ("values.replicas", ["number"], None), ("values.name", ["text"], None), ("values.resources.limits.cpu", ["text"], None), ("values.hosts[0].name", [], None),
    ("values.asked", ["text"], None), ("values.asked.more", ["text"], None), ("releaseName", ["text"], None), ("interval", ["text"], None),
    ("values.persistence.storageClass", ["text"], None), ("values.persistence.storageClass", ["booleanSwitch"], None), ("values.config.sync", ["text"], None),
    ("values.document.only", [], None), ("values.nam", [], "CSV-030"), ("values.persistence.enable", [], "CSV-030"), ("values.config.other", [], "CSV-030"),
    ("values.hosts.name", [], "CSV-031"), ("values.persistence", ["text"], "CSV-032"), ("values.persistence.enabled", ["text"], "CSV-032"),
    ("values.name", ["resourceRequirements"], "CSV-032"), ("values.replicas", ["booleanSwitch"], "CSV-032"), ("values.config.mode", ["select:none"], "CSV-034"),
    ("values.asked", ["select:yes", "select:no"], "CSV-035"), ("values.config.sync", ["select:no", "select:always"], None),
    ("values.name", ["fieldDependency:values.persistence.enabled:true"], None), ("values.name", ["fieldDependency:persistence.enabled:true"], "CSV-037"),
    ("values.name", ["fieldDependency:values.persistence.enable:true"], "CSV-037"),
])
def test_form_fields_of_charts(path, widgets, rule):
    number = {"CSV-030": 2, "CSV-031": 2}.get(rule, 5)
    files = {
        "raw/app/values.schema.json": json.dumps(VALUES_SCHEMA),
        "manifests/default-cr.yaml": "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec: {values: {document: {only: 1}}}\n"}
    assert said("HelmRelease", [(path, *(UI + widget for widget in widgets))], files=files) == ([(rule, number)] if rule else [])


@pytest.mark.parametrize(("widget", "unknown"), [
    ("urn:alm:descriptor:io.kubernetes:Secret", False), ("urn:alm:descriptor:io.kubernetes:Secrets", True),
    ("urn:alm:descriptor:io.kubernetes:EtcdCluster", False),
    ("urn:alm:descriptor:io.kubernetes:core:v1:Secret", False), ("urn:alm:descriptor:text", False), ("urn:alm:descriptor:etcd:endpoint", False),
    ("binding:env:object:secret", False), ("urn:alm:descriptor:com.apusic.secret:generate:auth:password", False), ("something of another program", False),
    (UI + "selector:core:v1:Secret", False), (UI + "hwDnatElbAccess", False), (UI + "booleanSwich", True), ("urn:alm:descriptor:com.vendor:podCount", False),
])
def test_widgets(widget, unknown):
    assert [rule for rule, _line in said("Etcd", [("free", widget)])] == (["CSV-033"] if unknown else [])


@pytest.mark.parametrize(("kind", "path", "rule"), [
    ("HelmRelease", "services[0].spec.ports[0].port", None), ("HelmRelease", "ingress[0].spec.rules[0].host", None),
    ("HelmRelease", "statefulsets[0].status", None),
    ("HelmRelease", "service[0].metadata.name", None), ("HelmRelease", "etcds[0].status.phase", None), ("HelmRelease", "deployments", None),
    ("HelmRelease", "servises[0].metadata.name", "CSV-039"), ("HelmRelease", "status.phase", "CSV-039"), ("HelmRelease", "services.metadata.name", "CSV-031"),
    ("Etcd", "phase", None), ("Etcd", "status.phase", None), ("Etcd", "nodes[0].ip", None), ("Etcd", "phas", "CSV-039"), ("Etcd", "nodes.ip", "CSV-031"),
])
def test_status_lines(kind, path, rule):
    assert said(kind, (), [(path, "urn:alm:descriptor:text")]) == ([(rule, 2)] if rule else [])


def test_fields_twice():
    assert said("Etcd", [("size",), ("mode",), ("size",)]) == [("CSV-036", 10)]
    assert said("Etcd", [("hosts[0].name",), ("hosts[1].name",)], [("phase",)]) == []


def test_without_a_schema_nothing_is_judged():
    files = {"manifests/crd.yaml": None}
    assert said("Etcd", [("nowhere", UI + "number", UI + "fieldDependency:a:b")], [("nowhere",)], files) == []
    assert said("HelmRelease", [("values.nowhere",)], files={"raw/app/Chart.yaml": None, "raw/app/values.yaml": None}) == []


def test_messages_name_the_nearest_and_the_rest():
    package = tree({CSV_FILE: csv("HelmRelease", [("values.persistence.enable",), ("values.name",)], [("servises[0].x",)]), "raw/app/values.yaml": VALUES,
                    "raw/app/templates/a.yaml": "x: {{ .Values.name }}", "raw/app/Chart.yaml": SOUND_CHART}, template="helm")
    report = Report(package, linter.RULES)
    _descriptors.check(model.read(report), report, linter.Options())
    told = {finding.rule.removeprefix("ACMP-"): finding for finding in report.findings()}
    assert 'did you mean "enabled"?' in told["CSV-030"].message and 'did you mean "services"?' in told["CSV-039"].message
    assert told["CSV-038"].message == "8 of 9 values have no field in the form" and told["CSV-038"].line == 4
    package = tree({CSV_FILE: csv("Etcd", [("size",), ("resources.limits",)], []), "manifests/crd.yaml": CRD, "raw/app/pod.yaml": "kind: Pod\n"}, "operator")
    assert ("CSV-038", CSV_FILE, 4) in found(_descriptors, package)
    everything = [(name,) for name in ("size", "mode", "policy", "on", "port", "resources", "labels", "open", "free", "hosts")]
    package = tree({CSV_FILE: csv("Etcd", everything, []), "manifests/crd.yaml": CRD, "raw/app/pod.yaml": "kind: Pod\n"}, "operator")
    assert found(_descriptors, package) == []


def test_descriptors_right_in_spec():
    text = HEAD.replace("NAME", "helmreleases.operators.apusic.com").replace("KIND", "HelmRelease").replace("VERSION", "v1alpha1")
    text += "  specDescriptors:\n    - {path: values.name, displayName: a, description: b}\n    - {path: values.nam, displayName: a, description: b}\n"
    assert said("HelmRelease", files={CSV_FILE: text}) == [("CSV-030", 3)]
