# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hundred workspaces: one task of ours against a loop of kubernetes.core.k8s over the same objects, each made, left alone, changed, and made less.

The loop has one item for each workspace, with all its objects in one definition, which is its fastest form. It makes no credentials; ours does.
Removing is told by name to the loop, and found by ours.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import candidates
import counting
from candidates import OURS, THEIRS, Ground
from common import Failed
from statistics_of import Spread, ratios

PROJECT = "bench-many"
AIM = 30
PHASES = {"first": "made for the first time", "unchanged": "nothing to do", "changed": "one quota changed", "removed": "one removed"}
_PART = {"app.kubernetes.io/part-of": "acmp", "operators.apusic.com/project": PROJECT}
_RBAC = "rbac.authorization.k8s.io"
_LIMITS = [{"type": "Container", "default": {"cpu": "500m", "memory": "256Mi"}, "defaultRequest": {"cpu": "100m", "memory": "64Mi"}}]


def measure(cluster, ground: Ground, count: int, pairs: int, rounds: Callable) -> dict:
    """{phase: {candidate: [seconds]}} without an empty playbook's, and the requests of an unchanged run. rounds: bench's way to take turns."""
    project = {"name": "Project", "acmp.middleware.acmp_project": {"name": PROJECT, "members": [{"kind": "Group", "name": "bench"}]}}
    setup = {"name": "Set up", "acmp.middleware.acmp_setup": {}}
    candidates.play(ground, candidates.playbook(ground, "prepare", [setup, project]))
    empty = candidates.playbook(ground, "empty", [])
    found: dict = {}
    try:
        for phase in PHASES:
            ways = {who: _way(cluster, ground, phase, who, count) for who in (OURS, THEIRS)}
            # Those that write take minutes each, and their ratio is large: fewer say enough.
            number = pairs if phase == "unchanged" else max(1, pairs // 3)
            taken = rounds({"empty": lambda: candidates.play(ground, empty), **ways}, number, f"{count} workspaces, {PHASES[phase]}")
            found[phase] = {who: [whole - nothing for whole, nothing in zip(taken[who], taken["empty"], strict=True)] for who in (OURS, THEIRS)}
            found[phase]["load"] = taken["load"]
        found["requests"] = {who: _requests(ground, who, count) for who in (OURS, THEIRS)}
        return {**found, "count": count}
    finally:
        clean(cluster, ground)


def clean(cluster, ground: Ground) -> None:
    cluster.kubectl("delete", "namespace", "-l", "acmp.test=bench-theirs", "--wait=true", "--timeout=600s", "--ignore-not-found")
    tasks = [_ours(ground, []), {"name": "Project", "acmp.middleware.acmp_project": {"name": PROJECT, "state": "absent", "confirm": PROJECT}}]
    candidates.play(ground, candidates.playbook(ground, "clean", tasks))


def _way(cluster, ground: Ground, phase: str, who: str, count: int) -> Callable[[], float]:
    """What is timed in a phase, and before it, untimed, what brings the cluster to where the phase begins."""
    numbers = iter(range(10**6))

    def run(names: list, cpu: str = "4", gone: str = "", changed: bool = True) -> float:
        tasks = [_ours(ground, names, cpu)] if who == OURS else [*_theirs(ground, names, cpu), *([_absent(gone)] if gone else [])]
        seconds = candidates.play(ground, candidates.playbook(ground, f"{phase}-{who.split('.', maxsplit=1)[0]}", tasks))
        if ("changed=0" not in candidates.last_output(ground)) != changed:
            raise Failed(f"{who}, {phase}: {'nothing was' if changed else 'something was'} changed:\n{candidates.last_output(ground)[-2000:]}")
        return seconds

    every = _names(who, count)

    def first() -> float:
        if who == OURS:
            candidates.play(ground, candidates.playbook(ground, "clear", [_ours(ground, [])]))
        else:
            cluster.kubectl("delete", "namespace", "-l", "acmp.test=bench-theirs", "--wait=true", "--timeout=600s", "--ignore-not-found")
        return run(every)

    def removed() -> float:
        seconds = run(every[:-1], gone=every[-1])
        run(every)
        return seconds

    # The loop's turn of the changed quota ends where it began, so that the next phase finds nothing to do.
    ways = {
        "first": first, "unchanged": lambda: run(every, changed=False), "removed": removed,
        "changed": lambda: (run(every, cpu=str(5 + next(numbers))), run(every))[0],
    }
    return ways[phase]


def _names(who: str, count: int) -> list:
    return [f"bench-{'o' if who == OURS else 't'}-{number:03}" for number in range(count)]


def _hard(number: int, cpu: str) -> dict:
    return {"requests.cpu": cpu if number == 0 else "4", "requests.memory": "8Gi", "pods": "50"}


def _ours(ground: Ground, names: list, cpu: str = "4") -> dict:
    every = [
        {"name": name, "description": f"number {number}", "quota": {"hard": _hard(number, cpu)}, "limits": _LIMITS, "network_policy": "isolated",
         "pod_security": "baseline"} for number, name in enumerate(names)
    ]
    return {"name": "Workspaces", "acmp.middleware.acmp_workspace": {"project": PROJECT, "workspaces": _from_file(ground, "ours", every), "prune": True}}


def _theirs(ground: Ground, names: list, cpu: str = "4") -> list:
    every = [_objects(name, number, cpu) for number, name in enumerate(names)]
    task = {"name": "Workspaces", "kubernetes.core.k8s": {"definition": "{{ item }}", "apply": True}, "loop": _from_file(ground, "theirs", every),
            "loop_control": {"label": "{{ item[0].metadata.name }}"}}
    return [task]


def _absent(name: str) -> dict:
    return {"name": "Remove", "kubernetes.core.k8s": {"kind": "Namespace", "name": name, "state": "absent", "wait": True, "wait_timeout": 300}}


def _from_file(ground: Ground, label: str, data: list) -> str:
    path = Path(ground.scratch) / f"workspaces-{label}.json"
    path.write_text(json.dumps(data))
    return f"{{{{ lookup('ansible.builtin.file', '{path}') | from_json }}}}"


def _objects(name: str, number: int, cpu: str) -> list:
    """The objects of a workspace, as a play without us would keep them."""
    level = {f"pod-security.kubernetes.io/{mode}": "baseline" for mode in ("enforce", "warn", "audit")}
    notes = {"operators.apusic.com/description": f"number {number}"}
    # Not of the project, or ours would take them for its own and remove them.
    part = {"app.kubernetes.io/part-of": "bench"}

    def inside(api: str, kind: str, own: str, **more) -> dict:
        return {"apiVersion": api, "kind": kind, "metadata": {"name": own, "namespace": name, "labels": part}, **more}

    people = [{"apiGroup": _RBAC, "kind": "Group", "name": "bench"}, {"kind": "ServiceAccount", "name": "acmp-workspace", "namespace": name}]
    role = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "acmp-consumer"}
    spec = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{"from": [{"podSelector": {}}]}]}
    meta = {"name": name, "labels": {**part, **level, "acmp.test": "bench-theirs"}, "annotations": notes}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": meta},
        inside("v1", "ResourceQuota", "acmp", spec={"hard": _hard(number, cpu)}),
        inside("v1", "LimitRange", "acmp", spec={"limits": _LIMITS}),
        inside(f"{_RBAC}/v1", "RoleBinding", "acmp-members", roleRef=role, subjects=people),
        inside("v1", "ServiceAccount", "acmp-workspace", automountServiceAccountToken=False),
        inside("networking.k8s.io/v1", "NetworkPolicy", "acmp-isolation", spec=spec),
    ]


def _requests(ground: Ground, who: str, count: int) -> int:
    """Requests of an unchanged run, seen by a proxy, in a run of its own."""
    names, found = _names(who, count), {}
    with counting.counted(ground, found) as (watched, python):
        tasks = [_ours(ground, names)] if who == OURS else _theirs(ground, names)
        candidates.play(watched, candidates.playbook(watched, "counted", tasks, interpreter=python))
    return len(found["requests"])


def text(found: dict, ground: list) -> str:
    """The page."""
    count = found["count"]
    rows, said = [], []
    for phase, title in PHASES.items():
        taken = found[phase]
        faster = ratios(taken[THEIRS], taken[OURS])
        rows += [f"| {title} | {name} | {Spread.of(taken[who]).show(2, ' s')} |" for who, name in ((OURS, "ours"), (THEIRS, "loop of `k8s`"))]
        said.append(f"- {title}: **{faster.median:.1f} times** faster ({faster.low:.1f} to {faster.high:.1f}, extremes {faster.least:.1f} and "
                    f"{faster.most:.1f}; {len(taken[OURS])} rounds, load {min(taken['load']):.1f} to {max(taken['load']):.1f})")
    ours, theirs = found["requests"][OURS], found["requests"][THEIRS]
    aim = ratios(found["unchanged"][THEIRS], found["unchanged"][OURS]).median
    return f"""<!--
Copyright: (c) 2026, acmp.middleware contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# {count} workspaces

Written by `tests/bench/run --only workspaces` on {time.strftime('%Y-%m-%d')}. One task of `acmp_workspace` against a loop of `kubernetes.core.k8s` over
the same objects (namespace, quota, limits, binding, service account, network policy), one item for each workspace. Both are measured in turn in one run;
a time is that of the whole playbook without an empty one's. Ours makes a credential for each workspace besides.

""" + "\n".join(f"- {line}" for line in ground) + """

| case | who | time |
|---|---|---|
""" + "\n".join(rows) + "\n\nOurs is\n\n" + "\n".join(said) + f"""

Aimed at: {AIM} times when there is nothing to do, {'met' if aim >= AIM else '**not met**'}.
Requests when there is nothing to do: ours {ours} ({ours / count:.2f} for each workspace, allowed are 2), the loop {theirs} ({theirs / count:.1f}).
"""


def over_budget(found: dict) -> bool:
    return found["requests"][OURS] > max(2 * found["count"], 13)
