# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Form ⇄ document without loss: answers are taken out of a document, and put back into what is left of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...errors import InputError, nearest
from .._patch import plain
from .._paths import Path, format_path, get, parse_path, remove, set_
from ..documents import SPEC_FIELDS, is_helm
from ..model._fields import shown
from ._answers import Misfit, checked, fits_as_it_is, is_empty
from ._field import FormField

_MISSING = object()
_SHOWN = 20


def take(form: Iterable[FormField], document: object) -> dict:
    """{"answers": {path: value}, "rest": the document without them, "problems": [{path, label, message}]}.

    A value that is no answer of its field (null, of another type, out of range) stays in the rest, as does everything that has no
    field or a hidden one; problems name those values. Raises InputError for a document that is no map.
    """
    fields = list(form)
    if not isinstance(document, dict):
        raise InputError("The document is not a map", where="document", todo="Give a document with apiVersion, kind, metadata and spec")
    rest = plain(document, ())
    answers: dict[str, object] = {}
    problems: list[dict] = []
    # Fields inside a field first: every value is then in one answer only.
    for field in sorted(fields, key=lambda item: len(item.steps), reverse=True):
        value = get(rest.get("spec"), field.steps, _MISSING)
        if field.hidden or value is _MISSING or value is None:
            continue
        message = fits_as_it_is(field, value)
        if message:
            problems.append({"path": field.path, "label": field.label, "message": message})
            continue
        answers[field.path] = value
        remove(rest["spec"], field.steps)
    return {"answers": {field.path: answers[field.path] for field in fields if field.path in answers}, "rest": rest, "problems": problems}


def fill(
    form: Iterable[FormField], answers: object, base: dict, name: str | None = None, namespace: str | None = None, complete: bool = True, origin: str = "",
) -> dict:
    """The document of ``base`` with the answers ({path: value}) in their places; neither is changed.

    fill(form, answers, rest, complete=False) of what take() returned is the document again. Null is no answer. complete: a required field
    without an answer is an error; without it only one that is answered by null. name, namespace: of metadata, None to leave them.
    Raises InputError with every field that does not fit in details.problems: [{path, label, message, allowed}].
    """
    fields = list(form)
    for what, value in (("answers are", answers), ("document is", base)):
        if not isinstance(value, dict):
            raise InputError(f"The {what} not a map", where=what.split()[0], todo="Give paths of fields and their values as path: value, and a whole document")
    document = plain(base, ())
    problems: list[dict] = []
    wanted: dict[Path, tuple[FormField, object]] = {}
    emptied: list[FormField] = []
    known = {field.steps: field for field in fields}
    for key, value in answers.items():
        field = None
        try:
            steps, field = _field(str(key), known, is_helm(document))
            if steps in wanted:
                raise Misfit("is answered twice")
            if field.hidden:
                raise Misfit("is hidden, it is not part of the form; change it in the document itself")
            value = plain(value, steps)
            inside = len(steps) > len(field.steps)
            if value is None or not inside and is_empty(field, value):
                emptied.append(field)
            else:
                wanted[steps] = field, value if inside else checked(field, value)
        except (Misfit, InputError) as error:
            problems.append(_problem(str(key), field, error))
    # By steps: a map before what is inside it, an item before the next.
    for steps in sorted(wanted, key=lambda path: [(isinstance(step, int), step) for step in path]):
        try:
            _put(document, steps, wanted[steps][1])
        except InputError as error:
            problems.append(_problem(format_path(steps), wanted[steps][0], error))
    spec = document.get("spec")
    for field in fields if complete else emptied:
        if field.required and get(spec, field.steps) in (None, "") and is_asked(field, known, spec):
            problems.append(_problem(field.path, field, Misfit("is required")))
    _raise(problems, origin)
    _name(document, name, namespace)
    return document


def is_asked(field: FormField, known: Mapping[Path, FormField], spec: object, seen: frozenset = frozenset()) -> bool:
    """Whether a field is part of the form now: not hidden, and each field it depends on is asked itself and has a value it waits for."""
    if field.hidden or field.path in seen:
        return False
    for condition in field.depends_on:
        steps = parse_path(condition.path)
        control = known.get(steps)
        value = get(spec, steps)
        if value is None and control is not None:
            value = control.default
        if _text(value) not in condition.values:
            return False
        if control is not None and not control.hidden and not is_asked(control, known, spec, seen | {field.path}):
            return False
    return True


def _field(key: str, known: Mapping[Path, FormField], helm: bool) -> tuple[Path, FormField]:
    """(steps, the field) an answer is for: the field's own path, another item of its list, or a place inside its value. Misfit where there is none."""
    steps = parse_path(key)
    # As in a task's values: what does not begin with values. is a chart's value.
    candidates = [steps, ("values", *steps)] if helm and steps[0] not in SPEC_FIELDS else [steps]
    for path in candidates:
        if path in known:
            return path, known[path]
    for path in candidates:
        for field in known.values():
            if _pattern(field.steps) == _pattern(path):
                return path, field
        above = next((known[path[:length]] for length in range(len(path) - 1, 0, -1) if path[:length] in known), None)
        if above is not None:
            if above.type not in ("object", "array", "any"):
                raise Misfit(f"is inside {above.title}, which is a single value")
            return path, above
    raise Misfit(f"is no field of the form, {nearest(key, [field.path for field in known.values()])}".rstrip(", ?"))


def _pattern(steps: Path) -> tuple:
    """Steps with all indexes alike."""
    return tuple(None if isinstance(step, int) else step for step in steps)


def _put(document: dict, steps: Path, value: object) -> None:
    if document.get("spec") is None:
        document["spec"] = {}
    if not isinstance(document["spec"], dict):
        raise InputError("spec of the document is no map")
    set_(document["spec"], steps, value)


def _name(document: dict, name: str | None, namespace: str | None) -> None:
    given = {key: value for key, value in (("name", name), ("namespace", namespace)) if value}
    if given:
        metadata = document.get("metadata")
        document["metadata"] = {**(metadata if isinstance(metadata, dict) else {}), **given}


def _problem(path: str, field: FormField | None, error: Misfit | InputError) -> dict:
    message = error.message if isinstance(error, Misfit) else error.what
    allowed = error.allowed[:_SHOWN] if isinstance(error, Misfit) else []
    return {"path": shown(path), "label": shown(field.label) if field else "", "message": message, "allowed": allowed}


def _raise(problems: list[dict], origin: str) -> None:
    if not problems:
        return
    lines = [f"{item['label']} ({item['path']}) {item['message']}" if item["label"] else f"{item['path']} {item['message']}" for item in problems]
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    count = "An answer does" if len(problems) == 1 else f"{len(problems)} answers do"
    form = f"the form of {origin}" if origin else "the form"
    raise InputError(
        f"{count} not fit {form}: {'; '.join(lines[:_SHOWN])}{more}", where=problems[0]["path"], todo="Correct these fields", details={"problems": problems})


def _text(value: object) -> str:
    """A value as the texts of descriptors write it."""
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
