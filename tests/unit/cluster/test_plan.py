# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of a cluster, and what of its record has to change for it."""

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _plan
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError

TARGET = _plan.Target("uid-1", "https://east:6443")


def request(**params):
    return _plan.from_params({"name": "east", "state": "present", **params})


@pytest.mark.parametrize("name", ["a", "east", "0", "a-b", "x" * 40])
def test_names(name):
    assert request(name=name).name == name


@pytest.mark.parametrize("name", ["", "East", "a_b", "a.b", "-a", "a-", "x" * 41, "é", "a b", "a\n"])
def test_names_that_are_none(name):
    with pytest.raises(InputError, match="is no name for a cluster"):
        request(name=name)


@pytest.mark.parametrize(("given", "kept"), [
    ("10.0.0.1", "10.0.0.1"), ("[fd00::1]", "fd00::1"), ("FD00:0::1", "fd00::1"), ("east.example.com", "east.example.com"), ("east", "east"), ("", ""),
])
def test_addresses(given, kept):
    assert request(address=given).texts["address"] == kept


@pytest.mark.parametrize("address", ["https://east", "east:30000", "10.0.0", "10.0.0.256", "a..b", "-a", "a b", "x" * 254, "a" * 64])
def test_addresses_that_are_none(address):
    with pytest.raises(InputError, match="neither an IP address nor a host name"):
        request(address=address)


@pytest.mark.parametrize(("days", "seconds"), [(None, None), (30, 2592000), (0.5, 43200), (0.007, 604), (1 / 24, 3600)])
def test_days(days, seconds):
    assert request(credential_days=days).seconds == seconds


@pytest.mark.parametrize("days", [0, -1, 0.006, 3651, float("nan"), float("inf")])
def test_days_that_are_none(days):
    with pytest.raises(InputError, match="credential_days"):
        request(credential_days=days)


def test_the_local_cluster_keeps_its_connection():
    assert request(name="local", owner="ops", address="here").texts == {"owner": "ops", "address": "here"}
    for option, value in (("cluster_kubeconfig", {"a": 1}), ("credential", "given"), ("rotate", True), ("source", "created"), ("cluster_host", "https://a")):
        with pytest.raises(InputError, match=f"{option} cannot be set"):
            request(name="local", **{option: value})
    with pytest.raises(InputError, match="cannot be removed"):
        request(name="local", state="absent")


def test_a_new_record_says_who_and_when_and_later_ones_keep_it():
    first = _plan.spec(request(owner="ops", description=" x "), None, TARGET, "T1", "jo")
    assert first == {
        "source": "imported", "owner": "ops", "description": "x", "server": "https://east:6443", "uid": "uid-1", "registeredAt": "T1", "registeredBy": "jo",
        "credential": {"kind": "service_account", "secret": "cluster-east", "seconds": 2592000},
    }
    assert _plan.record_action(request(), None, first) == "register cluster east (https://east:6443)"
    assert _plan.spec(request(), first, TARGET, "T2", "eve") == first and _plan.record_action(request(), first, first) == ""
    second = _plan.spec(request(owner="", scene="test"), first, None, "T2", "eve")
    assert "owner" not in second and second["scene"] == "test" and second["registeredAt"] == "T1"
    assert _plan.record_action(request(), first, second) == "change cluster east: owner, scene"


def test_the_kind_of_credential_stays_until_another_is_asked_for():
    before = _plan.spec(request(credential="given"), None, TARGET, "T", "")
    assert before["credential"] == {"kind": "given", "secret": "cluster-east"}
    assert _plan.spec(request(), before, None, "T", "") == before
    after = _plan.spec(request(credential="service_account", credential_days=1), before, None, "T", "")
    assert after["credential"] == {"kind": "service_account", "secret": "cluster-east", "seconds": 86400}
    assert _plan.spec(request(), after, None, "T", "") == after


def test_address_and_identity_change_by_replace_alone():
    before = _plan.spec(request(), None, TARGET, "T", "")
    _plan.check_target(request(), before, TARGET)
    _plan.check_target(request(), None, TARGET)
    other, moved = _plan.Target("uid-2", TARGET.server), _plan.Target(TARGET.uid, "https://west:6443")
    with pytest.raises(InputError, match="leads to another cluster than the one registered as east"):
        _plan.check_target(request(), before, other)
    with pytest.raises(InputError, match="address https://east:6443, not https://west:6443"):
        _plan.check_target(request(), before, moved)
    for target in (other, moved):
        _plan.check_target(request(replace=True), before, target)
        assert _plan.spec(request(replace=True), before, target, "T", "")["server"] == target.server


def test_texts_have_an_end():
    with pytest.raises(InputError, match="1025 characters"):
        request(description="x" * 1025)
