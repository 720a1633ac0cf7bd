# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.errors import InputError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import _options, connect
from hypothesis import given, settings
from hypothesis import strategies as st

ENV = {
    "K8S_AUTH_KUBECONFIG": "/env/config", "K8S_AUTH_CONTEXT": "env-context", "K8S_AUTH_HOST": "https://env:6443", "K8S_AUTH_API_KEY": "env-token",
    "K8S_AUTH_VERIFY_SSL": "no", "K8S_AUTH_SSL_CA_CERT": "/env/ca", "K8S_AUTH_PROXY": "http://proxy:1", "K8S_AUTH_IMPERSONATE_USER": "env-user",
    "K8S_AUTH_IMPERSONATE_GROUPS": "a, b,", "K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH": "u:p",
}


def test_environment_is_the_fallback():
    found = _options.resolve({}, ENV)
    assert (found.kubeconfig, found.context, found.host, found.api_key) == ("/env/config", "env-context", "https://env:6443", "env-token")
    assert found.validate_certs is False and found.ca_cert == "/env/ca"
    assert found.impersonate_groups == ("a", "b") and found.proxy_headers == {"proxy_basic_auth": "u:p"}


def test_options_win_over_the_environment():
    found = _options.resolve({"host": "https://mine/", "validate_certs": True, "context": ""}, ENV)
    assert found.host == "https://mine" and found.validate_certs is True and found.context == "env-context"


@pytest.mark.parametrize("kubeconfig", ["/own/config", {"clusters": []}])
def test_an_explicit_kubeconfig_takes_no_server_and_no_credentials_from_the_environment(kubeconfig):
    found = _options.resolve({"kubeconfig": kubeconfig}, ENV)
    assert (found.context, found.host, found.api_key, found.validate_certs, found.ca_cert) == (None, None, None, None, None)
    # Acting as somebody must not be lost on the way to another cluster: that would be more rights than asked for.
    assert found.impersonate_user == "env-user" and found.proxy == "http://proxy:1"


@pytest.mark.parametrize(("options", "where"), [
    ({"host": "no-scheme"}, "host"), ({"host": "ftp://x"}, "host"), ({"host": "https://user@x"}, "host"), ({"kubeconfig": 5}, "kubeconfig"),
    ({"username": "u"}, "username"), ({"client_key": "/k"}, "client_key"), ({"impersonate_groups": ["g"]}, "impersonate_groups"),
    ({"proxy_headers": {"x": "y"}}, "proxy_headers"), ({"proxy_headers": "x"}, "proxy_headers"), ({"impersonate_groups": 5}, "impersonate_groups"),
])
def test_impossible_options_are_named(options, where):
    with pytest.raises(InputError) as caught:
        _options.resolve(options, {})
    assert caught.value.where == where and caught.value.todo


def test_secrets_are_not_in_the_representation():
    found = _options.resolve({"host": "https://x", "api_key": "very-secret", "username": "u", "password": "also-secret", "proxy": "http://a:pw-secret@b"}, {})
    assert "secret" not in repr(found)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(_options.ALIASES)), st.one_of(st.none(), st.text(), st.booleans(), st.integers(), st.lists(st.text()))))
def test_any_value_resolves_or_is_refused(options):
    try:
        _options.resolve(options, {})
    except InputError as error:
        assert error.what and error.todo


@pytest.mark.parametrize(("server", "exempt", "result"), [
    ("https://10.0.0.5:6443", "10.0.0.0/8", True), ("https://10.0.0.5:6443", "10.0.0.5", True), ("https://11.0.0.5:6443", "10.0.0.0/8", False),
    ("https://api.shop.example:6443", ".example", True), ("https://api.shop.example:6443", "shop.example", True),
    ("https://api.shop.example:6443", "hop.example", False), ("https://api.shop.example:6443", "api.shop.example:6443", True),
    ("https://api.shop.example:6443", "api.shop.example:443", False), ("https://x", "*", True), ("https://x", "", False), ("https://x", " , y", False),
    ("https://api.shop.example", "*.shop.example", True), ("https://[fd00::1]:6443", "fd00::/8", True),
])
def test_no_proxy(server, exempt, result):
    assert connect.bypasses(server, exempt) is result
