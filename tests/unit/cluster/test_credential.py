# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways a connection can be given, and what of it is refused; nothing secret is in any message."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.cluster import _credential
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError

SECRET = "planted-4711-token"


def config(token=SECRET, **cluster):
    return {
        "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": {"server": "https://east:6443", **cluster}}], "users": [{"name": "u", "user": {"token": token}}],
    }


class Home:
    """A management cluster with one Secret."""

    def __init__(self, data=None):
        self.data = data

    def get(self, _api, _kind, name, namespace):
        if name != "mine" or namespace != "acmp-system":
            return None
        return {"data": {key: base64.b64encode(text.encode()).decode() for key, text in self.data.items()}}


def given(ctx=None, home=None, **params):
    return _credential.given(home or Home(), params, ctx or Context())


@pytest.mark.parametrize("form", ["mapping", "json", "yaml", "path", "home", "secret"])
def test_every_way_gives_the_same(form, tmp_path):
    text = json.dumps(config())
    (tmp_path / "config").write_text(text)
    ways = {
        "mapping": {"cluster_kubeconfig": config()}, "json": {"cluster_kubeconfig": text},
        "yaml": {"cluster_kubeconfig": "# a\n" + text.replace("{", "{ ", 1) + "\n"}, "path": {"cluster_kubeconfig": str(tmp_path / "config")},
        "home": {"cluster_kubeconfig": "~/config"}, "secret": {"cluster_secret": {"name": "mine"}},
    }
    ctx = Context(env={"HOME": str(tmp_path)})
    found = given(ctx, Home({"kubeconfig": text}), **ways[form])
    assert found["users"][0]["user"] == {"token": SECRET} and found["clusters"][0]["cluster"] == {"server": "https://east:6443"}
    assert ctx.secrets.mask(f"x{SECRET}x") == "x********x"


def test_host_and_token(tmp_path):
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (tmp_path / "ca").write_text(pem)
    for authority in (pem, str(tmp_path / "ca")):
        found = given(cluster_host="https://east:6443/", cluster_token=f" {SECRET}\n", cluster_ca=authority)
        assert found["clusters"][0]["cluster"] == {
            "server": "https://east:6443", "certificate-authority-data": base64.b64encode(pem.encode()).decode()}
        assert found["users"][0]["user"] == {"token": SECRET}
    assert given(cluster_host="https://east:6443", cluster_token="t", cluster_validate_certs=False)["clusters"][0]["cluster"]["insecure-skip-tls-verify"]
    assert given() is None and given(cluster_token="t") is None


@pytest.mark.parametrize(("params", "words"), [
    ({"cluster_kubeconfig": "/not/there"}, "cannot be read: No such file.*Where: /not/there"),
    ({"cluster_kubeconfig": "a\0b"}, "cannot be read"),
    ({"cluster_kubeconfig": f"users: [\n  token: {SECRET}\nx: {{"}, "not YAML.*cluster_kubeconfig:"),
    ({"cluster_kubeconfig": f"a: 1\na: {SECRET}\n"}, "not YAML"),
    ({"cluster_kubeconfig": f"!!python/object/apply:os.system ['{SECRET}']\n#\n"}, "not YAML"),
    ({"cluster_kubeconfig": base64.b64encode(SECRET.encode() * 60).decode()}, "not a mapping"),
    ({"cluster_kubeconfig": ["a"]}, "neither a mapping nor text"),
    ({"cluster_kubeconfig": {"padding": "x" * 2**21}}, "larger than 1 MiB"),
    ({"cluster_kubeconfig": "# \n" + "x" * 2**21}, "larger than 1 MiB"),
    ({"cluster_secret": {"name": "other"}}, "does not exist.*acmp-system/other"),
    ({"cluster_secret": {"name": "mine", "key": "value"}}, 'no key "value".*kubeconfig'),
    ({"cluster_host": "https://east:6443"}, "without cluster_token"),
    ({"cluster_host": "east", "cluster_token": SECRET}, "not the address"),
    ({"cluster_host": "https://east", "cluster_token": SECRET, "cluster_ca": "/not/there"}, "cluster_ca cannot be read"),
    ({"cluster_host": "https://east", "cluster_kubeconfig": "x"}, "two ways"),
    ({"cluster_kubeconfig": config("h.eyJleHAiOiAxfQ.s")}, "token of the kubeconfig ended on 1970-01-01"),
    ({"cluster_kubeconfig": config(**{"certificate-authority": "/etc/ca"})}, "files of this machine"),
])
def test_what_is_refused_says_why_and_no_secret(params, words, tmp_path):
    with pytest.raises(InputError, match=words) as caught:
        given(home=Home({"kubeconfig": json.dumps(config())}), **params)
    assert SECRET not in json.dumps(caught.value.to_result())


def test_a_large_file_is_not_read_whole(tmp_path):
    with open(tmp_path / "large", "wb") as stream:
        stream.truncate(2**33)
    with pytest.raises(InputError, match="larger than 1 MiB"):
        given(cluster_kubeconfig=str(tmp_path / "large"))


@pytest.mark.parametrize(("server", "warned"), [
    ("https://127.0.0.1:6443", True), ("https://localhost:1", True), ("https://[::1]:1", True), ("https://east", False)])
def test_an_address_that_leads_nowhere_from_elsewhere_is_warned_of(server, warned):
    ctx = Context()
    given(ctx, cluster_kubeconfig=config(server=server))
    assert bool(ctx.warnings) == warned


@pytest.mark.parametrize(("cluster", "said"), [
    ({}, ""), ({"server": "http://east:8080"}, "not encrypted"), ({"insecure-skip-tls-verify": True}, "certificate of https://east:6443 is not checked"),
])
def test_a_way_on_which_the_credential_can_be_taken_is_warned_of(cluster, said):
    ctx = Context()
    given(ctx, cluster_kubeconfig=config(**cluster))
    assert (len(ctx.warnings) == 1 and said in ctx.warnings[0]) if said else not ctx.warnings
