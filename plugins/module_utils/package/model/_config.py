# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""config.yaml (manual 7.3.1.1): what may stand in the files of an instance's ConfigMaps. The manual asks for one and gives no format."""

from __future__ import annotations

from dataclasses import dataclass

from .. import _regex
from . import _placeholders
from ._capabilities import document, head
from ._fields import ANY, MAPS, NUMBER, Field, Place, Values, shown
from ._report import Report

KIND = "ConfigSchema"
PATHS = ("config.yaml", "manifests/config.yaml")
FORMATS = ("properties", "ini", "yaml", "json", "text")
TYPES = ("string", "integer", "number", "boolean", "array", "object")
APPLY = ("restart", "reload")

_NAME = rf"(?:{_placeholders.ONE}|[a-z0-9.-]){{1,253}}"
FIELDS = head(KIND, (
    Field("configs", MAPS, need="error", default=(), fields=(
        Field("configMap", need="error", pattern=_NAME, default=""),
        Field("key", need="error", pattern=r"[-._a-zA-Z0-9]{1,253}", default=""),
        Field("format", choices=FORMATS, default="text"),
        Field("description", default=""),
        Field("parameters", MAPS, default=(), fields=(
            Field("name", need="error", default=""),
            Field("path", default=""),
            Field("type", need="error", choices=TYPES, spelled={"text": "string", "int": "integer", "float": "number", "bool": "boolean"}, default="string"),
            Field("minimum", NUMBER),
            Field("maximum", NUMBER),
            Field("choices", ANY),
            Field("default", ANY),
            Field("pattern", default=""),
            Field("description", default=""),
            Field("apply", choices=APPLY, default="restart"),
        )),
    )),
))
_PYTHON = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict}


@dataclass(frozen=True)
class Parameter:
    """One setting in a file. path: where in it (name where none is given); kind: one of TYPES; choices: () for any.

    pattern: found somewhere in a text, as in a JSON schema (RE2's syntax). apply: restart or reload. steps: in config.yaml.
    """

    name: str
    path: str
    kind: str = "string"
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple = ()
    default: object = None
    pattern: str = ""
    description: str = ""
    apply: str = "restart"
    steps: tuple = ()


@dataclass(frozen=True)
class Config:
    """One file: the key of a ConfigMap (its name may hold {{.Instance}}). format: of the file's content, one of FORMATS."""

    config_map: str
    key: str
    format: str = "text"
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    steps: tuple = ()


@dataclass(frozen=True)
class ConfigSchema:
    """path: of the file."""

    path: str
    configs: tuple[Config, ...] = ()


def load(report: Report) -> ConfigSchema | None:
    """Reads the file at the root or in manifests/; None where there is none, it is no map, or something else of the same name."""
    found = [path for path in PATHS if path in report.tree]
    if not found:
        return None
    path = found[0]
    for other in found[1:]:
        report.add("CONFIG-020", f"{other} is a second one beside {path}, which is the one that counts", other)
    values = document(report, path, KIND, FIELDS, sure=False)
    if values is None:
        return None
    place = Place("CONFIG", path)
    configs: list[Config] = []
    for item in values["spec"].get("configs") or ():
        config = _config(item, place, report)
        if config.key and any((config.config_map, config.key) == (known.config_map, known.key) for known in configs[:100]):
            place.to(item.steps).at("key").add(report, "022", f'The key "{shown(config.key)}" of {shown(config.config_map)} is described twice')
        configs.append(config)
    return ConfigSchema(path, tuple(configs))


def problem(parameter: Parameter, value: object) -> str:
    """What is wrong with a value, as the end of a sentence that begins with its name; "" where it fits."""
    wanted = _PYTHON[parameter.kind]
    if not isinstance(value, wanted) or isinstance(value, bool) and parameter.kind in ("integer", "number"):
        return f"is no {parameter.kind}"
    if parameter.choices and not any(type(value) is type(choice) and value == choice for choice in parameter.choices):
        return f"is not one of {', '.join(shown(choice) for choice in parameter.choices[:20])}"
    if isinstance(value, int | float):
        if parameter.minimum is not None and value < parameter.minimum:
            return f"is below {parameter.minimum}"
        if parameter.maximum is not None and value > parameter.maximum:
            return f"is above {parameter.maximum}"
    if isinstance(value, str) and parameter.pattern and _regex.compile_pattern(parameter.pattern).search(value) is False:
        return f"does not match {shown(parameter.pattern)}"
    return ""


def _config(values: Values, place: Place, report: Report) -> Config:
    parameters: list[Parameter] = []
    seen: set[str] = set()
    for item in values["parameters"]:
        parameter = _parameter(item, place.to(item.steps), report)
        if parameter.path in seen:
            place.to(item.steps).add(report, "022", f'The parameter "{shown(parameter.path)}" is described twice')
        elif parameter.path:
            seen.add(parameter.path)
        parameters.append(parameter)
    return Config(values["configMap"], values["key"], values["format"], values["description"], tuple(parameters), values.steps)


def _parameter(values: Values, place: Place, report: Report) -> Parameter:
    choices = values["choices"]
    if choices is not None and not (isinstance(choices, list) and choices and all(isinstance(item, str | int | float) for item in choices)):
        place.at("choices").add(report, "004", f"{place.name('choices')} is no list of texts or numbers")
        choices = None
    low, high = values["minimum"], values["maximum"]
    if low is not None and high is not None and low > high:
        place.at("maximum").add(report, "023", f"{place.name('maximum')} is below the minimum")
        low = high = None
    pattern = values["pattern"]
    if pattern:
        try:
            _regex.compile_pattern(pattern)
        except ValueError as error:
            place.at("pattern").add(report, "024", f"{place.name('pattern')} is no pattern: {shown(error)}")
            pattern = ""
    parameter = Parameter(
        values["name"], values["path"] or values["name"], values["type"], low, high, tuple(choices or ()), values["default"], pattern,
        values["description"], values["apply"], values.steps)
    for index, choice in enumerate(parameter.choices[:100]):
        if not isinstance(choice, _PYTHON[parameter.kind]):
            place.at("choices", index).add(report, "025", f"{place.at('choices', index).name()} is no {parameter.kind}")
            return parameter
    wrong = problem(parameter, parameter.default) if parameter.default is not None else ""
    if wrong:
        place.at("default").add(report, "025", f"{place.name('default')} {wrong}")
    return parameter
