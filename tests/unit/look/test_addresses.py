# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses (§5.3.5), and which of them answer from here."""

from __future__ import annotations

import socket
import threading
import time
from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.look import _probe, addresses
from ansible_collections.acmp.middleware.plugins.module_utils.instance.places import Local

from . import samples

NODE_PORT = {"ports": [{"port": 6379, "nodePort": 30001}, {"port": 9121}], "type": "NodePort"}


def test_endpoint_of_a_service_and_of_a_headless_one():
    shown = addresses.endpoint({**samples.service(**NODE_PORT), "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}})
    assert shown["addresses"] == ["one.shop.svc.cluster.local:6379", "one.shop.svc.cluster.local:9121"]
    assert (shown["cluster_ip"], shown["ports"], shown["node_ports"], shown["external"]) == ("10.0.0.7", ["6379/TCP", "9121/TCP"], [30001], ["192.0.2.1"])
    assert addresses.endpoint(samples.service(clusterIP="None"))["cluster_ip"] == ""


@pytest.mark.parametrize(("address", "shown"), [
    ("", []), ("192.0.2.9", ["192.0.2.9:30001"]), ("east.example.com", ["east.example.com:30001"]), ("2001:db8::9", ["[2001:db8::9]:30001"]),
])
def test_node_ports_are_reached_at_the_cluster_s_address(address, shown):
    assert addresses.endpoint(samples.service(**NODE_PORT), address)["node_addresses"] == shown


def test_the_access_address_is_asked_for_node_ports_alone():
    asked = []
    home = SimpleNamespace(get=lambda *words: asked.append(words) or {"spec": {"address": "192.0.2.9"}})
    here, service = Local(home, home), samples.service(**NODE_PORT)
    assert addresses.access_address(here, [samples.service()]) == "" and not asked
    assert addresses.access_address(here, [service]) == "192.0.2.9" and len(asked) == 1
    known = Local(home, home, "east", {"spec": {"address": "192.0.2.7"}})
    assert addresses.access_address(known, [service]) == "192.0.2.7" and len(asked) == 1


def test_an_ingress_shows_its_hosts_and_what_is_behind():
    paths = [{"path": "/api", "backend": {"service": {"name": "one", "port": {"number": 80}}}}]
    obj = {"metadata": samples.meta("web"), "spec": {
        "tls": [{"hosts": ["safe.example.com"]}],
        "rules": [{"host": "safe.example.com", "http": {"paths": paths}}, {"host": "plain.example.com", "http": {"paths": paths}}, {"http": {"paths": paths}}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.5"}]}}}
    shown = addresses.ingress(obj)
    assert shown["external"] == ["https://safe.example.com/api", "http://plain.example.com/api", "http://192.0.2.5/api"]
    assert (shown["addresses"], shown["type"]) == (["one.shop.svc.cluster.local:80"], "Ingress")
    assert shown.keys() == addresses.endpoint(samples.service()).keys()


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def at(port: int, **more) -> dict:
    return {**addresses.endpoint(samples.service(clusterIP="127.0.0.1", ports=[{"port": port}])), **more}


def test_what_answers_and_what_does_not(listener, closed):
    found = _probe.probe([at(listener), at(closed), at(1, cluster_ip="", addresses=["a.b.svc:1"]), at(1, ports=["53/UDP"], addresses=[])])
    assert [[(probe["reachable"], probe["address"]) for probe in item["probes"]] for item in found] == [
        [(True, f"127.0.0.1:{listener}")], [(False, f"127.0.0.1:{closed}")], [(None, "a.b.svc:1")], [(None, "")]]
    said = [item["probes"][0]["message"] for item in found]
    assert said[0] == "connected" and "refused" in said[1] and "inside" in said[1] and "headless" in said[2] and "no TCP port" in said[3]


def test_web_addresses_load_balancers_and_node_ports_are_tried_too(listener):
    item = at(listener, cluster_ip="", external=[f"http://127.0.0.1:{listener}/x", "127.0.0.1"], node_addresses=[f"[::ffff:127.0.0.1]:{listener}"])
    assert [probe["reachable"] for probe in _probe.probe([item])[0]["probes"]] == [True] * 3
    bad = _probe.probe([at(1, cluster_ip="", external=["https://[", "http://"])])[0]["probes"]
    assert [probe["reachable"] for probe in bad] == [False, False]


def test_nobody_waits_longer_than_said(monkeypatch):
    released = threading.Event()
    monkeypatch.setattr(_probe, "_try", lambda *_words: released.wait(20) and (True, ""))
    began = time.monotonic()
    found = _probe.probe([at(number) for number in range(1, 300)], seconds=0.2)
    released.set()
    assert time.monotonic() - began < 2
    said = [item["probes"][0] for item in found]
    assert said[0]["reachable"] is False and "no answer within 0.2 s" in said[0]["message"]
    assert said[-1]["reachable"] is None and "200" in said[-1]["message"]
