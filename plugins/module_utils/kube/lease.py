# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One change at a time: a coordination.k8s.io Lease held while we work, taken over only from holders that are surely gone.

The rules are those of client-go's leader election. Nobody's wall clock is trusted: whoever waits takes a lease over when it saw the same
record for the record's whole duration on its own monotonic clock, and then only by a write that fails if the record changed meanwhile.
The holder counts from before each renewal it sent, and stops (``check`` raises, ``on_lost`` is called) at 80 % of the duration, so that it
has stopped before anybody can take over.
"""

from __future__ import annotations

import datetime
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ..context import Context
from ..errors import Conflict, ConnectionFailed, KubeError, LockError, NotFound
from ._refusals import Subject

API, KIND = "coordination.k8s.io/v1", "Lease"
_GIVE_UP = 0.8
_LOOK_SECONDS = 1.0


class Lease:
    """``with Lease(kube, "acmp-orders-db", "shop", "alice on host7", ctx) as lease:`` ... ``lease.check()`` before each write.

    holder: who we are, for people; a random part is added, so that two runs of the same holder are two. duration: seconds (whole, >= 1).
    wait: seconds that entering the block waits for another holder. on_lost: called once, from a thread, with the LockError.
    """

    def __init__(
        self, kube: Any, name: str, namespace: str, holder: str, ctx: Context, duration: int = 15, wait: float = 20.0,
        on_lost: Callable[[LockError], None] | None = None,
    ) -> None:
        self._kube, self._ctx, self._wait, self.on_lost = kube, ctx, wait, on_lost
        self.name, self.namespace, self.duration = name, namespace, max(int(duration), 1)
        self.holder = " ".join(holder.split())[:200] or "unknown"
        self.identity = f"{self.holder} #{secrets.token_hex(4)}"
        self._where = f"Lease {namespace}/{name}"
        self._done, self._lock = threading.Event(), threading.Lock()
        self._record: dict[str, Any] = {}
        self._renewed = 0.0
        self._lost: LockError | None = None
        self._held = False
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Lease:
        self.acquire(self._wait)
        return self

    def __exit__(self, *_error: object) -> None:
        self.release()

    # Taking ------------------------------------------------------------------------------------------------------------------------

    def acquire(self, wait: float = 20.0) -> None:
        """Holds the lease afterwards, or raises LockError naming the holder and since when; waits at most so many seconds."""
        clock = self._ctx.clock
        end = clock() + wait
        seen: Mapping[str, Any] | None = None
        seen_at = clock()
        told = False
        while True:
            started = clock()
            try:
                record = self._read()
                if record is None:
                    if self._write(None, started):
                        return
                    continue
                spec = record.get("spec") or {}
                if spec.get("holderIdentity") == self.identity:
                    # An earlier write of ours arrived although its answer did not: made valid by one that we see answered.
                    if self._write(record, started):
                        return
                    continue
                if spec != seen:
                    seen, seen_at = spec, clock()
                if not spec.get("holderIdentity") or started - seen_at >= _duration(spec, self.duration):
                    if self._write(record, started):
                        return
                    continue
            except ConnectionFailed:
                if clock() >= end:
                    raise
                spec = seen or {}
            if clock() >= end:
                raise self._busy(spec)
            if not told and spec.get("holderIdentity"):
                told = True
                self._ctx.progress(f"waiting for {_name(spec)}, who is changing it since {spec.get('acquireTime') or 'some time'}")
            if self._ctx.stopping.wait(max(0.01, min(_LOOK_SECONDS, end - clock()))):
                raise LockError("The run was stopped while it waited for its turn", where=self._where, todo="run the task again")

    def _read(self) -> dict[str, Any] | None:
        try:
            return self._send("GET", self._path()).json()
        except NotFound as error:
            if error.details.get("missing") == "object":
                return None
            raise

    def _write(self, record: Mapping[str, Any] | None, started: float) -> bool:
        """Makes the record ours if it is still the one given; False when somebody was faster or the outcome is unknown."""
        now = _now()
        spec = (record or {}).get("spec") or {}
        ours = spec.get("holderIdentity") == self.identity
        body: dict[str, Any] = {
            "apiVersion": API, "kind": KIND, "metadata": dict((record or {}).get("metadata") or {"name": self.name, "namespace": self.namespace}),
            "spec": {
                "holderIdentity": self.identity, "leaseDurationSeconds": self.duration, "renewTime": now,
                "acquireTime": spec.get("acquireTime") if ours and spec.get("acquireTime") else now,
                "leaseTransitions": int(spec.get("leaseTransitions") or 0) + (0 if ours or record is None else 1),
            },
        }
        try:
            answer = self._send("PUT", self._path(), body) if record else self._send("POST", self._path(collection=True), body)
        except Conflict:
            return False
        except NotFound as error:
            if record is not None and error.details.get("missing") == "object":
                return False
            raise
        with self._lock:
            # From before the request was sent: the others cannot have seen it earlier.
            self._record, self._renewed, self._held, self._lost = answer.json(), started, True, None
        self._done.clear()
        self._threads = [threading.Thread(target=work, name=f"acmp-lease-{work.__name__}", daemon=True) for work in (self._renew, self._guard)]
        for thread in self._threads:
            thread.start()
        return True

    # Holding -----------------------------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Raises LockError when the lease is not ours any more, or not surely so; costs nothing, call it before each write."""
        with self._lock:
            lost, held, age = self._lost, self._held, self._ctx.clock() - self._renewed
        if lost is None and held and age >= self.duration * _GIVE_UP:
            self._lose(f"it could not be renewed for {age:.0f} s")
            lost = self._lost
        if lost is not None:
            raise lost
        if not held:
            raise LockError("The lease is not held", where=self._where, todo="run the task again")

    def _renew(self) -> None:
        pause = self.duration / 3
        while not self._done.wait(pause):
            if self._lost is not None:
                return
            started = self._ctx.clock()
            pause = self.duration / 3
            try:
                self._renew_once(started)
            except KubeError as error:
                if isinstance(error, NotFound):
                    self._lose("somebody deleted it")
                    return
                # The guard ends this when the time is over.
                pause = min(1.0, self.duration / 10)

    def _renew_once(self, started: float) -> None:
        with self._lock:
            record = self._record
        body = {**record, "spec": {**record["spec"], "renewTime": _now()}}
        try:
            answer = self._send("PUT", self._path(), body).json()
        except Conflict:
            # Changed by somebody: either a bystander (a label), then once more, or a new holder.
            answer = self._send("GET", self._path()).json()
            if (answer.get("spec") or {}).get("holderIdentity") != self.identity:
                self._lose(f"{_name(answer.get('spec') or {})} took it over")
                return
            with self._lock:
                self._record = answer
            answer = self._send("PUT", self._path(), {**answer, "spec": {**answer["spec"], "renewTime": _now()}}).json()
        with self._lock:
            self._record = answer
            if self._lost is None:
                self._renewed = started

    def _guard(self) -> None:
        """Notices the end of our time even while a renewal hangs in the network."""
        while True:
            with self._lock:
                left = self._renewed + self.duration * _GIVE_UP - self._ctx.clock()
            if left <= 0:
                self._lose(f"it could not be renewed for {self.duration * _GIVE_UP:.0f} s")
                return
            if self._done.wait(min(left + 0.01, 1.0)) or self._lost is not None:
                return

    def _lose(self, why: str) -> None:
        with self._lock:
            if self._lost is not None:
                return
            self._lost = LockError(
                f"The right to change it was lost: {why}", where=self._where, todo="look at what the other run does, then run the task again")
        if self.on_lost is not None and not self._done.is_set():
            self.on_lost(self._lost)

    # Leaving -----------------------------------------------------------------------------------------------------------------------

    def release(self) -> None:
        """Gives the lease back if it is still ours; never raises, since an unreleased lease ends by itself."""
        self._done.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=2.0)
        with self._lock:
            held, lost, record, self._held = self._held, self._lost, self._record, False
        if not held or lost is not None:
            return
        for _try in range(2):
            meta = record.get("metadata") or {}
            body = {
                "apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": meta.get("uid"), "resourceVersion": meta.get("resourceVersion")},
            }
            try:
                self._send("DELETE", self._path(), body)
                return
            except NotFound:
                return
            except Conflict:
                # Perhaps a renewal of ours whose answer was late.
                try:
                    record = self._read() or {}
                except KubeError:
                    break
                if (record.get("spec") or {}).get("holderIdentity") != self.identity:
                    return
            except KubeError:
                break
        self._ctx.warn(f"{self._where} could not be given back; it ends by itself within {self.duration} s")

    # Requests ----------------------------------------------------------------------------------------------------------------------

    def _path(self, collection: bool = False) -> str:
        return self._kube.resource(API, KIND).path(self.namespace, None if collection else self.name)

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        verb = {"GET": "get", "PUT": "renew", "POST": "create", "DELETE": "delete"}[method]
        return self._kube.raw(
            method, path, body=body, subject=Subject(verb, KIND, self.namespace, self.name), read_timeout=max(1.0, self.duration / 3))

    def _busy(self, spec: Mapping[str, Any]) -> LockError:
        since = str(spec.get("acquireTime") or "")
        return LockError(
            f"{_name(spec)} is changing it" + (f" since {since.partition('.')[0]}Z" if since else ""), where=self._where,
            todo=f"wait until that run has ended; if it was killed, the lease is free {_duration(spec, self.duration):.0f} s after its last renewal",
            details={"holder": _name(spec), "since": since})


def _name(spec: Mapping[str, Any]) -> str:
    return str(spec.get("holderIdentity") or "somebody").partition(" #")[0]


def _duration(spec: Mapping[str, Any], default: float) -> float:
    value = spec.get("leaseDurationSeconds")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0 else float(default)


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
