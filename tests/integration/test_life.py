# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole life of an instance: what was written into it at the beginning is there until it is wiped, and after that nothing is left of it."""

from __future__ import annotations

import json
import os

import pytest
from harness.checks import good
from harness.packages import edited, forget, listed, package_with, unlisted
from harness.stores import EXAMPLES, POSTGRESQL, REDIS, ROWS, Store, provide

pytestmark = [pytest.mark.once, pytest.mark.timeout(700)]

# Each follows the one before it, and that alone.
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
CHANGED = {"redis": {"config.maxmemoryPolicy": "allkeys-lru"}, "postgresql": {"config.maxConnections": 50}}
# Tags that the charts allow and no registry has.
NOWHERE = {"redis": "7.0.99", "postgresql": "15.99"}
# The short half leaves out what depends on no chart; ACMP_LIFE=all is the whole for both.
WHOLE = ("redis", "postgresql") if os.environ.get("ACMP_LIFE") == "all" else ("redis",)


@pytest.fixture(params=[REDIS, POSTGRESQL], ids=lambda kind: kind.name)
def kind(request):
    return request.param


@pytest.fixture
def package(ansible, api, platform, kubeconfig, kind):
    """The example under a name of its own, in versions that follow each other; its name."""
    provide(kind, kubeconfig)
    name = f"life-{kind.name}"
    before = dict(zip(VERSIONS[1:], VERSIONS, strict=False))
    forget(api, name)
    good(ansible.play(*listed(*[
        package_with(ansible.scratch, name, version=version, source=EXAMPLES / kind.name, follows=before.get(version, "")) for version in VERSIONS])))
    yield name
    ansible.play(*unlisted(name, *reversed(VERSIONS)))
    forget(api, name)


def test_life(ansible, api, package, kind, space):
    store = Store(kind, api, space, "one")
    at_first = _there(api, space)
    changed = {**kind.values, **CHANGED[kind.name]}

    def task(module: str = "acmp_instance", **options) -> dict:
        return {module: {"name": "one", "namespace": space, **options}}

    deployed = task(package=package, version="1.0.0", values=kind.values)
    run = ansible.play(deployed, deployed)
    if run[0].failed and "Pull" in run[0].msg:
        pytest.skip(f"the cluster's nodes cannot fetch {kind.image}")
    good(run)
    assert run[0].changed and not run[1].changed and run[1]["instance"]["version"] == "1.0.0"
    store.write()
    kept = (api.claims(space), store.passwords())
    assert kept[0] and bool(kept[1]) == bool(kind.password)

    result = good(ansible.play(task(values=changed))).last
    [path] = CHANGED[kind.name]
    assert any(f"{path}: " in action and action.endswith(f"→ {changed[path]}") for action in result["actions"]), result.data
    if kind.name in WHOLE:
        _upgrades(ansible, api, store, task, changed)
    document = api.own("instances", space, "one")["spec"]["document"]

    # Into the recycle bin and back.
    run = good(ansible.play(task(state="absent"), task(state="absent"), task(), task(values_mode="merge")))
    assert [result.changed for result in run.results] == [True, False, True, False]
    assert run[0]["instance"]["phase"] == "Removed" and run[3]["instance"]["phase"] == "Ready"
    assert api.own("instances", space, "one")["spec"]["document"] == document
    assert (api.claims(space), store.passwords()) == kept
    assert store.rows() == ROWS

    good(ansible.play(task(state="absent", delete_policy="wipe", confirm="one")))
    assert _there(api, space) == at_first


def _upgrades(ansible, api, store: Store, task, changed: dict) -> None:
    """Up one version that never starts, two that do, back and up by one, back to the beginning: the rows are there all the time."""
    space = store.space
    failed = ansible.play(task(version="1.1.0", values={**changed, "image.tag": NOWHERE[store.kind.name]}, wait_timeout=20)).last
    assert failed.failed and "went back to revision 2" in failed.msg, failed.data
    record = api.own("instances", space, "one")
    assert (record["spec"]["version"], record["status"]["phase"], record["status"]["readyRevision"]) == ("1.0.0", "Ready", 2), record["status"]
    assert store.rows() == ROWS

    # Each step is a revision and an operation of its own.
    run = good(ansible.play(task(values=changed), task(version="1.2.0", values=changed)))
    assert not run[0].changed
    assert _steps(run[1]) == ["1.0.0 to 1.1.0", "1.1.0 to 1.2.0"], run[1]["actions"]
    assert _history(api, space) == [(1, "1.0.0", True), (2, "1.0.0", True), (3, "1.1.0", False), (4, "1.1.0", True), (5, "1.2.0", True)]
    assert sorted(item["spec"]["verb"] for item in api.own("operations", space)) == ["change", "deploy", "upgrade", "upgrade", "upgrade"]

    back = "acmp_instance_rollback"
    run = good(ansible.play(task(back), task(version="1.2.0", values=changed), task(back, revision=1), task(back, revision=1)))
    assert [(run[number]["revision"], run[number]["instance"]["version"]) for number in (0, 2, 3)] == [(4, "1.1.0"), (1, "1.0.0"), (1, "1.0.0")]
    assert _steps(run[1]) == ["1.1.0 to 1.2.0"] and [result.changed for result in run.results] == [True, True, True, False]
    assert any("data" in text for text in run[0]["not_undone"])
    assert store.rows() == ROWS


def test_upgrades_that_fail(ansible, api, platform, space):
    """The second of two steps has a hook that fails: the instance stays where the first one brought it. A schema that the values no longer fit: untouched."""
    name = "life-tiny"
    chart = f"raw/{name}"
    hook = edited("raw/tiny/values.yaml", ("hookJob:\n  enabled: false\n  exitCode: 0", "hookJob:\n  enabled: true\n  exitCode: 3"))
    schema = edited("raw/tiny/values.schema.json", ('"message": {"type": "string"', '"message": {"type": "string", "maxLength": 3'))
    forget(api, name)
    good(ansible.play(*listed(
        package_with(ansible.scratch, name), package_with(ansible.scratch, name, version="1.1.0", follows="1.0.0"),
        package_with(ansible.scratch, name, {f"{chart}/values.yaml": hook}, version="1.2.0", follows="1.1.0"),
        package_with(ansible.scratch, name, {f"{chart}/values.schema.json": schema}, version="1.3.0", follows="1.1.0"),
    )))
    at_first = _there(api, space)

    def task(**options) -> dict:
        return {"acmp_instance": {"name": "one", "namespace": space, "values": {"claim.enabled": True, "message": "long enough"}, **options}}

    good(ansible.play(task(package=name, version="1.0.0")))
    claims = api.claims(space)
    failed = ansible.play(task(version="1.2.0")).last
    assert failed.failed and "hook" in failed.msg and failed.error["details"]["undone"], failed.data
    record = api.own("instances", space, "one")
    assert (record["spec"]["version"], record["status"]["phase"]) == ("1.1.0", "Ready"), record["status"]
    assert [item[1:] for item in _history(api, space)] == [("1.0.0", True), ("1.1.0", True), ("1.2.0", False)]
    assert not good(ansible.play(task(version="1.1.0"))).last.changed

    before = api.everything(space)
    refused = ansible.play(task(version="1.3.0")).last
    assert refused.failed and "message" in refused.msg, refused.data
    assert api.everything(space) == before and api.claims(space) == claims

    good(ansible.play(task(state="absent", delete_policy="wipe", confirm="one"), *unlisted(name, "1.3.0", "1.2.0", "1.1.0", "1.0.0")))
    assert _there(api, space) == at_first
    forget(api, name)


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
