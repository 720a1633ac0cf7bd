# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a demo leaves on a machine or in a cluster, listed so that before and after can be compared.

A list is a mapping from a kind of thing ("mounts") to a sorted list of names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

CLUSTERS = Path(os.environ.get("ACMP_CLUSTER_HOME") or "/var/lib/acmp-cluster")
RUN = Path("/run/acmp-cluster")


def of_machine(name: str, slot: int | None) -> dict:
    """Traces of the cluster called ``name`` on this machine; ``slot`` is its place, from its record."""
    home, run = f"{CLUSTERS}/{name}", f"{RUN}/{slot}"
    group = f"/acmp-cluster/{slot}"
    volumes = Path(home, "volumes")
    mounts = [point for point in _mounts() if _below(point, home) or (slot is not None and _below(point, run))]
    return {
        "processes": _processes(group, home, run) if slot is not None else _processes(None, home, home),
        "mounts": [point for point in mounts if not _is_namespace(point)],
        "Linux namespaces": [point for point in mounts if _is_namespace(point)],
        "network links": [link for link in _links() if slot is not None and link == f"acmp{slot}"],
        "volume folders": sorted(str(path) for path in volumes.iterdir()) if volumes.is_dir() else [],
        "folders": [path for path in ([home, run] if slot is not None else [home]) if Path(path).exists()],
        "control groups": [str(path) for path in _groups(group)] if slot is not None else [],
    }


def machine() -> dict:
    """Everything of those kinds that can be told apart without knowing whose it is."""
    return {"mounts": _mounts(), "network links": _links()}


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def _is_namespace(point: str) -> bool:
    """A namespace is kept by a mount of its file, below a folder that the cluster calls ns."""
    return Path(point).parent.name == "ns"


def _mounts() -> list:
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return sorted(line.split()[4].replace("\\040", " ") for line in lines)


def _links() -> list:
    return sorted(os.listdir("/sys/class/net"))


def _groups(group: str) -> list:
    roots = [Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").glob("*")]
    return sorted({Path(f"{root}{group}") for root in roots if Path(f"{root}{group}").is_dir()})


def _processes(group: str | None, home: str, run: str) -> list:
    """Pods' processes are known by their control group, the others by the folders they were started with."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = entry.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")
            groups = entry.joinpath("cgroup").read_text()
        except OSError:
            continue  # it ended while we looked
        if words == [""]:
            continue  # it ended, and its parent has not asked for its exit status yet
        belongs = group is not None and any(_below(line.rpartition(":")[2], group) for line in groups.splitlines())
        if belongs or any(home + "/" in word or run + "/" in word for word in words):
            found.append(f"{entry.name} {os.path.basename(words[0])}")
    return sorted(found, key=lambda text: int(text.split()[0]))


def of_kubernetes(kubectl) -> dict:
    """Traces in a cluster; ``kubectl`` runs it and returns its output. Volumes are named by the claim they belong to."""
    def names(kind: str) -> list:
        return sorted(kubectl("get", kind, "-o", "name").split())

    volumes = json.loads(kubectl("get", "persistentvolumes", "-o", "json"))["items"]
    claims = [item["spec"].get("claimRef", {}) for item in volumes]
    return {
        "namespaces": names("namespaces"),
        "volumes": sorted(f"{item['metadata']['name']} ({claim.get('namespace')}/{claim.get('name')})" for item, claim in zip(volumes, claims, strict=True)),
        "custom resource kinds": [name for name in names("customresourcedefinitions") if "operators.apusic.com" in name],
        "cluster roles": [name for name in names("clusterroles") + names("clusterrolebindings") if "/acmp-" in name],
    }


def new(before: dict, after: dict) -> dict:
    """What is in ``after`` and was not in ``before``, kinds without anything left out."""
    found = {kind: [name for name in names if name not in before.get(kind, [])] for kind, names in after.items()}
    return {kind: names for kind, names in found.items() if names}


def table(before: dict, after: dict, limit: int = 6) -> str:
    """A line for each kind: how many there were, and what of them is still there, by name."""
    width = max(len(kind) for kind in before)
    lines = [f"  {'':{width}}  {'before':>6}  {'after':>6}"]
    for kind, names in before.items():
        left = after.get(kind, [])
        tail = "  still there: " + ", ".join(left[:limit]) + (" ..." if len(left) > limit else "") if left else ""
        lines.append(f"  {kind:{width}}  {len(names):6}  {len(left):6}{tail}")
    return "\n".join(lines)
