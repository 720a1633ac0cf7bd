# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rights in words, what is asked for, and who else is there. With real rights it is tested on a real cluster."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _checks, _look, _plan, clusters, reach
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, Forbidden, InputError, PreflightError


class Kube:
    """A cluster of which a test says everything. lacking: rights that the caller does not have, as (verb, resource)."""

    server = "https://east:6443"

    def __init__(self, lacking=("*",), minor="35", definitions=(), schema=None, uid="uid-1"):
        self.lacking, self.minor, self.definitions, self.schema, self.uid, self.asked = lacking, minor, definitions, schema, uid, []

    def can_i(self, verb, group, resource, namespace=None, subresource="", name=""):
        self.asked.append((verb, group, resource, namespace, subresource, name))
        return verb not in self.lacking and (verb, resource) not in self.lacking

    def version(self):
        return {"major": "1", "minor": self.minor, "gitVersion": f"v1.{self.minor}.0"}

    def list(self, _api, _kind, metadata_only):
        if self.definitions is None:
            raise Forbidden("no")
        return [{"metadata": {"name": name, "labels": labels}} for name, labels in self.definitions]

    def get(self, _api, kind, *_more):
        return {"data": {"schema": str(self.schema)}} if kind == "ConfigMap" and self.schema else None

    def identity(self):
        return self.uid


OURS = ("instances.operators.apusic.com", {"app.kubernetes.io/part-of": "acmp"})


def test_an_administrator_needs_three_questions_and_is_warned_of_when_kept():
    kube, ctx = Kube(lacking=()), Context()
    assert _checks.check(kube, "east", True, ctx) and kube.asked == [("*", "*", "*", None, "", "")] and not ctx.warnings
    assert _checks.check(kube, "east", False, ctx) and "cluster administrator's" in ctx.warnings[0]


def test_everything_that_is_missing_is_said_at_once():
    kube = Kube(lacking=("*", "escalate", ("list", "nodes"), ("patch", "clusterroles"), ("create", "serviceaccounts")), minor="24+",
                definitions=[OURS, ("redis.operators.apusic.com", {}), ("widgets.example.com", {})])
    with pytest.raises(PreflightError) as caught:
        _checks.check(kube, "east", True, Context())
    for words in ("older than 1.25", "lacks", "list nodes", "patch clusterroles.rbac.authorization.k8s.io", "serviceaccounts/token in acmp-system",
                  "another platform with the API group operators.apusic.com", "redis.operators.apusic.com"):
        assert words in caught.value.message, words
    assert "widgets" not in caught.value.message and "instances.operators" not in caught.value.what.partition("another platform")[2]
    assert [item["outcome"] for item in caught.value.details["checks"]] == ["failed"] * 3


def test_who_may_escalate_needs_not_hold_what_roles_grant():
    few, many = Kube(lacking=("*",)), Kube(lacking=("*", "escalate"))
    _checks.check(few, "east", True, Context())
    _checks.check(many, "east", True, Context())
    assert len(few.asked) < len(many.asked) and ("list", "", "secrets", None, "", "") in many.asked and ("list", "", "secrets", None, "", "") not in few.asked


def test_a_kept_credential_of_few_rights_installs_nothing_where_all_is_there():
    from ansible_collections.acmp.middleware.plugins.module_utils.platform import custom_resources
    kube = Kube(lacking=("*", ("patch", "clusterroles")), schema=custom_resources.SCHEMA)
    assert _checks.check(kube, "east", False, Context()) is False
    with pytest.raises(PreflightError, match="clusterroles"):
        _checks.check(Kube(lacking=("*", ("patch", "clusterroles"))), "east", False, Context())


def test_definitions_that_may_not_be_listed_are_not_checked():
    assert _checks.check(Kube(lacking=(), definitions=None), "east", True, Context())


def test_rights_in_words():
    rights = [_checks.Right("", "pods", "list"), _checks.Right("", "pods", "get"), _checks.Right("", "nodes", "get"), _checks.Right("", "nodes", "list"),
              _checks.Right("apps", "deployments", "get"), *(_checks.Right("", "secrets", "get", "acmp-system", name) for name in "ab")]
    assert _checks.in_words(rights) == "get deployments.apps; get, list nodes, pods; get secrets in acmp-system"


def test_what_is_asked_for_holds_no_star():
    for right in (*_checks.daily(), *_checks.installing(), *_checks.grants()):
        assert "*" not in (right.verb, right.group, right.resource)
    assert _checks.Right("", "serviceaccounts/token", "create", "acmp-system", "acmp-manager") in _checks.daily()
    assert _checks.Right("apiextensions.k8s.io", "customresourcedefinitions", "create") in _checks.installing()


def test_one_cluster_has_one_name():
    home, records = Kube(uid="home"), [{"metadata": {"name": "west"}, "spec": {"uid": "uid-1"}}, {"metadata": {"name": "local"}}]
    _checks.identity("west", "uid-1", home, records)
    _checks.identity("east", "uid-2", home, records)
    with pytest.raises(InputError, match="registered already, as west"):
        _checks.identity("east", "uid-1", home, records)
    with pytest.raises(InputError, match="the management cluster itself"):
        _checks.identity("east", "home", home, records)


def _denied():
    raise Forbidden("no")


def test_nobody_waits_for_who_does_not_answer():
    started, let = time.monotonic(), threading.Event()
    with pytest.raises(ConnectionFailed, match="no answer within 0 s.*https://east"):
        _look.within(0.2, lambda: let.wait(30), "https://east")
    assert time.monotonic() - started < 2
    let.set()
    assert _look.within(5, lambda: 42, "") == 42
    with pytest.raises(Forbidden):
        _look.within(5, _denied, "")


def test_another_cluster_at_the_same_address_is_noticed():
    place = reach.Place(Kube(uid="home"), Kube(uid="new"), "east", {"spec": {"uid": "old"}})
    with pytest.raises(ConnectionFailed, match="Another cluster than the registered one"):
        place.verify()
    reach.Place(Kube(), Kube(uid="old"), "east", {"spec": {"uid": "old"}}).verify()
    reach.Place(Kube(), Kube(uid="any"), "local", {"spec": {"uid": "old"}}).verify()


def test_a_slow_cluster_is_given_up_in_the_end(monkeypatch):
    """Each answer comes in time, all of them never do."""
    monkeypatch.setattr(clusters, "_EXAMINE_SECONDS", 0.3)
    monkeypatch.setattr(_checks, "opened", lambda *_words: Kube())
    monkeypatch.setattr(_checks, "check", lambda *_words: time.sleep(5))
    monkeypatch.setattr(Kube, "identity", lambda self: self.uid, raising=False)
    home, began = Kube(uid="uid-home"), time.monotonic()
    with pytest.raises(ConnectionFailed, match="more than 0 s to examine the cluster east.*https://east:6443.*nothing was changed"):
        clusters._register(home, _plan.Request("east"), None, [], {}, Context())
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(("mode", "others", "refused"), [("true", ["second"], True), ("true", [], False), ("false", ["second"], False)])
def test_one_cluster_is_enough_where_the_platform_is_kept_to_it(monkeypatch, mode, others, refused):
    """Only a further one is refused (§6.1.2)."""
    monkeypatch.setattr(clusters.setup, "single_cluster", lambda _home: mode == "true")

    def go_on(*_words):
        raise Forbidden("it went on")

    monkeypatch.setattr(_checks, "opened", go_on)
    records = [{"metadata": {"name": name}} for name in ("local", *others)]
    with pytest.raises(InputError if refused else Forbidden, match="kept to one cluster, and second is registered" if refused else "it went on"):
        clusters._register(None, _plan.Request("east"), None, records, {}, Context())
    with pytest.raises(Forbidden, match="it went on"):
        clusters._register(None, _plan.Request("second"), {"uid": "1"}, records, {}, Context())
