# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run commands side by side and tell the reader one line about each."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path

from common import ROOT, locked, say, tail

STILL_RUNNING = 60
SHOWN_ON_FAILURE = 40
SHOWN_AT_THE_END = 15
WIDE = 240


# What a person has set for their own clusters and playbooks must not decide a test.
PERSONAL = ("ANSIBLE_", "K8S_AUTH_", "KUBECONFIG", "HELM_", "MOLECULE_", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def surroundings() -> dict:
    return {key: value for key, value in os.environ.items() if not key.startswith(PERSONAL)}


@dataclass(frozen=True)
class Part:
    name: str
    command: tuple
    note: str = ""  # a pattern; its last match in the output is shown beside the result
    fault: str = ""  # a pattern of the lines to show on failure, where the end of the output is not the interesting part
    envs: tuple = ()
    hours: float = 0.25  # after these the part is stopped and has failed


@dataclass(frozen=True)
class Result:
    part: Part
    seconds: float
    cpu: float  # what it really cost, however busy the machine was
    code: int | None  # None: stopped because it took too long
    note: str
    log: Path

    @property
    def word(self) -> str:
        return "ok" if self.code == 0 else "too long" if self.code is None else "FAILED"


class Runner:
    def __init__(self, logs: Path, jobs: int):
        self.logs, self.jobs = logs, jobs
        self.results: list = []
        self._running: dict = {}
        self._printing = threading.Lock()
        self._stopped = False
        self._began = time.monotonic()
        logs.mkdir(parents=True, exist_ok=True)

    def run(self, parts: list, settings: dict | None = None) -> None:
        """Come back when all have ended, well or not; one failure does not hide what the others have to say."""
        with ThreadPoolExecutor(max_workers=self.jobs) as pool:
            waiting = {pool.submit(self._one, part, settings or {}) for part in parts}
            try:
                while waiting:
                    done, waiting = wait(waiting, timeout=STILL_RUNNING, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
                    if not done:
                        self._say("          still running: " + ", ".join(sorted(self._running)))
            except BaseException:
                self._stopped = True
                for process in list(self._running.values()):
                    _kill(process)
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def missed(self, parts: list, why: Exception) -> None:
        """Parts that could not begin have not passed."""
        self._say(f"          {why}")
        for part in parts:
            if part.name not in {result.part.name for result in self.results}:
                self.results.append(Result(part, 0.0, 0.0, 1, "not begun", self.logs / "cluster.log"))

    def _one(self, part: Part, settings: dict) -> None:
        if self._stopped:
            return
        log = self.logs / f"{part.name}.log"
        with locked(self.logs / f".{part.name}.lock", f"the part {part.name}"):
            started = time.monotonic()
            code, cpu = self._process(part, settings, log)
            result = Result(part, time.monotonic() - started, cpu, code, _note(part, log), log)
        if not self._stopped:
            self.results.append(result)
            self._report(result)

    def _process(self, part: Part, settings: dict, log: Path) -> tuple:
        with log.open("wb") as out:
            try:
                # A session of its own: whatever a part has started can be stopped with it.
                process = subprocess.Popen(
                    part.command, cwd=ROOT, env={**surroundings(), **settings}, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                out.write(f"{part.command[0]} cannot be started: {error}\n".encode())
                return 127, 0.0
            self._running[part.name] = process
            try:
                return _wait(process, part.hours * 3600)
            except subprocess.TimeoutExpired:
                _kill(process)
                return None, 0.0
            finally:
                self._running.pop(part.name, None)

    def _report(self, result: Result) -> None:
        text = f"{result.seconds:7.1f} s  {result.part.name:16} {result.word:8} {result.note}".rstrip()
        if result.code != 0:
            lines = _faults(result, SHOWN_ON_FAILURE)
            if lines:
                title, shown = "the faults in", "\n".join(lines)
            else:
                title, shown = "the end of", tail(result.log, SHOWN_ON_FAILURE)
            text += f"\n{'-' * 10} {title} {result.log}\n{shown}\n{'-' * 10}"
        self._say(text)

    def _say(self, text: str) -> None:
        with self._printing:
            say(text)

    def table(self) -> None:
        """The same lines again, in the order of their names, after everything that scrolled by."""
        if len(self.results) < 2:
            return
        print(f"\n{'seconds':>9} {'cpu':>7}  {'part':16} {'result':8}")
        for result in sorted(self.results, key=lambda item: item.part.name):
            print(f"{result.seconds:9.1f} {result.cpu:7.1f}  {result.part.name:16} {result.word:8} {result.note}".rstrip())
        failed = [result for result in self.results if result.code != 0]
        cpu = sum(result.cpu for result in self.results)
        print(f"{time.monotonic() - self._began:9.1f} {cpu:7.1f}  all together: {len(self.results) - len(failed)} passed, {len(failed)} failed")
        for result in failed:
            # Many viewers show the end of a log only.
            print("\n".join([f"  {result.part.name}: the whole output is in {result.log}", *_faults(result, SHOWN_AT_THE_END)]))

    def all_ok(self) -> bool:
        return bool(self.results) and all(result.code == 0 for result in self.results)


def _faults(result: Result, most: int) -> list:
    """The lines of a part's output that its pattern calls faults, indented."""
    if not result.part.fault or not result.log.exists():
        return []
    lines = [f"    {line[:WIDE]}" for line in result.log.read_text(errors="replace").splitlines() if re.search(result.part.fault, line)]
    return lines[:most] + ([f"    ... and {len(lines) - most} more"] if len(lines) > most else [])


def _note(part: Part, log: Path) -> str:
    if not part.note:
        return ""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    found = re.findall(part.note, text, re.M)
    if not found:
        return ""
    last = found[-1] if isinstance(found[-1], str) else next(filter(None, found[-1]), "")
    return last.strip()[:100]


def _wait(process: subprocess.Popen, seconds: float) -> tuple:
    """The exit code and the processor seconds of a process and its children."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        # Not process.wait(): that one throws the account away.
        try:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        except ChildProcessError:
            # Stopped, and reaped by who stopped it.
            return process.poll(), 0.0
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage.ru_utime + usage.ru_stime
        time.sleep(0.05)
    raise subprocess.TimeoutExpired(process.args, seconds)


def _kill(process: subprocess.Popen) -> None:
    """Ask, insist, end: for the part and all it has started, since a shell's background jobs do not hear an interrupt."""
    for number, patience in ((signal.SIGINT, 10), (signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            process.poll()  # reaps it, or its group would seem to live on
            try:
                os.killpg(process.pid, 0)
            except (ProcessLookupError, PermissionError):
                return
            # What has lost its parent cannot ask for time to clean up; the part itself can.
            if process.returncode is not None and number != signal.SIGKILL:
                break
            time.sleep(0.05)
