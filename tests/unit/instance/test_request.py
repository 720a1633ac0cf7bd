# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that cannot be meant are refused before anything is read."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.instance.request import NAME_LIMIT, from_params


def params(**more):
    return {"name": "orders", "namespace": "shop", **more}


@pytest.mark.parametrize("name", ["a", "orders-cache", "r2", "a" * NAME_LIMIT])
def test_good_names(name):
    assert from_params(params(name=name)).name == name


@pytest.mark.parametrize("name", ["", "-a", "a-", "1a", "Orders", "orders_cache", "a.b", "a" * (NAME_LIMIT + 1), "ä"])
def test_bad_names(name):
    with pytest.raises(InputError) as caught:
        from_params(params(name=name))
    assert caught.value.where == "name" and caught.value.todo


@pytest.mark.parametrize("namespace", ["-a", "Shop", "a" * 64, "a_b"])
def test_bad_namespaces(namespace):
    with pytest.raises(InputError):
        from_params(params(namespace=namespace))


def test_a_namespace_may_begin_with_a_digit():
    assert from_params(params(namespace="1shop")).namespace == "1shop"


@pytest.mark.parametrize("more", [
    {"wait_timeout": 0},
    {"document": "kind: HelmRelease", "values": {"a": 1}}, {"document": {"kind": "HelmRelease"}, "values_mode": "merge"},
])
def test_combinations_that_cannot_be_meant(more):
    with pytest.raises(InputError):
        from_params(params(**more))


def test_what_is_not_given_has_its_default():
    request = from_params(params(package=None, values=None, project=None))
    assert (request.package, request.values, request.project, request.state) == (None, {}, "default", "present")
