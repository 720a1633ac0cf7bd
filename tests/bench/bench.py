# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our deploy against kubernetes.core's helm task and plain helm: the same chart, values and helm program, in turn.

Times are compared pair by pair in one run and fail nothing; requests and processes are counted and do.
ACMP_KUBECONFIG names the cluster; without it one is started for the bench and ended again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import time
from pathlib import Path

import candidates
import changes
import counting
import env
import many
import place
import report
import workspaces
import yaml
from candidates import OURS, PLAIN, THEIRS, Ground
from common import BUILD, ROOT, Failed, main, run_logged, say

NAME, NAMESPACE = "bench", "acmp-bench"
SCRATCH = BUILD / "bench"
PACKAGE = ROOT / "examples" / "packages" / "redis"
ENOUGH = 10  # pairs from which on a result may stand in docs/proof
BUDGET = {"requests": 6, "helm": 0}


def options(arguments: list) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/bench/run", description=__doc__.splitlines()[0])
    parser.add_argument("mode", nargs="?", choices=["proof"], help="thirty pairs instead of ten")
    parser.add_argument("--pairs", type=int, help=f"pairs of each comparison (default 10; fewer than {ENOUGH} are shown and not written down)")
    parser.add_argument("--tasks", type=int, default=20, help="tasks of one playbook of the unchanged deploy (default %(default)s)")
    parser.add_argument("--only", choices=["unchanged", "first", "changed", "many", "counts", "workspaces"], help="one part alone, shown and not written down; "
                        "workspaces is a part of its own, with a page of its own, and takes an hour")
    parser.add_argument("--workspaces", type=int, default=200, help="how many workspaces (default %(default)s)")
    parser.add_argument("--helm", choices=["3", "4"], help="default: 4 with the newest ansible-core, else 3, since kubernetes.core 6.2.0 fails under Helm 4")
    parser.add_argument("--keep", action="store_true", help="leave the namespace (and the cluster it started) as they are at the end")
    chosen = parser.parse_args(arguments)
    chosen.pairs = chosen.pairs or (30 if chosen.mode else ENOUGH)
    return chosen


def run(arguments: list) -> int:
    os.environ.pop("PYTHONPATH", None)  # ours, for the imports above; Ansible must not get it
    chosen = options(arguments)
    lane = os.environ.get("ACMP_BENCH_LANE") or env.lanes()[-1]
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    own = not os.environ.get("ACMP_KUBECONFIG")
    cluster = place.own(NAME) if own else place.foreign(os.environ["ACMP_KUBECONFIG"])
    try:
        ground = _ground(cluster, lane, chosen.helm or ("4" if lane == "lane-latest" else "3"))
        return _measure(cluster, ground, lane, chosen)
    finally:
        if not chosen.keep:
            say("taking the bench away")
            if own:
                place.end_own(NAME)
            else:
                _clean(cluster)


def _ground(cluster: place.Place, lane: str, helm: str) -> Ground:
    run_logged([ROOT / "tests" / "tools" / "install", lane, SCRATCH / "collections"], SCRATCH / "install.log", "installing the collection")
    program = subprocess.run([place.SCRIPT, "helm-path", helm], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    documents = yaml.safe_load_all((PACKAGE / "manifests" / "default-cr.yaml").read_text())
    values = next(iter(documents))["spec"]["values"]
    values["auth"]["existingSecret"] = "bench-auth"
    return Ground(SCRATCH, str(cluster.kubeconfig), NAMESPACE, program, env.ensure(lane), SCRATCH / "collections", PACKAGE / "raw" / "redis", values)


def _prepare(cluster: place.Place, ground: Ground) -> None:
    publish = {"name": "Publish", "acmp.middleware.acmp_package": {"src": str(PACKAGE), "state": "listed"}}
    tasks = [{"name": "Set up", "acmp.middleware.acmp_setup": {}}, publish]
    candidates.play(ground, candidates.playbook(ground, "prepare", tasks))
    if not cluster.exists("namespace", NAMESPACE):
        cluster.kubectl("create", "namespace", NAMESPACE)
    meta = {"name": "bench-auth", "namespace": NAMESPACE}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"password": secrets.token_hex(12)}}
    cluster.kubectl("apply", "--server-side", "-f", "-", stdin=yaml.safe_dump(secret))


def _measure(cluster: place.Place, ground: Ground, lane: str, chosen: argparse.Namespace) -> int:
    if chosen.only == "workspaces":
        return _workspaces(cluster, ground, lane, chosen)
    _prepare(cluster, ground)
    found: dict = {}
    if chosen.only in (None, "unchanged"):
        found["unchanged"] = unchanged(ground, chosen.pairs, chosen.tasks)
    if chosen.only in (None, "first"):
        found["first"] = first(cluster, ground, chosen.pairs)
    if chosen.only in (None, "changed"):
        found["changed"] = changes.measure(cluster, ground, chosen.pairs, _rounds)
    if chosen.only in (None, "many"):
        found["many"] = many.measure(cluster, ground, chosen.pairs, _rounds)
    if chosen.only in (None, "counts"):
        found["counts"] = counts(cluster, ground)
    text = report.text(found, report.machine(cluster, ground, lane), chosen, BUDGET)
    print(text)
    if chosen.only is None and chosen.pairs >= ENOUGH:
        target = ROOT / "docs" / "proof" / "bench.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        say(f"written to {target}")
    return 1 if report.over_budget(found, BUDGET) else 0


def _workspaces(cluster: place.Place, ground: Ground, lane: str, chosen: argparse.Namespace) -> int:
    found = workspaces.measure(cluster, ground, chosen.workspaces, chosen.pairs, _rounds)
    text = workspaces.text(found, report.machine(cluster, ground, lane))
    print(text)
    if chosen.pairs >= ENOUGH:
        target = ROOT / "docs" / "proof" / "workspaces.md"
        target.write_text(text)
        say(f"written to {target}")
    return 1 if workspaces.over_budget(found) else 0


def unchanged(ground: Ground, pairs: int, tasks: int) -> dict:
    """Seconds per task of each candidate, one number for each round; each round has its own empty playbook."""
    candidates.play(ground, candidates.playbook(ground, "steady", [candidates.our_task(ground, "steady-ours"), candidates.their_task(ground, "steady-theirs")]))
    empty = candidates.playbook(ground, "empty", [])
    ours = candidates.playbook(ground, "ours", [candidates.our_task(ground, "steady-ours")] * tasks)
    theirs = candidates.playbook(ground, "theirs", [candidates.their_task(ground, "steady-theirs")] * tasks)
    candidates.plain(ground, "steady-plain")
    runs = {"empty": lambda: candidates.play(ground, empty), OURS: lambda: _still(ground, ours), THEIRS: lambda: _still(ground, theirs),
            PLAIN: lambda: candidates.plain(ground, "steady-plain")}
    taken = _rounds(runs, pairs, f"unchanged deploy, {tasks} tasks each")
    per_task = {who: [(whole - nothing) / tasks for whole, nothing in zip(taken[who], taken["empty"], strict=True)] for who in (OURS, THEIRS)}
    return {**per_task, PLAIN: taken[PLAIN], "load": taken["load"]}


def _still(ground: Ground, path: Path) -> float:
    seconds = candidates.play(ground, path)
    if "changed=0" not in candidates.last_output(ground):
        raise Failed(f"{path.name} changed something although nothing was to be changed:\n{candidates.last_output(ground)[-2000:]}")
    return seconds


def first(cluster: place.Place, ground: Ground, pairs: int) -> dict:
    """Seconds of a first deploy with wait; each is removed with its volume, and gone, before the next one begins."""
    empty = candidates.playbook(ground, "empty", [])
    number = iter(range(10**6))

    def fresh(who: str) -> float:
        name = f"{who.split('.', maxsplit=1)[0]}-{next(number)}"
        if who == PLAIN:
            seconds = candidates.plain(ground, name)
        else:
            task = (candidates.our_task if who == OURS else candidates.their_task)(ground, name)
            seconds = candidates.play(ground, candidates.playbook(ground, "one", [task]))
        remove(cluster, ground, who, name)
        return seconds

    # Once for each without the clock: images are there, and compiled code, as they are for whoever does this every day.
    for who in (OURS, PLAIN, THEIRS):
        fresh(who)
    runs = {"empty": lambda: candidates.play(ground, empty), OURS: lambda: fresh(OURS), PLAIN: lambda: fresh(PLAIN), THEIRS: lambda: fresh(THEIRS)}
    taken = _rounds(runs, pairs, "first deploy")
    per_task = {who: [whole - nothing for whole, nothing in zip(taken[who], taken["empty"], strict=True)] for who in (OURS, THEIRS)}
    return {**per_task, PLAIN: taken[PLAIN], "load": taken["load"]}


def remove(cluster: place.Place, ground: Ground, who: str, name: str) -> None:
    if who == OURS:
        task = {"name": "Remove", "acmp.middleware.acmp_instance": {
            "name": name, "namespace": NAMESPACE, "state": "absent", "delete_policy": "wipe", "confirm": name, "helm_binary": ground.helm,
        }}
        candidates.play(ground, candidates.playbook(ground, "remove", [task]))
    else:
        command = [ground.helm, "uninstall", name, "--namespace", NAMESPACE, "--wait"]
        subprocess.run(command, env=ground.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    selector = f"app.kubernetes.io/instance={name}"
    cluster.kubectl("-n", NAMESPACE, "delete", "pvc", "-l", selector, "--wait=true", "--ignore-not-found")
    end = time.monotonic() + 60
    while cluster.kubectl("-n", NAMESPACE, "get", "pods", "-l", selector, "-o", "name") and time.monotonic() < end:
        time.sleep(0.3)
    # They pile up over the rounds, and whoever reads them (we do, to say what keeps a pod) would pay for all rounds before.
    cluster.kubectl("-n", NAMESPACE, "delete", "events", "--all")


def counts(cluster: place.Place, ground: Ground) -> dict:
    """Requests and processes of one task: first deploy, then the same again."""
    found: dict = {}
    for who in (OURS, THEIRS, PLAIN):
        name = f"count-{who.split('.', maxsplit=1)[0]}"
        say(f"counting requests and processes: {who}")
        counting.one_task(ground, who, "warm-up" if who != PLAIN else name)  # what is remembered on disk is remembered
        remove(cluster, ground, who, "warm-up" if who != PLAIN else name)
        found[who] = {"first": counting.one_task(ground, who, name), "unchanged": counting.one_task(ground, who, name)}
        remove(cluster, ground, who, name)
    return found


def _rounds(runs: dict, pairs: int, what: str) -> dict:
    """Each of the runs once per round, the order turned by one from round to round."""
    taken: dict = {who: [] for who in runs}
    loads: list = []
    names = list(runs)
    for number in range(pairs):
        turned = names[number % len(names):] + names[: number % len(names)]
        for who in turned:
            taken[who].append(runs[who]())
        last = ", ".join(f"{who} {taken[who][-1]:.2f} s" for who in names)
        loads.append(os.getloadavg()[0])
        say(f"{what}, round {number + 1} of {pairs}: {last}; load {loads[-1]:.1f}")
    return {**taken, "load": loads}


def _clean(cluster: place.Place) -> None:
    # The instances' records go with their namespace; the platform stays, since it may have been there before.
    cluster.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true", "--timeout=120s")


if __name__ == "__main__":
    main(run)
