# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program Helm calls between rendering and applying: manifest in, manifest out, and nothing changed but what post_render.py says.

Its source is copied beside a line ``RULES = ...`` into a scratch folder and started with ``python -I -S``, so it imports nothing
but sys (re and json alone would double its 10 ms) and changes lines instead of parsing YAML. A document it does not
understand that way goes through PyYAML, and so do ConfigMaps with texts of their own and the pods that read them. One that PyYAML
does not understand either is handed on as it is, unless a text would be lost with it.
"""

from __future__ import annotations

import sys

RULES: dict = {}
POLICY = "helm.sh/resource-policy"


class Unusual(Exception):
    """Valid YAML perhaps, but not in the shape that changing lines can handle."""


def mark(text: str, rules: dict) -> str:
    """The manifest with the rules applied.

    rules: keep_claims (bool), keep (list of [kind, name]), replicas (list of [kind, name, int or None]), config (ConfigMap -> key -> text or
    None), digests (list of [kind, name, digest]), digest_key (the annotation that holds it), sizes (claim -> storage), yaml (folder of PyYAML).
    """
    words = [kind for kind, _name in rules["keep"]] + [kind for kind, _name, _count in rules["replicas"]]
    words += ["ConfigMap"] * bool(rules["config"]) + [kind for kind, _name, _digest in rules["digests"]]
    if rules["keep_claims"] or rules.get("sizes"):
        words.append("PersistentVolumeClaim")
    out = []
    for document in _documents(text):
        if any(word in document for word in words):
            try:
                document = _lines(document, rules)
            except Unusual:
                document = _nodes(document, rules)
        out.append(document)
    return "".join(out)


def _documents(text: str) -> list:
    """The text cut before each separator line; joining them gives the text again."""
    parts = [[]]
    for line in text.splitlines(keepends=True):
        if line.startswith("---") and not line[3:4].strip():
            parts.append([])
        parts[-1].append(line)
    return ["".join(part) for part in parts]


def _wanted(kind: str, name: str, rules: dict):
    keep = (rules["keep_claims"] and kind == "PersistentVolumeClaim") or [kind, name] in rules["keep"]
    counts = [count for other, own, count in rules["replicas"] if (other, own) == (kind, name)]
    return keep, counts


def _more(kind: str, name: str, rules: dict) -> str:
    return rules.get("sizes", {}).get(name, "") if kind == "PersistentVolumeClaim" else ""


def _digest(kind: str, name: str, rules: dict) -> str:
    return next((digest for other, own, digest in rules["digests"] if (other, own) == (kind, name)), "")


def _lines(document: str, rules: dict) -> str:
    lines = document.split("\n")
    top = {}
    for number, line in enumerate(lines):
        if not line or line[0] in " \t#\r" or line.startswith("---"):
            continue
        key, colon, value = line.partition(":")
        if not colon or (value and value[0] not in " \t\r") or not key.isalpha() or key in top:
            raise Unusual
        top[key] = (number, _plain(value))
    if "kind" not in top or "metadata" not in top or top["metadata"][1]:
        raise Unusual
    kind = top["kind"][1]
    if kind.endswith("List"):
        raise Unusual
    start = top["metadata"][0]
    children, indent = _children(lines, start)
    if "name" not in children:
        raise Unusual
    name = children["name"][1]
    if name[:1] in "\"'&*!|>" or kind[:1] in "\"'&*!|>":
        # Written in a way that only a parser reads.
        raise Unusual
    if (kind == "ConfigMap" and name in rules["config"]) or _digest(kind, name, rules):
        raise Unusual
    keep, counts = _wanted(kind, name, rules)
    changes = []  # (line, lines that replace it)
    if keep:
        changes.append(_keep(lines, start, children, indent))
    if counts:
        if "spec" not in top or top["spec"][1]:
            raise Unusual
        changes.append(_count(lines, top["spec"][0], counts[0]))
    size = _more(kind, name, rules)
    if size:
        changes.append(_size(lines, top, size))
    for number, instead in sorted(changes, reverse=True):
        lines[number:number + 1] = instead
    return "\n".join(lines)


def _keep(lines: list, start: int, children: dict, indent: int):
    pad = " " * indent
    if "annotations" not in children:
        return start, [lines[start], pad + "annotations:", pad + "  " + POLICY + ": keep"]
    number, value = children["annotations"]
    if value in ("{}", "null", "~"):
        return number, [pad + "annotations:", pad + "  " + POLICY + ": keep"]
    if value:
        raise Unusual
    own, depth = _children(lines, number)
    if POLICY in own:
        after = lines[own[POLICY][0] + 1:-1][:1]
        if after and (not after[0].strip() or after[0].startswith(" " * (depth + 1))):
            # Its text goes on.
            raise Unusual
        return own[POLICY][0], [" " * depth + POLICY + ": keep"]
    # An annotation may hold anything: what stands between the lines is not looked at.
    return number, [lines[number], " " * (depth or indent + 2) + POLICY + ": keep"]


def _count(lines: list, start: int, count):
    children, indent = _children(lines, start)
    instead = [] if count is None else [" " * indent + "replicas: " + str(count)]
    if "replicas" in children:
        return children["replicas"][0], instead
    return start, [lines[start], *instead]


def _size(lines: list, top: dict, size: str):
    if "spec" not in top or top["spec"][1]:
        raise Unusual
    at = top["spec"][0]
    for key in ("resources", "requests", "storage"):
        children, indent = _children(lines, at)
        if key not in children or (children[key][1] and key != "storage"):
            raise Unusual
        at = children[key][0]
    return at, [" " * indent + 'storage: "' + size + '"']


def _children(lines: list, start: int):
    """Keys directly below the mapping key at line ``start``: {key: (line, value)} and their indentation (0: none)."""
    own = len(lines[start]) - len(lines[start].lstrip(" "))
    found: dict = {}
    indent = 0
    for number in range(start + 1, len(lines)):
        line = lines[number]
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        depth = len(line) - len(line.lstrip(" "))
        if depth <= own:
            break
        indent = indent or depth
        if line[depth] == "\t" or depth < indent:
            raise Unusual
        if depth > indent:
            continue
        key, colon, value = text.partition(": ")
        if not colon:
            if not text.endswith(":"):
                raise Unusual
            key, value = text[:-1], ""
        key = _plain(key)
        if not key or key[0] in "{[&*!?-<|>%@`" or key in found:
            raise Unusual
        found[key] = (number, _plain(value))
    return found, indent


def _plain(value: str) -> str:
    """A scalar without its quotes and trailing comment; anything cleverer is Unusual."""
    value = value.strip()
    if value.startswith("#"):
        return ""
    if value[:1] in ("'", '"'):
        quote = value[0]
        end = value.find(quote, 1)
        rest = value[end + 1:].strip()
        if end < 0 or (rest and not rest.startswith("#")) or "\\" in value[:end]:
            # Unreadable here, but only an error where it is needed: never equal to a name.
            return value
        return value[1:end]
    return value.split(" #", 1)[0].rstrip()


def _nodes(document: str, rules: dict) -> str:
    """The same through PyYAML's nodes, which keep the way scalars are written."""
    if rules["yaml"] and rules["yaml"] not in sys.path:
        sys.path.append(rules["yaml"])
    try:
        import yaml
    except ImportError:
        return _unread(document, rules)
    try:
        root = yaml.compose(document, Loader=yaml.SafeLoader)
        if root is None or not _walk(yaml, root, rules):
            return document
        head = [line for line in document.split("\n") if line.startswith("# Source:")][:1]
        return "\n".join(["---", *head, yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=1 << 20)])
    except (yaml.YAMLError, ValueError, RecursionError):
        return _unread(document, rules)


def _unread(document: str, rules: dict) -> str:
    for name in [*rules["config"], *(name for _kind, name, _digest in rules["digests"])]:
        if name in document:
            # Helm shows this, and changes nothing.
            raise SystemExit("acmp: the document that mentions " + name + " cannot be read, so its configuration would be lost")
    return document


def _walk(yaml, node, rules: dict) -> bool:
    if not isinstance(node, yaml.MappingNode):
        return False
    kind = getattr(_get(node, "kind"), "value", "")
    contents = _get(node, "items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(contents, yaml.SequenceNode):
        changed = [_walk(yaml, item, rules) for item in contents.value]
        return any(changed)
    meta = _get(node, "metadata")
    if not isinstance(meta, yaml.MappingNode):
        return False
    name = getattr(_get(meta, "name"), "value", "")
    keep, counts = _wanted(kind, name, rules)
    if keep:
        # Copies, because a mapping may be an anchor's and so stand elsewhere, too.
        meta = _copy(yaml, node, "metadata")
        _set(yaml, _copy(yaml, meta, "annotations"), POLICY, _scalar(yaml, "keep", "str"))
    if counts and isinstance(_get(node, "spec"), yaml.MappingNode):
        _set(yaml, _copy(yaml, node, "spec"), "replicas", None if counts[0] is None else _scalar(yaml, str(counts[0]), "int"))
    size = _more(kind, name, rules)
    if size:
        _set(yaml, _copy(yaml, _copy(yaml, _copy(yaml, node, "spec"), "resources"), "requests"), "storage", _quoted(yaml, size))
    texts = rules["config"].get(name) if kind == "ConfigMap" else None
    if texts:
        _configure(yaml, node, texts)
    digest = _digest(kind, name, rules)
    spec = _get(node, "spec")
    if digest and isinstance(spec, yaml.MappingNode) and isinstance(_get(spec, "template"), yaml.MappingNode):
        template = _copy(yaml, _copy(yaml, node, "spec"), "template")
        _set(yaml, _copy(yaml, _copy(yaml, template, "metadata"), "annotations"), rules["digest_key"], _quoted(yaml, digest))
    return bool(keep or counts or size or texts or digest)


def _configure(yaml, node, texts: dict) -> None:
    data = _copy(yaml, node, "data")
    data.value = [pair for pair in data.value if pair[0].value not in texts]
    data.value += [(_quoted(yaml, key), _quoted(yaml, text)) for key, text in texts.items() if text is not None]
    if isinstance(_get(node, "binaryData"), yaml.MappingNode):
        binary = _copy(yaml, node, "binaryData")
        binary.value = [pair for pair in binary.value if pair[0].value not in texts]


def _quoted(yaml, value: str):
    """A text that every reader takes for one, 1e3 and yes included."""
    return yaml.ScalarNode("tag:yaml.org,2002:str", value, style='"')


def _scalar(yaml, value: str, tag: str):
    return yaml.ScalarNode("tag:yaml.org,2002:" + tag, value)


def _get(node, key: str):
    return next((value for name, value in node.value if name.value == key), None)


def _copy(yaml, node, key: str):
    """The mapping at ``key`` replaced by one of its own (an empty one where there is none)."""
    old = _get(node, key)
    new = yaml.MappingNode("tag:yaml.org,2002:map", list(old.value) if isinstance(old, yaml.MappingNode) else [])
    node.value = [pair for pair in node.value if pair[0].value != key] + [(_scalar(yaml, key, "str"), new)]
    return new


def _set(yaml, node, key: str, value) -> None:
    node.value = [pair for pair in node.value if pair[0].value != key]
    if value is not None:
        node.value.append((_scalar(yaml, key, "str"), value))


def main() -> None:
    """Standard input to standard output, bytes that are not UTF-8 included."""
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(mark(text, RULES).encode("utf-8", "surrogateescape"))
