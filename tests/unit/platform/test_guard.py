# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The policies that bound managers cover every right that could lead out of their namespaces; what they decide is tried on a real API server."""

from __future__ import annotations

from ansible_collections.acmp.middleware.plugins.module_utils import rights
from ansible_collections.acmp.middleware.plugins.module_utils.context import Context
from ansible_collections.acmp.middleware.plugins.module_utils.errors import NotFound
from ansible_collections.acmp.middleware.plugins.module_utils.platform import _guard, setup

WRITES = {"create", "update", "patch", "delete"}
# Records of the platform lie outside namespaces, binding a role needs a binding, and of the bindings for a whole cluster only one can be deleted.
ELSEWHERE = {"clusters", "projects", "clusters/status", "projects/status", "operations", "clusterroles", "clusterrolebindings"}


def _covered(group: str, resource: str, names: list[str]) -> bool:
    rules = [rule for obj in _guard.objects() if obj["kind"] == _guard.KIND for rule in obj["spec"]["matchConstraints"]["resourceRules"]]
    return any(group in rule["apiGroups"] and resource in rule["resources"] and set(names) <= set(rule.get("resourceNames", names)) for rule in rules)


def test_every_right_to_write_in_any_namespace_is_bounded():
    open_ways = [
        (group, resource, rule.get("resourceNames")) for rule in rights.MANAGER if WRITES & set(rule["verbs"]) for group in rule["apiGroups"]
        for resource in rule["resources"] if resource not in ELSEWHERE and not _covered(group, resource, rule.get("resourceNames", ["anything"]))
    ]
    assert open_ways == []


def test_the_account_of_workspaces_is_kept_from_everybody_and_in_no_other_namespace():
    (policy,) = [obj["spec"] for obj in _guard.objects() if obj["kind"] == _guard.KIND and obj["metadata"]["name"] == "acmp-workspace-account"]
    assert "matchConditions" not in policy and policy["matchConstraints"]["namespaceSelector"]["matchExpressions"][0]["key"] == rights.PROJECT_LABEL
    assert {name for rule in policy["matchConstraints"]["resourceRules"] for name in rule["resources"]} == {"pods", "secrets"}
    assert rights.WORKSPACE_ACCOUNT in policy["validations"][0]["expression"]


def test_a_policy_without_its_binding_would_decide_nothing():
    policies = [obj["metadata"]["name"] for obj in _guard.objects() if obj["kind"] == _guard.KIND]
    bound = [obj["spec"]["policyName"] for obj in _guard.objects() if obj["kind"] == f"{_guard.KIND}Binding" and obj["spec"]["validationActions"] == ["Deny"]]
    assert policies == bound and policies


def test_managers_alone_are_bounded_and_a_policy_that_cannot_decide_denies():
    for obj in _guard.objects():
        if obj["kind"] == _guard.KIND:
            assert obj["spec"]["failurePolicy"] == "Fail"
            if obj["metadata"]["name"].startswith("acmp-managers"):
                text = obj["spec"]["matchConditions"][0]["expression"]
                assert f"check('{rights.MARKER}')" in text and "check('escalate')" in text
    assert any(rights.MARKER in rule["verbs"] for rule in rights.MANAGER)


class Kube:
    server = "https://api"

    def __init__(self, served: bool) -> None:
        self.served = served

    def list(self, _api_version, kind, **_more):
        if not self.served:
            raise NotFound(f"The cluster does not know the kind {kind}", details={"missing": "kind"})
        return []


def test_an_old_cluster_is_told_apart_and_spoken_of():
    for served in (True, False):
        ctx = Context(env={})
        assert setup._guards(Kube(served), ctx) == (_guard.objects() if served else [])
        assert any("acmp:managers can give themselves every right" in text for text in ctx.warnings) is not served
