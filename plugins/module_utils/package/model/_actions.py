# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""op-PRODUCT-ACTION.yaml (manual 7.3.1.4): what the platform starts when somebody asks for an action such as backup."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ._fields import ANY, Field, Place, read, shown
from ._report import Report

FIELDS = (Field("apiVersion", need="error"), Field("kind", need="error"), Field("metadata", ANY), Field("spec", ANY))
FOLDERS = ("", "manifests/")
# Kubernetes' own kinds that an action may be; of other groups any kind may.
KINDS = {"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1"}

_FILE = re.compile(r"op-(.+)\.ya?ml")
_ACTION = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Action:
    """name: such as backup. path: of the file. documents: as written, the first is what is started; kind: its kind."""

    name: str
    path: str
    documents: tuple[dict, ...]
    kind: str


def load(report: Report, names: tuple[str, ...]) -> tuple[Action, ...]:
    """The actions in the order of their names; names: what the package is called (name, alias), of which the longest that fits counts."""
    products = sorted({part.strip().replace(" ", "-") for part in names if part.strip()}, key=len, reverse=True)
    found: dict[str, Action] = {}
    for folder in FOLDERS:
        for file in report.tree.children(folder)[0]:
            match = _FILE.fullmatch(file)
            path = folder + file
            if not match:
                continue
            name = next((match[1][len(product) + 1:] for product in products if match[1].startswith(f"{product}-")), "")
            if not _ACTION.fullmatch(name):
                wanted = f"op-{products[0]}-ACTION.yaml" if products else "op-PRODUCT-ACTION.yaml"
                report.add("OP-020", f"{shown(path)} is no name of the form {shown(wanted)}", path)
            elif name in found:
                report.add("OP-021", f"{shown(path)} is the action {name} once more, beside {found[name].path}", path)
            elif action := _read(report, name, path):
                found[name] = action
    return tuple(found[name] for name in sorted(found))


def _read(report: Report, name: str, path: str) -> Action | None:
    documents, kind = [], ""
    loaded = report.load_all(path)
    if not loaded:
        report.add("OP-002", f"{path} holds no document", path)
    for number, document in enumerate(loaded):
        place = Place("OP", path, (), number)
        if not isinstance(document, dict):
            place.add(report, "002", f"Document {number + 1} of {path} is not a map of fields")
            continue
        head = read(document, FIELDS, place, report, closed=False)
        if not head["apiVersion"] or not head["kind"]:
            continue
        if not _runnable(head["apiVersion"], head["kind"]):
            what = f"{shown(head['kind'])} of {shown(head['apiVersion'])}"
            place.at("kind").add(report, "022", f"{what} is no Pod, Job, CronJob or kind of a group of its own")
        documents.append(document)
        kind = kind or head["kind"]
    return Action(name, path, tuple(documents), kind) if documents else None


def _runnable(api_version: str, kind: str) -> bool:
    group, slash, _version = api_version.partition("/")
    own = bool(slash) and "." in group and not group.endswith(".k8s.io")
    return own or KINDS.get(kind) == api_version
