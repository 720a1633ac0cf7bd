# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Live copies of some kinds, each kept by one thread with one watch, so that the waiting thread never waits for the network."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ConnectionFailed, Forbidden, InputError, KubeError, NotFound, Unauthorized
from . import _shape

_WATCH_SECONDS = 290.0
_SLOWEST = 5.0
# These do not go away by trying again. Everything else (no connection, a restart, 410, 429, 5xx) does.
_FINAL = (Forbidden, NotFound, Unauthorized, InputError)


@dataclass(frozen=True)
class Topic:
    """One kind in one namespace (None: all, or cluster-scoped), or one object of it."""

    api_version: str
    kind: str
    namespace: str | None
    name: str | None = None

    @property
    def field_selector(self) -> str | None:
        return f"metadata.name={self.name}" if self.name else None


class Mirrors:
    """The copies of several topics. changed is set whenever something came; end() stops all threads promptly."""

    def __init__(self, kube: Any, clock: Callable[[], float]) -> None:
        self._kube, self._clock = kube, clock
        self.changed = threading.Event()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._objects: dict[Topic, dict[tuple[str, str], dict[str, Any]]] = {}
        self._errors: dict[Topic, KubeError | InputError] = {}
        self._trouble: dict[Topic, tuple[float, str]] = {}
        self._watches: dict[Topic, Any] = {}
        self._threads: dict[Topic, threading.Thread] = {}

    def follow(self, topic: Topic) -> None:
        """Begins to copy a topic; a second call for it does nothing."""
        if topic in self._threads:
            return
        thread = threading.Thread(target=self._run, args=(topic,), name=f"acmp-watch-{topic.kind}", daemon=True)
        self._threads[topic] = thread
        thread.start()

    def loaded(self, topic: Topic) -> bool:
        """True once the topic was listed."""
        with self._lock:
            return topic in self._objects

    def objects(self, topic: Topic) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._objects.get(topic, {}).values())

    def get(self, topic: Topic, namespace: str | None, name: str) -> dict[str, Any] | None:
        with self._lock:
            return self._objects.get(topic, {}).get((namespace or "", name))

    def errors(self) -> dict[Topic, KubeError | InputError]:
        """Topics that cannot be read at all: no right, no such kind."""
        with self._lock:
            return dict(self._errors)

    def silent(self) -> tuple[float, str] | None:
        """(seconds, error text) of the topic that could not be read for the longest time, None when all go well."""
        with self._lock:
            oldest = min(self._trouble.values(), default=None)
        return (self._clock() - oldest[0], oldest[1]) if oldest else None

    def end(self) -> None:
        """Stops the threads and cuts their connections; returns at once, or after a second where one is still connecting (it ends by itself)."""
        self._ending.set()
        with self._lock:
            watches = list(self._watches.values())
        for watch in watches:
            watch.close()
        end = self._clock() + 1.0
        for thread in self._threads.values():
            thread.join(timeout=max(end - self._clock(), 0.01))

    def _run(self, topic: Topic) -> None:
        pause = 0.2
        while not self._ending.is_set():
            try:
                version = self._list(topic)
                pause = 0.2
                self._watch(topic, version)
                continue
            except _FINAL as error:
                with self._lock:
                    self._errors[topic] = error
                self.changed.set()
                return
            except KubeError as error:
                # Too old is no trouble: the list is new again in a moment.
                if error.status != 410:
                    with self._lock:
                        self._trouble.setdefault(topic, (self._clock(), error.what))
            except Exception as error:  # a thread must not die unseen: its topic would never change again
                with self._lock:
                    self._trouble.setdefault(topic, (self._clock(), f"unexpected answer ({type(error).__name__})"))
            self.changed.set()
            self._ending.wait(pause * random.uniform(0.7, 1.3))
            pause = min(pause * 2, _SLOWEST)

    def _list(self, topic: Topic) -> str:
        items, version = self._kube.list_with_version(topic.api_version, topic.kind, topic.namespace, field_selector=topic.field_selector)
        with self._lock:
            self._objects[topic] = {_key(item): item for item in items}
            self._trouble.pop(topic, None)
        self.changed.set()
        return version

    def _watch(self, topic: Topic, version: str) -> None:
        """Follows a list for as long as it goes well; a watch that the server ends in order is begun again where it ended."""
        while not self._ending.is_set():
            started, count = self._clock(), 0
            watch = self._kube.watch(
                topic.api_version, topic.kind, topic.namespace, version, field_selector=topic.field_selector, timeout=_WATCH_SECONDS)
            with self._lock:
                self._watches[topic] = watch
            if self._ending.is_set():
                watch.close()
            for kind, obj in watch:
                count += 1
                version = str(_shape.dig(obj, "metadata", "resourceVersion") or version)
                if kind == "BOOKMARK":
                    continue
                with self._lock:
                    if kind == "DELETED":
                        self._objects[topic].pop(_key(obj), None)
                    else:
                        self._objects[topic][_key(obj)] = obj
                self.changed.set()
            if not count and self._clock() - started < 1.0 and not self._ending.is_set():
                # A server that hangs up at once is one that is going down; do not race with it.
                raise ConnectionFailed("The API server ends each watch at once", where=self._kube.server, todo="run the task again")


def _key(obj: dict[str, Any]) -> tuple[str, str]:
    return str(_shape.dig(obj, "metadata", "namespace") or ""), _shape.name(obj)
