# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes: each is recorded by id and start time, and only ever ended by these."""

import json
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

from .errors import ClusterError, tail
from .paths import write

BOOT = Path("/proc/sys/kernel/random/boot_id")


def run(argv, what, stdin=None, env=None, cwd=None, timeout=600):
    """Run a command to its end and return its output; `what` begins the error's sentence."""
    if not shutil.which(argv[0]):
        raise ClusterError(f"{what}: the program {argv[0]} is missing; `cluster up` installs what it needs as root on Debian")
    try:
        done = subprocess.run(argv, input=stdin, env=env, cwd=cwd, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    except subprocess.TimeoutExpired as exc:
        raise ClusterError(f"{what}: `{' '.join(map(str, argv[:4]))}` did not end within {timeout} s") from exc
    if done.returncode:
        raise ClusterError(f"{what}: `{' '.join(map(str, argv[:6]))}` ended with code {done.returncode}", done.stderr or done.stdout)
    return done.stdout


def start_time(pid):
    """Kernel ticks at which the process began, or None when it does not live (a zombie does not)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


class Processes:
    """The processes of one cluster."""

    def __init__(self, cluster, join_file=None):
        self.cluster = cluster
        self.folder = cluster.home / "processes"
        self.join_file = join_file
        self._lock = threading.Lock()

    def names(self):
        return sorted(each.stem for each in self.folder.glob("*.json")) if self.folder.is_dir() else []

    def record(self, name):
        """What was recorded of a process that still lives, or None."""
        try:
            data = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        alive = data["boot"] == BOOT.read_text(encoding="utf-8").strip() and start_time(data["pid"]) == data["start"]
        return data if alive else None

    def ensure(self, name, argv, env=None):
        """Start it unless it runs with these very arguments; returns True when it was started."""
        argv = [str(word) for word in argv]
        current = self.record(name)
        if current:
            if current["argv"] == argv:
                return False
            self.stop([name])
        self._start(name, argv, env)
        return True

    def _start(self, name, argv, env):
        # The shell joins the cluster's group and then becomes the process: the id stays the same, and no child can slip out.
        entered = ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.join_file), "nsenter", f"--net={self.cluster.run}/ns/net"]
        entered += [f"--mount={self.cluster.run}/ns/mnt", "--", *argv]
        self.cluster.logs.mkdir(parents=True, exist_ok=True)
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.cluster.home), **(env or {})}
        with open(self.cluster.log(name), "ab") as log:
            child = subprocess.Popen(  # pylint: disable=consider-using-with
                entered, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/", start_new_session=True, close_fds=True)
        with self._lock:
            data = {"pid": child.pid, "start": start_time(child.pid), "boot": BOOT.read_text(encoding="utf-8").strip(), "argv": argv}
            write(self.folder / f"{name}.json", json.dumps(data) + "\n", 0o600)

    def check(self, name):
        """Raise when the process has ended; used while waiting for what it should do."""
        if not self.record(name):
            path = self.cluster.log(name)
            raise ClusterError(f"{name} of cluster {self.cluster.name} ended; see {path}, then run `cluster up` again", tail(path))

    def stop(self, names, timeout=30):
        """SIGTERM, then SIGKILL; returns when they are really gone, because a port is free only then."""
        handles = {}
        for name in names:
            data = self.record(name)
            if not data:
                continue
            try:
                handle = os.pidfd_open(data["pid"])
            except OSError:
                continue
            if start_time(data["pid"]) == data["start"]:
                handles[name] = (handle, data)
                signal.pidfd_send_signal(handle, signal.SIGTERM)
            else:
                os.close(handle)
        deadline = time.monotonic() + timeout
        for handle, data in handles.values():
            while start_time(data["pid"]) == data["start"]:
                if time.monotonic() > deadline:
                    try:
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
                    except OSError:
                        break
                time.sleep(0.02)
            os.close(handle)
        for name in names:
            (self.folder / f"{name}.json").unlink(missing_ok=True)


def raise_limits():
    """Children inherit the limit on open files: a node's programs and its containers need more than a shell's 1024."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = 1048576 if hard == resource.RLIM_INFINITY else min(hard, 1048576)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def wait_for(condition, what, timeout, interval=0.05, watch=()):
    """Wait until `condition()` is true. `watch` are calls that raise when waiting has become pointless."""
    deadline = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        for call in watch:
            call()
        if time.monotonic() > deadline:
            raise ClusterError(f"{what} did not happen within {timeout} s")
        time.sleep(interval)
