# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _exposure, _values
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Placed
from ansible_collections.acmp.middleware.plugins.module_utils.package.model import model

from .placing import METADATA, changed, found, in_manifest, tree

DECLARED = METADATA + "security:\n  anonymousAccess: true\n  risk: Whoever reaches port 6379 reads and writes everything.\n"
OUTSIDE = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: app}
spec:
  tls: [{hosts: [a.example.com], secretName: x}]
---
apiVersion: v1
kind: Service
metadata: {name: app}
spec:
  type: ClusterIP
  ports:
    - {name: redis, port: 6379}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  ports:
    - {name: https-web, port: 9000}
    - {port: 443}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: app}
spec:
  listeners:
    - {name: redirect, protocol: HTTP}
    - {name: web, protocol: HTTPS, tls: {}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: app}
spec:
  tls: {termination: edge}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: app}
spec:
  servers:
    - port: {name: web, protocol: TLS}
"""


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("EXP-001", "  tls: [{hosts: [a.example.com], secretName: x}]", "  rules: []", 4),
    ("EXP-001", "  tls: {termination: edge}", "  path: /", 35),
    ("EXP-002", "  type: ClusterIP", "  type: NodePort", 11),
    ("EXP-002", "  type: ClusterIP", "  externalIPs: [192.0.2.1]", 11),
    ("EXP-002", "{port: 443}", "{port: 80}", 19),
    ("EXP-005", "{name: web, protocol: HTTPS, tls: {}}", "{name: web, protocol: TCP}", 29),
    ("EXP-005", "    - port: {name: web, protocol: TLS}", "    - port: {name: web, protocol: HTTP}", 43),
])
def test_outside(rule, old, new, where):
    assert in_manifest(_exposure, OUTSIDE) == []
    text = changed(OUTSIDE, old, new)
    assert (rule, where) in in_manifest(_exposure, text)
    assert {found_rule for found_rule, _line in in_manifest(_exposure, text)} == {rule}
    assert {found_rule for found_rule, _line in in_manifest(_exposure, text.replace(
        "metadata: {name: ", "metadata: {annotations: {operators.apusic.com/reason: the network is closed}, name: "))} == {"EXP-009"}


def test_tls_that_is_passed_through():
    text = changed(OUTSIDE, "  tls: [{hosts: [a.example.com], secretName: x}]", "  rules: []")
    assert in_manifest(_exposure, changed(text, "{name: app}", '{name: app, annotations: {nginx.ingress.kubernetes.io/ssl-passthrough: "true"}}')) == []


POD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  template:
    spec:
      hostNetwork: false
      containers:
        - name: app
          command: [redis-server]
          args:
            - --port
            - "6379"
          ports:
            - name: redis
              containerPort: 6379
          env:
            - name: MODE
              value: "no"
            - name: ALLOW_EMPTY_PASSWORD
              value: "no"
"""


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("EXP-003", "              containerPort: 6379", "              hostPort: 6379", 17),
    ("EXP-004", "hostNetwork: false", "hostNetwork: true", 8),
    ("EXP-006", 'ALLOW_EMPTY_PASSWORD\n              value: "no"', "ALLOW_EMPTY_PASSWORD\n              value: 'Yes'", 22),
    ("EXP-006", 'MODE\n              value: "no"', "ALLOW_ANONYMOUS_LOGIN\n              value: 'true'", 20),
    ("EXP-006", 'MODE\n              value: "no"', "ALLOW_PLAINTEXT_LISTENER\n              value: 'yes'", 20),
    ("EXP-006", 'MODE\n              value: "no"', "POSTGRES_HOST_AUTH_METHOD\n              value: trust", 20),
    ("EXP-006", 'MODE\n              value: "no"', "xpack.security.enabled\n              value: false", 20),
    ("EXP-006", '            - --port\n            - "6379"', '            - --protected-mode\n            - "no"', 12),
    ("EXP-006", "command: [redis-server]", 'command: [sh, -c, "exec redis-server --protected-mode no"]', 11),
    ("EXP-006", "command: [redis-server]", "command: [mysqld, --skip-grant-tables]", 11),
])
def test_pods(rule, old, new, where):
    assert in_manifest(_exposure, POD) == []
    text = changed(POD, old, new)
    assert in_manifest(_exposure, text) == [(rule, where)]
    assert in_manifest(_exposure, text, metadata=DECLARED) == ([] if rule == "EXP-006" else [(rule, where)])
    reasoned = changed(text, "  name: app\n", "  name: app\n  annotations: {operators.apusic.com/reason: it watches the node}\n")
    assert in_manifest(_exposure, reasoned) == [(rule, where + 1) if rule == "EXP-006" else ("EXP-009", 5)]


def test_a_password_beside_the_switch():
    arguments = '            - --protected-mode\n            - "no"\n            - --requirepass\n            - $(X)'
    text = changed(POD, '            - --port\n            - "6379"', arguments)
    assert in_manifest(_exposure, text) == []


def test_a_host_port_says_no_more_than_the_host_network():
    text = changed(changed(POD, "hostNetwork: false", "hostNetwork: true"), "containerPort: 6379", "hostPort: 6379")
    assert in_manifest(_exposure, text) == [("EXP-004", 8)]


def test_line_of_a_variable_in_a_template():
    path = "raw/app/templates/a.yaml"
    template = "kind: Pod\nspec:\n  containers:\n  - env:\n    - name: A\n      value: x\n    - name: ALLOW_EMPTY_PASSWORD\n      value: {{ .x }}\n"
    spec = {"containers": [{"name": "x", "env": [{"name": "A", "value": "x"}, {"name": "ALLOW_EMPTY_PASSWORD", "value": "yes"}]}]}
    item = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": spec}
    assert found(_exposure, tree({path: template}, template="helm"), (Placed(item, path),)) == [("EXP-006", path, 8)]


VALUES = "auth:\n  enabled: true\n  allowEmptyPassword: false\nusePassword: true\nmetrics:\n  auth:\n    enabled: false\nservice: {enabled: false}\n"
PATH = "raw/app/values.yaml"


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("EXP-012", "  enabled: true", "  enabled: false", 2),
    ("EXP-012", "  enabled: true", "  client: {enabled: false}", 2),
    ("EXP-012", "usePassword: true", "usePassword: false", 4),
    ("EXP-010", "allowEmptyPassword: false", "allowEmptyPassword: true", 3),
    ("EXP-010", "allowEmptyPassword: false", 'allowAnonymousLogin: "yes"', 3),
])
def test_values(rule, old, new, where):
    assert found(_values, tree({PATH: VALUES}, template="helm")) == []
    files = {PATH: changed(VALUES, old, new)}
    assert found(_values, tree(files, template="helm")) == [(rule, PATH, where)]
    assert found(_values, tree({**files, "metadata.yaml": DECLARED}, template="helm")) == []


def test_a_default_document_may_set_it_right_or_wrong():
    document = "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec:\n  values:\n    usePassword: {}\n"
    files = {PATH: changed(VALUES, "usePassword: true", "usePassword: false")}
    assert found(_values, tree({**files, "manifests/default-cr.yaml": document.format("true")}, template="helm")) == []
    assert found(_values, tree({"manifests/default-cr.yaml": document.format("false")}, template="helm")) == [("EXP-012", "manifests/default-cr.yaml", 5)]


@pytest.mark.parametrize(("security", "rule", "where"), [
    ("security: {anonymousAccess: true, risk: Anybody reads it.}\n", None, 0),
    ("security: {anonymousAccess: false}\n", None, 0),
    ("security:\n  anonymousAccess: true\n", "EXP-011", 4),
])
def test_a_risk_is_named(security, rule, where):
    assert found(_values, tree({"metadata.yaml": METADATA + security})) == ([(rule, "metadata.yaml", where)] if rule else [])


@pytest.mark.parametrize(("security", "rule", "where"), [
    ("security: {anonymousAccess: true, risk: x}\n", None, 0),
    ("security:\n  anonymousAccess: maybe\n", "ACMP-META-004", 5),
    ("security: true\n", "ACMP-META-004", 4),
    ("security:\n  risk: [x]\n", "ACMP-META-004", 5),
    ("security:\n  anonymous: true\n", "ACMP-META-008", 5),
])
def test_the_field_itself(security, rule, where):
    findings = [(finding.rule, finding.line) for finding in model.check(tree({"metadata.yaml": METADATA + security, "raw/app/a.yaml": "x: 1\n"}))[1]]
    assert findings == ([(rule, where)] if rule else [])
