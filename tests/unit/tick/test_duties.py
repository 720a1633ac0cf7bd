# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Duties stand each for itself: what fails is named, what does not answer is a warning, and everything else is done."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, Forbidden, LockError
from ansible_collections.acmp.middleware.plugins.module_utils.project.credentials import Listed
from ansible_collections.acmp.middleware.plugins.module_utils.tick import duties, tick
from ansible_collections.acmp.middleware.plugins.module_utils.tick.duties import Done, Round, Settings
from ansible_collections.acmp.middleware.plugins.modules import acmp_tick

PAST, LONG_AGO, FAR = "2026-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"


def cluster(name, phase="Ready", **credential):
    return {"metadata": {"name": name}, "spec": {"credential": {"kind": "given"}}, "status": {"phase": phase, "credential": credential}}


class Home:
    """A management cluster that knows these Cluster records. server: for messages."""

    server = "https://home"

    def __init__(self, *records):
        self.records = records

    def list(self, *_kind):
        return list(self.records)

    def get(self, _api, _kind, name, **_more):
        return next((record for record in self.records if record["metadata"]["name"] == name), None)


def a_round(*records, ctx=None, **more):
    return Round(Home(*records), {}, None, Settings(), ctx or Context(), **more)


def one(name, duty, tick_round=None, monkeypatch=None):
    monkeypatch.setattr(tick, "DUTIES", {name: duty})
    return tick._duties(tick_round or a_round(), [name])[0]


def test_the_module_offers_every_duty_in_its_order():
    assert acmp_tick.SPEC["argument_spec"]["duties"]["choices"] == list(duties.DUTIES)


def test_a_failing_duty_stops_no_other(monkeypatch):
    def bad(_round):
        raise Forbidden("no", where="there")

    def worse(_round):
        raise KeyError("x")

    monkeypatch.setattr(tick, "DUTIES", {"a": bad, "b": lambda _round: Done(("did b",)), "c": worse, "d": lambda _round: Done(warnings=("d!",))})
    found = tick._duties(a_round(), list("abcd"))
    assert [duty["outcome"] for duty in found] == ["failed", "ok", "failed", "ok"]
    result = tick._result("https://home", "T", 1.0, found)
    assert result["failed"] and result["changed"] and result["actions"] == ["did b"] and result["tick"]["outcome"] == "failed"
    assert "2 of 4 duties failed: a: no. Where: there; c: a defect" in result["msg"] and "KeyError" in result["msg"]
    assert result["error"]["details"] == {"duties": ["a", "c"]}


def test_a_line_counts_in_plain_words(monkeypatch):
    lines = []
    one, two = Done(("did",), ("w",)), Done((), ("v", "w"), ("f",))
    monkeypatch.setattr(tick, "DUTIES", {"a": lambda _round: one, "b": lambda _round: two, "c": lambda _round: Done()})
    tick._duties(a_round(ctx=Context(progress=lines.append)), list("abc"))
    assert [line.split("  ")[1] for line in lines] == ["1 done, 1 warning", "2 warnings, 1 failure", "ok"]


def test_nothing_due_is_no_change(monkeypatch):
    monkeypatch.setattr(tick, "DUTIES", {"a": lambda _round: Done()})
    result = tick._result("https://home", "T", 1.0, tick._duties(a_round(), ["a"]))
    assert (result["changed"], result["actions"], result["tick"]["outcome"]) == (False, [], "ok") and "failed" not in result


def test_a_lost_lease_ends_what_is_left(monkeypatch):
    def lost():
        raise LockError("The right to change it was lost")
    called = []
    found = one("a", lambda _round: called.append(1), a_round(check=lost), monkeypatch)
    assert not called and "right to change it was lost" in found["failures"][0]


def test_secrets_are_shown_nowhere(monkeypatch):
    ctx = Context()
    ctx.secrets.add("planted-secret")
    texts = ("say planted-secret",)
    found = one("a", lambda _round: Done(texts, texts, texts), a_round(ctx=ctx), monkeypatch)
    assert "planted-secret" not in str(found)


def test_what_the_server_warned_of_belongs_to_the_duty(monkeypatch):
    ctx = Context(warnings=["earlier"])

    def duty(tick_round):
        tick_round.ctx.warn("from the server")
        return Done(warnings=("own",))

    assert one("a", duty, a_round(ctx=ctx), monkeypatch)["warnings"] == ["own", "from the server"]
    assert ctx.warnings == ["earlier", "from the server", "own"]


def test_clusters_are_measured_side_by_side_and_one_that_is_down_hinders_none(monkeypatch):
    meeting = threading.Barrier(3, timeout=5)

    def refresh(_home, record, _ctx):
        meeting.wait()
        if record["metadata"]["name"] == "down":
            raise ConnectionFailed("no answer")
        if record["metadata"]["name"] == "odd":
            return {"phase": "NotReady", "message": "1 of 3 nodes"}
        return {"phase": "Ready"}

    monkeypatch.setattr(duties.clusters, "refresh", refresh)
    found = duties.status(a_round(cluster("down"), cluster("good"), cluster("odd")))
    assert found == Done(warnings=("cluster down: no answer.", "cluster odd is NotReady: 1 of 3 nodes"))


def test_a_cluster_that_answers_for_ever_ends_no_duty(monkeypatch):
    end = threading.Event()
    monkeypatch.setattr(duties, "_MOST_SECONDS", 0.3)
    monkeypatch.setattr(duties.clusters, "refresh", lambda _home, record, _ctx: end.wait(30) if record["metadata"]["name"] == "odd" else {"phase": "Ready"})
    found = duties.status(a_round(cluster("good"), cluster("odd")))
    end.set()
    assert len(found.warnings) == 1 and "cluster odd: The cluster gave no answer" in found.warnings[0] and not found.failures


def test_check_mode_measures_nothing(monkeypatch):
    monkeypatch.setattr(duties.clusters, "refresh", pytest.fail)
    assert duties.status(a_round(cluster("good"), ctx=Context(check_mode=True))) == Done()


def test_a_cluster_that_was_removed_meanwhile_is_no_failure(monkeypatch):
    home = Home(cluster("gone"), cluster("there"))

    def renew(_home, record, _ctx):
        home.records = (cluster("there"),)
        raise Forbidden(f"no {record['metadata']['name']}")

    monkeypatch.setattr(duties.clusters, "renew", renew)
    assert duties.cluster_credentials(Round(home, {}, None, Settings(), Context())) == Done(failures=("cluster there: no there.",))


@pytest.fixture
def spaces(monkeypatch):
    """Workspaces known, each as (cluster, namespace, expires); what was reached and renewed."""
    items, log = [], SimpleNamespace(reached=[], renewed=[], orphans=[], forgotten=[])
    monkeypatch.setattr(duties.credentials, "listed", lambda _home: [Listed("p", place, name, PAST, ends, "s") for place, name, ends in items])
    monkeypatch.setattr(duties.credentials, "look", lambda _home, _project, place, name: any(item[:2] == (place, name) for item in items) or None)

    monkeypatch.setattr(duties.credentials, "orphans", lambda _home, _known: log.orphans)
    monkeypatch.setattr(duties.credentials, "forget", lambda _home, *place: log.forgotten.append(place))

    def of_record(_home, record, _ctx, _seconds):
        log.reached.append(record["metadata"]["name"])
        if record["metadata"]["name"] == "down":
            raise ConnectionFailed("no answer")
        return SimpleNamespace(verify=lambda: None)

    def renew(_home, _place, item, _ctx):
        if item.namespace == "bad":
            raise Forbidden("no")
        log.renewed.append(item.namespace)
        return f"renew {item.namespace}"

    monkeypatch.setattr(duties.reach, "of_record", of_record)
    monkeypatch.setattr(duties.workspaces, "renew", renew)
    return items, log


def test_only_clusters_with_something_due_are_asked(spaces):
    items, log = spaces
    items += [("east", "a", PAST), ("east", "b", FAR), ("west", "c", FAR), ("down", "d", PAST), ("east", "bad", PAST)]
    found = duties.workspace_credentials(a_round(cluster("east"), cluster("west"), cluster("down")))
    assert sorted(log.reached) == ["down", "east"] and log.renewed == ["a"]
    assert found == Done(("renew a",), ("cluster down: no answer.",), ("workspace bad on cluster east (project p): no.",))


def test_nothing_due_asks_no_cluster(spaces):
    items, log = spaces
    items += [("east", "b", FAR)]
    assert duties.workspace_credentials(a_round(cluster("east"))) == Done() and log.reached == []


def test_rights_to_credentials_that_are_gone_go(spaces):
    _items, log = spaces
    log.orphans = [Listed("p", "east", "gone", "", "", "")]
    expected = Done(("remove the rights to the credential of east/gone, which is gone",))
    assert duties.workspace_credentials(a_round(cluster("east"), ctx=Context(check_mode=True))) == expected and not log.forgotten
    assert duties.workspace_credentials(a_round(cluster("east"))) == expected and log.forgotten == [("p", "east", "gone")]


def test_given_credentials_are_warned_of(spaces):
    items, _log = spaces
    items += [("east", "a", PAST), ("east", "b", FAR)]
    found = duties.expiry(a_round(cluster("local"), cluster("east", expiresAt=PAST, issuedAt=LONG_AGO), cluster("west", expiresAt=FAR)))
    assert len(found.warnings) == 2 and not found.failures
    assert found.warnings[0].startswith("the credential of cluster east expired")
    assert found.warnings[1].startswith("the credential of workspace a on cluster east")


def test_operations_of_a_cluster_that_is_down_are_left_alone(spaces):
    _items, log = spaces
    assert duties.operations(a_round(cluster("down", phase="Unreachable"))) == Done() and log.reached == []
