# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a wait: progress, and the failure with all that helps to understand it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ConnectionFailed, KubeError, WaitError
from .troubles import Trouble

LOGS = 3  # containers whose log is fetched
LINES = 20
_ASSIGNED = re.compile(
    r"""(?ix)((?:[\w.-]*(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|credential)[\w.-]*)["']?\s*[:=]\s*["']?)(?!["']?\s*$)([^\s"',;&]+)""")
_IN_URL = re.compile(r"(?i)(\w+://[^\s:/@]*:)([^\s@/]+)(@)")


def span(seconds: float) -> str:
    """``45s``, ``1m10s``, ``2h05m``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"


def scrub(line: str) -> str:
    """A log line without what looks like a password: registered secrets are masked before, this meets those nobody registered."""
    return _IN_URL.sub(r"\1********\3", _ASSIGNED.sub(r"\1********", line))


def blocking(found: Iterable[Trouble], unready: Iterable[tuple[str, str]], missing: str | None) -> str:
    """What a progress line says: the troubles first, else the objects that are not ready; at most two of them."""
    parts = [trouble.short for trouble in found] or [f"{shown} ({summary})" if summary else shown for shown, summary in unready] or [missing or "nothing"]
    parts = [part if len(part) <= 160 else part[:157] + "..." for part in parts]
    return ", ".join(parts[:2]) + (f" and {len(parts) - 2} more" if len(parts) > 2 else "")


def failure(
    kube: Any, name: str, seconds: float, progress: str, found: list[Trouble], states: list[Mapping[str, Any]], unreadable: list[str],
    missing: str | None, early: bool, silent: bool,
) -> WaitError:
    """The error of a wait that ended early or at its time-out; fetches the last log lines of crashing containers (of 3 at most).

    silent: the API server does not answer, so it is not asked for logs either.
    """
    problems = []
    fetched = LOGS if silent else 0
    for trouble in found:
        problem: dict[str, Any] = {"object": trouble.object, "reason": trouble.reason, "message": scrub(trouble.message)}
        if trouble.container:
            problem["container"] = trouble.container
        if trouble.crashed and fetched < LOGS:
            fetched += 1
            problem["log"] = _log(kube, trouble)
        problems.append(problem)
    unready = [f"{state['object']} ({state['summary']})" for state in states if not state["ready"]]
    if problems:
        first = f"{problems[0]['object']}: {problems[0]['message']}"
    elif silent:
        first = "the API server does not answer"
    else:
        first = missing or ", ".join(unready[:3]) or "unknown"
    when = f"{span(seconds)}" if early else f"the time-out of {span(seconds)}"
    details: dict[str, Any] = {"problems": problems, "states": states, "seconds": round(seconds, 1), "timedOut": not early}
    if unreadable:
        details["notRead"] = unreadable
    return WaitError(f"{name} is not ready after {when} ({progress}): {scrub(first)}", where=kube.server, todo=_todo(problems, early), details=details)


def _log(kube: Any, trouble: Trouble) -> list[str]:
    pod, namespace = trouble.object.partition(" ")[2], trouble.namespace
    for previous in (False, True):
        try:
            text = kube.logs(pod, namespace, trouble.container or None, tail=LINES, previous=previous)
        except ConnectionFailed as error:
            return [f"(no log: {error.what})"]
        except KubeError as error:
            if previous:
                return [f"(no log: {error.what})"]
            continue
        if text.strip():
            return [scrub(line)[:500] for line in text.splitlines()[-LINES:]]
    return []


_TODO = {
    "InvalidImageName": "correct the image's name", "ImagePullBackOff": "check the image's name, the registry and its pull secret",
    "CrashLoopBackOff": "read the log in error.details.problems", "OOMKilled": "raise the memory limit",
    "Quota": "ask for less, or ask a manager for more quota", "Forbidden": "ask a manager what the namespace's rules allow",
    "NoStorageClass": "name a storage class the cluster has", "Unschedulable": "ask for less, or for more nodes",
    "CreateContainerConfigError": "create the ConfigMap or Secret it names", "JobFailed": "read the log of the job's pod",
    "FailedMount": "create what the volume names",
}


def _todo(problems: list[dict[str, Any]], early: bool) -> str:
    for problem in problems:
        if problem["reason"] in _TODO:
            return _TODO[problem["reason"]]
    return "look at error.details" + ("" if early else ", or give it more time with wait_timeout")
