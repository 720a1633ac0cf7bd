# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint import _actions, _images, _templates, _values
from ansible_collections.acmp.middleware.plugins.module_utils.package.lint._layer import Options, Placed

from .placing import CSV, METADATA, changed, found, in_manifest, line, tree

DIGEST = "sha256:" + "0" * 64
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  template:
    spec:
      initContainers:
        - name: first
          image: docker.io/library/busybox:1.36.1
      containers:
        - name: app
          image: harbor.example.com:5000/db/redis:7.0.15
          env:
            - name: RELATED_IMAGE_HELPER
              value: quay.io/x/helper:v1.2.3
"""
IMAGE = "harbor.example.com:5000/db/redis:7.0.15"


@pytest.mark.parametrize(("rule", "old", "new"), [
    ("IMG-001", IMAGE, "redis"),
    ("IMG-001", IMAGE, "harbor.example.com:5000/db/redis"),
    ("IMG-001", "docker.io/library/busybox:1.36.1", "busybox"),
    ("IMG-001", "quay.io/x/helper:v1.2.3", "quay.io/x/helper"),
    ("IMG-002", IMAGE, "redis:latest"),
    ("IMG-003", IMAGE, "Redis:7.0.15"),
    ("IMG-003", IMAGE, "redis:7.0 15"),
    ("IMG-003", IMAGE, "https://redis:7.0.15"),
    ("IMG-003", IMAGE, "redis@sha256:12"),
    ("IMG-003", IMAGE, "42"),
    ("IMG-003", IMAGE, "{}"),
    ("IMG-003", IMAGE, "''"),
    ("IMG-005", IMAGE, "redis:stable-alpine"),
    ("IMG-006", IMAGE, "redis:7"),
    ("IMG-006", IMAGE, "redis:v7-alpine"),
])
def test_image(rule, old, new):
    assert in_manifest(_images, POD) == []
    text = changed(POD, old, new)
    assert in_manifest(_images, text) == [(rule, line(POD, old))]


@pytest.mark.parametrize("image", [
    "redis:7.0.15", "library/redis:7.0", "docker.io/redis:7.0.15-alpine", f"redis@{DIGEST}", f"redis:latest@{DIGEST}", "localhost/x:1.0",
    "localhost:5000/x:1.0", "a.b-c.example/x/y__z/a-b.c:v1.2.3_4", "[::1]:5000/x:1.0", "redis:20240101",
])
def test_sound_images(image):
    assert [rule for rule, _what in _images.judge(image) if rule != "IMG-006"] == []


@pytest.mark.parametrize(("registries", "bad"), [
    (("harbor.example.com:5000", "docker.io", "quay.io"), []),
    (("https://harbor.example.com:5000/db/", "docker.io/library", "quay.io/x"), []),
    (("harbor.example.com:5000", "index.docker.io"), ["quay.io/x/helper"]),
    (("harbor.example.com:5000/d", "docker.io", "quay.io"), [IMAGE]),
    (("harbor.example.com",), ["docker.io/library/busybox", IMAGE, "quay.io/x/helper"]),
])
def test_registries(registries, bad):
    lines = sorted(where for rule, where in in_manifest(_images, POD, options=Options(registries=registries)) if rule == "IMG-004")
    assert lines == sorted(line(POD, image) for image in bad)


def test_short_names_come_from_docker_io():
    text = changed(POD, IMAGE, "redis:7.0.15")
    assert in_manifest(_images, text, options=Options(registries=("docker.io", "quay.io"))) == []


OLM = """\
apiVersion: operators.coreos.com/v1alpha1
kind: ClusterServiceVersion
metadata: {name: app.v1.0.0}
spec:
  relatedImages:
    - {name: redis, image: "redis:7.0.15"}
  install:
    strategy: deployment
    spec:
      deployments:
        - name: app
          spec:
            template:
              spec:
                containers:
                  - name: manager
                    image: quay.io/x/app:v1.0.0
"""


@pytest.mark.parametrize(("rule", "old", "new"), [("IMG-002", "quay.io/x/app:v1.0.0", "quay.io/x/app:latest"), ("IMG-001", "redis:7.0.15", "redis")])
def test_images_of_a_bundle(rule, old, new):
    files = {"raw/app/metadata/annotations.yaml": "annotations: {}\n"}
    path = "raw/app/manifests/app.clusterserviceversion.yaml"
    assert found(_images, tree({**files, path: OLM}, "operator"), ()) == []
    assert found(_images, tree({**files, path: changed(OLM, old, new)}, "operator"), ()) == [(rule, path, line(OLM, old))]


def test_line_in_a_template_that_names_its_containers():
    template = "{{ if true }}\nkind: Deployment\nspec:\n  containers:\n  - name: a\n    image: {{ .x }}\n  - name: b\n    env: []\n    image: {{ .y }}\n"
    spec = {"containers": [{"name": "a", "image": "redis:7.0.15"}, {"name": "b", "image": "redis"}, {"name": "c", "image": "redis:latest"}]}
    item = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {"template": {"spec": spec}}}
    path = "raw/app/templates/a.yaml"
    assert found(_images, tree({path: template}, template="helm"), (Placed(item, path),)) == [("IMG-001", path, 9), ("IMG-002", path, 6)]


TEMPLATE = """\
{{- /*
image: a/comment:1.0
*/ -}}
kind: Pod
spec:
  # image: another/comment:1.0
  containers:
    - image: {{ .Values.image }}
    - image: "{{ .Values.registry }}/redis:{{ .Values.tag | default "7.0" }}"
    - image: {{ include "app.image" . | quote }}
    - image: {{ $image }}
      image:
      imagePullPolicy: Always
"""


@pytest.mark.parametrize("new", ["busybox:1.36", '"docker.io/library/busybox:1.36" # for the init script', '{{ "busybox:1.36" | quote }}', "'busybox'"])
@pytest.mark.parametrize("path", ["raw/app/templates/a.yaml", "raw/app/charts/sub/templates/_helpers.tpl"])
def test_hidden_images(path, new):
    files = {"raw/app/charts/sub/Chart.yaml": "name: sub\nversion: 1.0.0\n"}
    assert found(_templates, tree({**files, path: TEMPLATE}, template="helm")) == []
    text = changed(TEMPLATE, "{{ .Values.image }}", new)
    assert found(_templates, tree({**files, path: text}, template="helm")) == [("IMG-010", path, 8)]


def test_plain_manifests_have_no_values_to_take_images_from():
    assert found(_templates, tree({"raw/app/templates/a.yaml": "kind: Pod\nspec:\n  image: busybox:1.36\n"})) == []


VALUES = "image:\n  repository: redis\n  tag: 7.0.15\nlog:\n  tag: latest\nsidecarImage: x/y:1.0\npinned:\n  image: x\n  tag: latest\n  digest: sha256:1\n"


@pytest.mark.parametrize(("old", "new", "where"), [("tag: 7.0.15", "tag: latest", 3), ("x/y:1.0", "x/y:latest", 6), ("digest: sha256:1", 'digest: ""', 9)])
def test_latest_in_values(old, new, where):
    path = "raw/app/values.yaml"
    assert found(_values, tree({path: VALUES}, template="helm")) == []
    assert found(_values, tree({path: changed(VALUES, old, new)}, template="helm")) == [("IMG-011", path, where)]


def test_latest_in_a_default_document_and_a_default_that_every_type_replaces():
    values = {"raw/app/values.yaml": changed(VALUES, "tag: 7.0.15", "tag: latest")}
    document = "apiVersion: operators.apusic.com/v1alpha1\nkind: HelmRelease\nspec:\n  values:\n    image:\n      repository: x\n      tag: {}\n"
    path = "manifests/default-cr.yaml"
    assert found(_values, tree({**values, path: document.format("1.0.0")}, template="helm")) == []
    assert found(_values, tree({**values, path: document.format("latest")}, template="helm")) == [
        ("IMG-011", "raw/app/values.yaml", 3), ("IMG-011", path, 7)]


@pytest.mark.parametrize(("metadata", "rule", "where"), [
    (METADATA, None, 0),
    ("name: redis\nversion: 1.0.0\narchitecture: aarch64\n", None, 0),
    ("name: redis\nversion: 1.0.0\n", "IMG-012", 1),
    ("name: redis\nversion: 1.0.0\narchitecture:\n", "IMG-012", 1),
    (METADATA + "containerImage: demo/example-operator:1.0.0\n", None, 0),
    (METADATA + "containerImage: see the README\n", None, 0),
    (METADATA + "containerImage: demo/example-operator\n", "IMG-013", 4),
    (METADATA + "containerImage: demo/example-operator:latest\n", "IMG-013", 4),
    (METADATA + "containerImage: Demo:1\n", "IMG-013", 4),
])
def test_metadata(metadata, rule, where):
    assert found(_values, tree({"metadata.yaml": metadata})) == ([(rule, "metadata.yaml", where)] if rule else [])


def test_images_of_actions():
    path = "op-redis-backup.yaml"
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n  containers:\n    - {name: x, image: redis:7.0.15}\n"
    assert not [rule for rule, _path, _line in found(_actions, tree({path: text})) if rule.startswith("IMG")]
    assert ("IMG-001", path, 6) in found(_actions, tree({path: changed(text, ":7.0.15", "")}))


def test_the_platforms_own_csv_is_none_of_olms():
    assert in_manifest(_images, CSV) == []
