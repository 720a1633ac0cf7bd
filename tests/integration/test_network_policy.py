# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Isolated workspaces: what the platform says about the cluster's network is compared with connections that are really tried."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from harness.checks import good, until

pytestmark = pytest.mark.once

PORT = 8080
SERVER, CLIENT = "docker.io/acmp/tiny:1.0.0", "docker.io/library/busybox:1.35"


@pytest.fixture(scope="module")
def spaces(ansible, platform) -> Iterator[dict[str, str]]:
    word = f"{random.SystemRandom().randrange(16 ** 4):04x}"
    names = {mode: f"it-{mode}-{word}" for mode in ("isolated", "neighbour", "open")}
    good(ansible.play({"acmp_workspace": {"workspaces": [
        {"name": name, "network_policy": "open" if mode == "open" else "isolated", "pod_security": "restricted"} for mode, name in names.items()]}}))
    yield names
    ansible.play({"acmp_workspace": {"workspaces": [{"name": name} for name in names.values()], "state": "absent", "confirm": list(names.values())}})


def _pod(name: str, image: str, more: dict) -> dict:
    container = {
        "name": "c", "image": image, "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}, **more,
    }
    who = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
    spec = {"restartPolicy": "Never", "automountServiceAccountToken": False, "securityContext": who, "containers": [container]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def _serve(api, space: str) -> str:
    """The address of a pod that answers."""
    pods = f"/api/v1/namespaces/{space}/pods"
    api.create(pods, _pod("server", SERVER, {"env": [{"name": "PORT", "value": str(PORT)}], "readinessProbe": {"httpGet": {"path": "/ready", "port": PORT}}}))

    def ready():
        status = api.get(f"{pods}/server").get("status") or {}
        up = any(item["type"] == "Ready" and item["status"] == "True" for item in status.get("conditions") or [])
        return status.get("podIP") if up else ""

    return until(f"the server in {space}", ready, seconds=120)


def _connects(api, space: str, address: str, name: str) -> bool:
    """Whether a pod in a namespace gets an answer from there."""
    pods, host = f"/api/v1/namespaces/{space}/pods", f"[{address}]" if ":" in address else address
    script = f"for i in 1 2 3; do timeout 4 wget -q -O /dev/null http://{host}:{PORT}/ && exit 0; sleep 1; done; exit 7"
    api.create(pods, _pod(name, CLIENT, {"command": ["sh", "-c", script]}))

    def ended_as() -> str:
        now = (api.get(f"{pods}/{name}").get("status") or {}).get("phase")
        return now if now in ("Succeeded", "Failed") else ""

    phase = until(f"the client {space}/{name}", ended_as, seconds=120)
    if phase == "Failed":
        ended = api.get(f"{pods}/{name}")["status"]["containerStatuses"][0]["state"]["terminated"]
        assert ended["exitCode"] == 7, f"the client failed for another reason: {ended}"
    return phase == "Succeeded"


def test_what_is_said_of_isolation_is_true(ansible, api, spaces):
    run = good(ansible.play(
        {"acmp_cluster_info": {"name": "local"}}, *({"acmp_workspace_info": {"name": name}} for name in spaces.values())))
    said = run[0]["clusters"][0]["network_policy"]
    shown = {mode: run[number]["workspaces"][0]["network_policy"] for number, mode in enumerate(spaces, 1)}
    assert {mode: item["mode"] for mode, item in shown.items()} == {"isolated": "isolated", "neighbour": "isolated", "open": "open"}

    server = {mode: _serve(api, spaces[mode]) for mode in ("isolated", "open")}
    assert _connects(api, spaces["isolated"], server["isolated"], "inside"), "a workspace is not cut off from itself"
    assert _connects(api, spaces["neighbour"], server["open"], "to-open"), "an open workspace is open"
    crossed = _connects(api, spaces["neighbour"], server["isolated"], "across")

    print(f"the cluster's network is said to enforce policies: {said['enforced']} ({said['by']}); a connection across was {'made' if crossed else 'refused'}")
    assert said["enforced"] in ("yes", "no", "unknown") and said["by"]
    assert not (said["enforced"] == "yes" and crossed), "it is said that policies are enforced, and a connection was made"
    assert not (said["enforced"] == "no" and not crossed), "it is said that policies are not enforced, and a connection was refused"
    # What a workspace says of itself is what the cluster says, and a doubt is spoken out.
    assert bool(shown["isolated"]["enforced_by"]) == (said["enforced"] == "yes"), (shown["isolated"], said)
    warned = any("may be open" in text for text in run[1].data.get("warnings", []))
    assert warned == (said["enforced"] != "yes"), run[1].data.get("warnings")
