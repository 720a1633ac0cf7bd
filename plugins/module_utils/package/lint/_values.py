# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What decides about images and access before anything is rendered: values.yaml, default documents, and what metadata.yaml declares."""

from __future__ import annotations

from .._paths import format_path
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import HINT, WARNING, Rule
from ..model.model import Package
from ._images import judge, parse
from ._layer import Options
from ._reading import always_replaced, chart_of, default_documents, load, walk

_DECLARE = "Ask for one by default, or declare security.anonymousAccess: true and security.risk in metadata.yaml"
RULES = {
    "IMG-011": Rule(WARNING, "default images name their version", "Name the version instead of latest"),
    "IMG-012": Rule(HINT, "metadata.yaml declares the architectures", "Add architecture: x86_64, aarch64 or both, as the images have them"),
    "IMG-013": Rule(WARNING, "containerImage names its version", "Name the version: docker.io/library/redis:7.0.15"),
    "EXP-010": Rule(WARNING, "defaults allow no access without a password", _DECLARE),
    "EXP-012": Rule(HINT, "defaults ask for a password", _DECLARE),
    "EXP-011": Rule(WARNING, "declared anonymous access names its risk", "Say in security.risk what an unknown visitor can do"),
}

# Places where access is not that to the software itself.
_ELSEWHERE = frozenset({"backup", "email", "exporter", "ingress", "ldap", "mail", "metrics", "oauth", "proxy", "sasl", "smtp"})
_YES = (True, "yes", "true", "1")


def check(package: Package, report: Report, options: Options) -> None:
    """Notes defaults of a moving version or without a password, and what metadata.yaml leaves undeclared."""
    _check_metadata(package, report)
    declared = package.security.get("anonymousAccess") is True
    root = chart_of(package)
    found = [(f"{root}/values.yaml", 0, (), load(report, f"{root}/values.yaml"))] if root else []
    for path, number, base, values in found + list(default_documents(report)):
        for steps, value, holder in walk(values):
            where = (*base, *steps)
            if _moving(steps, value, holder):
                found_here = "IMG-011", f"{shown(format_path(where))} is the latest image, whichever that is"
            elif not declared and (rule := _open(steps, value)):
                found_here = rule, f"{shown(format_path(where))} is {shown(str(value).lower())}: nobody is asked for a password"
            else:
                continue
            # A default of the chart that no instance type leaves as it is harms nobody.
            if base or not always_replaced(package, steps, value):
                report.add(*found_here, path, where, number)


def _check_metadata(package: Package, report: Report) -> None:
    data = load(report, "metadata.yaml")
    if isinstance(data, dict) and not any(str(key).casefold() == "architecture" and value for key, value in data.items()):
        report.add("IMG-012", "architecture is missing, x86_64 is taken for it", "metadata.yaml")
    # Where it is no more than a remark, there is nothing to judge.
    if package.container_image and not any(letter in package.container_image for letter in ", "):
        for rule, what in judge(package.container_image):
            if rule in ("IMG-001", "IMG-002", "IMG-003"):
                report.add("IMG-013", f"containerImage: {what}", "metadata.yaml", ("containerImage",))
    if package.security.get("anonymousAccess") is True and not package.security.get("risk"):
        report.add("EXP-011", "security.anonymousAccess is declared, security.risk says nothing about it", "metadata.yaml", ("security",))


def _moving(steps: tuple, value: object, holder: object) -> bool:
    """Whether a value is the tag latest of an image, or an image with it."""
    if not isinstance(value, str) or "latest" not in value.lower():
        return False
    key = str(steps[-1]).lower()
    if key.endswith("image"):
        image = parse(value)
        return image is not None and image.tag.lower() == "latest" and not image.digest
    if key not in ("tag", "imagetag") or value.lower() != "latest" or not isinstance(holder, dict):
        return False
    # A tag of something else, such as a log's, stands beside no image.
    beside = key == "imagetag" or any("image" in str(step).lower() for step in steps[:-1]) or not {"repository", "name", "image"}.isdisjoint(holder)
    return beside and not holder.get("digest")


def _open(steps: tuple, value: object) -> str:
    """The rule against a value near the top of a document that lets everybody in, "" for other values."""
    keys = [step.lower() for step in steps if isinstance(step, str)]
    if len(keys) != len(steps) or len(keys) > 4 or not _ELSEWHERE.isdisjoint(keys):
        return ""
    if keys[-1] in ("allowemptypassword", "allowanonymouslogin", "allowplaintextlistener", "allowanonymous"):
        return "EXP-010" if value in _YES else ""
    switch = keys[-1] in ("usepassword", "authenabled") or keys[-1] == "enabled" and (
        keys[-2:-1] in (["auth"], ["authentication"]) or keys[-3:-1] == ["auth", "client"])
    # Whether this is the way into the software itself, a name alone does not tell.
    return "EXP-012" if switch and value is False else ""
