# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: a field and its values as the user of an instance would say them; secrets masked, long values cut."""

from __future__ import annotations

import base64
import difflib
import json
import re
from collections.abc import Collection
from typing import Any

from ._compare import Difference

MASK = "********"
CHANGED = f"{MASK} (changed)"
# Of a value, and of the lines of a text.
_LONGEST, _LINES = 160, 8
# A longer text is not compared line by line.
_COMPARED = 4000
_SECRET = re.compile(r"pass|secret|token|credential|private|api_?key|access_?key|masterauth", re.IGNORECASE)
_PASSWORD = re.compile(r"pass(word|wd|phrase)?$|token$", re.IGNORECASE)
_REFERENCES = ("name", "ref", "key", "path")


def sentence(item: dict[str, Any], before: str = "before", after: str = "after") -> str:
    """One difference as ``replicas 1 → 3``."""
    one, other = item.get(before), item.get(after)
    if "\n" in f"{one}{other}":
        lines = [f"{sign} {line}" for sign, text in (("-", one), ("+", other)) for line in str(text or "").split("\n") if line]
        return "\n".join([item["what"], *lines])
    if one is None:
        return item["what"] if other is None else f"+ {item['what']} {other}"
    return f"- {item['what']} {one}" if other is None else f"{item['what']} {one} → {other}"


def described(obj: dict, difference: Difference, namespace: str, unknown: Collection[str] = ()) -> dict[str, Any]:
    """One difference of an object with its field named as its user would, and values that are cut and masked."""
    path, before, after = difference.path, difference.before, difference.after
    what, kind = _what(obj, path), obj["kind"]
    if kind == "Secret" and path[0] == "data":
        before, after = _hidden(before, after)
    elif is_lines(kind, path):
        before, after = _lines(before, after, unknown)
    elif path[-1] == "image" and isinstance(before, str) and isinstance(after, str):
        repository, tag = _split(before)
        if repository == _split(after)[0] and tag:
            what, before, after = what.replace("image", f"image {repository.rpartition('/')[2]}", 1), tag, _split(after)[1]
    elif len(path) > 1 and path[-2] == "env":
        before, after = (_variable(value, path[-1]) for value in (before, after))
        if before == after == MASK:
            after = CHANGED
    elif isinstance(path[-1], str) and _SECRET.search(path[-1]) and not path[-1].lower().endswith(_REFERENCES) and isinstance(before or after, str):
        before, after = _hidden(before, after)
    return item(label(obj, namespace), what, _short(before), _short(after))


def label(obj: dict, namespace: str) -> str:
    """``Kind name``, with the namespace where it is not the instance's."""
    space = obj["metadata"].get("namespace") or namespace
    return f"{obj['kind']} {'' if space == namespace else f'{space}/'}{name(obj)}"


def is_lines(kind: str, path: tuple) -> bool:
    return kind == "ConfigMap" and path[0] == "data"


def holds(value: Any, texts: Collection[str]) -> bool:
    if not texts or value is None:
        return False
    shown = value.decode("utf-8", "replace") if isinstance(value, bytes) else json.dumps(value, default=str)
    coded = [base64.b64encode(text.encode()).decode() for text in texts]
    return any(text in shown for text in (*texts, *coded))


def item(obj: str, what: str, before: Any = None, after: Any = None) -> dict[str, Any]:
    return {"object": obj, "what": what, "before": before, "after": after}


def name(obj: dict) -> str:
    return str((obj.get("metadata") or {}).get("name") or "")


# A field's name ----------------------------------------------------------------------------------------------------------------------


def _what(obj: dict, path: tuple) -> str:
    kind = obj["kind"]
    if path[:2] == ("spec", "replicas"):
        return "replicas"
    if kind == "ConfigMap" and path[0] in ("data", "binaryData") and len(path) > 1:
        return str(path[1])
    if kind == "Secret" and path[0] == "data" and len(path) > 1:
        return f"key {path[1]}"
    if path[-3:] == ("resources", "requests", "storage"):
        named = path[path.index("volumeClaimTemplates") + 1] if "volumeClaimTemplates" in path else None
        return "storage size" + (f" of {named[0][1]}" if named else "")
    below, pod = _below(path)
    if len(below) == 3 and below[:2] in (("metadata", "labels"), ("metadata", "annotations")):
        return f"{'pod ' if pod else ''}{below[1][:-1]} {below[2]}"
    if pod and len(below) > 2 and below[0] == "spec" and below[1] in ("containers", "initContainers"):
        return _of_container(obj, path, below)
    return dotted(below[1:] if len(below) > 1 and below[0] == "spec" else below)


def _below(path: tuple) -> tuple[tuple, bool]:
    """The path below the pod template it leads through, and whether there is one."""
    for start in (("spec", "template"), ("spec", "jobTemplate", "spec", "template")):
        if path[:len(start)] == start and len(path) > len(start):
            return path[len(start):], True
    return path, False


def _of_container(obj: dict, path: tuple, below: tuple) -> str:
    rest, name = below[3:], below[2][0][1] if isinstance(below[2], tuple) else str(below[2])
    if not rest:
        return f"{'container' if below[1] == 'containers' else 'init container'} {name}"
    pod: Any = obj
    for step in path[:len(path) - len(below)]:
        pod = pod.get(step) or {} if isinstance(pod, dict) else {}
    spec = pod.get("spec") or {}
    alone = below[1] == "containers" and len(spec.get("containers") or []) == 1
    end = "" if alone else f" of {'container' if below[1] == 'containers' else 'init container'} {name}"
    if rest[0] == "resources" and len(rest) == 3 and rest[1] in ("requests", "limits"):
        return f"{'CPU' if rest[2] == 'cpu' else rest[2]} {rest[1][:-1]}{end}"
    if rest[0] == "env" and len(rest) == 2 and isinstance(rest[1], tuple):
        return f"variable {rest[1][0][1]}{end}"
    return dotted(rest) + end


def dotted(path: tuple) -> str:
    """A path as a.b[0].c, entries of keyed lists as [name]."""
    shown = ""
    for step in path:
        if isinstance(step, str):
            shown += f".{step}" if shown else step
        else:
            shown += f"[{step if isinstance(step, int) else '/'.join(str(value) for _field, value in step)}]"
    return shown


# A field's value ---------------------------------------------------------------------------------------------------------------------


def _hidden(before: Any, after: Any) -> tuple[Any, Any]:
    return None if before is None else MASK, None if after is None else MASK if before is None else CHANGED


def _short(value: Any) -> Any:
    if isinstance(value, bytes):
        value = f"{len(value)} bytes"
    if isinstance(value, (dict, list)):
        value = json.dumps(_masked(value), ensure_ascii=False, default=str)
    if isinstance(value, str) and len(value) > _LONGEST and "\n" not in value:
        return value[:_LONGEST] + "…"
    return value


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        if _SECRET.search(str(value.get("name", ""))) and isinstance(value.get("value"), str):
            value = {**value, "value": MASK}
        return {key: MASK if isinstance(each, str) and _PASSWORD.search(str(key)) else _masked(each) for key, each in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def _split(image: str) -> tuple[str, str]:
    repository, mark, tag = image.partition("@")
    if not mark:
        repository, mark, tag = image.rpartition(":")
        if not mark or "/" in tag:
            return image, ""
    return repository, tag


def _variable(entry: Any, key: tuple) -> Any:
    if not isinstance(entry, dict):
        return entry
    source = entry.get("valueFrom") or {}
    for name, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        if isinstance(source.get(name), dict):
            return f"{kind} {source[name].get('name')}, key {source[name].get('key')}"
    if source:
        return json.dumps(source)
    value = str(entry.get("value") or "")
    return MASK if value and _SECRET.search(str(key[0][1])) else value


def _lines(before: Any, after: Any, unknown: Collection[str]) -> tuple[str | None, str | None]:
    """The lines that differ between two texts, those that look like passwords masked."""
    if not isinstance(before, str) or not isinstance(after, str):
        # A key that comes or goes: how much, not what.
        return tuple(None if value is None else f"{len(str(value).splitlines())} lines" for value in (before, after))  # type: ignore[return-value]
    one, other = before.splitlines(), after.splitlines()
    if len(one) + len(other) > _COMPARED:
        return f"{len(one)} lines", f"{len(other)} other lines"
    gone: list[str] = []
    come: list[str] = []
    for word, start, end, begin, stop in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        # Where a secret stands in for another one, the old line holds the real one.
        if word != "equal" and not holds(other[begin:stop], unknown):
            gone += one[start:end]
            come += other[begin:stop]
    if one == other:
        return tuple(f"line end {text[-2:]!r}" for text in (before, after))  # type: ignore[return-value]
    shown, instead = _few(gone) or None, _few(come) or None
    return shown, f"{instead} (changed)" if instead and shown == instead else instead


def _few(lines: list[str]) -> str:
    shown = [_line(line.strip()) for line in lines[:_LINES]]
    return "\n".join([*shown, f"and {len(lines) - _LINES} more lines"] if len(lines) > _LINES else shown)


def _line(line: str) -> str:
    match = _SECRET.search(line)
    if match and not line.startswith(("#", "//")):
        head = re.match(r"[^\s:=]+[\s:=]*", line)
        return f"{head.group() if head and match.start() < head.end() else ''}{MASK}"
    return line[:_LONGEST] + ("…" if len(line) > _LONGEST else "")
