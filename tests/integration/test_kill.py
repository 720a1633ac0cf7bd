# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGKILL at the n-th write: the next run ends as asked or says exactly what is stuck; never two releases, never a lost volume.

Normally one cell of each kind is tried, chosen by the day's seed (ACMP_SEED repeats one). ACMP_KILL=all runs the whole table, five writes of a first deploy and
five of a change, before and after each, and writes docs/proof/kill.md.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import random
import re
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import dump
from harness.ansible import Playing, instance, leftovers
from harness.checks import good, until
from harness.processes import descendants, kill_tree
from proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
PROOF = ROOT / "docs" / "proof" / "kill.md"
PHASES, WHO, MOMENTS = ("deploy", "change"), ("tree", "ansible-playbook"), ("before", "after")
PLACES = 5
# A killed run's lease ends 15 s after its last renewal; then the next run has all it needs.
HEALED_WITHIN = 120
FIRST = {"claim.enabled": True}
CHANGED = {"claim.enabled": True, "replicas": 2, "message": "changed"}


@dataclass(frozen=True)
class Cell:
    phase: str
    who: str
    moment: str
    place: int  # 0 to PLACES - 1: which of the five

    def __str__(self) -> str:
        return f"{self.phase}, {self.who}, {self.moment} place {self.place + 1}"


@dataclass
class Outcome:
    cell: Cell
    write: str
    left: str
    said: list[str]
    seconds: float


def _seed() -> str:
    return os.environ.get("ACMP_SEED") or f"{datetime.date.today()} {os.environ.get('ACMP_LANE', '')}"


def _cells() -> list[Cell]:
    if os.environ.get("ACMP_KILL") == "all":
        return [Cell(phase, who, moment, place) for phase in PHASES for who in WHO for place in range(PLACES) for moment in MOMENTS]
    dice = random.Random(_seed())
    # The first and the last write are a lease's, and leave nothing to heal.
    return [Cell(phase, who, dice.choice(MOMENTS), dice.randrange(1, PLACES - 1)) for phase in PHASES for who in WHO]


def _numbered(seen) -> bool:
    # How often a lease is renewed depends on the time, and the n-th write has to be the same one each time.
    return not seen.renewal


def _task(space: str, phase: str) -> dict:
    return instance("one", space, package="tiny", values=FIRST if phase == "deploy" else CHANGED)


def _prepare(ansible, space: str, phase: str) -> None:
    if phase == "change":
        good(ansible.play(_task(space, "deploy")))


@pytest.fixture(scope="module")
def writes(ansible, api, kubeconfig, platform) -> dict[str, list[str]]:
    """The writes of an undisturbed first deploy and change, in their order."""
    space = f"it-kill-count-{random.SystemRandom().randrange(16 ** 4):04x}"
    api.namespace(space)
    found = {}
    try:
        for phase in PHASES:
            with Proxy(kubeconfig, count=_numbered) as proxy:
                good(ansible.play(_task(space, phase), env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
                found[phase] = [f"{seen.verb} {seen.path.replace(space, 'NAMESPACE')}" for seen in proxy.writes]
    finally:
        api.drop_namespace(space)
    assert all(len(each) >= PLACES + 3 for each in found.values()), found
    return found


def test_kill(ansible, api, kubeconfig, writes, tmp_path):
    cells = _cells()
    # Mostly waiting for leases to end: side by side, within what two processors can carry.
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(lambda cell: _attempt(cell, ansible, api, kubeconfig, writes[cell.phase], tmp_path), cells))
    outcomes = [item for item in done if isinstance(item, Outcome)]
    if os.environ.get("ACMP_KILL") == "all":
        _write(outcomes, writes)
    wrong = [item for item in done if isinstance(item, str)]
    assert not wrong, f"seed {_seed()!r}:\n" + "\n".join(wrong)


def _attempt(cell: Cell, ansible, api, kubeconfig, expected: list[str], tmp_path: Path) -> Outcome | str:
    space = f"it-kill-{cell.phase}-{random.SystemRandom().randrange(16 ** 6):06x}"
    api.namespace(space)
    try:
        return _kill_and_heal(cell, space, ansible, api, kubeconfig, expected, tmp_path)
    except AssertionError as error:
        from conftest import LOGS  # noqa: PLC0415
        file = dump.dump(api, space, LOGS / f"namespace-{space}.txt")
        return f"{cell}: {error} (see {file})"
    finally:
        api.drop_namespace(space)


def _kill_and_heal(cell: Cell, space: str, ansible, api, kubeconfig, expected: list[str], tmp_path: Path) -> Outcome:
    _prepare(ansible, space, cell.phase)
    before = api.claims(space)
    number = 1 + round(cell.place * (len(expected) - 1) / (PLACES - 1))
    happened = threading.Event()
    with Proxy(kubeconfig, tmp_path, count=_numbered) as proxy:
        playing: list[Playing] = []
        started = threading.Event()

        def kill(_seen) -> None:
            started.wait(10)
            pid = playing[0].process.pid
            if cell.who == "tree":
                kill_tree(pid)
            else:
                os.kill(pid, signal.SIGKILL)
            happened.set()

        # If only the playbook is killed, its worker lives on and its requests have to go through.
        proxy.at_write(number, kill, cell.moment, cut=cell.who == "tree")
        playing.append(ansible.start([_task(space, cell.phase)], env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
        started.set()
        assert happened.wait(120), f"write {number} never came: {proxy.table()}"
        playing[0].process.wait(10)
        write = str(proxy.writes[number - 1]).partition("  ")[0].replace(space, "NAMESPACE")
        at_kill = api.claims(space)
        left = _left(api, space)
        began = time.monotonic()
        said = _heal(cell, space, ansible, began)
        seconds = time.monotonic() - began
        # The worker that outlived its parent has to have ended by itself or lost its lease; nothing may still be writing.
        quiet = len(proxy.wrote)
    _as_asked(api, space, cell)
    for name, uid in {**before, **at_kill}.items():
        assert api.claims(space).get(name) == uid, f"claim {name} was lost"
    assert quiet >= number
    last = good(ansible.play(_task(space, cell.phase)))
    assert not last.last.changed, f"not at rest: {last.last['actions']}"
    return Outcome(cell, f"{number}: {write}", left, said, seconds)


def _left(api, space: str) -> str:
    record = api.own("instances", space, "one")
    helm = api.helm(space).get("one", [])
    phase = (record or {}).get("status", {}).get("phase", "no status") if record else "no record"
    return f"{phase}; Helm: {', '.join(f'{revision} {status}' for revision, status in helm) or 'nothing'}"


def _heal(cell: Cell, space: str, ansible, began: float) -> list[str]:
    """Runs the same task again until it ends as asked; what it says meanwhile has to name what is stuck."""
    said: list[str] = []
    while True:
        run = ansible.play(_task(space, cell.phase))
        result = run.last
        if not result.failed:
            return said
        assert result.error.get("reason") == "Locked" and result.error.get("where") and result.error.get("todo"), f"the next run said: {result.msg}"
        said.append(result.error["what"])
        assert time.monotonic() - began < HEALED_WITHIN, f"still not healed: {said}"


def _as_asked(api, space: str, cell: Cell) -> None:
    values = FIRST if cell.phase == "deploy" else CHANGED
    record = api.own("instances", space, "one")
    assert record["status"]["phase"] == "Ready", record["status"]
    deployment = api.deployment(space, "one")
    assert deployment["spec"]["replicas"] == values.get("replicas", 1) == deployment["status"].get("readyReplicas")
    environment = {item["name"]: item.get("value") for item in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert environment.get("TINY_MESSAGE") == values.get("message")
    releases = api.helm(space)
    assert list(releases) == ["one"], f"releases: {releases}"
    statuses = [status for _revision, status in releases["one"]]
    assert statuses.count("deployed") == 1 and statuses[-1] == "deployed" and not any("pending" in status for status in statuses), releases
    assert list(api.claims(space)) == ["one-data"]
    running = [item["metadata"]["name"] for item in api.own("operations", space) if item.get("status", {}).get("phase", "Running") == "Running"]
    assert not running, f"operations that say Running: {running}"
    # Killed before it gave its lease back, with nothing left to do for the next run: nobody renews it, and it ends by itself.
    until("the last lease to end", lambda: all(_ended(lease) for lease in _held(api, space)), 20)


def _ended(lease: dict) -> bool:
    renewed = datetime.datetime.fromisoformat(lease["spec"]["renewTime"].replace("Z", "+00:00"))
    return (datetime.datetime.now(datetime.timezone.utc) - renewed).total_seconds() > lease["spec"]["leaseDurationSeconds"]


def _write(outcomes: list[Outcome], writes: dict[str, list[str]]) -> None:
    lines = [
        "# Killed at a write", "",
        f"SIGKILL at five writes of a first deploy ({len(writes['deploy'])} writes) and of a change ({len(writes['change'])} writes), counted by a proxy "
        "in front of the API server, before each write reaches the server and when it is done there but its answer is not delivered. *tree* is "
        "ansible-playbook with everything below it, Helm included; *ansible-playbook* is that process alone. Then the same task is run again until it ends "
        "as asked. Checked each time: one release with one deployed revision, the volume of before, no operation left running, no lease held, a further "
        "run changes nothing.", "",
        f"Written by `ACMP_KILL=all tests/integration/run --tests test_kill.py` on {datetime.date.today()}, {os.environ.get('ACMP_LANE', 'no lane')}.", "",
        "| of a | killed | when | write | left behind | the next run said | seconds until as asked |", "|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        cell = outcome.cell
        said = re.sub(r"since [0-9TZ:.-]+", "since …", "; ".join(outcome.said)) or "nothing: it went on"
        lines.append(f"| {cell.phase} | {cell.who} | {cell.moment} | `{outcome.write}` | {outcome.left} | {said} | {outcome.seconds:.0f} |")
    seconds = sorted(outcome.seconds for outcome in outcomes)
    lines += ["", f"{len(outcomes)} cells; seconds: median {seconds[len(seconds) // 2]:.0f}, most {seconds[-1]:.0f}.", ""]
    PROOF.parent.mkdir(parents=True, exist_ok=True)
    PROOF.write_text("\n".join(lines))


# Ctrl-C ------------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("moment", ["helm works", "waiting"])
def test_interrupt(ansible, api, kubeconfig, space, tmp_path, moment):
    """Ctrl-C in a terminal leaves no helm child, no lease, no scratch file; the same task run again goes on."""
    values = {"claim.enabled": True, "hookJob.enabled": moment == "helm works", "hookJob.seconds": 20, "readyAfterSeconds": 0 if moment == "helm works" else 20}
    with Proxy(kubeconfig, tmp_path) as proxy:
        playing = ansible.start([instance("one", space, package="tiny", values=values)], env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig})
        try:
            if moment == "helm works":
                until("the hook to run", lambda: any(pod["status"].get("phase") == "Running" for pod in api.core("pods", space)), 60)
            else:
                until("the wait", lambda: any(seen.stream and "Helm" not in seen.agent for seen in list(proxy.seen)), 60)
                until("the release", lambda: api.helm(space).get("one") == [(1, "deployed")], 60)
            everyone = descendants(playing.process.pid)
            assert any("helm" in _name(pid) for pid in everyone) == (moment == "helm works"), [_name(pid) for pid in everyone]
            playing.interrupt()
            playing.process.wait(20)
            until("all processes to end", lambda: not [pid for pid in everyone if _alive(pid)], 15)
            assert not leftovers(playing.folder), leftovers(playing.folder)
            until("the lease to be given back", lambda: not _held(api, space), 3)
            assert "Traceback" not in playing.log.read_text()
            running = [item for item in api.own("operations", space) if item.get("status", {}).get("phase") == "Running"]
            assert not running, running
        finally:
            with contextlib.suppress(ProcessLookupError):
                kill_tree(playing.process.pid)
    run = good(ansible.play(instance("one", space, package="tiny", values={**values, "hookJob.seconds": 0.1, "readyAfterSeconds": 0})))
    assert run.last["instance"]["phase"] == "Ready"
    assert [status for _revision, status in api.helm(space)["one"]].count("deployed") == 1


def _held(api, space: str) -> list:
    leases = api.get(f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases")["items"]
    return [item for item in leases if item["spec"].get("holderIdentity")]


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
