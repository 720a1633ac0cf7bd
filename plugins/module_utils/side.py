# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls side by side whose threads hold nobody: a server that answers for ever must not delay the others, nor the end of the run.

The interpreter waits at its end for the threads of concurrent.futures' own pools, whatever they do.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from .errors import ConnectionFailed

T = TypeVar("T")


def started(call: Callable[[], T]) -> Future[T]:
    """The outcome of a call in a thread of its own."""
    outcome: Future[T] = Future()
    threading.Thread(target=_do, args=(outcome, call), daemon=True, name="acmp-side").start()
    return outcome


def within(seconds: float, call: Callable[[], T], where: str, what: str = "") -> T:
    """What the call returns or raises; ConnectionFailed when that takes too long, and then nobody waits for it any more.

    what: what it does, where it is more than one question.
    """
    try:
        return started(call).result(seconds)
    except TimeoutError:
        said = f"It took more than {seconds:.0f} s to {what}" if what else f"The cluster gave no answer within {seconds:.0f} s"
        todo = "its API server is too slow; nothing was changed, run again when it answers faster" if what else "check whether the cluster runs"
        raise ConnectionFailed(said, where=where, todo=todo) from None


class Pool:
    """At most ``threads`` calls at a time. As a context manager it ends when all of them have ended, and so is for use inside within()."""

    def __init__(self, threads: int) -> None:
        self._most, self._threads = threads, []
        self._jobs: SimpleQueue = SimpleQueue()

    def submit(self, call: Callable[[], T]) -> Future[T]:
        outcome: Future[T] = Future()
        self._jobs.put((outcome, call))
        if len(self._threads) < self._most:
            self._threads.append(threading.Thread(target=self._work, daemon=True, name="acmp-side"))
            self._threads[-1].start()
        return outcome

    def map(self, call: Callable[[Any], T], items: Iterable[Any]) -> list[T]:
        """The answers in the order of the items. Of several failures the first item's is raised."""
        outcomes = [self.submit(lambda item=item: call(item)) for item in items]
        return [outcome.result() for outcome in outcomes]

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_error: object) -> None:
        for _thread in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _do(*job)


def _do(outcome: Future[T], call: Callable[[], T]) -> None:
    try:
        outcome.set_result(call())
    except BaseException as error:
        outcome.set_exception(error)
