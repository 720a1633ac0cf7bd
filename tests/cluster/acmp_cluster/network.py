# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A network namespace per cluster, and one wire to it.

Inside, the node has the usual ports and its own packet filter, so two clusters do not meet (two kube-proxies in one
namespace would rewrite the same chains), nothing can listen on the machine's outer interface, and the end of the namespace
takes every rule, route and link with it. There is no default route inside: nothing leaves the machine.
"""

import ipaddress
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

from .errors import ClusterError
from .paths import base, write
from .process import run

# Fixed paths some programs insist on. In the node's own view of the file system they are folders of the cluster.
MOUNT_POINTS = {
    "/run/containerd": "run:containerd-default",
    "/var/lib/cni": "home:cni",
    "/var/lib/kubelet": "home:kubelet",
    "/var/log/pods": "home:logs/pods",
    "/var/log/containers": "home:logs/containers",
}
SYSCTLS = "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables"


def exists(cluster):
    """True when the namespaces are there: after a reboot only their empty files are."""
    wanted = {str(cluster.run / "ns" / "net"), str(cluster.run / "ns" / "mnt")}
    return wanted <= {point for point, _kind in _mounts()}


def is_taken(cluster):
    """True when a cluster of another home uses this slot."""
    return exists(cluster) or Path(f"/sys/class/net/{cluster.link}").exists()


def create(cluster):
    """Make namespaces, wire and routes, and check that the node's address is reached over the wire and nothing else."""
    if not exists(cluster):
        remove(cluster)
        _check_ranges_free(cluster)
        _create_namespaces(cluster)
    if not Path(f"/sys/class/net/{cluster.link}").exists():
        _create_wire(cluster)
    verify(cluster)


def verify(cluster):
    """Where the wire is missing, packets to the node would leave the machine by the default route."""
    route = run(["ip", "route", "get", cluster.node_ip], "looking up the way to the node")
    if f" dev {cluster.link} " not in route:
        raise ClusterError(f"the node address {cluster.node_ip} is not reached over {cluster.link} but by `{route.splitlines()[0].strip()}`; "
                           f"run `cluster down --name {cluster.name}` and `cluster up --name {cluster.name}`")


def _create_namespaces(cluster):
    folder = cluster.run / "ns"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("net", "mnt"):
        (folder / name).touch()
    what = f"making the namespaces of cluster {cluster.name}"
    # A namespace can only be kept in a file that lies on a private mount.
    run(["mount", "--bind", str(folder), str(folder)], what)
    run(["mount", "--make-private", str(folder)], what)
    run(["unshare", f"--net={folder}/net", f"--mount={folder}/mnt", "--propagation", "slave", "true"], what)
    # Volumes that pods share with the node need shared mounts; a slave of the machine's can be shared among its own.
    script = ["mount --make-rshared /"]
    _make_folders([Path(point) for point in MOUNT_POINTS])
    for point, source in MOUNT_POINTS.items():
        root, _colon, path = source.partition(":")
        real = (cluster.run if root == "run" else cluster.home) / path
        real.mkdir(parents=True, exist_ok=True)
        script.append(f"mount --bind '{real}' {point}")
    enter(cluster, ["sh", "-e", "-c", "; ".join(script)], what)


def _create_wire(cluster):
    what = f"making the link {cluster.link}"
    length = cluster.wire.rpartition("/")[2]
    outside = [
        f"link add name {cluster.link} type veth peer name eth0 netns {cluster.run}/ns/net",
        f"link set {cluster.link} addrgenmode none",
        f"addr add {cluster.host_ip}/{length} dev {cluster.link}",
        f"link set {cluster.link} up",
        f"route add {cluster.pod_range} via {cluster.node_ip}",
        f"route add {cluster.service_range} via {cluster.node_ip}",
    ]
    inside = ["link set lo up", "link set eth0 addrgenmode none", f"addr add {cluster.node_ip}/{length} dev eth0", "link set eth0 up"]
    for line in outside[:1]:
        run(["ip", *line.split()], what)
    enter(cluster, ["ip", "-batch", "-"], what, stdin="\n".join(inside) + "\n")
    run(["ip", "-batch", "-"], what, stdin="\n".join(outside[1:]) + "\n")
    if cluster.control_plane_only:
        return
    modprobe = shutil.which("modprobe", path="/usr/sbin:/sbin")
    if modprobe:
        subprocess.run([modprobe, "--quiet", "br_netfilter"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    enter(cluster, ["sh", "-e", "-c", SYSCTLS], "letting the node forward packets (this needs the kernel's br_netfilter)")


def _check_ranges_free(cluster):
    ours = [ipaddress.ip_network(text) for text in (cluster.wire, cluster.pod_range, cluster.service_range)]
    for route in json.loads(run(["ip", "-json", "-4", "route", "show"], "reading the machine's routes") or "[]"):
        target = route.get("dst", "default")
        if target == "default" or route.get("dev") == cluster.link:
            continue
        for network in ours:
            if ipaddress.ip_network(target, strict=False).overlaps(network):
                raise ClusterError(f"the cluster's range {network} is used on this machine already (route {target} on {route.get('dev')}); "
                                   "use another --name, which may get another range, or remove that route")


def enter(cluster, argv, what, stdin=None):
    """Run a command inside the cluster's namespaces."""
    return run(["nsenter", f"--net={cluster.run}/ns/net", f"--mount={cluster.run}/ns/mnt", "--", *argv], what, stdin=stdin)


def remove(cluster):
    """Take away wire, namespaces and mounts; with the last holder of the mount namespace all of the node's mounts vanish."""
    if Path(f"/sys/class/net/{cluster.link}").exists():
        run(["ip", "link", "delete", cluster.link], f"removing the link {cluster.link}")
    below = [f"{cluster.run}/", f"{cluster.home}/"]
    for point, _kind in reversed(_mounts()):
        if any(point.startswith(prefix) for prefix in below):
            run(["umount", "--lazy", point], f"unmounting {point}")


def check_unmounted(cluster):
    """Nothing may be mounted below the folders that are about to be removed: removing would reach into it."""
    for point, _kind in _mounts():
        if point.startswith((f"{cluster.run}/", f"{cluster.home}/")):
            raise ClusterError(f"{point} is still mounted; unmount it (`umount {point}`) and run `cluster down --name {cluster.name}` again")


def _mounts():
    """(mount point, file system type) in the order they were mounted."""
    found = []
    with open("/proc/self/mountinfo", encoding="utf-8") as handle:
        for line in handle:
            left, _dash, right = line.partition(" - ")
            found.append((left.split()[4].replace("\\040", " "), right.split()[0]))
    return found


def _make_folders(folders):
    """Make missing mount points and remember which, so that the last `down` leaves the machine as it was."""
    note = base() / ".made-folders"
    made = note.read_text(encoding="utf-8").split("\n") if note.exists() else []
    for folder in folders:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        made += [str(each) for each in missing if str(each) not in made]
    write(note, "\n".join(each for each in made if each) + "\n")


def remove_folders():
    """Remove the mount points we made; called once no cluster is left, since removing one tears it out of every namespace."""
    note = base() / ".made-folders"
    if not note.exists():
        return
    for folder in sorted(note.read_text(encoding="utf-8").split(), key=len, reverse=True):
        try:
            os.rmdir(folder)
        except OSError:
            continue
    note.unlink()


def ask_dns(server, name, timeout=1.0):
    """True when the server answers an A query for the name with an address: one packet by hand, no resolver involved."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(timeout)
        try:
            connection.sendto(b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + question, (server, 53))
            answer = connection.recv(512)
        except OSError:
            return False
    return answer[:2] == b"\x12\x34" and answer[3] & 15 == 0 and int.from_bytes(answer[6:8], "big") > 0
