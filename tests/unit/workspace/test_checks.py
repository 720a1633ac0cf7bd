# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What changed quotas and limits would break, in the words of acmp_quota."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import Refused
from ansible_collections.acmp.middleware.plugins.module_utils.project.records import Member, Project
from ansible_collections.acmp.middleware.plugins.module_utils.workspace import _checks, _plan, workspaces
from ansible_collections.acmp.middleware.plugins.module_utils.workspace._wanted import Workspace

from .simulated import carried_out

POD = {
    "metadata": {"name": "web-1", "namespace": "shop", "ownerReferences": [{"kind": "StatefulSet", "name": "web", "controller": True}]},
    "spec": {"containers": [{"name": "main", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "2"}}}]}, "status": {"phase": "Running"},
}
OTHERS = {"metadata": {"name": "theirs", "namespace": "shop"}, "spec": {"limits": [{"type": "Container", "defaultRequest": {"memory": "64Mi"}}]}}


def broken(wanted: Workspace, ranges: tuple = ()) -> list[str]:
    live = carried_out({}, _plan.steps([Workspace("shop")], Project("retail"), "local", {}))
    lists = {"Pod": [POD], "LimitRange": list(ranges)}
    kube = SimpleNamespace(list=lambda _api, kind, _namespace: lists.get(kind, []))
    return _checks.quotas(kube, [wanted], _plan.steps([wanted], Project("retail"), "local", live), live, Context())


def test_limits_that_running_pods_do_not_keep_are_told():
    wanted = Workspace("shop", "workspace shop", limits=[{"type": "Container", "max": {"cpu": "1"}}])
    assert broken(wanted) == ["workspace shop: StatefulSet web (1 pod): container main has limits.cpu 2, more than the maximum of 1"]
    assert broken(Workspace("shop", limits=[{"type": "Container", "max": {"cpu": "2"}}])) == []


def test_a_quota_is_judged_with_the_limits_of_others():
    wanted = Workspace("shop", "workspace shop", quota={"requests.memory": "1Gi", "requests.cpu": "1"})
    assert broken(wanted) == [
        "workspace shop: requests.cpu would be 1, and 2 is used",
        "workspace shop: StatefulSet web (1 pod): container main has no requests.memory, and no LimitRange gives a default",
    ]
    assert broken(wanted, (OTHERS,)) == ["workspace shop: requests.cpu would be 1, and 2 is used"]


def test_people_bound_by_name_on_another_cluster_are_warned_of_once():
    first = _plan.steps([Workspace("shop")], Project("retail", (Member("User", "ann"),)), "east", {})
    live = carried_out({}, first)
    later = _plan.steps([Workspace("shop")], Project("retail", (Member("User", "bob"),)), "east", live)
    assert "bound by name on cluster east" in _checks.strangers("east", first) and later
    for cluster, steps in (("local", first), ("east", later), ("east", _plan.steps([Workspace("shop")], Project("retail"), "east", {}))):
        assert _checks.strangers(cluster, steps) == ""


def test_check_mode_hears_what_the_policies_of_the_cluster_say():
    asked = []

    def apply(obj, dry_run):
        asked.append((obj["kind"], dry_run))
        raise Refused("managers make, change and delete namespaces of projects alone")

    work = SimpleNamespace(steps=_plan.steps([Workspace("shop")], Project("retail"), "local", {}))
    with pytest.raises(Refused, match="projects alone"):
        workspaces._try(SimpleNamespace(kube=SimpleNamespace(apply=apply)), work)
    assert asked == [("Namespace", True)]
