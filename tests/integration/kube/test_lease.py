# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One change at a time: taking, keeping, losing, taking over, on a real API server."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import LockError
from ansible_collections.acmp.middleware.plugins.module_utils.kube.connect import connect
from ansible_collections.acmp.middleware.plugins.module_utils.kube.lease import API, KIND, Lease


def read(kube, namespace):
    return kube.get(API, KIND, "one", namespace)


def dies(lease):
    """As if its process were killed: no renewal, no release, no callback."""
    lease._done.set()
    for thread in lease._threads:
        thread.join()


def test_taken_renewed_released(kube, namespace, ctx):
    with Lease(kube, "one", namespace, "alice", ctx, duration=3) as lease:
        first = read(kube, namespace)["spec"]
        assert first["holderIdentity"].startswith("alice #") and first["leaseDurationSeconds"] == 3
        time.sleep(3.5)
        lease.check()
        second = read(kube, namespace)["spec"]
        assert second["renewTime"] > first["renewTime"] and second["acquireTime"] == first["acquireTime"]
    assert read(kube, namespace) is None and ctx.warnings == []
    with pytest.raises(LockError):
        lease.check()


def test_a_second_caller_is_told_who_and_since_when(kube, namespace, ctx):
    with Lease(kube, "one", namespace, "alice", ctx, duration=3):
        start = time.monotonic()
        with pytest.raises(LockError) as caught:
            Lease(kube, "one", namespace, "bob", ctx, duration=3).acquire(4.0)
        # Longer than the duration: a living holder is never pushed out.
        assert 4.0 <= time.monotonic() - start < 6.0
    assert "alice is changing it since 20" in caught.value.message and "#" not in caught.value.what
    assert ctx.lines and ctx.lines[0].startswith("waiting for alice")


def test_the_same_holder_twice_is_two(kube, namespace, ctx):
    with Lease(kube, "one", namespace, "awx job 7", ctx, duration=3), pytest.raises(LockError):
        Lease(kube, "one", namespace, "awx job 7", ctx, duration=3).acquire(0.5)


def test_the_next_one_waits_its_turn(kube, namespace, ctx):
    lease = Lease(kube, "one", namespace, "alice", ctx)
    lease.acquire()
    threading.Timer(1.0, lease.release).start()
    start = time.monotonic()
    with Lease(kube, "one", namespace, "bob", ctx):
        assert 0.9 < time.monotonic() - start < 4.0


def test_taken_over_from_the_dead_after_the_whole_duration(kube, namespace, ctx):
    lost = []
    dead = Lease(kube, "one", namespace, "alice", ctx, duration=3, on_lost=lost.append)
    dead.acquire()
    dies(dead)
    start = time.monotonic()
    heir = Lease(kube, "one", namespace, "bob", ctx, duration=3)
    heir.acquire(10.0)
    assert 3.0 <= time.monotonic() - start < 6.0
    assert read(kube, namespace)["spec"]["leaseTransitions"] == 1
    with pytest.raises(LockError):
        dead.check()
    dead.release()
    heir.check()
    assert read(kube, namespace)["spec"]["holderIdentity"] == heir.identity
    heir.release()


def test_the_clocks_of_others_mean_nothing(kube, namespace, ctx):
    """A holder whose wall clock is far behind or ahead is as alive as any other."""
    for stamp in ("2001-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"):
        kube.create({"apiVersion": API, "kind": KIND, "metadata": {"name": "one", "namespace": namespace}, "spec": {
            "holderIdentity": "skewed", "leaseDurationSeconds": 2, "renewTime": stamp, "acquireTime": stamp}})
        start = time.monotonic()
        heir = Lease(kube, "one", namespace, "bob", ctx, duration=2)
        with pytest.raises(LockError):
            heir.acquire(1.0)
        heir.acquire(10.0)
        assert time.monotonic() - start >= 3.0
        heir.release()


def test_only_one_of_many_gets_it(kubeconfig, namespace, kube, ctx):
    kube.create({"apiVersion": API, "kind": KIND, "metadata": {"name": "one", "namespace": namespace}, "spec": {
        "holderIdentity": "dead", "leaseDurationSeconds": 1, "renewTime": "2001-01-01T00:00:00.000000Z"}})
    won, failed = [], []

    def one(number):
        own = Context()
        lease = Lease(connect({"kubeconfig": kubeconfig}, own), "one", namespace, f"n{number}", own, duration=15)
        try:
            lease.acquire(4.0)
            won.append(lease)
        except LockError:
            failed.append(number)
    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1 and len(failed) == 7
    won[0].release()


def test_who_is_pushed_out_knows_it(kube, namespace, ctx):
    lost = threading.Event()
    lease = Lease(kube, "one", namespace, "alice", ctx, duration=3, on_lost=lambda error: lost.set())
    lease.acquire()
    kube.patch(API, KIND, "one", namespace, {"spec": {"holderIdentity": "mallory"}})
    assert lost.wait(3.0)
    with pytest.raises(LockError, match="mallory took it over"):
        lease.check()
    lease.release()
    assert read(kube, namespace)["spec"]["holderIdentity"] == "mallory"


def test_a_bystander_does_no_harm(kube, namespace, ctx):
    with Lease(kube, "one", namespace, "alice", ctx, duration=3) as lease:
        kube.patch(API, KIND, "one", namespace, {"metadata": {"labels": {"seen": "yes"}}})
        time.sleep(2.5)
        lease.check()
        assert read(kube, namespace)["metadata"]["labels"] == {"seen": "yes"}


def test_a_deleted_lease_is_lost(kube, namespace, ctx):
    lost = threading.Event()
    with Lease(kube, "one", namespace, "alice", ctx, duration=3, on_lost=lambda error: lost.set()) as lease:
        kube.delete(API, KIND, "one", namespace)
        assert lost.wait(3.0)
        with pytest.raises(LockError, match="deleted"):
            lease.check()


def test_without_the_api_server_the_right_ends_before_others_may_take_it(proxy, namespace):
    ctx = Context()
    lost = threading.Event()
    lease = Lease(connect({"kubeconfig": proxy.kubeconfig}, ctx), "one", namespace, "alice", ctx, duration=4, on_lost=lambda error: lost.set())
    lease.acquire()
    start = time.monotonic()
    proxy.slow(30.0, path="/leases/")
    assert lost.wait(4.0) and time.monotonic() - start < 4.0
    with pytest.raises(LockError, match="could not be renewed"):
        lease.check()


def test_short_faults_are_survived(proxy, namespace):
    ctx = Context()
    with Lease(connect({"kubeconfig": proxy.kubeconfig}, ctx), "one", namespace, "alice", ctx, duration=4) as lease:
        proxy.answer(503, "PUT", "/leases/", times=1)
        time.sleep(1.6)
        proxy.cut("after", "PUT", "/leases/", times=1)
        time.sleep(3.0)
        lease.check()


def test_stopping_ends_the_wait(kube, namespace, ctx):
    with Lease(kube, "one", namespace, "alice", Context()):
        threading.Timer(0.5, ctx.stopping.set).start()
        start = time.monotonic()
        with pytest.raises(LockError, match="stopped"):
            Lease(kube, "one", namespace, "bob", ctx).acquire(20.0)
        assert time.monotonic() - start < 2.0
