# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML of unknown origin to plain data and back: no tags, no aliases without bound, no repeated keys, no recursion.

The parser's events are put together by a loop of our own (_yaml_events.py): libyaml's composer crashes the process on deep
nesting, and the usual loaders take the last of two equal keys in silence. Data is what JSON can hold, and shares no parts.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import dataclass
from types import SimpleNamespace

from .. import _deps
from ..errors import InputError, PackageError
from . import _scalars, _yaml_events


@dataclass(frozen=True)
class Limits:
    """Bounds of one YAML file: bytes, values (with what aliases stand for), depth, aliases, characters aliases stand for."""

    size: int = 8 * 1024 * 1024
    values: int = 1_000_000
    depth: int = 100
    aliases: int = 200
    expanded: int = 4 * 1024 * 1024


LIMITS = Limits()
Lines = dict[tuple, int]


def load(text: str | bytes, path: str, as_text: Collection[str] = (), limits: Limits = LIMITS) -> object:
    """The one document of a YAML file as None, bool, int, float, str, list, dict with text keys; None when it is empty.

    path: the file, for messages. as_text: keys of which plain numbers (or lists of them) stay as written, so that
    ``version: 1.10`` is "1.10". Dates and base-60 numbers stay text, as for Helm. Raises PackageError (where: path:line)
    for what is not YAML, more than one document, anything beyond ``limits``, an alias inside its own value, repeated or
    composite keys, tags beyond the core ones, and bytes that are not UTF-8.
    """
    documents = _read(text, path, as_text, limits, None)
    if len(documents) > 1:
        raise PackageError(f"The file holds {len(documents)} YAML documents, one is expected", where=path, todo="Split the file")
    return documents[0] if documents else None


def load_all(text: str | bytes, path: str, limits: Limits = LIMITS) -> list:
    """All documents of a YAML file that are not empty; errors and data as in load."""
    return [document for document in _read(text, path, (), limits, None) if document is not None]


def load_marked(text: str | bytes, path: str, as_text: Collection[str] = (), limits: Limits = LIMITS) -> tuple[object, Lines]:
    """(first document, line of each value): lines by path tuple such as ("spec", "list", 0), counted from 1.

    A value of a map has the line of its key, an item of a list its own, () the document its first. Slower than load: for
    messages only.
    """
    marks: list[Lines] = []
    documents = _read(text, path, as_text, limits, marks)
    return (documents[0], marks[0]) if documents else (None, {})


def load_all_marked(text: str | bytes, path: str, limits: Limits = LIMITS) -> list[tuple[object, Lines]]:
    """(document, lines as in load_marked) for each document that is not empty."""
    marks: list[Lines] = []
    documents = _read(text, path, (), limits, marks)
    return [(document, lines) for document, lines in zip(documents, marks, strict=True) if document is not None]


def dump(data: object) -> str:
    """Data as YAML text: block style, order as given, Unicode as it is, long lines not folded, no aliases.

    Text that some YAML reader would take for something else (yes, 1e3, y) is quoted. Raises InputError for data that is not
    JSON-like.
    """
    tools = _tools()
    try:
        return tools.yaml.dump(data, Dumper=tools.dumper, default_flow_style=False, sort_keys=False, allow_unicode=True, width=1_000_000)
    except (tools.yaml.YAMLError, RecursionError, UnicodeError) as error:
        reason = type(error).__name__
        raise InputError("The data cannot be written as YAML", todo="Use plain text, numbers, lists and maps", details={"reason": reason}) from None


def dump_all(documents: list) -> str:
    """Several documents, parted by lines ``---``."""
    return "---\n".join(dump(document) for document in documents)


def _read(text: str | bytes, path: str, as_text: Collection[str], limits: Limits, marks: list[Lines] | None) -> list:
    tools = _tools()
    raw = _encoded(text, path, limits)
    parser = None
    try:
        # PyYAML's own reader refuses control characters as early as here.
        parser = tools.parser(raw)
        return _yaml_events.documents(parser.get_event, tools.kinds, path, frozenset(as_text), limits, marks)
    except tools.yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{path}:{mark.line + 1}" if mark else path
        problem = " ".join(str(error.problem or error.context).split())[:200]
        raise PackageError(f"The file is not valid YAML: {problem}", where=where, todo="Correct this line, or the one before it") from None
    except tools.yaml.YAMLError as error:
        raise PackageError(f"The file is not valid YAML: {' '.join(str(error).split())[:200]}", where=path) from None
    finally:
        if parser is not None:
            parser.dispose()


def _encoded(text: str | bytes, path: str, limits: Limits) -> bytes:
    """UTF-8 without byte order mark: the parsers would guess other encodings from the first bytes."""
    if len(text) > limits.size:
        raise PackageError(f"The YAML file is larger than {limits.size} bytes", where=path, todo="Split the file")
    try:
        if isinstance(text, str):
            return text.removeprefix("\ufeff").encode()
        text = bytes(text)
        text.decode()
        return text.removeprefix(b"\xef\xbb\xbf")
    except UnicodeDecodeError as error:
        raise PackageError("The file is not UTF-8", where=f"{path}:{error.object.count(10, 0, error.start) + 1}", todo="Save it as UTF-8") from None
    except UnicodeEncodeError:
        raise PackageError("The text is not valid Unicode", where=path) from None


@functools.cache
def _tools() -> SimpleNamespace:
    """Parser, event kinds and dumper; made at first use, as PyYAML may be missing when this file is imported."""
    yaml = _deps.yaml
    if yaml is None:
        raise PackageError("The Python package PyYAML is missing", todo="Install PyYAML for this Python")
    fast = yaml.__with_libyaml__

    class PlainParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
        def __init__(self, stream):
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)

    class Dumper(yaml.CSafeDumper if fast else yaml.SafeDumper):
        def ignore_aliases(self, _data):
            return True

    def text(dumper, value):
        style = "'" if _scalars.needs_quotes(value) else "|" if "\n" in value else None
        return dumper.represent_scalar(_scalars.STR, str(value), style=style)

    # Multi: strings and dicts of Ansible are subclasses.
    Dumper.add_representer(str, text)
    Dumper.add_multi_representer(str, text)
    Dumper.add_multi_representer(dict, lambda dumper, value: dumper.represent_mapping(_scalars.MAP, value.items()))
    Dumper.add_multi_representer(list, lambda dumper, value: dumper.represent_sequence(_scalars.SEQ, value))
    return SimpleNamespace(yaml=yaml, parser=yaml.cyaml.CParser if fast else PlainParser, kinds=_yaml_events.Kinds(yaml), dumper=Dumper)
