# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small public key infrastructure: one authority for the cluster, one for the aggregation layer, a certificate per user."""

import base64
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

from .paths import write
from .process import run

DAYS = "3650"
CONFIG = """[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,digitalSignature,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = clientAuth
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth,clientAuth
"""

# name: (authority, subject). Server certificates have their addresses in _servers().
CLIENTS = {
    "admin": ("ca", "/O=system:masters/CN=acmp-cluster-admin"),
    "apiserver-kubelet-client": ("ca", "/O=system:masters/CN=kube-apiserver-kubelet-client"),
    "apiserver-etcd-client": ("etcd-ca", "/CN=kube-apiserver-etcd-client"),
    "front-proxy-client": ("front-proxy-ca", "/CN=front-proxy-client"),
    "kube-controller-manager": ("ca", "/CN=system:kube-controller-manager"),
    "kube-scheduler": ("ca", "/CN=system:kube-scheduler"),
    "kube-proxy": ("ca", "/CN=system:kube-proxy"),
    "local-path-provisioner": ("ca", "/CN=acmp:local-path-provisioner"),
}
USERS = ("admin", "kube-controller-manager", "kube-scheduler", "kube-proxy", "local-path-provisioner", "kubelet")


def _servers(cluster):
    service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"]
    return {
        "apiserver": ("ca", "/CN=kube-apiserver", service, ["127.0.0.1", cluster.node_ip, cluster.api_service_ip]),
        "etcd": ("etcd-ca", "/CN=etcd", ["localhost"], ["127.0.0.1"]),
        "kubelet-server": ("ca", f"/O=system:nodes/CN=system:node:{cluster.name}", [cluster.name], [cluster.node_ip]),
    }


def ensure(cluster):
    """Make what is missing; existing keys are never replaced, so a restarted cluster keeps its identity."""
    cluster.pki.mkdir(mode=0o700, parents=True, exist_ok=True)
    _openssl_config(cluster)
    clients = {**CLIENTS, "kubelet": ("ca", f"/O=system:nodes/CN=system:node:{cluster.name}")}
    with ThreadPoolExecutor(8) as pool:
        authorities = [pool.submit(_issue, cluster, name, f"/CN=acmp-{cluster.name}-{name}", "authority") for name in ("ca", "etcd-ca", "front-proxy-ca")]
        account = pool.submit(_service_account_key, cluster)
        for job in authorities:
            job.result()
        jobs = [pool.submit(_issue, cluster, name, subject, "client", authority) for name, (authority, subject) in clients.items()]
        jobs += [pool.submit(_issue, cluster, name, subject, "server", authority, names, addresses)
                 for name, (authority, subject, names, addresses) in _servers(cluster).items()]
        for job in [*jobs, account]:
            job.result()
    for user in USERS:
        path = cluster.kubeconfig if user == "admin" else cluster.pki / f"{user}.kubeconfig"
        if not path.exists():
            write(path, _kubeconfig(cluster, user), 0o600)


def _openssl_config(cluster):
    path = cluster.pki / "openssl.cnf"
    if not path.exists():
        write(path, CONFIG)


def _issue(cluster, name, subject, section, authority=None, names=(), addresses=()):
    """One key with one certificate; both appear at once or not at all."""
    folder = cluster.pki
    if (folder / f"{name}.crt").exists():
        return
    partial = folder / f".{name}"
    argv = ["openssl", "req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", f"{folder}/openssl.cnf",
            "-extensions", section, "-days", DAYS, "-subj", subject, "-keyout", f"{partial}.key", "-out", f"{partial}.crt"]
    if authority:
        argv += ["-CA", f"{folder}/{authority}.crt", "-CAkey", f"{folder}/{authority}.key"]
    alternatives = [f"DNS:{each}" for each in names] + [f"IP:{each}" for each in addresses]
    if alternatives:
        argv += ["-addext", "subjectAltName=" + ",".join(alternatives)]
    run(argv, f"making the certificate {name} in {folder}")
    os.chmod(f"{partial}.key", 0o600)
    os.replace(f"{partial}.key", folder / f"{name}.key")
    os.replace(f"{partial}.crt", folder / f"{name}.crt")


def _service_account_key(cluster):
    """RSA, because libraries that check service account tokens all know RS256."""
    key = cluster.pki / "service-account.key"
    if not (cluster.pki / "service-account.pub").exists():
        run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", str(key)], f"making {key}")
        os.chmod(key, 0o600)
        run(["openssl", "pkey", "-in", str(key), "-pubout", "-out", str(key.with_suffix(".pub"))], f"making the public half of {key}")


def _kubeconfig(cluster, user):
    def data(path):
        return base64.b64encode(path.read_bytes()).decode()
    return f"""apiVersion: v1
kind: Config
clusters:
- name: {cluster.name}
  cluster:
    server: {cluster.api_url}
    certificate-authority-data: {data(cluster.pki / 'ca.crt')}
users:
- name: {cluster.name}-{user}
  user:
    client-certificate-data: {data(cluster.pki / (user + '.crt'))}
    client-key-data: {data(cluster.pki / (user + '.key'))}
contexts:
- name: {cluster.name}
  context:
    cluster: {cluster.name}
    user: {cluster.name}-{user}
current-context: {cluster.name}
"""


def remove(cluster):
    shutil.rmtree(cluster.pki, ignore_errors=True)
