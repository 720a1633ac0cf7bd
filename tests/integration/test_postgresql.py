# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example package postgresql: a replica copies the primary, and rows outlive a crash (test_life.py has the rest of its life)."""

from __future__ import annotations

import pytest
from harness.checks import good, until
from harness.packages import forget
from harness.stores import EXAMPLES, POSTGRESQL, ROWS, Store, provide

# The first run builds the image.
pytestmark = [pytest.mark.once, pytest.mark.timeout(700)]


@pytest.fixture
def package(ansible, api, platform, kubeconfig):
    provide(POSTGRESQL, kubeconfig)
    forget(api, "postgresql")
    run = good(ansible.play({"acmp_package": {"src": str(EXAMPLES / "postgresql"), "state": "listed"}}))
    assert not run.last.data.get("warnings"), run.last.data
    yield
    ansible.play(*[{"acmp_package": {"name": "postgresql", "version": "1.0.0", "state": state}} for state in ("unlisted", "absent")])
    forget(api, "postgresql")


def test_rows_outlive_replicas_and_a_crash(ansible, api, package, space):
    store = Store(POSTGRESQL, api, space, "db")

    def task(**values) -> dict:
        return {"acmp_instance": {"name": "db", "namespace": space, "package": "postgresql", "values": {"resources.requests.cpu": "10m", **values}}}

    run = ansible.play(task())
    if run.last.failed and "Pull" in run.last.msg:
        pytest.skip(f"the cluster's nodes cannot fetch {POSTGRESQL.image}")
    good(run)
    passwords = store.passwords()
    assert sorted(passwords) == ["password", "replication-password"] and all(len(value) == 24 for value in passwords.values())
    assert not any(value in run.output for value in passwords.values())
    store.write()

    good(ansible.play(task(replicas=1)))
    assert store.ask("SELECT count(*), pg_is_in_recovery() FROM kept", "db-replica-0-0.db-headless") == f"{ROWS}|t"
    assert _restarts(api, space) == 0, "a new replica restarted the primary"

    # An immediate end is to the data what SIGKILL is: nothing is written any more.
    assert "1001" in store.ask("INSERT INTO kept VALUES (1001) RETURNING id")
    store.ask("COPY (SELECT 1) TO PROGRAM 'kill -QUIT 1'", tries=1)
    until("the primary to be started again", lambda: _restarts(api, space) == 1, 60)
    assert store.rows() == ROWS + 1
    good(ansible.play({"acmp_instance": {"name": "db", "namespace": space, "state": "absent", "delete_policy": "wipe", "confirm": "db"}}))
    assert not api.claims(space) and not store.passwords() and not api.helm(space)


def _restarts(api, space: str) -> int:
    return api.core("pods", space, "db-primary-0")["status"]["containerStatuses"][0]["restartCount"]
