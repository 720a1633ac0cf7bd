# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pods that can do no harm: Kubernetes' Pod Security Standards, level restricted."""

from __future__ import annotations

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ._layer import Options, Placed, name
from ._objects import REASON, Container, containers, get, mapping, note_near, note_unless_reasoned, pod, texts

_NODE = f"Leave it out; for an agent of the node say why not in the annotation {REASON}"
RULES = {
    "WORK-010": Rule(ERROR, "containers are not privileged", _NODE),
    "WORK-011": Rule(ERROR, "pods do not see their node's processes", _NODE),
    "WORK-012": Rule(WARNING, "containers do not run as root", "Set runAsNonRoot: true and a runAsUser above 0"),
    "WORK-013": Rule(HINT, "containers are told not to run as root", "Set securityContext.runAsNonRoot: true"),
    "WORK-014": Rule(HINT, "processes cannot gain rights", "Set securityContext.allowPrivilegeEscalation: false"),
    "WORK-015": Rule(WARNING, "containers add no capabilities", "Leave capabilities.add out; NET_BIND_SERVICE is allowed"),
    "WORK-016": Rule(HINT, "containers drop all capabilities", 'Set securityContext.capabilities.drop: ["ALL"]'),
    "WORK-017": Rule(HINT, "containers cannot change their own files", "Set readOnlyRootFilesystem: true, and mount volumes where they write"),
    "WORK-018": Rule(HINT, "system calls are filtered", "Set securityContext.seccompProfile.type: RuntimeDefault"),
    "WORK-019": Rule(HINT, "containers have a securityContext", "Set runAsNonRoot, allowPrivilegeEscalation, capabilities and seccompProfile"),
    "WORK-020": Rule(HINT, "use of the node with a written reason", "Read the reason before the package is listed"),
}


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes what keeps pods from the level restricted."""
    for placed in objects:
        spec, steps = pod(placed.object) or ({}, ())
        for key, what in (("hostPID", "processes"), ("hostIPC", "shared memory")):
            if spec.get(key) is True:
                note_unless_reasoned(report, "WORK-011", "WORK-020", f"{name(placed)} sees the {what} of its node ({key})", placed, (*steps, key))
        for container in containers(placed.object):
            _check_container(placed, container, mapping(spec.get("securityContext")), report)


def _check_container(placed: Placed, container: Container, outer: dict, report: Report) -> None:
    inner = mapping(container.data.get("securityContext"))
    here = (*container.steps, "securityContext")
    who, near = f"{name(placed)}, container {container.name}", container.data.get("name")
    if not inner and not outer:
        note_near(report, "WORK-019", f"{who}: neither it nor its pod has a securityContext", placed, container.steps, near)
        return
    if inner.get("privileged") is True:
        note_unless_reasoned(report, "WORK-010", "WORK-020", f"{who}: is privileged", placed, (*here, "privileged"), near)
    user = inner.get("runAsUser", outer.get("runAsUser"))
    if user == 0 and user is not False:
        note_near(report, "WORK-012", f"{who}: runs as root (runAsUser: 0)", placed, (*here, "runAsUser"), near)
    elif inner.get("runAsNonRoot", outer.get("runAsNonRoot")) is not True:
        note_near(report, "WORK-013", f"{who}: nothing says that it must not run as root", placed, (*here, "runAsNonRoot"), near)
    if inner.get("allowPrivilegeEscalation") is not False:
        note_near(report, "WORK-014", f"{who}: its processes may gain rights", placed, (*here, "allowPrivilegeEscalation"), near)
    added = [capability for capability in texts(get(inner, "capabilities", "add")) if capability.upper().removeprefix("CAP_") != "NET_BIND_SERVICE"]
    if added:
        note_near(report, "WORK-015", f"{who}: adds the capabilities {', '.join(map(shown, added[:10]))}", placed, (*here, "capabilities", "add"), near)
    if "ALL" not in (capability.upper() for capability in texts(get(inner, "capabilities", "drop"))):
        note_near(report, "WORK-016", f"{who}: keeps capabilities", placed, (*here, "capabilities"), near)
    if inner.get("readOnlyRootFilesystem") is not True:
        note_near(report, "WORK-017", f"{who}: can change the files of its image", placed, (*here, "readOnlyRootFilesystem"), near)
    if (get(inner, "seccompProfile", "type") or get(outer, "seccompProfile", "type")) not in ("RuntimeDefault", "Localhost"):
        note_near(report, "WORK-018", f"{who}: its system calls are not filtered", placed, (*here, "seccompProfile"), near)
