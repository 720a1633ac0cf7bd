# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an instance of the tiny package is whole again after trouble, and the tables of what became of it."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from .checks import until

ROOT = Path(__file__).resolve().parents[3]


def seed() -> str:
    """What the day's cells are drawn with; ACMP_SEED repeats a day."""
    return os.environ.get("ACMP_SEED") or f"{datetime.date.today()} {os.environ.get('ACMP_LANE', '')}"


def left(api, space: str) -> str:
    """What there is of the instance ``one``: phase, and Helm's revisions."""
    record = api.own("instances", space, "one")
    helm = api.helm(space).get("one", [])
    phase = (record or {}).get("status", {}).get("phase", "no status") if record else "no record"
    return f"{phase}; Helm: {', '.join(f'{revision} {status}' for revision, status in helm) or 'nothing'}"


def whole(api, space: str, values: dict) -> None:
    """The instance ``one`` is as the values say, with one release of one deployed revision, nothing running and no lease held."""
    whole_release(api, space)
    deployment = api.deployment(space, "one")
    assert deployment["spec"]["replicas"] == values.get("replicas", 1) == deployment["status"].get("readyReplicas")
    environment = {item["name"]: item.get("value") for item in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert environment.get("TINY_MESSAGE") == values.get("message")
    assert list(api.claims(space)) == (["one-data"] if values.get("claim.enabled") else [])


def whole_release(api, space: str) -> None:
    """The instance ``one``, of whatever package, is ready, with one release of one deployed revision, nothing running and no lease held."""
    record = api.own("instances", space, "one")
    assert record["status"]["phase"] == "Ready", record["status"]
    releases = api.helm(space)
    assert list(releases) == ["one"], f"releases: {releases}"
    statuses = [status for _revision, status in releases["one"]]
    assert statuses.count("deployed") == 1 and statuses[-1] == "deployed" and not any("pending" in status for status in statuses), releases
    at_rest(api, space)


def at_rest(api, space: str) -> None:
    """No operation says that it runs, and no lease is held for longer than it lasts by itself."""
    running = [item["metadata"]["name"] for item in api.own("operations", space) if item.get("status", {}).get("phase", "Running") == "Running"]
    assert not running, f"operations that say Running: {running}"
    # Killed before it gave its lease back, with nothing left to do for the next run: nobody renews it, and it ends by itself.
    until("the last lease to end", lambda: all(_ended(lease) for lease in held(api, space)), 20)


def held(api, space: str) -> list:
    leases = api.get(f"/apis/coordination.k8s.io/v1/namespaces/{space}/leases")["items"]
    return [item for item in leases if item["spec"].get("holderIdentity")]


def _ended(lease: dict) -> bool:
    renewed = datetime.datetime.fromisoformat(lease["spec"]["renewTime"].replace("Z", "+00:00"))
    return (datetime.datetime.now(datetime.timezone.utc) - renewed).total_seconds() > lease["spec"]["leaseDurationSeconds"]


_MADE = re.compile(r"^(pods|replicasets|operations|controllerrevisions)/|^configmaps/kube-root-ca|^serviceaccounts/default$|^secrets/sh\.helm\.release")


def objects(api, space: str) -> set[str]:
    """The objects of a namespace but those whose names or number differ from one good run to the next."""
    return {name for name in api.everything(space) if not _MADE.search(name)}


class Ledger:
    """Rows of a long table, kept as they come: a run that was stopped goes on where it ended, until the collection changes. "" keeps none."""

    def __init__(self, part: str) -> None:
        self._file = ROOT / "build" / "proof" / f"{part}.jsonl" if part else None
        self._lock = threading.Lock()
        self._of = _collection()
        self._rows: dict[str, dict] = {}
        if self._file and self._file.exists():
            rows = [json.loads(line) for line in self._file.read_text().splitlines()]
            self._rows = {row["cell"]: row for row in rows if row["of"] == self._of}

    def get(self, cell: str) -> dict | None:
        return self._rows.get(cell)

    def add(self, cell: str, **row) -> dict:
        """Keeps a row; returns it."""
        with self._lock:
            self._rows[cell] = {"cell": cell, "of": self._of, **row}
            if self._file:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                with self._file.open("a") as out:
                    out.write(json.dumps(self._rows[cell]) + "\n")
        return self._rows[cell]


def _collection() -> str:
    """A hash of what is tried."""
    found = hashlib.sha256()
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


def write_page(part: str, title: str, *paragraphs: str) -> None:
    """Writes docs/proof/PART.md."""
    _page().write(part, title, *paragraphs)


def table(head: Iterable[str], rows: Iterable[Iterable]) -> str:
    """A Markdown table."""
    return _page().table(tuple(head), list(rows))


def _page():
    sys.path.insert(0, str(ROOT / "tests" / "proof"))
    import page  # noqa: PLC0415 - only where a page is written
    return page
