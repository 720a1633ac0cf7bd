# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example package postgresql: rows written through its Service outlive replicas, a crash and the instance itself."""

from __future__ import annotations

import base64
import itertools
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import CLUSTER, ROOT
from harness.checks import good, until
from harness.packages import forget

# The first run builds the image.
pytestmark = [pytest.mark.once, pytest.mark.timeout(700)]

PACKAGE = ROOT / "examples" / "packages" / "postgresql"
IMAGE = "docker.io/library/postgres:15.20"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def image(kubeconfig) -> None:
    """The image where pods find it: put there in a cluster of tests/cluster; elsewhere it is the official one, which nodes fetch themselves."""
    home = Path(kubeconfig).parent
    if not (home / "cluster.json").is_file():
        return
    command = [CLUSTER, "load-image", "postgresql", "--name", home.name]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the image could not be built: {error}")
    if done.returncode:
        pytest.skip(f"the image could not be built: {done.stderr.strip()[-300:]}")


@pytest.fixture(scope="module")
def package(ansible, api, platform, image) -> Iterator[None]:
    forget(api, "postgresql")
    run = good(ansible.play({"acmp_package": {"src": str(PACKAGE), "state": "listed"}}))
    assert not run.last.data.get("warnings"), run.last.data
    yield
    ansible.play(*[{"acmp_package": {"name": "postgresql", "version": "1.0.0", "state": state}} for state in ("unlisted", "absent")])
    forget(api, "postgresql")


class Database:
    """The instance db of a namespace: changed by the platform, asked by pods that come and go."""

    def __init__(self, ansible, api, space: str) -> None:
        self.ansible, self.api, self.space = ansible, api, space
        self.values: dict = {"resources.requests.cpu": "10m"}

    def deploy(self, **values):
        """The run of a deploy, with what was wanted before unless it failed."""
        wanted = {**self.values, **{key.replace("__", "."): value for key, value in values.items()}}
        run = self.ansible.play({"acmp_instance": {"name": "db", "namespace": self.space, "package": "postgresql", "values": wanted}})
        if not run.last.failed:
            self.values = wanted
        return run

    def remove(self, **options):
        return good(self.ansible.play({"acmp_instance": {"name": "db", "namespace": self.space, "state": "absent", **options}}))

    def ask(self, sql: str, host: str = "db", tries: int = 40) -> str:
        """What psql prints in a pod of its own, that tries again while the server is away."""
        name, pods = f"client-{next(NUMBERS)}", f"/api/v1/namespaces/{self.space}/pods"
        script = f'for n in $(seq {tries}); do psql -XAtq -v ON_ERROR_STOP=1 -h "$0" -U postgres -d app -c "$1" && exit; sleep 0.5; done; exit 1'
        self.api.create(pods, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": {
            "restartPolicy": "Never", "automountServiceAccountToken": False, "terminationGracePeriodSeconds": 0,
            "securityContext": {"runAsNonRoot": True, "runAsUser": 999, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "psql", "image": IMAGE, "command": ["sh", "-c", script, host, sql], "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}},
                "env": [{"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": "db-auth", "key": "password"}}}],
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}]}})
        phase = until(f"psql in {name}", lambda: {"Succeeded": "ok", "Failed": "failed"}.get(self.api.get(f"{pods}/{name}")["status"].get("phase")), 90)
        said = str(self.api.get(f"{pods}/{name}/log")).strip()
        assert phase == "ok" or tries == 1, f"{sql}: {said}"
        return said

    def restarts(self) -> int:
        return self.api.core("pods", self.space, "db-primary-0")["status"]["containerStatuses"][0]["restartCount"]

    def passwords(self) -> dict[str, str]:
        data = (self.api.core("secrets", self.space, "db-auth") or {}).get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def sizes(self) -> set[str]:
        return {claim["spec"]["resources"]["requests"]["storage"] for claim in self.api.core("persistentvolumeclaims", self.space)}


def test_rows_outlive_everything_but_a_wipe(ansible, api, package, space):
    database = Database(ansible, api, space)
    run = database.deploy()
    if run.last.failed and "Pull" in run.last.msg:
        pytest.skip(f"the cluster's nodes cannot fetch {IMAGE}")
    good(run)
    passwords = database.passwords()
    assert sorted(passwords) == ["password", "replication-password"] and all(len(value) == 24 for value in passwords.values())
    assert not any(value in run.output for value in passwords.values())
    assert database.ask("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS id; SELECT count(*) FROM kept") == "1000"

    # A replica copies what is there; the primary does not notice.
    good(database.deploy(replicas=1))
    assert database.ask("SELECT count(*), pg_is_in_recovery() FROM kept", "db-replica-0-0.db-headless") == "1000|t"
    assert database.restarts() == 0

    # An immediate end is to the data what SIGKILL is: nothing is written any more.
    assert "1001" in database.ask("INSERT INTO kept VALUES (1001) RETURNING id")
    database.ask("COPY (SELECT 1) TO PROGRAM 'kill -QUIT 1'", tries=1)
    until("the primary to be started again", lambda: database.restarts() == 1, 60)
    assert database.ask("SELECT count(*) FROM kept") == "1001"

    # Volumes grow with a value where their class can; elsewhere it is said before anything is changed.
    run = database.deploy(persistence__size="3Gi", config__maxConnections=50)
    if run.last.failed:
        assert "resize" in run.last.msg and database.sizes() == {"2Gi"}
        assert database.ask("SHOW max_connections") == "100"
    else:
        assert database.sizes() == {"3Gi"} and database.ask("SHOW max_connections") == "50"

    claims = api.claims(space)
    database.remove()
    assert api.claims(space) == claims and database.passwords() == passwords
    good(database.deploy())
    assert database.ask("SELECT count(*) FROM kept") == "1001"
    assert api.claims(space) == claims and database.passwords() == passwords

    database.remove(delete_policy="wipe", confirm="db")
    assert not api.claims(space) and not database.passwords() and not api.helm(space)
