# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _credentials, _defaults, linter
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Placed

from .placing import CSV, MANIFEST, changed, found, in_manifest, line, tree

VALUES_PATH, DEFAULT_PATH = "raw/app/values.yaml", "manifests/default-cr.yaml"
# Put together here, so that no scanner takes this file for a leak.
BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" + "x" * 12
KEY = "-----BEGIN " + "RSA PRIVATE KEY-----"
FORMS = {
    "AWS": "AKIA" + "QWERTYUIOPASDFGH", "JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "GitHub": "ghp_" + "a1B2" * 9, "GitLab": "glpat-" + "a1B2" * 5, "Slack": "xoxb-" + "1234567890-abcdefghij", "Google": "AIza" + "a" * 35,
    "Stripe": "sk_live_" + "a1B2" * 6, "key": f"{KEY}\\n{BODY}",
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("path", ["README.md", "raw/app/files/x.conf", MANIFEST])
def test_secrets_by_their_form(name, path):
    text = f"# first\nsecond: '{FORMS[name]}'\n"
    package = tree({path: text})
    assert ("SEC-002", path, 2) in found(_defaults, package)
    messages = " ".join(finding.message for finding in linter.lint(package).findings)
    assert FORMS[name][-12:] not in messages
    assert found(_defaults, tree({path: text.replace(FORMS[name], FORMS[name][:9])})) == []


@pytest.mark.parametrize("text", [
    "AKIA" + "IOSFODNN7EXAMPLE", KEY, f"{KEY}\n...\n-----END RSA PRIVATE KEY-----", f"##     {KEY}\n##     ...\n", "-----BEGIN CERTIFICATE-----\n" + BODY,
    "x" + FORMS["AWS"], FORMS["Google"] + "b", "eyJhbGciOiJIUzI1NiJ9", "/" + FORMS["Google"],
])
def test_texts_that_only_look_like_it(text):
    assert found(_defaults, tree({"README.md": text})) == []


def test_a_key_over_several_lines():
    text = f"tls:\n  key: |\n    {KEY}\n    {BODY}\n"
    assert found(_defaults, tree({VALUES_PATH: text}, template="helm")) == [("SEC-002", VALUES_PATH, 3)]


GIVEN = [
    ("password", "redis123"), ("rootPassword", "changeme"), ("root_password", "x1"), ("ADMIN-PASSWD", "admin"), ("password", 123456), ("token", "abcdefgh1234"),
    ("apiKey", "1234"), ("api_key", "1234"), ("clientSecret", "s3cr3t"), ("jwtSecret", "s3cr3t"), ("privateKey", "aB3aB3aB3aB3aB3"),
    ("secretKey", "aB3dE6gH9jK2mN5p"), ("accessKey", "aB3dE6gH9jK2mN5p"), ("passphrase", "open sesame"), ("redisPassword", "<your-password>"),
    ("authToken", "0123456789"),
]
CLEAN = [
    ("password", ""), ("password", None), ("password", True), ("password", 12), ("existingSecret", "redis-auth"), ("passwordSecretName", "x"),
    ("secretName", "x"), ("passwordKey", "redis-password"), ("existingSecretPasswordKey", "redis-password"), ("usePassword", "x"), ("passwordPolicy", "strong"),
    ("passwordEnabled", "yes"), ("passwordFile", "/run/x"), ("password", "{{ .Values.x }}"), ("password", "$(PASSWORD)"), ("password", "${PASSWORD}"),
    ("secretKey", "redis-password"), ("accessKey", "accesskey"), ("tokenTTL", "3600"), ("token", "x"), ("tokens", "x"), ("tlsSecret", "app-tls"),
    ("automountServiceAccountToken", "x"), ("password", "null"), ("privateKey", "tls.key"), ("keyPassword", "/run/secrets/x"), ("name", "password"),
]


def yaml(key: str, value: object) -> str:
    text = {True: "true", None: ""}.get(value, value) if not isinstance(value, str) else "'" + value + "'"
    return f"auth:\n  user: x\n  {key}: {text}\n"


@pytest.mark.parametrize(("key", "value"), GIVEN)
def test_defaults_by_their_names(key, value):
    text = yaml(key, value)
    assert found(_defaults, tree({VALUES_PATH: text}, template="helm")) == [("SEC-001", VALUES_PATH, 3)]
    document = "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec:\n  values:\n" + "".join(f"    {part}\n" for part in text.splitlines())
    assert found(_defaults, tree({DEFAULT_PATH: document})) == [("SEC-001", DEFAULT_PATH, 7)]
    messages = " ".join(finding.message for finding in linter.lint(tree({VALUES_PATH: text}, template="helm")).findings if "SEC" in finding.rule)
    assert str(value) not in messages.replace(key, "")


@pytest.mark.parametrize(("key", "value"), CLEAN)
def test_defaults_that_are_no_secrets(key, value):
    assert found(_defaults, tree({VALUES_PATH: yaml(key, value)}, template="helm")) == []


def test_variables_in_values():
    text = "extraEnv:\n  - name: MYSQL_PASSWORD\n    value: mysql\n  - name: MODE\n    value: x\n"
    assert found(_defaults, tree({VALUES_PATH: text}, template="helm")) == [("SEC-001", VALUES_PATH, 3)]


def test_values_of_a_subchart():
    path = "raw/app/charts/db/values.yaml"
    files = {"raw/app/charts/db/Chart.yaml": "name: db\nversion: 1.0.0\n", path: "auth:\n  password: db\n"}
    assert found(_defaults, tree(files, template="helm")) == [("SEC-001", path, 2)]
    assert found(_defaults, tree({**files, VALUES_PATH: 'db: {auth: {password: ""}}\n'}, template="helm")) == []


def test_documents_of_an_operator():
    text = "apiVersion: x.example.com/v1\nkind: Etcd\nspec:\n  auth:\n    password: x1\n"
    assert ("SEC-001", DEFAULT_PATH, 5) in found(_defaults, tree({DEFAULT_PATH: text}, "operator"))


FORM = CSV.rstrip()[:-1] + (
    ", specDescriptors: [\n{path: values.auth.password, displayName: x, description: x, x-descriptors: ['urn:alm:descriptor:com.tectonic.ui:password']}]}\n")


@pytest.mark.parametrize(("values", "bad"), [
    ('auth: {password: ""}\n', True), ('auth: {password: "", existingSecret: ""}\n', False), ('auth: {password: ""}\nexistingSecret: ""\n', False),
    ('auth: {password: ""}\npasswordSecretRef: {}\n', False),
])
def test_password_fields(values, bad):
    files = {VALUES_PATH: values, "manifests/csv.yaml": FORM}
    assert found(_defaults, tree(files, template="helm")) == ([("SEC-004", "manifests/csv.yaml", line(FORM, "{path: values"))] if bad else [])


def test_a_secret_field_is_reported_once():
    document = "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec:\n  values: {auth: {password: x1}}\n"
    files = {VALUES_PATH: "existingSecret: ''\n", "manifests/csv.yaml": FORM, DEFAULT_PATH: document}
    rules = [finding.rule for finding in linter.lint(tree(files, template="helm")).findings if finding.path == DEFAULT_PATH]
    assert [rule for rule in rules if rule in ("ACMP-CR-024", "ACMP-SEC-001")] == ["ACMP-CR-024"]


SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: app\nstringData:\n  password: ''\n"


@pytest.mark.parametrize(("old", "new", "where"), [
    ("password: ''", "password: x", 6), ("stringData:\n  password: ''", "data: {x: " + base64.b64encode(b"x").decode() + "}", 5), ("password: ''", "a: '%'", 6),
])
def test_secrets_of_the_package(old, new, where):
    assert found(_defaults, tree({MANIFEST: SECRET})) == []
    assert found(_defaults, tree({MANIFEST: changed(SECRET, old, new)})) == [("SEC-003", MANIFEST, where)]
    second = "kind: ConfigMap\ndata: {password: x}\n---\n" + changed(SECRET, old, new)
    assert found(_defaults, tree({MANIFEST: second})) == [("SEC-003", MANIFEST, where + 3)]


def test_secret_generator():
    path = "raw/app/kustomization.yaml"
    text = "secretGenerator:\n  - name: x\n    literals: [a=b]\n"
    assert found(_defaults, tree({path: text}, template="kustomize")) == [("SEC-003", path, 3)]
    assert found(_defaults, tree({path: text.replace("literals: [a=b]", "envs: []")}, template="kustomize")) == []


TEMPLATE = """\
{{- if .Values.x }}
apiVersion: v1
kind: Secret
metadata:
  name: app
stringData:
  {{- with .Values.y }}
  password: {{ . }}
  {{- end }}
  config: |
    password: {{ .Values.z }}
---
apiVersion: v1
kind: ConfigMap
data:
  password: here it is no secret
{{- end }}
"""


@pytest.mark.parametrize(("new", "bad"), [("redis123", True), ("'redis123'", True), ("{{ .x }}", False), ('""', False), ("# later", False)])
def test_secrets_in_templates(new, bad):
    path = "raw/app/templates/secret.yaml"
    text = changed(TEMPLATE, "{{ . }}", new)
    assert found(_defaults, tree({path: text}, template="helm")) == ([("SEC-003", path, 8)] if bad else [])


PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  containers:
    - name: app
      env:
        - name: DB_PASSWORD
          valueFrom: {secretKeyRef: {name: x, key: password}}
        - name: DB_PASSWORD_FILE
          value: /run/x
        - name: MODE
          value: plain
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data:
  app.conf: |
    key = none
"""


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("SEC-010", "valueFrom: {secretKeyRef: {name: x, key: password}}", "value: redis123", 9),
    ("SEC-010", "MODE", "API_TOKEN\n          x: y", 14),
    ("SEC-011", "none", FORMS["GitHub"], 19),
    ("SEC-011", "key = none", f"{KEY}\n    {BODY}", 19),
])
def test_rendered_objects(rule, old, new, where):
    text = changed(PODS, "value: plain", "value: plaintext")
    assert in_manifest(_credentials, text) == []
    assert in_manifest(_credentials, changed(text, old, new)) == [(rule, where)]


def test_variable_in_a_template():
    path = "raw/app/templates/a.yaml"
    item = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"env": [{"name": "DB_PASSWORD", "value": "redis123"}]}]}}
    template = "kind: Pod\nspec:\n  containers:\n    - env:\n        - name: DB_PASSWORD\n          value: {{ .x }}\n"
    assert found(_credentials, tree({path: template}, template="helm"), (Placed(item, path),)) == [("SEC-010", path, 6)]
