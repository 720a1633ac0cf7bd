# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that needs a real cluster, with the built collection, in each lane.

A lane is an ansible-core, a Python, a way to run (modules or in-process) and a Helm: see LANES. For each, the collection is built and installed
into build/integration/LANE, the targets are run by ansible-playbook, then the pytest files. One line for each, its output in build/logs/integration.

    tests/integration/run                                      all lanes this machine can run
    tests/integration/run --lane lane-latest --no-pytest       the targets of one lane
    tests/integration/run --target acmp_instance               one target in all lanes
    tests/integration/run --tests test_kill.py -- -k change    one pytest file, further arguments go to pytest

The cluster is $ACMP_KUBECONFIG, else one started by tests/cluster (and ended, unless ACMP_KEEP_CLUSTER is set). $ACMP_SECOND_KUBECONFIG is another one, which
tests register with the platform; without it one is started as well.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOGS = ROOT / "build" / "logs" / "integration"
CLUSTER = ROOT / "tests" / "cluster" / "cluster"
# Of this run alone: another run would take it away.
SECOND = f"second-{os.getpid()}"
# The one that takes the platform away again comes first.
TARGETS = tuple(sorted((path.parent.parent.name for path in (HERE / "targets").glob("acmp_*/tasks/main.yml")), key=lambda name: (name != "acmp_setup", name)))
# They look at, or write, the same records of clusters.
CHAIN = ("acmp_cluster", "acmp_cluster_info", "acmp_tick", "acmp_resource_report")
PROCESSES: set[subprocess.Popen] = set()
SECOND_TARGETS = {"acmp_cluster", "acmp_cluster_info"}
TAIL = 30


@dataclass(frozen=True)
class Lane:
    name: str
    in_process: bool
    helm: str


LANES = {
    "lane-2.18": Lane("lane-2.18", in_process=False, helm="3"),
    "lane-2.19": Lane("lane-2.19", in_process=True, helm="4"),
    "lane-latest": Lane("lane-latest", in_process=True, helm="4"),
}


class Failed(Exception):
    """A sentence for the reader."""


class Report:
    """One line for each part, the end of its output where it failed."""

    def __init__(self) -> None:
        self.passed = self.failed = self.skipped = 0
        self.faults: list[str] = []

    def line(self, lane: str, part: str, seconds: float, word: str, note: str = "") -> None:
        print(f"{lane:12} {part:34} {seconds:6.1f} s  {word}{'  ' + note if note else ''}", flush=True)

    def add(self, lane: str, part: str, seconds: float, ok: bool, log: Path, note: str = "") -> None:
        self.passed, self.failed = self.passed + ok, self.failed + (not ok)
        self.line(lane, part, seconds, "ok" if ok else "FAILED", note if ok else f"see {log.relative_to(ROOT)}")
        if not ok:
            self.faults.append(f"{lane} {part}")

    def reasons(self, log: Path) -> None:
        """The lines that say why, kept for the end, which is all that many viewers show."""
        text = log.read_text(errors="replace")
        found = re.findall(r"^(?:fatal: |\[ERROR\]: |FAILED |ERROR )(.+)$", text, re.M) or [line for line in text.splitlines() if line.strip()][-3:]
        self.faults += [f"  {line[:300]}" for line in found[:8]]

    def tail(self, log: Path) -> None:
        for text in log.read_text(errors="replace").splitlines()[-TAIL:]:
            print(f"    {text[:400]}", flush=True)


def run(arguments: list[str]) -> int:
    options = _options(arguments)
    began = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    report = Report()
    with contextlib.ExitStack() as stack:
        kubeconfig = stack.enter_context(_cluster(report))
        second = stack.enter_context(_second_cluster(report, options))
        lanes = options.lane or _lanes()
        was_there = _platform(LANES[lanes[0]], kubeconfig)
        for name in lanes:
            lane = LANES[name]
            if options.helm:
                lane = Lane(lane.name, lane.in_process, options.helm)
            if options.mode:
                lane = Lane(lane.name, options.mode == "in-process", lane.helm)
            # What does not depend on Ansible is the same in all lanes.
            rooms = name == lanes[-1] or bool(options.tests) or options.everything
            _lane(lane, kubeconfig, second, options, report, rooms)
        # A second cluster of somebody else stays registered where he has the platform.
        ours = bool(second) and not os.environ.get("ACMP_SECOND_KUBECONFIG")
        if ours or not was_there:
            _leave(LANES[lanes[-1]], kubeconfig, not was_there, report)
    for fault in report.faults:
        print(f"failed: {fault}")
    skipped = f", {report.skipped} skipped" if report.skipped else ""
    print(f"{report.passed} passed, {report.failed} failed{skipped} in {time.monotonic() - began:.0f} s")
    return 1 if report.failed or not report.passed else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    own, _dashes, more = (arguments, "", []) if "--" not in arguments else (
        arguments[:arguments.index("--")], "--", arguments[arguments.index("--") + 1:])
    parser = argparse.ArgumentParser(prog="tests/integration/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lane", action="append", choices=sorted(LANES), help="only this lane (may be repeated)")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this target, and no pytest file unless --tests names one")
    parser.add_argument("--tests", action="append", metavar="FILE", help="only this pytest file or folder, and no target unless --target names one")
    parser.add_argument("--helm", choices=["3", "4"], help="this Helm instead of the lane's own")
    parser.add_argument("--mode", choices=["modules", "in-process"], help="this way instead of the lane's own")
    parser.add_argument("--everything", action="store_true", help="also in older lanes what is the same in all of them")
    parser.add_argument("--no-pytest", action="store_true")
    parser.add_argument("--no-targets", action="store_true")
    options = parser.parse_args(own)
    options.more = more
    options.targets = options.target or ([] if options.tests or options.no_targets else list(TARGETS))
    options.files = [] if options.no_pytest else options.tests or ([] if options.target else ["."])
    return options


# Clusters ----------------------------------------------------------------------------------------------------------------------------------

@contextlib.contextmanager
def _cluster(report: Report):
    given = os.environ.get("ACMP_KUBECONFIG")
    if given:
        if not os.path.isfile(given):
            raise Failed(f"ACMP_KUBECONFIG is {given}, and there is no such file.")
        yield os.path.abspath(given)
        return
    there = _ask("status") is not None
    started = time.monotonic()
    _logged([CLUSTER, "up"], LOGS / "cluster.log", "the cluster did not start")
    report.line("", "cluster", time.monotonic() - started, "was up" if there else "up")
    try:
        yield _ask("kubeconfig")
    finally:
        if not there and not os.environ.get("ACMP_KEEP_CLUSTER"):
            subprocess.run([CLUSTER, "down"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


@contextlib.contextmanager
def _second_cluster(report: Report, options: argparse.Namespace):
    """Another cluster, or none: tests that need one are then skipped."""
    if os.environ.get("ACMP_SECOND_KUBECONFIG") or not options.files and not SECOND_TARGETS & set(options.targets):
        yield os.environ.get("ACMP_SECOND_KUBECONFIG", "")
        return
    started = time.monotonic()
    try:
        _logged([CLUSTER, "up", "--name", SECOND], LOGS / "cluster-second.log", "the second cluster did not start")
    except Failed as failure:
        print(f"{failure}\nWhat needs a second cluster is skipped.")
        yield ""
        return
    report.line("", "second cluster", time.monotonic() - started, "up")
    try:
        yield _ask("kubeconfig", "--name", SECOND)
    finally:
        subprocess.run([CLUSTER, "down", "--name", SECOND], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)


def _ask(*words: str) -> str | None:
    done = subprocess.run([CLUSTER, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def _helm(major: str) -> str:
    found = _ask("helm-path", major)
    if found:
        return found
    here = shutil.which("helm")
    if here:
        print(f"Helm {major} could not be built, so {here} is used")
        return here
    raise Failed(f"there is no Helm {major}: tests/cluster could not build it, and none is on PATH.")


# Lanes -------------------------------------------------------------------------------------------------------------------------------------

def _lanes() -> list[str]:
    done = subprocess.run([ROOT / "tests" / "tools" / "env", "--lanes"], capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.split():
        raise Failed(f"no lane can run here: {done.stderr.strip()}")
    return done.stdout.split()


def _lane(lane: Lane, kubeconfig: str, second: str, options: argparse.Namespace, report: Report, rooms: bool) -> None:
    folder = ROOT / "build" / "integration" / lane.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    logs = LOGS / lane.name
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    started = time.monotonic()
    venv = Path(_output([ROOT / "tests" / "tools" / "env", lane.name]))
    tarball = _output([ROOT / "tests" / "tools" / "build"])
    _logged([ROOT / "tests" / "tools" / "install", lane.name, folder / "collections"], logs / "install.log", "the collection could not be installed")
    helm = _helm(lane.helm)
    (folder / "helm").mkdir()
    (folder / "helm" / "helm").symlink_to(helm)
    (folder / "home").mkdir()
    way = "in-process" if lane.in_process else "modules"
    report.line(lane.name, "build and install", time.monotonic() - started, "done", f"{way}, Helm {lane.helm} ({helm})")
    foreign = r"ANSIBLE_|K8S_AUTH_|KUBECONFIG$|HELM_|PYTHONPATH$|PYTHONDONTWRITEBYTECODE$"
    settings = {key: value for key, value in os.environ.items() if not re.match(foreign, key)}
    settings |= {
        "PATH": os.pathsep.join([str(folder / "helm"), str(venv / "bin"), os.environ["PATH"]]), "ACMP_KUBECONFIG": kubeconfig, "ACMP_HELM": helm,
        "ACMP_COLLECTIONS": str(folder / "collections"), "ACMP_IN_PROCESS": str(lane.in_process).lower(), "ACMP_TARBALL": tarball, "ACMP_LOGS": str(logs),
        "ACMP_LANE": lane.name, **({"ACMP_SECOND_KUBECONFIG": second} if second else {}),
    }
    _targets(options.targets, lambda target: _target(target, lane, folder, logs, venv, settings, report))
    if options.files:
        _pytest(lane, folder, logs, venv, settings, options, report, rooms)


def _platform(lane: Lane, kubeconfig: str) -> bool:
    """Whether the cluster is a platform already."""
    python = Path(_output([ROOT / "tests" / "tools" / "env", lane.name])) / "bin" / "python"
    code = "import sys; from harness.api import Api; sys.exit(not Api(sys.argv[1]).get(sys.argv[2]))"
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/packages.operators.apusic.com"
    done = subprocess.run([python, "-c", code, kubeconfig, path], cwd=HERE, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or "Error" in done.stderr:
        raise Failed(f"the cluster of {kubeconfig} does not answer: {(done.stderr.strip() or '?').splitlines()[-1]}")
    return done.returncode == 0


def _leave(lane: Lane, kubeconfig: str, whole: bool, report: Report) -> None:
    """Takes the second cluster off the platform, and (whole) the platform from a cluster that had none before, with all that is registered.

    One that holds instances keeps it, and that is a fault of a test.
    """
    folder, log = ROOT / "build" / "integration" / lane.name, LOGS / "leave.log"
    venv = Path(_output([ROOT / "tests" / "tools" / "env", lane.name]))
    play = folder / "leave.json"
    # Namespaces of tests take their time to go, and their instances with them.
    patient = {"register": "left", "until": "left is not failed", "retries": 20, "delay": 3}
    look = {"acmp.middleware.acmp_cluster_info": {"live": False, "kubeconfig": kubeconfig}, "register": "known", "failed_when": False}
    one = {"name": "{{ item }}", "state": "absent", "unreachable": True, "confirm": "{{ item }}", "kubeconfig": kubeconfig}
    chosen = "reject('eq', 'local')" if whole else "select('eq', 'second')"
    names = "{{ known.clusters | default([]) | map(attribute='name') | " + chosen + " | list }}"
    clusters = {"acmp.middleware.acmp_cluster": one, "loop": names, **patient}
    removal = {"acmp.middleware.acmp_setup": {"state": "absent", "confirm": "acmp", "kubeconfig": kubeconfig}, **patient}
    play.write_text(json.dumps([{"name": "leave", "hosts": "localhost", "gather_facts": False, "tasks": [look, clusters, *([removal] if whole else [])]}]))
    more = {"ANSIBLE_COLLECTIONS_PATH": str(folder / "collections"), "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"), "ANSIBLE_LOCALHOST_WARNING": "false"}
    started = time.monotonic()
    ok = _run([venv / "bin" / "ansible-playbook", play], log, {**os.environ, **more, "PATH": f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"}, 180)
    report.add(lane.name, "leave the cluster as it was", time.monotonic() - started, ok, log)
    if not ok:
        report.tail(log)


def _targets(targets: list[str], run_one: Callable[[str], None]) -> None:
    """The first alone, those of one chain one after the other, everything else side by side."""
    if "acmp_setup" in targets:
        run_one("acmp_setup")
    rest = [target for target in targets if target != "acmp_setup"]
    chain = [target for target in rest if target in CHAIN]

    def one_by_one() -> None:
        for target in chain:
            run_one(target)

    jobs = [one_by_one, *(lambda target=target: run_one(target) for target in rest if target not in CHAIN)]
    with ThreadPoolExecutor(max_workers=int(os.environ.get("ACMP_JOBS") or 3)) as pool:
        running = [pool.submit(job) for job in jobs]
        try:
            for job in running:
                job.result()
        except BaseException:
            for job in running:
                job.cancel()
            for process in list(PROCESSES):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGTERM)
            raise


def _target(target: str, lane: Lane, folder: Path, logs: Path, venv: Path, settings: dict[str, str], report: Report) -> None:
    log = logs / f"target-{target}.log"
    play = folder / f"{target}.json"
    play.write_text(json.dumps([{
        "name": target, "hosts": "localhost", "gather_facts": False, "roles": [target],
        "vars": {"ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": "{{ ansible_playbook_python }}"},
    }]))
    variables = {
        "acmp_kubeconfig": settings["ACMP_KUBECONFIG"], "acmp_in_process": lane.in_process, "acmp_tiny": str(ROOT / "tests" / "packages" / "tiny"),
        "acmp_second_kubeconfig": settings.get("ACMP_SECOND_KUBECONFIG", ""), "acmp_scratch": str(folder), "acmp_logs": str(logs),
        "acmp_harness": str(HERE / "harness"),
    }
    more = {
        "ANSIBLE_COLLECTIONS_PATH": settings["ACMP_COLLECTIONS"], "ANSIBLE_ROLES_PATH": str(HERE / "targets"), "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home" / ".ansible"), "HOME": str(folder / "home"), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_ASYNC_DIR": str(folder / "home" / ".ansible_async"),
    }
    started = time.monotonic()
    ok = _run([venv / "bin" / "ansible-playbook", "-v", "-e", json.dumps(variables), play], log, {**settings, **more}, 900)
    report.add(lane.name, f"target {target}", time.monotonic() - started, ok, log)
    if not ok:
        report.reasons(log)
        report.tail(log)


def _pytest(lane: Lane, folder: Path, logs: Path, venv: Path, settings: dict[str, str], options: argparse.Namespace, report: Report,
            rooms: bool) -> None:
    log, results = logs / "pytest.log", folder / "pytest.xml"
    # Ansible puts sockets below TMPDIR, and the path of a socket holds 107 bytes.
    base = Path(tempfile.mkdtemp(prefix="it-"))
    # The rooms' own tests import the collection as it was installed.
    more = {"PYTHONPATH": settings["ACMP_COLLECTIONS"], "COLUMNS": "300"}
    command = [
        venv / "bin" / "python", "-m", "pytest", "-c", HERE / "pytest.ini", "--rootdir", HERE, f"--junitxml={results}", f"--basetemp={base / 'tmp'}",
        *([] if rooms else ["-m", "not once", *(f"--ignore={HERE / room}" for room in ("kube", "helm"))]),
        "-n", os.environ.get("ACMP_JOBS") or "4", "--dist", "worksteal", "-v", *[HERE / name for name in options.files], *options.more,
    ]
    ok = _run(command, log, {**settings, **more}, 7200 if os.environ.get("ACMP_KILL") == "all" else 1800)
    seconds: dict[str, float] = {}
    counts: dict[str, dict[str, int]] = {}
    for case in ElementTree.parse(results).iter("testcase") if results.exists() else []:
        name = (case.get("classname") or case.get("name") or "").replace(".", "/")
        word = "failed" if case.find("failure") is not None or case.find("error") is not None else "skipped" if case.find("skipped") is not None else "passed"
        seconds[name] = seconds.get(name, 0.0) + float(case.get("time") or 0)
        counts.setdefault(name, {})[word] = counts.setdefault(name, {}).get(word, 0) + 1
    for name, count in sorted(counts.items()):
        report.skipped += count.get("skipped", 0)
        note = ", ".join(f"{number} {word}" for word, number in sorted(count.items()))
        report.add(lane.name, name, seconds[name], not count.get("failed"), log, note)
    if ok:
        shutil.rmtree(base, ignore_errors=True)
    else:
        print(f"{lane.name:12} what the failed tests printed is in {base}")
        if not any(count.get("failed") for count in counts.values()):
            report.add(lane.name, "pytest", 0.0, False, log)
        report.reasons(log)
        report.tail(log)


# Processes ---------------------------------------------------------------------------------------------------------------------------------

def _run(command: list, log: Path, env: dict[str, str], seconds: float) -> bool:
    """A command in a session of its own, all of which is gone afterwards."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        PROCESSES.add(process)
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            out.write(f"\nnot finished after {seconds:.0f} s\n".encode())
            return False
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGTERM if process.poll() is None else signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            PROCESSES.discard(process)


def _output(command: list) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{Path(str(command[0])).relative_to(ROOT)} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _logged(command: list, log: Path, what: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        code = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    if code:
        end = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
        raise Failed(f"{what}, see {log}. The end of it:\n{end}")


if __name__ == "__main__":
    # Stopped by parts as well as by Ctrl-C: what was started is ended either way.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(143))
    try:
        sys.exit(run(sys.argv[1:]))
    except Failed as failed:
        print(f"integration: {failed}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
