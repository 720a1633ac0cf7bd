# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a tick writes down stays small, and keeps what it did not do this time."""

from __future__ import annotations

import json

from ansible_collections.acmp.middleware.plugins.module_utils.tick import record


class Home:
    """One ConfigMap, stored."""

    def __init__(self, data=None):
        self.stored = None if data is None else {"data": data}

    def get(self, *_where):
        return self.stored

    def apply(self, obj):
        self.stored = obj


def duty(name, failures=(), **more):
    return {"name": name, "outcome": "failed" if failures else "ok", "seconds": 0.1, "actions": [], "warnings": [], "failures": list(failures), **more}


def test_a_tick_is_read_as_it_was_written():
    home = Home()
    assert record.read(home) == {}
    record.write(home, "2026-06-01T12:00:00Z", 1.26, [duty("status"), duty("operations", actions=["delete 3 Operations"])])
    found = record.read(home)
    assert (found["lastRun"], found["lastSuccess"], found["seconds"], found["outcome"]) == ("2026-06-01T12:00:00Z", "2026-06-01T12:00:00Z", "1.3", "ok")
    assert found["duties"]["operations"] == {
        "at": "2026-06-01T12:00:00Z", "seconds": 0.1, "outcome": "ok", "actions": ["delete 3 Operations"], "warnings": [], "failures": []}


def test_a_failed_tick_keeps_the_last_success_and_what_others_did():
    home = Home()
    record.write(home, "T1", 1, [duty("status"), duty("operations")])
    record.write(home, "T2", 1, [duty("status", ["cluster east: no"])])
    found = record.read(home)
    assert (found["lastRun"], found["lastSuccess"], found["outcome"]) == ("T2", "T1", "failed")
    assert {name: entry["at"] for name, entry in found["duties"].items()} == {"status": "T2", "operations": "T1"}
    assert found["duties"]["status"]["failures"] == ["cluster east: no"]


def test_the_record_stays_small():
    home = Home()
    many = [f"workspace {number} " + "x" * 5000 for number in range(5000)]
    record.write(home, "T1", 1, [duty(name, many, actions=many, warnings=many) for name in "abcdefgh"])
    assert len(json.dumps(home.stored)) < 400_000
    assert record.read(home)["duties"]["a"]["failures"][-1] == "and 4980 more"
    assert record.bounded(["ab", "c" * 501]) == ["ab", "c" * 499 + "…"]


def test_a_record_that_somebody_spoiled_is_made_anew():
    for text in ("{", "[]", "null", "[" * 100000):
        home = Home({"lastRun": "T0", "duties": text})
        assert record.read(home)["duties"] == {}
        record.write(home, "T1", 1, [duty("status")])
        assert set(record.read(home)["duties"]) == {"status"}
