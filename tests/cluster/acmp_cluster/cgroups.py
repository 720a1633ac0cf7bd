# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control groups: the kernel's own account of who belongs to a cluster.

Everything we start, and everything that starts in turn (shims, containers), stays below one group per cluster. So the end
of a cluster is certain even after a crash, without ever looking for processes by name.
"""

import os
import signal
import time
from pathlib import Path

from .errors import ClusterError

V2_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "hugetlb", "pids")


def mounts(every=False):
    """(mount point, version) of each hierarchy of control groups.

    Where both versions are there, the kubelet uses version 1; but runc makes its groups in all of them, so that looking
    and removing needs `every` one.
    """
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as handle:
        for line in handle:
            left, _dash, right = line.partition(" - ")
            kind = right.split()[0]
            if kind in ("cgroup", "cgroup2"):
                found.append((Path(left.split()[4]), 1 if kind == "cgroup" else 2))
    first = [item for item in found if item[1] == 1]
    if not found:
        raise ClusterError("no control groups are mounted at /sys/fs/cgroup; mount them (a normal Debian does) and run `cluster up` again")
    return found if every or not first else first


def _folder(mount, cluster):
    return mount / cluster.cgroup.lstrip("/")


def create(cluster):
    """Make the cluster's group in each hierarchy and return the file a process writes its id to in order to join."""
    join = None
    for mount, version in mounts():
        folder = _folder(mount, cluster)
        steps = [mount / "acmp-cluster", folder]
        try:
            for step in steps:
                if version == 2:
                    _enable(step.parent)
                step.mkdir(exist_ok=True)
                for name in ("cpuset.cpus", "cpuset.mems"):
                    # A version 1 cpuset begins empty, and an empty one takes no process.
                    if version == 1 and (step / name).exists() and not (step / name).read_text().strip():
                        (step / name).write_text((step.parent / name).read_text())
            if version == 2:
                _enable(folder)
            (folder / "system").mkdir(exist_ok=True)
        except OSError as exc:
            raise ClusterError(f"cannot make the control group {folder} ({exc.strerror}); this needs root and a writable /sys/fs/cgroup") from exc
        if join is None or mount.name == "pids":
            join = folder / "system" / "cgroup.procs"
    return join


def _enable(folder):
    available = (folder / "cgroup.controllers").read_text().split()
    wanted = " ".join(f"+{name}" for name in V2_CONTROLLERS if name in available)
    (folder / "cgroup.subtree_control").write_text(wanted)


def members(cluster):
    """Process ids below the cluster's groups."""
    found = set()
    for mount, _version in mounts(every=True):
        for folder, _folders, files in os.walk(_folder(mount, cluster)):
            if "cgroup.procs" in files:
                try:
                    found.update(int(pid) for pid in (Path(folder) / "cgroup.procs").read_text().split())
                except OSError:
                    continue
    return found - {0}


def kill(cluster, timeout=20):
    """End every process of the cluster at once; returns when the kernel has none left."""
    deadline = time.monotonic() + timeout
    left = members(cluster)
    while left and time.monotonic() < deadline:
        for pid in left:
            _kill_member(pid, cluster)
        time.sleep(0.02)
        left = members(cluster)
    if left:
        raise ClusterError(f"processes {sorted(left)} of cluster {cluster.name} do not end after SIGKILL; they hang in the kernel, see /proc/PID/stack")


def _kill_member(pid, cluster):
    """The group is read again under a handle on the process, so that a reused id never hits a stranger."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return
    try:
        if f":{cluster.cgroup}/" in Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8"):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return
    finally:
        os.close(handle)


def remove(cluster):
    """Remove the cluster's groups, deepest first, and our common parent when it is empty."""
    for mount, _version in mounts(every=True):
        for folder, _folders, _files in os.walk(_folder(mount, cluster), topdown=False):
            _rmdir(folder)
        _rmdir(mount / "acmp-cluster")


def _rmdir(folder):
    for _attempt in range(50):
        try:
            os.rmdir(folder)
            return
        except FileNotFoundError:
            return
        except OSError:
            # Version 1 keeps a group busy for a moment after its last process; a parent with other clusters stays.
            if os.path.basename(folder) == "acmp-cluster":
                return
            time.sleep(0.02)
