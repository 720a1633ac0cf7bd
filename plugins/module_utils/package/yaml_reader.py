# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML of unknown origin to plain data and back: no tags, no aliases without bound, no repeated keys, no recursion.

The parser's events are put together by a loop of our own: libyaml's composer crashes the process on deep nesting, and the
usual loaders take the last of two equal keys in silence. Data is what JSON can hold, and shares no parts.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from types import SimpleNamespace

from .. import _deps
from ..errors import PackageError
from . import _scalars


@dataclass(frozen=True)
class Limits:
    """Bounds of one YAML file: bytes, values (after aliases are expanded), depth, aliases, characters of expanded aliases."""

    size: int = 8 * 1024 * 1024
    values: int = 1_000_000
    depth: int = 100
    aliases: int = 200
    expanded: int = 4 * 1024 * 1024


LIMITS = Limits()
Lines = dict[tuple, int]


def load(text: str | bytes, path: str, as_text: Collection[str] = (), limits: Limits = LIMITS) -> object:
    """The one document of a YAML file as None, bool, int, float, str, list, dict with text keys; None when it is empty.

    path: the file, for messages. as_text: keys whose plain scalars (or list of them) stay as written, so that
    ``version: 1.10`` is "1.10". Dates and base-60 numbers stay text, as for Helm. Raises PackageError (where: path:line)
    for what is not YAML, more than one document, anything beyond ``limits``, aliases of a value inside itself,
    repeated or composite keys, tags beyond the core ones, and bytes that are not UTF-8.
    """
    documents = _read(text, path, as_text, limits, None)
    if len(documents) > 1:
        raise PackageError(f"The file holds {len(documents)} YAML documents, one is expected", where=path, todo="Split the file")
    return documents[0] if documents else None


def load_all(text: str | bytes, path: str, limits: Limits = LIMITS) -> list:
    """All documents of a YAML file that are not empty; errors and data as in load."""
    return [document for document in _read(text, path, (), limits, None) if document is not None]


def load_marked(text: str | bytes, path: str, as_text: Collection[str] = (), limits: Limits = LIMITS) -> tuple[object, Lines]:
    """(first document, line of each value): the lines by path tuple such as ("spec", "list", 0), counted from 1.

    A key's line for values of maps, the item's for lists; () is the document's first line. Costs about twice what load does: for
    messages only.
    """
    lines: Lines = {}
    documents = _read(text, path, as_text, limits, lines)
    return (documents[0] if documents else None), lines


def dump(data: object) -> str:
    """Data as YAML text: block style, order as given, Unicode as it is, long lines not folded, no aliases."""
    tools = _tools()
    return tools.yaml.dump(data, Dumper=tools.dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=1_000_000)


def dump_all(documents: list) -> str:
    """Several documents, each but the first after a line ``---``."""
    return "---\n".join(dump(document) for document in documents)


def _read(text: str | bytes, path: str, as_text: Collection[str], limits: Limits, lines: Lines | None) -> list:
    tools = _tools()
    parser = tools.parser(_decoded(text, path, limits))
    try:
        return _Builder(parser.get_event, tools.kinds, path, frozenset(as_text), limits, lines).documents()
    except tools.yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else path
        raise PackageError(f"The file is not valid YAML: {error.problem or error.context}", where=where, todo="Correct the line, or the one before it") from None
    except tools.yaml.YAMLError as error:
        raise PackageError(f"The file is not valid YAML: {' '.join(str(error).split())[:200]}", where=path) from None
    finally:
        parser.dispose()


def _decoded(text: str | bytes, path: str, limits: Limits) -> str:
    if len(text) > limits.size:
        raise PackageError(f"The YAML file is larger than {limits.size} bytes", where=path, todo="Split the file")
    if isinstance(text, str):
        if any("\ud800" <= char <= "\udfff" for char in text) if not text.isascii() else False:
            raise PackageError("The text is not Unicode", where=path)
        return text.removeprefix("\ufeff")
    try:
        return bytes(text).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageError("The file is not UTF-8", where=f"{path}:{text.count(b'''\n'''[:1], 0, error.start) + 1}", todo="Save it as UTF-8") from None


class _Builder:
    """One run over the parser's events; a frame of the stack is [container, key, first line of it, anchor, values before]."""

    def __init__(self, get_event, kinds, path: str, as_text: frozenset[str], limits: Limits, lines: Lines | None) -> None:
        self.get_event, self.kinds, self.path, self.as_text, self.limits, self.lines = get_event, kinds, path, as_text, limits, lines
        self.values = self.aliases = self.expanded = 0
        self.anchors: dict[str, tuple] = {}
