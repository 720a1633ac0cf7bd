# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: the document of an instance as one of another name and namespace."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from ...package import documents
from ..request import Request


def document(spec: dict, recorded: dict, generated: list[dict], source: Request, target: Request, values: dict) -> tuple[dict, list[str]]:
    """(the document of the clone, paths of values that may still name the source).

    spec: the source's record. recorded: its document. generated: the package's generatedSecrets (path, suffix). values: put on top. What surely
    names the source is rewritten: its generated Secrets, its release name, its addresses inside the cluster.
    """
    found = copy.deepcopy(recorded)
    for item in generated:
        path = documents.parse_path(item["path"])
        if documents.get(found["spec"], path) == f"{source.name}-{item['suffix']}":
            documents.set_(found["spec"], path, "")
    found["spec"].pop("releaseName", None)
    names = {source.name, spec.get("releaseName") or source.name}
    longest = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    # SERVICE.NAMESPACE, or POD.SERVICE.NAMESPACE.
    address = re.compile(rf"(?<![a-z0-9.-])((?:(?:{longest})(?:-[a-z0-9-]+)?\.){{1,2}}){re.escape(source.namespace)}(?![a-z0-9-])")
    name = re.compile(rf"(^|\.)(?:{longest})(?=[-.])")
    found["spec"] = _replaced(found["spec"], address, lambda match: name.sub(rf"\g<1>{target.name}", match[1]) + target.namespace)
    found = documents.build(None, target.name, target.namespace, values=values, mode="merge", previous=found)
    doubtful = re.compile(rf"(?:{longest})(?:-[a-z0-9-]+)?") if source.name != target.name else None
    return found, [documents.format_path(path) for path, text in _texts(found["spec"], ()) if doubtful and doubtful.fullmatch(text)]


def overrides(recorded: dict, source_release: str, target_release: str) -> dict:
    """Config overrides with the ConfigMaps of the source's release called as those of the clone's."""
    def renamed(name: str) -> str:
        own = name == source_release or name.startswith(f"{source_release}-")
        return target_release + name.removeprefix(source_release) if own else name

    return {renamed(name): keys for name, keys in recorded.items()}


def _replaced(value: Any, pattern: re.Pattern, by: Callable[[re.Match], str]) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(item, pattern, by) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, pattern, by) for item in value]
    return pattern.sub(by, value) if isinstance(value, str) else value


def _texts(value: Any, path: tuple):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*path, number))
    elif isinstance(value, str):
        yield path, value
