# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes objects of unknown content: their parts, whatever stands where a map or a list is expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..model._fields import shown
from ..model._report import Report
from ._layer import Placed, note

REASON = "operators.apusic.com/reason"
HOOK = "helm.sh/hook"
CONTAINER, INIT, EPHEMERAL = "containers", "initContainers", "ephemeralContainers"

_TEMPLATE = ("spec", "template", "spec")
# Where the pod stands in the kinds that make pods.
_PODS = {
    "Pod": ("spec",), "PodTemplate": ("template", "spec"), "Deployment": _TEMPLATE, "StatefulSet": _TEMPLATE, "DaemonSet": _TEMPLATE,
    "ReplicaSet": _TEMPLATE, "ReplicationController": _TEMPLATE, "Job": _TEMPLATE, "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
# Kinds of which the containers are meant to run for ever.
LASTING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController")


@dataclass(frozen=True)
class Container:
    """One container of a pod. steps: its place in the object; sort: containers, initContainers or ephemeralContainers."""

    data: dict
    steps: tuple
    sort: str

    @property
    def name(self) -> str:
        return shown(self.data.get("name") or "without a name")


def mapping(value: object) -> dict:
    """The value if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def maps(value: object) -> list[tuple[int, dict]]:
    """(index, item) of those items of a list that are maps."""
    return [(index, item) for index, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []


def texts(value: object) -> list[str]:
    """Those items of a list that are texts; one text stands for a list of one."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def text(value: object) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def get(value: object, *steps: str) -> object:
    """The value below keys of maps, None where there is none."""
    for step in steps:
        value = mapping(value).get(step)
    return value


def kind(item: dict) -> str:
    """The kind, "" where it is no text."""
    return text(item.get("kind"))


def group(item: dict) -> str:
    """The API group, "" for the core group."""
    return text(item.get("apiVersion")).rpartition("/")[0]


def object_name(item: dict) -> str:
    """metadata.name, "" where it is no text."""
    return text(get(item, "metadata", "name"))


def namespace(item: dict) -> str:
    """metadata.namespace, "" where none is set."""
    return text(get(item, "metadata", "namespace"))


def annotation(item: dict, key: str) -> str:
    """The annotation's text, "" where there is none."""
    return text(get(item, "metadata", "annotations", key))


def hook_events(item: dict) -> list[str]:
    """Events of a Helm hook such as ["pre-install"]; [] for an ordinary object."""
    return [event.strip().lower() for event in annotation(item, HOOK).split(",") if event.strip()]


def pod(item: dict) -> tuple[dict, tuple] | None:
    """(the pod's spec, its place) of an object that makes pods, also of a kind that is not Kubernetes' own but looks the same; else None."""
    steps = _PODS.get(kind(item))
    found = get(item, *(steps or _TEMPLATE))
    if isinstance(found, dict) and (steps or isinstance(found.get(CONTAINER), list)):
        return found, steps or _TEMPLATE
    return None


def pod_labels(item: dict) -> dict:
    """Labels of the pods an object makes."""
    steps = _PODS.get(kind(item), _TEMPLATE)
    return mapping(get(item, *steps[:-1], "metadata", "labels"))


def containers(item: dict) -> Iterator[Container]:
    """All containers of an object's pods."""
    found = pod(item)
    if found:
        spec, steps = found
        for sort in (CONTAINER, INIT, EPHEMERAL):
            for index, data in maps(spec.get(sort)):
                yield Container(data, (*steps, sort, index), sort)


def environment(container: Container) -> Iterator[tuple[str, str, tuple]]:
    """(name, value, place of the value) of each variable with a literal value."""
    for index, item in maps(container.data.get("env")):
        name, value = item.get("name"), item.get("value")
        if isinstance(name, str) and isinstance(value, str | int | float):
            yield name, str(value).lower() if isinstance(value, bool) else str(value), (*container.steps, "env", index, "value")


def note_near(report: Report, rule: str, message: str, placed: Placed, steps: tuple, near: object) -> None:
    """As note(); near: name of the list's item the place is in, by which its line is found in a template that writes the name out."""
    line = _near(report, placed, steps, near) if placed.document is None and isinstance(near, str) and near else 0
    if line:
        report.add(rule, message, placed.path, line=line)
    else:
        note(report, rule, message, placed, steps)


def note_unless_reasoned(report: Report, rule: str, hint: str, message: str, placed: Placed, steps: tuple = (), near: object = "") -> None:
    """As note_near(); only as a hint (rule of that id) where the object's annotation operators.apusic.com/reason says why it must be so."""
    reason = annotation(placed.object, REASON).strip()
    if reason:
        note(report, hint, f"{message}. The reason given: {shown(reason)}", placed, ("metadata", "annotations", REASON))
    else:
        note_near(report, rule, message, placed, steps, near)


def _near(report: Report, placed: Placed, steps: tuple, near: str) -> int:
    """The line of the last step within the item of that name, else of the name itself; 0 where the template does not write it out."""
    content = report.tree[placed.path].decode("utf-8", "replace") if placed.path in report.tree else ""
    found = re.search(rf"^([ \t]*)-[ \t]+name:[ \t]*[\"']?{re.escape(near)}[\"']?[ \t]*$", content, re.MULTILINE) if near in content else None
    if not found:
        return 0
    number = content.count("\n", 0, found.start()) + 1
    wanted = re.compile(rf"[ \t]*{re.escape(str(steps[-1]))}[ \t]*:") if steps and isinstance(steps[-1], str) else None
    for further, line in enumerate(content[found.end() + 1:].splitlines(), number + 1):
        stripped = line.lstrip()
        if not wanted or stripped and not stripped.startswith("{{") and len(line) - len(stripped) <= len(found[1]):
            break
        if wanted.match(line):
            return further
    return number
