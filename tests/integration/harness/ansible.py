# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-playbook as a user would, and gives back what each task returned."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .processes import kill_tree

HERE = Path(__file__).resolve().parents[1]
MODULES = tuple(sorted(path.stem for path in (HERE.parents[1] / "plugins" / "modules").glob("acmp_*.py")))
# Settings of whoever runs the tests must not decide what they find.
_FOREIGN = re.compile(r"^(ANSIBLE_|K8S_AUTH_|KUBECONFIG$|HELM_|PYTHONPATH$|PYTHONDONTWRITEBYTECODE$|ACMP_RECORD$)")


@dataclass(frozen=True)
class Result:
    task: str
    outcome: str
    data: dict

    @property
    def failed(self) -> bool:
        return self.outcome in ("failed", "unreachable")

    @property
    def changed(self) -> bool:
        return bool(self.data.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.data.get("msg", ""))

    @property
    def error(self) -> dict:
        return self.data.get("error") or {}

    def __getitem__(self, key: str) -> Any:
        return self.data[key]


@dataclass
class Run:
    """A finished ansible-playbook."""

    code: int
    output: str
    results: list[Result]
    seconds: float
    log: Path

    def __getitem__(self, number: int) -> Result:
        return self.results[number]

    @property
    def last(self) -> Result:
        return self.results[-1]

    def named(self, task: str) -> list[Result]:
        return [result for result in self.results if result.task == task]


@dataclass
class Playing:
    """A running ansible-playbook, leader of a session of its own."""

    process: subprocess.Popen
    folder: Path
    started: float
    log: Path

    def wait(self, timeout: float = 600) -> Run:
        """The finished run; whoever is still there after the time-out is ended with everything below it."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            kill_tree(self.process.pid)
            raise
        return Run(code, self.log.read_text(errors="replace"), self.results(), time.monotonic() - self.started, self.log)

    def results(self) -> list[Result]:
        record = self.folder / "record"
        lines = record.read_text().splitlines() if record.exists() else []
        return [Result(item["task"], item["outcome"], item["data"]) for item in map(json.loads, lines)]

    def interrupt(self) -> None:
        """SIGINT to the process group, as a terminal does on Ctrl-C."""
        os.killpg(self.process.pid, signal.SIGINT)


@dataclass
class Ansible:
    """The lane's ansible-playbook with the collection under test. helm: folder for PATH. in_process: which way the tasks run."""

    collections: str
    kubeconfig: str
    helm: str
    scratch: Path
    in_process: bool = True
    secrets: list[str] = field(default_factory=list)
    _number: int = 0

    def environment(self, folder: Path, env: dict[str, str | None] | None = None) -> dict[str, str]:
        base = {key: value for key, value in os.environ.items() if not _FOREIGN.match(key)}
        bin_folder = os.path.dirname(sys.executable)
        whole = {
            **base, "PATH": os.pathsep.join([self.helm, bin_folder, base.get("PATH", os.defpath)]), "K8S_AUTH_KUBECONFIG": self.kubeconfig,
            # So that a configuration nobody named is an error, and not the cluster of whoever runs this.
            "HOME": str(self.home()), "TMPDIR": str(folder / "tmp"),
            "ANSIBLE_COLLECTIONS_PATH": self.collections, "ANSIBLE_HOME": str(self.home() / ".ansible"),
            "ANSIBLE_REMOTE_TEMP": str(self.home() / ".ansible" / "tmp"), "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"), "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"), "ANSIBLE_CALLBACKS_ENABLED": "acmp_record",
            "ACMP_RECORD": str(folder / "record"), "ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_RETRY_FILES_ENABLED": "false",
            **(env or {}),
        }
        # None takes a variable away.
        return {key: value for key, value in whole.items() if value is not None}

    def home(self) -> Path:
        home = self.scratch / "home"
        home.mkdir(parents=True, exist_ok=True)
        return home

    def start(
        self, tasks: list[dict], env: dict[str, str] | None = None, variables: dict | None = None, in_process: bool | None = None,
        arguments: tuple[str, ...] = (), play: dict | None = None, tolerant: bool = True,
    ) -> Playing:
        """Starts a play of these tasks. tolerant: a failed task does not end the play."""
        folder = self._folder()
        mode = self.in_process if in_process is None else in_process
        document = {
            "name": "test", "hosts": "localhost", "gather_facts": False, "ignore_errors": tolerant,
            "vars": {
                "ansible_connection": "local", "ansible_become": False, "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "acmp_in_process": mode, **(variables or {}),
            },
            "tasks": [_fqcn(task) for task in tasks], **(play or {}),
        }
        (folder / "play.json").write_text(json.dumps([document], indent=1))
        return self.command(["ansible-playbook", "-vvv", *arguments, str(folder / "play.json")], env, folder)

    def command(self, words: list[str], env: dict[str, str] | None = None, folder: Path | None = None, cwd: str | None = None) -> Playing:
        """Starts any command of the lane with the same surroundings."""
        folder = folder or self._folder()
        log = folder / "log"
        environment = self.environment(folder, env)
        program = shutil.which(words[0], path=environment["PATH"]) or words[0]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [program, *words[1:]], cwd=cwd or folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Playing(process, folder, time.monotonic(), log)

    def play(self, *tasks: dict, timeout: float = 600, **options: Any) -> Run:
        """Runs the tasks to their end and checks what holds for every run: no traceback, no secret, no scratch left."""
        playing = self.start(list(tasks), **options)
        run = playing.wait(timeout)
        self.checked(run, playing)
        return run

    def checked(self, run: Run, playing: Playing) -> None:
        tail = "\n".join(run.output.splitlines()[-40:])
        assert "Traceback (most recent call last)" not in run.output, f"a traceback was shown, see {run.log}:\n{tail}"
        assert "A defect of acmp.middleware" not in run.output, f"a defect, see {run.log}:\n{tail}"
        assert "this is probably a bug" not in run.output, f"Ansible itself fell over, see {run.log}:\n{tail}"
        record = (playing.folder / "record").read_text() if (playing.folder / "record").exists() else ""
        for secret in self.secrets:
            assert secret not in run.output and secret not in record, f"the secret {secret[:4]}… is shown in {run.log}"
        assert not leftovers(playing.folder), f"scratch files were left: {leftovers(playing.folder)}"

    def _folder(self) -> Path:
        self.scratch.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.scratch))
        (folder / "tmp").mkdir()
        return folder


def leftovers(folder: Path) -> list[str]:
    """Scratch folders of the collection that a run left in its TMPDIR."""
    return sorted(path.name for path in (folder / "tmp").glob("acmp-*"))


def _fqcn(task: dict) -> dict:
    return {f"acmp.middleware.{key}" if key in MODULES else key: value for key, value in task.items()}


def instance(name: str, namespace: str, **options: Any) -> dict:
    """A task about one instance of the tiny package."""
    return {"name": f"instance {namespace}/{name}", "acmp_instance": {"name": name, "namespace": namespace, **options}}
