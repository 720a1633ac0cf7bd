# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people see of an instance, and which claims are its own."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.module_utils.instance import _inventory, view

META = {"name": "orders", "namespace": "shop", "creationTimestamp": "2026-01-31T12:00:00Z"}


def test_an_instance_shows_its_cluster_and_project():
    record = {"metadata": META, "spec": {"package": "redis", "version": "1.0.0", "type": "default", "document": "", "project": "web"}}
    assert (view.instance(record)["cluster"], view.instance(record, "east")["cluster"], view.instance(record)["project"]) == ("local", "east", "web")


def test_claims_are_found_by_name_and_by_template_and_no_others():
    class Kube:
        def list(self, _api, _kind, _namespace):
            return [{"metadata": {"name": name}} for name in ("data-orders-0", "data-orders-11", "data-orders-x", "data-orders2-0", "backup", "other")]

    objects = [
        {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "orders"}, "spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "backup"}},
    ]
    request = type("Request", (), {"namespace": "shop"})
    expected = ["data-orders-0", "data-orders-11", "backup"]
    assert [item["metadata"]["name"] for item in _inventory.claims(Kube(), request, objects)] == expected
    recorded = _inventory.as_objects(_inventory.claimants([], _inventory.references(objects, "shop")))
    assert [item["metadata"]["name"] for item in _inventory.claims(Kube(), request, recorded)] == expected


def test_what_ever_had_claims_is_remembered_once():
    before = [{"kind": "StatefulSet", "name": "old", "claimTemplates": ["data"]}, {"kind": "StatefulSet", "name": "orders", "claimTemplates": ["data"]}]
    now = [{"kind": "StatefulSet", "name": "orders", "claimTemplates": ["data", "log"]}]
    now += [{"kind": "StatefulSet", "name": "bare"}, {"kind": "Service", "name": "s"}]
    found = _inventory.claimants(before, now)
    assert [(item["name"], item["claimTemplates"]) for item in found] == [("old", ["data"]), ("orders", ["data", "log"])]
