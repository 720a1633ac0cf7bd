# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When a workspace needs a new credential, and whether the right people may read it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import count
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster.reach import Place
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Conflict, LockError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import discovery
from ansible_collections.acmp.middleware.plugins.module_utils.project import credentials
from ansible_collections.acmp.middleware.plugins.module_utils.project.credentials import Listed
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member, Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _credentials
from ansible_collections.acmp.middleware.plugins.module_utils.workspace._observe import Observed


def at(hours: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


ITEM = Listed("retail", "local", "shop", at(-10), at(20), "acmp-credential-a")
ACCOUNT = {"kind": "ServiceAccount", "metadata": {"name": "acmp-workspace", "namespace": "shop", "creationTimestamp": at(-11)}}
SEEN = Observed({("ServiceAccount", "shop", "acmp-workspace"): ACCOUNT}, {"shop": ITEM}, {("shop", "acmp-credential-a"): ("uid-a", at(-10))})


@pytest.mark.parametrize(
    ("seen", "item", "why"),
    [
        (SEEN, ITEM, ""),
        (SEEN, None, "none"),
        (replace(SEEN, live={}), ITEM, "account is new"),
        (replace(SEEN, live={("ServiceAccount", "shop", "acmp-workspace"): {"metadata": {"creationTimestamp": at(-1)}}}), ITEM, "account is new"),
        (replace(SEEN, bound={}), ITEM, "revoked"),
        (SEEN, ITEM._replace(uid="uid-a"), ""),
        (SEEN, ITEM._replace(uid="uid-of-before"), "revoked"),
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
    both = {("shop", "acmp-credential-a"): ("1", at(-1)), ("shop", "acmp-credential-b"): ("2", at(-1))}
    for bound, current, names in (
        ({}, "", ("acmp-credential-a",)), (SEEN.bound, "acmp-credential-a", ("acmp-credential-b",)), (SEEN.bound, "", ("acmp-credential-b",)),
        ({}, "acmp-credential-a", ("acmp-credential-b",)), (both, "acmp-credential-a", ("acmp-credential-a", "acmp-credential-b")),
    ):
        assert _credentials.free("shop", replace(SEEN, bound=bound), current) == names


class Cluster:
    """Secrets of one workspace and tokens bound to them; what is stored is the last token. hook: called before the n-th request of a run."""

    def __init__(self):
        self.secrets, self.tokens, self.stored, self.ctx, self.numbers, self.hours = {}, {}, {}, Context(), count(1), 0
        self.hook = lambda: None

    # As kube
    def get(self, _api, _kind, name, _namespace, metadata_only):
        self.hook()
        return {"metadata": self.secrets[name]} if name in self.secrets else None

    def delete(self, _api, _kind, name, _namespace, uid=None):
        self.hook()
        if name not in self.secrets or uid not in (None, self.secrets[name]["uid"]):
            return False
        return bool(self.secrets.pop(name))

    def apply(self, obj):
        self.hook()
        if obj["kind"] == "Secret":
            self.stored = obj
        return obj

    def resource(self, api_version, kind):
        return discovery.STATIC[api_version, kind]

    def raw(self, verb, _path, body, **_more):
        self.hook()
        if verb == "PATCH":
            name = body["metadata"]["name"]
            status = 200 if name in self.secrets else 201
            meta = self.secrets.setdefault(name, {"uid": f"uid-{next(self.numbers)}", "creationTimestamp": at(self.hours)})
            return SimpleNamespace(status=status, json=lambda: {"metadata": meta})
        if body["spec"]["boundObjectRef"]["uid"] not in {meta["uid"] for meta in self.secrets.values()}:
            raise Conflict("the UID in the bound object reference does not match")
        token = f"token-{next(self.numbers)}"
        self.tokens[token] = body["spec"]["boundObjectRef"]["uid"]
        return SimpleNamespace(json=lambda: {"status": {"token": token, "expirationTimestamp": at(self.hours + 168)}})

    def kubeconfig(self, token, _namespace):
        return {"token": token}

    # What a run sees, and does
    def alive(self) -> set:
        return {token for token, uid in self.tokens.items() if uid in {meta["uid"] for meta in self.secrets.values()}}

    def seen(self) -> tuple:
        bound = {("shop", name): (meta["uid"], meta["creationTimestamp"]) for name, meta in self.secrets.items()}
        return replace(SEEN, bound=bound), credentials._listed(self.stored) if self.stored else None

    def issue(self, seen: Observed, item: Listed | None) -> None:
        free = _credentials.free("shop", seen, item.bound if item else "")
        _credentials.issue(Place(self, self, "local"), Project("retail"), "shop", 600, item, (), free)

    def run(self, moment: datetime) -> None:
        seen, item = self.seen()
        for secret, uid in _credentials.strays("shop", seen, item, moment):
            _credentials.end(Place(self, self, "local"), "shop", secret, uid)
        if _credentials.reason("shop", seen, item):
            self.issue(seen, item)


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("stale", [False, True])
@pytest.mark.parametrize("when", range(1, 9))
def test_after_two_issues_at_once_no_token_lives_that_is_not_stored(before, stale, when):
    """The second one comes before the n-th request of the first; stale: it has looked when the first did."""
    one = Cluster()
    if before:
        one.issue(*one.seen())
    look, left = one.seen(), [when]

    def second():
        left[0] -= 1
        if left[0] == 0:
            one.issue(*(look if stale else one.seen()))

    one.hook = second
    with contextlib.suppress(LockError):
        one.issue(*look)
    one.hook = lambda: None
    for hours in (1, 2):
        one.hours = hours
        one.run(datetime.now(timezone.utc) + timedelta(hours=hours))
    token = credentials._deps.yaml.safe_load(credentials.base64.b64decode(one.stored["data"]["kubeconfig"]))["token"]
    assert one.alive() == {token}, (one.secrets, one.tokens)
    seen, item = one.seen()
    assert not _credentials.reason("shop", seen, item) and len(one.secrets) == 1
