# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGKILL at the n-th write: the next run ends as asked or says exactly what is stuck; never two releases, never a lost volume.

Normally one cell of each kind is tried, chosen by the day's seed (ACMP_SEED repeats one). ACMP_KILL=all runs the whole table, twelve writes of each
kind (all of them where there are fewer), goes on where a stopped run ended, and writes docs/proof/kill.md.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import dump
from harness.ansible import Playing, instance, leftovers
from harness.checks import good, until
from harness.packages import forget, listed, package_with, unlisted
from harness.processes import descendants, kill_tree
from harness.wholeness import Ledger, at_rest, held, left, objects, seed, table, whole, write_page
from proxy import Proxy

ALL = os.environ.get("ACMP_KILL") == "all"
PACKAGE = "life-kill"
WHO, MOMENTS = ("tree", "ansible-playbook"), ("before", "after")
PLACES = 12
# A killed run's lease ends 15 s after its last renewal; then the next run has all it needs.
HEALED_WITHIN = 120
FIRST = {"claim.enabled": True}
CHANGED = {"claim.enabled": True, "replicas": 2, "message": "changed"}


def _present(space: str, values: dict, version: str = "1.0.0") -> dict:
    return instance("one", space, package=PACKAGE, version=version, values=values)


def _gone(space: str, policy: str) -> dict:
    return instance("one", space, state="absent", delete_policy=policy, confirm="one")


@dataclass(frozen=True)
class Phase:
    """What is killed. before: tasks that lead there. end: the values that the instance then has, None where it is gone. objects: what is left then."""

    name: str
    before: Callable[[str], list[dict]]
    task: Callable[[str], dict]
    end: dict | None
    version: str = "1.0.0"
    objects: frozenset[str] = frozenset({"instances/one", "persistentvolumeclaims/one-data", "deployments/one", "services/one"})


def _first(space: str) -> list[dict]:
    return [_present(space, FIRST)]


PHASES = {phase.name: phase for phase in (
    Phase("deploy", lambda space: [], lambda space: _present(space, FIRST), FIRST),
    Phase("change", _first, lambda space: _present(space, CHANGED), CHANGED),
    Phase("rollback", lambda space: [*_first(space), _present(space, CHANGED)],
          lambda space: {"acmp_instance_rollback": {"name": "one", "namespace": space, "revision": 1}}, FIRST),
    Phase("upgrade", _first, lambda space: _present(space, CHANGED, "1.1.0"), CHANGED, "1.1.0"),
    Phase("remove", _first, lambda space: _gone(space, "keep"), None, objects=frozenset({"instances/one", "persistentvolumeclaims/one-data"})),
    Phase("wipe", _first, lambda space: _gone(space, "wipe"), None, objects=frozenset()),
)}


@dataclass(frozen=True)
class Cell:
    phase: str
    who: str
    moment: str
    number: int  # of the write

    def __str__(self) -> str:
        return f"{self.phase}, {self.who}, {self.moment} write {self.number}"


def _cells(counts: dict[str, int]) -> list[Cell]:
    if not ALL:
        dice = random.Random(seed())
        # An older lane sees that its own processes are killed, the newest what becomes of each kind.
        chosen = [*list(PHASES)[:4], dice.choice(list(PHASES)[4:])] if os.environ.get("ACMP_LANE", "lane-latest") == "lane-latest" else list(PHASES)[:2]
        # The first and the last write are a lease's, and leave nothing to heal; a run that changes anything makes more than a dozen.
        return [Cell(phase, dice.choice(WHO), dice.choice(MOMENTS), dice.randrange(2, PLACES + 1)) for phase in chosen]
    found = []
    for phase, count in counts.items():
        numbers = sorted({1 + round(place * (count - 1) / (PLACES - 1)) for place in range(PLACES)}) if count > PLACES else range(1, count + 1)
        # By turns: each write before for one of the two, and after for the other.
        found += [Cell(phase, who, MOMENTS[(index + offset) % 2], number) for offset, who in enumerate(WHO) for index, number in enumerate(numbers)]
    return found


def _numbered(seen) -> bool:
    # How often a lease is renewed depends on the time, and the n-th write has to be the same one each time.
    return not seen.renewal


@pytest.fixture
def package(ansible, api, platform):
    forget(api, PACKAGE)
    good(ansible.play(*listed(package_with(ansible.scratch, PACKAGE), package_with(ansible.scratch, PACKAGE, version="1.1.0", follows="1.0.0"))))
    yield
    ansible.play(*unlisted(PACKAGE, "1.1.0", "1.0.0"))
    forget(api, PACKAGE)


def _count(phase: Phase, ansible, api, kubeconfig) -> int:
    """The number of writes of an undisturbed run."""
    space = f"it-kill-count-{random.SystemRandom().randrange(16 ** 4):04x}"
    api.namespace(space)
    try:
        if phase.before(space):
            good(ansible.play(*phase.before(space)))
        with Proxy(kubeconfig, count=_numbered) as proxy:
            good(ansible.play(phase.task(space), env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
        assert _objects(api, space) == phase.objects
        return len(proxy.writes)
    finally:
        api.drop_namespace(space)


def _objects(api, space: str) -> set[str]:
    # How many revisions there are depends on what was done before.
    return {name for name in objects(api, space) if not name.startswith("instancerevisions/")}


@pytest.mark.timeout(7000)
def test_kill(ansible, api, kubeconfig, package, tmp_path):
    ledger = Ledger("kill" if ALL else "")
    counts = {name: _count(phase, ansible, api, kubeconfig) for name, phase in PHASES.items()} if ALL else {}
    # Mostly waiting for leases to end: side by side, within what two processors can carry.
    with ThreadPoolExecutor(max_workers=2) as pool:
        rows = list(pool.map(lambda cell: ledger.get(str(cell)) or _attempt(cell, ansible, api, kubeconfig, tmp_path, ledger), _cells(counts)))
    wrong = [item for item in rows if isinstance(item, str)]
    if ALL:
        _write([row for row in rows if not isinstance(row, str)], counts, wrong)
    assert not wrong, f"seed {seed()!r}:\n" + "\n".join(wrong)


def _attempt(cell: Cell, ansible, api, kubeconfig, tmp_path: Path, ledger: Ledger) -> dict | str:
    space = f"it-kill-{cell.phase}-{random.SystemRandom().randrange(16 ** 6):06x}"
    api.namespace(space)
    try:
        return _kill_and_heal(cell, space, ansible, api, kubeconfig, tmp_path, ledger)
    except AssertionError as error:
        from conftest import LOGS  # noqa: PLC0415
        file = dump.dump(api, space, LOGS / f"namespace-{space}.txt")
        return f"{cell}: {error} (see {file})"
    finally:
        api.drop_namespace(space)


def _kill_and_heal(cell: Cell, space: str, ansible, api, kubeconfig, tmp_path: Path, ledger: Ledger) -> dict:
    phase = PHASES[cell.phase]
    if phase.before(space):
        good(ansible.play(*phase.before(space)))
    before = api.claims(space)
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
        proxy.at_write(cell.number, kill, cell.moment, cut=cell.who == "tree")
        playing.append(ansible.start([phase.task(space)], env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
        started.set()
        assert happened.wait(120), f"write {cell.number} never came: {proxy.table()}"
        playing[0].process.wait(10)
        seen = proxy.writes[cell.number - 1]
        # Names that the server completes differ from run to run.
        path = re.sub(r"(?<=/operations/one-)([a-z]+)-[a-z0-9]+", r"\1-…", seen.path.replace(space, "NAMESPACE"))
        write = f"{seen.verb} {path}"
        at_kill = api.claims(space)
        remains = left(api, space)
        began = time.monotonic()
        said = _heal(phase.task(space), ansible, began)
        seconds = time.monotonic() - began
        # The worker that outlived its parent has to have ended by itself or lost its lease; nothing may still be writing.
        quiet = len(proxy.wrote)
    _as_asked(api, space, phase)
    if cell.phase != "wipe":
        for name, uid in {**before, **at_kill}.items():
            assert api.claims(space).get(name) == uid, f"claim {name} was lost"
    assert quiet >= cell.number
    last = good(ansible.play(phase.task(space)))
    assert not last.last.changed, f"not at rest: {last.last['actions']}"
    return ledger.add(str(cell), phase=cell.phase, who=cell.who, moment=cell.moment, write=f"{cell.number}: {write}", left=remains, said=said, seconds=seconds)


def _heal(task: dict, ansible, began: float) -> list[str]:
    """Runs the same task again until it ends as asked; what it says meanwhile has to name what is stuck."""
    said: list[str] = []
    while True:
        run = ansible.play(task)
        result = run.last
        if not result.failed:
            return said
        assert result.error.get("reason") == "Locked" and result.error.get("where") and result.error.get("todo"), f"the next run said: {result.msg}"
        said.append(result.error["what"])
        assert time.monotonic() - began < HEALED_WITHIN, f"still not healed: {said}"


def _as_asked(api, space: str, phase: Phase) -> None:
    if phase.end is not None:
        whole(api, space, phase.end)
        assert api.own("instances", space, "one")["spec"]["version"] == phase.version
    else:
        at_rest(api, space)
        assert not api.helm(space), api.helm(space)
        if phase.name == "remove":
            assert api.own("instances", space, "one")["status"]["phase"] == "Removed"
    found = _objects(api, space)
    assert found == phase.objects, f"orphans: {sorted(found - phase.objects)}, lost: {sorted(phase.objects - found)}"


def _write(rows: list[dict], writes: dict[str, int], stuck: list[str]) -> None:
    counts = ", ".join(f"{name} ({number} writes)" for name, number in writes.items())
    seconds = sorted(row["seconds"] for row in rows) or [0.0]
    shown = [(
        row["phase"], row["who"], row["moment"], f"`{row['write']}`", row["left"],
        re.sub(r"since [0-9TZ:.-]+", "since …", "; ".join(row["said"])) or "nothing: it went on", f"{row['seconds']:.0f}") for row in rows]
    paragraphs = [
        f"SIGKILL at {PLACES} writes (at all of them where there are fewer) of {counts} of the package tiny, counted by a proxy in front of the API server, by "
        "turns before the write reaches the server and when it is done there but its answer is not delivered. *tree* is ansible-playbook with "
        "everything below it, Helm included; *ansible-playbook* is that process alone. Then the same task is run again until it ends as asked. "
        "*remove* keeps the data, *wipe* does not. Checked each time: one release with one deployed revision (none after a removal), the volume of "
        "before with the same UID, the same objects as after a run that nobody killed, no operation left running, no lease held, a further run "
        "changes nothing.",
        f"{len(rows)} of {len(rows) + len(stuck)} cells ended as asked; seconds: median {seconds[len(seconds) // 2]:.0f}, most {seconds[-1]:.0f}.",
        table(("of a", "killed", "when", "write", "left behind", "the next run said", "seconds until as asked"), shown),
    ]
    if stuck:
        paragraphs += ["## Not healed by the same task run again", "\n".join("- " + " ".join(text.split())[:600] for text in stuck)]
    write_page("kill", "Killed at a write", *paragraphs)


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
            until("the lease to be given back", lambda: not held(api, space), 3)
            assert "Traceback" not in playing.log.read_text()
            running = [item for item in api.own("operations", space) if item.get("status", {}).get("phase") == "Running"]
            assert not running, running
        finally:
            with contextlib.suppress(ProcessLookupError):
                kill_tree(playing.process.pid)
    run = good(ansible.play(instance("one", space, package="tiny", values={**values, "hookJob.seconds": 0.1, "readyAfterSeconds": 0})))
    assert run.last["instance"]["phase"] == "Ready"
    assert [status for _revision, status in api.helm(space)["one"]].count("deployed") == 1


def _name(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    return ""


def _alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
