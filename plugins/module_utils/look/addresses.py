# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses that Services and Ingresses give an instance (§5.3.5)."""

from __future__ import annotations

from typing import Any

from ..api import API_VERSION
from ..errors import KubeError

_DOMAIN = "cluster.local"


def has_node_port(services: list[dict]) -> bool:
    return any(port.get("nodePort") for service in services for port in service.get("spec", {}).get("ports") or [])


def access_address(place, services: list[dict]) -> str:
    """Where the cluster's node ports are reached, "" where its record does not say or none of the services has one."""
    if not has_node_port(services):
        return ""
    record = place.record
    if record is None:
        try:
            record = place.home.get(API_VERSION, "Cluster", place.cluster)
        except KubeError:
            # An address to show is not worth a failure.
            record = None
    return str((record or {}).get("spec", {}).get("address") or "")


def endpoint(service: dict, address: str = "") -> dict[str, Any]:
    """One Service as an address; cluster_ip is empty for a headless one. address: where the cluster's node ports are reached."""
    meta, spec = service["metadata"], service.get("spec", {})
    outside_host = f"[{address}]" if ":" in address else address
    host = f"{meta['name']}.{meta['namespace']}.svc.{_DOMAIN}"
    ports = spec.get("ports") or []
    outside = [entry.get("hostname") or entry.get("ip") for entry in service.get("status", {}).get("loadBalancer", {}).get("ingress") or []]
    own = spec.get("clusterIP") or ""
    node_ports = [port["nodePort"] for port in ports if port.get("nodePort")]
    return {
        "service": meta["name"], "type": spec.get("type", "ClusterIP"), "cluster_ip": "" if own == "None" else own,
        "ports": [f"{port['port']}/{port.get('protocol', 'TCP')}" for port in ports],
        "addresses": [f"{host}:{port['port']}" for port in ports],
        "node_ports": node_ports,
        "node_addresses": [f"{outside_host}:{port}" for port in node_ports] if address else [],
        "external": [item for item in outside if item],
    }


def ingress(obj: dict) -> dict[str, Any]:
    """One Ingress in the same form: ``external`` holds the web addresses it answers at, ``addresses`` the Services behind it."""
    meta, spec = obj["metadata"], obj.get("spec") or {}
    safe = {host for entry in spec.get("tls") or [] for host in entry.get("hosts") or []}
    given = [entry.get("hostname") or entry.get("ip") for entry in (obj.get("status") or {}).get("loadBalancer", {}).get("ingress") or []]
    web, behind = [], []
    for rule in spec.get("rules") or []:
        hosts = [rule["host"]] if rule.get("host") else [item for item in given if item]
        for path in (rule.get("http") or {}).get("paths") or []:
            web += [f"{'https' if host in safe else 'http'}://{host}{path.get('path') or '/'}" for host in hosts]
            service = (path.get("backend") or {}).get("service") or {}
            port = service.get("port") or {}
            behind.append(f"{service.get('name', '')}.{meta['namespace']}.svc.{_DOMAIN}:{port.get('number') or port.get('name', '')}")
    return {
        "service": meta["name"], "type": "Ingress", "cluster_ip": "", "ports": ["443/TCP"] if safe else ["80/TCP"], "addresses": list(dict.fromkeys(behind)),
        "node_ports": [], "node_addresses": [], "external": list(dict.fromkeys(web)),
    }
