# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a workspace needs a new credential, and whether the right people may read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.project import credentials
from ansible_collections.acmp.middleware.plugins.module_utils.project.credentials import Listed
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member, Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _credentials
from ansible_collections.acmp.middleware.plugins.module_utils.workspace._observe import Observed


def at(hours: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


ITEM = Listed("retail", "local", "shop", at(-10), at(20), "acmp-credential-a")
ACCOUNT = {"kind": "ServiceAccount", "metadata": {"name": "acmp-workspace", "namespace": "shop", "creationTimestamp": at(-11)}}
SEEN = Observed({("ServiceAccount", "shop", "acmp-workspace"): ACCOUNT}, {"shop": ITEM}, frozenset({("shop", "acmp-credential-a")}))


@pytest.mark.parametrize(
    ("seen", "item", "why"),
    [
        (SEEN, ITEM, ""),
        (SEEN, None, "none"),
        (replace(SEEN, live={}), ITEM, "account is new"),
        (replace(SEEN, live={("ServiceAccount", "shop", "acmp-workspace"): {"metadata": {"creationTimestamp": at(-1)}}}), ITEM, "account is new"),
        (replace(SEEN, bound=frozenset()), ITEM, "revoked"),
        (SEEN, ITEM._replace(expires_at=at(4)), "third"),
        (SEEN, ITEM._replace(expires_at=at(-1)), "third"),
        (SEEN, ITEM._replace(expires_at=""), "third"),
    ],
)
def test_when_a_new_one_is_needed(seen, item, why):
    found = _credentials.reason("shop", seen, item)
    assert why in found and bool(why) == bool(found)


def test_who_may_read_it():
    project, own = Project("retail", (Member("Group", "team"),)), (Member("User", "bob"),)
    bindings = {obj["metadata"]["name"]: obj for obj in credentials.objects(project, "local", "shop", [{"kind": "User", "name": "bob"}]) if "subjects" in obj}
    other = {obj["metadata"]["name"]: obj for obj in credentials.objects(project, "local", "shop2") if "subjects" in obj}
    seen = replace(SEEN, granted={**bindings, **other})
    assert _credentials.granted(project, "local", "shop", own, seen)
    assert not _credentials.granted(project, "local", "shop", (), seen), "the own binding has to go"
    assert _credentials.granted(project, "local", "shop2", (), seen)
    assert not _credentials.granted(project, "local", "shop2", own, seen)
    assert not _credentials.granted(Project("retail"), "local", "shop2", (), seen)
    assert not _credentials.granted(project, "local", "shop3", (), seen)


def test_which_secret_a_new_one_is_bound_to():
    both = frozenset({("shop", "acmp-credential-a"), ("shop", "acmp-credential-b")})
    for bound, current, names in (
        (frozenset(), "", ("acmp-credential-a",)), (SEEN.bound, "acmp-credential-a", ("acmp-credential-b",)), (SEEN.bound, "", ("acmp-credential-b",)),
        (frozenset(), "acmp-credential-a", ("acmp-credential-b",)), (both, "acmp-credential-a", ("acmp-credential-a", "acmp-credential-b")),
    ):
        assert _credentials.free("shop", replace(SEEN, bound=bound), current) == names
