# Copyright: (c) 2026, acmp.middleware contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown of a package as HTML: its own HTML is shown as text, links lead to the web, pictures come from the package."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from ... import _deps, markup
from ..tree import FileTree
from . import _images

# Above it a page shows plain text: the time Markdown takes may grow with the square of its length.
MOST_CHARACTERS = 192 * 1024
# Pictures of one text together; the rest shows its words.
MOST_PICTURES = 4 * 1024 * 1024

_COMMENT = re.compile(r"<!--.*-->", re.S)
_ALIGN = {"text-align:left": None, "text-align:center": "middle", "text-align:right": "end"}


def render(text: str, tree: FileTree, folder: str = "", lower: int = 1, prefix: str = "readme-") -> markup.Safe:
    """Markdown (CommonMark with tables and strikethrough) as HTML.

    tree, folder: where pictures named by relative paths are looked for. lower: how many levels headings go down. prefix: of the headings' ids.
    Raises AcmpError where the library is missing.
    """
    text = markup.clean(text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) > MOST_CHARACTERS:
        return markup.tag("pre", text)
    parser = _deps.markdown_it.MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    # Which addresses are allowed is decided below, token by token: refused here, a link would show as brackets.
    parser.validateLink = lambda _url: True
    tokens = _without_comments(parser.parse(text))
    anchors = _headings(tokens, lower, prefix)
    pictures = _Pictures(tree, folder)
    for token in tokens:
        _align(token)
        if token.type == "inline":
            token.children = _safe(token.children or [], anchors, pictures)
    return markup.Safe(parser.renderer.render(tokens, parser.options, {}))


def plain(text: str) -> str:
    """The first line of a Markdown text as it is, for a page's description."""
    return markup.clean(text).strip().partition("\n")[0][:300]


class _Pictures:
    """Pictures of the package by the address a text gives, within bounds."""

    def __init__(self, tree: FileTree, folder: str) -> None:
        self._tree, self._folder, self._room = tree, folder, MOST_PICTURES

    def address(self, source: str) -> str:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", source):
            return ""
        path = posixpath.normpath(posixpath.join(self._folder, unquote(source.partition("#")[0].partition("?")[0])).lstrip("/"))
        found = _images.data_uri(self._tree.get(path, b""))
        if len(found) > self._room:
            return ""
        self._room -= len(found)
        return found


def _without_comments(tokens: list) -> list:
    """Without paragraphs that are one comment, such as a licence's; they were never meant to be seen."""
    kept: list = []
    for token in tokens:
        kept.append(token)
        if token.type == "paragraph_close" and _COMMENT.fullmatch(kept[-2].content.strip()):
            del kept[-3:]
    return kept


def _headings(tokens: list, lower: int, prefix: str) -> dict[str, str]:
    """Puts headings lower, and gives them ids; {the id other sites would give: ours}, for links inside the text."""
    anchors: dict[str, str] = {}
    seen: dict[str, int] = {}
    for token, following in zip(tokens, tokens[1:] + tokens[:1], strict=True):
        if token.type not in ("heading_open", "heading_close"):
            continue
        token.tag = f"h{min(6, int(token.tag[1]) + lower)}"
        if token.type == "heading_open":
            slug = re.sub(r"[^\w\- ]", "", following.content.strip().lower()).replace(" ", "-")
            name = f"{slug}-{seen[slug]}" if slug in seen else slug
            seen[slug] = seen.get(slug, 0) + 1
            anchors[name] = prefix + name
            token.attrSet("id", prefix + name)
    return anchors


def _align(token: Any) -> None:
    # A style attribute is what the page's policy refuses.
    style = token.attrs.pop("style", None) if token.attrs else None
    if style and _ALIGN.get(style):
        token.attrSet("class", _ALIGN[style])


def _safe(children: list, anchors: dict[str, str], pictures: _Pictures) -> list:
    kept: list = []
    opened: list[bool] = []
    for child in children:
        if child.type == "link_open":
            opened.append(_keep_link(child, anchors))
            if not opened[-1]:
                continue
        elif child.type == "link_close":
            if not opened.pop():
                continue
        elif child.type == "image":
            child = _picture(child, pictures.address)
        kept.append(child)
    return kept


def _keep_link(token: Any, anchors: dict[str, str]) -> bool:
    """Sets the link's attributes anew; False for one that leads nowhere a page may lead."""
    url = str(token.attrs.get("href") or "")
    token.attrs = {}
    inner = unquote(url[1:]).lower() if url.startswith("#") else None
    if inner is not None and inner in anchors:
        token.attrSet("href", "#" + anchors[inner])
    elif markup.web_address(url):
        token.attrSet("href", markup.web_address(url))
        token.attrSet("rel", "noopener noreferrer nofollow")
    elif url.startswith("mailto:") and "?" not in url and "href=" in markup.mail_link(unquote(url[7:]), ""):
        token.attrSet("href", url)
    else:
        return False
    return True


def _picture(token: Any, address: Callable[[str], str]) -> Any:
    """The picture with a data: address; its words where there is none."""
    found = address(str(token.attrs.get("src") or ""))
    words = token.content or ""
    if found:
        token.attrs = {"src": found, "alt": words}
        return token
    token.type, token.tag, token.content, token.children, token.attrs = "text", "", f"[{words}]" if words else "", None, {}
    return token
