# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything is: one place decides folders, addresses and names, all of them derived from a cluster's name and slot."""

import contextlib
import fcntl
import ipaddress
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import ClusterError

SOURCE = Path(__file__).resolve().parent.parent
RUN = Path("/run/acmp-cluster")
SLOTS = 16
NAME = re.compile(r"[a-z]([-a-z0-9]{0,18}[a-z0-9])?")


def cache():
    """Folder of what is worth keeping between clusters: programs, images, a Go toolchain."""
    explicit = os.environ.get("ACMP_CACHE")
    return Path(explicit or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "acmp-middleware")).absolute()


def base():
    """Folder that holds one folder per cluster."""
    return Path(os.environ.get("ACMP_CLUSTER_HOME") or "/var/lib/acmp-cluster").absolute()


@dataclass(frozen=True)
class Cluster:
    """Folders, addresses and names of one cluster. It lives in a network namespace of its own, so ports are the usual ones."""

    name: str
    slot: int
    control_plane_only: bool = False

    @property
    def home(self):
        return base() / self.name

    @property
    def run(self):
        """Sockets and namespaces: socket paths end at 107 bytes, so this is short whatever the home is."""
        return RUN / str(self.slot)

    @property
    def logs(self):
        return self.home / "logs"

    @property
    def pki(self):
        return self.home / "pki"

    @property
    def kubeconfig(self):
        return self.home / "kubeconfig"

    @property
    def volumes(self):
        return self.home / "volumes"

    @property
    def bin(self):
        return self.home / "bin"

    @property
    def link(self):
        """Our end of the wire to the node, as the machine sees it."""
        return f"acmp{self.slot}"

    @property
    def host_ip(self):
        return str(ipaddress.ip_address("172.31.255.0") + 4 * self.slot + 1)

    @property
    def node_ip(self):
        return str(ipaddress.ip_address("172.31.255.0") + 4 * self.slot + 2)

    @property
    def wire(self):
        return f"{ipaddress.ip_address('172.31.255.0') + 4 * self.slot}/30"

    @property
    def pod_range(self):
        return f"10.220.{16 * self.slot}.0/20"

    @property
    def service_range(self):
        return f"10.221.{16 * self.slot}.0/20"

    @property
    def api_service_ip(self):
        return f"10.221.{16 * self.slot}.1"

    @property
    def dns_ip(self):
        return f"10.221.{16 * self.slot}.10"

    @property
    def api_url(self):
        return f"https://{self.node_ip}:6443"

    @property
    def registry(self):
        return f"{self.node_ip}:5000"

    @property
    def containerd_socket(self):
        return self.run / "containerd.sock"

    @property
    def cgroup(self):
        return f"/acmp-cluster/{self.slot}"

    @property
    def record(self):
        return self.home / "cluster.json"

    def log(self, process):
        return self.logs / f"{process}.log"


def check_name(name):
    if not NAME.fullmatch(name):
        raise ClusterError(f"cluster name {name!r} is not usable: up to 20 lower-case letters, digits and dashes, beginning with a letter")


def find(name):
    """The recorded cluster of that name, or None."""
    check_name(name)
    try:
        data = json.loads((base() / name / "cluster.json").read_text(encoding="utf-8"))
        return Cluster(name, int(data["slot"]), bool(data["control_plane_only"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as exc:
        raise ClusterError(f"{base() / name}/cluster.json cannot be read ({exc}); remove that file, then run `cluster up` and `cluster down`") from exc


def known():
    """All recorded clusters."""
    if not base().is_dir():
        return []
    names = sorted(each.name for each in base().iterdir() if NAME.fullmatch(each.name) and (each / "cluster.json").exists())
    return [cluster for cluster in map(find, names) if cluster]


def claim(name, control_plane_only, is_taken):
    """Record a new cluster with the first free slot; `is_taken(cluster)` knows slots used by clusters of other homes."""
    check_name(name)
    with locked(base() / ".lock"):
        used = {cluster.slot for cluster in known()}
        for slot in range(SLOTS):
            cluster = Cluster(name, slot, control_plane_only)
            if slot in used or is_taken(cluster):
                continue
            cluster.home.mkdir(parents=True, exist_ok=True)
            cluster.home.chmod(0o755)
            write(cluster.record, json.dumps({"slot": slot, "control_plane_only": control_plane_only}) + "\n")
            return cluster
    raise ClusterError(f"all {SLOTS} places for clusters are taken; end one with `cluster down --name NAME` (see {base()})")


@contextlib.contextmanager
def locked(path, message=None):
    """Hold a lock file; `message` is called once when somebody else holds it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "a", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if message:
                    message()
                    message = None
                fcntl.flock(handle, fcntl.LOCK_EX)
            # The last `down` removes the folder with its locks: a lock on a file that is gone protects nothing.
            if path.exists() and os.fstat(handle.fileno()).st_ino == path.stat().st_ino:
                yield
                return


def write(path, text, mode=0o644):
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(text)
    os.chmod(temporary, mode)
    os.replace(temporary, path)
    return path
