# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Passwords, tokens and private keys in what everybody may read: defaults, manifests and any other file of the package.

By the name of a field, and by the form of a value. No message holds the value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from itertools import islice

from .._paths import format_path, get, parse_path
from ..model._fields import shown
from ..model._report import Report
from ..model._rules import ERROR, HINT, WARNING, Rule
from ..model.model import Package
from ..secrets import PASSWORD, secret_paths
from ._layer import Options
from ._objects import kind, mapping, maps, texts
from ._reading import MOST, chart_of, charts, csv_file, default_documents, load, templates, walk

RULES = {
    "SEC-001": Rule(WARNING, "defaults hold no passwords", "Leave it empty: the platform makes a password for each instance (com.apusic.secret:generate)"),
    "SEC-002": Rule(ERROR, "no file holds a private key or a token", "Take it out of the package, and out of use: it is known now"),
    "SEC-003": Rule(WARNING, "Secrets are not part of the package", "Let the platform make the Secret, or take its name from a value"),
    "SEC-004": Rule(HINT, "passwords can be given as the name of a Secret", "Add a value such as auth.existingSecret: Helm keeps values in its release Secret"),
}

# What gives a secret away wherever it stands: (what it is, texts of which one begins it, form). A letter or digit before or after would make
# it part of something longer.
_FORMS = tuple((title, starts, re.compile(rb"(?<![A-Za-z0-9+/_-])" + form + rb"(?![A-Za-z0-9+/_-])")) for title, starts, form in (
    ("an AWS access key", (b"AKIA", b"ASIA"), rb"(?:AKIA|ASIA)(?![A-Z0-9]{0,12}EXAMPLE)[A-Z0-9]{16}"),
    ("a JSON web token", (b".eyJ",), rb"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,2000}"),
    ("a GitHub token", (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"), rb"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})"),
    ("a GitLab token", (b"glpat-",), rb"glpat-[A-Za-z0-9_-]{20,60}"),
    ("a Slack token", (b"xox",), rb"xox[abprs]-[A-Za-z0-9-]{20,200}"),
    ("a Google API key", (b"AIza",), rb"AIza[A-Za-z0-9_-]{35}"),
    ("a Stripe key", (b"k_live_",), rb"[rs]k_live_[A-Za-z0-9]{20,200}"),
)) + (("a private key", (b"PRIVATE KEY-----",),
       re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY-----(?:\\[rn]|[\s\"'|>+#,-]){1,80}[A-Za-z0-9+/]{40}")),)

# Last words of a key that name a secret, and pairs of them; a word before takes the meaning away.
_SECRET_WORDS = frozenset({"password", "passwd", "passphrase", "pwd", "token", "apikey", "accesskey", "privatekey", "encryptionkey", "secretaccesskey"})
_SECRET_PAIRS = frozenset({
    ("api", "key"), ("access", "key"), ("private", "key"), ("encryption", "key"), ("signing", "key"), ("client", "secret"), ("jwt", "secret"),
    ("shared", "secret"), ("session", "secret"), ("app", "secret"), ("cookie", "secret"), ("signing", "secret"), ("hmac", "secret"), ("auth", "secret"),
    ("erlang", "cookie"), ("pass", "phrase"), ("pass", "word"), ("root", "pass"), ("user", "pass"), ("db", "pass"),
})
# Often the name of a Secret or of a key in one: only a value that looks random counts.
_UNSURE = frozenset({("secret", "key"), ("auth", "secret"), ("shared", "secret"), ("cookie", "secret"), ("access", "key"), ("private", "key")})
_OTHERWISE = frozenset({"existing", "use", "enable", "disable", "allow", "require", "generate", "random", "no", "automount", "mount", "csrf", "next", "page"})
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_KIND = re.compile(rb"^[ \t]*(?:-[ \t]+)?[\"']?kind[\"']?:[ \t]*[\"']?Secret\b", re.MULTILINE)
_ENTRY = re.compile(r"([ \t]*)[\"']?([A-Za-z0-9._-]{1,253})[\"']?:[ \t]*(.*)")
# Of a file and of all files: nobody hides a key behind a megabyte of something else by mistake.
_LARGEST, _TOGETHER = 1024 * 1024, 32 * 1024 * 1024


def check(package: Package, report: Report, options: Options) -> None:
    """Notes secrets in any file, in the chart's values, in default documents and in Secrets of raw/."""
    size = 0
    for path, data in package.tree.items():
        size += len(data) if len(data) <= _LARGEST else 0
        if len(data) <= _LARGEST and size <= _TOGETHER:
            for title, at in forms(data):
                report.add("SEC-002", f"The file holds {title}", path, line=data.count(b"\n", 0, at) + 1)
    root = chart_of(package)
    values = mapping(load(report, f"{root}/values.yaml")) if root else {}
    for folder in charts(package.tree, root) if root else ():
        inner = folder[len(root):].strip("/").split("/")[1::2]
        for steps in _named(load(report, f"{folder}/values.yaml")):
            # What the chart around it sets is judged there.
            if not inner or get(values, (*inner, *steps)) is None:
                _add(report, f"{folder}/values.yaml", steps)
    told = set(secret_paths(package))
    for path, number, base, document in default_documents(report):
        for steps in _named(document):
            # Fields of the form that are secret are the reader's to judge (CR-024).
            if (*base[1:], *steps) not in told:
                _add(report, path, (*base, *steps), number)
    _check_widgets(package, values, report)
    for path, number, steps, line, title in _secrets(package, report, root):
        report.add("SEC-003", f"A Secret's {title} is written out", path, steps, number, line)


def forms(data: bytes) -> Iterator[tuple[str, int]]:
    """(what it is, where it begins) of the first secret of each form."""
    for title, starts, form in _FORMS:
        # Looking for a text is many times faster than for a form, and nearly always enough.
        found = form.search(data) if any(start in data for start in starts) else None
        if found:
            yield title, found.start()


def secret_name(key: str, value: object) -> bool:
    """Whether a field of this name and value holds a password, key or token."""
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        return False
    words = tuple(word.lower() for word in _WORDS.findall(key))
    pair, last = words[-2:], words[-1] if words else ""
    if not words or not _OTHERWISE.isdisjoint(words[:-1]) or not (last in _SECRET_WORDS or pair in _SECRET_PAIRS or pair in _UNSURE):
        return False
    if isinstance(value, int):
        return last in ("password", "passwd", "pwd") and value >= 1000
    if any(mark in value for mark in ("{{", "${", "$(")) or value.strip().lower() in ("", "null", "none", "nil", "~", "-", "optional", "required"):
        return False
    if value.startswith(("/", "./", "vault:", "secret:", "file:", "http://", "https://", "env:")):
        return False
    return (pair not in _UNSURE or _random(value)) and (last != "token" or len(value) >= 8)


def _random(value: str) -> bool:
    """Whether a text is no name: several sorts of letters, or long and of letters and digits."""
    sorts = sum(any(test(letter) for letter in value) for test in (str.islower, str.isupper, str.isdigit))
    return not any(letter.isspace() for letter in value) and len(value) >= 12 and (sorts == 3 or len(value) >= 20 and sorts == 2 and "-" not in value)


def _named(values: object) -> Iterator[tuple]:
    for steps, value, holder in walk(values):
        key = steps[-1]
        if isinstance(key, str) and secret_name(key, value):
            yield steps
        # A variable of a container: its name stands beside its value.
        elif key == "value" and isinstance(holder, dict) and isinstance(holder.get("name"), str) and secret_name(holder["name"], value):
            yield steps


def _add(report: Report, path: str, steps: tuple, number: int = 0) -> None:
    report.add("SEC-001", f"{shown(format_path(steps))} has a default that everybody knows", path, steps, number)


def _check_widgets(package: Package, values: dict, report: Report) -> None:
    path = csv_file(report)
    if package.mode != "helm" or not path:
        return
    for item in package.spec_descriptors:
        if PASSWORD not in item.widgets:
            continue
        steps = parse_path(item.path)
        beside = get(values, steps[1:-1]) if len(steps) > 2 else values
        words = " ".join(str(key).lower() for key in {**values, **mapping(beside)})
        if steps[0] == "values" and "secret" not in words:
            line = next((number for number, line in enumerate(report.tree[path].decode("utf-8", "replace").splitlines(), 1)
                         if "path:" in line and item.path in line), 0)
            report.add("SEC-004", f"{shown(item.path)} is a password that cannot be given as the name of a Secret", path, line=line)


def _secrets(package: Package, report: Report, root: str) -> Iterator[tuple[str, int, tuple, int, str]]:
    """(path, document's number, steps, line, what) of each literal value in Secrets of raw/ and in secretGenerators."""
    if root:
        for folder in charts(package.tree, root):
            for path, content in templates(package.tree, folder):
                if _SECRET_KIND.search(content.encode()):
                    yield from ((path, 0, (), line, f"key {shown(key)}") for line, key in islice(_in_template(content), MOST))
        return
    prefix = f"{package.raw_root}/" if package.raw_root else "raw/"
    for path, data in package.tree.items():
        if not path.startswith(prefix) or not path.endswith((".yaml", ".yml", ".json")) or not (_SECRET_KIND.search(data) or b"secretGenerator" in data):
            continue
        for number, document in enumerate(report.load_all(path)):
            if isinstance(document, dict) and kind(document) == "Secret":
                for part in ("data", "stringData"):
                    for key, value in mapping(document.get(part)).items():
                        if isinstance(value, str) and _filled(value, part):
                            yield path, number, (part, key), 0, f"key {shown(key)}"
            for index, item in maps(mapping(document).get("secretGenerator")):
                if texts(item.get("literals")):
                    yield path, number, ("secretGenerator", index, "literals"), 0, "literals"


def _filled(value: str, part: str) -> bool:
    if part == "data":
        try:
            return bool(base64.b64decode(value, validate=False).strip())
        except (binascii.Error, ValueError):
            return True
    return bool(value.strip())


def _in_template(content: str) -> Iterator[tuple[int, str]]:
    """(line, key) of literal values in the data of Secrets that a template writes."""
    secret, depth = False, None
    for number, line in enumerate(content.splitlines(), 1):
        found = _ENTRY.fullmatch(line)
        if line.startswith("---"):
            secret, depth = False, None
        if not found:
            continue
        indent, key, value = len(found[1]), found[2], found[3].strip()
        if indent == 0:
            secret = value.strip("\"'") == "Secret" if key == "kind" else secret
            depth = 0 if secret and key in ("data", "stringData") else None
        elif depth is not None:
            plain = value.strip("\"'")
            if plain and "{{" not in value and plain[0] not in "|>{[&*#":
                yield number, key
