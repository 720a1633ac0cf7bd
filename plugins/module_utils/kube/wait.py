# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waiting until objects are ready: watches instead of polling, words instead of dots, an early end where waiting makes no sense."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..context import Context
from ..errors import Interrupted
from . import _owners, _report, _shape, readiness, troubles
from ._mirror import Mirrors, Topic
from ._wanted import Wanted, built_in, collect, probed
from .readiness import State

_LOOK_SECONDS = 0.5  # how soon ctx.stopping is seen; no request belongs to it
_SETTLE_SECONDS = 0.05  # changes come in swarms
_SPEAK_SECONDS = 3.0
_MISSING_SECONDS = 30.0
_FAILED_AFTER: Mapping[str, float] = {"Stalled": 15.0}
_CHECK_SECONDS = 1.0
_EXPLAIN_SECONDS = 3.0
_STAY_SECONDS = 2.0


@dataclass(frozen=True)
class Waited:
    """seconds it took; states: one {"object", "ready", "reason", "summary"} per object, in the given order."""

    seconds: float
    states: list[dict[str, Any]] = field(default_factory=list)


def wait_ready(
    kube: Any, objects: Iterable[Mapping[str, Any]], namespace: str, timeout: float, ctx: Context, heartbeat: float = 30.0,
    check: Callable[[list[dict[str, Any]]], str | None] | None = None, name: str = "",
) -> Waited:
    """Returns when all objects are ready; objects hold at least apiVersion, kind, metadata.name or name, and perhaps a namespace.

    check: called with the live objects once all are ready; returns what is still missing as a short text, None when nothing is.
    name: stands at the beginning of the progress lines. timeout, heartbeat: seconds.
    Raises WaitError (details.problems: object, reason, message, container, log) at a trouble's threshold or at the time-out, Forbidden or
    NotFound when an object's kind cannot be read, Interrupted when ctx.stopping is set. A cut connection, a restart of the API server or an
    old version only delays what is seen: the time-out holds whatever the network does.
    """
    waiting = _Waiting(kube, objects, namespace, ctx, name)
    try:
        return waiting.run(timeout, heartbeat, check)
    finally:
        waiting.mirrors.end()


class _Waiting:
    """One wait: what is wanted, what was seen since when, what was said."""

    def __init__(self, kube: Any, objects: Iterable[Mapping[str, Any]], namespace: str, ctx: Context, name: str) -> None:
        self.kube, self.ctx, self.namespace = kube, ctx, namespace
        self.mirrors = Mirrors(kube, ctx.clock)
        self.wanted = collect(kube, objects, namespace)
        self.name = name or next((each.name for each in self.wanted), namespace)
        self.helpers: list[Topic] = []
        self.helpers_since = 0.0
        self.ready_since: float | None = None
        self.first_seen: dict[Any, float] = {}
        self.once_ready: set[Wanted] = set()
        self.said, self.said_at = "", float("-inf")

    def run(self, timeout: float, heartbeat: float, check: Callable[..., str | None] | None) -> Waited:
        clock = self.ctx.clock
        start = clock()
        end = start + max(timeout, 0.0)
        self.said_at = start
        for topic in dict.fromkeys(each.topic for each in self.wanted if each.topic):
            self.mirrors.follow(topic)
        next_check, missing = start, None
        while True:
            self.mirrors.changed.clear()
            if self.ctx.stopping.is_set():
                raise Interrupted("the run was stopped while it waited")
            states = self.states()
            found: list[troubles.Trouble] = []
            if all(state.ready for state in states.values()):
                settled = self.settled()
                if settled > clock():
                    missing, next_check = "it to stay ready", settled
                elif clock() >= next_check:
                    missing = check([live for live in map(self.live, self.wanted) if live is not None]) if check is not None else None
                    next_check = clock() + _CHECK_SECONDS
                if not missing:
                    return Waited(round(clock() - start, 3), self.listed(states))
            else:
                self.ready_since, missing = None, None
                if self.loaded():
                    found = self.troubles(states)
                    self.follow_helpers()
            seconds = clock() - start
            fatal, next_fatal = self.judge(found)
            if clock() >= end or (fatal and self.explained()):
                rest = [trouble for trouble in found if trouble not in fatal]
                raise _report.failure(
                    self.kube, self.name, seconds, self.progress(states), fatal + rest, self.listed(states), self.unreadable(), missing,
                    early=bool(fatal), silent=self.mirrors.silent() is not None)
            self.speak(states, found, missing, seconds, heartbeat)
            self.pause(min(end, next_fatal, next_check if missing else end))

    # Seeing ------------------------------------------------------------------------------------------------------------------------

    def settled(self) -> float:
        """The time from which readiness is believed: a container without a readiness probe is ready the moment it runs, and may crash in the next.

        What was ready at first sight is believed at once.
        """
        now = self.ctx.clock()
        if self.ready_since is None:
            self.ready_since = now
        if not self.helpers or all(map(probed, filter(None, map(self.live, self.wanted)))):
            return now
        return self.ready_since + _STAY_SECONDS

    def loaded(self) -> bool:
        topics = [each.topic for each in self.wanted if each.topic]
        errors = self.mirrors.errors()
        for topic in topics:
            if topic in errors:
                raise errors[topic]
        return all(self.mirrors.loaded(topic) for topic in topics)

    def live(self, wanted: Wanted) -> dict[str, Any] | None:
        return self.mirrors.get(wanted.topic, wanted.namespace, wanted.name) if wanted.topic else None

    def states(self) -> dict[Wanted, State]:
        return {wanted: self.state(wanted) for wanted in self.wanted}

    def state(self, wanted: Wanted) -> State:
        if wanted.topic is None:
            return State(True)
        error = self.mirrors.errors().get(wanted.topic)
        if error is not None:
            raise error
        if not self.mirrors.loaded(wanted.topic):
            return State(False, reason="NotRead", summary="waiting for the API server")
        live = self.live(wanted)
        if live is None:
            # A finished Job may clean itself up.
            if wanted in self.once_ready and wanted.kind == "Job":
                return State(True, reason="Complete", summary="completed")
            return State(False, reason="Missing", summary="does not exist")
        state = readiness.state(live, wanted.kind == "PersistentVolumeClaim" and self.first_consumer(live))
        if state.ready:
            self.once_ready.add(wanted)
        return state

    def first_consumer(self, claim: Mapping[str, Any]) -> bool:
        topic = Topic("v1", "Event", str(_shape.dig(claim, "metadata", "namespace") or self.namespace))
        return any(
            _shape.dig(event, "involvedObject", "uid") == _shape.uid(claim) and event.get("reason") == "WaitForFirstConsumer"
            for event in self.mirrors.objects(topic))

    def follow_helpers(self) -> None:
        """Pods, claims and events are read only when something is not ready at first sight."""
        if self.helpers:
            return
        custom = any(each.topic and not built_in(each.api_version) for each in self.wanted)
        kinds = [("v1", "Pod"), ("v1", "PersistentVolumeClaim"), ("v1", "Event"), *_owners.between({each.kind for each in self.wanted}, custom)]
        places = {each.namespace for each in self.wanted if each.namespace} or {self.namespace}
        self.helpers = [Topic(api_version, kind, place) for place in sorted(places) for api_version, kind in kinds]
        self.helpers_since = self.ctx.clock()
        for topic in self.helpers:
            self.mirrors.follow(topic)

    def explained(self) -> bool:
        """True when pods and events were read, or will not be: a failure should be able to say why."""
        errors = self.mirrors.errors()
        return self.ctx.clock() - self.helpers_since > _EXPLAIN_SECONDS or all(topic in errors or self.mirrors.loaded(topic) for topic in self.helpers)

    def unreadable(self) -> list[str]:
        errors = self.mirrors.errors()
        return sorted(topic.kind for topic in self.helpers if topic in errors)

    def family(self) -> _owners.Family:
        copies: dict[str, list[dict[str, Any]]] = {}
        for topic in self.helpers:
            copies.setdefault(topic.kind, []).extend(self.mirrors.objects(topic))
        roots = [live for live in map(self.live, self.wanted) if live is not None]
        middles = [obj for _api, kind in _owners.BETWEEN for obj in copies.get(kind, [])]
        return _owners.family(
            roots, middles, copies.get("Pod", []), copies.get("PersistentVolumeClaim", []), copies.get("Event", []),
            [each.name for each in self.wanted if each.topic and not built_in(each.api_version)])

    def troubles(self, states: Mapping[Wanted, State]) -> list[troubles.Trouble]:
        family = self.family()
        by_kind: dict[str, list[Mapping[str, Any]]] = {}
        for owner in family.owners:
            by_kind.setdefault(str(owner.get("kind")), []).append(owner)
        found = troubles.find(
            family.pods, family.events, family.claims, by_kind.get("ReplicaSet", []), by_kind.get("StatefulSet", []),
            datetime.datetime.now(datetime.timezone.utc), by_kind.get("Job", []) + by_kind.get("DaemonSet", []))
        known = {trouble.object for trouble in found}
        for wanted, state in states.items():
            if wanted.shown not in known and (state.failed or state.reason == "Missing"):
                after = _FAILED_AFTER.get(state.reason, 0.0) if state.failed else _MISSING_SECONDS
                found.append(troubles.Trouble(wanted.shown, state.reason, state.summary, fatal_after=after, uid=_shape.uid(self.live(wanted))))
        return found

    def judge(self, found: list[troubles.Trouble]) -> tuple[list[troubles.Trouble], float]:
        """(troubles past their threshold, when the next one will be), by our own clock from when we first saw each."""
        now = self.ctx.clock()
        keys = {trouble.key for trouble in found}
        self.first_seen = {key: self.first_seen[key] for key in self.first_seen if key in keys}
        fatal, soonest = [], float("inf")
        for trouble in found:
            since = self.first_seen.setdefault(trouble.key, now)
            if trouble.fatal_after is None:
                continue
            if now - since >= trouble.fatal_after:
                fatal.append(trouble)
            else:
                soonest = min(soonest, since + trouble.fatal_after)
        return fatal, soonest

    # Saying ------------------------------------------------------------------------------------------------------------------------

    def listed(self, states: Mapping[Wanted, State]) -> list[dict[str, Any]]:
        return [{"object": wanted.shown, "ready": state.ready, "reason": state.reason, "summary": state.summary} for wanted, state in states.items()]

    def progress(self, states: Mapping[Wanted, State]) -> str:
        """``2/3 ready``: pods of the workloads, or objects where there are no workloads."""
        counts = [readiness.desired(live) for live in map(self.live, self.wanted) if live is not None]
        ready, wanted = sum(count[0] for count in counts), sum(count[1] for count in counts)
        if not wanted:
            ready, wanted = sum(state.ready for state in states.values()), len(states)
        return f"{ready}/{wanted} ready"

    def speak(self, states: Mapping[Wanted, State], found: list[troubles.Trouble], missing: str | None, seconds: float, heartbeat: float) -> None:
        """A line when something changed (at most one in three seconds), and a sign of life every ``heartbeat`` seconds."""
        silent = self.mirrors.silent()
        if silent is not None and silent[0] > 2.0:
            blocks = f"the API server ({silent[1]})"
        else:
            blocks = _report.blocking(found, [(wanted.shown, state.summary) for wanted, state in states.items() if not state.ready], missing)
        text = f"{self.progress(states)}|{blocks}"
        now = self.ctx.clock()
        if now - self.said_at >= heartbeat or (text != self.said and now - self.said_at >= _SPEAK_SECONDS):
            self.said, self.said_at = text, now
            self.ctx.progress(f"{self.name}  {self.progress(states)}  {_report.span(seconds)}  waiting: {blocks}")

    def pause(self, until: float) -> None:
        left = min(until - self.ctx.clock(), _LOOK_SECONDS)
        if left > 0 and self.mirrors.changed.wait(left):
            self.ctx.stopping.wait(min(_SETTLE_SECONDS, max(until - self.ctx.clock(), 0.0)))
