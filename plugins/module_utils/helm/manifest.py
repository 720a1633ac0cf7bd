# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rendered manifest holds. PURE: text in, data out.

Helm writes one text: documents divided by ``---``, each under a ``# Source: chart/templates/x.yaml`` comment. Plain data
follow Helm's reading of YAML (sigs.k8s.io/yaml): dates and 1:30 are text, 1e3 is a number, yes and on are booleans.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .. import _deps
from ..errors import HelmError

SIZE_LIMIT = 32 * 1024 * 1024  # characters of a manifest
NODE_LIMIT = 2_000_000  # values of a manifest once aliases are followed
NAME_LIMIT = 52  # a StatefulSet's pods and a CronJob's Jobs add up to 11 characters to the name

KEEP = "helm.sh/resource-policy"
HOOK = "helm.sh/hook"

_SEPARATOR = re.compile(r"^---(?=\s|$)[^\n]*\n?", re.MULTILINE)
_SOURCE = re.compile(r"^# Source: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """source: the template's path, "" when unknown. text: as written. object: the data, a dict with a kind."""

    source: str
    text: str
    object: dict[str, Any]


@dataclass(frozen=True, order=True)
class Ref:
    """An object's address. namespace: its own, else the release's (also where the kind turns out to be cluster-scoped)."""

    api_version: str
    kind: str
    namespace: str
    name: str


def documents(text: str, where: str = "manifest") -> list[Document]:
    """All documents with an object in them, in order; comments and empty ones left out, lists taken apart.

    Raises HelmError for text that is no YAML, a document that is no mapping, or more than the limits allow.
    """
    if len(text) > SIZE_LIMIT:
        raise HelmError(f"the manifest has more than {SIZE_LIMIT // 1024 // 1024} MiB", where=where, todo="look for a loop in the chart's templates")
    found: list[Document] = []
    nodes = 0
    for part in _SEPARATOR.split(text):
        if not part.strip():
            continue
        match = _SOURCE.search(part)
        source = match.group(1).strip() if match else ""
        data = _load(part, source or where)
        if data is None:
            continue
        if not isinstance(data, dict):
            raise HelmError("a document of the manifest is not a mapping", where=source or where, todo="correct the template")
        nodes += _count(data, NODE_LIMIT - nodes, source or where)
        found.extend(Document(source, part, item) for item in _flatten(data))
    return found


def split(text: str, where: str = "manifest") -> list[dict[str, Any]]:
    """The objects of a manifest, in order; see documents()."""
    return [document.object for document in documents(text, where)]


def refs(objects: Iterable[dict[str, Any]], namespace: str) -> list[Ref]:
    """Addresses of objects, each once, in order; those without a name (generateName) are left out."""
    known: dict[Ref, None] = {}
    for item in objects:
        meta = _meta(item)
        name = meta.get("name")
        if name:
            known[Ref(str(item.get("apiVersion", "")), str(item.get("kind", "")), str(meta.get("namespace") or namespace), str(name))] = None
    return list(known)


def lost(old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]], namespace: str) -> list[Ref]:
    """Addresses in ``old`` that ``new`` lacks, whatever the API version (a move from v1beta1 to v1 loses nothing)."""
    kept_ones = {(ref.api_version.rpartition("/")[0], ref.kind, ref.namespace, ref.name) for ref in refs(new, namespace)}
    return [ref for ref in refs(old, namespace) if (ref.api_version.rpartition("/")[0], ref.kind, ref.namespace, ref.name) not in kept_ones]


def kept(item: dict[str, Any]) -> bool:
    """Whether Helm leaves the object when the release goes: the policy in the *stored manifest* decides at uninstall."""
    return str(_annotations(item).get(KEEP, "")).strip().lower() == "keep"


def hook_events(item: dict[str, Any]) -> list[str]:
    """Events of a hook such as ["pre-install", "pre-upgrade"]; [] for an ordinary object."""
    value = _annotations(item).get(HOOK)
    return [event.strip().lower() for event in str(value).split(",") if event.strip()] if value is not None else []


def too_long(objects: Iterable[dict[str, Any]]) -> list[Ref]:
    """StatefulSets and CronJobs whose pods or Jobs would get names that Kubernetes cuts or refuses (more than 52)."""
    return [ref for ref in refs(objects, "") if ref.kind in ("StatefulSet", "CronJob") and len(ref.name) > NAME_LIMIT]


def _meta(item: dict[str, Any]) -> dict[str, Any]:
    meta = item.get("metadata")
    return meta if isinstance(meta, dict) else {}


def _annotations(item: dict[str, Any]) -> dict[str, Any]:
    found = _meta(item).get("annotations")
    return found if isinstance(found, dict) else {}


def _flatten(data: dict[str, Any]) -> list[dict[str, Any]]:
    # kubectl's and Helm's rule: a kind that ends in List and has items is a container, not an object.
    contents = data.get("items")
    if str(data.get("kind", "")).endswith("List") and isinstance(contents, list):
        return [inner for item in contents if isinstance(item, dict) for inner in _flatten(item)]
    return [data] if data.get("kind") else []


def _load(text: str, where: str) -> Any:
    yaml = _deps.yaml
    try:
        return yaml.load(text, Loader=_loader())  # a safe loader, made below
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        detail = getattr(problem, "problem", None) or "unreadable"
        raise HelmError(f"the rendered template is not YAML: {detail}", where=f"{where}{line} (rendered)", todo="correct the template") from None
    except (ValueError, TypeError, RecursionError) as problem:
        raise HelmError(f"the rendered template cannot be read: {type(problem).__name__}", where=f"{where} (rendered)", todo="correct the template") from None


def _count(data: Any, limit: int, where: str) -> int:
    """Values reachable, aliases followed: a few lines of aliases can stand for billions."""
    total = 0
    stack = [data]
    while stack:
        item = stack.pop()
        total += 1
        if total + len(stack) > limit:
            raise HelmError("the manifest holds too many values", where=where, todo="look for aliases or loops in the template")
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return total


@functools.cache
def _loader() -> type:
    """A safe loader that reads scalars as Helm does; made here because nothing may derive from yaml at module level."""
    yaml = _deps.yaml
    base = getattr(yaml, "CSafeLoader", None) or yaml.SafeLoader

    class Loader(base):
        yaml_implicit_resolvers: dict = {}

    for tag, pattern, first in (
        ("bool", r"^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$", "yYnNtTfFoO"),
        ("int", r"^[-+]?(?:0b[0-1_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)$", "-+0123456789"),
        ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$", "-+0123456789."),
        ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("merge", r"^(?:<<)$", "<"),
    ):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))

    def integer(loader, node):
        text = str(loader.construct_scalar(node)).replace("_", "")
        sign = -1 if text.startswith("-") else 1
        digits = text.lstrip("+-")
        for prefix, base_number in (("0b", 2), ("0x", 16), ("0o", 8)):
            if digits.lower().startswith(prefix):
                return sign * int(digits[2:], base_number)
        if len(digits) > 1 and digits.startswith("0"):
            return sign * int(digits, 8)
        return sign * int(digits)

    def number(loader, node):
        text = str(loader.construct_scalar(node)).lower()
        if text.lstrip("+-") in (".inf", ".nan"):
            return float(text.replace(".", ""))
        return float(text)

    Loader.add_constructor("tag:yaml.org,2002:int", integer)
    Loader.add_constructor("tag:yaml.org,2002:float", number)
    return Loader
