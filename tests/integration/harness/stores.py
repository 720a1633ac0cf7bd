# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows in the middleware of an instance, written and read through its Service by pods that come and go."""

from __future__ import annotations

import base64
import itertools
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from .api import Api
from .checks import until

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "packages"
_CLUSTER = Path(__file__).resolve().parents[2] / "cluster" / "cluster"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Kind:
    """A middleware: image and program of its client, how rows are written and counted."""

    name: str
    image: str
    password: str  # the client's environment variable; "" where no password is asked for
    client: str  # sh: $0 is the host, $1 the question
    write: str
    count: str
    built: str = ""  # folder of tests/cluster/images that is in no cluster from the beginning
    values: dict = field(default_factory=dict)  # so that it fits on a small machine
    claim: str = ""  # of a kind without a server: the claim that its clients mount at /kept; {} is the instance


ROWS = 1000
REDIS = Kind(
    "redis", "docker.io/library/redis:7.0.15", "REDISCLI_AUTH", 'redis-cli -e -h "$0" eval "$1" 0',
    f"for n = 1, {ROWS} do redis.call('set', 'row' .. n, n) end return redis.call('dbsize')", "return redis.call('dbsize')",
    values={"resources.requests.cpu": "10m"},
)
POSTGRESQL = Kind(
    "postgresql", "docker.io/library/postgres:15.20", "PGPASSWORD", 'psql -XAtq -v ON_ERROR_STOP=1 -h "$0" -U postgres -d app -c "$1"',
    f"CREATE TABLE kept AS SELECT generate_series(1, {ROWS}) AS id; SELECT count(*) FROM kept", "SELECT count(*) FROM kept", built="postgresql",
    values={"resources.requests.cpu": "10m"},
)


def files(claim: str) -> Kind:
    """Rows in a file of a volume, for what has no server to ask. claim: its name, {} is the instance."""
    return Kind("files", REDIS.image, "", 'sh -c "$1"', f"seq {ROWS} > /kept/rows && wc -l < /kept/rows", "wc -l < /kept/rows", claim=claim)


@dataclass(frozen=True)
class Store:
    """The middleware of one instance, whose password the Secret NAME-auth holds."""

    kind: Kind
    api: Api
    space: str
    name: str

    def ask(self, question: str, host: str = "", tries: int = 40) -> str:
        """What the client prints in a pod of its own, that tries again while the server is away."""
        name, pods = f"client-{next(_NUMBERS)}", f"/api/v1/namespaces/{self.space}/pods"
        script = f'for n in $(seq {tries}); do said=$({self.kind.client} 2>&1) && echo "$said" && exit; sleep 0.5; done; echo "$said"; exit 1'
        mounts = [{"name": "kept", "mountPath": "/kept"}] if self.kind.claim else []
        claim = {"name": "kept", "persistentVolumeClaim": {"claimName": self.kind.claim.format(self.name)}}
        env = {"name": self.kind.password, "valueFrom": {"secretKeyRef": {"name": f"{self.name}-auth", "key": "password"}}}
        self.api.create(pods, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {
            "restartPolicy": "Never", "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
            "volumes": [claim] if mounts else [],
            "containers": [{
                "name": "client", "volumeMounts": mounts, "image": self.kind.image, "command": ["sh", "-c", script, host or self.name, question],
                "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}},
                "env": [env] if self.kind.password else [],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}]}})
        phase = until(f"the client {name}", lambda: {"Succeeded": "ok", "Failed": "failed"}.get(self.api.get(f"{pods}/{name}")["status"].get("phase")), 90)
        said = str(self.api.get(f"{pods}/{name}/log")).strip()
        self.api.delete(f"{pods}/{name}")
        assert phase == "ok" or tries == 1, f"{question}: {said}"
        return said

    def write(self) -> None:
        assert self.ask(self.kind.write) == str(ROWS)

    def rows(self) -> int:
        return int(self.ask(self.kind.count))

    def passwords(self) -> dict[str, str]:
        """Decoded data of the generated Secret, {} without it."""
        data = (self.api.core("secrets", self.space, f"{self.name}-auth") or {}).get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}


def provide(kind: Kind, kubeconfig: str) -> None:
    """The image where pods find it: put there in a cluster of tests/cluster; elsewhere it is the official one, which nodes fetch themselves."""
    home = Path(kubeconfig).parent
    if not kind.built or not (home / "cluster.json").is_file():
        return
    command = [_CLUSTER, "load-image", kind.built, "--name", home.name]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the image could not be built: {error}")
    if done.returncode:
        pytest.skip(f"the image could not be built: {done.stderr.strip()[-300:]}")
