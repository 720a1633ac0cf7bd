# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of an instance type as a page shows it: what is asked, with the defaults filled in, and all fields as a table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from ...errors import InputError
from ...markup import Safe, join, tag
from .. import yaml_reader
from ..form._field import FormField

# Longer lists of choices are cut: the sample and the schema have all of them.
_MOST_CHOICES = 40
_SWITCHES = ("boolean", "checkbox")
_LISTS = ("select", "imagePullPolicy", "selector")


def form(fields: Sequence[FormField], words: Mapping[str, str]) -> Safe:
    """The fields by group, those of the first group without a name first, the advanced ones below a fold; hidden ones are left out."""
    asked = [field for field in fields if not field.hidden]
    if not asked:
        return tag("p", words["no_fields"], class_="note")
    labels = {field.path: field.label or field.path for field in asked}
    plain = _groups([field for field in asked if not field.advanced], labels, words)
    more = _groups([field for field in asked if field.advanced], labels, words)
    fold = tag("details", tag("summary", words["advanced"]), more) if more else ""
    return join([plain, fold])


def table(forms: Mapping[str, Sequence[FormField]], words: Mapping[str, str]) -> Safe:
    """All fields of types that share a form, a column of defaults for each type. forms: {type: its fields}."""
    first = {field.path: field for fields in reversed(list(forms.values())) for field in reversed(fields) if not field.hidden}
    order = list(dict.fromkeys(field.path for fields in forms.values() for field in fields if not field.hidden))
    defaults = {name: {field.path: field for field in fields} for name, fields in forms.items()}
    titles = [f"{words['default']}: {name}" for name in forms] if len(forms) > 1 else [words["default"]]
    head = tag("tr", *[tag("th", title, scope="col") for title in (words["label"], words["meaning"], words["required"], words["range"], *titles)])
    rows = []
    for path in order:
        field = first[path]
        name = join([tag("b", field.label) if field.label and field.label != path else None, place(path)], Safe("<br>"))
        cells = [tag("td", _default(known.get(path), words)) for known in defaults.values()]
        must = words["yes" if field.required else "no"]
        rows.append(tag("tr", tag("td", name), tag("td", field.help), tag("td", must), tag("td", limits(field, words)), *cells))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="scroll", tabindex="0")


def place(path: str) -> Safe:
    """A path that may be broken into lines at its dots."""
    return tag("code", join(re.split(r"(?<=\.)(?=.)", path), Safe("<wbr>")))


def limits(field: FormField, words: Mapping[str, str], whole: bool = True) -> Safe | str:
    """The range of a field as the manual's parameter tables write it: choices divided by /, bounds; whole: lengths and pattern, too."""
    if field.choices:
        texts = [text(choice) for choice in field.choices[:_MOST_CHOICES]]
        return join(texts + ["…"] if len(field.choices) > _MOST_CHOICES else texts, Safe("/<wbr>"))
    if field.type == "boolean":
        return "true/false"
    found: list[object] = [span(field.minimum, field.maximum)]
    if whole:
        for bounds, unit in (((field.min_length, field.max_length), "characters"), ((field.min_items, field.max_items), "entries")):
            if bounds != (None, None):
                found.append(words[unit].format(span(*bounds)))
        found.append(tag("code", field.pattern[:200]) if field.pattern else "")
    return join(found, ", ") or " ".join(part for part in (field.api_version, field.kind) if part)


def yaml(value: object) -> str:
    """Data as YAML; as JSON where it holds what YAML cannot, such as half a character."""
    try:
        return yaml_reader.dump(value)
    except InputError:
        return json.dumps(value, indent=2, default=str)


def span(least: float | None, most: float | None) -> str:
    """Two bounds as text, empty where there are none."""
    if least is None:
        return "" if most is None else f"≤ {text(most)}"
    return f"≥ {text(least)}" if most is None else f"{text(least)} – {text(most)}"


def _groups(fields: Sequence[FormField], labels: Mapping[str, str], words: Mapping[str, str]) -> Safe:
    names = dict.fromkeys(["", *(field.group for field in fields)])
    blocks = []
    for name in names:
        shown = [_field(field, labels, words) for field in fields if field.group == name]
        if shown:
            grid = tag("div", *shown, class_="fields")
            blocks.append(tag("div", tag("h5", name or words["general"]), grid, class_=f"group of{min(3, len(shown))}") if len(names) > 1 else grid)
    return tag("div", *blocks, class_="groups") if blocks else join(blocks)


def _field(field: FormField, labels: Mapping[str, str], words: Mapping[str, str]) -> Safe:
    must = tag("span", " *", class_="must", title=words["required"]) if field.required else ""
    conditions = [words["only_when"].format(labels.get(item.path, item.path), "/".join(item.values)) for item in field.depends_on]
    return tag(
        "div", tag("b", field.label or field.path), must, _value(field, words), tag("span", field.help, class_="help") if field.help else "",
        tag("span", "; ".join(conditions), class_="help") if conditions else "",
        tag("span", place(field.path), " ", limits(field, words, whole=False), class_="help"), class_="field",
    )


def _value(field: FormField, words: Mapping[str, str]) -> Safe:
    if field.secret or field.generated and not field.default:
        return tag("span", words["secret"], class_="value none")
    if field.default is None or field.default == "":
        return tag("span", words["empty"], class_="value none list" if field.widget in _LISTS else "value none")
    if field.widget in _SWITCHES and isinstance(field.default, bool):
        return tag("span", words["on" if field.default else "off"], class_="value on" if field.default else "value off")
    return tag("span", text(field.default), class_="value list" if field.widget in _LISTS else "value")


def _default(field: FormField | None, words: Mapping[str, str]) -> Safe | str:
    if field is None:
        return "–"
    if field.secret:
        return words["secret"].partition(":")[0].partition("：")[0]
    if field.default is None or field.default == "":
        return words["empty"]
    shown = text(field.default)
    return tag("pre", shown) if "\n" in shown else tag("code", shown)


def text(value: object) -> str:
    """A value as a person writes it in YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return yaml(value).rstrip("\n") if isinstance(value, dict | list) and value else str(value)
