# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings inside a ConfigMap's texts, as config.yaml describes them (manual 7.3.1.1): found, checked and compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import InputError, PackageError
from . import yaml_reader
from ._paths import get, parse_path, remove
from .model import _config, _placeholders
from .model._config import Config, ConfigSchema, Parameter
from .model._report import Report
from .tree import FileTree

__all__ = ["Config", "ConfigSchema", "Parameter", "check", "described", "lasting", "load", "value", "words"]

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
# name = value, name: value, name value; also with a comma or semicolon behind.
_LINE = re.compile(r"""\s*["']?([A-Za-z][\w.-]*)["']?\s*[:=\s]\s*(\S.*?)\s*[;,]?\s*$""")
_PROPERTY = re.compile(r"((?:[^\s=:\\]|\\.)+)\s*(?:[=:]|\s)\s*(.*)$")
_MISSING = object()


def load(tree: FileTree) -> ConfigSchema | None:
    """What a package's config.yaml says, faults left out (they were told when it was uploaded); None where it has none."""
    return _config.load(Report(tree))


def described(schema: ConfigSchema | None, config_map: str, key: str, instance: str, namespace: str) -> Config | None:
    """What config.yaml says of one key of an instance's ConfigMap."""
    names = {"Instance": instance, "Namespace": namespace}
    return next((one for one in (schema.configs if schema else ()) if one.key == key and _placeholders.fill(one.config_map, names) == config_map), None)


def check(config: Config, text: str) -> list[tuple[str, str]]:
    """(parameter, what is wrong with it) for each wrong setting of a text, ("", ...) where the text cannot be read in its format.

    Settings that config.yaml does not name, and all of a file in format text, are not judged.
    """
    try:
        found = _read(config.format, text)
    except (PackageError, InputError) as error:
        return [("", f"is not {config.format}: {error.what} ({error.where})" if error.where else f"is not {config.format}: {error.what}")]
    wrong = []
    for parameter in config.parameters:
        for one in _values(found, parameter):
            said = _config.problem(parameter, one)
            if said:
                wrong.append((parameter.name, said))
    return wrong


def value(config: Config, parameter: Parameter, text: str) -> Any:
    """The value of a parameter in a text, the last one where it is set twice; None where it is not set or the text cannot be read."""
    try:
        return (list(_values(_read(config.format, text), parameter)) or [None])[-1]
    except (PackageError, InputError):
        return None


def lasting(config: Config | None, text: str | None) -> str:
    """What of a text counts at a start of the pods only: equal for two texts that differ in nothing but what the software reloads."""
    reloaded = [parameter for parameter in config.parameters if parameter.apply == "reload"] if config else []
    if text is None or not config or not reloaded:
        return "" if text is None else f"={text}"
    if config.format == "text":
        return "reloaded" if len(reloaded) == len(config.parameters) else f"={text}"
    try:
        found = _read(config.format, text)
        if isinstance(found, list):
            paths = {parameter.path for parameter in reloaded}
            return json.dumps([pair for pair in found if pair[0] not in paths])
        for parameter in reloaded:
            remove(found, parse_path(parameter.path))
        return json.dumps(found, sort_keys=True)
    except (PackageError, InputError):
        return f"={text}"


def words(text: str) -> Iterator[tuple[str, str]]:
    """(name, value) of lines that look like a setting, whatever the format; comments and programs have none."""
    if text.startswith("#!"):
        return
    for line in text.splitlines():
        found = _LINE.match(line) if line.strip()[:1] not in "#;!/" else None
        if found:
            yield found[1], found[2].strip("\"'")


def _read(form: str, text: str) -> list[tuple[str, str]] | dict:
    """Maps and lists of yaml and json, else (path, text) of each setting in order; nothing of a text in no format."""
    if form == "json":
        try:
            data = json.loads(text or "{}")
        except (ValueError, RecursionError) as error:
            raise InputError(str(error)) from None
        return data if isinstance(data, dict) else {}
    if form == "yaml":
        data = yaml_reader.load(text, "")
        return data if isinstance(data, dict) else {}
    return {"ini": _ini, "properties": _properties}.get(form, lambda _text: [])(text)


def _ini(text: str) -> list[tuple[str, str]]:
    found, section = [], ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip() + "."
        elif line and line[0] not in "#;":
            key, _sign, rest = line.partition("=")
            found.append((section + key.strip(), rest.strip().strip("\"'")))
    return found


def _properties(text: str) -> list[tuple[str, str]]:
    found = []
    for line in map(str.strip, text.replace("\\\n", "").splitlines()):
        parts = _PROPERTY.match(line) if line and line[0] not in "#!" else None
        if parts:
            found.append((parts[1].replace("\\", ""), parts[2]))
    return found


def _values(found: list[tuple[str, str]] | Mapping, parameter: Parameter) -> Iterator[Any]:
    if isinstance(found, list):
        for path, text in found:
            if path == parameter.path and parameter.kind not in ("array", "object"):
                yield _typed(parameter.kind, text)
        return
    try:
        one = get(found, parse_path(parameter.path), _MISSING)
    except InputError:
        return
    if one is not _MISSING:
        yield one


def _typed(kind: str, text: str) -> Any:
    """A text as the type it should have; the text itself where it has not."""
    try:
        if kind == "integer":
            return int(text, 10) if len(text) < 40 else text
        if kind == "number":
            return float(text)
    except ValueError:
        return text
    return _WORDS.get(text.lower(), text) if kind == "boolean" else text
