# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _storage, _templates
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Placed

from .placing import MANIFEST, changed, found, in_manifest, line, tree

SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: app
spec:
  persistentVolumeClaimRetentionPolicy:
    whenDeleted: Retain
    whenScaled: Retain
  template:
    spec:
      containers:
        - name: app
          image: redis:7.0.15
      volumes:
        - name: tmp
          emptyDir:
            sizeLimit: 1Mi
        - name: config
          configMap: {name: app}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec:
        resources: {requests: {storage: 1Gi}}
"""
CLAIMS = SET[SET.index("  volumeClaimTemplates"):]
REASONED = "  annotations: {operators.apusic.com/reason: an agent that watches the node}\n"


@pytest.mark.parametrize(("rule", "old", "new", "where"), [
    ("STOR-001", "configMap: {name: app}", "hostPath: {path: /data}", 19),
    ("STOR-001", "configMap: {name: app}", "hostPath: null", 19),
    ("STOR-003", CLAIMS, "", 5),
    ("STOR-005", "requests: {storage: 1Gi}}\n", "requests: {storage: 1Gi}}\n        storageClassName: fast\n", 24),
    ("STOR-005", "configMap: {name: app}", "ephemeral: {volumeClaimTemplate: {spec: {storageClassName: fast}}}", 19),
    ("STOR-006", "whenDeleted: Retain", "whenDeleted: Delete", 7),
    ("STOR-006", "whenScaled: Retain", "whenScaled: Delete", 8),
    ("STOR-008", "          emptyDir:\n            sizeLimit: 1Mi", "          emptyDir: {}", 16),
    ("STOR-008", "            sizeLimit: 1Mi", "            medium: Memory", 16),
])
def test_storage(rule, old, new, where):
    assert in_manifest(_storage, SET) == []
    text = changed(SET, old, new)
    assert in_manifest(_storage, text) == [(rule, where)]
    reasoned = in_manifest(_storage, changed(text, "  name: app\n", "  name: app\n" + REASONED))
    assert reasoned == ([("STOR-008", where + 1)] if rule == "STOR-008" else [("STOR-009", 5)])


@pytest.mark.parametrize(("text", "where"), [
    ("apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: x}\nspec: {local: {path: /data}}\n", 2),
    ("apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: x}\nspec: {hostPath: {path: /data}}\n", 2),
    ("apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: x}\nprovisioner: kubernetes.io/no-provisioner\n", 4),
    ("apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: x}\nprovisioner: csi.example.com\n", 0),
])
def test_volumes_a_package_brings(text, where):
    assert in_manifest(_storage, text) == ([("STOR-002", where)] if where else [])


@pytest.mark.parametrize("kept", [
    ("          configMap: {name: app}", "          persistentVolumeClaim: {claimName: app}"),
    ("          image: redis:7.0.15", "          image: redis:7.0.15\n          securityContext: {readOnlyRootFilesystem: true}"),
])
def test_sets_that_lose_nothing(kept):
    text = changed(changed(SET, CLAIMS, ""), *kept)
    text = changed(text, "            sizeLimit: 1Mi", "            sizeLimit: 1Mi\n            medium: Memory")
    assert in_manifest(_storage, text) == []


CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "x", "annotations": {"helm.sh/resource-policy": "keep"}}, "spec": {}}
TEMPLATE = """\
{{ if .Values.x }}
kind: PersistentVolumeClaim
metadata: {}
spec:
  {{- with .Values.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
"""
PATH = "raw/app/templates/claim.yaml"


@pytest.mark.parametrize(("item", "template", "expected"), [
    (CLAIM, TEMPLATE, []),
    (CLAIM, TEMPLATE.replace("storageClass", "x"), [("STOR-004", PATH, 4)]),
    ({**CLAIM, "spec": {"storageClassName": "fast"}}, TEMPLATE, []),
    ({**CLAIM, "metadata": {"name": "x"}}, TEMPLATE, [("STOR-007", PATH, 3)]),
    ({**CLAIM, "metadata": {"name": "x", "annotations": {"helm.sh/hook": "pre-install"}}}, TEMPLATE, []),
])
def test_claims_of_a_chart(item, template, expected):
    assert found(_storage, tree({PATH: template}, template="helm"), (Placed(item, PATH),)) == expected


@pytest.mark.parametrize(("new", "bad"), [("fast", True), ('"local-path" # here', True), ('""', True), ("{{ .Values.a }}", False), ("", False)])
def test_a_class_in_a_template(new, bad):
    text = TEMPLATE.replace("{{ . }}", new)
    assert found(_templates, tree({PATH: text}, template="helm")) == ([("STOR-010", PATH, 6)] if bad else [])


def test_volume_in_a_template_is_found_by_its_name():
    template = "kind: Pod\nspec:\n  volumes:\n  - name: a\n    emptyDir: {}\n  - name: b\n    emptyDir: {}\n"
    path = "raw/app/templates/pod.yaml"
    item = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"volumes": [{"name": "b", "emptyDir": {}}]}}
    assert found(_storage, tree({path: template}, template="helm"), (Placed(item, path),)) == [("STOR-008", path, 7)]


def test_two_documents():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\n" + changed(SET, CLAIMS, "")
    assert found(_storage, tree({MANIFEST: text}), ()) == [("STOR-003", MANIFEST, line(text, "spec:"))]
