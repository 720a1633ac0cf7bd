# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Claims that keep a larger size: in a rendering, and in the record of a revision that Helm goes back to."""

from __future__ import annotations

import base64
import os

import pytest
import yaml
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.helm import _marker, manifest, post_render, releases

RULES = {
    "keep_claims": False, "keep": [], "replicas": [], "config": {}, "digests": [], "digest_key": "", "sizes": {"own": "2Gi"},
    "yaml": os.path.dirname(os.path.dirname(yaml.__file__)),
}
HEAD = "---\n# Source: a/templates/b.yaml\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: own\n"
SHAPES = {
    "block": HEAD + "spec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1Gi # small\n  storageClassName: fast\n",
    "quoted": HEAD + 'spec:\n  resources:\n    requests:\n      storage: "1Gi"\n  accessModes:\n  - ReadWriteOnce\n  storageClassName: fast\n',
    "flow": HEAD + "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}, storageClassName: fast}\n",
    "partly flow": HEAD + "spec:\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n  storageClassName: fast\n",
    "limits first": HEAD + "spec:\n  accessModes: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1073741824\n  storageClassName: fast\n",
    "no size": HEAD + "spec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: fast\n",
}
OTHER = HEAD.replace("name: own", "name: other") + "spec:\n  resources:\n    requests:\n      storage: 1Gi\n"


@pytest.mark.parametrize("shape", SHAPES)
def test_the_size_is_written_and_nothing_else(shape):
    (before,), (after,) = manifest.split(SHAPES[shape]), manifest.split(_marker.mark(SHAPES[shape], RULES))
    assert after["spec"] == {"accessModes": ["ReadWriteOnce"], "storageClassName": "fast", "resources": {"requests": {"storage": "2Gi"}}}
    assert after["metadata"] == before["metadata"]
    assert after == post_render.apply(before, post_render.Rules(claims=False, sizes={"own": "2Gi"}))


def test_other_claims_and_kinds_stay_as_they_are():
    text = OTHER + SHAPES["block"].replace("PersistentVolumeClaim", "Thing")
    assert _marker.mark(text, RULES) == text


def test_the_rendering_alone_needs_it_where_a_claim_is_larger():
    (claim,) = manifest.split(SHAPES["block"])
    assert not post_render.Rules(claims=False).needed([claim])
    assert post_render.rules_for([claim], sizes={"own": "2Gi"}).sizes == {"own": "2Gi"}
    assert post_render.Rules(claims=False, sizes={"own": "2Gi"}).needed([claim])


class Kube:
    def __init__(self, text):
        data = base64.b64encode(base64.b64decode(releases.encode({"name": "r", "version": 3, "manifest": text, "config": {"a": "ü"}}))).decode()
        labels = {"owner": "helm", "name": "r", "version": "3", "status": "superseded"}
        meta = {"name": "sh.helm.release.v1.r.v3", "namespace": "shop", "labels": labels}
        self.secret, self.written = {"metadata": meta, "data": {"release": data}}, 0

    def get(self, _api, _kind, _name, namespace=None):
        return self.secret

    def replace(self, obj):
        self.secret, self.written = obj, self.written + 1


def test_a_revision_remembers_the_size_that_its_claim_has_by_now():
    kube = Kube(SHAPES["block"] + OTHER)
    release = releases.read(kube, "shop", "r", 3)
    releases.keep_sizes(kube, release, {"own": "2Gi"}, Context(check_mode=True))
    assert kube.written == 0
    releases.keep_sizes(kube, release, {"own": "2Gi"}, Context())
    after = releases.read(kube, "shop", "r", 3)
    own, other = after.objects()
    assert own["spec"]["resources"]["requests"]["storage"] == "2Gi" and other == release.objects()[1]
    assert (after.config, after.status, after.labels) == (release.config, release.status, release.labels)
    releases.keep_sizes(kube, after, {"own": "2Gi"}, Context())
    assert kube.written == 1
