# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of a package (§5.1): one HTML file that loads nothing, sends nothing and runs nothing, whatever the package holds."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ...markup import Safe, document, join, link, mail_link, tag
from .. import secrets
from ..form import form
from ..form._field import FormField
from ..model.model import InstanceType, Package
from . import _form, _images, _operation, _readme
from ._style import STYLE
from ._words import LANGUAGES, words

__all__ = ["LANGUAGES", "Listed", "Version", "render"]

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Version:
    """A version of the same package in the catalog; updated_at: time in UTC as text."""

    version: str
    app_version: str = ""
    updated_at: str = ""


@dataclass(frozen=True)
class Listed:
    """What the catalog knows about a package beyond its files. versions: the newest first. size: bytes of the archive."""

    updated_at: str = ""
    sha256: str = ""
    size: int = 0
    versions: tuple[Version, ...] = ()


def render(package: Package, language: str = "en", listed: Listed | None = None) -> str:
    """A package as a self-contained HTML page, for people who would rather look than read YAML.

    language: of the page's own words, one of LANGUAGES. listed: None for a package that is not from the catalog. Texts of the package are
    escaped, its Markdown is rendered without HTML, links lead to http, https and mailto only, pictures come from its own files. Values of
    secret fields are masked. Raises AcmpError where the library for Markdown is missing.
    """
    word = words(language)
    parts = [(name, word[name], content) for name, content in _sections(package, word, listed or Listed()) if content]
    contents = tag("nav", tag("ul", *[tag("li", tag("a", title, href=f"#{name}")) for name, title, _content in parts]), aria_label=word["overview"])
    cards = [
        tag("section", tag("h2", title), content, id=name, class_="card readme" if name == "detail" else "card") for name, title, content in parts
    ]
    top = tag("header", tag("div", _title(package), _risk(package, word), contents))
    title = f"{package.display_name} {package.version}"
    return document(
        title, STYLE, top, tag("main", *cards), tag("footer", tag("p", word["this_page"])), language="zh-CN" if language == "zh" else "en", pictures=True)


def _sections(package: Package, word: Mapping[str, str], listed: Listed) -> Iterable[tuple[str, Safe | str]]:
    forms = {item.name: _fields(package, item.name) for item in package.types}
    yield "overview", _facts(package, word, listed)
    yield "deploy", _deploy(package, word)
    yield "detail", _readme.render(package.detail, package.tree, lower=2) if package.detail else ""
    yield "types", join(_type(package, item, forms[item.name], word) for item in package.types)
    yield "parameters", _parameters(package, forms, word)
    yield "status", _status(package, word)
    yield "operations", _operation.actions(package, word)
    yield "settings", _operation.settings(package, word)
    yield "logs", _operation.logs(package, word)
    yield "metrics", _operation.charts(package, word)
    yield "alarms", _operation.alarms(package, word)
    yield "upgrade", _upgrade(package, word)
    yield "versions", _versions(listed, word)


def _fields(package: Package, name: str) -> tuple[FormField, ...]:
    """The fields of a type's form; one whose value is secret stays so where the schema makes another widget of it."""
    hidden = secrets.covers(secrets.secret_paths(package))
    return tuple(replace(field, secret=True, default=None) if hidden(field.steps) else field for field in form.fields(package, name))


def _title(package: Package) -> Safe:
    address = _images.logo(package.logo, package.tree)
    letter = tag("span", package.display_name[:1].upper(), class_="logo letter", aria_hidden="true")
    logo = tag("img", class_="logo", src=address, alt="") if address else letter
    chips = [package.version, package.mode, *package.architectures, *package.categories]
    return join([
        tag("div", logo, tag("div", tag("h1", package.display_name), tag("p", package.provider.get("name") or package.name, class_="under"),
                             tag("ul", *[tag("li", chip) for chip in chips], class_="chips")), class_="title"),
        tag("div", _readme.render(package.description, package.tree, lower=5, prefix="about-"), class_="lead") if package.description else None,
    ])


def _risk(package: Package, word: Mapping[str, str]) -> Safe | None:
    if not package.security.get("anonymousAccess"):
        return None
    risk = package.security.get("risk")
    return tag("p", tag("strong", word["anonymous"]), f": {risk}" if risk else "", class_="risk")


def _facts(package: Package, word: Mapping[str, str], listed: Listed) -> Safe:
    people = [mail_link(item.get("email"), item.get("name") or item.get("email")) for item in package.maintainers]
    provider = link(package.provider.get("url"), package.provider.get("name") or package.provider.get("url") or "")
    named = [
        ("name", package.name), ("version", package.version), ("app_version", _application(package)), ("category", ", ".join(package.categories)),
        ("mode", package.mode), ("architecture", ", ".join(package.architectures)), ("updated", listed.updated_at), ("provider", provider),
        ("maintainers", join(people, ", ")),
        ("links", join([link(item.get("url"), item.get("name") or item.get("url")) for item in package.links], ", ")),
        ("alias", package.alias), ("source", package.source), ("capabilities", ", ".join(package.capabilities)),
        ("scenes", ", ".join(package.scenes)), ("devices", ", ".join(package.devices)), ("industries", ", ".join(package.industries)),
        ("image", package.container_image), ("repository", package.repository),
        ("size", f"{listed.size / 1024:.1f} KiB" if listed.size else ""), ("sha256", listed.sha256),
    ]
    return tag("dl", *[tag("div", tag("dt", word[name]), tag("dd", value)) for name, value in named if value], class_="facts")


def _application(package: Package) -> str:
    """The version of the software, and the others that instances may run."""
    others = [other for other in package.versions.tags if other != package.app_version] if package.versions else []
    return ", ".join([package.app_version, *others] if package.app_version else others)


def _deploy(package: Package, word: Mapping[str, str]) -> Safe:
    command = "ansible-playbook acmp.middleware.deploy -e acmp_instance=NAME -e acmp_namespace=NAMESPACE \\\n"
    command += f"    -e acmp_package={package.name} -e acmp_version={shlex.quote(package.version)}"
    lines = [command, *[f"{command} {_choice(item.name)}" for item in package.types[1:]]]
    return join([tag("p", word["one_command"]), *[tag("pre", tag("code", line), tabindex="0") for line in lines]])


def _choice(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return f"-e acmp_type={name}"
    return "-e " + shlex.quote(json.dumps({"acmp_type": name}, ensure_ascii=False))


def _type(package: Package, item: InstanceType, fields: tuple, word: Mapping[str, str]) -> Safe:
    shown = secrets.mask(item.document, secrets.secret_paths(package))
    return tag(
        "article", tag("h3", item.name), tag("p", item.description) if item.description else "",
        # One is open, as the others have the same fields: what they start with stands side by side in the table of parameters.
        tag("details", tag("summary", word["form"]), _form.form(fields, word), open=item is package.types[0]),
        tag("details", tag("summary", word["sample"]), tag("pre", tag("code", _form.yaml(shown)), tabindex="0")),
    )


def _parameters(package: Package, forms: Mapping[str, tuple], word: Mapping[str, str]) -> Safe:
    """A table for each kind: types of one kind have the same fields, and differ in their defaults."""
    kinds: dict[str, dict[str, tuple]] = {}
    for item in package.types:
        if forms[item.name]:
            kinds.setdefault(str(item.document.get("kind")), {})[item.name] = forms[item.name]
    tables = [join([tag("h3", kind) if len(kinds) > 1 else None, _form.table(found, word)]) for kind, found in kinds.items()]
    return join(tables)


def _status(package: Package, word: Mapping[str, str]) -> Safe:
    rows = [[item.label, _form.place(item.path), item.help] for item in package.status_descriptors]
    return _operation.table((word["label"], word["value_of"], word["meaning"]), rows)


def _upgrade(package: Package, word: Mapping[str, str]) -> Safe:
    upgrade = package.upgrade
    named = [("replaces", upgrade.replaces), ("skips", ", ".join(upgrade.skips)), ("skip_range", upgrade.skip_range)]
    found = [tag("div", tag("dt", word[name]), tag("dd", value)) for name, value in named if value]
    return tag("dl", *found, class_="facts") if found else tag("p", word["no_upgrade"])


def _versions(listed: Listed, word: Mapping[str, str]) -> Safe:
    rows = [[item.version, item.app_version, item.updated_at] for item in listed.versions]
    return _operation.table((word["version"], word["app_version"], word["updated"]), rows)
