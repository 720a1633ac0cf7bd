# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Instances as hosts: names, variables, groups, what is asked for, what is kept, and what is refused."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible import constants
from ansible.errors import AnsibleParserError
from ansible_collections.acmp.middleware.plugins.inventory import instances
from ansible_collections.acmp.middleware.plugins.module_utils.errors import AcmpError, Forbidden, Interrupted
from ansible_collections.acmp.middleware.plugins.plugin_utils import reading

from .conftest import instance


def test_a_host_and_its_groups(parsed, cluster):
    endpoint = {"service": "cache", "type": "ClusterIP", "cluster_ip": "10.0.0.1", "ports": ["6379/TCP"], "node_ports": [30001]}
    cluster.instances = [instance(
        phase="NotReady", version="1.0.0+b-1", project="web-shop", secrets=[{"name": "cache-auth", "keys": ["password"]}], endpoints=[endpoint])]
    found = parsed()
    assert found.hosts == {"shop_cache": {
        "acmp_name": "cache", "acmp_namespace": "shop", "acmp_cluster": "local", "acmp_project": "web-shop", "acmp_package": "redis",
        "acmp_version": "1.0.0+b-1", "acmp_type": "default", "acmp_phase": "NotReady", "acmp_secrets": ["cache-auth"],
        "acmp_endpoints": [{**endpoint, "addresses": [], "node_addresses": [], "external": []}],
        "ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", "inventory_file": None, "inventory_dir": None,
        "inventory_hostname": "shop_cache", "inventory_hostname_short": "shop_cache", "group_names": found.hosts["shop_cache"]["group_names"],
    }}
    assert set(found.groups) == {
        "acmp_instances", "acmp_package_redis", "acmp_version_1_0_0_b_1", "acmp_project_web_shop", "acmp_cluster_local", "acmp_namespace_shop",
        "acmp_phase_notready"}
    assert all(members == ["shop_cache"] for members in found.groups.values())


def test_what_is_no_field_of_an_endpoint_is_left_out(parsed, cluster):
    """A member can write anything there; some keys mean something to whoever reads the inventory as JSON."""
    cluster.instances = [instance(secrets=[{}, {"name": {"__ansible_vault": "x"}}], endpoints=[
        {"service": {"__ansible_unsafe": "x"}, "__ansible_vault": "x", "ports": 7, "addresses": [{"__ansible_type": "TrustedAsTemplate"}, None]}])]
    variables = parsed().hosts["shop_cache"]
    assert "__ansible_vault" not in variables["acmp_endpoints"][0] and variables["acmp_endpoints"][0]["ports"] == []
    assert [str(value) for value in variables["acmp_endpoints"][0]["addresses"]] == ["{'__ansible_type': 'TrustedAsTemplate'}", "None"]
    assert isinstance(variables["acmp_endpoints"][0]["service"], str) and all(isinstance(name, str) for name in variables["acmp_secrets"])


def test_groups_of_ones_own(parsed, cluster):
    cluster.instances = [instance(), instance("bad", phase="Failed", type="large")]
    found = parsed(
        default_groups=False, compose={"address": "acmp_name ~ ':1'", "ansible_connection": "'ssh'"}, groups={"troubled": "acmp_phase == 'Failed'"},
        keyed_groups=[{"key": "acmp_type", "prefix": "type"}])
    assert found.groups == {"troubled": ["shop_bad"], "type_default": ["shop_cache"], "type_large": ["shop_bad"]}
    assert found.hosts["shop_cache"]["address"] == "cache:1" and found.hosts["shop_cache"]["ansible_connection"] == "ssh"


def test_strict(parsed):
    assert "x" not in parsed(compose={"x": "nope"}).hosts["shop_cache"]
    with pytest.raises(Exception, match="nope"):
        parsed(compose={"x": "nope"}, strict=True)


def test_no_two_hosts_share_a_name(parsed, cluster):
    cluster.instances = [instance(), instance(cluster="east"), instance(namespace="other")]
    assert sorted(parsed(clusters=["local", "east"]).hosts) == ["east_shop_cache", "other_cache", "shop_cache"]
    cluster.instances = cluster.instances[:2]
    assert sorted(parsed(clusters="all", hostname="acmp_name ~ '.' ~ acmp_cluster").hosts) == ["cache.east", "cache.local"]
    with pytest.raises(AnsibleParserError, match='east/shop/cache and local/shop/cache would both be the host "cache".*hostname.*acmp_cluster'):
        parsed(clusters="all", hostname="acmp_name")


@pytest.mark.parametrize(("expression", "words"), [
    ("'a b'", "cannot be the name of a host"), ("'localhost'", "cannot be"), ("'127.0.0.1'", "cannot be"), ("'all'", "cannot be"), ("''", "cannot be"),
    ("'a,b'", "cannot be"), ("'a:1'", "cannot be"), ("'../x'", "cannot be"), ("'a[1:3]'", "cannot be"), ("[acmp_name]", "cannot be"),
    ("acmp_version", "cannot be"), ("nope", "cannot be evaluated"), ("acmp_name |", "cannot be evaluated"),
])
def test_a_name_that_means_something_else(parsed, cluster, expression, words):
    cluster.instances = [instance(version="{{ 1 }}")]
    with pytest.raises(AnsibleParserError, match=f"{words}.*option hostname"):
        parsed(hostname=expression)


@pytest.mark.parametrize("evil", ["{{ 7 * 7 }}", "{% if 1 %}49{% endif %}", "a{# b #}c", "{{ lookup('pipe', 'touch CANARY') }}"])
def test_content_is_never_templated(parsed, cluster, evaluated, tmp_path, evil):
    evil = evil.replace("CANARY", str(tmp_path / "canary"))
    cluster.instances = [instance(
        version=evil, package=evil, project=evil, type=evil, endpoints=[{"service": evil, "addresses": [evil]}], secrets=[{"name": evil}])]
    options = {
        "compose": {"note": "'see ' ~ acmp_version", "first": "acmp_endpoints[0].addresses[0]"}, "groups": {"x": "acmp_version == acmp_package"},
        "keyed_groups": [{"key": "acmp_project", "prefix": "p"}], "strict": True,
    }
    for more in ({}, {"cache": True, "cache_plugin": "memory"}):
        found = parsed(**options, **more)
        for name in ("acmp_version", "acmp_package", "acmp_project", "acmp_type", "first"):
            assert evaluated(found, "shop_cache", "{{ " + name + " }}") == evil
        assert evaluated(found, "shop_cache", "{{ note }}") == f"see {evil}"
        assert evaluated(found, "shop_cache", "{{ acmp_endpoints[0].service }} {{ acmp_secrets[0] }}") == f"{evil} {evil}"
        assert found.groups["x"] == ["shop_cache"]
        assert all(name.replace("_", "a").isalnum() for name in found.groups), found.groups
    assert not (tmp_path / "canary").exists()


def test_our_own_template_is_evaluated(parsed, evaluated):
    found = parsed()
    found.hosts["shop_cache"]["ansible_playbook_python"] = "/here/python"
    assert evaluated(found, "shop_cache", "{{ ansible_python_interpreter }}") == "/here/python"


def test_what_is_asked_for(parsed, cluster):
    parsed()
    assert cluster.asked == [{"cluster": "local", "namespace": None, "project": None, "live": False}]
    cluster.asked.clear()
    parsed(cluster="east", namespaces="a,b", projects=["web"], live=True)
    assert cluster.asked == [{"cluster": "east", "namespace": name, "project": "web", "live": True} for name in ("a", "b")]
    cluster.asked.clear()
    parsed(clusters=["local", "all"], namespaces=[""], projects=["web", "shop"])
    assert cluster.asked == [{"cluster": "all", "namespace": None, "project": None, "live": False}]


def test_what_is_wanted(parsed, cluster):
    cluster.instances = [instance("a"), instance("b", package="kafka"), instance("c", project="web"), instance("d", phase="Removed"), instance("e", phase="")]
    assert list(parsed().hosts) == ["shop_a", "shop_b", "shop_c", "shop_e"]
    assert list(parsed(phases=["removed"]).hosts) == ["shop_d"]
    assert list(parsed(packages=["kafka"]).hosts) == ["shop_b"]
    assert list(parsed(projects=["web", "shop"]).hosts) == ["shop_c"]
    assert list(parsed(projects=["web"], packages=["kafka"]).hosts) == []
    assert "acmp_phase_" not in parsed().groups


def test_options_may_be_templates(parsed, cluster, monkeypatch):
    monkeypatch.setenv("IV_NAMESPACE", "shop")
    text = yaml.safe_dump({
        "plugin": "acmp.middleware.instances", "namespaces": "{{ lookup('env', 'IV_NAMESPACE') }}", "live": "{{ wanted }}",
        "host": "https://{{ server }}", "api_key": "{{ token }}", "act_as": {"user": "{{ who }}", "groups": ["{{ who }}s"]}})
    parsed(text=text, variables={"wanted": "yes", "server": "s:6443", "token": "t0ken", "who": "jo"})
    assert cluster.asked == [{"cluster": "local", "namespace": "shop", "project": None, "live": True}]
    assert cluster.options["host"] == "https://s:6443" and cluster.options["api_key"] == "t0ken" and cluster.options["kubeconfig"] is None
    assert cluster.act_as == {"user": "jo", "groups": ["jos"]}


@pytest.mark.parametrize(("options", "words"), [
    ({"namespace": ["a"]}, 'no option "namespace".*did you mean "namespaces"'),
    ({"live": "maybe"}, "live"), ({"phases": ["gone"]}, "phases.*notready"), ({"default_groups": 7}, "default_groups"),
    ({"act_as": {"groups": ["a"]}}, "act_as"), ({"act_as": {"user": "a", "group": "b"}}, "act_as.group"), ({"proxy_headers": {"a": "b"}}, "proxy_headers"),
    ({"namespaces": "{{ nope }}"}, "nope.*option namespaces"),
])
def test_wrong_options(parsed, cluster, options, words):
    with pytest.raises(AnsibleParserError, match=words):
        parsed(text=yaml.safe_dump({"plugin": "acmp.middleware.instances", **options}))
    assert cluster.asked == []


@pytest.mark.parametrize(("text", "words"), [("[1]", "mapping"), ("text", "mapping"), ("plugin: [", "YAML|yaml"), ("plugin: other", "other")])
def test_a_file_that_is_no_source(parsed, text, words):
    with pytest.raises(AnsibleParserError, match=words):
        parsed(text=text)


@pytest.mark.parametrize(("error", "words"), [
    (AcmpError("It broke", where="there", todo="mend it"), r"It broke\. Where: there\. To do: mend it\."),
    (Forbidden("You may not", todo="ask a manager"), "You may not.*option namespaces.*ask a manager"),
    (ZeroDivisionError("oh"), "A defect of acmp.middleware: ZeroDivisionError: oh.*report"),
])
def test_failures_are_one_sentence(parsed, cluster, error, words):
    cluster.error = error
    with pytest.raises(AnsibleParserError, match=words):
        parsed()


def test_a_denial_in_a_namespace_needs_no_namespace(parsed, cluster):
    cluster.error = Forbidden("You may not", todo="ask a manager")
    with pytest.raises(AnsibleParserError) as caught:
        parsed(namespaces=["shop"])
    assert "option namespaces" not in str(caught.value)


def test_an_interrupt_is_no_failed_source(parsed, cluster):
    cluster.error = Interrupted("SIGINT")
    with pytest.raises(KeyboardInterrupt):
        parsed()


def test_the_cache(parsed, cluster, tmp_path, monkeypatch):
    kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "kept")}
    parsed(**kept)
    cluster.instances = [instance("new")]
    assert list(parsed(**kept).hosts) == ["shop_cache"] and len(cluster.asked) == 1
    assert list(parsed(anew=True, **kept).hosts) == ["shop_new"], "meta: refresh_inventory and --flush-cache read anew"
    assert list(parsed(**kept).hosts) == ["shop_new"] and len(cluster.asked) == 2
    parsed(**kept, packages=["redis"])
    parsed(**kept, act_as={"user": "jo"})
    monkeypatch.setenv("K8S_AUTH_CONTEXT", "other")
    parsed(**kept)
    assert len(cluster.asked) == 5, "other options, other people and other clusters have their own"
    assert "spec" not in "".join(path.read_text() for path in (tmp_path / "kept").iterdir()), "no document is kept"


def test_a_damaged_cache_is_read_anew(parsed, cluster, tmp_path):
    kept = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "kept")}
    parsed(**kept)
    for path in (tmp_path / "kept").iterdir():
        path.write_text(json.dumps({"__payload__": json.dumps("[{")}) if "__payload__" in path.read_text() else json.dumps("[{"))
    assert list(parsed(**kept).hosts) == ["shop_cache"] and len(cluster.asked) == 2


def test_what_is_incomplete_is_said_and_not_kept(parsed, cluster, tmp_path):
    cluster.warning = "Instances on cluster east are not shown."
    kept = {"clusters": "all", "cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tmp_path / "kept")}
    assert parsed(**kept).warnings == [cluster.warning]
    assert parsed(**kept).warnings == [cluster.warning] and len(cluster.asked) == 2


@pytest.mark.parametrize(("name", "fits"), [
    ("acmp.yml", True), ("x.acmp.yaml", True), ("instances.acmp.yml", True), ("acmp.json", False), ("hosts.yml", False),
])
def test_names_of_sources(tmp_path, name, fits):
    (tmp_path / name).write_text("plugin: acmp.middleware.instances\n")
    assert instances.InventoryModule().verify_file(str(tmp_path / name)) is fits
    assert not instances.InventoryModule().verify_file(str(tmp_path / "absent.acmp.yml"))


def test_every_connection_option_is_documented():
    documented = constants.config.get_configuration_definitions("inventory", instances.InventoryModule.NAME)
    assert set(reading.names()) <= set(documented)
    assert not any(documented[name].get("env") for name in reading.names()), "K8S_AUTH_* is resolved where a kubeconfig of the source can switch it off"
