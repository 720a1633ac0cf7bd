# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tick finds due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.tick._plan import Credential, Done, expiring, merge, surplus
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def at(**ago):
    return (NOW - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def said(renewed=False, warn_days=14, issued=None, **ends_ago):
    return expiring(Credential("X", renewed, issued, at(**ends_ago) if ends_ago else None), NOW, warn_days)


@pytest.mark.parametrize(("ends_ago", "text"), [
    ({}, ""),
    ({"days": -400}, ""),
    ({"days": -14}, ""),
    ({"days": -13}, "X expires in 13 days"),
    ({"hours": -5}, "X expires in 5 hours"),
    ({"minutes": -59}, "X expires in 59 minutes"),
    ({"minutes": 59}, "X expired 59 minutes ago"),
    ({"days": 3}, "X expired 3 days ago"),
])
def test_a_given_credential_is_warned_of_in_time(ends_ago, text):
    assert said(**ends_ago) == text


def test_what_ticks_exchange_is_only_spoken_of_when_that_does_not_work():
    # Of a life of 60 minutes 20 are left when it is due, and 10 when something is wrong.
    assert said(renewed=True, issued=at(minutes=39), minutes=-21) == ""
    assert said(renewed=True, issued=at(minutes=45), minutes=-15) == ""
    assert said(renewed=True, issued=at(minutes=51), minutes=-9) == "X expires in 9 minutes"
    assert said(renewed=True, issued=at(minutes=61), minutes=1) == "X expired 1 minute ago"
    assert said(renewed=False, issued=at(minutes=39), minutes=-21) == "X expires in 21 minutes"
    assert said(renewed=True, issued=None, minutes=-21) == "X expires in 21 minutes"


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01T00:00:00Z", None])
def test_a_time_that_is_none_says_nothing(text):
    assert expiring(Credential("X", False, text, text), NOW, 14) == ""


def operation(number, instance="orders", namespace="shop", **ago):
    return {"metadata": {
        "name": f"op-{number:04}", "namespace": namespace, "uid": f"u{number}", "creationTimestamp": at(**ago),
        "labels": {"operators.apusic.com/instance": instance},
    }}


def names(found):
    return {(item.namespace, item.instance): [meta["name"] for meta in item.operations] for item in found}


def test_old_operations_go_but_never_the_newest():
    items = [operation(1, days=90), operation(2, days=31), operation(3, days=29), operation(4, instance="quiet", days=400)]
    assert names(surplus(items, NOW, 30, 50)) == {("shop", "orders"): ["op-0001", "op-0002"]}


def test_many_operations_go_oldest_first_each_instance_for_itself():
    items = [operation(number, minutes=number) for number in range(60)]
    items += [operation(100 + number, namespace="bank", minutes=number) for number in range(50)]
    assert names(surplus(items, NOW, 30, 50)) == {("shop", "orders"): [f"op-{number:04}" for number in range(59, 49, -1)]}


def test_operations_of_one_second_are_told_apart_by_name():
    items = [operation(number, days=1) for number in (2, 3, 1)]
    assert names(surplus(items, NOW, 30, 1)) == {("shop", "orders"): ["op-0001", "op-0002"]}


ITEMS = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y"]), st.integers(0, 4000)), max_size=60)


@given(ITEMS, st.integers(1, 60), st.integers(1, 20))
def test_what_stays_is_young_and_little(rows, days, keep):
    items = [operation(number, instance, namespace, hours=hours) for number, (namespace, instance, hours) in enumerate(rows)]
    gone = {meta["name"] for item in surplus(items, NOW, days, keep) for meta in item.operations}
    for group in {row[:2] for row in rows}:
        ages = {f"op-{number:04}": row[2] for number, row in enumerate(rows) if row[:2] == group}
        left = {name: age for name, age in ages.items() if name not in gone}
        assert 1 <= len(left) <= keep
        assert min(ages.values()) in left.values()
        # Nothing stays that is older than something that went, and what is too old only as the last one.
        assert all(age <= old for age in left.values() for name, old in ages.items() if name in gone)
        assert len(left) == 1 or max(left.values()) <= days * 24
        # Nothing went without a reason.
        assert all(age > days * 24 or len(left) == keep for name, age in ages.items() if name in gone)
    assert surplus([item for item in items if item["metadata"]["name"] not in gone], NOW, days, keep) == []


def test_what_duties_did_is_put_together_in_order():
    assert merge([Done(("a",), failures=("x",)), Done(), Done(("b",), ("w",))]) == Done(("a", "b"), ("w",), ("x",))
