# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What templates write down that belongs into values, and what they make anew at each rendering."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from ..model._fields import shown
from ..model._report import Report
from ..model._rules import WARNING, Rule
from ..model.model import Package
from ._images import parse
from ._layer import Options
from ._reading import MOST, actions, chart_of, charts, line_of, templates

RULES = {
    "IMG-010": Rule(WARNING, "templates take images from values", "Write the image into values.yaml: a registry without the internet needs another one"),
    "STOR-010": Rule(WARNING, "templates take storage classes from values", "Take the class from a value, empty for the cluster's default"),
    "WORK-040": Rule(WARNING, "templates make the same each time", "Keep what is there (lookup), or let the platform make it: com.apusic.secret:generate"),
}

_IMAGE = re.compile(r"^[ \t]*(?:-[ \t]+)?image:[ \t]+(\S[^\n]{0,400})$", re.MULTILINE)
_CLASS = re.compile(r"^[ \t]*storageClassName:[ \t]+(\S[^\n]{0,400})$", re.MULTILINE)
# One that is never closed takes what is left: looked for again from each of its letters, it would take for ever.
_QUOTED = re.compile(r'"(?:[^"\\\n]|\\.)*"?|`[^`]*`?')
_LITERAL = re.compile(r'"([^"\\\n]*)"')
_RANDOM = re.compile(
    r"\b(?:rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|uuidv4|gen(?:PrivateKey|CA|SelfSignedCert|SignedCert)(?:WithKey)?|bcrypt|htpasswd)\b")
# Each keeps what is made once: it looks for the old one, or is rendered at installation only.
_GUARD = re.compile(r"\blookup\b|\.Release\.IsInstall\b")
_HOOK = re.compile(r"helm\.sh/hook[\"']?[ \t]*:[ \t]*[\"']?pre-install[\"']?[ \t]*$", re.MULTILINE)
# Words that are values of a map in a schema or a form, not images.
_NO_IMAGES = frozenset({"string", "object", "true", "false", "null", "~", "{}", "[]", "|", ">", "|-", ">-"})


def check(package: Package, report: Report, options: Options) -> None:
    """Notes images, storage classes and random values in the templates of a chart and its subcharts."""
    root = chart_of(package)
    for chart in charts(package.tree, root) if root else ():
        found = list(templates(package.tree, chart))
        # One helper may look and another one make: what a chart guards at all is not judged.
        guarded = any(_GUARD.search(action) for _path, text in found if _GUARD.search(text) for _at, action in actions(text))
        for path, text in found:
            for line, image in islice(_images(text), MOST):
                report.add("IMG-010", f'The image "{shown(image)}" stands in the template, where no value reaches it', path, line=line)
            for match in islice(_CLASS.finditer(text), MOST):
                named = match[1].split(" #")[0].strip().strip("\"'")
                if "{{" not in named:
                    report.add("STOR-010", f'The storage class "{shown(named)}" stands in the template, where no value reaches it', path,
                               line=line_of(text, match.start(1)))
            if not guarded and _RANDOM.search(text) and not _HOOK.search(text):
                _check_random(text, path, report)


def _images(text: str) -> Iterator[tuple[int, str]]:
    for match in _IMAGE.finditer(text):
        image = _literal(match[1])
        if image and image not in _NO_IMAGES and parse(image):
            yield line_of(text, match.start(1)), image


def _literal(value: str) -> str:
    """The image a template writes by itself, "" where something else decides about it."""
    if "{{" not in value:
        return value.split(" #")[0].strip().strip("\"'")
    # Only text within the action, such as {{ "busybox:1.36" | quote }}: no value, variable or other template.
    inside = "".join(action for _at, action in actions(value))
    literals = _LITERAL.findall(inside)
    plain = value.startswith(("{{", '"{{', "'{{")) and len(literals) == 1
    return literals[0] if plain and not re.search(r"[.$]\w|\b(?:include|template|tpl|printf)\b", _QUOTED.sub("", inside)) else ""


def _check_random(text: str, path: str, report: Report) -> None:
    random = ((at, found[0]) for at, action in actions(text) if (found := _RANDOM.search(_QUOTED.sub('""', action))))
    for at, function in islice(random, MOST):
        report.add("WORK-040", f"{function} gives something new at each rendering, so that each upgrade changes it", path, line=line_of(text, at))
