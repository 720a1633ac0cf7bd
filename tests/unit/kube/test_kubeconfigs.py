# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubeconfigs made, taken over and looked at: what is refused, what is embedded, when a credential ends."""

from __future__ import annotations

import base64
import datetime
import json
import shutil

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import kubeconfigs as made
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect

from . import kubeconfigs

UTC = datetime.timezone.utc
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl")


def jwt(**claims):
    def part(data):
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")
    return f"{part({'alg': 'RS256'})}.{part(claims)}.c2lnbmF0dXJl"


def plain(user=None, **cluster):
    """A kubeconfig without certificates."""
    return {
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u", "namespace": "shop"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://east:6443", **cluster}}],
        "users": [{"name": "u", "user": {"token": "t"} if user is None else user}],
    }


def taken(config, context=None, folder="", **allowed):
    return made.self_contained(config, folder, context, "here", **allowed)


def test_what_is_built_connects_and_holds_no_more_than_was_given():
    config = made.build("https://east:6443", None, False, "api.east", "http://proxy:3128", "tok-en", "shop")
    kube = connect({"kubeconfig": config}, Context())
    target = kube._transport.target
    assert (target.server, target.verify, target.server_name, target.proxy, target.namespace) == (
        "https://east:6443", False, "api.east", "http://proxy:3128", "shop")
    assert target.credentials.proof().header == "Bearer tok-en"
    bare = made.build("https://east:6443")
    assert bare["users"][0]["user"] == {} and bare["clusters"][0]["cluster"] == {"server": "https://east:6443"}


@needs_openssl
def test_a_connection_gives_a_kubeconfig_for_a_token_alone():
    user = {"client-certificate-data": kubeconfigs.data("client.crt"), "client-key-data": kubeconfigs.data("client.key")}
    config = kubeconfigs.config("https://east:6443", user, **{"proxy-url": "http://jo:secret-4711@proxy:3128"})
    kube = connect({"kubeconfig": config}, Context())
    given = kube.kubeconfig("tok-en", "shop")
    assert given["users"][0]["user"] == {"token": "tok-en"}
    cluster = given["clusters"][0]["cluster"]
    assert base64.b64decode(cluster["certificate-authority-data"]) == kubeconfigs.text("ca.crt")
    assert cluster["proxy-url"] == "http://proxy:3128"
    assert kube.kubeconfig("t", "shop", proxy_login=True)["clusters"][0]["cluster"]["proxy-url"] == "http://jo:secret-4711@proxy:3128"
    around = connect({"kubeconfig": kubeconfigs.config("https://east:6443")}, Context(env={"HTTPS_PROXY": "http://mine:3128"}))
    assert "proxy-url" not in around.kubeconfig("t", "shop")["clusters"][0]["cluster"]


def test_one_context_is_taken_and_the_rest_left():
    config = plain()
    config["users"].append({"name": "other", "user": {"token": "other"}})
    config["contexts"].append({"name": "d", "context": {"cluster": "k", "user": "other"}})
    assert taken(config)["users"] == [{"name": "acmp", "user": {"token": "t"}}]
    assert taken(config, "d")["users"][0]["user"]["token"] == "other"
    assert taken(taken(config)) == taken(config)
    with pytest.raises(InputError, match='no context "e".*Where: here.*known: c, d'):
        taken(config, "e")
    config["current-context"] = ""
    with pytest.raises(InputError, match="2 contexts.*name one of c, d"):
        taken(config)


@pytest.mark.parametrize(("config", "words"), [
    (None, "empty or not a mapping"), ([], "not a mapping"), ("text", "not a mapping"), ({}, "no current context"),
    ({**plain(), "clusters": []}, 'names the cluster "k"'), ({**plain(), "users": []}, 'names the user "u"'),
    (plain(server=""), "has no server"), (plain(server="east"), "not the address"), (plain(**{"certificate-authority-data": "é"}), "not base64"),
    (plain({"as": "root", "token": "t"}), "acts as somebody else"),
])
def test_what_is_no_kubeconfig_is_a_matter_of_input(config, words):
    with pytest.raises(InputError, match=words):
        taken(config)


def test_files_are_embedded_where_that_is_allowed_and_refused_else(tmp_path):
    (tmp_path / "token").write_text("from-file\n")
    (tmp_path / "ca.pem").write_text("PEM")
    config = plain({"tokenFile": "token"}, **{"certificate-authority": "ca.pem"})
    with pytest.raises(InputError, match="files of this machine.*ca.pem.*token.*allow_local_files"):
        taken(config, folder=str(tmp_path))
    whole = taken(config, folder=str(tmp_path), allow_local_files=True)
    assert whole["users"][0]["user"] == {"token": "from-file"}
    assert base64.b64decode(whole["clusters"][0]["cluster"]["certificate-authority-data"]) == b"PEM"
    with pytest.raises(InputError, match="cannot be read.*not/there"):
        taken(plain({"tokenFile": "/not/there"}), allow_local_files=True)


@pytest.mark.parametrize("user", [{"exec": {"apiVersion": "v1", "command": "aws"}}, {"auth-provider": {"name": "gcp"}}])
def test_programs_are_kept_where_that_is_allowed_and_refused_else(user):
    with pytest.raises(InputError, match="runs a program"):
        taken(plain(user))
    assert taken(plain(user), allow_plugins=True)["users"][0]["user"] == user
    assert made.expiry(taken(plain(user), allow_plugins=True)).kind == "unknown"


@needs_openssl
@pytest.mark.parametrize(("name", "over"), [("client.crt", False), ("old.crt", True)])
def test_the_end_of_a_certificate(name, over):
    user = {"client-certificate-data": kubeconfigs.data(name), "client-key-data": kubeconfigs.data("client.key"), "token": jwt(exp=1)}
    found = made.expiry(kubeconfigs.config(user=user))
    assert found.kind == "certificate" and (made.days_left(found.expires_at) < 0) == over
    assert found.issued_at < found.expires_at
    if over:
        assert (found.issued_at, found.expires_at) == ("2020-01-01T00:00:00Z", "2021-02-03T04:05:06Z")


@pytest.mark.parametrize(("token", "expected"), [
    (jwt(iat=0, exp=86400), ("token", "1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z")),
    (jwt(exp=86400.9), ("token", None, "1970-01-02T00:00:00Z")), (jwt(iat=0), ("none", "1970-01-01T00:00:00Z", None)),
    ("opaque", ("unknown", None, None)), ("a.b.c", ("unknown", None, None)), ("a.bnVsbA.c", ("unknown", None, None)), ("é.é.é", ("unknown", None, None)),
    (jwt(exp="soon"), ("unknown", None, None)), (jwt(exp=1e30), ("unknown", None, None)), (jwt(exp=None), ("unknown", None, None)),
])
def test_the_end_of_a_token(token, expected):
    found = made.expiry(plain({"token": token}))
    assert (found.kind, found.issued_at, found.expires_at) == expected


def test_what_does_not_end():
    assert made.expiry(plain({"username": "jo", "password": "secret"})).kind == "none"
    assert made.expiry(plain({"tokenFile": "/t"})).kind == "unknown"
    assert made.expiry(plain({"client-certificate-data": "bm90aGluZw=="})).kind == "unknown"


def test_days_left():
    now = datetime.datetime(2026, 1, 1, tzinfo=UTC)
    assert made.days_left("2026-01-02T12:00:00Z", now) == 1.5
    assert made.days_left("2025-12-31T00:00:00Z", now) == -1
    assert made.days_left(None, now) is None and made.days_left("", now) is None and made.days_left("soon", now) is None
    assert made.moment("2026-01-01T00:00:00") == now
