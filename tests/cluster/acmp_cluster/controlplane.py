# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane: etcd, API server, controller manager, scheduler. All but the API server listen on loopback only."""

from . import build
from .process import wait_for

ETCD = "https://127.0.0.1:2379"


def etcd(cluster):
    pki = cluster.pki
    return [build.kubernetes("etcd"), "--name", cluster.name, "--data-dir", cluster.home / "etcd",
            "--listen-client-urls", ETCD, "--advertise-client-urls", ETCD,
            "--listen-peer-urls", "http://127.0.0.1:2380", "--initial-advertise-peer-urls", "http://127.0.0.1:2380",
            "--initial-cluster", f"{cluster.name}=http://127.0.0.1:2380",
            "--cert-file", pki / "etcd.crt", "--key-file", pki / "etcd.key", "--trusted-ca-file", pki / "etcd-ca.crt", "--client-cert-auth",
            # A test cluster need not survive a power cut, and waiting for the disk is what etcd does most.
            "--unsafe-no-fsync", "--log-level", "warn", "--quota-backend-bytes", str(4 << 30), "--auto-compaction-retention", "1h"]


def apiserver(cluster):
    pki = cluster.pki
    return [build.kubernetes("kube-apiserver"),
            "--bind-address", cluster.node_ip, "--advertise-address", cluster.node_ip, "--secure-port", "6443",
            "--etcd-servers", ETCD, "--etcd-cafile", pki / "etcd-ca.crt",
            "--etcd-certfile", pki / "apiserver-etcd-client.crt", "--etcd-keyfile", pki / "apiserver-etcd-client.key",
            "--client-ca-file", pki / "ca.crt", "--tls-cert-file", pki / "apiserver.crt", "--tls-private-key-file", pki / "apiserver.key",
            "--kubelet-client-certificate", pki / "apiserver-kubelet-client.crt", "--kubelet-client-key", pki / "apiserver-kubelet-client.key",
            "--kubelet-certificate-authority", pki / "ca.crt", "--kubelet-preferred-address-types", "InternalIP",
            "--service-account-issuer", "https://kubernetes.default.svc.cluster.local", "--service-account-key-file", pki / "service-account.pub",
            "--service-account-signing-key-file", pki / "service-account.key", "--service-cluster-ip-range", cluster.service_range,
            "--authorization-mode", "Node,RBAC", "--enable-admission-plugins", "NodeRestriction", "--allow-privileged",
            "--requestheader-client-ca-file", pki / "front-proxy-ca.crt", "--requestheader-allowed-names", "front-proxy-client",
            "--requestheader-username-headers", "X-Remote-User", "--requestheader-group-headers", "X-Remote-Group",
            "--requestheader-extra-headers-prefix", "X-Remote-Extra-",
            "--proxy-client-cert-file", pki / "front-proxy-client.crt", "--proxy-client-key-file", pki / "front-proxy-client.key",
            "--profiling=false"]


def controller_manager(cluster):
    pki = cluster.pki
    config = pki / "kube-controller-manager.kubeconfig"
    return [build.kubernetes("kube-controller-manager"), "--bind-address", "127.0.0.1", "--kubeconfig", config,
            "--authentication-kubeconfig", config, "--authorization-kubeconfig", config, "--leader-elect=false",
            # It asks for a token per controller before it starts them: at the default rate that takes four seconds.
            "--kube-api-qps", "300", "--kube-api-burst", "500",
            "--use-service-account-credentials", "--service-account-private-key-file", pki / "service-account.key", "--root-ca-file", pki / "ca.crt",
            "--cluster-signing-cert-file", pki / "ca.crt", "--cluster-signing-key-file", pki / "ca.key",
            "--requestheader-client-ca-file", pki / "front-proxy-ca.crt",
            "--cluster-name", cluster.name, "--cluster-cidr", cluster.pod_range, "--service-cluster-ip-range", cluster.service_range, "--profiling=false"]


def scheduler(cluster):
    config = cluster.pki / "kube-scheduler.kubeconfig"
    return [build.kubernetes("kube-scheduler"), "--bind-address", "127.0.0.1", "--kubeconfig", config,
            "--authentication-kubeconfig", config, "--authorization-kubeconfig", config, "--leader-elect=false", "--profiling=false",
            "--kube-api-qps", "300", "--kube-api-burst", "500"]


def processes(cluster):
    """Arguments per process, in the order they start."""
    found = {"etcd": etcd(cluster), "kube-apiserver": apiserver(cluster), "kube-controller-manager": controller_manager(cluster)}
    if not cluster.control_plane_only:
        found["kube-scheduler"] = scheduler(cluster)
    return {name: [str(word) for word in argv] for name, argv in found.items()}


def start(cluster, procs, api, report):
    """Bring up what does not run; returns when the API server says it is ready."""
    wanted = processes(cluster)
    with report.step("etcd and API server ready"):
        # The API server waits for etcd by itself, and its own start takes longer than etcd's.
        procs.ensure("etcd", wanted["etcd"])
        procs.ensure("kube-apiserver", wanted["kube-apiserver"])
        wait_for(api.ready, f"readiness of the API server (see {cluster.log('kube-apiserver')})", 120,
                 watch=(lambda: procs.check("etcd"), lambda: procs.check("kube-apiserver")))
    for name, argv in wanted.items():
        procs.ensure(name, argv)
