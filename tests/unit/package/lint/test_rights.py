# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _rights, linter, sources
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Placed

from .placing import MANIFEST, changed, found, in_manifest, line, tree

ROLES = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: app
rules:
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [get, create]
  - apiGroups: [db.example.com]
    resources: [caches]
    verbs: [update]
  - apiGroups: [""]
    resources: [secrets]
    resourceNames: [app]
    verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: app
roleRef:
  kind: ClusterRole
  name: app
subjects:
  - kind: ServiceAccount
    name: app
  - {kind: Group, name: "system:serviceaccounts:acmp"}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: caches.db.example.com}
spec:
  group: db.example.com
  scope: Cluster
  names: {kind: Cache}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: app
webhooks:
  - name: app
    rules:
      - apiGroups: [db.example.com]
  - name: labelled
    namespaceSelector:
      matchLabels: {x: "yes"}
    rules:
      - apiGroups: ["*"]
"""
FIRST = '  - apiGroups: [""]\n    resources: [configmaps]\n    verbs: [get, create]\n'
REASONED = "  annotations: {operators.apusic.com/reason: it looks after whole clusters}\n"


def rule(groups: str, resources: str, verbs: str, more: str = "") -> str:
    return f"  - apiGroups: [{groups}]\n    resources: [{resources}]\n    verbs: [{verbs}]\n{more}"


RBAC = "rbac.authorization.k8s.io"
CASES = [
    ("RBAC-001", FIRST, rule('"*"', '"*"', '"*"'), 6),
    ("RBAC-002", FIRST, rule('""', "configmaps", '"*"'), 8),
    ("RBAC-002", FIRST, rule("apps", '"*"', "get"), 7),
    ("RBAC-002", FIRST, rule('"*"', "caches", "get"), 6),
    ("RBAC-002", FIRST, '  - nonResourceURLs: ["*"]\n    verbs: [get]\n', 6),
    ("RBAC-003", FIRST, rule("db.example.com", '"*"', '"*"'), 8),
    ("RBAC-004", FIRST, rule(RBAC, "clusterroles", "escalate"), 7),
    ("RBAC-004", FIRST, rule(RBAC, "roles, clusterroles", "bind", "    resourceNames: [x]\n"), 7),
    ("RBAC-004", FIRST, rule('""', "users", "impersonate"), 7),
    ("RBAC-005", FIRST, rule('""', "secrets", "list"), 7),
    ("RBAC-006", FIRST, rule('""', "pods/exec", "create"), 7),
    ("RBAC-006", FIRST, rule('""', "pods, pods/portforward", "create"), 7),
    ("RBAC-007", FIRST, rule('""', "nodes/proxy", "get"), 7),
    ("RBAC-007", FIRST, rule('""', "serviceaccounts/token", "create"), 7),
    ("RBAC-007", FIRST, rule("certificates.k8s.io", "signers", "approve"), 7),
    ("RBAC-008", "  name: app\nsubjects", "  name: cluster-admin\nsubjects", 23),
    ("RBAC-009", "    name: app\n  - {", "    name: app\n  - {kind: Group, name: system:authenticated}\n  - {", 27),
    ("RBAC-009", "  - {kind: Group, name: \"system:serviceaccounts:acmp\"}", '  - {kind: Group, name: "system:serviceaccounts"}', 27),
    ("RBAC-009", "  - kind: ServiceAccount\n    name: app", "  - kind: User\n    name: system:anonymous", 26),
    ("RBAC-010", "[db.example.com]\n  - name", "[db.example.com, apps]\n  - name", 43),
    ("RBAC-010", '      matchLabels: {x: "yes"}', "      matchLabels: {}", 48),
]


@pytest.mark.parametrize(("number", "old", "new", "where"), CASES)
def test_right(number, old, new, where):
    assert in_manifest(_rights, ROLES, "operator") == []
    text = changed(ROLES, old, new)
    assert in_manifest(_rights, text, "operator") == [(number, where)]


@pytest.mark.parametrize(("number", "old", "new", "where"), CASES)
def test_a_written_reason_makes_a_hint(number, old, new, where):
    text = changed(ROLES, old, new)
    parts = text.split("---\n")
    for index, part in enumerate(parts):
        parts[index] = part.replace("  name: app\n", "  name: app\n" + REASONED, 1) if part.startswith("apiVersion: rbac") or "Webhook" in part else part
    reasoned = "---\n".join(parts)
    rules = in_manifest(_rights, reasoned, "operator")
    assert [rule for rule, _line in rules] == ["RBAC-012"]
    assert reasoned.splitlines()[rules[0][1] - 1] == REASONED.rstrip("\n")


def test_a_blank_reason_is_none():
    text = changed(ROLES, FIRST, rule('"*"', '"*"', '"*"')).replace("  name: app\n", "  name: app\n  annotations: {operators.apusic.com/reason: ' '}\n", 1)
    assert in_manifest(_rights, text, "operator") == [("RBAC-001", 7)]


def test_the_reason_is_shown():
    package = tree({MANIFEST: changed(ROLES, FIRST, rule('""', "secrets", "get")).replace("  name: app\n", "  name: app\n" + REASONED, 1)}, "operator")
    result = linter.lint(package, renderings=[linter.Rendering("", sources.placed_manifests(package, "raw/app"))])
    hints = [finding.message for finding in result.findings if finding.rule == "ACMP-RBAC-012"]
    assert hints == ["ClusterRole app may read the Secrets of all namespaces. The reason given: it looks after whole clusters"]


@pytest.mark.parametrize(("old", "new"), [
    # Read in one namespace, or by nobody at all.
    ("kind: ClusterRoleBinding", "kind: RoleBinding"),
    ("kind: ClusterRole\n  name: app", "kind: ClusterRole\n  name: other"),
])
def test_secrets_of_one_namespace(old, new):
    text = changed(ROLES, FIRST, rule('""', "secrets", "get, list, watch"))
    assert in_manifest(_rights, changed(text, old, new), "operator") == []


@pytest.mark.parametrize(("kind", "verbs", "rules"), [
    ("ClusterRole", '"*"', ["RBAC-004", "RBAC-002"]), ("Role", '"*"', ["RBAC-002"]), ("Role", "bind", ["RBAC-004"]),
])
def test_a_wildcard_escalates_where_it_reaches_the_cluster(kind, verbs, rules):
    text = f"apiVersion: {RBAC}/v1\nkind: {kind}\nmetadata: {{name: x}}\nrules:\n" + rule(RBAC, "roles", verbs)
    assert [rule for rule, _line in in_manifest(_rights, text, "operator")] == rules


def test_kubernetes_own_groups_are_nobodys_own():
    text = ROLES.replace("group: db.example.com", f"group: {RBAC}").replace("[db.example.com]", "[db2.example.com]")
    text = changed(text, FIRST, rule(RBAC, "roles", '"*"'))
    assert ("RBAC-002", 8) in in_manifest(_rights, text, "operator")


@pytest.mark.parametrize(("text", "rules"), [
    ("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n", [("RBAC-011", 2)]),
    ("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", [("RBAC-011", 2)]),
    ("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n", [("RBAC-011", 2)]),
    ("apiVersion: longhorn.io/v1\nkind: Node\nmetadata: {name: x}\n", []),
    ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n", []),
    ("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: x}\n", []),
])
def test_consumers_stay_in_their_namespace(text, rules):
    assert in_manifest(_rights, text) == rules
    assert in_manifest(_rights, text, "operator") == []


def test_cluster_scoped_kinds_of_the_package():
    own = ROLES[ROLES.index("apiVersion: apiext"):ROLES.index("---\napiVersion: admission")]
    text = own + "---\napiVersion: db.example.com/v1\nkind: Cache\nmetadata: {name: x}\n"
    assert in_manifest(_rights, text) == [("RBAC-011", 2), ("RBAC-011", line(text, "kind: Cache\nmetadata"))]


BUNDLE = """\
apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata:
  name: app.v1.0.0
spec:
  webhookdefinitions:
    - type: ValidatingAdmissionWebhook
      generateName: vapp.example.com
      rules:
        - apiGroups: [apps]
    - type: ConversionWebhook
      generateName: capp.example.com
  install:
    spec:
      permissions:
        - serviceAccountName: app
          rules:
            - apiGroups: [""]
              resources: [secrets]
              verbs: [get]
      clusterPermissions:
        - serviceAccountName: app
          rules:
            - apiGroups: [""]
              resources: [secrets]
              verbs: [get]
"""


def test_rights_of_a_bundle():
    path = "raw/app/manifests/app.yaml"
    files = {"raw/app/metadata/annotations.yaml": "annotations: {}\n", path: BUNDLE}
    assert found(_rights, tree(files, "operator"), ()) == [("RBAC-005", path, 25), ("RBAC-010", path, 7)]
    files[path] = BUNDLE.replace("  name: app.v1.0.0\n", "  name: app.v1.0.0\n" + REASONED)
    assert {rule for rule, _path, _line in found(_rights, tree(files, "operator"), ())} == {"RBAC-012"}


def test_line_in_a_template():
    template = "{{ x }}\napiVersion: v1\nkind: Role\nmetadata:\n  name: {{ y }}\nrules:\n- verbs: ['*']\n"
    path = "raw/app/templates/role.yaml"
    item = {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": {"name": "x"}, "rules": [{"verbs": ["*"], "resources": ["pods"], "apiGroups": [""]}]}
    assert found(_rights, tree({path: template}, template="helm"), (Placed(item, path),)) == [("RBAC-002", path, 7)]
