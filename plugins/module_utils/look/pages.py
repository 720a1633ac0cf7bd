# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the page of instances."""

from __future__ import annotations

from typing import Any

from .. import files
from ..clock import now
from ..context import Context
from ..errors import InputError
from . import instances, page

_PARTS = ("workloads", "pods", "endpoints", "release", "status", "parameters", "history", "events")


def make(options: dict, act_as: dict | None, wanted: dict, ctx: Context) -> dict[str, Any]:
    """The page of the instances that wanted asks for, in wanted.dest (folder or file) with wanted.mode (octal digits).

    Returns changed, actions, diff, page (path), size (bytes) and instances (how many). A page that differs in the time of its making alone is
    left as it is. Raises InputError where a named instance is not there, or the page cannot be written.
    """
    # What cannot be written is told before anybody is asked.
    path = files.target(wanted["dest"], "instances.html")
    rights = files.rights(wanted["mode"]) if wanted.get("mode") else None
    known = instances.Known()
    found = instances.info(options, act_as, {**wanted, "parts": _PARTS, "live": True}, ctx, known)
    if wanted.get("name") and not found:
        raise InputError(instances.hint(wanted, known) or "No instance is like that", where="name", todo="leave name out for a page of all")
    data = files.undated(path, page.made_at, lambda made: page.render(found, made, _scope(wanted)), now())
    return {**files.settle(path, data, ctx, rights), "page": path, "size": len(data), "instances": len(found)}


def _scope(wanted: dict) -> str:
    told = [f"{word} {wanted[word]}" for word in ("cluster", "namespace", "package", "project") if wanted.get(word) and wanted[word] != instances.LOCAL]
    return " · ".join("all clusters" if text == "cluster all" else text for text in told)
