# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts YAML events together to data in one loop without recursion, counting as it goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import PackageError
from . import _scalars

if TYPE_CHECKING:
    from .yaml_reader import Limits, Lines

_NONE = object()
_MERGE = object()
_MAP_TAGS = (None, "!", _scalars.MAP)
_SEQ_TAGS = (None, "!", _scalars.SEQ)


class Kinds:
    """The event classes of PyYAML that matter."""

    def __init__(self, yaml) -> None:
        self.scalar, self.alias = yaml.ScalarEvent, yaml.AliasEvent
        self.map, self.map_end = yaml.MappingStartEvent, yaml.MappingEndEvent
        self.seq, self.seq_end = yaml.SequenceStartEvent, yaml.SequenceEndEvent
        self.document, self.document_end, self.stream_end = yaml.DocumentStartEvent, yaml.DocumentEndEvent, yaml.StreamEndEvent


class _Frame:
    """A list or map that is being filled."""

    __slots__ = ("anchor", "as_text", "chars", "data", "height", "is_map", "key", "merges", "path", "values")

    def __init__(self, data: dict | list, anchor: str | None, as_text: bool, path: tuple, values: int, chars: int) -> None:
        self.data, self.anchor, self.as_text, self.path, self.values, self.chars = data, anchor, as_text, path, values, chars
        self.is_map = data.__class__ is dict
        self.key: object = _NONE
        self.merges: list | None = None
        self.height = 1


def documents(get_event: Callable, kinds: Kinds, path: str, as_text: frozenset[str], limits: Limits, marks: list[Lines] | None) -> list:
    """All documents of the stream; marks, when given, gets the lines of each. Raises as yaml_reader.load does."""
    builder = _Builder(get_event, kinds, path, as_text, limits)
    result: list = []
    while True:
        event = get_event()
        if event.__class__ is kinds.stream_end:
            return result
        if event.__class__ is kinds.document:
            lines = None
            if marks is not None:
                lines = {}
                marks.append(lines)
            result.append(builder.document(lines))


class _Builder:
    def __init__(self, get_event: Callable, kinds: Kinds, path: str, as_text: frozenset[str], limits: Limits) -> None:
        self.get_event, self.kinds, self.path, self.as_text, self.limits = get_event, kinds, path, as_text, limits
        self.values = self.chars = self.aliases = self.expanded = 0
        # Anchor -> (value, values in it, characters in it, height); None while the value is not complete.
        self.anchors: dict[str, tuple | None] = {}

    def document(self, lines: Lines | None) -> object:
        kinds, get_event, most = self.kinds, self.get_event, self.limits.values
        self.anchors = {}
        stack: list[_Frame] = []
        frame: _Frame | None = None
        root: object = None
        while True:
            event = get_event()
            kind = type(event)
            if kind is kinds.document_end:
                return root
            if kind is kinds.scalar:
                self.values += 1
                self.chars += len(event.value)
                if self.values > most:
                    raise self.refuse(event, f"The file holds more than {most} values", "Split the file")
                if frame is not None and frame.is_map and frame.key is _NONE:
                    self.open_key(frame, event, lines)
                    continue
                value = self.scalar(event, frame)
                height = 0
            elif kind is kinds.map_end or kind is kinds.seq_end:
                value, height = self.close(stack.pop())
                frame = stack[-1] if stack else None
                self.place(frame, value, height, event)
                if frame is None:
                    root = value
                continue
            elif kind is kinds.alias:
                value, height = self.alias(event, len(stack))
            else:
                self.values += 1
                frame = self.open(event, kind, frame, len(stack), lines)
                stack.append(frame)
                continue
            if lines is not None:
                self.mark(frame, event, lines)
            self.place(frame, value, height, event)
            if frame is None:
                root = value

    def refuse(self, event, what: str, todo: str = "") -> PackageError:
        return PackageError(what, where=f"{self.path}:{event.start_mark.line + 1}", todo=todo)

    def mark(self, frame: _Frame | None, event, lines: Lines) -> None:
        if frame is None:
            lines[()] = event.start_mark.line + 1
        elif not frame.is_map:
            lines[(*frame.path, len(frame.data))] = event.start_mark.line + 1

    def open_key(self, frame: _Frame, event, lines: Lines | None) -> None:
        key = event.value
        if event.tag is not None and event.tag != "!" and event.tag not in _scalars.SCALAR_TAGS:
            raise self.bad_tag(event)
        if event.anchor:
            self.anchors[event.anchor] = (key, 1, len(key), 0)
        if key == "<<" and event.implicit[0] and event.tag is None:
            if frame.merges is not None:
                raise self.refuse(event, 'The key "<<" occurs twice', "Give a list of aliases to one key")
            frame.merges = []
            frame.key = _MERGE
            return
        if key in frame.data:
            shown = key if len(key) <= 80 else key[:77] + "..."
            raise self.refuse(event, f'The key "{shown}" occurs twice in one map', "Keep one of the two")
        frame.key = key
        if lines is not None:
            lines[(*frame.path, key)] = event.start_mark.line + 1

    def scalar(self, event, frame: _Frame | None) -> object:
        tag, text = event.tag, event.value
        try:
            if tag is None:
                value = _scalars.resolve(text) if event.implicit[0] else text
                # Numbers only: a version written as null or yes is a mistake that the reader of the data must see.
                if type(value) in (int, float) and frame is not None and (frame.as_text or frame.key in self.as_text):
                    value = text
            elif tag == "!":
                value = text
            elif tag in _scalars.SCALAR_TAGS:
                value = _scalars.construct(tag, text)
            else:
                raise self.bad_tag(event)
        except ValueError as error:
            raise self.refuse(event, f"A value cannot be read: {error}", "Quote it to have it as text") from None
        if event.anchor:
            self.anchors[event.anchor] = (value, 1, len(text), 0)
        return value

    def open(self, event, kind: type, parent: _Frame | None, depth: int, lines: Lines | None) -> _Frame:
        is_map = kind is self.kinds.map
        if event.tag not in (_MAP_TAGS if is_map else _SEQ_TAGS):
            raise self.bad_tag(event)
        if depth >= self.limits.depth:
            raise self.refuse(event, f"The file nests deeper than {self.limits.depth} levels", "Flatten it")
        if self.values > self.limits.values:
            raise self.refuse(event, f"The file holds more than {self.limits.values} values", "Split the file")
        if parent is not None and parent.is_map and parent.key is _NONE:
            raise self.refuse(event, "A map's key is a list or a map", "Use text as key; text that begins with { or [ needs quotes")
        if event.anchor:
            self.anchors[event.anchor] = None
        path: tuple = ()
        if lines is not None:
            self.mark(parent, event, lines)
            if parent is not None:
                path = (*parent.path, parent.key if parent.is_map else len(parent.data))
        as_text = not is_map and parent is not None and (parent.as_text or parent.key in self.as_text)
        return _Frame({} if is_map else [], event.anchor, as_text, path, self.values, self.chars)

    def close(self, frame: _Frame) -> tuple[object, int]:
        data = frame.data
        if frame.merges:
            for source in frame.merges:
                for key, value in source.items():
                    data.setdefault(key, value)
        if frame.anchor:
            self.anchors[frame.anchor] = (data, self.values - frame.values + 1, self.chars - frame.chars, frame.height)
        return data, frame.height

    def place(self, frame: _Frame | None, value: object, height: int, event) -> None:
        if frame is None:
            return
        if height >= frame.height:
            frame.height = height + 1
        if not frame.is_map:
            frame.data.append(value)
            return
        if frame.key is _MERGE:
            sources = value if value.__class__ is list else [value]
            if not all(source.__class__ is dict for source in sources):
                raise self.refuse(event, 'The key "<<" needs a map, or a list of maps')
            frame.merges = sources
        else:
            frame.data[frame.key] = value
        frame.key = _NONE

    def alias(self, event, depth: int) -> tuple[object, int]:
        limits, name = self.limits, event.anchor
        self.aliases += 1
        if self.aliases > limits.aliases:
            raise self.refuse(event, f"The file holds more than {limits.aliases} aliases", "Write the values out")
        if name not in self.anchors:
            raise self.refuse(event, f"The alias *{name[:80]} names nothing before it")
        found = self.anchors[name]
        if found is None:
            raise self.refuse(event, f"The alias *{name[:80]} stands inside the value it names")
        value, values, chars, height = found
        self.values += values
        self.chars += chars
        self.expanded += chars
        if self.values > limits.values or self.expanded > limits.expanded or depth + height > limits.depth:
            raise self.refuse(event, "The file's aliases stand for too much", "Write the values out")
        return _copy(value), height

    def bad_tag(self, event) -> PackageError:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        return self.refuse(event, f"The tag {tag[:80]} is not allowed", "Use plain values; quote text that begins with !")


def _copy(value: object) -> object:
    """A copy that shares nothing; its depth is bounded by the limits."""
    if value.__class__ is dict:
        return {key: _copy(item) for key, item in value.items()}
    if value.__class__ is list:
        return [_copy(item) for item in value]
    return value
