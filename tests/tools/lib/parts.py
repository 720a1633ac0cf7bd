# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the parts of the test suite side by side: one line for each, its full output in a file.

usage: tests/tools/parts check | test | KIND... | PART...
"""

from __future__ import annotations

import os
import signal

import cluster
import env
from common import BUILD, Failed, main
from runner import Part, Runner

LOGS = BUILD / "logs"
# What the reader wants to see of each kind's output beside "ok": the tool's own closing line.
PYTEST = r"^=*\s*(\d+ (?:passed|failed|error|skipped|deselected|xfailed).*?(?: in [\d.]+s)?[^=]*?)\s*=*$"
COUNTS = r"^(\d+ passed, \d+ failed.*)$"
INTEGRATION_FAULT = r"^(failed|integration): "
MOLECULE_FAULT = r"^(fatal: |\[ERROR\]|ERROR +|scenario .*FAILED)"
LINT = r"^Passed: (.*?files processed).*$|^(Failed: .*)$"
SANITY = r"^FATAL: (The \d+ sanity test\(s\).*?failed)"
SANITY_FAULT = r"^(ERROR|FATAL): (?!Found )"
LAST = r"^(.+)$"
CHANGELOG = "antsibull-changelog lint && antsibull-changelog lint-changelog-yaml changelogs/changelog.yaml"


def _lanes(kind: str, note: str, fault: str = "") -> list:
    return [Part(lane.replace("lane", kind), (f"tests/tools/{kind}", lane), note, fault, envs=(lane,)) for lane in reversed(env.lanes())]


def _tool(environment: str, *command: str) -> tuple:
    """A tool of a named environment, over the tracked files."""
    return ("tests/tools/with", environment, *command)


def kinds() -> dict:
    """Every kind of part, the longest first: with few cores that makes the whole shortest."""
    return {
        "sanity": _lanes("sanity", SANITY, SANITY_FAULT),
        "unit": _lanes("unit", PYTEST),
        "lint": [Part("lint", ("tests/tools/lint",), LINT, envs=("lint",))],
        "docs": [Part("docs", ("tests/tools/docs",), LAST, envs=("docs",))],
        "importer": [Part("importer", ("tests/tools/importer",), "", envs=("importer", "lint"))],
        "changelog": [Part("changelog", _tool("docs", "sh", "-c", CHANGELOG), "", envs=("docs",))],
        "reuse": [Part("reuse", _tool("lint", "reuse", "lint"), r"^(Congratulations.*|Unfortunately.*)$", r"^\* .*/", envs=("lint",))],
        "ruff": [Part("ruff", _tool("lint", "ruff", "check", "--no-cache", "--output-format=concise"), LAST, envs=("lint",))],
    }


def on_cluster() -> dict:
    return {
        "integration": [Part("integration", ("tests/integration/run",), COUNTS, INTEGRATION_FAULT, hours=0.75)],
        "molecule": [Part("molecule", ("tests/tools/molecule",), COUNTS, MOLECULE_FAULT, envs=("molecule",), hours=0.5)],
    }


def _choose(arguments: list) -> tuple:
    """The parts a reader named, by group (check, test), kind (unit) or name (unit-2.18): those without a cluster, then the others."""
    quiet, late = kinds(), on_cluster()
    groups = {
        # Of lanes the newest: what only an older one finds is found by test.
        "check": [part for kind, parts in quiet.items() for part in (parts[:1] if kind in ("sanity", "unit") else parts)],
        "test": [part for parts in (*quiet.values(), *late.values()) for part in parts],
        **quiet,
        **late,
    }
    known = groups | {part.name: [part] for part in groups["test"]}
    unknown = [name for name in arguments if name not in known]
    if not arguments or unknown:
        raise Failed(f"there is no part {', '.join(unknown) or '(none named)'}. Parts: {', '.join(known)}.")
    chosen = list(dict.fromkeys(part for name in arguments for part in known[name]))
    needing = {part for parts in late.values() for part in parts}
    return [part for part in chosen if part not in needing], [part for part in chosen if part in needing]


def run(arguments: list) -> int:
    first, later = _choose(arguments)
    # Made one after the other before anything is timed: side by side they would only wait for the network.
    for name in sorted({name for part in first + later for name in part.envs}):
        env.ensure(name)
    runner = Runner(LOGS, jobs=int(os.environ.get("ACMP_JOBS") or min(4, os.cpu_count() or 1)))
    try:
        runner.run(first)
        if later:
            _on_a_cluster(runner, later)
    except KeyboardInterrupt as stop:
        print(f"\nstopped by {stop or 'Ctrl-C'}: what still ran was ended")
        runner.table()
        return 130
    runner.table()
    return 0 if runner.all_ok() else 1


def _on_a_cluster(runner: Runner, later: list) -> None:
    """They measure requests and wait for pods: alone on the machine, one after the other."""
    try:
        with cluster.ready(runner) as settings:
            for part in later:
                runner.run([part], settings)
    except Failed as failure:
        runner.missed(later, failure)


def _stop(number, _frame):
    raise KeyboardInterrupt(signal.Signals(number).name)


if __name__ == "__main__":
    # A cancelled job must not leave its children behind.
    signal.signal(signal.SIGTERM, _stop)
    main(run)
