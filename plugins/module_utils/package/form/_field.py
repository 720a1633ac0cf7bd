# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One field of a form as data, and as the plain map that leaves a module and comes back into a filter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from ...errors import InputError
from .._paths import Path, parse_path
from ..model._fields import shown

TYPES = ("string", "integer", "number", "boolean", "array", "object", "any")


@dataclass(frozen=True)
class Dependency:
    """The field is asked only while the field at ``path`` has one of ``values`` (texts, as written in the package)."""

    path: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class FormField:
    """A field of a form. path: relative to spec, such as values.servers[0].host. type: of TYPES; any where nothing says what it is.

    widget: text, number, boolean, checkbox, select, password, podCount, resourceRequirements, updateStrategy, nodeAffinity, podAffinity,
    podAntiAffinity, imagePullPolicy, selector (the name of an object of ``kind`` and ``api_version``), labelSelector, endpointList, list, map.
    default: what holds when it is not answered, None where nothing does or it is secret. required: it must be answered, as nothing gives
    it a default. minimum, maximum, min_length, max_length, min_items, max_items, pattern, choices: limits, None or empty for none.
    depends_on: conditions that must all hold. secret: its value is secret. hidden: not asked, keeps its default. advanced: below the fold.
    generated: while it is empty, the platform makes the Secret.
    """

    path: str
    label: str = ""
    help: str = ""
    widget: str = "text"
    type: str = "string"
    default: object = None
    group: str = ""
    required: bool = False
    secret: bool = False
    hidden: bool = False
    advanced: bool = False
    generated: bool = False
    kind: str = ""
    api_version: str = ""
    choices: tuple = ()
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    pattern: str = ""
    depends_on: tuple[Dependency, ...] = ()

    @property
    def steps(self) -> Path:
        """The path's steps; InputError for a path that cannot be followed."""
        return parse_path(self.path)

    @property
    def title(self) -> str:
        """Label and path, as errors name a field."""
        return f"{shown(self.label)} ({shown(self.path)})" if self.label and self.label != self.path else shown(self.path)

    def as_dict(self) -> dict:
        """Every attribute by its name, in types JSON knows; from_dict() makes the same field of it."""
        data = asdict(self)
        data["choices"] = list(self.choices)
        data["depends_on"] = [{"path": item.path, "values": list(item.values)} for item in self.depends_on]
        return data


_KINDS = {item.name: item.type for item in fields(FormField)}
_NUMBERS = ("minimum", "maximum", "min_length", "max_length", "min_items", "max_items")


def from_dict(data: object) -> FormField:
    """The field of a map as as_dict() gives it; missing keys have their defaults, unknown ones are left out. InputError for anything else."""
    if not isinstance(data, Mapping):
        raise InputError("A field of the form is no map", where="form", todo="Use the form as acmp_package_info returns it")
    values = {name: data[name] for name in _KINDS if data.get(name) is not None}
    wrong = next((name for name, value in values.items() if not _right(name, value)), "" if "path" in values else "path")
    if wrong:
        path = shown(values.get("path", ""))
        raise InputError(f"{wrong} of a field of the form is missing or of a wrong type", where=f"form: {path}", todo="Use the form as it was returned")
    parse_path(values["path"])
    values["choices"] = tuple(values.get("choices", ()))
    values["depends_on"] = tuple(Dependency(item["path"], tuple(item["values"])) for item in values.get("depends_on", ()))
    return FormField(**values)


def _right(name: str, value: object) -> bool:
    if name == "default":
        return True
    if name == "type":
        return value in TYPES
    if name == "choices":
        return isinstance(value, list | tuple)
    if name == "depends_on":
        return isinstance(value, list | tuple) and all(
            isinstance(item, Mapping) and isinstance(item.get("path"), str) and isinstance(item.get("values"), list | tuple)
            and all(isinstance(text, str) for text in item["values"]) for item in value)
    if name in _NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, bool if _KINDS[name] == "bool" else str)
