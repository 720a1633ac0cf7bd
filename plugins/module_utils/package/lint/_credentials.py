# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords and keys in rendered objects: in the open where everybody who may look at a pod or a ConfigMap reads them."""

from __future__ import annotations

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import WARNING, Rule
from ..model.model import Package
from ._defaults import forms, secret_name
from ._layer import Options, Placed, name, note
from ._objects import containers, environment, kind, mapping, note_near

RULES = {
    "SEC-010": Rule(WARNING, "variables take passwords from Secrets", "Use valueFrom.secretKeyRef"),
    "SEC-011": Rule(WARNING, "ConfigMaps hold no private keys or tokens", "Move it into a Secret"),
}


def check(objects: tuple[Placed, ...], package: Package, report: Report, options: Options) -> None:
    """Notes literal passwords in variables of containers, and keys in ConfigMaps."""
    for placed in objects:
        for container in containers(placed.object):
            for variable, value, steps in environment(container):
                if secret_name(variable, value):
                    note_near(report, "SEC-010", f"{name(placed)}, container {container.name}: {shown(variable)} holds a password in plain text", placed,
                              steps, variable)
        if kind(placed.object) == "ConfigMap":
            for key, value in mapping(placed.object.get("data")).items():
                for title, _at in forms(value.encode("utf-8", "replace")) if isinstance(value, str) else ():
                    note(report, "SEC-011", f"{name(placed)}: {shown(key)} holds {title}", placed, ("data", key))
