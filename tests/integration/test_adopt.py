# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release that somebody installed with plain Helm becomes an instance, and only when told."""

from __future__ import annotations

import subprocess

import pytest
from harness.ansible import instance
from harness.checks import good
from harness.packages import TINY, forget, listed, package_with, unlisted

pytestmark = pytest.mark.once
STRANGER = "not-tiny"


@pytest.fixture
def stranger(ansible, api, scratch, platform) -> str:
    """A listed package of a chart with another name."""
    forget(api, STRANGER)
    good(ansible.play(*listed(package_with(scratch, STRANGER))))
    yield STRANGER
    good(ansible.play(*unlisted(STRANGER, "1.0.0")))


def test_a_release_of_plain_helm(ansible, api, space, kubeconfig, helm_binary, stranger):
    words = ["install", "one", str(TINY / "raw" / "tiny"), "--set", "claim.enabled=true", "--wait", "--timeout", "120s"]
    subprocess.run([helm_binary, "--kubeconfig", kubeconfig, "-n", space, *words], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    pods, claims, before = api.pods(space), api.claims(space), api.everything(space)

    def task(**more):
        return instance("one", space, **{"package": "tiny", "values": {"claim.enabled": True}, **more})

    # Refused, whoever does not say so and whoever has another chart: nothing of it is touched, and nothing is recorded.
    taken, foreign, secret = ansible.play(
        task(), task(adopt=True, package=stranger), task(adopt=True, values={"claim.enabled": True, "image.tag": ["no", "tag"]})).results
    assert taken.failed and 'is taken by a Helm release that is no instance' in taken.msg and "adopt: true" in taken.msg
    assert foreign.failed and 'is of chart "tiny", and the package deploys chart "not-tiny"' in foreign.msg
    assert secret.failed
    assert api.everything(space) == before

    # One that cannot run: the release is its owner's again, and still no instance.
    failed = ansible.play(task(adopt=True, values={"claim.enabled": True, "image.tag": "9.9.9"}, wait_timeout=8)).last
    assert failed.failed and "went back to Helm revision 1, which is no instance" in str(failed.data), failed.data
    assert not api.own("instances", space, "one")
    assert [status for _revision, status in api.helm(space)["one"]][-1] == "deployed"
    assert api.pods(space) >= pods and api.claims(space) == claims

    foretold, done, again = good(ansible.play(task(adopt=True) | {"check_mode": True}, task(adopt=True), task())).results
    assert foretold["actions"] == done["actions"] and "take over Helm release one" in done["actions"][0]
    assert done.changed and not again.changed
    assert done["instance"]["phase"] == "Ready"
    assert api.pods(space) == pods and api.claims(space) == claims

    # An instance like any other.
    good(ansible.play(instance("one", space, state="absent", delete_policy="wipe", confirm="one")))
    assert not api.helm(space) and not api.claims(space)
