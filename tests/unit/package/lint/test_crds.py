# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _crds

from ..texts import ETCD_CSV
from .placing import changed, found, line, tree

CRD_FILE, CSV_FILE = "manifests/crd.yaml", "manifests/csv.yaml"
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: etcds.db.example.com
spec:
  group: db.example.com
  scope: Namespaced
  names:
    kind: Etcd
    plural: etcds
    shortNames: [etcd]
  conversion: {strategy: None}
  versions:
    - name: v1
      served: true
      storage: true
      subresources:
        status: {}
        scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
      additionalPrinterColumns:
        - {name: Size, type: integer, jsonPath: .spec.size}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer, default: 3}
            status:
              type: object
              properties:
                phase: {type: string}
    - name: v1beta1
      served: false
      storage: false
      schema:
        openAPIV3Schema: {type: object}
"""
CSV = ETCD_CSV + """\
        statusDescriptors:
          - {path: phase, displayName: a, description: b}
"""
DEFAULT = "apiVersion: db.example.com/v1\nkind: Etcd\nspec: {size: 3}\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"


def said(files: dict[str, str | None], template: str = "kubernetes") -> list[tuple[str, str, int]]:
    base = {CRD_FILE: CRD, CSV_FILE: CSV, "manifests/default-cr.yaml": DEFAULT, "raw/app/pod.yaml": POD}
    return found(_crds, tree({**base, **files}, "operator", template))


def test_a_sound_one():
    assert said({}) == []


@pytest.mark.parametrize(("old", "new", "rule", "words"), [
    ("apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1", "CRD-001", "apiVersion"), ("apiextensions.k8s.io/v1", "5", "CRD-001", "apiVersion"),
    ("name: etcds.db", "name: etcd.db", "CRD-002", "name: etcd.db"), ("group: db.example.com", "group: example", "CRD-003", "group:"),
    ("group: db.example.com", "group: DB.example.com", "CRD-003", "group:"), ("  group: db.example.com\n", "", "CRD-003", "spec:"),
    ("kind: Etcd", "kind: Et_cd", "CRD-004", "kind: Et_"), ("plural: etcds", "plural: Etcds", "CRD-004", "plural:"),
    ("    plural: etcds\n", "", "CRD-004", "names:"),
    ("[etcd]", "[ETCD]", "CRD-004", "shortNames"), ("    plural", "    listKind: Etcd\n    plural", "CRD-004", "listKind"),
    ("    plural", "    singular: 5\n    plural", "CRD-004", "singular"), ("kind: Etcd\n", "kind: etcd\n", "CRD-017", "kind: etcd"),
    ("scope: Namespaced", "scope: namespaced", "CRD-005", "scope"), ("  scope: Namespaced\n", "", "CRD-005", "spec:"),
    ("name: v1beta1", "name: v1", "CRD-006", "    - name: v1\n      served: false"), ("name: v1beta1", "name: 1.0", "CRD-006", "name: 1.0"),
    ("storage: false", "storage: true", "CRD-007", "      storage: true\n      schema"), ("storage: true", "storage: false", "CRD-007", "storage: false"),
    ("served: true", "served: false", "CRD-008", "served: false"), ("served: false", "served: true\n      deprecated: true", None, ""),
    ("      schema:\n        openAPIV3Schema: {type: object}\n", "", "CRD-010", "- name: v1beta1"),
    ("{type: integer, default: 3}", "{default: 3}", "CRD-011", "size: {"), ("{type: integer, default: 3}", "{type: integer, default: x}", "CRD-011", "size: {"),
    ("  scope:", "  preserveUnknownFields: true\n  scope:", "CRD-011", "preserveUnknownFields"),
    ("{type: integer, default: 3}", "{type: integer, const: 3}", "CRD-012", "size: {"), ("{type: integer, default: 3}", "{type: integer, x-y: 3}", None, ""),
    ("{strategy: None}", "{strategy: Always}", "CRD-013", "conversion"), ("{strategy: None}", "{strategy: Webhook}", "CRD-013", "conversion"),
    ("{strategy: None}", "{strategy: None, webhook: {}}", "CRD-013", "conversion"),
    ("db.example.com\n  scope", "db.k8s.io\n  scope", "CRD-015", "group:"), ("jsonPath: .spec.size", "jsonPath: spec.size", "CRD-016", "- {name: Size"),
    ("type: integer, jsonPath", "type: int, jsonPath", "CRD-016", "- {name: Size"),
    ("specReplicasPath: .spec", "specReplicasPath: .status", "CRD-016", "scale:"),
])
def test_one_of_manifests(old, new, rule, words):
    crd = changed(CRD, old, new)
    findings = said({CRD_FILE: crd})
    assert ((rule, CRD_FILE, line(crd, words)) in findings) if rule else not findings, findings


def test_a_stored_version_that_is_not_served():
    crd = changed(changed(CRD, "storage: true", "storage: false"), "served: false\n      storage: false", "served: false\n      storage: true")
    assert ("CRD-009", CRD_FILE, line(crd, "served: false\n      storage: true")) in said({CRD_FILE: crd})


@pytest.mark.parametrize(("webhook", "rule", "words"), [
    ("{clientConfig: {service: {name: a, namespace: b}}, conversionReviewVersions: [v1]}", None, ""),
    ("{clientConfig: {url: 'https://a'}, conversionReviewVersions: [v1]}", None, ""),
    ("{clientConfig: {url: 'https://a', service: {name: a, namespace: b}}, conversionReviewVersions: [v1]}", "CRD-013", "webhook:"),
    ("{clientConfig: {service: {name: a}}, conversionReviewVersions: [v1]}", "CRD-013", "webhook:"),
    ("{clientConfig: {service: {name: a, namespace: b}}, conversionReviewVersions: [v9]}", "CRD-013", "webhook:"),
])
def test_conversion_webhooks(webhook, rule, words):
    crd = changed(CRD, "conversion: {strategy: None}", f"conversion:\n    strategy: Webhook\n    webhook: {webhook}")
    expected = [("CRD-014", CRD_FILE, line(crd, "conversion:"))]
    assert sorted(said({CRD_FILE: crd})) == sorted(expected + ([(rule, CRD_FILE, line(crd, words))] if rule else []))


def test_groups_of_kubernetes_may_be_approved():
    crd = CRD.replace("db.example.com", "db.x-k8s.io")
    assert said({CRD_FILE: crd, CSV_FILE: CSV.replace("db.example.com", "db.x-k8s.io")}) == []
    crd = CRD.replace("db.example.com", "db.kubernetes.io")
    csv = CSV.replace("db.example.com", "db.kubernetes.io")
    assert [rule for rule, _path, _line in said({CRD_FILE: crd, CSV_FILE: csv})] == ["CRD-015"]
    assert said({CRD_FILE: crd.replace("metadata:\n", "metadata:\n  annotations: {api-approved.kubernetes.io: 'https://a/1'}\n", 1), CSV_FILE: csv}) == []


def test_twice():
    assert said({CRD_FILE: f"{CRD}---\n{CRD}"}) == [("CRD-020", CRD_FILE, line(CRD, "name: etcds") + CRD.count("\n") + 1)]
    assert said({CRD_FILE: f"{CRD}---\n{CRD.replace('etcd', 'other').replace('Etcd', 'Other')}"}) == []
    assert ("CRD-020", "raw/app/z.yaml", 4) in said({CRD_FILE: None, "raw/app/a.yaml": CRD, "raw/app/z.yaml": CRD})


def test_raw_holds_another_one():
    same = CRD.replace("conversion: {strategy: None}", "conversion: {strategy: None} # OLM's").replace("{type: string}", "{type: string, description: x}")
    assert said({"raw/app/crd.yaml": same}) == []
    assert said({"raw/app/crd.yaml": CRD.replace("phase:", "stage:")}) == [("CRD-021", CRD_FILE, line(CRD, "spec:"))]
    # What is installed is judged too.
    bad = changed(CRD, "{type: string}", "{}")
    assert [(rule, path) for rule, path, _line in said({CRD_FILE: None, "raw/app/crd.yaml": bad})] == [("CRD-011", "raw/app/crd.yaml")]
    assert said({CRD_FILE: None, "raw/app/crd.yaml": f"{POD}---\n{bad}"})[0] == ("CRD-011", "raw/app/crd.yaml", line(bad, "phase:") + 4)


@pytest.mark.parametrize(("old", "new", "rule", "words"), [
    ("kind: Etcd", "kind: Etc", "CRD-022", "kind: Etc"), ("version: v1", "version: v2", "CRD-022", "version: v2"),
    ("version: v1", "version: v1beta1", "CRD-022", "version: v1beta1"), ("        version: v1\n", "", None, ""),
    ("name: etcds.db", "name: others.db", "CRD-023", "- name: others.db"),
])
def test_owned_kinds(old, new, rule, words):
    csv = changed(CSV, old, new)
    findings = said({CSV_FILE: csv})
    assert findings == ([(rule, CSV_FILE, line(csv, words))] if rule else []), findings


def test_a_template_may_make_it():
    chart = {"raw/app/pod.yaml": None, CRD_FILE: None, "raw/app/Chart.yaml": "apiVersion: v2\nname: app\nversion: 1.0.0\n", "raw/app/values.yaml": "a: 1\n"}
    assert [rule for rule, _path, _line in said(chart, "helm")] == ["CRD-023"]
    template = "{{- if .Values.crds }}\n" + CRD + "{{- end }}\n"
    assert said({**chart, "raw/app/templates/crd.yaml": template}, "helm") == [("CRD-026", "raw/app/templates/crd.yaml", 3)]
    assert said({**chart, "raw/app/crds/crd.yaml": CRD}, "helm") == []
    assert said({**chart, "raw/app/charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n", "raw/app/charts/sub/crds/crd.yaml": CRD}, "helm") == []
    assert ("CRD-011", "raw/app/crds/crd.yaml", line(CRD, "phase:")) in said({**chart, "raw/app/crds/crd.yaml": changed(CRD, "{type: string}", "{}")}, "helm")


def test_status_pages():
    crd = changed(CRD, "        status: {}\n", "")
    assert said({CRD_FILE: crd}) == [("CRD-024", CRD_FILE, line(crd, "- name: v1"))]
    assert said({CRD_FILE: crd, CSV_FILE: CSV.partition("        statusD")[0]}) == []


def test_files_nobody_reads():
    assert said({"manifests/other.yaml": f"{POD}---\n{CRD}"}) == [("CRD-025", "manifests/other.yaml", 6)]
    assert said({"manifests/notes.yaml": "text: about a CustomResourceDefinition\n"}) == []


def test_too_large_for_the_store():
    crd = changed(CRD, "phase: {type: string}", f"phase: {{type: string, description: {'x' * 1_500_000}}}")
    assert said({CRD_FILE: crd}) == [("CRD-027", CRD_FILE, 1)]
    assert said({CRD_FILE: changed(CRD, "phase: {type: string}", f"phase: {{type: string, description: {'x' * 900_000}}}")}) == []


def test_olm_packages_are_read_by_their_channel():
    old = CRD.replace("phase: {type: string}", "phase: {}")
    csv = "apiVersion: operators.coreos.com/v1alpha1\nkind: ClusterServiceVersion\nmetadata:\n  name: etcd.v{}\nspec: {{}}\n"
    files = {
        "raw/app/pod.yaml": None, CRD_FILE: None, "raw/app/etcd.package.yaml": "packageName: etcd\nchannels: [{name: a, currentCSV: etcd.v2.0.0}]\n",
        "raw/app/1.0.0/crd.yaml": old, "raw/app/1.0.0/csv.yaml": csv.format("1.0.0"),
        "raw/app/2.0.0/crd.yaml": CRD, "raw/app/2.0.0/csv.yaml": csv.format("2.0.0"),
    }
    assert said(files) == []
    assert [(rule, path) for rule, path, _line in said({**files, "raw/app/2.0.0/crd.yaml": old})] == [("CRD-011", "raw/app/2.0.0/crd.yaml")]
