# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTML that cannot hold what it should not: every text is escaped unless an element made it, and a page loads, sends and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

# Control characters are not allowed in HTML; those of direction would let a text show as another one.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_EMPTY = frozenset({"img", "meta", "br"})
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&*+/=?^_{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


class Safe(str):
    """Markup that is shown as it is; whatever is no Safe is escaped where it is put into an element."""

    __slots__ = ()


def clean(text: object) -> str:
    """A text without what HTML forbids, and without half characters, which no encoding can write."""
    return _UNFIT.sub("\ufffd", str(text).encode("utf-8", "replace").decode())


def escape(text: object) -> Safe:
    """A text as markup; a Safe is returned as it is."""
    return text if isinstance(text, Safe) else Safe(html.escape(clean(text)))


def join(parts: Iterable[object], between: str = "") -> Safe:
    """Parts one after the other, those that are None or empty left out."""
    return Safe(escape(between).join(escape(part) for part in parts if part is not None and part != ""))


def tag(element: str, /, *children: object, **attributes: object) -> Safe:
    """An element. attributes: class_ stands for class, http_equiv for http-equiv; one that is None or False is left out, True has no value."""
    text = ""
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        text += f" {key}" if value is True else f' {key}="{escape(str(value))}"'
    return Safe(f"<{element}{text}>" if element in _EMPTY else f"<{element}{text}>{join(children)}</{element}>")


def document(title: str, style: str, *body: object, language: str = "en", pictures: bool = False) -> str:
    """A whole page with this style. pictures: whether it may show some, which are data: addresses."""
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=policy(style, pictures)),
        # Browsers look up the addresses behind links beforehand unless they are told not to.
        tag("meta", http_equiv="x-dns-prefetch-control", content="off"), tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"), tag("meta", name="color-scheme", content="light dark"),
        tag("title", title), tag("style", Safe(style)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, tag('body', *body), lang=language)}\n"


def policy(style: str, pictures: bool = False) -> str:
    """The content security policy of a page: nothing is loaded, nothing is sent, no script runs; its own style works by its checksum."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; {'img-src data:; ' if pictures else ''}style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def link(url: object, label: object) -> Safe:
    """A link where the address is one of the web, else the label alone."""
    address = web_address(url)
    if not address:
        return escape(label)
    return tag("a", label, href=address, rel="noopener noreferrer nofollow")


def mail_link(email: object, label: object) -> Safe:
    """A link that writes to somebody, the label alone where there is no plain address."""
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        return escape(label)
    return tag("a", label, href="mailto:" + quote(email, safe="@"))


def web_address(url: object) -> str:
    """The address where it begins with http:// or https:// and names a host, else nothing."""
    if not isinstance(url, str):
        return ""
    url = clean(url).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    # A user before the host is how an address pretends to lead elsewhere.
    fit = parts.scheme in ("http", "https") and parts.netloc and "@" not in parts.netloc and not re.search(r"[\s\\]", url)
    return url if fit else ""
