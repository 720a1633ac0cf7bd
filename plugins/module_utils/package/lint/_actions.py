# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions (manual 7.3.1.4): what op-PRODUCT-ACTION.yaml starts can run, ends, and has no more rights than it needs.

They run beside the instance, started by whoever may use it: nothing of the node, no account of their own unless the annotation
operators.apusic.com/reason of the document says why.
"""

from __future__ import annotations

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from . import _images
from ._layer import Options, Placed, name, note
from ._objects import CONTAINER, REASON, containers, get, kind, mapping, maps, namespace, note_unless_reasoned, pod, text, texts

RULES = {
    "OP-030": Rule(ERROR, "an action has containers with an image", "Write spec as the kind asks for it"),
    "OP-031": Rule(ERROR, "an action takes nothing of its node", "Leave hostPath, hostNetwork, hostPID, hostIPC, hostPort and local volumes out"),
    "OP-032": Rule(ERROR, "an action's containers are not privileged", "Leave privileged out"),
    "OP-033": Rule(ERROR, "an action has no account of its own", f"Leave serviceAccountName out, or say why not in the annotation {REASON}"),
    "OP-034": Rule(HINT, "accounts of actions with a written reason", "Read the reason before the package is listed"),
    "OP-035": Rule(ERROR, "an action's pod ends", "Write restartPolicy: Never or OnFailure"),
    "OP-036": Rule(WARNING, "an action runs in its instance's namespace", "Leave metadata.namespace out"),
    "OP-037": Rule(HINT, "an action comes with the one that undoes it", "Add the other file"),
    "OP-038": Rule(HINT, "an action ends after a bounded time", "Set activeDeadlineSeconds"),
    "OP-039": Rule(WARNING, "an action's containers add no capabilities", "Leave capabilities.add out"),
}

PAIRS = (("backup", "recovery"), ("startup", "shutdown"))


def check(package: Package, report: Report, options: Options) -> None:
    """Notes what is wrong with the package's actions, and which are missing beside others."""
    for action in package.actions:
        for document, data in enumerate(action.documents):
            placed = Placed(data, action.path, document)
            _check_document(placed, report)
            _images.check_images(placed, report, options)
    paths = {action.name: action.path for action in package.actions}
    for pair in PAIRS:
        for one, other in (pair, pair[::-1]):
            if one in paths and other not in paths:
                report.add("OP-037", f"The package has the action {one} and not {other}", paths[one])


def _check_document(placed: Placed, report: Report) -> None:
    if namespace(placed.object) and "{{" not in namespace(placed.object):
        note(report, "OP-036", f"{name(placed)} runs in the namespace {shown(namespace(placed.object))}", placed, ("metadata", "namespace"))
    ours = kind(placed.object) in ("Pod", "Job", "CronJob")
    found = pod(placed.object)
    if not found:
        if ours:
            note(report, "OP-030", f"{name(placed)} has no pod", placed, ("spec",))
        return
    spec, steps = found
    listed = maps(spec.get(CONTAINER))
    if ours and not listed:
        note(report, "OP-030", f"{name(placed)} has no container", placed, steps)
    _check_node(placed, spec, steps, report)
    _check_containers(placed, report)
    account = text(spec.get("serviceAccountName")) or text(spec.get("serviceAccount"))
    key = "serviceAccountName" if "serviceAccountName" in spec else "serviceAccount"
    if account not in ("", "default"):
        note_unless_reasoned(report, "OP-033", "OP-034", f"{name(placed)} runs with the account {shown(account)}", placed, (*steps, key))
    elif spec.get("automountServiceAccountToken") is True:
        note_unless_reasoned(report, "OP-033", "OP-034", f"{name(placed)} asks for a token", placed, (*steps, "automountServiceAccountToken"))
    if ours and spec.get("restartPolicy") not in ("Never", "OnFailure"):
        given = f"restartPolicy {shown(spec['restartPolicy'])}" if spec.get("restartPolicy") else "no restartPolicy"
        note(report, "OP-035", f"{name(placed)} has {given}: its pod would start again for ever", placed, (*steps, "restartPolicy"))
    job = mapping(get(placed.object, "spec") if kind(placed.object) == "Job" else get(placed.object, "spec", "jobTemplate", "spec"))
    if ours and not spec.get("activeDeadlineSeconds") and not job.get("activeDeadlineSeconds"):
        note(report, "OP-038", f"{name(placed)} has no activeDeadlineSeconds", placed, ("spec",))


def _check_node(placed: Placed, spec: dict, steps: tuple, report: Report) -> None:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key) is True:
            note(report, "OP-031", f"{name(placed)} uses its node ({key})", placed, (*steps, key))
    for index, volume in maps(spec.get("volumes")):
        for key in ("hostPath", "local"):
            if key in volume:
                note(report, "OP-031", f"{name(placed)} mounts files of its node ({key})", placed, (*steps, "volumes", index, key))


def _check_containers(placed: Placed, report: Report) -> None:
    for container in containers(placed.object):
        context = mapping(container.data.get("securityContext"))
        here = (*container.steps, "securityContext")
        who = f"{name(placed)}, container {container.name}"
        if context.get("privileged") is True:
            note(report, "OP-032", f"{who}: is privileged", placed, (*here, "privileged"))
        added = [capability for capability in texts(get(context, "capabilities", "add")) if capability.upper().removeprefix("CAP_") != "NET_BIND_SERVICE"]
        if added:
            note(report, "OP-039", f"{who}: adds the capabilities {', '.join(map(shown, added[:10]))}", placed, (*here, "capabilities", "add"))
        for index, port in maps(container.data.get("ports")):
            if port.get("hostPort"):
                note(report, "OP-031", f"{who}: takes a port of its node", placed, (*container.steps, "ports", index, "hostPort"))
