# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lives in the cluster from the beginning: cluster DNS and the default storage class."""

from . import network
from .build import PROGRAMS
from .process import wait_for

PROVISIONER = "acmp.middleware/local-path"
DNS_LABELS = {"k8s-app": "kube-dns"}

# Two zones, because `template` answers before `kubernetes` does within one. Names outside the cluster do not exist: nothing
# leaves the machine, and a quick no is kinder than a time-out.
COREFILE = """cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
    errors
    health :8080 {
        lameduck 0s
    }
    ready :8181
    kubernetes {
        pods insecure
        ttl 5
    }
    cache 5
    reload 5s
}
.:53 {
    errors
    template ANY ANY {
        rcode NXDOMAIN
    }
}
"""


def _rbac(name, rules, subject):
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
            "rules": [{"apiGroups": [group], "resources": resources, "verbs": verbs} for group, resources, verbs in rules]}
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name}, "subjects": [subject],
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}}
    return [role, binding]


def storage():
    """Storage class `standard` and the rights of its provisioner, which runs on the node and not as a pod."""
    read = ["get", "list", "watch"]
    rules = [("", ["persistentvolumes"], read + ["create", "delete", "patch", "update"]), ("", ["persistentvolumeclaims"], read + ["update"]),
             ("storage.k8s.io", ["storageclasses"], read), ("", ["nodes"], read), ("", ["events"], ["create", "patch", "update"])]
    user = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "acmp:local-path-provisioner"}
    return [{
        "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
        "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
        # Folders have no size, so there is nothing to expand: a class that claimed it could would leave claims resizing for ever.
        "provisioner": PROVISIONER, "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": False,
    }, *_rbac("acmp:local-path-provisioner", rules, user)]


def dns(cluster):
    """CoreDNS as one pod, under the names every cluster has them."""
    meta = {"name": "coredns", "namespace": "kube-system", "labels": DNS_LABELS}
    rules = [("", ["endpoints", "services", "pods", "namespaces"], ["list", "watch"]), ("discovery.k8s.io", ["endpointslices"], ["list", "watch"])]
    probe = {"periodSeconds": 1, "timeoutSeconds": 2, "failureThreshold": 60}
    container = {
        "name": "coredns", "image": f"registry.k8s.io/coredns/coredns:v{PROGRAMS['coredns'].version}", "args": ["-conf", "/etc/coredns/Corefile"],
        "resources": {"requests": {"cpu": "20m", "memory": "40Mi"}, "limits": {"memory": "200Mi"}},
        "ports": [{"name": "dns", "containerPort": 53, "protocol": "UDP"}, {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, **probe},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}, **probe, "periodSeconds": 10},
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
        "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}},
    }
    pod = {"serviceAccountName": "coredns", "priorityClassName": "system-cluster-critical", "dnsPolicy": "Default", "containers": [container],
           "tolerations": [{"operator": "Exists"}], "terminationGracePeriodSeconds": 5,
           "volumes": [{"name": "config", "configMap": {"name": "coredns"}}]}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        *_rbac("system:coredns", rules, {"kind": "ServiceAccount", "name": "coredns", "namespace": "kube-system"}),
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"Corefile": COREFILE}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {**meta, "name": "kube-dns"}, "spec": {
            "clusterIP": cluster.dns_ip, "selector": DNS_LABELS,
            "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}]}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {
            "replicas": 1, "selector": {"matchLabels": DNS_LABELS},
            "template": {"metadata": {"labels": DNS_LABELS}, "spec": pod}}},
    ]


def apply(cluster, api, report):
    with report.step("storage class and DNS applied"):
        for document in [*storage(), *dns(cluster)]:
            api.apply(document)


def answers(cluster):
    """True when the cluster's DNS knows the API server."""
    return network.ask_dns(cluster.dns_ip, "kubernetes.default.svc.cluster.local", 0.3)


def wait(cluster, report):
    """Ask a question over the service address: the answer proves kube-proxy, CoreDNS and the pod network at once."""
    with report.step("DNS answers"):
        wait_for(lambda: answers(cluster),
                 f"an answer of the cluster's DNS at {cluster.dns_ip} (see `kubectl -n kube-system describe pods` and {cluster.log('kubelet')})",
                 180, interval=0.1)
