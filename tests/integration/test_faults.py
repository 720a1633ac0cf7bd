# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API server that refuses, is slow, cuts lines or goes away during a deploy: the run ends as asked or says why, and the next one ends as asked.

Normally three cells are tried, chosen by the day's seed (ACMP_SEED repeats one). ACMP_FAULTS=all runs the whole table and writes docs/proof/faults.md.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness import dump
from harness.ansible import instance
from harness.checks import good
from harness.wholeness import Ledger, at_rest, left, objects, seed, table, whole, write_page
from proxy import Proxy, Rule, Seen

ALL = os.environ.get("ACMP_FAULTS") == "all"
VALUES = {"claim.enabled": True, "readyAfterSeconds": 1}
AWAY = 10

OBJECTS = {"instances/one", "persistentvolumeclaims/one-data", "deployments/one", "services/one", "instancerevisions/one-r1"}
END = "the end of the release"


def _helm(seen: Seen) -> bool:
    return "helm" in seen.agent.lower()


# Requests of a deploy: by whom, verb, the end of the path.
PLACES: dict[str, Callable[[Seen], bool]] = {
    "first look": lambda seen: seen.verb == "GET" and seen.path.endswith("/instances/one"),
    "the lease": lambda seen: seen.verb == "POST" and seen.path.endswith("/leases"),
    "the record": lambda seen: seen.verb == "POST" and seen.path.endswith("/instances"),
    "its status": lambda seen: seen.verb == "PATCH" and seen.path.endswith("/instances/one/status"),
    "Helm's record": lambda seen: seen.verb == "POST" and seen.path.endswith("/secrets") and _helm(seen),
    "Helm's Deployment": lambda seen: seen.writing and "/deployments" in seen.path and _helm(seen),
    END: lambda seen: seen.verb == "PUT" and "/secrets/sh.helm" in seen.path and _helm(seen),
    "the revision": lambda seen: seen.verb == "POST" and seen.path.endswith("/instancerevisions"),
    "the watch": lambda seen: seen.stream and not _helm(seen) and "/deployments" in seen.path,
}
WATCH = "the watch"
# What happens once to such a request.
ONCE: dict[str, dict] = {
    "409": {"answer": 409}, "429, Retry-After 1": {"answer": 429, "retry_after": 1}, "500": {"answer": 500},
    "cut before": {"cut": "before"}, "cut after": {"cut": "after"},
}
ON_WATCH = {"410": {"answer": 410}, "429, Retry-After 1": ONCE["429, Retry-After 1"], "500": ONCE["500"], "cut before": ONCE["cut before"]}
ALWAYS = ("slow: 2 s each", f"away for {AWAY} s", "every stream cut")


@dataclass(frozen=True)
class Cell:
    fault: str
    place: str

    def __str__(self) -> str:
        return f"{self.fault}, {self.place}"

    @property
    def harmless(self) -> bool:
        """Whether the first run has to end as asked: nothing was asked that may not be asked again, and the lease could be renewed."""
        if "away" in self.fault:
            # Lost or not: that depends on how long before the server went away the lease was last renewed.
            return False
        return self.place in (WATCH, "first look", "every request", "the wait") and self.fault != "409" or self.fault.startswith("429")


def _cells() -> list[Cell]:
    once = [Cell(fault, place) for fault in ONCE for place in PLACES if place != WATCH]
    watch = [Cell(fault, WATCH) for fault in ON_WATCH]
    always = [Cell(ALWAYS[0], "every request"), *(Cell(fault, "the wait") for fault in ALWAYS[1:])]
    if ALL:
        return once + watch + always
    dice = random.Random(seed())
    return [dice.choice(once), dice.choice(watch), dice.choice(always)]


@pytest.mark.once
@pytest.mark.timeout(3000)
def test_faults(ansible, api, kubeconfig, platform, tmp_path):
    ledger = Ledger("faults" if ALL else "")
    usual = _undisturbed(ansible, api, kubeconfig, tmp_path) if ALL else 0.0
    cells = _cells()
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = list(pool.map(lambda cell: ledger.get(str(cell)) or _attempt(cell, ansible, api, kubeconfig, tmp_path, ledger), cells))
    wrong = [item for item in done if isinstance(item, str)]
    if ALL:
        _write([row for row in done if not isinstance(row, str)], usual, wrong)
    assert not wrong, f"seed {seed()!r}:\n" + "\n".join(wrong)


def _space(api) -> str:
    space = f"it-faults-{random.SystemRandom().randrange(16 ** 6):06x}"
    api.namespace(space)
    return space


def _task(space: str) -> dict:
    return instance("one", space, package="tiny", values=VALUES)


def _undisturbed(ansible, api, kubeconfig, tmp_path) -> float:
    """Seconds of a deploy that nothing disturbed; every place is met in it."""
    space = _space(api)
    try:
        with Proxy(kubeconfig, tmp_path) as proxy:
            began = time.monotonic()
            good(ansible.play(_task(space), env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig}))
            seconds = time.monotonic() - began
            missing = [place for place, matches in PLACES.items() if not any(map(matches, proxy.seen))]
            assert not missing, f"no request at {missing}:\n{proxy.table()}"
        assert objects(api, space) == OBJECTS
        return seconds
    finally:
        api.drop_namespace(space)


def _attempt(cell: Cell, ansible, api, kubeconfig, tmp_path: Path, ledger: Ledger) -> dict | str:
    space = _space(api)
    try:
        return _disturb(cell, space, ansible, api, kubeconfig, tmp_path, ledger)
    except AssertionError as error:
        from conftest import LOGS  # noqa: PLC0415
        return f"{cell}: {error} (see {dump.dump(api, space, LOGS / f'namespace-{space}.txt')})"
    finally:
        api.drop_namespace(space)


def _disturb(cell: Cell, space: str, ansible, api, kubeconfig, tmp_path: Path, ledger: Ledger) -> dict:
    with Proxy(kubeconfig, tmp_path) as proxy:
        happened = _arrange(cell, proxy)
        began = time.monotonic()
        run = ansible.play(_task(space), env={"K8S_AUTH_KUBECONFIG": proxy.kubeconfig})
        seconds = time.monotonic() - began
        assert happened(), f"it did not happen:\n{proxy.table()}"
    first, then = run.last, left(api, space)
    said = ""
    if first.failed:
        said = first.error.get("what", "")
        assert said and first.error.get("todo"), f"it said: {first.msg}"
        assert not cell.harmless, f"it failed: {first.msg}"
    else:
        assert first["instance"]["phase"] == "Ready", first["instance"]
    if "away" not in cell.fault:
        # Who lost the lease because nothing could be written may be unable to write that either.
        at_rest(api, space)
    began = time.monotonic()
    again = good(ansible.play(_task(space))).last
    if not first.failed and again.changed:
        # Helm ends well although its last write, that it is done, was refused.
        assert cell.place == END and "pending-install" in then, f"not at rest after a good run: {again['actions']}"
        said = "as asked, but Helm could not record it: the next run finished it"
    if again.changed:
        assert not good(ansible.play(_task(space))).last.changed
    whole(api, space, VALUES)
    found = objects(api, space)
    assert found == OBJECTS, f"too much: {sorted(found - OBJECTS)}, too little: {sorted(OBJECTS - found)}"
    return ledger.add(str(cell), fault=cell.fault, place=cell.place, seconds=round(seconds, 1), said=said.replace(space, "NAMESPACE"),
                      left=then if said else "", next=round(time.monotonic() - began, 1) if said else None)


def _arrange(cell: Cell, proxy: Proxy) -> Callable[[], bool]:
    """Prepares the trouble; the result tells afterwards whether it came."""
    if cell.fault == ALWAYS[0]:
        proxy.slow(2)
        return lambda: len(proxy.seen) > 5
    if cell.place == "the wait":
        came = threading.Event()
        trouble = (lambda: proxy.away(AWAY)) if "away" in cell.fault else proxy.cut_streams

        def later(_seen: Seen) -> None:
            came.set()
            threading.Timer(0.3, trouble).start()

        proxy.add(Rule(PLACES[WATCH], before=later))
        return came.is_set
    rule = proxy.add(Rule(PLACES[cell.place], **{**ONCE, **ON_WATCH}[cell.fault]))
    return lambda: bool(rule.hits)


def _write(rows: list[dict], usual: float, wrong: list[str]) -> None:
    good_ones = [row for row in rows if not row["said"]]
    paragraphs = [
        f"A first deploy of the package tiny (undisturbed: {usual:.0f} s with the start of ansible-playbook) through a proxy in front of the API "
        "server. The proxy answers one request of the deploy with an error, or cuts its connection before it reaches the server or before its answer "
        f"reaches the client; answers every request two seconds late; goes away for {AWAY} s while the run waits for pods; ends every watch. A run that "
        "fails takes away what it made. Checked each time: the run ends as asked or names what happened and what to do; the same task run again "
        "without trouble ends as asked; one release with one deployed revision; the same objects as without trouble; no operation left running, no "
        "lease held; a further run changes nothing.",
        f"Of {len(rows) + len(wrong)} runs {len(good_ones)} ended as asked; of {len(rows) - len(good_ones)} others the next run did.",
        table(("trouble", "at", "the run", "seconds", "left behind", "seconds of the next run, as asked"), [
            (row["fault"], row["place"], f"said: {row['said']}" if row["said"] else "as asked", f"{row['seconds']:.0f}", row["left"],
             "" if row["next"] is None else f"{row['next']:.0f}") for row in rows]),
    ]
    if wrong:
        paragraphs += ["## Not as it should be", "\n".join("- " + " ".join(text.split())[:600] for text in wrong)]
    write_page("faults", "Trouble with the API server", *paragraphs)
