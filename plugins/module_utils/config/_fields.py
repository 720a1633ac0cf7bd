# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which form field a setting comes from, where one can be named: a setting that the form offers is better changed there.

config.yaml has no reference to the form, and a rendered text does not say where it comes from. So a field is proposed where its name,
letters and digits alone, is the setting's (``maxmemoryPolicy``, ``maxmemory-policy``) and no everyday word, where no second field has it, and,
for a text that is the package's own, where the form has the value that stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import AcmpError
from ..package import documents, settings, yaml_reader
from ..package.model import deployable
from ._read import Seen

# Too many things have one, so the name alone says nothing.
_COMMON = frozenset((
    "address", "class", "cpu", "enabled", "host", "image", "key", "level", "memory", "mode", "name", "path", "port", "size", "tag", "type", "user",
))
_SAME = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def form(seen: Seen) -> dict[str, tuple[str, Any]]:
    """Plain name -> (path of the only field with that name, its value); {} where the package's files cannot be read."""
    if seen.tree is None:
        return {}
    try:
        package = deployable.load(seen.tree)
        defaults = yaml_reader.load(package.raw.text("values.yaml"), "values.yaml") if "values.yaml" in package.raw else {}
        document = yaml_reader.load(seen.record["spec"]["document"], "document")
    except AcmpError:
        return {}
    found: dict[str, list[tuple[str, Any]]] = {}
    for field in package.spec_descriptors:
        try:
            steps = documents.parse_path(field.path)
        except AcmpError:
            continue
        default = documents.get({"values": defaults or {}}, steps)
        found.setdefault(_plain(str(steps[-1])), []).append((field.path, documents.get(document.get("spec") or {}, steps, default)))
    return {name: fields[0] for name, fields in found.items() if len(fields) == 1 and name not in _COMMON}


def proposed(text: str, fields: Mapping[str, tuple[str, Any]], own: bool) -> dict[str, str]:
    """Setting -> form path, for the settings of a text. own: whether it is the package's own text, which holds what the form says."""
    found = {}
    for name, value in settings.words(text):
        path, said = fields.get(_plain(name), ("", None))
        if path and (not own or _said(value) == _said(said)):
            found[name] = path
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _said(value: Any) -> str:
    text = str(value).lower()
    return _SAME.get(text, text)
