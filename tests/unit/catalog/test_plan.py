# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The steps of the catalog, for every combination of what is there and what was asked."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.catalog._plan import Observed, Wanted, plan
from ansible_collections.acmp.middleware.plugins.module_utils.errors import CatalogError

A, B = "a" * 64, "b" * 64


def steps(state, sha256, **seen):
    return plan(Wanted("redis", "1.0.0", state, sha256), Observed(**seen)).steps


@pytest.mark.parametrize(("state", "sha256", "seen", "expected"), [
    ("present", A, {}, ("upload",)),
    ("present", A, {"incoming": A}, ()),
    ("present", None, {"incoming": A}, ()),
    ("present", A, {"catalog": A, "pin": A}, ()),
    ("present", B, {"incoming": A}, ("delete", "upload")),
    ("listed", A, {}, ("upload", "list")),
    ("listed", A, {"incoming": A}, ("list",)),
    ("listed", None, {"incoming": A}, ("list",)),
    ("listed", A, {"catalog": A, "pin": A}, ()),
    ("listed", B, {"incoming": A}, ("delete", "upload", "list")),
    ("unlisted", None, {"catalog": A, "pin": A}, ("unlist",)),
    ("unlisted", None, {"incoming": A, "pin": A}, ()),
    ("unlisted", A, {}, ("upload",)),
    ("absent", None, {}, ()),
    ("absent", None, {"incoming": A}, ("delete",)),
])
def test_steps(state, sha256, seen, expected):
    assert steps(state, sha256, **seen) == expected


def test_a_move_that_was_interrupted_is_finished():
    assert steps("listed", A, catalog=A, incoming=A, pin=A) == ("withdraw",)
    assert steps("unlisted", A, catalog=A, incoming=A, pin=A) == ("unlist",)


@pytest.mark.parametrize("state", ["present", "listed", "unlisted"])
@pytest.mark.parametrize("seen", [{"catalog": A, "pin": A}, {"pin": A}, {"incoming": A, "pin": A}])
def test_the_bytes_of_a_version_once_listed_never_change(state, seen):
    with pytest.raises(CatalogError, match="other content") as caught:
        steps(state, B, **seen)
    assert "raise the version" in caught.value.todo


@pytest.mark.parametrize("state", ["present", "listed", "unlisted"])
def test_a_version_nobody_uploaded_needs_src(state):
    with pytest.raises(CatalogError, match="never uploaded"):
        steps(state, None)


def test_a_listed_version_is_not_deleted():
    with pytest.raises(CatalogError, match="is listed"):
        steps("absent", None, catalog=A, pin=A)


def test_deleting_tells_who_still_runs_it():
    found = plan(Wanted("redis", "1.0.0", "absent"), Observed(incoming=A, users=("shop/orders",)))
    assert found.steps == ("delete",)
    assert "shop/orders" in found.notes[0]


def test_doing_the_steps_ends_as_asked_and_then_nothing_is_left_to_do():
    """Every reachable state, every wish: after the planned steps the same wish plans nothing."""
    for state, sha256, incoming, catalog in itertools.product(("present", "listed", "unlisted"), (A, None), (A, None), (A, None)):
        seen = Observed(incoming=incoming, catalog=catalog, pin=catalog)
        if sha256 is None and not incoming and not catalog:
            continue
        for step in plan(Wanted("redis", "1.0.0", state, sha256), seen).steps:
            seen = after(seen, step, sha256 or A)
        assert plan(Wanted("redis", "1.0.0", state, sha256), seen).steps == ()
        assert (seen.catalog is not None) == (state == "listed" or (state == "present" and catalog is not None))


def after(seen: Observed, step: str, sha256: str) -> Observed:
    if step == "upload":
        return Observed(incoming=sha256, pin=seen.pin)
    if step == "list":
        return Observed(catalog=seen.incoming, pin=seen.incoming)
    if step == "unlist":
        return Observed(incoming=seen.catalog, pin=seen.pin)
    return Observed(catalog=seen.catalog, pin=seen.pin)
