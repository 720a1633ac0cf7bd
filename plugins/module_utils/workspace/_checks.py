# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be looked up before workspaces are written: members that do not exist, quotas that break what runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..cluster import network
from ..context import Context
from ..platform.setup import LOCAL
from ..quota.quotas import risks
from ._objects import OWN, Live
from ._observe import many
from ._plan import Step
from ._wanted import Workspace


def accounts(home: Any, wanted: Iterable[Workspace], steps: Iterable[Step]) -> list[str]:
    """The service accounts among new members that do not exist; each is asked for once."""
    written = {step.object["metadata"]["namespace"] for step in steps if step.object["kind"] == "RoleBinding"}
    asked: dict[tuple[str, str], list[str]] = {}
    for workspace in wanted:
        for member in workspace.members or ():
            if workspace.name in written and member.kind == "ServiceAccount":
                asked.setdefault((str(member.namespace), member.name), []).append(workspace.where)
    found = many(lambda place: home.get("v1", "ServiceAccount", place[1], place[0], metadata_only=True), asked)
    return [
        f"{asked[namespace, name][0]}.members: ServiceAccount {namespace}/{name} does not exist on the management cluster"
        for (namespace, name), account in found if account is None
    ]


def isolation(kube: Any, cluster: str, steps: Iterable[Step]) -> str:
    """What has to be known of a cluster on which workspaces are isolated now; empty where its network heeds that."""
    isolated = any(step.object["kind"] == "NetworkPolicy" and step.action == "create" for step in steps)
    return network.warning(cluster) if isolated and not network.enforcer(kube) else ""


def strangers(cluster: str, steps: Iterable[Step]) -> str:
    """What has to be known where people are bound on another cluster for the first time; empty where none are."""
    bound = [step.object for step in steps if step.object["kind"] == "RoleBinding" and step.action == "create"]
    if cluster == LOCAL or not any(subject["kind"] in ("User", "Group") for obj in bound for subject in obj["subjects"]):
        return ""
    return (
        f"Users and groups are bound by name on cluster {cluster}: where it signs people in otherwise than the management cluster, somebody else may have "
        "such a name there")


def quotas(kube: Any, wanted: Iterable[Workspace], steps: Iterable[Step], live: Live, ctx: Context) -> list[str]:
    """What changed quotas and limits would break, judged as acmp_quota does it; five requests at most for each namespace."""
    changed = {
        step.object["metadata"]["namespace"] for step in steps
        if step.object["kind"] in ("ResourceQuota", "LimitRange") and ("Namespace", "", step.object["metadata"]["namespace"]) in live
    }
    found = many(lambda item: risks(kube, item.name, OWN, item.quota, item.limits, ctx), [item for item in wanted if item.name in changed])
    return [f"{item.where}: {text}" for item, texts in found for text in texts]
