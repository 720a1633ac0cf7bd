# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many instances of the tiny package, scaled to 0: deployed by one play, looked at, looked at for drift; ours and kubernetes.core doing the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import candidates
import counting
from candidates import OURS, THEIRS, Ground
from statistics_of import Spread, ratios

SPACES = {1: "bench-status-1", 50: "bench-status-50", 300: "bench-status-300"}
TINY = Path(__file__).resolve().parents[1] / "packages" / "tiny"
DEPLOYED = 50
AIM = 10
_FRESH = {OURS: "bench-deploy-ours", THEIRS: "bench-deploy-theirs"}


def measure(cluster, ground: Ground, pairs: int, rounds: Callable) -> dict:
    """{"deploy" | "status-N" | "drift": {candidate: [seconds]}, "requests": {N: of ours}, "memory": {N: MiB of ours}} without an empty playbook's."""
    publish = {"name": "Publish", "acmp.middleware.acmp_package": {"src": str(TINY), "state": "listed"}}
    candidates.play(ground, candidates.playbook(ground, "prepare", [{"name": "Set up", "acmp.middleware.acmp_setup": {}}, publish]))
    empty = candidates.playbook(ground, "empty", [])
    found: dict = {}
    try:
        for number, space in SPACES.items():
            _deploy_ours(ground, space, number)
        few = max(1, pairs // 5)
        found["deploy"] = _taken(ground, empty, {OURS: lambda: _fresh(cluster, ground, OURS), THEIRS: lambda: _fresh(cluster, ground, THEIRS)}, few, rounds,
                                 f"{DEPLOYED} deployed by one play")
        for number, space in SPACES.items():
            # The loops over many releases take minutes.
            turns = pairs if number == 1 else few
            ways = {OURS: lambda space=space: _play(ground, "status-ours", [_our_status(space)]),
                    THEIRS: lambda space=space, number=number: _play(ground, "status-theirs", _their_status(ground, space, number))}
            found[f"status-{number}"] = _taken(ground, empty, ways, turns, rounds, f"status of {number}")
        ways = {OURS: lambda: _play(ground, "drift-ours", [_our_drift()]), THEIRS: lambda: _play(ground, "drift-theirs", [_their_drift(ground)])}
        found["drift"] = _taken(ground, empty, ways, pairs, rounds, "drift of one")
        found["requests"] = {number: _requests(ground, space) for number, space in SPACES.items()}
        found["memory"] = {number: _memory(ground, space) for number, space in SPACES.items()}
        return found
    finally:
        _drop(cluster, *SPACES.values(), *_FRESH.values())


def _taken(ground: Ground, empty: Path, ways: dict, pairs: int, rounds: Callable, what: str) -> dict:
    taken = rounds({"empty": lambda: candidates.play(ground, empty), **ways}, pairs, what)
    own = {who: [whole - nothing for whole, nothing in zip(taken[who], taken["empty"], strict=True)] for who in ways}
    return {**own, "load": taken["load"]}


def _play(ground: Ground, label: str, tasks: list) -> float:
    return candidates.play(ground, candidates.playbook(ground, label, tasks))


def _names(number: int) -> list:
    return [f"many-{index:03}" for index in range(number)]


def _deploy_task(ground: Ground, space: str, number: int) -> dict:
    instance = {"name": "{{ item }}", "namespace": space, "create_namespace": True, "package": "tiny", "values": {"replicas": 0}, "helm_binary": ground.helm}
    return {"name": "Deploy", "acmp.middleware.acmp_instance": instance, "loop": _names(number)}


def _deploy_ours(ground: Ground, space: str, number: int) -> float:
    return _play(ground, "many-ours", [_deploy_task(ground, space, number)])


def _fresh(cluster, ground: Ground, who: str) -> float:
    space = _FRESH[who]
    _drop(cluster, space)
    if who == OURS:
        return _deploy_ours(ground, space, DEPLOYED)
    release = {"name": "{{ item }}", "release_namespace": space, "create_namespace": True, "chart_ref": str(TINY / "raw" / "tiny"), "values": {"replicas": 0},
               "binary_path": ground.helm, "wait": True}
    return _play(ground, "many-theirs", [{"name": "Deploy", "kubernetes.core.helm": release, "loop": _names(DEPLOYED)}])


def _drop(cluster, *spaces: str) -> None:
    cluster.kubectl("delete", "namespace", *spaces, "--ignore-not-found", "--wait=true", "--timeout=600s")


def _our_status(space: str) -> dict:
    return {"name": "Status", "acmp.middleware.acmp_instance_info": {"namespace": space}}


def _their_status(ground: Ground, space: str, number: int) -> list:
    """Release by release, as helm_info does it, and each kind of object that ours shows once."""
    kinds = [["apps/v1", "Deployment"], ["apps/v1", "StatefulSet"], ["v1", "Service"], ["v1", "Pod"]]
    release = {"name": "{{ item }}", "release_namespace": space, "binary_path": ground.helm}
    return [
        {"name": "Releases", "kubernetes.core.helm_info": release, "loop": _names(number)},
        {"name": "Objects", "kubernetes.core.k8s_info": {"api_version": "{{ item[0] }}", "kind": "{{ item[1] }}", "namespace": space}, "loop": kinds},
    ]


def _our_drift() -> dict:
    return {"name": "Drift", "acmp.middleware.acmp_instance": {"name": "many-000", "namespace": SPACES[1], "values": {"replicas": 0}, "drift": "report"}}


def _their_drift(ground: Ground) -> dict:
    """The manifest of the release applied in check mode, which is the way there."""
    manifest = ground.scratch / "many.yaml"
    if not manifest.exists():
        candidates.command([ground.helm, "get", "manifest", "many-000", "--namespace", SPACES[1]], ground)
        manifest.write_text(candidates.last_output(ground))
    return {"name": "Drift", "kubernetes.core.k8s": {"src": str(manifest), "namespace": SPACES[1], "apply": True}, "check_mode": True}


def _requests(ground: Ground, space: str) -> int:
    watched: dict = {}
    with counting.counted(ground, watched) as (wrapped, python):
        candidates.play(wrapped, candidates.playbook(wrapped, "counted", [_our_status(space)], interpreter=python))
    return len(watched["requests"])


def _memory(ground: Ground, space: str) -> float:
    """Largest process of a playbook with one look, in MiB; a child of its own, whose largest descendant it is."""
    playbook = candidates.playbook(ground, "memory", [_our_status(space)])
    program = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); " \
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)"
    candidates.command([sys.executable, "-c", program, str(ground.venv / "bin" / "ansible-playbook"), str(playbook)], ground)
    return float(candidates.last_output(ground).split()[-1])


def text(found: dict, names: dict, load: Callable[[dict], str]) -> str:
    titles = {"deploy": f"{DEPLOYED} deployed by one play", **{f"status-{number}": f"status of {number}" for number in SPACES}, "drift": "drift of one"}
    rows = [f"| {titles[case]} | {who} | {Spread.of(found[case][who]).show(2, ' s')} |" for case in titles for who in (OURS, THEIRS)]
    faster = {case: ratios(found[case][THEIRS], found[case][OURS]).median for case in titles}
    lines = [f"- {titles[case]}: **{faster[case]:.1f} times** faster ({len(found[case][OURS])} rounds, {load(found[case])})" for case in titles]
    most = faster[f"status-{max(SPACES)}"]
    return """## Many instances

The tiny package scaled to 0, so that the machine has no pods to run. `kubernetes.core` is a loop of `helm`, a loop of `helm_info` with four
`k8s_info`, and `k8s` applying the release's manifest in check mode.

| case | who | time |
|---|---|---|
""" + "\n".join(rows) + "\n\nOurs is\n\n" + "\n".join(lines) + f"""

Required: status of {max(SPACES)} {AIM} times faster, {'met' if most >= AIM else '**not met**'}.
Requests of a status: {', '.join(f'{count} for {number}' for number, count in found['requests'].items())}.
Largest process of it: {', '.join(f'{size:.0f} MiB for {number}' for number, size in found['memory'].items())}.
"""
