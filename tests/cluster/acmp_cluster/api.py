# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of a client for the Kubernetes API as starting a cluster needs; kubectl costs 0.2 s a call."""

import http.client
import json
import ssl
import threading
import urllib.parse

from .errors import ClusterError

PATHS = {
    "Namespace": "api/v1/namespaces", "ServiceAccount": "api/v1/namespaces/{namespace}/serviceaccounts", "Service": "api/v1/namespaces/{namespace}/services",
    "ConfigMap": "api/v1/namespaces/{namespace}/configmaps", "Deployment": "apis/apps/v1/namespaces/{namespace}/deployments",
    "ClusterRole": "apis/rbac.authorization.k8s.io/v1/clusterroles", "ClusterRoleBinding": "apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "StorageClass": "apis/storage.k8s.io/v1/storageclasses",
}


class Api:
    """Requests as the cluster's administrator."""

    def __init__(self, cluster):
        self.cluster = cluster
        self._local = threading.local()
        self._context = ssl.create_default_context(cafile=str(cluster.pki / "ca.crt"))
        self._context.load_cert_chain(cluster.pki / "admin.crt", cluster.pki / "admin.key")

    def request(self, method, path, body=None, content_type="application/json", timeout=10):
        """(status, text); a server that does not answer has status 0."""
        connection = getattr(self._local, "connection", None)
        if connection is None or connection.timeout != timeout:
            connection = http.client.HTTPSConnection(self.cluster.node_ip, 6443, timeout=timeout, context=self._context)
            self._local.connection = connection
        data = None if body is None else json.dumps(body).encode()
        try:
            connection.request(method, "/" + path, data, {"Content-Type": content_type, "Accept": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as exc:
            connection.close()
            self._local.connection = None
            return 0, str(exc)

    def ready(self, timeout=2):
        return self.request("GET", "readyz", timeout=timeout)[0] == 200

    def get(self, path):
        """The object, or None when there is none or nobody answers."""
        status, text = self.request("GET", path)
        return json.loads(text) if status == 200 else None

    def apply(self, document):
        """Server-side apply of one object."""
        meta = document["metadata"]
        path = f"{PATHS[document['kind']].format(namespace=meta.get('namespace', ''))}/{meta['name']}?{_APPLY}"
        status, text = self.request("PATCH", path, document, "application/apply-patch+yaml", timeout=30)
        if status not in (200, 201):
            raise ClusterError(f"the API server of cluster {self.cluster.name} refused {document['kind']} {meta['name']} (status {status}); "
                               f"see {self.cluster.log('kube-apiserver')}", text)


_APPLY = urllib.parse.urlencode({"fieldManager": "acmp-cluster", "force": "true"})
