# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _podsecurity, _rendered, _templates, _workloads
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Placed

from .placing import changed, found, in_manifest, line, tree

SOUND = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: redis, tier: db}
    spec:
      automountServiceAccountToken: false
      hostPID: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 999
        seccompProfile: {type: RuntimeDefault}
      initContainers:
        - name: first
          resources: {limits: {cpu: 1, memory: 1Gi}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
      containers:
        - name: app
          ports: [{containerPort: 6379}]
          livenessProbe: {tcpSocket: {port: 6379}}
          readinessProbe: {tcpSocket: {port: 6379}}
          resources:
            requests: {cpu: 1m, memory: 8Mi}
            limits: {memory: 16Mi}
          securityContext:
            privileged: false
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [all]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: app}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: redis}
    matchExpressions:
      - {key: tier, operator: In, values: [db, cache]}
      - {key: gone, operator: DoesNotExist}
"""
ACCOUNT = "      automountServiceAccountToken: false\n"
INNER = SOUND[SOUND.index("          securityContext:\n            privileged"):SOUND.index("---")]
OUTER = SOUND[SOUND.index("      securityContext:"):SOUND.index("      initContainers")]


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("WORK-001", "requests: {cpu: 1m, memory: 8Mi}", "requests: {memory: 8Mi}", 29),
    ("WORK-001", "requests: {cpu: 1m, memory: 8Mi}", "requests: x", 29),
    ("WORK-001", "limits: {memory: 16Mi}", "limits: {cpu: 1}", 29),
    ("WORK-001", "resources: {limits: {cpu: 1, memory: 1Gi}}", "env: []", 18),
    ("WORK-002", "          readinessProbe: {tcpSocket: {port: 6379}}\n", "", 25),
    ("WORK-003", "          livenessProbe: {tcpSocket: {port: 6379}}\n", "", 25),
    ("WORK-004", "matchLabels: {app: redis}", "matchLabels: {app: other}", 6),
    ("WORK-004", "values: [db, cache]", "values: [cache]", 6),
    ("WORK-004", "operator: DoesNotExist", "operator: Exists", 6),
    ("WORK-004", "key: tier, operator: In", "key: tier, operator: NotIn", 6),
    ("WORK-005", "maxUnavailable: 1", "maxUnavailable: 0", 43),
    ("WORK-005", "maxUnavailable: 1", "minAvailable: 2", 43),
    ("WORK-005", "maxUnavailable: 1", "minAvailable: 100%", 43),
    ("WORK-006", ACCOUNT, "", 10),
    ("WORK-006", ACCOUNT, "      automountServiceAccountToken: true\n", 11),
])
def test_workload(rule, old, new, where):
    assert in_manifest(_workloads, SOUND) == []
    assert in_manifest(_workloads, changed(SOUND, old, new)) == [(rule, where)]


def test_jobs_and_tests_need_no_probes():
    text = SOUND.replace("kind: Deployment", "kind: Job").replace("          livenessProbe: {tcpSocket: {port: 6379}}\n", "")
    assert in_manifest(_workloads, text) == []
    hook = changed(changed(SOUND, ACCOUNT, ""), "  name: app\n", "  name: app\n  annotations: {helm.sh/hook: test}\n")
    assert in_manifest(_workloads, hook) == []


@pytest.mark.parametrize(("more", "bad"), [
    ("---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: op}\nautomountServiceAccountToken: false\n", False),
    ("---\napiVersion: x/v1\nkind: RoleBinding\nmetadata: {name: x}\nsubjects: [{kind: ServiceAccount, name: op}]\n", False),
    ("---\napiVersion: x/v1\nkind: RoleBinding\nmetadata: {name: x}\nsubjects: [{kind: User, name: op}, x]\n", True),
])
def test_tokens_of_accounts(more, bad):
    text = changed(SOUND, ACCOUNT, "      serviceAccountName: op\n") + more
    assert in_manifest(_workloads, text) == ([("WORK-006", 10)] if bad else [])


def test_an_autoscaler_counts():
    text = changed(SOUND, "  replicas: 2\n", "").partition("---")[0]
    assert in_manifest(_workloads, text) == []
    scaler = "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: x}\nspec: {minReplicas: 2, scaleTargetRef: {name: app}}\n"
    assert in_manifest(_workloads, text + scaler) == [("WORK-004", 5)]


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("WORK-010", "privileged: false", "privileged: true", 33),
    ("WORK-011", "hostPID: false", "hostPID: true", 12),
    ("WORK-011", "hostPID: false", "hostIPC: true", 12),
    ("WORK-012", "privileged: false", "runAsUser: 0", 33),
    ("WORK-013", "privileged: false", "runAsNonRoot: false", 33),
    ("WORK-014", "            privileged: false\n            allowPrivilegeEscalation: false\n", "            privileged: false\n", 32),
    ("WORK-014", "            privileged: false\n            allowPrivilegeEscalation: false\n", "            allowPrivilegeEscalation: true\n", 33),
    ("WORK-015", "              drop: [all]", "              drop: [all]\n              add: [NET_BIND_SERVICE, SYS_ADMIN]", 38),
    ("WORK-016", "              drop: [all]", "              drop: [KILL]", 36),
    ("WORK-017", "            privileged: false\n            allowPrivilegeEscalation: false\n            readOnlyRootFilesystem: true\n",
     "            allowPrivilegeEscalation: false\n", 32),
    ("WORK-018", "privileged: false", "seccompProfile: {type: Unconfined}", 33),
    ("WORK-019", INNER, "", 25),
])
def test_pod_security(rule, old, new, where):
    text = SOUND
    assert in_manifest(_podsecurity, text) == []
    if rule == "WORK-019":
        text, where = changed(text, OUTER, "      securityContext: {}\n"), where - OUTER.count("\n") + 1
    rules = in_manifest(_podsecurity, changed(text, old, new))
    assert (rule, where) in rules
    reasoned = in_manifest(_podsecurity, changed(changed(text, old, new), "  name: app\n", "  name: app\n  annotations: {operators.apusic.com/reason: x}\n"))
    assert ("WORK-020" in {rule for rule, _line in reasoned}) == (rule in ("WORK-010", "WORK-011"))
    if rule != "WORK-019":
        assert rules == [(rule, where)]


def test_one_finding_stands_for_a_context_that_is_not_there():
    text = changed(changed(SOUND, OUTER, ""), INNER, "")
    assert sorted(rule for rule, _line in in_manifest(_podsecurity, text)) == ["WORK-013", "WORK-018", "WORK-019"]


NAMES = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: app
---
apiVersion: v1
kind: Service
metadata:
  name: app
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: app:admin
---
apiVersion: batch/v1
kind: Job
metadata:
  name: app
  annotations:
    helm.sh/hook: pre-install
    helm.sh/hook-delete-policy: before-hook-creation
---
apiVersion: batch/v1
kind: Job
metadata:
  name: app
  annotations:
    helm.sh/hook: pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
"""


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("WORK-030", "  name: app\n---", f"  name: {'a' * 53}\n---", 4),
    ("WORK-031", "  name: app\n---", "  name: App\n---", 4),
    ("WORK-031", "kind: Service\nmetadata:\n  name: app", "kind: Service\nmetadata:\n  name: 1app", 9),
    ("WORK-031", "kind: Service\nmetadata:\n  name: app", f"kind: Service\nmetadata:\n  name: {'a' * 64}", 9),
    ("WORK-032", "  name: app:admin\n", "  name: app:admin\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: app\n", 19),
    ("WORK-033", "  name: app:admin\n", "  name: app:admin\n  namespace: kube-system\n", 15),
    ("WORK-034", "apps/v1", "apps/v1beta2", 1),
    ("WORK-034", "batch/v1\nkind: Job", "batch/v1beta1\nkind: CronJob", 16),
    ("WORK-034", "v1\nkind: Service", "policy/v1beta1\nkind: PodSecurityPolicy", 6),
    ("WORK-034", "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1beta1", 11),
    ("WORK-035", "v1\nkind: Service", "flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema", 6),
    ("WORK-036", "    helm.sh/hook-delete-policy: before-hook-creation\n", "", 21),
])
def test_rendered(rule, old, new, where):
    assert in_manifest(_rendered, NAMES, "operator") == []
    assert in_manifest(_rendered, changed(NAMES, old, new), "operator") == [(rule, where)]


def test_kinds_that_are_still_served():
    assert in_manifest(_rendered, "apiVersion: batch/v1beta1\nkind: Other\nmetadata: {name: x}\n") == []
    assert in_manifest(_rendered, f"apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: {'a' * 52}}}\n") == []


def test_consumers_manifests_get_their_namespace():
    assert in_manifest(_rendered, changed(NAMES, "  name: app:admin\n", "  name: app:admin\n  namespace: kube-system\n"), "helm") == []


@pytest.mark.parametrize(("template", "values", "bad"), [
    ("kind: Role\nmetadata:\n  namespace: {{ .Release.Namespace }}\n", "x: 1\n", False),
    ("kind: Role\nmetadata:\n  namespace: {{ include \"ns\" . }}\n", "x: 1\n", False),
    ("kind: Role\nmetadata:\n  namespace: monitoring\n", "x: 1\n", True),
    ("kind: Role\nmetadata:\n  namespace: {{ .Values.namespace }}\n", "namespaceOverride: monitoring\n", True),
    ("kind: Role\nmetadata:\n  namespace: {{ .x }}\n", "namespace: monitoring-2\n", False),
])
def test_namespaces_of_a_chart(template, values, bad):
    path = "raw/app/templates/role.yaml"
    item = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "x", "namespace": "monitoring"}}
    package = tree({path: template, "raw/app/values.yaml": values}, template="helm")
    assert found(_rendered, package, (Placed(item, path), Placed({**item, "kind": "ClusterRole"}, path))) == ([("WORK-033", path, 3)] if bad else [])


SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
  # {{ randAlphaNum 8 }}
data:
  password: {{ .Values.password | default "randAlphaNum" | b64enc }}
"""


@pytest.mark.parametrize(("new", "more", "bad"), [
    ("{{ randAlphaNum 16 | b64enc }}", "", True),
    ("{{ .Values.password | default (randAlpha 16) }}", "", True),
    ("{{ uuidv4 }}", "", True),
    ("{{ (genSelfSignedCert \"x\" nil nil 365).Key }}", "", True),
    ("{{ htpasswd \"a\" .Values.x }}", "", True),
    ("{{ randAlphaNum 16 }}", '{{ $old := lookup "v1" "Secret" .Release.Namespace "x" }}\n', False),
    ("{{ randAlphaNum 16 }}", '{{ include "common.secrets.lookup" . }}\n', False),
    ("{{ randAlphaNum 16 }}", "{{ if .Release.IsInstall }}{{ end }}\n", False),
    ("{{ .Values.x | sha256sum }}", "", False),
])
def test_random_values(new, more, bad):
    path = "raw/app/templates/secret.yaml"
    assert found(_templates, tree({path: SECRET}, template="helm")) == []
    text = changed(SECRET, '{{ .Values.password | default "randAlphaNum" | b64enc }}', new) + more
    assert found(_templates, tree({path: text}, template="helm")) == ([("WORK-040", path, line(text, "  password:"))] if bad else [])


def test_a_secret_that_only_a_hook_makes():
    text = changed(SECRET, '{{ .Values.password | default "randAlphaNum" | b64enc }}', "{{ randAlphaNum 8 }}")
    text = changed(text, "data:", "  annotations:\n    helm.sh/hook: pre-install\ndata:")
    assert found(_templates, tree({"raw/app/templates/secret.yaml": text}, template="helm")) == []
