# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A clone's document: what names the source is rewritten, what may name it is told, everything else is taken over."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.instance import clone
from ansible_collections.acmp.middleware.plugins.module_utils.instance.removal import _clone
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import from_params

GENERATED = [{"path": "values.auth.existingSecret", "suffix": "auth"}]


def ask(name, namespace):
    return from_params({"name": name, "namespace": namespace})


def cloned(values, to=("copy", "test"), on_top=None, secret="orders-auth", **spec):
    document = {
        "apiVersion": "operators.apusic.com/v1alpha1", "kind": "HelmRelease", "metadata": {"name": "orders", "namespace": "shop"},
        "spec": {"values": {"auth": {"existingSecret": secret}, **values}, **spec},
    }
    found, doubtful = _clone.document({"releaseName": spec.get("releaseName", "orders")}, document, GENERATED, ask("orders", "shop"), ask(*to), on_top or {})
    return found, doubtful


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("orders.shop.svc:6379", "copy.test.svc:6379"),
        ("orders-read.shop.svc.cluster.local", "copy-read.test.svc.cluster.local"),
        ("redis://:x@orders-0.orders-headless.shop:6379", "redis://:x@copy-0.copy-headless.test:6379"),
        ("reorders.shop", "reorders.shop"),
        ("orders.shopping.svc", "orders.shopping.svc"),
        ("library/orders", "library/orders"),
    ],
)
def test_addresses(before, after):
    found, doubtful = cloned({"a": [{"host": before}]})
    assert found["spec"]["values"]["a"] == [{"host": after}] and doubtful == []


def test_names():
    found, doubtful = cloned({"other": "orders-config"}, releaseName="orders", interval="5m", on_top={"size": 2, "image.tag": "7"})
    assert found["metadata"] == {"name": "copy", "namespace": "test"}
    assert found["spec"] == {
        "interval": "5m", "values": {"auth": {"existingSecret": ""}, "other": "orders-config", "size": 2, "image": {"tag": "7"}}}
    assert doubtful == ["values.other"]
    assert cloned({}, secret="mine")[0]["spec"]["values"]["auth"]["existingSecret"] == "mine"
    assert cloned({"other": "orders-config"}, to=("orders", "test"))[1] == []


def test_config_overrides_follow_the_release():
    recorded = {"orders": {"a": "1"}, "orders-conf": {"b": None}, "ordersome": {"c": "3"}}
    assert _clone.overrides(recorded, "orders", "copy") == {"copy": {"a": "1"}, "copy-conf": {"b": None}, "ordersome": {"c": "3"}}


def test_another_package_is_no_clone():
    request = from_params({"name": "copy", "namespace": "test", "package": "redis", "version": "1.0.0"})
    clone._check_package(request, {"package": "redis", "version": "1.0.0"})
    for package, version in (("mysql", "1.0.0"), ("redis", "1.1.0")):
        with pytest.raises(InstanceError, match="no clone of redis 1.0.0"):
            clone._check_package(request, {"package": package, "version": version})
