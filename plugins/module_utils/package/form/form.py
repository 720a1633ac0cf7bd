# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forms (manual 5.2, 7.2.4): the fields of an instance type, and form ⇄ document without loss.

    parts = from_document(package, "default", document)
    to_document(package, "default", parts["answers"], rest=parts["rest"]) == document

holds for every document. Paths are relative to spec: values.servers[0].host; a backslash takes a dot's or bracket's meaning away.
"""

from __future__ import annotations

from ..model.model import Package
from . import _build, _source
from ._document import fill, is_asked, take
from ._field import TYPES, Dependency, FormField, from_dict

__all__ = ["Dependency", "FormField", "TYPES", "fields", "fill", "from_dict", "from_document", "is_asked", "take", "to_document"]


def fields(package: Package, type_name: str | None = None) -> tuple[FormField, ...]:
    """The fields of an instance type's form (None for the first type), in the order they are to be shown.

    They come from the specDescriptors of the type's kind; where it has none, from the schema of spec (CRD, values.schema.json), else from
    values.yaml: then at most 200, four steps deep. Types, limits and choices are the schema's, which beats the widget. () for a package
    without types. Raises InputError for an unknown type.
    """
    source = _source.load(package, type_name)
    if source is None:
        return ()
    own = tuple(item for item in package.spec_descriptors if item.kind in ("", source.kind))
    return tuple(_build.described(source, own) if own else _build.derived(source))


def to_document(
    package: Package, type_name: str | None, answers: dict, name: str | None = None, namespace: str | None = None, rest: dict | None = None,
) -> dict:
    """The document of an instance from a form's answers, {path: value}.

    rest: what from_document() left of a document. Without it the type's own document is filled, and every required field must have an
    answer. Text is read as a number, true or false, list or map where the field is one. Raises InputError that names all fields that do not
    fit by label and path (details.problems: [{path, label, message, allowed}]).
    """
    chosen = _source.choose(package, type_name)
    base = rest if rest is not None else chosen.document if chosen else {}
    return fill(fields(package, type_name), answers, base, name, namespace, rest is None, f"{package.name} {package.version}")


def from_document(package: Package, type_name: str | None, document: dict) -> dict:
    """{"answers": {path: value}, "rest": the document without them, "problems": [{path, label, message}]}.

    Whatever is no answer of a field stays in the rest: unknown keys, nulls, hidden fields, and values of a wrong type or range, which the
    problems name. Raises InputError for a document that is no map, or nests deeper than 100 levels.
    """
    return take(fields(package, type_name), document)
