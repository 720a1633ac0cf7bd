# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIGKILL at the n-th write: the next run ends as asked or says exactly what is stuck; never two releases, never a lost volume.

Normally one cell of each kind is tried, chosen by the day's seed (ACMP_SEED repeats one). ACMP_KILL=all runs the whole table, twelve writes of each
kind (all of them where there are fewer), goes on where a stopped run ended, and writes docs/proof/kill.md.
"""

from __future__ import annotations

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
from harness.ansible import Playing, instance
from harness.checks import good
from harness.api import Api
from harness.packages import TINY, forget, listed, package_with, unlisted
from harness.processes import kill_tree
from harness.stores import EXAMPLES, REDIS
from harness.wholeness import Ledger, at_rest, left, objects, seed, table, whole, whole_release, write_page
from proxy import Proxy

ALL = os.environ.get("ACMP_KILL") == "all"
WHO, MOMENTS = ("tree", "ansible-playbook"), ("before", "after")
PLACES = 12
# A killed run's lease ends 15 s after its last renewal; then the next run has all it needs.
HEALED_WITHIN = 120


@dataclass(frozen=True, eq=False)
class Subject:
    """What is killed again and again. whole: raises AssertionError unless the instance is as these values say. claims: its own."""

    name: str
    source: Path
    first: dict
    changed: dict
    whole: Callable[[Api, str, dict], None]
    objects: frozenset[str]
    claims: frozenset[str]

    @property
    def package(self) -> str:
        return f"life-kill-{self.name}"

    def present(self, space: str, values: dict, version: str = "1.0.0") -> dict:
        return instance("one", space, package=self.package, version=version, values=values)


def _redis_is_whole(api: Api, space: str, values: dict) -> None:
    whole_release(api, space)
    workload = api.get(f"/apis/apps/v1/namespaces/{space}/statefulsets/one-primary")
    assert workload["status"].get("readyReplicas") == 1 and workload["status"]["currentRevision"] == workload["status"]["updateRevision"], workload["status"]
    text = api.core("configmaps", space, "one-config")["data"]["redis.conf"]
    assert f"maxmemory-policy {values.get('config.maxmemoryPolicy', 'noeviction')}" in text


OF_TINY = Subject(
    "tiny", TINY, {"claim.enabled": True}, {"claim.enabled": True, "replicas": 2, "message": "changed"}, whole,
    frozenset({"instances/one", "persistentvolumeclaims/one-data", "deployments/one", "services/one"}), frozenset({"persistentvolumeclaims/one-data"}))
OF_REDIS = Subject(
    "redis", EXAMPLES / "redis", REDIS.values, {**REDIS.values, "config.maxmemoryPolicy": "allkeys-lru"}, _redis_is_whole,
    frozenset({
        "instances/one", "persistentvolumeclaims/data-one-primary-0", "statefulsets/one-primary", "services/one", "services/one-headless", "services/one-read",
        "configmaps/one-config", "secrets/one-auth"}),
    frozenset({"persistentvolumeclaims/data-one-primary-0", "secrets/one-auth"}))
SUBJECTS = (OF_TINY, OF_REDIS) if ALL else (OF_TINY,)


@dataclass(frozen=True)
class Phase:
    """What is killed. before: tasks that lead there. end: the values that the instance then has, None where it is gone. objects: what is left then."""

    name: str
    before: list[dict]
    task: dict
    end: dict | None
    objects: frozenset[str]
    version: str = "1.0.0"


PHASES = ("deploy", "change", "rollback", "upgrade", "remove", "wipe")


def _phase(name: str, of: Subject, space: str) -> Phase:
    first, changed = of.present(space, of.first), of.present(space, of.changed)

    def gone(policy: str) -> dict:
        return instance("one", space, state="absent", delete_policy=policy, confirm="one")

    return {
        "deploy": Phase(name, [], first, of.first, of.objects),
        "change": Phase(name, [first], changed, of.changed, of.objects),
        "rollback": Phase(
            name, [first, changed], {"acmp_instance_rollback": {"name": "one", "namespace": space, "revision": 1}}, of.first, of.objects),
        "upgrade": Phase(name, [first], of.present(space, of.changed, "1.1.0"), of.changed, of.objects, "1.1.0"),
        "remove": Phase(name, [first], gone("keep"), None, of.claims | {"instances/one"}),
        "wipe": Phase(name, [first], gone("wipe"), None, frozenset()),
    }[name]


@dataclass(frozen=True)
class Cell:
    of: Subject
    phase: str
    who: str
    moment: str
    number: int  # of the write

    def __str__(self) -> str:
        return f"{self.of.name}: {self.phase}, {self.who}, {self.moment} write {self.number}"


def _cells(counts: dict[tuple[Subject, str], int]) -> list[Cell]:
    if not ALL:
        dice = random.Random(seed())
        # An older lane sees that its own processes are killed, the newest what becomes of each kind.
        chosen = [*PHASES[:4], dice.choice(PHASES[4:])] if os.environ.get("ACMP_LANE", "lane-latest") == "lane-latest" else PHASES[:2]
        # The first and the last write are a lease's, and leave nothing to heal; a run that changes anything makes more than a dozen.
        return [Cell(OF_TINY, phase, dice.choice(WHO), dice.choice(MOMENTS), dice.randrange(2, PLACES + 1)) for phase in chosen]
    found = []
    for (of, phase), count in counts.items():
        numbers = sorted({1 + round(place * (count - 1) / (PLACES - 1)) for place in range(PLACES)}) if count > PLACES else range(1, count + 1)
        # By turns: each write before for one of the two, and after for the other.
        found += [Cell(of, phase, who, MOMENTS[(index + offset) % 2], number) for offset, who in enumerate(WHO) for index, number in enumerate(numbers)]
    return found


def _numbered(seen) -> bool:
    # How often a lease is renewed depends on the time, and the n-th write has to be the same one each time.
    return not seen.renewal


@pytest.fixture
def package(ansible, api, platform):
    for of in SUBJECTS:
        forget(api, of.package)
        good(ansible.play(*listed(
            package_with(ansible.scratch, of.package, source=of.source),
            package_with(ansible.scratch, of.package, version="1.1.0", source=of.source, follows="1.0.0"))))
    yield
    for of in SUBJECTS:
        ansible.play(*unlisted(of.package, "1.1.0", "1.0.0"))
        forget(api, of.package)


def _count(of: Subject, name: str, ansible, api, kubeconfig) -> int:
    """The number of writes of an undisturbed run."""
    space = f"it-kill-count-{random.SystemRandom().randrange(16 ** 4):04x}"
    phase = _phase(name, of, space)
    api.namespace(space)
    try:
        if phase.before:
            good(ansible.play(*phase.before))
        with Proxy(kubeconfig, count=_numbered) as proxy:
            good(ansible.play(phase.task, env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
        assert _objects(api, space) == phase.objects, f"{of.name}: {name}"
        return len(proxy.writes)
    finally:
        api.drop_namespace(space)


def _objects(api, space: str) -> set[str]:
    # How many revisions there are depends on what was done before.
    return {name for name in objects(api, space) if not name.startswith("instancerevisions/")}


@pytest.mark.timeout(7000)
def test_kill(ansible, api, kubeconfig, package, tmp_path):
    ledger = Ledger("kill" if ALL else "")
    counts = {(of, name): _count(of, name, ansible, api, kubeconfig) for of in SUBJECTS for name in PHASES} if ALL else {}
    # Mostly waiting for leases to end: side by side, within what two processors can carry.
    with ThreadPoolExecutor(max_workers=3 if ALL else 2) as pool:
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
    phase = _phase(cell.phase, cell.of, space)
    if phase.before:
        good(ansible.play(*phase.before))
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
        playing.append(ansible.start([phase.task], env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
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
        said = _heal(phase.task, ansible, began)
        seconds = time.monotonic() - began
        # The worker that outlived its parent has to have ended by itself or lost its lease; nothing may still be writing.
        quiet = len(proxy.wrote)
    _as_asked(api, space, phase, cell.of)
    if cell.phase != "wipe":
        for name, uid in {**before, **at_kill}.items():
            assert api.claims(space).get(name) == uid, f"claim {name} was lost"
    assert quiet >= cell.number
    last = good(ansible.play(phase.task))
    assert not last.last.changed, f"not at rest: {last.last['actions']}"
    return ledger.add(
        str(cell), package=cell.of.name, phase=cell.phase, who=cell.who, moment=cell.moment, write=f"{cell.number}: {write}", left=remains, said=said,
        seconds=seconds)


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


def _as_asked(api, space: str, phase: Phase, of: Subject) -> None:
    if phase.end is not None:
        of.whole(api, space, phase.end)
        assert api.own("instances", space, "one")["spec"]["version"] == phase.version
    else:
        at_rest(api, space)
        assert not api.helm(space), api.helm(space)
        if phase.name == "remove":
            assert api.own("instances", space, "one")["status"]["phase"] == "Removed"
    found = _objects(api, space)
    assert found == phase.objects, f"orphans: {sorted(found - phase.objects)}, lost: {sorted(phase.objects - found)}"


def _write(rows: list[dict], writes: dict[tuple[Subject, str], int], stuck: list[str]) -> None:
    counts = " and ".join(
        ", ".join(f"{name} ({number} writes)" for (of, name), number in writes.items() if of is subject) + f" of the package {subject.name}"
        for subject in SUBJECTS)
    seconds = sorted(row["seconds"] for row in rows) or [0.0]
    shown = [(
        row["package"], row["phase"], row["who"], row["moment"], f"`{row['write']}`", row["left"],
        re.sub(r"since [0-9TZ:.-]+", "since …", "; ".join(row["said"])) or "nothing: it went on", f"{row['seconds']:.0f}") for row in rows]
    paragraphs = [
        f"SIGKILL at {PLACES} writes (at all of them where there are fewer) of {counts}, counted by a proxy in front of the API server, by "
        "turns before the write reaches the server and when it is done there but its answer is not delivered. *tree* is ansible-playbook with "
        "everything below it, Helm included; *ansible-playbook* is that process alone. Then the same task is run again until it ends as asked. "
        "*remove* keeps the data, *wipe* does not. Checked each time: one release with one deployed revision (none after a removal), the volume of "
        "before with the same UID, the same objects as after a run that nobody killed, no operation left running, no lease held, a further run "
        "changes nothing.",
        f"{len(rows)} of {len(rows) + len(stuck)} cells ended as asked; seconds: median {seconds[len(seconds) // 2]:.0f}, most {seconds[-1]:.0f}.",
        table(("package", "of a", "killed", "when", "write", "left behind", "the next run said", "seconds until as asked"), shown),
    ]
    if stuck:
        paragraphs += ["## Not healed by the same task run again", "\n".join("- " + " ".join(text.split())[:600] for text in stuck)]
    write_page("kill", "Killed at a write", *paragraphs)
