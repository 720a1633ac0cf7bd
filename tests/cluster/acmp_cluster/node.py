# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The node: containerd, kubelet, kube-proxy, the volume provisioner and the image registry."""

import json
import resource
from pathlib import Path

from . import build
from .paths import base, write
from .process import wait_for

# What the kubelet changes of the machine's kernel, and what many pods need more of than Debian's default.
SYSCTLS = ("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops", "kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes",
           "fs/inotify/max_user_instances")
INOTIFY_INSTANCES = 1024
PAUSE_IMAGE = "docker.io/acmp/pause:1.0.0"

CONTAINERD = """version = 2
root = "{home}/containerd"
state = "{run}/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.tracing"]
[grpc]
  address = "{run}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  # runc may not lower a score where the machine lacks CAP_SYS_RESOURCE, and dies trying.
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  netns_mounts_under_state_dir = true
  max_concurrent_downloads = 8
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{home}/config/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{home}/config/registries"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
"""

# `server` too: containerd would ask the image's own host next, and nothing is to leave the machine.
HOSTS = """server = "http://{registry}"
[host."http://{registry}"]
  capabilities = ["pull", "resolve"]
"""

REGISTRY = """version: 0.1
log:
  level: warn
  accesslog:
    disabled: true
storage:
  filesystem:
    rootdirectory: {home}/registry
  delete:
    enabled: true
http:
  addr: {registry}
"""


def _cni(cluster):
    return {"cniVersion": "0.4.0", "name": "acmp", "plugins": [
        {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "promiscMode": False,
         "ipam": {"type": "host-local", "ranges": [[{"subnet": cluster.pod_range}]], "routes": [{"dst": "0.0.0.0/0"}]}},
        {"type": "portmap", "capabilities": {"portMappings": True}, "snat": True}]}


def _kubelet(cluster):
    pki = cluster.pki
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "address": cluster.node_ip, "healthzBindAddress": "127.0.0.1", "readOnlyPort": 0,
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}, "x509": {"clientCAFile": str(pki / "ca.crt")}},
        "authorization": {"mode": "Webhook"}, "tlsCertFile": str(pki / "kubelet-server.crt"), "tlsPrivateKeyFile": str(pki / "kubelet-server.key"),
        "containerRuntimeEndpoint": f"unix://{cluster.containerd_socket}", "cgroupDriver": "cgroupfs", "cgroupRoot": cluster.cgroup, "failCgroupV1": False,
        "clusterDNS": [cluster.dns_ip], "clusterDomain": "cluster.local", "resolvConf": str(cluster.home / "config" / "resolv.conf"),
        "failSwapOn": False, "maxPods": 250, "maxOpenFiles": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "serializeImagePulls": False, "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%", "nodefs.inodesFree": "1%"},
        # A small machine and short tests: what the defaults batch for the sake of thousands of nodes may come at once here.
        "registryPullQPS": 0, "eventRecordQPS": 0, "kubeAPIQPS": 200, "kubeAPIBurst": 400,
    }


def write_config(cluster):
    folder = cluster.home / "config"
    values = {"home": cluster.home, "run": cluster.run, "pause": PAUSE_IMAGE, "registry": cluster.registry}
    write(folder / "containerd.toml", CONTAINERD.format(**values))
    write(folder / "registries" / "_default" / "hosts.toml", HOSTS.format(**values))
    write(folder / "registry.yml", REGISTRY.format(**values))
    write(folder / "cni" / "10-acmp.conflist", json.dumps(_cni(cluster), indent=1) + "\n")
    write(folder / "kubelet.json", json.dumps(_kubelet(cluster), indent=1) + "\n")
    # Pods that ask for the node's resolver get one without servers: the node itself has no way out.
    write(folder / "resolv.conf", "search .\n")
    cluster.volumes.mkdir(mode=0o755, parents=True, exist_ok=True)


def processes(cluster):
    """Arguments per process."""
    if cluster.control_plane_only:
        return {}
    folder, pki = cluster.home / "config", cluster.pki
    found = {
        "registry": ["docker-registry", "serve", folder / "registry.yml"],
        "containerd": ["containerd", "--config", folder / "containerd.toml", "--log-level", "warn"],
        "kubelet": [build.kubernetes("kubelet"), "--config", folder / "kubelet.json", "--kubeconfig", pki / "kubelet.kubeconfig",
                    "--node-ip", cluster.node_ip, "--hostname-override", cluster.name],
        "kube-proxy": [build.kubernetes("kube-proxy"), "--kubeconfig", pki / "kube-proxy.kubeconfig", "--hostname-override", cluster.name,
                       "--proxy-mode", "iptables", "--cluster-cidr", cluster.pod_range, "--bind-address", cluster.node_ip,
                       "--healthz-bind-address", "127.0.0.1:10256", "--metrics-bind-address", "127.0.0.1:10249",
                       # Conntrack limits are the whole machine's and cannot be set from a namespace.
                       "--conntrack-max-per-core", "0", "--conntrack-min", "0", "--conntrack-tcp-timeout-established", "0s",
                       "--conntrack-tcp-timeout-close-wait", "0s", "--iptables-min-sync-period", "100ms"],
        "local-path-provisioner": [build.kubernetes("local-path-provisioner"), "--kubeconfig", pki / "local-path-provisioner.kubeconfig",
                                   "--root", cluster.volumes, "--node", cluster.name],
    }
    return {name: [str(word) for word in argv] for name, argv in found.items()}


def start_runtime(cluster, procs):
    """containerd and the registry: they need nobody, so they start first."""
    wanted = processes(cluster)
    for name in ("registry", "containerd"):
        procs.ensure(name, wanted[name])


def start(cluster, procs, api, report):
    """kubelet, kube-proxy and provisioner, once the API server answers; returns when the node is ready."""
    wanted = processes(cluster)
    with report.step("node ready"):
        wait_for(cluster.containerd_socket.exists, f"containerd's socket (see {cluster.log('containerd')})", 30, watch=(lambda: procs.check("containerd"),))
        save_sysctls()
        for name, argv in wanted.items():
            procs.ensure(name, argv)
        wait_for(lambda: is_ready(cluster, api), f"readiness of the node (see {cluster.log('kubelet')})", 120, interval=0.1,
                 watch=tuple(lambda name=name: procs.check(name) for name in wanted))
        # After a restart the API still shows the node's last word; exec and logs work once the kubelet knows its pods again.
        wait_for(lambda: _knows_its_pods(cluster, api), f"the kubelet's list of pods (see {cluster.log('kubelet')})", 60,
                 watch=(lambda: procs.check("kubelet"),))


def is_ready(cluster, api):
    node = api.get(f"api/v1/nodes/{cluster.name}")
    return bool(node) and any(each["type"] == "Ready" and each["status"] == "True" for each in node["status"].get("conditions", []))


def _knows_its_pods(cluster, api):
    bound = api.get(f"api/v1/pods?fieldSelector=spec.nodeName={cluster.name}")
    own = api.get(f"api/v1/nodes/{cluster.name}/proxy/pods")
    if bound is None or own is None:
        return False
    return {each["metadata"]["uid"] for each in bound["items"]} <= {each["metadata"]["uid"] for each in own["items"] or []}


def save_sysctls():
    """Remember the kernel's settings before the first kubelet of all clusters changes them."""
    path = base() / ".sysctls.json"
    if not path.exists():
        write(path, json.dumps({name: Path("/proc/sys", name).read_text(encoding="utf-8").strip() for name in SYSCTLS}) + "\n")
    instances = Path("/proc/sys/fs/inotify/max_user_instances")
    if int(instances.read_text(encoding="utf-8")) < INOTIFY_INSTANCES:
        instances.write_text(f"{INOTIFY_INSTANCES}\n", encoding="utf-8")


def restore_sysctls():
    """Put the settings back; called once the last cluster is gone."""
    path = base() / ".sysctls.json"
    if not path.exists():
        return
    for name, value in json.loads(path.read_text(encoding="utf-8")).items():
        setting = Path("/proc/sys", name)
        if setting.read_text(encoding="utf-8").strip() != value:
            setting.write_text(value + "\n", encoding="utf-8")
    path.unlink()
