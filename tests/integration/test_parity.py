# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same tasks through the action plugins and as modules: equal results, equal traces in the cluster."""

from __future__ import annotations

import json
import re

from harness.ansible import Result, instance
from harness.checks import good
from harness.packages import forget, package_with

# Differ from run to run, whichever way it is run.
_VOLATILE = {
    "operation", "created_at", "observed_at", "uploaded_at", "listed_at", "cluster_ip", "invocation", "ip", "creationTimestamp", "exception", "seconds",
    "uid", "volume",
}
_MODULE_ONLY = {"ansible_facts", "_ansible_no_log", "_ansible_parsed"}
_WORDS = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?"), "TIME"), (re.compile(r"(?<=-)[0-9a-f]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}"), "POD"),
    (re.compile(r"\b\d+(\.\d+)? ?s\b"), "SECONDS"), (re.compile(r"0x[0-9a-f]+"), "ADDRESS"),
)


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _VOLATILE | _MODULE_ONLY and not key.startswith("_ansible")}
    if isinstance(value, list):
        # How long a pod takes to go is nobody's result; kubectl calls one that has ended already by how it ended.
        return [_plain(item) for item in value if not (isinstance(item, dict) and item.get("status") in ("Terminating", "Completed", "Error"))]
    if isinstance(value, str):
        for pattern, word in _WORDS:
            value = pattern.sub(word, value)
    return value


def _sequence(space: str, folder: str) -> list[dict]:
    version = {"name": "parity", "version": "1.0.0"}
    check, diff = {"check_mode": True}, {"diff": True}
    return [
        {"acmp_setup": {}},
        {"acmp_package": {"src": folder}, **check, **diff},
        {"acmp_package": {"src": folder}},
        {"acmp_package_info": {"name": "parity"}},
        {"acmp_package": {"src": folder, "state": "listed"}, **diff},
        {"acmp_package": {**version, "state": "absent"}},
        {"acmp_package": {"name": "parity"}},
        {"acmp_package": {"src": "/nowhere"}},
        {"acmp_package_info": {"phase": "sideways"}},
        instance("one", space, package="parity", values={"replicas": 2, "claim.enabled": True}) | check | diff,
        instance("one", space, package="parity", values={"replicas": 2, "claim.enabled": True}) | diff,
        instance("one", space, package="parity", values={"replicas": 2, "claim.enabled": True}),
        instance("one", space, values_mode="merge", values={"replicas": 1}) | diff,
        {"acmp_instance_info": {"namespace": space}},
        {"acmp_instance_info": {"namespace": space, "live": False, "phase": "ready"}},
        instance("two", space, package="paritty"),
        instance("two", space, package="parity", values={"replicas": "x"}),
        instance("two", space, package="parity", values={"image.tag": "no such tag"}, wait_timeout=20),
        instance("one", space, bogus="option"),
        {"acmp_instance": {"name": "one"}},
        instance("one", space, state="absent", delete_policy="wipe"),
        instance("one", space, state="absent") | check,
        instance("one", space, state="absent"),
        instance("one", space, state="absent", delete_policy="wipe", confirm="one"),
        instance("one", space, state="absent", delete_policy="wipe", confirm="one"),
        {"acmp_package": {**version, "state": "unlisted"}},
        {"acmp_package": {**version, "state": "absent"}},
    ]


def test_both_ways_are_one(ansible, api, space):
    """Twenty-seven tasks, of which a third fail: result by result the same, and the same objects left behind."""
    folder = package_with(ansible.scratch, "parity")
    forget(api, "parity")
    ways = {}
    for in_process in (True, False):
        run = ansible.play(*_sequence(space, folder), in_process=in_process)
        objects = sorted(re.sub(r"-[a-z0-9]{5}$", "-X", name) for name in api.everything(space) if not name.startswith("pods/"))
        ways[in_process] = ([_shown(result) for result in run.results], objects)
        forget(api, "parity")
        for operation in api.own("operations", space):
            api.delete(f"/apis/operators.apusic.com/v1alpha1/namespaces/{space}/operations/{operation['metadata']['name']}")
    inside, outside = ways[True][0], ways[False][0]
    assert len(inside) == len(outside) == len(_sequence(space, folder))
    different = [
        f"task {number + 1}:\n  in-process {json.dumps(one, sort_keys=True)[:1500]}\n  module     {json.dumps(other, sort_keys=True)[:1500]}"
        for number, (one, other) in enumerate(zip(inside, outside, strict=True)) if one != other]
    assert not different, "\n".join(different)
    assert ways[True][1] == ways[False][1]
    # A sequence in which nothing worked would be equal as well.
    assert [item["outcome"] for item in inside].count("failed") == 10, [(number + 1, item["outcome"]) for number, item in enumerate(inside)]


def _shown(result: Result) -> dict:
    data = _plain(result.data)
    data.setdefault("changed", False)
    data.pop("failed", None)
    # Both have it when asked; a module always leaves it out otherwise, an action plugin may say that nothing differs.
    if not data.get("diff"):
        data.pop("diff", None)
    # Options are refused before run() by Ansible's own validator, each way in its own words.
    if result.failed and not result.error:
        data = {"changed": False, "msg": re.sub(r"^Invalid options for \S+: |Unsupported parameters for \(\S+\) module: |\. Supported.*", "", data["msg"])}
    return {"outcome": result.outcome, **data}


def test_async_takes_the_module(ansible, space, tmp_path):
    """async: works, and ends in the same result."""
    run = good(ansible.play({**instance("one", space, package="tiny"), "async": 120, "poll": 1}, instance("one", space, package="tiny"), in_process=True,
                            env={"ANSIBLE_ASYNC_DIR": str(tmp_path)}))
    assert run[0]["instance"]["phase"] == "Ready" and not run[1].changed
