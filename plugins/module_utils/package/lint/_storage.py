# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage (manual 7.3.1.3): all but temporary data lies on the platform's common storage, by claims."""

from __future__ import annotations

from collections.abc import Iterator

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name, note
from ._objects import REASON, annotation, containers, get, group, hook_events, kind, mapping, maps, note_near, note_unless_reasoned, pod, text
from ._reading import LARGEST

RULES = {
    "STOR-001": Rule(ERROR, "pods mount nothing of their node", f"Use a claim; for an agent of the node say why not in the annotation {REASON}"),
    "STOR-002": Rule(WARNING, "packages claim storage and bring none", "Leave volumes and storage classes to the manager, claim what is needed"),
    "STOR-003": Rule(WARNING, "a StatefulSet keeps its data on claims", f"Add volumeClaimTemplates; where nothing is kept say so in the annotation {REASON}"),
    "STOR-004": Rule(HINT, "the storage class of claims can be chosen", "Add a value such as persistence.storageClass, empty for the cluster's default"),
    "STOR-005": Rule(WARNING, "claims name no storage class of their own", "Take the class from a value, empty for the cluster's default"),
    "STOR-006": Rule(WARNING, "claims outlive their StatefulSet", "Write Retain for whenDeleted and whenScaled"),
    "STOR-007": Rule(HINT, "claims outlive their release", "Add the annotation helm.sh/resource-policy: keep, or make claims by volumeClaimTemplates"),
    "STOR-008": Rule(HINT, "emptyDir volumes have a size limit", "Add sizeLimit: a full node is everybody's trouble"),
    "STOR-009": Rule(HINT, "storage with a written reason", "Read the reason before the package is listed"),
}

_KNOB = "storageclass"


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes volumes of nodes, data that is lost with its pod, and claims that cannot be fitted to a cluster."""
    knob = _has_knob(package)
    for placed in objects:
        what = kind(placed.object)
        _check_volumes(placed, report)
        if what == "StatefulSet" and group(placed.object) == "apps":
            _check_set(placed, report)
        elif what == "PersistentVolume":
            where = "a folder of its node" if isinstance(get(placed.object, "spec", "hostPath"), dict) else "storage that not every cluster has"
            _add(report, "STOR-002", f"{name(placed)} brings {where}", placed, ("kind",))
        elif what == "StorageClass" and get(placed.object, "provisioner") == "kubernetes.io/no-provisioner":
            _add(report, "STOR-002", f"{name(placed)} stands for local volumes", placed, ("provisioner",))
        elif what == "PersistentVolumeClaim" and package.template_type == "helm" and not hook_events(placed.object):
            if annotation(placed.object, "helm.sh/resource-policy") != "keep":
                note(report, "STOR-007", f"{name(placed)} is removed with its release unless the platform keeps it", placed, ("metadata",))
        for spec, steps in _claims(placed.object):
            _check_claim(placed, spec, steps, knob, report)


def _check_volumes(placed: Placed, report: Report) -> None:
    found = pod(placed.object)
    if not found:
        return
    spec, steps = found
    for index, volume in maps(spec.get("volumes")):
        here, title = (*steps, "volumes", index), text(volume.get("name"))
        if "hostPath" in volume:
            _add(report, "STOR-001", f"{name(placed)} mounts a folder of its node: volume {title}", placed, (*here, "hostPath"), title)
        if "emptyDir" in volume and not mapping(volume["emptyDir"]).get("sizeLimit"):
            note_near(report, "STOR-008", f"{name(placed)}: the emptyDir {title} has no size limit", placed, (*here, "emptyDir"), title)


def _check_set(placed: Placed, report: Report) -> None:
    spec = mapping(placed.object.get("spec"))
    policy = mapping(spec.get("persistentVolumeClaimRetentionPolicy"))
    for when in ("whenDeleted", "whenScaled"):
        if policy.get(when) == "Delete":
            steps = ("spec", "persistentVolumeClaimRetentionPolicy", when)
            _add(report, "STOR-006", f"{name(placed)} deletes its claims with what they hold ({when})", placed, steps)
    if maps(spec.get("volumeClaimTemplates")) or not _writes(placed.object):
        return
    volumes = [volume for _index, volume in maps(mapping((pod(placed.object) or ({},))[0]).get("volumes"))]
    if not any(sort in volume for volume in volumes for sort in ("persistentVolumeClaim", "ephemeral", "csi", "nfs", "hostPath")):
        _add(report, "STOR-003", f"{name(placed)} has no claims: what its pods write is lost with them", placed, ("spec",))


def _writes(item: dict) -> bool:
    """Whether some container can write to its own file system or to an emptyDir on disk."""
    volumes = maps(mapping((pod(item) or ({},))[0]).get("volumes"))
    on_disk = any("emptyDir" in volume and mapping(volume["emptyDir"]).get("medium") != "Memory" for _index, volume in volumes)
    return on_disk or not all(get(container.data, "securityContext", "readOnlyRootFilesystem") is True for container in containers(item))


def _claims(item: dict) -> Iterator[tuple[dict, tuple]]:
    """(spec, place) of each claim an object makes."""
    if kind(item) == "PersistentVolumeClaim":
        yield mapping(item.get("spec")), ("spec",)
    for index, claim in maps(get(item, "spec", "volumeClaimTemplates")):
        yield mapping(claim.get("spec")), ("spec", "volumeClaimTemplates", index, "spec")
    found = pod(item)
    for index, volume in maps(found[0].get("volumes")) if found else ():
        claim = get(volume, "ephemeral", "volumeClaimTemplate", "spec")
        if isinstance(claim, dict):
            yield claim, (*found[1], "volumes", index, "ephemeral", "volumeClaimTemplate", "spec")


def _check_claim(placed: Placed, spec: dict, steps: tuple, knob: bool, report: Report) -> None:
    named = spec.get("storageClassName")
    # What a chart's template writes there is judged in the template: a value may stand behind it.
    if named is not None and placed.document is not None:
        _add(report, "STOR-005", f'{name(placed)} claims storage of the class "{shown(named)}", which a cluster may not have', placed,
             (*steps, "storageClassName"))
    elif named is None and placed.document is None and not knob:
        note(report, "STOR-004", f"{name(placed)} claims storage of which no value chooses the class", placed, steps)


def _has_knob(package: Package) -> bool:
    """Whether the chart speaks of storage classes anywhere."""
    prefix = f"{package.raw_root}/"
    return any(_KNOB in data.decode("utf-8", "replace").casefold() for path, data in package.tree.items()
               if path.startswith(prefix) and path.endswith((".yaml", ".yml", ".tpl")) and len(data) <= LARGEST)


def _add(report: Report, rule: str, message: str, placed: Placed, steps: tuple, near: str = "") -> None:
    note_unless_reasoned(report, rule, "STOR-009", message, placed, steps, near)
