# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which name a new token's Secret takes, and when a token is due. That a deleted Secret ends a token is tested on a real cluster."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.kube import discovery, service_account

NAMES = ("a", "b")
UTC = datetime.timezone.utc


class Kube:
    """Notes what is asked; secrets: name -> time of creation."""

    def __init__(self, **secrets):
        self.secrets, self.calls, self.ctx = dict(secrets), [], Context()

    def get(self, _api, _kind, name, _namespace, metadata_only):
        assert metadata_only
        return {"metadata": {"creationTimestamp": self.secrets[name], "uid": f"uid-{name}"}} if name in self.secrets else None

    def delete(self, _api, kind, name, _namespace, uid=None):
        self.calls.append(f"delete {name}")
        return self.secrets.pop(name, None) is not None

    def resource(self, api_version, kind):
        return discovery.STATIC[api_version, kind]

    def raw(self, verb, path, body, subject, **_more):
        if verb == "PATCH":
            name = body["metadata"]["name"]
            self.calls.append(f"apply {name}")
            status = 200 if name in self.secrets else 201
            self.secrets[name] = "now"
            return SimpleNamespace(status=status, json=lambda: {"metadata": {"uid": f"uid-{name}"}})
        self.calls.append(f"{verb} {path}")
        self.body = body
        if "nobody" in path:
            raise NotFound("missing")
        return type("Answer", (), {"json": lambda _self: {"status": {"token": "tok-en-4711", "expirationTimestamp": "2026-01-01T01:00:00Z"}}})()


@pytest.mark.parametrize(("there", "current", "expected", "deleted"), [
    ({}, "", "a", False), ({"a": "2026"}, "a", "b", False), ({"b": "2026"}, "b", "a", False), ({"a": "2026"}, "", "b", False),
    # What an interrupted exchange left is replaced, never what is in use.
    ({"a": "2026", "b": "2025"}, "a", "b", True), ({"a": "2025", "b": "2026"}, "a", "b", True), ({"a": "2026", "b": "2025"}, "b", "a", True),
    ({"a": "2026", "b": "2025"}, "", "b", True), ({}, "a", "b", False),
])
def test_the_name_that_is_free(there, current, expected, deleted):
    kube = Kube(**there)
    token = service_account.mint(kube, "shop", "account", 3600, NAMES, current)
    assert token.bound == expected and (f"delete {expected}" in kube.calls) == deleted
    assert kube.calls[-2:] == [f"apply {expected}", "POST /api/v1/namespaces/shop/serviceaccounts/account/token"]
    assert kube.body["spec"]["boundObjectRef"] == {"apiVersion": "v1", "kind": "Secret", "name": expected, "uid": f"uid-{expected}"}
    assert current not in {call.partition(" ")[2] for call in kube.calls if call.startswith("delete")} or not current


def test_a_token_is_no_text_to_show():
    kube = Kube()
    token = service_account.mint(kube, "shop", "account", 1, NAMES)
    assert "4711" not in repr(token) and token.expires_at == "2026-01-01T01:00:00Z"
    assert kube.ctx.secrets.mask("x tok-en-4711 y") == "x ******** y"
    assert kube.body["spec"]["expirationSeconds"] == 600


def test_an_account_that_is_gone():
    with pytest.raises(NotFound, match="no ServiceAccount shop/nobody"):
        service_account.mint(Kube(), "shop", "nobody", 3600, NAMES)


@pytest.mark.parametrize(("hours", "expected"), [(0, False), (1.9, False), (2.1, True), (3.5, True)])
def test_a_token_is_due_in_the_last_third_of_its_life(hours, expected):
    now = datetime.datetime(2026, 1, 1, tzinfo=UTC) + datetime.timedelta(hours=hours)
    assert service_account.due("2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z", now) == expected


@pytest.mark.parametrize("times", [(None, "2099-01-01T00:00:00Z"), ("2026-01-01T00:00:00Z", None), ("", ""), ("x", "y")])
def test_a_token_of_unknown_age_is_due(times):
    assert service_account.due(*times)
