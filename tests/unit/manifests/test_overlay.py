# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a document of a kustomization may set, and what that becomes."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.package import documents, overlay


def settings(**values):
    return overlay.settings(documents.build(None, "one", "space", values), "pack 1.0.0")


def test_kustomizes_own_lists_mean_the_same():
    maps = {"images": {"tiny": {"newTag": "1", "newName": "r/tiny"}}, "replicas": {"web": 2}}
    lists = {"images": [{"name": "tiny", "newTag": "1", "newName": "r/tiny"}], "replicas": [{"name": "web", "count": 2}]}
    assert settings(**lists) == settings(**maps) == maps
    made = overlay.kustomization(settings(**maps), ["../package"], "one", "space")
    assert made["images"] == [{"name": "tiny", "newTag": "1", "newName": "r/tiny"}] and made["replicas"] == lists["replicas"]
    assert made["namePrefix"] == "one-" and made["namespace"] == "space"


def test_labels_are_in_selectors_from_the_first_install_on_and_others_never():
    made = overlay.kustomization(settings(labels={"team": "a"}, annotations={"note": "b"}), [], "one", "space")
    assert made["labels"] == [
        {"pairs": {"operators.apusic.com/instance": "one"}, "includeSelectors": True},
        {"pairs": {"team": "a", "app.kubernetes.io/managed-by": "acmp"}}]
    assert made["commonAnnotations"] == {"note": "b"}


def test_patches_are_written_out_as_text():
    patch = {"kind": "Deployment", "metadata": {"name": "web"}}
    made = overlay.kustomization(settings(patches=[{"patch": patch}, {"target": {"kind": "A"}, "patch": "- op: remove"}]), [], "one", "space")
    assert made["patches"] == [{"patch": '{"kind": "Deployment", "metadata": {"name": "web"}}'}, {"target": {"kind": "A"}, "patch": "- op: remove"}]


@pytest.mark.parametrize(("values", "wrong"), [
    ({"replica": {"web": 1}}, 'values.replica is not a known field, did you mean "replicas"'),
    ({"replicas": {"web": -1}}, "values.replicas.web must be at least 0"), ({"replicas": {"web": "2"}}, "must be a whole number"),
    ({"replicas": {"web": True}}, "must be a whole number"), ({"replicas": [{"name": "web"}]}, "must be a whole number"),
    ({"images": {"tiny": {"newTag": 1.0}}}, "values.images.tiny.newTag must be text"), ({"images": {"tiny": "1.0"}}, "must be a map"),
    ({"images": {"tiny": {"tag": "1"}}}, 'tag is not a known field'), ({"images": {"tiny": {"digest": "sha256:1"}}}, "must be text that matches"),
    ({"patches": [{"path": "/etc/passwd", "patch": ""}]}, "path is not a known field"), ({"patches": [{}]}, "patch is missing"),
    ({"patches": [{"patch": "", "options": {"allowNameChange": True}}]}, "options is not a known field"),
    ({"labels": {"operators.apusic.com/instance": "other"}}, "cannot be set"), ({"annotations": {"app.kubernetes.io/managed-by": "x"}}, "cannot be set"),
    ({"secrets": {"auth": 1}}, "values.secrets.auth must be text"),
])
def test_what_does_not_fit_is_named(values, wrong):
    with pytest.raises(InputError) as caught:
        settings(**values)
    assert wrong in caught.value.message


def test_an_image_by_its_last_name():
    def objects(*images):
        return [{"spec": {"containers": [{"image": image}]}} for image in images]
    found = settings(images={"tiny": {"newTag": "2"}})
    full = overlay.full_names(found, objects("docker.io/acmp/tiny:1.0.0", "other@sha256:0"))
    assert full["images"] == {"docker.io/acmp/tiny": {"newTag": "2"}}
    overlay.check_images(full, objects("docker.io/acmp/tiny:2"))
    # Where two are called so, neither is meant; where one has no other name, it is.
    assert overlay.full_names(found, objects("a:5000/tiny", "b/tiny"))["images"] == {"tiny": {"newTag": "2"}}
    assert overlay.full_names(found, objects("tiny:1", "b/tiny"))["images"] == {"tiny": {"newTag": "2"}}
    with pytest.raises(InputError, match='did you mean "tiny"'):
        overlay.check_images({"images": {"tinny": {"newTag": "2"}}}, objects("docker.io/acmp/tiny:1"))


def test_secrets_of_the_platform_are_referred_to_by_their_real_names():
    found = settings(secrets={"auth": "one-auth", "tls": "mine"})
    assert [item["metadata"]["name"] for item in overlay.placeholders(found)] == ["auth", "tls"]
    pod = {"kind": "Pod", "spec": {
        "containers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "one-tls", "key": "a"}}}], "envFrom": [{"secretRef": {"name": "one-auth"}}]}],
        "volumes": [{"secret": {"secretName": "one-tls"}}, {"projected": {"sources": [{"secret": {"name": "one-tls"}}]}}, {"configMap": {"name": "one-tls"}}]}}
    stands_in = [{**item, "metadata": {"name": f"one-{item['metadata']['name']}"}} for item in overlay.placeholders(found)]
    [left] = overlay.with_secrets(found, [*stands_in, pod], "one")
    assert left["spec"]["containers"][0]["env"][0]["valueFrom"]["secretKeyRef"]["name"] == "mine"
    assert left["spec"]["containers"][0]["envFrom"][0]["secretRef"]["name"] == "one-auth"
    volumes = [volume.popitem()[1] for volume in left["spec"]["volumes"]]
    assert volumes == [{"secretName": "mine"}, {"sources": [{"secret": {"name": "mine"}}]}, {"name": "one-tls"}]
