# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole life of an instance: what was written into it at the beginning is there until it is wiped, and after that nothing is left of it.

Normally the life of our Redis alone. ACMP_LIFE=all lives them all, and writes docs/proof/lives.md.
"""

from __future__ import annotations

import json
import os
import time

import pytest
from harness import lives
from harness.checks import good, until
from harness.packages import edited, forget, listed, package_with, unlisted
from harness.stores import ROWS, Store, provide
from harness.wholeness import Ledger, table, write_page

ALL = os.environ.get("ACMP_LIFE") == "all"
LIVES = lives.all_of_them() if ALL else {"redis": lives.LIVES["redis"]}
pytestmark = [pytest.mark.once, pytest.mark.timeout(1200)]


class Course:
    """An instance ``one`` on its way. values: what is asked for by now. took: step -> seconds."""

    def __init__(self, ansible, api, life: lives.Life, package: str, space: str, storage_class: str) -> None:
        self.ansible, self.api, self.life, self.package, self.space = ansible, api, life, package, space
        self.store = Store(life.store, api, space, "one")
        self.storage_class = storage_class
        self.values = {**life.values, **life.grows(storage_class, life.sizes[0])}
        self.took: dict[str, float] = {}

    def task(self, module: str = "acmp_instance", **options) -> dict:
        return {module: {"name": "one", "namespace": self.space, **options}}

    def play(self, step: str, *tasks: dict, failing: bool = False):
        """Results; the step's seconds are kept."""
        began = time.monotonic()
        run = self.ansible.play(*tasks)
        self.took[step] = time.monotonic() - began
        return run if failing else good(run)

    def whole(self) -> None:
        """What was written is there, with the claims and the passwords of the beginning."""
        assert {name: uid for name, uid in self.api.claims(self.space).items() if name in self.kept[0]} == self.kept[0]
        assert self.store.passwords() == self.kept[1]
        assert self.store.rows() == ROWS

    def record(self) -> tuple[str, str]:
        record = self.api.own("instances", self.space, "one")
        return record["spec"]["version"], record["status"]["phase"]

    def everything(self) -> dict[str, str]:
        """Objects of its own with their versions; pods that come and go are the clients'."""
        return {name: version for name, version in self.api.everything(self.space).items() if not name.startswith(("pods/", "leases/"))}

    def begin(self) -> None:
        deployed = self.task(package=self.package, version="1.0.0", values=self.values)
        run = self.play("install, and the same again", deployed, deployed, failing=True)
        if run[0].failed and "Pull" in run[0].msg:
            pytest.skip(f"the cluster's nodes cannot fetch {self.life.store.image}")
        good(run)
        assert run[0].changed and not run[1].changed and run[1]["instance"]["version"] == "1.0.0"
        self.store.write()
        self.kept = (self.api.claims(self.space), self.store.passwords())
        assert self.kept[0]

    def change(self) -> None:
        tasks = []
        for number, change in enumerate(self.life.changes):
            self.values = {**self.values, **change}
            tasks.append(self.task(values=self.values, description=f"change {number + 1}"))
        run = self.play("five changes by the form", *tasks)
        for change, result in zip(self.life.changes, run.results, strict=True):
            [(path, value)] = change.items()
            assert result.changed and any(f"{path}: " in action and action.endswith(f"→ {value}") for action in result["actions"]), result.data
        self.whole()

    def grow(self) -> None:
        small, large = self.life.sizes
        self.values = {**self.values, **self.life.grows(self.storage_class, large)}
        result = self.play("a larger volume", self.task(values=self.values)).last
        grown = [action for action in result["actions"] if action.startswith("grow claim ") and action.endswith(f"from {small} to {large}")]
        assert grown, result["actions"]
        found = self.api.core("persistentvolumeclaims", self.space)
        assert {item["spec"]["resources"]["requests"]["storage"] for item in found} == {large}
        self.whole()

    def fail(self) -> None:
        """An upgrade whose image never starts goes back by itself."""
        broken = {**self.values, **self.life.broken}
        failed = self.play("upgrade, image that never starts", self.task(version="1.1.0", values=broken, wait_timeout=20), failing=True).last
        assert failed.failed and "went back to revision 7" in failed.msg, failed.data
        assert self.record() == ("1.0.0", "Ready")
        assert not self.play("the same as before is no change", self.task(values=self.values)).last.changed
        self.whole()

    def upgrade(self) -> None:
        back, newest = "acmp_instance_rollback", self.task(version="1.2.0", values=self.values)
        result = self.play("upgrade by two steps", newest).last
        assert _steps(result) == ["1.0.0 to 1.1.0", "1.1.0 to 1.2.0"], result["actions"]
        assert _history(self.api, self.space)[-3:] == [(8, "1.1.0", False), (9, "1.1.0", True), (10, "1.2.0", True)]
        result = self.play("rollback to the ready one before", self.task(back)).last
        assert (result["revision"], result["instance"]["version"]) == (9, "1.1.0") and any("data" in text for text in result["not_undone"])
        assert _steps(self.play("upgrade by one step", newest).last) == ["1.1.0 to 1.2.0"]
        run = self.play("rollback to the first, again, and forward", self.task(back, revision=7), self.task(back, revision=7), newest)
        assert run[0]["instance"]["version"] == "1.0.0" and [result.changed for result in run.results] == [True, False, True]
        self.whole()

    def fail_again(self) -> None:
        """A Job that fails, and one that cannot even be tried."""
        failed = self.play("upgrade, hook that fails", self.task(version=lives.FAILING, values=self.values, wait_timeout=60), failing=True).last
        assert failed.failed and "went back to revision" in failed.msg, failed.data
        assert self.record() == ("1.2.0", "Ready")
        before = self.everything()
        refused = self.play("upgrade, schema break", self.task(version=lives.REFUSED, values=self.values), failing=True).last
        assert refused.failed and self.life.said in refused.msg, refused.data
        assert self.everything() == before
        self.whole()

    def configure(self) -> None:
        key, line = self.life.setting
        [(name, text)] = [
            (item["metadata"]["name"], item["data"][key]) for item in self.api.core("configmaps", self.space) if key in (item.get("data") or {})]
        whole = f"{text.rstrip()}\n{line}\n" if "\n" in text else line
        ask = self.task("acmp_instance_config", config_map=name, settings={key: whole})
        run = self.play("a file of its configuration, and again", ask, ask, self.task(values=self.values))
        assert [result.changed for result in run.results] == [True, False, False], [result.data for result in run.results]
        assert any(line in str(item.get("data")) for item in self.api.core("configmaps", self.space))
        self.whole()

    def leave(self) -> None:
        document = self.api.own("instances", self.space, "one")["spec"]["document"]
        run = self.play("removed and kept, and again", self.task(state="absent"), self.task(state="absent"))
        assert [result.changed for result in run.results] == [True, False] and run[0]["instance"]["phase"] == "Removed"
        result = self.play("brought back", self.task()).last
        assert result.changed and result["instance"]["phase"] == "Ready"
        assert self.api.own("instances", self.space, "one")["spec"]["document"] == document
        self.whole()
        self.play("wiped", self.task(state="absent", delete_policy="wipe", confirm="one"))


@pytest.fixture(params=LIVES)
def name(request):
    return request.param


@pytest.fixture
def package(ansible, api, platform, kubeconfig, name):
    """The life's package under a name of its own, in versions that follow each other; its name."""
    life, called = LIVES[name], f"life-{name}"
    provide(life.store, kubeconfig)
    forget(api, called)
    # Whether a package is well made is asked elsewhere.
    tasks = [{"acmp_package": {"src": folder, "state": "listed", "force": True}} for folder in life.folders(ansible.scratch, called)]
    good(ansible.play(*tasks))
    yield called
    ansible.play(*unlisted(called, *reversed(lives.VERSIONS)))
    forget(api, called)


def test_life(ansible, api, package, name, space, classes):
    at_first = _there(api, space)
    course = Course(ansible, api, LIVES[name], package, space, classes[0])
    for step in (course.begin, course.change, course.grow, course.fail, course.upgrade, course.fail_again, course.configure, course.leave):
        step()
    # The provisioner takes a moment for its volumes.
    until(f"nothing to be left beside {sorted(at_first)}", lambda: _there(api, space) == at_first, 30)
    if ALL:
        Ledger("lives").add(name, took=course.took)
        _tell()


def _tell() -> None:
    """The table of all lives, once the last of them was lived."""
    ledger = Ledger("lives")
    rows = {name: ledger.get(name) for name in LIVES}
    if not all(rows.values()):
        return
    steps = list(next(iter(rows.values()))["took"])
    write_page(
        "lives", "Lives of instances",
        "Seconds of each step, with the start of ansible-playbook. One thousand rows are written at the beginning, and are there after every step, with the "
        "claims and the passwords of the beginning. In the end all objects of all kinds of the namespace, and the volumes, are what they were before.",
        table(("step", *rows), [(step, *(f"{row['took'][step]:.1f}" for row in rows.values())) for step in steps]))


def test_versions_of_the_software(ansible, api, platform, space):
    """A package that runs several: chosen with app_version, and an upgrade does not take one along that the next version no longer runs."""
    name = "life-software"

    def runs(*tags: str, follows: str = "") -> dict[str, str]:
        offer = {"mode": "tag", "path": "values.image.tag", "tags": list(tags)}
        more = f"spec:\n  versionDefinition: {json.dumps(offer)}\n" + (f"  upgrade: {{replaces: {follows}}}\n" if follows else "")
        return {"application.yaml": edited("application.yaml", ("  name: tiny\n", f"  name: {name}\n"), ("spec:\n", more))}

    def task(**options) -> dict:
        return {"acmp_instance": {"name": "one", "namespace": space, **options}}

    forget(api, name)
    good(ansible.play(*listed(
        package_with(ansible.scratch, name, runs("1.0.0", "0.9.0")), package_with(ansible.scratch, name, runs("2.0.0", follows="1.0.0"), version="1.1.0"))))
    deployed = task(package=name, version="1.0.0", app_version="1.0.0")
    run = ansible.play(
        deployed, deployed, task(app_version="0.9.0") | {"check_mode": True}, task(app_version="3.0.0"), task(version="1.1.0"),
        task(version="1.1.0", app_version="2.0.0") | {"check_mode": True})
    first, again, older, unknown, left, upgraded = run.results
    assert first.changed and not again.changed, (first.data, again.data)
    assert [item["after"] for item in older["changes"] if item["what"] == "image tiny"] == ["0.9.0"], older.data
    assert unknown.failed and 'does not run version "3.0.0"' in unknown.msg and "choose one of 1.0.0, 0.9.0" in unknown.msg
    assert left.failed and "runs version 1.0.0 of its software, which" in left.msg and "choose one with app_version: 2.0.0" in left.msg, left.data
    assert [item["after"] for item in upgraded["changes"] if item["what"] == "image tiny"] == ["2.0.0"], upgraded.data
    good(ansible.play(task(state="absent", delete_policy="wipe", confirm="one"), *unlisted(name, "1.1.0", "1.0.0")))
    forget(api, name)


def _there(api, space: str) -> set[str]:
    """Every object of the namespace, and the volumes of its claims; Pods that end count as gone, since nobody waits for them in vain."""
    volumes = [item["metadata"]["name"] for item in api.list("/api/v1/persistentvolumes") if (item["spec"].get("claimRef") or {}).get("namespace") == space]
    ending = {f"pods/{item['metadata']['name']}" for item in api.core("pods", space) if item["metadata"].get("deletionTimestamp")}
    return {*api.everything(space), *(f"persistentvolumes/{name}" for name in volumes)} - ending


def _steps(result) -> list[str]:
    return [action.partition(" from ")[2] for action in result["actions"] if action.startswith("upgrade ")]


def _history(api, space: str) -> list[tuple[int, str, bool]]:
    found = [(item["spec"]["revision"], item["spec"]["version"], item["status"]["ready"]) for item in api.own("instancerevisions", space)]
    return sorted(found)
