# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value of a running Redis changed: until it is ready again, and without waiting; ours, kubernetes.core's helm task and plain helm."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import candidates
import counting
from candidates import OURS, PLAIN, THEIRS, Ground
from statistics_of import Spread, ratios

# Seconds that a change without waiting may take longer than helm, and the helm processes it may start.
MORE, HELM = 0.4, 2
_POLICIES = ("allkeys-lru", "allkeys-lfu")


def measure(cluster, ground: Ground, pairs: int, rounds: Callable) -> dict:
    """{"waited": {candidate: [seconds]}, "not waited": ..., "helm": processes of one of ours} without an empty playbook's seconds."""
    empty = candidates.playbook(ground, "empty", [])
    found: dict = {}
    for who in (OURS, THEIRS, PLAIN):
        _change(ground, who, 0, True)
    for title, wait in (("waited", True), ("not waited", False)):
        turns = {who: iter(range(1, 10**6)) for who in (OURS, THEIRS, PLAIN)}

        def run(who: str, wait: bool = wait, turns: dict = turns) -> float:
            seconds = _change(ground, who, next(turns[who]), wait)
            # Outside the time, so that no change finds a pod that is still starting.
            cluster.kubectl("-n", ground.namespace, "rollout", "status", "statefulset", "-l", f"app.kubernetes.io/instance={_name(who)}", "--timeout=180s")
            return seconds

        runs = {"empty": lambda: candidates.play(ground, empty), **{who: lambda who=who: run(who) for who in (OURS, THEIRS, PLAIN)}}
        taken = rounds(runs, pairs, f"one value changed, {title}")
        own = {who: [whole - nothing for whole, nothing in zip(taken[who], taken["empty"], strict=True)] for who in (OURS, THEIRS)}
        found[title] = {**own, PLAIN: taken[PLAIN], "load": taken["load"]}
    watched: dict = {}
    # Once before: what is remembered on disk is remembered.
    for number in (1, 2):
        watched = {}
        with counting.counted(ground, watched) as (wrapped, python):
            task = candidates.our_task(_policy(wrapped, number), _name(OURS), wait=False)
            candidates.play(wrapped, candidates.playbook(wrapped, "counted", [task], interpreter=python))
    return {**found, "helm": [line for line in watched["processes"] if line.startswith("helm")], "requests": len(watched["requests"])}


def _name(who: str) -> str:
    return f"changed-{who.split('.', maxsplit=1)[0]}"


def _policy(ground: Ground, number: int) -> Ground:
    values = copy.deepcopy(ground.values)
    values["config"]["maxmemoryPolicy"] = _POLICIES[number % 2]
    return replace(ground, values=values)


def _change(ground: Ground, who: str, number: int, wait: bool) -> float:
    now = _policy(ground, number)
    if who == PLAIN:
        return candidates.plain(now, _name(who), wait)
    task = (candidates.our_task if who == OURS else candidates.their_task)(now, _name(who), wait)
    return candidates.play(now, candidates.playbook(now, "change", [task]))


def text(found: dict, names: dict, load: Callable[[dict], str]) -> str:
    waited, rest = found["waited"], found["not waited"]
    against, theirs = ratios(waited[OURS], waited[PLAIN]), ratios(waited[THEIRS], waited[PLAIN])
    more = Spread.of([ours - plain for ours, plain in zip(rest[OURS], rest[PLAIN], strict=True)])
    rows = [f"| {title} | {names[who]} | {Spread.of(found[title][who]).show(2, ' s')} |" for title in ("waited", "not waited") for who in (OURS, PLAIN, THEIRS)]
    met = {True: "met", False: "**not met**"}
    return f"""## One value changed

{len(waited[OURS])} rounds each, {load(waited)} and {load(rest)}. The pod is made anew each time. Without waiting, plain helm is without `--wait`.

| case | who | time |
|---|---|---|
""" + "\n".join(rows) + f"""

Waited for, ours takes **{against.median:.2f} times** as long as plain helm ({against.low:.2f} to {against.high:.2f}, extremes {against.least:.2f} and
{against.most:.2f}); `kubernetes.core.helm` {theirs.median:.2f} times. Required of ours: at most 1.15 times, {met[against.median <= 1.15]}.
Not waited for, ours takes **{more.median:.2f} s** more than plain helm ({more.low:.2f} to {more.high:.2f}); required: at most {MORE} s,
{met[more.median <= MORE]}.
Helm processes of ours: {len(found['helm'])}; allowed are {HELM}, {met[len(found['helm']) <= HELM]}. Requests: {found['requests']}.
"""
