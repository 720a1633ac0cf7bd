# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""org.w3:link (manual 7.2.4.2): the web address behind a status value; never one with another scheme than http and https."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from .._paths import Path, get

_REST = r"(/[^\s<>\"'`\\{}|^\x00-\x1f\x7f]*)?"
_HOST = r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)"
_PLACE = re.compile(rf"({_HOST})(:[0-9]{{1,5}})?{_REST}")
_QUERY = re.compile(r"[?#][^\s<>\"'`\\{}|^\x00-\x1f\x7f]*")
_USUAL = {"http": 80, "https": 443}


def url(value: object, steps: Path, data: dict) -> str:
    """The address for a value found at ``steps`` of a status view (or status); "" where there is none.

    A host of an Ingress is https where a tls entry covers it, else http. A Service's name, address or port is the address of that port.
    """
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    if "://" in text:
        return _checked(text)
    owner = get(data, steps[:2]) if len(steps) > 2 and isinstance(steps[1], int) else None
    if isinstance(owner, dict):
        if steps[0] in ("ingresses", "ingress"):
            return _ingress(text, steps[2:], owner)
        if steps[0] == "services":
            return _service(value, steps[2:], owner)
        if steps[0] == "routes":
            return _address("https" if isinstance(get(owner, ("spec", "tls")), dict) else "http", text)
    return "" if text.isdigit() else _address("http", text)


def _checked(text: str) -> str:
    """An address that is one already, if it is safe to follow."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ""
    head, _slashes, rest = text.partition("://")
    place, mark, _query = rest.partition("?")
    place = place.partition("#")[0]
    tail = rest[len(place):]
    # A name before the host (https://bank@evil) is there to deceive.
    if head.lower() not in _USUAL or "@" in parts.netloc or not _PLACE.fullmatch(place) or port is not None and not 0 < port < 65536:
        return ""
    return text if not tail or _QUERY.fullmatch(tail) else ""


def _address(scheme: str, place: str, port: object = None) -> str:
    """scheme://place[:port], "" where the place is no host with an optional port and path."""
    try:
        place = f"[{ipaddress.IPv6Address(place)}]"
    except ValueError:
        pass
    found = _PLACE.fullmatch(place)
    if not found:
        return ""
    if isinstance(port, int) and not found[2] and port != _USUAL[scheme]:
        place = f"{found[1]}:{port}{found[3] or ''}"
    return _checked(f"{scheme}://{place}")


def _ingress(text: str, steps: Path, owner: dict) -> str:
    host = text
    if text.startswith("/"):
        # A path of a rule belongs to the rule's host.
        host = get(owner, steps[:3] + ("host",)) if steps[:2] == ("spec", "rules") else None
        if not isinstance(host, str):
            return ""
    return _address("https" if _covered(host, get(owner, ("spec", "tls"))) else "http", host + (text if text.startswith("/") else ""))


def _covered(host: str, tls: object) -> bool:
    for entry in tls if isinstance(tls, list) else []:
        hosts = entry.get("hosts") if isinstance(entry, dict) else None
        # An entry without hosts is for whatever the controller serves.
        if isinstance(entry, dict) and not hosts:
            return True
        for name in hosts if isinstance(hosts, list) else []:
            if name == host or isinstance(name, str) and name.startswith("*.") and "." in host and name[2:] == host.partition(".")[2]:
                return True
    return False


def _service(value: object, steps: Path, owner: dict) -> str:
    ports = get(owner, ("spec", "ports"))
    ports = [port for port in ports if isinstance(port, dict)] if isinstance(ports, list) else []
    if steps[:2] == ("spec", "ports"):
        entry = get(owner, steps[:3])
        if steps[3:] != ("port",) or not isinstance(entry, dict):
            return ""
        place = get(owner, ("status", "loadBalancer", "ingress", 0, "hostname")) or get(owner, ("status", "loadBalancer", "ingress", 0, "ip"))
    else:
        entry, place = (ports or [{}])[0], value
        if value == "None":
            return ""
    name, namespace = get(owner, ("metadata", "name")), get(owner, ("metadata", "namespace"))
    if not place or place == name:
        place = f"{name}.{namespace}.svc" if namespace else name
    if not isinstance(place, str) or place.isdigit():
        return ""
    return _address("https" if _is_tls(entry) else "http", place, entry.get("port"))


def _is_tls(port: dict) -> bool:
    return str(port.get("name") or "").startswith("https") or port.get("appProtocol") == "https" or port.get("port") in (443, 8443)
