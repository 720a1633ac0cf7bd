# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logs, metrics and settings against what is deployed: labels that select pods, ports that exist, ConfigMaps with the keys described.

A selector or port is looked for in all instance types together: replicas, for example, may exist in one type only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..model import _placeholders
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import WARNING, Rule
from ..model.model import Package
from ._layer import Options, Rendering
from ._objects import CONTAINER, INIT, containers, get, kind, mapping, maps, object_name, pod, pod_labels

RULES = {
    "LOG-030": Rule(WARNING, "the labels of a log configuration select pods", "Use labels of the chart's pods; {{.Instance}} for the instance's name"),
    "MON-030": Rule(WARNING, "the labels of a monitor configuration select pods", "Use labels of the chart's pods; {{.Instance}} for the instance's name"),
    "MON-031": Rule(WARNING, "the port of a monitor configuration exists", "Name a port of the selected pods' Service or containers"),
    "CONFIG-030": Rule(WARNING, "the ConfigMaps of config.yaml exist", "Use the name the chart gives it, with {{.Instance}} for the release's name"),
    "CONFIG-031": Rule(WARNING, "the ConfigMaps of config.yaml have the keys described", "Correct the key"),
}


def check(renderings: tuple[Rendering, ...], package: Package, report: Report, options: Options) -> None:
    """Notes selectors, ports and ConfigMaps that no instance type has. Says nothing about operators, whose pods nobody knows before they are made."""
    if package.mode == "operator" or any(rendering.error for rendering in renderings):
        return
    objects = [placed.object for rendering in renderings for placed in rendering.objects]
    pods = [item for item in objects if pod(item)]
    if package.config and objects:
        _check_config(package, [item for item in objects if kind(item) == "ConfigMap"], report)
    # A chart without pods of its own hands the work to an operator.
    if not pods:
        return
    for item in package.log.items if package.log else ():
        if item.selector and not any(_selects(item.selector, pod_labels(found)) for found in pods):
            report.add("LOG-030", f"No pod has the labels {_shown(item.selector)}", package.log.path, (*item.steps, "labelSelector"))
    for item in package.monitor.items if package.monitor else ():
        chosen = [found for found in pods if _selects(item.selector, pod_labels(found))]
        if not chosen:
            report.add("MON-030", f"No pod has the labels {_shown(item.selector)}", package.monitor.path, (*item.steps, "labelSelector"))
        elif item.port and item.port not in (ports := set(_ports(item.selector, chosen, objects))):
            known = ", ".join(sorted(port for port in ports if not port.isdecimal())) or "none with a name"
            message = f'No Service or container of {_shown(item.selector)} has the port "{shown(item.port)}"; there is {shown(known)}'
            report.add("MON-031", message, package.monitor.path, (*item.steps, "prometheus", "port"))


def _selects(selector: dict, labels: dict) -> bool:
    return all(_placeholders.fits(value, labels.get(key)) for key, value in selector.items())


def _ports(selector: dict, pods: Iterable[dict], objects: Iterable[dict]) -> Iterator[str]:
    """Names and numbers of the ports of the pods' containers, of Services that lead to them, and of Services with the labels themselves."""
    found = list(pods)
    for item in found:
        for container in containers(item):
            if container.sort in (CONTAINER, INIT):
                yield from _named(container.data.get("ports"), "containerPort")
    for item in objects:
        if kind(item) == "Service":
            wanted = mapping(get(item, "spec", "selector"))
            leads = bool(wanted) and any(all(pod_labels(made).get(key) == value for key, value in wanted.items()) for made in found)
            if leads or selector and _selects(selector, mapping(get(item, "metadata", "labels"))):
                yield from _named(get(item, "spec", "ports"), "port")


def _named(ports: object, number: str) -> Iterator[str]:
    for _index, port in maps(ports):
        for value in (port.get("name"), port.get(number)):
            if isinstance(value, str | int) and not isinstance(value, bool):
                yield str(value)


def _check_config(package: Package, made: list[dict], report: Report) -> None:
    for config in package.config.configs:
        chosen = [item for item in made if _placeholders.fits(config.config_map, object_name(item))]
        if not chosen and config.config_map:
            report.add("CONFIG-030", f"No ConfigMap is named {shown(config.config_map)}", package.config.path, (*config.steps, "configMap"))
        elif config.key and not any(config.key in mapping(get(item, "data")) for item in chosen):
            message = f'No ConfigMap named {shown(config.config_map)} has the key "{shown(config.key)}"'
            report.add("CONFIG-031", message, package.config.path, (*config.steps, "key"))


def _shown(selector: dict) -> str:
    return shown(", ".join(f"{key}={value}" for key, value in selector.items()) or "of the instance")
