# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helm killed in the middle, on a real cluster: what is left, and that nothing of it is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest

from ansible_collections.acmp.middleware.plugins.module_utils.errors import HelmError, InputError, Interrupted
from ansible_collections.acmp.middleware.plugins.module_utils.helm import actions, manifest, post_render, releases

from .conftest import wait_for

# A run of its own process, so that it can be killed; prints nothing, is told all.
SCRIPT = textwrap.dedent("""
    import json, os, sys
    from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
    from ansible_collections.acmp.middleware.plugins.module_utils.helm import actions, binary, post_render
    from ansible_collections.acmp.middleware.plugins.module_utils.kube import connect
    verb, helm, chart, space, kubeconfig, values = sys.argv[1:]
    ctx = Context(env=dict(os.environ))
    kube = connect.connect({"kubeconfig": kubeconfig}, ctx)
    getattr(actions, verb)(binary.find(ctx, helm), chart, "db", space, json.loads(values), kube, ctx, rules=post_render.Rules())
""")


def start(verb, helm, chart, space, kubeconfig, values):
    import json
    return subprocess.Popen([sys.executable, "-c", SCRIPT, verb, helm.path, chart, space, kubeconfig, json.dumps(values)],
                            # Who is killed leaves its scratch folder behind: let it lie where pytest cleans up.
                            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": os.path.dirname(chart)})


def helm_of(parent: int) -> int:
    """The pid of the helm below a process, 0 when there is none."""
    for entry in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                name, rest = file.read().rsplit(")", 1)
        except OSError:
            continue
        if int(rest.split()[1]) == parent and "helm" in name and rest.split()[0] != "Z":
            return int(entry)
    return 0


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def newest(kube, space):
    return releases.latest(releases.heads(kube, space, "db"))


def killed(verb, helm, chart, space, kubeconfig, values, kube, ready, whom="parent"):
    """Run, wait for ``ready``, kill the parent (helm follows) or helm itself with SIGKILL."""
    process = start(verb, helm, chart, space, kubeconfig, values)
    wait_for(ready)
    child = helm_of(process.pid)
    if not child:
        process.wait(60)
        pytest.skip("helm had ended before it could be killed: nothing is stuck")
    if whom == "helm":
        os.kill(child, signal.SIGKILL)
        process.wait(30)
    else:
        process.kill()
        process.wait()
    wait_for(lambda: not alive(child), 5)


@pytest.mark.parametrize("hook", ["pre-install", "post-install"])
def test_a_killed_first_install_is_marked_and_upgraded(helm, kube, space, chart, ctx, uids, kubeconfig, hook):
    hooked = {"hook": f"{hook},pre-upgrade"}
    killed("install", helm, chart, space, kubeconfig, hooked, kube, lambda: kube.get("batch/v1", "Job", "db-hook", space))
    head = newest(kube, space)
    assert releases.stuck(head) and head.status == "pending-install"
    with pytest.raises(HelmError, match="another operation|middle of another"):
        actions.upgrade(helm, chart, "db", space, {}, kube, ctx)
    # Helm's refusal is no reason to judge a revision that is older than our run.
    assert newest(kube, space).status == "pending-install"
    before = uids()
    assert bool(before) == (hook == "post-install")

    releases.mark_failed(kube, head, ctx)
    failed = newest(kube, space)
    assert (failed.status, failed.revision) == ("failed", 1)
    release = releases.read(kube, space, "db", 1)
    assert release.status == "failed" and release.config == hooked
    assert actions.upgrade(helm, chart, "db", space, {}, kube, ctx, rules=post_render.Rules(), previous=release).revision == 2
    assert newest(kube, space).status == "deployed"
    after = uids()
    assert len(after) == 6 and before.items() <= after.items()
    assert {item["kind"] for item in releases.read(kube, space, "db", 2).objects() if manifest.kept(item)} == {"PersistentVolumeClaim"}
    with pytest.raises(InputError):
        releases.mark_failed(kube, newest(kube, space), ctx)


def test_a_killed_first_install_is_forgotten_and_installed(helm, kube, space, chart, ctx, uids, kubeconfig):
    killed("install", helm, chart, space, kubeconfig, {"hook": "post-install"}, kube, lambda: kube.get("batch/v1", "Job", "db-hook", space))
    before = uids()
    assert len(before) == 6
    releases.forget(kube, newest(kube, space), ctx)
    assert actions.install(helm, chart, "db", space, {}, kube, ctx, rules=post_render.Rules()).revision == 1
    assert newest(kube, space).status == "deployed"
    assert uids() == before


@pytest.mark.parametrize("whom", ["parent", "helm"])
def test_an_install_killed_between_its_objects(helm, kube, space, chart, ctx, uids, kubeconfig, whom):
    def some_exist():
        return len(kube.list("v1", "ConfigMap", space, metadata_only=True)) > 5
    killed("install", helm, chart, space, kubeconfig, {"many": 150}, kube, some_exist, whom)
    before = uids()
    head = newest(kube, space)
    # Who only loses helm puts the record right at once; who dies leaves that to the next one.
    assert head.status == ("pending-install" if whom == "parent" else "failed")
    if releases.stuck(head):
        releases.mark_failed(kube, head, ctx)
    release = releases.read(kube, space, "db", 1)
    actions.upgrade(helm, chart, "db", space, {"many": 150}, kube, ctx, rules=post_render.Rules(), previous=release)
    after = uids()
    assert len(after) == 154 and before.items() <= after.items()
    # Fewer: what the failed revision made and the new one lacks is pruned, as nothing was deployed before it.
    actions.upgrade(helm, chart, "db", space, {}, kube, ctx, previous=releases.read(kube, space, "db", 2))
    assert len(uids()) == 6


def test_a_killed_upgrade_is_marked_and_upgraded(helm, kube, space, chart, ctx, uids, kubeconfig):
    actions.install(helm, chart, "db", space, {}, kube, ctx, rules=post_render.Rules())
    before = uids()
    killed("upgrade", helm, chart, space, kubeconfig, {"many": 4, "text": "two", "hook": "post-upgrade"}, kube,
           lambda: kube.get("batch/v1", "Job", "db-hook", space))
    assert [head.status for head in releases.heads(kube, space, "db")] == ["deployed", "pending-upgrade"]
    middle = uids()
    assert len(middle) == 8 and before.items() <= middle.items()

    releases.mark_failed(kube, newest(kube, space), ctx)
    past = [releases.read(kube, space, "db", revision) for revision in (1, 2)]
    target = [item for item in past[1].objects() if item["metadata"]["name"] != "db-3"]
    assert [ref.name for ref in releases.strays(past, target, space)] == ["db-3"]
    assert actions.upgrade(helm, chart, "db", space, {"many": 3}, kube, ctx, previous=past[0]).revision == 3
    assert [head.status for head in releases.heads(kube, space, "db")] == ["superseded", "failed", "deployed"]
    after = uids()
    # Helm compares with the last deployed revision: db-2 is taken over, db-3 stays behind, and strays() told so.
    assert after == middle
    assert kube.get("v1", "ConfigMap", "db-2", space)["data"] == {"a": "one"}


def test_a_killed_upgrade_is_rolled_back_and_leaves_nothing_behind(helm, kube, space, chart, ctx, uids, kubeconfig):
    actions.install(helm, chart, "db", space, {}, kube, ctx, rules=post_render.Rules())
    before = uids()
    killed("upgrade", helm, chart, space, kubeconfig, {"many": 4, "hook": "post-upgrade"}, kube, lambda: kube.get("batch/v1", "Job", "db-hook", space))
    releases.mark_failed(kube, newest(kube, space), ctx)
    assert actions.rollback(helm, "db", space, 1, kube, ctx, previous=releases.read(kube, space, "db", 1)).revision == 3
    assert uids() == before


def test_a_rollback_whose_hook_fails_is_not_left_pending(helm, kube, space, chart, ctx):
    actions.install(helm, chart, "db", space, {"hook": "pre-rollback"}, kube, ctx)
    actions.upgrade(helm, chart, "db", space, {}, kube, ctx, previous=releases.read(kube, space, "db", 1))
    with pytest.raises(HelmError):
        actions.rollback(helm, "db", space, 1, kube, ctx, previous=releases.read(kube, space, "db", 1), hook_seconds=2)
    assert newest(kube, space).status == "failed"
    actions.upgrade(helm, chart, "db", space, {}, kube, ctx, previous=releases.read(kube, space, "db", 2))


def test_an_uninstall_that_died_goes_on(helm, kube, space, chart, ctx, uids):
    actions.install(helm, chart, "db", space, {"hook": "post-delete"}, kube, ctx, rules=post_render.Rules())
    with pytest.raises(HelmError):
        actions.uninstall(helm, "db", space, kube, ctx, hook_seconds=2)
    actions.uninstall(helm, "db", space, kube, ctx, hooks=False)
    assert releases.heads(kube, space, "db") == []
    wait_for(lambda: set(uids()) == {("PersistentVolumeClaim", "db-data")})


def test_stopping_lets_helm_write_its_failure(helm, kube, space, chart, ctx):
    def stop():
        wait_for(lambda: kube.get("batch/v1", "Job", "db-hook", space))
        ctx.stopping.set()
    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Interrupted):
        actions.install(helm, chart, "db", space, {"hook": "post-install"}, kube, ctx)
    thread.join()
    assert helm_of(os.getpid()) == 0
    ctx.stopping.clear()
    assert newest(kube, space).status == "failed"
