# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exposure (manual 7.3.1.3): what is published outside speaks TLS, and nobody gets in without a password unless metadata.yaml says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name
from ._objects import REASON, annotation, containers, environment, get, group, kind, mapping, maps, note_near, note_unless_reasoned, pod, text, texts

_DECLARE = "Ask for a password by default, or declare security.anonymousAccess: true and its security.risk in metadata.yaml"
RULES = {
    "EXP-001": Rule(WARNING, "an Ingress or Route speaks TLS", "Add spec.tls, or publish by the platform's gateway"),
    "EXP-002": Rule(WARNING, "Services are reached from inside unless asked otherwise", "Use ClusterIP by default, or TLS on every port that is published"),
    "EXP-003": Rule(ERROR, "containers take no ports of their node", f"Use a Service; for an agent of the node say why not in the annotation {REASON}"),
    "EXP-004": Rule(ERROR, "pods do not use the network of their node", f"Leave hostNetwork out, or say why not in the annotation {REASON}"),
    "EXP-005": Rule(WARNING, "gateways listen with TLS", "Use protocol HTTPS or TLS; plain HTTP only beside it, to redirect"),
    "EXP-006": Rule(ERROR, "access without a password is declared", _DECLARE),
    "EXP-009": Rule(HINT, "exposure with a written reason", "Read the reason before the package is listed"),
}

# Variables that switch off passwords or encryption in well-known images: name -> values in lower case.
_YES = frozenset({"yes", "true", "1", "on", "y"})
_OPEN = {
    "ALLOW_EMPTY_PASSWORD": _YES, "ALLOW_ANONYMOUS_LOGIN": _YES, "ALLOW_PLAINTEXT_LISTENER": _YES, "MYSQL_ALLOW_EMPTY_PASSWORD": _YES,
    "MARIADB_ALLOW_EMPTY_PASSWORD": _YES, "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": _YES, "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": _YES,
    "GF_AUTH_ANONYMOUS_ENABLED": _YES, "POSTGRES_HOST_AUTH_METHOD": {"trust"}, "NEO4J_AUTH": {"none"}, "INFLUXDB_HTTP_AUTH_ENABLED": {"false"},
    "xpack.security.enabled": {"false"}, "KAFKA_CFG_ALLOW_PLAINTEXT_LISTENER": _YES,
}
# Switches on a command line; the last one needs a look at what stands beside it.
_OPEN_ARGUMENTS = (
    ("--skip-grant-tables", re.compile(r"(?<!\S)--skip-grant-tables(?!\S)")),
    ("xpack.security.enabled=false", re.compile(r"(?<!\S)-E\s?xpack\.security\.enabled=false(?!\S)")),
    ("--protected-mode no", re.compile(r"(?<!\S)--protected-mode[ =]no(?!\S)")),
)
_PASSWORD = re.compile(r"(?<!\S)--(?:requirepass|aclfile|masterauth)(?=[ =])")
_SECURE = re.compile(r"https|tls|ssl|wss", re.IGNORECASE)
_LONGEST = 64 * 1024


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes plain-text ways in from outside, uses of the node's network, and undeclared anonymous access."""
    declared = package.security.get("anonymousAccess") is True
    for placed in objects:
        what = kind(placed.object)
        if what == "Ingress" and group(placed.object) in ("networking.k8s.io", "extensions"):
            passed = annotation(placed.object, "nginx.ingress.kubernetes.io/ssl-passthrough") == "true"
            if not maps(get(placed.object, "spec", "tls")) and not passed:
                _add(report, "EXP-001", f"{name(placed)} publishes without TLS", placed, ("spec",))
        elif what == "Route" and group(placed.object) == "route.openshift.io":
            if not mapping(get(placed.object, "spec", "tls")):
                _add(report, "EXP-001", f"{name(placed)} publishes without TLS", placed, ("spec",))
        elif what == "Service" and not group(placed.object):
            _check_service(placed, report)
        elif what == "Gateway":
            _check_gateway(placed, report)
        _check_pod(placed, report)
        if not declared:
            for who, steps, near in _open(placed.object):
                note_near(report, "EXP-006", f"{name(placed)} lets everybody in: {who}", placed, steps, near)


def _check_service(placed: Placed, report: Report) -> None:
    spec = mapping(placed.object.get("spec"))
    outside = spec.get("type") if spec.get("type") in ("NodePort", "LoadBalancer") else ""
    if not outside and not texts(spec.get("externalIPs")):
        return
    ports = [port for _index, port in maps(spec.get("ports"))]
    if not ports or not all(_secure(port) for port in ports):
        steps = ("spec", "type" if outside else "externalIPs")
        _add(report, "EXP-002", f"{name(placed)} is reached from outside the cluster ({outside or 'externalIPs'}) by default, without TLS", placed, steps)


def _secure(port: dict) -> bool:
    named = (text(port.get("name")), text(port.get("appProtocol")), text(port.get("targetPort")))
    return port.get("port") in (443, 8443, 6443) or any(map(_SECURE.search, named))


def _check_gateway(placed: Placed, report: Report) -> None:
    key = "listeners" if group(placed.object) == "gateway.networking.k8s.io" else "servers" if group(placed.object) == "networking.istio.io" else ""
    doors = maps(get(placed.object, "spec", key)) if key else []
    protocols = {index: text(door.get("protocol") if key == "listeners" else get(door, "port", "protocol")).upper() for index, door in doors}
    # Plain HTTP beside HTTPS is there to send people on.
    redirects = {"HTTP", "HTTP2"} if "HTTPS" in protocols.values() else set()
    for index, door in doors:
        if protocols[index] not in {"HTTPS", "TLS", *redirects} and not mapping(door.get("tls")):
            _add(report, "EXP-005", f"{name(placed)} listens without TLS: {shown(door.get('name') or protocols[index] or index)}", placed, ("spec", key, index))


def _check_pod(placed: Placed, report: Report) -> None:
    found = pod(placed.object)
    if not found:
        return
    spec, steps = found
    if spec.get("hostNetwork") is True:
        _add(report, "EXP-004", f"{name(placed)} uses the network of its node", placed, (*steps, "hostNetwork"))
        return
    for container in containers(placed.object):
        for index, port in maps(container.data.get("ports")):
            if port.get("hostPort"):
                where = (*container.steps, "ports", index, "hostPort")
                _add(report, "EXP-003", f"{name(placed)}, container {container.name}: takes port {shown(port['hostPort'])} of its node", placed, where,
                     container.data.get("name"))


def _open(item: dict) -> Iterator[tuple[str, tuple, object]]:
    """(what opens it, place, name of the item it is in) of each switch that lets people in without a password."""
    for container in containers(item):
        for variable, value, steps in environment(container):
            if value.strip().lower() in _OPEN.get(variable, ()):
                yield f"{variable} is {shown(value)}", steps, variable
        for key in ("command", "args"):
            words = " ".join(texts(container.data.get(key)))[:_LONGEST]
            for title, switch in _OPEN_ARGUMENTS:
                if switch.search(words) and not _PASSWORD.search(_words(container)):
                    yield title, (*container.steps, key), container.data.get("name")


def _words(container) -> str:
    return " ".join(word for key in ("command", "args") for word in texts(container.data.get(key)))[:_LONGEST]


def _add(report: Report, rule: str, message: str, placed: Placed, steps: tuple, near: object = "") -> None:
    note_unless_reasoned(report, rule, "EXP-009", message, placed, steps, near)
