# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an instance becomes again what it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError, InstanceError
from ansible_collections.acmp.middleware.plugins.module_utils.instance import records, rollback
from ansible_collections.acmp.middleware.plugins.module_utils.instance._desired import desired
from ansible_collections.acmp.middleware.plugins.module_utils.instance._observe import Observed

from .test_plan import ask, entry, head, recorded


def past(wanted, number=1, helm_revision=1, ready=True, message=""):
    spec = recorded(wanted)["spec"]
    item = records.revision("orders", "shop", number, spec, "op")
    return {**item, "status": {"ready": ready, "helmRevision": helm_revision, "message": message}}


def two_revisions(**more):
    """An instance with two replicas, which had one before."""
    one, two = desired(ask(), entry(), None), desired(ask(values={"replicas": 2}), entry(), None)
    record = recorded(two, helm_revision=2)
    record["status"] |= {"revision": 2, "readyRevision": 2, **more}
    seen = Observed(record, (head("superseded", 1, one.digest), head("deployed", 2, two.digest)))
    return one, two, seen


def test_helm_goes_back_by_number():
    one, _two, seen = two_revisions()
    found = rollback.plan(ask(), one, seen, past(one))
    assert (found.verb, found.release, found.back) == ("rollback", "rollback", 1)
    assert found.actions == ("roll back shop/orders to revision 1 (redis 1.0.0)", "set values.replicas: 2 → 1")


@pytest.mark.parametrize("why", ["gone", "secrets", "other digest"])
def test_else_the_chart_is_rendered_again(why):
    one, _two, seen = two_revisions()
    if why == "gone":
        seen = replace(seen, heads=seen.heads[1:])
    if why == "other digest":
        seen = replace(seen, heads=(head("superseded", 1, "f" * 64), seen.heads[1]))
    wanted = replace(one, secret_paths=(("values", "auth", "adminPassword"),)) if why == "secrets" else one
    found = rollback.plan(ask(), wanted, seen, past(one))
    assert (found.release, found.back) == ("upgrade", 0)


def test_what_is_as_it_was_is_left_alone():
    _one, two, seen = two_revisions()
    assert rollback.plan(ask(), two, seen, past(two, 2, 2)).empty


class Kube:
    def __init__(self, *revisions):
        self.revisions = list(revisions)

    def list(self, *_arguments, **_options):
        return self.revisions


def test_without_a_number_the_last_ready_one_that_differs():
    one, two, seen = two_revisions()
    failed = past(desired(ask(values={"replicas": 9}), entry(), None), 3, 3, ready=False)
    known = Kube(past(one), past(two, 2, 2), failed)
    assert rollback._number(known, ask(), None, seen) == 1
    # What failed and was not undone goes back to what was ready.
    seen.record["status"] |= {"phase": "Failed", "revision": 3}
    assert rollback._number(known, ask(), None, seen) == 2


def test_a_revision_that_is_not_there_or_was_never_ready():
    one, _two, seen = two_revisions()
    known = Kube(past(one), past(one, 2, 2, ready=False, message="no such image"))
    with pytest.raises(InputError, match="no revision 7.*ready revisions: 1"):
        rollback._number(known, ask(), 7, seen)
    with pytest.raises(InstanceError, match="never became ready .no such image"):
        rollback._number(known, ask(), 2, seen)
    with pytest.raises(InstanceError, match="no earlier revision"):
        rollback._number(Kube(past(desired(ask(values={"replicas": 2}), entry(), None))), ask(), None, seen)
