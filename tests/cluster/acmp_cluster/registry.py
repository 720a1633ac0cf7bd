# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images into the cluster's registry, from which containerd gets everything whatever host an image name has."""

import http.client
import subprocess

from . import images
from .errors import ClusterError
from .process import wait_for

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


class Registry:
    """As much of the registry protocol as pushing needs."""

    def __init__(self, cluster):
        self.cluster = cluster

    def request(self, method, path, body=None, headers=None):
        """(status, headers, text)."""
        connection = http.client.HTTPConnection(self.cluster.registry, timeout=120)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as exc:
            return 0, {}, str(exc)
        finally:
            connection.close()

    def wait(self, procs):
        wait_for(lambda: self.request("GET", "/v2/")[0] == 200, f"an answer of the registry at {self.cluster.registry} (see {self.cluster.log('registry')})",
                 30, watch=(lambda: procs.check("registry"),))

    def _need(self, answer, wanted, what):
        status, _headers, text = answer
        if status not in wanted:
            raise ClusterError(f"the registry at {self.cluster.registry} refused {what} (status {status}); see {self.cluster.log('registry')}", text)
        return answer

    def digest(self, repository, tag):
        """Digest of what a tag stands for, or None."""
        status, headers, _text = self.request("HEAD", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST})
        return headers["Docker-Content-Digest"] if status == 200 else None

    def blob(self, repository, digest, size, body):
        """Upload unless there; `body()` opens the content."""
        if self.request("HEAD", f"/v2/{repository}/blobs/{digest}")[0] == 200:
            return
        _status, headers, _text = self._need(self.request("POST", f"/v2/{repository}/blobs/uploads/"), (202,), f"an upload to {repository}")
        place = headers["Location"]
        path = place[place.index("/v2/"):]
        with body() as content:
            answer = self.request("PUT", f"{path}{'&' if '?' in path else '?'}digest={digest}", content,
                                  {"Content-Type": "application/octet-stream", "Content-Length": str(size)})
        self._need(answer, (201,), f"blob {digest} of {repository}")

    def push(self, image, name, tag):
        """Put one image under a name and tag; returns True when that changed something."""
        repository = name.partition("/")[2]
        manifest, config = image.manifest(tag)
        before = self.digest(repository, tag)
        if before == images.digest_of(manifest):
            return False
        self.blob(repository, image.layer["digest"], image.layer["size"], lambda: open(image.folder / "layer.tar.gz", "rb"))
        self.blob(repository, images.digest_of(config), len(config), lambda: _Bytes(config))
        self._need(self.request("PUT", f"/v2/{repository}/manifests/{tag}", manifest, {"Content-Type": MANIFEST}), (201,), f"{repository}:{tag}")
        if before:
            self._forget(f"{name}:{tag}")
        return True

    def _forget(self, reference):
        """The node keeps what it pulled under a tag; without this it would go on with the old image."""
        subprocess.run(["ctr", "--address", str(self.cluster.containerd_socket), "-n", "k8s.io", "images", "rm", reference],
                       stdin=subprocess.DEVNULL, capture_output=True, check=False)


class _Bytes:
    """Bytes where a file is expected."""

    def __init__(self, data):
        self.data = data

    def __enter__(self):
        return self.data

    def __exit__(self, *_exc):
        return None


def load(cluster, report, wanted):
    """Build and push images given as NAME or NAME:TAG; returns the references now in the registry."""
    registry = Registry(cluster)
    references = []
    for word in wanted:
        name, _colon, tag = word.partition(":")
        image = images.ensure(report, name)
        with report.step(f"image {word}"):
            for repository in image.names:
                for each in (tag,) if tag else image.tags:
                    registry.push(image, repository, each)
                    references.append(f"{repository}:{each}")
    return references
