# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to be looked up before workspaces are written: members that do not exist, quotas that break what runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..quota import use
from . import _network
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
    return _network.warning(cluster) if isolated and not _network.enforcer(kube) else ""


def quotas(kube: Any, wanted: Iterable[Workspace], steps: Iterable[Step], live: Live) -> list[str]:
    """What a changed quota would break: numbers below use, pods that have no requests; one list of pods, and at most two more, for each namespace."""
    asked = {workspace.name: workspace for workspace in wanted}
    changed = [
        step for step in steps
        if step.object["kind"] == "ResourceQuota" and step.action != "remove" and ("Namespace", "", step.object["metadata"]["namespace"]) in live
    ]
    return [text for _step, found in many(lambda step: _broken(kube, step, asked[step.object["metadata"]["namespace"]], live), changed) for text in found]


def _broken(kube: Any, step: Step, workspace: Workspace, live: Live) -> list[str]:
    name, hard = workspace.name, step.object["spec"]["hard"]
    pods = kube.list("v1", "Pod", name)
    before = step.live or {"spec": {}, "status": {}}
    known = (before.get("status") or {}).get("used") or {}
    new = [key for key in hard if key not in known]
    claims = kube.list("v1", "PersistentVolumeClaim", name) if any("storage" in key or "persistentvolumeclaims" in key for key in new) else []
    services = kube.list("v1", "Service", name) if any(key.startswith("services") for key in new) else []
    used = {**use.counted(new, pods, claims, services), **known}
    low = use.lowered({"spec": before.get("spec") or {}, "status": {"used": used}}, step.object)
    limits = workspace.limits
    if limits is None:
        limits = ((live.get(("LimitRange", name, OWN)) or {}).get("spec") or {}).get("limits") or []
    return [
        *(f"{workspace.where}.quota: {key} would be {wish}, and {taken} is in use" for key, taken, wish in low),
        *(f"{workspace.where}.quota: {text}" for text in use.unfit_pods(pods, hard, limits)),
    ]
