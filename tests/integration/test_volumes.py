# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes that grow: claims first, then the StatefulSet made anew over running pods; no data, no pod and no claim is lost, whatever happens in between.

The cluster's provisioner makes folders, which have no size. A class that says allowVolumeExpansion makes the API server take larger requests,
and nobody ever makes the volume larger: requests and StatefulSets are real here, capacities are not, and the task has to say so.
"""

from __future__ import annotations

import pytest
from harness.ansible import instance
from harness.checks import good, until
from harness.packages import TINY, forget, package_with

pytestmark = pytest.mark.once
QUIET = "nobody has begun to make them larger"


@pytest.fixture(scope="module")
def package(ansible, api, platform, tmp_path_factory, worker_id):
    """The tiny package as a StatefulSet with a volume for each pod."""
    name = f"stateful-{worker_id}"
    text = (TINY / "raw" / "tiny" / "templates" / "deployment.yaml").read_text()
    head, mounts = "  revisionHistoryLimit: 2\n", "          {{- if .Values.claim.enabled }}\n"
    volumes = "      {{- if .Values.claim.enabled }}\n      volumes:"
    assert all(text.count(part) == 1 for part in (head, mounts, volumes))
    text = text[:text.index(volumes)].replace(mounts, "").replace("              mountPath: /data\n          {{- end }}\n", "              mountPath: /data\n")
    text = text.replace("kind: Deployment", "kind: StatefulSet").replace(head, "  serviceName: {{ .Release.Name }}\n") + TEMPLATES
    folder = package_with(tmp_path_factory.mktemp("stateful"), name, {
        f"raw/{name}/templates/deployment.yaml": None, f"raw/{name}/templates/statefulset.yaml": text})
    forget(api, name)
    good(ansible.play({"acmp_package": {"src": folder, "state": "listed"}}))
    yield name
    ansible.play(*[{"acmp_package": {"name": name, "version": "1.0.0", "state": state}} for state in ("unlisted", "absent")])
    forget(api, name)


TEMPLATES = """  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: ["ReadWriteOnce"]
        storageClassName: {{ .Values.claim.storageClass }}
        resources:
          requests:
            storage: {{ .Values.claim.size }}
"""


def _sizes(api, space: str) -> dict[str, str]:
    return {item["metadata"]["name"]: item["spec"]["resources"]["requests"]["storage"] for item in api.core("persistentvolumeclaims", space)}


def _pods(api, space: str) -> dict[str, str]:
    return {item["metadata"]["name"]: item["metadata"]["uid"] for item in api.core("pods", space)}


def _owned(api, space: str, uid: str) -> bool:
    return all(any(owner["uid"] == uid for owner in item["metadata"].get("ownerReferences", [])) for item in api.core("pods", space))


def test_volumes_of_a_stateful_set(ansible, api, space, package, classes):
    growing, _fixed = classes
    path = f"/apis/apps/v1/namespaces/{space}/statefulsets/one"

    def task(size: str, **more):
        values = {"replicas": 2, "claim.size": size, "claim.storageClass": growing, **more.pop("values", {})}
        return instance("one", space, package=package, values=values, **more)

    good(ansible.play(task("1Mi")))
    claims, pods = api.claims(space), _pods(api, space)
    assert set(claims) == {"data-one-0", "data-one-1"}

    # As a run leaves it that was killed after its first claim.
    api.patch(f"/api/v1/namespaces/{space}/persistentvolumeclaims/data-one-0", {"spec": {"resources": {"requests": {"storage": "2Mi"}}}})
    before = api.everything(space)
    said = good(ansible.play(task("2Mi"), arguments=("--check",))).last["actions"]
    assert said == ["set values.claim.size: 1Mi → 2Mi", "grow claim data-one-1 from 1Mi to 2Mi", "replace StatefulSet one, its pods stay"]
    assert api.everything(space) == before
    old = api.get(path)["metadata"]["uid"]
    run = good(ansible.play(task("2Mi"), task("2Mi")))
    assert run[0]["actions"] == said and not run[1].changed
    assert any(QUIET in text and "data-one-1 (2Mi)" in text for text in run[0]["warnings"])
    assert _sizes(api, space) == {"data-one-0": "2Mi", "data-one-1": "2Mi"}
    assert api.claims(space) == claims and _pods(api, space) == pods
    new = api.get(path)["metadata"]["uid"]
    assert new != old and _owned(api, space, new)

    # As a run leaves it that was killed after it took the StatefulSet apart; and the change fails, with another size.
    api.ask("DELETE", path, {"propagationPolicy": "Orphan"})
    until("the StatefulSet to be gone", lambda: api.get(path) is None)
    failed = ansible.play(task("3Mi", values={"image.tag": "none"}, wait_timeout=60)).last
    assert failed.failed and "went back to revision 2" in failed.msg
    assert any("claim data-one-0 stays at 3Mi, claim data-one-1 stays at 3Mi" in text for text in failed["warnings"])
    assert api.own("instances", space, "one")["status"]["phase"] == "Ready"
    assert api.claims(space) == claims and _sizes(api, space) == {"data-one-0": "3Mi", "data-one-1": "3Mi"}
    assert api.get(path)["spec"]["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] == "2Mi"
    assert _pods(api, space)["one-0"] == pods["one-0"]

    # What it asked before is what it is; less is refused, and nothing is touched.
    before = api.everything(space)
    run = ansible.play(task("2Mi"), task("1Mi"), task("2Mi", values={"claim.storageClass": classes[1]}))
    assert not run[0].failed and not run[0].changed
    assert "claims data-one-0, data-one-1 have 3Mi, and 1Mi is smaller: a volume never shrinks; say 3Mi or more" in run[1].msg
    assert f"volumeClaimTemplates[data].storageClassName: {growing} → {classes[1]} (claims that exist keep theirs" in run[2].msg
    assert api.everything(space) == before


def test_volume_of_a_chart(ansible, api, space, classes):
    """A claim that the chart has itself; Helm cannot make it smaller again, and goes back all the same."""
    growing, fixed = classes

    def task(name: str, size: str, storage_class: str, **more):
        return instance(name, space, package="tiny", values={"claim.enabled": True, "claim.storageClass": storage_class, "claim.size": size, **more})

    run = good(ansible.play(task("one", "1Mi", growing), task("two", "1Mi", fixed)))
    claims, before = api.claims(space), api.everything(space)
    refused = ansible.play(task("two", "2Mi", fixed)).last
    assert refused.failed and f'claim two-data cannot grow from 1Mi to 2Mi: the storage class "{fixed}" does not expand volumes' in refused.msg
    assert growing in refused.msg and api.everything(space) == before
    run = ansible.play(task("one", "2Mi", growing, **{"image.tag": "none"}), task("one", "1Mi", growing, message="other"), task("one", "512Ki", growing))
    assert run[0].failed and "went back to revision 1" in run[0].msg and any("claim one-data stays at 2Mi" in text for text in run[0]["warnings"])
    assert not run[1].failed and run[1]["actions"] == ["set values.message: not set → other"] and run[1]["instance"]["phase"] == "Ready"
    assert "claim one-data has 2Mi, and 512Ki is smaller" in run[2].msg
    assert api.claims(space) == claims and _sizes(api, space) == {"one-data": "2Mi", "two-data": "1Mi"}
