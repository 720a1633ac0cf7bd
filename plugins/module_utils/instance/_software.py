# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the version of the software that an instance runs, where its package offers several (OSC's versionDefinition, DESIGN section 3)."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import InputError, InstanceError
from ..package import documents


def choose(document: dict, offered: Mapping, version: str, title: str) -> None:
    """Writes a version into a document. offered: upgrade of the Package record, with tags, tagsPath and tagsMode.

    Raises InputError for a version that is not offered, or where the package offers no choice.
    """
    tags, path = offered.get("tags") or [], offered.get("tagsPath") or ""
    if not tags or not path:
        raise InputError(f"{title} does not let choose a version of its software", where="app_version", todo="leave app_version out")
    if version not in tags:
        raise InputError(f'{title} does not run version "{version}"', where="app_version", todo=f"choose one of {', '.join(tags)}")
    steps = documents.parse_path(path)
    text = version
    if offered.get("tagsMode") == "url":
        # Behind the last slash only: a registry's port is no tag.
        image = str(documents.get(document["spec"], steps) or "").partition("@")[0]
        head, slash, last = image.rpartition("/")
        text = f"{head}{slash}{last.partition(':')[0]}:{version}"
    documents.set_(document["spec"], steps, text)


def runs(document: Mapping, offered: Mapping) -> str:
    """The version that a document names, "" where it names none."""
    path = offered.get("tagsPath") or ""
    found = str(documents.get(document.get("spec") or {}, documents.parse_path(path)) or "") if path else ""
    return found.rpartition("/")[2].rpartition(":")[2] if offered.get("tagsMode") == "url" else found


def guard(document: Mapping, offered: Mapping, title: str, package: str) -> None:
    """Raises InstanceError where an upgrade would leave an instance with a version of the software that the package no longer runs.

    document: what the instance would be after the upgrade.
    """
    tags = offered.get("tags") or []
    version = runs(document, offered) if tags else ""
    if version and version not in tags:
        raise InstanceError(
            f"{title} runs version {version} of its software, which {package} does not run any more", where="spec.versionDefinition of its application.yaml",
            todo=f"choose one with app_version: {', '.join(tags)}",
        )
