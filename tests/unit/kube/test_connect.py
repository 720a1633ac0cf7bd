# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import datetime
import json
import os
import stat
import subprocess
import sys

import pytest
import yaml
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import ConnectionFailed, InputError
from ansible_collections.acmp.middleware.plugins.module_utils.kube import _tls
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect

from . import kubeconfigs


def target(options, env=None, act_as=None):
    return connect(options, Context(env=env or {}), act_as)._transport.target


def header(options, env=None):
    return target(options, env).credentials.proof().header


def write(path, content):
    path.write_text(yaml.safe_dump(content) if isinstance(content, dict) else content)
    return str(path)


def test_mapping_path_and_variables_give_the_same_connection(tmp_path):
    path = write(tmp_path / "config", kubeconfigs.config("https://one:1"))
    (tmp_path / ".kube").mkdir()
    write(tmp_path / ".kube" / "config", kubeconfigs.config("https://home:1"))
    assert target({"kubeconfig": kubeconfigs.config("https://one:1")}).server == "https://one:1"
    assert target({"kubeconfig": path}).server == "https://one:1"
    assert target({}, {"KUBECONFIG": path}).server == "https://one:1"
    assert target({}, {"K8S_AUTH_KUBECONFIG": path, "KUBECONFIG": "/not/there"}).server == "https://one:1"
    assert target({}, {"HOME": str(tmp_path)}).server == "https://home:1"
    assert target({"kubeconfig": "~/config"}, {"HOME": str(tmp_path)}).server == "https://one:1"


def test_the_process_environment_is_not_looked_at(monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", write(tmp_path / "config", kubeconfigs.config()))
    monkeypatch.setenv("K8S_AUTH_HOST", "https://wrong:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://wrong:1")
    with pytest.raises(ConnectionFailed, match="No cluster is named"):
        connect({}, Context(env={}))
    assert target({"kubeconfig": kubeconfigs.config()}).proxy is None


def test_of_several_files_the_first_that_names_something_wins(tmp_path):
    first, second = kubeconfigs.config("https://first:1"), kubeconfigs.config("https://second:1")
    first["contexts"], first["current-context"] = [], None
    second["users"][0]["user"] = {"token": "second"}
    first["users"] = []
    paths = os.pathsep.join([str(tmp_path / "gone"), write(tmp_path / "a", first), write(tmp_path / "b", second)])
    found = target({}, {"KUBECONFIG": paths})
    assert found.server == "https://first:1" and found.credentials.proof().header == "Bearer second" and found.namespace == "shop"


def test_relative_files_are_beside_their_kubeconfig(tmp_path):
    (tmp_path / "ca.pem").write_bytes(kubeconfigs.text("ca.crt"))
    (tmp_path / "token").write_text("from-file\n")
    config = kubeconfigs.config(user={"tokenFile": "token"}, **{"certificate-authority-data": None, "certificate-authority": "ca.pem"})
    found = target({"kubeconfig": write(tmp_path / "config", config)})
    assert found.authority == kubeconfigs.text("ca.crt") and found.credentials.proof().header == "Bearer from-file"
    (tmp_path / "token").write_text("rotated")
    assert found.credentials.proof(force=True).header == "Bearer rotated"


def broken(**changes):
    return {**kubeconfigs.config(), **changes}


@pytest.mark.parametrize(("content", "options", "words"), [
    ("a: [b", {}, ["not YAML", "config:"]),
    ("", {}, ["empty"]),
    ("just text", {}, ["empty or not a mapping"]),
    (broken(), {"context": "cc"}, ['no context "cc"', 'did you mean "c"?']),
    (broken(contexts=[]), {}, ['no context "c"', "no context at all"]),
    (broken(**{"current-context": ""}, contexts=[*kubeconfigs.config()["contexts"], {"name": "d", "context": {}}]), {}, ["no current context", "known: c, d"]),
    (broken(clusters=[]), {}, ['names the cluster "k"']),
    (broken(users=[]), {}, ['names the user "u"']),
    (broken(clusters="x"), {}, ["clusters is not a list"]),
    (broken(clusters=[{"cluster": {}}]), {}, ["has no name"]),
    (broken(clusters=[{"name": "k", "cluster": {}}]), {}, ["has no server"]),
    (kubeconfigs.config("not-an-address"), {}, ["not the address"]),
    (kubeconfigs.config(**{"certificate-authority-data": "!"}), {}, ["PEM"]),
    (kubeconfigs.config(**{"certificate-authority-data": "YWJj"}), {}, ["not a PEM certificate"]),
    (kubeconfigs.config(**{"certificate-authority-data": None, "certificate-authority": "/not/there"}), {}, ["/not/there", "No such file"]),
    (kubeconfigs.config(user={"token": "a\nb\x01"}), {}, ["characters"]),
    (kubeconfigs.config(user={"exec": {"command": "no-such-plugin", "apiVersion": "client.authentication.k8s.io/v1"}}), {}, ["not installed"]),
    (kubeconfigs.config(user={"exec": {"command": "false", "apiVersion": "client.authentication.k8s.io/v1"}}), {}, ["failed"]),
    (kubeconfigs.config(user={"auth-provider": {"name": "nobody"}}), {}, ['"nobody"', "no token"]),
    (kubeconfigs.config(user={"client-certificate-data": kubeconfigs.data("old.crt"), "client-key-data": kubeconfigs.data("client.key")}), {},
     ["expired on 2021-02-03 04:05 UTC"]),
    (kubeconfigs.config(user={"client-certificate-data": kubeconfigs.data("client.crt"), "client-key-data": kubeconfigs.data("server.key")}), {},
     ["not a pair"]),
    (kubeconfigs.config(user={"client-certificate-data": kubeconfigs.data("client.crt")}), {}, ["cannot be used"]),
])
def test_what_is_wrong_with_a_kubeconfig_is_said(tmp_path, content, options, words):
    path = write(tmp_path / "config", content)
    with pytest.raises(ConnectionFailed) as caught:
        connect({"kubeconfig": path, **options}, Context())
    assert all(word in caught.value.message for word in words), caught.value.message
    assert caught.value.todo and caught.value.where


def test_missing_and_unreadable_files(tmp_path):
    with pytest.raises(ConnectionFailed, match="does not exist"):
        connect({"kubeconfig": str(tmp_path / "gone")}, Context())
    with pytest.raises(ConnectionFailed, match="cannot be read"):
        connect({"kubeconfig": str(tmp_path)}, Context())
    with pytest.raises(ConnectionFailed, match="ca_cert cannot be read"):
        connect({"host": "https://x:1", "api_key": "k", "ca_cert": "/not/there"}, Context())


def test_host_and_credentials_need_no_kubeconfig():
    env = {"KUBECONFIG": "/not/there"}
    assert header({"host": "https://x:1", "api_key": "key\n"}, env) == "Bearer key"
    assert header({"host": "https://x:1", "username": "u", "password": "pa:ss"}, env) == "Basic " + base64.b64encode(b"u:pa:ss").decode()
    folder = kubeconfigs.pki()
    proof = target({"host": "https://x:1", "client_cert": str(folder / "client.crt"), "client_key": str(folder / "client.key")}, env).credentials.proof()
    assert proof.header is None and proof.certificate == kubeconfigs.text("client.crt")


def test_options_replace_the_credentials_of_the_file_whole():
    user = {"client-certificate-data": kubeconfigs.data("client.crt"), "client-key-data": kubeconfigs.data("client.key")}
    proof = target({"kubeconfig": kubeconfigs.config(user=user), "api_key": "mine"}).credentials.proof()
    assert (proof.header, proof.certificate) == ("Bearer mine", None)


def test_the_plugin_sees_the_environment_of_the_task_and_is_asked_again(tmp_path):
    plugin = tmp_path / "plugin"
    plugin.write_text(f"""#!{sys.executable}
import datetime, json, os
count = {str(tmp_path / "count")!r}
n = int(open(count).read()) + 1 if os.path.exists(count) else 1
open(count, "w").write(str(n))
end = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {{"token": os.environ["PROFILE"] + "-" + os.environ["OWN"] + "-" + str(n), "expirationTimestamp": end}}}}))
""")
    plugin.chmod(0o755)
    user = {"exec": {"command": str(plugin), "apiVersion": "client.authentication.k8s.io/v1", "env": [{"name": "OWN", "value": "kubeconfig"}]}}
    ctx = Context(env={"PROFILE": "task", "OWN": "task"})
    kube = connect({"kubeconfig": kubeconfigs.config(user=user)}, ctx)
    credentials = kube._transport.target.credentials
    assert credentials.proof().header == "Bearer task-kubeconfig-1" and credentials.renewable
    assert credentials.proof(force=True).header == "Bearer task-kubeconfig-2"
    assert "task-kubeconfig-2" in ctx.secrets.values()


def test_impersonation():
    options = {"kubeconfig": kubeconfigs.config(), "impersonate_user": "jo", "impersonate_groups": ["a"]}
    assert target(options).impersonation == ("jo", ("a",))
    assert target(options, act_as={"user": "kim", "groups": None}).impersonation == ("kim", ())
    for wrong in ({"user": ""}, {"user": "a\r\nx: y"}, {"groups": ["a"]}, {"user": "a", "groups": "b"}):
        with pytest.raises(InputError):
            connect(options, Context(), wrong)


def test_the_proxy_and_its_exceptions():
    config = kubeconfigs.config("https://10.0.0.1:6443")
    assert target({"kubeconfig": config}, {"HTTPS_PROXY": "http://p:1"}).proxy == "http://p:1"
    assert target({"kubeconfig": config}, {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}).proxy is None
    assert target({"kubeconfig": config, "proxy": "p:1", "no_proxy": "10.0.0.1"}).proxy is None
    assert target({"kubeconfig": config, "proxy": "p:1", "proxy_headers": {"proxy_basic_auth": "u:p@ss"}}).proxy == "http://u:p%40ss@p:1"
    with pytest.raises(InputError, match="proxy is not an address"):
        connect({"kubeconfig": config, "proxy": "gopher://x"}, Context())
    with pytest.raises(InputError, match="SOCKS"):
        connect({"kubeconfig": config}, Context(env={"ALL_PROXY": "socks5://x:1"}))


def test_the_kubeconfig_for_a_child_holds_everything_and_is_private(tmp_path):
    user = {"client-certificate-data": kubeconfigs.data("client.crt"), "client-key-data": kubeconfigs.data("client.key"), "token": "tok"}
    config = kubeconfigs.config("https://10.0.0.1:6443", user, **{"tls-server-name": "api.example"})
    kube = connect({"kubeconfig": config, "proxy": "http://u:secret@p:1"}, Context(), {"user": "jo", "groups": ["a", "b"]})
    path = kube.write_kubeconfig(str(tmp_path))
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    written = json.loads(open(path).read())
    assert written["users"][0]["user"] == {**user, "as": "jo", "as-groups": ["a", "b"]}
    cluster = written["clusters"][0]["cluster"]
    assert cluster["proxy-url"] == "http://u:secret@p:1" and cluster["tls-server-name"] == "api.example" and cluster["certificate-authority-data"]
    again = target({"kubeconfig": path})
    assert again.namespace == "shop" and again.credentials.proof() == kube._transport.target.credentials.proof()


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    user = {"client-certificate-data": kubeconfigs.data("client.crt"), "client-key-data": kubeconfigs.data("client.key")}
    connect({"kubeconfig": kubeconfigs.config(user=user)}, Context())
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr("os.memfd_create", lambda *_args: (each for each in ()).throw(OSError()))
    connect({"kubeconfig": kubeconfigs.config(user=user)}, Context())
    assert not list(tmp_path.iterdir())


def test_secrets_are_registered():
    ctx = Context()
    connect({"kubeconfig": kubeconfigs.config(user={"token": "very-secret-token"}), "proxy": "http://u:proxy-secret@p:1"}, ctx)
    assert ctx.secrets.mask("x very-secret-token proxy-secret") == "x ******** ********"
    ctx = Context()
    user = {"client-certificate-data": kubeconfigs.data("client.crt"), "client-key-data": kubeconfigs.data("client.key")}
    connect({"kubeconfig": kubeconfigs.config(user=user)}, ctx)
    assert kubeconfigs.data("client.key") not in ctx.secrets.mask(json.dumps({"k": kubeconfigs.data("client.key")}))


def test_two_connections_share_nothing():
    one, two = connect({"kubeconfig": kubeconfigs.config("https://one:1")}, Context()), connect(
        {"kubeconfig": kubeconfigs.config("https://two:1", {"token": "other"}), "validate_certs": False}, Context())
    a, b = one._transport, two._transport
    assert a.tls is not b.tls and a._pool is not b._pool and a.requests is not b.requests and a.target.credentials is not b.target.credentials
    assert a.tls.verify_mode.name == "CERT_REQUIRED" and b.tls.verify_mode.name == "CERT_NONE"
    import kubernetes.client
    assert kubernetes.client.Configuration.get_default_copy().api_key == {}


@pytest.mark.parametrize("name", ["ca.crt", "client.crt", "old.crt"])
def test_the_end_of_a_certificate_is_read_as_openssl_reads_it(name):
    said = subprocess.run(["openssl", "x509", "-noout", "-enddate", "-in", str(kubeconfigs.pki() / name)], capture_output=True, text=True, check=True).stdout
    end = datetime.datetime.strptime(said.strip().partition("=")[2], "%b %d %H:%M:%S %Y %Z").replace(tzinfo=datetime.timezone.utc)
    assert _tls.not_after(kubeconfigs.text(name)) == end


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", b"-----BEGIN CERTIFICATE-----\n!!\n-----END"])
def test_what_is_no_certificate_has_no_end(content):
    assert _tls.not_after(content) is None
