# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's results as a page."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections import Counter

import changes
import many
from candidates import OURS, PLAIN, THEIRS, Ground
from statistics_of import Spread, ratios

NAMES = {OURS: "`acmp_instance` (ours)", THEIRS: "`kubernetes.core.helm`", PLAIN: "`helm upgrade --install --wait`"}
HEAD = """<!--
Copyright: (c) 2026, acmp.middleware contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->
# Times, requests and processes

Written by `tests/bench/run`. Everything was measured in one run, in turn (the order changes from round to round), with the same chart
(examples/packages/redis), values and helm program. Numbers are the median, in parentheses the quartiles and extremes; a ratio is made
within each round, and its median is shown.

"""


def machine(cluster, ground: Ground, lane: str) -> list:
    """What it was measured on, as lines."""
    def say(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False, env=ground.environment()).stdout.strip()

    core = json.loads((ground.venv / "collections" / "ansible_collections" / "kubernetes" / "core" / "MANIFEST.json").read_text())["collection_info"]["version"]
    ansible = say(str(ground.venv / "bin" / "ansible"), "--version").splitlines()[0]
    return [
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} CPUs, Linux {platform.release()}, Python {platform.python_version()}, {ansible} ({lane})",
        f"kubernetes.core {core}, Helm {say(ground.helm, 'version', '--template', '{{.Version}}')}, {cluster.describe().split(' at ')[0]}",
    ]


def text(found: dict, ground: list, chosen, budget: dict) -> str:
    parts = [HEAD + "\n".join(f"- {line}" for line in ground) + "\n"]
    if "unchanged" in found:
        parts.append(_unchanged(found["unchanged"], chosen))
    if "first" in found:
        parts.append(_first(found["first"], chosen))
    if "changed" in found:
        parts.append(changes.text(found["changed"], NAMES, _load))
    if "many" in found:
        parts.append(many.text(found["many"], NAMES, _load))
    if "counts" in found:
        parts.append(_counts(found["counts"], budget))
    return "\n".join(parts)


def _unchanged(taken: dict, chosen) -> str:
    faster = ratios(taken[THEIRS], taken[OURS])
    rows = [f"| {NAMES[who]} | {Spread.of([1000 * each for each in taken[who]]).show(0, ' ms')} |" for who in (OURS, THEIRS, PLAIN)]
    return f"""## A deploy that has nothing to do

{chosen.pairs} rounds, {_load(taken)}. One task = (playbook with {chosen.tasks} tasks − empty playbook) / {chosen.tasks}. Plain helm has no way
to see that nothing is to be done: it makes a new revision each time.

| one task | time |
|---|---|
""" + "\n".join(rows) + f"""

Ours is **{faster.median:.1f} times** faster than `kubernetes.core.helm` ({faster.low:.1f} to {faster.high:.1f},
extremes {faster.least:.1f} and {faster.most:.1f}).
Required: 8 times, {_met(faster.median >= 8)}. Aimed at: 15 times, {_met(faster.median >= 15)}.
"""


def _first(taken: dict, chosen) -> str:
    against, theirs = ratios(taken[OURS], taken[PLAIN]), ratios(taken[THEIRS], taken[PLAIN])
    rows = [f"| {NAMES[who]} | {Spread.of(taken[who]).show(2, ' s')} |" for who in (OURS, PLAIN, THEIRS)]
    return f"""## A first deploy, until it is ready

{chosen.pairs} rounds, {_load(taken)}, each with a new name, a new volume and a new pod; removed before the next begins. One task = playbook with it − empty
playbook. Ours includes the checks before, the lease, the records and the wait.

| one deploy | time |
|---|---|
""" + "\n".join(rows) + f"""

Ours takes **{against.median:.2f} times** as long as plain helm ({against.low:.2f} to {against.high:.2f}, extremes {against.least:.2f} and {against.most:.2f});
`kubernetes.core.helm` {theirs.median:.2f} times. Required of ours: at most 1.15 times, {_met(against.median <= 1.15)}.
"""


def _load(taken: dict) -> str:
    """A ratio made on a busy machine tells about that machine: the reader has to know."""
    return f"load of the machine {min(taken['load']):.1f} to {max(taken['load']):.1f} on {os.cpu_count()} CPUs"


def _counts(counts: dict, budget: dict) -> str:
    rows = []
    for what, title in (("unchanged", "nothing to do"), ("first", "first deploy")):
        for who in (OURS, THEIRS, PLAIN):
            one = counts[who][what]
            numbers = (str(len(one["requests"])), _processes(one["processes"], "helm"), _processes(one["processes"], "python"))
            rows.append(f"| {title} | {NAMES[who]} | " + " | ".join(numbers) + " |")
    own = counts[OURS]["unchanged"]
    met = _met(not over_budget({"counts": counts}, budget))
    return """## Requests and processes

One task each, requests seen by a proxy before the API server, processes by wrappers around helm and Python, in runs of their own.

| case | who | requests | helm processes | Python processes |
|---|---|---|---|---|
""" + "\n".join(rows) + f"""

Budget of ours with nothing to do: {budget['helm']} helm processes and at most {budget['requests']} requests, {met}. They were:

""" + "\n".join(f"    {request}" for request in own["requests"]) + "\n"


def _processes(lines: list, label: str) -> str:
    found = Counter(line.split()[1] if len(line.split()) > 1 else "" for line in lines if line.split()[0] == label)
    number = sum(found.values())
    if label == "helm" and number:
        return f"{number} (" + ", ".join(f"{verb} {count}" if count > 1 else verb for verb, count in found.items()) + ")"
    return str(number)


def over_budget(found: dict, budget: dict) -> bool:
    if "counts" not in found:
        return False
    own = found["counts"][OURS]["unchanged"]
    helm = [line for line in own["processes"] if line.startswith("helm")]
    return len(helm) > budget["helm"] or len(own["requests"]) > budget["requests"]


def _met(yes: bool) -> str:
    return "met" if yes else "**not met**"
