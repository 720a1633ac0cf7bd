# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Release records: decoding with bounds, heads, and recovery."""

from __future__ import annotations

import base64
import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Conflict, HelmError, InputError, NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.helm import releases

PAYLOAD = {
    "name": "orders-db", "version": 2, "namespace": "shop",
    "manifest": "---\n# Source: r/templates/a.yaml\nkind: Service\napiVersion: v1\nmetadata: {name: a}\n",
    "info": {"status": "pending-upgrade", "description": "Preparing upgrade", "notes": "hi", "last_deployed": "2026-01-01T00:00:00Z"},
    "chart": {"metadata": {"name": "r", "version": "1.0.0", "appVersion": "7"}}, "config": {"big": 12345678901234567890, "f": 1.5, "ü": "é"},
    "apply_method": "ssa", "hooks": [{"name": "h", "kind": "Job"}],
}


def helms_encoding(payload):
    return base64.b64encode(gzip.compress(json.dumps(payload).encode())).decode()


def secret(payload=None, status="pending-upgrade", revision=2, **labels):
    return {
        "metadata": {"name": f"sh.helm.release.v1.orders-db.v{revision}", "namespace": "shop", "uid": "u", "resourceVersion": "7", "managedFields": [{}],
                     "labels": {"owner": "helm", "name": "orders-db", "status": status, "version": str(revision), "createdAt": "100",
                                "acmp-digest": "abc", **labels}},
        "type": "helm.sh/release.v1",
        "data": {"release": base64.b64encode(helms_encoding(payload or PAYLOAD).encode()).decode()},
    }


class FakeKube:
    def __init__(self, *secrets):
        self.secrets = {item["metadata"]["name"]: item for item in secrets}
        self.writes = []

    def get(self, api_version, kind, name, namespace=None):
        assert (api_version, kind, namespace) == ("v1", "Secret", "shop")
        return json.loads(json.dumps(self.secrets[name])) if name in self.secrets else None

    def list(self, api_version, kind, namespace=None, label_selector=None, field_selector=None, metadata_only=False):
        assert metadata_only
        self.selector = label_selector
        return [{"metadata": item["metadata"]} for item in self.secrets.values()]

    def replace(self, item):
        if item["metadata"]["resourceVersion"] != self.secrets[item["metadata"]["name"]]["metadata"]["resourceVersion"]:
            raise Conflict("changed meanwhile")
        self.writes.append(item)
        self.secrets[item["metadata"]["name"]] = item

    def delete(self, api_version, kind, name, namespace=None, uid=None):
        self.writes.append(("delete", name, uid))
        return self.secrets.pop(name, None) is not None


def test_read_decodes_all_fields():
    release = releases.read(FakeKube(secret()), "shop", "orders-db", 2)
    assert (release.name, release.revision, release.status, release.apply_method, release.notes) == ("orders-db", 2, "pending-upgrade", "ssa", "hi")
    assert release.chart == {"name": "r", "version": "1.0.0", "app_version": "7"}
    assert release.config == PAYLOAD["config"]
    assert release.labels == {"acmp-digest": "abc"}
    assert [item["kind"] for item in release.objects()] == ["Service"]


def test_a_missing_revision_is_not_found():
    with pytest.raises(NotFound):
        releases.read(FakeKube(), "shop", "orders-db", 1)


@pytest.mark.parametrize("payload", [{}, {"info": None, "chart": None, "config": None, "hooks": None},
                                     {"info": [], "chart": {"metadata": []}, "hooks": [1], "version": "x"}])
def test_records_of_odd_shape_are_read(payload):
    release = releases.read(FakeKube(secret(payload or {"x": 1})), "shop", "orders-db", 2)
    assert (release.status, release.revision, release.hooks, release.config) == ("unknown", 2, [], {})


def test_a_record_from_before_compression():
    assert releases.decode(base64.b64encode(json.dumps({"a": 1}).encode()).decode()) == {"a": 1}


def test_a_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(releases, "PAYLOAD_LIMIT", 1000)
    with pytest.raises(HelmError, match="too large"):
        releases.decode(helms_encoding({"a": "x" * 2000}))
    assert releases.decode(helms_encoding({"a": "x" * 900}))


@pytest.mark.parametrize("text", ["", "%%%", "é", base64.b64encode(b"\x1f\x8b\x08rest").decode(),
                                  base64.b64encode(b"[1]").decode(), base64.b64encode(b"{").decode(),
                                  base64.b64encode(gzip.compress(b"{}")[:-9]).decode(), base64.b64encode(b"[" * 100000).decode()])
def test_garbage_is_a_helm_error(text):
    with pytest.raises(HelmError):
        releases.decode(text)


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.none() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()))
def test_encode_is_what_helm_can_decode(payload):
    inner = base64.b64decode(releases.encode(payload))
    assert json.loads(gzip.decompress(base64.b64decode(inner)).decode("utf-8", "surrogatepass")) == payload
    assert releases.decode(inner.decode()) == payload


def test_heads_are_sorted_by_number_and_lookalikes_left_out():
    kube = FakeKube(secret(revision=10, status="deployed"), secret(revision=9, status="superseded", modifiedAt="200"))
    kube.secrets["other"] = {"metadata": {"name": "other", "labels": {"owner": "helm", "name": "orders-db", "version": "11"}}}
    kube.secrets["bare"] = {"metadata": {"name": "bare"}}
    known = releases.heads(kube, "shop", "orders-db")
    assert kube.selector == "owner=helm,name=orders-db"
    assert [(head.revision, head.status, head.changed) for head in known] == [(9, "superseded", 200), (10, "deployed", 100)]
    assert releases.latest(known).revision == 10
    assert releases.latest([]) is None


@pytest.mark.parametrize(("status", "answer"), [("pending-install", True), ("pending-upgrade", True), ("pending-rollback", True), ("uninstalling", True),
                                                ("deployed", False), ("failed", False), ("superseded", False), ("uninstalled", False), ("unknown", False)])
def test_stuck(status, answer):
    assert releases.stuck(releases.head_of(secret(status=status))) is answer
    assert not releases.stuck(None)


def test_mark_failed_changes_status_in_payload_and_label_and_nothing_else():
    kube = FakeKube(secret())
    releases.mark_failed(kube, releases.heads(kube, "shop")[0], Context())
    written = kube.writes[0]
    assert (written["apiVersion"], written["kind"], written["type"]) == ("v1", "Secret", "helm.sh/release.v1")
    assert written["metadata"]["labels"]["status"] == "failed"
    assert written["metadata"]["labels"]["acmp-digest"] == "abc"
    assert written["metadata"]["resourceVersion"] == "7"
    again = releases.decode(base64.b64decode(written["data"]["release"]).decode())
    assert again.pop("info") == {**PAYLOAD["info"], "status": "failed", "description": "set to failed: helm ended while the release was pending-upgrade"}
    assert again == {key: value for key, value in PAYLOAD.items() if key != "info"}
    assert len(kube.writes) == 1


def test_mark_failed_writes_nothing_in_check_mode():
    kube = FakeKube(secret())
    releases.mark_failed(kube, releases.heads(kube, "shop")[0], Context(check_mode=True))
    assert kube.writes == []


def test_mark_failed_believes_the_payload_not_the_label():
    kube = FakeKube(secret({**PAYLOAD, "info": {"status": "deployed"}}))
    with pytest.raises(InputError, match="deployed, not stuck"):
        releases.mark_failed(kube, releases.heads(kube, "shop")[0], Context())


def test_forget_only_a_first_install_that_died():
    kube = FakeKube(secret(revision=1, status="pending-install"))
    releases.forget(kube, releases.heads(kube, "shop")[0], Context())
    assert kube.writes == [("delete", "sh.helm.release.v1.orders-db.v1", "u")]
    for known in ([secret(revision=1, status="deployed")], [secret(revision=1, status="failed"), secret(revision=2, status="failed")]):
        kube = FakeKube(*known)
        with pytest.raises(InputError):
            releases.forget(kube, releases.heads(kube, "shop")[0], Context())
        assert kube.writes == []


def made(revision, status, *names, keep=()):
    objects = [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "annotations": {"helm.sh/resource-policy": "keep"} if name in keep else {}}}
               for name in names]
    text = "".join(f"---\n{json.dumps(item)}\n" for item in objects)
    payload = {**PAYLOAD, "version": revision, "manifest": text, "info": {"status": status}}
    return releases.read(FakeKube(secret(payload, status, revision)), "shop", "orders-db", revision)


def test_strays_are_what_only_a_failed_revision_made():
    target = made(4, "x", "a", "new").objects()
    found = releases.strays([made(1, "deployed", "a", "old"), made(2, "failed", "a", "b", "k", keep=("k",)), made(3, "failed", "a", "new")], target, "shop")
    assert [ref.name for ref in found] == ["b"]
    # Nothing deployed: helm compares with the newest revision and prunes by itself.
    assert releases.strays([made(1, "failed", "a", "b")], target, "shop") == []


def test_a_digest_fits_into_a_label():
    assert len(releases.digest_label("a" * 64)) <= 63
