# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses answer from here: a TCP connection to each, all at once, never longer than two seconds altogether."""

from __future__ import annotations

import errno
import re
import socket
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

SECONDS = 2.0
MOST = 200
_FORM = re.compile(r"(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:/]+)):(?P<port>\d+)")
_INSIDE = "the address is one of the cluster's inside"


def targets(endpoint: Mapping) -> list[tuple[str, str]]:
    """Pure: (address, kind) to try of an endpoint; kind: inside, outside."""
    ports = [text.partition("/")[0] for text in endpoint["ports"] if text.endswith("/TCP")]
    own = endpoint["cluster_ip"]
    host = f"[{own}]" if ":" in own else own
    found = [(f"{host}:{port}", "inside") for port in ports if own]
    found += [(address, "outside") for address in endpoint["node_addresses"]]
    for item in endpoint["external"]:
        found += [(item, "outside")] if "://" in item else [(f"[{item}]:{port}" if ":" in item else f"{item}:{port}", "outside") for port in ports]
    return found


def probe(endpoints: Iterable[Mapping], seconds: float = SECONDS) -> list[dict[str, Any]]:
    """The endpoints with ``probes``: address, reachable (None where it was not tried), message."""
    endpoints = list(endpoints)
    wanted = list(dict.fromkeys(target for item in endpoints for target in targets(item)))[:MOST]
    said: dict[tuple[str, str], tuple[bool | None, str]] = {}

    def one(target: tuple[str, str]) -> None:
        answer = _try(*target, seconds)
        said.setdefault(target, answer)

    # Threads of their own that nobody waits for: a name that does not resolve can hold one for long.
    threads = [threading.Thread(target=one, args=(target,), daemon=True, name="acmp-probe") for target in wanted]
    end = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    for target in wanted:
        said.setdefault(target, (False, f"no answer within {seconds:g} s"))
    silent = (None, f"not tried: {MOST} addresses are tried at a time")
    return [{**item, "probes": [_told(target, *said.get(target, silent)) for target in targets(item)] or [_untried(item)]} for item in endpoints]


def _told(target: tuple[str, str], reachable: bool | None, message: str) -> dict[str, Any]:
    if reachable is False and target[1] == "inside":
        message = f"{message}; {_INSIDE}, which is reached from its nodes and pods alone"
    return {"address": target[0], "reachable": reachable, "message": message}


def _untried(endpoint: Mapping) -> dict[str, Any]:
    name = next(iter(endpoint["addresses"]), "")
    why = "a headless Service has names inside the cluster alone" if name and not endpoint["cluster_ip"] else "it has no TCP port"
    return {"address": name, "reachable": None, "message": f"not tried: {why}"}


def _try(address: str, _kind: str, seconds: float) -> tuple[bool, str]:
    place = _place(address)
    if place is None:
        return False, "it is no address"
    try:
        with socket.create_connection(place, timeout=seconds):
            return True, "connected"
    except socket.gaierror:
        return False, f"the name {place[0]} is not known here"
    except TimeoutError:
        return False, f"no answer within {seconds:g} s"
    except OSError as error:
        return False, {
            errno.ECONNREFUSED: "refused: nobody listens", errno.ENETUNREACH: "there is no route to it", errno.EHOSTUNREACH: "there is no route to it",
        }.get(error.errno or 0, error.strerror or "it failed")


def _place(address: str) -> tuple[str, int] | None:
    if "://" in address:
        try:
            parts = urlsplit(address)
            return (parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)) if parts.hostname else None
        except ValueError:
            return None
    match = _FORM.fullmatch(address)
    return (match["six"] or match["host"], int(match["port"])) if match and int(match["port"]) < 65536 else None
